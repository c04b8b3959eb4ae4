package wire

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
)

// Stamp is how an API writes instants: RFC 3339 in UTC, with a number of digits of a
// second. All stamps read up to nine digits. The zero Stamp is invalid.
type Stamp string

const (
	// Seconds writes none: "2026-01-15T10:00:00Z".
	Seconds Stamp = "2006-01-02T15:04:05Z"
	// Millis writes three: "2026-01-15T10:00:00.000Z".
	Millis Stamp = "2006-01-02T15:04:05.000Z"
	// Nanos writes as many as needed.
	Nanos Stamp = "2006-01-02T15:04:05.999999999Z"
)

// Stamps returns every format. The slice is the caller's own.
func Stamps() []Stamp { return []Stamp{Seconds, Millis, Nanos} }

// IsValid reports whether s is one of Stamps; the zero Stamp is not.
func (s Stamp) IsValid() bool {
	switch s {
	case Seconds, Millis, Nanos:
		return true
	}
	return false
}

// Format writes an instant; digits beyond the format's are cut off.
func (s Stamp) Format(t time.Time) string { return t.UTC().Format(string(s)) }

// Fits reports whether the format writes the whole instant.
func (s Stamp) Fits(t time.Time) bool {
	back, err := s.Parse(s.Format(t))
	return err == nil && back.Equal(t)
}

// Say returns an instant and records a loss of the field if the format cuts off a part
// of it.
func (s Stamp) Say(l *Losses, field string, t time.Time) string {
	if !s.Fits(t) {
		l.Add(field, "the instant %s to its last digit", calendar.FormatInstant(t))
	}
	return s.Format(t)
}

// Parse reads an instant with any number of digits, up to nine.
func (Stamp) Parse(text string) (time.Time, error) { return calendar.ParseInstant(text) }
