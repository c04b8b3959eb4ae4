package money_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/money"
)

// declared returns the names of the constants of a type, in the order of a source file.
func declared(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	var names []string
	for _, decl := range parsed.Decls {
		general, ok := decl.(*ast.GenDecl)
		if !ok || general.Tok != token.CONST {
			continue
		}
		for _, spec := range general.Specs {
			value := spec.(*ast.ValueSpec)
			if named, ok := value.Type.(*ast.Ident); ok && named.Name == typeName {
				names = append(names, value.Names[0].Name)
			}
		}
	}
	require.NotEmpty(t, names)
	return names
}

func TestNoDeclaredCurrencyIsForgotten(t *testing.T) {
	t.Parallel()
	names := declared(t, "iso4217.go", "Currency")
	require.True(t, slices.IsSorted(names))
	var codes []string
	for _, c := range money.Currencies() {
		codes = append(codes, c.String())
	}
	require.Equal(t, names, codes)
}

func TestCurrenciesCarryTheirISONumbersAndDigits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		currency money.Currency
		code     string
		number   int
		digits   int
	}{
		{money.ALL, "ALL", 8, 2},
		{money.AUD, "AUD", 36, 2},
		{money.BHD, "BHD", 48, 3},
		{money.CHE, "CHE", 947, 2},
		{money.CLF, "CLF", 990, 4},
		{money.CLP, "CLP", 152, 0},
		{money.EUR, "EUR", 978, 2},
		{money.GBP, "GBP", 826, 2},
		{money.IQD, "IQD", 368, 3},
		{money.ISK, "ISK", 352, 0},
		{money.JPY, "JPY", 392, 0},
		{money.KWD, "KWD", 414, 3},
		{money.SLE, "SLE", 925, 2},
		{money.UGX, "UGX", 800, 0},
		{money.USD, "USD", 840, 2},
		{money.USN, "USN", 997, 2},
		{money.UYW, "UYW", 927, 4},
		{money.VED, "VED", 926, 2},
		{money.VND, "VND", 704, 0},
		{money.XAD, "XAD", 396, 2},
		{money.XAF, "XAF", 950, 0},
		{money.XCD, "XCD", 951, 2},
		{money.XCG, "XCG", 532, 2},
		{money.ANG, "ANG", 532, 2},
		{money.BGN, "BGN", 975, 2},
		{money.ZWG, "ZWG", 924, 2},
	} {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			require.True(t, test.currency.IsValid())
			require.Equal(t, test.code, test.currency.String())
			require.Equal(t, test.number, test.currency.Number())
			require.Equal(t, test.digits, test.currency.Digits())
			parsed, err := money.ParseCurrency(test.code)
			require.NoError(t, err)
			require.Equal(t, test.currency, parsed)
		})
	}
}

// These lists are the whole standard except two digits, so a digit that is changed by mistake is
// seen.
func TestOnlyTheseCurrenciesDoNotHaveTwoDigits(t *testing.T) {
	t.Parallel()
	byDigits := map[int][]string{}
	for _, c := range money.Currencies() {
		byDigits[c.Digits()] = append(byDigits[c.Digits()], c.String())
	}
	require.Len(t, byDigits, 4)
	require.Equal(t, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", strings.Join(byDigits[0], " "))
	require.Equal(t, "BHD IQD JOD KWD LYD OMR TND", strings.Join(byDigits[3], " "))
	require.Equal(t, "CLF UYW", strings.Join(byDigits[4], " "))
	require.Len(t, byDigits[2], 141)
}

func TestOnlyAWithdrawnCodeSharesItsNumber(t *testing.T) {
	t.Parallel()
	byNumber := map[int]money.Currency{}
	for _, c := range money.Currencies() {
		other, taken := byNumber[c.Number()]
		if taken {
			require.Equal(t, []money.Currency{money.ANG, money.XCG}, []money.Currency{other, c})
			continue
		}
		byNumber[c.Number()] = c
		if c != money.ANG {
			require.Equal(t, int(c), c.Number(), c.String())
		}
	}
}

func TestCurrenciesReturnsASliceOfItsOwn(t *testing.T) {
	t.Parallel()
	all := money.Currencies()
	clear(all)
	require.Equal(t, money.AED, money.Currencies()[0])
}

func TestWhatIsNoCurrencyIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, code, err string }{
		{"nothing", "", `money: currency "": unknown currency`},
		{"lower case", "usd", `money: currency "usd": unknown currency`},
		{"mixed case", "Usd", `money: currency "Usd": unknown currency`},
		{"space before", " USD", `money: currency " USD": unknown currency`},
		{"space after", "USD ", `money: currency "USD ": unknown currency`},
		{"two letters", "US", `money: currency "US": unknown currency`},
		{"digits", "840", `money: currency "840": unknown currency`},
		{"a sign", "US$", `money: currency "US$": unknown currency`},
		{"a letter outside ASCII", "\u00c9UR", `money: currency "ÉUR": unknown currency`},
		{"Cyrillic that looks the same", "U\u0405D", `money: currency "UЅD": unknown currency`},
		{"a zero byte", "US\x00", `money: currency "US\x00": unknown currency`},
		{"not UTF-8", "US\xff", `money: currency "US\xff": unknown currency`},
		{"a metal", "XAU", `money: currency "XAU": unknown currency`},
		{"drawing rights", "XDR", `money: currency "XDR": unknown currency`},
		{"no currency", "XXX", `money: currency "XXX": unknown currency`},
		{"withdrawn long ago", "DEM", `money: currency "DEM": unknown currency`},
		{"never assigned", "AAA", `money: currency "AAA": unknown currency`},
		{"the last slot", "ZZZ", `money: currency "ZZZ": unknown currency`},
		{"a number that prints", "Currency(1)", `money: currency "Currency(1)": unknown currency`},
		{"long", strings.Repeat("A", 1000), `money: currency "` + strings.Repeat("A", 40) + `"...: unknown currency`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := money.ParseCurrency(test.code)
			require.ErrorIs(t, err, money.ErrUnknownCurrency)
			require.EqualError(t, err, test.err)
			require.Zero(t, c)
			require.PanicsWithError(t, test.err, func() { money.MustParseCurrency(test.code) })
			if test.code == "" {
				return // empty text is the zero Currency
			}
			c = money.EUR
			require.EqualError(t, c.UnmarshalText([]byte(test.code)), test.err)
			require.Equal(t, money.EUR, c, "unchanged after an error")
		})
	}
}

func TestEveryCurrencyRoundTripsAsText(t *testing.T) {
	t.Parallel()
	for _, c := range append(money.Currencies(), 0) {
		text, err := c.MarshalText()
		require.NoError(t, err)
		require.Equal(t, c.String(), string(text))
		back := money.USD
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, c, back)

		document, err := json.Marshal(map[money.Currency]money.Currency{c: c})
		require.NoError(t, err)
		var decoded map[money.Currency]money.Currency
		require.NoError(t, json.Unmarshal(document, &decoded))
		require.Equal(t, map[money.Currency]money.Currency{c: c}, decoded)
	}
}

func TestANumberThatIsNoCurrencyIsNotEncoded(t *testing.T) {
	t.Parallel()
	for _, c := range []money.Currency{1, 999, 1000, 1531, 1533, 65535} {
		require.False(t, c.IsValid())
		require.Equal(t, -1, c.Digits())
		require.Zero(t, c.Number())
		require.Contains(t, c.String(), "Currency(")
		_, err := c.MarshalText()
		require.ErrorIs(t, err, money.ErrUnknownCurrency)
		b, err := c.AppendText([]byte("kept"))
		require.Error(t, err)
		require.Equal(t, "kept", string(b))
	}
	_, err := money.Currency(999).MarshalText()
	require.EqualError(t, err, "money: currency number 999: unknown currency")
}

func TestTheZeroCurrencyIsNone(t *testing.T) {
	t.Parallel()
	var c money.Currency
	require.False(t, c.IsValid())
	require.Empty(t, c.String())
	require.Equal(t, -1, c.Digits())
	require.Zero(t, c.Number())
}

func FuzzParseCurrency(f *testing.F) {
	for _, seed := range []string{"", "USD", "usd", "XXX", "ANG", "XCG", "US\x00", "\xff\xff\xff", "ZZZ", "Currency(7)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := money.ParseCurrency(s)
		var text money.Currency
		if textErr := text.UnmarshalText([]byte(s)); s != "" {
			require.Equal(t, err, textErr)
			require.Equal(t, c, text)
		}
		if err != nil {
			require.ErrorIs(t, err, money.ErrUnknownCurrency)
			require.Zero(t, c)
			return
		}
		require.True(t, c.IsValid())
		require.Equal(t, s, c.String())
	})
}
