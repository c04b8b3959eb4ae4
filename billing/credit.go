package billing

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// giveBack adds the credit line for [from, to) of what was billed in advance.
func (r *run) giveBack(d *draft, tr *transition, p *prepaid, from, to point, credit plan.UnusedCredit) error {
	choices := tr.choices()
	if !p.charged && !(p.stands && choices.CreditBasis == plan.CreditList && credit == plan.CreditProrate && !tr.stops()) {
		return nil
	}
	line := d.line(CreditLine, p.charge, nil, tr.was.policy)
	line.span(from, to)
	line.Of = p.origin
	line.derivation = &derivation{gross: p.amount, discount: p.discount}
	part, z := calendar.Period{Start: from.Time, End: to.Time}, tr.was.seg.Zone()
	num, den, err := p.shareOf(part, line.Basis, z)
	if err != nil {
		return err
	}
	left, err := r.creditable(p)
	if err != nil {
		return err
	}
	// By the list basis a change gives no discount back to the cycle that it was drawn from.
	returns := tr.stops() || choices.CreditBasis != plan.CreditList
	switch {
	case credit == plan.CreditFull:
		line.Amount, err = left.Neg()
	case choices.CreditBasis == plan.CreditList:
		charge, ok := tr.was.seg.Phase().Charge(p.charge.ID())
		if !ok {
			return nil // it was left running when its plan was changed, and has no price any more
		}
		line.table, line.Quantity = tr.was.seg.Price(charge), tr.was.seg.Quantity(charge)
		if line.Num, line.Den, err = p.listShare(part, line.Basis, z); err != nil {
			return err
		}
		if line.Amount, err = line.table.RatePart(line.Quantity, -line.Num, line.Den, line.Rounding); err != nil {
			return err
		}
		if tr.stops() && line.Amount.Minor() < -left.Minor() {
			line.derivation.capped = true
			line.Amount, err = left.Neg()
		}
		p.listed = p.listed || !tr.stops()
	default:
		line.Num, line.Den = num, den
		if line.derivation.net, err = p.amount.Add(p.discount); err != nil {
			return err
		}
		if line.Amount, err = line.derivation.net.Prorate(-num, den, line.Rounding); err != nil {
			return err
		}
		if line.Amount.Minor() < -left.Minor() {
			line.derivation.capped = true
			line.Amount, err = left.Neg()
		}
	}
	if err != nil {
		return err
	}
	if returns {
		for _, draw := range p.drawn {
			draw.giveBack(num, den)
		}
	}
	if line.Amount.Sign() == 0 {
		return nil
	}
	back, err := line.Amount.Neg()
	if err != nil {
		return err
	}
	if p.credited, err = p.credited.Add(back); err != nil {
		return err
	}
	line.credits = p
	d.add(line)
	return r.spendsLess(line, p)
}

// shareOf returns what share of what was billed a span of it is.
func (p *prepaid) shareOf(part calendar.Period, basis calendar.Basis, z calendar.Zone) (num, den int64, err error) {
	if p.worthDen == 0 {
		return ratio(basis, part, p.billed, z)
	}
	m := p.measure
	m.basis = basis
	if num, den, err = m.share(part.Start, part.End); err != nil || num == 0 {
		return num, den, err
	}
	if num, den, err = times(num, den, p.worthDen, p.worthNum); err != nil {
		return 0, 0, err
	}
	return min(num, den), den, nil
}

// listShare returns what share of the whole period by which a part was billed a
// span of it is.
func (p *prepaid) listShare(part calendar.Period, basis calendar.Basis, z calendar.Zone) (num, den int64, err error) {
	m := p.measure
	m.basis = basis
	if !part.End.After(p.billed.End) || p.worthDen != 0 {
		return m.share(part.Start, part.End)
	}
	whole, err := m.holding(p.billed)
	if err != nil {
		return 0, 0, err
	}
	return ratio(basis, part, whole, z)
}

// creditable is what the billed line still holds: net of discounts, of earlier
// credits and of what the service took off it; not negative.
func (r *run) creditable(p *prepaid) (money.Money, error) {
	net, err := p.amount.Add(p.discount)
	if err != nil {
		return net, err
	}
	if net, err = net.Sub(p.credited); err != nil {
		return net, err
	}
	if r.options.adjusted != nil {
		if off, ok := r.options.adjusted[p.origin.id(r.sub.ID(), r.sub.Zone())]; ok {
			if net, err = net.Add(off); err != nil {
				return net, err
			}
		}
	}
	if net.IsNegative() { // a change may credit more than was paid
		net = money.FromMinor(0, net.Currency())
	}
	return net, nil
}
