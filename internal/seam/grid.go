package seam

import "time"

// A Grid is what subscription asks of a *calendar.Schedule (S) beyond its methods.
type Grid[S any] struct {
	// Bounds is calendar.Schedule.PeriodAt, as two instants that stay in registers.
	Bounds func(s S, t time.Time) (start, end time.Time, err error)
	// Holds reports whether Bounds surely answers for t, which is quicker than to ask it. False
	// within a period of the years 1 and 9999, where only Bounds knows.
	Holds func(grid S, t time.Time) bool
}
