package billing_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
)

// formatted is the story without what the format has no words for.
func (s tale) formatted() tale {
	s.Tax, s.Policy.Split, s.Sub.Agreed, s.Sub.EndDate = "", "", "", ""
	if s.Policy.ChangeDay == "more" {
		s.Policy.ChangeDay = "old"
	}
	s.Plans = slices.Clone(s.Plans)
	for i := range s.Plans {
		p := &s.Plans[i]
		p.TrialEnd, p.Length, p.LengthFrom, p.LastPeriod, p.Pack = "", nil, "", "", ""
	}
	beyond := []string{"hold", "release", "start_now", "set_end_date", "auto_renewal", "undo_pause", "undo_resume", "undo_change", "credit_pack"}
	s.Actions = slices.DeleteFunc(slices.Clone(s.Actions), func(a taleAction) bool { return slices.Contains(beyond, a.Do) })
	for i := range s.Actions {
		switch a := &s.Actions[i]; a.Do {
		case "resume":
			a.Effective = ""
		case "reactivate":
			a.To = ""
		}
	}
	return s
}

func TestANaiveEngineBillsManyStoriesTheSame(t *testing.T) {
	t.Parallel()
	type difference struct {
		told
		naive, engine string
	}
	var found []difference
	compared, odd, kinds := 0, 0, map[string]int{}
	for _, story := range manyStories(t) {
		p := replayed(t, story.tale.formatted())
		n := tell(p.s)
		if n.odd { // the format has no rule for it: see naive.odd
			odd++
			continue
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		compared++
		if naive, engine := showNaive(n.invoices), showEngine(all); naive != engine {
			kinds[strings.Join(suspected(p.features()), " ")]++
			found = append(found, difference{told{id: story.id, tale: p.s}, naive, engine})
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%d of %d stories, by their suspect features (%d more are odd):\n", len(found), compared, odd)
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), func(a, b string) int { return cmp.Or(cmp.Compare(kinds[b], kinds[a]), strings.Compare(a, b)) }) {
		fmt.Fprintf(&out, "%5d %s\n", kinds[kind], kind)
	}
	if len(found) > 0 {
		least := slices.MinFunc(found, func(a, b difference) int {
			return cmp.Or(cmp.Compare(len(a.tale.Actions), len(b.tale.Actions)), cmp.Compare(len(a.tale.String()), len(b.tale.String())))
		})
		fmt.Fprintf(&out, "the smallest, %s\nthe naive engine\n%sthe engine\n%s%s\n", least.id, least.naive, least.engine, least.tale)
	}
	require.True(t, len(found) == 0, out.String())
	require.Greater(t, compared, 10*odd)
}
