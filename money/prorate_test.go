package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
)

func TestProrate(t *testing.T) {
	t.Parallel()
	const top, bottom = math.MaxInt64, math.MinInt64
	for _, test := range []struct {
		name, amount string
		num, den     int64
		rounding     money.Rounding
		want         string
	}{
		{"a day of thirty is rounded once", "30.15 USD", 1, 30, money.HalfUp, "1.01 USD"},
		{"the same to even", "30.15 USD", 1, 30, money.HalfEven, "1.00 USD"},
		{"the same down", "30.15 USD", 1, 30, money.HalfDown, "1.00 USD"},
		{"a credit turns away from zero", "30.15 USD", -1, 30, money.HalfUp, "-1.01 USD"},
		{"a credit with half to the floor", "30.15 USD", -1, 30, money.HalfFloor, "-1.01 USD"},
		{"a credit with half down", "30.15 USD", -1, 30, money.HalfDown, "-1.00 USD"},
		{"a credit to the floor", "10.00 USD", -1, 3, money.Floor, "-3.34 USD"},
		{"a credit to the ceiling", "10.00 USD", -1, 3, money.Ceiling, "-3.33 USD"},
		{"minus of minus is plus", "-10.00 USD", -1, 3, money.Up, "3.34 USD"},
		{"a third down", "-10.00 USD", 1, 3, money.Down, "-3.33 USD"},
		{"none of it", "10.00 USD", 0, 31, money.Up, "0.00 USD"},
		{"all of it", "10.00 USD", 31, 31, money.Down, "10.00 USD"},
		{"more than all of it", "10.00 USD", 45, 30, money.HalfUp, "15.00 USD"},
		{"nothing of anything", "0.00 USD", 7, 31, money.Ceiling, "0.00 USD"},
		{"yen", "1000 JPY", 10, 31, money.HalfUp, "323 JPY"},
		{"fils", "1.000 KWD", 2, 3, money.HalfUp, "0.667 KWD"},
		{"a little up", "0.01 USD", 1, top, money.Up, "0.01 USD"},
		{"a little less than nothing to the floor", "0.01 USD", -1, top, money.Floor, "-0.01 USD"},
		{"a little less than nothing to the ceiling", "0.01 USD", -1, top, money.Ceiling, "0.00 USD"},
		{"a product of 126 bits", "9223372036854775807 JPY", top, top, money.HalfUp, "9223372036854775807 JPY"},
		{"the bottom kept", "-9223372036854775808 JPY", 1, 1, money.HalfUp, "-9223372036854775808 JPY"},
		{"the bottom of the bottom", "-9223372036854775808 JPY", bottom, top, money.Down, ""},
		{"the bottom by way of the top", "9223372036854775807 JPY", bottom, top, money.Down, "-9223372036854775808 JPY"},
		{"nanoseconds of a year", "99.00 USD", 15_768_000_000_000_000, 31_536_000_000_000_000, money.HalfUp, "49.50 USD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, err := amount(test.amount).Prorate(test.num, test.den, test.rounding)
			if test.want == "" {
				require.EqualError(t, err, "money: prorate: amount out of range")
				require.ErrorIs(t, err, money.ErrOverflow)
				require.Zero(t, m)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, m.String())
		})
	}
}

func TestProrateRefusesWhatItCannotDivide(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, amount string
		num, den     int64
		rounding     money.Rounding
		is           error
		err          string
	}{
		{"no amount", "", 1, 2, money.HalfUp, money.ErrInvalid, "money: prorate: not valid"},
		{"by zero", "1.00 USD", 1, 0, money.HalfUp, money.ErrDivisionByZero, "money: prorate: division by zero"},
		{"zero by zero", "0.00 USD", 0, 0, money.HalfUp, money.ErrDivisionByZero, "money: prorate: division by zero"},
		{"by less than zero", "1.00 USD", 1, -30, money.HalfUp, money.ErrInvalid, "money: prorate: denominator -30: not valid"},
		{"by the least", "1.00 USD", 1, math.MinInt64, money.HalfUp, money.ErrInvalid, "money: prorate: denominator -9223372036854775808: not valid"},
		{"no rounding", "1.00 USD", 1, 2, "", money.ErrRounding, `money: rounding "": unknown rounding`},
		{"no rounding though none is needed", "1.00 USD", 1, 1, "", money.ErrRounding, `money: rounding "": unknown rounding`},
		{"an unknown rounding", "1.00 USD", 1, 2, "nearest", money.ErrRounding, `money: rounding "nearest": unknown rounding`},
		{"a quotient of 64 bits and more", "9223372036854775807 JPY", math.MaxInt64, 1, money.HalfUp, money.ErrOverflow, "money: prorate: amount out of range"},
		{"a quotient of 64 bits", "9223372036854775807 JPY", 2, 1, money.HalfUp, money.ErrOverflow, "money: prorate: amount out of range"},
		{"rounded out of range", "9223372036854775807 JPY", 3, 2, money.Up, money.ErrOverflow, "money: prorate: amount out of range"},
		{"rounded up by one out of range", "6148914691236517205 JPY", 3, 2, money.Up, money.ErrOverflow, "money: prorate: amount out of range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, err := amount(test.amount).Prorate(test.num, test.den, test.rounding)
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, test.err)
			require.Zero(t, m)
		})
	}
}

// A quotient of 2^64-1 with a rest must not be rounded up to zero.
func TestProrateDoesNotWrapWhenRoundingUp(t *testing.T) {
	t.Parallel()
	// (2^63-1) * 2^62 / (2^61-1) needs 65 bits; the smaller denominators below walk the quotient across 2^64.
	for _, test := range []struct{ minor, num, den int64 }{
		{math.MaxInt64, 3, 1},
		{math.MaxInt64, 5, 2},
		{math.MaxInt64, 1<<62 + 1, 1<<61 + 1},
		{6_148_914_691_236_517_205, 6, 2},
		{math.MaxInt64, 4_000_000_001, 2_000_000_000},
		{math.MaxInt64, 4_611_686_018_427_387_905, 2_305_843_009_213_693_952},
	} {
		for _, r := range money.Roundings() {
			m, err := money.FromMinor(test.minor, money.JPY).Prorate(test.num, test.den, r)
			require.ErrorIs(t, err, money.ErrOverflow)
			require.Zero(t, m)
		}
	}
}

// fractions draws num and den of a part: days, seconds, and anything at all.
func fractions() *rapid.Generator[[2]int64] {
	return rapid.Custom(func(t *rapid.T) [2]int64 {
		den := rapid.OneOf(
			rapid.Int64Range(1, 40),
			rapid.Int64Range(1, 366*24*60*60),
			rapid.Int64Range(1, math.MaxInt64),
		).Draw(t, "den")
		num := rapid.OneOf(rapid.Int64Range(-den, den), rapid.Int64()).Draw(t, "num")
		return [2]int64{num, den}
	})
}

func TestProrateAgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(money.Currencies()).Draw(t, "currency")
		minor := minors().Draw(t, "minor")
		f := fractions().Draw(t, "fraction")
		if rapid.Bool().Draw(t, "force a tie") {
			// minor*num/den is a whole and a half when den is 2 and both others are odd.
			minor, f = minor|1, [2]int64{f[0] | 1, 2}
		}
		for i, r := range money.Roundings() {
			product := new(big.Int).Mul(big.NewInt(minor), big.NewInt(f[0]))
			want := arith.RoundBig(product, big.NewInt(f[1]), arith.Mode(i+1))
			got, err := money.FromMinor(minor, c).Prorate(f[0], f[1], r)
			if exact, ok := inRange(want); ok {
				require.NoError(t, err)
				require.Equal(t, money.FromMinor(exact, c), got, r)
			} else {
				require.ErrorIs(t, err, money.ErrOverflow)
				require.Zero(t, got)
			}
		}
	})
}

func TestTwoPartsOfAPeriodDifferFromTheWholeByOneUnitAtMost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := money.FromMinor(minors().Draw(t, "minor"), money.USD)
		days := rapid.Int64Range(1, 366).Draw(t, "days")
		used := rapid.Int64Range(0, days).Draw(t, "used")
		r := rapid.SampledFrom(money.Roundings()).Draw(t, "rounding")
		first, err := whole.Prorate(used, days, r)
		require.NoError(t, err)
		second, err := whole.Prorate(days-used, days, r)
		require.NoError(t, err)
		exact := new(big.Int).Add(big.NewInt(first.Minor()), big.NewInt(second.Minor()))
		exact.Sub(exact, big.NewInt(whole.Minor()))
		require.LessOrEqual(t, exact.CmpAbs(big.NewInt(1)), 0)
	})
}

func TestACreditUndoesItsChargeWhenTheRoundingIsSymmetric(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := money.FromMinor(rapid.Int64Range(-1_000_000_000, 1_000_000_000).Draw(t, "minor"), money.USD)
		days := rapid.Int64Range(1, 366).Draw(t, "days")
		part := rapid.Int64Range(0, days).Draw(t, "part")
		r := rapid.SampledFrom([]money.Rounding{money.HalfUp, money.HalfEven, money.HalfDown, money.Up, money.Down}).Draw(t, "rounding")
		charge, err := m.Prorate(part, days, r)
		require.NoError(t, err)
		credit, err := m.Prorate(-part, days, r)
		require.NoError(t, err)
		sum, err := money.Sum(money.USD, charge, credit)
		require.NoError(t, err)
		require.Zero(t, sum.Sign())
	})
}

func TestProrateDoesNotAllocate(t *testing.T) {
	m := money.MustParse("30.15 USD")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, r := range [...]money.Rounding{money.HalfUp, money.HalfEven, money.Floor} {
			if _, err := m.Prorate(17, 31, r); err != nil {
				t.Error(err)
			}
		}
	}))
}
