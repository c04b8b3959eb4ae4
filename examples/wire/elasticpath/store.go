package elasticpath

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Store is what the service sells and where it is. The zero Store sells nothing.
type Store struct {
	// Plans are the plans, whose ids are the API's plan ids. Of several versions of a
	// plan the one in a subscription's offering is used, else the last.
	Plans []*plan.Version
	// Zone is the zone of the calendar; zero is UTC.
	Zone calendar.Zone
}

// plan returns the version of a plan that an offering sells.
func (s Store) plan(id string, offering plan.Offering, sold bool) (*plan.Version, error) {
	var last *plan.Version
	for _, v := range s.Plans {
		if v.ID() != id {
			continue
		}
		if sold && offering.Offers(v.Ref()) {
			return v, nil
		}
		last = v
	}
	if last == nil {
		return nil, &plan.MissingError{ID: id}
	}
	return last, nil
}

// What the engine has no field for is stored as metadata under these names.
const (
	metaOwner         = "elasticpath.owner"
	metaRelationships = "elasticpath.relationships"
	metaProductRefs   = "elasticpath.external_product_refs"
	metaUpdatedAt     = "elasticpath.updated_at"
)

// offeringOf writes the snapshot.
func offeringOf(o plan.Offering) (Offering, error) {
	refs := []string{}
	if text, ok := o.Metadata[metaProductRefs]; ok {
		if err := json.Unmarshal([]byte(text), &refs); err != nil {
			return Offering{}, fmt.Errorf("elasticpath: offering: product references: %w", err)
		}
	}
	out := Offering{
		ID: o.ID, Type: TypeOffering,
		Attributes: OfferingAttributes{
			ExternalRef: o.ExternalRef, Name: o.Name, Description: o.Description,
			UpdatedAt: Instant{o.UpdatedAt}, CreatedAt: Instant{o.CreatedAt},
		},
		Meta: OfferingMeta{
			ExternalProductRefs: refs, Owner: ownerOf(o.Metadata),
			Timestamps: Timestamps{UpdatedAt: Instant{o.UpdatedAt}, CreatedAt: Instant{o.CreatedAt}},
		},
	}
	if raw, ok := o.Metadata[metaRelationships]; ok {
		out.Relationships = json.RawMessage(raw)
	}
	return out, nil
}

func ownerOf(metadata map[string]string) string {
	if owner, ok := metadata[metaOwner]; ok {
		return owner
	}
	return OwnerStore
}

// snapshot reads the snapshot back. Of the two record times the ones in meta are used.
func (o Offering) snapshot(plans []plan.Ref) (plan.Offering, error) {
	refs, err := json.Marshal(o.Meta.ExternalProductRefs)
	if err != nil {
		return plan.Offering{}, err
	}
	out := plan.Offering{
		ID: o.ID, ExternalRef: o.Attributes.ExternalRef, Name: o.Attributes.Name, Description: o.Attributes.Description, Plans: plans,
		CreatedAt: o.Meta.Timestamps.CreatedAt.Time, UpdatedAt: o.Meta.Timestamps.UpdatedAt.Time,
		Metadata: map[string]string{metaOwner: o.Meta.Owner, metaProductRefs: string(refs)},
	}
	if len(o.Relationships) > 0 {
		out.Metadata[metaRelationships] = string(o.Relationships)
	}
	return out, nil
}

// Kept is what the service keeps with a document, because the page has no field for it.
type Kept struct {
	// GoLive is when service begins or began.
	GoLive time.Time
	// TrialEnd is the end of the trial, past or future; zero if there is none.
	TrialEnd time.Time
}

// Keep returns what is to be kept of a subscription at an instant.
func Keep(sub subscription.Subscription, at time.Time) (Kept, error) {
	snap, err := sub.At(at)
	if err != nil {
		return Kept{}, err
	}
	start, err := wire.StartOf(sub, snap)
	if err != nil {
		return Kept{}, err
	}
	kept := Kept{GoLive: start}
	if trial, ok := wire.TrialOf(sub, at); ok {
		kept.TrialEnd = trial.End
	}
	return kept, nil
}

// Update changes the plan, immediately or later; there is no default. A body without a
// plan changes nothing, and neither does the plan in force, sent back as it was shown.
// While a change of the plan is scheduled, which a document does not show, the plan in
// force undoes it, since a body contains nothing else. The second result is everything
// that is scheduled afterwards.
func (s Store) Update(sub subscription.Subscription, call subscription.Call, when subscription.When, c Change) (subscription.Subscription, []subscription.Waiting, error) {
	if sub.IsZero() || string(sub.ID()) != c.Data.ID {
		return sub, nil, subscription.ErrNotFound
	}
	next, err := s.change(sub, call, when, c.Data.Attributes.PlanID)
	if err != nil {
		return sub, nil, err
	}
	return next, next.Scheduled(call.At), nil
}

// change performs an update.
func (s Store) change(sub subscription.Subscription, call subscription.Call, when subscription.When, id string) (subscription.Subscription, error) {
	if id == "" {
		return sub, nil
	}
	if in := sub.Plan(call.At); in != nil && id == in.ID() {
		if !slices.ContainsFunc(sub.Scheduled(call.At), wire.OfPlan) {
			return sub, nil // a retry with a key is no other edit
		}
		return sub.Edit(call, wire.UndoChanges(wire.OfPlan))
	}
	offering, sold := sub.Offering()
	to, err := s.plan(id, offering, sold)
	if err != nil {
		return sub, err
	}
	return sub.ChangePlan(call, when, to)
}

// Act performs an action. A cancel and a pause take effect at the end of the term, or
// immediately if service has not begun; resume undoes what the flags say, and
// reactivates a cancelled subscription.
func Act(sub subscription.Subscription, call subscription.Call, a Action) (subscription.Subscription, error) {
	switch a {
	case Cancel:
		return sub.Cancel(call, subscription.AtPeriodEnd())
	case Pause:
		return sub.Pause(call, subscription.AtPeriodEnd(), subscription.Pause{})
	case Resume:
		return resume(sub, call)
	}
	return sub, fmt.Errorf("elasticpath: action %q: %w", string(a), errAction)
}

// resume clears the flags that are set.
func resume(sub subscription.Subscription, call subscription.Call) (subscription.Subscription, error) {
	is, err := sub.State(call.At)
	if err != nil {
		return sub, err
	}
	var edits []subscription.Edit
	add := func(verb func(subscription.Subscription, subscription.Call) (subscription.Subscription, error)) {
		edits = append(edits, verb)
	}
	if is.Status() != lifecycle.Cancelled && is.Scheduled().Has(lifecycle.ScheduledCancel) {
		add(subscription.Subscription.UndoCancel)
	}
	if is.Status() != lifecycle.Paused && is.Scheduled().Has(lifecycle.ScheduledPause) {
		add(subscription.Subscription.UndoPause)
	}
	switch {
	case is.Status() == lifecycle.Cancelled:
		add(func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Reactivate(c, subscription.Reactivation{})
		})
	case is.Status() == lifecycle.Paused || len(edits) == 0:
		add(func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Resume(c, subscription.Immediately())
		})
	}
	return sub.Edit(call, edits...)
}
