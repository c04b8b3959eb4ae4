package plan_test

import (
	"math"
	"math/big"
	"os"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A decimal is drawn in one of these sizes. Ordinary ones stay on the whole-number path; the others
// have too many digits, places or zeros for it, or do so once multiplied.
const (
	ordinary = iota
	precise
	huge
	enormous
)

func drawSize(t *rapid.T) int {
	return rapid.SampledFrom([]int{ordinary, ordinary, ordinary, ordinary, ordinary, precise, huge, enormous}).Draw(t, "size")
}

func drawDecimal(t *rapid.T, size int, name string) decimal.Decimal {
	switch size {
	case ordinary:
		return decimal.New(rapid.Int64Range(0, 20_000).Draw(t, name), -rapid.Int32Range(0, 4).Draw(t, name+" places"))
	case precise:
		return decimal.New(rapid.Int64Range(0, 1e12).Draw(t, name), -rapid.Int32Range(0, 14).Draw(t, name+" places"))
	case huge:
		return decimal.New(rapid.Int64Range(0, math.MaxInt64).Draw(t, name), -rapid.Int32Range(-6, 10).Draw(t, name+" places"))
	}
	coefficient := new(big.Int).SetInt64(rapid.Int64Range(0, math.MaxInt64).Draw(t, name))
	coefficient.Mul(coefficient, big.NewInt(rapid.Int64Range(1, 1e18).Draw(t, name+" times")))
	return decimal.NewFromBigInt(coefficient, -rapid.Int32Range(10, 20).Draw(t, name+" places"))
}

func drawBounds(t *rapid.T, size int) plan.Bounds {
	var b plan.Bounds
	if rapid.IntRange(0, 3).Draw(t, "has minimum") == 0 {
		b.Minimum = plan.Bound(drawDecimal(t, size, "minimum"))
	}
	if rapid.IntRange(0, 3).Draw(t, "has maximum") == 0 {
		b.Maximum = plan.Bound(drawDecimal(t, size, "maximum"))
		if b.Minimum != nil {
			b.Maximum = plan.Bound(b.Maximum.Add(*b.Minimum))
		}
	}
	return b
}

// drawEnds draws ascending upper ends, the last one nil unless the price is closed.
func drawEnds(t *rapid.T, size int, closed bool) []*decimal.Decimal {
	n := rapid.SampledFrom([]int{1, 2, 3, 4, 5, 6, 9, 20}).Draw(t, "tiers")
	ends := make([]*decimal.Decimal, n)
	var below decimal.Decimal
	for i := range ends {
		if i == n-1 && !closed {
			break
		}
		below = below.Add(drawDecimal(t, size, "width")).Add(decimal.New(1, 0))
		ends[i] = plan.Bound(below)
	}
	return ends
}

func drawTiers(t *rapid.T, size int, closed bool) []plan.Tier {
	var tiers []plan.Tier
	for _, end := range drawEnds(t, size, closed) {
		tier := plan.Tier{UpTo: end, UnitAmount: drawDecimal(t, size, "unit")}
		if rapid.Bool().Draw(t, "has flat") {
			tier.FlatAmount = drawDecimal(t, size, "flat")
		}
		if rapid.IntRange(0, 3).Draw(t, "has packages") == 0 {
			tier.PackageSize = drawDecimal(t, size, "package size")
		}
		tiers = append(tiers, tier)
	}
	return tiers
}

// quantityModels are those of prices that rate a quantity: all but the table of others.
var quantityModels = slices.DeleteFunc(plan.Words[plan.Model](), func(m plan.Model) bool { return m == plan.MatrixModel })

func drawPrice(t *rapid.T, size int) plan.Price {
	free := decimal.Decimal{}
	if rapid.IntRange(0, 3).Draw(t, "has free units") == 0 {
		free = drawDecimal(t, size, "free units")
	}
	bounds := drawBounds(t, size)
	zero := rapid.SampledFrom(plan.Words[plan.Zero]()).Draw(t, "zero")
	closed := rapid.IntRange(0, 3).Draw(t, "closed") == 0
	switch rapid.SampledFrom(quantityModels).Draw(t, "model") {
	case plan.PerUnitModel:
		return plan.PerUnit{UnitAmount: drawDecimal(t, size, "unit"), FreeUnits: free, Bounds: bounds}
	case plan.FlatFeeModel:
		return plan.FlatFee{Amount: drawDecimal(t, size, "amount"), Bounds: bounds}
	case plan.VolumeModel:
		return plan.Volume{Tiers: drawTiers(t, size, closed), FreeUnits: free, Zero: zero, Closed: closed, Bounds: bounds}
	case plan.TieredModel:
		return plan.Tiered{Tiers: drawTiers(t, size, closed), FreeUnits: free, Zero: zero, Closed: closed, Bounds: bounds}
	case plan.PackageModel:
		return plan.Package{
			PackageSize:   drawDecimal(t, size, "package size").Add(decimal.New(1, -2)),
			PackageAmount: drawDecimal(t, size, "package amount"), FreeUnits: free, Bounds: bounds,
		}
	case plan.StairstepModel:
		p := plan.Stairstep{Zero: zero, Closed: closed, Bounds: bounds}
		for _, end := range drawEnds(t, size, closed) {
			p.Steps = append(p.Steps, plan.Step{UpTo: end, Amount: drawDecimal(t, size, "amount")})
		}
		return p
	case plan.PercentageModel:
		return plan.Percentage{Rate: drawRate(t), FreeAmount: free, Bounds: bounds}
	case plan.GraduatedPercentageModel:
		p := plan.GraduatedPercentage{FreeAmount: free, Zero: zero, Closed: closed, Bounds: bounds}
		for _, end := range drawEnds(t, size, closed) {
			p.Tiers = append(p.Tiers, plan.PercentageTier{UpTo: end, Rate: drawRate(t), FlatAmount: drawDecimal(t, size, "flat")})
		}
		return p
	case plan.MatrixModel:
	}
	panic("unknown model")
}

// drawEventPrice draws a percentage that rates single events.
func drawEventPrice(t *rapid.T, size int) plan.Percentage {
	p := plan.Percentage{Rate: drawRate(t), EventMinimum: drawBounds(t, size).Minimum, Bounds: drawBounds(t, size)}
	if rapid.Bool().Draw(t, "has fee") {
		p.FixedAmount = drawDecimal(t, size, "fee")
	}
	if rapid.Bool().Draw(t, "has free amount") {
		p.FreeAmount = drawDecimal(t, size, "free amount")
	}
	if rapid.Bool().Draw(t, "has free events") {
		if p.FreeEvents = decimal.New(rapid.Int64Range(1, 6).Draw(t, "free events"), 0); !p.FreeAmount.IsZero() {
			p.FreeBy = rapid.SampledFrom(append(plan.Words[plan.FreeBy](), "")).Draw(t, "free by")
		}
	}
	if rapid.Bool().Draw(t, "has event maximum") || p.FixedAmount.IsZero() && p.FreeEvents.IsZero() && p.EventMinimum == nil {
		p.EventMaximum = plan.Bound(drawDecimal(t, size, "event maximum"))
		if p.EventMinimum != nil {
			p.EventMaximum = plan.Bound(p.EventMaximum.Add(*p.EventMinimum))
		}
	}
	return p
}

func drawRate(t *rapid.T) decimal.Decimal {
	places := rapid.Int32Range(0, 6).Draw(t, "rate places")
	return decimal.New(rapid.Int64Range(0, 1000*int64(math.Pow10(int(places)))).Draw(t, "rate"), -places)
}

// endsOf returns the quantities at which something about the price changes.
func endsOf(price plan.Price) []decimal.Decimal {
	ends := []decimal.Decimal{{}}
	fromTiers := func(tiers []plan.Tier, free decimal.Decimal) {
		ends = append(ends, free)
		for _, tier := range tiers {
			if tier.UpTo != nil {
				ends = append(ends, tier.UpTo.Add(free))
			}
		}
	}
	switch p := price.(type) {
	case plan.PerUnit:
		ends = append(ends, p.FreeUnits)
	case plan.Package:
		ends = append(ends, p.FreeUnits.Add(p.PackageSize), p.FreeUnits.Add(p.PackageSize.Mul(decimal.New(3, 0))))
	case plan.Volume:
		fromTiers(p.Tiers, p.FreeUnits)
	case plan.Tiered:
		fromTiers(p.Tiers, p.FreeUnits)
	case plan.Stairstep:
		for _, step := range p.Steps {
			if step.UpTo != nil {
				ends = append(ends, *step.UpTo)
			}
		}
	case plan.Percentage:
		ends = append(ends, p.FreeAmount)
	case plan.GraduatedPercentage:
		for _, tier := range p.Tiers {
			fromTiers([]plan.Tier{{UpTo: tier.UpTo}}, p.FreeAmount)
		}
	}
	return ends
}

func drawQuantity(t *rapid.T, price plan.Price, size int) decimal.Decimal {
	q := drawDecimal(t, rapid.SampledFrom([]int{ordinary, ordinary, size}).Draw(t, "quantity size"), "quantity")
	switch rapid.IntRange(0, 5).Draw(t, "where") {
	case 0: // on an end, or beside one
		q = rapid.SampledFrom(endsOf(price)).Draw(t, "end")
		step := decimal.New(rapid.Int64Range(-1, 1).Draw(t, "beside"), -rapid.Int32Range(0, 6).Draw(t, "beside places"))
		if next := q.Add(step); !next.IsNegative() {
			q = next
		}
	case 1: // the same number, written at greater length
		zeros := rapid.Int32Range(0, 12).Draw(t, "zeros")
		q = decimal.NewFromBigInt(new(big.Int).Mul(q.Coefficient(), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(zeros)), nil)), q.Exponent()-zeros)
	}
	return q
}

func drawPart(t *rapid.T) (num, den int64) {
	switch rapid.IntRange(0, 3).Draw(t, "part of") {
	case 0: // days
		den = rapid.Int64Range(1, 366).Draw(t, "den")
		return rapid.Int64Range(-den, den).Draw(t, "num"), den
	case 1: // nanoseconds
		den = rapid.Int64Range(1, 366*86400).Draw(t, "den") * 1e9
		return rapid.Int64Range(-den, den).Draw(t, "num"), den
	case 2:
		return rapid.Int64().Draw(t, "num"), rapid.Int64Range(1, math.MaxInt64).Draw(t, "den")
	}
	return rapid.SampledFrom([]int64{-1, 1}).Draw(t, "num"), rapid.Int64Range(1, 12).Draw(t, "den")
}

// forceTie changes what the price amounts to at q, by a flat amount or a bound, so that num/den of
// it, num being 1 or -1, lies exactly between two minor units.
func forceTie(t *rapid.T, price plan.Price, q decimal.Decimal, den int64, digits int) plan.Price {
	tie := decimal.New(2*rapid.Int64Range(0, 1e6).Draw(t, "tie")+1, 0).
		Mul(decimal.New(5, -int32(digits)-1)).Mul(decimal.New(den, 0))
	tiered, ok := price.(plan.Tiered)
	if !ok || tiered.Closed || tiered.Zero == plan.ZeroFree {
		bounds := plan.Bounds{Minimum: &tie, Maximum: &tie}
		switch p := price.(type) {
		case plan.PerUnit:
			p.Bounds = bounds
			return p
		case plan.FlatFee:
			return plan.FlatFee{Amount: tie}
		case plan.Volume:
			p.Bounds = bounds
			return p
		case plan.Tiered:
			p.Bounds = bounds
			return p
		case plan.Package:
			p.Bounds = bounds
			return p
		case plan.Stairstep:
			p.Bounds = bounds
			return p
		case plan.Percentage:
			p.Bounds = bounds
			return p
		case plan.GraduatedPercentage:
			p.Bounds = bounds
			return p
		}
	}
	tiered.Bounds = plan.Bounds{}
	now := reference(tiered, q)
	numerator, denominator := now.Num(), now.Denom()
	amount := decimal.NewFromBigInt(numerator, 0).DivRound(decimal.NewFromBigInt(denominator, 0), 45) // exact: at most 40 places
	missing := tie.Sub(amount)
	if missing.IsNegative() { // den times a whole number more is a tie still
		missing = missing.Add(decimal.New(den, 0).Mul(amount.Ceil()))
	}
	tiers := append([]plan.Tier(nil), tiered.Tiers...)
	tiers[0].FlatAmount = tiers[0].FlatAmount.Add(missing)
	tiered.Tiers = tiers
	return tiered
}

// long is how many times as much a test does when asked to take its time.
func long(times int) int {
	if os.Getenv("PERENNIAL_LONG") == "1" {
		return times
	}
	return 1
}

// TestEveryPathRatesAsTheReferenceDoes draws prices, quantities, parts and roundings, and compares the
// whole-number path where it answers, the decimal path, and the public methods with the reference.
func TestEveryPathRatesAsTheReferenceDoes(t *testing.T) {
	t.Parallel()
	const quantities = 20
	var draws, fast, slow, ties, fastTies, overflows, noTiers atomic.Int64
	property := func(t *rapid.T) {
		size := drawSize(t)
		price := drawPrice(t, size)
		currency := rapid.SampledFrom([]money.Currency{money.USD, money.JPY, money.BHD, money.CLF}).Draw(t, "currency")
		table := compiled(t, price, currency)
		if table == nil {
			return
		}
		for range quantities {
			draws.Add(1)
			q := drawQuantity(t, price, size)
			r := rapid.SampledFrom(money.Roundings()).Draw(t, "rounding")
			whole := rapid.Bool().Draw(t, "whole")
			num, den := int64(1), int64(1)
			if !whole {
				num, den = drawPart(t)
			}
			price, table := price, table
			if rapid.IntRange(0, 3).Draw(t, "force a tie") == 0 && den <= 1000 {
				num = num/max(num, -num, 1) | 1 // -1, 0 or 1, made odd
				forced := forceTie(t, price, q, den, currency.Digits())
				if next := compiled(t, forced, currency); next != nil {
					price, table = forced, next
				}
			}

			exact := reference(price, q)
			got, err := table.Exact(q)
			if exact == nil {
				noTiers.Add(1)
				require.ErrorIs(t, err, plan.ErrNoTier)
				_, ok := table.RatePartFast(q, whole, num, den, r)
				require.False(t, ok)
				_, err = table.RatePart(q, num, den, r)
				require.ErrorIs(t, err, plan.ErrNoTier)
				continue
			}
			if err != nil { // the sum of two decimals may have too many digits for a quantity
				require.ErrorIs(t, err, plan.ErrQuantity)
				continue
			}
			require.Zero(t, rat(got).Cmp(exact), "exact amount %s, want %s", got, exact)
			rating, err := table.Explain(q)
			require.NoError(t, err)
			require.True(t, rating.Amount.Equal(got), "explained amount %s, want %s", rating.Amount, got)

			want, tie := rounded(mul(exact, big.NewRat(num, den)), currency.Digits(), r)
			quick, ok := table.RatePartFast(q, whole, num, den, r)
			careful, carefulErr := table.RatePartExact(q, num, den, r)
			public, publicErr := table.RatePart(q, num, den, r)
			if whole {
				public, publicErr = table.Rate(q, r)
			}
			if !want.IsInt64() {
				overflows.Add(1)
				require.False(t, ok)
				require.ErrorIs(t, carefulErr, money.ErrOverflow)
				require.ErrorIs(t, publicErr, money.ErrOverflow)
				continue
			}
			require.NoError(t, carefulErr)
			require.NoError(t, publicErr)
			require.Equal(t, money.FromMinor(want.Int64(), currency), careful)
			require.Equal(t, careful, public)
			slow.Add(1)
			if tie {
				ties.Add(1)
			}
			if ok {
				require.Equal(t, careful, quick)
				fast.Add(1)
				if tie {
					fastTies.Add(1)
				}
			}
		}
	}
	for range long(600) {
		rapid.Check(t, property)
	}
	t.Logf("draws %d, fast %d of %d, ties %d (fast %d), overflows %d, no tier %d",
		draws.Load(), fast.Load(), slow.Load(), ties.Load(), fastTies.Load(), overflows.Load(), noTiers.Load())
	require.Positive(t, fastTies.Load())
	require.Greater(t, ties.Load(), fastTies.Load())
	require.Greater(t, slow.Load(), fast.Load())
	require.Positive(t, overflows.Load())
	require.Positive(t, noTiers.Load())
	if long(600) > 1 {
		require.Greater(t, draws.Load(), int64(1_000_000))
	}
}

// compiled returns nil for a price whose drawn numbers, once added up, have too many digits.
func compiled(t *rapid.T, price plan.Price, currency money.Currency) *plan.CompiledPrice {
	table, err := plan.CompilePrice(price, currency)
	if err != nil {
		require.ErrorContains(t, err, "too many digits")
		return nil
	}
	return table
}
