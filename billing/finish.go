package billing

import (
	"time"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// seen reports whether what a command caused at t was billed before the run.
func (r *run) seen(t time.Time, command int) bool {
	if !r.marked || t.After(r.mark.Through) {
		return false
	}
	return t.Before(r.mark.Through) || command <= r.mark.Command
}

// finish makes the invoice, if the lines come to one.
func (r *run) finish(b bill) error {
	if r.fault != nil {
		return r.fault
	}
	if b.wait {
		r.waiting = append(r.waiting, b.lines...)
		return nil
	}
	if len(b.lines) == 0 && !b.flush {
		return nil
	}
	// What was billed before belongs to invoices that were made: only the lines
	// that wait for a later one are of interest.
	b.lines = append(r.waiting, b.lines...)
	r.waiting = nil
	if err := r.discount(&b); err != nil {
		return err
	}
	if r.seen(b.at, b.command) {
		return nil
	}
	inv := Invoice{Subscription: r.sub.ID(), Zone: r.sub.Zone(), At: b.at, Command: b.command, Lines: b.lines}
	if err := r.tax(&inv); err != nil {
		return err
	}
	total := money.FromMinor(0, r.sub.Currency())
	for _, line := range inv.Lines {
		var err error
		if total, err = total.Add(line.Amount); err != nil {
			return err
		}
	}
	inv.Total = total
	if !r.worth(&inv) {
		return nil
	}
	if err := r.settle(&inv); err != nil {
		return err
	}
	for i := range inv.Lines {
		inv.Lines[i].live, inv.Lines[i].collect = nil, "" // of use to the run only
	}
	r.made++
	if !r.emit(inv) {
		r.done = true
	}
	return nil
}

// worth reports whether the lines come to an invoice, and drops those of zero.
func (r *run) worth(inv *Invoice) bool {
	if inv.Total.Sign() != 0 {
		inv.Lines = keep(inv.Lines, func(l Line) bool { return l.Amount.Sign() != 0 })
		return true
	}
	return len(inv.Lines) > 0 && r.policy.ZeroInvoices == plan.EmitZeroInvoices
}

// settle applies account credit, or makes some of a total below zero.
func (r *run) settle(inv *Invoice) error {
	zero := money.FromMinor(0, r.sub.Currency())
	inv.CreditApplied, inv.Due, inv.Refund = zero, zero, zero
	var err error
	if inv.Total.IsNegative() {
		back, err := inv.Total.Neg()
		if err != nil {
			return err
		}
		if r.policy.Negative == plan.RefundNegative {
			inv.Refund = back
			return nil
		}
		r.credit, err = r.credit.Add(back)
		return err
	}
	inv.CreditApplied = inv.Total
	if r.credit.Minor() < inv.Total.Minor() {
		inv.CreditApplied = r.credit
	}
	if inv.Due, err = inv.Total.Sub(inv.CreditApplied); err != nil {
		return err
	}
	r.credit, err = r.credit.Sub(inv.CreditApplied)
	return err
}

// collectNow makes an invoice of the one-offs that do not wait. Where nothing
// recurs there is no next invoice to wait for.
func (r *run) collectNow(t time.Time) error {
	endless := r.i >= 0 && r.seg.Billable() && r.seg.Grid().IsZero()
	for _, line := range r.waiting {
		if line.collect == plan.CollectNow || endless {
			return r.finish(bill{at: t, command: line.Command, flush: true})
		}
	}
	return nil
}
