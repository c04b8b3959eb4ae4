package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
)

func TestFromDecimal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, decimal string
		currency      money.Currency
		rounding      money.Rounding
		want          string
	}{
		{"a half cent", "1.005", money.USD, money.HalfUp, "1.01 USD"},
		{"a half cent to even", "1.005", money.USD, money.HalfEven, "1.00 USD"},
		{"a half cent to the other even", "1.015", money.USD, money.HalfEven, "1.02 USD"},
		{"a little above the half", "1.0050000000000000000000000000000000001", money.USD, money.HalfEven, "1.01 USD"},
		{"a little below the half", "1.0049999999999999999999999999999999999", money.USD, money.HalfUp, "1.00 USD"},
		{"a negative half", "-1.005", money.USD, money.HalfUp, "-1.01 USD"},
		{"a negative half to the floor", "-1.005", money.USD, money.HalfFloor, "-1.01 USD"},
		{"a negative half down", "-1.005", money.USD, money.HalfDown, "-1.00 USD"},
		{"a sub-unit price", "0.000045", money.USD, money.Up, "0.01 USD"},
		{"less than a tenth of a cent", "0.0001", money.USD, money.Ceiling, "0.01 USD"},
		{"less than nothing", "-0.0001", money.USD, money.Floor, "-0.01 USD"},
		{"less than nothing to the ceiling", "-0.0001", money.USD, money.Ceiling, "0.00 USD"},
		{"nearly a cent", "0.009", money.USD, money.HalfUp, "0.01 USD"},
		{"whole", "12", money.USD, money.HalfUp, "12.00 USD"},
		{"an exponent", "1.2e3", money.USD, money.HalfUp, "1200.00 USD"},
		{"zero with an exponent", "0e9", money.USD, money.HalfUp, "0.00 USD"},
		{"yen", "99.5", money.JPY, money.HalfUp, "100 JPY"},
		{"unidad de fomento", "3.00005", money.CLF, money.HalfUp, "3.0001 CLF"},
		{"the top", "92233720368547758.0749", money.USD, money.HalfUp, "92233720368547758.07 USD"},
		{"the bottom", "-92233720368547758.0849", money.USD, money.HalfUp, "-92233720368547758.08 USD"},
		{"nineteen digits after the point", "0.9999999999999999999", money.JPY, money.Down, "0 JPY"},
		{"eighteen digits after the point", "0.499999999999999999", money.JPY, money.HalfUp, "0 JPY"},
		{"eighteen digits and a half", "0.500000000000000000", money.JPY, money.HalfUp, "1 JPY"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := decimal.RequireFromString(test.decimal)
			m, err := money.FromDecimal(d, test.currency, test.rounding)
			require.NoError(t, err)
			require.Equal(t, test.want, m.String())
			require.Equal(t, decimal.RequireFromString(test.decimal), d, "the decimal is not changed")
		})
	}
}

func TestExactRefusesToRound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, decimal string
		currency      money.Currency
		want, err     string
	}{
		{"zeros at the end do not matter", "12.5000", money.USD, "12.50 USD", ""},
		{"fewer digits", "12.5", money.USD, "12.50 USD", ""},
		{"many zeros at the end", "1.000000000000000000000000000000", money.USD, "1.00 USD", ""},
		{"an exponent", "15e2", money.JPY, "1500 JPY", ""},
		{"a fraction of a cent", "12.505", money.USD, "", "money: from decimal: too many decimal digits for the currency USD"},
		{"a fraction of a yen", "0.1", money.JPY, "", "money: from decimal: too many decimal digits for the currency JPY"},
		{"a very small fraction", "1e-9999", money.USD, "", "money: from decimal: too many decimal digits for the currency USD"},
		{"a very long fraction", "1.0000000000000000000000000000000000000001", money.USD, "", "money: from decimal: too many decimal digits for the currency USD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, err := money.Exact(decimal.RequireFromString(test.decimal), test.currency)
			if test.err != "" {
				require.EqualError(t, err, test.err)
				require.ErrorIs(t, err, money.ErrPrecision)
				require.Zero(t, m)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, m.String())
		})
	}
}

func TestDecimalsThatAreNoAmount(t *testing.T) {
	t.Parallel()
	one := decimal.New(1, 0)
	for _, test := range []struct {
		name     string
		decimal  decimal.Decimal
		currency money.Currency
		rounding money.Rounding
		is       error
		err      string
	}{
		{"no currency", one, 0, money.HalfUp, money.ErrUnknownCurrency, "money: from decimal: unknown currency"},
		{"no rounding", one, money.USD, "", money.ErrRounding, `money: rounding "": unknown rounding`},
		{"an unknown rounding", one, money.USD, "HALF_UP", money.ErrRounding, `money: rounding "HALF_UP": unknown rounding`},
		{"one above the top", decimal.RequireFromString("92233720368547758.08"), money.USD, money.HalfUp, money.ErrOverflow, "money: from decimal: amount out of range"},
		{"rounded above the top", decimal.RequireFromString("92233720368547758.075"), money.USD, money.HalfUp, money.ErrOverflow, "money: from decimal: amount out of range"},
		{"rounded below the bottom", decimal.RequireFromString("-92233720368547758.0801"), money.USD, money.Floor, money.ErrOverflow, "money: from decimal: amount out of range"},
		{"rounded to 2^64", decimal.RequireFromString("18446744073709551615.5"), money.JPY, money.Up, money.ErrOverflow, "money: from decimal: amount out of range"},
		{"twenty digits", decimal.RequireFromString("99999999999999999999"), money.JPY, money.HalfUp, money.ErrOverflow, "money: from decimal: amount out of range"},
		{"forty digits", decimal.RequireFromString("9999999999999999999999999999999999999999"), money.JPY, money.HalfUp, money.ErrOverflow, "money: from decimal: amount out of range"},
		{"eighteen digits in a currency with four", decimal.New(999_999_999_999_999_999, 0), money.CLF, money.HalfUp, money.ErrOverflow, "money: from decimal: amount out of range"},
		{"an exponent that must not be expanded", decimal.New(1, math.MaxInt32), money.USD, money.HalfUp, money.ErrOverflow, "money: from decimal: amount out of range"},
		{"the same below zero", decimal.New(-1, math.MaxInt32), money.USD, money.HalfUp, money.ErrOverflow, "money: from decimal: amount out of range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, err := money.FromDecimal(test.decimal, test.currency, test.rounding)
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, test.err)
			require.Zero(t, m)
		})
	}
	_, err := money.Exact(one, 0)
	require.EqualError(t, err, "money: from decimal: unknown currency")
	_, err = money.Exact(decimal.New(1, math.MaxInt32), money.USD)
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestExponentsAreNotExpanded(t *testing.T) {
	t.Parallel()
	m, err := money.FromDecimal(decimal.New(1, math.MinInt32), money.USD, money.Up)
	require.NoError(t, err)
	require.Equal(t, "0.01 USD", m.String())
	m, err = money.FromDecimal(decimal.New(0, math.MaxInt32), money.USD, money.Up)
	require.NoError(t, err)
	require.Equal(t, "0.00 USD", m.String())
}

func TestDecimalGivesTheAmountBack(t *testing.T) {
	t.Parallel()
	require.Equal(t, "0", money.Money{}.Decimal().String())
	rapid.Check(t, func(t *rapid.T) {
		m := amounts().Draw(t, "m")
		require.Equal(t, int32(-m.Currency().Digits()), m.Decimal().Exponent())
		back, err := money.Exact(m.Decimal(), m.Currency())
		require.NoError(t, err)
		require.Equal(t, m, back)
		back, err = money.FromDecimal(m.Decimal(), m.Currency(), money.Up)
		require.NoError(t, err)
		require.Equal(t, m, back)
	})
}

// decimals draws decimals on both sides of everything that takes another path: 18 digits, 64 bits, ties.
func decimals() *rapid.Generator[decimal.Decimal] {
	return rapid.Custom(func(t *rapid.T) decimal.Decimal {
		coefficient := big.NewInt(minors().Draw(t, "coefficient"))
		if rapid.Bool().Draw(t, "long") {
			coefficient.Mul(coefficient, big.NewInt(minors().Draw(t, "factor")))
		}
		d := decimal.NewFromBigInt(coefficient, rapid.Int32Range(-45, 8).Draw(t, "exponent"))
		if rapid.Bool().Draw(t, "force a tie") {
			digits := rapid.Int32Range(0, 4).Draw(t, "digits")
			return d.Truncate(digits).Add(decimal.New(5, -digits-1))
		}
		return d
	})
}

func TestFromDecimalAgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := decimals().Draw(t, "d")
		c := rapid.SampledFrom(money.Currencies()).Draw(t, "currency")
		num, den := d.Shift(int32(c.Digits())).Rat().Num(), d.Shift(int32(c.Digits())).Rat().Denom()
		for i, r := range money.Roundings() {
			want := arith.RoundBig(num, den, arith.Mode(i+1))
			got, err := money.FromDecimal(d, c, r)
			if minor, ok := inRange(want); ok {
				require.NoError(t, err)
				require.Equal(t, money.FromMinor(minor, c), got, r)
			} else {
				require.ErrorIs(t, err, money.ErrOverflow)
			}
		}
		got, err := money.Exact(d, c)
		switch {
		case err == nil:
			require.True(t, got.Decimal().Equal(d))
		case den.Cmp(big.NewInt(1)) == 0:
			require.ErrorIs(t, err, money.ErrOverflow)
		}
	})
}

func TestFromDecimalDoesNotAllocateForWhatFits(t *testing.T) {
	d := decimal.RequireFromString("1234.5678901")
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := money.FromDecimal(d, money.USD, money.HalfEven); err != nil {
			t.Error(err)
		}
	}))
}
