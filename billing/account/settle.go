package account

import (
	"github.com/perennial-billing/perennial/money"
)

// settle sums an invoice up: what grants and credit pay of it, and what is due.
func (c *combining) settle(inv *Invoice, shared func(int) bool) error {
	zero := inv.Total
	sum := sums{}
	open := make([]money.Money, len(inv.Sections)) // what is left of each section
	net := zero                                    // of all that share the credit
	refunds := zero
	for i := range inv.Sections {
		s := &inv.Sections[i]
		drawn := orZero(s.Drawn, zero)
		sum.add(&inv.Total, s.Invoice.Total)
		sum.add(&inv.Drawn, drawn)
		if !shared(i) {
			s.CreditApplied = s.Invoice.CreditApplied
			sum.add(&inv.CreditApplied, s.CreditApplied)
			sum.add(&inv.AmountDue, s.Invoice.AmountDue)
			sum.sub(&inv.AmountDue, drawn)
			sum.add(&inv.Refund, s.Invoice.Refund)
			if s.Invoice.Total.IsNegative() {
				sum.sub(&inv.Credited, s.Invoice.Total)
				sum.sub(&inv.Credited, s.Invoice.Refund)
			}
			continue
		}
		open[i] = s.Invoice.Total
		for _, a := range inv.Adjustments {
			if a.Subscription == s.Invoice.Subscription && s.holds(a.Of) {
				sum.add(&open[i], a.Amount)
				sum.add(&inv.Total, a.Amount)
			}
		}
		sum.sub(&open[i], drawn)
		sum.add(&net, open[i])
		sum.add(&refunds, s.Invoice.Refund)
		s.CreditApplied = zero
	}
	if sum.err != nil {
		return sum.err
	}
	if net.IsNegative() {
		back := zero
		sum.sub(&back, net)
		refund := smaller(refunds, back)
		sum.add(&inv.Refund, refund)
		sum.sub(&back, refund)
		sum.add(&inv.Credited, back)
		sum.add(&c.balance, back)
		return sum.err
	}
	left := net
	if left.Sign() > 0 {
		left = smaller(left, c.balance)
	} else {
		left = zero
	}
	sum.add(&inv.AmountDue, net)
	sum.sub(&inv.AmountDue, left)
	sum.add(&inv.CreditApplied, left)
	sum.sub(&c.balance, left)
	for i := range inv.Sections {
		if !shared(i) || open[i].Sign() <= 0 {
			continue
		}
		s := &inv.Sections[i]
		s.CreditApplied = smaller(open[i], left)
		sum.sub(&left, s.CreditApplied)
	}
	return sum.err
}

// sums adds amounts and keeps the first error.
type sums struct{ err error }

func (s *sums) add(to *money.Money, m money.Money) {
	if s.err == nil {
		*to, s.err = to.Add(m)
	}
}

func (s *sums) sub(from *money.Money, m money.Money) {
	if s.err == nil {
		*from, s.err = from.Sub(m)
	}
}
