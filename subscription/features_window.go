package subscription

import (
	"errors"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

// window returns the period in which allowances per billing period are counted at t:
// the current period, the trial, or the whole life where nothing recurs. A period that a
// command opened begins with the command, though by its cut the money may be divided
// before or after it: what was used before belongs to the period before, and what is used
// after it is paid anew.
func (c *core) window(i int, t time.Time) (calendar.Period, error) {
	s := c.span(i)
	end := s.periodEnd
	if s.kind == running && !end.IsZero() && !t.Before(end) {
		return s.grid.PeriodAt(t) // it opened by itself, also where the one before is empty
	}
	if s.kind != trial && s.kind != future && !end.IsZero() {
		if !t.Before(end) { // a pause that outlasted its period: dormant, and nothing resets
			end = time.Time{}
		}
		return calendar.Period{Start: c.opens(i), End: end}, nil
	}
	first := i
	for first > 0 && c.span(first-1).sameLife(s) {
		first--
	}
	if s.kind == trial {
		end = s.pendingFacts().trialEnd
	}
	return calendar.Period{Start: c.span(first).from, End: end}, nil
}

// opens returns the instant at which the period at the beginning of span i was opened, for
// what is counted in it.
func (c *core) opens(i int) time.Time {
	period := c.span(i).periodFrom
	// A command opens a period within a day of its cut: what came later is not looked at.
	const days = 2 * 24 * time.Hour
	for i = max(0, min(i, c.index(period.Add(days)))); ; i-- {
		s := c.span(i)
		switch {
		case !s.periodFrom.Equal(period):
			return period // by itself, while the span ran
		case i == 0 || s.opening().effects.Regrids:
			return s.from
		}
		last := c.span(i - 1)
		if last.periodFrom.Equal(period) {
			if last.periodEnd.Equal(period) && !s.from.Before(period) {
				return period // by itself, after an empty one that a command had opened
			}
			continue
		}
		if from, _, _, err := last.period(s.from, before); err == nil && from.Equal(period) {
			continue
		}
		return s.from
	}
}

// sameLife reports whether two spans of which neither has a period lie in one window.
// A pause does not start another: nobody gets a new allowance by pausing.
func (s *span) sameLife(o *span) bool {
	served := func(k kind) bool { return k == running || k == paused }
	return s.kind == o.kind || served(s.kind) && served(o.kind)
}

// windowOf returns the window of an allowance that holds t, in span i; the zero Period for
// one that does not start over.
func (c *core) windowOf(g *feature.Grant, i int, t time.Time) (calendar.Period, error) {
	switch g.Window {
	case feature.BillingPeriod:
		return c.window(i, t)
	case feature.Anchored:
		return c.anchored(i, t, g.Every)
	case feature.Day, feature.Week, feature.Month, feature.Year:
		return feature.WindowAt(g.Window, t, c.span(i).terms.zone)
	case feature.Life, feature.Rolling:
	}
	return calendar.Period{}, nil
}

// anchored returns the window of an interval, counted from the anchor, that holds t in
// span i. It starts over on the boundaries of its grid and where a life begins or a whole
// new period: what the plan bills by does not matter. Where the anchor moves, nothing
// starts over: the window that runs goes on to the first boundary of the new grid.
func (c *core) anchored(i int, t time.Time, every calendar.Interval) (calendar.Period, error) {
	grid, err := c.meter(i, every)
	if err != nil {
		return calendar.Period{}, err
	}
	// What is used between a command and the cut at which its period begins counts in it.
	at := t
	if cut, _, late := c.late(i, t); late {
		at = later(t, cut)
	}
	w, err := c.around(&grid, at)
	if err != nil {
		return calendar.Period{}, err
	}
	if s := c.span(i); s.kind == trial {
		if end := s.pendingFacts().trialEnd; w.End.IsZero() || end.Before(w.End) {
			w.End = end
		}
	}
	for ; w.Start.Before(c.span(i).from); i-- {
		began := c.span(i).from
		if c.fresh(i) {
			w.Start = began
			break
		}
		was, err := c.meter(i-1, every)
		if err != nil {
			return calendar.Period{}, err
		}
		if was == grid {
			continue
		}
		p, err := c.around(&was, began)
		if err != nil {
			return calendar.Period{}, err
		}
		w.Start, grid = p.Start, was
	}
	// No boundary counts up to the cut, also none of a grid that came in between.
	if cut, opened, late := c.late(i, w.Start); late && !w.Start.After(cut) {
		w.Start = opened
	}
	return w, nil
}

// late returns the cut at which the last whole new period up to span i begins, if that is
// later than the command that opened it, and the instant of the command. What came since,
// such as another interval of billing, does not matter. It looks for a cut at t or later.
func (c *core) late(i int, t time.Time) (cut, opened time.Time, ok bool) {
	// A command opens a period within a day of its cut: what came earlier is not looked at.
	const days = 2 * 24 * time.Hour
	for ; i >= 0 && t.Sub(c.span(i).from) < days; i-- {
		if s := c.span(i); c.fresh(i) {
			return s.periodFrom, s.from, s.kind == running && s.periodFrom.After(s.from)
		}
	}
	return time.Time{}, time.Time{}, false
}

// around returns the period of a grid that holds t. Beyond the years that can be written it
// has no end, and no beginning but that of the subscription.
func (c *core) around(grid *calendar.Schedule, t time.Time) (calendar.Period, error) {
	start, end, err := grids.Bounds(grid, t)
	if !errors.Is(err, calendar.ErrRange) {
		return calendar.Period{Start: start, End: end}, err
	}
	k, err := grid.Index(t)
	if err != nil {
		return calendar.Period{Start: c.span(0).from}, nil
	}
	start, err = grid.Boundary(k)
	return calendar.Period{Start: start}, err
}

// meter returns the grid of an interval from the anchor that is in force in span i: that of
// the periods, the last one where there are none any more, and where there was none the
// beginning of the trial or of the service.
func (c *core) meter(i int, every calendar.Interval) (calendar.Schedule, error) {
	zone, end := c.span(i).terms.zone, c.span(i).terms.version.MonthEnd()
	for s := c.span(i); ; i-- {
		in := c.span(i)
		if !c.passed(i) {
			if end = in.terms.version.MonthEnd(); !in.grid.IsZero() && in.kind != trial && in.kind != future {
				return calendar.NewSchedule(in.grid.Anchor(), every, in.grid.MonthEnd(), zone)
			}
		}
		if i == 0 || c.fresh(i) || !c.span(i-1).sameLife(s) {
			return calendar.NewSchedule(in.from, every, end, zone)
		}
	}
}

// passed reports whether something else that fell due with it replaced span i at once: what
// lasted no time lays no days.
func (c *core) passed(i int) bool {
	if i+1 >= c.count() {
		return false
	}
	s, next := c.span(i), c.span(i+1)
	return next.from.Equal(s.from) && s.opening().Scheduled() && next.opening().Scheduled()
}

// fresh reports whether every window from the anchor starts over where span i begins: a
// whole new period was opened, the first one, or the trial.
func (c *core) fresh(i int) bool {
	if i == 0 {
		return true
	}
	s, last := c.span(i), c.span(i-1)
	early := func(k kind) bool { return k == trial || k == future }
	return s.opening().effects.NewGrid || s.kind != last.kind && (early(s.kind) || early(last.kind)) || last.is(noPeriodYet) && !s.is(noPeriodYet)
}
