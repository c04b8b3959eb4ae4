package prepaid

import (
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
)

// Available returns the balance at an instant less what usage so far would draw: the lines of
// usage of drafts, as the first invoice of [billing.Forecast] of each subscription has them,
// with their discounts and the taxes that are added to them line by line, drawn for as if they
// were invoiced then. Nothing is drawn.
func (c Checkpoint) Available(at time.Time, drafts []billing.Invoice, terms Terms) (money.Money, error) {
	next := c.clone()
	next.Billed = nil
	var used []billing.Invoice
	for _, inv := range drafts {
		part, err := usageOf(inv, at)
		if err != nil {
			return money.Money{}, wrap(err)
		}
		if len(part.Lines) > 0 {
			used = append(used, part)
		}
	}
	_, next, err := Draw(next, used, terms)
	if err != nil {
		return money.Money{}, err
	}
	return next.Balance(at)
}

// usageOf is the part of an invoice that bills usage, dated at an instant.
func usageOf(inv billing.Invoice, at time.Time) (billing.Invoice, error) {
	usage := map[uuid.UUID]bool{}
	for i, line := range inv.Lines {
		if line.Kind == billing.UsageLine {
			usage[inv.LineID(i)] = true
		}
	}
	part := inv
	part.Lines, part.At = nil, at
	part.CreditApplied = money.FromMinor(0, inv.Total.Currency())
	part.Total = part.CreditApplied
	var sum sums
	for i, line := range inv.Lines {
		if usage[inv.LineID(i)] || usage[inside.Of(&inv, i)] {
			part.Lines = append(part.Lines, line)
			sum.add(&part.Total, line.Amount)
		}
	}
	return part, sum.err
}
