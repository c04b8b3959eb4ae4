package subscription_test

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// agreement is what the machine knows of a contract: where its first term began, how far one
// of another plan binds, and when somebody said that it shall not be renewed.
type agreement struct {
	from, owed, noticed time.Time
}

// daysBefore returns the civil day that lies an interval before the day of t, as a number.
func (m *machine) daysBefore(t time.Time, every calendar.Interval) int {
	return dayOf(plus(t, every, -1, calendar.Clamp, m.loc), m.loc)
}

// termEnd returns the end of the term with that number, from 1.
func (m *machine) termEnd(n int) time.Time {
	term := m.plan.Term
	if term.RenewalInterval.IsZero() || term.RenewalInterval == term.Interval {
		return plus(m.bond.from, term.Interval, n, m.plan.MonthEnd, m.loc)
	}
	first := plus(m.bond.from, term.Interval, 1, m.plan.MonthEnd, m.loc)
	return plus(first, term.RenewalInterval, n-1, m.plan.MonthEnd, m.loc)
}

// lastTerm returns the number of the last term; 0 if there is none.
func (m *machine) lastTerm() int {
	switch m.plan.Term.Renewal {
	case plan.RenewNever:
		return 1
	case plan.RenewOnce:
		return 2
	}
	return 0
}

// floor returns the instant before which nothing ends.
func (m *machine) floor() time.Time {
	if m.plan.Term == nil {
		return m.bond.owed
	}
	at := laterOf(m.bond.owed, m.termEnd(1))
	if least := m.plan.Term.Minimum; !least.IsZero() {
		at = laterOf(at, plus(m.bond.from, least, 1, m.plan.MonthEnd, m.loc))
	}
	return at
}

// isBound reports whether an ending has to keep to a contract.
func (m *machine) isBound() bool { return m.isBoundAt(m.now.Add(time.Nanosecond)) }

// wasBound reports whether one had to before what is due now.
func (m *machine) wasBound() bool { return m.isBoundAt(m.now) }

func (m *machine) isBoundAt(t time.Time) bool {
	if !m.inPeriods() || m.bond.from.IsZero() {
		return false
	}
	term := m.plan.Term
	if term == nil || term.Renewal == plan.RenewRolling && term.Notice.IsZero() {
		return !m.floor().Before(t)
	}
	return true
}

// inTime reports whether a notice given at one instant can end the subscription at another.
func (m *machine) inTime(end, notice time.Time) bool {
	if m.plan.Term == nil || m.plan.Term.Notice.IsZero() {
		return notice.Before(end)
	}
	return dayOf(notice, m.loc) <= m.daysBefore(end, m.plan.Term.Notice)
}

// freed returns the first end at or after an instant that a notice given at another leads to.
func (m *machine) freed(notice, from time.Time) time.Time {
	fits := func(end time.Time) bool {
		return !end.Before(from) && !end.Before(m.floor()) && end.After(notice) && m.inTime(end, notice)
	}
	rolls := m.plan.Term == nil || m.plan.Term.Renewal == plan.RenewRolling
	if !rolls {
		for n := 1; ; n++ {
			if end := m.termEnd(n); fits(end) || n == m.lastTerm() {
				return end
			}
		}
	}
	bound := m.bond.owed
	if m.plan.Term != nil {
		bound = m.termEnd(1)
	}
	if fits(bound) {
		return bound
	}
	if m.grid == nil {
		return laterOf(laterOf(from, m.floor()), notice.Add(time.Microsecond))
	}
	end := laterOf(laterOf(from, bound), notice).Add(-time.Microsecond)
	for {
		if end = m.grid.next(end); fits(end) {
			return end
		}
	}
}

// leaves returns when a notice takes effect that was given at an instant.
func (m *machine) leaves(notice time.Time) time.Time {
	at := m.freed(notice, time.Time{})
	if at.Before(m.now) {
		at = m.freed(notice, m.now)
	}
	return at
}

// termRuns returns the end of the term that runs; zero if none does.
func (m *machine) termRuns() time.Time {
	if !m.isBound() {
		return time.Time{}
	}
	if m.plan.Term == nil {
		return m.bond.owed
	}
	if m.plan.Term.Renewal == plan.RenewRolling {
		if first := m.termEnd(1); m.now.Before(first) {
			return first
		}
		return time.Time{}
	}
	n := 1
	for !m.now.Before(m.termEnd(n)) {
		n++
	}
	return m.termEnd(n)
}

// bindsUntil returns what an ending must fall into to be near.
func (m *machine) bindsUntil() time.Time {
	if end := m.termRuns(); !end.IsZero() {
		return end
	}
	return m.runsUntil()
}

// contracts begins, keeps or leaves a contract when a period or a plan begins.
func (m *machine) contracts(at time.Time) {
	term := m.plan.Term
	over := m.bond.from != (time.Time{}) && term != nil && m.lastTerm() > 0 && !m.termEnd(m.lastTerm()).After(m.now)
	if term == nil || m.bond.from != (time.Time{}) && term.PlanChange != plan.TermRestarts && !over {
		return
	}
	m.bond.from = at
	if !m.lengthFrom.IsZero() {
		m.bond.from = m.lengthFrom
	}
}

// owes notes what the contract of the plan that is left binds to.
func (m *machine) owes(next plan.Plan) {
	if !m.isBound() {
		m.bond.from, m.bond.owed = time.Time{}, time.Time{}
		return
	}
	owed := laterOf(m.termRuns(), m.bond.owed)
	if next.Term != nil && next.Term.PlanChange == plan.TermRestarts {
		owed = time.Time{}
	}
	m.bond.owed = owed
}

// late reports whether a notice given now is too late for the term that runs.
func (m *machine) late() bool {
	limit := m.bindsUntil()
	return m.isBound() && !limit.IsZero() && m.leaves(m.now).After(limit)
}

// renews reports whether the running period is not the last, whatever the call asks for.
func (m *machine) renews(v verb) bool {
	if !m.isBound() || m.life != "running" || m.until.IsZero() {
		return false
	}
	for _, at := range m.foreseen() {
		if !at.After(m.until) {
			return false
		}
	}
	if !v.on.IsZero() && v.action == lifecycle.CancelOnDate && !v.on.After(m.until) {
		return false
	}
	return m.leaves(m.now).After(m.until)
}

// bars returns why the contract refuses a verb; nil if it does not.
func (m *machine) bars(v verb) error {
	if v.actor != lifecycle.Subscriber || !m.isBound() {
		return nil
	}
	asked := v.on
	switch v.action {
	case lifecycle.CancelAtPeriodEnd, lifecycle.AutoRenewalOff:
		if term := m.plan.Term; term != nil && term.LateNotice == plan.LateRefused && m.late() {
			return subscription.ErrLateNotice
		}
		return nil
	case lifecycle.CancelNow:
		asked = m.now
	case lifecycle.CancelOnDate:
	case lifecycle.SetEndDate:
		asked = v.endDate
	default:
		return nil
	}
	if asked.IsZero() || m.freed(m.now, asked).Equal(asked) {
		return nil
	}
	return subscription.ErrMinimumTerm
}
