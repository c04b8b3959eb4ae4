package perennial_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Where features meet money: overage that becomes usage, credit packs, seats that are
// the quantity of a charge. Amounts are minor units; those of worked examples were
// computed apart from this engine.

// targets is a plan of 99.00 a target and month with everything that is sold with it.
func targets(t *testing.T, alter func(*plan.Plan)) *plan.Version {
	t.Helper()
	dollars := decimal.NewFromInt
	p := plan.Plan{
		ID: "targets", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "targets", Price: plan.PerUnit{UnitAmount: dollars(99)}}},
		CreditPacks: []plan.CreditPack{
			{ID: "ten", Credits: 10, ListPrice: dollars(10), PercentOff: dollars(5), ValidFor: calendar.Years(1), ExtendsPaid: true},
			{ID: "fifty", Credits: 50, ListPrice: dollars(10), PercentOff: dollars(10), ValidFor: calendar.Years(1), ExtendsPaid: true},
			{ID: "hundred", Credits: 100, ListPrice: dollars(10), PercentOff: dollars(20), ValidFor: calendar.Years(1), ExtendsPaid: true},
		},
	}
	if alter != nil {
		alter(&p)
	}
	v, err := plan.Compile(p)
	require.NoError(t, err)
	return v
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := calendar.ParseInstant(s)
	require.NoError(t, err)
	return at
}

func by(t *testing.T, at string) subscription.Call {
	t.Helper()
	return subscription.Call{At: instant(t, at), Actor: lifecycle.Subscriber}
}

// ten is a subscription to ten targets from 15 January 2026.
func ten(t *testing.T, alter func(*plan.Plan)) subscription.Subscription {
	t.Helper()
	s, err := subscription.New(subscription.Params{ID: "one", Plan: targets(t, alter), Start: instant(t, "2026-01-15T10:00:00Z"), Quantity: subscription.Units(10)})
	require.NoError(t, err)
	return s
}

// nextBill is what is billed next, everything until then having been billed.
func nextBill(t *testing.T, s subscription.Subscription, usage billing.Usage, at string) billing.NextInvoice {
	t.Helper()
	next, err := billing.Next(s, usage, billing.Checkpoint{}, instant(t, at))
	require.NoError(t, err)
	return next
}

func num(t *testing.T, s string) decimal.Decimal {
	t.Helper()
	d, err := decimal.NewFromString(s)
	require.NoError(t, err)
	return d
}

func TestWorkedExample15CreditPackOnTheNextInvoice(t *testing.T) {
	t.Parallel()
	s := ten(t, nil)
	for id, want := range map[string][2]int64{"ten": {9500, 500}, "fifty": {45000, 5000}, "hundred": {80000, 20000}} {
		price, ok := s.Plan(instant(t, "2026-01-20T00:00:00Z")).PackPrice(id)
		require.True(t, ok)
		require.Equal(t, want, [2]int64{price.Price.Minor(), price.Savings.Minor()}, id)
	}
	bought, err := s.AddCreditPack(by(t, "2026-01-20T00:00:00Z"), "fifty")
	require.NoError(t, err)
	before, next := nextBill(t, s, nil, "2026-01-20T00:00:00Z"), nextBill(t, bought, nil, "2026-01-20T00:00:00Z")
	require.Equal(t, before.At, next.At, "the date is unchanged")
	require.EqualValues(t, 99000, before.Amount.Minor())
	require.EqualValues(t, 144000, next.Amount.Minor())
	require.EqualValues(t, 99000, next.PlanAmount.Minor())

	invoices, _, err := billing.Invoices(bought, nil, billing.Checkpoint{}, next.At)
	require.NoError(t, err)
	require.Len(t, invoices, 2)
	require.EqualValues(t, 144000, invoices[1].Total.Minor())

	credits, err := bought.GrantPack(feature.Credits{}, bought.Version())
	require.NoError(t, err)
	require.Equal(t, "50", credits.Balance().String())

	// Collected now it has an invoice of its own, and the next one is the usual.
	call := by(t, "2026-01-20T00:00:00Z")
	call.Policy.Collect = plan.CollectNow
	at, err := s.AddCreditPack(call, "fifty")
	require.NoError(t, err)
	invoices, _, err = billing.Invoices(at, nil, billing.Checkpoint{}, call.At)
	require.NoError(t, err)
	require.Len(t, invoices, 2)
	require.EqualValues(t, 45000, invoices[1].Total.Minor())
	require.EqualValues(t, 99000, nextBill(t, at, nil, "2026-01-21T00:00:00Z").Amount.Minor())
}

func TestWorkedExample21SeatsAreTheQuantity(t *testing.T) {
	t.Parallel()
	s := ten(t, nil)
	seats := feature.Seats{Free: 2, Paid: 10, Used: 7}
	require.EqualValues(t, 5, seats.PaidFloor())

	// Fewer from the next period on.
	fewer, err := seats.WithPaid(7, false)
	require.NoError(t, err)
	call := by(t, "2026-01-20T00:00:00Z")
	call.InUse = decimal.NewFromInt(seats.PaidFloor())
	reduced, err := s.ChangeQuantity(call, subscription.AtPeriodEnd(), "", decimal.NewFromInt(fewer.Paid))
	require.NoError(t, err)
	next := nextBill(t, reduced, nil, "2026-01-20T00:00:00Z")
	require.Equal(t, instant(t, "2026-02-15T10:00:00Z"), next.At)
	require.EqualValues(t, 69300, next.Amount.Minor())
	require.EqualValues(t, 99000, next.PlanAmount.Minor(), "until the renewal")
	require.EqualValues(t, 69300, nextBill(t, reduced, nil, "2026-02-15T10:00:00Z").PlanAmount.Minor())

	// Fewer than are in use are refused by both.
	_, err = seats.WithPaid(4, false)
	require.ErrorIs(t, err, feature.ErrQuotaBelowUsage)
	_, err = s.ChangeQuantity(call, subscription.AtPeriodEnd(), "", decimal.NewFromInt(4))
	require.ErrorIs(t, err, subscription.ErrQuantityBelowUse)

	// More at once, with 12 of 31 days left.
	for rounding, want := range map[money.Rounding][3]int64{money.HalfUp: {-38323, 49819, 11496}, money.Down: {-38322, 49819, 11497}} {
		s := ten(t, func(p *plan.Plan) { p.Policy.Rounding = rounding })
		more, err := s.ChangeQuantity(by(t, "2026-02-03T09:00:00Z"), subscription.Immediately(), "", decimal.NewFromInt(13))
		require.NoError(t, err)
		change, err := billing.Preview(s, more, nil, billing.Checkpoint{})
		require.NoError(t, err)
		require.Len(t, change.Invoices, 1)
		inv := change.Invoices[0]
		require.Len(t, inv.Lines, 2)
		require.Equal(t, want, [3]int64{inv.Lines[0].Amount.Minor(), inv.Lines[1].Amount.Minor(), inv.Total.Minor()}, rounding)
		require.EqualValues(t, 12, inv.Lines[1].Num)
		require.EqualValues(t, 31, inv.Lines[1].Den)
		require.EqualValues(t, 128700, change.After.Amount.Minor())
	}
}

func TestWorkedExample23AThresholdOfAPlansQuota(t *testing.T) {
	t.Parallel()
	s := ten(t, func(p *plan.Plan) {
		quota := feature.Per(feature.BillingPeriod, 1000)
		quota.Overage, quota.Thresholds = feature.Allow, []feature.Threshold{feature.PercentOf(80)}
		p.Features = feature.Set{"quota": quota}
	})
	e, err := s.Entitlement("quota", instant(t, "2026-01-20T00:00:00Z"))
	require.NoError(t, err)
	var usage feature.QuotaUsage
	for _, row := range []struct {
		use, used      int64
		notified, over bool
	}{{800, 800, false, false}, {1, 801, true, false}, {199, 1000, false, false}, {1, 1001, false, true}} {
		var d feature.Decision
		usage, d = e.Consume(usage, feature.Request{Amount: decimal.NewFromInt(row.use), At: instant(t, "2026-01-20T00:00:00Z")})
		require.True(t, d.Allowed)
		require.Equal(t, row.used, d.Used().IntPart())
		require.Equal(t, row.notified, len(d.Fired()) > 0, row.used)
		require.Equal(t, row.over, d.OverQuota(), row.used)
	}
}

// calls is an allowance of 100 calls a day, what goes beyond at 0.05 for the first
// hundred of a month and at 0.02 from there.
func calls(p *plan.Plan) {
	grant := feature.Per(feature.Day, 100)
	grant.Overage, grant.Metric = feature.Rate, "extra_calls"
	p.Features = feature.Set{"calls": grant}
	hundred := decimal.NewFromInt(100)
	p.Charges = append(p.Charges, plan.Charge{ID: "overage", Metric: "extra_calls", Price: plan.Tiered{Tiers: []plan.Tier{
		{UpTo: &hundred, UnitAmount: decimal.New(5, -2)}, {UnitAmount: decimal.New(2, -2)},
	}}})
}

func TestOverageIsBilledAsUsageOfThePeriodItFellIn(t *testing.T) {
	t.Parallel()
	s := ten(t, calls)
	var (
		stored  feature.QuotaUsage
		records billing.Usage
	)
	use := func(at, amount string) feature.Decision {
		e, err := s.Entitlement("calls", instant(t, at))
		require.NoError(t, err)
		var d feature.Decision
		stored, d = e.Consume(stored, feature.Request{Amount: num(t, amount), At: instant(t, at)})
		if d.Allowed && d.Metric() != "" {
			records = append(records, billing.Record{Metric: d.Metric(), At: instant(t, at), Quantity: d.Billable()})
		}
		return d
	}
	for _, row := range []struct{ at, amount, billable string }{
		{"2026-01-20T08:00:00Z", "100", "0"},
		{"2026-01-20T09:00:00Z", "30.5", "30.5"}, // over from the start
		{"2026-01-21T08:00:00Z", "180", "80"},    // across the limit, in a new window
		{"2026-01-21T08:30:00Z", "0", "0"},
		{"2026-02-15T09:59:59Z", "100", "0"},
		{"2026-02-15T09:59:59.5Z", "1", "1"}, // the last second of the period
		{"2026-02-15T10:00:00Z", "2", "2"},   // the next period; the day goes on
	} {
		d := use(row.at, row.amount)
		require.True(t, d.Allowed, row.at)
		require.Equal(t, row.billable, d.Billable().String(), row.at)
	}
	require.Len(t, records, 4)
	require.Equal(t, "extra_calls", records[0].Metric)

	// 990.00 + 100 * 0.05 + 11.5 * 0.02, and 990.00 + 2 * 0.05.
	invoices, checkpoint, err := billing.Invoices(s, records, billing.Checkpoint{}, instant(t, "2026-03-15T10:00:00Z"))
	require.NoError(t, err)
	require.Len(t, invoices, 3)
	require.Equal(t, "990.00 USD", invoices[0].Total.String())
	require.Equal(t, "995.23 USD", invoices[1].Total.String())
	require.Equal(t, "990.10 USD", invoices[2].Total.String())
	var billed []billing.StoredLine
	for _, inv := range invoices {
		billed = append(billed, inv.StoredLines()...)
	}
	found, err := billing.Reconcile(s, records, billed, checkpoint, checkpoint.ChargedThrough)
	require.NoError(t, err)
	require.Empty(t, found.StoredLines())

	// What is blocked, and what is merely allowed, is not billed.
	for _, overage := range []feature.Overage{feature.Block, feature.Allow} {
		e, err := feature.Resolve("calls", feature.Set{"calls": {Kind: feature.Allowance, Active: true, Window: feature.Day, Overage: overage}}, nil, feature.Terms{At: instant(t, "2026-01-20T00:00:00Z")})
		require.NoError(t, err)
		d := e.Check(feature.QuotaUsage{}, feature.Request{Amount: decimal.NewFromInt(1), At: instant(t, "2026-01-20T00:00:00Z")})
		require.Equal(t, overage == feature.Allow, d.Allowed)
		require.True(t, d.Billable().IsZero())
		require.Empty(t, d.Metric())
	}
}

// While nothing is granted nothing is used, and so nothing is billed: what billing
// refuses as usage, the entitlement denies. What was used at the very instant of a
// pause was used before it; after it nothing is.
func TestWhatBillingRefusesEntitlementsDeny(t *testing.T) {
	t.Parallel()
	s := ten(t, calls)
	s, err := s.Pause(by(t, "2026-01-20T00:00:00Z"), subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	for _, row := range []struct {
		at               string
		allowed, refused bool
	}{
		{"2026-01-15T09:59:59Z", false, true},
		{"2026-01-15T10:00:00Z", true, false},
		{"2026-01-19T23:59:59Z", true, false},
		{"2026-01-20T00:00:00Z", false, false},
		{"2026-01-20T00:00:00.000001Z", false, true},
		{"2026-02-20T00:00:00Z", false, true},
	} {
		e, err := s.Entitlement("calls", instant(t, row.at))
		require.NoError(t, err)
		d := e.Check(feature.QuotaUsage{}, feature.Request{Amount: decimal.NewFromInt(101), At: instant(t, row.at)})
		require.Equal(t, row.allowed, d.Allowed, row.at)
		usage := billing.Usage{{Metric: "extra_calls", At: instant(t, row.at), Quantity: decimal.NewFromInt(1)}}
		_, _, err = billing.Invoices(s, usage, billing.Checkpoint{}, instant(t, "2026-03-01T00:00:00Z"))
		if row.refused {
			require.ErrorIs(t, err, billing.ErrNotEntitled, row.at)
			continue
		}
		require.NoError(t, err, row.at)
	}
}
