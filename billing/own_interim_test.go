package billing_test

import (
	"fmt"
	"slices"
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

// ofPlan is the story of the charges that bill by the plan's interval, told again. Not ok: for
// want of the others an action is refused, or the periods lie otherwise.
func (p *played) ofPlan(t require.TestingT) (q *played, ok bool) {
	s := p.s
	of := func(every taleEvery, all []taleCharge) []taleCharge {
		return slices.DeleteFunc(slices.Clone(all), func(c taleCharge) bool { return c.Every != nil && *c.Every != every })
	}
	plain := func(all []taleCharge) []taleCharge {
		for i := range all {
			all[i].Every = nil
		}
		return all
	}
	s.Plans = slices.Clone(s.Plans)
	for i := range s.Plans {
		s.Plans[i].Charges = plain(of(s.Plans[i].Every, s.Plans[i].Charges))
		s.Plans[i].Phases = slices.Clone(s.Plans[i].Phases)
		for j := range s.Plans[i].Phases {
			phase := &s.Plans[i].Phases[j]
			phase.Charges = plain(of(phase.Every, phase.Charges))
		}
	}
	s.Actions = nil
	q, err := play(s)
	require.NoError(t, err, "%s", s)
	for _, a := range p.s.Actions {
		before := len(q.s.Actions)
		if q.try(a); len(q.s.Actions) == before {
			return nil, false
		}
	}
	return q, slices.Equal(p.course(), q.course())
}

// What the usage of the plan's own period comes to is billed early, whatever else is billed by
// other intervals: as the second engine, which knows of none, bills it.
func TestChargesOfOtherIntervalsLeaveThresholdsAlone(t *testing.T) {
	t.Parallel()
	interims := 0
	property := func(t *rapid.T) {
		m := earlyBilled()
		m.own = pick(rapidDraws{t}, "intervals", chains...)
		drawn := m.tale(rapidDraws{t}).s.unshared()
		for i := range drawn.Plans {
			for _, all := range append([][]taleCharge{drawn.Plans[i].Charges}, phasesOf(&drawn.Plans[i])...) {
				for k := range all {
					if all[k].Usage != "" {
						all[k].Every = nil
					}
				}
			}
		}
		actions := drawn.Actions
		drawn.Actions = nil
		p, err := play(drawn)
		if err != nil {
			t.Skip("without intervals of usage the charges do not fit")
		}
		for _, a := range actions {
			p.try(a)
		}
		alone, ok := p.ofPlan(t)
		if !ok {
			t.Skip("without the other charges the periods lie otherwise")
		}
		n := tell(alone.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		var want, got []string
		for _, inv := range n.invoices {
			for _, l := range inv.lines {
				if l.kind == "usage" && l.amount != 0 {
					want = append(want, fmt.Sprint(inv.at.UTC().Format(time.RFC3339Nano), " ", l.charge, " ", showLine(l.from, l.to, l.amount)))
				}
			}
		}
		all, _ := p.bills(t)
		for _, inv := range all {
			if inv.Interim {
				interims++
			}
			for _, l := range inv.Lines {
				if c, ok := p.s.chargeOf(l.Charge); ok && c.Usage != "" && l.Kind == billing.UsageLine && l.Amount.Sign() != 0 {
					got = append(got, fmt.Sprint(inv.At.UTC().Format(time.RFC3339Nano), " ", l.Charge, " ", showLine(l.From, l.To, l.Amount.Minor())))
				}
			}
		}
		require.Equal(t, want, got, "%s", p.s)
	}
	covering(t, 1, property, func() bool { return interims > 0 })
}

func phasesOf(p *talePlan) [][]taleCharge {
	var all [][]taleCharge
	for i := range p.Phases {
		all = append(all, p.Phases[i].Charges)
	}
	return all
}

// chargeOf is a charge of the story by its id.
func (s tale) chargeOf(id string) (taleCharge, bool) {
	for _, c := range s.allCharges() {
		if c.ID == id {
			return c, true
		}
	}
	return taleCharge{}, false
}

// Calls at 1.00 by the month are billed at every 10.00; a fee by the year and requests by the year are not.
func TestThresholdsCountThePeriodOfThePlan(t *testing.T) {
	t.Parallel()
	version := func(id string) *plan.Version {
		return plan.MustCompile(plan.Plan{
			ID: id, Version: 1, Currency: money.USD, Every: calendar.Months(1), Thresholds: plan.Thresholds{Recurring: num("10")},
			Charges: []plan.Charge{
				{ID: "support", Price: plan.FlatFee{Amount: num("365")}, Every: calendar.Years(1)},
				{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num("1")}},
				{ID: "requests", Metric: "requests", Price: plan.PerUnit{UnitAmount: num("5")}, Every: calendar.Years(1)},
			},
		})
	}
	start := must(subscription.New(subscription.Params{ID: "s", Plan: version("p"), Start: date("2026-01-01")}))
	requests := func(at string, n int64) billing.Record {
		r := callsOn(at, n)
		r.Metric = "requests"
		return r
	}
	usage := billing.Usage{callsOn("2026-01-05", 4), requests("2026-01-06", 9), callsOn("2026-01-10", 7), callsOn("2026-01-20", 5), callsOn("2026-02-03", 12), callsOn("2026-02-20", 3)}
	prorate := func(at string) subscription.Call {
		call := operator(date(at))
		call.Policy.CancelCredit, call.Policy.PauseCredit = plan.CreditProrate, plan.CreditProrate
		return call
	}
	for _, row := range []struct {
		name  string
		usage billing.Usage
		then  func(subscription.Subscription) subscription.Subscription
		want  string
	}{
		{
			"lives on", usage, func(s subscription.Subscription) subscription.Subscription { return s },
			"02-01 usage 01-10 02-01 5.00\n02-03 usage 02-01 02-03 12.00\n03-01 usage 02-03 03-01 3.00\n",
		},
		{
			"pauses", usage, func(s subscription.Subscription) subscription.Subscription {
				s = must(s.Pause(prorate("2026-02-10"), subscription.Immediately(), subscription.Pause{}))
				return must(s.Resume(operator(date("2026-02-15")), subscription.Immediately()))
			},
			"02-01 usage 01-10 02-01 5.00\n02-03 usage 02-01 02-03 12.00\n02-10 usage 01-01 02-10 45.00\n02-10 credit 02-10 01-01 -325.00\n" +
				"02-15 charge 02-15 01-01 320.00\n03-01 usage 02-15 03-01 3.00\n",
		},
		{
			"is cancelled", usage[:5], func(s subscription.Subscription) subscription.Subscription {
				return must(s.Cancel(prorate("2026-02-10"), subscription.Immediately()))
			},
			"02-01 usage 01-10 02-01 5.00\n02-03 usage 02-01 02-03 12.00\n02-10 usage 01-01 02-10 45.00\n02-10 credit 02-10 01-01 -325.00\n",
		},
		{
			"is cancelled at the end of the period", usage[:4], func(s subscription.Subscription) subscription.Subscription {
				return must(s.Cancel(prorate("2026-01-15"), subscription.AtPeriodEnd()))
			},
			"02-01 usage 01-10 02-01 5.00\n02-01 usage 01-01 02-01 45.00\n02-01 credit 02-01 01-01 -334.00\n",
		},
		{
			"changes its plan", usage, func(s subscription.Subscription) subscription.Subscription {
				return must(s.ChangePlan(operator(date("2026-02-10")), subscription.Immediately(), version("q")))
			},
			"02-01 usage 01-10 02-01 5.00\n02-03 usage 02-01 02-03 12.00\n02-10 usage 01-01 02-10 45.00\n02-10 credit 02-10 01-01 -325.00\n02-10 charge 02-10 01-01 325.00\n03-01 usage 02-10 03-01 3.00\n",
		},
	} {
		sub := row.then(start)
		whole, _, err := billing.Invoices(sub, row.usage, billing.Checkpoint{}, date("2026-03-01"))
		require.NoError(t, err, row.name)
		require.Equal(t, "01-01 charge 01-01 01-01 365.00\n01-10 usage 01-01 01-10 11.00\n"+row.want, linesOf(whole), row.name)
		var pieces []billing.Invoice
		var checkpoint billing.Checkpoint
		for day := date("2026-01-01"); !day.After(date("2026-03-01")); day = day.AddDate(0, 0, 1) {
			made, next, err := billing.Invoices(sub, row.usage, checkpoint, day)
			require.NoError(t, err, row.name)
			pieces, checkpoint = append(pieces, made...), next
		}
		require.Equal(t, linesOf(whole), linesOf(pieces), row.name)
	}
}
