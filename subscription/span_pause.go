package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/plan"
)

// stop ends service and billing. If a period was running, it is divided at the cut of
// the change, which is kept: nothing that begins later begins before it.
func (s *span) stop(to kind, c *Change) error {
	was := s.kind
	last := s.opened
	s.kind, s.opened = to, c
	if was != running {
		return nil
	}
	c.boundary = s.endsAt(last, c.At)
	cut, err := s.cut(c)
	if err != nil {
		return err
	}
	s.mutablePending().stopped = later(cut, s.periodFrom)
	if c.unusedCredit() != plan.CreditNone && cut.Before(s.periodEnd) && s.paysAhead(func(*plan.CompiledCharge) bool { return true }) {
		s.set(periodCredited, true)
	}
	return nil
}

// cut returns where a change divides the current period: at its end at the latest.
func (s *span) cut(c *Change) (time.Time, error) {
	at, err := c.Cut(s.terms.zone, c.boundary)
	if err == nil && !s.periodEnd.IsZero() && at.After(s.periodEnd) {
		at = s.periodEnd
	}
	return at, err
}

// paysAhead reports whether one of the charges selected recurs, is due in advance, and
// has a price above zero.
func (s *span) paysAhead(selected func(*plan.CompiledCharge) bool) bool {
	for charge := range s.terms.phase(s.phase).Charges() {
		if charge.Once() || charge.Timing() != plan.Advance || !selected(charge) {
			continue
		}
		if amount, err := s.terms.priceOf(charge).Rate(s.terms.quantityOf(charge), s.terms.policy().Rounding); err != nil || amount.Sign() > 0 {
			return true
		}
	}
	return false
}

// pauseNow stops service and billing. The current period is kept: a resume may return
// into it, or move its end.
func (s *span) pauseNow(due *scheduled, c *Change) error {
	cmd := due.command
	if err := s.stop(paused, c); err != nil {
		return err
	}
	p := s.mutablePending()
	p.pause = nil
	if !due.resumes() || cmd.Cycles > 0 && s.grid.IsZero() {
		return nil // nothing recurs any more, so there are no cycles to count
	}
	// A boundary that moved may have moved the pause behind its own end.
	resumeAt := later(cmd.ResumeAt, c.At)
	if cmd.Cycles > 0 {
		first, err := s.grid.FirstAtOrAfter(c.At)
		if err != nil {
			return err
		}
		if resumeAt, err = s.grid.After(first, cmd.Cycles); err != nil {
			return err
		}
	}
	p.resume = &scheduled{at: resumeAt, command: cmd, policy: c.policy}
	return nil
}

// resumeNow ends a pause. Keep returns to the old grid, reset starts a new one, extend
// moves the end of the period that was interrupted by the length of the pause.
func (s *span) resumeNow(c *Change) error {
	p := s.mutablePending()
	stopped := p.stopped
	p.stopped, p.resume = time.Time{}, nil
	s.opened = c
	s.kind = running
	s.set(ownPause, false)
	if s.is(noPeriodYet) {
		return s.open(c.At)
	}
	if err := s.extendTerm(stopped, c.At); err != nil {
		return err
	}
	if s.grid.IsZero() {
		s.leaveGrid()
		return nil
	}
	switch c.policy.ResumeAnchor {
	case plan.ResetAnchor:
		c.effects.NewGrid, c.effects.Regrids = true, true
		at := later(c.At, stopped)
		if err := s.regrid(at, at); err != nil {
			return err
		}
		return s.nextCycle(at)
	case plan.ExtendAnchor:
		end, err := s.extended(stopped, c)
		if err != nil {
			return err
		}
		if end.Equal(s.periodEnd) {
			break
		}
		c.effects.Extended = true
		if s.grid, s.periodEnd, err = s.extendGrid(end); err != nil {
			return err
		}
	case plan.KeepAnchor:
	}
	if c.At.Before(s.periodEnd) {
		s.cycle, s.phaseCycle = max(s.cycle, 1), max(s.phaseCycle, 1)
		s.leaveGrid()
		s.goesOn()
		return nil
	}
	running, err := s.grid.PeriodAt(c.At)
	if err != nil {
		return err
	}
	s.periodFrom, s.periodEnd = c.At, running.End
	return s.nextCycle(c.At)
}

// leaveGrid counts a period of its own where the grid was replaced during the pause:
// it is not the one that was interrupted.
func (s *span) leaveGrid() {
	if s.is(regridded) {
		s.ordinal++
	}
	s.set(regridded, false)
}

// extended returns the period's end moved by the length of the pause, counted from
// its cut: by civil days at the same wall-clock time, with a basis of seconds
// exactly. A pause that is over before its cut has no length.
func (s *span) extended(stopped time.Time, c *Change) (time.Time, error) {
	if c.policy.Basis == calendar.BySecond {
		return later(s.periodEnd, s.periodEnd.Add(c.At.Sub(stopped))), nil
	}
	days := s.terms.zone.DaysBetween(stopped, c.At)
	if days <= 0 {
		return s.periodEnd, nil
	}
	return s.terms.zone.Add(s.periodEnd, calendar.Days(days), calendar.Clamp)
}

// nextCycle counts a period that begins at t, which need not be a boundary, and starts
// the next phase if it is due.
func (s *span) nextCycle(t time.Time) error {
	s.cycle++
	s.phaseCycle++
	s.ordinal++
	s.set(periodCredited|regridded|carried, false)
	if n := s.terms.phase(s.phase).Cycles(); n > 0 && int(s.phaseCycle) > n && !s.isLastPhase() {
		step := s.every()
		if err := s.nextPhase(t); err != nil {
			return err
		}
		if s.every() != step {
			return s.regrid(t, t)
		}
	}
	return nil
}

// hold stops service by an operator's decision; release ends the hold.
func (s *span) hold(c *Change) error {
	s.opened = c
	s.set(held, true)
	switch s.kind {
	case running:
		return s.stop(paused, c)
	case paused:
		s.set(ownPause, true)
	case future, trial, ended:
	}
	return nil
}

func (s *span) release(c *Change) error {
	s.set(held, false)
	s.opened = c
	p := s.pendingFacts()
	switch {
	case s.kind == future && !p.start.After(c.At):
		if err := s.start(c.At, nil); err != nil {
			return err
		}
		s.opened.Command, s.opened.Recorded, s.opened.policy = c.Command, c.Recorded, c.policy
	case s.kind == paused && !s.is(ownPause):
		return s.resumeNow(c)
	case s.kind == paused:
		s.set(ownPause, false)
		if r := p.resume; r != nil && r.at.Before(c.At) { // it fell due during the hold
			due := *r
			due.at = c.At
			s.mutablePending().resume = &due
		}
	}
	return nil
}
