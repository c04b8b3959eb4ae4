package cgscanning

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// Order describes a new subscription to a plan.
type Order struct {
	ID           string
	Organization string
	Product      string
	Interval     Interval
	// Start is when service begins. Zero: immediately.
	Start time.Time
	// End is the date on which it ends, whatever its terms. Zero: none.
	End time.Time
	// AutoRenewal says that another term follows the running one.
	AutoRenewal bool
	// NoTrial omits the plan's trial.
	NoTrial bool
	// Parent is the subscription that this one depends on; empty: none.
	Parent string
	// Features override those of the plan, if it allows that.
	Features Features
}

// Subscribe adds subscriptions to a set: the first of an organization and a product
// wins, and the others are reported. The error joins the invalid orders.
func (s Shop) Subscribe(set subscription.Set, at time.Time, facts feature.Assignment, orders ...Order) (subscription.Set, []subscription.Skipped, error) {
	var made []subscription.Subscription
	var errs []error
	for i, o := range orders {
		sub, err := s.order(o, at, facts)
		if err != nil {
			errs = append(errs, &MemberError{Path: "orders[" + itoa(i) + "]", Err: err})
			continue
		}
		made = append(made, sub)
	}
	if err := errors.Join(errs...); err != nil {
		return set, nil, err
	}
	next, skipped := set.Add(at, made...)
	return next, skipped, nil
}

func (s Shop) order(o Order, at time.Time, facts feature.Assignment) (subscription.Subscription, error) {
	v, ok := s.plan(o.Product, o.Interval)
	if !ok {
		return subscription.Subscription{}, fmt.Errorf("%w: %s of %q", ErrUnknownPlan, o.Interval, o.Product)
	}
	start := o.Start
	if start.IsZero() {
		start = at
	}
	sub, err := subscription.New(subscription.Params{
		ID: subscription.ID(o.ID), Plan: v, At: at, Start: start, Zone: s.Zone, NoRenewal: !o.AutoRenewal, EndDate: o.End, TrialUsed: o.NoTrial,
		Details: subscription.Details{Organization: o.Organization, Parent: subscription.ID(o.Parent)},
	})
	if err != nil {
		return sub, err
	}
	given, err := o.Features.overrides()
	if err != nil || len(given) == 0 {
		return sub, err
	}
	return sub.AssignFeatures(subscription.Call{At: at, Actor: lifecycle.Operator}, given, facts)
}

// Unsubscribe cancels an organization's subscription to a product immediately, and
// keeps its record. Dependents are cancelled with it if the call cascades.
func (s Shop) Unsubscribe(set subscription.Set, call subscription.Call, organization, product string) (subscription.Set, error) {
	for _, sub := range set.Of(organization).Live(call.At) {
		if v := sub.Plan(call.At); v != nil && v.Product() == product {
			next, err := set.Cancel(call, sub.ID(), subscription.Immediately())
			if err != nil {
				return set, err
			}
			return set.With(next...), nil
		}
	}
	return set, ErrNotSubscribed
}

// AssignFeatures overrides features of the plan, member by member.
func (s Shop) AssignFeatures(sub subscription.Subscription, call subscription.Call, organization string, f Features, facts feature.Assignment) (subscription.Subscription, error) {
	if sub.Details().Organization != organization {
		return sub, ErrNotFound
	}
	given, err := f.overrides()
	if err != nil {
		return sub, err
	}
	return sub.AssignFeatures(call, given, facts)
}

// RevokeFeatures removes overrides of features; names may be separated by commas.
func (s Shop) RevokeFeatures(sub subscription.Subscription, call subscription.Call, organization string, facts feature.Assignment, names ...string) (subscription.Subscription, error) {
	if sub.Details().Organization != organization {
		return sub, ErrNotFound
	}
	var keys []feature.Key
	for _, name := range names {
		for one := range strings.SplitSeq(name, ",") {
			keys = append(keys, feature.Key(strings.TrimSpace(one)))
		}
	}
	facts.Required = append(slices.Clone(facts.Required), NumberOfIPs)
	return sub.RevokeFeatures(call, keys, facts)
}

// All lists an organization's subscriptions, whatever their status.
func (s Shop) All(set subscription.Set, organization string, at time.Time, details ...string) (List, error) {
	return s.list(set.Of(organization), at, details)
}

// ActiveOnes lists those that entitle: in trial, active or in their last term, and not
// on hold.
func (s Shop) ActiveOnes(set subscription.Set, organization string, at time.Time, details ...string) (List, error) {
	return s.list(set.Of(organization).Active(at), at, details)
}

// Show returns one subscription of an organization.
func (s Shop) Show(set subscription.Set, organization, id string, at time.Time, details ...string) (Item, error) {
	sub, ok := set.Find(subscription.ID(id))
	if !ok || sub.Details().Organization != organization {
		return Item{}, ErrNotFound
	}
	list, err := s.list(subscription.Set{sub}, at, details)
	if err != nil {
		return Item{}, err
	}
	return list.Data[0], nil
}

// Dependents lists the live subscriptions that depend on one.
func (s Shop) Dependents(set subscription.Set, id string, at time.Time, details ...string) (List, error) {
	return s.list(set.Dependents(subscription.ID(id), at), at, details)
}

// Query asks for a page of the history.
type Query struct {
	// Page counts from 1; 0 is 1.
	Page int
	// PerPage is the length of a page; 0 is 25.
	PerPage int
	// Q is text that the code or name of the product contains, ignoring case. Empty:
	// all.
	Q string
}

// History lists every subscription ever, newest first.
func (s Shop) History(set subscription.Set, at time.Time, q Query) (List, error) {
	var matching subscription.Set
	for _, sub := range set.Newest(0, 0) {
		v := sub.Plan(at)
		if v == nil {
			continue
		}
		name := v.Product() + " " + s.Products[v.Product()].Name
		if strings.Contains(strings.ToLower(name), strings.ToLower(q.Q)) {
			matching = append(matching, sub)
		}
	}
	page, per := max(1, q.Page), q.PerPage
	if per <= 0 {
		per = 25
	}
	from := len(matching)
	if page-1 <= from/per {
		from = (page - 1) * per
	}
	return s.list(matching[min(from, len(matching)):min(from+per, len(matching))], at, nil)
}

// Events lists what was done to a subscription, newest first: the other history.
func Events(sub subscription.Subscription) []subscription.Command { return sub.History(0, 0) }

// list shows subscriptions with the details asked for; it omits those that were made
// after the instant.
func (s Shop) list(set subscription.Set, at time.Time, details []string) (List, error) {
	list := List{Data: []Item{}}
	for _, sub := range set {
		if sub.CreatedAt().After(at) {
			continue
		}
		a, err := s.Encode(sub, at, wire.Lossy)
		if err != nil {
			return List{}, err
		}
		if !slices.Contains(details, "features") {
			a.Features = nil
		}
		if !slices.Contains(details, "billing_interval") {
			a.Interval = ""
		}
		list.Data = append(list.Data, Item{ID: a.ID, Type: "subscription", Attributes: a})
	}
	return list, nil
}
