package prepaid

import (
	"fmt"
	"slices"

	"github.com/perennial-billing/perennial/money"
)

// untax counts tax on what grants left: line by line, or once for the invoice.
func (p *paying) untax(d *Drawing) error {
	for _, t := range p.inv.Taxes {
		if t.Rate.Inclusive {
			return fmt.Errorf("%w: tax on the rest: prices hold %q", ErrInvoice, t.Rate.ID)
		}
	}
	var sum sums
	nets, drawn := p.zero, p.zero
	for _, u := range p.units {
		if u.whole {
			continue
		}
		u.drawn = p.zero
		for _, draw := range d.Draws {
			if draw.Line == u.id && draw.Amount.Sign() > 0 {
				sum.add(&u.drawn, draw.Amount)
			}
		}
		sum.add(&nets, u.net)
	}
	p.shareReturns(d, &sum)
	for _, u := range p.units {
		if u.whole {
			continue
		}
		sum.add(&drawn, u.drawn)
		if sum.err != nil {
			return wrap(sum.err)
		}
		for _, i := range u.taxLines {
			line := &p.inv.Lines[i]
			rest := u.net
			sum.sub(&rest, u.drawn)
			if sum.err != nil {
				return wrap(sum.err)
			}
			is, err := rest.Prorate(line.Num, line.Den, line.Rounding)
			if u.net.IsNegative() { // a share of what was charged, and not the rate
				is, err = line.Amount.Prorate(-rest.Minor(), -u.net.Minor(), line.Rounding)
			}
			if err != nil {
				return wrap(err)
			}
			p.cut(d, i, is, &sum)
		}
	}
	for _, u := range p.units {
		if !u.whole {
			continue
		}
		i := u.taxLines[0]
		base, ok := inside.TaxOfInvoice(p.inv, i)
		if !ok || base != nets {
			return fmt.Errorf("%w: tax on the rest: the tax %q is not on all lines alike: round it line by line", ErrInvoice, u.line.Charge)
		}
		rest := nets
		sum.sub(&rest, drawn)
		num := u.line.Percent.Shift(6).IntPart()
		is, err := rest.Prorate(num, 100*1_000_000, u.line.Rounding)
		if err != nil {
			return wrap(err)
		}
		p.cut(d, i, is, &sum)
	}
	p.spare(d, &sum)
	return wrap(sum.err)
}

// spare takes back what rounding would have of tax beyond what is due: where grants pay, the
// rest is not below zero.
func (p *paying) spare(d *Drawing, sum *sums) {
	if d.Drawn.Sign() <= 0 {
		return
	}
	over := d.Drawn
	sum.add(&over, d.Untaxed)
	sum.sub(&over, p.inv.Total)
	for i := len(d.Taxes) - 1; i >= 0 && sum.err == nil && over.Sign() > 0; i-- {
		t := &d.Taxes[i]
		if part := smaller(over, t.Amount); part.Sign() > 0 {
			sum.sub(&t.Amount, part)
			sum.sub(&d.Untaxed, part)
			sum.sub(&over, part)
		}
	}
	d.Taxes = slices.DeleteFunc(d.Taxes, func(t TaxCut) bool { return t.Amount.Sign() == 0 })
}

// shareReturns notes on each credit what it gave back to grants, below zero. Where several of
// an invoice credit one line, they share in their order.
func (p *paying) shareReturns(d *Drawing, sum *sums) {
	for _, draw := range d.Draws {
		back := draw.Amount
		if !back.IsNegative() {
			continue
		}
		for _, u := range p.units {
			if u.credits != draw.Line || u.drawn.Minor() <= u.net.Minor() || !back.IsNegative() {
				continue
			}
			part := u.net
			sum.sub(&part, u.drawn)
			if back.Minor() > part.Minor() { // the nearer to zero
				part = back
			}
			sum.add(&u.drawn, part)
			sum.sub(&back, part)
		}
	}
}

// cut notes what a tax line comes to less.
func (p *paying) cut(d *Drawing, i int, is money.Money, sum *sums) {
	amount := p.inv.Lines[i].Amount
	sum.sub(&amount, is)
	if sum.err != nil || amount.Sign() == 0 {
		return
	}
	d.Taxes = append(d.Taxes, TaxCut{Line: p.inv.LineID(i), Amount: amount})
	sum.add(&d.Untaxed, amount)
}
