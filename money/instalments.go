package money

import (
	"fmt"
	"slices"
)

// InstalmentRest says where the minor units go that do not divide evenly among instalments. The zero
// InstalmentRest is invalid.
type InstalmentRest string

const (
	// RestCumulated spreads them: an instalment is what is due by then, rounded, less what was due
	// before. 800.00 in 12 is 66.67, 66.66, 66.67, …
	RestCumulated InstalmentRest = "cumulated"
	// RestLast makes all but the last alike, and the last takes the rest: 800.00 in 12 is 11 times
	// 66.67, and 66.63. None is more than is left.
	RestLast InstalmentRest = "last"
)

// InstalmentRests returns every word, in the order of their constants.
func InstalmentRests() []InstalmentRest { return []InstalmentRest{RestCumulated, RestLast} }

// IsValid reports whether r is one of [InstalmentRests].
func (r InstalmentRest) IsValid() bool { return slices.Contains(InstalmentRests(), r) }

// MaxInstalments is in how many an amount can be divided.
const MaxInstalments = 10_000

// Instalments divides m in n, which add up to m exactly, by the rest and the rounding. A negative
// amount is rounded as one.
//
// It returns an error if m is the zero Money, n is not 1 to [MaxInstalments] or rest is no word
// ([ErrInvalid]), or r is not valid ([ErrRounding]).
func (m Money) Instalments(n int, rest InstalmentRest, r Rounding) ([]Money, error) {
	switch {
	case !m.IsValid():
		return nil, failed("instalments", ErrInvalid)
	case n < 1 || n > MaxInstalments:
		return nil, failed("instalments", fmt.Errorf("%d of them, must be 1 to %d: %w", n, MaxInstalments, ErrInvalid))
	case !rest.IsValid():
		return nil, failed("instalments", fmt.Errorf("rest %q: %w", rest, ErrInvalid))
	}
	all := make([]Money, n)
	paid := int64(0)
	for i := range all {
		due := m.minor
		if i < n-1 {
			k := int64(1)
			if rest == RestCumulated {
				k = int64(i) + 1
			}
			part, err := m.Prorate(k, int64(n), r)
			if err != nil {
				return nil, err
			}
			due = part.minor
			if rest == RestLast { // of which no more than all is due
				due = nearer(paid+due, m.minor)
			}
		}
		all[i] = Money{minor: due - paid, currency: m.currency}
		paid = due
	}
	return all, nil
}

// nearer returns what is due, or all if that is less far from zero. Both have the same sign.
func nearer(due, all int64) int64 {
	if all < 0 {
		return max(due, all)
	}
	return min(due, all)
}
