package feature

import (
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Assignment holds the facts and rules under which overrides are assigned and
// revoked. The zero Assignment is a plan that fixes its features, nothing in use, and
// no parent.
type Assignment struct {
	// Plan is what the plan grants.
	Plan Set
	// Open says that a subscription may be given features that the plan lacks.
	Open bool
	// Required are features that every subscription of the product must have, beside
	// those that a grant calls required.
	Required []Key
	// Units are how many units the subscription has of each charge of the plan that has a
	// quantity, by the ids of the charges: those that a grant may name in Per. Nil: not
	// known, and then no limit for each unit can be compared with what is in use.
	Units map[string]decimal.Decimal
	// InUse is how much of a [Limit] is in use, by feature. A limit must not fall
	// below it; an allowance may, because it is not a stock.
	InUse map[Key]decimal.Decimal
	// ParentRemaining is how much the parent organization has left of a feature, not
	// counting what this subscription holds now: the most that it may be given.
	// Features that the parent does not list have no such bound.
	ParentRemaining map[Key]decimal.Decimal
	// Force allows limits below what is in use. Nothing is evicted: the feature is
	// over quota until use falls.
	Force bool
}

// Assign merges overrides into those of a subscription: the members given replace
// those of the same feature; everything else stays. Assigning the same again changes
// nothing. Either all are assigned, or none, with every fault as a [*fault.FieldError]. o
// is not changed.
//
// The errors are [ErrUnknown] for a feature that the plan lacks, unless it is open;
// [ErrInvalidLimit]; [ErrRequired] for turning off a required feature;
// [ErrParentLimit]; [ErrQuotaBelowUsage]; and the faults of the grant that results.
func (o Overrides) Assign(given Overrides, a Assignment) (Overrides, error) {
	next := o.Clone()
	if next == nil {
		next = make(Overrides, len(given))
	}
	var f faults
	for _, k := range given.Keys() {
		if !a.known(&f, k, o) {
			continue
		}
		next[k] = next[k].Merge(given[k])
		a.check(&f, k, given[k], next[k])
	}
	if len(next) > MaxSet {
		f.add("", fault.TooMany.Errorf("must be at most %d features, not %d", MaxSet, len(next)))
	}
	if len(f) > 0 {
		return o, strictjson.JoinErrors(f)
	}
	return next, nil
}

// Revoke removes the overrides of features, named in any order; naming one twice has
// no further effect. The plan's grant is in force again; without one the feature is
// no longer granted. What has been used stays counted. Either all are revoked, or
// none, with every fault as a [*fault.FieldError]. o is not changed.
//
// The errors are [ErrUnknown] for a feature of neither plan nor overrides;
// [ErrNotAssigned] where there is no override; [ErrRequired] for a required feature
// that the plan lacks; and [ErrParentLimit] and [ErrQuotaBelowUsage] for the plan's
// limit that is in force again.
func (o Overrides) Revoke(keys []Key, a Assignment) (Overrides, error) {
	next := o.Clone()
	keys = slices.Clone(keys)
	slices.Sort(keys)
	var f faults
	for _, k := range slices.Compact(keys) {
		override, assigned := o[k]
		base, inPlan := a.Plan[k]
		switch {
		case !assigned && !inPlan:
			f.add(keyPath(k, ""), ErrUnknown)
		case !assigned:
			f.add(keyPath(k, ""), ErrNotAssigned)
		case !inPlan && (slices.Contains(a.Required, k) || override.over(Grant{}).Required):
			f.add(keyPath(k, ""), ErrRequired)
		case !inPlan:
			a.inUse(&f, k, Grant{Kind: override.over(Grant{}).Kind})
		default:
			a.bounds(&f, k, base, Override{})
		}
		delete(next, k)
	}
	if len(f) > 0 {
		return o, strictjson.JoinErrors(f)
	}
	return next, nil
}

// known reports whether a key may be assigned, and adds a fault if not.
func (a Assignment) known(f *faults, k Key, have Overrides) bool {
	_, inPlan := a.Plan[k]
	_, assigned := have[k]
	switch err := k.fault(); {
	case err != nil:
		f.add(keyPath(k, ""), err)
	case !inPlan && !assigned && !a.Open:
		f.add(keyPath(k, ""), ErrUnknown)
	default:
		return true
	}
	return false
}

// check adds the faults of an override merged into the existing one.
func (a Assignment) check(f *faults, k Key, given, merged Override) {
	before := len(*f)
	for _, l := range []struct {
		member string
		limit  *decimal.Decimal
	}{{"limit", given.Limit}, {"extra", given.Extra}} {
		if l.limit == nil {
			continue
		}
		if err := limitFault(*l.limit); err != nil {
			f.add(keyPath(k, l.member), fmt.Errorf("%w: %w", ErrInvalidLimit, err))
		}
	}
	base, inPlan := a.Plan[k]
	if merged.Kind != nil && inPlan && *merged.Kind != base.Kind {
		f.add(keyPath(k, "kind"), fault.Inconsistent.Errorf("must be %q, as in the plan", base.Kind))
	}
	if len(*f) > before {
		return
	}
	g := merged.over(base.Clone())
	required := g.Required || inPlan && base.Required || slices.Contains(a.Required, k)
	if required && !g.Active {
		f.add(keyPath(k, "active"), ErrRequired)
		return
	}
	if found := below(keyPath(k, ""), g.Faults()); len(found) > 0 {
		*f = append(*f, found...)
		return
	}
	if _, counted := a.Units[g.Per]; g.Per != "" && a.Units != nil && !counted {
		f.add(keyPath(k, "per"), fault.NotFound.Errorf("the plan has no charge %q with a quantity", g.Per))
		return
	}
	if given.Kind != nil || given.Limit != nil || given.Extra != nil || given.Unlimited != nil || given.Per != nil {
		a.bounds(f, k, g, merged)
	}
}

// bounds adds a fault for a limit below what is in use or above what the parent has.
func (a Assignment) bounds(f *faults, k Key, g Grant, o Override) {
	if g.Per != "" && !g.Unlimited {
		units, known := a.Units[g.Per]
		if _, bounded := a.ParentRemaining[k]; !known && (bounded || a.InUse[k].IsPositive()) {
			f.add(keyPath(k, "per"), fault.Required.Errorf("the units of %q must be known", g.Per))
			return
		}
		g.Limit = o.whole(g, units)
	}
	if left, bounded := a.ParentRemaining[k]; bounded && g.Kind != Switch {
		switch {
		case g.Unlimited:
			f.add(keyPath(k, "unlimited"), fmt.Errorf("%w: the parent has %s", ErrParentLimit, dec.String(left)))
		case g.Limit.GreaterThan(left):
			f.add(keyPath(k, "limit"), fmt.Errorf("%w: %s, the parent has %s", ErrParentLimit, dec.String(g.Limit), dec.String(left)))
		}
	}
	a.inUse(f, k, g)
}

func (a Assignment) inUse(f *faults, k Key, g Grant) {
	used := a.InUse[k]
	if g.Kind == Limit && !g.Unlimited && !a.Force && used.GreaterThan(g.Limit) {
		f.add(keyPath(k, "limit"), fmt.Errorf("%w: %s, %s in use", ErrQuotaBelowUsage, dec.String(g.Limit), dec.String(used)))
	}
}

// ValidateOn checks the grants that result from a plan and the overrides, which were
// decoded or kept while the plan changed. It reports every fault, as an [errors.Join]
// of [*fault.FieldError].
func (o Overrides) ValidateOn(plan Set) error {
	a := Assignment{Plan: plan, Open: true}
	var f faults
	for _, k := range o.Keys() {
		if a.known(&f, k, o) {
			a.check(&f, k, o[k], o[k])
		}
	}
	return strictjson.JoinErrors(f)
}

// Without returns the overrides except those that make no valid grant of a plan, and
// the keys of those dropped: what a change of plan may do with the overrides of the
// old one.
func (o Overrides) Without(plan Set) (Overrides, []Key) {
	next := maps.Clone(o)
	var dropped []Key
	for _, k := range o.Keys() {
		if (Overrides{k: o[k]}).ValidateOn(plan) != nil {
			delete(next, k)
			dropped = append(dropped, k)
		}
	}
	return next.Clone(), dropped
}
