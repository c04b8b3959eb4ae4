package billing

import (
	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// An Option is a choice of one call. Without options the subscription's own
// policy holds and no tax is added.
type Option func(*options)

type options struct {
	policy   plan.Policy
	rates    func(Line) []TaxRate
	adjusted map[uuid.UUID]money.Money // by line: what the service took off it
	counted  map[uuid.UUID]bool        // the adjustments in it
	fault    error
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

// WithAdjustments tells a run what the service itself took off lines that were
// billed: of the lines given, those with Adjusts and an amount below zero. A later
// credit of such a line gives back no more than they left of it, except on the list
// basis. [Reconcile] finds them in what was billed by itself.
func WithAdjustments(billed []Billed) Option {
	return func(o *options) {
		for _, b := range billed {
			if b.Adjusts && b.Amount.IsNegative() && !o.counted[b.ID] {
				o.adjust(b)
			}
		}
	}
}

func (o *options) adjust(b Billed) {
	if o.adjusted == nil {
		o.adjusted, o.counted = map[uuid.UUID]money.Money{}, map[uuid.UUID]bool{}
	}
	o.counted[b.ID] = true
	sum, ok := o.adjusted[b.Of]
	if !ok {
		o.adjusted[b.Of] = b.Amount
		return
	}
	var err error
	if sum, err = sum.Add(b.Amount); err != nil {
		o.fault = err
		return
	}
	o.adjusted[b.Of] = sum
}

// plain is what holds without options. It is never changed.
var plain options

func gather(list []Option) (*options, error) {
	if len(list) == 0 {
		return &plain, nil
	}
	o := new(options)
	for _, set := range list {
		if set != nil {
			set(o)
		}
	}
	if o.fault != nil {
		return nil, wrap(o.fault)
	}
	return o, wrap(o.policy.Validate())
}
