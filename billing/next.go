package billing

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Next returns when the subscription is billed next and how much, if nothing more is
// done: the first invoice due after the checkpoint. With the zero checkpoint it assumes
// that all that fell due up to and including `at` was billed; how much of a discount was
// used by then follows from the history and the usage given.
//
// It generates nothing else, and costs the same on the first day and in year ten. The
// error is [ErrReconcile] and [ErrBoundary] as of [Invoices]. Where `at` lies before the
// checkpoint, because billing ran ahead, the answer is what comes after the checkpoint.
func Next(sub subscription.Subscription, usage Usage, checkpoint Checkpoint, at time.Time, options ...Option) (out NextInvoice, err error) {
	if sub.IsZero() {
		return NextInvoice{}, ErrZero
	}
	if err := within("at", at); err != nil {
		return NextInvoice{}, err
	}
	checkpoint.floor()
	derives := checkpoint.ChargedThrough.IsZero()
	if derives {
		checkpoint.ChargedThrough, checkpoint.LastCommand = utc(at), sub.Version()
	}
	o, err := gather(options)
	if err != nil {
		return NextInvoice{}, err
	}
	// Boundaries have whole microseconds: what instants have beyond them moves none across.
	var s renewalOnly
	if checkpoint.settled(sub) && s.applies(sub, &checkpoint, o) && s.acceptsAll(usage, &checkpoint) && s.agrees(usage, &checkpoint) && s.next(&out, sub, usage, &checkpoint, at) {
		return out, nil
	}
	if len(usage) == 0 && checkpoint.settled(sub) && s.nextOwn(&out, sub, &checkpoint, at, o) {
		return out, nil
	}
	at = utc(at)
	var m mark
	if err := m.from(sub, &checkpoint); err != nil {
		return NextInvoice{}, err
	}
	return next(sub, usage, m, later(at, m.ChargedThrough), o, derives)
}

// next returns what a run finds.
func next(sub subscription.Subscription, usage Usage, m mark, at time.Time, o *options, derives bool) (NextInvoice, error) {
	zero := money.FromMinor(0, sub.Currency())
	out := NextInvoice{Amount: zero, AmountDue: zero}
	r, err := newRun(sub, usage, m, o)
	if err != nil {
		return NextInvoice{}, err
	}
	r.derives, r.trusts = derives, derives
	if err := r.start(); err != nil {
		return NextInvoice{}, wrap(err)
	}
	if out.PlanAmount, err = planAmount(sub, at, o.policy); err != nil {
		return NextInvoice{}, err
	}
	if err := r.accept(usage); err != nil {
		return NextInvoice{}, err
	}
	r.emit = func(inv Invoice) bool {
		out.At, out.Amount, out.AmountDue = inv.At, inv.Total, inv.AmountDue
		out.Estimate = r.metered || slices.ContainsFunc(inv.Lines, func(line Line) bool {
			return line.Kind == UsageLine || line.Kind == TrueUpLine || line.Kind == OverageLine
		})
		out.Overdue = !inv.At.After(at)
		return false
	}
	if err := r.playOn(); err != nil {
		return NextInvoice{}, wrap(err)
	}
	if err := r.holdLevels(); err != nil {
		return NextInvoice{}, err
	}
	if out.Boundary = r.wake; r.unseen() {
		out.Boundary = r.mark.ChargedThrough
	}
	if out.At.IsZero() {
		out.Estimate = r.counts || r.timeline.now.meters()
	}
	return out, nil
}

// meters reports whether usage is rated.
func (s *side) meters() bool {
	return s.billable() && meters(s.seg.Phase())
}

func meters(phase *plan.CompiledPhase) bool {
	for charge := range phase.Charges() {
		if charge.Metric() != "" {
			return true
		}
	}
	return false
}

// rating returns the first charge that rates a metric; nil if none does.
func rating(phase *plan.CompiledPhase, metric string) *plan.CompiledCharge {
	for charge := range phase.Charges() {
		if charge.Metric() == metric {
			return charge
		}
	}
	return nil
}

// playOn plays on while an invoice can come: until the run is done, or until two
// periods of the open last segment, or two terms of its minimum, made none and nothing is
// left that could change that.
func (r *run) playOn() error {
	still := 0
	for !r.done {
		t, ok, err := r.next()
		if err != nil || !ok {
			return err
		}
		if r.wake.IsZero() {
			if wake, ok, err := r.nextByItself(); err == nil && ok && wake.After(r.mark.ChargedThrough) {
				r.wake = wake
			}
		}
		r.counts = r.counts || t.After(r.mark.ChargedThrough) && r.timeline.now.meters()
		before := [...]int{r.timeline.i, r.pending, r.made, len(r.interims)}
		waiting := len(r.waiting)
		if err := r.instant(t); err != nil {
			return err
		}
		after := [...]int{r.timeline.i, r.pending, r.made, len(r.interims)}
		if before != after || waiting != 0 || t.Before(r.mark.ChargedThrough) || r.expects(t) {
			still = 0
			continue
		}
		if still++; still > 2*r.perLongest()*r.spend.cycles() && r.timeline.now.seg.To().IsZero() {
			return nil
		}
	}
	return nil
}

// expects reports whether something is left that ends by itself: usage that was
// recorded for later, or a discount that holds for some cycles more.
func (r *run) expects(t time.Time) bool {
	if r.pending < r.sub.PendingItems() {
		return true
	}
	if r.usage.reaches(t) {
		return true
	}
	for _, s := range r.discounts {
		if n := len(s.redeemed); s.d.Duration == plan.ForCycles && n > 0 && s.redeemed[n-1].Uses < s.d.Cycles && !s.redeemed[n-1].InvoiceAt.Before(t) {
			return true // it was used just now, and ends
		}
		if s.d.Duration == plan.ForTime && !s.until.IsZero() && !s.over(t) {
			return true
		}
	}
	return false
}

// PlanAmount is the price of one full period of the plan at t at the quantities that are
// then in force, of a price for a part of it as often as it is in it; usage, one-time charges and
// those that bill by an interval of their own are left out. The error is [ErrRange] if t lies
// outside of the years 1 to 9999.
func PlanAmount(sub subscription.Subscription, t time.Time) (money.Money, error) {
	if err := within("at", t); err != nil {
		return money.Money{}, err
	}
	return planAmount(sub, t, plan.Policy{})
}

func planAmount(sub subscription.Subscription, t time.Time, choices plan.Policy) (money.Money, error) {
	total := money.FromMinor(0, sub.Currency())
	if sub.IsZero() {
		return total, ErrZero
	}
	i := sub.SegmentAt(t)
	if i < 0 {
		i = 0
	}
	seg := sub.Segment(i)
	rounding := choices.Or(seg.Policy()).Rounding
	for item := range seg.Phase().Charges() {
		if item.Once() || item.Metric() != "" || seg.Phase().Interval(item) != seg.Phase().Every() {
			continue
		}
		amount, err := seg.Price(item).Rate(seg.Quantity(item), rounding)
		if err != nil {
			return total, wrap(err)
		}
		for range seg.Phase().PricePeriods(item) {
			if total, err = total.Add(amount); err != nil {
				return total, wrap(err)
			}
		}
	}
	return total, nil
}
