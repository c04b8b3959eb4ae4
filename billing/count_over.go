package billing

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/plan"
)

// Usage may be counted over a term that is longer than a bill (plan.Charge.CountOver). Each part then
// owes the price of all units of the term so far, less that of those before it: like a count across
// prices, which begins with the term and not with the period. A run begins where a term does, so that
// it always sees all of it.

// An overPart is a part of a period whose usage a term counts.
type overPart struct {
	metric string
	// until is where it ends, or a later instant at which the grid was moved: with a term that
	// begins before that, it is of the same.
	until time.Time
	since time.Time // from when its usage counts
}

// countedOver returns from when the usage counts to which a part of the period adds, whether some
// part before it did, and where the term begins. It forgets the terms of the metric that are over.
func (r *run) countedOver(a *accrual, whole calendar.Period, to time.Time) (since time.Time, goesOn bool, term time.Time, err error) {
	metric := a.charge.Metric()
	if term, err = termOf(a.side.measure.grid, a.charge.CountOver(), whole.Start); err != nil {
		return since, false, term, err
	}
	r.overParts = slices.DeleteFunc(r.overParts, func(p overPart) bool { return p.metric == metric && !p.until.After(term) })
	since = a.since
	for _, p := range r.overParts {
		if p.metric == metric && p.since.Before(since) {
			since = p.since
		}
	}
	goesOn = since.Before(a.since)
	if a.by.key != "" { // a combination begins with its first record
		goesOn = r.of(a).inOrder().any(metric, since, a.since)
	}
	r.overParts = append(r.overParts, overPart{metric, to, a.since})
	return since, goesOn, term, nil
}

// termOf returns the beginning of the term that holds an instant, on a grid's anchor.
func termOf(grid calendar.Schedule, over calendar.Interval, t time.Time) (time.Time, error) {
	terms, err := calendar.NewSchedule(grid.Anchor(), over, grid.MonthEnd(), grid.Zone())
	if err != nil {
		return t, err
	}
	p, err := terms.PeriodAt(t)
	return p.Start, err
}

// keepTerms goes on to what begins with a transition: a term ends where no charge counts its
// metric over one, and goes on to the first boundary after it where the grid moves.
func (r *run) keepTerms(tr *transition) {
	if len(r.overParts) == 0 || !tr.is.billable() || tr.begins == beginsNothing {
		return
	}
	r.overParts = slices.DeleteFunc(r.overParts, func(p overPart) bool {
		for charge := range tr.is.charges() {
			if charge.Metric() == p.metric && !charge.CountOver().IsZero() {
				return false
			}
		}
		return true
	})
	if tr.effects.Extended || tr.begins == beginsAnchor {
		r.forgetTerms(&tr.was)
		for i := range r.overParts {
			r.overParts[i].until = later(r.overParts[i].until, tr.at)
		}
	}
}

// forgetTerms forgets the terms that are over by the grid of a side.
func (r *run) forgetTerms(s *side) {
	if s.measure.grid.IsZero() {
		return
	}
	for charge := range s.charges() {
		if charge.CountOver().IsZero() {
			continue
		}
		term, err := termOf(s.measure.grid, charge.CountOver(), s.period.Start)
		if err != nil {
			continue // it fails where its part is billed
		}
		r.overParts = slices.DeleteFunc(r.overParts, func(p overPart) bool { return p.metric == charge.Metric() && !p.until.After(term) })
	}
}

// opensTerm reports whether what segment i opens, and what replaces it at once, begins a term of
// all that is counted over one.
func (r *run) opensTerm(i int) bool {
	from := r.sub.Segment(i).From()
	for ; i < r.sub.Segments() && r.sub.Segment(i).From().Equal(from); i++ {
		seg := r.sub.Segment(i)
		over := seg.Phase().CountOver()
		if i == 0 || over.IsZero() || !seg.Billable() || seg.Grid().IsZero() {
			continue
		}
		start := seg.Period().Start
		if term, err := termOf(seg.Grid(), over, start); err != nil || !term.Equal(start) {
			return false
		}
	}
	return true
}

// countedBefore returns how many units of a term lie in [first, to).
func (r *run) countedBefore(a *accrual, first, to time.Time) decimal.Decimal {
	if a.charge.Aggregation() == plan.RecordCount {
		return decimal.NewFromInt(r.of(a).events(a.charge.Metric(), first, to))
	}
	return r.of(a).total(a.charge, first, to)
}

// countsPrices reports whether a charge owes what its parts add to the price, and not the price of
// its own units.
func countsPrices(s *side, charge *plan.CompiledCharge) bool {
	return s.policy.UsageCount == plan.CountAcross || !charge.CountOver().IsZero()
}
