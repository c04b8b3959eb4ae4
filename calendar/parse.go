package calendar

import (
	"time"

	"github.com/perennial-billing/perennial/internal/micro"
)

// ParseDate reads a civil date in the one form YYYY-MM-DD, in the years 0001 to 9999.
// A day that does not exist, such as 2026-02-29, is ErrNoSuchDay; every error is a
// *ParseError.
func ParseDate(s string) (year int, month time.Month, day int, err error) {
	n, err := parseDay("date", s, s)
	if err != nil {
		return 0, 0, 0, err
	}
	year, month, day = dateOf(n)
	return year, month, day, nil
}

// parseDay reads the date in s, which is a part of the text input.
func parseDay(what, input, s string) (int64, error) {
	const form = "must be YYYY-MM-DD"
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return 0, syntax(what, input, form)
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	dom, ok3 := digits(s[8:10])
	switch {
	case !ok1 || !ok2 || !ok3:
		return 0, syntax(what, input, form)
	case year < minYear:
		return 0, &ParseError{What: what, Input: input, Detail: "the year must be 0001 to 9999", Err: ErrRange}
	case month < 1 || month > monthsPerYear:
		return 0, &ParseError{What: what, Input: input, Detail: "no such month", Err: ErrNoSuchDay}
	case dom < 1 || dom > daysIn(year, month):
		return 0, &ParseError{What: what, Input: input, Detail: "no such day", Err: ErrNoSuchDay}
	}
	return dayNumber(year, month, dom), nil
}

// digits reads a text of digits only, short enough not to overflow.
func digits(s string) (int64, bool) {
	var n int64
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	return n, true
}

// ParseInstant reads an RFC 3339 instant and returns it in UTC. Stricter than
// time.Parse, it takes exactly
//
//	YYYY-MM-DDThh:mm:ss[.f](Z|+hh:mm|-hh:mm)
//
// with upper-case T and Z, two digits everywhere, a point before one to nine
// digits of a fraction, no leap second, and a date that exists. Digits finer than a
// microsecond are dropped. The instant must lie in the years 1 to 9999 of UTC. Every error is a *ParseError.
func ParseInstant(s string) (time.Time, error) {
	const (
		what = "instant"
		form = "must be YYYY-MM-DDThh:mm:ss and Z or an offset"
	)
	if len(s) < len("2006-01-02T15:04:05Z") || len(s) > len("2006-01-02T15:04:05.999999999+00:00") ||
		s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, syntax(what, s, form)
	}
	day, err := parseDay(what, s, s[:10])
	if err != nil {
		return time.Time{}, err
	}
	hour, ok1 := digits(s[11:13])
	minute, ok2 := digits(s[14:16])
	second, ok3 := digits(s[17:19])
	switch {
	case !ok1 || !ok2 || !ok3:
		return time.Time{}, syntax(what, s, form)
	case hour > 23 || minute > 59 || second > 59:
		return time.Time{}, syntax(what, s, "no such time of day")
	}

	rest := s[19:]
	var nsec int64
	if rest[0] == '.' {
		end := 1
		scale := int64(time.Second)
		for end < len(rest) && '0' <= rest[end] && rest[end] <= '9' {
			scale /= 10
			nsec += int64(rest[end]-'0') * scale
			end++
		}
		if end == 1 || end > 10 {
			return time.Time{}, syntax(what, s, "a fraction must have one to nine digits")
		}
		rest = rest[end:]
	}

	offset, ok := parseOffset(rest)
	if !ok {
		return time.Time{}, syntax(what, s, "must end in Z or an offset such as +02:00")
	}
	sec := day*secondsPerDay + hour*3600 + minute*60 + second - offset
	if !inRange(sec) {
		return time.Time{}, &ParseError{What: what, Input: s, Detail: "must lie in the years 1 to 9999 of UTC", Err: ErrRange}
	}
	return instant(sec, int32(nsec-nsec%1000)), nil
}

// parseOffset reads Z, +hh:mm or -hh:mm into seconds east of UTC.
func parseOffset(s string) (int64, bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) != len("+00:00") || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	hour, ok1 := digits(s[1:3])
	minute, ok2 := digits(s[4:6])
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return 0, false
	}
	offset := hour*3600 + minute*60
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// FormatInstant writes an instant in UTC as RFC 3339, with the microseconds that it has;
// finer digits are dropped. ParseInstant reads it back if it lies in the years 1 to 9999; others are
// written with the year they have, and refused.
func FormatInstant(t time.Time) string { return micro.Floor(t).Format(time.RFC3339Nano) }
