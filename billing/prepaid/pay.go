package prepaid

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
)

// A unit is what is drawn for together: a line less its discounts, with the taxes that were
// added to it line by line; or a tax of the whole invoice.
type unit struct {
	line     *billing.Line
	id       uuid.UUID
	credits  uuid.UUID   // of a credit: the line that it credits
	net      money.Money // without tax
	tax      money.Money // that was added to it
	drawn    money.Money // what grants paid
	whole    bool        // a tax of the whole invoice
	taxLines []int
}

// paying is the drawing for one invoice.
type paying struct {
	c        *Checkpoint
	inv      *billing.Invoice
	terms    *Terms
	units    []*unit
	zero     money.Money
	returned money.Money
	onRest   bool
}

// paying finds what can be drawn for.
func (c *Checkpoint) paying(inv *billing.Invoice, terms *Terms) (*paying, error) {
	if !inv.Total.IsValid() || inv.Subscription == "" || inv.At.IsZero() {
		return nil, fmt.Errorf("%w: not an invoice", ErrInvoice)
	}
	currency := inv.Total.Currency()
	switch {
	case len(c.Grants) > 0 && c.Grants[0].Grant.Amount.Currency() != currency:
		return nil, fmt.Errorf("%w: %w", ErrInvoice, &money.MismatchError{A: currency, B: c.Grants[0].Grant.Amount.Currency()})
	case inv.CreditApplied.Sign() != 0:
		return nil, fmt.Errorf("%w: account credit was applied before", ErrInvoice)
	}
	zero := money.FromMinor(0, currency)
	p := &paying{c: c, inv: inv, terms: terms, zero: zero, returned: zero, onRest: terms.Tax == TaxOnRest}
	byID := map[uuid.UUID]*unit{}
	for i := range inv.Lines {
		line := &inv.Lines[i]
		u := &unit{line: line, net: line.Amount, tax: zero, drawn: zero}
		switch line.Kind {
		case billing.DiscountLine, billing.TaxLine:
			continue
		case billing.CreditLine:
			u.credits = inside.Of(inv, i)
		case billing.ChargeLine, billing.UsageLine, billing.OneOffLine, billing.TrueUpLine, billing.OverageLine:
		}
		u.id = inv.LineID(i)
		byID[u.id] = u
		p.units = append(p.units, u)
	}
	var sum sums
	for i := range inv.Lines {
		line := &inv.Lines[i]
		if line.Kind != billing.DiscountLine && line.Kind != billing.TaxLine {
			continue
		}
		u := byID[inside.Of(inv, i)]
		switch {
		case line.Kind == billing.DiscountLine && u != nil:
			sum.add(&u.net, line.Amount)
		case line.Kind == billing.TaxLine && u != nil:
			sum.add(&u.tax, line.Amount)
			u.taxLines = append(u.taxLines, i)
		case line.Kind == billing.TaxLine:
			p.units = append(p.units, &unit{line: line, id: inv.LineID(i), net: line.Amount, tax: zero, drawn: zero, whole: true, taxLines: []int{i}})
		}
	}
	return p, sum.err
}

// amount is what of a unit grants may pay.
func (p *paying) amount(u *unit) (money.Money, error) {
	if p.onRest {
		if u.whole {
			return p.zero, nil
		}
		return u.net, nil
	}
	return u.net.Add(u.tax)
}

// giveBack gives what credits give back to the grants that had paid it.
func (p *paying) giveBack() error {
	var sum sums
	as := Drawdown{Invoice: p.inv.ID(), At: utc(p.inv.At)}
	from := map[uuid.UUID]bool{} // the invoices whose lines are credited
	for _, u := range p.units {
		amount, err := p.amount(u)
		if err != nil {
			return err
		}
		if u.credits == uuid.Nil || !amount.IsNegative() {
			continue
		}
		for i := range p.c.Grants {
			for _, d := range p.c.Grants[i].Draws {
				if d.Line == u.credits && d.Amount.Sign() > 0 {
					from[d.Invoice] = true
				}
			}
		}
		if amount, err = amount.Neg(); err != nil {
			return err
		}
		back, err := p.c.giveBack(u.credits, amount, as)
		if err != nil {
			return err
		}
		sum.add(&p.returned, back)
	}
	for _, u := range p.units {
		if !u.whole || !u.net.IsNegative() || p.onRest {
			continue
		}
		left, err := u.net.Neg()
		if err != nil {
			return err
		}
		for _, line := range p.taxesOf(from, u.line.Charge) {
			back, err := p.c.giveBack(line, left, as)
			if err != nil {
				return err
			}
			sum.add(&p.returned, back)
			sum.sub(&left, back)
		}
	}
	return sum.err
}

// taxesOf returns the tax lines of invoices that grants paid, by id.
func (p *paying) taxesOf(invoices map[uuid.UUID]bool, rate string) []uuid.UUID {
	var all []uuid.UUID
	for i := range p.c.Grants {
		for _, d := range p.c.Grants[i].Draws {
			if d.Tax && d.Charge == rate && invoices[d.Invoice] && !slices.Contains(all, d.Line) {
				all = append(all, d.Line)
			}
		}
	}
	slices.SortFunc(all, compareIDs)
	return all
}

// pay draws on the grants, in their order, for the lines in theirs.
func (p *paying) pay() error {
	var sum sums
	budget := p.inv.Total
	if p.onRest {
		nets := p.zero
		for _, u := range p.units {
			if !u.whole {
				sum.add(&nets, u.net)
			}
		}
		budget = smaller(budget, nets)
	}
	sum.add(&budget, p.returned)
	for _, i := range p.c.order() {
		b := &p.c.Grants[i]
		for _, u := range p.units {
			if sum.err != nil || budget.Sign() <= 0 || b.Left.Sign() == 0 {
				break
			}
			open, err := p.amount(u)
			if err != nil {
				return err
			}
			limit, err := p.limit(b, u, open)
			if err != nil {
				return err
			}
			sum.sub(&limit, u.drawn)
			part := smaller(limit, smaller(b.Left, budget))
			if part.Sign() <= 0 {
				continue
			}
			sum.add(&u.drawn, part)
			sum.sub(&budget, part)
			sum.sub(&b.Left, part)
			b.Draws = append(b.Draws, Drawdown{
				Grant: b.Grant.ID, Invoice: p.inv.ID(), At: utc(p.inv.At), Line: u.id, Charge: u.line.Charge, Tax: u.whole, Amount: part, Left: b.Left,
			})
		}
	}
	return sum.err
}

// limit returns how much of a unit a grant may pay: all, nothing, or of a line that the
// grant's end divides what its time before is of its span.
func (p *paying) limit(b *Balance, u *unit, amount money.Money) (money.Money, error) {
	g := &b.Grant
	if amount.Sign() <= 0 || u.credits != uuid.Nil || u.line.Kind == billing.CreditLine || p.buys(u.line) {
		return p.zero, nil
	}
	if u.whole && !g.Scope.isAll() {
		return p.zero, nil
	}
	if pays, err := g.Scope.pays(u.line, p.terms.Metrics); err != nil || !pays {
		return p.zero, err
	}
	at := p.inv.At
	if at.Before(g.From) || !b.Ended.IsZero() && !at.Before(b.Ended) {
		return p.zero, nil
	}
	if g.Until.IsZero() || at.Before(g.Until) {
		return amount, nil
	}
	from, to := u.line.From, u.line.To
	used := g.late() == DrawLate && !u.whole && !to.IsZero() && !to.After(at) && from.Before(g.Until)
	switch {
	case !used:
		return p.zero, nil
	case !to.After(g.Until):
		return amount, nil
	}
	return amount.Prorate(g.Until.Sub(from).Microseconds(), to.Sub(from).Microseconds(), money.Down)
}

// buys reports whether a line is the one-off that bought a grant.
func (p *paying) buys(line *billing.Line) bool {
	return line.Kind == billing.OneOffLine && slices.ContainsFunc(p.c.Grants, func(b Balance) bool {
		return b.Grant.Source.Command == line.Command && b.Grant.Source.Subscription == p.inv.Subscription
	})
}
