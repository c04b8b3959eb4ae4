package feature

import (
	"slices"

	"github.com/perennial-billing/perennial/internal/dec"
)

// An Addition says which part of a grant comes from add-ons. The zero Addition: none.
type Addition struct {
	// Attachments are the ids of the attachments that grant the feature too, in
	// alphabetical order.
	Attachments []string
	// Alone says that the plan does not grant it.
	Alone bool
}

func (a Addition) equal(o Addition) bool {
	return a.Alone == o.Alone && slices.Equal(a.Attachments, o.Attachments)
}

// join is [seam.Granting.Join].
func join(a, b Grant) (Grant, bool) {
	if a.Kind != b.Kind || a.Window != b.Window || a.Every != b.Every || a.condition() != b.condition() || a.Per != "" || b.Per != "" {
		return a, false
	}
	one := a.Clone()
	switch {
	case !b.Active:
	case !a.Active:
		one.Unlimited, one.Limit = b.Unlimited, b.Limit
	case a.Unlimited || b.Unlimited:
		one = one.Endless()
	default:
		one.Limit = a.Limit.Add(b.Limit)
	}
	one.Active, one.Required = a.Active || b.Active, a.Required || b.Required
	return one, dec.Check(one.Limit) == nil
}

// Additions returns which part of the grant comes from add-ons.
func (e *Entitlement) Additions() Addition {
	if e.rules().added == nil {
		return Addition{}
	}
	return Addition{slices.Clone(e.rules().added.Attachments), e.rules().added.Alone}
}
