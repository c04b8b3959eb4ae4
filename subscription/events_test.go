package subscription_test

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// events asks for the events of the walk's subscription in parts, after reading it again,
// and after another command.
func (w *walk) events() {
	first, last := w.sub.CreatedAt(), w.sub.UpdatedAt().AddDate(0, 4, 0)
	all := slices.Collect(w.sub.Events(time.Time{}, last))
	ids := map[uuid.UUID]subscription.Event{}
	for _, e := range all {
		other, taken := ids[e.ID]
		require.False(w.t, taken, "%v\n%v\n%s", e, other, w.story())
		require.Equal(w.t, uuid.Version(5), e.ID.Version())
		ids[e.ID] = e
	}

	var moments []time.Time
	for range rapid.IntRange(0, 4).Draw(w.t, "moments") {
		if len(all) > 0 && rapid.Bool().Draw(w.t, "at an event") {
			moments = append(moments, rapid.SampledFrom(all).Draw(w.t, "event").At)
			continue
		}
		moments = append(moments, first.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(last.Sub(first))).Draw(w.t, "moment"))))
	}
	slices.SortFunc(moments, time.Time.Compare)
	var parts []subscription.Event
	since := time.Time{}
	for _, until := range append(moments, last) {
		for e := range w.sub.Events(since, until) {
			require.False(w.t, e.At.Before(since.Truncate(time.Microsecond)), w.story())
			require.True(w.t, e.At.Before(until), w.story())
			parts = append(parts, e)
		}
		since = until
	}
	require.Equal(w.t, all, parts, w.story())

	data, err := json.Marshal(w.sub)
	require.NoError(w.t, err)
	again, err := subscription.Decode(data, walkPlans.catalog)
	require.NoError(w.t, err)
	require.Equal(w.t, all, slices.Collect(again.Events(time.Time{}, last)))

	// What happened before the next command stays as it was told.
	call := subscription.Call{At: w.sub.UpdatedAt().AddDate(0, 0, 40), Actor: lifecycle.Operator}
	next, err := w.sub.Close(call)
	if err != nil {
		return // closed already
	}
	require.Equal(w.t, slices.Collect(w.sub.Events(time.Time{}, call.At)), slices.Collect(next.Events(time.Time{}, call.At)), w.story())
}

// eventID is the id as the documentation of EventNamespace says it.
func eventID(sub, kind string, command int, wall bool, micros int64) uuid.UUID {
	var name []byte
	for _, text := range []string{sub, kind} {
		name = append(binary.AppendUvarint(name, uint64(len(text))), text...)
	}
	name = binary.AppendUvarint(name, uint64(command))
	clock := byte(1)
	if wall {
		clock = 2
	}
	name = binary.BigEndian.AppendUint64(append(name, clock), uint64(micros))
	return uuid.NewSHA1(uuid.MustParse("d83f610b-942c-5a7e-b106-4ec95d70a218"), name)
}

func TestIDsOfEventsAreNamedAsDocumented(t *testing.T) {
	t.Parallel()
	require.Equal(t, "d83f610b-942c-5a7e-b106-4ec95d70a218", subscription.EventNamespace().String())
	basic, pro := sold("basic", "10", withTrial(14)), sold("pro", "20", nil)
	s := done(t, made(t, basic, func(p *subscription.Params) {
		p.Zone = calendar.MustLoadZone("Europe/Berlin")
		p.At, p.EndDate = at("2025-12-20"), at("2026-12-24")
	}),
		"2026-01-05", changes(subscription.AtPeriodEnd(), pro),
		"2026-01-20", pauses(subscription.On(at("2026-03-01")), subscription.Pause{Cycles: 1}),
	)
	type named struct {
		kind, on string
		command  int
		wall     bool
	}
	want := []named{
		{"created", "2025-12-20T00:00:00Z", 1, false},
		{"trial_began", "2026-01-01T00:00:00Z", 0, false},
		{"recorded", "2026-01-05T00:00:00Z", 2, false},
		{"trial_ended", "2026-01-15T01:00:00Z", 0, true},
		{"changed", "2026-01-15T01:00:00Z", 2, true},
		{"recorded", "2026-01-20T00:00:00Z", 3, false},
		{"renewed", "2026-02-15T01:00:00Z", 0, true},
		{"paused", "2026-03-01T00:00:00Z", 3, false},
		{"resumed", "2026-04-15T01:00:00Z", 3, true},
	}
	i := 0
	for e := range s.Events(time.Time{}, at("2026-04-20")) {
		require.Less(t, i, len(want))
		clock, err := time.Parse(time.RFC3339, want[i].on)
		require.NoError(t, err)
		require.Equal(t, want[i].kind, string(e.Kind))
		require.Equal(t, eventID("sub", want[i].kind, want[i].command, want[i].wall, clock.UnixMicro()), e.ID, "%v", e)
		i++
	}
	require.Len(t, want, i)
	var last subscription.Event
	for e := range s.Events(at("2026-12-01"), time.Time{}) {
		last = e
	}
	require.Equal(t, subscription.Ended, last.Kind)
	require.Equal(t, eventID("sub", "ended", 0, false, at("2026-12-24").UnixMicro()), last.ID)
}

// A document that was written under other zone data, with the instants that these gave to
// the same civil times.
func TestIDsOfEventsStayUnderNewZoneData(t *testing.T) {
	t.Parallel()
	basic := sold("basic", "10", withTrial(14))
	s := done(t, made(t, basic, func(p *subscription.Params) { p.Zone = calendar.MustLoadZone("Europe/Berlin") }),
		"2026-01-20", pauses(subscription.AtPeriodEnd(), subscription.Pause{}),
	)
	data, err := json.Marshal(s)
	require.NoError(t, err)
	moved := strings.NewReplacer(`"start":"2026-01-01T00:00:00Z"`, `"start":"2025-12-31T23:00:00Z"`, `"at":"2026-01-20T00:00:00Z"`, `"at":"2026-01-19T23:00:00Z"`).Replace(string(data))
	require.NotEqual(t, string(data), moved)
	other, err := subscription.Decode([]byte(moved), plan.MustCatalog(basic.Plan()))
	require.NoError(t, err)
	require.True(t, inside.Moved(other))
	here, there := slices.Collect(s.Events(time.Time{}, at("2026-03-01"))), slices.Collect(other.Events(time.Time{}, at("2026-03-01")))
	require.Len(t, there, len(here))
	for i := range here {
		require.Equal(t, here[i].At, there[i].At)
		switch here[i].Kind {
		case subscription.TrialBegan:
			require.Equal(t, eventID("sub", "trial_began", 1, false, at("2025-12-31").Add(23*time.Hour).UnixMicro()), there[i].ID)
		case subscription.Recorded:
			require.Equal(t, eventID("sub", "recorded", 2, false, at("2026-01-19").Add(23*time.Hour).UnixMicro()), there[i].ID)
		default:
			require.Equal(t, here[i].ID, there[i].ID, "%s follows from the calendar", here[i].Kind)
		}
	}
}

func TestACorrectionIsToldSinceItsInstant(t *testing.T) {
	t.Parallel()
	s := done(t, made(t, sold("basic", "10", nil), nil), "2026-02-20", cancels(subscription.AtPeriodEnd()))
	told := map[uuid.UUID]bool{}
	for e := range s.Events(time.Time{}, at("2026-02-25")) {
		told[e.ID] = true
	}
	call := subscription.Call{At: at("2026-02-10"), Actor: lifecycle.Operator, Correction: true}
	fixed, err := s.Pause(call, subscription.Immediately(), subscription.Pause{Until: at("2026-02-15")})
	require.NoError(t, err)
	require.Empty(t, slices.Collect(fixed.Events(at("2026-02-25"), at("2026-02-26"))), "it lies before what is asked for")
	var kinds []string
	for e := range fixed.Events(call.At, at("2026-02-26")) {
		if !told[e.ID] {
			kinds = append(kinds, string(e.Kind))
		}
	}
	require.Equal(t, []string{"paused", "resumed"}, kinds)
}

func TestAScheduledChangeThatChangesNothingIsToldWithItsCommand(t *testing.T) {
	t.Parallel()
	basic, pro := sold("basic", "10", nil), sold("pro", "20", nil)
	s := done(t, made(t, basic, nil),
		"2026-01-05", changes(subscription.AtPeriodEnd(), pro),
		"2026-01-10", changes(subscription.Immediately(), pro),
	)
	var lapsed []subscription.Event
	for e := range s.Events(at("2026-01-11"), at("2026-02-02")) {
		if e.Kind == subscription.Recorded {
			lapsed = append(lapsed, e)
		}
	}
	require.Len(t, lapsed, 1)
	require.True(t, lapsed[0].Derived)
	require.Equal(t, 2, lapsed[0].Command)
	require.Equal(t, at("2026-01-05"), lapsed[0].Recorded)
	require.Equal(t, lifecycle.ChangePlanAtPeriodEnd, lapsed[0].Action)
}

func TestACommandIsFoundByItsKey(t *testing.T) {
	t.Parallel()
	basic, pro := sold("basic", "10", nil), sold("pro", "20", nil)
	s := made(t, basic, nil)
	require.Empty(t, s.CommandOf("k"))
	require.Empty(t, subscription.Subscription{}.CommandOf("k"))
	s, err := s.Cancel(subscription.Call{At: at("2026-01-05"), Actor: lifecycle.Operator, Key: "k", Reason: "why"}, subscription.AtPeriodEnd())
	require.NoError(t, err)
	s, err = s.UndoCancel(subscription.Call{At: at("2026-01-06"), Actor: lifecycle.Operator})
	require.NoError(t, err)
	s, err = s.Edit(subscription.Call{At: at("2026-01-07"), Actor: lifecycle.Operator, Key: "both"},
		func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.ChangePlan(c, subscription.Immediately(), pro)
		},
		func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.SetAutoRenewal(c, false)
		},
	)
	require.NoError(t, err)
	require.Empty(t, s.CommandOf(""), "a command without a key is not found by none")
	require.Empty(t, s.CommandOf("other"))
	found := s.CommandOf("k")
	require.Len(t, found, 1)
	require.Equal(t, s.Command(2), found[0])
	require.Equal(t, []subscription.Command{s.Command(4), s.Command(5)}, s.CommandOf("both"))
	found[0].Reason = "overwritten"
	require.Equal(t, "why", s.CommandOf("k")[0].Reason)
}

func TestEventsAreAskedForToTheMicrosecond(t *testing.T) {
	t.Parallel()
	monthly := plan.MustCompile(plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1)})
	now := at("2026-01-10").Add(123_456_789) // as a clock says it
	sub := made(t, monthly, nil)
	sub, err := sub.Cancel(subscription.Call{At: now, Actor: lifecycle.Operator}, subscription.Immediately())
	require.NoError(t, err)
	kinds := func(since, until time.Time) (all []subscription.ChangeKind) {
		for e := range sub.Events(since, until) {
			all = append(all, e.Kind)
		}
		return all
	}
	require.Equal(t, []subscription.ChangeKind{subscription.Ended}, kinds(now, now.Add(time.Second)), "what happens now is told since now")
	require.Equal(t, []subscription.ChangeKind{subscription.Started}, kinds(time.Time{}, now), "and not until now")
	require.Empty(t, kinds(now.Add(time.Microsecond), time.Time{}))
}
