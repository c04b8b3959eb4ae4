package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/plan"
)

// Prices that increase do so without end, so the spans that only an increase would open are
// not kept: they follow the last one that is, and are made when they are asked for.

// An increase is what a span knows of those to come.
type increase struct {
	rule *plan.Increase // resolved; nil: prices do not increase
	due  time.Time      // from which the next one is due
	made int            // increases so far
}

// beginIncreases begins the count of the plan's increases with a period at t.
func (s *span) beginIncreases(t time.Time) error {
	var next *increase
	if planTerms.Increases(s.terms.version) && !s.is(noPeriodYet) {
		rule, _ := s.terms.version.Increase()
		due, err := s.terms.zone.Add(t, rule.First, calendar.Clamp)
		if err != nil {
			return err
		}
		next = &increase{rule: &rule, due: due}
	}
	if next != nil || s.pendingFacts().increase != nil {
		s.mutablePending().increase = next
	}
	s.terms = s.terms.atListPrice()
	return nil
}

// atListPrice returns the terms without increases.
func (t *terms) atListPrice() *terms {
	if t.raised == 0 {
		return t
	}
	next := t.withOverrides()
	next.raised, next.since, next.climbed = 0, nil, nil
	return next
}

// increasesAt returns when prices increase next in the span; zero: never.
func (s *span) increasesAt() time.Time {
	next := s.pendingFacts().increase
	if next == nil || next.made >= next.rule.Times || s.kind != running && s.kind != paused || s.is(noPeriodYet) || s.grid.IsZero() {
		return time.Time{}
	}
	if s.is(atBoundary) && !next.due.After(s.from) {
		return s.from
	}
	at, err := time.Time{}, error(nil)
	switch least := later(next.due, s.periodEnd); {
	case s.kind == running:
		at, err = s.grid.FirstAtOrAfter(least)
	case next.due.After(s.from):
		at, err = s.grid.FirstAtOrAfter(next.due)
	default:
		at, err = s.grid.NextAfter(s.from)
	}
	if err != nil {
		return time.Time{} // beyond the calendar
	}
	return at
}

// increasesBy returns how often prices increase at t, where they increase then.
func (s *span) increasesBy(t time.Time) (times int) {
	next := s.pendingFacts().increase
	for due := next.due; !due.After(t) && next.made+times < next.rule.Times; times++ {
		var err error
		if due, err = s.terms.zone.Add(due, next.rule.Every, calendar.Clamp); err != nil {
			return times + 1
		}
	}
	return times
}

func increaseTick(s *span, t tick) error { return s.increase(t.at, s.increasesBy(t.at)) }

// increase lets prices increase at t.
func (s *span) increase(t time.Time, times int) error {
	next := *s.pendingFacts().increase
	next.made += times
	var err error
	if next.due, err = s.terms.zone.Add(t, next.rule.Every, calendar.Clamp); err != nil {
		next.made = next.rule.Times // beyond the calendar
	}
	s.mutablePending().increase = &next
	to, err := s.terms.increased(times)
	if err == nil {
		err = to.payable()
	}
	if err != nil {
		// It could never be billed: prices stay as they are.
		s.opened = &Change{Kind: Recorded, At: t}
		return nil
	}
	return s.change(to, &Change{Kind: Changed, At: t, policy: asPhase(s.terms.policy())})
}

// increased returns the terms after more increases.
func (t *terms) increased(times int) (*terms, error) {
	next := t.withOverrides()
	next.raised += times
	for id, price := range t.prices.all() {
		since, _ := t.since.value(id)
		raised, increases, err := planTerms.Negotiated(t.version, id, price, next.raised-since)
		if err != nil {
			return nil, err
		}
		if increases {
			next.climbed = next.climbed.with(id, raised)
		}
	}
	return next, nil
}

// raisedPrice is priceOf where prices have increased.
func (t *terms) raisedPrice(item *plan.CompiledCharge) *plan.CompiledPrice {
	id := item.ID()
	if p, ok := t.climbed.value(id); ok {
		return p
	}
	if p, ok := t.prices.value(id); ok {
		return p
	}
	if p := planTerms.Raised(item, t.raised); p != nil {
		return p
	}
	return item.Price()
}

// samePrice reports whether a charge has one price in both.
func (t *terms) samePrice(o *terms, item *plan.CompiledCharge) bool {
	a, b := t.priceOf(item), o.priceOf(item)
	return a == b || t.raised > 0 && t.raised == o.raised && a.Equal(b)
}

// pace returns how many periods lie between two increases of the span, and how often prices
// increase in each of its periods; one of the two is 1.
func (s *span) pace() (periods, times int) {
	days := func(i calendar.Interval) (n int) {
		switch i.Unit() {
		case calendar.Day, calendar.Month:
			return i.Count()
		case calendar.Week:
			return 7 * i.Count()
		case calendar.Year:
			return 12 * i.Count()
		}
		return n
	}
	every, period := days(s.pendingFacts().increase.rule.Every), days(s.every())
	return max(1, every/period), max(1, period/every)
}

// tailLength returns how many spans follow the last one that nothing but increases open.
func (s *span) tailLength() int {
	first := s.increasesAt()
	if first.IsZero() {
		return 0
	}
	next := s.pendingFacts().increase
	_, times := s.pace()
	left := next.rule.Times - next.made - s.increasesBy(first)
	n := 1 + (left+times-1)/times
	for n > 1 {
		if _, err := s.tailAt(n - 1); err == nil {
			break
		}
		n /= 2 // beyond the calendar
	}
	for n > 0 && !s.tailFits(n-1) {
		n--
	}
	return n
}

// tailFits reports whether the period of span n of the tail ends within the calendar.
func (s *span) tailFits(n int) bool {
	at, err := s.tailAt(n)
	if err == nil {
		_, err = s.grid.NextAfter(at)
	}
	return err == nil
}

// tailAt returns when span n of the tail begins, counted from 0.
func (s *span) tailAt(n int) (time.Time, error) {
	first := s.increasesAt()
	if n == 0 {
		return first, nil
	}
	i, err := s.grid.Index(first)
	if err != nil {
		return first, err
	}
	periods, _ := s.pace()
	return s.grid.Boundary(i + n*periods)
}

// tail returns span n of those that follow the last one, counted from 0.
func (s *span) tail(n int) *span {
	at, err := s.tailAt(n)
	var next span
	if err == nil {
		next, err = s.at(at, after)
	}
	if err != nil {
		return s // tailLength does not count it
	}
	next.setBoundary(false, time.Time{})
	standing := next
	first := s.increasesAt()
	times := s.increasesBy(first)
	if _, more := s.pace(); n > 0 {
		times = min(times+n*more, s.pendingFacts().increase.rule.Times-s.pendingFacts().increase.made)
	}
	if next.increase(at, times) != nil {
		return s
	}
	next.dropEmpty()
	next.reaches(s, at, before)
	next.mixes(&standing, s.kind == running)
	return &next
}
