package subscription

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/plan"
)

// terms are what was agreed: the plan's version and the overrides. They are shared by
// spans and never changed.
type terms struct {
	version  *plan.Version
	zone     calendar.Zone
	quantity decimal.Decimal
	// full is one more than what a full period comes to, of terms that were found payable; 0:
	// not known.
	full int64
	*overrides
}

// overrides are what was negotiated instead of the plan's; most subscriptions share
// the empty ones.
type overrides struct {
	negotiated *plan.Policy               // choices over the plan's policy; nil: none
	quantities assoc[decimal.Decimal]     // by charge
	prices     assoc[*plan.CompiledPrice] // by charge
	*further                              // never nil
}

// further are overrides that few have. They stand apart because every change of a quantity
// makes new overrides.
type further struct {
	minimum  *plan.Minimum           // instead of the plan's; nil: the plan's
	assigned assoc[feature.Override] // of the plan's features, by their keys
	attached assoc[*attached]        // add-ons, by the ids of their attachments
	phases   []*plan.CompiledPhase   // of the plan, with the charges of add-ons; nil: the plan's own

	raised  int                        // how often the plan's prices increased
	since   assoc[int]                 // of negotiated prices: raised, when they were
	climbed assoc[*plan.CompiledPrice] // what negotiated prices increased to
}

// noOverrides is shared and never changed.
var noOverrides = &overrides{further: &further{}}

// withOverrides returns a copy whose overrides may be changed, all of them.
func (t *terms) withOverrides() *terms {
	next := &struct {
		terms
		own  overrides
		more further
	}{terms: *t, own: *t.overrides, more: *t.further}
	next.overrides, next.full = &next.own, 0
	next.own.further = &next.more
	return &next.terms
}

// withAmounts returns a copy whose choices, quantities and prices may be changed, and nothing
// else.
func (t *terms) withAmounts() *terms {
	next := &struct {
		terms
		own overrides
	}{terms: *t, own: *t.overrides}
	next.overrides, next.full = &next.own, 0
	return &next.terms
}

// policy returns every choice that is in force.
func (t *terms) policy() plan.Policy {
	if t.negotiated != nil {
		return t.negotiated.Or(t.version.Policy())
	}
	return t.version.Policy()
}

// choices is policy, as a pointer for a Change.
func (t *terms) choices() *plan.Policy {
	if t.negotiated == nil {
		return planTerms.Policy(t.version)
	}
	p := t.policy()
	return &p
}

// policyOf returns every choice that a command follows. A long life holds each of its
// policies once for the commands of a row; last is one of an earlier command, or nil.
func (s *span) policyOf(cmd *record, last *plan.Policy) *plan.Policy {
	if cmd.policy == nil && s.terms.negotiated == nil {
		return s.terms.choices()
	}
	p := cmd.choices().Or(s.terms.policy())
	if opened := s.opened; opened != nil && opened.policy != nil && *opened.policy == p {
		return opened.policy
	}
	if last != nil && *last == p {
		return last
	}
	return copied(&p)
}

func (t *terms) phase(i uint16) *plan.CompiledPhase {
	if t.phases != nil {
		return t.phases[i]
	}
	return t.version.Phase(int(i))
}

// quantityOf returns the quantity of a charge that is not metered.
func (t *terms) quantityOf(item *plan.CompiledCharge) decimal.Decimal {
	if q, ok := t.quantities.value(item.ID()); ok {
		return q
	}
	if q, ok := item.FixedQuantity(); ok {
		return q
	}
	if id := item.Attachment(); id != "" {
		if a, ok := t.attached.value(id); ok {
			return a.quantity
		}
	}
	return t.quantity
}

func (t *terms) priceOf(item *plan.CompiledCharge) *plan.CompiledPrice {
	if t.raised > 0 {
		return t.raisedPrice(item)
	}
	if p, ok := t.prices.value(item.ID()); ok {
		return p
	}
	return item.Price()
}

// minimumOf returns what a period comes to at least; false if that is nothing.
func (t *terms) minimumOf() (plan.Minimum, bool) {
	if t.minimum == nil {
		return t.version.Minimum()
	}
	return t.minimum.Clone(), t.minimum.Amount.Sign() > 0
}

// hasMinimum reports whether minimumOf returns one.
func (t *terms) hasMinimum() bool {
	if t.minimum == nil {
		return planTerms.HasMinimum(t.version)
	}
	return t.minimum.Amount.Sign() > 0
}

// payable reports a charge that could never be billed: its price has no tier for the
// quantity, or the amount is out of range, alone or together with others. Nobody else may hold
// the terms, which keep what a full period comes to.
func (t *terms) payable() error {
	dearest, err := t.fullPeriod()
	if err == nil {
		t.full = dearest + 1
	}
	return err
}

// fullPeriod returns what a full period of the dearest phase comes to, in minor units,
// without usage; errors as payable.
func (t *terms) fullPeriod() (dearest int64, err error) {
	if t.full > 0 {
		return t.full - 1, nil
	}
	for i := range t.version.Phases() {
		var sum int64
		for item := range t.phase(uint16(i)).Charges() {
			if sum, err = t.addFull(sum, item); err != nil {
				return 0, fmt.Errorf("charge %q: %w", item.ID(), err)
			}
		}
		dearest = max(dearest, sum)
	}
	return dearest, nil
}

// fullWith returns full of terms that have more charges in each phase; 0: they are not payable.
func (t *terms) fullWith(full int64, charges []*plan.CompiledCharge) int64 {
	sum := full - 1
	var err error
	for _, item := range charges {
		if sum, err = t.addFull(sum, item); err != nil {
			return 0
		}
	}
	return sum + 1
}

// addFull adds what a charge comes to in a full period.
func (t *terms) addFull(sum int64, item *plan.CompiledCharge) (int64, error) {
	if item.Metric() != "" {
		price := t.priceOf(item)
		switch {
		case price.RatesEvents() && item.Aggregation() != plan.Sum:
			return 0, plan.ErrEvents
		case !item.CountsAt(price):
			return 0, plan.ErrCountOver
		case item.Carry() && price.Dimensions() != nil:
			return 0, plan.ErrDimensions
		}
		return sum, nil
	}
	rounding := t.version.Rounding()
	if n := t.negotiated; n != nil && n.Rounding != "" {
		rounding = n.Rounding
	}
	amount, err := t.priceOf(item).Rate(t.quantityOf(item), rounding)
	if err != nil {
		return 0, err
	}
	return more(sum, amount)
}

// hasCharge returns an error unless the plan has the charge in some phase.
func (t *terms) hasCharge(charge string) error {
	if !t.has(charge) {
		return fmt.Errorf("%w: %q", ErrNoCharge, charge)
	}
	return nil
}

// has reports whether the plan has the charge in some phase.
func (t *terms) has(charge string) bool {
	for i := range t.version.Phases() {
		if _, ok := t.phase(uint16(i)).Charge(charge); ok {
			return true
		}
	}
	return false
}

// takesQuantity returns an error unless a subscription can set the quantity of the
// charge.
func (t *terms) takesQuantity(charge string) error {
	if err := t.hasCharge(charge); err != nil {
		return err
	}
	for i := range t.version.Phases() {
		item, ok := t.phase(uint16(i)).Charge(charge)
		switch {
		case !ok:
		case item.Attachment() != "":
			return fmt.Errorf("%w: %q takes the quantity of its attachment", ErrNoCharge, charge)
		case item.Metric() != "":
			return fmt.Errorf("%w: %q is metered and takes no quantity", ErrNoCharge, charge)
		}
	}
	return nil
}

// withPrice returns the terms with another price for a charge.
func (t *terms) withPrice(charge string, table *plan.CompiledPrice) *terms {
	next := t.withAmounts()
	if t.raised > 0 {
		next = t.withOverrides()
		next.since, next.climbed = t.since.with(charge, t.raised), t.climbed.without(charge)
	}
	next.prices = t.prices.with(charge, table)
	return next
}

// withQuantity returns the terms with another quantity, for one charge or, without a
// charge, for all that take the subscription's.
func (t *terms) withQuantity(charge string, q decimal.Decimal) *terms {
	if charge == "" {
		next := *t
		next.quantity, next.full = q, 0
		return &next
	}
	next := t.withAmounts()
	next.quantities = t.quantities.with(charge, q)
	return next
}

// withPlan returns the terms under another version. The quantity stays; quantities of
// charges that the new plan lacks are dropped, and so are overrides of features that
// would not be valid for it, and the negotiated prices of its own charges and the add-ons that
// the policy does not keep.
func (t *terms) withPlan(v *plan.Version, policy *plan.Policy) (*terms, error) {
	choice := policy.ChangeAddOns
	bare := terms{version: v, zone: t.zone, quantity: t.quantity, overrides: noOverrides}
	scales := policy.ChangePrices == plan.ScalePrices
	keeps := (scales || policy.ChangePrices == plan.KeepPrices) && len(t.prices) > 0
	if t.negotiated == nil && len(t.quantities) == 0 && len(t.assigned) == 0 && !keeps {
		return bare.keepAttached(t, choice)
	}
	next := bare.withAmounts()
	if len(t.assigned) > 0 {
		next = bare.withOverrides()
		next.assigned = t.assigned
	}
	next.negotiated = t.negotiated
	for id, q := range t.quantities.all() {
		if next.takesQuantity(id) == nil {
			next.quantities = next.quantities.with(id, q)
		}
	}
	if keeps {
		for id, price := range t.prices.all() {
			if !next.has(id) {
				continue
			}
			if climbed, ok := t.climbed.value(id); ok {
				price = climbed // what it is now
			}
			if scales {
				var err error
				if price, err = planTerms.Rescaled(t.version, int(t.raised), v, id, price); err != nil {
					return nil, err
				}
			}
			next.prices = next.prices.with(id, price)
		}
	}
	next, err := next.keepAttached(t, choice)
	if err != nil {
		return nil, err
	}
	next.dropOverrides()
	return next, nil
}

// given returns the overrides in force; nil for none.
func (t *terms) given() feature.Overrides {
	var o feature.Overrides
	for key, override := range t.assigned.all() {
		if o == nil {
			o = make(feature.Overrides, len(t.assigned))
		}
		o[feature.Key(key)] = override
	}
	return o
}

// counts reports whether the amount of a charge depends on the subscription's
// quantities.
func (t *terms) counts(item *plan.CompiledCharge) bool {
	return item.Metric() == "" && t.priceOf(item).Model() != plan.FlatFeeModel
}
