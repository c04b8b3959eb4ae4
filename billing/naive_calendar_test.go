package billing_test

import (
	"math/big"
	"time"
)

// naiveWall answers the instant at which clocks in the place show the wall-clock
// time of w (a time in UTC): the first of two, and after a gap as much later.
func naiveWall(w time.Time, loc *time.Location) time.Time {
	offset := func(t time.Time) int64 {
		_, seconds := t.In(loc).Zone()
		return int64(seconds)
	}
	before := offset(w.AddDate(0, 0, -1))
	after := offset(w.AddDate(0, 0, 1))
	for _, o := range []int64{max(before, after), min(before, after)} {
		if at := w.Add(-time.Duration(o) * time.Second); offset(at) == o {
			return at.UTC()
		}
	}
	return w.Add(-time.Duration(before) * time.Second).UTC()
}

// naiveClock answers what clocks in the place show at t, as a time in UTC.
func naiveClock(t time.Time, loc *time.Location) time.Time {
	_, seconds := t.In(loc).Zone()
	return t.UTC().Add(time.Duration(seconds) * time.Second)
}

// naiveDay is the civil day of t, as a midnight in UTC.
func naiveDay(t time.Time, loc *time.Location) time.Time {
	c := naiveClock(t, loc)
	return time.Date(c.Year(), c.Month(), c.Day(), 0, 0, 0, 0, time.UTC)
}

func naiveMonthDays(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// naiveStep answers the wall-clock time that lies n units after w.
func naiveStep(w time.Time, n int, unit string, lastDay bool) time.Time {
	switch unit {
	case "day":
		return w.AddDate(0, 0, n)
	case "week":
		return w.AddDate(0, 0, 7*n)
	case "year":
		n *= 12
	}
	first := time.Date(w.Year(), w.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	days := naiveMonthDays(first.Year(), first.Month())
	day := min(w.Day(), days)
	if lastDay && w.Day() == naiveMonthDays(w.Year(), w.Month()) {
		day = days
	}
	clock := w.Sub(time.Date(w.Year(), w.Month(), w.Day(), 0, 0, 0, 0, time.UTC))
	return first.AddDate(0, 0, day-1).Add(clock)
}

// naiveGrid is an anchor and a step. Boundaries are found by walking from the
// anchor.
type naiveGrid struct {
	anchor  time.Time
	every   taleEvery
	lastDay bool
	loc     *time.Location
}

func (g naiveGrid) boundary(k int) time.Time {
	if k == 0 {
		return g.anchor // be it the second of two instants that clocks show alike
	}
	return naiveWall(naiveStep(naiveClock(g.anchor, g.loc), k*g.every.Count, g.every.Unit, g.lastDay), g.loc)
}

// period answers the period [start, end) that holds t.
func (g naiveGrid) period(t time.Time) (start, end time.Time) {
	k := 0
	for g.boundary(k).After(t) {
		k--
	}
	for !g.boundary(k + 1).After(t) {
		k++
	}
	return g.boundary(k), g.boundary(k + 1)
}

// naiveDays counts what lies between a and b, b not included: civil days one by
// one, days of months of thirty one by one, or seconds.
func naiveDays(a, b time.Time, basis string, loc *time.Location) int64 {
	if basis == "second" {
		return int64(b.Sub(a) / time.Second)
	}
	n := int64(0)
	for day, end := naiveDay(a, loc), naiveDay(b, loc); day.Before(end); day = day.AddDate(0, 0, 1) {
		n++
		if basis != "day_30" {
			continue
		}
		// The 31st is no day of its own, and a month's last day stands for those
		// that it lacks.
		next := day.AddDate(0, 0, 1)
		n += int64(min(next.Day(), 30)+30*int(next.Month())+360*next.Year()) - int64(min(day.Day(), 30)+30*int(day.Month())+360*day.Year()) - 1
	}
	return n
}

// naiveShare answers what share of whole periods [a, b) is.
func (g naiveGrid) share(a, b time.Time, basis string) *big.Rat {
	sum := new(big.Rat)
	for a.Before(b) {
		start, end := g.period(a)
		stop := end
		if b.Before(stop) {
			stop = b
		}
		if whole := naiveDays(start, end, basis, g.loc); whole > 0 {
			sum.Add(sum, big.NewRat(naiveDays(a, stop, basis, g.loc), whole))
		} else {
			sum.Add(sum, big.NewRat(int64(stop.Sub(a)/time.Second), int64(end.Sub(start)/time.Second)))
		}
		a = stop
	}
	return sum
}

// naiveCut answers where a change at t divides what is billed.
func naiveCut(t time.Time, basis, changeDay string, loc *time.Location) time.Time {
	if basis == "second" {
		return t
	}
	day := naiveDay(t, loc)
	start, end := naiveWall(day, loc), naiveWall(day.AddDate(0, 0, 1), loc)
	if changeDay == "old" || changeDay == "more" && t.Sub(start) > end.Sub(t) {
		return end
	}
	return start
}
