package billing_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A finding is a charge whose lines of a season do not add up to its days.
type finding struct {
	story  string
	charge string
	traits []string
	text   string
	tale   tale
}

// A verdict is what the oracle found in stories.
type verdict struct {
	checked  int
	passed   map[string]int // seasons of a charge that are passed over, by the reason
	findings []finding
}

// priced is the story without what changes amounts beside the days: discounts and taxes;
// and without what keeps lines from being seen.
func (s tale) priced() tale {
	s = s.unshared()
	s.Plans = slices.Clone(s.Plans)
	for i := range s.Plans {
		s.Plans[i].Thresholds = nil // an interim line is no share of its days
	}
	s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a taleAction) bool { return a.Do == "account_credit" })
	return s
}

// shared is the story with the share of the days as every choice.
func (s tale) shared() tale {
	s.Actions = slices.Clone(s.Actions)
	for i := range s.Actions {
		switch a := &s.Actions[i]; a.Do {
		case "change_plan", "change_quantity", "change_price":
			a.Credit, a.ChargeNew = "prorate", "prorate"
		case "cancel", "pause", "hold":
			a.Credit = "prorate"
		case "set_anchor":
			a.Proration = "prorate"
		}
	}
	return s
}

// judge compares the lines of a story with its days.
func (v *verdict) judge(t require.TestingT, id string, s tale) {
	p := replayed(t, s)
	all, _ := p.bills(t)
	o := newOracle(p)
	tallies := o.metered()
	seasons := o.seasons()
	for _, charge := range s.charges() {
		patches := o.due(charge)
		for _, season := range seasons {
			lines := o.lines(season, charge, all)
			if season.to.After(o.until) {
				continue
			}
			if reason := o.passes(season, charge); reason != "" {
				v.passed[reason]++
				continue
			}
			v.checked++
			if text := o.compare(season, charge, patches, tallies[charge], lines); text != "" {
				v.findings = append(v.findings, finding{story: id, charge: charge, traits: o.traits(season, charge, lines), text: text, tale: p.s})
			}
		}
		if text := o.strays(seasons, charge, tallies[charge], all); text != "" {
			v.findings = append(v.findings, finding{story: id, charge: charge, traits: []string{"a line in no period"}, text: text, tale: p.s})
		}
	}
}

func (o *oracle) digits() int {
	if o.s.Currency == "JPY" {
		return 0
	}
	return 2
}

// compare says what does not add up: the fees by the days, each line rounded; the usage
// by its counts, each rounded once.
func (o *oracle) compare(s season, charge string, patches []patch, tallies []*tally, lines []billing.Line) string {
	want, owed, count := new(big.Rat), int64(0), int64(0)
	unit := naiveRat("0.01", "")
	if o.digits() == 0 {
		unit = big.NewRat(1, 1)
	}
	for _, p := range patches {
		if o.within(s, p.from) {
			amount := new(big.Rat).Mul(p.rate, big.NewRat(o.length(p.from, p.to), 1))
			want.Add(want, amount)
			for _, days := range []int64{o.length(p.from, p.to), p.credited} {
				if new(big.Rat).Mul(p.rate, big.NewRat(days, 1)).Cmp(unit) < 0 { // a line of zero is not listed
					count++
				}
			}
		}
	}
	for _, t := range tallies {
		if o.within(s, t.from) {
			owed += o.owes(t, o.digits())
		}
	}
	for range o.digits() {
		want.Mul(want, big.NewRat(10, 1))
	}
	fees, used := int64(0), int64(0)
	for _, l := range lines {
		if l.Kind == billing.UsageLine {
			used += l.Amount.Minor()
			continue
		}
		fees += l.Amount.Minor()
		count++
	}
	slack := big.NewRat(count, 2)
	if slices.Contains([]string{"up", "down", "floor", "ceiling"}, o.s.Rounding) {
		slack = big.NewRat(count, 1)
	}
	off := new(big.Rat).Sub(want, big.NewRat(fees, 1))
	if off.Abs(off).Cmp(slack) <= 0 && used == owed {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s..%s: the lines of %s are %d and %d of usage; its days are %s, its usage %d\n", o.show(s.from), o.show(s.to), charge, fees, used, want.FloatString(2), owed)
	for _, p := range patches {
		if o.within(s, p.from) {
			fmt.Fprintf(&out, "    days %s..%s at %s\n", o.show(p.from), o.show(p.to), p.rate.FloatString(5))
		}
	}
	for _, t := range tallies {
		if o.within(s, t.from) {
			fmt.Fprintf(&out, "    %s units in %s..%s, of which %s was lived, cost %d\n", t.units.FloatString(2), o.show(t.start), o.show(t.end), t.lived.FloatString(3), o.owes(t, o.digits()))
		}
	}
	for _, l := range lines {
		fmt.Fprintf(&out, "    line %s..%s %s %d\n", o.show(l.From), o.show(l.To), l.Kind, l.Amount.Minor())
	}
	return out.String()
}

// strays compares what lies outside of all seasons: usage that nothing follows.
func (o *oracle) strays(seasons []season, charge string, tallies []*tally, all []billing.Invoice) string {
	inside := func(t time.Time) bool {
		return slices.ContainsFunc(seasons, func(s season) bool { return o.within(s, t) })
	}
	got, want := int64(0), int64(0)
	for _, inv := range all {
		for _, l := range inv.Lines {
			if l.Charge == charge && (l.Kind == billing.ChargeLine || l.Kind == billing.UsageLine || l.Kind == billing.CreditLine) && !l.To.IsZero() && !inside(l.From) && o.counts(l) {
				got += l.Amount.Minor()
			}
		}
	}
	for _, t := range tallies {
		if !inside(t.from) {
			want += o.owes(t, o.digits())
		}
	}
	if got == want {
		return ""
	}
	return fmt.Sprintf("the lines of %s that begin in no period are %d, not %d\n", charge, got, want)
}

func (o *oracle) show(t time.Time) string {
	return strings.TrimSuffix(t.In(o.loc).Format("2006-01-02T15:04:05"), "T00:00:00")
}

// passes says why a season of a charge cannot be compared: what the rules leave open, or
// what would need the lines themselves.
func (o *oracle) passes(s season, charge string) string {
	var choices, equal, restepped, whole, moved, extended, arrears, again, list, shares, free, ahead int
	for _, k := range s.spans {
		span := o.spans[k]
		if item, ok := o.segs[span.seg].Phase().Charge(charge); ok && item.Timing() == plan.Arrears {
			arrears++
		}
		if span.stub {
			free++
		}
	}
	for _, i := range s.segs {
		seg := o.segs[i]
		if seg.opened.Kind == subscription.AnchorSet && o.segs[i-1].Billable() && seg.Billable() {
			moved++
			if policy, _ := seg.opened.Policy(); policy.ChangeCredit == plan.CreditNone {
				choices++
			}
		}
		if inside.Effects(&seg.opened).Extended {
			extended++
		}
		if seg.opened.Scheduled() && seg.inside {
			shares++
		}
		if !seg.inside || !o.cuts(i, charge) {
			continue
		}
		credit, charged := o.choices(i)
		if arrears > 0 && whole > 0 {
			again++
		}
		if credit != plan.CreditProrate || charged != plan.ChargeProrate {
			choices++
			if before := o.segs[i-1]; inside.Effects(&before.opened).NewGrid && before.cut.After(before.From()) && !seg.cut.After(before.cut) {
				ahead++
			}
		}
		if o.changesPlan(i) && !inside.Effects(&seg.opened).NewGrid && seg.Version() == o.segs[i-1].Segment.Version() {
			equal++
		}
		if credit == plan.CreditFull || charged == plan.ChargeFull {
			whole++
		}
	}
	for _, i := range s.segs {
		if free > 0 && o.segs[i].Billable() && o.segs[i-1].Billable() && o.segs[i].Phase().Every() != o.segs[i-1].Phase().Every() && !inside.Effects(&o.segs[i].opened).NewGrid {
			restepped++
		}
	}
	if o.s.Policy.CreditBasis == "list" {
		list++
	}
	switch {
	case moved > 0 && arrears > 0:
		return "rule 16: by which grid arrears cost that an anchor moved under, is not said"
	case moved > 0 && free > 0:
		return "rules 16 and 18: what becomes of a first period whose anchor moves, is not said"
	case moved > 0 && choices > 0:
		return "rules 6 and 16: what an anchor adds to a part that was charged by another choice is a share all the same"
	case ahead > 0:
		return "rules 1 and 19: what a choice leaves of a period that was billed before its first day came is told by its line"
	case restepped > 0:
		return "rule 18: what is left of a first period when another step begins in it, is not said"
	case extended > 0 && o.s.Policy.Basis == "day_30":
		return "rule 19: an extension moves civil days, day_30 counts others"
	case extended > 0 && whole > 0:
		return "rule 6: what a line of an extended period holds is told by its line"
	case again > 0:
		return "rules 5 and 6: what arrears cost that are charged in full and cut short again, is not said"
	case equal > 0 && choices > 0:
		return "rule 5: whether a change to the same plan with a quantity ends every charge, is not said"
	case choices > 0 && o.known(s):
		return "rule 4: a known cut beside a choice other than a share"
	case choices > 1 && whole > 0:
		return "rule 6: several choices in one period, one of them full"
	case choices > 0 && arrears > 0 && arrears < len(s.spans):
		return "rule 5: advance and arrears in one period by a choice other than a share"
	case choices > 0 && list > 0:
		return "rule 20: a choice other than a share by the list basis"
	}
	return ""
}

// known reports whether a cut that shares what it cuts was scheduled for a date in the
// season, or may have been. What was billed before it is told by its lines.
func (o *oracle) known(s season) bool {
	for _, a := range o.s.Actions {
		shares := naiveOr(a.Credit, map[bool]string{true: "prorate", false: "none"}[strings.HasPrefix(a.Do, "change_")]) == "prorate"
		if a.dated() && shares && !o.s.instant(a.At).After(s.to) && !s.from.After(o.s.instant(a.Effective)) && !o.s.instant(a.Effective).After(s.to) {
			return true
		}
	}
	return slices.ContainsFunc(s.spans, func(k int) bool {
		seg := o.segs[o.spans[k].seg]
		length, ok := seg.Version().Length()
		return !seg.Phase().Length().IsZero() || ok && !length.Interval.IsZero()
	})
}

// manyStories are those of the golden file, and of each class the first ones that its menu
// tells, whatever their features.
func manyStories(t require.TestingT) []told {
	all, err := readStories(storiesBefore)
	require.NoError(t, err)
	for _, c := range classes() {
		for seed := range uint64(40) {
			all = append(all, told{id: fmt.Sprintf("%s menu/%d", c.name, seed), tale: c.menu.tale(seeded{rand.NewPCG(seed, 1000)}).s})
		}
	}
	return all
}

func TestTheLinesOfRandomStoriesAddUpToTheirDays(t *testing.T) {
	t.Parallel()
	v := verdict{passed: map[string]int{}}
	for _, story := range manyStories(t) {
		s := story.tale.priced()
		v.judge(t, story.id, s)
		v.judge(t, story.id+" shared", s.shared())
	}
	require.True(t, len(v.findings) == 0, v.report())
}

func TestTheLinesOfPlainStoriesAddUpToTheirDays(t *testing.T) {
	t.Parallel()
	all, err := readStories(storiesBefore)
	require.NoError(t, err)
	v := verdict{passed: map[string]int{}}
	for _, story := range all {
		// What this build bills for usage of a part of no length, the others tell.
		if s := story.tale.priced(); strings.HasPrefix(story.id, "plain") && !slices.Contains(story.features, "usage") {
			v.judge(t, story.id, s)
			v.judge(t, story.id+" shared", s.shared())
		}
	}
	require.True(t, len(v.findings) == 0, v.report())
	require.Greater(t, v.checked, 30_000)
}

func TestTheLinesOfADrawnStoryAddUpToItsDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := verdict{passed: map[string]int{}}
		s := randomTale(t).s.priced()
		if strings.Contains(s.Aggregations["calls"], " ") {
			return // the oracle counts records, and knows no level between them: the naive engine does
		}
		if s.countsOver() {
			return // nor does it count beyond a period: the naive engine does
		}
		if s.Policy.FirstInvoice == "with_period" || s.pricesParts() {
			return // nor does it know lines of a part of a period: the naive engine does
		}
		if s.byDimensions() {
			return // nor does it divide them by properties: the naive engine does
		}
		// Nor does it spread what is left of a period: the naive engine does.
		s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a taleAction) bool { return a.Do == "set_next_billing" })
		s.Plans = slices.Clone(s.Plans)
		for i := range s.Plans {
			s.Plans[i].SpendCap = nil // nor does it know caps, which change nothing else: see naive_cap_test.go
		}
		v.judge(t, "drawn", s)
		require.True(t, len(v.findings) == 0, v.report())
	})
}
