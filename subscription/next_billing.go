package subscription

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// Difference says what becomes of the difference between the period that runs and the one
// that [Subscription.SetNextBilling] makes of it. The empty Difference is [Free].
type Difference string

const (
	// Free: nothing is charged or credited. What is left of the period at the call is worth what it
	// was, spread over the time up to the new end.
	Free Difference = "free"
	// ByShare: as with a new anchor, the policy of the call says what is charged for the time
	// beyond the old end, or credited from the new one to that.
	ByShare Difference = "share"
)

// MaxNextBilling is how many years ahead of the call the next bill may be set.
const MaxNextBilling = 10

// SetNextBilling moves the end of the running period to an instant after the call, later or
// earlier than it is: nothing recurring is billed before, and the grid goes on from there.
// All that was to happen at the end of the period moves with it: a scheduled
// cancellation, a pause, changes, the true-up of a minimum, usage and what is billed in arrears.
// What was scheduled for a date does not move, nor do a contract term, an end date and the length of
// a phase or a plan in time; cycles are counted as before. A trial is moved by
// [Subscription.ExtendTrial].
//
// It is refused where nothing recurs (lifecycle.ErrNoPeriod), where the instant is not after
// the call (lifecycle.ErrPast), and with [ErrInvalidCall] at the path "next_billing" where it is not
// after the beginning of the period, more than [MaxNextBilling] years ahead, or where charges bill by
// intervals of their own, have prices of a shorter interval, or count usage over a term, and while a
// first part runs that was billed together with the period behind it.
func (s Subscription) SetNextBilling(call Call, to time.Time, d Difference) (Subscription, error) {
	if to.IsZero() {
		return s, invalidAt("next_billing", errMissing)
	}
	if d == Free {
		d = ""
	}
	return s.do(call, Command{Action: lifecycle.SetNextBilling, NextBilling: to, Difference: d})
}

func setNextBilling(s *span, cmd *record, ch *Change) error {
	to := cmd.NextBilling
	begun := later(cmd.At, s.periodFrom) // a period may begin at its cut, later than the call
	most, err := s.terms.zone.Add(cmd.At, calendar.Years(MaxNextBilling), calendar.Clamp)
	if err != nil {
		return err
	}
	switch phase := s.terms.phase(s.phase); {
	case !to.After(begun):
		return invalidAt("next_billing", fault.OutOfRange.Errorf("must lie after %s, where the period begins", stamp(begun)))
	case to.After(most):
		return invalidAt("next_billing", fault.OutOfRange.Errorf("must not lie after %s", stamp(most)))
	case len(phase.OwnIntervals()) > 0:
		return invalidAt("next_billing", fault.Excluded.Errorf("charges bill by intervals of their own"))
	case slices.ContainsFunc(slices.Collect(phase.Charges()), func(c *plan.CompiledCharge) bool { return !phase.PriceInterval(c).IsZero() }):
		return invalidAt("next_billing", fault.Excluded.Errorf("prices are for a shorter interval than charges bill by"))
	case s.joined():
		return invalidAt("next_billing", fault.Excluded.Errorf("the first part was billed together with the period behind it"))
	case !phase.CountOver().IsZero():
		return invalidAt("next_billing", fault.Excluded.Errorf("a charge counts its usage over a term"))
	}
	grid, err := calendar.NewSchedule(to, s.every(), s.terms.version.MonthEnd(), s.terms.zone)
	if err != nil {
		return err
	}
	ch.Kind, ch.effects.Stretched = AnchorSet, cmd.Difference != ByShare
	s.grid, s.periodEnd = grid, to
	return nil
}

// joined reports whether the running period is a first part and the whole period behind it.
func (s *span) joined() bool {
	if policy := s.terms.choices(); s.cycle > 1 || policy.FirstInvoice != plan.FirstWithPeriod {
		return false
	}
	p, err := s.grid.PeriodAt(s.periodFrom)
	return err == nil && p.End.Before(s.periodEnd)
}
