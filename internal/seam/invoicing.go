package seam

import (
	"time"

	"github.com/google/uuid"
)

// An Invoicing is what the packages under billing ask of it beyond its functions: I is a
// billing.Invoice, M a money.Money and Z a calendar.Zone.
type Invoicing[I, M, Z any] struct {
	// Planned reports whether the invoice falls due by the calendar, and not by a command at
	// its instant.
	Planned func(inv *I) bool
	// Of returns the id of the line that line i refers to; uuid.Nil if it refers to none.
	Of func(inv *I, i int) uuid.UUID
	// TaxOfInvoice returns what line i, a tax that was rounded once for the invoice, was
	// counted on, and whether it is the rate of that and nothing else. It is false for any
	// other line, and where credits give back a share of it or prices hold another tax.
	TaxOfInvoice func(inv *I, i int) (base M, ok bool)
	// Explain is the explanation of the invoice up to its total.
	Explain func(inv *I) (string, error)
	// Show writes an instant for people, Label a name or the id of what has none, so that it
	// cannot pass for more than a name.
	Show  func(t time.Time, z Z) string
	Label func(name, id string) string
}
