package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/plan"
)

// pauseNow stops service and bills. The period that was running is kept in mind:
// a resume may come back into it, or move its end.
func (s *span) pauseNow(due *scheduled, c *Change) error {
	cmd := due.command
	s.kind = paused
	s.opened = c
	p := s.edit()
	p.pause = nil
	p.pausedAt = c.At
	if c.Credit() != plan.CreditNone {
		s.set(creditedNow, true)
	}
	if !due.resumes() || cmd.Cycles > 0 && s.grid.IsZero() {
		return nil // nothing recurs any more that could be counted
	}
	// A boundary that moved may have brought the pause behind its own end.
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
	p.resume = &scheduled{at: resumeAt, command: cmd, policy: c.Policy}
	return nil
}

// resumeNow ends a pause. Keep comes back to the old grid, reset begins a new
// one, extend moves the end of the period that the pause interrupted by the
// length of the pause.
func (s *span) resumeNow(c *Change) error {
	p := s.edit()
	since := p.pausedAt
	p.pausedAt, p.resume = time.Time{}, nil
	s.opened = c
	s.kind = running
	s.set(ownPause, false)
	if s.is(unopened) {
		return s.open(c.At)
	}
	if s.grid.IsZero() {
		return nil
	}
	switch c.Policy.ResumeAnchor {
	case plan.ResetAnchor:
		c.NewGrid = true
		if err := s.regrid(c.At, c.At); err != nil {
			return err
		}
		return s.nextCycle(c.At)
	case plan.ExtendAnchor:
		end, err := s.extended(since, c)
		if err != nil {
			return err
		}
		if end.Equal(s.periodEnd) {
			break
		}
		c.Extended = true
		if s.grid, err = calendar.NewSchedule(end, s.every(), s.grid.MonthEnd(), s.terms.zone); err != nil {
			return err
		}
		s.periodEnd = end
	}
	if c.At.Before(s.periodEnd) {
		s.cycle, s.stageCycle = max(s.cycle, 1), max(s.stageCycle, 1)
		return nil
	}
	running, err := s.grid.PeriodAt(c.At)
	if err != nil {
		return err
	}
	s.periodFrom, s.periodEnd = c.At, running.End
	return s.nextCycle(c.At)
}

// extended answers the period's end moved by the length of the pause: by civil
// days at the same wall-clock time, with a basis of seconds exactly.
func (s *span) extended(since time.Time, c *Change) (time.Time, error) {
	if c.Policy.Basis == calendar.BySecond {
		return s.periodEnd.Add(c.At.Sub(since)), nil
	}
	days := s.terms.zone.DaysBetween(since, c.At)
	if days == 0 {
		return s.periodEnd, nil
	}
	return s.terms.zone.Add(s.periodEnd, calendar.Days(days), calendar.Clamp)
}

// nextCycle counts a period that begins out of turn at t, and the phase that it
// may begin with it.
func (s *span) nextCycle(t time.Time) error {
	s.cycle++
	s.stageCycle++
	s.set(creditedNow, false)
	if n := s.terms.stage(s.stage).Cycles(); n > 0 && int(s.stageCycle) > n && !s.lastStage() {
		before := s.every()
		if err := s.nextStage(t); err != nil {
			return err
		}
		if s.every() != before {
			return s.regrid(t, t)
		}
	}
	return nil
}

// hold stops service by an operator's decision; release ends that.
func (s *span) hold(c *Change) {
	s.opened = c
	s.set(held, true)
	switch s.kind {
	case running:
		s.kind = paused
		s.edit().pausedAt = c.At
		if c.Credit() != plan.CreditNone {
			s.set(creditedNow, true)
		}
	case paused:
		s.set(ownPause, true)
	}
}

func (s *span) release(c *Change) error {
	s.set(held, false)
	s.opened = c
	p := s.waits()
	switch {
	case s.kind == future && !p.start.After(c.At):
		if err := s.start(c.At, nil); err != nil {
			return err
		}
		s.opened.Command, s.opened.Recorded, s.opened.Policy = c.Command, c.Recorded, c.Policy
	case s.kind == paused && !s.is(ownPause):
		return s.resumeNow(c)
	case s.kind == paused:
		s.set(ownPause, false)
		if r := p.resume; r != nil && r.at.Before(c.At) { // it came due under the hold
			due := *r
			due.at = c.At
			s.edit().resume = &due
		}
	}
	return nil
}
