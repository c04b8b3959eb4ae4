package billing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
)

// overTerms counts the usage of a plan over terms of several periods.
func (m menu) overTerms(d draws, p *talePlan) {
	if !m.counts {
		return
	}
	over := func(charges []taleCharge, every taleEvery) {
		term := taleEvery{every.Count * pick(d, "periods of a term", 3, 2, 4, 12), every.Unit}
		for i := range charges {
			if charges[i].Usage == "" {
				continue
			}
			if pick(d, "by region", false, false, true) {
				charges[i].Price = m.matrix(d)
			}
			charges[i].CountOver, charges[i].Price.Minimum, charges[i].Price.Maximum = &term, "", ""
		}
	}
	if !chance(d, "no term", 6) {
		over(p.Charges, p.Every)
	}
	for _, phase := range p.Phases {
		over(phase.Charges, phase.Every)
	}
}

// A naiveOver is usage of a period that a term counts.
type naiveOver struct {
	usage        string
	until, since time.Time
}

// termOf is where the term begins that holds the beginning of the running period.
func (n *naive) termOf(over taleEvery) time.Time {
	start, _ := naiveGrid{anchor: n.grid.anchor, every: over, lastDay: n.grid.lastDay, loc: n.loc}.period(naiveLater(n.whole[0], n.moved))
	return start
}

// countedOver is from when usage counts in the term of a run, and whether any did before it.
func (n *naive) countedOver(r *naiveRun, cut time.Time) (first time.Time, later bool) {
	n.over = slices.DeleteFunc(n.over, func(o naiveOver) bool { return o.usage == baseOf(r.usage) && !o.until.After(r.term) })
	first = r.since
	for _, o := range n.over {
		if o.usage == baseOf(r.usage) && o.since.Before(first) {
			first = o.since
		}
	}
	later = first.Before(r.since)
	if baseOf(r.usage) != r.usage {
		later = len(n.events(r.usage, first, r.since)) > 0
	}
	n.over = append(n.over, naiveOver{baseOf(r.usage), cut, r.since})
	return first, later
}

// keepTerms ends the terms of usage that no charge counts over one.
func (n *naive) keepTerms() {
	n.over = slices.DeleteFunc(n.over, func(o naiveOver) bool {
		return !slices.ContainsFunc(n.charges(), func(c taleCharge) bool { return c.Usage == o.usage && c.CountOver != nil })
	})
}

// stay lets the terms that run go on where the grid moves, and none that is over.
func (n *naive) stay(t time.Time) {
	for _, c := range n.charges() {
		if c.CountOver != nil && n.kind == "running" {
			term := n.termOf(*c.CountOver)
			n.over = slices.DeleteFunc(n.over, func(o naiveOver) bool { return o.usage == c.Usage && !o.until.After(term) })
		}
	}
	for i := range n.over {
		n.over[i].until = naiveLater(n.over[i].until, t)
	}
}

// moveGrid anchors the grid where an extension has moved the end of the running period, or of the
// term in which that lies.
func (n *naive) moveGrid(old, t time.Time) {
	n.stay(t)
	periods := 0
	for _, c := range n.charges() {
		if c.CountOver == nil {
			continue
		}
		_, end := naiveGrid{anchor: n.grid.anchor, every: *c.CountOver, lastDay: n.grid.lastDay, loc: n.loc}.period(old.Add(-time.Microsecond))
		k := 0
		for at := old; at.Before(end); k++ {
			_, at = n.grid.period(at)
		}
		periods = max(periods, k)
	}
	n.grid.anchor = n.end
	if periods > 0 {
		n.grid.anchor = n.grid.boundary(periods)
		n.end = n.grid.boundary(-periods)
	}
}

func TestANaiveEngineCountsOverTermsTheSame(t *testing.T) {
	t.Parallel()
	on := 0 // lines that go on from the term
	property := func(t *rapid.T) {
		p := counting().tale(rapidDraws{t})
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		for _, inv := range all {
			survivesDocument(t, inv)
			for _, line := range inv.Lines {
				if line.Kind == billing.UsageLine && billing.CountsOn(line) {
					on++
				}
			}
		}
	}
	covering(t, 5, property, func() bool { return on > 0 })
}

// countsOver reports whether some usage of the story is counted over a term.
func (s tale) countsOver() bool {
	return slices.ContainsFunc(s.allCharges(), func(c taleCharge) bool { return c.CountOver != nil })
}
