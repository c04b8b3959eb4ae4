package probely_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Where the page contradicts itself or others, by the numbers under which the
// contradictions are known. Number 18 is with the updates.

func read(t *testing.T, doc probely.Subscription, replace map[string]any) (probely.Account, error) {
	t.Helper()
	return probely.Decode(wiretest.With(t, doc, replace), at("2026-01-20T00:00:00Z"), nil)
}

func TestContradiction10TheWordIsCancelledWhateverItsLabel(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	gone, err := sub.Cancel(operator("2026-01-20T00:00:00Z"), subscription.Immediately())
	require.NoError(t, err)
	doc := shown(t, gone, facts, "2026-01-20T00:00:00Z")
	require.Equal(t, "cancelled", doc.Status)
	account, err := read(t, doc, nil)
	require.NoError(t, err)
	require.Equal(t, lifecycle.Cancelled, account.Status)
}

func TestContradiction11ThePriceOfAPlanIsInCents(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	doc := shown(t, sub, facts, "2026-01-20T00:00:00Z")
	require.EqualValues(t, 9900, doc.Plan.Price)
	account, err := read(t, doc, nil)
	require.NoError(t, err)
	require.True(t, account.Plan.Charges[0].Price.Equal(plan.PerUnit{UnitAmount: dec("99")}))
}

func TestContradiction12NumbersThatMayBeNegativeByTheirTypeMayNot(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	doc := shown(t, sub, facts, "2026-01-20T00:00:00Z")
	doc.Plan.Packs[0].Price = -1
	_, err := read(t, doc, nil)
	require.EqualError(t, err, "plan.allowed_credits_packs[0].price: must not be negative")
	doc = shown(t, sub, facts, "2026-01-20T00:00:00Z")
	period := int32(-1)
	doc.Plan.Period = &period
	_, err = read(t, doc, nil)
	require.EqualError(t, err, "plan.period: must be from 1 to 10000, in weeks, months or years")
}

func TestContradiction13DiscountAndSavingsAreShownAndCheckedAndNeverTakenOff(t *testing.T) {
	t.Parallel()
	monthly, err := plan.Compile(perUnit("monthly", "P1M", "99"))
	require.NoError(t, err)
	yearly := sold(t, perUnit("yearly", "P1Y", "990"), "2026-01-15T10:00:00Z", 1)
	doc := shown(t, yearly, probely.Facts{Reference: monthly}, "2026-01-20T00:00:00Z")
	require.EqualValues(t, 99000, doc.PlanAmount)
	for _, tc := range []struct {
		discount, savings int64
		want              string
	}{
		{17, 19800, ""},
		{16, 19801, ""},
		{18, 19799, ""},
		{15, 19800, "plan.discount: is 17 against the reference plan"},
		{17, 19802, "plan.savings: is 19800 against the reference plan"},
	} {
		doc.Plan.Discount, doc.Plan.Savings = tc.discount, tc.savings
		_, err = probely.Decode(wiretest.With(t, doc, nil), at("2026-01-20T00:00:00Z"), monthly)
		if tc.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, tc.want)
	}
}

func TestContradiction14TiersAreNamedByTheirFirstUnit(t *testing.T) {
	t.Parallel()
	var tiers probely.Tiers
	require.NoError(t, wire.Read([]byte(`{"21":2900,"1":{"price":4900,"flat":1000},"6":3900}`), &tiers))
	require.Equal(t, probely.Tiers{{First: 1, Price: 4900, Flat: 1000}, {First: 6, Price: 3900}, {First: 21, Price: 2900}}, tiers)
	data, err := json.Marshal(tiers)
	require.NoError(t, err)
	require.Equal(t, `{"1":{"price":4900,"flat":1000},"6":3900,"21":2900}`, string(data))
	require.NoError(t, wire.Read([]byte(`null`), new(probely.Tiers)))
}

func TestContradiction15BlankAndNullSayNone(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	doc := shown(t, sub, facts, "2026-01-20T00:00:00Z")
	doc.Plan.Packs[0].CurrencyCode = ""
	account, err := read(t, doc, map[string]any{"subscription_status": "", "channel": nil})
	require.NoError(t, err)
	require.Empty(t, account.Status)
	require.Empty(t, account.Channel)
	_, _, err = account.Adopt(probely.Origin{ID: "a", Start: at("2026-01-15T10:00:00Z")})
	require.ErrorIs(t, err, probely.ErrNoSubscription)
	v, err := plan.Compile(account.Plan)
	require.NoError(t, err)
	price, _ := v.PackPrice("credits-50")
	require.Equal(t, "450.00 USD", price.Price.String())
}

func TestContradiction16APauseIsKeptAndCannotBeSaid(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	paused, err := sub.Pause(operator("2026-01-18T00:00:00Z"), subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	_, err = probely.Encode(paused, facts, at("2026-01-20T00:00:00Z"), wire.Strict)
	require.ErrorIs(t, err, wire.ErrNotRepresentable)
	doc, err := probely.Encode(paused, facts, at("2026-01-20T00:00:00Z"), wire.Lossy)
	require.NoError(t, err)
	require.Empty(t, doc.Status)
	require.Equal(t, lifecycle.Paused, paused.Status(at("2026-01-20T00:00:00Z")))
}

func TestContradiction17TheMaximumIsFreeAndPaidUnlessSet(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	require.EqualValues(t, 12, shown(t, sub, facts, "2026-01-20T00:00:00Z").MaxTargets)
	most := int64(9)
	facts.Seats.Max = &most
	doc := shown(t, sub, facts, "2026-01-20T00:00:00Z")
	require.EqualValues(t, 9, doc.MaxTargets)
	account, err := read(t, doc, nil)
	require.NoError(t, err)
	require.EqualValues(t, 9, *account.Facts.Seats.Max)
}

func TestContradiction19FreeTargetsComeOnTopAndAreNotBilled(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	facts.Seats.Free = 100
	doc := shown(t, sub, facts, "2026-01-20T00:00:00Z")
	require.EqualValues(t, 99000, doc.PlanAmount)
	require.EqualValues(t, 10, doc.PaidTargets)
	require.EqualValues(t, 110, doc.MaxTargets)
}

func TestContradiction20InATrialTheNextBillingIsItsEnd(t *testing.T) {
	t.Parallel()
	p := perUnit("p", "P1M", "99")
	p.Trial = &plan.Trial{Length: calendar.Days(14)}
	sub := sold(t, p, "2026-01-15T10:00:00Z", 1)
	doc := shown(t, sub, probely.Facts{}, "2026-01-20T00:00:00Z")
	require.Equal(t, "in_trial", doc.Status)
	require.Equal(t, at("2026-01-29T10:00:00Z"), *doc.NextBillingAt)
	require.Equal(t, at("2026-01-29T10:00:00Z"), *doc.TrialEnd)
	require.EqualValues(t, 9900, doc.NextBillingAmount)

	future := shown(t, sub, probely.Facts{}, "2026-01-15T10:00:00Z")
	require.Equal(t, "in_trial", future.Status)
	ends, err := sub.Cancel(operator("2026-01-20T00:00:00Z"), subscription.AtPeriodEnd())
	require.NoError(t, err)
	doc = shown(t, ends, probely.Facts{}, "2026-01-20T00:00:00Z")
	require.Equal(t, "in_trial", doc.Status)
	require.Nil(t, doc.NextBillingAt)
}

func TestContradiction21WithoutADateTheAmountIsZero(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	ends, err := sub.Cancel(operator("2026-01-20T00:00:00Z"), subscription.AtPeriodEnd())
	require.NoError(t, err)
	doc := shown(t, ends, facts, "2026-01-20T00:00:00Z")
	require.Nil(t, doc.NextBillingAt)
	require.Zero(t, doc.NextBillingAmount)

	// A date without an amount is a bill of nothing: one that is made all the same...
	free := priced("free", "P1M", plan.FlatFee{})
	free.Policy.ZeroInvoices = plan.EmitZeroInvoices
	doc = shown(t, sold(t, free, "2026-01-15T10:00:00Z", 1), probely.Facts{}, "2026-01-20T00:00:00Z")
	require.NotNil(t, doc.NextBillingAt)
	require.Zero(t, doc.NextBillingAmount)
	free.Policy.ZeroInvoices = ""
	require.Nil(t, shown(t, sold(t, free, "2026-01-15T10:00:00Z", 1), probely.Facts{}, "2026-01-20T00:00:00Z").NextBillingAt)

	// ...or one that account credit pays.
	credited, err := sub.AddAccountCredit(operator("2026-01-20T00:00:00Z"), account(t, "1000.00 USD"))
	require.NoError(t, err)
	facts.Checkpoint = billing.Checkpoint{ChargedThrough: at("2026-01-19T00:00:00Z"), LastCommand: 1}
	doc = shown(t, credited, facts, "2026-01-20T00:00:00Z")
	require.NotNil(t, doc.NextBillingAt)
	require.Zero(t, doc.NextBillingAmount)
}

func TestContradiction33AModeIsAskedForAndNeverSupposed(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	_, _, err := strictly(subscriber("2026-01-20T00:00:00Z")).Apply(sub, facts, []byte(`{"number_paid_ultd_targets":11}`))
	require.ErrorIs(t, err, subscription.ErrInvalidCall)
}

func TestWhatADocumentDoesNotTellIsTakenAtItsStrictest(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	budget, err := feature.NewChangeBudget(2, calendar.UTC(), at("2025-02-10T09:00:00Z"), at("2025-12-05T00:00:00Z"), at("2026-01-10T00:00:00Z"))
	require.NoError(t, err)
	facts.Changes = budget
	account, err := read(t, shown(t, sub, facts, "2026-01-20T00:00:00Z"), nil)
	require.NoError(t, err)
	for _, now := range []string{"2026-01-20T00:00:00Z", "2026-02-11T00:00:00Z", "2026-06-01T00:00:00Z", "2026-12-06T00:00:00Z", "2027-01-12T00:00:00Z"} {
		require.LessOrEqual(t, account.Facts.Changes.Remaining(at(now)), budget.Remaining(at(now)), now)
	}
	next, _ := budget.NextAllowed(at("2026-01-20T00:00:00Z"))
	got, ok := account.Facts.Changes.NextAllowed(at("2026-01-20T00:00:00Z"))
	require.True(t, ok)
	require.Equal(t, next, got)
}
