package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// AssignFeatures overrides what the plan grants, key by key: the members given
// replace those of the same feature, all else stays. What the caller knows beyond
// the subscription (what is in use, what a parent has left, whether features that
// the plan lacks may be given) comes in a; its Plan is filled in. Assigning what
// holds already changes nothing.
func (s Subscription) AssignFeatures(call Call, given feature.Overrides, a feature.Assignment) (Subscription, error) {
	call.features = &a
	return s.do(call, Command{Action: lifecycle.AssignFeatures, Features: given.Clone()})
}

// RevokeFeatures takes overrides back: the plan's own grants hold again.
func (s Subscription) RevokeFeatures(call Call, keys []feature.Key, a feature.Assignment) (Subscription, error) {
	call.features = &a
	return s.do(call, Command{Action: lifecycle.RevokeFeatures, Revoked: append([]feature.Key(nil), keys...)})
}

// AddCreditPack sells one of the plan's credit packs: its price is charged with the
// next invoice, or now if the call's Policy.Collect says so. The balance of credits
// is the service's to keep; see [feature.Credits].
func (s Subscription) AddCreditPack(call Call, pack string) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.AddCreditPack, Pack: pack})
}

// errUnchanged is how an effect says that what is asked for holds already.
var errUnchanged = errors.New("subscription: nothing changes")

func assignFeatures(s *span, cmd *Command, a feature.Assignment) error {
	keys := cmd.Features.Keys()
	have := s.overrides(keys, &a)
	next, err := have.Assign(cmd.Features, a)
	if err != nil {
		return fmt.Errorf("%w: features: %w", ErrInvalidCall, err)
	}
	return s.grant(keys, have, next)
}

func revokeFeatures(s *span, cmd *Command, a feature.Assignment) error {
	have := s.overrides(cmd.Revoked, &a)
	next, err := have.Revoke(cmd.Revoked, a)
	if err != nil {
		return fmt.Errorf("%w: features: %w", ErrInvalidCall, err)
	}
	return s.grant(cmd.Revoked, have, next)
}

// overrides answers the overrides of some features, and tells the assignment what
// the plan grants of them: the other features are not looked at, so that the cost
// does not grow with them.
func (s *span) overrides(keys []feature.Key, a *feature.Assignment) feature.Overrides {
	have := feature.Overrides{}
	a.Plan = feature.Set{}
	for _, k := range keys {
		if o, ok := s.terms.overrides.value(string(k)); ok {
			have[k] = o
		}
		if g, ok := s.terms.version.Feature(k); ok {
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
	t := s.terms.departing()
	for _, k := range keys {
		if o, ok := next[k]; ok {
			t.overrides = t.overrides.with(string(k), o)
			continue
		}
		t.overrides = t.overrides.without(string(k))
	}
	if len(t.overrides) > MaxAssigned {
		return invalid("features: must be at most %d", MaxAssigned)
	}
	s.terms = t
	return nil
}

// given answers the overrides in force; nil for none.
func (t *terms) given() feature.Overrides {
	var o feature.Overrides
	for key, override := range t.overrides.all() {
		if o == nil {
			o = make(feature.Overrides, len(t.overrides))
		}
		o[feature.Key(key)] = override
	}
	return o
}

func addCreditPack(c *core, s *span, cmd *Command, owned bool) error {
	pack, ok := s.terms.version.CreditPack(cmd.Pack)
	price, sold := s.terms.version.PackPrice(cmd.Pack)
	if !ok || !sold {
		return fmt.Errorf("%w: %q", ErrPackNotAllowed, cmd.Pack)
	}
	if price.Price.Sign() == 0 {
		return nil
	}
	collect := cmd.Policy.Collect
	if collect == "" {
		collect = plan.CollectNextInvoice
	}
	line := *cmd
	line.OneOff = &OneOff{ID: cmd.Pack, Name: pack.Name, Amount: price.Price, Collect: collect}
	c.feed(&line, owned)
	return nil
}

// Overrides returns the features assigned over the plan's at t.
func (s Subscription) Overrides(t time.Time) feature.Overrides {
	if i := s.SegmentAt(t); i >= 0 {
		return s.c.spans[i].terms.given().Clone()
	}
	return nil
}

// Entitlement resolves what the owner may do with one feature at t: the plan's
// grant with what was assigned on top, dormant unless the status at t entitles. A
// feature that is not granted is no error: its entitlement denies.
func (s Subscription) Entitlement(key feature.Key, t time.Time) (*feature.Entitlement, error) {
	set, overrides, terms, err := s.granted(t, key)
	if err != nil {
		return nil, err
	}
	return feature.Resolve(key, set, overrides, terms)
}

// Entitlements resolves every feature that the plan grants or that was assigned, in
// the order of their keys.
func (s Subscription) Entitlements(t time.Time) ([]*feature.Entitlement, error) {
	set, overrides, terms, err := s.granted(t, "")
	if err != nil {
		return nil, err
	}
	return feature.ResolveAll(set, overrides, terms)
}

// granted answers what there is to resolve at t, of one feature or, with no key, of
// all.
func (s Subscription) granted(t time.Time, key feature.Key) (feature.Set, feature.Overrides, feature.Terms, error) {
	if s.c == nil {
		return nil, nil, feature.Terms{}, ErrZero
	}
	i := s.c.index(t)
	if i < 0 {
		return nil, nil, feature.Terms{At: t, Dormant: true}, nil // before the agreement nothing is granted
	}
	p, err := s.c.window(i, t)
	if err != nil {
		return nil, nil, feature.Terms{}, err
	}
	in := &s.c.spans[i]
	entitled := (in.kind == running || in.kind == trial) && !in.is(held)
	terms := feature.Terms{At: t, Zone: in.terms.zone, Period: p, Dormant: !entitled}
	set, overrides := in.terms.features(key)
	terms.Tiers = in.tiers(overrides.Apply(set))
	return set, overrides, terms, nil
}

// features answers the grants of the plan and the overrides in force, of one feature
// or, with no key, of all.
func (t *terms) features(key feature.Key) (feature.Set, feature.Overrides) {
	if key == "" {
		return t.version.Features(), t.given()
	}
	set, overrides := feature.Set{}, feature.Overrides{}
	if g, ok := t.version.Feature(key); ok {
		set[key] = g
	}
	if o, ok := t.overrides.value(string(key)); ok {
		overrides[key] = o
	}
	return set, overrides
}

// window answers the period in which allowances per billing period are counted at
// t: the one that runs, the trial, or the whole life where nothing recurs.
func (c *core) window(i int, t time.Time) (calendar.Period, error) {
	s := &c.spans[i]
	from, end, _, err := s.period(t, false)
	if err != nil {
		return calendar.Period{}, err
	}
	if s.kind != trial && s.kind != future && !end.IsZero() {
		if !t.Before(end) { // a pause that outlasted its period: dormant, and nothing resets
			end = time.Time{}
		}
		return calendar.Period{Start: from, End: end}, nil
	}
	first := i
	for first > 0 && c.spans[first-1].sameLife(s) {
		first--
	}
	if s.kind == trial {
		end = s.waits().trialEnd
	}
	return calendar.Period{Start: c.spans[first].from, End: end}, nil
}

// sameLife reports whether two spans of which neither has a period lie in one window.
// A pause does not begin another: nobody gets a fresh allowance by pausing.
func (s *span) sameLife(o *span) bool {
	served := func(k kind) bool { return k == running || k == paused }
	return s.kind == o.kind || served(s.kind) && served(o.kind)
}
