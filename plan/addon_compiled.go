package plan

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
)

// CompiledAddOn is a compiled add-on: what a subscription attaches. It is immutable and
// safe for concurrent use. It has no JSON: a subscription stores the [Ref], and a [Catalog]
// resolves it.
type CompiledAddOn struct {
	addOn   AddOn // as it is in this currency
	defined *AddOn
	charges []*CompiledCharge
	grants  []feature.Key                     // the features that it grants, in order
	all     map[money.Currency]*CompiledAddOn // nil: it is sold in one currency
}

// CompileAddOn validates an add-on, copies it deeply, and compiles its prices. The error
// joins a [*fault.FieldError] for every fault.
func CompileAddOn(a AddOn) (*CompiledAddOn, error) {
	if err := a.Validate(); err != nil {
		return nil, fmt.Errorf("plan: add-on %q: %w", clip(a.Ref().String()), err)
	}
	a = a.Clone()
	c, err := compileAddOn(a, &a)
	if err != nil || len(a.Currencies) == 0 {
		return c, err
	}
	c.all = map[money.Currency]*CompiledAddOn{a.Currency: c}
	for _, other := range a.Currencies {
		own := a
		own.Currency, own.Currencies, own.Charges = other, nil, chargesIn(a.Charges, other)
		in, err := compileAddOn(own, &a)
		if err != nil {
			return nil, err
		}
		in.all = c.all
		c.all[other] = in
	}
	return c, nil
}

func compileAddOn(a AddOn, defined *AddOn) (*CompiledAddOn, error) {
	charges, err := compileCharges(a.Charges, a.Currency, a.Metrics)
	if err != nil {
		return nil, err
	}
	return &CompiledAddOn{addOn: a, defined: defined, charges: charges, grants: a.Features.Keys()}, nil
}

// Ref returns the reference that subscriptions store.
func (c *CompiledAddOn) Ref() Ref { return c.addOn.Ref() }

// Name returns the name of the add-on for people; it may be empty.
func (c *CompiledAddOn) Name() string { return c.addOn.Name }

// AddOn returns the definition, in all its currencies, as a copy that the caller may change.
func (c *CompiledAddOn) AddOn() AddOn {
	if c.defined == nil {
		return c.addOn.Clone()
	}
	return c.defined.Clone()
}

// Currency returns the currency of every price.
func (c *CompiledAddOn) Currency() money.Currency { return c.addOn.Currency }

// Repeatable reports whether a subscription may have several attachments at a time.
func (c *CompiledAddOn) Repeatable() bool { return c.addOn.Repeatable }

// Fits reports whether the add-on can be sold with a version of a plan: it has prices in the
// same currency, names the plan if it names any, has prices for its interval, in all phases
// in which anything recurs, if they are for one, and its charges' own intervals fit those of
// all phases. To a plan with a minimum it brings no interval of its own,
// and none of usage to one with a spend cap that counts it.
func (c *CompiledAddOn) Fits(v *Version) bool {
	if v == nil {
		return false
	}
	if _, ok := c.In(v.Currency()); !ok || len(c.addOn.Plans) > 0 && !slices.Contains(c.addOn.Plans, v.ID()) {
		return false
	}
	for i := range v.phases {
		if every := v.phases[i].every; !c.addOn.Every.IsZero() && !every.IsZero() && every != c.addOn.Every {
			return false
		}
		if !v.phases[i].joins(c.charges) {
			return false
		}
		if v.plan.Minimum != nil {
			own := func(charge *CompiledCharge) bool { return !v.phases[i].own(charge).IsZero() }
			if slices.ContainsFunc(c.charges, own) {
				return false
			}
		}
		if s := v.plan.SpendCap; s != nil {
			own := func(charge *CompiledCharge) bool { return !v.phases[i].own(charge).IsZero() && s.Counts(charge) }
			if slices.ContainsFunc(c.charges, own) {
				return false
			}
		}
	}
	return true
}

// Allows reports whether an attachment may have a quantity.
func (c *CompiledAddOn) Allows(q decimal.Decimal) bool {
	return !q.IsNegative() && (c.addOn.MinQuantity == nil || !q.LessThan(*c.addOn.MinQuantity)) &&
		(c.addOn.MaxQuantity == nil || !q.GreaterThan(*c.addOn.MaxQuantity))
}

// Feature returns what one attachment grants for a key, and whether it grants anything.
func (c *CompiledAddOn) Feature(key feature.Key) (feature.Grant, bool) {
	g, ok := c.addOn.Features[key]
	return g.Clone(), ok
}

// attached is [seam.Terms.Attached].
func (c *CompiledAddOn) attached(attachment string) []*CompiledCharge {
	all := make([]*CompiledCharge, len(c.charges))
	for i, charge := range c.charges {
		own := *charge
		own.id, own.attachment = attachment+"/"+charge.id, attachment
		own.hash = hashOf(own.id)
		all[i] = &own
	}
	return all
}

// with is [seam.Terms.With]. What it costs hardly grows with what is attached already: a copy of
// the list, and its places.
func (p *CompiledPhase) with(charges []*CompiledCharge) *CompiledPhase {
	if len(charges) == 0 {
		return p
	}
	all := *p
	own := len(p.byID)
	at, _ := slices.BinarySearchFunc(p.charges[own:], charges[0].attachment, func(c *CompiledCharge, id string) int { return strings.Compare(c.attachment, id) })
	at += own
	all.charges = make([]*CompiledCharge, 0, len(p.charges)+len(charges))
	all.charges = append(append(append(all.charges, p.charges[:at]...), charges...), p.charges[at:]...)
	all.places = placesOf(all.charges[own:])
	all.findOwn(charges)
	return &all
}

// places finds charges of add-ons by their ids: a table of one more than their numbers, of
// which 0 is nothing, by their hashes. It is at most half full.
type places []int32

func placesOf(charges []*CompiledCharge) places {
	size := 1 << bits.Len(uint(2*len(charges)))
	all := make(places, size)
	for n, c := range charges {
		i := int(c.hash) & (size - 1)
		for all[i] != 0 {
			i = (i + 1) & (size - 1)
		}
		all[i] = int32(n + 1)
	}
	return all
}

// added returns the charge of an add-on of this id.
func (p *CompiledPhase) added(id string) (*CompiledCharge, bool) {
	charges, hash := p.charges[len(p.byID):], hashOf(id)
	last := len(p.places) - 1
	for i := int(hash) & last; p.places[i] != 0; i = (i + 1) & last {
		if c := charges[p.places[i]-1]; c.hash == hash && c.id == id {
			return c, true
		}
	}
	return nil, false
}

// hashOf is FNV-1a.
func hashOf(id string) uint32 {
	h := uint32(2166136261)
	for i := range len(id) {
		h = (h ^ uint32(id[i])) * 16777619
	}
	return h
}
