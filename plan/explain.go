package plan

import (
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
)

// Rating shows how a price arrives at the amount of a whole period. Only [CompiledPrice.Explain] and
// [CompiledPrice.ExplainEvents] make one; its [Rating.String] is a text that can be sent to a customer.
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
	// Events is what single events came to, if the price rates them: there are no steps then.
	Events *EventRating
	// Subtotal is the sum of the steps.
	Subtotal decimal.Decimal
	// Minimum is the bound that raised the amount; nil if it did not.
	Minimum *decimal.Decimal
	// Maximum is the bound that lowered the amount; nil if it did not.
	Maximum *decimal.Decimal
	// Amount is the whole period's amount in major units before rounding, equal to [CompiledPrice.Exact].
	Amount decimal.Decimal

	perEvent *eventPrice
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
	// UnitAmount is the price of a unit, or of a package; the share of an amount that a rate takes,
	// a hundredth of it.
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
	r := Rating{Model: t.Model(), Currency: t.currency, Quantity: q, Units: q}
	units := q
	if !c.free.IsZero() {
		units = c.units(q)
		r.FreeUnits, r.Units = dec.Sub(q, units), canonical(units)
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
		r.Steps = make([]RatingStep, 0, last-first+1)
		for i := first; i <= last; i++ {
			step := c.pieces[i].explain(i, units)
			r.Steps = append(r.Steps, step)
			if i == first {
				r.Subtotal = step.Amount
			} else {
				r.Subtotal = dec.Add(r.Subtotal, step.Amount)
			}
		}
	}
	r.bound(c.bounds)
	return r, nil
}

// bound makes the amount of the subtotal.
func (r *Rating) bound(b Bounds) {
	r.Amount = r.Subtotal
	if b == (Bounds{}) {
		return
	}
	r.Amount = canonical(b.apply(r.Subtotal))
	switch r.Amount.Cmp(r.Subtotal) {
	case +1:
		r.Minimum = Bound(r.Amount)
	case -1:
		r.Maximum = Bound(r.Amount)
	}
}

// explain returns the part of the units that the piece charges, from its own start on.
func (p *piece) explain(tier int, units decimal.Decimal) RatingStep {
	if p.upTo != nil && units.GreaterThan(*p.upTo) {
		units = *p.upTo
	}
	step := RatingStep{
		Tier: tier, Above: p.above, UpTo: canonicalBound(p.upTo), Units: canonical(units),
		PackageSize: p.size, UnitAmount: p.unit, FlatAmount: p.flat,
	}
	if !p.from.IsZero() {
		step.Units = dec.Sub(units, p.from)
	}
	count := p.count(step.Units)
	if !p.size.IsZero() {
		step.Packages = canonical(count)
	}
	switch {
	case p.unit.IsZero():
		step.Amount = canonical(p.flat)
	case p.flat.IsZero():
		step.Amount = dec.Mul(p.unit, count)
	default:
		step.Amount = dec.Add(p.flat, dec.Mul(p.unit, count))
	}
	return step
}

// String returns the calculation as lines of plain text, the last of which ends in the amount: one
// line where the price has one step, and otherwise a line for each step, indented by two spaces.
// Amounts have at least the currency's decimals and all the digits that they need. The text has no
// names in it, and ends without a line break.
func (r Rating) String() string { return string(r.append(make([]byte, 0, 256))) }

func (r *Rating) append(b []byte) []byte {
	switch {
	case r.Events != nil:
		b = r.appendEvents(b)
	case len(r.Steps) == 0:
		b = r.appendMoney(append(r.appendIntro(b), ": "...), r.Subtotal)
	case len(r.Steps) == 1:
		b = r.appendOnly(b, &r.Steps[0])
	default:
		b = append(r.appendIntro(b), ':')
		for i := range r.Steps {
			step := &r.Steps[i]
			b = r.appendLabel(append(b, "\n  "...), step)
			if !step.PackageSize.IsZero() {
				b = appendUnits(append(b, ", "...), step.Units)
				b = dec.Append(append(b, " in packages of "...), step.PackageSize)
			}
			b = r.appendArithmetic(append(b, ": "...), step)
		}
		b = r.appendMoney(append(b, "\n  total: "...), r.Subtotal)
	}
	switch {
	case r.Minimum != nil:
		b = r.appendMoney(append(b, "\n  raised to the minimum of "...), *r.Minimum)
	case r.Maximum != nil:
		b = r.appendMoney(append(b, "\n  lowered to the maximum of "...), *r.Maximum)
	}
	b = append(append(b, ' '), r.Currency.String()...)
	if -int(canonical(r.Amount).Exponent()) > r.Currency.Digits() {
		b = append(b, " before rounding"...)
	}
	return b
}

var one = decimal.NewFromInt(1)

// appendIntro appends the quantity, and how much of it is free.
func (r *Rating) appendIntro(b []byte) []byte {
	if r.Model.sharesAmount() {
		b = r.appendMoney(b, r.Quantity)
		switch {
		case r.FreeUnits.IsZero():
			return b
		case r.Units.IsZero():
			return append(b, ", all of it free"...)
		}
		return append(r.appendMoney(append(b, ", "...), r.FreeUnits), " of it free"...)
	}
	b = appendUnits(b, r.Quantity)
	switch {
	case r.FreeUnits.IsZero():
		return b
	case !r.Units.IsZero():
		return append(dec.Append(append(b, ", "...), r.FreeUnits), " of them free"...)
	case r.Quantity.Equal(one):
		return append(b, ", free"...)
	}
	return append(b, ", all of them free"...)
}

// appendOnly appends the one step of a price that has no other.
func (r *Rating) appendOnly(b []byte, s *RatingStep) []byte {
	switch r.Model {
	case FlatFeeModel:
		return r.appendArithmetic(append(b, "Flat fee: "...), s)
	case PerUnitModel, PercentageModel:
		if r.FreeUnits.IsZero() {
			return r.appendArithmetic(b, s)
		}
	case PackageModel, VolumeModel, TieredModel, StairstepModel, GraduatedPercentageModel, MatrixModel:
		b = r.appendIntro(b)
		if r.Model != PackageModel {
			b = r.appendLabel(append(b, ", "...), s)
		}
		if !s.PackageSize.IsZero() {
			b = dec.Append(append(b, ", in packages of "...), s.PackageSize)
		}
		return r.appendArithmetic(append(b, ": "...), s)
	}
	return r.appendArithmetic(append(r.appendIntro(b), ": "...), s)
}

// appendLabel names the tier of a step, for the models that have tiers.
func (r *Rating) appendLabel(b []byte, s *RatingStep) []byte {
	name := "tier "
	if r.Model == StairstepModel {
		name = "step "
	}
	b = strconv.AppendInt(append(b, name...), int64(s.Tier)+1, 10)
	return append(s.appendSpan(append(b, " ("...), r.Model), ')')
}

func (s *RatingStep) appendSpan(b []byte, m Model) []byte {
	switch {
	case s.UpTo == nil && s.Above.IsZero() && m.sharesAmount():
		return append(b, "any amount"...)
	case s.UpTo == nil && s.Above.IsZero():
		return append(b, "any quantity"...)
	case s.UpTo == nil:
		return dec.Append(append(b, "above "...), s.Above)
	case s.Above.IsZero():
		return dec.Append(append(b, "up to "...), *s.UpTo)
	}
	b = dec.Append(append(b, "above "...), s.Above)
	return dec.Append(append(b, ", up to "...), *s.UpTo)
}

// appendArithmetic writes a step as a sum that can be checked on paper.
func (r *Rating) appendArithmetic(b []byte, s *RatingStep) []byte {
	if r.Model == FlatFeeModel || r.Model == StairstepModel {
		return r.appendMoney(b, s.Amount)
	}
	count := s.Units
	if !s.PackageSize.IsZero() {
		count = s.Packages
	}
	if !s.UnitAmount.IsZero() || s.FlatAmount.IsZero() {
		if r.Model.sharesAmount() {
			b = r.appendMoney(append(dec.Append(b, percent(s.UnitAmount)), "% of "...), count)
		} else {
			b = r.appendMoney(append(dec.Append(b, count), " x "...), s.UnitAmount)
		}
		if !s.FlatAmount.IsZero() {
			b = r.appendMoney(append(b, " + flat "...), s.FlatAmount)
		}
		return r.appendMoney(append(b, " = "...), s.Amount)
	}
	return r.appendMoney(append(b, "flat "...), s.FlatAmount) // a single term
}

func appendUnits(b []byte, n decimal.Decimal) []byte {
	if dec.Is(n, 1, 0) {
		return append(b, "1 unit"...)
	}
	return append(dec.Append(b, n), " units"...)
}

// appendMoney appends an amount with the currency's decimals, or more where it has more.
func (r *Rating) appendMoney(b []byte, amount decimal.Decimal) []byte {
	return dec.AppendFixed(b, amount, r.Currency.Digits())
}
