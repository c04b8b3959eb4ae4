package subscription

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// AssignFeatures overrides what the plan grants, key by key: the values given replace
// those of the same feature, all others stay. a holds what only the caller knows:
// what is in use, what a parent has left, whether features that the plan lacks may be
// assigned; its Plan and its Units are filled in. Assigning what is already in force changes
// nothing.
func (s Subscription) AssignFeatures(call Call, given feature.Overrides, a feature.Assignment) (Subscription, error) {
	call.features = &a
	return s.do(call, Command{Action: lifecycle.AssignFeatures, Features: given.Clone()})
}

// RevokeFeatures removes overrides: the plan's own grants are in force again.
func (s Subscription) RevokeFeatures(call Call, keys []feature.Key, a feature.Assignment) (Subscription, error) {
	call.features = &a
	return s.do(call, Command{Action: lifecycle.RevokeFeatures, Revoked: append([]feature.Key(nil), keys...)})
}

// AddCreditPack sells one of the plan's credit packs: its price is charged with the
// next invoice, or immediately if the call's Policy.Collect says so. The service
// keeps the balance of credits; see [feature.Credits].
func (s Subscription) AddCreditPack(call Call, pack string) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.AddCreditPack, Pack: pack})
}

// errUnchanged is returned by an effect if what is requested is already in force.
var errUnchanged = fault.New(fault.Refused, "subscription: nothing changes")

func assignFeatures(s *span, cmd *record, a feature.Assignment) error {
	keys := cmd.Features.Keys()
	have := s.overrides(keys, &a)
	s.countUnits(&a, have, cmd.Features)
	next, err := have.Assign(cmd.Features, a)
	if err != nil {
		return invalidAt("features", err)
	}
	return s.grant(keys, have, next)
}

func revokeFeatures(s *span, cmd *record, a feature.Assignment) error {
	have := s.overrides(cmd.Revoked, &a)
	s.countUnits(&a, have, nil)
	next, err := have.Revoke(cmd.Revoked, a)
	if err != nil {
		return invalidAt("features", err)
	}
	return s.grant(cmd.Revoked, have, next)
}

// overrides returns the overrides of some features and fills in what the plan grants
// of them. Other features are not looked at, so that the cost does not grow with
// their number.
func (s *span) overrides(keys []feature.Key, a *feature.Assignment) feature.Overrides {
	have := feature.Overrides{}
	a.Plan = feature.Set{}
	for _, k := range keys {
		if o, ok := s.terms.assigned.value(string(k)); ok {
			have[k] = o
		}
		if g, _, ok := s.terms.grantOf(k, s.phase); ok {
			a.Plan[k] = g
		}
	}
	return have
}

// grant puts the overrides of some features in force.
func (s *span) grant(keys []feature.Key, have, next feature.Overrides) error {
	if next.Equal(have) {
		return errUnchanged
	}
	t := s.terms.withOverrides()
	for _, k := range keys {
		if o, ok := next[k]; ok {
			t.assigned = t.assigned.with(string(k), o)
			continue
		}
		t.assigned = t.assigned.without(string(k))
	}
	if len(t.assigned) > MaxAssigned {
		return fmt.Errorf("%w: more than %d features have an override", ErrFull, MaxAssigned)
	}
	s.terms = t
	return nil
}

func addCreditPack(c *core, s *span, cmd *record, inPlace bool) error {
	pack, ok := s.terms.version.CreditPack(cmd.Pack)
	price, sold := s.terms.version.PackPrice(cmd.Pack)
	if !ok || !sold {
		return fmt.Errorf("%w: %q", ErrPackNotAllowed, cmd.Pack)
	}
	if price.Price.Sign() == 0 {
		return nil
	}
	collect := cmd.choices().Collect
	if collect == "" {
		collect = plan.CollectNextInvoice
	}
	line := *cmd
	line.OneOff = &OneOff{ID: cmd.Pack, Name: pack.Name, Amount: price.Price, Collect: collect}
	return c.feed(&line, inPlace)
}

// Overrides returns the features assigned over the plan's at t.
func (s Subscription) Overrides(t time.Time) feature.Overrides {
	if i := s.SegmentAt(t); i >= 0 {
		return s.c.span(i).terms.given().Clone()
	}
	return nil
}

// Entitlement resolves what the owner may do with one feature at t: the plan's grant
// with the assigned overrides applied, dormant unless the status at t entitles. A
// feature that is not granted is not an error: its entitlement denies.
// [feature.Entitlement.Until] says until when it holds as far as is known. What a grant
// says of an anchor and of units is in it: the window, and the limit for all of them.
func (s Subscription) Entitlement(key feature.Key, t time.Time) (*feature.Entitlement, error) {
	if e, ok, err := s.plainly(key, t); ok || err != nil {
		return e, err
	}
	set, overrides, terms, err := s.granted(t, key)
	if err != nil {
		return nil, err
	}
	if terms.Until, err = s.c.changes(key, t); err != nil {
		return nil, err
	}
	return feature.Resolve(key, set, overrides, terms)
}

// plainly is Entitlement where the plan alone says it, and nothing is expected to follow:
// false if not.
func (s Subscription) plainly(key feature.Key, t time.Time) (*feature.Entitlement, bool, error) {
	if s.c == nil {
		return nil, false, nil
	}
	i := s.c.index(t)
	if i < 0 || i+1 < s.c.count() {
		return nil, false, nil
	}
	in := s.c.span(i)
	if len(in.terms.attached) > 0 {
		return nil, false, nil
	}
	if _, overridden := in.terms.assigned.value(string(key)); overridden {
		return nil, false, nil
	}
	prepared := planTerms.Prepared(in.terms.version, string(key))
	if prepared != nil && in.kind == running && !in.periodEnd.IsZero() && !t.Before(in.periodEnd) && grids.Holds(&in.grid, t) {
		e, err := grants.InGrid(prepared, t, in.terms.zone, &in.grid, !in.entitled()) // as window finds it
		return e, true, err
	}
	if prepared == nil {
		if _, inPlan := in.terms.version.Feature(key); inPlan {
			return nil, false, nil
		}
	}
	p, err := s.c.window(i, t)
	if err != nil {
		return nil, false, err
	}
	e, err := grants.Under(prepared, string(key), t, in.terms.zone, p, !in.entitled())
	return e, true, err
}

// grants is what feature lends.
var grants = seam.Borrow[seam.Granting[feature.Grant, feature.Entitlement, calendar.Zone, calendar.Period, calendar.Schedule]]()

// Entitlements resolves every feature that the plan grants or that was assigned, in
// the order of their keys.
func (s Subscription) Entitlements(t time.Time) ([]*feature.Entitlement, error) {
	set, overrides, terms, err := s.granted(t, "")
	if err != nil {
		return nil, err
	}
	var all []*feature.Entitlement
	var errs []error
	for _, key := range overrides.Apply(set).Keys() {
		terms.Until, err = s.c.changes(key, t)
		var e *feature.Entitlement
		if err == nil {
			e, err = feature.Resolve(key, set, overrides, terms)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, e)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return all, nil
}

// granted returns what is needed to resolve one feature at t or, without a key, all.
func (s Subscription) granted(t time.Time, key feature.Key) (feature.Set, feature.Overrides, feature.Terms, error) {
	if s.c == nil {
		return nil, nil, feature.Terms{}, ErrZero
	}
	c := s.c
	i := c.index(t)
	if i < 0 {
		return nil, nil, feature.Terms{At: t, Dormant: true}, nil // nothing is granted before the subscription was created
	}
	p, err := c.window(i, t)
	if err != nil {
		return nil, nil, feature.Terms{}, err
	}
	in := c.span(i)
	terms := feature.Terms{At: t, Zone: in.terms.zone, Period: p, Dormant: !in.entitled()}
	set, overrides := in.terms.features(key, in.phase)
	if len(in.terms.attached) > 0 {
		terms.Additions = in.terms.additions(set, in.phase)
	}
	applied := overrides.Apply(set)
	if err := c.tell(&terms, i, applied); err != nil {
		return nil, nil, feature.Terms{}, err
	}
	terms.Tiers = in.tiers(applied, terms.Limits)
	return set, overrides, terms, nil
}

// features returns what the plan and the add-ons grant and the overrides in force, of one
// feature or, with no key, of all.
func (t *terms) features(key feature.Key, phase uint16) (feature.Set, feature.Overrides) {
	if key == "" {
		return t.grants(phase), t.given()
	}
	set, overrides := feature.Set{}, feature.Overrides{}
	if g, _, ok := t.grantOf(key, phase); ok {
		set[key] = g
	}
	if o, ok := t.assigned.value(string(key)); ok {
		overrides[key] = o
	}
	return set, overrides
}

// tiers returns the bounds of the price tiers by which the use of features is billed,
// for thresholds in the tier scope. A feature's use is billed by the charge of the
// running phase that rates its metric. What costs nothing comes before the first
// tier: a charge's free units, and the limit of an allowance whose overage is rated, which
// limits has if it is not that of the grant.
func (s *span) tiers(granted feature.Set, limits map[feature.Key]decimal.Decimal) map[feature.Key][]decimal.Decimal {
	var all map[feature.Key][]decimal.Decimal
	for key, g := range granted {
		if !slices.ContainsFunc(g.Thresholds, func(t feature.Threshold) bool { return t.Scope == feature.TierScope }) {
			continue
		}
		for item := range s.terms.phase(s.phase).Charges() {
			if item.Metric() != g.MetricOr(key) {
				continue
			}
			bounds, free := s.terms.priceOf(item).TierBounds()
			if g.Overage == feature.Rate && !g.Unlimited {
				limit, told := limits[key]
				if !told {
					limit = g.Limit
				}
				free = free.Add(limit)
			}
			for i := range bounds {
				bounds[i] = bounds[i].Add(free)
			}
			if all == nil {
				all = map[feature.Key][]decimal.Decimal{}
			}
			all[key] = bounds
			break
		}
	}
	return all
}
