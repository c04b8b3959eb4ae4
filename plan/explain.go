package plan

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
)

// Rating shows how a price arrives at the amount of a whole period. Only [CompiledPrice.Explain]
// makes one; its [Rating.String] is a text that can be sent to a customer.
type Rating struct {
	Model    Model
	Currency money.Currency
	// Quantity is the quantity that was asked for.
	Quantity decimal.Decimal
	// FreeUnits is how many of them are free: the price's free units, or fewer if the quantity is less.
	FreeUnits decimal.Decimal
	// Units is what was charged: Quantity less FreeUnits.
	Units decimal.Decimal
	// Steps are the parts of the amount, in the order of the tiers. There are none if a quantity of
	// zero is free.
	Steps []RatingStep
	// Subtotal is the sum of the steps.
	Subtotal decimal.Decimal
	// Minimum is the bound that raised the amount; nil if it did not.
	Minimum *decimal.Decimal
	// Maximum is the bound that lowered the amount; nil if it did not.
	Maximum *decimal.Decimal
	// Amount is the whole period's amount in major units before rounding, equal to [CompiledPrice.Exact].
	Amount decimal.Decimal
}

// RatingStep is one tier's part of an amount. Prices without tiers have one step.
type RatingStep struct {
	// Tier is the index of the tier or step in the definition, from 0; 0 if the price has none.
	Tier int
	// Above is the lower end of the tier, exclusive, except that the first tier holds zero.
	Above decimal.Decimal
	// UpTo is the upper end of the tier, inclusive; nil if it is open.
	UpTo *decimal.Decimal
	// Units is how many units are charged here.
	Units decimal.Decimal
	// PackageSize is the number of units of a package; zero if units are priced one by one.
	PackageSize decimal.Decimal
	// Packages is the number of started packages; zero if units are priced one by one.
	Packages decimal.Decimal
	// UnitAmount is the price of a unit, or of a package.
	UnitAmount decimal.Decimal
	// FlatAmount is due once for this step.
	FlatAmount decimal.Decimal
	// Amount is FlatAmount plus UnitAmount for each unit or package.
	Amount decimal.Decimal
}

// Bounds returns a copy of the minimum and the maximum of the price.
func (t *CompiledPrice) Bounds() Bounds { return t.exact.bounds.clone() }

// Explain rates quantity q as [CompiledPrice.Exact] does and shows how. Errors: as
// [CompiledPrice.Exact].
func (t *CompiledPrice) Explain(q decimal.Decimal) (Rating, error) {
	q, err := checkedQuantity(q)
	if err != nil {
		return Rating{}, err
	}
	c := &t.exact
	units := c.units(q)
	r := Rating{
		Model: t.Model(), Currency: t.currency, Quantity: q, FreeUnits: canonical(q.Sub(units)), Units: canonical(units),
	}
	if !units.IsZero() || !c.zeroFree {
		last, err := c.find(units)
		if err != nil {
			return Rating{}, err
		}
		first := last
		if c.cumulative {
			first = 0
		}
		for i := first; i <= last; i++ {
			step := c.pieces[i].explain(i, units)
			r.Steps = append(r.Steps, step)
			r.Subtotal = canonical(r.Subtotal.Add(step.Amount))
		}
	}
	r.Amount = canonical(c.bounds.apply(r.Subtotal))
	switch r.Amount.Cmp(r.Subtotal) {
	case +1:
		r.Minimum = Bound(r.Amount)
	case -1:
		r.Maximum = Bound(r.Amount)
	}
	return r, nil
}

// explain returns the part of the units that the piece charges, from its own start on.
func (p *piece) explain(tier int, units decimal.Decimal) RatingStep {
	if p.upTo != nil && units.GreaterThan(*p.upTo) {
		units = *p.upTo
	}
	step := RatingStep{
		Tier: tier, Above: p.above, UpTo: canonicalBound(p.upTo), Units: canonical(units.Sub(p.from)),
		PackageSize: p.size, UnitAmount: p.unit, FlatAmount: p.flat,
	}
	count := p.count(step.Units)
	if !p.size.IsZero() {
		step.Packages = canonical(count)
	}
	step.Amount = canonical(p.flat.Add(p.unit.Mul(count)))
	return step
}

// String returns the calculation as lines of plain text, the last of which ends in the amount: one
// line where the price has one step, and otherwise a line for each step, indented by two spaces.
// Amounts have at least the currency's decimals and all the digits that they need. The text has no
// names in it, and ends without a line break.
func (r Rating) String() string {
	bounded := r.Minimum != nil || r.Maximum != nil
	var lines []string
	switch len(r.Steps) {
	case 0:
		lines = append(lines, r.intro()+": "+r.money(r.Subtotal))
	case 1:
		lines = append(lines, r.only(r.Steps[0]))
	default:
		lines = append(lines, r.intro()+":")
		for _, step := range r.Steps {
			label := r.label(step)
			if !step.PackageSize.IsZero() {
				label += fmt.Sprintf(", %s in packages of %s", units(step.Units), dec.String(step.PackageSize))
			}
			lines = append(lines, "  "+label+": "+r.arithmetic(step))
		}
		lines = append(lines, "  total: "+r.money(r.Subtotal))
	}
	if bounded {
		bound, to := "raised to the minimum of ", r.Minimum
		if to == nil {
			bound, to = "lowered to the maximum of ", r.Maximum
		}
		lines = append(lines, "  "+bound+r.money(*to))
	}
	text := strings.Join(lines, "\n") + " " + r.Currency.String()
	if r.places(r.Amount) > r.Currency.Digits() {
		text += " before rounding"
	}
	return text
}

// intro is the quantity, and how much of it is free.
func (r Rating) intro() string {
	text := units(r.Quantity)
	switch {
	case r.FreeUnits.IsZero():
		return text
	case !r.Units.IsZero():
		return text + ", " + dec.String(r.FreeUnits) + " of them free"
	case r.Quantity.Equal(decimal.NewFromInt(1)):
		return text + ", free"
	}
	return text + ", all of them free"
}

// only writes the one step of a price that has no other.
func (r Rating) only(s RatingStep) string {
	switch r.Model {
	case FlatFeeModel:
		return "Flat fee: " + r.arithmetic(s)
	case PerUnitModel:
		if r.FreeUnits.IsZero() {
			return r.arithmetic(s)
		}
	case PackageModel, VolumeModel, TieredModel, StairstepModel:
		text := r.intro()
		if r.Model != PackageModel {
			text += ", " + r.label(s)
		}
		if !s.PackageSize.IsZero() {
			text += ", in packages of " + dec.String(s.PackageSize)
		}
		return text + ": " + r.arithmetic(s)
	}
	return r.intro() + ": " + r.arithmetic(s)
}

// label names the tier of a step, for the models that have tiers.
func (r Rating) label(s RatingStep) string {
	name := "tier"
	if r.Model == StairstepModel {
		name = "step"
	}
	return fmt.Sprintf("%s %d (%s)", name, s.Tier+1, s.span())
}

func (s RatingStep) span() string {
	switch {
	case s.UpTo == nil && s.Above.IsZero():
		return "any quantity"
	case s.UpTo == nil:
		return "above " + dec.String(s.Above)
	case s.Above.IsZero():
		return "up to " + dec.String(*s.UpTo)
	}
	return fmt.Sprintf("above %s, up to %s", dec.String(s.Above), dec.String(*s.UpTo))
}

// arithmetic writes a step as a sum that can be checked on paper.
func (r Rating) arithmetic(s RatingStep) string {
	if r.Model == FlatFeeModel || r.Model == StairstepModel {
		return r.money(s.Amount)
	}
	count := s.Units
	if !s.PackageSize.IsZero() {
		count = s.Packages
	}
	var terms []string
	if !s.UnitAmount.IsZero() || s.FlatAmount.IsZero() {
		terms = append(terms, dec.String(count)+" x "+r.money(s.UnitAmount))
	}
	if !s.FlatAmount.IsZero() {
		terms = append(terms, "flat "+r.money(s.FlatAmount))
		if len(terms) == 1 { // a single term
			return terms[0]
		}
	}
	return strings.Join(terms, " + ") + " = " + r.money(s.Amount)
}

func units(n decimal.Decimal) string {
	if n.Equal(decimal.NewFromInt(1)) {
		return "1 unit"
	}
	return dec.String(n) + " units"
}

func (r Rating) places(amount decimal.Decimal) int { return -int(canonical(amount).Exponent()) }

// money writes an amount with the currency's decimals, or more where it has more.
func (r Rating) money(amount decimal.Decimal) string {
	return amount.StringFixed(int32(max(r.places(amount), r.Currency.Digits())))
}
