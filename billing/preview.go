package billing

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/subscription"
)

// ErrUnrelated: two subscriptions to compare are not one and the same, or the
// second does not follow from the first.
var ErrUnrelated = errors.New("billing: not a later value of the subscription")

// A Difference is what a change would bill. It is a result.
type Difference struct {
	// Invoices are those that billing makes with the change, up to its instant, and
	// does not make, or makes otherwise, without it.
	Invoices []Invoice
	// Ledger is the one that billing the change would leave.
	Ledger Ledger
	// Before and After are what is billed next without the change and with it.
	Before, After Billing
}

// Preview shows what the verbs that lead from one subscription to the next
// would bill: verbs being pure, after is made, looked at, and kept or dropped. It
// is the same path as applying: [Invoices] of after, up to the instant of the last
// verb, makes the same invoices and ledger, and what is due with or without the
// change.
//
// after must follow from before ([ErrUnrelated]), by commands given at or after the
// ledger's mark: otherwise the error is [ErrReconcile], and [Reconcile] shows the
// difference.
func Preview(before, after subscription.Subscription, usage Usage, ledger Ledger, options ...Option) (Difference, error) {
	if before.IsZero() || after.IsZero() {
		return Difference{}, ErrZero
	}
	if !follows(before, after) {
		return Difference{}, ErrUnrelated
	}
	at := ledger.Through
	for n := before.Version() + 1; n <= after.Version(); n++ {
		at = later(at, after.Command(n).At)
	}
	if at.IsZero() {
		at = before.UpdatedAt()
	}
	usage = usage.until(at)
	without, billed, err := Invoices(before, usage, ledger, at, options...)
	if err != nil {
		return Difference{}, err
	}
	var p Difference
	if p.Invoices, p.Ledger, err = Invoices(after, usage, ledger, at, options...); err != nil {
		return Difference{}, err
	}
	anyway := make(map[uuid.UUID]Invoice, len(without))
	for _, inv := range without {
		anyway[inv.ID()] = inv
	}
	p.Invoices = slices.DeleteFunc(p.Invoices, func(inv Invoice) bool {
		same, ok := anyway[inv.ID()]
		return ok && inv.equals(same)
	})
	if p.Before, err = Next(before, usage, billed, at, options...); err != nil {
		return Difference{}, err
	}
	p.After, err = Next(after, usage, p.Ledger, at, options...)
	return p, err
}

// follows reports whether after is before with more commands.
func follows(before, after subscription.Subscription) bool {
	n := before.Version()
	if before.ID() != after.ID() || !before.CreatedAt().Equal(after.CreatedAt()) || after.Version() < n {
		return false
	}
	last, same := before.Command(n), after.Command(n)
	return last.Action == same.Action && last.At.Equal(same.At)
}

// equals reports whether two invoices of one id bill the same for the same reasons.
func (inv Invoice) equals(o Invoice) bool {
	if inv.Total != o.Total || inv.CreditApplied != o.CreditApplied || inv.Refund != o.Refund || len(inv.Lines) != len(o.Lines) {
		return false
	}
	for i, line := range inv.Lines {
		if inv.LineID(i) != o.LineID(i) || !line.alike(o.Lines[i]) {
			return false
		}
	}
	return true
}

// alike reports whether two lines of one id come to the same in the same way.
func (l Line) alike(o Line) bool {
	return l.Amount == o.Amount && l.Name == o.Name && l.Num == o.Num && l.Den == o.Den && l.Basis == o.Basis &&
		l.Rounding == o.Rounding && l.Quantity.Equal(o.Quantity) && l.Percent.Equal(o.Percent) && l.table == o.table
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
