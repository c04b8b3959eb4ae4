package subscription

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A Segment is a stretch of a subscription's life in which the plan, its phase, the
// prices, the quantities and the grid of periods do not change, and in which all time
// is billable or none is. Segments are disjoint and follow one another without gaps;
// the last one is open. A segment may have no length: two commands at one instant are
// two changes.
//
// It is a view of an immutable value: cheap to copy and safe to share. The zero
// Segment must not be used.
type Segment struct {
	span  *span
	next  *span
	until *time.Time // where the view ends; nil: where the span does
}

// Segments returns the number of segments of the subscription's life, past and
// expected. [Subscription.Segment] numbers them from 0.
func (s Subscription) Segments() int {
	if s.c == nil {
		return 0
	}
	return s.c.count()
}

// Segment returns segment i. Like a slice, it panics if there is none.
func (s Subscription) Segment(i int) Segment {
	seg := Segment{span: s.c.span(i)}
	if i+1 < s.c.count() {
		seg.next = s.c.span(i + 1)
	}
	return seg
}

// SegmentAt returns the number of the segment that contains t: the last one that
// begins at or before t. It is -1 before the subscription was created.
func (s Subscription) SegmentAt(t time.Time) int {
	if s.c == nil {
		return -1
	}
	return s.c.index(t)
}

// Timeline returns the segments within a period; the first and the last are cut to
// it. If the period has no end, the last segment has none either. The error is that of the
// calendar for a period that it does not hold, and ErrZero for the zero Subscription.
func (s Subscription) Timeline(p calendar.Period) ([]Segment, error) {
	if s.c == nil {
		return nil, ErrZero
	}
	open := p.IsOpen()
	p.Start, p.End = micro.Floor(p.Start), micro.Floor(p.End)
	var all []Segment
	for i := range s.Segments() {
		seg := s.Segment(i)
		if !open && !seg.From().Before(p.End) || !seg.To().IsZero() && !seg.To().After(p.Start) {
			continue
		}
		if seg.From().Before(p.Start) {
			cut, err := seg.span.at(p.Start, after)
			if err != nil {
				return nil, fmt.Errorf("subscription: timeline from %s: %w", stamp(p.Start), err)
			}
			cut.opened = seg.span.opening()
			seg.span = &cut
		}
		if !open && (seg.To().IsZero() || seg.To().After(p.End)) {
			end := p.End
			seg.until = &end
		}
		all = append(all, seg)
	}
	return all, nil
}

// From returns where the segment begins.
func (g Segment) From() time.Time { return g.span.from }

// To returns where it ends, exclusive; zero if it is open.
func (g Segment) To() time.Time {
	switch {
	case g.until != nil:
		return *g.until
	case g.next != nil:
		return g.next.from
	}
	return time.Time{}
}

// Billable reports whether its time is billed.
func (g Segment) Billable() bool { return g.span.kind == running }

// Trial reports whether it is a trial, and when that is expected to end.
func (g Segment) Trial() (end time.Time, ok bool) {
	return g.span.pendingFacts().trialEnd, g.span.kind == trial
}

// Ended reports whether the subscription is cancelled in it.
func (g Segment) Ended() bool { return g.span.kind == ended }

// Entitled reports whether the owner may use what the plan grants.
func (g Segment) Entitled() bool { return g.span.entitled() }

// serves is [seam.Timeline.Serves].
func (g Segment) serves() bool { return g.span.serves() }

// Opened returns the change that opened it.
func (g Segment) Opened() Change { return *g.span.opening() }

// Closed returns the change that closed it; false if it is open.
func (g Segment) Closed() (Change, bool) {
	if g.next == nil {
		return Change{}, false
	}
	return *g.next.opening(), true
}

// Version returns the plan version in force.
func (g Segment) Version() *plan.Version { return g.span.terms.version }

// Phase returns the phase of the plan in force, with the charges of the add-ons that are
// attached behind its own: see [plan.CompiledCharge.Attachment].
func (g Segment) Phase() *plan.CompiledPhase { return g.span.terms.phase(g.span.phase) }

// phaseEnd is [seam.Timeline.PhaseEnd].
func (g Segment) phaseEnd() time.Time { return g.span.pendingFacts().phaseEnd }

// Zone returns the zone of the subscription's calendar.
func (g Segment) Zone() calendar.Zone { return g.span.terms.zone }

// Policy returns every choice that is in force, none of them empty.
func (g Segment) Policy() plan.Policy { return g.span.terms.policy() }

// rounding is [seam.Timeline.Rounding].
func (g Segment) rounding() money.Rounding {
	if n := g.span.terms.negotiated; n != nil && n.Rounding != "" {
		return n.Rounding
	}
	return g.span.terms.version.Rounding()
}

// Quantity returns the quantity of a charge of the phase that is not metered.
func (g Segment) Quantity(item *plan.CompiledCharge) decimal.Decimal {
	return g.span.terms.quantityOf(item)
}

// Price returns the price of a charge of the phase: the negotiated one, or the plan's.
func (g Segment) Price(item *plan.CompiledCharge) *plan.CompiledPrice {
	if t := g.span.terms; len(t.prices) == 0 && t.raised == 0 {
		return item.Price()
	}
	return g.span.terms.priceOf(item)
}

// Minimum returns what a period comes to at least, with its defaults filled in, and whether
// there is one: the negotiated minimum, or the plan's.
func (g Segment) Minimum() (plan.Minimum, bool) { return g.span.terms.minimumOf() }

// hasMinimum is [seam.Timeline.HasMinimum].
func (g Segment) hasMinimum() bool { return g.span.terms.hasMinimum() }

// Grid returns the grid of periods; the zero Schedule if nothing recurs or no period
// has begun.
func (g Segment) Grid() calendar.Schedule { return g.span.grid }

// Period returns the period that runs at the beginning of a billable segment, from
// where it is billed: after a change whose cut lies later, from the cut. The zero
// Period if nothing recurs.
func (g Segment) Period() calendar.Period {
	return calendar.Period{Start: g.span.periodFrom, End: g.span.periodEnd}
}

// periodEndingAt is [seam.Timeline.PeriodEndingAt].
func (g Segment) periodEndingAt(t time.Time) (calendar.Period, error) {
	from, end, _, err := g.span.period(t, before)
	return calendar.Period{Start: from, End: end}, err
}

// periodAt is [seam.Timeline.PeriodAt].
func (g Segment) periodAt(t time.Time) (start, end time.Time, ok bool) {
	start, end, err := grids.Bounds(&g.span.grid, t)
	return start, end, err == nil
}

// foresees reports whether anything is expected that could cut a period: something is
// scheduled, or the phase or the plan has a length.
func (g Segment) foresees() bool {
	_, bounded := g.span.terms.version.Length()
	return g.span.pending != nil || bounded || !g.span.isLastPhase()
}

// ahead is [seam.Timeline.Ahead].
func (g Segment) ahead(until time.Time) ([]Segment, error) {
	if !g.foresees() {
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
	last := &spans[len(spans)-1]
	for n := range last.tailLength() {
		if at, err := last.tailAt(n); err != nil || !at.Before(until) {
			break
		}
		next := Segment{span: last.tail(n)}
		if k := len(all); k > 0 {
			all[k-1].next = next.span
		}
		all = append(all, next)
	}
	return all, nil
}

// samePhase is [seam.Timeline.SamePhase].
func (g Segment) samePhase(o Segment) bool {
	return g.span.terms.version == o.span.terms.version && g.span.phase == o.span.phase
}

// SameTerms reports whether a charge costs the same per period in both segments, under
// the same version and phase or, for that of an add-on, the same attachment, so that it need
// not be billed again.
func (g Segment) SameTerms(o Segment, item *plan.CompiledCharge) bool {
	a, b := g.span, o.span
	if a.terms == b.terms && a.phase == b.phase {
		return true
	}
	if item.Attachment() != "" {
		return a.terms.sameAttached(b.terms, item)
	}
	return a.terms.version == b.terms.version && a.phase == b.phase &&
		a.terms.samePrice(b.terms, item) && (!b.terms.counts(item) || a.terms.quantityOf(item).Equal(b.terms.quantityOf(item)))
}
