package subscription

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
)

// ownGrid returns the grid of a charge that bills by an interval of its own: it hangs from
// the anchor of the span's grid.
func (s *span) ownGrid(every calendar.Interval) (calendar.Schedule, error) {
	return calendar.NewSchedule(s.grid.Anchor(), every, s.grid.MonthEnd(), s.grid.Zone())
}

// ownReach returns how far the span can have been paid in advance at t, on one side of t,
// by charges with intervals of their own: end if not farther than the plan's period.
func (s *span) ownReach(t time.Time, on side, end time.Time) time.Time {
	if s.grid.IsZero() {
		return end
	}
	for _, every := range s.terms.phase(s.phase).OwnIntervals() {
		grid, err := s.ownGrid(every)
		if err != nil {
			continue
		}
		from := t
		if on == before {
			from = t.Add(-micro.Second)
		}
		if p, err := grid.PeriodAt(later(from, s.from)); err == nil {
			end = later(end, p.End)
		}
		// An extension moved the period at the anchor as a whole.
		if s.opening().effects.Extended && t.Before(s.grid.Anchor()) {
			end = later(end, s.grid.Anchor())
		}
	}
	return end
}

// extendGrid returns the grid and the end of the running period where a pause moves that to
// `end`. The grid is anchored there, or, where charges bill by a longer interval or count usage
// over a term, at the end of the longest that runs: as many periods of the plan lie between as before, so
// that all periods go on from one anchor.
func (s *span) extendGrid(end time.Time) (calendar.Schedule, time.Time, error) {
	moved, err := calendar.NewSchedule(end, s.every(), s.grid.MonthEnd(), s.terms.zone)
	if err != nil {
		return moved, end, err
	}
	behind := 0
	phase := s.terms.phase(s.phase)
	intervals := phase.OwnIntervals()
	if over := phase.CountOver(); !over.IsZero() {
		intervals = append(slices.Clip(intervals), over) // a term moves with its end, too
	}
	for _, every := range intervals {
		grid, err := s.ownGrid(every)
		if err != nil {
			return moved, end, err
		}
		p, err := grid.PeriodAt(s.periodEnd.Add(-micro.Second))
		if err != nil {
			return moved, end, err
		}
		was, err := s.grid.Index(s.periodEnd)
		if err != nil {
			return moved, end, err
		}
		is, err := s.grid.Index(p.End)
		if err != nil {
			return moved, end, err
		}
		behind = max(behind, is-was)
	}
	if behind == 0 {
		return moved, end, nil
	}
	anchor, err := moved.Boundary(behind)
	if err != nil {
		return moved, end, err
	}
	if moved, err = calendar.NewSchedule(anchor, s.every(), s.grid.MonthEnd(), s.terms.zone); err != nil {
		return moved, end, err
	}
	end, err = moved.Boundary(-behind)
	return moved, end, err
}
