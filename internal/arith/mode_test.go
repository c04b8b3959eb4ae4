package arith_test

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/arith"
)

var modes = []arith.Mode{
	arith.HalfUp, arith.HalfEven, arith.HalfDown, arith.HalfFloor, arith.Up, arith.Down, arith.Floor, arith.Ceiling,
}

// The columns are the tenths that are rounded to whole units.
var table = []struct {
	mode arith.Mode
	row  string
}{
	{0 /*      columns */, "25 15 14 10 6 5 4 0 -4 -5 -6 -10 -14 -15 -25"},
	{arith.HalfUp /*    */, "3 2 1 1 1 1 0 0 0 -1 -1 -1 -1 -2 -3"},
	{arith.HalfEven /*  */, "2 2 1 1 1 0 0 0 0 0 -1 -1 -1 -2 -2"},
	{arith.HalfDown /*  */, "2 1 1 1 1 0 0 0 0 0 -1 -1 -1 -1 -2"},
	{arith.HalfFloor /* */, "2 1 1 1 1 0 0 0 0 -1 -1 -1 -1 -2 -3"},
	{arith.Up /*        */, "3 2 2 1 1 1 1 0 -1 -1 -1 -1 -2 -2 -3"},
	{arith.Down /*      */, "2 1 1 1 0 0 0 0 0 0 0 -1 -1 -1 -2"},
	{arith.Floor /*     */, "2 1 1 1 0 0 0 0 -1 -1 -1 -1 -2 -2 -3"},
	{arith.Ceiling /*   */, "3 2 2 1 1 1 1 0 0 0 0 -1 -1 -1 -2"},
}

func TestEveryModeRoundsAsItsRowSays(t *testing.T) {
	t.Parallel()
	columns := strings.Fields(table[0].row)
	require.Len(t, table, len(modes)+1)
	for i, line := range table[1:] {
		require.Equal(t, modes[i], line.mode)
		for j, want := range strings.Fields(line.row) {
			tenths, err := strconv.ParseInt(columns[j], 10, 64)
			require.NoError(t, err)
			name := "mode " + strconv.Itoa(i+1) + " of " + columns[j] + " tenths"
			require.Equal(t, want, arith.RoundBig(big.NewInt(tenths), big.NewInt(10), line.mode).String(), name)
			require.Equal(t, want, arith.RoundBig(big.NewInt(-tenths), big.NewInt(-10), line.mode).String(), name)
		}
	}
}

func TestOnlyTheEightModesAreValid(t *testing.T) {
	t.Parallel()
	for m := range arith.Mode(math.MaxUint8) {
		require.Equal(t, m >= 1 && m <= 8, m.IsValid(), "mode %d", m)
	}
	require.False(t, arith.Mode(0).Increment(false, true, +1, false), "no mode truncates")
}

func TestNothingLeftOverNeverIncrements(t *testing.T) {
	t.Parallel()
	for _, m := range modes {
		for _, half := range []int{-1, 0, +1} {
			for _, sign := range []bool{false, true} {
				require.False(t, m.Increment(sign, true, half, true))
				require.False(t, m.Increment(sign, false, half, true))
			}
		}
	}
}

func TestCompareHalfComparesWithHalfTheDivisor(t *testing.T) {
	t.Parallel()
	const most = math.MaxUint64
	for _, test := range []struct {
		r, d uint64
		want int
	}{
		{0, 1, -1},
		{1, 2, 0},
		{1, 3, -1},
		{2, 3, +1},
		{15, 31, -1},
		{16, 31, +1},
		{1 << 63, most, +1},
		{1<<63 - 1, most, -1},
		{1<<63 - 1, most - 1, 0},
		{most - 1, most, +1},
	} {
		require.Equal(t, test.want, arith.CompareHalf(test.r, test.d), "%d of %d", test.r, test.d)
	}
}

// The definition of each mode by neighbours: the result is one of the two whole numbers around the exact quotient, and
// which one depends on the distance only.
func TestRoundBigPicksTheNeighbourThatTheModeNames(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		num := big.NewInt(rapid.Int64().Draw(t, "num"))
		den := big.NewInt(rapid.Int64Range(1, 1000).Draw(t, "den"))
		m := rapid.SampledFrom(modes).Draw(t, "mode")
		below, rest := new(big.Int).DivMod(num, den, new(big.Int)) // Euclidean: towards minus infinity
		above := new(big.Int).Add(below, big.NewInt(1))
		towardsZero, away := below, above
		if num.Sign() < 0 {
			towardsZero, away = above, below
		}
		want := below
		if rest.Sign() != 0 {
			half := new(big.Int).Lsh(rest, 1).Cmp(den)
			nearest := func(tie *big.Int) *big.Int {
				return []*big.Int{below, tie, above}[half+1]
			}
			even := below
			if below.Bit(0) == 1 {
				even = above
			}
			want = map[arith.Mode]*big.Int{
				arith.HalfUp: nearest(away), arith.HalfDown: nearest(towardsZero), arith.HalfEven: nearest(even),
				arith.HalfFloor: nearest(below), arith.Up: away, arith.Down: towardsZero, arith.Floor: below, arith.Ceiling: above,
			}[m]
		}
		before := [2]string{num.String(), den.String()}
		require.Equal(t, want.String(), arith.RoundBig(num, den, m).String())
		require.Equal(t, before, [2]string{num.String(), den.String()}, "the operands are not changed")
	})
}
