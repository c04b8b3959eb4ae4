package money_test

import (
	"errors"
	"math"
	"math/big"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
)

// amount is MustParse with the empty string for the zero Money, so that tables can hold it.
func amount(s string) money.Money {
	if s == "" {
		return money.Money{}
	}
	return money.MustParse(s)
}

func TestAddAndSub(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, a, b, sum, diff string }{
		{"cents carry", "0.99 USD", "0.01 USD", "1.00 USD", "0.98 USD"},
		{"below nothing", "1.00 USD", "-2.50 USD", "-1.50 USD", "3.50 USD"},
		{"no minor unit", "100 JPY", "1 JPY", "101 JPY", "99 JPY"},
		{"nothing", "0.00 EUR", "0.00 EUR", "0.00 EUR", "0.00 EUR"},
		{"to the top", "92233720368547758.06 USD", "0.01 USD", "92233720368547758.07 USD", "92233720368547758.05 USD"},
		{"to the bottom", "-92233720368547758.07 USD", "-0.01 USD", "-92233720368547758.08 USD", "-92233720368547758.06 USD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sum, err := amount(test.a).Add(amount(test.b))
			require.NoError(t, err)
			require.Equal(t, test.sum, sum.String())
			diff, err := amount(test.a).Sub(amount(test.b))
			require.NoError(t, err)
			require.Equal(t, test.diff, diff.String())
		})
	}
}

func TestTwoAmountsThatCannotMeet(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, a, b     string
		is             error
		add, sub, comp string
	}{
		{
			"two currencies", "1.00 USD", "1.00 EUR", money.ErrCurrencyMismatch,
			"money: add: currencies differ: USD and EUR", "money: subtract: currencies differ: USD and EUR", "money: compare: currencies differ: USD and EUR",
		},
		{
			"nothing of another currency", "1.00 USD", "0.00 EUR", money.ErrCurrencyMismatch,
			"money: add: currencies differ: USD and EUR", "money: subtract: currencies differ: USD and EUR", "money: compare: currencies differ: USD and EUR",
		},
		{
			"no amount first", "", "1.00 EUR", money.ErrInvalid,
			"money: add: not valid", "money: subtract: not valid", "money: compare: not valid",
		},
		{
			"no amount second", "1.00 EUR", "", money.ErrInvalid,
			"money: add: not valid", "money: subtract: not valid", "money: compare: not valid",
		},
		{
			"no amounts", "", "", money.ErrInvalid,
			"money: add: not valid", "money: subtract: not valid", "money: compare: not valid",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a, b := amount(test.a), amount(test.b)
			sum, err := a.Add(b)
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, test.add)
			require.Zero(t, sum)
			diff, err := a.Sub(b)
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, test.sub)
			require.Zero(t, diff)
			order, err := a.Cmp(b)
			require.ErrorIs(t, err, test.is)
			require.EqualError(t, err, test.comp)
			require.Zero(t, order)
		})
	}
}

func TestAMismatchNamesBothCurrencies(t *testing.T) {
	t.Parallel()
	_, err := amount("1.00 USD").Add(amount("1 JPY"))
	var mismatch *money.MismatchError
	require.True(t, errors.As(err, &mismatch))
	require.Equal(t, money.MismatchError{A: money.USD, B: money.JPY}, *mismatch)
	require.NotErrorIs(t, err, money.ErrInvalid)
}

func TestWhatDoesNotFitIsAnError(t *testing.T) {
	t.Parallel()
	const top, bottom = "9223372036854775807 JPY", "-9223372036854775808 JPY"
	one := amount("1 JPY")
	for _, test := range []struct {
		name string
		do   func() (money.Money, error)
		err  string
	}{
		{"one above", func() (money.Money, error) { return amount(top).Add(one) }, "money: add: amount out of range"},
		{"one below", func() (money.Money, error) { return amount(bottom).Sub(one) }, "money: subtract: amount out of range"},
		{"twice the top", func() (money.Money, error) { return amount(top).Add(amount(top)) }, "money: add: amount out of range"},
		{"twice the bottom", func() (money.Money, error) { return amount(bottom).Add(amount(bottom)) }, "money: add: amount out of range"},
		{"nothing less the bottom", func() (money.Money, error) { return amount("0 JPY").Sub(amount(bottom)) }, "money: subtract: amount out of range"},
		{"the bottom turned", func() (money.Money, error) { return amount(bottom).Neg() }, "money: negate: amount out of range"},
		{"the bottom times minus one", func() (money.Money, error) { return amount(bottom).Mul(-1) }, "money: multiply: amount out of range"},
		{"the top doubled", func() (money.Money, error) { return amount(top).Mul(2) }, "money: multiply: amount out of range"},
		{"more than 64 bits", func() (money.Money, error) { return amount(bottom).Mul(math.MinInt64) }, "money: multiply: amount out of range"},
		{"a product that wraps to nothing", func() (money.Money, error) { return money.FromMinor(1<<32, money.JPY).Mul(1 << 32) }, "money: multiply: amount out of range"},
		{"a sum above", func() (money.Money, error) { return money.Sum(money.JPY, amount(top), one) }, "money: sum: amount out of range"},
		{"a sum below", func() (money.Money, error) { return money.Sum(money.JPY, amount(bottom), amount(bottom)) }, "money: sum: amount out of range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, err := test.do()
			require.ErrorIs(t, err, money.ErrOverflow)
			require.EqualError(t, err, test.err)
			require.Zero(t, m)
		})
	}
}

func TestSum(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		amounts []string
		sum     string
	}{
		{"nothing", nil, "0.00 USD"},
		{"one", []string{"1.25 USD"}, "1.25 USD"},
		{"charges and credits", []string{"30.15 USD", "-10.05 USD", "0.01 USD"}, "20.11 USD"},
		{"out of range on the way up", []string{"92233720368547758.07 USD", "0.01 USD", "-1.00 USD"}, "92233720368547757.08 USD"},
		{"out of range on the way down", []string{"-92233720368547758.08 USD", "-5.00 USD", "6.00 USD"}, "-92233720368547757.08 USD"},
		{"both ends", []string{"92233720368547758.07 USD", "-92233720368547758.08 USD"}, "-0.01 USD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var all []money.Money
			for _, s := range test.amounts {
				all = append(all, money.MustParse(s))
			}
			sum, err := money.Sum(money.USD, all...)
			require.NoError(t, err)
			require.Equal(t, test.sum, sum.String())
		})
	}
}

func TestSumRefusesWhatItCannotAdd(t *testing.T) {
	t.Parallel()
	_, err := money.Sum(0)
	require.ErrorIs(t, err, money.ErrUnknownCurrency)
	require.EqualError(t, err, "money: sum: unknown currency")
	_, err = money.Sum(money.USD, amount("1.00 USD"), money.Money{})
	require.ErrorIs(t, err, money.ErrInvalid)
	require.EqualError(t, err, "money: sum: not valid")
	_, err = money.Sum(money.USD, amount("1.00 USD"), amount("1.00 EUR"))
	require.ErrorIs(t, err, money.ErrCurrencyMismatch)
	require.EqualError(t, err, "money: sum: currencies differ: USD and EUR")
}

func TestAccessors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text            string
		minor           int64
		currency        money.Currency
		sign            int
		negative, valid bool
	}{
		{"12.50 USD", 1250, money.USD, +1, false, true},
		{"-0.01 USD", -1, money.USD, -1, true, true},
		{"0.00 USD", 0, money.USD, 0, false, true},
		{"", 0, 0, 0, false, false},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			m := amount(test.text)
			require.Equal(t, test.minor, m.Minor())
			require.Equal(t, test.currency, m.Currency())
			require.Equal(t, test.sign, m.Sign())
			require.Equal(t, test.negative, m.IsNegative())
			require.Equal(t, test.valid, m.IsValid())
			require.Equal(t, m, money.FromMinor(test.minor, test.currency))
		})
	}
}

func TestAnAmountOfNoCurrencyIsTheZeroMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []money.Currency{0, 1, 999, 65535} {
		require.Equal(t, money.Money{}, money.FromMinor(100, c))
	}
}

func TestArithmeticOnTheZeroMoneyIsAnError(t *testing.T) {
	t.Parallel()
	var none money.Money
	_, err := none.Neg()
	require.EqualError(t, err, "money: negate: not valid")
	require.ErrorIs(t, err, money.ErrInvalid)
	_, err = none.Mul(2)
	require.EqualError(t, err, "money: multiply: not valid")
	require.ErrorIs(t, err, money.ErrInvalid)
}

func TestMoneyIsSmall(t *testing.T) {
	t.Parallel()
	require.EqualValues(t, 16, reflect.TypeFor[money.Money]().Size())
}

// inRange returns what n means as minor units, if an int64 holds it.
func inRange(n *big.Int) (int64, bool) {
	return n.Int64(), n.IsInt64()
}

func TestArithmeticAgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(money.Currencies()).Draw(t, "currency")
		x, y := minors().Draw(t, "x"), minors().Draw(t, "y")
		a, b := money.FromMinor(x, c), money.FromMinor(y, c)
		bigX, bigY := big.NewInt(x), big.NewInt(y)
		check := func(want *big.Int, got money.Money, err error) {
			minor, ok := inRange(want)
			if !ok {
				require.ErrorIs(t, err, money.ErrOverflow)
				require.Zero(t, got)
				return
			}
			require.NoError(t, err)
			require.Equal(t, money.FromMinor(minor, c), got)
		}
		got, err := a.Add(b)
		check(new(big.Int).Add(bigX, bigY), got, err)
		got, err = a.Sub(b)
		check(new(big.Int).Sub(bigX, bigY), got, err)
		got, err = a.Mul(y)
		check(new(big.Int).Mul(bigX, bigY), got, err)
		got, err = a.Neg()
		check(new(big.Int).Neg(bigX), got, err)
		order, err := a.Cmp(b)
		require.NoError(t, err)
		require.Equal(t, bigX.Cmp(bigY), order)
	})
}

func TestSumAgreesWithBigIntegersInEveryOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(minors(), 0, 20).Draw(t, "minors")
		want := new(big.Int)
		amounts := make([]money.Money, len(all))
		for i, minor := range all {
			want.Add(want, big.NewInt(minor))
			amounts[i] = money.FromMinor(minor, money.EUR)
		}
		for _, order := range [][]money.Money{amounts, rapid.Permutation(amounts).Draw(t, "order")} {
			got, err := money.Sum(money.EUR, order...)
			if minor, ok := inRange(want); ok {
				require.NoError(t, err)
				require.Equal(t, money.FromMinor(minor, money.EUR), got)
			} else {
				require.ErrorIs(t, err, money.ErrOverflow)
			}
		}
	})
}
