package subscription

import (
	"errors"
	"fmt"
)

// An Edit is one part of an atomic change: it does one verb to the subscription it
// is given, with the call it is given.
//
//	func(s Subscription, c Call) (Subscription, error) { return s.SetAutoRenewal(c, false) }
type Edit func(Subscription, Call) (Subscription, error)

// An EditError is the refusal of one part of [Subscription.Edit].
type EditError struct {
	// Part is the place of the edit among the arguments, from 0.
	Part int
	// Err is the refusal.
	Err error
}

func (e *EditError) Error() string { return fmt.Sprintf("subscription: edit %d: %s", e.Part, e.Err) }

// Unwrap returns Err.
func (e *EditError) Unwrap() error { return e.Err }

// Edit does several verbs at one instant, each upon the result of the one before:
// all of them, or, if any is refused, none. The error joins an [EditError] for
// every part that was refused; parts after a refused one are tried without it.
//
// Each part is a command of its own. The call's Key counts for the whole: given
// again with the same parts it changes nothing, with others it is refused with
// ErrKeyReused. With a key, parts that change nothing are recorded too, if any
// part changes something.
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
	next, errs := s, []error(nil)
	for i, do := range edits {
		if do == nil {
			errs = append(errs, &EditError{Part: i, Err: invalid("missing")})
			continue
		}
		call.part = &part{}
		after, err := do(next, call)
		if err != nil {
			errs = append(errs, &EditError{Part: i, Err: err})
			continue
		}
		next = after
	}
	switch {
	case len(errs) > 0:
		return s, errors.Join(errs...)
	case next.c == nil || next.c.id != s.c.id || !next.c.at.Equal(s.c.at):
		return s, invalid("an edit answered another subscription")
	case next.unchangedSince(s):
		return s, nil
	}
	return next, nil
}

// A part is what a verb knows of the edit that it is a part of.
type part struct {
	// list collects the commands and nothing is done; nil: they are done.
	list *[]*Command
}

// lists reports whether the command is merely listed, and lists it.
func (p *part) lists(cmd *Command) bool {
	if p == nil || p.list == nil {
		return false
	}
	listed := *cmd
	*p.list = append(*p.list, &listed)
	return true
}

// retried reports edits that reuse the key of others.
func (s Subscription) retried(call Call, edits []Edit, recorded []*Command) error {
	var given []*Command
	call.part = &part{list: &given}
	for i, do := range edits {
		if _, err := do(s, call); err != nil {
			return &EditError{Part: i, Err: err}
		}
	}
	return repeats(recorded, given)
}

// unchangedSince reports whether nothing but commands that change nothing came
// after before.
func (s Subscription) unchangedSince(before Subscription) bool {
	a, b := s.c, before.c
	return len(a.spans) == len(b.spans) && len(a.feeds) == len(b.feeds) && a.details == b.details &&
		(len(a.spans) == 0 || &a.spans[0] == &b.spans[0])
}
