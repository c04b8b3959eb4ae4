package calendar

import (
	"fmt"
	"math/bits"
	"time"
)

// Basis says in what a part of a period is measured. The empty Basis is not
// chosen; this package treats it as ByDay.
type Basis string

const (
	// ByDay counts civil days: the difference of the dates on which the part
	// and the whole start and end.
	ByDay Basis = "day"

	// BySecond measures elapsed time, exactly: in seconds, or in nanoseconds if
	// an end has a fraction of a second.
	BySecond Basis = "second"

	// ByDay30 counts days of months that all have thirty (30E/360): the 31st
	// counts as the 30th.
	ByDay30 Basis = "day_30"
)

func (Basis) vocabulary() (string, []Basis) { return "basis", []Basis{ByDay, BySecond, ByDay30} }

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Basis.
func (b *Basis) UnmarshalText(text []byte) error { return parseWord(b, text) }

// Fraction returns the share of whole that the part is, as num/den with 0 <= num <=
// den and den > 0. It is not reduced, so that it can be shown: 16/31 is sixteen days
// of thirty-one. Dates are those of zone z.
//
// It fails with
//   - ErrPeriod if either period is open, or ends before it starts;
//   - ErrOutside if part does not lie inside whole;
//   - ErrEmptyPeriod if whole has no length in this basis: no two dates, say;
//   - ErrRange if a span in nanoseconds exceeds an int64 (292 years);
//   - ErrUnknown if b is an unknown word.
func (b Basis) Fraction(part, whole Period, z Zone) (num, den int64, err error) {
	if b != "" && b != ByDay && b != BySecond && b != ByDay30 {
		return 0, 0, unknownWord(b)
	}
	if err := checkClosed("part", part); err != nil {
		return 0, 0, err
	}
	if err := checkClosed("whole", whole); err != nil {
		return 0, 0, err
	}
	if part.Start.Before(whole.Start) || part.End.After(whole.End) {
		return 0, 0, fmt.Errorf("%w: %s is not in %s", ErrOutside, part, whole)
	}
	switch b {
	case BySecond:
		num, den, err = secondsOf(part, whole)
	case ByDay30:
		num = day30(z, part.End) - day30(z, part.Start)
		den = day30(z, whole.End) - day30(z, whole.Start)
	case ByDay, "":
		num = z.day(part.End.Unix()) - z.day(part.Start.Unix())
		den = z.day(whole.End.Unix()) - z.day(whole.Start.Unix())
	}
	if err != nil {
		return 0, 0, err
	}
	if den == 0 {
		return 0, 0, fmt.Errorf("%w: %s has no length by %s", ErrEmptyPeriod, whole, b.orDefault())
	}
	return num, den, nil
}

func (b Basis) orDefault() Basis {
	if b == "" {
		return ByDay
	}
	return b
}

func checkClosed(what string, p Period) error {
	switch {
	case !p.IsValid():
		return fmt.Errorf("%w: %s %s", ErrPeriod, what, p)
	case p.End.IsZero():
		return fmt.Errorf("%w: %s %s is open", ErrPeriod, what, p)
	}
	return nil
}

// secondsOf measures both spans in the coarser of seconds and nanoseconds that
// is exact for all four ends.
func secondsOf(part, whole Period) (num, den int64, err error) {
	num = part.End.Unix() - part.Start.Unix()
	den = whole.End.Unix() - whole.Start.Unix()
	if part.Start.Nanosecond()|part.End.Nanosecond()|whole.Start.Nanosecond()|whole.End.Nanosecond() == 0 {
		return num, den, nil
	}
	num, ok1 := nanos(num, part)
	den, ok2 := nanos(den, whole)
	if !ok1 || !ok2 {
		return 0, 0, outOfRange("%s in nanoseconds", whole)
	}
	return num, den, nil
}

func nanos(sec int64, p Period) (int64, bool) {
	hi, lo := bits.Mul64(uint64(sec), uint64(time.Second))
	if hi != 0 || lo > 1<<63-1-uint64(time.Second) {
		return 0, false
	}
	return int64(lo) + int64(p.End.Nanosecond()) - int64(p.Start.Nanosecond()), true
}

// day30 numbers the days of a calendar in which every month has thirty.
func day30(z Zone, t time.Time) int64 {
	year, month, dom := civil(z.day(t.Unix()))
	return 360*year + 30*month + min(dom, 30)
}
