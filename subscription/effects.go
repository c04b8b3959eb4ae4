package subscription

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// The effects below change a span that begins at the instant of the effect.
// They know nothing of permissions: the table in package lifecycle has spoken.

// start begins the service at t: a trial if the plan grants one, else the first period.
func (s *span) start(t time.Time, by *Command) error {
	p := s.edit()
	p.start = time.Time{}
	end := p.trialEnd // extended before it began
	if end.IsZero() && !s.is(trialUsed) {
		var err error
		if end, err = trialEnd(s.terms, t); err != nil {
			return err
		}
	}
	if end.After(t) {
		s.kind = trial
		s.set(trialUsed, true)
		p.trialEnd = end
		s.countFrom(t)
		s.opened = &Change{Kind: TrialBegan, At: t}
		s.opened.by(by, nil)
		return nil
	}
	p.trialEnd = time.Time{}
	s.kind = running
	s.countFrom(t)
	s.opened = &Change{Kind: Started, At: t}
	s.opened.by(by, nil)
	return s.open(t)
}

// trialEnd answers when a trial that begins at t ends; zero where there is none.
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

// endTrial ends the running trial at t by the trial's own rule.
func (s *span) endTrial(t time.Time, by *Command) error {
	p := s.edit()
	p.trialEnd = time.Time{}
	p.changes = slices.Clone(p.changes)
	for i, c := range p.changes {
		if c.at.IsZero() { // it waited for this end, not for the one of the period that follows
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
	s.opened.by(by, nil)
	switch {
	case rule == plan.CancelAtTrialEnd:
		c := &Change{Kind: Ended, At: t, Cause: lifecycle.CauseCancel, Policy: s.terms.choices()}
		c.by(by, nil)
		s.end(c)
		return nil
	case rule == plan.PauseAtTrialEnd:
		s.set(ownPause, s.is(held))
		s.idle(t)
		return nil
	case s.is(held):
		s.idle(t)
		return nil
	}
	return s.open(t)
}

// idle pauses a subscription whose first period has not begun.
func (s *span) idle(t time.Time) {
	s.kind = paused
	s.set(unopened, true)
	s.edit().pausedAt = t
}

// open begins the first period, or the first of a new beginning, at t. The grid
// is anchored where it was asked to be, else at t.
func (s *span) open(t time.Time) error {
	p := s.edit()
	anchor := t
	if !p.anchor.IsZero() {
		anchor = p.anchor
		p.anchor = time.Time{}
	}
	p.pausedAt = time.Time{}
	s.kind = running
	s.set(unopened|creditedNow, false)
	s.beginTerms()
	if err := s.bound(t); err != nil {
		return err
	}
	return s.regrid(anchor, t)
}

// beginTerms counts phases and length anew.
func (s *span) beginTerms() {
	s.stage, s.stageCycle, s.cycle = 0, 1, 1
	p := s.edit()
	p.stageEnd, p.endsAt = time.Time{}, time.Time{}
}

// countFrom notes that the length of the plan, where it counts from the start,
// counts from t: a new beginning or a change of plan.
func (s *span) countFrom(t time.Time) {
	p := s.edit()
	p.lengthFrom = time.Time{}
	if length, ok := s.terms.version.Length(); ok && length.From == plan.FromStart && s.kind != future {
		p.lengthFrom = t
	}
}

// bound notes the ends that are stretches of time from t: the phase's and the length's.
func (s *span) bound(t time.Time) error {
	if err := s.boundStage(t); err != nil {
		return err
	}
	length, ok := s.terms.version.Length()
	if !ok || length.Interval.IsZero() {
		return nil
	}
	from := t
	if p := s.waits(); !p.lengthFrom.IsZero() {
		from = p.lengthFrom
	}
	at, err := s.terms.zone.Add(from, length.Interval, s.terms.version.MonthEnd())
	s.edit().endsAt = at
	return err
}

// boundStage notes the end of a phase whose length is a stretch of time.
func (s *span) boundStage(t time.Time) error {
	length := s.terms.stage(s.stage).Length()
	if length.IsZero() || s.lastStage() {
		return nil
	}
	at, err := s.terms.zone.Add(t, length, s.terms.version.MonthEnd())
	s.edit().stageEnd = at
	return err
}

func (s *span) lastStage() bool { return int(s.stage) >= s.terms.version.Stages()-1 }

// nextStage goes on to the next phase, which begins at t.
func (s *span) nextStage(t time.Time) error {
	s.stage++
	s.stageCycle = 1
	s.edit().stageEnd = time.Time{}
	return s.boundStage(t)
}

// end ends the subscription. What was scheduled is dropped with it.
func (s *span) end(c *Change) {
	s.kind = ended
	s.opened = c
	s.set(ownPause, false)
	p := s.edit()
	*p = pending{endDate: p.endDate, anchor: p.anchor, lengthFrom: p.lengthFrom, stageEnd: p.stageEnd, endsAt: p.endsAt}
	if c.Credit() != plan.CreditNone {
		s.set(creditedNow, true)
	}
}

// change puts terms in force.
func (s *span) change(to *terms, c *Change) error {
	before, month := s.every(), s.terms.version.MonthEnd()
	replan := to.version != s.terms.version
	s.terms, s.opened = to, c
	if replan {
		s.beginTerms()
		s.countFrom(c.At)
		switch s.kind {
		case paused:
			// No period of the new plan has begun: the one that the resume opens is its first.
			s.cycle, s.stageCycle = 0, 0
			fallthrough
		case running:
			if err := s.bound(c.At); err != nil {
				return err
			}
		}
	}
	if s.kind == paused && !s.is(unopened) && (s.every() != before || to.version.MonthEnd() != month) {
		return s.restep(s.grid.Anchor(), c.At)
	}
	if s.kind != running {
		return nil
	}
	opens := c.Scheduled() && s.onBoundary(c.At) // the period that begins is billed as any other
	if c.Policy.ChangeCredit != plan.CreditNone && c.Policy.ChargeNew == plan.ChargeNone && !opens {
		s.set(creditedNow, true)
	}
	if c.Policy.ChangeAnchor == plan.ResetAnchor {
		c.NewGrid = true
		at, err := c.Cut(to.zone, s.onBoundary(c.At))
		if err != nil {
			return err
		}
		if !replan && c.At.After(s.periodFrom) {
			if err := s.nextCycle(c.At); err != nil {
				return err
			}
		}
		s.set(creditedNow, false)
		if err := s.regrid(at, later(at, c.At)); err != nil {
			return err
		}
		if !s.grid.IsZero() {
			s.periodFrom = at
		}
		return nil
	}
	if s.every() == before && to.version.MonthEnd() == month {
		return nil
	}
	anchor := c.At
	if !s.grid.IsZero() {
		anchor = s.grid.Anchor()
	}
	return s.regrid(anchor, c.At)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// onBoundary reports whether a period begins at t.
func (s *span) onBoundary(t time.Time) bool { return t.Equal(s.periodFrom) || t.Equal(s.periodEnd) }

// setAnchor moves the grid. The running period then ends at the first boundary
// of the new grid.
func (s *span) setAnchor(anchor time.Time, c *Change) error {
	s.opened = c
	if s.kind != running || s.every().IsZero() {
		s.edit().anchor = anchor
		return nil
	}
	grid, err := calendar.NewSchedule(anchor, s.every(), s.terms.version.MonthEnd(), s.terms.zone)
	if err != nil {
		return err
	}
	end, err := grid.NextAfter(c.At)
	if err != nil {
		return err
	}
	s.grid, s.periodEnd = grid, end
	return nil
}

// reactivate brings a cancelled subscription back: into the period that it left
// if that is paid and still runs, else into a new one.
func (s *span) reactivate(cmd *Command, c *Change) error {
	p := s.edit()
	same := cmd.TrialEnd.IsZero() && s.paid() && c.At.Before(s.periodEnd) && !s.is(creditedNow) && (p.endsAt.IsZero() || p.endsAt.After(c.At))
	s.opened = c
	s.set(closedFlag|held, false) // a held one is the operator's to bring back
	if same {
		s.kind = running
		s.cycle, s.stageCycle = max(s.cycle, 1), max(s.stageCycle, 1)
		if !p.stageEnd.IsZero() { // a phase that ended meanwhile ends now
			p.stageEnd = later(p.stageEnd, c.At)
		}
		return nil
	}
	s.beginTerms()
	s.countFrom(c.At)
	p = s.edit()
	if !cmd.TrialEnd.IsZero() && !s.is(trialUsed) {
		s.kind = trial
		s.set(trialUsed|unopened, true)
		s.grid, s.periodFrom, s.periodEnd = calendar.Schedule{}, time.Time{}, time.Time{}
		p.trialEnd = cmd.TrialEnd
		return nil
	}
	c.NewGrid = true
	return s.open(c.At)
}

// paid reports whether the period that the span remembers was billed in advance.
func (s *span) paid() bool {
	if s.periodEnd.IsZero() || s.is(unopened) {
		return false
	}
	for _, item := range s.terms.stage(s.stage).Items() {
		if !item.Once() && item.Timing() == plan.Advance {
			return true
		}
	}
	return false
}
