package money_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
)

func TestNoDeclaredRoundingIsForgotten(t *testing.T) {
	t.Parallel()
	names := declared(t, "round.go", "Rounding")
	roundings := money.Roundings()
	require.Len(t, roundings, len(names))
	seen := map[money.Rounding]bool{}
	for i, r := range roundings {
		require.True(t, r.IsValid())
		require.Equal(t, strings.ToLower(names[i]), strings.ReplaceAll(string(r), "_", ""))
		require.False(t, seen[r])
		seen[r] = true
	}
}

func TestEveryRoundingHasItsMode(t *testing.T) {
	t.Parallel()
	modes := []arith.Mode{
		arith.HalfUp, arith.HalfEven, arith.HalfDown, arith.HalfFloor, arith.Up, arith.Down, arith.Floor, arith.Ceiling,
	}
	for i, r := range money.Roundings() {
		require.Equal(t, modes[i], arith.Named(string(r)))
	}
}

// The table of the package documentation.
func TestRoundingsAgreeWithTheTable(t *testing.T) {
	t.Parallel()
	columns := strings.Fields("2.5 1.5 1.4 0.6 -0.6 -1.4 -1.5 -2.5")
	rows := map[money.Rounding]string{
		money.HalfUp:    "3 2 1 1 -1 -1 -2 -3",
		money.HalfEven:  "2 2 1 1 -1 -1 -2 -2",
		money.HalfDown:  "2 1 1 1 -1 -1 -1 -2",
		money.HalfFloor: "2 1 1 1 -1 -1 -2 -3",
		money.Up:        "3 2 2 1 -1 -2 -2 -3",
		money.Down:      "2 1 1 0 0 -1 -1 -2",
		money.Floor:     "2 1 1 0 -1 -2 -2 -3",
		money.Ceiling:   "3 2 2 1 0 -1 -1 -2",
	}
	for _, r := range money.Roundings() {
		for i, want := range strings.Fields(rows[r]) {
			exact := decimal.RequireFromString(columns[i])
			m, err := money.FromDecimal(exact, money.JPY, r)
			require.NoError(t, err)
			require.Equal(t, want+" JPY", m.String(), "%s of %s", r, columns[i])

			tenths := money.FromMinor(exact.Shift(1).IntPart(), money.JPY)
			m, err = tenths.Prorate(1, 10, r)
			require.NoError(t, err)
			require.Equal(t, want+" JPY", m.String(), "%s of %s", r, columns[i])
		}
	}
}

func TestWhatIsNoRoundingIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, word, err string }{
		{"upper case", "HALF_UP", `money: rounding "HALF_UP": unknown rounding`},
		{"mixed case", "Half_up", `money: rounding "Half_up": unknown rounding`},
		{"a hyphen", "half-up", `money: rounding "half-up": unknown rounding`},
		{"space after", "up ", `money: rounding "up ": unknown rounding`},
		{"a zero byte", "up\x00", `money: rounding "up\x00": unknown rounding`},
		{"another word", "nearest", `money: rounding "nearest": unknown rounding`},
		{"a space", " ", `money: rounding " ": unknown rounding`},
		{"long", strings.Repeat("half_up", 100), `money: rounding "half_uphalf_uphalf_uphalf_uphalf_uphalf_"...: unknown rounding`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := money.Floor
			err := r.UnmarshalText([]byte(test.word))
			require.EqualError(t, err, test.err)
			require.ErrorIs(t, err, money.ErrRounding)
			require.Equal(t, money.Floor, r, "unchanged after an error")

			_, err = money.FromDecimal(decimal.Zero, money.EUR, money.Rounding(test.word))
			require.EqualError(t, err, test.err)
			require.False(t, money.Rounding(test.word).IsValid())
		})
	}
}

func TestTheEmptyRoundingIsUnset(t *testing.T) {
	t.Parallel()
	var r money.Rounding
	require.False(t, r.IsValid())
	_, err := money.FromDecimal(decimal.Zero, money.EUR, r)
	require.EqualError(t, err, `money: rounding "": unknown rounding`)
	r = money.Up
	require.NoError(t, r.UnmarshalText(nil))
	require.Empty(t, r)
}

func TestEveryRoundingRoundTripsAsJSON(t *testing.T) {
	t.Parallel()
	for _, r := range append(money.Roundings(), "") {
		document, err := json.Marshal(r)
		require.NoError(t, err)
		require.Equal(t, `"`+string(r)+`"`, string(document))
		back := money.Ceiling
		require.NoError(t, json.Unmarshal(document, &back))
		require.Equal(t, r, back)
	}
}

func FuzzRoundingUnmarshalText(f *testing.F) {
	for _, r := range money.Roundings() {
		f.Add(string(r))
	}
	f.Add("")
	f.Add("half_up ")
	f.Add("HALF_EVEN")
	f.Fuzz(func(t *testing.T, text string) {
		var r money.Rounding
		if err := r.UnmarshalText([]byte(text)); err != nil {
			require.ErrorIs(t, err, money.ErrRounding)
			require.Empty(t, r)
			return
		}
		require.True(t, r.IsValid() || r == "")
		require.Equal(t, text, string(r))
	})
}
