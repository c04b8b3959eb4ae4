package calendar

import (
	"time"

	"github.com/perennial-billing/perennial/internal/micro"
)

// face is the anchor of a schedule as the clocks and calendars of its zone show
// it, unpacked for the length of one question.
type face struct {
	wall  int64 // wall-clock seconds since 1970-01-01 00:00 on the wall
	step  int64 // the interval in seconds on the wall, or in months
	month int64 // months since the year 0; for months and years only
	dom   int64 // day of the month
	clock int64 // seconds since 00:00 on the wall
}

// unpack fills f. It and what follows take pointers because a Schedule passed by
// value through several calls is put together from its bytes again in each.
func (f *face) unpack(s *Schedule) {
	f.wall = s.sec + int64(s.offset)
	f.step = int64(s.count)
	switch s.unit {
	case codeDay:
		f.step *= secondsPerDay
		return
	case codeWeek:
		f.step *= 7 * secondsPerDay
		return
	case codeYear:
		f.step *= monthsPerYear
	case codeMonth, codeInvalid:
	}
	f.clock = f.wall - floorDiv(f.wall, secondsPerDay)*secondsPerDay
	f.month, f.dom = s.date.months(), s.date.dom()
}

// ceil returns the first boundary, in a schedule of days, whose wall-clock time
// is not before the given one.
func (f *face) ceil(wall int64) int64 { return -floorDiv(f.wall-wall, f.step) }

// shown returns the wall-clock time of boundary k.
func (s *Schedule) shown(f *face, k int64) int64 {
	if s.unit <= codeWeek {
		return f.wall + k*f.step
	}
	return s.inMonth(f, f.month+k*f.step)
}

// inMonth returns the wall-clock time of the boundary in a month, which is
// counted from the year 0.
func (s *Schedule) inMonth(f *face, months int64) int64 {
	year := floorDiv(months, monthsPerYear)
	month := months - year*monthsPerYear + 1
	return dayNumber(year, month, s.domIn(f, year, month))*secondsPerDay + f.clock
}

// domIn returns the day of a month on which a boundary falls: the one place
// where the month-end rule is applied.
func (s *Schedule) domIn(f *face, year, month int64) int64 {
	if s.rule == ruleOnLast {
		return daysIn(year, month)
	}
	if f.dom <= 28 {
		return f.dom
	}
	return min(f.dom, daysIn(year, month))
}

// around returns the largest k whose wall-clock time is not after wall, and the
// wall-clock times of boundaries k and k+1.
func (s *Schedule) around(f *face, wall int64) here {
	if s.unit <= codeWeek {
		days := floorDiv(wall-f.wall, secondsPerDay)
		k := floorDivSmall(days, f.step/secondsPerDay)
		start := f.wall + k*f.step
		return here{k: k, start: start, end: start + f.step}
	}
	day := floorDiv(wall, secondsPerDay)
	year, month, dom := civil(day)
	months := year*monthsPerYear + month - 1
	k := floorDivSmall(months-f.month, f.step)
	if at := f.month + k*f.step; at != months { // the boundary lies in an earlier month
		return here{k: k, start: s.inMonth(f, at), end: s.inMonth(f, at+f.step)}
	}
	start := (day-dom+s.domIn(f, year, month))*secondsPerDay + f.clock
	if start <= wall {
		return here{k: k, start: start, end: s.inMonth(f, months+f.step)}
	}
	return here{k: k - 1, start: s.inMonth(f, months-f.step), end: start}
}

// boundary returns boundary k in seconds since 1970 UTC.
func (s *Schedule) boundary(f *face, k int64) int64 { return s.place(k, s.shown(f, k)) }

// place returns the instant of boundary k, given its wall-clock time.
func (s *Schedule) place(k, wall int64) int64 {
	if k == 0 {
		return s.sec // also in the second of two hours of one name
	}
	return s.zone.resolve(wall)
}

// here is the place of an instant in a schedule: boundaries k and k+1 about it.
type here struct{ k, start, end int64 }

// locate finds the period that holds t.
func (s *Schedule) locate(t time.Time) (here, error) {
	if s.unit == 0 {
		return here{}, ErrNoSchedule
	}
	sec := t.Unix()
	if !inRange(sec) {
		return here{}, outOfRange("instant %s", FormatInstant(t))
	}
	// All boundaries have the anchor's fraction of a second, so a boundary is
	// at or before t if its whole seconds are at or before these.
	if t.Nanosecond() < int(s.nsec) {
		sec--
	}
	return s.search(sec), nil
}

// firstIndex returns the smallest k with Boundary(k) >= t.
func (s *Schedule) firstIndex(t time.Time) (int64, error) {
	if s.IsZero() {
		return 0, ErrNoSchedule
	}
	sec := t.Unix()
	if !inRange(sec) {
		return 0, outOfRange("instant %s", FormatInstant(t))
	}
	if micro.Floor(t).Nanosecond() <= int(s.nsec) {
		sec--
	}
	return s.search(sec).k + 1, nil
}

// search finds the largest k whose boundary, in whole seconds, is at or before
// sec. The wall clock gives k outright; where clocks were changed between a
// boundary and its wall-clock time, k is off by one at most.
func (s *Schedule) search(sec int64) here {
	var f face
	f.unpack(s)
	if s.zone.data == nil {
		return s.around(&f, sec)
	}
	h := s.around(&f, sec+s.zone.offset(sec))
	h.start, h.end = s.place(h.k, h.start), s.place(h.k+1, h.end)
	for h.start > sec {
		h = here{k: h.k - 1, start: s.boundary(&f, h.k-1), end: h.start}
	}
	for h.end <= sec {
		h = here{k: h.k + 1, start: h.end, end: s.boundary(&f, h.k+2)}
	}
	return h
}

// instant turns whole seconds into a boundary, if it is in the years 1 to 9999.
func (s *Schedule) instant(sec int64) (time.Time, error) {
	if !inRange(sec) {
		return time.Time{}, outOfRange("a boundary of %s", *s)
	}
	return instant(sec, s.nsec), nil
}

// skips returns the wall-clock times at which two boundaries coincide. Only a
// daily schedule has any: other intervals are longer than what is skipped.
func (s *Schedule) skips() []int64 {
	if s.zone.data == nil || s.unit != codeDay || s.count != 1 {
		return nil
	}
	return s.zone.data.skips
}
