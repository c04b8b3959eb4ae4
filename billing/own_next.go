package billing

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// maxOwn is how many intervals of their own the charges of a plan have at most for the short
// way: more are rare.
const maxOwn = 4

// nextOwn is next of a subscription that only renews, whose charges bill by intervals of
// their own: the first boundary of any of them, as long as nothing was used. False if only a
// run can tell.
func (s *renewalOnly) nextOwn(out *NextInvoice, sub subscription.Subscription, checkpoint *Checkpoint, at time.Time, o *options) bool {
	if len(checkpoint.Metered) > 0 || sub.PendingItems() > 0 || !s.renews(sub, checkpoint, o) {
		return false
	}
	own := s.phase.OwnIntervals()
	if len(own) == 0 || len(own) > maxOwn {
		return false
	}
	var ends [maxOwn]time.Time
	var first [maxOwn]bool
	end := s.end
	for i, every := range own {
		p, opened, ok := s.ownPeriod(every, checkpoint.ChargedThrough)
		if !ok {
			return false
		}
		ends[i], first[i] = p.End, opened
		end = earlier(end, p.End)
	}
	var total, plain int64
	metered := false
	for charge := range s.phase.Charges() {
		if charge.Once() {
			continue
		}
		due, opened := s.end.Equal(end), s.first
		every := s.phase.Interval(charge)
		for i := range own {
			if own[i] == every && every != s.phase.Every() {
				due, opened = ends[i].Equal(end), first[i]
			}
		}
		ofPlan := every == s.phase.Every() && charge.Metric() == ""
		if !due && !ofPlan {
			continue
		}
		if due && opened && charge.Timing() == plan.Arrears && !s.opensWhole() {
			return false // only a run knows from which point it accrues
		}
		minor, ok := s.rate(charge, nil)
		if !ok {
			return false
		}
		if due {
			if total += minor; total < 0 {
				return false // amounts are never below zero: the sum does not fit
			}
			metered = metered || charge.Metric() != ""
		}
		if ofPlan {
			if plain += minor; plain < 0 {
				return false
			}
		}
	}
	if total == 0 {
		return false
	}
	currency := s.seg.Version().Currency()
	out.At, out.Boundary, out.Estimate, out.Overdue = end, end, metered, !end.After(at)
	out.Amount, out.PlanAmount = money.FromMinor(total, currency), money.FromMinor(plain, currency)
	out.AmountDue = money.FromMinor(max(0, total-max(0, checkpoint.CreditBalance.Minor())), currency)
	return true
}

// ownPeriod returns the period of an own interval that holds t, and whether it is the one that
// runs at the segment's beginning.
func (s *renewalOnly) ownPeriod(every calendar.Interval, t time.Time) (p calendar.Period, first, ok bool) {
	grid, err := ownGrid(s.seg, every)
	if err != nil {
		return p, false, false
	}
	if p, err = grid.PeriodAt(t); err != nil || p.End.Unix() > calendarEnd {
		return p, false, false
	}
	if first = !p.Start.After(s.seg.From()); first {
		// What was billed before the segment, or foreseen there, only a run knows.
		opened := s.seg.Opened()
		return p, true, begins(&opened)
	}
	return p, false, true
}

// opensWhole reports whether the segment opens the subscription's first periods, and all are
// whole.
func (s *renewalOnly) opensWhole() bool {
	opened := s.seg.Opened()
	return begins(&opened) && s.seg.Grid().Anchor().Equal(s.seg.From())
}
