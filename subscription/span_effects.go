package subscription

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// The effects below change a span that begins at the instant of the effect.
// They do not check permissions: the table in package lifecycle has decided already.

// start starts the service at t: with a trial if the plan grants one, else with the
// first period.
func (s *span) start(t time.Time, by *record) error {
	trial, err := s.starts(t)
	if err != nil {
		return err
	}
	s.opened = &Change{Kind: Started, At: t}
	if trial {
		s.opened.Kind = TrialBegan
	}
	s.opened.causedBy(by, nil)
	if trial {
		return nil
	}
	return s.open(t)
}

// starts is start without the change that it is, and without the first period, which
// is to be opened unless a trial began.
func (s *span) starts(t time.Time) (inTrial bool, err error) {
	end := s.pendingFacts().trialEnd // if it was extended before it began
	if end.IsZero() && !s.is(trialUsed) {
		if end, err = trialEnd(s.terms, t); err != nil {
			return false, err
		}
	}
	s.kind, inTrial = running, end.After(t)
	if inTrial {
		s.kind = trial
		s.set(trialUsed, true)
	} else {
		end = time.Time{}
	}
	if s.pending != nil || inTrial {
		p := *s.pendingFacts()
		p.start, p.trialEnd = time.Time{}, end
		s.setPending(p)
	}
	s.countFrom(t)
	return inTrial, nil
}

// trialEnd returns when a trial that begins at t ends; zero if there is none.
func trialEnd(terms *terms, t time.Time) (time.Time, error) {
	tr, ok := terms.version.Trial()
	switch {
	case !ok:
		return time.Time{}, nil
	case !tr.Until.IsZero():
		return tr.Until, nil
	}
	return terms.zone.Add(t, tr.Length, calendar.Clamp)
}

// endTrial ends the current trial at t, as the trial's rule says.
func (s *span) endTrial(t time.Time, by *record) error {
	p := s.mutablePending()
	p.trialEnd = time.Time{}
	p.changes = slices.Clone(p.changes)
	for i, c := range p.changes {
		if c.at.IsZero() { // it was scheduled for this end, not for that of the period that follows
			due := *c
			due.at = t
			p.changes[i] = &due
		}
	}
	rule := plan.BillAtTrialEnd
	if tr, ok := s.terms.version.Trial(); ok && tr.AtEnd != "" {
		rule = tr.AtEnd
	}
	s.opened = &Change{Kind: TrialEnded, At: t}
	s.opened.causedBy(by, nil)
	switch {
	case rule == plan.CancelAtTrialEnd:
		c := &Change{Kind: Ended, At: t, Cause: lifecycle.CauseCancel, policy: s.terms.choices()}
		c.causedBy(by, nil)
		return s.end(c)
	case rule == plan.PauseAtTrialEnd:
		s.set(ownPause, s.is(held))
		s.pauseBeforeFirstPeriod()
		return nil
	case s.is(held):
		s.pauseBeforeFirstPeriod()
		return nil
	}
	return s.open(t)
}

// pauseBeforeFirstPeriod pauses a subscription whose first period has not begun.
func (s *span) pauseBeforeFirstPeriod() {
	s.kind = paused
	s.set(noPeriodYet, true)
}

// open opens the first period, or the first one after a reactivation, at t. The grid
// is anchored where that was requested, else at t.
func (s *span) open(t time.Time) error {
	anchor := t
	if p := s.pendingFacts(); !p.anchor.IsZero() || !p.stopped.IsZero() {
		if !p.anchor.IsZero() {
			anchor = p.anchor
		}
		rest := *p
		rest.anchor, rest.stopped = time.Time{}, time.Time{}
		s.setPending(rest)
	}
	s.kind = running
	s.ordinal++
	s.set(noPeriodYet|periodCredited|regridded|carried, false)
	s.beginTerms()
	if err := s.bound(t); err != nil {
		return err
	}
	if err := s.regrid(anchor, t); err != nil {
		return err
	}
	return s.joinFirst()
}

// joinFirst makes one period of the part before the first boundary and the whole period behind
// it, where the two are billed together.
func (s *span) joinFirst() error {
	if s.grid.IsZero() || s.isWhole() {
		return nil
	}
	if policy := s.terms.choices(); policy.FirstInvoice != plan.FirstWithPeriod || policy.FirstPeriod == plan.FirstFree {
		return nil
	}
	end, err := s.grid.NextAfter(s.periodEnd)
	if err == nil {
		s.periodEnd = end
	}
	return err
}

// beginTerms restarts the count of phases and of the plan's length.
func (s *span) beginTerms() {
	s.phase, s.phaseCycle, s.cycle = 0, 1, 1
	if p := s.pendingFacts(); p.phaseEnd.IsZero() && p.endsAt.IsZero() {
		return
	}
	p := s.mutablePending()
	p.phaseEnd, p.endsAt = time.Time{}, time.Time{}
}

// countFrom sets t as the start from which a plan's length counts, if it counts from
// the start: at a start, a reactivation or a change of plan.
func (s *span) countFrom(t time.Time) {
	length, ok := s.terms.version.Length()
	counts := ok && length.From == plan.FromStart && s.kind != future
	if term, ok := s.terms.version.Term(); ok {
		counts = term.From == plan.FromStart && s.kind != future
	}
	if !counts {
		t = time.Time{}
	}
	if !s.pendingFacts().lengthFrom.Equal(t) {
		s.mutablePending().lengthFrom = t
	}
}

// bound sets the ends of the phase and of the plan's length that are intervals from t.
func (s *span) bound(t time.Time) error {
	if err := s.boundPhase(t); err != nil {
		return err
	}
	s.bindTerm(t)
	if err := s.beginIncreases(t); err != nil {
		return err
	}
	length, ok := s.terms.version.Length()
	if !ok || length.Interval.IsZero() {
		return nil
	}
	from := t
	if p := s.pendingFacts(); !p.lengthFrom.IsZero() {
		from = p.lengthFrom
	}
	at, err := s.terms.zone.Add(from, length.Interval, s.terms.version.MonthEnd())
	s.mutablePending().endsAt = at
	return err
}

// boundPhase sets the end of a phase whose length is an interval.
func (s *span) boundPhase(t time.Time) error {
	length := s.terms.phase(s.phase).Length()
	if length.IsZero() || s.isLastPhase() {
		return nil
	}
	at, err := s.terms.zone.Add(t, length, s.terms.version.MonthEnd())
	s.mutablePending().phaseEnd = at
	return err
}

func (s *span) isLastPhase() bool { return int(s.phase) >= s.terms.version.Phases()-1 }

// nextPhase moves to the next phase, which begins at t.
func (s *span) nextPhase(t time.Time) error {
	s.phase++
	s.phaseCycle = 1
	s.mutablePending().phaseEnd = time.Time{}
	return s.boundPhase(t)
}

// end ends the subscription and drops what was scheduled. An agreed start that is
// still ahead is kept, with its trial, for a reactivation.
func (s *span) end(c *Change) error {
	was := s.kind
	if err := s.stop(ended, c); err != nil {
		return err
	}
	s.set(ownPause, false)
	p := s.mutablePending()
	start, trialEnd := p.start, p.trialEnd
	if was != future {
		start, trialEnd = time.Time{}, time.Time{}
	}
	*p = pending{
		start: start, trialEnd: trialEnd, endDate: p.endDate, anchor: p.anchor, ends: p.ends, lengthFrom: p.lengthFrom, phaseEnd: p.phaseEnd, endsAt: p.endsAt, stopped: p.stopped,
		termFrom: p.termFrom, boundUntil: p.boundUntil, renewalOff: p.renewalOff, increase: p.increase,
	}
	return nil
}

// change puts new terms in force.
func (s *span) change(to *terms, c *Change) error {
	was := *s
	replan := to.version != s.terms.version
	s.terms, s.opened = to, c
	if replan {
		c.detached = to.lost(was.terms)
	}
	s.limit(nil, nil)
	cut, begins := c.At, c.At // what the change begins never begins before the period
	if s.kind == running {
		c.boundary = was.endsAt(was.opened, c.At)
		var err error
		if cut, err = s.cut(c); err != nil {
			return err
		}
		begins = later(cut, s.periodFrom)
		if c.policy.ChangeAnchor == plan.ResetAnchor {
			begins = cut // as the new period does
		}
	}
	if replan {
		s.beginTerms()
		s.countFrom(begins)
		if err := s.unbind(&was, c.At); err != nil {
			return err
		}
		switch s.kind {
		case paused:
			// No period of the new plan has begun: the resume opens its first.
			s.cycle, s.phaseCycle = 0, 0
			fallthrough
		case running:
			if err := s.bound(begins); err != nil {
				return err
			}
		case future, trial, ended:
		}
	}
	step := s.every() != was.every() || to.version.MonthEnd() != was.terms.version.MonthEnd()
	if s.kind == paused && !s.is(noPeriodYet) && step {
		return s.restep(s.grid.Anchor(), c.At)
	}
	if s.kind != running {
		return nil
	}
	reset := c.policy.ChangeAnchor == plan.ResetAnchor
	opens := c.Scheduled() && s.onBoundary(c.At) && !s.is(carried) // the period that begins is billed like any other
	if c.policy.ChangeCredit != plan.CreditNone && c.policy.ChargeNew == plan.ChargeNone && !opens && cut.Before(was.periodEnd) {
		cuts := func(charge *plan.CompiledCharge) bool {
			ended := charge.Attachment() == "" && (replan || c.effects.ChangesPlan && c.Set == 0)
			return ended || reset || step || !(Segment{span: &was}).SameTerms(Segment{span: s}, charge)
		}
		s.set(periodCredited, s.is(periodCredited) || was.paysAhead(cuts))
	}
	if reset {
		c.effects.NewGrid, c.effects.Regrids = true, true
		ordinal := s.ordinal
		if !opens {
			ordinal++
		}
		if !replan && c.At.After(s.periodFrom) {
			if err := s.nextCycle(begins); err != nil {
				return err
			}
		}
		s.ordinal = ordinal
		s.set(periodCredited|carried, false)
		if err := s.regrid(cut, later(cut, c.At)); err != nil {
			return err
		}
		if !s.grid.IsZero() {
			s.periodFrom = cut
		}
		return nil
	}
	if !step {
		return nil
	}
	anchor := c.At
	if !s.grid.IsZero() {
		anchor = s.grid.Anchor()
	}
	c.effects.Regrids = true
	if !opens {
		s.ordinal++
	}
	s.set(carried, false)
	if err := s.regrid(anchor, later(cut, c.At)); err != nil {
		return err
	}
	if !s.grid.IsZero() && !was.periodFrom.IsZero() {
		s.periodFrom = begins // another change of the instant has the same cut
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// setAnchor moves the grid. The current period then ends at the first boundary of the
// new grid.
func (s *span) setAnchor(anchor time.Time, c *Change) error {
	s.opened = c
	if s.kind != running || s.every().IsZero() {
		s.mutablePending().anchor = anchor
		return nil
	}
	grid, err := calendar.NewSchedule(anchor, s.every(), s.terms.version.MonthEnd(), s.terms.zone)
	if err != nil {
		return err
	}
	// A period that begins at its cut, later than the call, ends after it.
	end, err := grid.NextAfter(later(c.At, s.periodFrom))
	if err != nil {
		return err
	}
	s.grid, s.periodEnd = grid, end
	return nil
}

// reactivate brings a cancelled subscription back: to its agreed start if that is
// ahead, into the period that was running if that is paid and not over, else into a
// new one.
func (s *span) reactivate(cmd *record, c *Change) error {
	p := s.mutablePending()
	if p.start.After(c.At) {
		if !cmd.TrialEnd.IsZero() && !cmd.TrialEnd.After(p.start) || !cmd.EndDate.IsZero() && cmd.EndDate.Before(p.start) {
			return lifecycle.ErrInvalidDates
		}
		s.opened, s.kind = c, future
		s.set(closedFlag|held|suspended, false)
		if !cmd.TrialEnd.IsZero() {
			p.trialEnd = cmd.TrialEnd
		}
		return nil
	}
	p.start, p.trialEnd = time.Time{}, time.Time{}
	if s.is(noRenewal) {
		p.renewalOff = c.At // what was said of the term that ended holds for the next
	}
	stopped := p.stopped
	same := cmd.TrialEnd.IsZero() && s.paid() && c.At.Before(s.periodEnd) && !s.is(periodCredited) && (p.endsAt.IsZero() || p.endsAt.After(c.At)) && !s.termsOver(c.At)
	s.opened = c
	s.set(closedFlag|held|suspended, false) // only an operator reactivates one that is held or suspended
	p.stopped = time.Time{}
	if same {
		s.kind = running
		s.cycle, s.phaseCycle = max(s.cycle, 1), max(s.phaseCycle, 1)
		s.goesOn()
		p = s.mutablePending()
		if !p.phaseEnd.IsZero() { // a phase that ended in the meantime ends now
			p.phaseEnd = later(p.phaseEnd, c.At)
		}
		return nil
	}
	at := later(c.At, stopped)
	s.beginTerms()
	s.countFrom(at)
	p = s.mutablePending()
	p.termFrom, p.boundUntil = time.Time{}, time.Time{}
	if !cmd.TrialEnd.IsZero() && !s.is(trialUsed) {
		s.kind = trial
		s.set(trialUsed|noPeriodYet, true)
		s.grid, s.periodFrom, s.periodEnd = calendar.Schedule{}, time.Time{}, time.Time{}
		p.trialEnd = cmd.TrialEnd
		return nil
	}
	c.effects.NewGrid, c.effects.Regrids = true, true
	return s.open(at)
}

// paid reports whether the period in the span was billed in advance.
func (s *span) paid() bool {
	if s.periodEnd.IsZero() || s.is(noPeriodYet) {
		return false
	}
	for item := range s.terms.phase(s.phase).Charges() {
		if !item.Once() && item.Timing() == plan.Advance {
			return true
		}
	}
	return false
}
