package elasticpath_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/elasticpath"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestWhatIsRefusedAndWhy(t *testing.T) {
	t.Parallel()
	running := sold(t, basicPlan, "2026-01-01T00:00:00Z")
	trial := sold(t, triedPlan, "2026-01-01T00:00:00Z")
	ahead := sold(t, basicPlan, "2026-03-01T00:00:00Z", func(p *subscription.Params) { p.At = at("2026-01-01T00:00:00Z") })
	ended := act(t, running, "2026-01-02T00:00:00Z", elasticpath.Cancel)
	waiting := act(t, running, "2026-01-02T00:00:00Z", elasticpath.Pause)
	bound := sold(t, compiled(basic, "30", func(p *plan.Plan) { p.Rules = plan.Rules{Cancel: plan.Operator, Pause: plan.Operator} }), "2026-01-01T00:00:00Z")
	update := func(planID string) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			next, _, err := store().Update(s, c, subscription.Immediately(), change(t, planID))
			return next, err
		}
	}
	do := func(a elasticpath.Action) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
		return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return elasticpath.Act(s, c, a)
		}
	}
	for _, tc := range []struct {
		name string
		sub  subscription.Subscription
		when string
		do   func(subscription.Subscription, subscription.Call) (subscription.Subscription, error)
		want error
	}{
		{"a plan that is not in the offering", running, "2026-01-10T00:00:00Z", update(foreign), subscription.ErrPlanNotInOffering},
		{"a plan in another currency", running, "2026-01-10T00:00:00Z", update(euro), subscription.ErrCurrency},
		{"a plan that nobody sells", running, "2026-01-10T00:00:00Z", update("00000000-0000-4000-8000-000000000000"), plan.ErrNotFound},
		{"a change once it is over", ended, "2026-02-10T00:00:00Z", update(premium), lifecycle.ErrCancelled},
		{"a change while it is paused", waiting, "2026-02-10T00:00:00Z", update(premium), lifecycle.ErrPaused},
		{"a second cancel", ended, "2026-01-10T00:00:00Z", do(elasticpath.Cancel), lifecycle.ErrAlreadyScheduled},
		{"a cancel once it is over", ended, "2026-02-10T00:00:00Z", do(elasticpath.Cancel), lifecycle.ErrAlreadyCancelled},
		{"a second pause", waiting, "2026-01-10T00:00:00Z", do(elasticpath.Pause), lifecycle.ErrAlreadyScheduled},
		{"a pause in a trial", trial, "2026-01-10T00:00:00Z", do(elasticpath.Pause), lifecycle.ErrInTrial},
		{"a pause before the start", ahead, "2026-01-10T00:00:00Z", do(elasticpath.Pause), lifecycle.ErrNotStarted},
		{"a pause of one that ends", ended, "2026-01-10T00:00:00Z", do(elasticpath.Pause), lifecycle.ErrEnding},
		{"a resume of nothing", running, "2026-01-10T00:00:00Z", do(elasticpath.Resume), lifecycle.ErrNotPaused},
		{"a cancel that the plan denies", bound, "2026-01-10T00:00:00Z", do(elasticpath.Cancel), lifecycle.ErrNotPermitted},
		{"a pause that the plan denies", bound, "2026-01-10T00:00:00Z", do(elasticpath.Pause), lifecycle.ErrNotPermitted},
	} {
		next, err := tc.do(tc.sub, subscriber(tc.when))
		require.ErrorIs(t, err, tc.want, tc.name)
		require.True(t, next.Equal(tc.sub), tc.name)
	}
	_, err := elasticpath.Act(running, subscriber("2026-01-10T00:00:00Z"), "stop")
	require.Error(t, err)
	other := change(t, premium)
	other.Data.ID = account
	_, _, err = store().Update(running, subscriber("2026-01-10T00:00:00Z"), subscription.Immediately(), other)
	require.ErrorIs(t, err, subscription.ErrNotFound)
	// An operator may do what the plan denies to subscribers.
	_, err = elasticpath.Act(bound, operator("2026-01-10T00:00:00Z"), elasticpath.Pause)
	require.NoError(t, err)
}

func TestADocumentIsRefusedWithEveryFault(t *testing.T) {
	t.Parallel()
	_, err := elasticpath.DecodeChange([]byte(`{"data":{"id":"`+account+`","type":"plan","attributes":{"plan_id":"`+basic+`"}}}`), id)
	require.EqualError(t, err, "data.id: must be the id of the path\ndata.type: must be another type")
	_, err = elasticpath.DecodeChange([]byte(`{"data":{"id":"`+id+`","type":"subscription","attributes":{"price":1}}}`), id)
	require.EqualError(t, err, "data.attributes.price: unknown field")
	_, err = elasticpath.Decode([]byte(`{"data":{}}`))
	require.ErrorIs(t, err, wire.ErrMalformed)
	for _, path := range []string{"data.id: ", "data.attributes.account_id: ", "data.attributes.offering.attributes.name: ", "data.meta.owner: ", "data.meta.status: ", "data.meta.invoice_after: "} {
		require.ErrorContains(t, err, path)
	}
}

func TestEveryStatusHasItsWords(t *testing.T) {
	t.Parallel()
	op := func(when string) subscription.Call { return operator(when) }
	must := func(s subscription.Subscription, err error) subscription.Subscription {
		require.NoError(t, err)
		return s
	}
	now := "2026-01-20T00:00:00Z"
	base, trial := sold(t, basicPlan, "2026-01-15T00:00:00Z"), sold(t, triedPlan, "2026-01-15T00:00:00Z")
	for _, tc := range []struct {
		name, when               string
		sub                      subscription.Subscription
		status                   elasticpath.Status
		canceled, paused, closed bool
		end                      string
	}{
		{"future", "2026-01-14T12:00:00Z", base, elasticpath.Inactive, false, false, false, ""},
		{"in trial", now, trial, elasticpath.Active, false, false, false, ""},
		{"in trial, held", now, must(trial.Hold(op(now))), elasticpath.Inactive, false, false, false, ""},
		{"in trial, cancelled at its end", now, must(trial.Cancel(op(now), subscription.AtPeriodEnd())), elasticpath.Active, true, false, false, "2026-02-15T00:00:00Z"},
		{"active", now, base, elasticpath.Active, false, false, false, ""},
		{"active, a pause waits", now, must(base.Pause(op(now), subscription.AtPeriodEnd(), subscription.Pause{})), elasticpath.Active, false, true, false, ""},
		{"non-renewing by cancel", now, must(base.Cancel(op(now), subscription.AtPeriodEnd())), elasticpath.Active, true, false, false, "2026-02-15T00:00:00Z"},
		{"non-renewing by renewal off", now, must(base.SetAutoRenewal(op(now), false)), elasticpath.Active, false, false, false, "2026-02-15T00:00:00Z"},
		{"paused", now, must(base.Pause(op(now), subscription.Immediately(), subscription.Pause{})), elasticpath.Inactive, false, true, false, ""},
		{"held", now, must(base.Hold(op(now))), elasticpath.Inactive, false, true, false, ""},
		{"cancelled", now, must(base.Cancel(op(now), subscription.Immediately())), elasticpath.Inactive, true, false, false, now},
		{"closed", now, must(base.Close(op(now))), elasticpath.Inactive, false, false, true, now},
	} {
		d, err := store().Encode(tc.sub, at(tc.when), wire.Strict)
		require.NoError(t, err, tc.name)
		m := d.Data.Meta
		require.Equal(t, tc.status, m.Status, tc.name)
		require.Equal(t, []bool{tc.canceled, tc.paused, tc.closed}, []bool{m.Canceled, m.Paused, m.Closed}, tc.name)
		if tc.end == "" {
			require.Nil(t, m.Timestamps.EndDate, tc.name)
		} else {
			require.True(t, m.Timestamps.EndDate.Equal(at(tc.end)), tc.name)
		}
		kept, err := elasticpath.Keep(tc.sub, at(tc.when))
		require.NoError(t, err)
		read, err := elasticpath.Read(d, kept, at(tc.when))
		require.NoError(t, err, tc.name)
		require.Equal(t, tc.sub.Status(at(tc.when)), read.Status, tc.name)
		adopted, err := store().Adopt(d, kept, at(tc.when))
		require.NoError(t, err, tc.name)
		require.Equal(t, read.Status, adopted.Status(at(tc.when)), tc.name)
	}
}

func TestStrictRefusesWhatLossyLeavesOut(t *testing.T) {
	t.Parallel()
	now := "2026-01-20T00:00:00Z"
	for _, tc := range []struct {
		field string
		sub   subscription.Subscription
	}{
		{"data.attributes.offering", sold(t, basicPlan, "2026-01-15T00:00:00Z", func(p *subscription.Params) { p.Offering = nil })},
		{"data.id", sold(t, basicPlan, "2026-01-15T00:00:00Z", func(p *subscription.Params) { p.ID = "s" })},
	} {
		_, err := store().Encode(tc.sub, at(now), wire.Strict)
		require.ErrorIs(t, err, wire.ErrNotRepresentable)
		var said *wire.NotRepresentableError
		require.ErrorAs(t, err, &said)
		require.Equal(t, tc.field, said.Field)
		_, err = store().Encode(tc.sub, at(now), wire.Lossy)
		require.NoError(t, err)
	}
}
