package billing_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/billing"
)

// group is the stories with the same suspect features.
type group struct {
	suspects []string
	stories  int
	ids      []string // of those that differ
	kinds    marks    // of the lines that differ
}

// grouped counts the differences: by suspect feature, and by the features that stories
// have together, so that each can be put down to a rule. With names it lists them all.
func grouped(all []told, found []difference, names bool) string {
	features := map[string]*group{}
	groups := map[string]*group{}
	of := func(in map[string]*group, key string, suspects []string) *group {
		if in[key] == nil {
			in[key] = &group{suspects: suspects, kinds: marks{}}
		}
		return in[key]
	}
	for _, t := range all {
		list := suspected(t.features)
		of(groups, strings.Join(list, " "), list).stories++
		for _, f := range list {
			of(features, f, nil).stories++
		}
	}
	for _, d := range found {
		list := suspected(d.features)
		g := of(groups, strings.Join(list, " "), list)
		g.ids = append(g.ids, d.id)
		for _, f := range list {
			features[f].ids = append(features[f].ids, d.id)
		}
		for _, line := range d.changed {
			for _, kind := range billing.LineKinds() {
				g.kinds.add(strings.Contains(line, " "+string(kind)+" "), string(kind))
			}
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "# %d of %d stories bill otherwise than before.\n", len(found), len(all))
	fmt.Fprintf(&out, "# By feature (a story may have several), with the rule that may be why:\n")
	for _, f := range slices.Sorted(maps.Keys(features)) {
		g := features[f]
		fmt.Fprintf(&out, "#   %-17s rule %-7s %4d of %4d\n", f, suspects[f], len(g.ids), g.stories)
	}
	fmt.Fprintf(&out, "# By all suspect features of a story, and the kinds of lines that differ:\n")
	list := slices.Collect(maps.Values(groups))
	slices.SortFunc(list, func(a, b *group) int {
		if n := len(a.suspects) - len(b.suspects); n != 0 {
			return n
		}
		return strings.Compare(strings.Join(a.suspects, " "), strings.Join(b.suspects, " "))
	})
	for _, g := range list {
		if len(g.ids) == 0 {
			continue
		}
		fmt.Fprintf(&out, "#   %s: %d of %d (%s)", naiveOr(strings.Join(g.suspects, " "), "none"), len(g.ids), g.stories,
			strings.Join(slices.Sorted(maps.Keys(g.kinds)), " "))
		if names {
			fmt.Fprintf(&out, ": %s", strings.Join(g.ids, " "))
		}
		out.WriteString("\n")
	}
	return out.String()
}
