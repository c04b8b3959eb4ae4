package calendar

import (
	"fmt"
	"strconv"
)

// Unit is the calendar unit of an Interval. The empty Unit is no unit.
type Unit string

const (
	// Day is one civil day: the same wall-clock time on the next date, which is
	// 23 or 25 hours away when the clocks change.
	Day Unit = "day"

	// Week is seven civil days.
	Week Unit = "week"

	// Month is one calendar month: the same day of the next month, or that
	// month's last day if it is shorter.
	Month Unit = "month"

	// Year is twelve calendar months.
	Year Unit = "year"
)

func (Unit) vocabulary() (string, []Unit) { return "unit", []Unit{Day, Week, Month, Year} }

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Unit.
func (u *Unit) UnmarshalText(text []byte) error { return parseWord(u, text) }

// MaxCount is the largest count of an Interval.
const MaxCount = 10000

// Interval is a count of calendar units: how often a plan bills. It is four bytes and
// comparable with ==; P12M and P1Y have the same boundaries and are not the same
// value.
//
// The zero Interval means that nothing recurs: IsZero is true, IsValid is
// false, and its text is empty. An Interval made with a count outside 1 to
// MaxCount is neither zero nor valid, and has no text.
type Interval struct {
	count uint16
	unit  unitCode
}

// unitCode is a Unit in one byte.
type unitCode uint8

const (
	codeDay unitCode = 1 + iota
	codeWeek
	codeMonth
	codeYear
	codeInvalid unitCode = 0xff
)

// invalidInterval is the only Interval that is neither zero nor valid, so that
// == stays meaningful.
var invalidInterval = Interval{unit: codeInvalid}

func codeOf(u Unit) unitCode {
	switch u {
	case Day:
		return codeDay
	case Week:
		return codeWeek
	case Month:
		return codeMonth
	case Year:
		return codeYear
	}
	return 0
}

// Days returns the interval of n civil days; invalid unless 1 <= n <= MaxCount.
func Days(n int) Interval { return makeInterval(n, codeDay) }

// Weeks returns the interval of n weeks; invalid unless 1 <= n <= MaxCount.
func Weeks(n int) Interval { return makeInterval(n, codeWeek) }

// Months returns the interval of n months; invalid unless 1 <= n <= MaxCount.
func Months(n int) Interval { return makeInterval(n, codeMonth) }

// Years returns the interval of n years; invalid unless 1 <= n <= MaxCount.
func Years(n int) Interval { return makeInterval(n, codeYear) }

func makeInterval(n int, code unitCode) Interval {
	if n < 1 || n > MaxCount || code == 0 {
		return invalidInterval
	}
	return Interval{count: uint16(n), unit: code}
}

// Every returns the interval of n units. It fails with ErrInterval if n is
// outside 1 to MaxCount, and with ErrUnknown if unit is not one of the words of Unit.
func Every(n int, unit Unit) (Interval, error) {
	code := codeOf(unit)
	if code == 0 {
		return Interval{}, unknownWord(unit)
	}
	if n < 1 || n > MaxCount {
		return Interval{}, fmt.Errorf("%w: a count of %d is outside 1 to %d", ErrInterval, n, MaxCount)
	}
	return Interval{count: uint16(n), unit: code}, nil
}

// Count returns how many units; 0 if i is zero or invalid.
func (i Interval) Count() int { return int(i.count) }

// Unit returns the unit; empty if i is zero or invalid.
func (i Interval) Unit() Unit {
	switch i.unit {
	case codeDay:
		return Day
	case codeWeek:
		return Week
	case codeMonth:
		return Month
	case codeYear:
		return Year
	case codeInvalid:
	}
	return ""
}

// IsZero reports whether i is the zero Interval: nothing recurs.
func (i Interval) IsZero() bool { return i == Interval{} }

// IsValid reports whether i recurs: it has a unit and a count of 1 to MaxCount.
func (i Interval) IsValid() bool { return i.count != 0 }

// String returns the text of i, "" for the zero Interval and "invalid" for one
// whose count was out of range.
func (i Interval) String() string {
	if i.unit == codeInvalid {
		return "invalid"
	}
	return string(i.append(nil))
}

func (i Interval) append(b []byte) []byte {
	if i.count == 0 {
		return b
	}
	b = append(b, 'P')
	b = strconv.AppendUint(b, uint64(i.count), 10)
	return append(b, " DWMY"[i.unit])
}

// AppendText appends the ISO 8601 duration of i, such as P1M, P2W or P14D, and
// nothing for the zero Interval. An invalid Interval is an error (ErrInterval).
func (i Interval) AppendText(b []byte) ([]byte, error) {
	if i.unit == codeInvalid {
		return b, fmt.Errorf("%w: its count was outside 1 to %d", ErrInterval, MaxCount)
	}
	return i.append(b), nil
}

// MarshalText is AppendText into a new slice.
func (i Interval) MarshalText() ([]byte, error) { return i.AppendText(nil) }

// UnmarshalText reads what MarshalText writes. An empty text is the zero
// Interval; anything else is read as by ParseInterval.
func (i *Interval) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*i = Interval{}
		return nil
	}
	parsed, err := ParseInterval(string(text))
	if err != nil {
		return err
	}
	*i = parsed
	return nil
}

// ParseInterval reads an ISO 8601 duration of exactly one designator: P, a count of 1
// to MaxCount without leading zeros, and one of D, W, M, Y. Everything else, the
// empty text included, is a *ParseError.
func ParseInterval(s string) (Interval, error) {
	const what = "interval"
	if len(s) < 3 || s[0] != 'P' {
		return Interval{}, syntax(what, s, "must be P, a count, and one of D, W, M, Y, such as P1M")
	}
	var code unitCode
	switch s[len(s)-1] {
	case 'D':
		code = codeDay
	case 'W':
		code = codeWeek
	case 'M':
		code = codeMonth
	case 'Y':
		code = codeYear
	default:
		return Interval{}, syntax(what, s, "must end in one of D, W, M, Y")
	}
	digits := s[1 : len(s)-1]
	n := 0
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || c > '9' {
			return Interval{}, syntax(what, s, "must have one whole count and one unit")
		}
		if n = n*10 + int(c-'0'); n > MaxCount {
			return Interval{}, &ParseError{What: what, Input: s, Detail: "the count must not exceed 10000", Err: ErrRange}
		}
	}
	if digits[0] == '0' {
		return Interval{}, syntax(what, s, "the count must begin with 1 to 9")
	}
	return Interval{count: uint16(n), unit: code}, nil
}

// MustParseInterval is ParseInterval for constants and tests; it panics if s is
// not an interval.
func MustParseInterval(s string) Interval {
	i, err := ParseInterval(s)
	if err != nil {
		panic(err)
	}
	return i
}
