package money

import (
	"fmt"
	"slices"

	"github.com/perennial-billing/perennial/internal/arith"
)

// Allocate divides m in proportion to the weights, and returns one share for each of them, in their
// order. The shares add up to m exactly: each is first rounded towards zero, and the remaining
// minor units go one each to the shares that lost most by rounding, the earlier first among equals.
// A weight of zero gets nothing. A negative amount is divided like its positive counterpart, with
// the signs reversed.
//
// It returns an error if m is the zero Money ([ErrInvalid]), or there are no weights, one is negative, or all are
// zero ([ErrInvalid]).
func (m Money) Allocate(weights []int64) ([]Money, error) {
	if !m.IsValid() {
		return nil, failed("allocate", ErrInvalid)
	}
	total, err := totalWeight(weights)
	if err != nil {
		return nil, err
	}
	whole, negative := magnitude(m.minor), m.minor < 0
	left := whole
	shares := make([]uint64, len(weights))
	rests := make([]rest, len(weights))
	for i, w := range weights {
		// A share is at most the whole, so the quotient has 64 bits.
		q, r := arith.Mul64(whole, uint64(w)).QuoRem(total)
		shares[i], rests[i] = q.Lo, rest{index: i, lost: r}
		left -= q.Lo
	}
	// Fewer units remain than shares lost something, so no weight of zero is reached.
	slices.SortStableFunc(rests, func(a, b rest) int { return b.lost.Cmp(a.lost) })
	for _, r := range rests[:left] {
		shares[r.index]++
	}
	amounts := make([]Money, len(weights))
	for i, share := range shares {
		minor, _ := signed(share, negative) // no share exceeds the whole, which fits
		amounts[i] = Money{minor: minor, currency: m.currency}
	}
	return amounts, nil
}

// rest is the remainder of rounding a share towards zero.
type rest struct {
	index int
	lost  arith.U128
}

// totalWeight returns the sum of weights, which is above zero when there is no error.
func totalWeight(weights []int64) (arith.U128, error) {
	var total arith.U128
	for i, w := range weights {
		if w < 0 {
			return total, failed("allocate", fmt.Errorf("weight %d at %d: %w", w, i, ErrInvalid))
		}
		total, _ = total.Add(arith.U128{Lo: uint64(w)}) // fewer than 2^64 of them: it fits
	}
	if total.IsZero() {
		return total, failed("allocate", fmt.Errorf("weights sum to zero: %w", ErrInvalid))
	}
	return total, nil
}
