package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
)

// A side says how an instant is meant at which a period ends and the next begins:
// before the boundary, in the period that ends, or after it, in the one that begins.
// What falls due by itself takes effect before, a command after the boundary.
type side uint8

const (
	before side = iota + 1
	after
)

// period returns the period that runs at t, on one side of t, and how many began
// after the one at the span's beginning. t must not lie before the span.
func (s *span) period(t time.Time, on side) (from, end time.Time, later int, err error) {
	if s.kind != running || s.periodEnd.IsZero() || t.Before(s.periodEnd) || on == before && t.Equal(s.periodEnd) {
		return s.periodFrom, s.periodEnd, 0, nil
	}
	p, err := s.grid.PeriodAt(t)
	if err == nil && on == before && p.Start.Equal(t) {
		p, err = s.grid.PeriodAt(t.Add(-micro.Second))
	}
	if err != nil {
		return time.Time{}, time.Time{}, 0, err
	}
	n, err := s.grid.Count(s.periodEnd, p.End)
	return p.Start, p.End, n, err
}

// cyclesOn returns the end of the period that lies n periods after the current one;
// n = 0 is the current one's end. A period that is empty, because its civil day was
// skipped, is not counted.
func (s *span) cyclesOn(n int) (time.Time, error) {
	if n <= 0 {
		return s.periodEnd, nil
	}
	return s.grid.After(s.periodEnd, n)
}

// at returns the span as it stands at t, on one side of t, ready to be changed
// there: with the period that runs there, and its number.
func (s *span) at(t time.Time, on side) (span, error) {
	next := *s
	next.from = t
	if s.is(atBoundary) && s.kind == running && on == before && t.Equal(s.from) {
		// The period that begins here is not opened.
		if s.grid.IsZero() {
			next.set(regridded, true) // nothing recurs from here on: a resume does not return into the old period
		} else {
			next.periodFrom, next.periodEnd = s.pendingFacts().closedFrom, t
		}
		next.cycle--
		next.phaseCycle--
		next.ordinal--
		return next, nil
	}
	from, end, later, err := s.period(t, on)
	if err != nil {
		return span{}, err
	}
	next.periodFrom, next.periodEnd = from, end
	next.cycle += int32(later)
	next.phaseCycle += int32(later)
	next.ordinal += int32(later)
	switch {
	case later > 0:
		next.set(periodCredited|noPeriodYet|mixed|carried, false)
	case t.After(s.from):
		next.set(carried, true)
	}
	return next, nil
}

// restep sets a new grid, in a pause too. If the period in which the pause began is
// over, the new grid applies from the resume.
func (s *span) restep(anchor, t time.Time) error {
	if anchor.IsZero() {
		anchor = t
	}
	from, end := s.periodFrom, s.periodEnd
	if err := s.regrid(anchor, t); err != nil {
		return err
	}
	if s.kind == paused {
		s.set(regridded, true)
		if !end.IsZero() && !t.Before(end) && !s.grid.IsZero() {
			s.periodFrom, s.periodEnd = from, end
		}
	}
	return nil
}

// regrid sets a new grid with the interval of the current phase. The current period is
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

// onBoundary reports whether a period begins at t.
func (s *span) onBoundary(t time.Time) bool { return t.Equal(s.periodFrom) || t.Equal(s.periodEnd) }

// endsAt reports whether a period begins or ended at t. Where nothing recurs since an
// earlier change of that instant, last, it is what ended then.
func (s *span) endsAt(last *Change, t time.Time) bool {
	return s.onBoundary(t) || s.grid.IsZero() && last != nil && last.boundary && last.At.Equal(t)
}
