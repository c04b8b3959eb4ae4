package seam

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// A Documenting is what document asks of billing beyond its page: L is a billing.Line, F a
// billing.LineRef, R a billing.Reconciliation and Z a calendar.Zone.
type Documenting[L, F, R, Z any] struct {
	// UnitPrice returns the price of a unit where the amount of the line is its quantity
	// times that price, rounded.
	UnitPrice func(l *L) (price decimal.Decimal, ok bool)
	// ID is the id of the line that is named, which itself refers to no other.
	ID func(ref F, subscription string, z Z) uuid.UUID
	// Origin is the subscription of a reconciliation, and its zone.
	Origin func(r *R) (subscription string, z Z)
	// Invoice returns the id of the invoice on which line i of a reconciliation should have
	// been; the nil UUID if that is not known.
	Invoice func(r *R, i int) uuid.UUID
}
