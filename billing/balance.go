package billing

import (
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// dropZeroLines reports whether the lines amount to an invoice, and drops those of
// zero from one that bills something, but for those that say what lies above a spend cap.
func dropZeroLines(inv *Invoice, zero plan.ZeroInvoices) bool {
	if inv.Total.Sign() == 0 {
		return len(inv.Lines) > 0 && zero == plan.EmitZeroInvoices
	}
	inv.Lines = keep(inv.Lines, func(l Line) bool { return l.Amount.Sign() != 0 || l.OverCap != nil })
	return true
}

// settle is applyBalance, or leaves the credit to an account.
func (o *options) settle(inv *Invoice, balance *money.Money, negative plan.Negative) error {
	if !o.withoutCredit {
		return applyBalance(inv, balance, negative)
	}
	none := money.FromMinor(0, inv.Total.Currency())
	return applyBalance(inv, &none, negative)
}

// applyBalance applies the customer's credit balance to an invoice, or adds a total
// below zero to it.
func applyBalance(inv *Invoice, balance *money.Money, negative plan.Negative) error {
	zero := money.FromMinor(0, inv.Total.Currency())
	inv.CreditApplied, inv.AmountDue, inv.Refund = zero, zero, zero
	var err error
	if inv.Total.IsNegative() {
		back, err := inv.Total.Neg()
		if err != nil {
			return err
		}
		if negative == plan.RefundNegative {
			inv.Refund = back
			return nil
		}
		*balance, err = balance.Add(back)
		return err
	}
	inv.CreditApplied = inv.Total
	if balance.Minor() < inv.Total.Minor() {
		inv.CreditApplied = *balance
	}
	if inv.AmountDue, err = inv.Total.Sub(inv.CreditApplied); err != nil {
		return err
	}
	*balance, err = balance.Sub(inv.CreditApplied)
	return err
}
