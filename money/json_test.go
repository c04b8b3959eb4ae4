package money_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/money"
)

func TestAmountsAreWrittenAsObjects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ amount, document string }{
		{"12.50 USD", `{"amount":"12.50","currency":"USD"}`},
		{"0.00 EUR", `{"amount":"0.00","currency":"EUR"}`},
		{"-0.05 EUR", `{"amount":"-0.05","currency":"EUR"}`},
		{"1250 JPY", `{"amount":"1250","currency":"JPY"}`},
		{"1.250 KWD", `{"amount":"1.250","currency":"KWD"}`},
		{"-92233720368547758.08 USD", `{"amount":"-92233720368547758.08","currency":"USD"}`},
	} {
		t.Run(test.amount, func(t *testing.T) {
			t.Parallel()
			document, err := json.Marshal(money.MustParse(test.amount))
			require.NoError(t, err)
			require.Equal(t, test.document, string(document))
			var m money.Money
			require.NoError(t, json.Unmarshal(document, &m))
			require.Equal(t, money.MustParse(test.amount), m)
		})
	}
}

func TestAmountsAreReadInAnyLayout(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, document, amount string }{
		{"the other order", `{"currency":"USD","amount":"12.50"}`, "12.50 USD"},
		{"fewer digits", `{"amount":"12.5","currency":"USD"}`, "12.50 USD"},
		{"no digits after the point", `{"amount":"12","currency":"USD"}`, "12.00 USD"},
		{"white space", " \t\r\n{ \"amount\" : \"12.50\" ,\n\t\"currency\" : \"USD\" } \n", "12.50 USD"},
		{"escapes", `{"\u0061mount":"12\u002e50","currency":"\u0055SD"}`, "12.50 USD"},
		{"null", ` null `, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := money.MustParse("1.00 EUR")
			require.NoError(t, m.UnmarshalJSON([]byte(test.document)))
			require.Equal(t, test.amount, m.String())
		})
	}
}

func TestDocumentsThatAreNoAmountAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, document string
		is             error
		err            string
	}{
		{"nothing", ``, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"white space", "  \n", money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"a string", `"12.50 USD"`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"a number", `12.50`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"a boolean", `true`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"an array", `["12.50","USD"]`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"an empty object", `{}`, money.ErrSyntax, `money: decode: malformed: amount: missing`},
		{"only a currency", `{"currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: amount: missing`},
		{"only an amount", `{"amount":"12.50"}`, money.ErrSyntax, `money: decode: malformed: currency: missing`},
		{"a number for the amount", `{"amount":12.50,"currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: amount: must be a string`},
		{"a whole number for the amount", `{"amount":1250,"currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: amount: must be a string`},
		{"null for the amount", `{"amount":null,"currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: amount: must be a string`},
		{"null for the currency", `{"amount":"12.50","currency":null}`, money.ErrSyntax, `money: decode: malformed: currency: must be a string`},
		{"a number for the currency", `{"amount":"12.50","currency":840}`, money.ErrSyntax, `money: decode: malformed: currency: must be a string`},
		{"an object for the amount", `{"amount":{},"currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: amount: must be a string`},
		{"an empty amount", `{"amount":"","currency":"USD"}`, money.ErrSyntax, `money: decode: amount "": malformed`},
		{"an empty currency", `{"amount":"12.50","currency":""}`, money.ErrUnknownCurrency, `money: decode: currency: unknown currency ""`},
		{"both empty", `{"amount":"","currency":""}`, money.ErrUnknownCurrency, `money: decode: currency: unknown currency ""`},
		{"another case of a name", `{"Amount":"12.50","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: unknown field "Amount"`},
		{"another name", `{"amount":"12.50","currency":"USD","tax":"1.00"}`, money.ErrSyntax, `money: decode: malformed: unknown field "tax"`},
		{"an empty name", `{"":"12.50","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: unknown field ""`},
		{"a long name", `{"` + strings.Repeat("n", 100) + `":""}`, money.ErrSyntax, `money: decode: malformed: unknown field "` + strings.Repeat("n", 40) + `"...`},
		{"the amount twice", `{"amount":"1","amount":"1","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: field "amount" appears twice`},
		{"the currency twice", `{"currency":"USD","amount":"1","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: field "currency" appears twice`},
		{"twice by an escape", `{"amount":"1","\u0061mount":"1","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: field "amount" appears twice`},
		{"a comma too many", `{"amount":"12.50","currency":"USD",}`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"a comma first", `{,"amount":"12.50","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"no comma", `{"amount":"12.50" "currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"no colon", `{"amount" "12.50","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"not closed", `{"amount":"12.50","currency":"USD"`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"cut in a string", `{"amount":"12.50","currency":"US`, money.ErrSyntax, `money: decode: malformed: currency: must be a string`},
		{"cut in an escape", `{"amount":"12.50\`, money.ErrSyntax, `money: decode: malformed: amount: must be a string`},
		{"a bad escape", `{"amount":"\x31","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: amount: must be a string`},
		{"a line break in a string", "{\"amount\":\"12\n\",\"currency\":\"USD\"}", money.ErrSyntax, `money: decode: malformed: amount: must be a string`},
		{"single quotes", `{'amount':'12.50','currency':'USD'}`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"names without quotes", `{amount:"12.50",currency:"USD"}`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"a comment", `{"amount":"12.50","currency":"USD"} // net`, money.ErrSyntax, `money: decode: malformed: data after the value`},
		{"another object", `{"amount":"12.50","currency":"USD"}{}`, money.ErrSyntax, `money: decode: malformed: data after the value`},
		{"null and more", `null null`, money.ErrSyntax, `money: decode: malformed: data after the value`},
		{"a longer word", `nullable`, money.ErrSyntax, `money: decode: malformed: data after the value`},
		{"a shorter word", `nul`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"a byte order mark", "\ufeff" + `{"amount":"12.50","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"a no-break space", "\u00a0" + `{"amount":"12.50","currency":"USD"}`, money.ErrSyntax, `money: decode: malformed: must be an object`},
		{"a currency in lower case", `{"amount":"12.50","currency":"usd"}`, money.ErrUnknownCurrency, `money: decode: currency: unknown currency "usd"`},
		{"no currency", `{"amount":"12.50","currency":"XXX"}`, money.ErrUnknownCurrency, `money: decode: currency: unknown currency "XXX"`},
		{"not UTF-8", "{\"amount\":\"12.50\",\"currency\":\"US\xff\"}", money.ErrUnknownCurrency, `money: decode: currency: unknown currency "US\xff"`},
		{"an exponent", `{"amount":"1e3","currency":"USD"}`, money.ErrSyntax, `money: decode: amount "1e3": malformed`},
		{"space in the amount", `{"amount":"12.50 ","currency":"USD"}`, money.ErrSyntax, `money: decode: amount "12.50 ": malformed`},
		{"the currency in the amount", `{"amount":"12.50 USD","currency":"USD"}`, money.ErrSyntax, `money: decode: amount "12.50 USD": malformed`},
		{"below a cent", `{"amount":"12.505","currency":"USD"}`, money.ErrPrecision, `money: decode: amount "12.505": too many decimal digits for the currency USD`},
		{"a fraction of a yen", `{"amount":"12.5","currency":"JPY"}`, money.ErrPrecision, `money: decode: amount "12.5": too many decimal digits for the currency JPY`},
		{"out of range", `{"amount":"92233720368547758.08","currency":"USD"}`, money.ErrOverflow, `money: decode: amount "92233720368547758.08": amount out of range`},
		{"long", `{"amount":"12.50","currency":"USD"}` + strings.Repeat(" ", 1000), money.ErrSyntax, `money: decode: malformed: longer than 1024 bytes`},
		{"deep", strings.Repeat("[", 1_000_000), money.ErrSyntax, `money: decode: malformed: longer than 1024 bytes`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := money.MustParse("1.00 EUR")
			err := m.UnmarshalJSON([]byte(test.document))
			require.EqualError(t, err, test.err)
			require.ErrorIs(t, err, test.is)
			require.Equal(t, money.MustParse("1.00 EUR"), m, "unchanged after an error")
			if len(test.document) < 1000 { // package encoding/json cuts the white space around a document off
				require.Error(t, json.Unmarshal([]byte(test.document), &m))
			}
		})
	}
}

func TestEveryAmountRoundTripsAsJSON(t *testing.T) {
	t.Parallel()
	type line struct {
		Total  money.Money  `json:"total"`
		Tax    money.Money  `json:"tax,omitzero"`
		Credit *money.Money `json:"credit,omitzero"`
	}
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.OneOf(amounts(), rapid.Just(money.Money{})).Draw(t, "m")
		in := line{Total: m, Tax: m}
		if m.IsValid() {
			in.Credit = &m
		}
		document, err := json.Marshal(in)
		require.NoError(t, err)
		out := line{Total: money.MustParse("1.00 USD")}
		require.NoError(t, json.Unmarshal(document, &out))
		require.Equal(t, in, out)
	})
}

func TestNothingOwedIsNotLeftOutAsNoAmountIs(t *testing.T) {
	t.Parallel()
	nothing := money.FromMinor(0, money.USD)
	for _, test := range []struct {
		name     string
		total    money.Money
		credit   *money.Money
		document string
	}{
		{"no amount", money.Money{}, nil, `{}`},
		{
			"amounts of nothing", nothing, &nothing,
			`{"total":{"amount":"0.00","currency":"USD"},"credit":{"amount":"0.00","currency":"USD"}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			document, err := json.Marshal(struct {
				Total  money.Money  `json:"total,omitzero"`
				Credit *money.Money `json:"credit,omitzero"`
			}{test.total, test.credit})
			require.NoError(t, err)
			require.Equal(t, test.document, string(document))
		})
	}
}

func TestTheZeroMoneyIsNull(t *testing.T) {
	t.Parallel()
	document, err := json.Marshal([]money.Money{{}})
	require.NoError(t, err)
	require.Equal(t, `[null]`, string(document))
}

func FuzzMoneyUnmarshalJSON(f *testing.F) {
	for _, seed := range []string{
		`{"amount":"12.50","currency":"USD"}`, `{"currency":"JPY","amount":"-1"}`, `null`, ` null `, `{}`, `[]`, `12.50`, `"1 USD"`,
		`{"amount":12.50,"currency":"USD"}`, `{"amount":"1","amount":"1","currency":"USD"}`, `{"Amount":"1","currency":"USD"}`,
		`{"amount":"\u0031","currency":"USD"}`, `{"amount":"1","currency":"USD"}x`, `{"amount":"1","currency":"US\`, `{"amount":"\ud800","currency":""}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		var m money.Money
		before := bytes.Clone(document)
		err := m.UnmarshalJSON(document)
		require.Equal(t, before, document, "the input is not written to")
		if err != nil {
			require.Zero(t, m)
			require.True(t, knownError(err), err)
			return
		}
		// What is accepted here is a JSON document with the same meaning.
		var loose *struct{ Amount, Currency string }
		require.NoError(t, json.Unmarshal(document, &loose))
		if loose == nil {
			require.Zero(t, m)
		} else {
			same, err := money.Parse(loose.Amount + " " + loose.Currency)
			require.NoError(t, err)
			require.Equal(t, same, m)
		}
		out, err := m.MarshalJSON()
		require.NoError(t, err)
		var back money.Money
		require.NoError(t, back.UnmarshalJSON(out))
		require.Equal(t, m, back)
	})
}
