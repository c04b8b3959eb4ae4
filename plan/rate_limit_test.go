package plan_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func TestEveryQuantityUpToTheLimitIsRated(t *testing.T) {
	t.Parallel()
	limited := 0
	rapid.Check(t, func(t *rapid.T) {
		price := compiled(t, drawPrice(t, 4), rapid.SampledFrom([]money.Currency{money.USD, money.JPY}).Draw(t, "currency"))
		if price == nil {
			return // it cannot be compiled
		}
		limit := prices.Limit(price)
		require.GreaterOrEqual(t, limit, int64(0))
		if limit == 0 {
			return
		}
		limited++
		mode := rapid.SampledFrom(money.Roundings()).Draw(t, "rounding")
		least := decimal.New(1, -18)
		quantities := []decimal.Decimal{{}, least, decimal.NewFromInt(limit), decimal.NewFromInt(rapid.Int64Range(0, limit).Draw(t, "whole"))}
		bounds, free := price.TierBounds()
		for _, bound := range bounds {
			quantities = append(quantities, bound.Add(free), bound.Add(free).Add(least), bound.Add(free).Sub(least))
		}
		for _, q := range quantities {
			if q.IsNegative() || q.GreaterThan(decimal.NewFromInt(limit)) || q.NumDigits() > 18 {
				continue
			}
			_, err := price.Rate(q, mode)
			require.NoError(t, err, "%s, limit %d", q, limit)
		}
	})
	require.Positive(t, limited)
}

func TestTheLimitOfAPriceLeavesOrdinaryQuantitiesUnrated(t *testing.T) {
	t.Parallel()
	end := decimal.RequireFromString("10.5")
	for _, row := range []struct {
		name  string
		price plan.Price
		want  int64
	}{
		{"an ordinary price per unit", plan.PerUnit{UnitAmount: decimal.RequireFromString("0.01")}, 1_000_000_000_000},
		{"a closed price ends with its last tier and what is free", plan.Tiered{Closed: true, FreeUnits: decimal.NewFromInt(2), Tiers: []plan.Tier{{UpTo: &end}}}, 12},
		{"a unit of which a million is too much", plan.PerUnit{UnitAmount: decimal.New(1, 11)}, 1000},
		{"events", plan.Percentage{Rate: decimal.NewFromInt(2), FixedAmount: decimal.NewFromInt(1), FreeEvents: decimal.NewFromInt(1)}, 1_000_000_000_000},
		{"an event that no amount can be", plan.Percentage{FixedAmount: decimal.New(1, 20), FreeEvents: decimal.NewFromInt(1)}, 0},
		{"a unit of which one is too much", plan.PerUnit{UnitAmount: decimal.New(1, 20)}, 0},
	} {
		require.Equal(t, row.want, prices.Limit(compiledOf(t, row.price)), row.name)
	}
	require.Zero(t, prices.Limit(new(plan.CompiledPrice)))
}

func compiledOf(t *testing.T, price plan.Price) *plan.CompiledPrice {
	t.Helper()
	table, err := plan.CompilePrice(price, money.USD)
	require.NoError(t, err)
	return table
}
