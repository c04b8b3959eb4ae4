package plan

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

// Usage may be counted over a term that is longer than a bill: tiers of a year that are billed by
// the month. Each bill then owes the price of all units of the term so far, less that of the units
// before it. So a price with bounds is none for it: they are of a period.

// checkCountOver checks the term of a charge, as far as the charge alone tells.
func (c Charge) checkCountOver(f faults) {
	f.field("count_over").interval(c.CountOver)
	if c.CountOver.IsZero() {
		return
	}
	f.field("count_over").require(c.Metric != "", fault.Excluded, "only usage is counted over a term")
	if c.Price != nil && !countsOver(c.Price) {
		f.field("price").add(ErrCountOver)
	}
	for _, currency := range sortedCurrencies(c.Prices) {
		if p := c.Prices[currency]; p != nil && !countsOver(p) {
			f.field("prices").field(currency.String()).add(ErrCountOver)
		}
	}
}

// countsOver reports a price at which usage can be counted over a term longer than a bill.
func countsOver(p Price) bool {
	if m, ok := p.(Matrix); ok {
		for _, row := range m.Rows {
			if row.Price != nil && !countsOver(row.Price) {
				return false
			}
		}
		return m.Default == nil || countsOver(m.Default)
	}
	b := boundsOf(p)
	return b.Minimum == nil && b.Maximum == nil && !ratesEvents(p)
}

// CountOver returns the term over which usage of the charge is counted on from bill to bill; the
// zero interval if each period counts by itself.
func (c *CompiledCharge) CountOver() calendar.Interval { return c.countOver }

// CountsAt reports whether usage of the charge can be rated at a price, which may be agreed with
// the subscription: one that counts over a term has neither bounds nor single events.
func (c *CompiledCharge) CountsAt(price *CompiledPrice) bool {
	return c.countOver.IsZero() || price != nil && price.price != nil && countsOver(price.price)
}

// CountOver returns the longest term over which a charge of the phase counts usage; the zero
// interval if none does.
func (p *CompiledPhase) CountOver() calendar.Interval { return p.countOver }

// boundsOf returns the minimum and the maximum of a definition.
func boundsOf(p Price) Bounds {
	switch p := p.(type) {
	case PerUnit:
		return p.Bounds
	case FlatFee:
		return p.Bounds
	case Volume:
		return p.Bounds
	case Tiered:
		return p.Bounds
	case Package:
		return p.Bounds
	case Stairstep:
		return p.Bounds
	case Percentage:
		return p.Bounds
	case GraduatedPercentage:
		return p.Bounds
	case Matrix:
	}
	return Bounds{}
}
