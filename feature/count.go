package feature

import (
	"cmp"
	"fmt"
	"math/bits"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
)

// maxScale is the largest number of decimal places of a count that is held in one
// word.
const maxScale = 18

// count is an exact amount of zero or more, in two words. Nearly every count is a
// small whole number, so it is n itself where form is nil, n / 10^scale where form is
// one of scales, and form's decimal, with n zero, when it does not fit. One value may
// have several forms; cmp compares the values.
type count struct {
	n    int64
	form *form
}

type form struct {
	scale uint8
	wide  *decimal.Decimal
}

// scales are the forms of n / 10^scale. They never change.
var scales = func() (all [maxScale + 1]form) {
	for i := range all {
		all[i].scale = uint8(i)
	}
	return all
}()

// inWord is n / 10^scale.
func inWord(n int64, scale uint8) count {
	if scale == 0 {
		return count{n: n}
	}
	return count{n, &scales[scale]}
}

func inDecimal(d decimal.Decimal) count { return count{form: &form{wide: &d}} }

func (c count) scale() uint8 {
	if c.form == nil {
		return 0
	}
	return c.form.scale
}

func (c count) isWide() bool { return c.form != nil && c.form.wide != nil }

var pow10 = [maxScale + 1]int64{
	1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}

// countOf converts a decimal: at most 40 digits, and not negative.
func countOf(d decimal.Decimal) (count, error) {
	if exp := d.Exponent(); exp <= 0 && exp >= -maxScale && d.NumDigits() <= maxScale {
		if n := d.CoefficientInt64(); n >= 0 {
			return inWord(n, uint8(-exp)), nil
		}
	}
	return countWide(d)
}

// countWide is countOf for decimals that may not fit in a word.
func countWide(d decimal.Decimal) (count, error) {
	d, err := dec.Canonical(d)
	if err != nil {
		return count{}, fmt.Errorf("%w: %w", ErrInvalidAmount, err)
	}
	if d.IsNegative() {
		return count{}, fmt.Errorf("%w: %w", ErrInvalidAmount, errNegative)
	}
	if d.NumDigits() <= maxScale && d.Exponent() >= -maxScale {
		return inWord(d.CoefficientInt64(), uint8(-d.Exponent())), nil
	}
	return inDecimal(d), nil
}

func (c count) isZero() bool { return c.n == 0 && !c.isWide() }

func (c count) decimal() decimal.Decimal {
	if c.isWide() {
		return *c.form.wide
	}
	d, err := dec.Canonical(decimal.New(c.n, -int32(c.scale())))
	if err != nil {
		// Eighteen digits are within every bound.
		return decimal.New(c.n, -int32(c.scale()))
	}
	return d
}

func (c count) String() string { return dec.String(c.decimal()) }

// aligned returns both counts at one scale, if they fit in a word there.
func aligned(a, b count) (x, y int64, scale uint8, ok bool) {
	if a.isWide() || b.isWide() {
		return 0, 0, 0, false
	}
	s, t := a.scale(), b.scale()
	if s < t {
		x, ok = scaled(a.n, t-s)
		return x, b.n, t, ok
	}
	y, ok = scaled(b.n, s-t)
	return a.n, y, s, ok
}

func scaled(n int64, by uint8) (int64, bool) {
	hi, lo := bits.Mul64(uint64(n), uint64(pow10[by]))
	return int64(lo), hi == 0 && lo < 1<<63
}

func (c count) cmp(o count) int {
	if c.form == nil && o.form == nil {
		return cmp.Compare(c.n, o.n)
	}
	if x, y, _, ok := aligned(c, o); ok {
		return cmp.Compare(x, y)
	}
	return c.decimal().Cmp(o.decimal())
}

// exceeds reports whether c is more than o; small enough to be inlined.
func (c count) exceeds(o count) bool {
	if c.form == nil && o.form == nil {
		return c.n > o.n
	}
	return c.cmp(o) > 0
}

// plus returns the sum, or ErrInvalidAmount if it has too many digits.
func (c count) plus(o count) (count, error) {
	if c.form == nil && o.form == nil && c.n+o.n >= 0 {
		return count{n: c.n + o.n}, nil
	}
	if x, y, scale, ok := aligned(c, o); ok && x+y >= 0 {
		return inWord(x+y, scale), nil
	}
	return countWide(c.decimal().Add(o.decimal()))
}

// minus returns c less o, and zero where o is larger.
func (c count) minus(o count) count {
	if x, y, scale, ok := aligned(c, o); ok {
		return inWord(max(0, x-y), scale)
	}
	if c.cmp(o) <= 0 {
		return count{}
	}
	// The difference of two counts of at most 20 decimal places and 30 digits before
	// the point has no more of either, but may have more digits in total.
	d := c.decimal().Sub(o.decimal())
	if less, err := countWide(d); err == nil {
		return less
	}
	return inDecimal(d)
}

// less is minus for a count that is at least o and whose result is stored: the
// difference, or ErrInvalidAmount if it has too many digits.
func (c count) less(o count) (count, error) {
	rest := c.minus(o)
	if !rest.isWide() {
		return rest, nil
	}
	return countWide(rest.decimal())
}

// sum is plus for parts of a total that is known to be within bounds.
func (c count) sum(o count) count {
	if total, err := c.plus(o); err == nil {
		return total
	}
	return countAny(c.decimal().Add(o.decimal()))
}

// countAny converts a decimal that this package computed: not negative, with any
// number of digits.
func countAny(d decimal.Decimal) count {
	if n, err := countOf(d); err == nil {
		return n
	}
	return inDecimal(d)
}
