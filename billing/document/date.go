package document

import (
	"cmp"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

// A Date is a civil day, such as the one on which an invoice is issued or falls due. It is
// comparable with ==. The zero Date is none: it is written as an empty text.
type Date struct {
	Year  int // 1 to 9999
	Month time.Month
	Day   int
}

// DateOf returns the civil day that holds an instant in a zone; none for the zero time.
func DateOf(t time.Time, z calendar.Zone) Date {
	if t.IsZero() {
		return Date{}
	}
	year, month, day := z.Date(t)
	return Date{year, month, day}
}

// IsZero reports whether d is none.
func (d Date) IsZero() bool { return d == Date{} }

// Compare returns -1 if d is earlier than e, 1 if it is later, otherwise 0; none is the
// earliest.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// String is the form of ISO 8601, "2026-03-02"; "" for none.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText is String. A day that does not exist is an error.
func (d Date) MarshalText() ([]byte, error) {
	if !d.IsZero() && !d.exists() {
		return nil, fault.OutOfRange.Errorf("document: no such day: %q", d.String())
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes, strictly: the error is a
// [calendar.ParseError].
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	year, month, day, err := calendar.ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = Date{year, month, day}
	return nil
}

func (d Date) exists() bool {
	return d.Year >= 1 && d.Year <= 9999 && d.Month >= time.January && d.Month <= time.December && d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

// noon is an instant of the day in UTC, to count days with.
func (d Date) plus(days int) Date {
	year, month, day := time.Date(d.Year, d.Month, d.Day+days, 12, 0, 0, 0, time.UTC).Date()
	return Date{year, month, day}
}

// on returns a day of the month so many months later: its last one where it is shorter.
func (d Date) on(day, months int) Date {
	year, month, _ := time.Date(d.Year, d.Month+time.Month(months), 1, 12, 0, 0, 0, time.UTC).Date()
	return Date{year, month, min(day, daysIn(year, month))}
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 12, 0, 0, 0, time.UTC).Day()
}
