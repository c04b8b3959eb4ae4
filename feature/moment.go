package feature

import (
	"math"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
)

// moment is an instant in two words, for values that are stored by the million and
// compared on the hot path: seconds since 1970, and nanoseconds within the second, whole
// microseconds of them.
type moment struct {
	sec  int64
	nsec int32
}

func momentOf(t time.Time) moment {
	nsec := t.Nanosecond()
	return moment{t.Unix(), int32(nsec - nsec%int(micro.Second))}
}

// zeroMoment is the zero time.
var zeroMoment = momentOf(time.Time{})

func (m moment) time() time.Time { return time.Unix(m.sec, int64(m.nsec)).UTC() }

func (m moment) before(o moment) bool {
	return m.sec < o.sec || m.sec == o.sec && m.nsec < o.nsec
}

// span is a calendar period prepared for comparing.
type span struct{ start, end moment }

// openEnd is the end of a span that has none.
var openEnd = moment{sec: math.MaxInt64}

func spanOf(p calendar.Period) span {
	s := span{momentOf(p.Start), openEnd}
	if !p.End.IsZero() {
		s.end = momentOf(p.End)
	}
	return s
}

// isZero reports whether it is of the zero Period.
func (s *span) isZero() bool { return s.end == openEnd && s.start.time().IsZero() }

func (s *span) holds(m moment) bool { return !m.before(s.start) && m.before(s.end) }

// ends returns the end as an instant; zero if it is open.
func (s *span) ends() time.Time {
	if s.end == openEnd {
		return time.Time{}
	}
	return s.end.time()
}

func (s *span) period() calendar.Period { return calendar.Period{Start: s.start.time(), End: s.ends()} }
