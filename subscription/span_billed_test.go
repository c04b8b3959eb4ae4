package subscription_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each segment is told as kind, ordinal, reach, whether its invoice is whole, and
// whether a grid began.
func TestASegmentKnowsItsPeriodAndHowFarTheLifeBeforeItIsPaid(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ what, begun, steps, want string }{
		{"the first period", "month", "", "started 0 - whole"},
		{"a first part", "month 2026-01-10 2026-02-01", "", "started 0 - part"},
		{"a trial", "trial", "", "trial_began -1 - part, trial_ended 0 - whole"},
		{"made before the start", "month 2026-01-10 2026-01-10 2026-01-02", "", "created -1 - part, started 0 - whole"},
		{
			"boundaries count", "month", "2026-03-10 quantity 2",
			"started 0 - whole, changed 2 04-01 whole",
		},
		{"what feeds only opens nothing", "month", "2026-03-10 discount d", "started 0 - whole"},
		{
			"a command on a boundary finds the next period billed", "month", "2026-02-01 quantity 2",
			"started 0 - whole, changed 1 03-01 whole",
		},
		{
			"what was scheduled for a boundary does not", "month", "2026-01-10 quantity 2 at-end",
			"started 0 - whole, recorded 0 02-01 part, changed 1 02-01 whole",
		},
		{
			"a scheduled change in mid-period", "month", "2026-01-10 quantity 2 on 2026-02-10",
			"started 0 - whole, recorded 0 02-01 part, changed 1 03-01 part",
		},
		{
			"a reset", "month", "2026-01-10 quantity 2, reset",
			"started 0 - whole, changed 1 02-01 whole new grid",
		},
		{
			"a reset that waits", "month", "2026-01-10 quantity 2, reset wait",
			"started 0 - whole, changed 1 02-01 part new grid",
		},
		{
			"a reset on a boundary begins after the renewal", "month", "2026-02-01 quantity 2, reset",
			"started 0 - whole, changed 2 03-01 whole new grid",
		},
		{
			"a scheduled reset on a boundary is one opening", "month", "2026-01-10 quantity 2 at-end, reset",
			"started 0 - whole, recorded 0 02-01 part, changed 1 02-01 whole new grid",
		},
		{
			"another step", "month", "2026-01-10 plan week",
			"started 0 - whole, changed 1 02-01 part grid",
		},
		{
			"another step on a boundary is one opening", "month", "2026-01-10 plan week at-end",
			"started 0 - whole, recorded 0 02-01 part, changed 1 02-01 part grid",
		},
		{
			"a phase with another step", "weeks-first", "",
			"started 0 - part, phase_began 2 01-15 whole grid",
		},
		{"a phase in mid-period", "ten-days-first", "", "started 0 - part, phase_began 0 02-01 part"},
		{
			"a pause and back", "month", "2026-01-10 pause;2026-01-20 resume;2026-02-20 quantity 2",
			"started 0 - whole, paused 0 02-01 part, resumed 0 02-01 whole, changed 1 03-01 whole",
		},
		{
			"a pause and back with arrears", "both", "2026-01-10 pause;2026-01-20 resume",
			"started 0 - whole, paused 0 02-01 part, resumed 0 02-01 part",
		},
		{
			"a pause over boundaries opens one", "month", "2026-01-10 pause;2026-04-20 resume;2026-05-01 quantity 2",
			"started 0 - whole, paused 0 02-01 part, resumed 1 02-01 part, changed 2 06-01 whole",
		},
		{
			"a resume on the very boundary", "month", "2026-01-10 pause;2026-02-01 resume",
			"started 0 - whole, paused 0 02-01 part, resumed 1 02-01 whole",
		},
		{
			"a resume with a reset", "month", "2026-01-10 pause;2026-01-20 resume, reset",
			"started 0 - whole, paused 0 02-01 part, resumed 1 02-01 whole new grid",
		},
		{
			"a resume that extends", "month", "2026-01-10 pause;2026-01-20 resume, extend",
			"started 0 - whole, paused 0 02-01 part, resumed 0 02-01 part",
		},
		{
			"a hold", "month", "2026-01-10 hold;2026-01-20 release",
			"started 0 - whole, held 0 02-01 part, released 0 02-01 whole",
		},
		{
			"another step in a pause", "weeks-first", "2026-01-03 pause;2026-01-04 plan month on 2026-01-05;2026-01-06 resume",
			"ErrPaused",
		},
		{
			"an anchor", "month", "2026-01-10 anchor 2026-01-20",
			"started 0 - whole, anchor_set 0 02-01 part",
		},
		{
			"an anchor and the period after it", "month", "2026-01-10 anchor 2026-01-20;2026-01-25 quantity 2",
			"started 0 - whole, anchor_set 0 02-01 part, changed 1 02-20 whole",
		},
		{
			"cancelled and taken back", "month", "2026-01-10 cancel;2026-01-12 reactivate",
			"started 0 - whole, ended 0 02-01 part, reactivated 0 02-01 whole",
		},
		{
			"begun anew", "month", "2026-01-10 cancel, credit;2026-01-12 reactivate",
			"started 0 - whole, ended 0 02-01 part, reactivated 1 02-01 whole new grid",
		},
		{
			"ended at a boundary", "month", "2026-01-10 cancel at-end;2026-02-01 reactivate",
			"started 0 - whole, recorded 0 02-01 part, ended 0 02-01 part, reactivated 1 02-01 whole new grid",
		},
		{
			"paused at a boundary", "month", "2026-01-10 pause at-end until 2026-02-01T06:00:00Z",
			"started 0 - whole, recorded 0 02-01 part, paused 0 02-01 part, resumed 1 02-01 part",
		},
		{
			"a change of a charge in advance", "both", "2026-01-10 price fee-30 40",
			"started 0 - whole, changed 0 02-01 whole",
		},
		{
			"a change of a charge in arrears", "both", "2026-01-10 price fee-7 8",
			"started 0 - whole, changed 0 02-01 part",
		},
		{
			"a change that waits", "month", "2026-01-10 quantity 2, wait;2026-01-11 quantity 3;2026-02-11 quantity 4",
			"started 0 - whole, changed 0 02-01 part, changed 0 02-01 part, changed 1 03-01 whole",
		},
		{
			"what was foreseen and taken back", "month", "2026-01-10 cancel on 2026-01-20;2026-01-11 undo-cancel",
			"started 0 - whole, recorded 0 02-01 part, recorded 0 02-01 part",
		},
		{
			"the reach is the furthest", "month", "2026-01-10 anchor 2026-01-12;2026-01-11 quantity 2",
			"started 0 - whole, anchor_set 0 02-01 part, changed 0 02-01 part",
		},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s, err := tell(t, opened(t, row.begun), row.steps)
			if row.want == "ErrPaused" {
				require.ErrorContains(t, err, "paused")
				return
			}
			require.NoError(t, err)
			var all []string
			for i := range s.Segments() {
				g := s.Segment(i)
				opened := g.Opened()
				text := fmt.Sprintf("%s %d %s", opened.Kind, inside.Ordinal(g), day(inside.ReachedBefore(g)))
				if inside.RenewsWhole(g) {
					text += " whole"
				} else {
					text += " part"
				}
				if inside.Effects(&opened).NewGrid {
					text += " new"
				}
				if inside.Effects(&opened).Regrids {
					text += " grid"
				}
				all = append(all, text)
			}
			require.Equal(t, row.want, strings.Join(all, ", "))
		})
	}
}
