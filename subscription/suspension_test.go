package subscription_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// suspendedStep is a step of the tables below by the verb's name.
func suspendedStep(t *testing.T, at, verb string) stepAt {
	t.Helper()
	return stepAt{at, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		switch verb {
		case "suspend":
			return s.Suspend(c)
		case "restore":
			return s.Restore(c)
		case "pause":
			return s.Pause(c, subscription.Immediately(), subscription.Pause{})
		case "resume":
			return s.Resume(c, subscription.Immediately())
		case "hold":
			return s.Hold(c)
		case "release":
			return s.Release(c)
		case "cancel":
			return s.Cancel(c, subscription.AtPeriodEnd())
		case "cancel now":
			return s.Cancel(c, subscription.Immediately())
		case "reactivate":
			return s.Reactivate(c, subscription.Reactivation{})
		case "change":
			return s.ChangePlan(c, subscription.Immediately(), larger(t, calendar.Months(1)))
		}
		require.Fail(t, verb)
		return s, nil
	}}
}

func TestWhatIsSuspendedGrantsNothingAndStaysWhatItIs(t *testing.T) {
	t.Parallel()
	// Each step is an instant and a verb; each want an instant, the status, and whether it entitles.
	type step struct{ at, verb string }
	type stand struct {
		at       string
		status   lifecycle.Status
		entitled bool
	}
	for _, test := range []struct {
		name  string
		steps []step
		want  []stand
	}{
		{"from the instant of the suspension to that of its end", []step{{"2026-01-10T00:00:00Z", "suspend"}, {"2026-01-20T00:00:00Z", "restore"}}, []stand{
			{"2026-01-09T23:59:59Z", lifecycle.Active, true},
			{"2026-01-10T00:00:00Z", lifecycle.Active, false},
			{"2026-01-19T23:59:59Z", lifecycle.Active, false},
			{"2026-01-20T00:00:00Z", lifecycle.Active, true},
		}},
		{"over the boundaries of periods", []step{{"2026-01-10T00:00:00Z", "suspend"}}, []stand{{"2026-05-01T00:00:00Z", lifecycle.Active, false}}},
		{"a cancellation takes effect in it", []step{{"2026-01-10T00:00:00Z", "suspend"}, {"2026-01-12T00:00:00Z", "cancel"}}, []stand{
			{"2026-01-12T00:00:00Z", lifecycle.NonRenewing, false}, {"2026-02-01T00:00:00Z", lifecycle.Cancelled, false},
		}},
		{"and a reactivation ends it", []step{{"2026-01-10T00:00:00Z", "suspend"}, {"2026-01-12T00:00:00Z", "cancel now"}, {"2026-01-13T00:00:00Z", "reactivate"}}, []stand{
			{"2026-01-12T00:00:00Z", lifecycle.Cancelled, false}, {"2026-01-13T00:00:00Z", lifecycle.Active, true},
		}},
		{"the end of a pause does not end it", []step{{"2026-01-10T00:00:00Z", "pause"}, {"2026-01-12T00:00:00Z", "suspend"}, {"2026-01-14T00:00:00Z", "resume"}, {"2026-01-16T00:00:00Z", "restore"}}, []stand{
			{"2026-01-12T00:00:00Z", lifecycle.Paused, false}, {"2026-01-14T00:00:00Z", lifecycle.Active, false}, {"2026-01-16T00:00:00Z", lifecycle.Active, true},
		}},
		{"nor does a release", []step{{"2026-01-10T00:00:00Z", "suspend"}, {"2026-01-12T00:00:00Z", "hold"}, {"2026-01-14T00:00:00Z", "release"}, {"2026-01-16T00:00:00Z", "restore"}}, []stand{
			{"2026-01-12T00:00:00Z", lifecycle.Paused, false}, {"2026-01-14T00:00:00Z", lifecycle.Active, false}, {"2026-01-16T00:00:00Z", lifecycle.Active, true},
		}},
		{"and it ends under a hold without ending that", []step{{"2026-01-10T00:00:00Z", "suspend"}, {"2026-01-12T00:00:00Z", "hold"}, {"2026-01-14T00:00:00Z", "restore"}}, []stand{
			{"2026-01-14T00:00:00Z", lifecycle.Paused, false},
		}},
		{"a change of plan in it", []step{{"2026-01-10T00:00:00Z", "suspend"}, {"2026-01-12T00:00:00Z", "change"}}, []stand{{"2026-01-12T00:00:00Z", lifecycle.Active, false}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sub := begun(t, subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-01T00:00:00Z")})
			for _, s := range test.steps {
				sub = having(t, sub, suspendedStep(t, s.at, s.verb))
			}
			data, err := json.Marshal(sub)
			require.NoError(t, err)
			for _, want := range test.want {
				at := instantOf(t, want.at)
				require.Equal(t, want.status, sub.Status(at), want.at)
				require.Equal(t, want.entitled, sub.Entitled(at), want.at)
				snap, err := sub.At(at)
				require.NoError(t, err)
				require.Equal(t, want.entitled, snap.Entitled, want.at)
				require.Equal(t, want.entitled, sub.Segment(sub.SegmentAt(at)).Entitled(), want.at)
				e, err := sub.Entitlement("rescan", at)
				require.NoError(t, err)
				require.Equal(t, !want.entitled, e.Dormant(), want.at)
				if decision := e.Check(feature.QuotaUsage{}, feature.Request{At: at}); !want.entitled {
					require.ErrorIs(t, decision.Err(), feature.ErrDormant)
				}
			}
			again, err := subscription.Decode(data, plan.MustCatalog(scanner(t, nil).Plan(), larger(t, calendar.Months(1)).Plan()))
			require.NoError(t, err)
			require.True(t, sub.Equal(again))
		})
	}
}

func TestASuspensionIsAnOperatorsAndGivenOnce(t *testing.T) {
	t.Parallel()
	sub := begun(t, subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-01T00:00:00Z")})
	at := instantOf(t, "2026-01-10T00:00:00Z")
	by := func(a lifecycle.Actor) subscription.Call { return subscription.Call{At: at, Actor: a} }
	_, err := sub.Suspend(by(lifecycle.Subscriber))
	require.ErrorIs(t, err, lifecycle.ErrNotPermitted)
	_, err = sub.Restore(by(lifecycle.Operator))
	require.ErrorIs(t, err, lifecycle.ErrNotSuspended)
	sub, err = sub.Suspend(by(lifecycle.Operator))
	require.NoError(t, err)
	_, err = sub.Suspend(by(lifecycle.Operator))
	require.ErrorIs(t, err, lifecycle.ErrSuspended)
	require.ErrorContains(t, err, "allowed instead: restore")
	_, err = sub.Restore(by(lifecycle.Subscriber))
	require.ErrorIs(t, err, lifecycle.ErrNotPermitted)

	state, err := sub.State(at)
	require.NoError(t, err)
	require.True(t, state.Suspended())
	require.Equal(t, "active (flags: suspended)", state.String())
	var told []lifecycle.Action
	for e := range sub.Events(at, at.Add(time.Microsecond)) {
		told = append(told, e.Action)
		require.Equal(t, subscription.Recorded, e.Kind)
		require.Equal(t, lifecycle.Active, e.Status)
	}
	require.Equal(t, []lifecycle.Action{lifecycle.Suspend}, told)

	cancelled, err := sub.Cancel(by(lifecycle.Subscriber), subscription.Immediately())
	require.NoError(t, err)
	_, err = cancelled.Reactivate(by(lifecycle.Subscriber), subscription.Reactivation{})
	require.ErrorIs(t, err, lifecycle.ErrNotPermitted)
	closed, err := sub.Close(by(lifecycle.Operator))
	require.NoError(t, err)
	state, err = closed.State(at)
	require.NoError(t, err)
	require.False(t, state.Suspended())
}
