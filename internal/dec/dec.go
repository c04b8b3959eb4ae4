package dec

import (
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
)

// The bounds of a decimal that may enter the library.
const (
	// MaxDigits is the largest number of significant digits.
	MaxDigits = 40
	// MaxPlaces is the largest number of decimal places.
	MaxPlaces = 20
	// MaxIntegerDigits is the largest number of digits before the point.
	MaxIntegerDigits = 30
	// MaxLen is the longest text that [Parse] looks at: a sign, the digits of
	// the integer part, the point and the decimal places.
	MaxLen = 1 + MaxIntegerDigits + 1 + MaxPlaces
)

var (
	// ErrSyntax says that a text is not a decimal in plain notation.
	ErrSyntax = fault.Malformed.Errorf("not a decimal")
	// ErrRange says that a decimal is out of the bounds of this package.
	ErrRange = fault.TooPrecise.Errorf("too many digits")
)

// Parse reads a decimal in plain notation, such as "12", "-0.5" or "3.10". It
// returns the [Canonical] form of the value, [ErrSyntax] for any other notation
// and [ErrRange] for a value out of bounds. Its work is bounded: it looks at no
// text longer than [MaxLen].
func Parse(s string) (decimal.Decimal, error) {
	if n, places, ok := parse64(s); ok {
		if places == 0 && 0 <= n && n < int64(len(wholes)) {
			return wholes[n], nil
		}
		return decimal.New(n, -places), nil
	}
	digits := strings.TrimPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	switch {
	case len(s) > MaxLen:
		if allPlain(s) {
			return decimal.Decimal{}, ErrRange
		}
		return decimal.Decimal{}, ErrSyntax
	case !allDigits(whole), point && !allDigits(fraction):
		return decimal.Decimal{}, ErrSyntax
	case len(whole) > 1 && whole[0] == '0':
		return decimal.Decimal{}, ErrSyntax
	}
	fraction = strings.TrimRight(fraction, "0")
	significant := strings.TrimLeft(whole+fraction, "0")
	if len(whole) > MaxIntegerDigits || len(fraction) > MaxPlaces || len(significant) > MaxDigits {
		return decimal.Decimal{}, ErrRange
	}
	if significant == "" {
		return decimal.Decimal{}, nil
	}
	negative := len(digits) < len(s)
	exp := -int32(len(fraction))
	if len(significant) <= 18 {
		var n int64
		for i := range len(significant) {
			n = 10*n + int64(significant[i]-'0')
		}
		if negative {
			n = -n
		}
		return decimal.New(n, exp), nil
	}
	n, ok := new(big.Int).SetString(significant, 10)
	if !ok {
		return decimal.Decimal{}, ErrSyntax
	}
	if negative {
		n.Neg(n)
	}
	return decimal.NewFromBigInt(n, exp), nil
}

// wholes are the numbers that most quantities and percentages are. Decimals never change,
// so that all who read one may share it. That of zero is canonical.
var wholes = func() (all [257]decimal.Decimal) {
	for n := 1; n < len(all); n++ {
		all[n] = decimal.NewFromInt(int64(n))
	}
	return all
}()

// parse64 reads a decimal of few digits, as most are. It returns false where [Parse] must
// judge.
func parse64(s string) (n int64, places int32, ok bool) {
	digits := s
	if s != "" && s[0] == '-' {
		digits = s[1:]
	}
	if digits == "" || len(digits) > 19 || digits[0] == '0' && len(digits) > 1 && digits[1] != '.' {
		return 0, 0, false
	}
	point := -1
	for i := range len(digits) {
		switch c := digits[i]; {
		case '0' <= c && c <= '9':
			n = 10*n + int64(c-'0')
		case c == '.' && point < 0 && i > 0 && i < len(digits)-1:
			point = i
		default:
			return 0, 0, false
		}
	}
	switch {
	case point >= 0:
		places = int32(len(digits) - point - 1)
	case len(digits) > 18:
		return 0, 0, false
	}
	for places > 0 && n%10 == 0 {
		n /= 10
		places--
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, places, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// allPlain reports whether the first bytes of a text that is too long could begin a
// decimal, so that forty thousand digits are "too many" and prose is "not a decimal".
func allPlain(s string) bool {
	return allDigits(strings.Replace(strings.TrimPrefix(s[:MaxLen], "-"), ".", "", 1))
}

// maxBits bounds the coefficients that Check looks at: those of MaxDigits digits
// followed by many zeros.
const maxBits = 512

// Check reports whether a decimal made in Go is within the bounds of this
// package: nil or [ErrRange]. A huge exponent is refused without expanding it.
func Check(d decimal.Decimal) error {
	if exp := int64(d.Exponent()); exp <= MaxIntegerDigits && small(d) {
		return check64(d.CoefficientInt64(), exp)
	}
	_, err := Canonical(d)
	return err
}

// check64 is [Check] for a coefficient of few digits, without making a decimal.
func check64(c, exp int64) error {
	if c == 0 {
		return nil
	}
	for exp < 0 && c%10 == 0 {
		c /= 10
		exp++
	}
	digits := int64(0)
	for ; c != 0; c /= 10 {
		digits++
	}
	if -exp > MaxPlaces || digits+exp > MaxIntegerDigits {
		return ErrRange
	}
	return nil
}

// Canonical returns the one form that this package gives to the value of d: an
// exponent of at most 0, no zeros at the end of the fraction, and
// decimal.Decimal{} for zero. Two canonical decimals are equal exactly when
// reflect.DeepEqual says so. It returns [ErrRange] for a decimal out of bounds.
func Canonical(d decimal.Decimal) (decimal.Decimal, error) {
	if d.IsZero() {
		return decimal.Decimal{}, nil
	}
	exp := int64(d.Exponent())
	if exp > MaxIntegerDigits {
		return decimal.Decimal{}, ErrRange
	}
	if small(d) {
		c := d.CoefficientInt64()
		if exp <= 0 && (exp == 0 || c%10 != 0) {
			if err := check64(c, exp); err != nil {
				return decimal.Decimal{}, err
			}
			return d, nil
		}
		return canonical64(c, exp)
	}
	c := d.Coefficient()
	if c.BitLen() > maxBits {
		return decimal.Decimal{}, ErrRange
	}
	ten, quotient, rest := big.NewInt(10), new(big.Int), new(big.Int)
	for exp < 0 {
		if quotient.QuoRem(c, ten, rest); rest.Sign() != 0 {
			break
		}
		c, quotient = quotient, c
		exp++
	}
	for ; exp > 0; exp-- {
		c.Mul(c, ten)
	}
	digits := int64(len(new(big.Int).Abs(c).String()))
	if digits > MaxDigits || digits+exp > MaxIntegerDigits || -exp > MaxPlaces {
		return decimal.Decimal{}, ErrRange
	}
	return decimal.NewFromBigInt(c, int32(exp)), nil
}

// small reports whether the coefficient of d is an int64. NumDigits is exact
// and free of allocation for those.
func small(d decimal.Decimal) bool { return d.NumDigits() <= 18 }

func canonical64(c, exp int64) (decimal.Decimal, error) {
	if c == 0 {
		return decimal.Decimal{}, nil
	}
	for exp < 0 && c%10 == 0 {
		c /= 10
		exp++
	}
	if -exp > MaxPlaces {
		return decimal.Decimal{}, ErrRange
	}
	d := decimal.New(c, int32(exp))
	if int64(d.NumDigits())+exp > MaxIntegerDigits {
		return decimal.Decimal{}, ErrRange
	}
	if exp > 0 {
		whole := new(big.Int).Exp(big.NewInt(10), big.NewInt(exp), nil)
		d = decimal.NewFromBigInt(whole.Mul(whole, big.NewInt(c)), 0)
	}
	return d, nil
}

// maxPlain bounds the exponents that String expands. The decimals that the
// library computes stay far below it.
const maxPlain = 1000

// String writes d in plain notation without zeros at the end of the fraction: "0",
// "12", "-0.5". For every decimal that [Check] accepts Parse(String(d)) is d again.
// Results of arithmetic may have more digits than Check allows and are written in
// full; only a decimal with an excessive exponent, which Check refuses, is written as
// coefficient and exponent ("1e2000000000").
func String(d decimal.Decimal) string { return string(Append(make([]byte, 0, 24), d)) }

// Append appends [String].
func Append(dst []byte, d decimal.Decimal) []byte {
	exp := d.Exponent()
	if -18 <= exp && exp <= 0 && small(d) {
		return append64(dst, d.CoefficientInt64(), int(-exp))
	}
	return append(dst, long(d)...)
}

// append64 appends a number of few digits, places of them decimal places.
func append64(dst []byte, n int64, places int) []byte {
	for places > 0 && n%10 == 0 {
		n /= 10
		places--
	}
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	var digits [20]byte
	at := len(digits)
	for ; n > 0 || len(digits)-at <= places; n /= 10 {
		at--
		digits[at] = byte('0' + n%10)
	}
	point := len(digits) - places
	dst = append(dst, digits[at:point]...)
	if places > 0 {
		dst = append(append(dst, '.'), digits[point:]...)
	}
	return dst
}

func long(d decimal.Decimal) string {
	if d.IsZero() {
		return "0"
	}
	exp := d.Exponent()
	if exp > maxPlain || exp < -maxPlain {
		return d.Coefficient().String() + "e" + big.NewInt(int64(exp)).String()
	}
	s := d.Coefficient().String()
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if exp >= 0 {
		return sign + s + strings.Repeat("0", int(exp))
	}
	places := int(-exp)
	if len(s) <= places {
		s = strings.Repeat("0", places-len(s)+1) + s
	}
	whole, fraction := s[:len(s)-places], strings.TrimRight(s[len(s)-places:], "0")
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}
