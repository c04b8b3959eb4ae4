package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

var (
	// ErrMinimumTerm: a subscriber asked for an ending before the contract's term, its minimum or
	// its notice allow one. It comes in a [TermError].
	ErrMinimumTerm = fault.New(fault.Refused, "subscription: minimum term")
	// ErrLateNotice: the cut-off of the running term has passed, and the plan refuses a late
	// notice to a subscriber. It comes in a [TermError].
	ErrLateNotice = fault.New(fault.Late, "subscription: late notice")
)

// TermError is a refusal of an ending, with the date at which one is possible.
type TermError struct {
	Err error // [ErrMinimumTerm] or [ErrLateNotice]
	// Earliest is the first end that the contract allows at or after what was asked for, for a
	// notice given with the call.
	Earliest time.Time
}

// Error names the date: "subscription: minimum term: the earliest end is 2027-01-15T10:00:00Z".
func (e *TermError) Error() string {
	return fmt.Sprintf("%v: the earliest end is %s", e.Err, stamp(e.Earliest))
}

// Unwrap returns the reason, so that errors.Is finds it.
func (e *TermError) Unwrap() error { return e.Err }

// A Term is the contract term in force at an instant: see [Subscription.Term].
type Term struct {
	// Period is the term that runs. Zero where none does any more and only a notice is agreed.
	calendar.Period
	// Number counts the terms, from 1; 0 where none runs.
	Number int
	// CutOff is the instant before which a notice ends the subscription with the term: the
	// midnight after the last day on which it counts, or the end of the term where no notice is
	// agreed. Zero where no term runs.
	CutOff time.Time
	// EarliestEnd is the end that a notice given at the instant leads to.
	EarliestEnd time.Time
}

// Term returns the contract term that binds at t, by the plan in force; false where none
// does: before the first period, after the end, and for a plan without [plan.Term], unless a
// term of the plan before it still runs.
func (s Subscription) Term(t time.Time) (Term, bool, error) {
	t = micro.Floor(t)
	if s.c == nil {
		return Term{}, false, ErrZero
	}
	i := s.c.index(t)
	if i < 0 {
		return Term{}, false, nil
	}
	cur, err := s.c.span(i).at(t, after)
	if err != nil {
		return Term{}, false, err
	}
	c, ok, err := cur.contract(t)
	if err != nil || !ok {
		return Term{}, false, err
	}
	var now Term
	if now.Period, now.Number, err = c.running(t); err != nil {
		return Term{}, false, err
	}
	if !now.Period.IsZero() {
		if now.CutOff, err = c.cutOff(now.End); err != nil {
			return Term{}, false, err
		}
	}
	now.EarliestEnd, err = c.end(t, t)
	return now, err == nil, err
}

// A contract is what binds a subscriber in a span.
type contract struct {
	term plan.Term
	span *span
	// first is the first term; terms are all of them where they are of one length, later those
	// after the first where they are not.
	first calendar.Period
	terms calendar.Schedule
	// floor is the instant before which no ordinary end lies.
	floor time.Time
}

// contract returns the contract that is in force at t, an instant of the span; false if none
// is, or nothing of it binds any more.
func (s *span) contract(t time.Time) (contract, bool, error) {
	if s.kind != running && s.kind != paused || s.is(noPeriodYet) {
		return contract{}, false, nil
	}
	return s.agreed(t)
}

// hasTerm reports whether the first term of a contract has begun. Most subscriptions have
// none, which need not be asked for what one says.
func (s *span) hasTerm() bool { return s.pending != nil && !s.pending.termFrom.IsZero() }

// agreed is contract whether or not service runs.
func (s *span) agreed(t time.Time) (contract, bool, error) {
	p := s.pendingFacts()
	if p.termFrom.IsZero() {
		return contract{}, false, nil
	}
	c := contract{span: s}
	var ok bool
	if c.term, ok = s.terms.version.Term(); !ok {
		// The term of the plan before binds to its end.
		c.first = calendar.Period{Start: p.termFrom, End: p.boundUntil}
		c.term.Renewal, c.floor = plan.RenewRolling, p.boundUntil
		return c, p.boundUntil.After(t), nil
	}
	zone, monthEnd := s.terms.zone, s.terms.version.MonthEnd()
	end, err := zone.Add(p.termFrom, c.term.Interval, monthEnd)
	if err != nil {
		return c, false, err
	}
	c.first = calendar.Period{Start: p.termFrom, End: end}
	anchor := end
	if c.term.RenewalInterval == c.term.Interval {
		anchor = p.termFrom
	}
	if c.terms, err = calendar.NewSchedule(anchor, c.term.RenewalInterval, monthEnd, zone); err != nil {
		return c, false, err
	}
	c.floor = later(end, p.boundUntil)
	if m := c.term.Minimum; !m.IsZero() {
		least, err := zone.Add(p.termFrom, m, monthEnd)
		if err != nil {
			return c, false, err
		}
		c.floor = later(c.floor, least)
	}
	rolls := c.term.Renewal == plan.RenewRolling && c.term.Notice.IsZero() && !c.floor.After(t)
	return c, !rolls, nil
}

// running returns the term that runs at t and its number; the zero period if none does.
func (c *contract) running(t time.Time) (calendar.Period, int, error) {
	if t.Before(c.first.End) {
		return c.first, 1, nil
	}
	if c.term.Renewal == plan.RenewRolling {
		return calendar.Period{}, 0, nil
	}
	p, err := c.terms.PeriodAt(t)
	if err != nil {
		return p, 0, err
	}
	p.Start = later(p.Start, c.first.End)
	n, err := c.terms.Count(c.first.End, p.End)
	return p, n + 1, err
}

// last returns the end of the last term; zero if terms follow without end.
func (c *contract) last() (time.Time, error) {
	switch c.term.Renewal {
	case plan.RenewNever:
		return c.first.End, nil
	case plan.RenewOnce:
		return c.terms.NextAfter(c.first.End)
	case plan.RenewSame, plan.RenewRolling:
	}
	return time.Time{}, nil
}

// cutOff returns the instant before which a notice must come to end the subscription at end.
func (c *contract) cutOff(end time.Time) (time.Time, error) {
	if c.term.Notice.IsZero() {
		return end, nil
	}
	zone := c.span.terms.zone
	back, err := calendar.NewSchedule(end, c.term.Notice, calendar.Clamp, zone)
	if err != nil {
		return end, err
	}
	day, err := back.Boundary(-1)
	if err != nil {
		return end, err
	}
	return zone.Midnight(day, 1), nil
}

// end returns the first end that the contract allows at or after an instant, for a notice
// given at another: the end of a term, or, where terms have given way to periods, of a
// period.
func (c *contract) end(notice, from time.Time) (time.Time, error) {
	zone := c.span.terms.zone
	least := later(later(c.floor, from), notice.Add(micro.Second))
	if !c.term.Notice.IsZero() {
		// A later end can only be in time; one before this cannot.
		soonest, err := zone.Add(zone.Midnight(notice, 0), c.term.Notice, calendar.Clamp)
		if err != nil {
			return soonest, err
		}
		least = later(least, soonest)
	}
	last, err := c.last()
	if err != nil {
		return last, err
	}
	ends := c.terms
	if c.term.Renewal == plan.RenewRolling {
		if !least.After(c.first.End) {
			least = c.first.End
			if in, err := c.inTime(least, notice); in || err != nil {
				return least, err
			}
		}
		ends = c.span.grid
	}
	if ends.IsZero() {
		return least, nil // nothing recurs, so any instant is an end
	}
	at, err := ends.FirstAtOrAfter(least)
	for err == nil {
		if !last.IsZero() && !at.Before(last) {
			return last, nil // it ends then in any case
		}
		in, wrong := c.inTime(at, notice)
		if in || wrong != nil {
			return at, wrong
		}
		at, err = ends.NextAfter(at)
	}
	return at, err
}

func (c *contract) inTime(end, notice time.Time) (bool, error) {
	cutOff, err := c.cutOff(end)
	return notice.Before(cutOff), err
}

// noticed returns the end that a notice leads to that was given at an instant; false if no
// contract binds. An end that a pause or another grid moved behind lies at the next one.
func (s *span) noticed(notice time.Time) (time.Time, bool) {
	if !s.hasTerm() {
		return time.Time{}, false
	}
	c, ok, err := s.contract(s.from)
	if err == nil && !ok && s.opening().At.Equal(s.from) && s.opening().Scheduled() {
		// What bound ends where something else fell due, as a resume: the notice is of that end.
		if c, ok, err = s.contract(s.from.Add(-micro.Second)); err == nil && ok {
			at, err := c.end(notice, time.Time{})
			return at, err == nil && at.Equal(s.from)
		}
	}
	if err != nil || !ok {
		return time.Time{}, false
	}
	at, err := c.end(notice, time.Time{})
	if err == nil && at.Before(s.from) {
		at, err = c.end(notice, s.from)
	}
	return at, err == nil
}

// cancelsAt returns when a scheduled cancellation takes effect.
func (s *span) cancelsAt(c *scheduled) time.Time {
	if c.at.IsZero() {
		if at, ok := s.noticed(c.command.At); ok {
			return at
		}
		if s.is(atBoundary) && s.kind == running {
			return s.periodEnd // a contract that ended here put it off
		}
		if at, ok := s.chosenEnd(c.command, c.policy); ok {
			return at
		}
	}
	return s.resolve(c)
}

// chosenEnd returns the end of the shortest or longest period by which charges bill, where a
// cancellation at the end of the period means that; false if it is that of the plan's. It moves with
// the boundaries, as that does.
func (s *span) chosenEnd(cmd *record, policy *plan.Policy) (time.Time, bool) {
	if policy == nil || s.kind != running && s.kind != paused || s.grid.IsZero() || s.is(noPeriodYet) {
		return time.Time{}, false
	}
	own := s.terms.phase(s.phase).OwnIntervals()
	if len(own) == 0 {
		return time.Time{}, false
	}
	var every calendar.Interval
	switch policy.PeriodEnd {
	case plan.ShortestPeriodEnd:
		every = own[0]
	case plan.LongestPeriodEnd:
		every = own[len(own)-1]
	case plan.PlanPeriodEnd, "":
		return time.Time{}, false
	}
	grid, err := s.ownGrid(every)
	if err != nil {
		return time.Time{}, false
	}
	one, err := grid.PeriodN(0)
	if err != nil {
		return time.Time{}, false
	}
	if n, err := s.grid.Count(one.Start, one.End); err != nil || (n > 1) != (policy.PeriodEnd == plan.LongestPeriodEnd) {
		return time.Time{}, false // the plan's is the longest, or the shortest
	}
	after := cmd.At
	if s.opening().Kind == AnchorSet {
		after = later(after, s.from) // the periods that run then end behind it
	}
	at, err := grid.FirstAtOrAfter(later(after.Add(micro.Second), s.from))
	return at, err == nil
}

// outlasts reports whether a cancellation at the end of the period takes effect after that of the
// plan's.
func (s *span) outlasts(cmd *record, policy *plan.Policy) bool {
	at, ok := s.chosenEnd(cmd, policy)
	return ok && s.kind == running && at.After(s.periodEnd)
}

// bindsUntil returns the end of what an ending must fall into to make the status
// non_renewing: the running term, or else what runs.
func (s *span) bindsUntil() time.Time {
	c, ok, err := s.contract(s.from)
	if err != nil || !ok {
		return s.runsUntil()
	}
	now, _, err := c.running(s.from)
	if err != nil || now.IsZero() {
		return s.runsUntil()
	}
	return now.End
}

// lastTermEnds returns when the last term ends and why; zero if terms go on.
func (s *span) lastTermEnds() (time.Time, error) {
	if !s.hasTerm() {
		return time.Time{}, nil
	}
	c, ok, err := s.contract(s.from)
	if err != nil || !ok {
		return time.Time{}, err
	}
	return c.last()
}

// termsOver reports whether the last term ended at or before t.
func (s *span) termsOver(t time.Time) bool {
	if _, ok := s.terms.version.Term(); !ok {
		return false
	}
	c, ok, err := s.agreed(t)
	if err != nil || !ok {
		return false
	}
	last, err := c.last()
	return err == nil && !last.IsZero() && !last.After(t)
}

// bindTerm begins the first term at t, unless the plan has none or keeps one that runs.
func (s *span) bindTerm(t time.Time) {
	term, ok := s.terms.version.Term()
	if !ok || s.is(noPeriodYet) {
		return
	}
	p := s.pendingFacts()
	if term.PlanChange != plan.TermRestarts && !p.termFrom.IsZero() && !s.termsOver(s.from) {
		return
	}
	from := t
	if !p.lengthFrom.IsZero() {
		from = p.lengthFrom
	}
	if !p.termFrom.Equal(from) {
		s.mutablePending().termFrom = from
	}
}

// extendTerm makes the term longer by the civil days of a pause.
func (s *span) extendTerm(stopped, t time.Time) error {
	from := s.pendingFacts().termFrom
	term, ok := s.terms.version.Term()
	if !ok || term.Pause != plan.PauseExtends || from.IsZero() || stopped.IsZero() {
		return nil
	}
	days := s.terms.zone.DaysBetween(stopped, t)
	if days <= 0 {
		return nil
	}
	moved, err := s.terms.zone.Add(from, calendar.Days(days), calendar.Clamp)
	if err == nil {
		s.mutablePending().termFrom = moved
	}
	return err
}

// unbind keeps the end of the term that runs when another plan begins, as long as it binds.
func (s *span) unbind(was *span, t time.Time) error {
	c, ok, err := was.contract(t)
	if err != nil {
		return err
	}
	from, until := s.pendingFacts().termFrom, time.Time{}
	if !ok {
		from = time.Time{} // the first term of this plan begins with it
	} else {
		now, _, err := c.running(t)
		if err != nil {
			return err
		}
		until = later(now.End, was.pendingFacts().boundUntil)
	}
	if term, has := s.terms.version.Term(); has && term.PlanChange == plan.TermRestarts {
		until = time.Time{} // the first term of the new plan is what binds
	}
	if p := s.pendingFacts(); !p.boundUntil.Equal(until) || !p.termFrom.Equal(from) {
		p := s.mutablePending()
		p.termFrom, p.boundUntil = from, until
	}
	return nil
}

// checkTerm refuses a subscriber's ending that the contract does not allow.
func (s *span) checkTerm(cmd *record) error {
	asked := cmd.On
	notice := cmd.Action == lifecycle.CancelAtPeriodEnd || cmd.Action == lifecycle.AutoRenewalOff
	switch {
	case cmd.Actor != lifecycle.Subscriber:
		return nil
	case cmd.Action == lifecycle.CancelNow:
		asked = cmd.At
	case cmd.Action == lifecycle.SetEndDate:
		asked = cmd.EndDate
	case cmd.Action != lifecycle.CancelOnDate && !notice:
		return nil
	}
	c, ok, err := s.contract(cmd.At)
	if err != nil || !ok {
		return err
	}
	if notice {
		if c.term.LateNotice != plan.LateRefused || !s.late(cmd.At) {
			return nil
		}
		end, err := c.end(cmd.At, time.Time{})
		return errors.Join(err, &TermError{Err: ErrLateNotice, Earliest: end})
	}
	if asked.IsZero() {
		return nil // it clears the end date
	}
	end, err := c.end(cmd.At, asked)
	if err != nil || end.Equal(asked) {
		return err
	}
	return &TermError{Err: ErrMinimumTerm, Earliest: end}
}

// renews reports whether, by the contract, another period follows the running one whatever
// the call asks for.
func (s *span) renews(cmd *record) bool {
	if s.kind != running || s.periodEnd.IsZero() {
		return false
	}
	for _, e := range s.expectedEndings() {
		if !e.at.After(s.periodEnd) {
			return false
		}
	}
	if cmd.Action == lifecycle.CancelOnDate && !cmd.On.After(s.periodEnd) {
		return false
	}
	if at, ok := s.noticed(cmd.At); ok {
		return at.After(s.periodEnd)
	}
	if cmd.Action == lifecycle.CancelAtPeriodEnd {
		policy := cmd.choices().Or(*s.terms.choices())
		return s.outlasts(cmd, &policy)
	}
	c := s.pendingFacts().cancel
	return c != nil && c.at.IsZero() && s.outlasts(c.command, c.policy)
}

// late reports whether a notice at t comes after the cut-off of the running term.
func (s *span) late(t time.Time) bool {
	end, ok := s.noticed(t)
	limit := s.bindsUntil()
	return ok && !limit.IsZero() && end.After(limit)
}
