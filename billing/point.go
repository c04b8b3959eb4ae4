package billing

import "time"

// A point is where a line begins or ends. wall says that it follows from a calendar,
// as a boundary or a civil midnight does: it then enters ids by the wall clock, so that
// new zone data rename nothing. An instant that was given enters them as UTC.
type point struct {
	time.Time
	wall bool
}

func given(t time.Time) point { return point{Time: t} }

func boundary(t time.Time) point { return point{Time: t, wall: true} }

func (p point) after(q point) bool { return p.Time.After(q.Time) }

// laterPoint returns the later of two points; of equal ones that of the calendar.
func laterPoint(p, q point) point {
	if q.after(p) || q.wall && q.Time.Equal(p.Time) {
		return q
	}
	return p
}

// earlierPoint returns the earlier of two points; of equal ones that of the calendar.
func earlierPoint(p, q point) point {
	if p.after(q) || q.wall && q.Time.Equal(p.Time) {
		return q
	}
	return p
}
