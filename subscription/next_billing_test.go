package subscription_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestTheNextBillingIsSetWhereAPeriodRuns(t *testing.T) {
	t.Parallel()
	year := plan.Charge{ID: "year", Every: calendar.Years(1), Price: plan.FlatFee{Amount: decimal.NewFromInt(90)}}
	for _, test := range []struct {
		name  string
		alter func(*plan.Plan)
		steps []string // an instant and a verb
		to    string
		want  string
	}{
		{"later", nil, nil, "2026-02-15T00:00:00Z", ""},
		{"earlier", nil, nil, "2026-01-20T00:00:01Z", ""},
		{"on the same day", nil, nil, "2026-01-20T00:00:00.000001Z", ""},
		{"ten years ahead", nil, nil, "2036-01-20T00:00:00Z", ""},
		{"and no more", nil, nil, "2036-01-20T00:00:00.000001Z", "subscription: invalid call: next_billing: must not lie after 2036-01-20T00:00:00Z"},
		{"no instant", nil, nil, "", "subscription: invalid call: next_billing: missing"},
		{"at the call", nil, nil, "2026-01-20T00:00:00Z", "lifecycle: date in the past: set_next_billing by operator while active; allowed instead: set_anchor, change_plan_now; or set_next_billing with other options"},
		{"in a trial", func(p *plan.Plan) { p.Trial = &plan.Trial{Length: calendar.Days(30)} }, nil, "2026-02-15T00:00:00Z", "lifecycle: in trial: set_next_billing by operator while in_trial; allowed instead: end_trial, extend_trial, set_anchor, change_plan_now"},
		{"where nothing recurs", func(p *plan.Plan) { p.Every = calendar.Interval{} }, nil, "2026-02-15T00:00:00Z", "lifecycle: no billing period: set_next_billing by operator while active; allowed instead: change_plan_now"},
		{"in a pause", nil, []string{"2026-01-15T00:00:00Z pause"}, "2026-02-15T00:00:00Z", "lifecycle: paused: set_next_billing by operator while paused; allowed instead: resume_now, resume_on_date"},
		{"in a hold", nil, []string{"2026-01-15T00:00:00Z hold"}, "2026-02-15T00:00:00Z", "lifecycle: paused: set_next_billing by operator while paused (flags: held); allowed instead: release"},
		{"suspended", nil, []string{"2026-01-15T00:00:00Z suspend"}, "2026-02-15T00:00:00Z", ""},
		{"cancelled", nil, []string{"2026-01-15T00:00:00Z cancel now"}, "2026-02-15T00:00:00Z", "lifecycle: cancelled: set_next_billing by operator while cancelled; allowed instead: reactivate"},
		{"before its end", nil, []string{"2026-01-15T00:00:00Z cancel"}, "2026-02-15T00:00:00Z", ""},
		{"intervals of charges", func(p *plan.Plan) { p.Charges = append(p.Charges, year) }, nil, "2026-02-15T00:00:00Z", "subscription: invalid call: next_billing: charges bill by intervals of their own"},
		{"a price of a shorter interval", func(p *plan.Plan) { p.Every, p.Charges[0].PriceEvery = calendar.Months(3), calendar.Months(1) }, nil, "2026-02-15T00:00:00Z", "subscription: invalid call: next_billing: prices are for a shorter interval than charges bill by"},
		{"a term that counts", func(p *plan.Plan) {
			p.Charges = append(p.Charges, plan.Charge{ID: "calls", Metric: "calls", CountOver: calendar.Years(1), Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(1)}})
		}, nil, "2026-02-15T00:00:00Z", "subscription: invalid call: next_billing: a charge counts its usage over a term"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sub := begun(t, subscription.Params{Plan: scanner(t, test.alter), Start: instantOf(t, "2026-01-01T00:00:00Z")})
			for _, s := range test.steps {
				sub = having(t, sub, suspendedStep(t, s[:20], s[21:]))
			}
			to := time.Time{}
			if test.to != "" {
				to = instantOf(t, test.to)
			}
			call := subscription.Call{At: instantOf(t, "2026-01-20T00:00:00Z"), Actor: lifecycle.Operator}
			moved, err := sub.SetNextBilling(call, to, subscription.Free)
			if test.want != "" {
				require.EqualError(t, err, test.want)
				require.True(t, moved.Equal(sub))
				return
			}
			require.NoError(t, err)
			period, ok := moved.Period(call.At)
			require.True(t, ok)
			require.Equal(t, to, period.End)
			if test.name != "before its end" {
				period, _ = moved.Period(to)
				require.Equal(t, calendar.Period{Start: to, End: to.AddDate(0, 1, 0)}, period)
			}
		})
	}
}

func TestAnActiveSubscriptionHasNoTrialToExtendButANextBillingToMove(t *testing.T) {
	t.Parallel()
	sub := begun(t, subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-01T00:00:00Z")})
	_, err := sub.ExtendTrial(subscription.Call{At: instantOf(t, "2026-01-20T00:00:00Z"), Actor: lifecycle.Operator}, instantOf(t, "2026-02-15T00:00:00Z"))
	require.ErrorIs(t, err, lifecycle.ErrNotInTrial)
	require.ErrorContains(t, err, "allowed instead: set_next_billing")
}

func TestTheNextBillingIsACommandAsAny(t *testing.T) {
	t.Parallel()
	version := scanner(t, nil)
	sub := begun(t, subscription.Params{Plan: version, Start: instantOf(t, "2026-01-01T00:00:00Z")})
	at, to := instantOf(t, "2026-01-20T00:00:00Z"), instantOf(t, "2026-02-15T00:00:00Z")
	call := subscription.Call{At: at, Actor: lifecycle.Subscriber, Key: "k"}
	moved, err := sub.SetNextBilling(call, to, subscription.ByShare)
	require.NoError(t, err)
	again, err := moved.SetNextBilling(call, to, subscription.ByShare)
	require.NoError(t, err)
	require.True(t, again.Equal(moved))
	_, err = moved.SetNextBilling(call, to, "")
	require.ErrorIs(t, err, subscription.ErrKeyReused)
	call.Key = ""
	_, err = sub.SetNextBilling(call, to, "half")
	require.EqualError(t, err, `subscription: invalid call: set_next_billing: difference: "half"`)

	given := moved.Command(2)
	require.Equal(t, to, given.NextBilling)
	require.Equal(t, subscription.ByShare, given.Difference)
	data, err := json.Marshal(moved)
	require.NoError(t, err)
	require.Contains(t, string(data), `"action":"set_next_billing","actor":"subscriber","key":"k","next_billing":"2026-02-15T00:00:00Z","difference":"share"`)
	read, err := subscription.Decode(data, plan.MustCatalog(version.Plan()))
	require.NoError(t, err)
	require.True(t, read.Equal(moved))

	// What was to come at the end of the period comes with it; a correction before it holds.
	cancelled, err := moved.Cancel(subscription.Call{At: at, Actor: lifecycle.Subscriber}, subscription.AtPeriodEnd())
	require.NoError(t, err)
	ends, _ := cancelled.EndsAt(at)
	require.Equal(t, to, ends.At)
	corrected, err := moved.ChangeQuantity(subscription.Call{At: instantOf(t, "2026-01-10T00:00:00Z"), Actor: lifecycle.Operator, Correction: true}, subscription.Immediately(), "", decimal.NewFromInt(2))
	require.NoError(t, err)
	period, _ := corrected.Period(at)
	require.Equal(t, to, period.End)
}
