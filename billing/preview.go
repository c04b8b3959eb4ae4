package billing

import (
	"time"

	"github.com/perennial-billing/perennial/subscription"
)

// A Difference is what a change would bill. It is a result.
type Difference struct {
	// Invoices are those that the change makes at once.
	Invoices []Invoice
	// Ledger is the one that billing the change would leave.
	Ledger Ledger
	// Before and After are what is billed next without the change and with it.
	Before, After Billing
}

// Preview shows what the verbs that lead from one subscription to the next
// would bill: verbs being pure, after is made, looked at, and kept or dropped. It
// is the same path as applying: the invoices are those that a run makes when the
// change is kept. What is due without the change is billed first.
//
// after must follow from before by commands given at or after the ledger's mark;
// otherwise the error is [ErrReconcile], and [Reconcile] shows the difference.
func Preview(before, after subscription.Subscription, usage Usage, ledger Ledger, options ...Option) (Difference, error) {
	if before.IsZero() || after.IsZero() {
		return Difference{}, ErrZero
	}
	at := ledger.Through
	for n := before.Version() + 1; n <= after.Version(); n++ {
		at = later(at, after.Command(n).At)
	}
	if at.IsZero() {
		at = before.UpdatedAt()
	}
	_, billed, err := Invoices(before, usage.until(at), ledger, at, options...)
	if err != nil {
		return Difference{}, err
	}
	var p Difference
	if p.Invoices, p.Ledger, err = Invoices(after, usage.until(at), billed, at, options...); err != nil {
		return Difference{}, err
	}
	if p.Before, err = Next(before, usage, billed, at, options...); err != nil {
		return Difference{}, err
	}
	p.After, err = Next(after, usage, p.Ledger, at, options...)
	return p, err
}

// until answers the records at t or before.
func (u Usage) until(t time.Time) Usage {
	for _, r := range u {
		if r.At.After(t) {
			var kept Usage
			for _, r := range u {
				if !r.At.After(t) {
					kept = append(kept, r)
				}
			}
			return kept
		}
	}
	return u
}
