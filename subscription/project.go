package subscription

import (
	"errors"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// rank orders what falls due at one instant.
type rank uint8

const (
	rankEnding  rank = iota + 1 // cancel, end date
	rankTrial                   // start, trial end
	rankPhase                   // the next phase
	rankChange                  // scheduled changes, in order of call
	rankPause                   // a scheduled pause
	rankResume                  // a scheduled resume
	rankNoRenew                 // auto-renewal off, length
)

// A tick is what falls due by itself: an effect, its instant and its rank.
type tick struct {
	at    time.Time
	rank  rank
	apply func(s *span, t tick) error
	due   *scheduled
	cause lifecycle.EndingCause
}

// project plays a subscription on from its last span until nothing more is due:
// ticks are derived, never recorded. The work is bounded by what is scheduled
// and by the plan's phases, never by the periods that pass. Unless until is zero,
// nothing later than until is played.
func project(spans []span, until time.Time) ([]span, error) {
	for {
		last := &spans[len(spans)-1]
		t, ok, err := last.nextTick()
		if err == nil && last.is(crossing) && (!ok || t.at.After(last.from)) {
			last.set(crossing, false) // what was due at the boundary is done
			continue
		}
		if err != nil || !ok || !until.IsZero() && t.at.After(until) {
			return spans, err
		}
		next, err := last.at(t.at, t.rank == rankEnding || t.rank == rankPause || t.rank == rankNoRenew)
		if err != nil {
			return nil, err
		}
		crosses := last.crosses(t.at)
		if err := t.apply(&next, t); err != nil {
			return nil, err
		}
		next.set(crossing, crosses && next.crossed())
		next.settle()
		spans = append(spans, next)
	}
}

// crosses reports whether a period of the span ends at t, which lies in it or is
// its beginning.
func (s *span) crosses(t time.Time) bool {
	if s.is(crossing) {
		return true
	}
	if s.periodEnd.IsZero() || s.is(unopened) || t.Before(s.periodEnd) {
		return false
	}
	switch s.kind {
	case running:
		p, err := s.grid.PeriodAt(t)
		return t.Equal(s.periodEnd) || err == nil && p.Start.Equal(t)
	case paused:
		return t.Equal(s.periodEnd) && t.After(s.from)
	}
	return false
}

// crossed reports, of a span that begins where a period ended, whether that end
// still counts: a resume may have moved it.
func (s *span) crossed() bool {
	return s.kind == paused || s.kind == running && !s.opened.Extended
}

// at answers the span as it stands at t, ready to be changed there: the period
// that runs at t, and its number. With closing, a period that ends at t is the
// one that counts: the next has not been opened.
func (s *span) at(t time.Time, closing bool) (span, error) {
	next := *s
	next.from = t
	if s.is(crossing) && s.kind == running && closing && t.Equal(s.from) {
		// The period that begins here is not opened after all.
		if !s.grid.IsZero() {
			next.periodFrom, next.periodEnd = t, t
		}
		next.cycle--
		next.stageCycle--
		return next, nil
	}
	from, end, later, err := s.period(t, closing)
	if err != nil {
		return span{}, err
	}
	next.periodFrom, next.periodEnd = from, end
	next.cycle += int32(later)
	next.stageCycle += int32(later)
	if later > 0 {
		next.set(creditedNow|unopened, false)
	}
	return next, nil
}

// nextTick finds what falls due first in the span, if anything ever does.
func (s *span) nextTick() (tick, bool, error) {
	if s.kind == ended {
		return tick{}, false, nil
	}
	var best tick
	consider := func(t tick) {
		if t.at.IsZero() || t.at.Before(s.from) {
			return
		}
		if best.apply == nil || t.at.Before(best.at) || t.at.Equal(best.at) && t.rank < best.rank {
			best = t
		}
	}
	p := s.waits()
	s.earlyEndings(consider)
	switch s.kind {
	case future:
		if !s.is(held) {
			consider(tick{at: p.start, rank: rankTrial, apply: startTick})
		}
	case trial:
		consider(tick{at: p.trialEnd, rank: rankTrial, apply: trialEndTick})
	}
	if s.kind == running || s.kind == paused {
		at, err := s.stageEnds()
		if err != nil {
			return tick{}, false, err
		}
		consider(tick{at: at, rank: rankPhase, apply: phaseTick})
	}
	for _, c := range p.changes {
		consider(tick{at: s.resolve(c), rank: rankChange, apply: changeTick, due: c})
	}
	if p.pause != nil && (s.kind == running || s.kind == paused && s.is(held)) {
		consider(tick{at: s.resolve(p.pause), rank: rankPause, apply: pauseTick, due: p.pause})
	}
	if s.kind == paused && p.resume != nil && !s.is(held) {
		consider(tick{at: p.resume.at, rank: rankResume, apply: resumeTick, due: p.resume})
	}
	if s.kind == running || s.kind == paused {
		at, cause, err := s.runsOut()
		if err != nil {
			return tick{}, false, err
		}
		consider(tick{at: at, rank: rankNoRenew, apply: endTick, cause: cause})
	}
	return best, best.apply != nil, nil
}

// earlyEndings offers the endings that count before changes do: cancel and end date.
func (s *span) earlyEndings(consider func(tick)) {
	p := s.waits()
	if p.cancel != nil {
		consider(tick{at: s.resolve(p.cancel), rank: rankEnding, apply: endTick, due: p.cancel, cause: lifecycle.CauseCancel})
	}
	consider(tick{at: p.endDate, rank: rankEnding, apply: endTick, cause: lifecycle.CauseEndDate})
}

// resolve answers the instant of a scheduled effect. "At period end" is kept as
// such, so that it moves along with the boundary.
func (s *span) resolve(c *scheduled) time.Time {
	if !c.at.IsZero() {
		return c.at
	}
	switch {
	case s.kind == trial:
		return s.waits().trialEnd
	case s.is(crossing):
		return s.from
	}
	return s.periodEnd
}

// stageEnds answers when the running phase gives way to the next one.
func (s *span) stageEnds() (time.Time, error) {
	if s.lastStage() || s.is(unopened) {
		return time.Time{}, nil
	}
	if at := s.waits().stageEnd; !at.IsZero() {
		return at, nil
	}
	n := s.terms.stage(s.stage).Cycles()
	if n == 0 || s.periodEnd.IsZero() || s.kind == paused {
		// Unbilled periods are no cycles: a paused phase goes on when it resumes.
		return time.Time{}, nil
	}
	return s.cyclesOn(n - int(s.stageCycle))
}

// runsOut answers the end that comes without being asked for: auto-renewal is
// off, or the plan's length is over and it does not roll.
func (s *span) runsOut() (time.Time, lifecycle.EndingCause, error) {
	var at time.Time
	var cause lifecycle.EndingCause
	switch {
	case !s.is(noRenewal) || s.is(unopened):
	case s.is(crossing):
		at, cause = s.from, lifecycle.CauseNoRenewal
	case !s.periodEnd.IsZero() && (s.kind == running || s.periodEnd.After(s.from)):
		at, cause = s.periodEnd, lifecycle.CauseNoRenewal
	}
	end, err := s.lengthEnds()
	if err != nil {
		return time.Time{}, "", err
	}
	if !end.IsZero() && (at.IsZero() || end.Before(at)) {
		at, cause = end, lifecycle.CauseLength
	}
	return at, cause, nil
}

func (s *span) lengthEnds() (time.Time, error) {
	length, ok := s.terms.version.Length()
	if !ok || length.AtEnd == plan.Roll || s.is(unopened) {
		return time.Time{}, nil
	}
	if length.Cycles == 0 {
		return s.waits().endsAt, nil
	}
	cycle := int(s.cycle)
	if s.is(crossing) {
		if s.kind == running {
			cycle-- // of the period that ends
		}
		if cycle >= length.Cycles {
			return s.from, nil
		}
	}
	if s.periodEnd.IsZero() || s.kind == paused && (int(s.cycle) < length.Cycles || !s.periodEnd.After(s.from)) {
		return time.Time{}, nil
	}
	return s.cyclesOn(length.Cycles - int(s.cycle))
}

func startTick(s *span, t tick) error { return s.start(t.at, nil) }

func trialEndTick(s *span, t tick) error { return s.endTrial(t.at, nil) }

func endTick(s *span, t tick) error {
	c := &Change{Kind: Ended, At: t.at, Cause: t.cause, Policy: s.terms.choices()}
	if t.due != nil {
		c.by(t.due.command, t.due.policy)
	}
	s.end(c)
	// A cancellation was asked for and may be taken back by whoever asked; the
	// other endings close.
	s.set(closedFlag, t.cause != lifecycle.CauseCancel)
	return nil
}

func phaseTick(s *span, t tick) error {
	before := s.every()
	s.opened = &Change{Kind: PhaseBegan, At: t.at}
	if err := s.nextStage(t.at); err != nil {
		return err
	}
	if s.kind == paused {
		s.stageCycle = 0 // the period that the resume opens is its first
	}
	if s.every() == before {
		return nil
	}
	// A phase that begins on a boundary with another step begins its own grid;
	// one that begins inside a period keeps the anchor.
	anchor := t.at
	if !s.grid.IsZero() && !s.onBoundary(t.at) {
		anchor = s.grid.Anchor()
		if s.kind == running {
			s.cycle++ // the period is cut, and a part of one counts
		}
	}
	return s.restep(anchor, t.at)
}

func changeTick(s *span, t tick) error {
	s.edit().without(t.due)
	// What changed in between is kept: the terms are made when they come into force.
	to, err := s.retermed(t.due.command)
	if errors.Is(err, ErrPlanUnchanged) || errors.Is(err, ErrNoCharge) {
		// Something else came first: there is nothing left to change.
		s.opened = &Change{Kind: Noted, At: t.at}
		return nil
	}
	if err != nil {
		return err
	}
	c := &Change{Kind: Changed, At: t.at}
	c.by(t.due.command, t.due.policy)
	return s.change(to, c)
}

func pauseTick(s *span, t tick) error {
	c := &Change{Kind: Paused, At: t.at}
	c.by(t.due.command, t.due.policy)
	if s.kind == paused {
		// An operator's hold stopped service before: the customer's own pause is
		// remembered under it.
		c.Kind = Noted
		s.set(ownPause, true)
		since := s.waits().pausedAt
		if err := s.pauseNow(t.due, c); err != nil {
			return err
		}
		s.edit().pausedAt = since
		return nil
	}
	return s.pauseNow(t.due, c)
}

func resumeTick(s *span, t tick) error {
	c := &Change{Kind: Resumed, At: t.at}
	c.by(t.due.command, t.due.policy)
	return s.resumeNow(c)
}

// restep lays a new grid in a pause too. Once the period is over in which the
// pause began, that grid waits for the resume.
func (s *span) restep(anchor, t time.Time) error {
	if anchor.IsZero() {
		anchor = t
	}
	from, end := s.periodFrom, s.periodEnd
	if err := s.regrid(anchor, t); err != nil {
		return err
	}
	if s.kind == paused && !end.IsZero() && !t.Before(end) && !s.grid.IsZero() {
		s.periodFrom, s.periodEnd = from, end
	}
	return nil
}

// regrid lays a new grid with the running stage's step. The running period is
// then the grid's period that holds t, from t on.
func (s *span) regrid(anchor, t time.Time) error {
	if s.every().IsZero() {
		s.grid, s.periodFrom, s.periodEnd = calendar.Schedule{}, time.Time{}, time.Time{}
		return nil
	}
	grid, err := calendar.NewSchedule(anchor, s.every(), s.terms.version.MonthEnd(), s.terms.zone)
	if err != nil {
		return err
	}
	p, err := grid.PeriodAt(t)
	if err != nil {
		return err
	}
	s.grid, s.periodFrom, s.periodEnd = grid, t, p.End
	return nil
}
