package money_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
)

func TestAllocate(t *testing.T) {
	t.Parallel()
	const most = math.MaxInt64
	for _, test := range []struct {
		name, amount string
		weights      []int64
		want         string
	}{
		{"five cents by thirty and seventy", "0.05 USD", []int64{30, 70}, "0.02 0.03"},
		{"thirds: the first takes the cent", "1.00 USD", []int64{1, 1, 1}, "0.34 0.33 0.33"},
		{"two cents left over", "0.05 USD", []int64{1, 1, 1}, "0.02 0.02 0.01"},
		{"a credit is shared as a charge is", "-1.00 USD", []int64{1, 1, 1}, "-0.34 -0.33 -0.33"},
		{"the largest remainder first", "1.00 USD", []int64{3, 3, 1}, "0.43 0.43 0.14"},
		{"the largest remainder is the last", "0.10 USD", []int64{2, 2, 5}, "0.02 0.02 0.06"},
		{"less than one each", "0.02 USD", []int64{1, 1, 1, 1}, "0.01 0.01 0.00 0.00"},
		{"a weight of zero gets nothing", "0.05 USD", []int64{0, 1, 0, 1}, "0.00 0.03 0.00 0.02"},
		{"one weight takes all", "12.34 USD", []int64{7}, "12.34"},
		{"one weight among zeros", "12.34 USD", []int64{0, 0, 7}, "0.00 0.00 12.34"},
		{"nothing to share", "0.00 USD", []int64{1, 2}, "0.00 0.00"},
		{"yen", "100 JPY", []int64{1, 1, 1}, "34 33 33"},
		{"fils", "1.000 KWD", []int64{1, 1, 1}, "0.334 0.333 0.333"},
		{"weights that are exact", "10.00 USD", []int64{20, 30, 50}, "2.00 3.00 5.00"},
		{"weights that sum to more than 64 bits", "0.09 USD", []int64{most, most, most}, "0.03 0.03 0.03"},
		{"the top", "9223372036854775807 JPY", []int64{most, most}, "4611686018427387904 4611686018427387903"},
		{"the bottom", "-9223372036854775808 JPY", []int64{1}, "-9223372036854775808"},
		{"the bottom in halves", "-9223372036854775808 JPY", []int64{most, most}, "-4611686018427387904 -4611686018427387904"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			shares, err := amount(test.amount).Allocate(test.weights)
			require.NoError(t, err)
			var got []string
			for _, share := range shares {
				require.Equal(t, amount(test.amount).Currency(), share.Currency())
				got = append(got, share.Amount())
			}
			require.Equal(t, test.want, strings.Join(got, " "))
		})
	}
}

func TestAllocateRefusesWhatItCannotShare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, amount string
		weights      []int64
		err          string
	}{
		{"no amount", "", []int64{1}, "money: allocate: not valid"},
		{"no weights", "1.00 USD", nil, "money: allocate: weights sum to zero: not valid"},
		{"only zeros", "1.00 USD", []int64{0, 0}, "money: allocate: weights sum to zero: not valid"},
		{"only zeros for nothing", "0.00 USD", []int64{0}, "money: allocate: weights sum to zero: not valid"},
		{"a negative weight", "1.00 USD", []int64{2, -1}, "money: allocate: weight -1 at 1: not valid"},
		{"the least weight", "1.00 USD", []int64{math.MinInt64}, "money: allocate: weight -9223372036854775808 at 0: not valid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			shares, err := amount(test.amount).Allocate(test.weights)
			require.ErrorIs(t, err, money.ErrInvalid)
			require.EqualError(t, err, test.err)
			require.Nil(t, shares)
		})
	}
}

func weights() *rapid.Generator[[]int64] {
	weight := rapid.OneOf(rapid.Int64Range(0, 10), rapid.Int64Range(0, math.MaxInt64), rapid.Just(int64(math.MaxInt64)))
	return rapid.SliceOfN(weight, 1, 12).Filter(func(all []int64) bool {
		for _, w := range all {
			if w > 0 {
				return true
			}
		}
		return false
	})
}

func TestSharesSumToTheWholeAndLieWithinOneUnitOfTheExactShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := amounts().Draw(t, "m")
		w := weights().Draw(t, "weights")
		shares, err := m.Allocate(w)
		require.NoError(t, err)
		require.Len(t, shares, len(w))
		sum, err := money.Sum(m.Currency(), shares...)
		require.NoError(t, err)
		require.Equal(t, m, sum)

		total := new(big.Int)
		for _, weight := range w {
			total.Add(total, big.NewInt(weight))
		}
		extra := map[int]*big.Int{} // what rounding towards zero lost, of the shares that got a unit more
		plain := map[int]*big.Int{} // and of those that did not
		for i, share := range shares {
			product := new(big.Int).Mul(big.NewInt(m.Minor()), big.NewInt(w[i]))
			q, rest := product.QuoRem(product, total, new(big.Int))
			switch over := new(big.Int).Sub(big.NewInt(share.Minor()), q); over.CmpAbs(big.NewInt(1)) {
			case 0:
				require.Equal(t, m.Sign(), over.Sign())
				extra[i] = rest.Abs(rest)
			default:
				require.Zero(t, over.Sign())
				plain[i] = rest.Abs(rest)
			}
		}
		for i, lost := range extra {
			require.Positive(t, lost.Sign(), "a share that is exact gets nothing more")
			for j, other := range plain {
				order := lost.Cmp(other)
				require.True(t, order > 0 || (order == 0 && i < j), "%d before %d", i, j)
			}
		}
	})
}

func TestACreditIsSharedAsItsChargeIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := amounts().Filter(func(m money.Money) bool { return m.Minor() != math.MinInt64 }).Draw(t, "m")
		w := weights().Draw(t, "weights")
		turned, err := m.Neg()
		require.NoError(t, err)
		charge, err := m.Allocate(w)
		require.NoError(t, err)
		credit, err := turned.Allocate(w)
		require.NoError(t, err)
		for i := range charge {
			require.Equal(t, charge[i].Minor(), -credit[i].Minor())
		}
	})
}
