package subscription_test

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
)

// The calendar of the second implementation: civil times by the standard library
// alone, boundaries by counting steps from the anchor.

// wallTime returns the instant at which the clocks of a zone show a civil time: the
// first of two, and where clocks were set forward over it, as much later as they were
// set.
func wallTime(civil time.Time, loc *time.Location) time.Time {
	var found time.Time
	for h := -36; h <= 36; h += 12 {
		_, offset := civil.Add(time.Duration(h) * time.Hour).In(loc).Zone()
		t := civil.Add(-time.Duration(offset) * time.Second)
		if shows(t, loc).Equal(civil) && (found.IsZero() || t.Before(found)) {
			found = t
		}
	}
	if !found.IsZero() {
		return found
	}
	// Skipped: the offset of before the clocks were set tells how much later.
	_, before := civil.Add(-36 * time.Hour).In(loc).Zone()
	return civil.Add(-time.Duration(before) * time.Second)
}

// shows returns what the clocks show at an instant, as if they were in UTC.
func shows(t time.Time, loc *time.Location) time.Time {
	l := t.In(loc)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), l.Nanosecond(), time.UTC)
}

// plus returns the same wall-clock time n intervals later.
func plus(t time.Time, every calendar.Interval, n int, end calendar.MonthEnd, loc *time.Location) time.Time {
	if n == 0 {
		return t
	}
	civil := shows(t, loc)
	n *= every.Count()
	switch every.Unit() {
	case calendar.Day:
		return wallTime(civil.AddDate(0, 0, n), loc)
	case calendar.Week:
		return wallTime(civil.AddDate(0, 0, 7*n), loc)
	case calendar.Year:
		n *= 12
	}
	first := time.Date(civil.Year(), civil.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	day := min(civil.Day(), last)
	if wasLast := civil.AddDate(0, 0, 1).Day() == 1; wasLast && end == calendar.LastDay {
		day = last
	}
	clock := civil.Sub(time.Date(civil.Year(), civil.Month(), civil.Day(), 0, 0, 0, 0, time.UTC))
	return wallTime(first.AddDate(0, 0, day-1).Add(clock), loc)
}

// dayOf returns the number of the civil day of an instant.
func dayOf(t time.Time, loc *time.Location) int {
	civil := shows(t, loc)
	return int(time.Date(civil.Year(), civil.Month(), civil.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// midnight returns the beginning of the civil day that lies n days after that of t.
func midnight(t time.Time, n int, loc *time.Location) time.Time {
	civil := shows(t, loc)
	return wallTime(time.Date(civil.Year(), civil.Month(), civil.Day()+n, 0, 0, 0, 0, time.UTC), loc)
}

// A grid is a row of boundaries, found by walking from the anchor.
type grid struct {
	anchor      time.Time
	every       calendar.Interval
	end         calendar.MonthEnd
	loc         *time.Location
	later, past []time.Time // boundaries 0, 1, 2…, and 0, -1, -2…
}

func newGrid(anchor time.Time, every calendar.Interval, end calendar.MonthEnd, loc *time.Location) *grid {
	return &grid{anchor: anchor, every: every, end: end, loc: loc, later: []time.Time{anchor}, past: []time.Time{anchor}}
}

// next returns the first boundary after t.
func (g *grid) next(t time.Time) time.Time {
	if t.Before(g.anchor) {
		best := g.anchor
		for k := 0; ; k++ {
			if k == len(g.past) {
				g.past = append(g.past, plus(g.anchor, g.every, -k, g.end, g.loc))
			}
			if !g.past[k].After(t) {
				return best
			}
			best = g.past[k]
		}
	}
	for k := 0; ; k++ {
		if k == len(g.later) {
			g.later = append(g.later, plus(g.anchor, g.every, k, g.end, g.loc))
		}
		if g.later[k].After(t) {
			return g.later[k]
		}
	}
}

// atOrAfter returns the first boundary at t or later.
func (g *grid) atOrAfter(t time.Time) time.Time { return g.next(t.Add(-1)) }
