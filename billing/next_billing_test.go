package billing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// movable tells a random story at whose end a period runs after which nothing else is expected, and
// the instants of the end of the story and of the period.
func movable(t *rapid.T) (p *played, at, end time.Time) {
	p = randomTale(t)
	at = p.s.instant(p.s.Until)
	end = p.boundary(at)
	i := p.sub.SegmentAt(at)
	clock := func(t time.Time) string { return t.In(p.s.location()).Format(time.TimeOnly) }
	if end.After(at) && clock(end) != clock(p.sub.Segment(i).Grid().Anchor()) {
		t.Skip("the clock skips the hour at which the period ends")
	}
	if p.s.Policy.MonthEnd != "" || !end.After(at) || i+1 < p.sub.Segments() || p.sub.Segment(i).Grid().Anchor().In(p.s.location()).Day() > 28 {
		t.Skip("no period runs, or something else is to come, or the months have not all the day")
	}
	return p, at, end
}

func nextBilling(p *played, at, to time.Time) (subscription.Subscription, error) {
	return p.sub.SetNextBilling(subscription.Call{At: at, Actor: lifecycle.Operator}, to, subscription.Free)
}

func TestTheNextBillingOnTheDayOnWhichItIsAnywayChangesNothing(t *testing.T) {
	t.Parallel()
	moved, parts := 0, 0
	property := func(t *rapid.T) {
		p, at, end := movable(t)
		if strings.Contains(p.s.Aggregations["calls"], "_") && slices.ContainsFunc(p.s.Actions, func(a taleAction) bool { return a.Do == "set_anchor" }) {
			t.Skip("a level over time is divided by the period as it is then, which an anchor has cut")
		}
		sub, err := nextBilling(p, at, end)
		if err != nil {
			t.Skip(err.Error())
		}
		until := end.AddDate(0, 4, 0)
		want, wanted, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, until)
		require.NoError(t, err, "%s", p.s)
		all, checkpoint, err := billing.Invoices(sub, p.usage, billing.Checkpoint{}, until)
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showEngine(want), showEngine(all), "%s at %s", p.s, at)
		require.Equal(t, wanted.CreditBalance, checkpoint.CreditBalance, "%s", p.s)
		moved++
		seg := p.sub.Segment(p.sub.SegmentAt(at))
		if whole, err := seg.Grid().PeriodAt(end.Add(-1)); err == nil && !whole.Start.Equal(seg.Period().Start) {
			parts++
		}
	}
	covering(t, 5, property, func() bool { return moved > 0 && parts > 0 })
}

// costs is what all comes to that was billed before an instant, or for the time before it.
func costs(all []billing.Invoice, end time.Time) (sum int64) {
	for _, inv := range all {
		for _, l := range inv.Lines {
			if (inv.At.Before(end) || l.From.Before(end)) && !l.To.IsZero() {
				sum += l.Amount.Minor()
			}
		}
	}
	return sum
}

func TestAPeriodWhoseEndIsMovedForNothingCostsWhatItDid(t *testing.T) {
	t.Parallel()
	later, earlier := 0, 0
	property := func(t *rapid.T) {
		p, at, end := movable(t)
		if strings.Contains(p.s.Aggregations["calls"], "_") {
			t.Skip("a level over time is one over more of it")
		}
		if slices.ContainsFunc(p.s.Actions, func(a taleAction) bool { return a.Do == "discount" }) {
			t.Skip("a discount has periods, or a time, of its own")
		}
		to := at.AddDate(0, 0, rapid.IntRange(1, 90).Draw(t, "days to the next bill"))
		sub, err := nextBilling(p, at, to)
		if err != nil {
			t.Skip(err.Error())
		}
		want, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, end)
		require.NoError(t, err, "%s", p.s)
		all, checkpoint, err := billing.Invoices(sub, p.usage, billing.Checkpoint{}, to)
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, costs(want, end), costs(all, to), "%s: at %s from %s to %s\n%s\n%s", p.s, at, end, to, showEngine(want), showEngine(all))
		for _, inv := range all {
			for _, l := range inv.Lines {
				require.False(t, inv.At.After(at) && inv.At.Before(to) && l.Kind == billing.ChargeLine, "%s: billed at %s", p.s, inv.At)
			}
		}

		// The question asked before, and a run in two, give the same.
		first, known, err := billing.Invoices(sub, p.usage, billing.Checkpoint{}, at)
		require.NoError(t, err, "%s", p.s)
		rest, last, err := billing.Invoices(sub, p.usage, known, to)
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showEngine(all), showEngine(first)+showEngine(rest), "%s", p.s)
		require.Equal(t, checkpoint.CreditBalance, last.CreditBalance, "%s", p.s)
		if to.After(end) {
			later++
		} else if to.Before(end) {
			earlier++
		}
	}
	covering(t, 5, property, func() bool { return later > 0 && earlier > 0 })
}
