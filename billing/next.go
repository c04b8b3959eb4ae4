package billing

import (
	"time"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Next answers when the subscription is billed next and how much, if nothing more
// is done: the first invoice due after the ledger's mark. Without a mark it is
// answered as if all that fell due before `at` had been billed; what falls due at
// `at` itself then counts as billed too.
//
// It generates nothing else, and costs the same on the first day and in year ten.
func Next(sub subscription.Subscription, usage Usage, ledger Ledger, at time.Time, options ...Option) (Billing, error) {
	if sub.IsZero() {
		return Billing{}, ErrZero
	}
	if !ledger.Through.IsZero() && at.Before(ledger.Through) {
		return Billing{}, ErrPast
	}
	if ledger.Through.IsZero() {
		ledger.Through, ledger.Command = at, sub.Version()
	}
	o, err := gather(options)
	if err != nil {
		return Billing{}, err
	}
	if s, ok := steadily(sub, usage, ledger, o); ok {
		if out, ok, err := s.next(sub, usage, ledger, at); ok || err != nil {
			return out, wrap(err)
		}
	}
	return next(sub, usage, ledger, at, options)
}

// next answers for a steady subscription; false if its renewal makes no invoice.
func (s *steady) next(sub subscription.Subscription, usage Usage, ledger Ledger, at time.Time) (Billing, bool, error) {
	total, plain, metered, err := s.amounts(usage, sub.Currency())
	if err != nil || total.Sign() <= 0 {
		return Billing{}, false, err
	}
	out := Billing{At: s.period.End, Amount: total, Due: total, PlanAmount: plain, Estimate: metered, Overdue: !s.period.End.After(at)}
	if ledger.Credit.Sign() > 0 {
		out.Due, err = total.Sub(ledger.Credit)
		if err == nil && out.Due.IsNegative() {
			out.Due = money.FromMinor(0, total.Currency())
		}
	}
	return out, true, err
}

// next finds out by a run.
func next(sub subscription.Subscription, usage Usage, ledger Ledger, at time.Time, options []Option) (Billing, error) {
	zero := money.FromMinor(0, sub.Currency())
	out := Billing{Amount: zero, Due: zero}
	r, err := newRun(sub, usage, ledger, options)
	if err != nil {
		return Billing{}, err
	}
	if out.PlanAmount, err = planAmount(sub, at, r.options.policy); err != nil {
		return Billing{}, err
	}
	if err := usage.check(sub, r.resumed); err != nil {
		return Billing{}, err
	}
	r.emit = func(inv Invoice) bool {
		out.At, out.Amount, out.Due = inv.At, inv.Total, inv.Due
		for _, line := range inv.Lines {
			out.Estimate = out.Estimate || line.Kind == UsageLine
		}
		out.Overdue = !inv.At.After(at)
		return false
	}
	return out, wrap(r.playOn())
}

// playOn plays on while an invoice can come: until the run is done, or until two
// periods of the open last segment made none and nothing is left that could
// change that.
func (r *run) playOn() error {
	still := 0
	for !r.done {
		t, ok, err := r.next()
		if err != nil || !ok {
			return err
		}
		before := [...]int{r.i, r.feed, len(r.accrual), r.made}
		waiting := len(r.waiting)
		if err := r.instant(t); err != nil {
			return err
		}
		r.at = t
		after := [...]int{r.i, r.feed, len(r.accrual), r.made}
		if before != after || waiting != 0 || t.Before(r.mark.Through) || r.expects(t) {
			still = 0
			continue
		}
		if still++; still > 2 && r.seg.To().IsZero() {
			return nil
		}
	}
	return nil
}

// expects reports whether something is left that ends by itself: usage that was
// recorded for later, or a discount that holds for some cycles more.
func (r *run) expects(t time.Time) bool {
	if r.feed < r.sub.Feeds() {
		return true
	}
	if n := len(r.usage); n > 0 && !r.usage[n-1].At.Before(t) {
		return true
	}
	for _, s := range r.sold {
		if !s.gone && s.d.Duration == plan.ForCycles && (r.bills() || r.runsUp()) {
			return true
		}
	}
	return false
}

// PlanAmount is the price of one full period at t at the quantities that are
// then in force, usage and one-time charges left out.
func PlanAmount(sub subscription.Subscription, t time.Time) (money.Money, error) {
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
	for _, item := range seg.Stage().Items() {
		if item.Once() || item.Metric() != "" {
			continue
		}
		amount, err := seg.Price(item).Rate(seg.Quantity(item), rounding)
		if err != nil {
			return total, wrap(err)
		}
		if total, err = total.Add(amount); err != nil {
			return total, wrap(err)
		}
	}
	return total, nil
}
