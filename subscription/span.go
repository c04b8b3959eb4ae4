package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/plan"
)

// kind is the main part of a span's status: a running span is active or non_renewing,
// depending on the expected endings.
type kind uint8

const (
	future kind = iota + 1
	trial
	running
	paused
	ended
)

// A span is a stretch of the subscription's life in which nothing happens except that
// periods pass. It holds everything that is needed to project from its beginning: it
// is the whole state at that instant, as known then. The last span has no end. A
// [Segment] is the public view of a span.
//
// Empty spans are kept: two commands at one instant are two changes.
type span struct {
	from time.Time
	// periodFrom and periodEnd bound the period that runs at from. Zero if none does:
	// before the first one, or if nothing recurs. In a paused span it is the period in
	// which the pause began.
	periodFrom, periodEnd time.Time
	grid                  calendar.Schedule
	terms                 *terms
	opened                *Change  // nil: started when it was created; see opening
	pending               *pending // nil: nothing waits and no rare fact holds
	// cycle is the number of the period at from within the plan's length, phaseCycle
	// within the phase; both start with 1.
	cycle, phaseCycle int32
	// ordinal is the number of the period over the whole life, from 0; -1 before
	// the first one.
	ordinal int32
	// reach is how far any span before this one can have been paid in advance.
	reach reach
	phase uint16
	flags flags
	kind  kind
}

type flags uint16

const (
	held           flags = 1 << iota // by an operator
	closedFlag                       // ended for good
	ownPause                         // the customer's own pause, remembered under a hold
	noRenewal                        // auto-renewal is off
	trialUsed                        // a trial has begun
	periodCredited                   // something of the running period was credited
	noPeriodYet                      // no period has begun since the start, or since the reactivation that started over
	atBoundary                       // a period ends where the span begins, and more may be due there before the next is open
	mixed                            // the invoice at the period's end holds more than whole periods, or something waits for it
	regridded                        // the grid was replaced during the pause
	carried                          // the running period was open before the span began
	suspended                        // by an operator: no service, and billing goes on
)

// opening returns the change that opened the span. That a subscription started, which
// is all that most of them did, is not stored.
func (s *span) opening() *Change {
	if s.opened != nil {
		return s.opened
	}
	return &Change{Kind: Started, At: s.from, Command: 1, Recorded: s.from}
}

func (s *span) is(f flags) bool { return s.flags&f != 0 }

func (s *span) set(f flags, on bool) {
	if on {
		s.flags |= f
	} else {
		s.flags &^= f
	}
}

// pending holds what is scheduled, and the rare facts of a span. It is never changed
// once a span holds it; mutablePending makes a copy.
type pending struct {
	start      time.Time // of a future span
	trialEnd   time.Time // of a trial span
	anchor     time.Time // requested, in force from the first period
	stopped    time.Time // the cut of the pause or of the ending, up to which time was billed
	lengthFrom time.Time // where the plan's length counts from, if not the first period
	phaseEnd   time.Time // of a phase with a length
	endsAt     time.Time // of a plan with a length in time
	endDate    time.Time
	termFrom   time.Time // where the first term of the contract begins
	boundUntil time.Time // the end of a term of the plan before this one
	renewalOff time.Time // when auto-renewal was turned off
	// closedFrom is where the period began that ended where the span begins, as long
	// as more may be due there.
	closedFrom time.Time

	cancel  *scheduled
	pause   *scheduled
	resume  *scheduled
	changes []*scheduled
	ends    []*scheduled // of attachments

	increase *increase // of prices; nil: none
}

// A scheduled effect is a command that waits. at is zero for "at period end".
type scheduled struct {
	at      time.Time
	command *record
	policy  *plan.Policy
	// unbounded says that the pause's own end was undone before it began.
	unbounded bool
	// last is the number of the last period of an attachment that ends with a number of
	// cycles.
	last int32
}

// resumes reports whether a scheduled pause has an end of its own.
func (c *scheduled) resumes() bool {
	return !c.unbounded && (!c.command.ResumeAt.IsZero() || c.command.Cycles > 0)
}

var none pending

// pendingFacts returns the span's pending facts, read-only.
func (s *span) pendingFacts() *pending {
	if s.pending == nil {
		return &none
	}
	return s.pending
}

// mutablePending gives the span a copy of its pending facts and returns it, to be
// changed.
func (s *span) mutablePending() *pending {
	p := *s.pendingFacts()
	s.pending = &p
	return &p
}

// setPending gives the span other pending facts, none if nothing waits.
func (s *span) setPending(p pending) {
	s.pending = nil
	if !p.isEmpty() {
		s.pending = copied(&p)
	}
}

// dropEmpty drops the pending facts if none is left.
func (s *span) dropEmpty() {
	if s.pending != nil && s.pending.isEmpty() {
		s.pending = nil
	}
}

func (p *pending) isEmpty() bool {
	return p.cancel == nil && p.pause == nil && p.resume == nil && len(p.changes) == 0 && len(p.ends) == 0 &&
		p.start.IsZero() && p.trialEnd.IsZero() && p.anchor.IsZero() && p.stopped.IsZero() &&
		p.lengthFrom.IsZero() && p.phaseEnd.IsZero() && p.endsAt.IsZero() && p.endDate.IsZero() && p.closedFrom.IsZero() &&
		p.termFrom.IsZero() && p.boundUntil.IsZero() && p.renewalOff.IsZero() && p.increase == nil
}

func (p *pending) without(c *scheduled) {
	if len(p.changes) == 1 && p.changes[0] == c {
		p.changes = nil
		return
	}
	kept := make([]*scheduled, 0, len(p.changes))
	for _, other := range p.changes {
		if other != c {
			kept = append(kept, other)
		}
	}
	p.changes = kept
}

func (s *span) every() calendar.Interval { return s.terms.phase(s.phase).Every() }
