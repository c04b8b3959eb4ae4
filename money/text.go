package money

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/perennial-billing/perennial/internal/arith"
)

// longestAmount has room for any amount: a sign, 19 digits, a point, a space and a code.
const longestAmount = 32

// Parse reads an amount as [Money.String] writes it: a decimal in major units, one space, and the
// code of the currency, "12.50 USD". Fewer decimal digits than the currency has are enough, "12.5
// USD". There is no exponent, no plus sign, no separator of thousands, no unnecessary leading zero,
// and no other space.
//
// It returns an error if the text is malformed ([ErrSyntax]), the currency unknown
// ([ErrUnknownCurrency]), the amount written with more decimal digits than the currency has, zeros
// included ([ErrPrecision]), or out of range ([ErrOverflow]). The empty string is malformed: it is
// not an amount.
func Parse(s string) (Money, error) {
	amount, code, found := strings.Cut(s, " ")
	if !found {
		return Money{}, fmt.Errorf("money: parse %s: %w", quote(s), ErrSyntax)
	}
	c := lookup(code)
	if c == 0 {
		return Money{}, fmt.Errorf("money: parse %s: %w %s", quote(s), ErrUnknownCurrency, quote(code))
	}
	minor, err := parseMinor(amount, c)
	if err != nil {
		return Money{}, fmt.Errorf("money: parse %s: %w", quote(s), err)
	}
	return Money{minor: minor, currency: c}, nil
}

// MustParse is like [Parse] but panics when the text is not an amount. It is meant for tests and for hard-coded
// strings.
func MustParse(s string) Money {
	m, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return m
}

// ParseAmount reads an amount without its currency, "12.50". It returns an error as [Parse] does.
func ParseAmount(amount string, c Currency) (Money, error) {
	if !c.IsValid() {
		return Money{}, fmt.Errorf("money: parse %s: %w", quote(amount), ErrUnknownCurrency)
	}
	minor, err := parseMinor(amount, c)
	if err != nil {
		return Money{}, fmt.Errorf("money: parse %s: %w", quote(amount), err)
	}
	return Money{minor: minor, currency: c}, nil
}

// parseMinor reads a decimal in major units of c, which is valid, as minor units.
func parseMinor(s string, c Currency) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	switch {
	case !allDigits(whole), point && !allDigits(fraction), len(whole) > 1 && whole[0] == '0':
		return 0, ErrSyntax
	case len(fraction) > c.Digits():
		return 0, fmt.Errorf("%w %v", ErrPrecision, c)
	case len(whole) > mostDigits:
		return 0, ErrOverflow
	}
	product := arith.Mul64(number(whole), powersOfTen[c.Digits()])
	units, _ := product.Add(arith.U128{Lo: number(fraction) * powersOfTen[c.Digits()-len(fraction)]})
	minor, ok := signed(units.Lo, negative)
	if units.Hi != 0 || !ok {
		return 0, ErrOverflow
	}
	return minor, nil
}

// mostDigits is the number of digits of the largest int64.
const mostDigits = 19

// number returns the value of at most 19 digits.
func number(digits string) (n uint64) {
	for i := range len(digits) {
		n = n*10 + uint64(digits[i]-'0')
	}
	return n
}

// allDigits reports whether s is one ASCII digit or more.
func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// String returns the amount in major units with exactly the digits of its currency, and the code: "12.50 USD",
// "-0.05 USD", "1250 JPY". It is "" for the zero Money. [Parse] reads it back.
func (m Money) String() string {
	return string(m.appendText(make([]byte, 0, longestAmount)))
}

// Amount returns the amount as String does, without the code: "12.50". It is "" for the zero Money.
// [ParseAmount] reads it back.
func (m Money) Amount() string {
	return string(m.appendAmount(make([]byte, 0, longestAmount)))
}

// AppendText implements [encoding.TextAppender] with the text of String. It never fails.
func (m Money) AppendText(b []byte) ([]byte, error) {
	return m.appendText(b), nil
}

// MarshalText implements [encoding.TextMarshaler] with the text of String. It never fails.
func (m Money) MarshalText() ([]byte, error) {
	return m.appendText(make([]byte, 0, longestAmount)), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]: what [Parse] accepts, and empty text for the zero
// Money. After an error m is unchanged.
func (m *Money) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Money{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

func (m Money) appendText(b []byte) []byte {
	if !m.IsValid() {
		return b
	}
	b = append(m.appendAmount(b), ' ')
	return append(b, m.currency.String()...)
}

func (m Money) appendAmount(b []byte) []byte {
	if !m.IsValid() {
		return b
	}
	if m.minor < 0 {
		b = append(b, '-')
	}
	digits := m.currency.Digits()
	unit := powersOfTen[digits]
	mag := magnitude(m.minor)
	b = strconv.AppendUint(b, mag/unit, 10)
	if digits == 0 {
		return b
	}
	b = append(b, '.')
	for fraction := mag % unit; unit > 1; fraction %= unit {
		unit /= 10
		b = append(b, '0'+byte(fraction/unit))
	}
	return b
}
