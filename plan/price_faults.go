package plan

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
)

var (
	errMissing     = errors.New("missing")
	errNegative    = errors.New("must not be negative")
	errNotPositive = errors.New("must exceed 0")
)

// priceFaults collects the faults of one price. Its path is the price's own.
type priceFaults struct {
	path string
	list []*FieldError
}

func (f *priceFaults) add(field string, err error) {
	path := f.path
	switch {
	case path == "":
		path = field
	case field != "":
		path += "." + field
	}
	f.list = append(f.list, &FieldError{Path: path, Err: err})
}

func (f *priceFaults) addf(field, format string, args ...any) {
	f.add(field, fmt.Errorf(format, args...))
}

// number reports whether d is within the bounds of all decimals.
func (f *priceFaults) number(field string, d decimal.Decimal) bool {
	if err := dec.Check(d); err != nil {
		f.add(field, err)
		return false
	}
	return true
}

// amount reports whether d is a decimal of zero or more.
func (f *priceFaults) amount(field string, d decimal.Decimal) bool {
	if !f.number(field, d) {
		return false
	}
	if d.IsNegative() {
		f.add(field, errNegative)
		return false
	}
	return true
}

// positive reports whether d is a decimal above zero.
func (f *priceFaults) positive(field string, d decimal.Decimal) bool {
	if !f.number(field, d) {
		return false
	}
	if !d.IsPositive() {
		f.add(field, errNotPositive)
		return false
	}
	return true
}

// schedule checks the upper ends of n tiers as a whole: ascending from zero, without a gap, the open
// end last and only there, or nowhere in a closed price. Tiers are inspected by each, after their end,
// so that faults come in the order of the document. It inspects nothing if there are too many.
func (f *priceFaults) schedule(n int, closed bool, upTo func(i int) *decimal.Decimal, each func(i int, path string)) {
	switch {
	case n == 0:
		f.add("tiers", errMissing)
		return
	case n > MaxTiers:
		f.addf("tiers", "must be at most %d, not %d", MaxTiers, n)
		return
	}
	var below decimal.Decimal
	for i := range n {
		tier := fmt.Sprintf("tiers[%d]", i)
		path, end, last := tier+".up_to", upTo(i), i == n-1
		switch {
		case end == nil && !last:
			f.add(path, errors.New("missing: only the last tier is open"))
		case end == nil && closed:
			f.add(path, errors.New("missing: the price is closed"))
		case end == nil:
		case last && !closed:
			f.add(path, errors.New("must be left out: the last tier is open unless the price is closed"))
		case !f.number(path, *end):
		case !end.GreaterThan(below):
			f.addf(path, "must exceed %s", dec.String(below))
		default:
			below = *end
		}
		each(i, tier)
	}
}
