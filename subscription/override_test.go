package subscription_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func revoke(a feature.Assignment, keys ...feature.Key) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.RevokeFeatures(c, keys, a)
	}
}

func TestAssignedFeaturesMergeOverThePlan(t *testing.T) {
	t.Parallel()
	const at, later = "2026-01-20T00:00:00Z", "2026-01-21T00:00:00Z"
	unlimited := true
	s := begun(t, subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-15T10:00:00Z")})
	s = having(t, s, stepAt{at, assign(feature.Overrides{"rescan": feature.LimitTo(20), "number_of_ips": feature.ExtraOf(5)}, feature.Assignment{})})
	require.Equal(t, "rescan: 10 per day (plan)", allowance(t, s, "rescan", "2026-01-19T23:59:59Z"), "not before it was assigned")
	require.Equal(t, "rescan: 20 per day (merged)", allowance(t, s, "rescan", at))
	require.Equal(t, "number_of_ips: 15 in use at a time (merged)", allowance(t, s, "number_of_ips", at))

	s = having(t, s, stepAt{later, assign(feature.Overrides{"rescan": {Unlimited: &unlimited}}, feature.Assignment{})})
	e, err := s.Entitlement("rescan", instantOf(t, later))
	require.NoError(t, err)
	require.True(t, e.Grant().Unlimited)
	require.Equal(t, "20", e.Grant().Limit.String(), "what was assigned before stays")
	require.Equal(t, feature.FromOverride, e.OriginOf("limit"))
	require.Equal(t, feature.FromOverride, e.OriginOf("unlimited"))
	require.Equal(t, feature.FromPlan, e.OriginOf("window"))
	ips, err := s.Entitlement("number_of_ips", instantOf(t, later))
	require.NoError(t, err)
	require.Equal(t, feature.Merged, ips.OriginOf("limit"), "an addition leaves the rest to the plan")
	reports, err := s.Entitlement("reports", instantOf(t, later))
	require.NoError(t, err)
	require.Equal(t, feature.FromPlan, reports.Origin())

	// Both again, and nothing changes.
	again := having(t, s, stepAt{"2026-01-22T00:00:00Z", assign(feature.Overrides{"rescan": {Unlimited: &unlimited}}, feature.Assignment{})})
	require.Equal(t, s.Version(), again.Version())

	s = having(t, s, stepAt{"2026-01-23T00:00:00Z", revoke(feature.Assignment{}, "rescan", "rescan")})
	require.Equal(t, "rescan: unlimited per day (merged)", allowance(t, s, "rescan", "2026-01-22T23:59:59Z"))
	require.Equal(t, "rescan: 10 per day (plan)", allowance(t, s, "rescan", "2026-01-23T00:00:00Z"))
	require.Equal(t, []feature.Key{"number_of_ips"}, s.Overrides(instantOf(t, "2026-01-23T00:00:00Z")).Keys())
	require.Equal(t, []feature.Key{"number_of_ips", "rescan"}, s.Overrides(instantOf(t, at)).Keys(), "the past stays what it was")
	require.Empty(t, s.Overrides(instantOf(t, "2026-01-19T00:00:00Z")))

	// What was assigned survives being written and read.
	data, err := json.Marshal(s)
	require.NoError(t, err)
	read, err := subscription.Decode(data, plan.MustCatalog(scanner(t, nil).Plan()))
	require.NoError(t, err)
	require.Equal(t, allowance(t, s, "number_of_ips", later), allowance(t, read, "number_of_ips", later))
	require.True(t, s.Overrides(instantOf(t, later)).Equal(read.Overrides(instantOf(t, later))))
}

func TestAFeatureThatThePlanLacksIsGivenWhereThatIsOpen(t *testing.T) {
	t.Parallel()
	const at = "2026-01-20T00:00:00Z"
	vrms := feature.Overrides{"internal_vrms": feature.Instead(feature.UpTo(3))}
	s := begun(t, subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-15T10:00:00Z")})
	_, err := s.AssignFeatures(subscription.Call{At: instantOf(t, at), Actor: lifecycle.Operator}, vrms, feature.Assignment{})
	require.ErrorIs(t, err, feature.ErrUnknown)
	s = having(t, s, stepAt{at, assign(vrms, feature.Assignment{Open: true})})
	e, err := s.Entitlement("internal_vrms", instantOf(t, at))
	require.NoError(t, err)
	require.Equal(t, feature.FromOverride, e.Origin())
	s = having(t, s, stepAt{"2026-01-21T00:00:00Z", revoke(feature.Assignment{}, "internal_vrms")})
	require.Equal(t, "internal_vrms: not granted", allowance(t, s, "internal_vrms", "2026-01-21T00:00:00Z"))
}

func TestWhatMayNotBeAssignedOrRevokedIsRefused(t *testing.T) {
	t.Parallel()
	num := decimal.NewFromInt
	inUse := map[feature.Key]decimal.Decimal{"number_of_ips": num(8)}
	parent := map[feature.Key]decimal.Decimal{"number_of_ips": num(12), "rescan": num(15)}
	unlimited := true
	none := feature.Assignment{}
	start := stepAt{"2026-01-16T00:00:00Z", assign(feature.Overrides{"number_of_ips": feature.LimitTo(12)}, none)}
	for _, row := range []struct {
		name string
		do   func(subscription.Subscription, subscription.Call) (subscription.Subscription, error)
		err  error // nil: allowed
	}{
		{"a required feature turned off", assign(feature.Overrides{"number_of_ips": feature.Turn(false)}, none), feature.ErrRequired},
		{"one that the service requires", assign(feature.Overrides{"rescan": feature.Turn(false)}, feature.Assignment{Required: []feature.Key{"rescan"}}), feature.ErrRequired},
		{"any other turned off", assign(feature.Overrides{"rescan": feature.Turn(false)}, none), nil},
		{"a negative limit", assign(feature.Overrides{"rescan": feature.LimitTo(-1)}, none), feature.ErrInvalidLimit},
		{"a limit below what is in use", assign(feature.Overrides{"number_of_ips": feature.LimitTo(7)}, feature.Assignment{InUse: inUse}), feature.ErrQuotaBelowUsage},
		{"the same, forced", assign(feature.Overrides{"number_of_ips": feature.LimitTo(7)}, feature.Assignment{InUse: inUse, Force: true}), nil},
		{"exactly what is in use", assign(feature.Overrides{"number_of_ips": feature.LimitTo(8)}, feature.Assignment{InUse: inUse}), nil},
		{"all that the parent has left", assign(feature.Overrides{"rescan": feature.LimitTo(15)}, feature.Assignment{ParentRemaining: parent}), nil},
		{"more than the parent has left", assign(feature.Overrides{"rescan": feature.LimitTo(16)}, feature.Assignment{ParentRemaining: parent}), feature.ErrParentLimit},
		{"without end where the parent has one", assign(feature.Overrides{"rescan": {Unlimited: &unlimited}}, feature.Assignment{ParentRemaining: parent}), feature.ErrParentLimit},
		{"one of two at fault", assign(feature.Overrides{"rescan": feature.LimitTo(11), "sso": feature.Turn(true)}, none), feature.ErrUnknown},
		{"no override to revoke", revoke(none, "rescan"), feature.ErrNotAssigned},
		{"nothing of that name to revoke", revoke(none, "sso"), feature.ErrUnknown},
		{"a fall back below what is in use", revoke(feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"number_of_ips": num(11)}}, "number_of_ips"), feature.ErrQuotaBelowUsage},
		{"a fall back to what is in use", revoke(feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"number_of_ips": num(10)}}, "number_of_ips"), nil},
		{"a required feature, which the plan has", revoke(feature.Assignment{Required: []feature.Key{"number_of_ips"}}, "number_of_ips"), nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := having(t, begun(t, subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-15T10:00:00Z")}), start)
			got, err := row.do(s, subscription.Call{At: instantOf(t, "2026-01-20T00:00:00Z"), Actor: lifecycle.Operator})
			if row.err == nil {
				require.NoError(t, err)
				require.Equal(t, s.Version()+1, got.Version())
				return
			}
			require.ErrorIs(t, err, subscription.ErrInvalidCall)
			require.ErrorIs(t, err, row.err)
			require.Equal(t, s.Version(), got.Version())
			require.Equal(t, "rescan: 10 per day (plan)", allowance(t, got, "rescan", "2026-01-20T00:00:00Z"))
		})
	}
}

func TestFeaturesAreAssignedInEveryStatusButCancelled(t *testing.T) {
	t.Parallel()
	give := assign(feature.Overrides{"rescan": feature.LimitTo(20)}, feature.Assignment{})
	s := begun(t, subscription.Params{Plan: scanner(t, nil), At: instantOf(t, "2026-01-01T00:00:00Z"), Start: instantOf(t, "2026-01-15T10:00:00Z")})

	early := having(t, s, stepAt{"2026-01-02T00:00:00Z", give})
	require.Equal(t, "rescan: 20 per day (merged), dormant", allowance(t, early, "rescan", "2026-01-03T00:00:00Z"))
	require.Equal(t, "rescan: 20 per day (merged)", allowance(t, early, "rescan", "2026-01-15T10:00:00Z"))

	paused := having(t, s, stepAt{"2026-01-20T00:00:00Z", now(pause)}, stepAt{"2026-01-21T00:00:00Z", give}, stepAt{"2026-01-22T00:00:00Z", resume("")})
	require.Equal(t, "rescan: 20 per day (merged), dormant", allowance(t, paused, "rescan", "2026-01-21T00:00:00Z"))
	require.Equal(t, "rescan: 20 per day (merged)", allowance(t, paused, "rescan", "2026-01-22T00:00:00Z"))

	over := having(t, s, stepAt{"2026-01-20T00:00:00Z", now(subscription.Subscription.Cancel)})
	_, err := give(over, subscription.Call{At: instantOf(t, "2026-01-21T00:00:00Z"), Actor: lifecycle.Operator})
	require.ErrorIs(t, err, lifecycle.ErrCancelled)
}

func TestOverridesFollowTheirFeatureIntoAnotherPlan(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: scanner(t, nil), Start: instantOf(t, "2026-01-15T10:00:00Z")})
	s = having(
		t, s,
		stepAt{"2026-01-16T00:00:00Z", assign(feature.Overrides{
			"number_of_ips": feature.ExtraOf(5), "rescan": feature.LimitTo(20), "ai_remediator": feature.Turn(false),
		}, feature.Assignment{})},
		stepAt{"2026-01-20T00:00:00Z", changeTo(larger(t, scanner(t, nil).Every()), subscription.AtPeriodEnd(), plan.Policy{})},
	)
	const before, at = "2026-02-15T09:59:59Z", "2026-02-15T10:00:00Z"
	require.Equal(t, "number_of_ips: 15 in use at a time (merged)", allowance(t, s, "number_of_ips", before))
	require.Equal(t, "number_of_ips: 55 in use at a time (merged)", allowance(t, s, "number_of_ips", at), "an addition adds to the new limit")
	require.Equal(t, "rescan: 20 per day (merged)", allowance(t, s, "rescan", at), "a limit of its own stays")
	require.Equal(t, "ai_remediator: off (merged)", allowance(t, s, "ai_remediator", before))
	require.Equal(t, "ai_remediator: not granted", allowance(t, s, "ai_remediator", at), "nothing is left to turn off")
}
