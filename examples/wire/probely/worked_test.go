package probely_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Figures that were computed apart from this engine. The rows keep the numbers under
// which they are known.

func TestTheWorkedFiguresOfWhatIsBilledNext(t *testing.T) {
	t.Parallel()
	volume, tiered := plan.Volume{Tiers: table()}, plan.Tiered{Tiers: table()}
	euro := priced("fortnight", "P2W", plan.FlatFee{Amount: dec("49")})
	euro.Currency = money.EUR
	for _, tc := range []struct {
		name        string
		plan        plan.Plan
		start, now  string
		quantity    int64
		nextAt      string
		next, whole uint32
	}{
		{"1: seats by the month", perUnit("p", "P1M", "99"), "2026-01-15T10:00:00Z", "2026-01-20T00:00:00Z", 10, "2026-02-15T10:00:00Z", 99000, 99000},
		{"2: seats by the year", perUnit("p", "P1Y", "990"), "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z", 20, "2027-05-01T00:00:00Z", 1980000, 1980000},
		{"3: a flat fee by the fortnight", euro, "2026-03-02T00:00:00Z", "2026-04-20T12:00:00Z", 9, "2026-04-27T00:00:00Z", 4900, 4900},
		{"4: volume, 20", priced("p", "P3M", volume), "2026-02-10T08:30:00Z", "2026-06-01T00:00:00Z", 20, "2026-08-10T08:30:00Z", 78000, 78000},
		{"4: volume, 21", priced("p", "P3M", volume), "2026-02-10T08:30:00Z", "2026-06-01T00:00:00Z", 21, "2026-08-10T08:30:00Z", 60900, 60900},
		{"4: volume, 5", priced("p", "P3M", volume), "2026-02-10T08:30:00Z", "2026-06-01T00:00:00Z", 5, "2026-08-10T08:30:00Z", 24500, 24500},
		{"4: volume, 6", priced("p", "P3M", volume), "2026-02-10T08:30:00Z", "2026-06-01T00:00:00Z", 6, "2026-08-10T08:30:00Z", 23400, 23400},
		{"5: tiered, 21", priced("p", "P1Y", tiered), "2026-02-10T08:30:00Z", "2026-06-01T00:00:00Z", 21, "2027-02-10T08:30:00Z", 85900, 85900},
		{"5: tiered, 20", priced("p", "P1Y", tiered), "2026-02-10T08:30:00Z", "2026-06-01T00:00:00Z", 20, "2027-02-10T08:30:00Z", 83000, 83000},
		{"13: the end of the month", perUnit("p", "P1M", "99"), "2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z", 1, "2026-03-31T09:00:00Z", 9900, 9900},
		{"14: a leap day", perUnit("p", "P1Y", "99"), "2024-02-29T00:00:00Z", "2027-03-01T00:00:00Z", 1, "2028-02-29T00:00:00Z", 9900, 9900},
		{"24: the largest quantity that fits", perUnit("p", "P1M", "999"), "2026-01-15T10:00:00Z", "2026-01-20T00:00:00Z", 42992, "2026-02-15T10:00:00Z", 4294900800, 4294900800},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			doc := shown(t, sold(t, tc.plan, tc.start, tc.quantity), probely.Facts{}, tc.now)
			require.Equal(t, at(tc.nextAt), *doc.NextBillingAt)
			require.Equal(t, tc.next, doc.NextBillingAmount)
			require.Equal(t, tc.whole, doc.PlanAmount)
			require.EqualValues(t, tc.quantity, doc.PaidTargets)
		})
	}
}

func TestTheWorkedFiguresOfWhatIsFree(t *testing.T) {
	t.Parallel()
	// 6: free targets come off before the tier is chosen.
	facts := probely.Facts{Seats: feature.Seats{Free: 2}}
	for _, tc := range []struct {
		price plan.Price
		want  uint32
	}{
		{plan.Volume{Tiers: table()}, 60900},
		{plan.Tiered{Tiers: table()}, 85900},
	} {
		doc := shown(t, sold(t, priced("p", "P1Y", tc.price), "2026-02-10T08:30:00Z", 21), facts, "2026-06-01T00:00:00Z")
		require.Equal(t, tc.want, doc.PlanAmount)
		require.EqualValues(t, 23, doc.MaxTargets)
	}
}

func TestTheWorkedFiguresOfWhatIsSaved(t *testing.T) {
	t.Parallel()
	monthly, err := plan.Compile(perUnit("monthly", "P1M", "99"))
	require.NoError(t, err)
	// 2: the year at the price of ten months.
	doc := shown(t, sold(t, perUnit("p", "P1Y", "990"), "2026-05-01T00:00:00Z", 20), probely.Facts{Reference: monthly}, "2026-05-02T00:00:00Z")
	require.EqualValues(t, 17, doc.Plan.Discount)
	require.EqualValues(t, 19800, doc.Plan.Savings)

	// 15 and 16: packs below a list price for one credit.
	for _, tc := range []struct {
		credits             int64
		list, off, rounding string
		price               int32
		discount, savings   int64
	}{
		{10, "10", "5", "", 9500, 5, 500},
		{50, "10", "10", "", 45000, 10, 5000},
		{100, "10", "20", "", 80000, 20, 20000},
		{7, "3.33", "15", "", 1981, 15, 350},
		{7, "3.33", "15", "down", 1981, 15, 350},
	} {
		p := perUnit("p", "P1M", "99")
		p.Policy.Rounding = money.Rounding(tc.rounding)
		p.CreditPacks = []plan.CreditPack{{ID: "c", Credits: tc.credits, ListPrice: dec(tc.list), PercentOff: dec(tc.off)}}
		pack := shown(t, sold(t, p, "2026-05-01T00:00:00Z", 1), probely.Facts{}, "2026-05-02T00:00:00Z").Plan.Packs[0]
		require.Equal(t, probely.Pack{ID: "c", Price: tc.price, CurrencyCode: "USD", PackAmount: uint32(tc.credits), Discount: tc.discount, Savings: tc.savings}, pack)
	}
}

func TestTheWorkedFiguresOfTheFirstExampleAndWhatIsDoneToIt(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	doc := shown(t, sub, facts, "2026-01-20T00:00:00Z")
	require.EqualValues(t, 5, doc.AvailableTargets)
	require.EqualValues(t, 3, doc.UnreservedTargets)

	// 11: a cancellation at the end of the period.
	ends, err := sub.Cancel(operator("2026-01-20T00:00:00Z"), subscription.AtPeriodEnd())
	require.NoError(t, err)
	doc = shown(t, ends, facts, "2026-01-21T00:00:00Z")
	require.Equal(t, "non_renewing", doc.Status)
	require.Nil(t, doc.NextBillingAt)
	require.Zero(t, doc.NextBillingAmount)
	require.EqualValues(t, 99000, doc.PlanAmount)

	// 12: a pause, which the document can only lose, and a resume in the paid period.
	paused, err := sub.Pause(operator("2026-03-20T00:00:00Z"), subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	lost, err := probely.Encode(paused, facts, at("2026-03-21T00:00:00Z"), wire.Lossy)
	require.NoError(t, err)
	require.Empty(t, lost.Status)
	require.Nil(t, lost.NextBillingAt)
	resumed, err := paused.Resume(operator("2026-04-05T00:00:00Z"), subscription.Immediately())
	require.NoError(t, err)
	doc = shown(t, resumed, facts, "2026-04-05T00:00:00Z")
	require.Equal(t, at("2026-04-15T10:00:00Z"), *doc.NextBillingAt)
	require.EqualValues(t, 99000, doc.NextBillingAmount)

	// 12: a resume after the paid period, on the old grid and on a new one.
	for _, tc := range []struct {
		anchor plan.Anchor
		now    int64
		next   string
	}{
		{plan.KeepAnchor, 38323, "2026-06-15T10:00:00Z"}, // 12 of 31 days
		{plan.ResetAnchor, 99000, "2026-07-03T12:00:00Z"},
	} {
		call := operator("2026-06-03T12:00:00Z")
		call.Policy.ResumeAnchor = tc.anchor
		late, err := paused.Resume(call, subscription.Immediately())
		require.NoError(t, err)
		checkpoint := billing.Checkpoint{ChargedThrough: call.At, LastCommand: paused.Version()}
		invoices, _, err := billing.Invoices(late, nil, checkpoint, call.At)
		require.NoError(t, err)
		require.Len(t, invoices, 1)
		require.Equal(t, tc.now, invoices[0].Total.Minor())
		doc = shown(t, late, facts, "2026-06-03T12:00:00Z")
		require.Equal(t, at(tc.next), *doc.NextBillingAt)
		require.EqualValues(t, 99000, doc.NextBillingAmount)
	}

	// 15: a pack of credits joins the next invoice; the credits last a year from the
	// latest purchase.
	bought, credits, err := probely.BuyCredits(sub, feature.Credits{}, operator("2026-01-20T00:00:00Z"), "credits-50")
	require.NoError(t, err)
	require.EqualValues(t, 144000, shown(t, bought, facts, "2026-01-20T00:00:00Z").NextBillingAmount)
	_, credits, err = probely.BuyCredits(bought, credits, operator("2026-01-25T00:00:00Z"), "credits-50")
	require.NoError(t, err)
	require.Equal(t, "100", credits.Balance().String())
	until, n, ok := credits.NextExpiry()
	require.True(t, ok)
	require.Equal(t, at("2027-01-25T00:00:00Z"), until)
	require.Equal(t, "100", n.String())

	// 21: fewer targets from the next period on, and more at once.
	fewer, err := sub.ChangeQuantity(operator("2026-01-20T00:00:00Z"), subscription.AtPeriodEnd(), "", dec("7"))
	require.NoError(t, err)
	doc = shown(t, fewer, facts, "2026-01-20T00:00:00Z")
	require.EqualValues(t, 69300, doc.NextBillingAmount)
	require.EqualValues(t, 99000, doc.PlanAmount)
	require.EqualValues(t, 10, doc.PaidTargets)
	for _, tc := range []struct {
		rounding money.Rounding
		want     []int64
	}{
		{money.HalfUp, []int64{-38323, 49819}},
		{money.Down, []int64{-38322, 49819}},
	} {
		call := operator("2026-02-03T10:00:00Z") // 12 of 31 days are left
		call.Policy.Rounding = tc.rounding
		more, err := sub.ChangeQuantity(call, subscription.Immediately(), "", dec("13"))
		require.NoError(t, err)
		checkpoint := billing.Checkpoint{ChargedThrough: at("2026-02-03T10:00:00Z"), LastCommand: sub.Version()}
		invoices, _, err := billing.Invoices(more, nil, checkpoint, checkpoint.ChargedThrough, billing.WithPolicy(plan.Policy{Rounding: tc.rounding}))
		require.NoError(t, err)
		require.Len(t, invoices, 1)
		var amounts []int64
		for _, line := range invoices[0].Lines {
			amounts = append(amounts, line.Amount.Minor())
		}
		require.Equal(t, tc.want, amounts)
	}
}

func TestTheWorkedFiguresOfChangesOfTargets(t *testing.T) {
	t.Parallel()
	// 22: at most four in the trailing year.
	budget, err := feature.NewChangeBudget(4, calendar.UTC(),
		at("2025-02-10T09:00:00Z"), at("2025-12-05T00:00:00Z"), at("2026-03-01T00:00:00Z"), at("2026-06-20T15:30:00Z"), at("2026-09-09T00:00:00Z"))
	require.NoError(t, err)
	sub := sold(t, perUnit("p", "P1M", "99"), "2025-01-15T10:00:00Z", 10)
	for _, tc := range []struct {
		now  string
		want int64
		next string
	}{
		{"2026-01-31T00:00:00Z", 2, ""},
		{"2026-10-01T00:00:00Z", 4, "2026-12-05T00:00:00Z"},
		{"2026-12-05T00:00:00Z", 3, ""},
	} {
		doc := shown(t, sub, probely.Facts{Changes: budget}, tc.now)
		require.Equal(t, tc.want, doc.PastYearChanges)
		require.EqualValues(t, 4, doc.MaxYearlyChanges)
		var next *time.Time
		if tc.next != "" {
			when := at(tc.next)
			next = &when
		}
		require.Equal(t, next, doc.NextAllowedChange)
	}
}

func TestAnAmountThatDoesNotFitIsAnErrorAndNeverWraps(t *testing.T) {
	t.Parallel()
	// 24
	sub := sold(t, perUnit("p", "P1M", "999"), "2026-01-15T10:00:00Z", 50000)
	for _, mode := range wire.Modes() {
		_, err := probely.Encode(sub, probely.Facts{}, at("2026-01-20T00:00:00Z"), mode)
		require.ErrorIs(t, err, probely.ErrAmountOverflow)
		require.EqualError(t, err, "probely: does not fit: plan_amount")
	}
	_, err := probely.Encode(sold(t, perUnit("p", "P1M", "0"), "2026-01-15T10:00:00Z", 4294967296), probely.Facts{}, at("2026-01-20T00:00:00Z"), wire.Lossy)
	require.EqualError(t, err, "probely: does not fit: number_paid_ultd_targets")
}
