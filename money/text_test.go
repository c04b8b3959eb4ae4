package money_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
)

// amounts draws any amount; the ends of the range and small amounts come up often.
func amounts() *rapid.Generator[money.Money] {
	return rapid.Custom(func(t *rapid.T) money.Money {
		c := rapid.SampledFrom(money.Currencies()).Draw(t, "currency")
		return money.FromMinor(minors().Draw(t, "minor"), c)
	})
}

func minors() *rapid.Generator[int64] {
	return rapid.OneOf(
		rapid.Int64Range(-10_000, 10_000),
		rapid.Int64(),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64 - 1, math.MaxInt64}),
	)
}

func TestParseReadsWhatIsAnAmount(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		minor int64
		out   string
	}{
		{"12.50 USD", 1250, "12.50 USD"},
		{"12.5 USD", 1250, "12.50 USD"},
		{"12 USD", 1200, "12.00 USD"},
		{"0 USD", 0, "0.00 USD"},
		{"0.00 USD", 0, "0.00 USD"},
		{"-0 USD", 0, "0.00 USD"},
		{"-0.00 USD", 0, "0.00 USD"},
		{"0.05 USD", 5, "0.05 USD"},
		{"-0.05 USD", -5, "-0.05 USD"},
		{"-12.50 EUR", -1250, "-12.50 EUR"},
		{"1250 JPY", 1250, "1250 JPY"},
		{"-1 JPY", -1, "-1 JPY"},
		{"1.250 KWD", 1250, "1.250 KWD"},
		{"1.2 KWD", 1200, "1.200 KWD"},
		{"0.0001 CLF", 1, "0.0001 CLF"},
		{"3.07 CLF", 30700, "3.0700 CLF"},
		{"92233720368547758.07 USD", math.MaxInt64, "92233720368547758.07 USD"},
		{"-92233720368547758.08 USD", math.MinInt64, "-92233720368547758.08 USD"},
		{"9223372036854775807 JPY", math.MaxInt64, "9223372036854775807 JPY"},
		{"-9223372036854775808 JPY", math.MinInt64, "-9223372036854775808 JPY"},
		{"-922337203685477.5808 CLF", math.MinInt64, "-922337203685477.5808 CLF"},
	} {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			m, err := money.Parse(test.text)
			require.NoError(t, err)
			require.Equal(t, test.minor, m.Minor())
			require.Equal(t, test.out, m.String())
			require.Equal(t, m, money.MustParse(test.text))

			amount, _, _ := strings.Cut(test.text, " ")
			bare, err := money.ParseAmount(amount, m.Currency())
			require.NoError(t, err)
			require.Equal(t, m, bare)
			require.Equal(t, strings.TrimSuffix(test.out, " "+m.Currency().String()), m.Amount())
		})
	}
}

func TestParseRefusesWhatIsNoAmount(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		is         error
		err        string
	}{
		{"nothing", "", money.ErrSyntax, `money: parse "": malformed`},
		{"no currency", "12.50", money.ErrSyntax, `money: parse "12.50": malformed`},
		{"an empty currency", "12.50 ", money.ErrUnknownCurrency, `money: parse "12.50 ": unknown currency ""`},
		{"no amount", " USD", money.ErrSyntax, `money: parse " USD": malformed`},
		{"no space", "12.50USD", money.ErrSyntax, `money: parse "12.50USD": malformed`},
		{"two spaces", "12.50  USD", money.ErrUnknownCurrency, `money: parse "12.50  USD": unknown currency " USD"`},
		{"a tab", "12.50\tUSD", money.ErrSyntax, `money: parse "12.50\tUSD": malformed`},
		{"a no-break space", "12.50\u00a0USD", money.ErrSyntax, `money: parse "12.50\u00a0USD": malformed`},
		{"space before", " 12.50 USD", money.ErrUnknownCurrency, `money: parse " 12.50 USD": unknown currency "12.50 USD"`},
		{"space after", "12.50 USD ", money.ErrUnknownCurrency, `money: parse "12.50 USD ": unknown currency "USD "`},
		{"the code first", "USD 12.50", money.ErrUnknownCurrency, `money: parse "USD 12.50": unknown currency "12.50"`},
		{"a currency in lower case", "12.50 usd", money.ErrUnknownCurrency, `money: parse "12.50 usd": unknown currency "usd"`},
		{"an unknown currency", "12.50 XXX", money.ErrUnknownCurrency, `money: parse "12.50 XXX": unknown currency "XXX"`},
		{"a comma for the point", "12,50 USD", money.ErrSyntax, `money: parse "12,50 USD": malformed`},
		{"thousands", "1,200.00 USD", money.ErrSyntax, `money: parse "1,200.00 USD": malformed`},
		{"thousands as in Go", "1_200 USD", money.ErrSyntax, `money: parse "1_200 USD": malformed`},
		{"a plus", "+12.50 USD", money.ErrSyntax, `money: parse "+12.50 USD": malformed`},
		{"two minuses", "--1 USD", money.ErrSyntax, `money: parse "--1 USD": malformed`},
		{"a minus alone", "- USD", money.ErrSyntax, `money: parse "- USD": malformed`},
		{"a typographic minus", "\u22121 USD", money.ErrSyntax, `money: parse "−1 USD": malformed`},
		{"a point alone", ". USD", money.ErrSyntax, `money: parse ". USD": malformed`},
		{"no digits before the point", ".50 USD", money.ErrSyntax, `money: parse ".50 USD": malformed`},
		{"no digits after the point", "12. USD", money.ErrSyntax, `money: parse "12. USD": malformed`},
		{"no digits after the point of yen", "12. JPY", money.ErrSyntax, `money: parse "12. JPY": malformed`},
		{"two points", "1.2.3 USD", money.ErrSyntax, `money: parse "1.2.3 USD": malformed`},
		{"a leading zero", "012.50 USD", money.ErrSyntax, `money: parse "012.50 USD": malformed`},
		{"two zeros", "00 USD", money.ErrSyntax, `money: parse "00 USD": malformed`},
		{"an exponent", "1e3 USD", money.ErrSyntax, `money: parse "1e3 USD": malformed`},
		{"hexadecimal", "0x10 USD", money.ErrSyntax, `money: parse "0x10 USD": malformed`},
		{"not a number", "NaN USD", money.ErrSyntax, `money: parse "NaN USD": malformed`},
		{"infinity", "Inf USD", money.ErrSyntax, `money: parse "Inf USD": malformed`},
		{"digits outside ASCII", "\u0661\u0662 USD", money.ErrSyntax, `money: parse "١٢ USD": malformed`},
		{"a currency sign", "$12 USD", money.ErrSyntax, `money: parse "$12 USD": malformed`},
		{"a zero byte", "1\x00 USD", money.ErrSyntax, `money: parse "1\x00 USD": malformed`},
		{"not UTF-8", "1\xff USD", money.ErrSyntax, `money: parse "1\xff USD": malformed`},
		{"below a cent", "12.505 USD", money.ErrPrecision, `money: parse "12.505 USD": too many decimal digits for the currency USD`},
		{"a zero below a cent", "12.500 USD", money.ErrPrecision, `money: parse "12.500 USD": too many decimal digits for the currency USD`},
		{"a fraction of a yen", "12.0 JPY", money.ErrPrecision, `money: parse "12.0 JPY": too many decimal digits for the currency JPY`},
		{"below a fils", "1.2345 KWD", money.ErrPrecision, `money: parse "1.2345 KWD": too many decimal digits for the currency KWD`},
		{"one too many", "92233720368547758.08 USD", money.ErrOverflow, `money: parse "92233720368547758.08 USD": amount out of range`},
		{"one too few", "-92233720368547758.09 USD", money.ErrOverflow, `money: parse "-92233720368547758.09 USD": amount out of range`},
		{"one yen too many", "9223372036854775808 JPY", money.ErrOverflow, `money: parse "9223372036854775808 JPY": amount out of range`},
		{"more than 64 bits in cents", "9999999999999999999 USD", money.ErrOverflow, `money: parse "9999999999999999999 USD": amount out of range`},
		{"twenty digits", "18446744073709551616 JPY", money.ErrOverflow, `money: parse "18446744073709551616 JPY": amount out of range`},
		{
			"a thousand digits", strings.Repeat("9", 1000) + " USD", money.ErrOverflow,
			`money: parse "` + strings.Repeat("9", 40) + `"...: amount out of range`,
		},
		{
			"a thousand decimal digits", "0." + strings.Repeat("1", 1000) + " USD", money.ErrPrecision,
			`money: parse "0.` + strings.Repeat("1", 38) + `"...: too many decimal digits for the currency USD`,
		},
		{
			"long nonsense", strings.Repeat("x", 1000), money.ErrSyntax,
			`money: parse "` + strings.Repeat("x", 40) + `"...: malformed`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m, err := money.Parse(test.text)
			require.EqualError(t, err, test.err)
			require.ErrorIs(t, err, test.is)
			require.Zero(t, m)
			require.PanicsWithError(t, test.err, func() { money.MustParse(test.text) })
			if test.text == "" {
				return // empty text is the zero Money
			}
			m = money.MustParse("1.00 USD")
			require.EqualError(t, m.UnmarshalText([]byte(test.text)), test.err)
			require.Equal(t, money.MustParse("1.00 USD"), m, "unchanged after an error")
		})
	}
}

func TestParseAmountNeedsACurrency(t *testing.T) {
	t.Parallel()
	_, err := money.ParseAmount("12.50", 0)
	require.EqualError(t, err, `money: parse "12.50": unknown currency`)
	require.ErrorIs(t, err, money.ErrUnknownCurrency)
	_, err = money.ParseAmount("12.50 USD", money.USD)
	require.EqualError(t, err, `money: parse "12.50 USD": malformed`)
	_, err = money.ParseAmount("", money.USD)
	require.EqualError(t, err, `money: parse "": malformed`)
}

func TestTheZeroMoneyIsEmptyText(t *testing.T) {
	t.Parallel()
	var none money.Money
	require.Empty(t, none.String())
	require.Empty(t, none.Amount())
	text, err := none.MarshalText()
	require.NoError(t, err)
	require.NotNil(t, text)
	require.Empty(t, text)
	m := money.MustParse("1.00 USD")
	require.NoError(t, m.UnmarshalText(text))
	require.Equal(t, none, m)
}

func TestAppendTextKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	b, err := money.MustParse("-1.05 EUR").AppendText([]byte("total "))
	require.NoError(t, err)
	require.Equal(t, "total -1.05 EUR", string(b))
	b, err = money.Money{}.AppendText([]byte("total "))
	require.NoError(t, err)
	require.Equal(t, "total ", string(b))
	require.Equal(t, "1.00 USD", fmt.Sprint(money.FromMinor(100, money.USD)))
}

func TestEveryAmountRoundTripsAsText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := amounts().Draw(t, "m")
		back, err := money.Parse(m.String())
		require.NoError(t, err)
		require.Equal(t, m, back)
		back, err = money.ParseAmount(m.Amount(), m.Currency())
		require.NoError(t, err)
		require.Equal(t, m, back)
		require.Equal(t, m.Decimal().StringFixed(int32(m.Currency().Digits())), m.Amount())
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "12.50 USD", "12.5 USD", "-0.05 EUR", "1250 JPY", "1.250 KWD", "12.505 USD", "1e3 USD", "+1 USD", "012 USD",
		"92233720368547758.08 USD", "-92233720368547758.08 USD", "99999999999999999999 JPY", "- USD", ". USD", "1 \xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := money.Parse(s)
		var text money.Money
		if textErr := text.UnmarshalText([]byte(s)); s != "" {
			require.Equal(t, err == nil, textErr == nil)
			require.Equal(t, m, text)
		}
		if err != nil {
			require.Zero(t, m)
			require.True(t, knownError(err), err)
			return
		}
		require.True(t, m.IsValid())
		back, err := money.Parse(m.String())
		require.NoError(t, err)
		require.Equal(t, m, back)
	})
}

// knownError reports whether err is one of those that reading may return.
func knownError(err error) bool {
	for _, known := range []error{money.ErrSyntax, money.ErrUnknownCurrency, money.ErrPrecision, money.ErrOverflow} {
		if errors.Is(err, known) {
			return strings.HasPrefix(err.Error(), "money: ")
		}
	}
	return false
}
