package dec

import (
	"math/bits"
	"strings"

	"github.com/shopspring/decimal"
)

// Arithmetic whose results are canonical. Numbers of few digits, which most are, are
// counted in whole numbers.

// most is the first number of more digits than are counted.
const most = 1_000_000_000_000_000_000

// Add returns the sum in its canonical form, or as it is if that is out of bounds.
func Add(a, b decimal.Decimal) decimal.Decimal {
	if x, y, exp, ok := aligned(a, b); ok {
		if d, err := canonical64(x+y, exp); err == nil {
			return d
		}
	}
	return canonicalOr(a.Add(b))
}

// Sub returns the difference as [Add] does the sum.
func Sub(a, b decimal.Decimal) decimal.Decimal {
	if x, y, exp, ok := aligned(a, b); ok {
		if d, err := canonical64(x-y, exp); err == nil {
			return d
		}
	}
	return canonicalOr(a.Sub(b))
}

// Mul returns the product as [Add] does the sum.
func Mul(a, b decimal.Decimal) decimal.Decimal {
	if plain(a) && plain(b) {
		x, y := a.CoefficientInt64(), b.CoefficientInt64()
		hi, lo := bits.Mul64(uint64(max(x, -x)), uint64(max(y, -y)))
		if hi == 0 && lo < most {
			if d, err := canonical64(x*y, int64(a.Exponent())+int64(b.Exponent())); err == nil {
				return d
			}
		}
	}
	return canonicalOr(a.Mul(b))
}

func canonicalOr(d decimal.Decimal) decimal.Decimal {
	if c, err := Canonical(d); err == nil {
		return c
	}
	return d
}

// plain reports a decimal of few digits without an excessive exponent.
func plain(d decimal.Decimal) bool {
	return -18 <= d.Exponent() && d.Exponent() <= 0 && small(d)
}

// aligned returns the coefficients of two decimals at one exponent, if both and their sum
// have few digits.
func aligned(a, b decimal.Decimal) (x, y, exp int64, ok bool) {
	if !plain(a) || !plain(b) {
		return 0, 0, 0, false
	}
	x, y = a.CoefficientInt64(), b.CoefficientInt64()
	exp = int64(min(a.Exponent(), b.Exponent()))
	for i := int64(a.Exponent()); i > exp; i-- {
		if x *= 10; x >= most || x <= -most {
			return 0, 0, 0, false
		}
	}
	for i := int64(b.Exponent()); i > exp; i-- {
		if y *= 10; y >= most || y <= -most {
			return 0, 0, 0, false
		}
	}
	return x, y, exp, true
}

// AppendFixed appends [String] with at least a number of decimal places.
func AppendFixed(dst []byte, d decimal.Decimal, least int) []byte {
	from := len(dst)
	if plain(d) {
		dst = Append(dst, d)
	} else {
		s := d.StringFixed(max(-d.Exponent(), 0))
		if strings.Contains(s, ".") {
			s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
		}
		dst = append(dst, s...)
	}
	places := 0
	for i := len(dst) - 1; i >= from; i-- {
		if dst[i] == '.' {
			places = len(dst) - 1 - i
		}
	}
	if places == 0 && least > 0 {
		dst = append(dst, '.')
	}
	for ; places < least; places++ {
		dst = append(dst, '0')
	}
	return dst
}

// Is reports whether d is n at a number of decimal places.
func Is(d decimal.Decimal, n int64, places int) bool {
	if !plain(d) {
		return d.Equal(decimal.New(n, int32(-places)))
	}
	c, exp := d.CoefficientInt64(), int(d.Exponent())
	for ; -exp > places; exp++ {
		if c%10 != 0 {
			return false
		}
		c /= 10
	}
	for ; -exp < places && c != 0; exp-- {
		if c >= most/10 || c <= -most/10 {
			return d.Equal(decimal.New(n, int32(-places)))
		}
		c *= 10
	}
	return c == n
}
