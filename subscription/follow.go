package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/plan"
)

// ErrCannotMove: the newer version of the plan cannot take the place of the one in force. The
// error names the version, and the charges that stand in the way.
var ErrCannotMove = fault.New(fault.Refused, "subscription: cannot move")

// Follow takes on the version of the plan that the catalog lets apply to existing subscriptions
// (plan.Release.AppliesToExistingFrom): at the end of the running period, or of the trial, the
// newest one whose date is not after that end. So a service that asks for each of its
// subscriptions once a period moves all of them, each at the first boundary at or after the
// date. Before the start it is taken on at once.
//
// It is a change of plan at the end of the period, and recorded as one. Where there is nothing
// to take on, or it is scheduled already, nothing changes: to follow twice is to follow once.
// Negotiated prices end with the version, go on by plan.KeepPrices, or keep their ratio to the
// plan's by plan.ScalePrices (call.Policy.ChangePrices).
//
// A version is refused with [ErrCannotMove] that bills by another interval, has phases or a
// length, which would begin anew, or in which a charge has gone, or has another kind of price,
// metric or timing; and where the subscription's quantity has no tier. All of that is named, and
// the subscription keeps its version, as it does where the lifecycle refuses the change: beside
// another change of plan that is scheduled, in a pause, before an ending.
func (s Subscription) Follow(call Call, catalog *plan.Catalog) (Subscription, error) {
	if s.c == nil {
		return Subscription{}, ErrZero
	}
	if catalog == nil {
		return s, invalidAt("catalog", errMissing)
	}
	at := call.At
	if err := instant(&at); err != nil {
		return s, invalidAt("at", err)
	}
	i := s.c.index(at)
	if at.IsZero() || i < 0 {
		return s, invalidAt("at", errMissing)
	}
	cur, err := s.c.span(i).at(at, after)
	if err != nil {
		return s, err
	}
	is := cur.terms.version
	to, err := catalog.Existing(is.Ref(), cur.movesAt(at))
	if err != nil || to.Ref() == is.Ref() || cur.kind == ended {
		return s, err
	}
	to = inCurrency(to, s.Currency())
	for _, c := range cur.pendingFacts().changes {
		if v := c.command.version; v != nil && c.at.IsZero() && v.Ref() == to.Ref() {
			return s, nil
		}
	}
	if err := cur.terms.movable(to); err != nil {
		return s, err
	}
	next, err := s.ChangePlan(call, AtPeriodEnd(), to)
	if errors.Is(err, plan.ErrNoTier) || errors.Is(err, plan.ErrScale) {
		return s, fmt.Errorf("%w: %q: %w", ErrCannotMove, to, err)
	}
	return next, err
}

// Follow lets all follow the catalog, as [Subscription.Follow] does for one, and returns the new
// value of each that it changes, sorted. Those that keep their version although there is a newer
// one are returned as skipped, each with why: an [ErrCannotMove], or what the lifecycle refuses. To
// call it again changes nothing; what was skipped is skipped again. The error is that of the call
// itself, which then moves none.
func (s Set) Follow(call Call, catalog *plan.Catalog) (next []Subscription, skipped []Skipped, err error) {
	if catalog == nil {
		return nil, nil, invalidAt("catalog", errMissing)
	}
	for _, sub := range s.Sorted() {
		moved, err := sub.Follow(call, catalog)
		switch {
		case errors.Is(err, ErrInvalidCall):
			return nil, nil, err
		case err != nil:
			skipped = append(skipped, Skipped{sub, err})
		case moved.Version() > sub.Version():
			next = append(next, moved)
		}
	}
	return next, skipped, nil
}

// movesAt returns the instant at which a span that stands at t takes on another version.
func (s *span) movesAt(t time.Time) time.Time {
	if end := s.runsUntil(); !end.IsZero() {
		return end
	}
	return t
}

// movable returns what keeps another version from taking the place of the one in force.
func (t *terms) movable(to *plan.Version) error {
	var why []error
	no := func(format string, args ...any) {
		why = append(why, fmt.Errorf("%w: %q: "+format, append([]any{ErrCannotMove, to.Ref().String()}, args...)...))
	}
	if to.Currency() != t.version.Currency() {
		no("the currency is %s", to.Currency())
	}
	other := to.Every() != t.version.Every()
	if other {
		no("the interval is %s", to.Every())
	}
	if to.Phases() > 1 {
		no("its phases would begin anew")
	}
	if _, ok := to.Length(); ok {
		no("its length would begin anew")
	}
	last := to.Phase(to.Phases() - 1)
	for is := range t.version.Phase(t.version.Phases() - 1).Charges() {
		next, ok := last.Charge(is.ID())
		switch {
		case !ok:
			no("charge %q: it has gone", is.ID())
		case next.Price().Model() != is.Price().Model():
			no("charge %q: the price is %s", is.ID(), next.Price().Model())
		case !other && last.PriceInterval(next) != t.version.Phase(t.version.Phases()-1).PriceInterval(is):
			no("charge %q: the price is for another interval", is.ID())
		case next.Metric() != is.Metric() || next.Aggregation() != is.Aggregation():
			no("charge %q: it rates another metric", is.ID())
		case next.Timing() != is.Timing() || next.Once() != is.Once() || !other && last.Interval(next) != t.version.Phase(t.version.Phases()-1).Interval(is):
			no("charge %q: it is due at other times", is.ID())
		}
	}
	return errors.Join(why...)
}
