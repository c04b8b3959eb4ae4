package account

import (
	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
)

// holds reports whether a line of the section has the id.
func (s *Section) holds(line uuid.UUID) bool {
	for i := range s.Invoice.Lines {
		if s.Invoice.LineID(i) == line {
			return true
		}
	}
	return false
}

// A taxAnew is a tax that several sections rounded, each for itself.
type taxAnew struct {
	rate      billing.TaxRate
	rounding  money.Rounding
	base, own money.Money
	sections  int
	last      int // the section that bears the difference
	line      uuid.UUID
}

// tax sums up the taxes of the sections, and rounds those anew that each section rounded
// once for itself and that share the credit: elsewhere what is due was settled before.
func (inv *Invoice) tax(shared func(int) bool) error {
	var anew []*taxAnew
	var sum sums
	for i := range inv.Sections {
		section := &inv.Sections[i]
		for _, t := range section.Invoice.Taxes {
			inv.addTax(t, &sum)
		}
		for j := range section.Invoice.Lines {
			base, ok := inside.TaxOfInvoice(&section.Invoice, j)
			if !ok || !shared(i) {
				continue
			}
			line := &section.Invoice.Lines[j]
			rate := billing.TaxRate{ID: line.Charge, Name: line.Name, Percent: line.Percent}
			t := find(&anew, rate, line.Rounding)
			if t.sections == 0 {
				t.base, t.own = money.FromMinor(0, base.Currency()), money.FromMinor(0, base.Currency())
			}
			sum.add(&t.base, base)
			sum.add(&t.own, line.Amount)
			t.sections++
			t.last, t.line = i, section.Invoice.LineID(j)
		}
	}
	for _, t := range anew {
		if sum.err != nil || t.sections < 2 {
			continue
		}
		whole, err := t.of()
		if err != nil {
			return err
		}
		amount := whole
		sum.sub(&amount, t.own)
		if amount.Sign() == 0 {
			continue
		}
		b := appendText(nil, inv.Account)
		b = appendText(b, "tax adjustment")
		inv.Adjustments = append(inv.Adjustments, Adjustment{
			ID: derived(append(b, t.line[:]...)), Subscription: inv.Sections[t.last].Invoice.Subscription, Of: t.line,
			Rate: t.rate, Base: t.base, Tax: whole, Amount: amount,
		})
		for n := range inv.Taxes {
			if sameRate(inv.Taxes[n].Rate, t.rate) {
				sum.add(&inv.Taxes[n].Amount, amount)
			}
		}
	}
	return sum.err
}

// addTax adds a tax of a section to those of the invoice.
func (inv *Invoice) addTax(t billing.Tax, sum *sums) {
	for n := range inv.Taxes {
		if have := &inv.Taxes[n]; sameRate(have.Rate, t.Rate) {
			sum.add(&have.Base, t.Base)
			sum.add(&have.Amount, t.Amount)
			return
		}
	}
	inv.Taxes = append(inv.Taxes, t)
}

func find(all *[]*taxAnew, rate billing.TaxRate, rounding money.Rounding) *taxAnew {
	for _, t := range *all {
		if sameRate(t.rate, rate) && t.rounding == rounding {
			return t
		}
	}
	t := &taxAnew{rate: rate, rounding: rounding}
	*all = append(*all, t)
	return t
}

// of returns the tax of all that the sections are taxed on, rounded once.
func (t *taxAnew) of() (money.Money, error) {
	// A percentage has at most six decimals.
	const places = 6
	num := t.rate.Percent.Shift(places)
	return t.base.Prorate(num.IntPart(), 100*1_000_000, t.rounding)
}
