package calendar

import "time"

// face is the anchor of a schedule as the clocks and calendars of its zone show
// it, unpacked for the length of one question.
type face struct {
	wall  int64 // wall-clock seconds since 1970-01-01 00:00 on the wall
	step  int64 // the interval in seconds of wall-clock time, or in months
	month int64 // months since the year 0; for months and years only
	dom   int64 // day of the month
	clock int64 // seconds since 00:00 on the wall
}

func (s Schedule) face() face {
	f := face{wall: s.sec + s.zone.offset(s.sec), step: int64(s.count)}
	switch s.unit {
	case codeDay:
		f.step *= secondsPerDay
		return f
	case codeWeek:
		f.step *= 7 * secondsPerDay
		return f
	case codeYear:
		f.step *= monthsPerYear
	}
	day := floorDiv(f.wall, secondsPerDay)
	f.clock = f.wall - day*secondsPerDay
	year, month, dom := civil(day)
	f.month = year*monthsPerYear + month - 1
	f.dom = dom
	return f
}

// ceil returns the first boundary, in a schedule of days, whose wall-clock time
// is not before the given one.
func (f *face) ceil(wall int64) int64 { return -floorDiv(f.wall-wall, f.step) }

// shown returns the wall-clock time of boundary k.
func (s Schedule) shown(f *face, k int64) int64 {
	if s.unit <= codeWeek {
		return f.wall + k*f.step
	}
	months := f.month + k*f.step
	year := floorDiv(months, monthsPerYear)
	month := months - year*monthsPerYear + 1
	dom := f.dom
	if dom > 28 || s.rule == ruleOnLast {
		last := daysIn(year, month)
		if dom > last || s.rule == ruleOnLast {
			dom = last
		}
	}
	return dayNumber(year, month, dom)*secondsPerDay + f.clock
}

// boundary returns boundary k in seconds since 1970 UTC.
func (s Schedule) boundary(f *face, k int64) int64 {
	if k == 0 {
		return s.sec // also in the second of two hours of one name
	}
	return s.zone.resolve(s.shown(f, k))
}

// here is the place of an instant in a schedule: boundaries k and k+1 about it.
type here struct{ k, start, end int64 }

// locate finds the period that holds t.
func (s Schedule) locate(t time.Time) (here, error) {
	if s.IsZero() {
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
func (s Schedule) firstIndex(t time.Time) (int64, error) {
	if s.IsZero() {
		return 0, ErrNoSchedule
	}
	sec := t.Unix()
	if !inRange(sec) {
		return 0, outOfRange("instant %s", FormatInstant(t))
	}
	if t.Nanosecond() <= int(s.nsec) {
		sec--
	}
	return s.search(sec).k + 1, nil
}

// search finds the largest k whose boundary, in whole seconds, is at or before
// sec. The calendar gives k outright; where clocks were changed between the
// wall-clock time and the instant, it is off by one at most.
func (s Schedule) search(sec int64) here {
	f := s.face()
	wall := sec + s.zone.offset(sec)
	var k int64
	if s.unit <= codeWeek {
		k = floorDiv(wall-f.wall, f.step)
	} else {
		year, month, _ := civil(floorDiv(wall, secondsPerDay))
		k = floorDiv(year*monthsPerYear+month-1-f.month, f.step)
		if s.shown(&f, k) > wall {
			k--
		}
	}
	h := here{k: k, start: s.boundary(&f, k), end: s.boundary(&f, k+1)}
	for h.start > sec {
		h = here{k: h.k - 1, start: s.boundary(&f, h.k-1), end: h.start}
	}
	for h.end <= sec {
		h = here{k: h.k + 1, start: h.end, end: s.boundary(&f, h.k+2)}
	}
	return h
}

// instant turns whole seconds into a boundary, if it is in the years 1 to 9999.
func (s Schedule) instant(sec int64) (time.Time, error) {
	if !inRange(sec) {
		return time.Time{}, outOfRange("a boundary of %s", s)
	}
	return instant(sec, s.nsec), nil
}

// skips returns the wall-clock times at which two boundaries coincide. Only a
// daily schedule has any: other intervals are longer than what is skipped.
func (s Schedule) skips() []int64 {
	if s.zone.data == nil || s.unit != codeDay || s.count != 1 {
		return nil
	}
	return s.zone.data.skips
}
