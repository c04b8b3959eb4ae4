package cgscanning

import (
	"errors"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// Reading is the meaning of attributes at an instant, in the engine's terms.
type Reading struct {
	// Status is the status. Closed says that the subscription has ended for good, Held
	// that it is on hold in its trial or before its start; the words do not say who
	// paused a paused one.
	Status       lifecycle.Status
	Closed, Held bool
	// Start is when service begins or began.
	Start time.Time
	// Ends is when it ends or ended; zero if no ending is known.
	Ends time.Time
	// TermEnd is the end of the running term, or of the first one; zero if nothing
	// recurs, if it is not known, and if the subscription ends.
	TermEnd time.Time
	// TrialEnd is the end of a running or future trial; else zero.
	TrialEnd time.Time
	// Renews says that another term follows the running one.
	Renews bool
	// Interval is the length of a term.
	Interval Interval
}

var (
	errStatus   = errors.New("must be active, inactive or canceled")
	errStarted  = errors.New("active before the start_date")
	errFinished = errors.New("active after the end_date")
	errInterval = errors.New("must be none, monthly or yearly")
)

// Read interprets attributes at the instant at which they were shown. Without the
// details the interval is none.
func (s Shop) Read(a Attributes, at time.Time) (Reading, error) {
	var faults wire.Faults
	r := Reading{Start: a.StartDate.Time, Renews: a.AutoRenewal, Interval: a.Interval}
	if r.Interval == "" {
		r.Interval = None
	}
	if !r.Interval.IsValid() {
		faults.Add("billing_interval", errInterval)
	}
	if !a.Status.IsValid() {
		faults.Add("status", errStatus)
	}
	if a.TrialDurationDays < 0 {
		faults.Add("trial_duration_days", errDays)
	}
	if err := faults.Err(); err != nil {
		return Reading{}, err
	}
	trialEnd := r.Start
	if a.TrialEnabled {
		var err error
		if trialEnd, err = s.trialEnd(r.Start, a.TrialDurationDays); err != nil {
			return Reading{}, wire.At("trial_duration_days", err)
		}
	}
	var end time.Time
	if a.EndDate != nil {
		end = a.EndDate.Time
	}
	if err := r.status(a.Status, end, trialEnd, at); err != nil {
		return Reading{}, wire.At("status", err)
	}
	if r.Status == lifecycle.Future || r.Status == lifecycle.InTrial {
		if trialEnd.After(r.Start) {
			r.TrialEnd = trialEnd
		}
	}
	return r, r.ends(end, at)
}

// status derives the status from the word and the dates.
func (r *Reading) status(word Status, end, trialEnd, at time.Time) error {
	over := !end.IsZero() && !end.After(at)
	switch {
	case word == Canceled:
		r.Status = lifecycle.Cancelled
	case word == Inactive && over:
		r.Status, r.Closed = lifecycle.Cancelled, true
	case word == Inactive && r.Start.After(at):
		r.Status = lifecycle.Future
	case word == Inactive && trialEnd.After(at):
		r.Status, r.Held = lifecycle.InTrial, true
	case word == Inactive:
		r.Status = lifecycle.Paused
	case r.Start.After(at):
		return errStarted
	case zeroLength(r.Start, end):
		// The vendor's own example has such a term: it does not say when the
		// subscription ends.
		r.Status = lifecycle.Active
		if !r.Renews {
			r.Status = lifecycle.NonRenewing
		}
	case over:
		return errFinished
	case trialEnd.After(at):
		r.Status = lifecycle.InTrial
	case r.Renews:
		r.Status = lifecycle.Active
	default:
		r.Status = lifecycle.NonRenewing
	}
	return nil
}

// zeroLength reports whether the two dates of a record are the same.
func zeroLength(start, end time.Time) bool { return !end.IsZero() && end.Equal(start) }

// ends decides what the end date belongs to: the subscription if nothing recurs or
// renews, or if it is further away than any term reaches; else the term.
func (r *Reading) ends(end, at time.Time) error {
	if end.IsZero() {
		return nil
	}
	every := r.Interval.Calendar()
	switch {
	case r.Status == lifecycle.Cancelled:
		r.Ends = end
	case zeroLength(r.Start, end):
	case every.IsZero() || !r.Renews:
		r.Ends = end
	default:
		base := at
		for _, t := range []time.Time{r.Start, r.TrialEnd} {
			if t.After(base) {
				base = t
			}
		}
		reach, err := calendar.UTC().Add(base, every, calendar.Clamp)
		if err != nil {
			return wire.At("end_date", err)
		}
		// From the last day of a short month a term may be three days longer.
		if r.TermEnd = end; end.After(reach.Add(3 * 24 * time.Hour)) {
			r.Ends, r.TermEnd = end, time.Time{}
		}
	}
	return nil
}

// reading returns what a subscription is at an instant, in the same terms.
func (s Shop) reading(sub subscription.Subscription, at time.Time) (Reading, error) {
	snap, err := sub.At(at)
	if err != nil {
		return Reading{}, err
	}
	v := sub.Plan(at)
	if v == nil {
		return Reading{}, ErrNotFound
	}
	r := Reading{
		Status: snap.State.Status(), Closed: snap.State.Closed(), Ends: wire.EndOf(snap),
	}
	r.Held = snap.State.Held() && (r.Status == lifecycle.InTrial || r.Status == lifecycle.Future)
	if r.Start, err = wire.StartOf(sub, snap); err != nil {
		return Reading{}, err
	}
	r.Interval, _ = intervalOf(v.Phase(snap.Stage).Every())
	if r.Interval == "" {
		r.Interval = None
	}
	r.Renews = snap.AutoRenewal && (r.Interval == None || snap.State.Endings().Len() == 0)
	if r.Status == lifecycle.Future || r.Status == lifecycle.InTrial {
		if trial, ok := wire.TrialOf(sub, at); ok && trial.End.After(at) {
			r.TrialEnd = trial.End
		}
	}
	if r.Ends.IsZero() && r.Interval != None {
		r.TermEnd = termEnd(sub, snap, at)
	}
	return r, nil
}

// termEnd returns the end of the running or first term; zero in a pause that has
// outlasted its term.
func termEnd(sub subscription.Subscription, snap subscription.Snapshot, at time.Time) time.Time {
	switch snap.State.Status() {
	case lifecycle.Future, lifecycle.InTrial:
		for i := max(0, sub.SegmentAt(at)); i < sub.Segments(); i++ {
			if seg := sub.Segment(i); seg.Billable() {
				return seg.Period().End
			}
		}
		return time.Time{}
	case lifecycle.Active, lifecycle.NonRenewing:
		return snap.Period.End
	case lifecycle.Paused:
		if snap.Period.End.After(at) {
			return snap.Period.End
		}
	case lifecycle.Cancelled:
	}
	return time.Time{}
}
