package subscription

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/plan"
)

// kind is what a span is made of. Statuses are derived from it: a running span
// is active or non_renewing by the endings that lie ahead.
type kind uint8

const (
	future kind = iota + 1
	trial
	running
	paused
	ended
)

// A span is a stretch of the subscription's life in which nothing but the
// passing of periods happens. It holds everything that is needed to go on from
// its beginning, so that the span at an instant is the whole state there, as
// it was known then. The last span of a projection has no end.
//
// Spans of no length are kept: two commands at one instant are two changes.
type span struct {
	from time.Time
	// periodFrom and periodEnd bound the period that runs at from: the paid or
	// due one. Zero where no period runs (before the first billing, or where
	// nothing recurs). In a paused span it is the period in which the pause
	// began.
	periodFrom, periodEnd time.Time
	grid                  calendar.Schedule
	terms                 *terms
	opened                *Change  // nil: started by being made; see opening
	pending               *pending // nil: nothing is waiting and everything is usual
	// cycle is the number of the period at from within the plan's length,
	// stageCycle within the stage; both begin with 1.
	cycle, stageCycle int32
	stage             uint16
	kind              kind
	flags             flags
}

type flags uint8

const (
	held        flags = 1 << iota // by an operator
	closedFlag                    // ended for good
	ownPause                      // the customer's own pause, remembered under a hold
	noRenewal                     // auto-renewal is off
	trialUsed                     // a trial began at some time
	creditedNow                   // something of the running period was credited
	unopened                      // no period has begun since the start or the last new beginning
	crossing                      // a period ends where the span begins, and more may be due there before the next is open
)

// opening answers the change that opened the span. Most subscriptions have only
// been started: that is not stored.
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

// pending holds what waits for its time, and the rare facts of a span. It is
// never changed once a span holds it; edit makes a copy.
type pending struct {
	start      time.Time // of a future span
	trialEnd   time.Time // of a trial span
	anchor     time.Time // asked for, and not in force before the first period
	pausedAt   time.Time // where the running pause began
	lengthFrom time.Time // where the plan's length counts from, if not the first period
	stageEnd   time.Time // of a phase with a length
	endsAt     time.Time // of a plan with a length in time
	endDate    time.Time

	cancel  *scheduled
	pause   *scheduled
	resume  *scheduled
	changes []*scheduled
}

// A scheduled effect is a command that waits. at is zero for "at period end".
type scheduled struct {
	at      time.Time
	command *Command
	policy  *plan.Policy
	// unbounded: a pause whose own end was taken back before it began.
	unbounded bool
}

// resumes reports whether a scheduled pause has an end of its own.
func (c *scheduled) resumes() bool {
	return !c.unbounded && (!c.command.ResumeAt.IsZero() || c.command.Cycles > 0)
}

var none pending

// waits answers the span's pending facts, for reading.
func (s *span) waits() *pending {
	if s.pending == nil {
		return &none
	}
	return s.pending
}

// edit answers a copy of the pending facts that the caller may change.
func (s *span) edit() *pending {
	p := *s.waits()
	s.pending = &p
	return &p
}

// settle drops pending facts of which none is left.
func (s *span) settle() {
	p := s.pending
	if p != nil && p.cancel == nil && p.pause == nil && p.resume == nil && len(p.changes) == 0 &&
		p.start.IsZero() && p.trialEnd.IsZero() && p.anchor.IsZero() && p.pausedAt.IsZero() &&
		p.lengthFrom.IsZero() && p.stageEnd.IsZero() && p.endsAt.IsZero() && p.endDate.IsZero() {
		s.pending = nil
	}
}

func (p *pending) without(c *scheduled) {
	kept := make([]*scheduled, 0, len(p.changes))
	for _, other := range p.changes {
		if other != c {
			kept = append(kept, other)
		}
	}
	p.changes = kept
}

// terms are what was agreed: the plan's version and what departs from it.
// Shared by spans and never changed.
type terms struct {
	version  *plan.Version
	zone     calendar.Zone
	quantity decimal.Decimal
	*departures
}

// departures are what was negotiated over the plan; most subscriptions share the
// empty ones.
type departures struct {
	negotiated *plan.Policy            // over the plan's policy; nil: nothing
	quantities assoc[decimal.Decimal]  // by charge
	prices     assoc[*plan.Table]      // by charge
	overrides  assoc[feature.Override] // of the plan's features, by their keys
}

// asSold departs from nothing. It is never changed.
var asSold = &departures{}

// departing answers a copy whose departures may be changed.
func (t *terms) departing() *terms {
	next, d := *t, *t.departures
	next.departures = &d
	return &next
}

// policy answers every choice that is in force.
func (t *terms) policy() plan.Policy {
	if t.negotiated != nil {
		return t.negotiated.Or(t.version.Policy())
	}
	return t.version.Policy()
}

// choices is policy, for a change to keep.
func (t *terms) choices() *plan.Policy {
	p := t.policy()
	return &p
}

func (t *terms) stage(i uint16) *plan.Stage { return t.version.Stage(int(i)) }

// of answers the quantity of a charge that is not metered.
func (t *terms) of(item *plan.Item) decimal.Decimal {
	if q, ok := t.quantities.value(item.ID()); ok {
		return q
	}
	if q, ok := item.FixedQuantity(); ok {
		return q
	}
	return t.quantity
}

func (t *terms) table(item *plan.Item) *plan.Table {
	if p, ok := t.prices.value(item.ID()); ok {
		return p
	}
	return item.Table()
}

func (s *span) every() calendar.Interval { return s.terms.stage(s.stage).Every() }

// period answers the period that holds t, and how many began after the one at
// the span's beginning. With closing, the one that ends at t. t must not lie
// before the span.
func (s *span) period(t time.Time, closing bool) (from, end time.Time, later int, err error) {
	if s.kind != running || s.periodEnd.IsZero() || t.Before(s.periodEnd) || closing && t.Equal(s.periodEnd) {
		return s.periodFrom, s.periodEnd, 0, nil
	}
	p, err := s.grid.PeriodAt(t)
	if err == nil && closing && p.Start.Equal(t) {
		p, err = s.grid.PeriodAt(t.Add(-1))
	}
	if err != nil {
		return time.Time{}, time.Time{}, 0, err
	}
	n, err := s.grid.Count(s.periodEnd, p.End)
	return p.Start, p.End, n, err
}

// cyclesOn answers the end of the period that lies n periods after the running
// one; n = 0 is the running one's own end. A period that is empty, because its
// civil day was skipped, is no cycle.
func (s *span) cyclesOn(n int) (time.Time, error) {
	if n <= 0 {
		return s.periodEnd, nil
	}
	return s.grid.After(s.periodEnd, n)
}
