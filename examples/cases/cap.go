package cases

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// SpendCap is what usage of a plan comes to at most in a period, or is reported to exceed.
type SpendCap struct {
	Amount  decimal.Decimal `json:"amount"`
	Charges []string        `json:"charges"` // none: all usage
	Over    plan.OverCap    `json:"over"`    // report (default) or stop
}

// DecodeStrict reads a cap.
func (s *SpendCap) DecodeStrict(n strict.Node) []strict.Fault {
	type fields SpendCap
	return append(n.Decode((*fields)(s)), missing(n, "amount")...)
}

// definition makes the engine's definition of a cap.
func (s *SpendCap) definition(c money.Currency) *plan.SpendCap {
	if s == nil {
		return nil
	}
	amount, err := money.Exact(s.Amount, c)
	if err != nil {
		amount = money.Money{} // which the engine refuses, with its path
	}
	return &plan.SpendCap{Amount: amount, Charges: s.Charges, Over: s.Over}
}
