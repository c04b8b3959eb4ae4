package wire

import (
	"errors"

	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// OfPlan reports whether a scheduled effect is a change of the plan.
func OfPlan(w subscription.Waiting) bool { return w.Plan != (plan.Ref{}) }

// OfPrice returns whether a scheduled effect is a change of the price of a charge.
func OfPrice(charge string) func(subscription.Waiting) bool {
	return func(w subscription.Waiting) bool { return w.Price != nil && w.Charge == charge }
}

// UndoChanges returns the edit that undoes the scheduled changes of one thing. A
// document shows the value in force and not the scheduled one: the value in force, sent
// alone, means that it is to stay. If no change is scheduled it changes nothing.
//
// The engine undoes all scheduled changes together. Those of other things are scheduled
// again unchanged, except for a charge that only the plan undone has. plans are those
// that may be among them: a missing one is plan.ErrNotFound.
func UndoChanges(of func(subscription.Waiting) bool, plans ...*plan.Version) subscription.Edit {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		found := false
		var others []subscription.Waiting
		for _, w := range s.Scheduled(c.At) {
			switch {
			case of(w):
				found = true
			case OfPlan(w) || w.Price != nil || w.Quantity != nil:
				others = append(others, w)
			}
		}
		if !found {
			return s, nil
		}
		next, err := s.UndoChange(c)
		for _, w := range others {
			if err == nil {
				next, err = again(next, c, w, s.Command(w.Command), plans)
			}
		}
		return next, err
	}
}

// again schedules a change as it was requested.
func again(s subscription.Subscription, c subscription.Call, w subscription.Waiting, asked subscription.Command, plans []*plan.Version) (subscription.Subscription, error) {
	c.Actor, c.Reason, c.Policy = asked.Actor, asked.Reason, asked.Policy
	var next subscription.Subscription
	var err error
	switch {
	case OfPlan(w):
		to, found := find(plans, w.Plan)
		switch {
		case found != nil:
			return s, found
		case w.Quantity != nil:
			next, err = s.ChangePlanAndQuantity(c, w.When, to, *w.Quantity)
		default:
			next, err = s.ChangePlan(c, w.When, to)
		}
	case w.Price != nil:
		next, err = s.ChangePrice(c, w.When, w.Charge, w.Price)
	default:
		next, err = s.ChangeQuantity(c, w.When, w.Charge, *w.Quantity)
	}
	if errors.Is(err, subscription.ErrNoCharge) {
		return s, nil
	}
	return next, err
}

func find(plans []*plan.Version, ref plan.Ref) (*plan.Version, error) {
	for _, v := range plans {
		if v.Ref() == ref {
			return v, nil
		}
	}
	return nil, &plan.MissingError{ID: ref.ID, Version: ref.Version}
}
