package cases

import (
	"errors"
	"fmt"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A change set is the actions of one instant that name it. They are done in one
// [subscription.Subscription.Edit], with one policy.

// changing returns the choices of a verb that changes a plan, a quantity, a price or an add-on.
func changing(verb Verb) (Change, bool) {
	switch v := verb.(type) {
	case *ChangePlan:
		return v.Change, true
	case *ChangeQuantity:
		return v.Change, true
	case *ChangePrice:
		return v.Change, true
	case *Attach:
		return v.Change, true
	case *Detach:
		return v.Change, true
	}
	return Change{}, false
}

// feeds reports whether a verb only feeds an invoice, by a command of its own.
func feeds(verb Verb) bool {
	switch verb.(type) {
	case *Discount, *OneOff, *AccountCredit:
		return true
	}
	return false
}

// sets reports what cannot be in one set. A verb that could not be read has its
// fault already.
func (c *Scenario) sets(n strict.Node) []strict.Fault {
	var faults []strict.Fault
	list, _ := n.Field("actions")
	nodes := list.Elems()
	firsts := map[string]int{}  // by set: its first action
	changes := map[string]int{} // by set: its first change
	for i, action := range c.Actions {
		if action.Set == "" || action.Verb == nil || i >= len(nodes) {
			continue
		}
		fault := func(name, format string, args ...any) {
			faults = append(faults, below(nodes[i], name, fmt.Errorf(format, args...)))
		}
		first, again := firsts[action.Set]
		switch {
		case !again:
			firsts[action.Set] = i
		case !action.At.In(c.Zone).Equal(c.Actions[first].At.In(c.Zone)):
			fault("set", "must be of one instant: actions[%d] of the set %q has another", first, action.Set)
		case c.Actions[i-1].Set != action.Set:
			fault("set", "the actions of the set %q must stand one after another", action.Set)
		}
		change, ok := changing(action.Verb)
		if !ok {
			if !feeds(action.Verb) {
				fault("set", "a set has only changes of plan, quantity, price or add-ons, discounts, one_off and account_credit")
			}
			continue
		}
		if !change.Effective.IsNow() {
			fault("effective", "must be now in a set")
		}
		other, ok := changes[action.Set]
		if !ok {
			changes[action.Set] = i
			continue
		}
		agreed, _ := changing(c.Actions[other].Verb)
		for _, word := range []struct{ name, is, must string }{
			{"credit", string(change.Credit), string(agreed.Credit)},
			{"charge_new", string(change.ChargeNew), string(agreed.ChargeNew)},
			{"collect", string(change.Collect), string(agreed.Collect)},
			{"anchor", string(change.Anchor), string(agreed.Anchor)},
		} {
			if word.is != "" && word.must != "" && word.is != word.must {
				fault(word.name, "is %s, must be %s as in actions[%d]: a set has one policy", word.is, word.must, other)
			}
		}
	}
	return faults
}

// together returns the number of actions, from i on, that are done in one call: 1,
// or all of a set.
func (c *Scenario) together(i int) int {
	end := i + 1
	for end < len(c.Actions) && c.Actions[i].Set != "" && c.Actions[end].Set == c.Actions[i].Set {
		end++
	}
	return end - i
}

// act does the actions of one call and returns the number of the command that each
// became: 0 for usage and for what changed nothing. The error is a
// [subscription.EditError] for each action of a set that is refused. The story's
// actor may do everything that the rules of structure allow.
func (s *playing) act(actions []Action) ([]int, error) {
	numbers := make([]int, len(actions))
	call := subscription.Call{At: actions[0].At.In(s.c.Zone), Actor: lifecycle.Operator}
	done := func(sub subscription.Subscription, call subscription.Call, i int) (subscription.Subscription, error) {
		next, err := s.verb(sub, call, actions[i].Verb)
		if numbers[i] = 0; err == nil && next.Version() != sub.Version() {
			numbers[i] = next.Version()
		}
		return next, err
	}
	do := func() (subscription.Subscription, error) { return done(s.sub, call, 0) }
	if actions[0].Set != "" {
		call.Policy = setPolicy(actions)
		edits := make([]subscription.Edit, len(actions))
		for i := range actions {
			edits[i] = func(sub subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
				return done(sub, call, i)
			}
		}
		do = func() (subscription.Subscription, error) { return s.sub.Edit(call, edits...) }
	}
	next, err := do()
	if errors.Is(err, lifecycle.ErrChangeScheduled) || errors.Is(err, lifecycle.ErrAlreadyScheduled) {
		call.Replace = true // the story says it again: the last word counts
		next, err = do()
	}
	if err != nil {
		return nil, err
	}
	if next.Version() == s.sub.Version() {
		clear(numbers)
	}
	s.sub = next
	s.past = append(s.past, moment{call.At, next})
	return numbers, nil
}

// setPolicy returns the policy of a set: that of its changes, which agree.
func setPolicy(actions []Action) plan.Policy {
	for _, action := range actions {
		if change, ok := changing(action.Verb); ok {
			return change.policy()
		}
	}
	return plan.Policy{}
}

// refusals places an error of act, on the actions from i on: that of a set at each
// action that was refused.
func refusals(i int, err error) []placed {
	if edit, ok := err.(*subscription.EditError); ok {
		return []placed{{i + edit.Part, edit.Err}}
	}
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		var all []placed
		for _, part := range list.Unwrap() {
			edit, ok := part.(*subscription.EditError)
			if !ok {
				return []placed{{i, err}}
			}
			all = append(all, placed{i + edit.Part, edit.Err})
		}
		return all
	}
	return []placed{{i, err}}
}

// placed is the refusal of an action.
type placed struct {
	action int
	err    error
}
