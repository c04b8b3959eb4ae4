package subscription

import (
	"errors"
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// rank orders what falls due at one instant.
type rank uint8

const (
	rankDay      rank = iota + 1 // the next phase, if it has the day at whose end an ending is cut
	rankEnding                   // cancel, end date
	rankTrial                    // start, trial end
	rankPhase                    // the next phase
	rankIncrease                 // an increase of prices
	rankChange                   // scheduled changes, in order of call
	rankPause                    // a scheduled pause
	rankResume                   // a scheduled resume
	rankNoRenew                  // auto-renewal off, length
)

// side returns on which side of a boundary a tick takes effect: endings and pauses
// before the next period opens, everything else after.
func (r rank) side() side {
	if r == rankEnding || r == rankPause || r == rankNoRenew {
		return before
	}
	return after
}

// A tick is what falls due by itself: an effect, its instant and its rank.
type tick struct {
	at    time.Time
	rank  rank
	apply func(s *span, t tick) error
	due   *scheduled
	cause lifecycle.EndingCause
	// alone says that it is an increase of prices, and that nothing else is ahead.
	alone bool
}

// project continues a subscription from its last span until nothing more falls due.
// Ticks are derived, never recorded. The work depends on what is scheduled and on the
// plan's phases, not on the number of periods. If until is not zero, nothing later
// than until is projected; if it is, nothing after which prices only increase: see
// span.tail.
func project(spans []span, until time.Time) ([]span, error) {
	for {
		last := &spans[len(spans)-1]
		t, ok, err := last.nextTick()
		if err == nil && last.is(atBoundary) && (!ok || t.at.After(last.from)) {
			last.setBoundary(false, time.Time{}) // everything due at the boundary is done
			last.dropEmpty()
			continue
		}
		if err != nil || !ok || !until.IsZero() && t.at.After(until) || until.IsZero() && t.alone && t.at.After(last.from) {
			return spans, err
		}
		next, err := last.at(t.at, t.rank.side())
		if err != nil {
			return nil, err
		}
		crosses := last.endsPeriodAt(t.at)
		closed := time.Time{}
		if crosses {
			ending, err := last.at(t.at, before)
			if err != nil {
				return nil, err
			}
			closed = ending.periodFrom
		}
		standing := next
		if err := t.apply(&next, t); err != nil {
			return nil, err
		}
		next.setBoundary(crosses && next.stillAtBoundary(), closed)
		next.dropEmpty()
		if t.at.After(last.from) { // else it was replaced where it opened, and never billed
			next.reaches(last, t.at, before)
		}
		next.mixes(&standing, crosses)
		spans = append(spans, next)
	}
}

// setBoundary sets whether more may be due where the span begins and a period ended,
// and where that period began.
func (s *span) setBoundary(on bool, closedFrom time.Time) {
	s.set(atBoundary, on)
	if !on || s.kind != running {
		closedFrom = time.Time{}
	}
	if p := s.pendingFacts(); !p.closedFrom.Equal(closedFrom) {
		next := *p
		next.closedFrom = closedFrom
		s.setPending(next)
	}
}

// endsPeriodAt reports whether a period of the span ends at t, which lies in it or is
// its beginning.
func (s *span) endsPeriodAt(t time.Time) bool {
	if s.is(atBoundary) {
		return true
	}
	if s.periodEnd.IsZero() || s.is(noPeriodYet) || t.Before(s.periodEnd) {
		return false
	}
	switch s.kind {
	case running:
		p, err := s.grid.PeriodAt(t)
		return t.Equal(s.periodEnd) || err == nil && p.Start.Equal(t)
	case paused:
		return t.Equal(s.periodEnd) && t.After(s.from)
	case future, trial, ended:
	}
	return false
}

// stillAtBoundary reports, for a span that begins where a period ended, whether that
// is still its end: a resume may have moved it.
func (s *span) stillAtBoundary() bool {
	return s.kind == paused || s.kind == running && !s.opened.effects.Extended
}

// nextTick returns what falls due first in the span, if anything does.
func (s *span) nextTick() (tick, bool, error) {
	if s.kind == ended || s.goesOnAsItIs() {
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
	p := s.pendingFacts()
	s.earlyEndings(consider)
	switch s.kind {
	case future:
		if !s.is(held) {
			consider(tick{at: p.start, rank: rankTrial, apply: startTick})
		}
	case trial:
		consider(tick{at: p.trialEnd, rank: rankTrial, apply: trialEndTick})
	case running, paused, ended:
	}
	if s.kind == running || s.kind == paused {
		at, err := s.phaseEnds()
		if err != nil {
			return tick{}, false, err
		}
		phase := tick{at: at, rank: rankPhase, apply: phaseTick}
		if best.rank == rankEnding && best.at.Equal(at) && s.endsByDayAfter(best) {
			phase.rank = rankDay
		}
		consider(phase)
	}
	for _, c := range p.changes {
		consider(tick{at: s.resolve(c), rank: rankChange, apply: changeTick, due: c})
	}
	for _, c := range p.ends {
		at, err := s.endOf(c)
		if err != nil {
			return tick{}, false, err
		}
		consider(tick{at: at, rank: rankChange, apply: detachTick, due: c})
	}
	if p.pause != nil && (s.kind == running || s.kind == paused && s.is(held)) {
		consider(tick{at: s.resolve(p.pause), rank: rankPause, apply: pauseTick, due: p.pause})
	}
	if s.kind == paused && p.resume != nil && !s.is(held) {
		consider(tick{at: p.resume.at, rank: rankResume, apply: resumeTick, due: p.resume})
	}
	if s.kind == running || s.kind == paused {
		at, cause, err := s.naturalEnd()
		if err != nil {
			return tick{}, false, err
		}
		consider(tick{at: at, rank: rankNoRenew, apply: endTick, cause: cause})
	}
	alone := best.apply == nil
	consider(tick{at: s.increasesAt(), rank: rankIncrease, apply: increaseTick})
	best.alone = alone
	return best, best.apply != nil, nil
}

// goesOnAsItIs reports that nothing can fall due in the span, as in most: nothing waits, and
// neither the plan nor the subscription ends or changes by itself.
func (s *span) goesOnAsItIs() bool {
	if s.pending != nil || s.is(noRenewal) || !s.isLastPhase() {
		return false
	}
	_, bounded := s.terms.version.Length()
	return !bounded
}

// earlyEndings passes on the endings that come before changes: cancel and end date.
func (s *span) earlyEndings(consider func(tick)) {
	p := s.pendingFacts()
	if p.cancel != nil {
		consider(tick{at: s.cancelsAt(p.cancel), rank: rankEnding, apply: endTick, due: p.cancel, cause: lifecycle.CauseCancel})
	}
	consider(tick{at: p.endDate, rank: rankEnding, apply: endTick, cause: lifecycle.CauseEndDate})
}

// endsByDayAfter reports whether a running span that ends by t is billed up to the end of
// the civil day that begins there: a phase that begins at the same instant has that day.
func (s *span) endsByDayAfter(t tick) bool {
	if s.kind != running || s.endsPeriodAt(t.at) {
		return false
	}
	c := Change{Kind: Ended, At: t.at, policy: s.terms.choices()}
	if t.due != nil {
		c.causedBy(t.due.command, t.due.policy)
	}
	cut, err := c.Cut(s.terms.zone, false)
	return err == nil && cut.After(t.at)
}

// resolve returns the instant of a scheduled effect. "At period end" is stored as
// such, so that it moves with the boundary.
func (s *span) resolve(c *scheduled) time.Time {
	if !c.at.IsZero() {
		return c.at
	}
	switch {
	case s.kind == trial:
		return s.pendingFacts().trialEnd
	case s.is(atBoundary):
		return s.from
	}
	return s.periodEnd
}

// phaseEnds returns when the current phase ends and the next one begins; zero: never.
func (s *span) phaseEnds() (time.Time, error) {
	if s.isLastPhase() || s.is(noPeriodYet) {
		return time.Time{}, nil
	}
	if at := s.pendingFacts().phaseEnd; !at.IsZero() {
		return at, nil
	}
	n := s.terms.phase(s.phase).Cycles()
	if n == 0 || s.periodEnd.IsZero() || s.kind == paused {
		// Unbilled periods are not counted: the phase continues after the resume.
		return time.Time{}, nil
	}
	return s.cyclesOn(n - int(s.phaseCycle))
}

// naturalEnd returns the end that nobody requested for a date: auto-renewal is off, or
// the plan's length is over and it does not roll.
func (s *span) naturalEnd() (time.Time, lifecycle.EndingCause, error) {
	var at time.Time
	var cause lifecycle.EndingCause
	bound, binds := time.Time{}, false
	if s.is(noRenewal) {
		bound, binds = s.noticed(s.pendingFacts().renewalOff)
	}
	switch {
	case !s.is(noRenewal) || s.is(noPeriodYet):
	case binds:
		at, cause = bound, lifecycle.CauseNoRenewal
	case s.is(atBoundary):
		at, cause = s.from, lifecycle.CauseNoRenewal
	case !s.periodEnd.IsZero() && (s.kind == running || s.periodEnd.After(s.from)):
		at, cause = s.periodEnd, lifecycle.CauseNoRenewal
	}
	end, err := s.lengthEnds()
	if err == nil && end.IsZero() {
		end, err = s.lastTermEnds()
	}
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
	if !ok || length.AtEnd == plan.Roll || s.is(noPeriodYet) {
		return time.Time{}, nil
	}
	if length.Cycles == 0 {
		return s.pendingFacts().endsAt, nil
	}
	cycle := int(s.cycle)
	if s.is(atBoundary) {
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
	c := &Change{Kind: Ended, At: t.at, Cause: t.cause, policy: s.terms.choices()}
	if t.due != nil {
		c.causedBy(t.due.command, t.due.policy)
		if t.due.at.IsZero() {
			_, c.phased = s.chosenEnd(t.due.command, t.due.policy)
		}
	}
	if err := s.end(c); err != nil {
		return err
	}
	// After a cancellation the subscriber may reactivate; after any other ending only
	// an operator may.
	s.set(closedFlag, t.cause != lifecycle.CauseCancel)
	return nil
}

func phaseTick(s *span, t tick) error {
	step := s.every()
	s.opened = &Change{Kind: PhaseBegan, At: t.at}
	if err := s.nextPhase(t.at); err != nil {
		return err
	}
	if s.kind == paused {
		s.phaseCycle = 0 // the resume opens its first period
	}
	if s.every() == step {
		return nil
	}
	// A phase with another interval that begins on a boundary has a grid of its own;
	// one that begins within a period keeps the anchor.
	anchor := t.at
	if s.kind == running && (!s.onBoundary(t.at) || s.is(carried)) {
		s.ordinal++
	}
	s.set(carried, false)
	if !s.grid.IsZero() && !s.onBoundary(t.at) {
		anchor = s.grid.Anchor()
		if s.kind == running {
			s.cycle++ // the period is cut, and a part counts as one
		}
	}
	s.opened.effects.Regrids = s.kind == running
	return s.restep(anchor, t.at)
}

func changeTick(s *span, t tick) error {
	rest := *s.pendingFacts()
	rest.without(t.due)
	s.setPending(rest)
	// What changed since it was scheduled is kept: the terms are determined now.
	to, err := s.termsAfter(t.due.command, t.due.policy, t.at)
	if cmd := t.due.command; err == nil && cmd.addOn != nil && !cmd.EndDate.IsZero() && !cmd.EndDate.After(t.at) {
		err = ErrAddOn // it is over before it begins
	}
	if errors.Is(err, ErrPlanUnchanged) || errors.Is(err, ErrNoCharge) || errors.Is(err, ErrNoAttachment) || errors.Is(err, ErrAttached) || errors.Is(err, ErrAddOn) {
		// Another change came first and left nothing to change, or no place for it.
		s.opened = &Change{Kind: Recorded, At: t.at, lapsed: t.due.command}
		return nil
	}
	if err != nil {
		return err
	}
	c := &Change{Kind: Changed, At: t.at}
	c.effects.ChangesPlan = t.due.command.version != nil
	c.causedBy(t.due.command, t.due.policy)
	if err := s.change(to, c); err != nil {
		return err
	}
	s.limit(t.due.command, t.due.policy)
	return nil
}

func pauseTick(s *span, t tick) error {
	c := &Change{Kind: Paused, At: t.at}
	c.causedBy(t.due.command, t.due.policy)
	if s.kind == paused {
		// Service is stopped by an operator's hold already: the customer's own pause is
		// kept under it.
		c.Kind = Recorded
		s.set(ownPause, true)
	}
	return s.pauseNow(t.due, c)
}

func resumeTick(s *span, t tick) error {
	c := &Change{Kind: Resumed, At: t.at}
	c.causedBy(t.due.command, t.due.policy)
	return s.resumeNow(c)
}
