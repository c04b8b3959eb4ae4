package subscription

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/plan"
)

// Attached is an add-on that is attached.
type Attached struct {
	// ID is the id of the attachment.
	ID string
	// AddOn is the version of the add-on.
	AddOn plan.Ref
	// Quantity is how many units.
	Quantity decimal.Decimal
	// From is when it was attached.
	From time.Time
	// Until is when it is expected to end, by what it was attached with; zero if that is
	// not, or not yet, known. A change that waits is among Scheduled.
	Until time.Time
}

// Equal reports whether both say the same: decimals by value, instants whatever their zones.
func (a Attached) Equal(o Attached) bool {
	return a.ID == o.ID && a.AddOn == o.AddOn && a.Quantity.Equal(o.Quantity) && a.From.Equal(o.From) && a.Until.Equal(o.Until)
}

// attached returns what is attached, as a snapshot shows it.
func (s *span) attached() ([]Attached, error) {
	var all []Attached
	for id, a := range s.terms.attached.all() {
		shown := Attached{ID: id, AddOn: a.addOn.Ref(), Quantity: a.quantity, From: a.from}
		for _, end := range s.pendingFacts().ends {
			if end.command.Attachment != id {
				continue
			}
			shown.Until = end.at
			if end.at.IsZero() {
				var err error
				if shown.Until, err = s.endOf(end); err != nil {
					return nil, err
				}
			}
		}
		all = append(all, shown)
	}
	return all, nil
}
