package plan

import (
	"slices"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

// A step is an interval as a number of days or of months: those of one kind have
// boundaries in common.
type step struct {
	count  int
	months bool
}

func stepOf(i calendar.Interval) step {
	switch i.Unit() {
	case calendar.Day:
		return step{count: i.Count()}
	case calendar.Week:
		return step{count: 7 * i.Count()}
	case calendar.Month:
		return step{count: i.Count(), months: true}
	case calendar.Year:
		return step{count: 12 * i.Count(), months: true}
	}
	return step{}
}

// interval returns the interval in the largest unit.
func (s step) interval() calendar.Interval {
	switch {
	case s.months && s.count%12 == 0:
		return calendar.Years(s.count / 12)
	case s.months:
		return calendar.Months(s.count)
	case s.count%7 == 0:
		return calendar.Weeks(s.count / 7)
	}
	return calendar.Days(s.count)
}

// fits reports whether one of two intervals is a whole number of the other.
func (s step) fits(o step) bool {
	return s.months == o.months && s.count > 0 && o.count > 0 && (s.count%o.count == 0 || o.count%s.count == 0)
}

// holds reports whether an interval is a whole number of the other, two or more.
func (s step) holds(o step) bool { return s.fits(o) && s.count > o.count }

// ownIntervals checks the intervals of charges that bill by another one than every, their
// phase's; zero in an add-on, whose charges may meet any.
func (f faults) ownIntervals(charges []Charge, every calendar.Interval, addOn bool) {
	var known []calendar.Interval
	if every.IsValid() {
		known = append(known, every)
	}
	byMetric := make(map[string]calendar.Interval)
	for i, c := range charges {
		at := f.index(i).field("every")
		own := c.Every
		if !own.IsZero() && own.IsValid() {
			at.require(addOn || !every.IsZero(), fault.Excluded, "nothing recurs in the plan")
			known = at.fits(known, own)
		}
		if c.Metric == "" || c.Once {
			continue
		}
		if own.IsZero() {
			own = every
		}
		if over := f.index(i).field("count_over"); !c.CountOver.IsZero() && c.CountOver.IsValid() {
			over.require(addOn || !every.IsZero(), fault.Excluded, "nothing recurs in the plan")
			over.require(own.IsZero() || !own.IsValid() || stepOf(c.CountOver).holds(stepOf(own)), fault.Inconsistent, "must be a whole number of the interval by which the charge bills, two or more")
			known = over.fits(known, c.CountOver)
		}
		if other, ok := byMetric[c.Metric]; ok {
			at.require(own.IsZero() && other.IsZero() || stepOf(own) == stepOf(other), fault.Inconsistent, "another charge rates the metric by another interval")
		} else {
			byMetric[c.Metric] = own
		}
	}
}

// fits reports an interval that has no boundaries in common with one of those known, and returns
// these with it.
func (f faults) fits(known []calendar.Interval, own calendar.Interval) []calendar.Interval {
	for _, other := range known {
		if !stepOf(own).fits(stepOf(other)) {
			f.addf(fault.Inconsistent, "%s and %s have no common boundaries: one must be a whole number of the other", own, other)
			break
		}
	}
	if slices.Contains(known, own) {
		return known
	}
	return append(known, own)
}

// hasOwnIntervals reports whether a charge bills by another interval than its phase.
func (p Plan) hasOwnIntervals() bool {
	differs := func(charges []Charge, every calendar.Interval) bool {
		return slices.ContainsFunc(charges, func(c Charge) bool { return !c.Every.IsZero() && c.Every != every })
	}
	for _, phase := range p.Phases {
		every := phase.Every
		if every.IsZero() {
			every = p.Every
		}
		if differs(phase.Charges, every) {
			return true
		}
	}
	return differs(p.Charges, p.Every)
}

// own returns the interval of a charge if it is another one than that of its phase; else
// the zero interval.
func (p *CompiledPhase) own(c *CompiledCharge) calendar.Interval {
	if c == nil || c.every.IsZero() || c.once || stepOf(c.every) == stepOf(p.every) {
		return calendar.Interval{}
	}
	return stepOf(c.every).interval()
}

// findOwn notes the intervals of more charges that are not the phase's.
func (p *CompiledPhase) findOwn(charges []*CompiledCharge) {
	for _, c := range charges {
		own := p.own(c)
		if !own.IsZero() && !slices.Contains(p.intervals, own) {
			p.intervals = append(slices.Clip(p.intervals), own)
			slices.SortFunc(p.intervals, func(a, b calendar.Interval) int { return stepOf(a).count - stepOf(b).count })
		}
		p.pricesParts = p.pricesParts || !p.PriceInterval(c).IsZero()
		if stepOf(c.countOver).count > stepOf(p.countOver).count {
			p.countOver = c.countOver
		}
	}
}

// Interval returns the interval by which a charge of the phase bills: its own, or the
// phase's. One of its own is in the largest unit that expresses it: P1Y, not P12M.
func (p *CompiledPhase) Interval(c *CompiledCharge) calendar.Interval {
	if own := p.own(c); !own.IsZero() {
		return own
	}
	return p.every
}

// OwnIntervals returns the intervals other than that of the phase by which charges of it
// bill, shortest first; none for most plans. The caller must not change the list.
func (p *CompiledPhase) OwnIntervals() []calendar.Interval { return p.intervals }

// joins reports whether charges of an add-on may bill beside those of the phase: all
// intervals divide one another, and no metric is rated by two.
func (p *CompiledPhase) joins(charges []*CompiledCharge) bool {
	for _, c := range charges {
		if c.once {
			continue
		}
		if !c.every.IsZero() && p.every.IsZero() {
			return false
		}
		own := c.every
		if own.IsZero() {
			own = p.every
		}
		if !c.priceEvery.IsZero() && !stepOf(own).isOf(stepOf(c.priceEvery)) {
			return false
		}
		for _, o := range p.charges {
			if o.once {
				continue
			}
			other := o.every
			if other.IsZero() {
				other = p.every
			}
			if !c.countOver.IsZero() && !stepOf(c.countOver).fits(stepOf(other)) || !o.countOver.IsZero() && !stepOf(o.countOver).fits(stepOf(own)) ||
				!c.countOver.IsZero() && !o.countOver.IsZero() && !stepOf(c.countOver).fits(stepOf(o.countOver)) {
				return false
			}
			if own == other {
				continue
			}
			if !stepOf(own).fits(stepOf(other)) || c.metric != "" && c.metric == o.metric && stepOf(own) != stepOf(other) {
				return false
			}
		}
		if own != p.every && !stepOf(own).fits(stepOf(p.every)) {
			return false
		}
		if !c.countOver.IsZero() && (p.every.IsZero() || !stepOf(c.countOver).holds(stepOf(own)) || !stepOf(c.countOver).fits(stepOf(p.every))) {
			return false
		}
	}
	return true
}
