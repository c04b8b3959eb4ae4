package revenium_test

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/wire/revenium"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Where the page contradicts itself or others, and figures that were computed apart
// from this engine, by the numbers under which both are known.

func TestContradiction22AThresholdIsAPercentageThatUseMustExceed(t *testing.T) {
	t.Parallel()
	// Worked example 23: a quota of 1000, and 80 percent.
	sub := sold(t, metered(), "2026-01-15T10:00:00Z")
	sub, _, err := put(subscriber(now)).Apply(sub, revenium.Facts{}, wiretest.With(t, shown(t, sub, now), map[string]any{"quotaNotificationThreshold": 80.0}))
	require.NoError(t, err)
	entitlement, err := sub.Entitlement(revenium.Quota, at(now))
	require.NoError(t, err)
	used := feature.QuotaUsage{}
	for _, step := range []struct {
		more   int64
		fires  bool
		isOver bool
	}{{800, false, false}, {1, true, false}, {199, false, false}, {1, false, true}} {
		next, decision := entitlement.Consume(used, feature.Request{Amount: decimal.NewFromInt(step.more), At: at(now)})
		require.True(t, decision.Allowed)
		require.Equal(t, step.fires, len(decision.Fired()) == 1)
		used = next
		doc, err := revenium.Encode(sub, revenium.Facts{Quota: used}, at(now), wire.Strict)
		require.NoError(t, err)
		over, _ := doc.OverQuota.Value()
		require.Equal(t, step.isOver, over)
	}
	// 0 turns it off.
	off, _, err := put(subscriber(now)).Apply(sub, revenium.Facts{}, wiretest.With(t, shown(t, sub, now), map[string]any{"quotaNotificationThreshold": 0}))
	require.NoError(t, err)
	entitlement, err = off.Entitlement(revenium.Quota, at(now))
	require.NoError(t, err)
	_, decision := entitlement.Consume(feature.QuotaUsage{}, feature.Request{Amount: decimal.NewFromInt(1000), At: at(now)})
	require.Empty(t, decision.Fired())
}

func TestContradiction23OverQuotaIsComputedAndWhatIsSentIsIgnored(t *testing.T) {
	t.Parallel()
	sub := sold(t, metered(), "2026-01-15T10:00:00Z")
	next, _, err := put(subscriber(now)).Apply(sub, revenium.Facts{}, wiretest.With(t, shown(t, sub, now), map[string]any{"overQuota": true}))
	require.NoError(t, err)
	require.Equal(t, sub.Version(), next.Version())
	over, there := shown(t, next, now).OverQuota.Value()
	require.True(t, there)
	require.False(t, over)
}

func TestContradiction24GraduatedIsTieredAndAFlatAmountCountsOnceForEachTierEntered(t *testing.T) {
	t.Parallel()
	// Worked example 7: a charge in arrears and the usage of the period.
	for _, tc := range []struct {
		used      string
		graduated bool
		want      string
	}{
		{"345", true, "351.49 USD"},
		{"345", false, "291.49 USD"},
		{"100", true, "149.99 USD"},
		{"100", false, "149.99 USD"},
		{"101", true, "239.99 USD"},
		{"101", false, "139.99 USD"},
		{"0", true, "49.99 USD"},
		{"0", false, "49.99 USD"},
	} {
		p := metered()
		p.Arrears, p.Graduated = true, tc.graduated
		sub := sold(t, p, "2026-01-15T10:00:00Z")
		usage := billing.Usage{{Metric: string(revenium.Quota), At: at(now), Quantity: dec(tc.used)}}
		invoices, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, at("2026-02-15T10:00:00Z"))
		require.NoError(t, err)
		require.Len(t, invoices, 1)
		require.Equal(t, tc.want, invoices[0].Total.String())
		require.Equal(t, at("2026-02-15T10:00:00Z"), invoices[0].At)
	}
	// Without the product's word that nothing costs nothing, the first tier is owed.
	p := metered()
	price := plan.Tiered{Tiers: p.Tiers}
	table, err := plan.CompilePrice(price, p.Currency)
	require.NoError(t, err)
	due, err := table.Exact(decimal.Zero)
	require.NoError(t, err)
	require.Equal(t, "100", due.String())
}

func TestContradiction25TheChargeIsDueInAdvanceUnlessTheProductSaysInArrears(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		arrears bool
		want    []string
	}{
		{false, []string{"2026-01-15T10:00:00Z", "2026-02-15T10:00:00Z"}},
		{true, []string{"2026-02-15T10:00:00Z"}},
	} {
		p := metered()
		p.Arrears = tc.arrears
		invoices, _, err := billing.Invoices(sold(t, p, "2026-01-15T10:00:00Z"), nil, billing.Checkpoint{}, at("2026-02-15T10:00:00Z"))
		require.NoError(t, err)
		var dates []string
		for _, inv := range invoices {
			dates = append(dates, wire.Seconds.Format(inv.At))
		}
		require.Equal(t, tc.want, dates)
	}
}

func TestContradiction26AnImmediateEndIsAllowedUnlessItIsDeniedToSubscribers(t *testing.T) {
	t.Parallel()
	sub := sold(t, metered(), "2026-01-15T10:00:00Z")
	require.True(t, shown(t, sub, now).ImmediateCancel.IsZero())
	byPlan := metered().Plan()
	byPlan.Rules.CancelNow = plan.Operator
	v, err := plan.Compile(byPlan)
	require.NoError(t, err)
	ruled, err := subscription.New(subscription.Params{ID: "jRw8Gq", Plan: v, Start: at("2026-01-15T10:00:00Z")})
	require.NoError(t, err)
	said := func(allowed bool) subscription.Subscription {
		next, _, err := put(operator(now)).Apply(sub, revenium.Facts{}, wiretest.With(t, shown(t, sub, now), map[string]any{"allowImmediateCancellation": allowed}))
		require.NoError(t, err)
		return next
	}
	bounded, err := said(false).SetEndDate(operator(now), at("2026-02-10T00:00:00Z"))
	require.NoError(t, err)
	for _, tc := range []struct {
		name       string
		sub        subscription.Subscription
		expiration string
		call       subscription.Call
		allowed    bool
	}{
		{"nothing said, now", sub, now, subscriber(now), true},
		{"allowed, now", said(true), now, subscriber(now), true},
		{"denied, now", said(false), now, subscriber(now), false},
		{"denied, in the period", said(false), "2026-02-01T00:00:00Z", subscriber(now), false},
		{"denied, with the period", said(false), "2026-02-15T10:00:00Z", subscriber(now), true},
		{"denied, in a later period", said(false), "2026-03-01T00:00:00Z", subscriber(now), false},
		{"denied, with a later period", said(false), "2026-03-15T10:00:00Z", subscriber(now), true},
		{"denied, in a later period, to subscribers only", said(false), "2026-03-01T00:00:00Z", operator(now), true},
		{"nothing said, in a later period", sub, "2026-03-01T00:00:00Z", subscriber(now), true},
		{"denied, behind an end date that stands", bounded, "2026-03-01T00:00:00Z", subscriber(now), false},
		{"denied, with a period behind an end date that stands", bounded, "2026-03-15T10:00:00Z", subscriber(now), true},
		{"denied to subscribers only", said(false), now, operator(now), true},
		{"denied by the plan", ruled, now, subscriber(now), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			doc := shown(t, tc.sub, now)
			_, _, err := put(tc.call).Apply(tc.sub, revenium.Facts{}, wiretest.With(t, doc, map[string]any{"expiration": tc.expiration}))
			if tc.allowed {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, lifecycle.ErrImmediateCancel)
			var refusal *lifecycle.TransitionError
			require.True(t, errors.As(err, &refusal))
			require.Contains(t, refusal.Error(), "allowed instead")
			// Nor can he allow it himself.
			_, _, err = put(tc.call).Apply(tc.sub, revenium.Facts{}, wiretest.With(t, doc, map[string]any{"expiration": tc.expiration, "allowImmediateCancellation": true}))
			require.ErrorIs(t, err, lifecycle.ErrNotPermitted)
		})
	}
}

func TestContradiction33AModeIsAskedForAndNeverSupposed(t *testing.T) {
	t.Parallel()
	sub := sold(t, metered(), "2026-01-15T10:00:00Z")
	u := put(subscriber(now))
	u.When = subscription.When{}
	u.Products = map[string]*plan.Version{"metered-plus": version(t, other())}
	for name, value := range map[string]any{"recurringCharge": 1, "productId": "metered-plus"} {
		_, _, err := u.Apply(sub, revenium.Facts{}, wiretest.With(t, shown(t, sub, now), map[string]any{name: value}))
		require.ErrorIs(t, err, subscription.ErrInvalidCall)
	}
}
