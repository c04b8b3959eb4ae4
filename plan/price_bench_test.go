package plan_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// fourTiers is the price of the benchmarks: four tiers, sub-cent amounts, a flat amount in two.
func fourTiers() plan.Tiered {
	return plan.Tiered{Tiers: []plan.Tier{
		{UpTo: plan.Bound(decimal.RequireFromString("100")), UnitAmount: decimal.RequireFromString("0.05")},
		{
			UpTo:       plan.Bound(decimal.RequireFromString("1000")),
			UnitAmount: decimal.RequireFromString("0.0375"), FlatAmount: decimal.RequireFromString("2.50"),
		},
		{UpTo: plan.Bound(decimal.RequireFromString("10000")), UnitAmount: decimal.RequireFromString("0.0299")},
		{UnitAmount: decimal.RequireFromString("0.0125"), FlatAmount: decimal.RequireFromString("10")},
	}}
}

// mixedQuantities fall into all tiers, with and without a fraction, so that no branch is foreseen.
func mixedQuantities() []decimal.Decimal {
	var quantities []decimal.Decimal
	state := uint64(2463534242)
	for range 1024 {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		quantity := decimal.New(int64(state%20_000_000), -3)
		switch state >> 60 & 3 {
		case 0:
			quantity = quantity.Div(decimal.NewFromInt(100)).Round(0)
		case 1:
			quantity = quantity.Div(decimal.NewFromInt(5)).Round(0)
		case 2:
			quantity = quantity.Round(0)
		}
		quantities = append(quantities, quantity)
	}
	return quantities
}

// plainTiered is what one writes with decimals alone: tier by tier, rounded half up at the end.
func plainTiered(tiers []plan.Tier, quantity decimal.Decimal, digits int32) decimal.Decimal {
	total, below := decimal.Zero, decimal.Zero
	for i, tier := range tiers {
		if i > 0 && quantity.LessThanOrEqual(below) {
			break
		}
		units := quantity.Sub(below)
		if tier.UpTo != nil && quantity.GreaterThan(*tier.UpTo) {
			units = tier.UpTo.Sub(below)
		}
		total = total.Add(units.Mul(tier.UnitAmount)).Add(tier.FlatAmount)
		if tier.UpTo == nil {
			break
		}
		below = *tier.UpTo
	}
	return total.Round(digits)
}

func rateAll(b *testing.B, price plan.Price) {
	table, err := plan.CompilePrice(price, money.USD)
	require.NoError(b, err)
	quantities := mixedQuantities()
	b.ReportAllocs()
	b.ResetTimer()
	var sum int64
	for i := range b.N {
		m, err := table.Rate(quantities[i%len(quantities)], money.HalfUp)
		if err != nil {
			b.Fatal(err)
		}
		sum += m.Minor()
	}
	if b.N > 0 && sum == 0 {
		b.Fatal("nothing was rated")
	}
}

func rateAllPlainly(b *testing.B, price plan.Tiered) {
	quantities := mixedQuantities()
	b.ReportAllocs()
	b.ResetTimer()
	var sum int64
	for i := range b.N {
		sum += plainTiered(price.Tiers, quantities[i%len(quantities)], 2).Shift(2).IntPart()
	}
	if b.N > 0 && sum == 0 {
		b.Fatal("nothing was rated")
	}
}

// BenchmarkRateTiered is decimal in, rounded amount of money out, beside the same work in plain
// decimals. The last line has the ratio of the two, measured in turns within one run.
func BenchmarkRateTiered(b *testing.B) {
	b.Run("table", func(b *testing.B) { rateAll(b, fourTiers()) })
	b.Run("baseline", func(b *testing.B) { rateAllPlainly(b, fourTiers()) })
}
