package subscription_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What begins or goes on where billed time was divided, by the rules of cuts: each
// row tells the period that runs at an instant, and the instant at which the phase
// or the subscription ends.
func TestWhatACutDividesBeginsAtTheCut(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ what, begun, steps, at, want string }{
		// The length of a pause counts from its cut.
		{
			"a pause of 9 days from the cut of its day", "month",
			"2026-01-11 pause, old;2026-01-21 resume, extend", "2026-01-21", "active [01-01, 02-10)",
		},
		{
			"a pause of 10 days, its day on the new side", "month",
			"2026-01-11T06:00:00Z pause;2026-01-21 resume, extend", "2026-01-21", "active [01-01, 02-11)",
		},
		{
			"a pause that is over before its cut", "month",
			"2026-01-11T06:00:00Z pause, old;2026-01-11T18:00:00Z resume, extend", "2026-01-11T18:00:00Z", "active [01-01, 02-01)",
		},
		{
			"a pause by the second", "month",
			"2026-01-11T06:00:00Z pause, second;2026-01-11T18:00:00Z resume, extend second", "2026-01-11T18:00:00Z", "active [01-01, 02-01T12:00)",
		},
		{
			"a hold", "month",
			"2026-01-11 hold, old;2026-01-21 release, extend", "2026-01-21", "active [01-01, 02-10)",
		},
		{
			"a pause on the day on which the period ends", "month 2026-01-08T04:00:00Z",
			"2026-02-08 pause;2026-03-01T10:00:00Z resume, extend", "2026-03-01T10:00:00Z", "active [03-01T10:00, 04-01T04:00)",
		},
		{
			"a pause on the day on which the period ends, its day on the old side", "month 2026-01-08T04:00:00Z",
			"2026-02-08 pause, old;2026-03-01T10:00:00Z resume, extend", "2026-03-01T10:00:00Z", "active [03-01T10:00, 04-01T04:00)",
		},

		// A phase and a length that a change begins.
		{
			"a phase begins at the cut", "month",
			"2026-01-10T15:00:00Z plan ten-days-first", "2026-01-10T15:00:00Z", "active [01-01, 02-01); next 01-20",
		},
		{
			"a phase begins at the cut, the day on the old side", "month",
			"2026-01-10T15:00:00Z plan ten-days-first, old", "2026-01-10T15:00:00Z", "active [01-01, 02-01); next 01-21",
		},
		{
			"a phase by the second", "month",
			"2026-01-10T15:00:00Z plan ten-days-first, second", "2026-01-10T15:00:00Z", "active [01-01, 02-01); next 01-20T15:00",
		},
		{
			"a length begins at the cut", "month",
			"2026-01-10T15:00:00Z plan ten-days, old", "2026-01-10T15:00:00Z", "non_renewing [01-01, 02-01); next 01-21",
		},
		{
			"on a boundary nothing is moved", "month",
			"2026-01-10 plan ten-days-first at-end, old", "2026-02-01", "active [02-01, 03-01); next 02-11",
		},
		{
			"not behind the start", "month 2026-01-10T06:00:00Z",
			"2026-01-10T15:00:00Z plan ten-days-first", "2026-01-10T15:00:00Z", "active [01-10T06:00, 02-10T06:00); next 01-20T06:00",
		},
		{
			"not beyond the end of the period", "month 2026-01-08T04:00:00Z",
			"2026-02-08 plan ten-days-first, old", "2026-02-08", "active [01-08T04:00, 02-08T04:00); next 02-18T04:00",
		},
		{
			"a phase that a reset reaches begins at the cut", "month-then-ten-days",
			"2026-01-10T15:00:00Z quantity 2, reset old", "2026-01-11", "active [01-11, 02-11); next 01-21",
		},
		{
			"a phase of a plan that a reset begins on the day of the start begins at the cut", "month 2026-01-10T06:00:00Z",
			"2026-01-10T15:00:00Z plan ten-days-first, reset", "2026-01-10T15:00:00Z", "active [01-10, 02-10); next 01-20",
		},

		{
			"a phase that the second of two changes of an instant begins, the first to another step", "month",
			"2026-01-10T15:00:00Z plan week;2026-01-10T15:00:00Z plan ten-days-first", "2026-01-10T15:00:00Z", "active [01-10, 02-01); next 01-20",
		},
		{
			"a period of another step", "month",
			"2026-01-10T15:00:00Z plan week", "2026-01-10T15:00:00Z", "active [01-10, 01-15)",
		},

		// The second of two changes at a boundary: what ended there ended for both.
		{
			"after a plan in which nothing recurs", "month 2026-01-08T04:00:00Z",
			"2026-02-01 plan none-for-ten-days at-end;2026-02-01 plan ten-days-first on 2026-02-08T04:00:00Z, old",
			"2026-02-08T04:00:00Z", "active [02-08T04:00, 03-08T04:00); next 02-18T04:00",
		},
		{
			"a pause after a plan in which nothing recurs", "month 2026-01-08T04:00:00Z",
			"2026-02-01 plan none-for-ten-days at-end;2026-02-01 pause at-end, old;2026-02-08T05:00:00Z cancel;2026-02-08T06:00:00Z reactivate",
			"2026-02-08T06:00:00Z", "active [-, -); next 02-18T06:00",
		},

		// A new period on the day of its cut.
		{
			"a reset", "month",
			"2026-01-10T15:00:00Z quantity 2, reset old", "2026-01-10T15:00:00Z", "active [01-11, 02-11)",
		},
		{
			"a reset not beyond the end of the period", "month 2026-01-08T04:00:00Z",
			"2026-02-08 quantity 2, reset old", "2026-02-08", "active [02-08T04:00, 03-08T04:00)",
		},
		{
			"resumed anew on the day of the pause", "month",
			"2026-01-10T06:00:00Z pause, old;2026-01-10T18:00:00Z resume, reset", "2026-01-10T18:00:00Z", "active [01-11, 02-11)",
		},
		{
			"resumed anew after the day of the pause", "month",
			"2026-01-10T06:00:00Z pause, old;2026-01-11T18:00:00Z resume, reset", "2026-01-11T18:00:00Z", "active [01-11T18:00, 02-11T18:00)",
		},
		{
			"reactivated anew on the day of the cancellation", "month",
			"2026-01-10T06:00:00Z cancel, old credit;2026-01-10T18:00:00Z reactivate", "2026-01-10T18:00:00Z", "active [01-11, 02-11)",
		},
		{
			"cancelled in the pause and reactivated anew on its day", "month",
			"2026-01-10T06:00:00Z pause, old credit;2026-01-10T07:00:00Z cancel;2026-01-10T18:00:00Z reactivate", "2026-01-10T18:00:00Z", "active [01-11, 02-11)",
		},

		// Another step.
		{
			"a boundary of the new grid before the cut opens nothing", "month 2026-01-01T04:00:00Z",
			"2026-01-08 plan week, old", "2026-01-08", "active [01-09, 01-15T04:00)",
		},
		{
			"the new grid holds the instant", "month 2026-01-01T04:00:00Z",
			"2026-01-08 plan week", "2026-01-08", "active [01-08, 01-08T04:00)",
		},
		{
			"another step, not beyond the end of the period", "week 2026-01-01T04:00:00Z",
			"2026-01-08 plan month, old", "2026-01-08", "active [01-08T04:00, 02-01T04:00)",
		},

		// What was given back.
		{
			"taken back after a credit it begins anew", "month",
			"2026-01-10 cancel, credit;2026-01-20 reactivate", "2026-01-20", "active [01-20, 02-20)",
		},
		{
			"a cancellation credits nothing of what is free", "free",
			"2026-01-10 cancel, credit;2026-01-20 reactivate", "2026-01-20", "active [01-01, 02-01)",
		},
		{
			"nor on the period's last day", "month",
			"2026-01-31T06:00:00Z cancel, credit old;2026-01-31T18:00:00Z reactivate", "2026-01-31T18:00:00Z", "active [01-01, 02-01)",
		},
		{
			"nor a pause before it", "free",
			"2026-01-05 pause, credit;2026-01-06 resume;2026-01-10 cancel, kept;2026-01-20 reactivate", "2026-01-20", "active [01-01, 02-01)",
		},
		{
			"a change that takes away and charges nothing", "month",
			"2026-01-10 price fee-30 10, credit unbilled;2026-01-12 cancel, kept;2026-01-20 reactivate", "2026-01-20", "active [01-20, 02-20)",
		},
		{
			"a change of what is free credits nothing", "free",
			"2026-01-10 price fee-0 10, credit unbilled;2026-01-12 cancel, kept;2026-01-20 reactivate", "2026-01-20", "active [01-01, 02-01)",
		},
		{
			"a change that cuts no charge in advance credits nothing", "both",
			"2026-01-10 price fee-7 10, credit unbilled;2026-01-12 cancel, kept;2026-01-20 reactivate", "2026-01-20", "active [01-01, 02-01)",
		},
		{
			"a change to the same quantity credits nothing", "month",
			"2026-01-10 quantity 1, credit unbilled;2026-01-12 cancel, kept;2026-01-20 reactivate", "2026-01-20", "active [01-01, 02-01)",
		},
		{
			"cancelled in a pause, with credit, nothing is credited", "month",
			"2026-01-10 pause, kept;2026-01-12 cancel, credit;2026-01-20 reactivate", "2026-01-20", "active [01-01, 02-01)",
		},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s, err := tell(t, opened(t, row.begun), row.steps)
			require.NoError(t, err)
			snap, err := s.At(at(row.at))
			require.NoError(t, err)
			got := string(snap.State.Status()) + " [" + day(snap.Period.Start) + ", " + day(snap.Period.End) + ")"
			if strings.Contains(row.want, "next") {
				got += "; next " + day(s.Segment(s.SegmentAt(at(row.at))).To())
			}
			require.Equal(t, row.want, got)
		})
	}
}
