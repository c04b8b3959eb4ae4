package cgscanning

import (
	"errors"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/subscription"
)

// features assigns the members that differ from those shown.
func (e *edits) features() {
	wanted, ok := e.given.Features.Value()
	if !ok {
		return
	}
	given, err := wanted.overrides()
	if err != nil {
		for _, one := range taken(err) {
			var at *fault.FieldError
			if errors.As(one, &at) {
				e.refuse("features."+at.Path, at.Err)
			}
		}
		return
	}
	if e.shown.Features != nil {
		shown, err := e.shown.Features.overrides()
		if err != nil {
			e.refuse("features", err)
			return
		}
		given = differing(given, shown)
	}
	if len(given) == 0 {
		return
	}
	facts := e.facts
	e.add("features", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.AssignFeatures(c, given, facts)
	})
}

// differing returns the members of overrides that are not the same in others.
func differing(given, shown feature.Overrides) feature.Overrides {
	left := feature.Overrides{}
	for key, o := range given {
		was, ok := shown[key]
		if !ok {
			left[key] = o
			continue
		}
		next := feature.Override{}
		if o.Active != nil && (was.Active == nil || *was.Active != *o.Active) {
			next.Active = o.Active
		}
		if o.Unlimited != nil && (was.Unlimited == nil || *was.Unlimited != *o.Unlimited) {
			next.Unlimited = o.Unlimited
		}
		if o.Limit != nil && (was.Limit == nil || !was.Limit.Equal(*o.Limit)) {
			next.Limit = o.Limit
		}
		if o.Window != nil && (was.Window == nil || *was.Window != *o.Window) {
			next.Window = o.Window
		}
		if o.WhenRun != nil && (was.WhenRun == nil || *was.WhenRun != *o.WhenRun) {
			next.WhenRun = o.WhenRun
		}
		if !next.IsZero() {
			left[key] = next
		}
	}
	return left
}
