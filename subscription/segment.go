package subscription

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A Segment is a stretch of a subscription's life in which the plan, its phase,
// the prices, the quantities and the grid of periods are one and the same, and in
// which it is billable throughout or not at all. Segments are disjoint, follow
// one another without a gap, and never end but for the next to begin; the last
// one is open. A segment of no length was cut off at the instant it began: two
// commands at one instant are two changes.
//
// It is a view of an immutable value: cheap to copy, safe to share.
type Segment struct {
	span  *span
	next  *span
	until time.Time // where the view ends; zero: where the span does
}

// Segments returns how many segments the subscription's life has, as far as it is
// known: [Subscription.Segment] numbers them from 0.
func (s Subscription) Segments() int {
	if s.c == nil {
		return 0
	}
	return len(s.c.spans)
}

// Segment returns segment i. It panics, as a slice would, if there is none.
func (s Subscription) Segment(i int) Segment {
	seg := Segment{span: &s.c.spans[i]}
	if i+1 < len(s.c.spans) {
		seg.next = &s.c.spans[i+1]
	}
	return seg
}

// SegmentAt returns the number of the segment that holds t: the last one that
// begins at t or before. It is -1 before the subscription was made.
func (s Subscription) SegmentAt(t time.Time) int {
	if s.c == nil {
		return -1
	}
	return s.c.index(t)
}

// Timeline cuts a period into the segments that lie in it; the first and the last
// are cut to it. A period with an open end takes the open last segment whole.
func (s Subscription) Timeline(p calendar.Period) []Segment {
	var all []Segment
	for i := range s.Segments() {
		seg := s.Segment(i)
		if !p.IsOpen() && !seg.From().Before(p.End) || !seg.To().IsZero() && !seg.To().After(p.Start) {
			continue
		}
		if seg.From().Before(p.Start) {
			cut, err := seg.span.at(p.Start, false)
			if err != nil {
				continue
			}
			cut.opened = seg.span.opening()
			seg.span = &cut
		}
		if !p.IsOpen() && (seg.To().IsZero() || seg.To().After(p.End)) {
			seg.until = p.End
		}
		all = append(all, seg)
	}
	return all
}

// From is where the segment begins.
func (g Segment) From() time.Time { return g.span.from }

// To is where it ends, not included; zero while it is open.
func (g Segment) To() time.Time {
	switch {
	case !g.until.IsZero():
		return g.until
	case g.next != nil:
		return g.next.from
	}
	return time.Time{}
}

// Billable reports whether its time is billed: a paid period runs.
func (g Segment) Billable() bool { return g.span.kind == running }

// Trial reports whether it is a trial, and when that was to end.
func (g Segment) Trial() (end time.Time, ok bool) {
	return g.span.waits().trialEnd, g.span.kind == trial
}

// Ended reports whether the subscription is cancelled in it.
func (g Segment) Ended() bool { return g.span.kind == ended }

// Entitled reports whether the owner may use what the plan grants.
func (g Segment) Entitled() bool {
	return (g.span.kind == running || g.span.kind == trial) && !g.span.is(held)
}

// Opened is the change that opened it.
func (g Segment) Opened() Change { return *g.span.opening() }

// Closed is the change that closed it; false while it is open.
func (g Segment) Closed() (Change, bool) {
	if g.next == nil {
		return Change{}, false
	}
	return *g.next.opening(), true
}

// Version is the plan version in force, Stage its phase.
func (g Segment) Version() *plan.Version { return g.span.terms.version }

// Stage: see [Segment.Version].
func (g Segment) Stage() *plan.Stage { return g.span.terms.stage(g.span.stage) }

// Zone is the zone of the subscription's calendar.
func (g Segment) Zone() calendar.Zone { return g.span.terms.zone }

// Policy holds every choice that is in force, none of them empty.
func (g Segment) Policy() plan.Policy { return g.span.terms.policy() }

// Rounding is the policy's rounding of a line.
func (g Segment) Rounding() money.Rounding {
	if n := g.span.terms.negotiated; n != nil && n.Rounding != "" {
		return n.Rounding
	}
	return g.span.terms.version.Rounding()
}

// Quantity is the quantity of a charge of the stage that is not metered.
func (g Segment) Quantity(item *plan.Item) decimal.Decimal { return g.span.terms.of(item) }

// Price is the price of a charge of the stage: the negotiated one, or the plan's.
func (g Segment) Price(item *plan.Item) *plan.Table { return g.span.terms.table(item) }

// Grid is the grid of periods; the zero Schedule where nothing recurs or no
// period has begun yet.
func (g Segment) Grid() calendar.Schedule { return g.span.grid }

// Period is the period that runs at the beginning of a billable segment, from
// where it is billed. The zero Period where nothing recurs.
func (g Segment) Period() calendar.Period {
	return calendar.Period{Start: g.span.periodFrom, End: g.span.periodEnd}
}

// PeriodEndingAt returns the period that runs up to t or holds it, t being in the
// segment or its end: at a boundary the period that ends there.
func (g Segment) PeriodEndingAt(t time.Time) (calendar.Period, error) {
	from, end, _, err := g.span.period(t, true)
	return calendar.Period{Start: from, End: end}, err
}

// Foresees reports whether anything is known to come that could cut a period:
// something is scheduled, or the phase or the plan has a length.
func (g Segment) Foresees() bool {
	_, bounded := g.span.terms.version.Length()
	return g.span.pending != nil || bounded || !g.span.lastStage()
}

// Ahead returns the segments that were known to follow at the time of this one,
// before any later command, and that begin before until.
func (g Segment) Ahead(until time.Time) ([]Segment, error) {
	if !g.Foresees() {
		return nil, nil
	}
	spans, err := project([]span{*g.span}, time.Time{})
	if err != nil {
		return nil, err
	}
	var all []Segment
	for i := 1; i < len(spans) && spans[i].from.Before(until); i++ {
		seg := Segment{span: &spans[i]}
		if i+1 < len(spans) {
			seg.next = &spans[i+1]
		}
		all = append(all, seg)
	}
	return all, nil
}

// SameVersion reports whether both segments follow the same version of the plan.
func (g Segment) SameVersion(o Segment) bool { return g.span.terms.version == o.span.terms.version }

// SameTerms reports whether a charge costs the same per period in both segments,
// so that a bill may run on from one into the other.
func (g Segment) SameTerms(o Segment, item *plan.Item) bool {
	a, b := g.span, o.span
	if a.terms == b.terms && a.stage == b.stage {
		return true
	}
	return a.terms.version == b.terms.version && a.stage == b.stage &&
		a.terms.table(item) == b.terms.table(item) && (!b.terms.counts(item) || a.terms.of(item).Equal(b.terms.of(item)))
}

// counts reports whether the subscription's quantities matter to a charge.
func (t *terms) counts(item *plan.Item) bool {
	return item.Metric() == "" && t.table(item).CountsUnits()
}
