package calendar

import (
	"fmt"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/internal/micro"
)

// CivilTime is a date and a time of day as clocks on a wall show them, in no zone, to
// the microsecond. It is what stays of an instant when the data of its zone change: a
// calendar that was agreed by the clock goes on by the clock.
//
// It is comparable with == and ordered by Compare. The zero CivilTime is none: IsZero is
// true, and it is written as an empty text.
type CivilTime struct {
	n int64 // 1 + the microseconds since 0001-01-01T00:00; 0: none
}

const (
	microsPerSecond = 1_000_000
	civilBase       = minUnix * microsPerSecond
	civilLayout     = "2006-01-02T15:04:05"
)

// Civil returns the latest time that the clocks of the zone had shown by t: what they
// show at t or, in an hour that they repeat, the last microsecond before the clocks were
// set back. So it never goes backwards: whatever is due at a civil time, which is the
// first of two, comes in the same order by the instants and by their civil times.
func (z Zone) Civil(t time.Time) CivilTime {
	sec := t.Unix()
	if z.data != nil {
		if end, ok := z.data.repeated(sec); ok {
			return civilTime(end*microsPerSecond - 1)
		}
	}
	return civilTime(z.WallClock(t))
}

// Instant returns the first instant at which the clocks of the zone show c, in UTC, or
// the one at which they would have shown it if they skip it, as a boundary of a
// [Schedule]. Of the zero CivilTime it is the zero time.
func (z Zone) Instant(c CivilTime) time.Time {
	if c.IsZero() {
		return time.Time{}
	}
	wall := c.micros()
	sec := floorDiv(wall, microsPerSecond)
	return instant(z.resolve(sec), int32(wall-sec*microsPerSecond)*1000)
}

func civilTime(wall int64) CivilTime { return CivilTime{wall - civilBase + 1} }

// micros are the microseconds since 1970-01-01T00:00 on the wall.
func (c CivilTime) micros() int64 { return c.n + civilBase - 1 }

// IsZero reports whether c is none.
func (c CivilTime) IsZero() bool { return c.n == 0 }

// Compare returns -1 if c is earlier than d, 1 if it is later, otherwise 0; none is the
// earliest.
func (c CivilTime) Compare(d CivilTime) int {
	switch {
	case c.n < d.n:
		return -1
	case c.n > d.n:
		return 1
	}
	return 0
}

// onWall is c as an instant whose UTC clock shows it.
func (c CivilTime) onWall() time.Time {
	return time.UnixMicro(c.micros()).UTC()
}

// String is the form of ISO 8601 without an offset, "2026-11-15T09:30:00", with as many
// digits of a fraction as it needs; "" for none.
func (c CivilTime) String() string {
	return string(c.append(make([]byte, 0, len(civilLayout)+7)))
}

func (c CivilTime) append(b []byte) []byte {
	if c.IsZero() {
		return b
	}
	b = micro.Append(b, c.onWall())
	return b[:len(b)-1] // without the Z
}

// MarshalText is String.
func (c CivilTime) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// AppendText appends String.
func (c CivilTime) AppendText(b []byte) ([]byte, error) { return c.append(b), nil }

// UnmarshalText reads what MarshalText writes, and nothing else: the error is a
// *ParseError.
func (c *CivilTime) UnmarshalText(text []byte) error {
	parsed, err := ParseCivilTime(string(text))
	if err == nil {
		*c = parsed
	}
	return err
}

// ParseCivilTime reads the form that [CivilTime.String] writes, of the years 1 to 9999;
// "" is none. The error is a *ParseError around ErrSyntax.
func ParseCivilTime(s string) (CivilTime, error) {
	if s == "" {
		return CivilTime{}, nil
	}
	fail := func(detail string) (CivilTime, error) {
		return CivilTime{}, &ParseError{What: "civil time", Input: strings.Clone(s), Detail: detail, Err: ErrSyntax}
	}
	if len(s) > len(civilLayout)+7 {
		return fail("too long")
	}
	if t, rest, ok := micro.Parse(s); ok && rest == "" && (len(s) == len(civilLayout) || s[len(s)-1] != '0') {
		return civilTime(t.UnixMicro()), nil
	}
	t, err := time.Parse(civilLayout, s)
	if err != nil {
		return fail("must be a time such as 2026-11-15T09:30:00")
	}
	if y := t.Year(); y < minYear || y > maxYear {
		return fail("must lie in the years 1 to 9999")
	}
	c := civilTime(t.UnixMicro())
	if c.String() != s {
		return fail(fmt.Sprintf("must be written %s", c))
	}
	return c, nil
}

// Civil returns the wall-clock time of boundary k as the calendar gives it, whatever the
// clocks of the zone do then; of boundary 0 it is that of the anchor. It fails as
// Boundary does.
func (s Schedule) Civil(k int) (CivilTime, error) {
	if _, err := s.Boundary(k); err != nil {
		return CivilTime{}, err
	}
	if k == 0 {
		return s.zone.Civil(s.Anchor()), nil
	}
	var f face
	f.unpack(&s)
	return civilTime(s.shown(&f, int64(k))*microsPerSecond + int64(s.nsec)/1000), nil
}
