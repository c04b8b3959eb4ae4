package cgscanning

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
)

// Status is the API's word for the state of a subscription. The zero Status is invalid.
type Status string

const (
	// Active is one that may be used.
	Active Status = "active"
	// Inactive is one that may not be used now: it has not started, is paused or held,
	// or is over for good.
	Inactive Status = "inactive"
	// Canceled is one that was cancelled.
	Canceled Status = "canceled"
)

// Statuses returns every status. The slice is the caller's own.
func Statuses() []Status { return []Status{Active, Inactive, Canceled} }

// IsValid reports whether s is one of Statuses; the zero Status is not.
func (s Status) IsValid() bool { return s == Active || s == Inactive || s == Canceled }

// UnmarshalText accepts the words of Statuses. It accepts both spellings of canceled,
// and the label on the vendor's pages.
func (s *Status) UnmarshalText(text []byte) error {
	switch word := string(text); word {
	case "canceled", "cancelled", "Canceled":
		*s = Canceled
	case "active", "inactive":
		*s = Status(word)
	default:
		return fmt.Errorf("must be active, inactive or canceled, not %q", word)
	}
	return nil
}

// Interval is the API's word for the length of a term. The zero Interval is invalid.
type Interval string

const (
	// None has no terms: nothing is billed by itself and nothing renews.
	None Interval = "none"
	// Monthly is a term of a month.
	Monthly Interval = "monthly"
	// Yearly is a term of a year.
	Yearly Interval = "yearly"
)

// Intervals returns every interval. The slice is the caller's own.
func Intervals() []Interval { return []Interval{None, Monthly, Yearly} }

// IsValid reports whether i is one of Intervals; the zero Interval is not.
func (i Interval) IsValid() bool { return i == None || i == Monthly || i == Yearly }

// Calendar returns the interval of the engine; zero for none.
func (i Interval) Calendar() calendar.Interval {
	switch i {
	case Monthly:
		return calendar.Months(1)
	case Yearly:
		return calendar.Years(1)
	case None:
	}
	return calendar.Interval{}
}

// intervalOf returns the word for an interval, and whether there is one. Twelve months
// are a year.
func intervalOf(every calendar.Interval) (Interval, bool) {
	switch every {
	case calendar.Interval{}:
		return None, true
	case calendar.Months(1):
		return Monthly, true
	case calendar.Years(1), calendar.Months(12):
		return Yearly, true
	}
	return None, false
}

// UnmarshalText accepts exactly the words of Intervals.
func (i *Interval) UnmarshalText(text []byte) error {
	if v := Interval(text); v.IsValid() {
		*i = v
		return nil
	}
	return fmt.Errorf("must be none, monthly or yearly, not %q", text)
}

// Instant is an instant that is written with milliseconds.
type Instant struct{ time.Time }

// MarshalJSON writes RFC 3339 in UTC with three digits of a second.
func (i Instant) MarshalJSON() ([]byte, error) { return json.Marshal(wire.Millis.Format(i.Time)) }

// DecodeWire reads RFC 3339.
func (i *Instant) DecodeWire(n wire.Node, f *wire.Faults) { n.Decode(&i.Time, f) }
