package billing_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func flatPlan(id, amount string, every calendar.Interval) *plan.Version {
	return plan.MustCompile(plan.Plan{
		ID: id, Version: 1, Currency: money.USD, Every: every,
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.RequireFromString(amount)}}},
	})
}

func byOperator(at time.Time) subscription.Call {
	return subscription.Call{At: at, Actor: lifecycle.Operator}
}

// through runs up to each day in turn and returns all totals and the last checkpoint.
func through(t *testing.T, sub subscription.Subscription, checkpoint billing.Checkpoint, days ...string) ([]string, billing.Checkpoint) {
	t.Helper()
	totals := []string{}
	for _, day := range days {
		made, next, err := billing.Invoices(sub, nil, checkpoint, date(day))
		require.NoError(t, err)
		for _, inv := range made {
			totals = append(totals, inv.At.Format(time.DateOnly)+" "+inv.Total.String())
		}
		require.NoError(t, next.Validate())
		checkpoint = next
	}
	return totals, checkpoint
}

func TestWhatIsGivenAtTheInstantOfTheMarkIsBilledAfterIt(t *testing.T) {
	t.Parallel()
	half := decimal.NewFromInt(50)
	for _, row := range []struct {
		name  string
		give  func(subscription.Subscription, subscription.Call) (subscription.Subscription, error)
		march string
		april string
	}{
		{"a one-off", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.AddOneOff(c, subscription.OneOff{ID: "setup", Amount: money.MustParse("7.77 USD")})
		}, "2026-03-01 37.77 USD", "2026-04-01 30.00 USD"},
		{"a discount for a cycle", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.AddDiscount(c, plan.Discount{ID: "half", Percent: &half, Duration: plan.ForCycles, Cycles: 1})
		}, "2026-03-01 15.00 USD", "2026-04-01 30.00 USD"},
		{"a discount for an invoice", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.AddDiscount(c, plan.Discount{ID: "half", Percent: &half, Duration: plan.OnceOnly})
		}, "2026-03-01 15.00 USD", "2026-04-01 30.00 USD"},
	} {
		sub, err := subscription.New(subscription.Params{ID: "s", Plan: flatPlan("p", "30", calendar.Months(1)), Start: date("2026-01-01")})
		require.NoError(t, err)
		before, checkpoint := through(t, sub, billing.Checkpoint{}, "2026-02-01")
		require.Equal(t, []string{"2026-01-01 30.00 USD", "2026-02-01 30.00 USD"}, before)
		sub, err = row.give(sub, byOperator(date("2026-02-01")))
		require.NoError(t, err)
		for _, days := range [][]string{{"2026-04-01"}, {"2026-02-01", "2026-02-15", "2026-03-01", "2026-03-02", "2026-04-01"}} {
			totals, last := through(t, sub, checkpoint, days...)
			require.Equal(t, []string{row.march, row.april}, totals, row.name)
			require.Empty(t, last.CarriedOver, "what no later run looks at is forgotten")
		}
	}
}

func TestALongerPaidPeriodIsNotBilledAgainByRunsOfADay(t *testing.T) {
	t.Parallel()
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: flatPlan("y", "365", calendar.Years(1)), Start: date("2026-01-01")})
	require.NoError(t, err)
	call := byOperator(date("2026-01-21"))
	call.Policy = plan.Policy{ChangeCredit: plan.CreditNone, ChargeNew: plan.ChargeNone}
	sub, err = sub.ChangePlan(call, subscription.Immediately(), flatPlan("m", "40", calendar.Months(1)))
	require.NoError(t, err)
	whole, _ := through(t, sub, billing.Checkpoint{}, "2026-12-31")
	require.Equal(t, []string{"2026-01-01 365.00 USD"}, whole)
	var days []string
	for at := date("2026-01-21"); at.Before(date("2026-12-31")); at = at.AddDate(0, 0, 9) {
		days = append(days, at.Format(time.DateOnly))
	}
	parts, _ := through(t, sub, billing.Checkpoint{}, append(days, "2026-12-31")...)
	require.Equal(t, whole, parts)
}

func TestALineThatWaitedAndWasCreditedIsDiscountedOnlyForWhatIsLeft(t *testing.T) {
	t.Parallel()
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: flatPlan("b", "31", calendar.Months(1)), Start: date("2026-01-01")})
	require.NoError(t, err)
	call := byOperator(date("2026-01-11"))
	call.Policy.Collect = plan.CollectNextInvoice
	sub, err = sub.ChangePlan(call, subscription.Immediately(), flatPlan("big", "62", calendar.Months(1)))
	require.NoError(t, err)
	half := decimal.NewFromInt(50)
	sub, err = sub.AddDiscount(byOperator(date("2026-01-12")), plan.Discount{ID: "half", Percent: &half, Duration: plan.OnceOnly})
	require.NoError(t, err)
	call = byOperator(date("2026-01-21"))
	call.Policy.CancelCredit = plan.CreditProrate
	sub, err = sub.Cancel(call, subscription.Immediately())
	require.NoError(t, err)
	// Credit 21 of the old plan, 42 for the new one, 22 of it given back, and half of the 20 that are left.
	totals, _ := through(t, sub, billing.Checkpoint{}, "2026-02-01")
	require.Equal(t, []string{"2026-01-01 31.00 USD", "2026-01-21 -11.00 USD"}, totals)
}

// What a change ends in arrears uses the next cycle, on the invoice with what it begins in the
// cycle that runs: that is free as well, whenever it is given back.
func TestWhatADiscountPaidIsNotGivenBackWhicheverRunFindsTheCredit(t *testing.T) {
	t.Parallel()
	free := decimal.NewFromInt(100)
	arrears := plan.MustCompile(plan.Plan{
		ID: "arrears", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "support", Timing: plan.Arrears, Price: plan.FlatFee{Amount: num("31")}}},
	})
	sub := must(subscription.New(subscription.Params{ID: "s", Plan: arrears, Start: date("2026-01-01"), Quantity: subscription.Units(10)}))
	sub = must(sub.AddDiscount(byOperator(date("2026-01-02")), plan.Discount{ID: "free", Percent: &free, Duration: plan.ForCycles, Cycles: 1}))
	sub = must(sub.ChangePlan(byOperator(date("2026-01-14")), subscription.Immediately(), pro()))
	sub = must(sub.ChangeQuantity(byOperator(date("2026-01-20")), subscription.Immediately(), "", num("1")))
	for _, runs := range [][]string{
		{"2026-03-01"}, {"2026-01-14", "2026-03-01"}, {"2026-01-15", "2026-01-20", "2026-03-01"},
	} {
		// One of ten seats at 62.00 for twelve days of 31; February, of the next cycle, is free.
		totals, _ := through(t, sub, billing.Checkpoint{}, runs...)
		require.Equal(t, []string{"2026-01-20 24.00 USD", "2026-03-01 62.00 USD"}, totals, "%v", runs)
	}
}

func TestNextSeesAOneOffThatIsStillToCome(t *testing.T) {
	t.Parallel()
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: flatPlan("free", "0", calendar.Months(1)), Start: date("2026-01-01")})
	require.NoError(t, err)
	sub, err = sub.AddOneOff(byOperator(date("2026-06-02")), subscription.OneOff{ID: "x", Amount: money.MustParse("7.77 USD")})
	require.NoError(t, err)
	next, err := billing.Next(sub, nil, billing.Checkpoint{ChargedThrough: date("2026-01-01"), LastCommand: 1}, date("2026-01-01"))
	require.NoError(t, err)
	require.Equal(t, date("2026-07-01"), next.At)
	require.Equal(t, "7.77 USD", next.Amount.String())
}

func TestWhereNothingRecursAOneOffIsCollectedAtOnce(t *testing.T) {
	t.Parallel()
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: flatPlan("none", "0", calendar.Interval{}), Start: date("2026-01-01")})
	require.NoError(t, err)
	sub, err = sub.AddOneOff(byOperator(date("2026-01-02")), subscription.OneOff{ID: "x", Amount: money.MustParse("7.77 USD")})
	require.NoError(t, err)
	totals, _ := through(t, sub, billing.Checkpoint{}, "2026-01-01", "2026-01-02", "2026-01-03")
	require.Equal(t, []string{"2026-01-02 7.77 USD"}, totals)
}

func TestACheckpointOfAnotherSubscriptionIsRefused(t *testing.T) {
	t.Parallel()
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: flatPlan("p", "30", calendar.Months(1)), Start: date("2026-01-01")})
	require.NoError(t, err)
	_, _, err = billing.Invoices(sub, nil, billing.Checkpoint{ChargedThrough: date("2026-02-10"), LastCommand: 99}, date("2026-03-01"))
	require.EqualError(t, err, "billing: invalid checkpoint: last command: 99, and the subscription has 1")
	require.ErrorIs(t, err, billing.ErrCheckpoint)
}

func TestALineThatWasCorrectedAwayMayBeBilledAgain(t *testing.T) {
	t.Parallel()
	v := plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Trial: &plan.Trial{Length: calendar.Days(10)},
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(30)}}},
	})
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: date("2026-01-01")})
	require.NoError(t, err)
	sub, err = sub.AddOneOff(byOperator(date("2026-01-05")), subscription.OneOff{ID: "x", Amount: money.MustParse("7.77 USD")})
	require.NoError(t, err)
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-15"))
	require.NoError(t, err)
	kept := stored(made)
	late, err := sub.ExtendTrial(byOperator(date("2026-01-08")), date("2026-01-25"))
	require.NoError(t, err)
	diff, err := billing.Reconcile(late, nil, kept, checkpoint, date("2026-01-15"))
	require.NoError(t, err)
	require.Equal(t, "-37.77 USD", diff.Total.String())
	kept = append(kept, diff.StoredLines()...)
	made, checkpoint, err = billing.Invoices(late, nil, diff.Checkpoint, date("2026-02-01"))
	require.NoError(t, err)
	kept = append(kept, stored(made)...)
	diff, err = billing.Reconcile(late, nil, kept, checkpoint, date("2026-02-01"))
	require.NoError(t, err)
	require.True(t, diff.IsEmpty())
}

func TestHugeExponentsAreComparedWithoutBeingExpanded(t *testing.T) {
	t.Parallel()
	huge := billing.Record{Metric: "m", Quantity: decimal.New(1, 1_000_000_000)}
	require.False(t, huge.Equal(billing.Record{Metric: "m", Quantity: decimal.NewFromInt(1)}))
	require.True(t, huge.Equal(huge))
}
