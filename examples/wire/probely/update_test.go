package probely_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func strictly(call subscription.Call) probely.Update {
	return probely.Update{Call: call, Mode: wire.Strict}
}

func TestADocumentSentBackAsShownChangesNothing(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	data, err := json.Marshal(shown(t, sub, facts, "2026-01-20T00:00:00Z"))
	require.NoError(t, err)
	next, kept, err := strictly(subscriber("2026-01-20T00:00:00Z")).Apply(sub, facts, data)
	require.NoError(t, err)
	require.True(t, next.Equal(sub))
	require.Equal(t, sub.Version(), next.Version())
	require.Equal(t, facts, kept)

	for _, part := range []string{`{}`, `{"subscription_status":"active"}`, `{"next_billing_at":"2026-02-15T11:00:00+01:00"}`} {
		next, _, err = strictly(subscriber("2026-01-20T00:00:00Z")).Apply(sub, facts, []byte(part))
		require.NoError(t, err)
		require.Equal(t, sub.Version(), next.Version())
	}
}

func TestWhatDiffersIsDone(t *testing.T) {
	t.Parallel()
	catalog := plan.MustCatalog(perUnit("pro-monthly", "P1M", "99"), perUnit("pro-plus", "P1M", "120"))
	trial := perUnit("t", "P1M", "99")
	trial.Trial = &plan.Trial{Length: calendar.Days(14)}
	const now = "2026-01-20T00:00:00Z"
	act := func(do func(subscription.Subscription) (subscription.Subscription, error), sub subscription.Subscription) subscription.Subscription {
		next, err := do(sub)
		require.NoError(t, err)
		return next
	}
	active, facts := pro(t)
	ending := act(func(s subscription.Subscription) (subscription.Subscription, error) {
		return s.Cancel(operator(now), subscription.AtPeriodEnd())
	}, active)
	unrenewed := act(func(s subscription.Subscription) (subscription.Subscription, error) {
		s, err := s.SetAutoRenewal(operator(now), false)
		require.NoError(t, err)
		return s.SetEndDate(operator(now), at("2026-02-01T00:00:00Z"))
	}, ending)
	cancelled := act(func(s subscription.Subscription) (subscription.Subscription, error) {
		return s.Cancel(operator(now), subscription.Immediately())
	}, active)
	paused := act(func(s subscription.Subscription) (subscription.Subscription, error) {
		return s.Pause(operator(now), subscription.Immediately(), subscription.Pause{})
	}, active)
	for _, tc := range []struct {
		name   string
		sub    subscription.Subscription
		change string
		when   subscription.When
		mode   wire.Mode
		check  func(*testing.T, probely.Subscription)
	}{
		{"cancel at period end", active, `{"subscription_status":"non_renewing"}`, subscription.When{}, wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.Equal(t, "non_renewing", d.Status)
			require.Nil(t, d.NextBillingAt)
		}},
		{"cancel at once", active, `{"subscription_status":"cancelled"}`, subscription.When{}, wire.Strict, func(t *testing.T, d probely.Subscription) { require.Equal(t, "cancelled", d.Status) }},
		{"undo a cancellation", ending, `{"subscription_status":"active"}`, subscription.When{}, wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.Equal(t, "active", d.Status)
			require.EqualValues(t, 99000, d.NextBillingAmount)
		}},
		{"undo every ending", unrenewed, `{"subscription_status":"active"}`, subscription.When{}, wire.Strict, func(t *testing.T, d probely.Subscription) { require.Equal(t, "active", d.Status) }},
		{"reactivate", cancelled, `{"subscription_status":"active"}`, subscription.When{}, wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.Equal(t, "active", d.Status)
			require.Equal(t, at("2026-02-15T10:00:00Z"), *d.NextBillingAt) // the period was paid
		}},
		{"resume", paused, `{"subscription_status":"active"}`, subscription.When{}, wire.Lossy, func(t *testing.T, d probely.Subscription) { require.Equal(t, "active", d.Status) }},
		{"end a trial", sold(t, trial, "2026-01-15T10:00:00Z", 1), `{"subscription_status":"active"}`, subscription.When{}, wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.Equal(t, "active", d.Status)
			require.Equal(t, at(now), *d.TrialEnd)
		}},
		{"let a trial end", sold(t, trial, "2026-01-15T10:00:00Z", 1), `{"subscription_status":"non_renewing"}`, subscription.When{}, wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.Equal(t, "in_trial", d.Status)
			require.Nil(t, d.NextBillingAt)
		}},
		{"more targets now", active, `{"number_paid_ultd_targets":13}`, subscription.Immediately(), wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.EqualValues(t, 13, d.PaidTargets)
			require.EqualValues(t, 15, d.MaxTargets)
			require.EqualValues(t, 128700, d.NextBillingAmount)
		}},
		{"fewer targets later", active, `{"number_paid_ultd_targets":7}`, subscription.AtPeriodEnd(), wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.EqualValues(t, 10, d.PaidTargets)
			require.EqualValues(t, 69300, d.NextBillingAmount)
		}},
		{"another plan", active, `{"plan":{"id":"pro-plus"}}`, subscription.AtPeriodEnd(), wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.Equal(t, "pro-monthly", d.Plan.ID)
			require.EqualValues(t, 120000, d.NextBillingAmount)
		}},
		{"labels and counts together", active, `{"channel":"partners","auto_collection":true,"number_free_ultd_targets":4,"number_used_ultd_targets":8,"number_used_credit_targets":2}`, subscription.When{}, wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.Equal(t, "partners", *d.Channel)
			require.True(t, d.AutoCollection)
			require.EqualValues(t, 6, d.AvailableTargets)
			require.EqualValues(t, 3, d.AvailableCreditTargets)
		}},
		{"a maximum by hand", active, `{"max_ultd_targets":20}`, subscription.When{}, wire.Strict, func(t *testing.T, d probely.Subscription) {
			require.EqualValues(t, 20, d.MaxTargets)
			require.EqualValues(t, 13, d.AvailableTargets)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			u := probely.Update{Call: subscriber(now), When: tc.when, Catalog: catalog, Mode: tc.mode}
			next, kept, err := u.Apply(tc.sub, facts, []byte(tc.change))
			require.NoError(t, err)
			tc.check(t, shown(t, next, kept, now))
			again, _, err := u.Apply(next, kept, []byte(tc.change))
			if tc.when.IsZero() && tc.name != "let a trial end" {
				require.NoError(t, err)
				require.Equal(t, next.Version(), again.Version())
			}
		})
	}
}

// Each refusal has a name; the service chooses the HTTP status.
func TestRefusalsAreNamedAndChangeNothing(t *testing.T) {
	t.Parallel()
	const now = "2026-01-20T00:00:00Z"
	active, facts := pro(t)
	locked := perUnit("pro", "P1M", "99")
	locked.Rules = plan.Rules{Quantity: plan.Operator, CancelNow: plan.Operator}
	closed, err := active.Close(operator(now))
	require.NoError(t, err)
	ending, err := active.Cancel(operator(now), subscription.AtPeriodEnd())
	require.NoError(t, err)
	short := perUnit("short", "P1M", "99")
	short.Length = &plan.Length{Cycles: 1}
	catalog := plan.MustCatalog(perUnit("pro-monthly", "P1M", "99"))
	for _, tc := range []struct {
		name   string
		sub    subscription.Subscription
		call   subscription.Call
		when   subscription.When
		change string
		want   []error
	}{
		{"a computed member", active, subscriber(now), subscription.When{}, `{"next_billing_amount":1}`, []error{probely.ErrReadOnly}},
		{"the plan's price", active, subscriber(now), subscription.When{}, `{"plan":{"id":"pro-monthly","price":1}}`, []error{probely.ErrReadOnly}},
		{"a plan that is not sold", active, subscriber(now), subscription.AtPeriodEnd(), `{"plan":{"id":"gold"}}`, []error{plan.ErrNotFound}},
		{"no mode for a quantity", active, subscriber(now), subscription.When{}, `{"number_paid_ultd_targets":11}`, []error{subscription.ErrInvalidCall}},
		{"fewer than are in use", active, subscriber(now), subscription.Immediately(), `{"number_paid_ultd_targets":4}`, []error{subscription.ErrQuantityBelowUse}},
		{"a locked quantity", sold(t, locked, "2026-01-15T10:00:00Z", 10), subscriber(now), subscription.Immediately(), `{"number_paid_ultd_targets":11}`, []error{lifecycle.ErrQuantityLocked}},
		{"an end at once", sold(t, locked, "2026-01-15T10:00:00Z", 10), subscriber(now), subscription.When{}, `{"subscription_status":"cancelled"}`, []error{lifecycle.ErrImmediateCancel}},
		{"a closed subscription", closed, subscriber(now), subscription.When{}, `{"subscription_status":"active"}`, []error{lifecycle.ErrClosed}},
		{"a change while it ends", ending, subscriber(now), subscription.AtPeriodEnd(), `{"number_paid_ultd_targets":11}`, []error{lifecycle.ErrEnding}},
		{"the end of the plan's length", sold(t, short, "2026-01-15T10:00:00Z", 10), subscriber(now), subscription.When{}, `{"subscription_status":"active"}`, []error{probely.ErrStatus}},
		{"a status that none leads to", active, subscriber(now), subscription.When{}, `{"subscription_status":"in_trial"}`, []error{probely.ErrStatus}},
		{"a blank status", active, subscriber(now), subscription.When{}, `{"subscription_status":""}`, []error{probely.ErrStatus}},
		{"nobody's call", active, subscription.Call{At: at(now)}, subscription.When{}, `{"subscription_status":"cancelled"}`, []error{subscription.ErrInvalidCall}},
		{"a call out of time", ending, subscriber("2026-01-19T00:00:00Z"), subscription.When{}, `{"subscription_status":"cancelled"}`, []error{subscription.ErrBackdated}},
		{"several at once", active, subscriber(now), subscription.When{}, `{"plan_amount":1,"subscription_status":"future","channel":"partners"}`, []error{probely.ErrReadOnly, probely.ErrStatus}},
		{"no document", active, subscriber(now), subscription.When{}, `[]`, []error{wire.ErrMalformed}},
		{"an unknown member", active, subscriber(now), subscription.When{}, `{"status":"active"}`, []error{wire.ErrMalformed}},
		{"an unknown channel", active, subscriber(now), subscription.When{}, `{"channel":"shop"}`, []error{wire.ErrMalformed}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			next, kept, err := probely.Update{Call: tc.call, When: tc.when, Catalog: catalog, Mode: wire.Strict}.Apply(tc.sub, facts, []byte(tc.change))
			for _, want := range tc.want {
				require.ErrorIs(t, err, want)
			}
			require.True(t, next.Equal(tc.sub))
			require.Equal(t, facts, kept)
		})
	}
	_, _, err = probely.BuyCredits(active, feature.Credits{}, subscriber(now), "credits-1000")
	require.ErrorIs(t, err, subscription.ErrPackNotAllowed)
	_, _, err = probely.BuyCredits(closed, feature.Credits{}, subscriber(now), "credits-50")
	require.ErrorIs(t, err, lifecycle.ErrCancelled)
	var refusal *lifecycle.TransitionError
	require.True(t, errors.As(err, &refusal))
}

func TestTheFloorOfThePaidTargetsIsThatOfTheUpdatesOwnCounts(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t) // 10 paid, 2 free, 7 in use
	for _, tc := range []struct {
		change  string
		refused bool
	}{
		{`{"number_paid_ultd_targets":5}`, false},
		{`{"number_paid_ultd_targets":4}`, true},
		{`{"number_paid_ultd_targets":5,"number_free_ultd_targets":0}`, true},
		{`{"number_free_ultd_targets":0,"number_paid_ultd_targets":5}`, true},
		{`{"number_paid_ultd_targets":4,"number_free_ultd_targets":3}`, false},
		{`{"number_paid_ultd_targets":4,"number_used_ultd_targets":6}`, false},
		{`{"number_paid_ultd_targets":5,"number_used_ultd_targets":8}`, true},
	} {
		u := strictly(subscriber("2026-01-20T00:00:00Z"))
		u.When = subscription.Immediately()
		next, kept, err := u.Apply(sub, facts, []byte(tc.change))
		if tc.refused {
			require.ErrorIs(t, err, subscription.ErrQuantityBelowUse, tc.change)
			require.True(t, next.Equal(sub), tc.change)
			require.Equal(t, facts, kept, tc.change)
			continue
		}
		require.NoError(t, err, tc.change)
		require.GreaterOrEqual(t, shown(t, next, kept, "2026-01-20T00:00:00Z").MaxTargets, kept.Seats.Used, tc.change)
	}
}

func TestThePaidTargetsOfAProPlanAreAnOperatorsToChange(t *testing.T) {
	t.Parallel()
	// Contradiction 18.
	sub, facts := pro(t)
	family := "pro"
	doc := shown(t, sub, facts, "2026-01-20T00:00:00Z")
	doc.Plan.Family = &family
	account, err := probely.Decode(wiretest.With(t, doc, nil), at("2026-01-20T00:00:00Z"), nil)
	require.NoError(t, err)
	read, kept, err := account.Adopt(probely.Origin{ID: "harbor", Start: at("2026-01-15T10:00:00Z")})
	require.NoError(t, err)
	u := strictly(subscriber("2026-01-20T00:00:00Z"))
	u.When = subscription.Immediately()
	_, _, err = u.Apply(read, kept, []byte(`{"number_paid_ultd_targets":11}`))
	require.ErrorIs(t, err, lifecycle.ErrQuantityLocked)
	u.Call.Actor = lifecycle.Operator
	_, _, err = u.Apply(read, kept, []byte(`{"number_paid_ultd_targets":11}`))
	require.NoError(t, err)
}
