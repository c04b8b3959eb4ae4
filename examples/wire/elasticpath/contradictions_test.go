package elasticpath_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/elasticpath"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// The tests of this file are named after the places where the page contradicts itself
// or the vendor's other documents; the numbers are those of the list of
// contradictions.

func encoded(t *testing.T, sub subscription.Subscription, when string) elasticpath.Meta {
	d, err := store().Encode(sub, at(when), wire.Strict)
	require.NoError(t, err)
	return d.Data.Meta
}

func act(t *testing.T, sub subscription.Subscription, when string, a elasticpath.Action) subscription.Subscription {
	next, err := elasticpath.Act(sub, subscriber(when), a)
	require.NoError(t, err)
	return next
}

func TestContradiction10TheEngineSpellsCancelledAndTheAPICanceled(t *testing.T) {
	t.Parallel()
	sub := act(t, sold(t, basicPlan, "2026-01-01T00:00:00Z"), "2026-01-10T00:00:00Z", elasticpath.Cancel)
	require.Equal(t, lifecycle.Cancelled, sub.Status(at("2026-02-01T00:00:00Z")))
	text, err := elasticpath.Marshal(encoded(t, sub, "2026-02-01T00:00:00Z"))
	require.NoError(t, err)
	require.Contains(t, string(text), `"canceled": true`)
	require.Contains(t, string(text), `"canceled_at"`)
}

func TestContradiction27ResumeIsAnActionAndNoState(t *testing.T) {
	t.Parallel()
	sub := act(t, sold(t, basicPlan, "2026-01-01T00:00:00Z"), "2026-01-10T00:00:00Z", elasticpath.Pause)
	sub = act(t, sub, "2026-02-10T00:00:00Z", elasticpath.Resume)
	m := encoded(t, sub, "2026-02-11T00:00:00Z")
	require.Equal(t, elasticpath.Active, m.Status)
	require.False(t, m.Paused)
	require.Equal(t, elasticpath.Resume, m.State.Attributes.Action)
	require.True(t, m.Timestamps.ResumedAt.Equal(at("2026-02-10T00:00:00Z")))
	require.True(t, m.Timestamps.PausedAt.Equal(at("2026-01-10T00:00:00Z")))
}

func TestContradiction28AFlagIsSetAtOnceAndTheStatusFollowsAtTheRun(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		action   elasticpath.Action
		was, is  lifecycle.Status
		canceled bool
	}{
		{elasticpath.Cancel, lifecycle.NonRenewing, lifecycle.Cancelled, true},
		{elasticpath.Pause, lifecycle.Active, lifecycle.Paused, false},
	} {
		sub := act(t, sold(t, basicPlan, "2026-01-01T00:00:00Z"), "2026-01-10T00:00:00Z", tc.action)
		before, after := encoded(t, sub, "2026-01-10T00:00:00Z"), encoded(t, sub, "2026-02-01T00:00:00Z")
		require.Equal(t, elasticpath.Active, before.Status)
		require.Equal(t, elasticpath.Inactive, after.Status)
		for _, m := range []elasticpath.Meta{before, after} {
			require.Equal(t, tc.canceled, m.Canceled)
			require.Equal(t, !tc.canceled, m.Paused)
			require.Equal(t, tc.action, m.State.Attributes.Action)
		}
		require.Equal(t, tc.was, sub.Status(at("2026-01-10T00:00:00Z")))
		require.Equal(t, tc.is, sub.Status(at("2026-02-01T00:00:00Z")))
	}
}

func TestContradiction29ResumeOfACancelledOneBringsItBackUnlessItIsClosed(t *testing.T) {
	t.Parallel()
	sub := act(t, sold(t, basicPlan, "2026-01-01T00:00:00Z"), "2026-01-10T00:00:00Z", elasticpath.Cancel)
	undone := act(t, sub, "2026-01-20T00:00:00Z", elasticpath.Resume)
	require.Equal(t, lifecycle.Active, undone.Status(at("2026-02-01T00:00:00Z")))
	back := act(t, sub, "2026-02-10T00:00:00Z", elasticpath.Resume)
	require.Equal(t, lifecycle.Active, back.Status(at("2026-02-10T00:00:00Z")))
	require.False(t, encoded(t, back, "2026-02-10T00:00:00Z").Canceled)

	closed, err := sub.Close(operator("2026-02-05T00:00:00Z"))
	require.NoError(t, err)
	_, err = elasticpath.Act(closed, subscriber("2026-02-10T00:00:00Z"), elasticpath.Resume)
	require.ErrorIs(t, err, lifecycle.ErrClosed)
	bound := compiled(basic, "30", func(p *plan.Plan) { p.Rules.Resume = plan.Operator })
	cancelled := act(t, sold(t, bound, "2026-01-01T00:00:00Z"), "2026-01-10T00:00:00Z", elasticpath.Cancel)
	_, err = elasticpath.Act(cancelled, subscriber("2026-02-10T00:00:00Z"), elasticpath.Resume)
	require.ErrorIs(t, err, lifecycle.ErrNotPermitted)
}

func TestContradiction30APlanIsAUUIDAndACurrencyThreeLetters(t *testing.T) {
	t.Parallel()
	_, err := elasticpath.DecodeChange([]byte(`{"data":{"id":"`+id+`","type":"subscription","attributes":{"plan_id":"gold"}}}`), id)
	require.EqualError(t, err, "data.attributes.plan_id: must be a UUID")
	require.ErrorIs(t, err, wire.ErrMalformed)
	for _, word := range []string{"usd", "USDX", "$", ""} {
		d, err := store().Encode(sold(t, basicPlan, "2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"), wire.Strict)
		require.NoError(t, err)
		d.Data.Attributes.Currency = word
		text, err := elasticpath.Marshal(d)
		require.NoError(t, err)
		_, err = elasticpath.Decode(text)
		require.EqualError(t, err, "data.attributes.currency: must be the three capital letters of a currency")
	}
}

func TestContradiction31AFrequencyCountsIntervalsAndAPercentageIsTakenOff(t *testing.T) {
	t.Parallel()
	p, err := elasticpath.Terms{ID: basic, Currency: "EUR", IntervalType: "month", Frequency: 12, Trial: 1, Prices: []string{"50"}, PercentOff: "10"}.Plan()
	require.NoError(t, err)
	require.Equal(t, calendar.Months(12), p.Every)
	require.Equal(t, calendar.Months(1), p.Trial.Length)
	fee, ok := p.Charges[0].Price.(plan.FlatFee)
	require.True(t, ok)
	require.Equal(t, "540", fee.Amount.String())

	_, err = elasticpath.Terms{ID: basic, Currency: "euro", IntervalType: "fortnight", Frequency: 1, Trial: -1, EndBehavior: "stop", Length: 3, Prices: []string{"x"}, PercentOff: "101"}.Plan()
	require.ErrorIs(t, err, wire.ErrMalformed)
	for _, path := range []string{"currency: ", "billing_interval_type: ", "trial_period: ", "plan_length: ", "end_behavior: ", "percent: ", "prices[0]: "} {
		require.ErrorContains(t, err, path)
	}
	_, err = elasticpath.Terms{ID: basic, Currency: "EUR", IntervalType: "month"}.Plan()
	require.EqualError(t, err, "billing_frequency: must be at least 1")
}

func TestContradiction32DaysAreRoundedByOneRuleAndMoneyByAnother(t *testing.T) {
	t.Parallel()
	require.Equal(t, calendar.NewSide, elasticpath.Up.ChangeDay())
	require.Equal(t, calendar.OldSide, elasticpath.Down.ChangeDay())
	require.Equal(t, calendar.MoreSide, elasticpath.Nearest.ChangeDay())
	p, err := elasticpath.Terms{ID: basic, Currency: "USD", IntervalType: "month", Frequency: 1, Prices: []string{"1"}}.Plan()
	require.NoError(t, err)
	require.Equal(t, money.Down, p.Policy.Rounding)
	for _, v := range elasticpath.Prorations() {
		require.True(t, v.IsValid())
		require.Contains(t, calendar.Words[calendar.ChangeDay](), v.ChangeDay())
	}
}

func TestContradiction33AChangeOfPlanSaysWhen(t *testing.T) {
	t.Parallel()
	sub := sold(t, basicPlan, "2026-01-01T00:00:00Z")
	_, _, err := store().Update(sub, subscriber("2026-01-10T00:00:00Z"), subscription.When{}, change(t, premium))
	require.ErrorIs(t, err, subscription.ErrInvalidCall)
	later, _, err := store().Update(sub, subscriber("2026-01-10T00:00:00Z"), subscription.AtPeriodEnd(), change(t, premium))
	require.NoError(t, err)
	require.Equal(t, basic, later.Plan(at("2026-01-31T23:59:59Z")).ID())
	require.Equal(t, premium, later.Plan(at("2026-02-01T00:00:00Z")).ID())
}

func TestInvoiceAfterOfAnInactiveSubscriptionStaysAtTheEndOfTheLastTermThatWasBilled(t *testing.T) {
	t.Parallel()
	active := sold(t, basicPlan, "2026-01-01T00:00:00Z")
	paused := act(t, active, "2026-01-10T00:00:00Z", elasticpath.Pause)
	ended := act(t, active, "2026-01-10T00:00:00Z", elasticpath.Cancel)
	pausedNow, err := active.Pause(operator("2026-02-10T00:00:00Z"), subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	endedNow, err := active.Cancel(operator("2026-02-10T00:00:00Z"), subscription.Immediately())
	require.NoError(t, err)
	tried, err := sold(t, triedPlan, "2026-01-01T00:00:00Z").Cancel(operator("2026-01-10T00:00:00Z"), subscription.Immediately())
	require.NoError(t, err)
	resumed := act(t, paused, "2026-06-20T00:00:00Z", elasticpath.Resume)
	for _, tc := range []struct {
		name string
		sub  subscription.Subscription
		when []string
		want string
	}{
		{"paused with the term", paused, []string{"2026-01-10T00:00:00Z", "2026-02-01T00:00:00Z", "2026-06-15T00:00:00Z"}, "2026-02-01T00:00:00Z"},
		{"ended with the term", ended, []string{"2026-01-10T00:00:00Z", "2026-02-01T00:00:00Z", "2027-06-15T00:00:00Z"}, "2026-02-01T00:00:00Z"},
		{"paused in the term", pausedNow, []string{"2026-02-10T00:00:00Z", "2026-03-01T00:00:00Z", "2026-06-15T00:00:00Z"}, "2026-03-01T00:00:00Z"},
		{"ended in the term", endedNow, []string{"2026-02-10T00:00:00Z", "2026-03-01T00:00:00Z", "2027-06-15T00:00:00Z"}, "2026-03-01T00:00:00Z"},
		{"ended in the trial, before any term", tried, []string{"2026-01-10T00:00:00Z", "2026-06-15T00:00:00Z"}, "2026-01-10T00:00:00Z"},
		{"resumed", resumed, []string{"2026-06-20T00:00:00Z"}, "2026-07-01T00:00:00Z"},
	} {
		for _, when := range tc.when {
			require.Equal(t, tc.want, wire.Nanos.Format(encoded(t, tc.sub, when).InvoiceAfter.Time), "%s, at %s", tc.name, when)
		}
	}
}

func TestWhenAnActionWasAskedForStaysWhenAnotherOneFollows(t *testing.T) {
	t.Parallel()
	sub := sold(t, basicPlan, "2026-01-01T00:00:00Z")
	for _, step := range []struct {
		when                    string
		action                  elasticpath.Action
		canceled, paused, flags string
		resumed                 string
	}{
		{"2026-01-05T00:00:00Z", elasticpath.Cancel, "2026-01-05T00:00:00Z", "", "canceled", ""},
		{"2026-01-06T00:00:00Z", elasticpath.Resume, "2026-01-05T00:00:00Z", "", "", "2026-01-06T00:00:00Z"},
		{"2026-01-07T00:00:00Z", elasticpath.Pause, "2026-01-05T00:00:00Z", "2026-01-07T00:00:00Z", "paused", "2026-01-06T00:00:00Z"},
		{"2026-01-08T00:00:00Z", elasticpath.Resume, "2026-01-05T00:00:00Z", "2026-01-07T00:00:00Z", "", "2026-01-08T00:00:00Z"},
		{"2026-01-09T00:00:00Z", elasticpath.Cancel, "2026-01-09T00:00:00Z", "2026-01-07T00:00:00Z", "canceled", "2026-01-08T00:00:00Z"},
		{"2026-02-10T00:00:00Z", elasticpath.Resume, "2026-01-09T00:00:00Z", "2026-01-07T00:00:00Z", "", "2026-02-10T00:00:00Z"},
	} {
		sub = act(t, sub, step.when, step.action)
		m := encoded(t, sub, step.when)
		for _, said := range []struct {
			want string
			is   *elasticpath.Instant
		}{{step.canceled, m.Timestamps.CanceledAt}, {step.paused, m.Timestamps.PausedAt}, {step.resumed, m.Timestamps.ResumedAt}} {
			if said.want == "" {
				require.Nil(t, said.is, step.when)
			} else {
				require.Equal(t, said.want, wire.Nanos.Format(said.is.Time), step.when)
			}
		}
		require.Equal(t, []bool{step.flags == "canceled", step.flags == "paused"}, []bool{m.Canceled, m.Paused}, step.when)
		require.Equal(t, step.action, m.State.Attributes.Action)
	}
}

func TestAChangeOfPlanThatWaitsIsNamedAndUndoneByThePlanInForce(t *testing.T) {
	t.Parallel()
	const now = "2026-01-10T00:00:00Z"
	seats := compiled(basic, "30", func(p *plan.Plan) {
		p.Charges[0].Price = plan.PerUnit{UnitAmount: decimal.RequireFromString("30")}
	})
	s := elasticpath.Store{Plans: []*plan.Version{seats, premiumPlan}}
	sub, waits, err := s.Update(sold(t, seats, "2026-01-01T00:00:00Z"), subscriber(now), subscription.AtPeriodEnd(), change(t, premium))
	require.NoError(t, err)
	require.Len(t, waits, 1)
	require.Equal(t, premium, waits[0].Plan.ID)
	require.Equal(t, at("2026-02-01T00:00:00Z"), waits[0].At)

	// A body without a plan leaves it, and still names it.
	same, waits, err := s.Update(sub, subscriber(now), subscription.When{}, change(t, ""))
	require.NoError(t, err)
	require.True(t, same.Equal(sub))
	require.Len(t, waits, 1)

	// The plan in force undoes it. Other scheduled changes remain.
	sub, err = sub.ChangeQuantity(operator(now), subscription.On(at("2026-01-20T00:00:00Z")), "", decimal.NewFromInt(3))
	require.NoError(t, err)
	kept, waits, err := s.Update(sub, subscriber(now), subscription.When{}, change(t, basic))
	require.NoError(t, err)
	require.Len(t, waits, 1)
	require.Equal(t, "3", waits[0].Quantity.String())
	require.Equal(t, lifecycle.Operator, kept.Command(waits[0].Command).Actor, "as it was asked for")
	require.Equal(t, basic, kept.Plan(at("2026-02-01T00:00:00Z")).ID())

	// A change that was done is a retry, though its key stands for another command.
	keyed := subscriber(now)
	keyed.Key = "put-1"
	changed, _, err := s.Update(sold(t, seats, "2026-01-01T00:00:00Z"), keyed, subscription.Immediately(), change(t, premium))
	require.NoError(t, err)
	retried, _, err := s.Update(changed, keyed, subscription.Immediately(), change(t, premium))
	require.NoError(t, err)
	require.True(t, retried.Equal(changed))

	// And once more it changes nothing.
	same, waits, err = s.Update(kept, subscriber(now), subscription.When{}, change(t, basic))
	require.NoError(t, err)
	require.True(t, same.Equal(kept))
	require.Len(t, waits, 1)
}
