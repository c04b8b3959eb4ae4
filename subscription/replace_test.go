package subscription_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
)

// What a call replaces is judged as if it had been undone first.
func TestAReplacingCallIsJudgedAsIfWhatItReplacesHadBeenUndone(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what, begun, steps, undone, last string
		err                              error
	}{
		{
			what: "another plan behind the end that the first one had kept off", begun: "three",
			steps: "2026-03-10 plan large at-end", undone: "2026-03-11 undo-change",
			last: "2026-03-12 plan large on 2026-04-10, replace", err: lifecycle.ErrEnding,
		},
		{
			what: "another plan at that end", begun: "three",
			steps: "2026-03-10 plan large at-end", undone: "2026-03-11 undo-change",
			last: "2026-03-12 plan month at-end, replace",
		},
		{
			what: "a change behind a cancellation that stays", begun: "month",
			steps: "2026-01-10 quantity 2 on 2026-01-20;2026-01-11 cancel on 2026-02-10", undone: "2026-01-11 undo-change",
			last: "2026-01-12 quantity 3 on 2026-02-20, replace", err: lifecycle.ErrEnding,
		},
		{
			what: "a later cancellation", begun: "month",
			steps: "2026-01-10 cancel on 2026-01-20", undone: "2026-01-11 undo-cancel",
			last: "2026-01-12 cancel on 2026-03-20, replace",
		},
		{
			what: "a later pause", begun: "month",
			steps: "2026-01-10 pause on 2026-01-20", undone: "2026-01-11 undo-pause",
			last: "2026-01-12 pause on 2026-02-20, replace",
		},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s, err := tell(t, opened(t, row.begun), row.steps)
			require.NoError(t, err)
			replaced, err := tell(t, s, row.last)
			require.ErrorIs(t, err, row.err)
			undone, errUndone := tell(t, s, row.undone)
			require.NoError(t, errUndone)
			undone, errUndone = tell(t, undone, row.last)
			require.ErrorIs(t, errUndone, row.err)
			if row.err != nil {
				require.Equal(t, bytesOf(t, s), bytesOf(t, replaced))
				return
			}
			for _, when := range []string{"2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15"} {
				want, err := undone.State(at(when))
				require.NoError(t, err)
				got, err := replaced.State(at(when))
				require.NoError(t, err)
				require.Equal(t, want, got, when)
				require.Equal(t, undone.Plan(at(when)).Ref(), replaced.Plan(at(when)).Ref(), when)
			}
		})
	}
}

// A plan that guards the immediate cancellation guards the period into which the date
// of a cancellation falls, whichever that is.
func TestACancellationOnADateIsGuardedInThePeriodThatItWouldCutOff(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		begun, steps, last string
		err                error
	}{
		{"guarded", "", "2026-01-10 cancel on 2026-01-20, subscriber", lifecycle.ErrImmediateCancel},
		{"guarded", "", "2026-01-10 cancel on 2026-02-01, subscriber", nil},
		{"guarded", "", "2026-01-10 cancel on 2026-03-20, subscriber", lifecycle.ErrImmediateCancel},
		{"guarded", "", "2026-01-10 cancel on 2026-04-01, subscriber", nil},
		{"guarded", "", "2026-01-10 cancel on 2026-03-20", nil},
		{"guarded", "2026-01-10 anchor 2026-01-20", "2026-01-11 cancel on 2026-03-01, subscriber", lifecycle.ErrImmediateCancel},
		{"guarded", "2026-01-10 anchor 2026-01-20", "2026-01-11 cancel on 2026-03-20, subscriber", nil},
		{"guarded", "2026-01-10 pause on 2026-02-10", "2026-01-11 cancel on 2026-02-20, subscriber", lifecycle.ErrImmediateCancel},
		{"guarded", "2026-01-10 pause on 2026-02-10", "2026-01-11 cancel on 2026-03-20, subscriber", nil},
		{"guarded 2026-01-10 2026-01-10 2026-01-02", "", "2026-01-03 cancel on 2026-01-09, subscriber", nil},
		{"guarded 2026-01-10 2026-01-10 2026-01-02", "", "2026-01-03 cancel on 2026-01-20, subscriber", lifecycle.ErrImmediateCancel},
		{"guarded 2026-01-10 2026-01-10 2026-01-02", "", "2026-01-03 cancel on 2026-02-10, subscriber", nil},
	} {
		s, err := tell(t, opened(t, row.begun), row.steps)
		require.NoError(t, err)
		_, err = tell(t, s, row.last)
		require.ErrorIs(t, err, row.err, "%s: %s; %s", row.begun, row.steps, row.last)
	}
}
