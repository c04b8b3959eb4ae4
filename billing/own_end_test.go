package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// At the end of the shortest or longest period it ends as on that date: with a basis of seconds both
// divide what is paid at that instant.
func TestACancellationForTheEndOfAChargesPeriodBillsAsOneOnThatDate(t *testing.T) {
	t.Parallel()
	met := map[plan.PeriodEnd]int{}
	property := func(t *rapid.T) {
		d := rapidDraws{t}
		m := everything
		m.newer, m.own = true, pick(d, "intervals", chains...)
		p := m.tale(d)
		if p.s.Policy.Basis = "second"; len(p.s.Actions) == 0 {
			t.Skip("nothing was done")
		}
		p, err := play(p.s)
		if err != nil {
			t.Skip("by seconds the story is refused")
		}
		at := p.s.instant(p.s.Actions[len(p.s.Actions)-1].At).AddDate(0, 0, d.between("days to the cancellation", 0, 20))
		choice := plan.Policy{PeriodEnd: pick(d, "which end", plan.ShortestPeriodEnd, plan.LongestPeriodEnd), CancelCredit: pick(d, "credit", plan.CreditNone, plan.CreditProrate)}
		call := subscription.Call{At: at, Actor: lifecycle.Operator, Policy: choice}
		atEnd, err := p.sub.Cancel(call, subscription.AtPeriodEnd())
		if _, cancelled := p.sub.CancelAt(at); err != nil || cancelled {
			t.Skip("it cannot be cancelled, or is already")
		}
		last := atEnd.Segment(atEnd.Segments() - 1)
		end, i := last.From(), p.sub.SegmentAt(at) // a phase may have moved it
		if seg := p.sub.Segment(i); !last.Ended() || last.Opened().Cause != lifecycle.CauseCancel || !end.After(at) || !seg.Billable() || len(atEnd.Scheduled(at)) != 1 {
			t.Skip("it ends with the trial, or at once, or something else waits")
		}
		onDate, err := p.sub.Cancel(call, subscription.On(end))
		require.NoError(t, err, "%s", p.s)
		until := end.AddDate(0, 1, 0)
		want, _, err := billing.Invoices(onDate, p.usage, billing.Checkpoint{}, until)
		if err != nil {
			t.Skip("usage that nothing rates")
		}
		got, _, err := billing.Invoices(atEnd, p.usage, billing.Checkpoint{}, until)
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showEngine(want), showEngine(got), "%s\n%s at %s: %s", p.s, choice.PeriodEnd, at, end)
		if regular, err := p.sub.Cancel(subscription.Call{At: at, Actor: lifecycle.Operator}, subscription.AtPeriodEnd()); err == nil {
			mine, _ := atEnd.CancelAt(at)
			if other, _ := regular.CancelAt(at); !other.Equal(mine) {
				require.Equal(t, choice.PeriodEnd == plan.LongestPeriodEnd, mine.After(other))
				met[choice.PeriodEnd]++
			}
		}
		require.Equal(t, lifecycle.NonRenewing, atEnd.Status(at))
		require.Equal(t, lifecycle.Cancelled, atEnd.Status(end))
	}
	covering(t, 3, property, func() bool { return met[plan.ShortestPeriodEnd] > 0 && met[plan.LongestPeriodEnd] > 0 })
}
