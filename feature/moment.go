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

func (m moment) time() time.Time { return time.Unix(m.sec, int64(m.nsec)).UTC() }

func (m moment) before(o moment) bool {
	return m.sec < o.sec || m.sec == o.sec && m.nsec < o.nsec
}

// span is a calendar period prepared for comparing.
type span struct {
	start, end moment
	until      time.Time // the end as an instant; zero if it is open
}

func spanOf(p calendar.Period) span {
	s := span{momentOf(p.Start), moment{sec: math.MaxInt64}, p.End}
	if !p.End.IsZero() {
		s.end, s.until = momentOf(p.End), instant(p.End)
	}
	return s
}

func (s *span) holds(m moment) bool { return !m.before(s.start) && m.before(s.end) }
