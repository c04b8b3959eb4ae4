package money_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
)

func TestInstalmentsAddUp(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		amount string
		n      int
		rest   money.InstalmentRest
		r      money.Rounding
		want   string
	}{
		{"800.00 USD", 12, money.RestCumulated, money.HalfUp, "66.67 66.66 66.67 66.67 66.66 66.67 66.67 66.66 66.67 66.67 66.66 66.67"},
		{"800.00 USD", 12, money.RestLast, money.HalfUp, strings.Repeat("66.67 ", 11) + "66.63"},
		{"800.00 USD", 12, money.RestLast, money.Down, strings.Repeat("66.66 ", 11) + "66.74"},
		{"100.00 USD", 3, money.RestCumulated, money.HalfUp, "33.33 33.34 33.33"},
		{"100.00 USD", 3, money.RestLast, money.HalfUp, "33.33 33.33 33.34"},
		{"-100.00 USD", 3, money.RestCumulated, money.Floor, "-33.34 -33.33 -33.33"},
		{"-0.07 USD", 12, money.RestLast, money.HalfUp, strings.Repeat("-0.01 ", 7) + strings.TrimSpace(strings.Repeat("0.00 ", 5))},
		{"0.07 USD", 12, money.RestLast, money.HalfUp, strings.Repeat("0.01 ", 7) + strings.TrimSpace(strings.Repeat("0.00 ", 5))},
		{"1000 JPY", 3, money.RestCumulated, money.Up, "334 333 333"},
		{"5.00 USD", 1, money.RestLast, money.HalfUp, "5.00"},
		{"0.00 USD", 2, money.RestCumulated, money.HalfUp, "0.00 0.00"},
	} {
		got, err := money.MustParse(row.amount).Instalments(row.n, row.rest, row.r)
		require.NoError(t, err)
		var texts []string
		for _, m := range got {
			texts = append(texts, m.Amount())
		}
		require.Equal(t, row.want, strings.Join(texts, " "), "%s in %d, %s, %s", row.amount, row.n, row.rest, row.r)
	}
}

func TestInstalmentsRefuseWhatTheyCannotDivide(t *testing.T) {
	t.Parallel()
	m := money.MustParse("8.00 USD")
	_, err := money.Money{}.Instalments(2, money.RestLast, money.HalfUp)
	require.ErrorIs(t, err, money.ErrInvalid)
	for _, n := range []int{0, -1, money.MaxInstalments + 1} {
		_, err = m.Instalments(n, money.RestLast, money.HalfUp)
		require.ErrorIs(t, err, money.ErrInvalid)
	}
	_, err = m.Instalments(2, "first", money.HalfUp)
	require.EqualError(t, err, `money: instalments: rest "first": not valid`)
	_, err = m.Instalments(2, money.RestCumulated, "")
	require.ErrorIs(t, err, money.ErrRounding)
}

func TestInstalmentsSumToTheWholeAndLieNearTheirShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := money.FromMinor(rapid.Int64().Draw(t, "minor"), money.USD)
		n := rapid.IntRange(1, 60).Draw(t, "n")
		rest := rapid.SampledFrom(money.InstalmentRests()).Draw(t, "rest")
		got, err := m.Instalments(n, rest, rapid.SampledFrom(money.Roundings()).Draw(t, "rounding"))
		require.NoError(t, err)
		sum, err := money.Sum(money.USD, got...)
		require.NoError(t, err)
		require.Equal(t, m, sum)
		for _, part := range got {
			require.False(t, part.Sign()*m.Sign() < 0, "%s of %s", part, m)
			if rest == money.RestCumulated {
				share := m.Minor() / int64(n)
				require.LessOrEqual(t, max(part.Minor()-share, share-part.Minor()), int64(2), "%s of %s", part, m)
			}
		}
	})
}

func ExampleMoney_Instalments() {
	fee := money.MustParse("800.00 USD")
	even, _ := fee.Instalments(12, money.RestLast, money.HalfUp)
	spread, _ := fee.Instalments(12, money.RestCumulated, money.HalfUp)
	fmt.Println(even[0], even[10], even[11])
	fmt.Println(spread[0], spread[1], spread[2], spread[11])
	// Output:
	// 66.67 USD 66.67 USD 66.63 USD
	// 66.67 USD 66.66 USD 66.67 USD 66.67 USD
}
