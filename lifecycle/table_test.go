package lifecycle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
)

// forEveryQuestion calls f with each valid state, action and actor, and with each combination of the
// standing facts that the cell asks about; the options of the call are none, each alone, or all.
func forEveryQuestion(f func(lifecycle.State, lifecycle.Action, lifecycle.Actor, lifecycle.Facts)) {
	for _, state := range sampleStates() {
		for _, action := range lifecycle.Words[lifecycle.Action]() {
			_, _, _, asks := lifecycle.Mentions(state.Status(), action)
			standing := asks.Standing()
			for _, actor := range lifecycle.Words[lifecycle.Actor]() {
				for facts := standing; ; facts = (facts - 1) & standing {
					options := asks &^ standing
					f(state, action, actor, facts)
					f(state, action, actor, facts|options)
					for rest := options; rest != 0; rest &= rest - 1 {
						f(state, action, actor, facts|rest&-rest)
					}
					if facts == 0 {
						break
					}
				}
			}
		}
	}
}

func TestEveryCellIsDecidedOnce(t *testing.T) {
	t.Parallel()
	require.NoError(t, lifecycle.Faults())
}

func TestCompiledTableFitsItsRoom(t *testing.T) {
	t.Parallel()
	used, room := lifecycle.FoldedRoom()
	require.LessOrEqual(t, used, room)
}

func TestPrintedTableHasAPhraseForWhatIsAskedAndNoOther(t *testing.T) {
	t.Parallel()
	// That a pause or a resume is scheduled by the length alone, and the like, is never asked.
	require.Subset(t, []string{"it ends by no_renewal", "it ends by length", "it ends by end_date"}, lifecycle.Unmentioned())
	require.NotContains(t, lifecycle.Reference(), "lifecycle:", "a reason without its name in Go")
}

func TestEveryAnswerIsAnEffectOrARefusal(t *testing.T) {
	t.Parallel()
	forEveryQuestion(func(s lifecycle.State, a lifecycle.Action, by lifecycle.Actor, f lifecycle.Facts) {
		out, err := lifecycle.Decide(s, a, by, f)
		if err != nil {
			if out != (lifecycle.Outcome{}) {
				t.Fatalf("%s while %s: refused with an outcome", a, s)
			}
			return
		}
		single := out.Effect == lifecycle.Unchanged || out.Effect == lifecycle.Recorded || out.Effect == lifecycle.Changed
		switch {
		case !out.Effect.IsValid(), out.To.Len() == 0, single && out.To.Len() != 1,
			(out.Effect == lifecycle.Unchanged || out.Effect == lifecycle.Recorded) && !out.To.Has(s.Status()),
			out.Drops&^s.Scheduled() != 0:
			t.Fatalf("%s while %s: %+v", a, s, out)
		}
	})
}

func TestEveryStatusIsReachedAndLeft(t *testing.T) {
	t.Parallel()
	reached, left := map[lifecycle.Status]bool{}, map[lifecycle.Status]bool{}
	var back []lifecycle.Action
	forEveryQuestion(func(s lifecycle.State, a lifecycle.Action, by lifecycle.Actor, f lifecycle.Facts) {
		out, err := lifecycle.Decide(s, a, by, f)
		if err != nil {
			return
		}
		for to := range out.To.All() {
			if to != s.Status() {
				reached[to], left[s.Status()] = true, true
				if to == lifecycle.Future && !slices.Contains(back, a) {
					back = append(back, a)
				}
			}
		}
	})
	for _, s := range lifecycle.Words[lifecycle.Status]() {
		require.True(t, left[s], "%s is never left", s)
		require.True(t, reached[s], "%s is never reached", s)
	}
	require.Equal(t, []lifecycle.Action{lifecycle.Reactivate}, back, "nothing else goes back before its start")
}

func TestEveryLiveStatusCanEndAndEveryActionIsOfUse(t *testing.T) {
	t.Parallel()
	used := map[lifecycle.Action]bool{}
	for _, state := range sampleStates() {
		allowed := lifecycle.Allowed(state, lifecycle.Operator, lifecycle.TrialAhead)
		for _, a := range allowed {
			used[a] = true
		}
		if state.Status() != lifecycle.Cancelled {
			require.Contains(t, allowed, lifecycle.CancelNow)
			require.Contains(t, allowed, lifecycle.Close)
		}
	}
	for _, a := range lifecycle.Words[lifecycle.Action]() {
		require.True(t, used[a], "%s is never of use", a)
	}
}

func TestCancelledIsLeftOnlyByReactivationAndAClosedOneOnlyByAnOperators(t *testing.T) {
	t.Parallel()
	opened := 0
	forEveryQuestion(func(s lifecycle.State, a lifecycle.Action, by lifecycle.Actor, f lifecycle.Facts) {
		if s.Status() != lifecycle.Cancelled {
			return
		}
		out, err := lifecycle.Decide(s, a, by, f)
		if err != nil || out.To == lifecycle.SetOf(lifecycle.Cancelled) {
			return
		}
		opened++
		if a != lifecycle.Reactivate || s.Closed() && by != lifecycle.Operator {
			t.Fatalf("%s by %s leads from %s to %s", a, by, s, out.To)
		}
	})
	require.NotZero(t, opened)
}

func TestEveryRefusalNamesWhatIsAllowedInstead(t *testing.T) {
	t.Parallel()
	type key struct {
		status lifecycle.Status
		action lifecycle.Action
		actor  lifecycle.Actor
		reason error
	}
	seen := map[key]bool{}
	forEveryQuestion(func(s lifecycle.State, a lifecycle.Action, by lifecycle.Actor, f lifecycle.Facts) {
		_, err := lifecycle.Decide(s, a, by, f)
		if err == nil {
			return
		}
		k := key{s.Status(), a, by, errors.Unwrap(err)}
		if seen[k] {
			return
		}
		seen[k] = true
		var refusal *lifecycle.TransitionError
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, lifecycle.TransitionError{State: s, Action: a, Actor: by, Facts: f, Err: refusal.Err}, *refusal)
		instead := refusal.Instead()
		require.NotEmpty(t, instead)
		require.NotContains(t, instead, a)
		for _, other := range instead {
			require.Contains(t, err.Error(), other.String())
			_, err := lifecycle.Decide(s, other, by, f.Standing())
			if !errors.Is(err, lifecycle.ErrTrialUsed) {
				require.NoError(t, err, "offered instead of %s", a)
			}
		}
		require.Contains(t, err.Error(), "lifecycle: ")
		require.Contains(t, err.Error(), a.String()+" by "+by.String()+" while "+s.String())
	})
	reasons := map[error]bool{lifecycle.ErrInvalid: true}
	for k := range seen {
		reasons[k.reason] = true
	}
	for name, reason := range lifecycle.Reasons() {
		require.True(t, reasons[reason], "%s is never the reason", name)
	}
}

func TestOperatorBypassesPermissionsAndNeverStructure(t *testing.T) {
	t.Parallel()
	const permissions = lifecycle.ImmediateCancelDenied | lifecycle.PauseDenied | lifecycle.ResumeDenied | lifecycle.QuantityLocked
	bound := []error{
		lifecycle.ErrNotPermitted, lifecycle.ErrImmediateCancel, lifecycle.ErrQuantityLocked, lifecycle.ErrClosed,
	}
	forEveryQuestion(func(s lifecycle.State, a lifecycle.Action, _ lifecycle.Actor, f lifecycle.Facts) {
		out, err := lifecycle.Decide(s, a, lifecycle.Operator, f)
		free, freeErr := lifecycle.Decide(s, a, lifecycle.Operator, f&^permissions)
		if out != free || !errors.Is(err, errors.Unwrap(freeErr)) {
			t.Fatalf("%s while %s: a permission binds the operator (%v, %v)", a, s, err, freeErr)
		}
		// Whatever is structure is refused to both, for the same reason, unless a permission came first.
		mine, mineErr := lifecycle.Decide(s, a, lifecycle.Subscriber, f)
		switch {
		case err == nil && mineErr == nil:
			if out != mine {
				t.Fatalf("%s while %s: the outcome depends on the actor", a, s)
			}
		case err != nil && mineErr == nil:
			t.Fatalf("%s while %s: the operator is refused (%v) what the subscriber may do", a, s, err)
		case errors.Is(mineErr, errors.Unwrap(err)):
		case !slices.ContainsFunc(bound, func(reason error) bool { return errors.Is(mineErr, reason) }):
			t.Fatalf("%s while %s: %v for the subscriber only", a, s, mineErr)
		}
	})
}

func TestCancelGuardBindsBothActors(t *testing.T) {
	t.Parallel()
	cancels := []lifecycle.Action{lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate}
	for _, state := range sampleStates() {
		if state.Status() == lifecycle.Cancelled {
			continue
		}
		for _, by := range lifecycle.Words[lifecycle.Actor]() {
			for _, a := range cancels {
				_, err := lifecycle.Decide(state, a, by, lifecycle.CancelDenied)
				require.ErrorIs(t, err, lifecycle.ErrNotPermitted)
				_, err = lifecycle.Decide(state, a, by, lifecycle.DependentsLive)
				require.ErrorIs(t, err, lifecycle.ErrHasDependents)
				_, err = lifecycle.Decide(state, a, by, lifecycle.DependentsLive|lifecycle.CancelDenied)
				require.ErrorIs(t, err, lifecycle.ErrNotPermitted)
			}
		}
		_, err := lifecycle.Decide(state, lifecycle.Close, lifecycle.Operator, lifecycle.CancelDenied)
		require.NoError(t, err, "closing is the operator's way out")
	}
}

func TestWhatIsDroppedIsReported(t *testing.T) {
	t.Parallel()
	const everything = lifecycle.ScheduledCancel | lifecycle.ScheduledPause | lifecycle.ScheduledResume | lifecycle.ScheduledChange
	tests := []struct {
		action lifecycle.Action
		facts  lifecycle.Facts
		want   string
	}{
		{lifecycle.CancelNow, 0, "cancel, pause, resume, change"},
		{lifecycle.Close, 0, "cancel, pause, resume, change"},
		{lifecycle.CancelAtPeriodEnd, 0, "cancel, pause"},
		{lifecycle.CancelOnDate, lifecycle.Replaces, "cancel"},
		{lifecycle.CancelOnDate, lifecycle.Replaces | lifecycle.EndsInPeriod, "cancel, pause"},
		{lifecycle.PauseNow, 0, "pause"},
		{lifecycle.ChangePlanNow, 0, "none"},
		{lifecycle.AutoRenewalOff, 0, "none"},
	}
	for _, tt := range tests {
		full := lifecycle.MustState(lifecycle.Active, 0, 0, everything)
		out, err := lifecycle.Decide(full, tt.action, lifecycle.Operator, tt.facts)
		require.NoError(t, err)
		require.Equal(t, tt.want, out.Drops.String(), "%s with %s", tt.action, tt.facts)

		bare := lifecycle.MustState(lifecycle.Active, 0, 0, 0)
		out, err = lifecycle.Decide(bare, tt.action, lifecycle.Operator, tt.facts)
		require.NoError(t, err)
		require.Zero(t, out.Drops, "%s: nothing was scheduled", tt.action)
	}
}

func TestAllowedListsWhatDecideAllowsAndWouldDoSomething(t *testing.T) {
	t.Parallel()
	for i, state := range sampleStates() {
		facts := lifecycle.Facts(i*2654435761) & (1<<factCount - 1)
		for _, by := range lifecycle.Words[lifecycle.Actor]() {
			var want []lifecycle.Action
			for _, a := range lifecycle.Words[lifecycle.Action]() {
				if out, err := lifecycle.Decide(state, a, by, facts); err == nil && out.Effect != lifecycle.Unchanged {
					want = append(want, a)
				}
			}
			require.Equal(t, want, lifecycle.Allowed(state, by, facts))
		}
	}
}

func TestWhatIsInvalidIsRefused(t *testing.T) {
	t.Parallel()
	active := lifecycle.MustState(lifecycle.Active, 0, 0, 0)
	tests := []struct {
		state  lifecycle.State
		action lifecycle.Action
		actor  lifecycle.Actor
		want   string
	}{
		{lifecycle.State{}, lifecycle.Update, lifecycle.Operator, "lifecycle: invalid: no state"},
		{active, 0, lifecycle.Operator, `lifecycle: invalid: no action "" while active; allowed instead: cancel_now`},
		{active, 255, lifecycle.Operator, `lifecycle: invalid: no action "Action(255)" while active; allowed instead: cancel_now`},
		{active, lifecycle.Update, 0, `lifecycle: invalid: actor "": must be subscriber or operator`},
		{active, lifecycle.Update, 3, `lifecycle: invalid: actor "Actor(3)": must be subscriber or operator`},
		{active, lifecycle.Update, 255, `lifecycle: invalid: actor "Actor(255)": must be subscriber or operator`},
	}
	for _, tt := range tests {
		out, err := lifecycle.Decide(tt.state, tt.action, tt.actor, 0)
		require.ErrorIs(t, err, lifecycle.ErrInvalid)
		require.Zero(t, out)
		require.True(t, strings.HasPrefix(err.Error(), tt.want), err.Error())
	}
	require.Empty(t, lifecycle.Allowed(lifecycle.State{}, lifecycle.Operator, 0))
	require.Empty(t, lifecycle.Allowed(active, 0, 0))
	require.Empty(t, lifecycle.Allowed(active, 77, 0))
}

func TestBitsThatMeanNothingAreIgnored(t *testing.T) {
	t.Parallel()
	active := lifecycle.MustState(lifecycle.Active, 0, 0, 0)
	for _, a := range lifecycle.Words[lifecycle.Action]() {
		want, wantErr := lifecycle.Decide(active, a, lifecycle.Subscriber, 0)
		got, gotErr := lifecycle.Decide(active, a, lifecycle.Subscriber, ^lifecycle.Facts(1<<factCount-1))
		require.Equal(t, want, got)
		require.Equal(t, errors.Unwrap(wantErr), errors.Unwrap(gotErr))
	}
}

func TestDecideAllocatesNothingWhenAllowed(t *testing.T) {
	state := lifecycle.MustState(lifecycle.NonRenewing, lifecycle.RenewalOff, lifecycle.CausesOf(lifecycle.CauseNoRenewal), 0)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, by := range [...]lifecycle.Actor{lifecycle.Subscriber, lifecycle.Operator} {
			if _, err := lifecycle.Decide(state, lifecycle.AutoRenewalOn, by, lifecycle.PauseDenied); err != nil {
				panic(err)
			}
		}
	}))
}
