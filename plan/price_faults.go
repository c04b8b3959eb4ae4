package plan

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
)

var (
	errMissing     = fault.Required.Errorf("missing")
	errNegative    = fault.OutOfRange.Errorf("must not be negative")
	errNotPositive = fault.OutOfRange.Errorf("must exceed 0")
)

// number reports whether d is within the bounds of all decimals.
func (f faults) number(d decimal.Decimal) bool {
	if err := dec.Check(d); err != nil {
		f.add(err)
		return false
	}
	return true
}

// amount reports whether d is a decimal of zero or more.
func (f faults) amount(d decimal.Decimal) bool {
	if !f.number(d) {
		return false
	}
	if d.IsNegative() {
		f.add(errNegative)
		return false
	}
	return true
}

// positive reports whether d is a decimal above zero.
func (f faults) positive(d decimal.Decimal) bool {
	if !f.number(d) {
		return false
	}
	if !d.IsPositive() {
		f.add(errNotPositive)
		return false
	}
	return true
}

// schedule checks the upper ends of n tiers as a whole: ascending from zero, without a gap, the open
// end last and only there, or nowhere in a closed price. Tiers are inspected by each, after their end,
// so that faults come in the order of the document. It inspects nothing if there are too many.
func (f faults) schedule(n int, closed bool, upTo func(i int) *decimal.Decimal, each func(i int, tier faults)) {
	tiers := f.field("tiers")
	switch {
	case n == 0:
		tiers.add(errMissing)
		return
	case n > MaxTiers:
		tiers.addf(fault.TooMany, "must be at most %d, not %d", MaxTiers, n)
		return
	}
	var below decimal.Decimal
	for i := range n {
		tier := tiers.index(i)
		at, end, last := tier.field("up_to"), upTo(i), i == n-1
		switch {
		case end == nil && !last:
			at.addf(fault.Required, "missing: only the last tier is open")
		case end == nil && closed:
			at.addf(fault.Required, "missing: the price is closed")
		case end == nil:
		case last && !closed:
			at.addf(fault.Excluded, "must be left out: the last tier is open unless the price is closed")
		case !at.number(*end):
		case !end.GreaterThan(below):
			at.addf(fault.OutOfRange, "must exceed %s", dec.String(below))
		default:
			below = *end
		}
		each(i, tier)
	}
}
