package plan

import (
	"reflect"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Price is how a quantity becomes an amount. It is one of nine definitions, each a plain struct
// held by value: [PerUnit], [FlatFee], [Volume], [Tiered], [Package], [Stairstep], [Percentage],
// [GraduatedPercentage] and [Matrix], a table of the others. The interface is sealed, so that new kinds
// may be added without breaking anyone; nobody needs to switch on the kind, because a compiled price
// rates a quantity itself ([CompilePrice], [CompiledPrice]).
//
// Amounts are in major units of the currency of the plan ("0.0299" is 2.99 cents of a dollar) and
// of any precision within 40 significant digits, 20 decimal places and 30 digits before the point.
// Quantities may have fractions. A nil Price is no price: it is a fault where one is required.
type Price interface {
	// Model names the kind of the price. It is the tag of its JSON.
	Model() Model

	// Validate returns nil, or all faults of the definition as [fault.FieldError]s joined by [errors.Join],
	// in the order of the fields, with paths as in JSON ("tiers[1].up_to").
	Validate() error

	// Equal reports whether other is the same definition: the same kind with the same numbers, 1.0
	// and 1.00 being the same. The prices may be invalid.
	Equal(other Price) bool

	// check collects the faults.
	// MarshalJSON writes the definition with its model; an invalid one is an error.
	MarshalJSON() ([]byte, error)

	check(f faults)
	// clone returns a copy that shares no memory with the original, its decimals in canonical form.
	clone() Price
	appendTo(dst []byte) ([]byte, error)
	// curve returns the common form of all prices. The definition must be valid.
	curve() curve
}

// Bounds are the least and the most that a whole period costs, in major units. They apply to the
// amount for every quantity, zero included, before proration. Nil: no bound.
type Bounds struct {
	Minimum *decimal.Decimal
	Maximum *decimal.Decimal
}

// Bound returns a pointer to a copy of d, for the optional numbers of a price: a tier's UpTo, a
// Minimum, a Maximum.
func Bound(d decimal.Decimal) *decimal.Decimal { return &d }

// MaxTiers is the largest number of tiers or steps of a price.
const MaxTiers = 1000

// checkPrice returns the faults of p, their paths prefixed with path. Only the definitions
// themselves pass: a pointer to one, or a struct that embeds one, satisfies the interface but would
// be unequal to itself after a round trip, and a nil pointer would panic.
func checkPrice(p Price, path string) []*fault.FieldError {
	var list []*fault.FieldError
	f := faults{path: path, list: &list}
	switch p.(type) {
	case nil:
		f.add(errMissing)
	case PerUnit, FlatFee, Volume, Tiered, Package, Stairstep, Percentage, GraduatedPercentage, Matrix:
		p.check(f)
	default:
		f.addf(fault.UnknownWord, "must be one of the price definitions of this package, by value")
	}
	return list
}

// clonePrice returns a deep copy of p in canonical form. A price that checkPrice refuses, nil
// included, is returned unchanged.
func clonePrice(p Price) Price {
	switch p.(type) {
	case PerUnit, FlatFee, Volume, Tiered, Package, Stairstep, Percentage, GraduatedPercentage, Matrix:
		return p.clone()
	}
	return p
}

// equalPrices compares by value. It compares canonical forms, since comparing two decimals of very
// different exponents expands one of them.
func equalPrices(a, b Price) bool {
	return reflect.DeepEqual(clonePrice(a), clonePrice(b))
}

func validatePrice(p Price) error { return strictjson.JoinErrors(checkPrice(p, "")) }

// canonical leaves a decimal that is out of bounds unchanged, so that validation finds it.
func canonical(d decimal.Decimal) decimal.Decimal {
	c, err := dec.Canonical(d)
	if err != nil {
		return d
	}
	return c
}

func canonicalBound(d *decimal.Decimal) *decimal.Decimal {
	if d == nil {
		return nil
	}
	return Bound(canonical(*d))
}

func (b Bounds) clone() Bounds {
	return Bounds{Minimum: canonicalBound(b.Minimum), Maximum: canonicalBound(b.Maximum)}
}

func (b Bounds) check(f faults) { f.between("minimum", b.Minimum, "maximum", b.Maximum) }

// between checks two optional bounds of amounts.
func (f faults) between(least string, low *decimal.Decimal, most string, high *decimal.Decimal) {
	lowFits := low == nil || f.field(least).amount(*low)
	highFits := high == nil || f.field(most).amount(*high)
	if lowFits && highFits && low != nil && high != nil && high.LessThan(*low) {
		f.field(most).addf(fault.OutOfRange, "must be at least the minimum %s", dec.String(*low))
	}
}
