package plan

import (
	"sort"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
)

// curve is the common form of all prices: consecutive pieces, each with what is due on entering it
// and a price for what lies beyond its start. It is exact, and the specification of what a price
// costs; the compiled numbers of fastCurve must agree with it to the last digit.
type curve struct {
	pieces []piece
	free   decimal.Decimal
	bounds Bounds
	// zeroFree: no units cost nothing.
	zeroFree bool
	// closed: no piece holds a quantity above the last one's end.
	closed bool
	// cumulative: a quantity passes through all pieces up to its own, and pays in each. Amounts do
	// not depend on it, since base has the sum already; explanations do.
	cumulative bool
	// ofEvents: the amount does not follow from a quantity, and there are no pieces.
	ofEvents bool
	// byDimensions: it follows from another price, and there are no pieces.
	byDimensions bool
}

// piece holds the units above its lower end and up to its upper end, inclusive.
type piece struct {
	above decimal.Decimal
	upTo  *decimal.Decimal // nil: open
	// base is due for a quantity that has just entered the piece, the pieces below included.
	base decimal.Decimal
	// flat is the part of base that this piece itself added.
	flat decimal.Decimal
	// unit is the price of each unit beyond from, or of each started package of them if size is set.
	unit decimal.Decimal
	from decimal.Decimal
	size decimal.Decimal
}

// amount returns what the units cost if this piece holds them.
func (p *piece) amount(units decimal.Decimal) decimal.Decimal {
	return p.base.Add(p.unit.Mul(p.count(units.Sub(p.from))))
}

// count returns how many times the unit price of the piece is due for a number of units.
func (p *piece) count(units decimal.Decimal) decimal.Decimal {
	if p.size.IsZero() {
		return units
	}
	packages, rest := units.QuoRem(p.size, 0)
	if rest.IsPositive() {
		packages = packages.Add(decimal.NewFromInt(1))
	}
	return packages
}

// checkedQuantity refuses what is not a quantity and returns the canonical form of what is one,
// since arithmetic on a zero with an enormous exponent is expensive.
func checkedQuantity(q decimal.Decimal) (decimal.Decimal, error) {
	c, err := dec.Canonical(q)
	switch {
	case err != nil:
		return c, &QuantityError{Quantity: q, err: ErrQuantity}
	case c.IsNegative():
		return c, &QuantityError{Quantity: c, err: ErrNegativeQuantity}
	}
	return c, nil
}

// units returns what remains of a quantity after the free units.
func (c *curve) units(q decimal.Decimal) decimal.Decimal {
	if q.LessThanOrEqual(c.free) {
		return decimal.Decimal{}
	}
	return q.Sub(c.free)
}

// find returns the index of the piece that holds the units.
func (c *curve) find(units decimal.Decimal) (int, error) {
	last := len(c.pieces) - 1
	switch {
	case c.ofEvents:
		return 0, ErrEvents
	case c.byDimensions:
		return 0, ErrDimensions
	case last < 0:
		return 0, errNotCompiled
	}
	i := sort.Search(last, func(i int) bool { return units.LessThanOrEqual(*c.pieces[i].upTo) })
	if i == last && c.closed && units.GreaterThan(*c.pieces[last].upTo) {
		return 0, &TierError{Quantity: units, UpTo: *c.pieces[last].upTo}
	}
	return i, nil
}

// exact is the amount of a checked quantity.
func (c *curve) exact(q decimal.Decimal) (decimal.Decimal, error) {
	amount, err := c.unbounded(q)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return c.bounds.apply(amount), nil
}

// unbounded is the amount of a checked quantity without the bounds.
func (c *curve) unbounded(q decimal.Decimal) (decimal.Decimal, error) {
	units := c.units(q)
	if units.IsZero() && c.zeroFree {
		return decimal.Decimal{}, nil
	}
	i, err := c.find(units)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return c.pieces[i].amount(units), nil
}

func (b Bounds) apply(amount decimal.Decimal) decimal.Decimal {
	switch {
	case b.Minimum != nil && amount.LessThan(*b.Minimum):
		return *b.Minimum
	case b.Maximum != nil && amount.GreaterThan(*b.Maximum):
		return *b.Maximum
	}
	return amount
}
