package billing_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/subscription"
)

// What a charge costs depends on that charge alone, but for what is shared: discounts,
// tax, the invoice that a line waits for, and invoices of zero that are not made. The
// stories are told without these.
func TestAChargeIsBilledAloneAsItIsBilledBesideOthers(t *testing.T) {
	t.Parallel()
	all, err := readStories(storiesBefore)
	require.NoError(t, err)
	compared, metered, without, unlike := 0, 0, 0, []unlikely(nil)
	for _, story := range all {
		s := story.tale.unshared()
		for _, id := range s.charges() {
			beside, alone, ok := s.apart(t, id)
			var want, got []string
			if ok {
				want, got = beside.linesOf(t, id), alone.linesOf(t, id)
			}
			switch {
			case !ok:
				without++
			case !slices.Equal(want, got):
				unlike = append(unlike, unlikely{story.id, id, want, got, beside.s, alone.s})
			case len(want) > 0:
				compared++
				if len(alone.usage) > 0 {
					metered++
				}
			}
		}
	}
	t.Logf("%d charges compared that have lines, %d of them with usage; %d not, as an action is refused or the periods lie otherwise", compared, metered, without)
	slices.SortFunc(unlike, func(a, b unlikely) int {
		return cmp.Or(cmp.Compare(len(a.alone.Actions), len(b.alone.Actions)), cmp.Compare(len(a.beside.String()), len(b.beside.String())), strings.Compare(a.story, b.story))
	})
	if len(unlike) > 0 {
		u := unlike[0]
		require.Equal(t, u.want, u.got, "%d charges are billed otherwise alone; of the shortest story, %s: %s\nalone\n%s\nbeside others\n%s", len(unlike), u.story, u.id, u.alone, u.beside)
	}
	require.Greater(t, compared, 9000)
	require.Greater(t, metered, 2000)
}

// unlikely is a charge that is not billed alone as beside others.
type unlikely struct {
	story, id     string
	want, got     []string
	beside, alone tale
}

// apart tells the story whole, and by the charge alone. A command for another charge
// that begins a new period would be for both: it is left out.
func (s tale) apart(t require.TestingT, id string) (beside, alone *played, ok bool) {
	s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a taleAction) bool { return a.elsewhere(id) && a.Anchor == "reset" })
	beside = replayed(t, s)
	alone, ok = beside.alone(t, id)
	return beside, alone, ok
}

// unshared is the story without what its charges share.
func (s tale) unshared() tale {
	s.Tax, s.Policy.Zero = "", "emit"
	actions := slices.DeleteFunc(slices.Clone(s.Actions), func(a taleAction) bool { return a.Do == "discount" || a.Do == "one_off" || a.Do == "credit_pack" })
	for i := range actions {
		actions[i].Collect = ""
	}
	s.Actions = actions
	return s
}

// charges are the ids of all charges, in all plans and phases.
func (s tale) charges() []string {
	var ids []string
	for _, p := range s.Plans {
		for _, c := range p.all() {
			if !slices.Contains(ids, c.ID) {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids
}

// elsewhere reports whether an action is for another charge alone.
func (a taleAction) elsewhere(id string) bool { return a.Charge != "" && a.Charge != id }

// alone tells the story by plans that have one charge only, without the actions that
// are for another one and the usage that only another one rates. Not ok: for want of
// the other charges an action is refused, or the periods lie otherwise.
func (p *played) alone(t require.TestingT, id string) (q *played, ok bool) {
	only := func(all []taleCharge) []taleCharge {
		return slices.DeleteFunc(slices.Clone(all), func(c taleCharge) bool { return c.ID != id })
	}
	s := p.s
	s.Plans = slices.Clone(s.Plans)
	for i := range s.Plans {
		s.Plans[i].Charges = only(s.Plans[i].Charges)
		s.Plans[i].Phases = slices.Clone(s.Plans[i].Phases)
		for j := range s.Plans[i].Phases {
			s.Plans[i].Phases[j].Charges = only(s.Plans[i].Phases[j].Charges)
		}
	}
	s.Actions = nil
	q, err := play(s)
	require.NoError(t, err, "%s", s)
	for _, a := range p.s.Actions {
		if a.elsewhere(id) {
			continue
		}
		before := len(q.s.Actions)
		if q.try(a); len(q.s.Actions) == before && a.Do != "usage" {
			return nil, false
		}
	}
	return q, slices.Equal(p.course(), q.course())
}

// course is when the subscription is billed, and by which periods: a cancelled one comes
// back into its period only if something of that was billed in advance, whichever
// charge that was of.
func (p *played) course() []string {
	var all []string
	for i := range p.sub.Segments() {
		seg := p.sub.Segment(i)
		if seg.From().After(p.s.instant(p.s.Until)) {
			break
		}
		// A change that keeps the periods, or is only noted, may be one of another charge.
		if ch := seg.Opened(); inside.Effects(&ch).NewGrid || ch.Kind != subscription.Changed && ch.Kind != subscription.Recorded {
			all = append(all, fmt.Sprint(ch.Kind, seg.From(), inside.Effects(&ch).NewGrid))
		}
	}
	return all
}

// linesOf are what a charge is billed, line by line, those of zero left out.
func (p *played) linesOf(t require.TestingT, id string) []string {
	all, _ := p.bills(t)
	var lines []string
	for _, inv := range all {
		for _, l := range inv.Lines {
			if l.Charge == id && l.Kind != billing.DiscountLine && l.Amount.Sign() != 0 {
				lines = append(lines, fmt.Sprintf("%s %s %s", inv.At.Format(time.RFC3339), l.Kind, showLine(l.From, l.To, l.Amount.Minor())))
			}
		}
	}
	return lines
}
