package subscription_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestWhatCouldNeverBeBilledIsRefusedWhenItIsAskedFor(t *testing.T) {
	t.Parallel()
	five, price := decimal.NewFromInt(5), decimal.NewFromInt(10)
	v := plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "seats", Price: plan.Volume{Closed: true, Tiers: []plan.Tier{{UpTo: &five, UnitAmount: price}}}}},
	})
	start := at("2026-01-01T00:00:00Z")
	_, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: start, Quantity: subscription.Units(6)})
	require.ErrorIs(t, err, plan.ErrNoTier)
	_, err = subscription.New(subscription.Params{ID: "s", Plan: &plan.Version{}, Start: start})
	require.ErrorContains(t, err, "plan: missing")
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: start, Quantity: subscription.Units(5)})
	require.NoError(t, err)
	call := subscription.Call{At: at("2026-01-15T00:00:00Z"), Actor: lifecycle.Operator}
	for _, when := range []subscription.When{subscription.Immediately(), subscription.AtPeriodEnd(), subscription.On(at("2026-01-20T00:00:00Z"))} {
		same, err := sub.ChangeQuantity(call, when, "seats", decimal.NewFromInt(6))
		require.ErrorIs(t, err, plan.ErrNoTier)
		require.ErrorIs(t, err, subscription.ErrInvalidCall)
		require.True(t, sub.Equal(same))
	}
	_, err = sub.ChangePrice(call, subscription.Immediately(), "seats", plan.PerUnit{UnitAmount: decimal.New(99999999999999999, 3)})
	require.ErrorIs(t, err, money.ErrOverflow)
	_, err = sub.Edit(call, nil)
	require.ErrorIs(t, err, subscription.ErrInvalidCall)
}
