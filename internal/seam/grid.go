package seam

import "time"

// A Grid is what subscription asks of a *calendar.Schedule (S) beyond its methods.
type Grid[S any] struct {
	// Bounds is calendar.Schedule.PeriodAt, as two instants that stay in registers.
	Bounds func(s S, t time.Time) (start, end time.Time, err error)
}
