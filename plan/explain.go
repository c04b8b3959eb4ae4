package plan

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
)

// Rating is how a price came to the amount of a whole period. Only [Table.Explain] makes one; its
// [Rating.String] is a text that can be sent to a customer.
type Rating struct {
	Model    Model
	Currency money.Currency
	// Quantity is the quantity that was asked for.
	Quantity decimal.Decimal
	// FreeUnits is how many of them are free: the price's free units, or fewer if the quantity is less.
	FreeUnits decimal.Decimal
	// Units is what was charged: Quantity less FreeUnits.
	Units decimal.Decimal
	// Steps are what the amount is made of, in the order of the tiers. There is none where a
	// quantity of zero is free.
	Steps []RatingStep
	// Subtotal is the sum of the steps.
	Subtotal decimal.Decimal
	// Minimum is the bound that raised the amount; nil if it did not.
	Minimum *decimal.Decimal
	// Maximum is the bound that lowered the amount; nil if it did not.
	Maximum *decimal.Decimal
	// Amount is the whole period's amount in major units before rounding, equal to [Table.Exact].
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

// Explain rates quantity q as [Table.Exact] does and says how. Errors: as [Table.Exact].
func (t *Table) Explain(q decimal.Decimal) (Rating, error) {
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

// explain is the part of the units that the piece charges, which it does from its own start on.
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

// String explains the amount in lines of plain text: what is charged, one line for each step with
// its arithmetic, the bounds where they changed the amount, and the amount. Amounts have at least
// the currency's decimals and all the digits that they need.
func (r Rating) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s for a quantity of %s\n", r.Model.describe(), dec.String(r.Quantity))
	if !r.FreeUnits.IsZero() {
		fmt.Fprintf(&b, "  %s free, %s charged\n", dec.String(r.FreeUnits), dec.String(r.Units))
	}
	if len(r.Steps) == 0 {
		b.WriteString("  nothing is due while no units are charged\n")
	}
	for _, step := range r.Steps {
		fmt.Fprintf(&b, "  %s%s\n", r.label(step), r.arithmetic(step))
	}
	if len(r.Steps) > 1 && (r.Minimum != nil || r.Maximum != nil) {
		fmt.Fprintf(&b, "  sum: %s\n", r.money(r.Subtotal))
	}
	if r.Minimum != nil {
		fmt.Fprintf(&b, "  raised to the minimum of %s\n", r.money(*r.Minimum))
	}
	if r.Maximum != nil {
		fmt.Fprintf(&b, "  lowered to the maximum of %s\n", r.money(*r.Maximum))
	}
	fmt.Fprintf(&b, "  amount: %s %s", r.money(r.Amount), r.Currency)
	if r.places(r.Amount) > r.Currency.Digits() {
		b.WriteString(" before rounding")
	}
	return b.String()
}

func (m Model) describe() string {
	switch m {
	case PerUnitModel:
		return "price per unit"
	case FlatFeeModel:
		return "flat fee"
	case VolumeModel:
		return "volume price"
	case TieredModel:
		return "tiered price"
	case PackageModel:
		return "price per started package"
	case StairstepModel:
		return "stairstep price"
	}
	return "price"
}

// label names the tier of a step, for the models that have tiers.
func (r Rating) label(s RatingStep) string {
	switch r.Model {
	case VolumeModel, TieredModel:
		return fmt.Sprintf("tier %d (%s): ", s.Tier+1, s.span())
	case StairstepModel:
		return fmt.Sprintf("step %d (%s): ", s.Tier+1, s.span())
	case PerUnitModel, FlatFeeModel, PackageModel:
	}
	return ""
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
	return fmt.Sprintf("above %s up to %s", dec.String(s.Above), dec.String(*s.UpTo))
}

// arithmetic writes a step as a sum that can be checked on paper.
func (r Rating) arithmetic(s RatingStep) string {
	if r.Model == FlatFeeModel || r.Model == StairstepModel {
		return r.money(s.Amount)
	}
	intro, count := "", s.Units
	if !s.PackageSize.IsZero() {
		count = s.Packages
		intro = fmt.Sprintf("%s in packages of %s: ", units(s.Units), dec.String(s.PackageSize))
	}
	var terms []string
	if !s.UnitAmount.IsZero() || s.FlatAmount.IsZero() {
		terms = append(terms, dec.String(count)+" x "+r.money(s.UnitAmount))
	}
	if !s.FlatAmount.IsZero() {
		terms = append(terms, "flat "+r.money(s.FlatAmount))
		if len(terms) == 1 { // nothing to add up
			return terms[0]
		}
	}
	return intro + strings.Join(terms, " + ") + " = " + r.money(s.Amount)
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
