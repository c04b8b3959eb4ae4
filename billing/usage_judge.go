package billing

import (
	"time"

	"github.com/perennial-billing/perennial/subscription"
)

// UsageFrom returns the instant from which usage is needed by a run after the checkpoint,
// and by [Next], [Preview] and [Forecast]: a run that is given the records at or after it
// makes the same invoices, and the same next checkpoint, as one that is given all. It is
// the beginning of the period in which the checkpoint lies; the beginning of the period
// before, if a discount of a fixed amount was added, which both share; and where nothing is
// billed at the checkpoint, as in a pause, the beginning of the last period that was. With
// the zero checkpoint it is the beginning of the subscription.
//
// Errors are those of [Invoices] for the subscription and the checkpoint.
func UsageFrom(sub subscription.Subscription, checkpoint Checkpoint) (time.Time, error) {
	checkpoint.floor()
	r, err := startingRun(sub, nil, checkpoint, &noOptions)
	if err != nil {
		return time.Time{}, wrap(err)
	}
	if r.resumed.IsZero() {
		return sub.Segment(0).From(), nil
	}
	return r.timeline.actual(r.resumed), nil
}

// CheckUsage judges one record, as when it arrives: nil if a run after the checkpoint
// accepts it and bills it where it belongs, or counts it as free, as in a trial. The
// errors are
//
//   - [ErrUsage] if it is invalid in itself;
//   - [ErrNotEntitled] if the subscription grants nothing at its instant;
//   - [ErrUnknownMetric] if no charge rates it, and the plan does not declare it;
//   - [ErrLateUsage], a [UsageError] with the part and the instant of its invoice, if an
//     invoice was made of the part of the period to which it belongs. Keep it, and call
//     [Reconcile] to bill it; or drop it.
//
// A record of a part that runs on is never late, however old.
func CheckUsage(sub subscription.Subscription, checkpoint Checkpoint, record Record) error {
	if sub.IsZero() {
		return ErrZero
	}
	record.At = utc(record.At)
	checkpoint.floor()
	if err := judge(sub, "", record); err != nil {
		return err
	}
	if record.At.After(checkpoint.ChargedThrough) {
		return nil
	}
	var m mark
	if err := m.from(sub, &checkpoint); err != nil {
		return err
	}
	r, err := newRun(sub, Usage{record}, m, &noOptions)
	if err != nil {
		return err
	}
	r.trusts, r.probe = true, &probe{record: record}
	if err := r.start(); err != nil {
		return wrap(err)
	}
	r.emit = func(Invoice) bool { return true }
	if err := r.play(m.ChargedThrough); err != nil {
		return err
	}
	return r.probe.late
}

// A probe looks for the invoice on which a record stands.
type probe struct {
	record Record
	late   error
}

// finds reports whether the line holds the record.
func (p *probe) finds(r *run, d *draft, line *draftLine) bool {
	a := line.part
	if a.charge.Metric() != p.record.Metric || p.record.At.Before(a.since) || !p.record.At.Before(a.until) {
		return false
	}
	if r.seen(d.at, d.command) {
		p.late = &UsageError{
			Err: ErrLateUsage, Metric: p.record.Metric, From: a.since, To: a.until,
			InvoiceAt: r.shown(d.at, d.wall), Given: p.record.Quantity,
		}
	}
	return true
}
