package money

import (
	"fmt"
	"math/bits"

	"github.com/perennial-billing/perennial/internal/arith"
)

// Prorate returns m*num/den, multiplied first in 128 bits, divided once, and rounded once to the
// minor unit. A part of a period is num of its den days; num may be greater than den, and it may be
// negative, which turns a charge into a credit: the result is then rounded as a negative amount.
//
// It returns an error if m is the zero Money ([ErrInvalid]), den is zero ([ErrDivisionByZero]) or negative
// ([ErrInvalid]), r is not valid ([ErrRounding]), or the result does not fit ([ErrOverflow]).
func (m Money) Prorate(num, den int64, r Rounding) (Money, error) {
	mode := arith.Named(string(r))
	if m.currency == 0 || den <= 0 || mode == 0 {
		return Money{}, m.prorateFault(den, r)
	}
	hi, lo := bits.Mul64(magnitude(m.minor), magnitude(num))
	d := uint64(den)
	if hi >= d {
		return Money{}, failed("prorate", ErrOverflow)
	}
	q, rem := bits.Div64(hi, lo, d)
	negative := (m.minor ^ num) < 0
	if q <= 1<<63 && rem != 0 && mode.Increment(negative, q&1 == 1, arith.CompareHalf(rem, d), false) {
		q++ // above 2^63 it is out of range anyhow, and must not wrap
	}
	minor, ok := signed(q, negative)
	if !ok {
		return Money{}, failed("prorate", ErrOverflow)
	}
	return Money{minor: minor, currency: m.currency}, nil
}

// prorateFault says what is wrong with the arguments of Prorate, which are known to be wrong.
func (m Money) prorateFault(den int64, r Rounding) error {
	switch {
	case m.currency == 0:
		return failed("prorate", ErrInvalid)
	case den == 0:
		return failed("prorate", ErrDivisionByZero)
	case den < 0:
		return failed("prorate", fmt.Errorf("denominator %d: %w", den, ErrInvalid))
	default:
		_, err := r.mode()
		return err
	}
}
