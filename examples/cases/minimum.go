package cases

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/strict"
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
}

// DecodeStrict reads a minimum.
func (m *Minimum) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Minimum
	return append(n.Decode((*fields)(m)), missing(n, "amount")...)
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
	return &plan.Minimum{
		Amount: amount, Charges: m.Charges, Part: m.Part, Base: m.Base, Discounts: m.Discounts, Discounted: m.Discounted, OverageFactor: m.OverageFactor,
	}
}
