package document

import (
	"fmt"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/money"
)

// inside is what billing lends; nothing changes it.
var inside = seam.Borrow[seam.Documenting[billing.Line, billing.LineRef, billing.Reconciliation, calendar.Zone]]()

// A Treatment says under which tax a line falls.
type Treatment struct {
	// Rate is the rate that the hook of [billing.WithTaxes] returned for the line; where it
	// returned none, a rate of zero percent under any id, to hold the category.
	Rate billing.TaxRate
	// Category is the category of VAT; empty is [Standard] for a rate above zero, and no
	// category otherwise.
	Category Category
	// Reason and ReasonCode say why there is no tax.
	Reason, ReasonCode string
}

// Details are what a document says that billing does not know.
type Details struct {
	Seller, Buyer                 Party
	BuyerReference, PurchaseOrder string
	Note                          string
	Terms                         Terms
	// Window is for how many civil days after its day the draft stays open; 0, the default,
	// lets it be issued at once. A credit note or a supplementary invoice has none.
	Window int
	// Tax returns the treatments of a line, one for each of its taxes: the counterpart of the
	// hook of [billing.WithTaxes], which returned the rates. It is asked for every line but
	// discounts, taxes, and what corrects a line of a document, which is taxed as that one. Nil
	// stands for a function that returns the one rate of the invoice, if it has one, and no
	// tax if it has none.
	Tax func(line billing.Line) []Treatment
}

// New returns the draft of the document of an invoice: an [Invoice], or a [CreditNote] if
// its total is below zero. Issued are documents of the subscription; those whose lines the
// invoice gives back must be among them if it becomes a credit note, and are then its references. The
// draft has the amounts of the invoice to the minor unit: its Total is that of the invoice,
// or the opposite.
//
// An invoice of a forecast is refused, as are taxes that do not agree with the treatments.
func New(inv billing.Invoice, details Details, issued ...Document) (Document, error) {
	d := details.document()
	d.ID, d.Subscription, d.At, d.Zone, d.Command = inv.ID(), string(inv.Subscription), inv.At, inv.Zone, inv.Command
	if inv.Draft {
		return Document{}, fmt.Errorf("%w: the invoice is a forecast", ErrState)
	}
	if !inv.Total.IsValid() {
		return Document{}, fmt.Errorf("document: invoice: %w", money.ErrInvalid)
	}
	b := newBuilder(&d, details, issued, inv.Total.Currency())
	for i := range inv.Lines {
		b.add(inv.LineID(i), inv.Lines[i])
	}
	b.stated, b.wholly = inv.Taxes, true
	d.Kind = Invoice
	if inv.Total.IsNegative() {
		d.Kind, d.Window = CreditNote, 0
	}
	if err := b.build(inv.CreditApplied); err != nil {
		return Document{}, err
	}
	return d, d.Validate()
}

// Redraft makes a draft again from the invoice that another run made of it, as of usage
// that arrived within its window. Once the document is issued that is [ErrState]: what is
// found then is for [billing.Reconcile] and [Correct]. An invoice of another id is refused.
func (d Document) Redraft(inv billing.Invoice, details Details, issued ...Document) (Document, error) {
	switch {
	case d.State != Draft:
		return Document{}, fmt.Errorf("%w: %q is %s", ErrState, d.Number, d.State)
	case inv.ID() != d.ID:
		return Document{}, fault.Inconsistent.Errorf("document: invoice: %s is not the one of the draft, %s", inv.ID(), d.ID)
	}
	return New(inv, details, issued...)
}

func (t Details) document() Document {
	return Document{
		State: Draft, Seller: t.Seller, Buyer: t.Buyer, BuyerReference: t.BuyerReference, PurchaseOrder: t.PurchaseOrder,
		Note: t.Note, Terms: t.Terms, Window: t.Window,
	}
}
