package elasticpath

import (
	"errors"
	"time"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// Reading is what a document means at an instant, in the engine's words.
type Reading struct {
	// Status is the status. Closed says that it is over for good, Held that an operator
	// holds it; of a paused one the words do not say whose pause it is.
	Status       lifecycle.Status
	Closed, Held bool
	// Canceled says that a cancel stands, ahead or past, PauseWaits that a pause is
	// scheduled.
	Canceled, PauseWaits bool
	// Ends is when it ends or ended; zero while nothing ends it.
	Ends time.Time
	// InvoiceAfter is the next boundary of the terms.
	InvoiceAfter time.Time
}

var errUnstarted = errors.New("inactive without a flag, though service went live")

// Read says what a document means at the instant at which it was shown.
func Read(d Document, kept Kept, at time.Time) (Reading, error) {
	m := d.Data.Meta
	r := Reading{Closed: m.Closed, Canceled: m.Canceled, Ends: timeOf(m.Timestamps.EndDate), InvoiceAfter: m.InvoiceAfter.Time}
	ended := r.Ends.IsZero() || !r.Ends.After(at)
	switch {
	case m.Closed, m.Status == Inactive && m.Canceled && ended:
		r.Status = lifecycle.Cancelled
	case m.Status == Inactive && kept.GoLive.After(at):
		r.Status = lifecycle.Future
	case m.Status == Inactive && m.Paused:
		r.Status = lifecycle.Paused
	case m.Status == Inactive && kept.TrialEnd.After(at):
		r.Status, r.Held = lifecycle.InTrial, true
	case m.Status == Inactive:
		return Reading{}, &wire.FieldError{Path: "data.meta.status", Err: errUnstarted}
	case kept.TrialEnd.After(at):
		r.Status = lifecycle.InTrial
	case !r.Ends.IsZero() && !r.Ends.After(r.InvoiceAfter):
		r.Status = lifecycle.NonRenewing
	default:
		r.Status = lifecycle.Active
	}
	r.PauseWaits = m.Paused && r.Status != lifecycle.Paused && r.Status != lifecycle.Cancelled
	return r, nil
}

// readingOf is what a subscription is at an instant, in the same words.
func readingOf(snap subscription.Snapshot, invoiceAfter time.Time) Reading {
	is := snap.State
	return Reading{
		Status: is.Status(), Closed: is.Closed(), Held: is.Held() && is.Status() != lifecycle.Paused && is.Status() != lifecycle.Cancelled,
		Canceled: !snap.CanceledAt.IsZero(), PauseWaits: is.Scheduled().Has(lifecycle.ScheduledPause) && is.Status() != lifecycle.Paused,
		Ends: wire.EndOf(snap), InvoiceAfter: invoiceAfter,
	}
}
