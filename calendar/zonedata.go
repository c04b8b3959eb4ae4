package calendar

import (
	"math"
	"time"
)

// zoneData is what a zone's clocks did and will do: the instants at which their
// offset from UTC changes. It is read from package time once, when the zone is
// loaded, for two reasons: a call costs a look-up instead of an evaluation of the
// zone's rule, and we decide on which side an ambiguous wall-clock time lies
// (time.Date promises none).
type zoneData struct {
	name string
	loc  *time.Location

	// Span i begins at at[i] and has offset off[i]; at[0] is the beginning of
	// time. Neighbours differ in offset.
	at  []int64
	off []int32

	// hint gives, for each half-year from hintStart on, the span that holds its
	// beginning: the branches of a search would be mispredicted.
	hint []uint16

	// folds is true if the zone has a yearly rule that continues forever. The table
	// then ends at foldEnd, and later instants are looked up a multiple of 400 years
	// earlier, when the calendar and so the rule was the same.
	folds bool

	// skips are the wall-clock times at which exactly 24 hours were skipped:
	// there, two boundaries of a daily schedule coincide.
	skips []int64

	// repeats are the spans in which the wall shows an earlier date than it
	// showed before.
	repeats []repeat
}

type repeat struct{ from, to, day int64 }

const (
	scanStart int64 = minUnix - 366*secondsPerDay
	foldEnd   int64 = 16725225600 // 2500-01-01; the rules are settled by 2100
	era       int64 = daysPerEra * secondsPerDay

	hintStart int64 = -5364662400 // 1800-01-01, when zones begin to have changes
	hintShift uint  = 24          // 194 days

	// reachBack is more than any offset, so that an instant that much before a
	// wall-clock time (read as UTC) comes before the clocks show it.
	reachBack int64 = 26 * 3600
)

func newZoneData(name string, loc *time.Location) *zoneData {
	z := &zoneData{name: name, loc: loc, at: []int64{math.MinInt64}}
	now := scanStart
	z.off = append(z.off, locOffset(loc, now))
	for now < foldEnd+reachBack*2 {
		_, end := time.Unix(now, 0).In(loc).ZoneBounds()
		if end.IsZero() {
			break
		}
		// For a zone with a yearly rule package time ends spans at the turn of
		// the year as well, in a leap year a day before it and then once more at
		// the same instant: step over that day, in which no rule changes clocks.
		next := end.Unix()
		if next <= now {
			next = now + secondsPerDay
		}
		z.append(next, locOffset(loc, next))
		now = next
	}
	last := z.at[len(z.at)-1]
	z.folds = last > foldEnd-2*366*secondsPerDay
	z.makeHint()
	z.findOddities()
	return z
}

func locOffset(loc *time.Location, sec int64) int32 {
	_, offset := time.Unix(sec, 0).In(loc).Zone()
	return int32(offset)
}

func (z *zoneData) append(at int64, off int32) {
	if off != z.off[len(z.off)-1] {
		z.at = append(z.at, at)
		z.off = append(z.off, off)
	}
}

// findOddities records the changes of offset that touch whole days.
func (z *zoneData) findOddities() {
	for i := 1; i < len(z.at); i++ {
		at, before, after := z.at[i], int64(z.off[i-1]), int64(z.off[i])
		if after-before == secondsPerDay {
			z.skips = append(z.skips, at+before)
		}
		// The last second shown before the change lies on a later date than
		// the first after it: until that date comes again, it has begun.
		day := floorDiv(at+before-1, secondsPerDay)
		if midnight := day * secondsPerDay; midnight > at+after {
			z.repeats = append(z.repeats, repeat{from: at, to: midnight - after, day: day})
		}
	}
}

// makeHint fills hint, up to the end of the table.
func (z *zoneData) makeHint() {
	i := 0
	for sec := hintStart; sec < foldEnd; sec += 1 << hintShift {
		for i+1 < len(z.at) && z.at[i+1] <= sec {
			i++
		}
		z.hint = append(z.hint, uint16(i))
		if i+1 == len(z.at) {
			return // nothing changes any more
		}
	}
}

// span returns the index of the span that holds an instant.
func (z *zoneData) span(sec int64) int {
	i := 0
	if sec >= hintStart {
		i = int(z.hint[min((sec-hintStart)>>hintShift, int64(len(z.hint)-1))])
	}
	for i+1 < len(z.at) && z.at[i+1] <= sec {
		i++
	}
	return i
}

// fold returns by how much a time beyond the table is looked up earlier.
func (z *zoneData) fold(sec int64) int64 {
	if !z.folds || sec < foldEnd {
		return 0
	}
	return ((sec-foldEnd)/era + 1) * era
}

// offset returns the seconds east of UTC at an instant.
func (z *zoneData) offset(sec int64) int64 {
	return int64(z.off[z.span(sec-z.fold(sec))])
}

// day returns the number of the civil day that holds an instant.
func (z *zoneData) day(sec int64) int64 {
	for _, r := range z.repeats {
		if r.from <= sec && sec < r.to {
			return r.day
		}
	}
	return floorDiv(sec+z.offset(sec), secondsPerDay)
}

// resolve returns the instant of a wall-clock time: the first at which the
// clocks show it or, if they skip it, the one at which they would have shown it
// had they not been set forward.
func (z *zoneData) resolve(wall int64) int64 {
	shift := z.fold(wall)
	wall -= shift
	for i := z.span(wall - reachBack); ; i++ {
		t := wall - int64(z.off[i])
		if i+1 < len(z.at) && t >= z.at[i+1] {
			continue // the clocks change before they show it
		}
		if t < z.at[i] { // the change skipped it
			t = wall - int64(z.off[i-1])
		}
		return t + shift
	}
}

// reach returns the first instant at which the clocks show a wall-clock time or
// a later one.
func (z *zoneData) reach(wall int64) int64 {
	shift := z.fold(wall)
	wall -= shift
	for i := z.span(wall - reachBack); ; i++ {
		t := wall - int64(z.off[i])
		if i+1 < len(z.at) && t >= z.at[i+1] {
			continue
		}
		return max(t, z.at[i]) + shift
	}
}

// repeated returns the end on the wall of the hour that the clocks repeat at an instant:
// what they showed when they were last set back. False if they repeat none.
func (z *zoneData) repeated(sec int64) (end int64, ok bool) {
	shift := z.fold(sec)
	i := z.span(sec - shift)
	if i == 0 {
		return 0, false
	}
	end = z.at[i] + int64(z.off[i-1])
	return end + shift, sec-shift+int64(z.off[i]) < end
}
