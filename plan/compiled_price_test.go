package plan_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// tableV has 1-5 at 49.00, 6-20 at 39.00 and the rest at 29.00.
func tableV() []plan.Tier {
	return []plan.Tier{
		{UpTo: at("5"), UnitAmount: d("49")}, {UpTo: at("20"), UnitAmount: d("39")}, {UnitAmount: d("29")},
	}
}

// flats has a flat amount for each of three hundreds and a unit price beyond.
func flats() []plan.Tier {
	return []plan.Tier{
		{UpTo: at("100"), FlatAmount: d("100")},
		{UpTo: at("200"), FlatAmount: d("90")},
		{UpTo: at("300"), FlatAmount: d("80")},
		{UnitAmount: d("0.70")},
	}
}

func TestEachModelRatesAQuantity(t *testing.T) {
	t.Parallel()
	perUnit := plan.PerUnit{UnitAmount: d("99"), FreeUnits: d("5")}
	pack := plan.Package{PackageSize: d("2.5"), PackageAmount: d("3"), FreeUnits: d("10")}
	steps := plan.Stairstep{Steps: []plan.Step{{UpTo: at("10"), Amount: d("99")}, {UpTo: at("20.5"), Amount: d("199")}, {Amount: d("299")}}}
	blocks := []plan.Tier{{UpTo: at("25"), UnitAmount: d("1"), FlatAmount: d("7"), PackageSize: d("10")}, {UnitAmount: d("0.5"), PackageSize: d("4")}}
	for _, test := range []struct {
		name     string
		price    plan.Price
		quantity string
		want     string
	}{
		{"per unit", plan.PerUnit{UnitAmount: d("99")}, "10", "990.00"},
		{"per unit, a fraction, rounded once", plan.PerUnit{UnitAmount: d("10.625")}, "4.4556", "47.34"},
		{"free units come off first", perUnit, "25", "1980.00"},
		{"free units never go below zero", perUnit, "4.99", "0.00"},
		{"all units free", perUnit, "5", "0.00"},
		{"a flat fee", plan.FlatFee{Amount: d("49")}, "9", "49.00"},
		{"a flat fee at zero", plan.FlatFee{Amount: d("49")}, "0", "49.00"},
		{"package, none", pack, "0", "0.00"},
		{"package, all free", pack, "10", "0.00"},
		{"package, started", pack, "10.000001", "3.00"},
		{"package, filled", pack, "12.5", "3.00"},
		{"package, one more started", pack, "12.51", "6.00"},
		{"stairstep, zero owes the first step", steps, "0", "99.00"},
		{"stairstep, end inclusive", steps, "10", "99.00"},
		{"stairstep, just above", steps, "10.01", "199.00"},
		{"stairstep, fractional end inclusive", steps, "20.50", "199.00"},
		{"stairstep, open end", steps, "1000000", "299.00"},
		{"volume, end inclusive", plan.Volume{Tiers: tableV()}, "5", "245.00"},
		{"volume, next tier for all", plan.Volume{Tiers: tableV()}, "6", "234.00"},
		{"volume, 20", plan.Volume{Tiers: tableV()}, "20", "780.00"},
		{"volume, 21 is cheaper than 20", plan.Volume{Tiers: tableV()}, "21", "609.00"},
		{"volume, free units before the tier is chosen", plan.Volume{Tiers: tableV(), FreeUnits: d("2")}, "23", "609.00"},
		{"volume, only the matched tier's flat", plan.Volume{Tiers: flats()}, "101", "90.00"},
		{"volume, usage 345", plan.Volume{Tiers: flats()}, "345", "241.50"},
		{"volume, packages", plan.Volume{Tiers: blocks}, "25", "10.00"},
		{"volume, packages of the next tier", plan.Volume{Tiers: blocks}, "26", "3.50"},
		{"tiered, 5", plan.Tiered{Tiers: tableV()}, "5", "245.00"},
		{"tiered, 6", plan.Tiered{Tiers: tableV()}, "6", "284.00"},
		{"tiered, 20", plan.Tiered{Tiers: tableV()}, "20", "830.00"},
		{"tiered, 21", plan.Tiered{Tiers: tableV()}, "21", "859.00"},
		{"tiered, a fraction of a unit", plan.Tiered{Tiers: tableV()}, "5.5", "264.50"},
		{"tiered, free units before the tiers are filled", plan.Tiered{Tiers: tableV(), FreeUnits: d("2")}, "23", "859.00"},
		{"tiered, flat of every tier entered", plan.Tiered{Tiers: flats()}, "345", "301.50"},
		{"tiered, a tier is not entered at the end before it", plan.Tiered{Tiers: flats()}, "100", "100.00"},
		{"tiered, a tier is entered by a fraction", plan.Tiered{Tiers: flats()}, "100.1", "190.00"},
		{"tiered, zero owes the first flat", plan.Tiered{Tiers: flats()}, "0", "100.00"},
		{"tiered, zero after free units owes it too", plan.Tiered{Tiers: flats(), FreeUnits: d("5")}, "5", "100.00"},
		{"tiered, packages start anew in each tier", plan.Tiered{Tiers: blocks}, "25.5", "10.50"},
		{"closed, up to the end", plan.Tiered{Tiers: tableV()[:2], Closed: true}, "20", "830.00"},
		{"one tier for any quantity", plan.Tiered{Tiers: []plan.Tier{{UnitAmount: d("2")}}}, "8", "16.00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want+" USD", rate(t, test.price, test.quantity))
		})
	}
}

func TestZeroFreeTakesTheTiersAwayAndLeavesTheBounds(t *testing.T) {
	t.Parallel()
	minimum := plan.Bounds{Minimum: at("20")}
	for _, test := range []struct {
		price plan.Price
		want  string // at zero; at one
	}{
		{plan.Tiered{Tiers: flats()}, "100.00 USD, 100.00 USD"},
		{plan.Tiered{Tiers: flats(), Zero: plan.ZeroFree}, "0.00 USD, 100.00 USD"},
		{plan.Volume{Tiers: flats(), Zero: plan.ZeroFree}, "0.00 USD, 100.00 USD"},
		{plan.Tiered{Tiers: flats(), Zero: plan.ZeroFree, FreeUnits: d("1")}, "0.00 USD, 0.00 USD"},
		{plan.Tiered{Tiers: flats(), Zero: plan.ZeroFree, Bounds: minimum}, "20.00 USD, 100.00 USD"},
		{plan.Volume{Tiers: flats(), Zero: plan.ZeroFree, FreeUnits: d("1"), Bounds: minimum}, "20.00 USD, 20.00 USD"},
		{plan.Stairstep{Steps: []plan.Step{{Amount: d("9")}}, Zero: plan.ZeroFree}, "0.00 USD, 9.00 USD"},
		{plan.Stairstep{Steps: []plan.Step{{Amount: d("9")}}, Zero: plan.ZeroFree, Bounds: minimum}, "20.00 USD, 20.00 USD"},
		{plan.PerUnit{UnitAmount: d("1"), Bounds: minimum}, "20.00 USD, 20.00 USD"},
		{plan.Package{PackageSize: d("1"), PackageAmount: d("30"), Bounds: minimum}, "20.00 USD, 30.00 USD"},
		{plan.FlatFee{Amount: d("30"), Bounds: plan.Bounds{Maximum: at("25")}}, "25.00 USD, 25.00 USD"},
	} {
		require.Equal(t, test.want, rate(t, test.price, "0")+", "+rate(t, test.price, "1"), "%+v", test.price)
	}
}

func TestBadQuantitiesAreErrors(t *testing.T) {
	t.Parallel()
	closed := plan.Tiered{Tiers: []plan.Tier{{UpTo: at("10"), UnitAmount: d("1")}, {UpTo: at("20.5"), UnitAmount: d("2")}}, FreeUnits: d("1"), Closed: true}
	for _, test := range []struct {
		name     string
		price    plan.Price
		quantity decimal.Decimal
		want     string
		is       error
	}{
		{"negative", plan.PerUnit{}, d("-1"), "plan: negative quantity: -1", plan.ErrNegativeQuantity},
		{"barely negative", plan.FlatFee{}, d("-0.0001"), "plan: negative quantity: -0.0001", plan.ErrNegativeQuantity},
		{"negative, covered by free units", plan.PerUnit{FreeUnits: d("5")}, d("-1.50"), "plan: negative quantity: -1.5", plan.ErrNegativeQuantity},
		{"negative beyond 64 bits", plan.PerUnit{}, d("-20000000000000000000"), "plan: negative quantity: -20000000000000000000", plan.ErrNegativeQuantity},
		{"negative of a closed price", closed, d("-3"), "plan: negative quantity: -3", plan.ErrNegativeQuantity},
		{"above the last tier", closed, d("21.51"), "plan: quantity above the last tier: 20.51 units, up to 20.5", plan.ErrNoTier},
		{"far above the last tier", closed, decimal.New(1, 29), "plan: quantity above the last tier: 99999999999999999999999999999 units, up to 20.5", plan.ErrNoTier},
		{"above the last step", plan.Stairstep{Steps: []plan.Step{{UpTo: at("3"), Amount: d("9")}}, Closed: true}, d("4"), "plan: quantity above the last tier: 4 units, up to 3", plan.ErrNoTier},
		{"above the last volume tier", plan.Volume{Tiers: []plan.Tier{{UpTo: at("3")}}, Closed: true, Zero: plan.ZeroFree}, d("3.0000001"), "plan: quantity above the last tier: 3.0000001 units, up to 3", plan.ErrNoTier},
		{"thirty-one digits before the point", plan.PerUnit{}, decimal.New(1, 30), "plan: quantity has too many digits", plan.ErrQuantity},
		{"twenty-one places", plan.PerUnit{}, decimal.New(1, -21), "plan: quantity has too many digits", plan.ErrQuantity},
		{"forty-one digits", plan.PerUnit{}, d("123456789012345678901.12345678901234567891"), "plan: quantity has too many digits", plan.ErrQuantity},
		{"an enormous exponent", plan.FlatFee{}, decimal.New(7, math.MaxInt32), "plan: quantity has too many digits", plan.ErrQuantity},
		{"an enormous negative exponent", plan.FlatFee{}, decimal.New(7, math.MinInt32), "plan: quantity has too many digits", plan.ErrQuantity},
		{"a negative with an enormous exponent", plan.FlatFee{}, decimal.New(-7, math.MaxInt32), "plan: quantity has too many digits", plan.ErrQuantity},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			table, err := plan.CompilePrice(test.price, money.USD)
			require.NoError(t, err)
			check := func(err error) {
				t.Helper()
				require.EqualError(t, err, test.want)
				require.ErrorIs(t, err, test.is)
			}
			_, err = table.Exact(test.quantity)
			check(err)
			m, err := table.Rate(test.quantity, money.HalfUp)
			check(err)
			require.Zero(t, m)
			m, err = table.RatePart(test.quantity, 1, 2, money.HalfUp)
			check(err)
			require.Zero(t, m)
			_, err = table.Explain(test.quantity)
			check(err)
			_, err = table.Marginal(d("0"), test.quantity)
			check(err)
		})
	}
}

func TestATypedErrorSaysWhichQuantity(t *testing.T) {
	t.Parallel()
	table, err := plan.CompilePrice(plan.Stairstep{Steps: []plan.Step{{UpTo: at("3")}}, Closed: true}, money.USD)
	require.NoError(t, err)
	_, err = table.Exact(d("4.50"))
	var tier *plan.TierError
	require.ErrorAs(t, err, &tier)
	require.Equal(t, &plan.TierError{Quantity: d("4.5"), UpTo: d("3")}, tier)
	_, err = table.Exact(d("-4.50"))
	var quantity *plan.QuantityError
	require.ErrorAs(t, err, &quantity)
	require.True(t, quantity.Quantity.Equal(d("-4.5")))
	_, err = table.Marginal(d("-1"), d("2"))
	require.ErrorIs(t, err, plan.ErrNegativeQuantity)
}

func TestZeroQuantitiesWithAnyExponentAreZero(t *testing.T) {
	t.Parallel()
	table, err := plan.CompilePrice(plan.Tiered{Tiers: flats(), FreeUnits: d("1")}, money.USD)
	require.NoError(t, err)
	for _, exponent := range []int32{math.MinInt32, -30, 0, 30, math.MaxInt32} {
		m, err := table.Rate(decimal.New(0, exponent), money.HalfUp)
		require.NoError(t, err)
		require.Equal(t, money.MustParse("100.00 USD"), m)
	}
}

func TestAmountsBeyondMoneyAreOverflow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		unit       string
		quantity   string
		num, den   int64
		want       int64
		overflowed bool
	}{
		{"the largest amount", "92233720368547758.07", "1", 1, 1, math.MaxInt64, false},
		{"half a cent more", "92233720368547758.075", "1", 1, 1, 0, true},
		{"less than half a cent more", "92233720368547758.0749", "1", 1, 1, math.MaxInt64, false},
		{"one cent more", "92233720368547758.08", "1", 1, 1, 0, true},
		{"the most negative credit", "92233720368547758.08", "1", -1, 1, math.MinInt64, false},
		{"one cent more of a credit", "92233720368547758.09", "1", -1, 1, 0, true},
		{"twice 64 bits", "184467440737095516.16", "1", 1, 1, 0, true},
		{"exactly 64 bits less half a cent", "184467440737095516.155", "1", 1, 1, 0, true},
		{"a product of 128 bits", "99999999999", "99999999999", 1, 1, 0, true},
		{"a product beyond 128 bits", "99999999999999999999", "99999999999999999999", 1, 1, 0, true},
		{"as many digits as can be", "999999999999999999999999999999.9999999999", "999999999999999999999999999999.9999999999", math.MaxInt64, 1, 0, true},
		{"brought back by the fraction", "184467440737095516.14", "1", 1, 2, math.MaxInt64, false},
		{"carried away by the fraction", "1", "1", math.MaxInt64, 1, 0, true},
		{"carried away backwards", "1", "1", math.MinInt64, 1, 0, true},
		{"the most negative fraction", "0.01", "1", math.MinInt64, 1, math.MinInt64, false},
		{"a fraction of extremes", "100", "1", math.MinInt64, math.MaxInt64, -10000, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			table, err := plan.CompilePrice(plan.PerUnit{UnitAmount: d(test.unit)}, money.USD)
			require.NoError(t, err)
			m, err := table.RatePart(d(test.quantity), test.num, test.den, money.HalfUp)
			if test.overflowed {
				require.ErrorIs(t, err, money.ErrOverflow)
				require.EqualError(t, err, "plan: rated amount: amount out of range")
				require.Zero(t, m)
			} else {
				require.NoError(t, err)
				require.Equal(t, money.FromMinor(test.want, money.USD), m)
			}
			if test.num == 1 && test.den == 1 {
				again, againErr := table.Rate(d(test.quantity), money.HalfUp)
				require.Equal(t, m, again)
				require.Equal(t, err, againErr)
			}
		})
	}
}

func TestARatedPartIsRoundedOnceWithItsSign(t *testing.T) {
	t.Parallel()
	table, err := plan.CompilePrice(plan.PerUnit{UnitAmount: d("30.15"), Bounds: plan.Bounds{Maximum: at("60.30")}}, money.USD)
	require.NoError(t, err)
	for _, test := range []struct {
		quantity string
		num, den int64
		rounding money.Rounding
		want     string
	}{
		{"1", 1, 30, money.HalfUp, "1.01"}, // 1.005
		{"1", 1, 30, money.HalfEven, "1.00"},
		{"1", 1, 30, money.HalfDown, "1.00"},
		{"1", -1, 30, money.HalfUp, "-1.01"},
		{"1", -1, 30, money.HalfDown, "-1.00"},
		{"1", -1, 30, money.HalfFloor, "-1.01"},
		{"1", 1, 30, money.HalfFloor, "1.00"},
		{"1", -1, 30, money.Floor, "-1.01"},
		{"1", -1, 30, money.Ceiling, "-1.00"},
		{"1", -1, 30, money.Up, "-1.01"},
		{"1", -1, 30, money.Down, "-1.00"},
		{"3", 1, 30, money.HalfUp, "2.01"}, // the maximum comes before the fraction
		{"1", 0, 30, money.Up, "0.00"},
		{"1", 30, 30, money.HalfUp, "30.15"},
		{"1", 45, 30, money.HalfUp, "45.23"},
		{"1", 1, math.MaxInt64, money.Up, "0.01"},
		{"1", -1, math.MaxInt64, money.HalfUp, "0.00"},
	} {
		m, err := table.RatePart(d(test.quantity), test.num, test.den, test.rounding)
		require.NoError(t, err)
		require.Equal(t, money.MustParse(test.want+" USD"), m, "%+v", test)
	}
	_, err = table.RatePart(d("1"), 1, 0, money.HalfUp)
	require.ErrorIs(t, err, money.ErrDivisionByZero)
	require.EqualError(t, err, "plan: part of a period: division by zero")
	_, err = table.RatePart(d("1"), 1, -30, money.HalfUp)
	require.ErrorIs(t, err, money.ErrInvalid)
	require.EqualError(t, err, "plan: part of a period: denominator -30: not valid")
	for _, r := range []money.Rounding{"", "nearest"} {
		_, err = table.Rate(d("1"), r)
		require.ErrorIs(t, err, money.ErrRounding)
		_, err = table.RatePart(d("1"), 1, 2, r)
		require.ErrorIs(t, err, money.ErrRounding)
	}
}

func TestMarginalIsTheDifferenceOfTwoWholeAmounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		price     plan.Price
		before, q string
		want      string
	}{
		{"within a tier", plan.Tiered{Tiers: tableV()}, "1", "2", "98"},
		{"across tiers", plan.Tiered{Tiers: tableV()}, "4", "3", "127"},
		{"nothing more", plan.Tiered{Tiers: tableV()}, "4", "0", "0"},
		{"the first flat was due already", plan.Tiered{Tiers: flats()}, "0", "50", "0"},
		{"the first flat falls on the first units", plan.Tiered{Tiers: flats(), Zero: plan.ZeroFree}, "0", "50", "100"},
		{"a volume cliff", plan.Volume{Tiers: tableV()}, "20", "1", "-171"},
		{"free units used up first", plan.PerUnit{UnitAmount: d("0.001"), FreeUnits: d("10")}, "8", "3", "0.001"},
		{"a started package has room", plan.Package{PackageSize: d("10"), PackageAmount: d("5")}, "11", "9", "0"},
		{"capped", plan.PerUnit{UnitAmount: d("1"), Bounds: plan.Bounds{Maximum: at("10")}}, "9", "5", "1"},
		{"a sum of more digits than a quantity may have", plan.PerUnit{UnitAmount: d("1")}, "100000000000000000000000000000", "0.00000000000000000001", "0.00000000000000000001"},
	} {
		table, err := plan.CompilePrice(test.price, money.USD)
		require.NoError(t, err, test.name)
		got, err := table.Marginal(d(test.before), d(test.q))
		require.NoError(t, err, test.name)
		require.True(t, got.Equal(d(test.want)), "%s: %s", test.name, got)
	}
	table, err := plan.CompilePrice(plan.Tiered{Tiers: tableV()[:2], Closed: true}, money.USD)
	require.NoError(t, err)
	_, err = table.Marginal(d("19"), d("2"))
	require.ErrorIs(t, err, plan.ErrNoTier)
	_, err = table.Marginal(d("21"), d("0"))
	require.ErrorIs(t, err, plan.ErrNoTier)
}

func TestATableKnowsItsPrice(t *testing.T) {
	t.Parallel()
	table, err := plan.CompilePrice(plan.FlatFee{Amount: d("490.00")}, money.JPY)
	require.NoError(t, err)
	require.Equal(t, plan.FlatFeeModel, table.Model())
	require.Equal(t, money.JPY, table.Currency())
	require.True(t, table.Price().Equal(plan.FlatFee{Amount: d("490")}))
	m, err := table.Rate(d("1"), money.HalfUp)
	require.NoError(t, err)
	require.Equal(t, money.MustParse("490 JPY"), m)
}

func TestTheZeroTableRatesNothing(t *testing.T) {
	t.Parallel()
	var table plan.CompiledPrice
	require.Nil(t, table.Price())
	require.Empty(t, table.Model())
	require.False(t, table.Currency().IsValid())
	const want = "plan: table without a price: CompilePrice makes one"
	_, err := table.Exact(d("1"))
	require.EqualError(t, err, want)
	_, err = table.Rate(d("0"), money.HalfUp)
	require.EqualError(t, err, want)
	_, err = table.RatePart(d("1"), 1, 2, money.HalfUp)
	require.EqualError(t, err, want)
	_, err = table.Marginal(d("1"), d("1"))
	require.EqualError(t, err, want)
	_, err = table.Explain(d("1"))
	require.EqualError(t, err, want)
	require.NotPanics(t, func() { _ = plan.Rating{}.String() })
}

func TestAThousandTiersAreRatedAsFew(t *testing.T) {
	t.Parallel()
	var price plan.Tiered
	want := decimal.Decimal{}
	for i := range plan.MaxTiers {
		tier := plan.Tier{UnitAmount: decimal.New(int64(plan.MaxTiers-i), -3), UpTo: plan.Bound(decimal.New(int64(i+1)*10, 0))}
		if i == plan.MaxTiers-1 {
			tier.UpTo = nil
		}
		want = want.Add(tier.UnitAmount.Mul(d("10")))
		price.Tiers = append(price.Tiers, tier)
	}
	require.Equal(t, want.StringFixed(2)+" USD", rate(t, price, fmt.Sprint(10*plan.MaxTiers)))
}

func TestOrdinaryPricesAreRatedInWholeNumbersWithoutAllocation(t *testing.T) {
	for _, price := range []plan.Price{
		plan.PerUnit{UnitAmount: d("0.000125"), FreeUnits: d("1000")},
		plan.Tiered{Tiers: flats(), Bounds: plan.Bounds{Minimum: at("10"), Maximum: at("5000")}},
		plan.Volume{Tiers: tableV(), Zero: plan.ZeroFree},
		plan.Package{PackageSize: d("2.5"), PackageAmount: d("3")},
		plan.Stairstep{Steps: []plan.Step{{UpTo: at("10"), Amount: d("99")}, {Amount: d("199")}}},
		plan.FlatFee{Amount: d("49")},
	} {
		table, err := plan.CompilePrice(price, money.USD)
		require.NoError(t, err)
		for _, quantity := range []string{"0", "7", "12.5", "1234.567891", "1000000"} {
			q := d(quantity)
			_, ok := table.RatePartFast(q, true, 1, 1, money.HalfUp)
			require.True(t, ok, "%T %s", price, quantity)
			require.Zero(t, testing.AllocsPerRun(100, func() {
				_, _ = table.Rate(q, money.HalfUp)
				_, _ = table.RatePart(q, 11, 31, money.HalfEven)
			}), "%T %s", price, quantity)
		}
	}
}
