package billing

import (
	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// What is lent by the rooms below; nothing changes it.
var (
	inside = seam.Borrow[seam.Timeline[subscription.Subscription, subscription.Segment, subscription.Change, calendar.Period, plan.UnusedCredit]]()
	prices = seam.Borrow[seam.Rating[*plan.CompiledPrice]]()
)

// What is lent to the packages under this one.
var _ = seam.Lend(seam.Invoicing[Invoice, money.Money, calendar.Zone]{
	Planned:      func(inv *Invoice) bool { return inv.wall },
	Of:           (*Invoice).lineOf,
	TaxOfInvoice: (*Invoice).taxOfInvoice,
	Explain: func(inv *Invoice) (string, error) {
		b, err := inv.appendTotal(make([]byte, 0, 1024))
		return string(b), err
	},
	Show:  show,
	Label: label,
})

// lineOf is [seam.Invoicing.Of].
func (inv *Invoice) lineOf(i int) uuid.UUID {
	of := inv.Lines[i].Of
	if of == (LineRef{}) {
		return uuid.Nil
	}
	for j := range inv.Lines {
		if ref := inv.Lines[j].Ref(); j != i && ref.is(of) {
			return inv.LineID(j) // a decoded one keeps its id
		}
	}
	return of.id(inv.Subscription, inv.Zone)
}

// is reports whether both name one line.
func (o LineRef) is(p LineRef) bool {
	return o.Kind == p.Kind && o.Charge == p.Charge && o.From.Equal(p.From) && o.To.Equal(p.To) && o.Command == p.Command
}

// taxOfInvoice is [seam.Invoicing.TaxOfInvoice].
func (inv *Invoice) taxOfInvoice(i int) (money.Money, bool) {
	line := &inv.Lines[i]
	d := line.derivation
	ok := line.Kind == TaxLine && line.Of == (LineRef{}) && line.To.IsZero() && d != nil && d.net.IsValid() && !d.held && !d.shared
	if !ok {
		return money.Money{}, false
	}
	return d.net, true
}
