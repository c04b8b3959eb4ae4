package billing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
)

// tiles is how often each position is billed: where the count goes up and down.
type tiles map[int64]int

func (c tiles) add(from, to int64, by int) {
	c[from] += by
	c[to] -= by
}

// spans are the stretches of positions that are billed another number of times than in
// other.
func (c tiles) differ(other tiles) []string {
	var at []int64
	for x := range c {
		at = append(at, x)
	}
	for x := range other {
		at = append(at, x)
	}
	slices.Sort(at)
	at = slices.Compact(at)
	var out []string
	got, want := 0, 0
	for i, x := range at {
		got += c[x]
		want += other[x]
		if got != want && i+1 < len(at) {
			out = append(out, fmt.Sprintf("%d..%d is billed %d times, not %d", x, at[i+1], got, want))
		}
	}
	return out
}

// cover compares the spans of a story's lines, credits taken off, with the days on which
// each charge is in force: each of these once, and no other. No line of the story is so
// small that it is left out, and every choice is a share.
func (v *verdict) cover(t require.TestingT, id string, s tale) {
	p := replayed(t, s)
	all, _ := p.bills(t)
	o := newOracle(p)
	for _, season := range o.seasons() {
		if season.to.After(o.until) {
			continue
		}
		for _, charge := range s.charges() {
			lines := o.lines(season, charge, all)
			if reason := o.uncovered(season, charge); reason != "" {
				v.passed[reason]++
				continue
			}
			got, want := tiles{}, tiles{}
			for _, l := range lines {
				by := 1
				if l.Kind == billing.CreditLine {
					by = -1
				}
				if l.Kind != billing.UsageLine && l.Amount.Sign() != 0 { // a trial may have lines of zero
					got.add(o.position(l.From), o.position(l.To), by)
				}
			}
			for _, k := range season.spans {
				span := o.spans[k]
				item, ok := o.segs[span.seg].Phase().Charge(charge)
				if ok && !item.Once() && item.Metric() == "" && (!span.free || item.Timing() == plan.Arrears && span.replanned) {
					want.add(o.position(span.from), o.position(span.to), 1)
				}
			}
			v.checked++
			if wrong := got.differ(want); wrong != nil {
				var text strings.Builder
				fmt.Fprintf(&text, "%s..%s: of %s %s\n", o.show(season.from), o.show(season.to), charge, strings.Join(wrong, ", "))
				for _, l := range lines {
					fmt.Fprintf(&text, "    line %s..%s %s %d\n", o.show(l.From), o.show(l.To), l.Kind, l.Amount.Minor())
				}
				v.findings = append(v.findings, finding{story: id, charge: charge, traits: o.traits(season, charge, lines), text: text.String(), tale: p.s})
			}
		}
	}
}

// uncovered says why the spans of a season cannot be compared.
func (o *oracle) uncovered(s season, charge string) string {
	for _, i := range s.segs {
		if seg := o.segs[i]; seg.inside && !inside.EndsLength(&seg.opened) {
			if credit, _ := o.choices(i); credit != plan.CreditProrate {
				return "an ending that is not a command's has no choice of its own in these stories"
			}
		}
	}
	if reason := o.passes(s, charge); strings.HasPrefix(reason, "rule 16") || strings.HasPrefix(reason, "rule 18") || strings.HasPrefix(reason, "rules 16") {
		return reason
	}
	if _, full := o.lastInFull(s); full {
		return "a last period charged in full is beyond the format"
	}
	return ""
}

// lastInFull reports whether a length in time ends in the season that charges in full.
func (o *oracle) lastInFull(s season) (int, bool) {
	for _, i := range s.segs {
		if length, ok := o.segs[i].Version().Length(); ok && inside.EndsLength(&o.segs[i].opened) && length.LastPeriod == plan.LastFull {
			return i, true
		}
	}
	return 0, false
}

// even is the story with prices so high that no line amounts to nothing, be it for a
// second of a year, and with the share of the days as every choice.
func (s tale) even() tale {
	s = s.plain().priced().shared()
	zeros := "000.00"
	if s.Currency == "JPY" {
		zeros = "000000.00"
	}
	dear := func(p *talePrice) {
		if amount, ok := strings.CutSuffix(p.UnitAmount, ".00"); ok {
			p.UnitAmount = amount + zeros
		}
	}
	for i := range s.Plans {
		for j := range s.Plans[i].Charges {
			dear(&s.Plans[i].Charges[j].Price)
		}
		for k := range s.Plans[i].Phases {
			for j := range s.Plans[i].Phases[k].Charges {
				dear(&s.Plans[i].Phases[k].Charges[j].Price)
			}
		}
	}
	for i := range s.Actions {
		if p := s.Actions[i].Price; p != nil {
			q := *p
			dear(&q)
			s.Actions[i].Price = &q
		}
	}
	return s
}

func TestTheLinesOfRandomStoriesTileTheirDays(t *testing.T) {
	t.Parallel()
	v := verdict{passed: map[string]int{}}
	for _, story := range manyStories(t) {
		v.cover(t, story.id, story.tale.even())
	}
	require.True(t, len(v.findings) == 0, v.report())
	require.Greater(t, v.checked, 50_000)
}

func TestTheLinesOfPlainStoriesTileTheirDays(t *testing.T) {
	t.Parallel()
	all, err := readStories(storiesBefore)
	require.NoError(t, err)
	v := verdict{passed: map[string]int{}}
	for _, story := range all {
		if strings.HasPrefix(story.id, "plain") {
			v.cover(t, story.id, story.tale.even())
		}
	}
	require.True(t, len(v.findings) == 0, v.report())
	require.Greater(t, v.checked, 30_000)
}

func TestTheLinesOfADrawnStoryTileItsDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := verdict{passed: map[string]int{}}
		s := randomTale(t).s
		// What is free leaves days that no line bills, or bills some twice.
		s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a taleAction) bool { return a.Do == "set_next_billing" })
		v.cover(t, "drawn", s.even())
		require.True(t, len(v.findings) == 0, v.report())
	})
}
