package feature

import (
	"fmt"
	"time"

	"github.com/rickb777/date"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

// WindowAt returns the calendar window of the given kind that holds an instant, in
// a zone: half-open, from the first instant of its first civil day to that of the
// day after its last. Only [Day], [Week], [Month] and [Year] are calendar windows;
// the others, and instants outside the years 1 to 9999, are errors. The last window
// of the year 9999 is open.
func WindowAt(w Window, at time.Time, zone calendar.Zone) (calendar.Period, error) {
	if year := at.UTC().Year(); year < 1 || year > 9999 {
		return calendar.Period{}, fmt.Errorf("feature: window: %w", calendar.ErrRange)
	}
	d := zone.Date(at)
	first, next := d, d
	switch y, m, _ := d.Date(); w {
	case Day:
		next = d.Add(1)
	case Week:
		first = d.Add(-sinceMonday(d))
		next = first.Add(7)
	case Month:
		first = date.New(y, m, 1)
		if next = date.New(y, m+1, 1); m == time.December {
			next = date.New(y+1, time.January, 1)
		}
	case Year:
		first, next = date.New(y, time.January, 1), date.New(y+1, time.January, 1)
	case BillingPeriod, Life, Rolling:
	}
	if next == first {
		return calendar.Period{}, fault.UnknownWord.Errorf("feature: window: %q is not a calendar window", w)
	}
	return calendar.Period{Start: zone.Midnight(first), End: endOf(zone.Midnight(next))}, nil
}

// sinceMonday counts the days since the Monday on or before d.
func sinceMonday(d date.Date) date.PeriodOfDays {
	const week = 7
	days := d.Sub(date.New(1970, time.January, 5)) % week
	return (days + week) % week
}

// endOf returns the end of a window: none beyond the years that can be written.
func endOf(t time.Time) time.Time {
	if t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
