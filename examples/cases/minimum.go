package cases

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Minimum is what every period of a plan, or of a subscription, comes to at least.
type Minimum struct {
	Amount        decimal.Decimal       `json:"amount"`
	Charges       []string              `json:"charges"`
	Part          plan.MinimumPart      `json:"part"`           // share (default) or whole
	Base          plan.MinimumBase      `json:"base"`           // list with charges, else all
	Discounts     plan.MinimumDiscounts `json:"discounts"`      // after (default) or before
	Discounted    bool                  `json:"discounted"`     // discounts reduce the true-up
	OverageFactor *decimal.Decimal      `json:"overage_factor"` // of what exceeds it; 1 if omitted
	Cycles        int                   `json:"cycles"`         // the periods that it is for, together; 1 if omitted
	Instalments   bool                  `json:"instalments"`    // trued up at the end of each of them too
	Length        Every                 `json:"length"`         // of a commitment, instead of cycles: a whole number of periods
}

// DecodeStrict reads a minimum.
func (m *Minimum) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Minimum
	faults := append(n.Decode((*fields)(m)), missing(n, "amount")...)
	return append(faults, positive(n, "cycles", m.Cycles)...)
}

// commitment makes the minimum of a plan of its commitment, which is one over a term.
func (p *Plan) commitment(n strict.Node) []strict.Fault {
	c := p.Commitment
	switch {
	case p.Minimum != nil && has(n, "minimum"):
		return []strict.Fault{below(n, "commitment", fault.Excluded.Errorf("a plan has a minimum or a commitment"))}
	case !c.Length.IsZero() == (c.Cycles > 0):
		return []strict.Fault{below(n, "commitment", fault.Required.Errorf("must have either cycles or a length"))}
	case !c.Length.IsZero():
		all, one := periods(c.Length.Interval), periods(p.Every.Interval)
		if one == 0 || byMonths(c.Length.Interval) != byMonths(p.Every.Interval) || all%one != 0 {
			return []strict.Fault{below(n, "commitment", fault.Inconsistent.Errorf("the length must be a whole number of periods"))}
		}
		c.Cycles = all / one
	}
	p.Minimum = c
	return nil
}

// definition makes the engine's definition of a minimum.
func (m *Minimum) definition(c money.Currency) *plan.Minimum {
	if m == nil {
		return nil
	}
	amount, err := money.Exact(m.Amount, c)
	if err != nil {
		amount = money.Money{} // which the engine refuses, with its path
	}
	cycles := m.Cycles
	if !m.Length.IsZero() {
		cycles = 0 // the engine counts the periods itself
	}
	return &plan.Minimum{
		Amount: amount, Interval: m.Length.Interval, Charges: m.Charges, Part: m.Part, Base: m.Base, Discounts: m.Discounts, Discounted: m.Discounted, OverageFactor: m.OverageFactor,
		Cycles: cycles, Instalments: m.Instalments,
	}
}

// periods is how many months or days an interval is.
func periods(i calendar.Interval) int {
	switch i.Unit() {
	case calendar.Week:
		return 7 * i.Count()
	case calendar.Year:
		return 12 * i.Count()
	case calendar.Day, calendar.Month:
	}
	return i.Count()
}

func byMonths(i calendar.Interval) bool {
	return i.Unit() == calendar.Month || i.Unit() == calendar.Year
}
