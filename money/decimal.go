package money

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/arith"
)

// FromDecimal returns d major units of c, rounded once to the minor unit: 1.005 USD is 1.01 by
// half_up. It returns an error if c is not valid ([ErrUnknownCurrency]), r is not valid ([ErrRounding]), or
// the result does not fit ([ErrOverflow]).
func FromDecimal(d decimal.Decimal, c Currency, r Rounding) (Money, error) {
	if !c.IsValid() {
		return Money{}, failed("from decimal", ErrUnknownCurrency)
	}
	mode, err := r.mode()
	if err != nil {
		return Money{}, err
	}
	s := scale(d, c.Digits())
	if s.units <= 1<<63 && mode.Increment(s.negative, s.units&1 == 1, s.half, s.exact) {
		s.units++ // above 2^63 it is out of range anyhow, and must not wrap
	}
	return s.amount(c)
}

// Exact returns d major units of c, and refuses to round. Zeros at the end do not matter:
// 1.000 USD is 1.00 USD. It returns an error if c is not valid ([ErrUnknownCurrency]), d has digits below
// the minor unit ([ErrPrecision]), or the result does not fit ([ErrOverflow]).
func Exact(d decimal.Decimal, c Currency) (Money, error) {
	if !c.IsValid() {
		return Money{}, failed("from decimal", ErrUnknownCurrency)
	}
	s := scale(d, c.Digits())
	if !s.exact {
		return Money{}, failed("from decimal", fmt.Errorf("%w %v", ErrPrecision, c))
	}
	return s.amount(c)
}

// Decimal returns the amount in major units, with as many decimal places as the currency has digits: 12.50 for
// 12.50 USD. It is 0 for the zero Money.
func (m Money) Decimal() decimal.Decimal {
	if !m.IsValid() {
		return decimal.Decimal{}
	}
	return decimal.New(m.minor, -int32(m.currency.Digits()))
}

// scaled is a decimal as minor units, truncated towards zero, with what is needed to round it.
type scaled struct {
	units    uint64
	negative bool
	half     int  // what was cut off, compared with half a unit
	exact    bool // nothing was cut off
	overflow bool // there are more units than 64 bits hold
}

// amount puts sign and currency on the units.
func (s scaled) amount(c Currency) (Money, error) {
	minor, ok := signed(s.units, s.negative)
	if s.overflow || !ok {
		return Money{}, failed("from decimal", ErrOverflow)
	}
	return Money{minor: minor, currency: c}, nil
}

// int64Digits is the number of decimal digits that always fit an int64.
const int64Digits = 18

// scale returns d*10^digits. The work is bounded by the length of d's coefficient: an exponent, however large,
// is never expanded.
func scale(d decimal.Decimal, digits int) scaled {
	s := scaled{negative: d.Sign() < 0, exact: true}
	if d.Sign() == 0 {
		return s
	}
	length := d.NumDigits()
	shift := int64(d.Exponent()) + int64(digits)
	switch {
	case int64(length)+shift > int64Digits+2:
		// 10^20 or more. Whether digits are cut off matters to Exact, but the range is the more
		// serious fault.
		s.overflow = true
	case int64(length)+shift < 0:
		// Below a tenth of a unit.
		s.exact, s.half = false, -1
	case length <= int64Digits:
		s.scaleInt64(magnitude(d.CoefficientInt64()), int(shift))
	default:
		s.scaleBig(d.Coefficient(), shift)
	}
	return s
}

// scaleInt64 sets s to coefficient*10^shift, for a shift of -18 to 19.
func (s *scaled) scaleInt64(coefficient uint64, shift int) {
	if shift >= 0 {
		product := arith.Mul64(coefficient, powersOfTen[shift])
		s.units, s.overflow = product.Lo, product.Hi != 0
		return
	}
	unit := powersOfTen[-shift]
	rem := coefficient % unit
	s.units, s.exact, s.half = coefficient/unit, rem == 0, arith.CompareHalf(rem, unit)
}

// scaleBig does the same for a coefficient of any length.
func (s *scaled) scaleBig(coefficient *big.Int, shift int64) {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(shift, -shift)), nil)
	q, rem := coefficient.Abs(coefficient), new(big.Int)
	if shift >= 0 {
		q.Mul(q, unit)
	} else {
		q.QuoRem(q, unit, rem)
		s.exact, s.half = rem.Sign() == 0, rem.Lsh(rem, 1).Cmp(unit)
	}
	s.units, s.overflow = q.Uint64(), !q.IsUint64()
}

// powersOfTen holds the powers of ten that fit a uint64. It is never written.
var powersOfTen = [...]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}
