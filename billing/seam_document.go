package billing

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// What package document borrows.
var _ = seam.Lend(seam.Documenting[Line, LineRef, Reconciliation, calendar.Zone]{
	UnitPrice: (*Line).unitPrice,
	ID:        func(ref LineRef, sub string, z calendar.Zone) uuid.UUID { return ref.id(subscription.ID(sub), z) },
	Origin:    func(r *Reconciliation) (string, calendar.Zone) { return string(r.subscription), r.zone },
	Invoice: func(r *Reconciliation, i int) uuid.UUID {
		if i >= len(r.invoices) {
			return uuid.Nil
		}
		return r.invoices[i]
	},
})

// unitPrice is [seam.Documenting.UnitPrice]: of a whole period under a plain price of a unit
// that neither free units nor bounds change.
func (l *Line) unitPrice() (decimal.Decimal, bool) {
	if l.table == nil || l.Num != l.Den || l.Kind != ChargeLine && l.Kind != UsageLine {
		return decimal.Decimal{}, false
	}
	per, ok := l.table.Price().(plan.PerUnit)
	if !ok {
		return decimal.Decimal{}, false
	}
	amount, err := money.FromDecimal(l.Quantity.Mul(per.UnitAmount), l.Amount.Currency(), l.Rounding)
	return per.UnitAmount, err == nil && amount == l.Amount
}
