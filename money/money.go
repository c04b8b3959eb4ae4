package money

import (
	"math"
	"math/bits"
)

// Money is an amount: a whole number of minor units of one currency. It is 16 bytes, immutable, and
// compares with ==: two amounts are equal when both the number and the currency are.
//
// The zero Money is not an amount. It has no currency, IsValid is false, it encodes to empty text
// and to JSON null, and arithmetic on it is [ErrInvalid]. Zero is an amount like any other:
// FromMinor(0, USD).
type Money struct {
	minor    int64
	currency Currency // valid, or 0 in the zero Money
}

// FromMinor returns an amount of minor units: FromMinor(1250, USD) is 12.50 USD, and
// FromMinor(1250, JPY) is 1250 JPY. With a currency that is not valid it returns the zero Money.
func FromMinor(minor int64, c Currency) Money {
	if !c.IsValid() {
		return Money{}
	}
	return Money{minor: minor, currency: c}
}

// IsValid reports whether m is an amount. Only the zero Money is not.
func (m Money) IsValid() bool {
	return m.currency != 0
}

// Minor returns the number of minor units, such as cents; 0 for the zero Money.
func (m Money) Minor() int64 {
	return m.minor
}

// Currency returns the currency; the zero Currency for the zero Money.
func (m Money) Currency() Currency {
	return m.currency
}

// Sign returns -1, 0 or +1 if the amount is negative, zero or positive; 0 for the zero Money.
//
// There is no method IsZero on purpose. Package encoding/json would call it for fields tagged
// omitzero, even of type *Money, and if it reported on the amount, 0.00 USD would be omitted from
// the document.
func (m Money) Sign() int {
	switch {
	case m.minor < 0:
		return -1
	case m.minor > 0:
		return +1
	default:
		return 0
	}
}

// IsNegative reports whether the amount is below zero.
func (m Money) IsNegative() bool {
	return m.minor < 0
}

// Cmp returns -1, 0 or +1 if m is less than, equal to or greater than o. It returns an error if
// either is the zero Money ([ErrInvalid]) or the currencies differ ([ErrCurrencyMismatch]).
func (m Money) Cmp(o Money) (int, error) {
	if err := m.pairs(o); err != nil {
		return 0, failed("compare", err)
	}
	switch {
	case m.minor < o.minor:
		return -1, nil
	case m.minor > o.minor:
		return +1, nil
	default:
		return 0, nil
	}
}

// Add returns m+o. It returns an error if either is the zero Money ([ErrInvalid]), the currencies differ
// ([ErrCurrencyMismatch]), or the sum does not fit ([ErrOverflow]).
func (m Money) Add(o Money) (Money, error) {
	if err := m.pairs(o); err != nil {
		return Money{}, failed("add", err)
	}
	sum := m.minor + o.minor
	if (m.minor^sum)&(o.minor^sum) < 0 {
		return Money{}, failed("add", ErrOverflow)
	}
	return Money{minor: sum, currency: m.currency}, nil
}

// Sub returns m-o. It returns an error as Add does.
func (m Money) Sub(o Money) (Money, error) {
	if err := m.pairs(o); err != nil {
		return Money{}, failed("subtract", err)
	}
	diff := m.minor - o.minor
	if (m.minor^o.minor)&(m.minor^diff) < 0 {
		return Money{}, failed("subtract", ErrOverflow)
	}
	return Money{minor: diff, currency: m.currency}, nil
}

// Neg returns -m. It returns an error if m is the zero Money ([ErrInvalid]), or the one amount
// without a positive counterpart: -2^63 minor units ([ErrOverflow]).
func (m Money) Neg() (Money, error) {
	if !m.IsValid() {
		return Money{}, failed("negate", ErrInvalid)
	}
	if m.minor == math.MinInt64 {
		return Money{}, failed("negate", ErrOverflow)
	}
	return Money{minor: -m.minor, currency: m.currency}, nil
}

// Mul returns m times n; n may be zero or negative. It returns an error if m is the zero Money
// ([ErrInvalid]) or the product does not fit ([ErrOverflow]).
func (m Money) Mul(n int64) (Money, error) {
	if !m.IsValid() {
		return Money{}, failed("multiply", ErrInvalid)
	}
	hi, lo := bits.Mul64(magnitude(m.minor), magnitude(n))
	minor, ok := signed(lo, (m.minor^n) < 0)
	if hi != 0 || !ok {
		return Money{}, failed("multiply", ErrOverflow)
	}
	return Money{minor: minor, currency: m.currency}, nil
}

// Sum returns the sum of the amounts in the currency c; zero if there are none. Only the sum has to
// fit: intermediate results, and the order, do not matter. It returns an error if c or one of the
// amounts is not valid ([ErrUnknownCurrency], [ErrInvalid]), an amount is of another currency
// ([ErrCurrencyMismatch]), or the sum does not fit ([ErrOverflow]).
func Sum(c Currency, amounts ...Money) (Money, error) {
	if !c.IsValid() {
		return Money{}, failed("sum", ErrUnknownCurrency)
	}
	// A signed sum of 128 bits cannot overflow: there are fewer than 2^63 amounts.
	var hi, lo uint64
	for _, m := range amounts {
		if m.currency != c {
			if !m.IsValid() {
				return Money{}, failed("sum", ErrInvalid)
			}
			return Money{}, failed("sum", &MismatchError{A: c, B: m.currency})
		}
		var carry uint64
		lo, carry = bits.Add64(lo, uint64(m.minor), 0)
		hi += uint64(m.minor>>63) + carry
	}
	if hi != uint64(int64(lo)>>63) {
		return Money{}, failed("sum", ErrOverflow)
	}
	return Money{minor: int64(lo), currency: c}, nil
}

// pairs says why m and o cannot be combined in one operation, if they cannot.
func (m Money) pairs(o Money) error {
	switch {
	case !m.IsValid() || !o.IsValid():
		return ErrInvalid
	case m.currency != o.currency:
		return &MismatchError{A: m.currency, B: o.currency}
	default:
		return nil
	}
}

// magnitude returns |v|, which for -2^63 fits in a uint64 only.
func magnitude(v int64) uint64 {
	sign := v >> 63
	return uint64((v ^ sign) - sign)
}

// signed puts a sign back on a magnitude, and reports whether the result is an int64. It takes no branch: signs
// come in any order.
func signed(mag uint64, negative bool) (v int64, ok bool) {
	var sign uint64
	if negative {
		sign = 1
	}
	return int64((mag ^ -sign) + sign), mag <= math.MaxInt64+sign
}
