package cases

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
)

// Moment is a point in time as a case writes it: a date, which stands for
// midnight at the start of that day in the case's zone, or an instant. The zero
// Moment is none.
type Moment struct {
	text    string
	day     calendar.CivilTime // noon of a date
	instant time.Time          // zero for a date
}

// UnmarshalText reads a date such as 2026-01-31 or an instant of RFC 3339.
func (m *Moment) UnmarshalText(text []byte) error {
	s := string(text)
	if len(s) == len("2026-01-31") {
		if _, _, _, err := calendar.ParseDate(s); err != nil {
			return err
		}
		day, err := calendar.ParseCivilTime(s + "T12:00:00")
		*m = Moment{text: s, day: day}
		return err
	}
	instant, err := calendar.ParseInstant(s)
	if err != nil {
		return err
	}
	*m = Moment{text: s, instant: instant}
	return nil
}

// In returns the instant that the moment means in a zone, in UTC.
func (m Moment) In(z calendar.Zone) time.Time {
	if m.instant.IsZero() {
		return z.Midnight(z.Instant(m.day), 0)
	}
	return m.instant
}

// IsZero reports whether the moment was omitted.
func (m Moment) IsZero() bool { return m.text == "" }

// String returns the moment as the case writes it.
func (m Moment) String() string { return m.text }

// show writes an instant as a case would: as a date where it is a midnight.
func show(t time.Time, z calendar.Zone) string {
	if z.Midnight(t, 0).Equal(t) {
		year, month, day := z.Date(t)
		return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
	}
	return calendar.FormatInstant(t)
}

// Span is a pair [start, end) of moments, start included and end not.
type Span struct{ Start, End Moment }

// DecodeStrict reads an array of two moments.
func (s *Span) DecodeStrict(n strict.Node) []strict.Fault {
	elems := n.Elems()
	if len(elems) != 2 {
		return []strict.Fault{n.Faultf(fault.WrongType, "must be an array of a start and an end")}
	}
	return append(elems[0].Decode(&s.Start), elems[1].Decode(&s.End)...)
}

// In returns the period that the span means in a zone.
func (s Span) In(z calendar.Zone) calendar.Period {
	return calendar.Period{Start: s.Start.In(z), End: s.End.In(z)}
}

// Every is an interval as a case writes it: {"count":1,"unit":"month"}.
type Every struct{ calendar.Interval }

// DecodeStrict reads an object of a count and a unit.
func (e *Every) DecodeStrict(n strict.Node) []strict.Fault {
	var form struct {
		Count int           `json:"count"`
		Unit  calendar.Unit `json:"unit"`
	}
	faults := append(n.Decode(&form), missing(n, "count", "unit")...)
	if len(faults) > 0 {
		return faults
	}
	interval, err := calendar.Every(form.Count, form.Unit)
	if err != nil {
		return []strict.Fault{n.Fault(err)}
	}
	e.Interval = interval
	return nil
}

// decimals writes a number with at least as many places as the currency has.
func decimals(d decimal.Decimal, places int) string {
	return d.StringFixed(max(int32(places), -d.Exponent()))
}
