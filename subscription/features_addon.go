package subscription

import (
	"fmt"

	"github.com/perennial-billing/perennial/feature"
)

// grantOf returns what the plan and the add-ons grant of a feature, and which part of it
// comes from add-ons. Where any does, limits for each unit are those for all units.
func (t *terms) grantOf(key feature.Key, phase uint16) (g feature.Grant, added feature.Addition, ok bool) {
	g, ok = t.version.Feature(key)
	added.Alone = !ok
	for id, a := range t.attached.all() {
		own, has := a.addOn.Feature(key)
		if !has {
			continue
		}
		added.Attachments = append(added.Attachments, id)
		if own.Per != "" {
			own.Per = id + "/" + own.Per
			own = t.whole(own, phase)
		}
		if !ok {
			g, ok = own, true
			continue
		}
		if together, fits := grants.Join(t.whole(g, phase), own); fits {
			g = together
		}
	}
	return g, added, ok
}

// whole returns a grant with the limit for all units.
func (t *terms) whole(g feature.Grant, phase uint16) feature.Grant {
	if g.Per == "" {
		return g
	}
	if units, ok := t.units(phase, g.Per); ok {
		g.Limit, g.Per = g.Limit.Mul(units), ""
	}
	return g
}

// grants returns what the plan and the add-ons grant.
func (t *terms) grants(phase uint16) feature.Set {
	set := t.version.Features()
	for _, a := range t.attached.all() {
		for _, key := range planTerms.Grants(a.addOn) {
			if set == nil {
				set = feature.Set{}
			}
			set[key], _, _ = t.grantOf(key, phase)
		}
	}
	return set
}

// additions returns which part of the grants of a set comes from add-ons.
func (t *terms) additions(set feature.Set, phase uint16) map[feature.Key]feature.Addition {
	var all map[feature.Key]feature.Addition
	for key := range set {
		_, added, _ := t.grantOf(key, phase)
		if len(added.Attachments) == 0 {
			continue
		}
		if all == nil {
			all = map[feature.Key]feature.Addition{}
		}
		all[key] = added
	}
	return all
}

// joinsFeatures returns an error if what an attachment grants cannot be in force together with
// what the plan and the other add-ons grant.
func (t *terms) joinsFeatures(id string) error {
	a, _ := t.attached.value(id)
	keys := planTerms.Grants(a.addOn)
	if len(keys) == 0 {
		return nil
	}
	others := t.withOverrides()
	others.attached = t.attached.without(id)
	for _, key := range keys {
		own, _ := a.addOn.Feature(key)
		if own.Per != "" {
			own.Per = id + "/" + own.Per
		}
		for phase := range t.version.Phases() {
			other, _, ok := others.grantOf(key, uint16(phase))
			if !ok {
				continue
			}
			if _, fits := grants.Join(t.whole(other, uint16(phase)), t.whole(own, uint16(phase))); !fits {
				return fmt.Errorf("%w: %s as %q: the feature %q is granted in another way", ErrAddOn, a.addOn.Ref(), id, key)
			}
		}
	}
	return nil
}

// dropOverrides drops the overrides of features that make no valid grant any more.
func (t *terms) dropOverrides() {
	if len(t.assigned) == 0 {
		return
	}
	_, dropped := t.given().Without(t.grants(0))
	for _, key := range dropped {
		t.assigned = t.assigned.without(string(key))
	}
	for key, o := range t.given() {
		if t.lostUnits(o) {
			t.assigned = t.assigned.without(string(key))
		}
	}
}
