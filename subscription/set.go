package subscription

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/fault"
)

// Errors about several subscriptions.
var (
	// ErrNotFound: the set holds no subscription of that id.
	ErrNotFound = fault.New(fault.Missing, "subscription: not found")
	// ErrDuplicateActive: the organization already has a live subscription to the
	// product.
	ErrDuplicateActive = fault.New(fault.Conflict, "subscription: product subscribed already")
	// ErrDuplicateID: the set holds another subscription of that id.
	ErrDuplicateID = fault.New(fault.Conflict, "subscription: id taken")
	// ErrCyclicParents: a subscription would depend on itself, directly or through others:
	// give one of them another parent, or none.
	ErrCyclicParents = fault.New(fault.Conflict, "subscription: depends on itself")
)

// A Set is a list of subscriptions, such as all of an account, in any order. Its
// methods are pure: they return new slices and change none.
//
// An organization has at most one live subscription to a product; every subscription
// that is not cancelled is live. The organization is that of the details, the product
// that of the plan in force; if either is empty, the rule does not apply.
type Set []Subscription

// Find returns the subscription of that id.
func (s Set) Find(id ID) (Subscription, bool) {
	i := s.index(id)
	if i < 0 {
		return Subscription{}, false
	}
	return s[i], true
}

func (s Set) index(id ID) int {
	return slices.IndexFunc(s, func(sub Subscription) bool { return !sub.IsZero() && sub.ID() == id })
}

// With returns the set with the given values in place of the subscriptions of the
// same ids, and new subscriptions at its end.
func (s Set) With(next ...Subscription) Set {
	all := slices.Clone(s)
	for _, sub := range next {
		if i := all.index(sub.ID()); i >= 0 {
			all[i] = sub
			continue
		}
		all = append(all, sub)
	}
	return all
}

// Sorted returns the subscriptions in order of their starts, then of their ids.
func (s Set) Sorted() Set {
	all := slices.DeleteFunc(slices.Clone(s), Subscription.IsZero)
	slices.SortStableFunc(all, func(a, b Subscription) int {
		return cmp.Or(a.c.origin().Start.Compare(b.c.origin().Start), cmp.Compare(a.ID(), b.ID()))
	})
	return all
}

// Live returns those that exist at t and are not cancelled, sorted.
func (s Set) Live(t time.Time) Set {
	return slices.DeleteFunc(s.Sorted(), func(sub Subscription) bool { return !sub.Live(t) })
}

// Active returns those that entitle their owner at t, sorted: in trial, active or
// non-renewing, and not held.
func (s Set) Active(t time.Time) Set {
	return slices.DeleteFunc(s.Sorted(), func(sub Subscription) bool { return !sub.Entitled(t) })
}

// Of returns those of an organization, sorted.
func (s Set) Of(organization string) Set {
	return slices.DeleteFunc(s.Sorted(), func(sub Subscription) bool { return sub.organization() != organization })
}

func (s Subscription) organization() string {
	if s.c == nil || s.c.details == nil {
		return ""
	}
	return s.c.details.Organization
}

// slot is what only one live subscription may have.
type seat struct{ organization, product string }

func (s Subscription) seat(t time.Time) (seat, bool) {
	if !s.Live(t) {
		return seat{}, false
	}
	it := seat{s.organization(), s.Plan(t).Product()}
	return it, it.organization != "" && it.product != ""
}

// A DuplicateError is the refusal of a second live subscription to a product.
type DuplicateError struct {
	// ID is the live subscription, Other the one that was refused.
	ID, Other ID
	// Organization and Product are what both share.
	Organization, Product string
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("subscription: %q: %q is live for product %q of the same organization", e.Other, e.ID, e.Product)
}

// Unwrap returns [ErrDuplicateActive].
func (e *DuplicateError) Unwrap() error { return ErrDuplicateActive }

// Validate reports, joined, every subscription that depends on itself, and every duplicate
// at t: a second subscription of an id, and
// all but the first live one of an organization and a product, in sorted order.
func (s Set) Validate(t time.Time) error {
	var errs []error
	parents := s.parents()
	taken, ids := map[seat]ID{}, map[ID]bool{}
	for _, sub := range s.Sorted() {
		if ids[sub.ID()] {
			errs = append(errs, fmt.Errorf("%w: %q", ErrDuplicateID, sub.ID()))
			continue
		}
		ids[sub.ID()] = true
		if parents.cyclic(sub) {
			errs = append(errs, fmt.Errorf("%w: %q", ErrCyclicParents, sub.ID()))
		}
		it, bound := sub.seat(t)
		if !bound {
			continue
		}
		if first, ok := taken[it]; ok {
			errs = append(errs, &DuplicateError{ID: first, Other: sub.ID(), Organization: it.organization, Product: it.product})
			continue
		}
		taken[it] = sub.ID()
	}
	return errors.Join(errs...)
}

// A Skipped is a subscription that was not added, or that did not follow the catalog.
type Skipped struct {
	Subscription Subscription
	// Err is why: of [Set.Add] an [ErrDuplicateID], an [ErrCyclicParents], or a [*DuplicateError]
	// that names the first one.
	Err error
}

// Add adds subscriptions as of t, in the order given: the first of an organization and
// a product is added, the others are not and are returned as skipped. Those that the
// set holds already come first. For all or none, refuse if any is skipped.
func (s Set) Add(t time.Time, given ...Subscription) (next Set, skipped []Skipped) {
	next = slices.Clone(s)
	parents := s.parents()
	taken, ids := map[seat]ID{}, map[ID]bool{}
	for _, sub := range s.Sorted() {
		ids[sub.ID()] = true
		if it, bound := sub.seat(t); bound {
			if _, ok := taken[it]; !ok {
				taken[it] = sub.ID()
			}
		}
	}
	for _, sub := range given {
		it, bound := sub.seat(t)
		first, full := taken[it]
		switch {
		case sub.IsZero():
			skipped = append(skipped, Skipped{sub, ErrZero})
			continue
		case ids[sub.ID()]:
			skipped = append(skipped, Skipped{sub, fmt.Errorf("%w: %q", ErrDuplicateID, sub.ID())})
			continue
		case parents.cyclic(sub):
			skipped = append(skipped, Skipped{sub, fmt.Errorf("%w: %q", ErrCyclicParents, sub.ID())})
			continue
		case bound && full:
			skipped = append(skipped, Skipped{sub, &DuplicateError{ID: first, Other: sub.ID(), Organization: it.organization, Product: it.product}})
			continue
		case bound:
			taken[it] = sub.ID()
		}
		ids[sub.ID()] = true
		parents[sub.ID()] = sub.parent()
		next = append(next, sub)
	}
	return next, skipped
}

// parents are the parents of subscriptions, by id.
type parents map[ID]ID

func (s Set) parents() parents {
	all := parents{}
	for _, sub := range s.Sorted() {
		all[sub.ID()] = sub.parent()
	}
	return all
}

// cyclic reports whether a subscription would be its own parent, or that of one that it
// depends on.
func (p parents) cyclic(sub Subscription) bool {
	at := sub.parent()
	for range len(p) + 1 {
		if at == sub.ID() {
			return true
		}
		if at == "" {
			return false
		}
		at = p[at]
	}
	return false // another's cycle, which it only hangs on
}

func (s Subscription) parent() ID {
	if s.c == nil || s.c.details == nil {
		return ""
	}
	return s.c.details.Parent
}

// Dependents returns the live subscriptions that depend on the one of that id at t:
// those that name it as their parent, those that name one of these as theirs, and so
// on; nearest first, sorted among themselves. A cancelled one does not break the
// chain.
func (s Set) Dependents(id ID, t time.Time) Set {
	children := map[ID][]Subscription{}
	for _, sub := range s.Sorted() {
		if sub.c.details != nil && sub.c.details.Parent != "" {
			children[sub.c.details.Parent] = append(children[sub.c.details.Parent], sub)
		}
	}
	var found Set
	seen := map[ID]bool{id: true}
	for next := []ID{id}; len(next) > 0; {
		var deeper []ID
		for _, parent := range next {
			for _, sub := range children[parent] {
				if seen[sub.ID()] {
					continue
				}
				seen[sub.ID()] = true
				deeper = append(deeper, sub.ID())
				if sub.Live(t) {
					found = append(found, sub)
				}
			}
		}
		next = deeper
	}
	return found
}

// Cancel cancels the subscription of that id and returns the new value of every
// subscription that it changes, that one first. While dependents are live it is
// refused with [lifecycle.ErrHasDependents], unless the call cascades: then they are
// cancelled too, at the instant at which the first one ends, except those that will
// already be cancelled by then. Either all are cancelled or none; the error joins all
// refusals.
func (s Set) Cancel(call Call, id ID, when When) ([]Subscription, error) {
	return s.end(call, id, func(sub Subscription, c Call) (Subscription, error) { return sub.Cancel(c, when) })
}

// Close closes the subscription of that id, by an operator's decision. Otherwise it is
// like Cancel; dependents are cancelled, not closed.
func (s Set) Close(call Call, id ID) ([]Subscription, error) {
	return s.end(call, id, Subscription.Close)
}

func (s Set) end(call Call, id ID, verb Edit) ([]Subscription, error) {
	first, ok := s.Find(id)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	dependents := s.Dependents(id, call.At)
	call.Dependents = len(dependents)
	next, err := verb(first, call)
	if err != nil {
		return nil, err
	}
	all := []Subscription{next}
	when := Immediately()
	if at, ok := next.CancelAt(call.At); ok && at.After(call.At) {
		when = On(at)
	}
	var errs []error
	call.Dependents, call.Replace = 0, true
	for _, sub := range dependents {
		if at, ok := sub.CancelAt(call.At); ok && when.mode == onDate && !at.After(when.on) {
			continue
		}
		cancelled, err := sub.Cancel(call, when)
		if err != nil {
			errs = append(errs, fmt.Errorf("subscription: dependent %q: %w", sub.ID(), err))
			continue
		}
		all = append(all, cancelled)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return all, nil
}

// A SetCommand is a command of one of the subscriptions of a [Set], which ID names.
type SetCommand struct {
	ID ID
	Command
}

// History returns the commands of all subscriptions, newest first by their
// instants; at one instant by id, and of one subscription the highest number
// first. The first offset commands are skipped; at most limit are returned, all if
// limit is below 1.
func (s Set) History(offset, limit int) []SetCommand {
	type place struct {
		sub Subscription
		n   int
		at  time.Time
	}
	var all []place
	for _, sub := range s.Sorted() {
		for n := 1; n <= sub.Version(); n++ {
			at := sub.c.createdAt()
			if n > 1 {
				at = (*sub.c.commands.At(n - 2)).At
			}
			all = append(all, place{sub, n, at})
		}
	}
	slices.SortStableFunc(all, func(a, b place) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.sub.ID(), b.sub.ID()), b.n-a.n)
	})
	all = all[min(max(offset, 0), len(all)):]
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	page := make([]SetCommand, len(all))
	for i, p := range all {
		page[i] = SetCommand{ID: p.sub.ID(), Command: p.sub.Command(p.n)}
	}
	return page
}

// Newest returns the subscriptions, cancelled ones included, newest first by their
// creation, then by id, paged as in History.
func (s Set) Newest(offset, limit int) Set {
	all := s.Sorted()
	slices.SortStableFunc(all, func(a, b Subscription) int {
		return cmp.Or(b.CreatedAt().Compare(a.CreatedAt()), cmp.Compare(a.ID(), b.ID()))
	})
	all = all[min(max(offset, 0), len(all)):]
	if limit > 0 {
		all = all[:min(limit, len(all))]
	}
	return all
}
