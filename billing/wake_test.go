package billing_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestAServiceThatWakesWhenToldMissesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyTale(t)
		whole, _ := p.bills(t)
		until := p.s.instant(p.s.Until)
		var checkpoint billing.Checkpoint
		var made []billing.Invoice
		run := func(sub subscription.Subscription, to time.Time) {
			out, next, err := billing.Invoices(sub, p.used(to), checkpoint, to)
			require.NoError(t, err, "%s", p.s)
			made, checkpoint = append(made, out...), next
		}
		for i, past := range p.past {
			end := until
			if i+1 < len(p.past) {
				end = p.past[i+1].at
			}
			if i+1 < len(p.past) && end.Equal(past.at) {
				continue // the next action comes at the same instant
			}
			if !past.at.After(until) {
				run(past.sub, past.at)
			}
			for range 40 {
				wake, err := billing.WakeAt(past.sub, checkpoint)
				require.NoError(t, err, "%s", p.s)
				next, err := billing.Next(past.sub, p.used(checkpoint.ChargedThrough), checkpoint, checkpoint.ChargedThrough)
				require.NoError(t, err, "%s", p.s)
				require.True(t, next.Boundary.Equal(wake), "%s: %s and %s", p.s, wake, next.Boundary)
				require.False(t, !next.At.IsZero() && next.At.Before(wake), "%s: %s", p.s, wake)
				if wake.IsZero() || !wake.Before(end) {
					break
				}
				require.True(t, wake.After(checkpoint.ChargedThrough), "%s: %s", p.s, wake)
				early, _, err := billing.Invoices(past.sub, p.used(wake), checkpoint, wake.Add(-1))
				require.NoError(t, err, "%s", p.s)
				require.Empty(t, early, "%s: before %s", p.s, wake)
				run(past.sub, wake)
			}
		}
		run(p.past[len(p.past)-1].sub, until)
		require.Equal(t, showEngine(whole), showEngine(made), "%s", p.s)
	})
}

func wakePlan(change func(*plan.Plan)) *plan.Version {
	p := plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Metrics: []plan.Metric{{ID: "calls"}},
		Charges: []plan.Charge{{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num("1"), FreeUnits: num("100")}}},
	}
	if change != nil {
		change(&p)
	}
	return plan.MustCompile(p)
}

func TestItWakesForWhatMayComeToNothing(t *testing.T) {
	t.Parallel()
	fee := func(p *plan.Plan) { p.Charges = []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: num("30")}}} }
	sold := func(v *plan.Version) subscription.Subscription {
		return must(subscription.New(subscription.Params{ID: "s", Plan: v, Start: date("2026-01-01")}))
	}
	free := wakePlan(func(p *plan.Plan) { p.ID, p.Charges = "free", nil })
	call, now, percent := operator(date("2026-01-10")), subscription.Immediately(), num("100")
	for _, row := range []struct {
		name     string
		sub      subscription.Subscription
		usage    billing.Usage
		wake     string
		next     string // empty: no invoice
		estimate bool
	}{
		{"a metered plan without usage", sold(wakePlan(nil)), nil, "2026-02-01", "", true},
		{"free units are left", sold(wakePlan(nil)), billing.Usage{calls("2026-01-02", 5)}, "2026-02-01", "", true},
		{"they are used up", sold(wakePlan(nil)), billing.Usage{calls("2026-01-02", 105)}, "2026-02-01", "2026-02-01", true},
		{"a fee", sold(wakePlan(fee)), nil, "2026-02-01", "2026-02-01", false},
		{"nothing is due for four cycles", must(sold(wakePlan(fee)).AddDiscount(call, plan.Discount{ID: "d", Percent: &percent, Duration: plan.ForCycles, Cycles: 4})), nil, "2026-02-01", "2026-06-01", false},
		{"nothing is due for two months", must(sold(wakePlan(fee)).AddDiscount(call, plan.Discount{ID: "d", Percent: &percent, Duration: plan.ForTime, For: calendar.Months(2)})), nil, "2026-02-01", "2026-04-01", false},
		{"nothing is due before a bill long after", must(sold(wakePlan(fee)).AddDiscount(call, plan.Discount{ID: "d", Percent: &percent, Duration: plan.ForTime, For: calendar.Years(4)})), nil, "2026-02-01", "2030-02-01", false},
		{"nothing is ever due, as the time ends beyond the calendar", must(sold(wakePlan(fee)).AddDiscount(call, plan.Discount{ID: "d", Percent: &percent, Duration: plan.ForTime, For: calendar.Years(10000)})), nil, "2026-02-01", "", false},
		{"nothing is ever due", must(sold(wakePlan(fee)).AddDiscount(call, plan.Discount{ID: "d", Percent: &percent, Duration: plan.Forever})), nil, "2026-02-01", "", false},
		{"a pause with an end", must(sold(wakePlan(fee)).Pause(call, now, subscription.Pause{Until: date("2026-01-20")})), nil, "2026-01-20", "2026-02-01", false},
		{"a pause without", must(sold(wakePlan(fee)).Pause(call, now, subscription.Pause{})), nil, "", "", false},
		{"an end", must(sold(wakePlan(fee)).Cancel(call, subscription.AtPeriodEnd())), nil, "2026-02-01", "", false},
		{"an end before which usage may come in", must(sold(wakePlan(nil)).Cancel(call, subscription.AtPeriodEnd())), nil, "2026-02-01", "", true},
		{"an end after which none can", must(sold(wakePlan(nil)).Cancel(call, now)), nil, "", "", false},
		{"a change to a plan without charges", must(sold(wakePlan(nil)).ChangePlan(call, subscription.AtPeriodEnd(), free)), nil, "2026-02-01", "", true},
		{"a change to a metered plan", must(sold(free).ChangePlan(call, subscription.AtPeriodEnd(), wakePlan(nil))), nil, "2026-02-01", "", true},
		{"a plan without charges", sold(free), nil, "2026-02-01", "", false},
		{"a scheduled change", must(sold(wakePlan(fee)).Cancel(call, subscription.On(date("2026-01-15")))), nil, "2026-01-15", "", false},
		{"a trial", sold(wakePlan(func(p *plan.Plan) { fee(p); p.Trial = &plan.Trial{Length: calendar.Days(14)} })), nil, "2026-01-15", "2026-01-15", false},
		{"a plan in which nothing recurs", sold(wakePlan(func(p *plan.Plan) { fee(p); p.Every, p.Charges[0].Once = calendar.Interval{}, true })), nil, "", "", false},
	} {
		_, checkpoint, err := billing.Invoices(row.sub, row.usage, billing.Checkpoint{}, date("2026-01-12"))
		require.NoError(t, err, row.name)
		wake, err := billing.WakeAt(row.sub, checkpoint)
		require.NoError(t, err, row.name)
		next, err := billing.Next(row.sub, row.usage, checkpoint, date("2026-01-12"))
		require.NoError(t, err, row.name)
		day := func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return t.Format(time.DateOnly)
		}
		require.Equal(t, []any{row.wake, row.wake, row.next, row.estimate}, []any{day(wake), day(next.Boundary), day(next.At), next.Estimate}, row.name)
	}
}

func TestACommandThatWasNotBilledIsDueAtOnce(t *testing.T) {
	t.Parallel()
	sub := office(plan.Policy{})
	wake, err := billing.WakeAt(sub, billing.Checkpoint{})
	require.NoError(t, err)
	require.Equal(t, date("2026-01-01"), wake, "nothing was billed yet")
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-05"))
	require.NoError(t, err)
	sub = must(sub.ChangeQuantity(operator(date("2026-01-05")), subscription.Immediately(), "", num("11")))
	wake, err = billing.WakeAt(sub, checkpoint)
	require.NoError(t, err)
	require.Equal(t, date("2026-01-05"), wake)
	next, err := billing.Next(sub, nil, checkpoint, date("2026-01-05"))
	require.NoError(t, err)
	require.Equal(t, []time.Time{wake, wake}, []time.Time{next.At, next.Boundary})
	sub = must(sub.ChangeQuantity(operator(date("2026-01-07")), subscription.Immediately(), "", num("12")))
	_, checkpoint, err = billing.Invoices(sub, nil, checkpoint, date("2026-01-06"))
	require.NoError(t, err)
	wake, err = billing.WakeAt(sub, checkpoint)
	require.NoError(t, err)
	require.Equal(t, date("2026-01-07"), wake)
	_, err = billing.WakeAt(subscription.Subscription{}, checkpoint)
	require.ErrorIs(t, err, billing.ErrZero)
}
