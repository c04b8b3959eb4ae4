package billing_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// traits name what a season holds of what rules are about.
func (o *oracle) traits(s season, charge string, lines []billing.Line) []string {
	m := marks{}
	for _, l := range lines {
		m.add(!l.To.After(l.From), "a line of no length")
	}
	days := map[time.Time]bool{}
	for _, k := range s.spans {
		span := o.spans[k]
		m.add(span.stub, "stub "+o.s.Sub.FirstPeriod)
		if item, ok := o.segs[span.seg].Phase().Charge(charge); ok {
			m.add(item.Metric() != "", "usage")
			m.add(item.Metric() == "" && item.Timing() == plan.Arrears, "arrears")
		}
	}
	for _, i := range s.segs {
		seg := o.segs[i]
		if seg.opened.Kind == subscription.Recorded || seg.opened.Kind == subscription.Started {
			continue
		}
		day := naiveDay(seg.From(), o.loc)
		m.add(days[day], "same day")
		days[day] = true
		m.add(true, string(seg.opened.Kind))
		m.add(inside.Effects(&seg.opened).NewGrid, string(seg.opened.Kind)+" on a new grid")
		m.add(inside.Effects(&seg.opened).Extended, "extended")
		m.add(seg.inside && seg.opened.Scheduled(), "scheduled")
		m.add(seg.inside && o.s.Policy.ChangeDay != "", o.s.Policy.ChangeDay)
		if seg.inside {
			credit, again := o.choices(i)
			m.add(credit != plan.CreditProrate, "credit "+string(credit))
			m.add(again != plan.ChargeProrate, "charge "+string(again))
		}
	}
	return slices.Sorted(maps.Keys(m))
}

// report says what was found, by traits, and the smallest story of each.
func (v *verdict) report() string {
	var out strings.Builder
	stories := map[string]bool{}
	groups := map[string][]finding{}
	for _, f := range v.findings {
		stories[f.story] = true
		key := strings.Join(f.traits, ", ")
		groups[key] = append(groups[key], f)
	}
	fmt.Fprintf(&out, "%d findings in %d stories; %d seasons of charges checked\n", len(v.findings), len(stories), v.checked)
	for _, reason := range slices.Sorted(maps.Keys(v.passed)) {
		fmt.Fprintf(&out, "%5d passed over: %s\n", v.passed[reason], reason)
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), strings.Compare(a, b))
	})
	for _, key := range keys {
		fmt.Fprintf(&out, "%5d %s: %s\n", len(groups[key]), key, groups[key][0].story)
	}
	if len(v.findings) > 0 {
		least := slices.MinFunc(v.findings, func(a, b finding) int {
			return cmp.Or(cmp.Compare(len(a.tale.Actions), len(b.tale.Actions)), cmp.Compare(len(a.tale.String()), len(b.tale.String())))
		})
		fmt.Fprintf(&out, "the smallest, %s (%s): %s%s\n", least.story, strings.Join(least.traits, ", "), least.text, least.tale)
	}
	return out.String()
}
