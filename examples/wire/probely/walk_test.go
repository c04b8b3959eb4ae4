package probely_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// walked are plans for random subscriptions: each model, with and without a trial.
func walked() []*plan.Version {
	trial := perUnit("trial", "P1M", "99")
	trial.Trial = &plan.Trial{Length: calendar.Months(4)}
	trial.Features = feature.Set{probely.ProfilePrefix + "full": feature.On()}
	short := priced("short", "P2W", plan.FlatFee{Amount: dec("49")})
	short.Length = &plan.Length{Cycles: 3}
	never := priced("never", "P1M", plan.Tiered{Tiers: table()})
	never.Every = calendar.Interval{}
	var all []*plan.Version
	for _, p := range []plan.Plan{trial, short, never, priced("volume", "P3M", plan.Volume{Tiers: table()}), priced("yearly", "P1Y", plan.PerUnit{UnitAmount: dec("990")})} {
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
	start := at("2026-01-31T10:00:00Z")
	choose := wiretest.Draw(t)
	channel := rapid.SampledFrom(append(probely.Channels(), "")).Draw(t, "channel")
	sub, now, err := wiretest.Walk(choose, subscription.Params{
		ID: "harbor", Plan: first, At: start.Add(-40 * time.Hour), Start: start,
		Quantity: subscription.Units(int64(choose(30))), TrialUsed: choose(4) == 0, Details: subscription.Details{Channel: channel},
	}, plans, 8)
	require.NoError(t, err)
	facts := probely.Facts{
		Seats: feature.Seats{Free: int64(choose(4)), Used: int64(choose(40)), Teams: map[string]feature.Team{"a": {Quota: int64(choose(9))}}}, CreditTargets: feature.CreditTargets{Max: int64(choose(5)), Used: int64(choose(9))},
	}
	state, err := sub.State(now)
	require.NoError(t, err)
	status := state.Status()

	doc, err := probely.Encode(sub, facts, now, wire.Strict)
	if status == lifecycle.Paused || status == lifecycle.InTrial && state.Held() {
		require.ErrorIs(t, err, wire.ErrNotRepresentable)
		doc, err = probely.Encode(sub, facts, now, wire.Lossy)
		require.NoError(t, err)
		if status == lifecycle.Paused {
			require.Empty(t, doc.Status)
		}
		return status
	}
	require.NoError(t, err)
	require.Equal(t, string(status), doc.Status)
	data, err := json.Marshal(doc)
	require.NoError(t, err)
	account, err := probely.Decode(data, now, nil)
	require.NoError(t, err)

	snapshot, err := sub.At(now)
	require.NoError(t, err)
	origin := probely.Origin{ID: sub.ID(), Start: snapshot.Start, Anchor: snapshot.Anchor, EndsAt: wire.EndOf(snapshot)}
	if status == lifecycle.Future && !snapshot.Start.After(now) {
		origin.Start = now.Add(time.Hour) // a hold outlasted the start
	}
	if origin.Start.IsZero() {
		origin.Start = start
	}
	adopted, kept, err := account.Adopt(origin)
	require.NoError(t, err)
	require.Equal(t, status, adopted.Status(now))
	require.Equal(t, sub.HasUsedTrial(now), adopted.HasUsedTrial(now))
	require.Equal(t, channel, adopted.Details().Channel)
	again, err := probely.Encode(adopted, kept, now, wire.Strict)
	require.NoError(t, err)

	// What a document says of the present is the same. What lies ahead may be more than
	// it says: a pause or a change that is scheduled, a length, a part of a period.
	if !plain(snapshot) {
		again.NextBillingAt, again.NextBillingAmount = doc.NextBillingAt, doc.NextBillingAmount
	}
	if doc.TrialEnd != nil && !doc.Plan.IsTrial {
		again.Plan.IsTrial = false // a trial that went with a plan that was left
	}
	if doc.TrialEnd != nil && !doc.TrialEnd.After(origin.Start) {
		again.TrialEnd = doc.TrialEnd // a trial that was ended as it began, or that a hold outlasted
	}
	require.Equal(t, doc, again)
	return status
}

// plain reports whether nothing lies ahead of a subscription but renewals.
func plain(s subscription.Snapshot) bool {
	for _, waits := range s.Scheduled {
		if waits.Action != lifecycle.CancelAtPeriodEnd && waits.Action != lifecycle.CancelOnDate {
			return false
		}
	}
	if s.State.Held() {
		return false
	}
	return len(s.Endings) == 0 || s.State.Status() == lifecycle.Cancelled
}

func TestWhatWasShownInAnyStateChangesNothingWhenSentBack(t *testing.T) {
	t.Parallel()
	plans := walked()
	start := at("2026-01-31T10:00:00Z")
	rapid.Check(t, func(t *rapid.T) {
		choose := wiretest.Draw(t)
		sub, now, err := wiretest.Walk(choose, subscription.Params{ID: "harbor", Plan: plans[choose(len(plans))], Start: start}, plans, 8)
		require.NoError(t, err)
		doc, err := probely.Encode(sub, probely.Facts{}, now, wire.Lossy)
		require.NoError(t, err)
		data, err := json.Marshal(doc)
		require.NoError(t, err)
		next, kept, err := probely.Update{Call: subscription.Call{At: now, Actor: lifecycle.Subscriber}, Mode: wire.Lossy}.Apply(sub, probely.Facts{}, data)
		require.NoError(t, err)
		require.True(t, next.Equal(sub))
		require.Equal(t, probely.Facts{}, kept)
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{}`, `{"plan":{"tiers":{"1":4900}}}`, `{"next_allowed_ultd_target_change":"2026-02-29T00:00:00Z"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		account, err := probely.Decode(data, time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC), nil)
		if err != nil {
			require.ErrorIs(t, err, wire.ErrMalformed)
			return
		}
		require.NoError(t, account.Plan.Validate())
		require.NoError(t, account.Facts.Seats.Validate())
	})
}
