package elasticpath

import (
	"errors"
	"time"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// Reading is the meaning of a document at an instant, in the engine's terms.
type Reading struct {
	// Status is the status. Closed says that the subscription has ended for good, Held
	// that it is on hold in its trial; the words do not say who paused a paused one.
	Status       lifecycle.Status
	Closed, Held bool
	// Canceled says that a cancel is scheduled or has taken effect, PauseWaits that a
	// pause is scheduled.
	Canceled, PauseWaits bool
	// Ends is when it ends or ended; zero if no ending is known.
	Ends time.Time
	// InvoiceAfter is the next boundary of the terms, or, if it is paused or has ended,
	// the end of the last term that was billed.
	InvoiceAfter time.Time
}

var errUnstarted = errors.New("inactive without a flag, though service went live")

// Read interprets a document at the instant at which it was shown.
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
		return Reading{}, wire.At("data.meta.status", errUnstarted)
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

// readingOf returns what a subscription is at an instant, in the same terms.
func readingOf(snap subscription.Snapshot, invoiceAfter time.Time) Reading {
	is := snap.State
	return Reading{
		Status: is.Status(), Closed: is.Closed(), Held: is.Held() && is.Status() != lifecycle.Paused && is.Status() != lifecycle.Cancelled,
		Canceled: !snap.CanceledAt.IsZero(), PauseWaits: is.Scheduled().Has(lifecycle.ScheduledPause) && is.Status() != lifecycle.Paused,
		Ends: wire.EndOf(snap), InvoiceAfter: invoiceAfter,
	}
}
