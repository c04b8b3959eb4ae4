package calendar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/perennial-billing/perennial/internal/micro"
)

// Period is a range of time that contains its Start and not its End, so that the
// periods of a schedule tile: no gap, no overlap, and a boundary belongs to the
// period that it begins.
//
// A zero End means that the period is open: it has no end. The zero Period is not a
// period: it is not valid, contains no instant and is null in JSON. Periods made by
// this package are in UTC without a monotonic reading, and then == and Equal agree.
type Period struct {
	Start time.Time // the first instant in the period
	End   time.Time // the first instant after it; zero: open
}

// IsZero reports whether p is the zero Period.
func (p Period) IsZero() bool { return p.Start.IsZero() && p.End.IsZero() }

// IsValid reports whether p is a period: not zero, within the years 1 to 9999,
// and open or not ending before it starts. An empty period is valid.
func (p Period) IsValid() bool {
	if p.IsZero() || !inRange(p.Start.Unix()) {
		return false
	}
	return p.End.IsZero() || inRange(p.End.Unix()) && !p.End.Before(p.Start)
}

// IsOpen reports whether p has no end.
func (p Period) IsOpen() bool { return p.End.IsZero() && !p.Start.IsZero() }

// IsEmpty reports whether p contains no instant.
func (p Period) IsEmpty() bool { return !p.IsOpen() && !p.Start.Before(p.End) }

// Contains reports whether Start <= t < End.
func (p Period) Contains(t time.Time) bool {
	return !p.IsZero() && !t.Before(p.Start) && (p.End.IsZero() || t.Before(p.End))
}

// Overlaps reports whether p and o have an instant in common. Periods that only touch
// have none, and an empty period has none with any other.
func (p Period) Overlaps(o Period) bool {
	_, ok := p.Intersect(o)
	return ok
}

// Intersect returns the instants that p and o have in common, and whether there
// are any.
func (p Period) Intersect(o Period) (Period, bool) {
	if p.IsEmpty() || o.IsEmpty() {
		return Period{}, false
	}
	both := p
	if o.Start.After(both.Start) {
		both.Start = o.Start
	}
	if both.End.IsZero() || !o.End.IsZero() && o.End.Before(both.End) {
		both.End = o.End
	}
	if both.IsEmpty() {
		return Period{}, false
	}
	return both, true
}

// Equal reports whether p and o start and end at the same instants, regardless of the
// locations of their times.
func (p Period) Equal(o Period) bool { return p.Start.Equal(o.Start) && p.End.Equal(o.End) }

// String returns the period as [start, end), in UTC.
func (p Period) String() string {
	switch {
	case p.IsZero():
		return "[)"
	case p.End.IsZero():
		return "[" + FormatInstant(p.Start) + ", open)"
	}
	return "[" + FormatInstant(p.Start) + ", " + FormatInstant(p.End) + ")"
}

// MarshalJSON writes {"start":…,"end":…} with RFC 3339 instants in UTC; an open
// period has no "end", and the zero Period is null. A Period that is not valid
// is an error (ErrPeriod).
func (p Period) MarshalJSON() ([]byte, error) {
	if p.IsZero() {
		return []byte("null"), nil
	}
	if !p.IsValid() {
		return nil, fmt.Errorf("%w: %s", ErrPeriod, p)
	}
	b := append([]byte(nil), `{"start":"`...)
	b = micro.Floor(p.Start).AppendFormat(b, time.RFC3339Nano)
	if !p.End.IsZero() {
		b = append(b, `","end":"`...)
		b = micro.Floor(p.End).AppendFormat(b, time.RFC3339Nano)
	}
	return append(b, `"}`...), nil
}

// UnmarshalJSON reads what MarshalJSON writes: names by exact case, each once,
// no others; instants as ParseInstant reads them; null is the zero Period. A
// refused document leaves p as it was. Every error is a *ParseError.
func (p *Period) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		*p = Period{}
		return nil
	}
	next, err := decodePeriod(data)
	if err != nil {
		return err
	}
	*p = next
	return nil
}

func decodePeriod(data []byte) (Period, error) {
	refuse := func(format string, args ...any) (Period, error) {
		return Period{}, syntax("period", string(data), fmt.Sprintf(format, args...))
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return refuse("must be an object")
	}
	fields := map[string]time.Time{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return refuse("not JSON")
		}
		name, _ := tok.(string)
		if name != "start" && name != "end" {
			return refuse("unknown field %q", name)
		}
		if _, seen := fields[name]; seen {
			return refuse("%s: repeated", name)
		}
		if tok, err = dec.Token(); err != nil {
			return refuse("%s: not JSON", name)
		}
		text, ok := tok.(string)
		if !ok {
			return refuse("%s: must be a string", name)
		}
		t, err := ParseInstant(text)
		if err != nil {
			fault := new(ParseError)
			if errors.As(err, &fault) {
				fault.What = "period " + name
			}
			return Period{}, err
		}
		fields[name] = t
	}
	if _, err := dec.Token(); err != nil {
		return refuse("not JSON")
	}
	if _, err := dec.Token(); err != io.EOF {
		return refuse("must be one object")
	}
	start, ok := fields["start"]
	if !ok {
		return refuse("start: missing")
	}
	end, closed := fields["end"]
	next := Period{Start: start, End: end}
	if closed && (end.IsZero() || !next.IsValid()) {
		return Period{}, &ParseError{What: "period", Input: string(data), Detail: "must not end before it starts", Err: ErrPeriod}
	}
	if next.IsZero() {
		return Period{}, &ParseError{What: "period", Input: string(data), Detail: "an open period must not begin at the first instant of year 1", Err: ErrPeriod}
	}
	return next, nil
}
