package cases

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/plan"
)

// Raise is an increase of a plan's prices.
type Raise struct {
	Percent    decimal.Decimal `json:"percent"`
	Each       Every           `json:"each"`
	First      Every           `json:"first"`
	Charges    []string        `json:"charges"`
	Negotiated negotiated      `json:"negotiated"`
	Decimals   *int            `json:"decimals"`
	Times      int             `json:"times"`
}

// negotiated says what an increase does to prices that were negotiated.
type negotiated string

const (
	raised negotiated = "raise" // the default
	kept   negotiated = "keep"
)

// DecodeStrict reads an increase.
func (r *Raise) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Raise
	faults := n.Decode((*fields)(r))
	faults = append(faults, word(n, "negotiated", &r.Negotiated, raised, raised, kept)...)
	faults = append(faults, positive(n, "times", r.Times)...)
	if r.Decimals != nil && *r.Decimals < 0 {
		faults = append(faults, below(n, "decimals", fault.OutOfRange.Errorf("must not be negative")))
	}
	return append(faults, missing(n, "percent")...)
}

// increase makes the engine's definition.
func (r *Raise) increase() *plan.Increase {
	if r == nil {
		return nil
	}
	return &plan.Increase{
		Percent: r.Percent, Every: r.Each.Interval, First: r.First.Interval, Charges: r.Charges,
		KeepNegotiated: r.Negotiated == kept, Decimals: r.Decimals, Times: r.Times,
	}
}
