package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
)

// NextChange returns the next instant after t at which the status is another one, as
// recorded or, beyond the last command, as expected without further commands: the start,
// the end of a trial, the beginning of the last period before an ending, a scheduled
// pause or resume, an ending. It is false if the status stays as it is, and for the zero
// Subscription.
//
// It is for what depends on the status alone, such as access. Renewals, phases and changes
// of plan and quantity leave the status as it is: billing.WakeAt returns when anything can
// fall due, and [feature.Entitlement.Until] until when an entitlement holds.
func (s Subscription) NextChange(t time.Time) (time.Time, bool) {
	if s.c == nil {
		return time.Time{}, false
	}
	i := s.c.index(t)
	if i < 0 {
		return s.c.span(0).from, true
	}
	was := s.c.span(i).status(t)
	for i+1 < s.c.count() {
		end := s.c.span(i + 1).from
		if at, ok := s.c.span(i).becomes(was, later(t, s.c.span(i).from), end); ok {
			return at, true
		}
		i = s.c.index(end)
		if s.c.span(i).status(end) != was {
			return end, true
		}
	}
	return time.Time{}, false // without an ending ahead, boundaries change nothing
}

// becomes returns the first boundary after t and before end at which a running span no
// longer has the status. Once the last period before an ending runs, it runs to the end
// of the span.
func (s *span) becomes(was lifecycle.Status, t, end time.Time) (time.Time, bool) {
	if s.kind != running || s.grid.IsZero() || s.endless() {
		return time.Time{}, false
	}
	differs := func(k int) (time.Time, bool) {
		b, err := s.grid.Boundary(k)
		return b, err == nil && b.After(t) && b.Before(end) && s.status(b) != was
	}
	low, errLow := s.grid.Index(t)
	high, errHigh := s.grid.Index(end)
	if errLow != nil || errHigh != nil {
		return time.Time{}, false
	}
	if b, err := s.grid.Boundary(high); err == nil && !b.Before(end) {
		high--
	}
	if _, ok := differs(high); !ok {
		return time.Time{}, false
	}
	for low+1 < high {
		mid := low + (high-low)/2
		if _, ok := differs(mid); ok {
			high = mid
		} else {
			low = mid
		}
	}
	return differs(high)
}
