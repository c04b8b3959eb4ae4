package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
)

func TestNewStateRefusesContradictions(t *testing.T) {
	t.Parallel()
	cancel := lifecycle.CausesOf(lifecycle.CauseCancel)
	tests := []struct {
		status    lifecycle.Status
		flags     lifecycle.Flags
		endings   lifecycle.Causes
		scheduled lifecycle.Scheduled
		want      string
	}{
		{"", 0, 0, 0, `lifecycle: invalid: state: no status ""`},
		{"Active", 0, 0, 0, `lifecycle: invalid: state: no status "Active"`},
		{lifecycle.Active, 1 << 7, 0, 0, "lifecycle: invalid: state: an unknown bit is set"},
		{lifecycle.Cancelled, 0, 1 << 4, 0, "lifecycle: invalid: state: an unknown bit is set"},
		{lifecycle.Active, 0, 0, 1 << 4, "lifecycle: invalid: state: an unknown bit is set"},
		{lifecycle.Paused, lifecycle.Closed, 0, 0, "lifecycle: invalid: state: closed while paused"},
		{lifecycle.Active, lifecycle.Held, 0, 0, "lifecycle: invalid: state: held while active"},
		{lifecycle.NonRenewing, lifecycle.Held, cancel, lifecycle.ScheduledCancel, "lifecycle: invalid: state: held while non_renewing"},
		{lifecycle.Paused, lifecycle.OwnPause, 0, 0, "lifecycle: invalid: state: own pause without a hold and a pause"},
		{lifecycle.InTrial, lifecycle.Held | lifecycle.TrialLapsed, 0, 0, "lifecycle: invalid: state: trial lapsed without a hold and a pause"},
		{lifecycle.NonRenewing, 0, 0, 0, "lifecycle: invalid: state: non_renewing without an ending"},
		{lifecycle.Active, 0, cancel, lifecycle.ScheduledCancel, "lifecycle: invalid: state: active with an ending in the running period"},
		{lifecycle.InTrial, 0, cancel, 0, "lifecycle: invalid: state: an ending by cancel, and no cancel is scheduled"},
		{lifecycle.NonRenewing, 0, lifecycle.CausesOf(lifecycle.CauseNoRenewal), 0, "lifecycle: invalid: state: an ending by no_renewal, and renewal is on"},
		{lifecycle.Paused, 0, lifecycle.CausesOf(lifecycle.CauseEndDate), 0, "lifecycle: invalid: state: an ending by end_date, and no end date is set"},
	}
	for _, tt := range tests {
		s, err := lifecycle.NewState(tt.status, tt.flags, tt.endings, tt.scheduled)
		require.ErrorIs(t, err, lifecycle.ErrInvalid)
		require.EqualError(t, err, tt.want)
		require.Equal(t, lifecycle.State{}, s)
		require.Panics(t, func() { lifecycle.MustState(tt.status, tt.flags, tt.endings, tt.scheduled) })
	}
}

func TestStateGivesBackItsParts(t *testing.T) {
	t.Parallel()
	seen := map[lifecycle.State]bool{}
	for _, s := range sampleStates() {
		require.True(t, s.IsValid())
		again, err := lifecycle.NewState(s.Status(), s.Flags(), s.Endings(), s.Scheduled())
		require.NoError(t, err)
		require.Equal(t, s, again)
		require.False(t, seen[s], "two states of different parts are equal")
		seen[s] = true
	}
	require.False(t, lifecycle.State{}.IsValid())
	require.Empty(t, lifecycle.State{}.Status())
}

func TestEntitledAndBillableFollowTheStatus(t *testing.T) {
	t.Parallel()
	for _, s := range sampleStates() {
		switch s.Status() {
		case lifecycle.InTrial:
			require.Equal(t, !s.Held() && !s.Suspended(), s.Entitled())
			require.False(t, s.Billable())
		case lifecycle.Active, lifecycle.NonRenewing:
			require.Equal(t, !s.Suspended(), s.Entitled())
			require.True(t, s.Billable())
		default:
			require.False(t, s.Entitled())
			require.False(t, s.Billable())
		}
	}
	require.False(t, lifecycle.State{}.Entitled())
}

func TestStateDescribesItself(t *testing.T) {
	t.Parallel()
	require.Equal(t, "no state", lifecycle.State{}.String())
	require.Equal(t, "active", lifecycle.MustState(lifecycle.Active, 0, 0, 0).String())
	s := lifecycle.MustState(lifecycle.NonRenewing, lifecycle.RenewalOff|lifecycle.EndDateSet,
		lifecycle.CausesOf(lifecycle.CauseNoRenewal, lifecycle.CauseLength), lifecycle.ScheduledPause|lifecycle.ScheduledChange)
	require.Equal(t, "non_renewing (flags: renewal off, end date set; ending by: no_renewal, length; scheduled: pause, change)", s.String())
	require.Equal(t, "none", lifecycle.Flags(0).String())
	require.Equal(t, "none", lifecycle.Scheduled(0).String())
	require.Equal(t, "none", lifecycle.Causes(0).String())
	require.Equal(t, "none", lifecycle.Facts(0).String())
	require.Equal(t, "none", lifecycle.StatusSet(0).String())
	require.Equal(t, "cancel denied, replaces", (lifecycle.CancelDenied | lifecycle.Replaces).String())
	require.Equal(t, "future, in_trial or cancelled", lifecycle.SetOf(lifecycle.Cancelled, lifecycle.Future, lifecycle.InTrial, "").String())
}

func TestSetsHoldWhatIsPutIn(t *testing.T) {
	t.Parallel()
	var causes lifecycle.Causes
	for i, c := range lifecycle.Words[lifecycle.EndingCause]() {
		require.False(t, causes.Has(c))
		causes = causes.With(c)
		require.True(t, causes.Has(c))
		require.Equal(t, i+1, causes.Len())
		require.False(t, causes.Without(c).Has(c))
	}
	require.Equal(t, causes, causes.With("").Without("nothing"))
	require.False(t, causes.Has(""))
	for c := range causes.All() {
		require.Equal(t, lifecycle.CauseCancel, c)
		break
	}

	all := lifecycle.SetOf(lifecycle.Words[lifecycle.Status]()...)
	require.Equal(t, len(lifecycle.Words[lifecycle.Status]()), all.Len())
	require.False(t, all.Has(""))
	for s := range all.All() {
		require.Equal(t, lifecycle.Future, s)
		break
	}
	require.Equal(t, lifecycle.PauseDenied, (lifecycle.PauseDenied | lifecycle.Replaces).Standing())
	require.True(t, (lifecycle.PauseDenied | lifecycle.Replaces).Has(lifecycle.Replaces))
	require.False(t, lifecycle.Facts(lifecycle.Replaces).Has(lifecycle.PauseDenied|lifecycle.Replaces))
}

func TestTicksLeadOnlyWhereTheyCan(t *testing.T) {
	t.Parallel()
	for _, k := range lifecycle.Words[lifecycle.Tick]() {
		happens := false
		for _, s := range lifecycle.Words[lifecycle.Status]() {
			happens = happens || k.To(s) != 0
		}
		require.True(t, happens, "%s never happens", k)
		require.Zero(t, k.To(lifecycle.Cancelled), "time alone never brings back what is cancelled")
		require.Zero(t, k.To(""))
	}
	require.Zero(t, lifecycle.Tick("").To(lifecycle.Active))
	require.True(t, lifecycle.TickTrialEnd.To(lifecycle.InTrial).Has(lifecycle.Paused))
}
