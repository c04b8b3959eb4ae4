package wire

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
)

// Stamp is how an API writes instants: RFC 3339 in UTC, with so many digits of a
// second. All of them read any number of digits, up to nine.
type Stamp string

const (
	// Seconds writes none: "2026-01-15T10:00:00Z".
	Seconds Stamp = "2006-01-02T15:04:05Z"
	// Millis writes three: "2026-01-15T10:00:00.000Z".
	Millis Stamp = "2006-01-02T15:04:05.000Z"
	// Nanos writes as many as are needed.
	Nanos Stamp = "2006-01-02T15:04:05.999999999Z"
)

// Stamps returns every format. The slice is the caller's own.
func Stamps() []Stamp { return []Stamp{Seconds, Millis, Nanos} }

// Format writes an instant; digits beyond the format's are cut off.
func (s Stamp) Format(t time.Time) string { return t.UTC().Format(string(s)) }

// Fits reports whether the format writes all of the instant.
func (s Stamp) Fits(t time.Time) bool {
	back, err := s.Parse(s.Format(t))
	return err == nil && back.Equal(t)
}

// Say writes an instant and notes, if the format cuts off a part of it, that the
// field cannot say it.
func (s Stamp) Say(l *Losses, field string, t time.Time) string {
	if !s.Fits(t) {
		l.Add(field, "the instant %s to its last digit", calendar.FormatInstant(t))
	}
	return s.Format(t)
}

// Parse reads an instant with any number of digits, up to nine.
func (Stamp) Parse(text string) (time.Time, error) { return calendar.ParseInstant(text) }
