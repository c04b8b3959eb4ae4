package feature

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

// The years 1 to 9999, in seconds since 1970.
const (
	firstSecond = -62_135_596_800
	lastSecond  = 253_402_300_799
)

// WindowAt returns the calendar window of the given kind that holds an instant, in
// a zone: half-open, from the first instant of its first civil day to that of the
// day after its last. Only [Day], [Week], [Month] and [Year] are calendar windows;
// the others, and instants outside the years 1 to 9999, are errors. The last window
// of the year 9999 is open.
func WindowAt(w Window, at time.Time, zone calendar.Zone) (calendar.Period, error) {
	if sec := at.Unix(); sec < firstSecond || sec > lastSecond {
		return calendar.Period{}, fmt.Errorf("feature: window: %w", calendar.ErrRange)
	}
	if w == Day {
		return calendar.Period{Start: zone.Midnight(at, 0), End: endOf(zone.Midnight(at, 1))}, nil
	}
	year, month, day := zone.Date(at)
	back, days := 0, 0 // to the first day of the window, and how many it has
	switch w {
	case Week:
		const week = 7
		back, days = (int(weekday(year, month, day))+week-int(time.Monday))%week, week
	case Month:
		back, days = day-1, daysTo(year, month+1, 1)-daysTo(year, month, 1)
	case Year:
		first := daysTo(year, time.January, 1)
		back, days = daysTo(year, month, day)-first, daysTo(year+1, time.January, 1)-first
	case Day, BillingPeriod, Life, Rolling, Anchored:
	}
	if days == 0 {
		return calendar.Period{}, fault.UnknownWord.Errorf("feature: window: %q is not a calendar window", w)
	}
	return calendar.Period{Start: zone.Midnight(at, -back), End: endOf(zone.Midnight(at, days-back))}, nil
}

func weekday(year int, month time.Month, day int) time.Weekday {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()
}

// daysTo numbers the days; month may be 13.
func daysTo(year int, month time.Month, day int) int {
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

// endOf returns the end of a window: none beyond the years that can be written.
func endOf(t time.Time) time.Time {
	if t.Unix() > lastSecond {
		return time.Time{}
	}
	return t
}
