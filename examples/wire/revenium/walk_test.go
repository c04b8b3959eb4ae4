package revenium_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/revenium"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// walked are plans for random subscriptions: with a trial, with a length, in arrears,
// and one of which nothing recurs.
func walked() []*plan.Version {
	trial := metered()
	trial.ID, trial.Trial = "trial", calendar.Months(4)
	short := metered()
	short.ID, short.Every, short.Arrears = "short", calendar.Weeks(2), true
	limited := short.Plan()
	limited.Length = &plan.Length{Cycles: 3}
	never := metered()
	never.ID, never.Tiers, never.Limit = "never", nil, 0
	idle := never.Plan()
	idle.Every = calendar.Interval{}
	var all []*plan.Version
	for _, p := range []plan.Plan{metered().Plan(), trial.Plan(), limited, idle} {
		all = append(all, plan.MustCompile(p))
	}
	return all
}

func TestRandomSubscriptionsMeanTheSameWhenReadBack(t *testing.T) {
	t.Parallel()
	plans := walked()
	wiretest.EveryStatus(t, plans, func(t *rapid.T, first *plan.Version) lifecycle.Status { return meansTheSame(t, first, plans) })
}

// meansTheSame walks once, compares what is shown with what is read back, and returns the
// status.
func meansTheSame(t *rapid.T, first *plan.Version, plans []*plan.Version) lifecycle.Status {
	choose := wiretest.Draw(t)
	start := at("2026-01-31T10:00:00Z")
	sub, now, err := wiretest.Walk(choose, subscription.Params{
		ID: "jRw8Gq", Plan: first, At: start.Add(-40 * time.Hour), Start: start,
		Details: subscription.Details{Name: "Harbor", Organization: "org", Account: "acc", Team: "team", ExternalRef: "Q", Tags: []string{"a"}},
	}, plans, 8)
	require.NoError(t, err)
	snapshot, err := sub.At(now)
	require.NoError(t, err)
	status := snapshot.State.Status()
	data := func(doc revenium.Subscription) []byte {
		text, err := json.Marshal(doc)
		require.NoError(t, err)
		return text
	}
	// What was shown changes nothing when it is sent back, in either mode.
	for _, mode := range wire.Modes() {
		doc, err := revenium.Encode(sub, revenium.Facts{}, now, mode)
		if err != nil {
			require.ErrorIs(t, err, wire.ErrNotRepresentable)
			continue
		}
		u := revenium.Update{ID: "jRw8Gq", Call: subscription.Call{At: now, Actor: lifecycle.Subscriber}, Mode: mode}
		next, _, err := u.Apply(sub, revenium.Facts{}, data(doc))
		require.NoError(t, err)
		require.True(t, next.Equal(sub))
	}

	sent, err := revenium.Encode(sub, revenium.Facts{}, now, wire.Strict)
	cannotSay := status == lifecycle.Paused ||
		status == lifecycle.Future && !snapshot.Start.After(now) ||
		status == lifecycle.NonRenewing && snapshot.Period.IsZero()
	if cannotSay {
		require.ErrorIs(t, err, wire.ErrNotRepresentable)
		return status
	}
	require.NoError(t, err)
	doc, err := revenium.Read(data(sent))
	require.NoError(t, err)
	require.Equal(t, sent, doc)
	require.Equal(t, status, doc.Status(now))

	// Each fact of the domain is in the document.
	instant := func(o wire.Opt[revenium.Instant]) time.Time {
		i, _ := o.Value()
		return i.Time
	}
	require.True(t, wire.EndOf(snapshot).Equal(instant(doc.Expiration)))
	require.True(t, snapshot.Period.Start.Equal(instant(doc.PeriodStart)))
	require.True(t, snapshot.Period.End.Equal(instant(doc.PeriodEnd)))
	if !snapshot.Start.IsZero() {
		require.True(t, snapshot.Start.Equal(instant(doc.Start)))
	}
	if !snapshot.TrialEnd.IsZero() {
		require.True(t, snapshot.TrialEnd.Equal(instant(doc.TrialEnd)))
	}
	product, _ := doc.ProductID.Value()
	require.Equal(t, sub.Plan(now).Product(), product)
	name, _ := doc.Name.Value()
	require.Equal(t, sub.Details().Name, name)
	charge, _ := doc.RecurringCharge.Value()
	require.Equal(t, "49.99", charge.String())

	// And where nothing was done to it the document makes it anew.
	made, err := revenium.Create("jRw8Gq", data(sent), sub.Plan(now), subscription.Call{At: now, Actor: lifecycle.Operator})
	if sub.Version() == 1 && status == lifecycle.Future {
		require.NoError(t, err)
	}
	if err == nil && !snapshot.Start.Equal(now) { // one that begins now has the trial of the plan
		require.Equal(t, status, made.Status(now))
	}
	return status
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{`{}`, `{"recurringCharge":49.99,"expiration":null}`, `{"start":"2026-01-15T10:00:00Z","tags":["a"]}`} {
		f.Add([]byte(seed))
	}
	v, err := plan.Compile(metered().Plan())
	require.NoError(f, err)
	sub, err := subscription.New(subscription.Params{ID: "jRw8Gq", Plan: v, Start: at("2026-01-15T10:00:00Z")})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		next, _, err := put(operator(now)).Apply(sub, revenium.Facts{}, data)
		if err != nil {
			require.True(t, next.Equal(sub))
			return
		}
		_, err = revenium.Encode(next, revenium.Facts{}, at(now), wire.Lossy)
		require.NoError(t, err)
	})
}
