package subscription_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// entitled writes everything that an entitlement to a feature says at an instant.
func entitled(t require.TestingT, s subscription.Subscription, key feature.Key, at time.Time) (shown string, e *feature.Entitlement) {
	e, err := s.Entitlement(key, at)
	require.NoError(t, err)
	data, err := e.MarshalJSON()
	require.NoError(t, err)
	var members map[string]any
	require.NoError(t, json.Unmarshal(data, &members))
	for _, name := range []string{"at", "until", "time_zone", "period"} {
		delete(members, name)
	}
	members["window"], err = e.Window(at)
	require.NoError(t, err)
	text, err := json.Marshal(members)
	require.NoError(t, err)
	return string(text), e
}

// holds compares what entitlements say until their ends with what they say of that time.
func (w *walk) holds() {
	first, last := w.sub.CreatedAt().AddDate(0, 0, -1), w.sub.UpdatedAt().AddDate(0, 6, 0)
	var moments []time.Time
	for e := range w.sub.Events(time.Time{}, last) {
		moments = append(moments, e.At.Add(-1), e.At, e.At.Add(time.Hour))
	}
	draw := func(what string) time.Time {
		if rapid.Bool().Draw(w.t, what+" at an event") {
			return rapid.SampledFrom(moments).Draw(w.t, what)
		}
		return first.Add(time.Duration(rapid.Int64Range(0, int64(last.Sub(first))).Draw(w.t, what)))
	}
	for range 2 {
		at := draw("at")
		for _, key := range []feature.Key{"ips", "scans", "exports", "sso", "none", "credits", "days", "hours", "storage"} {
			shown, e := entitled(w.t, w.sub, key, at)
			until := e.Until()
			for _, other := range []time.Time{draw("other"), draw("another"), until.Add(-1)} {
				if other.After(at) && (until.IsZero() || other.Before(until)) {
					again, later := entitled(w.t, w.sub, key, other)
					require.Equal(w.t, shown, again, "%s from %s to %s, at %s\n%s", key, at, until, other, w.story())
					require.Equal(w.t, until, later.Until(), "%s from %s, at %s\n%s", key, at, other, w.story())
				}
			}
			if !until.IsZero() {
				require.True(w.t, until.After(at))
				then, _ := entitled(w.t, w.sub, key, until)
				require.NotEqual(w.t, shown, then, "%s from %s to %s\n%s", key, at, until, w.story())
			}
		}
	}
}

func TestAnEntitlementSaysUntilWhenItHolds(t *testing.T) {
	t.Parallel()
	start := instantOf(t, "2026-01-01T00:00:00Z")
	trial := func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(14)} }
	call := func(day string) subscription.Call {
		return subscription.Call{At: at(day), Actor: lifecycle.Operator}
	}
	limit := decimal.NewFromInt(12)
	type story = func(subscription.Subscription) (subscription.Subscription, error)
	for _, row := range []struct {
		name  string
		plan  func(*plan.Plan)
		act   story
		key   feature.Key
		at    string
		until string // empty: open
	}{
		{name: "a limit, as long as nothing is scheduled", key: "number_of_ips", at: "2026-01-10"},
		{name: "a day", key: "rescan", at: "2026-01-10", until: "2026-01-11"},
		{name: "a billing period", key: "reports", at: "2026-01-10", until: "2026-02-01"},
		{name: "a feature that is not granted", key: "none", at: "2026-01-10"},
		{name: "before it exists", key: "number_of_ips", at: "2025-12-01", until: "2026-01-01"},
		{name: "dormant before it exists", key: "none", at: "2025-12-01", until: "2026-01-01"},
		{name: "a trial that becomes a plan changes no limit", plan: trial, key: "number_of_ips", at: "2026-01-10"},
		{name: "the window of a trial ends with it", plan: trial, key: "reports", at: "2026-01-10", until: "2026-01-15"},
		{
			name: "a cancellation", key: "number_of_ips", at: "2026-01-10", until: "2026-02-01",
			act: func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.Cancel(call("2026-01-05"), subscription.AtPeriodEnd())
			},
		},
		{
			name: "a pause on a date comes before the end of the period", key: "reports", at: "2026-01-10", until: "2026-01-20",
			act: func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.Pause(call("2026-01-05"), subscription.On(at("2026-01-20")), subscription.Pause{})
			},
		},
		{
			name: "and after the end of the day", key: "rescan", at: "2026-01-10", until: "2026-01-11",
			act: func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.Pause(call("2026-01-05"), subscription.On(at("2026-01-20")), subscription.Pause{})
			},
		},
		{
			name: "paused, until the resume", key: "number_of_ips", at: "2026-01-20", until: "2026-01-25",
			act: func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.Pause(call("2026-01-05"), subscription.On(at("2026-01-20")), subscription.Pause{Until: at("2026-01-25")})
			},
		},
		{
			name: "a scheduled change of plan", key: "number_of_ips", at: "2026-01-10", until: "2026-02-01",
			act: func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.ChangePlan(call("2026-01-05"), subscription.AtPeriodEnd(), larger(t, calendar.Months(1)))
			},
		},
		{
			name: "a change of plan that the feature does not notice", key: "ai_remediator", at: "2026-01-10",
			act: func(s subscription.Subscription) (subscription.Subscription, error) {
				same := scanner(t, func(p *plan.Plan) { p.ID = "same" })
				return s.ChangePlan(call("2026-01-05"), subscription.AtPeriodEnd(), same)
			},
		},
		{
			name: "a change of quantity", key: "number_of_ips", at: "2026-01-10",
			act: func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.ChangeQuantity(call("2026-01-05"), subscription.On(at("2026-01-20")), "fee", decimal.NewFromInt(3))
			},
		},
		{
			name: "an override that was revoked later", key: "number_of_ips", at: "2026-01-10", until: "2026-01-20",
			act: func(s subscription.Subscription) (subscription.Subscription, error) {
				s, err := s.AssignFeatures(call("2026-01-05"), feature.Overrides{"number_of_ips": {Limit: &limit}}, feature.Assignment{})
				if err != nil {
					return s, err
				}
				return s.RevokeFeatures(call("2026-01-20"), []feature.Key{"number_of_ips"}, feature.Assignment{})
			},
		},
		{
			name: "an override that a change of plan takes away", key: "ai_remediator", at: "2026-01-10", until: "2026-02-01",
			act: func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.ChangePlan(call("2026-01-05"), subscription.AtPeriodEnd(), larger(t, calendar.Months(1)))
			},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			sub, err := subscription.New(subscription.Params{ID: "sub", Plan: scanner(t, row.plan), Start: start})
			require.NoError(t, err)
			if row.act != nil {
				sub, err = row.act(sub)
				require.NoError(t, err)
			}
			e, err := sub.Entitlement(row.key, at(row.at))
			require.NoError(t, err)
			want := time.Time{}
			if row.until != "" {
				want = at(row.until)
			}
			require.Equal(t, want, e.Until())
			all, err := sub.Entitlements(at(row.at))
			require.NoError(t, err)
			for _, other := range all {
				one, err := sub.Entitlement(other.Key(), at(row.at))
				require.NoError(t, err)
				require.True(t, one.Equal(other), "%s", one)
			}
		})
	}
}
