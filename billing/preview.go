package billing

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/subscription"
)

// ErrUnrelated: the two values to compare are not of the same subscription, or the
// second does not follow from the first.
var ErrUnrelated = fault.New(fault.Internal, "billing: not a later value of the subscription")

// A PreviewResult is what a change would bill. It is a result.
type PreviewResult struct {
	// Invoices are those that are made with the change, up to its instant, and that
	// are not made, or are different, without it.
	Invoices []Invoice
	// Checkpoint is the one that billing the change would leave.
	Checkpoint Checkpoint
	// Before and After are the next invoices without the change and with it.
	Before, After NextInvoice
}

// Preview shows what the verbs that lead from one value of a subscription to the next
// would bill. Verbs are pure, so the caller makes after, looks at it, and keeps or
// drops it. The result is that of applying the change: [Invoices] of after, up to the
// instant of the last verb, makes the same invoices and checkpoint, and also what is
// due with or without the change.
//
// after must follow from before ([ErrUnrelated]), by commands given at or after the
// checkpoint's mark: otherwise the error is [ErrReconcile], and [Reconcile] shows the
// difference.
func Preview(before, after subscription.Subscription, usage Usage, checkpoint Checkpoint, options ...Option) (PreviewResult, error) {
	if before.IsZero() || after.IsZero() {
		return PreviewResult{}, ErrZero
	}
	if !follows(before, after) {
		return PreviewResult{}, ErrUnrelated
	}
	usage = usage.whole()
	checkpoint.floor()
	at := checkpoint.ChargedThrough
	for n := before.Version() + 1; n <= after.Version(); n++ {
		at = later(at, after.Command(n).At)
	}
	if at.IsZero() {
		at = before.UpdatedAt()
	}
	usage = usage.until(at)
	o, err := gather(options)
	if err != nil {
		return PreviewResult{}, err
	}
	if o.unbillable != nil {
		aside := map[int]error{} // each once, however many runs find it
		options = append(slices.Clip(options), collecting(aside))
		defer func() {
			for _, i := range slices.Sorted(maps.Keys(aside)) {
				o.unbillable(i, usage[i], aside[i])
			}
		}()
	}
	without, billed, err := Invoices(before, usage, checkpoint, at, options...)
	if err != nil {
		return PreviewResult{}, err
	}
	var p PreviewResult
	if p.Invoices, p.Checkpoint, err = Invoices(after, usage, checkpoint, at, options...); err != nil {
		return PreviewResult{}, err
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
		return PreviewResult{}, err
	}
	p.After, err = Next(after, usage, p.Checkpoint, at, options...)
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

// equals reports whether two invoices with one id bill the same for the same reasons.
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

// alike reports whether two lines with one id have the same amount, computed in the
// same way.
func (l Line) alike(o Line) bool {
	return l.Amount == o.Amount && l.Name == o.Name && l.TaxCode == o.TaxCode && maps.Equal(l.Metadata, o.Metadata) && l.Num == o.Num && l.Den == o.Den && l.Basis == o.Basis &&
		l.Rounding == o.Rounding && l.Quantity.Equal(o.Quantity) && sameEvents(l.Events, o.Events) && l.Percent.Equal(o.Percent) && sameTable(l.table, o.table)
}

// until returns the records at t or before.
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
