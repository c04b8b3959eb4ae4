package dec_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/dec"
)

// someDecimal has few digits or many, and often zeros at either end.
func someDecimal(t *rapid.T, label string) decimal.Decimal {
	c := rapid.OneOf(rapid.Int64Range(-1000, 1000), rapid.Int64(), rapid.SampledFrom([]int64{0, 100, 999_999_999_999_999_999, -1_000_000_000_000_000_000})).Draw(t, label)
	d := decimal.New(c, rapid.Int32Range(-22, 4).Draw(t, label+" exponent"))
	if rapid.IntRange(0, 9).Draw(t, label+" long") == 0 {
		d = d.Mul(decimal.New(rapid.Int64().Draw(t, label+" factor"), 0))
	}
	return d
}

func TestSmallNumbersAreCountedAsAllOthers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := someDecimal(t, "a"), someDecimal(t, "b")
		for name, pair := range map[string][2]decimal.Decimal{"+": {dec.Add(a, b), a.Add(b)}, "-": {dec.Sub(a, b), a.Sub(b)}, "x": {dec.Mul(a, b), a.Mul(b)}} {
			got, want := pair[0], pair[1]
			require.True(t, want.Equal(got), "%s %s %s", a, name, b)
			if c, err := dec.Canonical(want); err == nil {
				require.Equal(t, c, got)
			}
		}
		canonical, err := dec.Canonical(a)
		require.Equal(t, err, dec.Check(a))
		if err == nil {
			again, err := dec.Canonical(canonical)
			require.NoError(t, err)
			require.Equal(t, canonical, again)
		}
	})
}

func TestATextHasTheDecimalPlacesThatItNeedsAtLeast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, least := someDecimal(t, "d"), rapid.IntRange(0, 5).Draw(t, "least")
		places := max(least, int(max(-d.Exponent(), 0)))
		for places > least && d.Equal(d.Truncate(int32(places-1))) {
			places--
		}
		require.Equal(t, d.StringFixed(int32(places)), string(dec.AppendFixed(nil, d, least)))
		require.Equal(t, dec.String(d), string(dec.Append([]byte{}, d)))
		n := rapid.OneOf(rapid.Int64(), rapid.Just(d.Shift(int32(least)).IntPart())).Draw(t, "n")
		require.Equal(t, d.Equal(decimal.New(n, int32(-least))), dec.Is(d, n, least))
	})
}
