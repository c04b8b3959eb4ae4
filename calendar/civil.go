package calendar

import (
	"time"
)

// Civil days are counted from 1970-01-01 = 0, in the proleptic Gregorian
// calendar. The arithmetic is our own because boundaries are made of it: it
// takes no allocation, clips to a month's end, and knows no zone.

const (
	secondsPerDay       = 24 * 60 * 60
	daysPerEra          = 146097 // in 400 years, after which the calendar repeats
	daysTo1970          = 719468 // from 0000-03-01 to 1970-01-01
	monthsPerYear       = 12
	minYear             = 1
	maxYear             = 9999
	minUnix       int64 = -62135596800 // 0001-01-01T00:00:00Z
	maxUnix       int64 = 253402300799 // 9999-12-31T23:59:59Z
)

// eraShift makes every day number in reach positive: 15000 eras are six
// million years.
const eraShift = 15000

// civil returns the date of a day number. It is the Neri-Schneider algorithm:
// years begin in March, so that the leap day is the last day of a year, and
// divisions by constants become multiplications.
func civil(day int64) (year, month, dom int64) {
	n := uint64(day + daysTo1970 + eraShift*daysPerEra)
	n1 := 4*n + 3
	century := n1 / daysPerEra
	dayOfCentury := n1 % daysPerEra / 4

	p := 2939745 * (4*dayOfCentury + 3)
	yearOfCentury := p >> 32
	dayOfYear := uint64(uint32(p)) / 2939745 / 4

	n3 := 2141*dayOfYear + 197913
	month = int64(n3 >> 16)
	dom = int64(n3&0xffff/2141) + 1
	year = int64(100*century+yearOfCentury) - 400*eraShift
	if dayOfYear >= 306 { // January and February belong to the next year
		year++
		month -= 12
	}
	return year, month, dom
}

// dayNumber is the inverse of civil, for dates that exist.
func dayNumber(year, month, dom int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	y := year + 400*eraShift // positive, so that division truncates downwards
	days := 365*y + y/4 - y/100 + y/400 + (153*(month-3)+2)/5 + dom - 1
	return days - daysTo1970 - eraShift*daysPerEra
}

// daysIn returns the length of a month.
func daysIn(year, month int64) int64 {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month>>3)&1 // 31 30 31 30 31 30 31 31 30 31 30 31
}

// floorDiv divides and rounds down; b is positive.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// floorDivSmall is floorDiv for counts of days or months, which fit into 32
// bits: by a divisor known only at run time, that is the faster division.
func floorDivSmall(a, b int64) int64 {
	switch {
	case b == 1:
		return a
	case a >= 0:
		return int64(uint32(a) / uint32(b))
	}
	return ^int64(uint32(^a) / uint32(b))
}

// dateOf turns a day number into a date.
func dateOf(day int64) (year int, month time.Month, dom int) {
	y, m, d := civil(day)
	return int(y), time.Month(m), int(d)
}

// instant makes the UTC time of a count of seconds and nanoseconds.
func instant(sec int64, nsec int32) time.Time { return time.Unix(sec, int64(nsec)).UTC() }

// inRange reports whether an instant, in seconds, is in the years 1 to 9999.
func inRange(sec int64) bool { return minUnix <= sec && sec <= maxUnix }
