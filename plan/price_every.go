package plan

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

// A price may be for a shorter interval than its charge bills by: so much a month, billed by the
// quarter, in a line for each month.

// checkPriceEvery checks the interval of the price of a charge, as far as the charge alone tells.
func (c Charge) checkPriceEvery(f faults) {
	at := f.field("price_every")
	at.interval(c.PriceEvery)
	if c.PriceEvery.IsZero() {
		return
	}
	at.require(!c.Once, fault.Excluded, "a charge that is due once has no interval")
	at.require(c.Metric == "", fault.Excluded, "usage is rated over the interval in which it is counted: give the charge that interval")
	if c.PriceEvery.IsValid() && c.Every.IsValid() {
		at.require(stepOf(c.Every).isOf(stepOf(c.PriceEvery)), fault.Inconsistent, "the interval by which the charge bills must be a whole number of it")
	}
}

// isOf reports whether an interval is a whole number of the other, one or more.
func (s step) isOf(o step) bool {
	return s.months == o.months && o.count > 0 && s.count > 0 && s.count%o.count == 0
}

// priceIntervals checks the intervals of prices of charges that bill by every, that of their phase;
// zero in an add-on, whose charges may meet any.
func (f faults) priceIntervals(charges []Charge, every calendar.Interval, addOn bool) {
	for i, c := range charges {
		if c.PriceEvery.IsZero() || !c.PriceEvery.IsValid() || c.Once || c.Metric != "" || c.Every.IsValid() {
			continue
		}
		at := f.index(i).field("price_every")
		switch {
		case every.IsZero():
			at.require(addOn, fault.Excluded, "nothing recurs in the plan")
		case every.IsValid():
			at.require(stepOf(every).isOf(stepOf(c.PriceEvery)), fault.Inconsistent, "the interval by which the charge bills must be a whole number of it")
		}
	}
}

// PriceInterval returns the interval that the price of a charge of the phase is for, if it is shorter
// than that by which the charge bills ([CompiledPhase.Interval]); else the zero interval.
func (p *CompiledPhase) PriceInterval(c *CompiledCharge) calendar.Interval {
	if c == nil || c.priceEvery.IsZero() || c.once || stepOf(c.priceEvery) == stepOf(p.Interval(c)) {
		return calendar.Interval{}
	}
	return stepOf(c.priceEvery).interval()
}

// PricePeriods returns how many periods the price of a charge is for in one by which it bills: 3 of a
// monthly price that is billed by the quarter, 1 of most.
func (p *CompiledPhase) PricePeriods(c *CompiledCharge) int {
	each := p.PriceInterval(c)
	if each.IsZero() {
		return 1
	}
	return stepOf(p.Interval(c)).count / stepOf(each).count
}

// PricesParts reports whether a charge of the phase has a price for a shorter interval than it bills
// by.
func (p *CompiledPhase) PricesParts() bool { return p.pricesParts }
