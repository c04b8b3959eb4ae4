package calendar

import (
	"fmt"
	"iter"
	"time"

	"github.com/perennial-billing/perennial/internal/micro"
)

// Schedule is an endless sequence of boundaries: an anchor, and every interval from
// it in both directions. Boundary 0 is the anchor; boundary k is computed from the
// anchor, never from boundary k-1, in time that does not depend on k, and without
// allocation. The period from each boundary to the next is half-open.
//
// A boundary has the wall-clock time of the anchor in the schedule's zone. A time
// that the zone's clocks skip moves forward by what they skip; one that they show
// twice is the first (but an anchor in the second keeps its instant). Where a zone
// skipped a whole day two boundaries of a daily schedule coincide: the period between
// them is empty and only PeriodN returns it.
//
// A Schedule is 32 bytes, immutable and comparable with ==. The zero Schedule has no
// boundaries: IsZero is true and its other methods fail with ErrNoSchedule.
type Schedule struct {
	zone  Zone
	sec   int64 // the anchor, in seconds since 1970 UTC
	nsec  int32 // and its fraction of a second, whole microseconds, which all boundaries share
	count uint16
	unit  unitCode
	rule  ruleCode

	// What the clocks of the zone show at the anchor, computed once.
	offset int32      // east of UTC, in seconds
	date   anchorDate // for months and years only
}

// anchorDate is the months since the year 0 and the day of the month, in the last five
// bits.
type anchorDate int32

func newAnchorDate(year, month, dom int64) anchorDate {
	return anchorDate((year*monthsPerYear+month-1)<<5 | dom)
}

func (d anchorDate) months() int64 { return int64(d >> 5) }
func (d anchorDate) dom() int64    { return int64(d & 31) }

// ruleCode is a MonthEnd in one byte, with its effect for the anchor.
type ruleCode uint8

const (
	ruleClamp   ruleCode = iota
	ruleLastDay          // LastDay was asked for; the anchor is on another day
	ruleOnLast           // LastDay was asked for and the anchor is on a last day
)

// maxBoundary is more than there are days in the years 1 to 9999, so that no
// boundary beyond it is in range, and none up to it overflows.
const maxBoundary = 4_000_000

// NewSchedule returns the schedule of anchor and interval in a zone. An empty
// MonthEnd is Clamp. It fails with ErrInterval if every is zero or invalid,
// with ErrUnknown for an unknown MonthEnd, and with ErrRange if the anchor lies
// outside the years 1 to 9999.
func NewSchedule(anchor time.Time, every Interval, m MonthEnd, z Zone) (Schedule, error) {
	if !every.IsValid() {
		return Schedule{}, fmt.Errorf("%w: schedule: every %q", ErrInterval, every)
	}
	if m != "" && m != Clamp && m != LastDay {
		return Schedule{}, unknownWord(m)
	}
	sec := anchor.Unix()
	if !inRange(sec) {
		return Schedule{}, outOfRange("schedule: anchor %s", FormatInstant(anchor))
	}
	s := Schedule{
		zone: z, sec: sec, nsec: int32(micro.Floor(anchor).Nanosecond()),
		count: every.count, unit: every.unit, offset: int32(z.offset(sec)),
	}
	year, month, dom := civil(floorDiv(sec+int64(s.offset), secondsPerDay))
	if s.unit > codeWeek {
		s.date = newAnchorDate(year, month, dom)
	}
	if m == LastDay {
		s.rule = ruleLastDay
		if dom == daysIn(year, month) {
			s.rule = ruleOnLast
		}
	}
	return s, nil
}

// IsZero reports whether s is the zero Schedule.
func (s Schedule) IsZero() bool { return s.unit == 0 }

// Anchor returns boundary 0, in UTC; the zero time for the zero Schedule.
func (s Schedule) Anchor() time.Time {
	if s.IsZero() {
		return time.Time{}
	}
	return instant(s.sec, s.nsec)
}

// Interval returns the interval between boundaries.
func (s Schedule) Interval() Interval { return Interval{count: s.count, unit: s.unit} }

// MonthEnd returns the rule, empty only for the zero Schedule.
func (s Schedule) MonthEnd() MonthEnd {
	switch {
	case s.IsZero():
		return ""
	case s.rule == ruleClamp:
		return Clamp
	}
	return LastDay
}

// Zone returns the zone in whose calendar the schedule runs.
func (s Schedule) Zone() Zone { return s.zone }

// String describes the schedule: "P1M from 2026-01-31T00:00:00Z (clamp, UTC)".
func (s Schedule) String() string {
	if s.IsZero() {
		return "no schedule"
	}
	return fmt.Sprintf("%s from %s (%s, %s)", s.Interval(), FormatInstant(s.Anchor()), s.MonthEnd(), s.zone)
}

// Boundary returns boundary k, in UTC: the anchor for 0, earlier ones for
// negative k. It fails with ErrRange outside the years 1 to 9999.
func (s Schedule) Boundary(k int) (time.Time, error) {
	if s.IsZero() {
		return time.Time{}, ErrNoSchedule
	}
	if k < -maxBoundary || k > maxBoundary {
		return time.Time{}, outOfRange("boundary %d of %s", k, s)
	}
	var f face
	f.unpack(&s)
	return s.instant(s.boundary(&f, int64(k)))
}

// PeriodN returns the period from boundary n to boundary n+1, empty where the
// two coincide. It fails with ErrRange if either is outside the years 1 to
// 9999.
func (s Schedule) PeriodN(n int) (Period, error) {
	start, err := s.Boundary(n)
	if err != nil {
		return Period{}, err
	}
	end, err := s.Boundary(n + 1)
	if err != nil {
		return Period{}, err
	}
	return Period{Start: start, End: end}, nil
}

// Index returns the number of the period that holds t: the largest k with
// Boundary(k) <= t. It fails with ErrRange if t or that boundary is outside the
// years 1 to 9999.
func (s Schedule) Index(t time.Time) (int, error) {
	h, err := s.locate(t)
	if err != nil {
		return 0, err
	}
	if _, err := s.instant(h.start); err != nil {
		return 0, err
	}
	return int(h.k), nil
}

// PeriodAt returns the period that holds t. It is never empty. It fails with
// ErrRange if t or an end of the period is outside the years 1 to 9999.
func (s Schedule) PeriodAt(t time.Time) (Period, error) { return s.periodAt(t) }

// boundsAt is [seam.Grid.Bounds].
func (s *Schedule) boundsAt(t time.Time) (start, end time.Time, err error) {
	h, err := s.locate(t)
	if err != nil {
		return start, end, err
	}
	if h.start < minUnix || h.end > maxUnix {
		return start, end, outOfRange("period of %s at %s", *s, FormatInstant(t))
	}
	return instant(h.start, s.nsec), instant(h.end, s.nsec), nil
}

// longest has the seconds that a unit lasts at most.
var longest = [...]int64{codeDay: secondsPerDay, codeWeek: 7 * secondsPerDay, codeMonth: 31 * secondsPerDay, codeYear: 366 * secondsPerDay}

// holds is [seam.Grid.Holds].
func (s *Schedule) holds(t time.Time) bool {
	const clocks = 2 * secondsPerDay // no zone moves a boundary further
	reach := int64(s.count)*longest[s.unit] + clocks
	return s.unit != 0 && t.Unix()-reach >= minUnix && t.Unix()+reach <= maxUnix
}

// periodAt is PeriodAt, which is inlined where it is called.
func (s *Schedule) periodAt(t time.Time) (Period, error) {
	start, end, err := s.boundsAt(t)
	return Period{Start: start, End: end}, err
}

// NextAfter returns the first boundary later than t. It fails with ErrRange if t
// or that boundary is outside the years 1 to 9999.
func (s Schedule) NextAfter(t time.Time) (time.Time, error) {
	h, err := s.locate(t)
	if err != nil {
		return time.Time{}, err
	}
	return s.instant(h.end)
}

// FirstAtOrAfter returns the first boundary at t or later. It fails with
// ErrRange if t or that boundary is outside the years 1 to 9999.
func (s Schedule) FirstAtOrAfter(t time.Time) (time.Time, error) {
	h, err := s.locate(t)
	if err != nil {
		return time.Time{}, err
	}
	if t = micro.Floor(t); h.start == t.Unix() && int(s.nsec) == t.Nanosecond() {
		return instant(h.start, s.nsec), nil
	}
	return s.instant(h.end)
}

// After returns the n-th boundary later than t, n at least 1; boundaries that
// coincide count once. It is therefore the end of the n-th non-empty period, counted
// from the one that holds t. It fails with ErrRange if n is less than 1, or if t or
// the boundary is outside the years 1 to 9999.
func (s Schedule) After(t time.Time, n int) (time.Time, error) {
	h, err := s.locate(t)
	if err != nil {
		return time.Time{}, err
	}
	if n < 1 || n > 2*maxBoundary {
		return time.Time{}, outOfRange("boundary %d after %s", n, FormatInstant(t))
	}
	var f face
	f.unpack(&s)
	k := h.k + int64(n)
	for _, wall := range s.skips() {
		if empty := f.ceil(wall); h.k < empty && empty < k {
			k++
		}
	}
	return s.Boundary(int(k))
}

// Count returns how many non-empty periods begin in [a, b): 0 if b is not later than
// a. The cost does not depend on the result. It fails with ErrRange if a or b is
// outside the years 1 to 9999.
func (s Schedule) Count(a, b time.Time) (int, error) {
	from, err := s.firstIndex(a)
	if err != nil {
		return 0, err
	}
	to, err := s.firstIndex(b)
	if err != nil {
		return 0, err
	}
	if to <= from {
		return 0, nil
	}
	n := to - from
	var f face
	f.unpack(&s)
	for _, wall := range s.skips() {
		if empty := f.ceil(wall); from <= empty && empty < to {
			n--
		}
	}
	return int(n), nil
}

// Periods yields the non-empty periods one after another, beginning with the one that
// holds from. It stops before the first that would leave the years 1 to 9999; so it
// yields nothing for the zero Schedule, or if from lies outside them.
func (s Schedule) Periods(from time.Time) iter.Seq[Period] {
	return func(yield func(Period) bool) {
		h, err := s.locate(from)
		if err != nil {
			return
		}
		var f face
		f.unpack(&s)
		for h.end <= maxUnix {
			if h.start >= minUnix && h.start < h.end {
				if !yield(Period{Start: instant(h.start, s.nsec), End: instant(h.end, s.nsec)}) {
					return
				}
			}
			h.k++
			h.start, h.end = h.end, s.boundary(&f, h.k+1)
		}
	}
}
