package billing

import (
	"time"

	"github.com/perennial-billing/perennial/subscription"
)

// WakeAt returns when to look at a subscription again: the next instant after the
// checkpoint at which anything could fall due or change by itself, whatever that then
// comes to. It is the boundary of a metered plan without usage so far, of one whose free
// units are not used up, and of one that costs nothing for some cycles; the start of a
// future subscription, the end of a trial, of a pause and of a phase, and a scheduled
// change. A service that runs [Invoices] at that instant, and after each verb, misses
// nothing.
//
// Usage is not known here: where a plan bills it at thresholds, run Invoices also when it comes in.
//
// A command that was not billed yet is due at once: the answer is then its instant, or
// that of the checkpoint if it is later. With the zero checkpoint it is the creation of the
// subscription. The zero time means that nothing more can come but by a verb. Errors
// are those of [Invoices].
func WakeAt(sub subscription.Subscription, checkpoint Checkpoint, options ...Option) (time.Time, error) {
	if sub.IsZero() {
		return time.Time{}, ErrZero
	}
	checkpoint.floor()
	o, err := gather(options)
	if err != nil {
		return time.Time{}, err
	}
	var s renewalOnly
	if checkpoint.settled(sub) && s.applies(sub, &checkpoint, o) {
		return s.end, nil
	}
	var m mark
	if err := m.from(sub, &checkpoint); err != nil {
		return time.Time{}, err
	}
	r, err := newRun(sub, nil, m, o)
	if err == nil {
		r.trusts = true // it is given no usage
		err = r.start()
	}
	if err != nil {
		return time.Time{}, wrap(err)
	}
	if r.unseen() {
		return m.ChargedThrough, nil
	}
	r.emit = func(Invoice) bool { return true }
	for !r.done {
		t, ok, err := r.next()
		if err != nil {
			return time.Time{}, wrap(err)
		}
		if !ok {
			break
		}
		if !r.marked || t.After(m.ChargedThrough) {
			return t, nil
		}
		if err := r.instant(t); err != nil {
			return time.Time{}, wrap(err)
		}
	}
	return time.Time{}, nil
}

// unseen reports whether a command was given at the instant of the mark, or before it, that
// no run has seen: it is due at once.
func (r *run) unseen() bool {
	return r.marked && r.sub.LastCommand(r.mark.ChargedThrough) > r.mark.LastCommand
}
