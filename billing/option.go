package billing

import "github.com/perennial-billing/perennial/plan"

// An Option is a choice of one call. Without options the subscription's own
// policy holds and no tax is added.
type Option func(*options)

type options struct {
	policy plan.Policy
	rates  func(Line) []TaxRate
}

// WithPolicy puts choices over the subscription's policy for one call: those that
// an invoice run makes itself (rounding, zero invoices, negative invoices,
// splitting of discounts, tax rounding). Choices that a verb made when it was
// called stand. Give every run of a subscription the same.
func WithPolicy(p plan.Policy) Option { return func(o *options) { o.policy = p } }

// WithTax adds tax: rates returns the rates that hold for a line, none if it is
// exempt. It is asked for charges, usage, one-offs and credits, and must answer
// the same whenever it is asked.
func WithTax(rates func(Line) []TaxRate) Option { return func(o *options) { o.rates = rates } }

// plain is what holds without options. It is never changed.
var plain options

func gather(list []Option) (*options, error) {
	if len(list) == 0 {
		return &plain, nil
	}
	o := new(options)
	for _, set := range list {
		set(o)
	}
	return o, wrap(o.policy.Validate())
}
