package plan_test

import (
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func TestACountIsRatedWithinItsShareOfTheBounds(t *testing.T) {
	t.Parallel()
	least, most := decimal.NewFromInt(30), decimal.NewFromInt(60)
	price, err := plan.CompilePrice(plan.PerUnit{UnitAmount: decimal.NewFromInt(1), Bounds: plan.Bounds{Minimum: &least, Maximum: &most}}, money.USD)
	require.NoError(t, err)
	for _, row := range []struct {
		units            string
		least, most, den int64
		want             string
	}{
		{"0", 10, 10, 30, "10.00"},
		{"9.999", 10, 10, 30, "10.00"},
		{"15", 10, 10, 30, "15.00"},
		{"50", 10, 10, 30, "20.00"},
		{"50", 30, 30, 30, "50.00"},
		{"70", 30, 30, 30, "60.00"},
		{"0", 0, 10, 30, "0.00"},
		{"50", 0, 10, 30, "20.00"},
		{"0", 1, 1, 7, "4.29"},
	} {
		amount, err := prices.Unbounded(price, decimal.RequireFromString(row.units))
		require.NoError(t, err)
		got, err := prices.Amount(price, amount, row.least, row.most, row.den, money.HalfUp)
		require.NoError(t, err)
		require.Equal(t, row.want, got.Amount(), "%+v", row)
	}
	_, err = prices.Amount(price, most, 1, 1, 0, money.HalfUp)
	require.ErrorIs(t, err, money.ErrDivisionByZero)
	_, err = prices.Amount(price, most, 1, 1, -1, money.HalfUp)
	require.ErrorIs(t, err, money.ErrInvalid)
	_, err = prices.Amount(price, most, 1, 1, 1, "nearest")
	require.ErrorIs(t, err, money.ErrRounding)
	_, err = prices.Amount(price, decimal.New(1, 30), 1, 1, 1, money.HalfUp)
	require.NoError(t, err, "the maximum holds")
	_, err = prices.Unbounded(price, decimal.NewFromInt(-1))
	require.ErrorIs(t, err, plan.ErrNegativeQuantity)
}

// Over a whole period a count costs what its price says, under every price and mode.
func TestACountOfAWholePeriodCostsItsPrice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		price := compiled(t, drawPrice(t, drawSize(t)), money.EUR)
		if price == nil {
			return
		}
		q := decimal.New(rapid.Int64Range(0, 1_000_000).Draw(t, "units"), rapid.Int32Range(-3, 0).Draw(t, "exponent"))
		mode := rapid.SampledFrom(money.Roundings()).Draw(t, "rounding")
		want, wantErr := price.Rate(q, mode)
		amount, err := prices.Unbounded(price, q)
		var got money.Money
		if err == nil {
			got, err = prices.Amount(price, amount, 1, 1, 1, mode)
		}
		if wantErr != nil {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestPricesAreEqualByValue(t *testing.T) {
	t.Parallel()
	of := func(unit string, c money.Currency) *plan.CompiledPrice {
		price, err := plan.CompilePrice(plan.PerUnit{UnitAmount: decimal.RequireFromString(unit)}, c)
		require.NoError(t, err)
		return price
	}
	require.True(t, of("0.10", money.USD).Equal(of("0.1", money.USD)))
	require.False(t, of("0.10", money.USD).Equal(of("0.11", money.USD)))
	require.False(t, of("0.10", money.USD).Equal(of("0.10", money.EUR)))
	require.False(t, new(plan.CompiledPrice).Equal(of("1", money.USD)))
}

// A mean and a level over time are fractions: nothing of them is rounded before the amount is.
func TestAFractionIsRatedAsTheReferenceDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := drawSize(t)
		price := drawPrice(t, size)
		table := compiled(t, price, money.USD)
		if table == nil {
			return
		}
		r := rapid.SampledFrom(money.Roundings()).Draw(t, "rounding")
		for range 20 {
			whole := drawQuantity(t, price, size)
			q := new(big.Rat).Quo(rat(whole), new(big.Rat).SetInt64(rapid.SampledFrom([]int64{1, 3, 7, 2_678_400_000_000}).Draw(t, "over")))
			got, err := table.RateFraction(q, r)
			exact := referenceOf(price, q)
			if exact == nil {
				require.ErrorIs(t, err, plan.ErrNoTier)
				continue
			}
			want, _ := rounded(exact, 2, r)
			if !want.IsInt64() {
				require.ErrorIs(t, err, money.ErrOverflow)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, money.FromMinor(want.Int64(), money.USD), got, "%s", q)
		}
		_, err := table.RateFraction(big.NewRat(-1, 3), r)
		require.EqualError(t, err, "plan: negative quantity: -0.3333333333")
	})
}
