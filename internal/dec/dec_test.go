package dec_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/dec"
)

func TestParseReadsPlainNotation(t *testing.T) {
	t.Parallel()
	rows := []struct{ text, canonical string }{
		{"0", "0"},
		{"-0", "0"},
		{"0.00", "0"},
		{"-0.000", "0"},
		{"1", "1"},
		{"-1", "-1"},
		{"12.50", "12.5"},
		{"0.5", "0.5"},
		{"-0.05", "-0.05"},
		{"1000", "1000"},
		{"1000.000", "1000"},
		{"999999999999999999", "999999999999999999"},
		{"1000000000000000000", "1000000000000000000"},
		{"-1234567890123456789.01", "-1234567890123456789.01"},
		{"0.00000000000000000001", "0.00000000000000000001"},
		{strings.Repeat("9", 30), strings.Repeat("9", 30)},
		{strings.Repeat("9", 30) + "." + strings.Repeat("9", 10), strings.Repeat("9", 30) + "." + strings.Repeat("9", 10)},
		{strings.Repeat("9", 20) + "." + strings.Repeat("9", 20), strings.Repeat("9", 20) + "." + strings.Repeat("9", 20)},
		{"-" + strings.Repeat("9", 30) + "." + strings.Repeat("0", 20), "-" + strings.Repeat("9", 30)},
	}
	for _, row := range rows {
		got, err := dec.Parse(row.text)
		require.NoError(t, err, row.text)
		require.Equal(t, row.canonical, dec.String(got), row.text)
		require.True(t, got.Equal(decimal.RequireFromString(row.text)), row.text)
		require.NoError(t, dec.Check(got), row.text)
		again, err := dec.Parse(row.canonical)
		require.NoError(t, err)
		require.Equal(t, got, again, "one form for each value")
	}
}

func TestParseRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "-", "+1", "--1", "1.", ".5", "-.5", "1e3", "1E3", "1e-3", "00", "01", "-01", "00.5", "1,000",
		"1_000", " 1", "1 ", "1.2.3", "1.-2", "0x10", "NaN", "Inf", "-Inf", "infinity", "½", "１", "1\n", "\x00", "1.5f",
		strings.Repeat("x", 100), "1" + strings.Repeat(" ", 100), strings.Repeat("-", 100), strings.Repeat("1.", 60),
	} {
		_, err := dec.Parse(text)
		require.ErrorIs(t, err, dec.ErrSyntax, "%q", text)
		require.EqualError(t, err, "not a decimal")
	}
	for _, text := range []string{
		strings.Repeat("9", 31),
		"1" + strings.Repeat("0", 30),
		"0.000000000000000000001",
		"1.123456789012345678901",
		strings.Repeat("9", 30) + "." + strings.Repeat("9", 11),
		strings.Repeat("9", 21) + "." + strings.Repeat("9", 20),
		"0." + strings.Repeat("0", 60),
		strings.Repeat("1", 100_000),
		"-" + strings.Repeat("1", 100_000),
	} {
		_, err := dec.Parse(text)
		require.ErrorIs(t, err, dec.ErrRange)
		require.EqualError(t, err, "too many digits")
	}
}

func TestADecimalMadeInGoIsBoundedWithoutBeingExpanded(t *testing.T) {
	t.Parallel()
	huge := new(big.Int).Exp(big.NewInt(10), big.NewInt(100_000), nil)
	for name, d := range map[string]decimal.Decimal{
		"a huge exponent":              decimal.New(1, 2_000_000_000),
		"a huge negative exponent":     decimal.New(1, -2_000_000_000),
		"one digit too many":           decimal.New(1, 30),
		"two digits too many":          decimal.New(10, 30),
		"one place too many":           decimal.New(1, -21),
		"a huge coefficient":           decimal.NewFromBigInt(huge, 0),
		"a huge coefficient of one":    decimal.NewFromBigInt(huge, -100_000),
		"41 digits":                    decimal.RequireFromString(strings.Repeat("9", 25) + "." + strings.Repeat("9", 16)),
		"31 digits before the point":   decimal.RequireFromString(strings.Repeat("9", 31)),
		"a large whole coefficient up": decimal.NewFromBigInt(new(big.Int).Lsh(big.NewInt(1), 90), 5),
	} {
		require.ErrorIs(t, dec.Check(d), dec.ErrRange, name)
	}
	for name, d := range map[string]decimal.Decimal{
		"the zero value":                 {},
		"zero with a huge exponent":      decimal.New(0, 2_000_000_000),
		"30 digits by an exponent":       decimal.New(1, 29),
		"zeros at the end of a fraction": decimal.New(1_000_000_000_000_000, -30),
		"many zeros at the end":          decimal.NewFromBigInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(50), nil), -60),
		"40 digits":                      decimal.RequireFromString(strings.Repeat("9", 25) + "." + strings.Repeat("9", 15)),
	} {
		require.NoError(t, dec.Check(d), name)
		c, err := dec.Canonical(d)
		require.NoError(t, err, name)
		require.Zero(t, c.Cmp(d.Truncate(30)), name)
	}
	require.Equal(t, "1e2000000000", dec.String(decimal.New(1, 2_000_000_000)))
	require.Equal(t, "0", dec.String(decimal.New(0, 2_000_000_000)))
}

// The package prints the same whatever a program sets in the decimal library, so
// this test must not run beside others.
func TestStringIgnoresTheGlobalsOfTheDecimalLibrary(t *testing.T) { //nolint:paralleltest
	trim, scientific := decimal.TrimTrailingZeros, decimal.UseScientificNotation
	t.Cleanup(func() { decimal.TrimTrailingZeros, decimal.UseScientificNotation = trim, scientific })
	decimal.TrimTrailingZeros, decimal.UseScientificNotation = false, true
	require.Equal(t, "1500", dec.String(decimal.New(15, 2)))
	require.Equal(t, "-0.0015", dec.String(decimal.New(-15, -4)))
	require.Equal(t, "1.5", dec.String(decimal.New(1500, -3)))
}

func decimals() *rapid.Generator[decimal.Decimal] {
	return rapid.Custom(func(t *rapid.T) decimal.Decimal {
		c, _ := new(big.Int).SetString(rapid.StringMatching(`-?[0-9]{1,45}`).Draw(t, "coefficient"), 10)
		return decimal.NewFromBigInt(c, rapid.Int32Range(-60, 40).Draw(t, "exponent"))
	})
}

func TestEveryDecimalWithinBoundsComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := decimals().Draw(t, "d")
		text := dec.String(d)
		require.Equal(t, d.Cmp(decimal.RequireFromString(text)), 0)
		c, err := dec.Canonical(d)
		if err != nil {
			require.Error(t, dec.Check(d))
			_, err = dec.Parse(text)
			require.ErrorIs(t, err, dec.ErrRange)
			return
		}
		back, err := dec.Parse(text)
		require.NoError(t, err)
		require.Equal(t, c, back)
		require.Zero(t, back.Cmp(d))
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0", "-0.5", "12.50", "1e9", "0.00000000000000000001", "007", "-", strings.Repeat("9", 53)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := dec.Parse(s)
		if err != nil {
			require.True(t, d.IsZero())
			return
		}
		require.LessOrEqual(t, len(s), dec.MaxLen)
		require.NoError(t, dec.Check(d))
		require.True(t, d.Equal(decimal.RequireFromString(s)))
		again, err := dec.Parse(dec.String(d))
		require.NoError(t, err)
		require.Equal(t, d, again)
	})
}
