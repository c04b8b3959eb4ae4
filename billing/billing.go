package billing

import (
	"time"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// Invoices returns the invoices due after the checkpoint, up to and including the
// instant to, oldest first, and the checkpoint to store with them. Due after the
// checkpoint is what falls due later, or at its instant by a command that it has not
// seen. With the zero checkpoint everything since the start is due.
//
// usage must contain every record at or after [UsageFrom]. Older records do no harm, and
// are not looked at. The checkpoint remembers what was counted: the error is
// [ErrMissingUsage] if less is there than an earlier run has counted, of a part that it
// billed or of the period that runs, and [ErrLateUsage] if there is more of a part that is
// billed. Both are a [UsageError]. More usage of what is not billed yet is always welcome,
// whatever its instant: it counts. If records were changed or withdrawn on purpose, or came
// too late, [Reconcile] with all of them bills the difference, and returns a checkpoint
// from which runs go on.
//
// The error is [ErrReconcile] if a command was
// given since for an instant before the checkpoint, [ErrBoundary] if other zone data no
// longer have the boundary that was billed last. A record that can never be billed is [ErrUsage],
// [ErrUnknownMetric] or [ErrNotEntitled], and the error says which one it is;
// [WithUnbillable] sets it aside. Where to lies before the checkpoint, nothing is due: there are no invoices, and
// the checkpoint is the one given. The error is [ErrRange] if to lies outside of the years 1
// to 9999, and money.ErrOverflow, with the line or the charge, if amounts do not fit.
func Invoices(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, to time.Time, options ...Option) ([]Invoice, Checkpoint, error) {
	return AppendInvoices(nil, sub, usage, checkpoint, to, options...)
}

// AppendInvoices is [Invoices] into a buffer of the caller: it returns dst with
// the invoices appended. On an error dst is returned as it was.
func AppendInvoices(dst []Invoice, sub subscription.Subscription, usage Usage, checkpoint Checkpoint, to time.Time, options ...Option) ([]Invoice, Checkpoint, error) {
	if sub.IsZero() {
		return dst, checkpoint.clone(), ErrZero
	}
	if err := within("to", to); err != nil {
		return dst, checkpoint.clone(), err
	}
	to = utc(to)
	checkpoint.floor()
	o, err := gather(options)
	if err != nil {
		return dst, checkpoint.clone(), err
	}
	var s renewalOnly
	if len(checkpoint.CarriedOver) == 0 && !to.Before(checkpoint.ChargedThrough) && checkpoint.settled(sub) && s.applies(sub, &checkpoint, o) &&
		!s.accrues() && s.acceptsAll(usage, &checkpoint) && s.agrees(usage, &checkpoint) {
		out, next, err := s.invoices(dst, sub, usage, &checkpoint, to)
		if err == nil {
			return out, next, nil
		}
		// A run says what is wrong, in its own words.
	}
	var m mark
	if err := m.from(sub, &checkpoint); err != nil || to.Before(m.ChargedThrough) || to.IsZero() {
		return dst, checkpoint.clone(), err
	}
	return play(dst, sub, usage, m, to, o)
}

func play(dst []Invoice, sub subscription.Subscription, usage Usage, m mark, to time.Time, o *options) ([]Invoice, Checkpoint, error) {
	checkpoint := m.checkpoint()
	r, err := newRun(sub, usage, m, o)
	if err == nil {
		err = r.start()
	}
	if err != nil {
		return dst, checkpoint.clone(), wrap(err)
	}
	if err := r.accept(usage); err != nil {
		return dst, checkpoint.clone(), err
	}
	out := dst
	r.emit = func(inv Invoice) bool {
		out = append(out, inv)
		return true
	}
	if err := r.play(to); err != nil {
		return dst, checkpoint.clone(), err
	}
	if err := r.holdLevels(); err != nil {
		return dst, checkpoint.clone(), err
	}
	next, err := r.checkpoint(to)
	if err != nil {
		return dst, checkpoint.clone(), wrap(err)
	}
	return out, next, nil
}

// NextInvoice is the result of [Next].
type NextInvoice struct {
	// At is the instant of the next invoice; zero if none would be made.
	At time.Time
	// Boundary is the next instant at which anything could fall due, whatever it comes to:
	// when to look again, as [WakeAt] says. Zero only where nothing more can come.
	Boundary time.Time
	// Amount is its total, before account credit; zero without one.
	Amount money.Money
	// AmountDue is what would be left to pay after account credit.
	AmountDue money.Money
	// PlanAmount is the price of one full period at the present quantities, usage
	// left out: what the plan costs, whatever is due next.
	PlanAmount money.Money
	// Estimate reports that usage is rated by then and may still come in, be it none so
	// far: the amount, or that there is no invoice, is then what holds if no more comes.
	Estimate bool
	// Overdue reports that the invoice fell due at or before the instant asked at.
	Overdue bool
}
