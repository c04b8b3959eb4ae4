package subscription

import (
	"errors"
	"fmt"

	"github.com/perennial-billing/perennial/lifecycle"
)

// An Edit is one part of an atomic change: it calls one verb on the subscription it
// is given, with the call it is given.
//
//	func(s Subscription, c Call) (Subscription, error) { return s.SetAutoRenewal(c, false) }
type Edit func(Subscription, Call) (Subscription, error)

// An EditError is the refusal of one part of [Subscription.Edit].
type EditError struct {
	// Part is the index of the edit among the arguments, from 0.
	Part int
	// Err is the refusal.
	Err error
}

func (e *EditError) Error() string { return fmt.Sprintf("subscription: edit %d: %s", e.Part, e.Err) }

// Unwrap returns Err.
func (e *EditError) Unwrap() error { return e.Err }

// Edit applies several verbs at one instant, each to the result of the previous one:
// either all of them or, if any is refused, none. The error joins an [EditError] for
// every part that was refused; parts after a refused one are tried without it.
//
// Each part is a command with its own number, and together they form a change set:
// what they change immediately has one cut and one invoice, from the state before the
// first part to the state after the last. The parts that follow a policy must follow
// the same one; otherwise the edit is refused with ErrMixedPolicies. There is no set
// with Call.Separate, nor of one command alone unless it changes the plan: in a set a
// charge that both plans have alike is not cut.
//
// The call's Key counts for the whole edit: called again with the same parts it
// changes nothing, with other parts it is refused with ErrKeyReused. With a key,
// parts that change nothing are recorded too, if any part changes something.
func (s Subscription) Edit(call Call, edits ...Edit) (Subscription, error) {
	if s.c == nil {
		return Subscription{}, ErrZero
	}
	if len(edits) == 0 {
		return s, invalid("no edits")
	}
	if call.part != nil {
		return s, invalid("an edit within an edit")
	}
	if call.Key != "" {
		if recorded := s.keyed(call.Key); len(recorded) > 0 {
			return s, s.retried(call, edits, recorded)
		}
	}
	// One command alone is no set, but for a change of plan: in a set it leaves the
	// charges alone that stay the same. One edit is usually one command.
	first := s.Version() + 1
	alone := func(next Subscription) bool {
		return next.Version() == first && (*next.c.commands.At(first - 2)).version == nil
	}
	asSet := !call.Separate && len(edits) > 1
	next, err := s.edited(call, edits, asSet)
	switch {
	case err != nil || call.Separate || next.Version() < first:
	case asSet && alone(next):
		next, err = s.edited(call, edits, false)
	case !asSet && !alone(next):
		next, err = s.edited(call, edits, true)
	}
	if err != nil || next.unchangedSince(s) {
		return s, err
	}
	return next, nil
}

// edited applies the edits one after another, as a change set or each by itself.
func (s Subscription) edited(call Call, edits []Edit, asSet bool) (Subscription, error) {
	next, errs, set := s, []error(nil), 0
	if asSet {
		set = s.Version() + 1
	}
	for i, do := range edits {
		if do == nil {
			errs = append(errs, &EditError{Part: i, Err: invalid("missing")})
			continue
		}
		call.part = &part{set: set}
		edited, err := do(next, call)
		if err == nil && set > 0 && edited.c != nil && edited.Version() > set {
			err = fits(edited.c.since(set))
		}
		if err != nil {
			errs = append(errs, &EditError{Part: i, Err: err})
			continue
		}
		next = edited
	}
	switch {
	case len(errs) > 0:
		return s, errors.Join(errs...)
	case next.c == nil || next.c.id != s.c.id || !next.c.createdAt().Equal(s.c.createdAt()):
		return s, invalid("an edit returned another subscription")
	}
	return next, nil
}

// since returns the commands from a number on.
func (c *core) since(number int) []*record {
	var all []*record
	for ; number-2 < c.commands.Len(); number++ {
		all = append(all, c.numbered(number))
	}
	return all
}

// fits checks the last command of a change set against the others.
func fits(set []*record) error {
	last := set[len(set)-1]
	if !last.At.Equal(set[0].At) {
		return invalid("a change set is given at one instant")
	}
	if !last.followsPolicy() {
		return nil
	}
	for _, cmd := range set {
		if cmd.followsPolicy() && cmd.choices() != last.choices() {
			return ErrMixedPolicies
		}
	}
	return nil
}

// followsPolicy reports whether a command's policy matters to it: it changes what is
// billed, or stops or resumes billing.
func (c *record) followsPolicy() bool {
	a := c.Action
	return c.version != nil || c.table != nil || c.Quantity != nil || c.detaches() || a == lifecycle.SetAnchor || a == lifecycle.SetNextBilling || cancels(a) || pauses(a) || resumes(a) ||
		a == lifecycle.Hold || a == lifecycle.Release || a == lifecycle.Close
}

// A part is what a verb knows about the edit that it belongs to.
type part struct {
	// set is the number of the change set that the command belongs to; 0: none.
	set int
	// list collects the commands instead of applying them; nil: they are applied.
	list *[]*record
}

// lists adds the command to the list, if there is one.
func (p *part) lists(cmd *record) bool {
	if p == nil || p.list == nil {
		return false
	}
	listed := *cmd
	*p.list = append(*p.list, &listed)
	return true
}

// retried returns ErrKeyReused unless the edits are those recorded under the key.
func (s Subscription) retried(call Call, edits []Edit, recorded []*record) error {
	var given []*record
	call.part = &part{list: &given}
	for i, do := range edits {
		if _, err := do(s, call); err != nil {
			return &EditError{Part: i, Err: err}
		}
	}
	return repeats(recorded, given)
}

// unchangedSince reports whether only commands that change nothing were recorded since
// the earlier value.
func (s Subscription) unchangedSince(earlier Subscription) bool {
	a, b := s.c, earlier.c
	last := a.spans.Len() - 1
	return last == b.spans.Len()-1 && a.spans.At(last) == b.spans.At(last) &&
		a.feeds.Len() == b.feeds.Len() && a.details == b.details
}
