package grow_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/grow"
)

func TestNoListSeesWhatWasAppendedToAnotherOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all, want := []grow.List[int]{grow.Of([]int{1, 2}), {}}, [][]int{{1, 2}, nil}
		for n := range rapid.IntRange(1, 100).Draw(t, "steps") {
			i := rapid.IntRange(0, len(all)-1).Draw(t, "from")
			from, has := all[i], want[i]
			if rapid.IntRange(0, 4).Draw(t, "cut") == 0 {
				k := rapid.IntRange(0, len(has)).Draw(t, "first")
				from, has = from.First(k), has[:k]
			}
			all, want = append(all, from.With(n)), append(want, append(slices.Clone(has), n))
		}
		for i := range all {
			require.Equal(t, len(want[i]), all[i].Len())
			require.Equal(t, want[i], all[i].Slice())
			for n, x := range all[i].All() {
				require.Equal(t, want[i][n], x)
				require.Equal(t, x, *all[i].At(n))
			}
		}
	})
}

func TestAnItemIsMovedOnceForEachDoubling(t *testing.T) {
	var l grow.List[int]
	moved := 0
	const items = 4096
	for n := range items {
		next := l.With(n)
		for i := range n {
			if l.At(i) != next.At(i) {
				moved++
			}
		}
		l = next
	}
	require.LessOrEqual(t, moved, 12*items)
}

func TestAListThatNobodyElseHoldsGrowsInPlace(t *testing.T) {
	l := grow.Own([]int{1})
	l.Append(2)
	l.Append(3)
	require.Equal(t, []int{1, 2, 3}, l.Slice())
	require.Panics(t, func() { l.At(3) })
	longer := l.With(4)
	require.Panics(t, func() { longer.At(4) })
}
