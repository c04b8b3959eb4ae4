package cases

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/plan"
)

// Thresholds are amounts of usage at which it is billed before its period ends.
type Thresholds struct {
	Amounts   []decimal.Decimal  `json:"amounts"`
	Recurring decimal.Decimal    `json:"recurring"`
	Over      plan.ThresholdSpan `json:"over"`   // period if omitted
	Volume    plan.InterimVolume `json:"volume"` // refuse if omitted
}

// DecodeStrict reads thresholds, or a list of amounts alone.
func (t *Thresholds) DecodeStrict(n strict.Node) []strict.Fault {
	if n.Kind() == strict.Array {
		return n.Decode(&t.Amounts)
	}
	type fields Thresholds
	return n.Decode((*fields)(t))
}

func (t *Thresholds) thresholds() plan.Thresholds {
	if t == nil {
		return plan.Thresholds{}
	}
	return plan.Thresholds{Amounts: t.Amounts, Recurring: t.Recurring, Over: t.Over, Volume: t.Volume}
}
