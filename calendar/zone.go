package calendar

import (
	"fmt"
	"sync"
	"time"

	"github.com/perennial-billing/perennial/internal/micro"
)

// Zone is an IANA time zone, the only bridge between instants and civil dates. It is
// one word, comparable with ==, and safe for concurrent use. The zero Zone is UTC.
//
// Zones are interned: LoadZone returns the same value for the same name for as long
// as the process runs. Two names of one zone are two values.
type Zone struct {
	data *zoneData // nil: UTC
}

// UTC returns the zero Zone.
func UTC() Zone { return Zone{} }

// interned holds the zones loaded so far, by name. Zone data is immutable.
var interned sync.Map // string -> *zoneData

// LoadZone returns the zone of that name in the IANA time zone database. It is the
// only function of the package that reads anything from outside: the database of the
// system or of ZONEINFO, or the one embedded by a program that imports time/tzdata.
// It reads each zone once.
//
// It fails with ErrZone for a name that the database does not have, for "" and
// "Local", and for names that stand for the machine's own setting or for clocks
// with leap seconds ("localtime", "posixrules", "posix/…", "right/…").
func LoadZone(name string) (Zone, error) {
	if name == "UTC" {
		return Zone{}, nil
	}
	if data, ok := interned.Load(name); ok {
		return Zone{data.(*zoneData)}, nil
	}
	if detail := checkZoneName(name); detail != "" {
		return Zone{}, &ParseError{What: "time zone", Input: name, Detail: detail, Err: ErrZone}
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return Zone{}, &ParseError{What: "time zone", Input: name, Detail: "not in the time zone database", Err: ErrZone}
	}
	data, _ := interned.LoadOrStore(name, newZoneData(name, loc))
	return Zone{data.(*zoneData)}, nil
}

// checkZoneName refuses what must not reach the file system.
func checkZoneName(name string) (detail string) {
	switch {
	case name == "":
		return "must not be empty"
	case name == "Local" || name == "localtime" || name == "posixrules":
		return "must be a named zone, not the machine's own"
	case len(name) > 64:
		return "must not be longer than 64 characters"
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '_' || c == '+' || c == '-':
		case c == '/' && i > 0 && i < len(name)-1 && name[i-1] != '/':
		default:
			return "must be a name such as Europe/Lisbon"
		}
	}
	if hasPrefix(name, "right/") || hasPrefix(name, "posix/") {
		return "must not choose a variant of the database"
	}
	return ""
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

// MustLoadZone is LoadZone for constants and tests; it panics if there is no
// such zone.
func MustLoadZone(name string) Zone {
	z, err := LoadZone(name)
	if err != nil {
		panic(err)
	}
	return z
}

// Name returns the IANA name; "UTC" for the zero Zone.
func (z Zone) Name() string {
	if z.data == nil {
		return "UTC"
	}
	return z.data.name
}

// String returns the name.
func (z Zone) String() string { return z.Name() }

// IsZero reports whether z is the zero Zone, which is UTC.
func (z Zone) IsZero() bool { return z.data == nil }

// Location returns the zone for use with package time.
func (z Zone) Location() *time.Location {
	if z.data == nil {
		return time.UTC
	}
	return z.data.loc
}

// MarshalText writes the name.
func (z Zone) MarshalText() ([]byte, error) { return []byte(z.Name()), nil }

// AppendText appends the name.
func (z Zone) AppendText(b []byte) ([]byte, error) { return append(b, z.Name()...), nil }

// UnmarshalText reads a name as LoadZone does. An empty text is refused: a document
// that means UTC says so, or omits the zone.
func (z *Zone) UnmarshalText(text []byte) error {
	loaded, err := LoadZone(string(text))
	if err != nil {
		return err
	}
	*z = loaded
	return nil
}

// Date returns the civil day that holds t. Days tile time: a day is from Midnight(t, 0)
// up to Midnight(t, 1). That is the wall-clock date, except in one rare hour: where clocks
// are set back across midnight, as at 00:01 in America/St_Johns until 2011, the
// repeated hour stays in the day that had begun. So dates never go backwards.
func (z Zone) Date(t time.Time) (year int, month time.Month, day int) {
	return dateOf(z.day(t.Unix()))
}

// Midnight returns the first instant of a civil day, in UTC: with days 0 of the one that
// holds t, with 1 of the next one, with -1 of the one before. Where clocks are set forward
// over midnight that is later than 00:00; where the zone skipped the whole day it is the
// instant of the skip, at which the next day begins too.
func (z Zone) Midnight(t time.Time, days int) time.Time {
	return instant(z.midnight(z.day(t.Unix())+int64(days)), 0)
}

// At returns the instant at which the clocks of the zone show the given time of day
// on a date, in UTC; clock is the time of day since 00:00, at least 0 and less than 24
// hours, otherwise ErrRange; finer digits than microseconds are dropped. A time that the
// zone's clocks skip on that day moves forward by what they skip; one that they show twice
// is the first. A date that does not exist is ErrNoSuchDay.
func (z Zone) At(year int, month time.Month, day int, clock time.Duration) (time.Time, error) {
	if clock < 0 || clock >= 24*time.Hour {
		return time.Time{}, outOfRange("time of day %s", clock)
	}
	if year < minYear || year > maxYear {
		return time.Time{}, outOfRange("the year %d", year)
	}
	if month < 1 || month > monthsPerYear || day < 1 || int64(day) > daysIn(int64(year), int64(month)) {
		return time.Time{}, fmt.Errorf("%w: %d-%02d-%02d", ErrNoSuchDay, year, int(month), day)
	}
	wall := dayNumber(int64(year), int64(month), int64(day))*secondsPerDay + int64(clock/time.Second)
	sec := z.resolve(wall)
	if !inRange(sec) {
		return time.Time{}, outOfRange("%d-%02d-%02d %s", year, int(month), day, clock)
	}
	return instant(sec, int32(clock.Truncate(micro.Second)%time.Second)), nil
}

// Add returns the instant one interval after t in the calendar of the zone: the same
// wall-clock time, later by the interval's units, by the rules of Schedule. It fails
// as NewSchedule does, and with ErrRange after the year 9999.
func (z Zone) Add(t time.Time, every Interval, m MonthEnd) (time.Time, error) {
	s, err := NewSchedule(t, every, m, z)
	if err != nil {
		return time.Time{}, err
	}
	return s.Boundary(1)
}

// DaysBetween returns how many civil days b lies after a, by their dates: 0 on
// one day, negative if b is earlier.
func (z Zone) DaysBetween(a, b time.Time) int { return int(z.day(b.Unix()) - z.day(a.Unix())) }

// WallClock returns what the clocks of the zone show at t, as microseconds since
// 1970-01-01T00:00:00 on those clocks; a fraction of a microsecond is dropped. Two
// instants of an hour that the clocks repeat have the same.
func (z Zone) WallClock(t time.Time) int64 {
	return (t.Unix()+z.offset(t.Unix()))*1_000_000 + int64(t.Nanosecond()/1000)
}

// offset returns the seconds east of UTC at an instant.
func (z Zone) offset(sec int64) int64 {
	if z.data == nil {
		return 0
	}
	return z.data.offset(sec)
}

// day returns the number of the civil day that holds an instant.
func (z Zone) day(sec int64) int64 {
	if z.data == nil {
		return floorDiv(sec, secondsPerDay)
	}
	return z.data.day(sec)
}

// midnight returns the first instant of a civil day.
func (z Zone) midnight(day int64) int64 {
	if z.data == nil {
		return day * secondsPerDay
	}
	return z.data.reach(day * secondsPerDay)
}

// resolve returns the instant of a wall-clock time.
func (z Zone) resolve(wall int64) int64 {
	if z.data == nil {
		return wall
	}
	return z.data.resolve(wall)
}
