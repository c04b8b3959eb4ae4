package plan_test

import (
	"strconv"
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

// mixedQuantities fall into all tiers, with and without a fraction, so that no branch can be
// predicted.
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

// work is one way to rate a quantity; sum keeps the compiler from leaving it out.
type work func(q decimal.Decimal) (sum int64)

func inTable(b *testing.B, price plan.Price) work {
	table, err := plan.CompilePrice(price, money.USD)
	require.NoError(b, err)
	return func(q decimal.Decimal) int64 {
		m, err := table.Rate(q, money.HalfUp)
		if err != nil {
			b.Fatal(err)
		}
		return m.Minor()
	}
}

func inPlainDecimals(price plan.Tiered) work {
	return func(q decimal.Decimal) int64 { return plainTiered(price.Tiers, q, 2).Shift(2).IntPart() }
}

func repeat(b *testing.B, rate work) {
	quantities := mixedQuantities()
	b.ReportAllocs()
	b.ResetTimer()
	var sum int64
	for i := range b.N {
		sum += rate(quantities[i%len(quantities)])
	}
	if sum == 0 {
		b.Fatal("nothing was rated")
	}
}

// BenchmarkRateTiered is decimal in, rounded amount of money out, beside the same work in plain
// decimals, tier by tier.
func BenchmarkRateTiered(b *testing.B) {
	b.Run("table", func(b *testing.B) { repeat(b, inTable(b, fourTiers())) })
	b.Run("baseline", func(b *testing.B) { repeat(b, inPlainDecimals(fourTiers())) })
}

// BenchmarkRateTieredRatio runs the two by turns and reports how many times as long the baseline takes.
// A turn is long enough that neither pays for finding the caches as the other left them.
func BenchmarkRateTieredRatio(b *testing.B) {
	table, plain, quantities := inTable(b, fourTiers()), inPlainDecimals(fourTiers()), mixedQuantities()
	for _, q := range quantities {
		require.Equal(b, plain(q), table(q), "both do the same work")
	}
	b.ResetTimer()
	const passes = 32
	var sum int64
	var took [2]int64
	for range b.N {
		for i, rate := range []work{table, plain} {
			begin := b.Elapsed()
			for range passes {
				for _, q := range quantities {
					sum += rate(q)
				}
			}
			took[i] += int64(b.Elapsed() - begin)
		}
	}
	if sum == 0 {
		b.Fatal("nothing was rated")
	}
	rated := b.N * passes * len(quantities)
	b.ReportMetric(float64(took[0])/float64(rated), "table-ns")
	b.ReportMetric(float64(took[1])/float64(rated), "baseline-ns")
	b.ReportMetric(float64(took[1])/float64(took[0]), "x_baseline")
}

// BenchmarkRatePart rates and takes a share of a month in one step.
func BenchmarkRatePart(b *testing.B) {
	table, err := plan.CompilePrice(fourTiers(), money.USD)
	require.NoError(b, err)
	repeat(b, func(q decimal.Decimal) int64 {
		m, err := table.RatePart(q, 11, 31, money.HalfUp)
		if err != nil {
			b.Fatal(err)
		}
		return m.Minor()
	})
}

// BenchmarkRateTiers shows that the work grows with the logarithm of the number of tiers.
func BenchmarkRateTiers(b *testing.B) {
	for _, n := range []int{1, 4, 32, 1000} {
		var price plan.Tiered
		for i := range n {
			price.Tiers = append(price.Tiers, plan.Tier{
				UpTo: plan.Bound(decimal.New(int64(i+1)*20_000/int64(n), 0)), UnitAmount: decimal.New(int64(n-i), -4),
			})
		}
		price.Tiers[n-1].UpTo = nil
		b.Run(strconv.Itoa(n), func(b *testing.B) { repeat(b, inTable(b, price)) })
	}
}

// BenchmarkRateExact is the path of what does not fit whole numbers: a price of 20 decimal places.
func BenchmarkRateExact(b *testing.B) {
	price := fourTiers()
	price.Tiers[3].UnitAmount = decimal.RequireFromString("0.01250000000000000001")
	repeat(b, inTable(b, price))
}
