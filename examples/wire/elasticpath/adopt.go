package elasticpath

import (
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// ErrContradiction says that a document contradicts itself or what is kept with it.
var ErrContradiction = errors.New("elasticpath: document contradicts itself")

// Adopt makes a subscription from a document as it was shown at an instant: at that
// instant it is what the document says. A document contains only part of the history:
// the actions are those with timestamps, an ending without a cancel becomes an end
// date, and a pause becomes the customer's own. If a plan has a length, a document does
// not say how much of it has passed: an ending that does not match the length from the
// start is ErrContradiction.
func (s Store) Adopt(d Document, kept Kept, at time.Time) (subscription.Subscription, error) {
	r, err := Read(d, kept, at)
	if err != nil {
		return subscription.Subscription{}, err
	}
	v, err := s.plan(d.Data.Attributes.PlanID, plan.Offering{}, false)
	if err != nil {
		return subscription.Subscription{}, err
	}
	sub, err := s.adopt(d, r, kept, v, time.Time{})
	if err != nil {
		return sub, err
	}
	if got, err := s.Encode(sub, at, wire.Lossy); err != nil || !got.Data.Meta.InvoiceAfter.Equal(r.InvoiceAfter) || sub.Status(at) != r.Status {
		if sub, err = s.adopt(d, r, kept, v, r.InvoiceAfter); err != nil {
			return sub, err
		}
	}
	is, err := sub.State(at)
	if err != nil {
		return sub, err
	}
	if is.Status() != r.Status || is.Closed() != r.Closed {
		return subscription.Subscription{}, fmt.Errorf("%w: %s as of the dates, %s by the words", ErrContradiction, is.Status(), r.Status)
	}
	return sub, nil
}

// adopt makes it, with an anchor for its terms if one is given.
func (s Store) adopt(d Document, r Reading, kept Kept, v *plan.Version, anchor time.Time) (subscription.Subscription, error) {
	a, m := d.Data.Attributes, d.Data.Meta
	var offered []plan.Ref
	for _, p := range s.Plans {
		offered = append(offered, p.Ref())
	}
	offering, err := a.Offering.snapshot(offered)
	if err != nil {
		return subscription.Subscription{}, err
	}
	metadata := map[string]string{metaOwner: m.Owner}
	if len(d.Data.Relationships) > 0 {
		metadata[metaRelationships] = string(d.Data.Relationships)
	}
	made := subscription.Call{At: m.Timestamps.CreatedAt.Time, Actor: lifecycle.Operator}
	if made.At.After(kept.GoLive) {
		made.At = kept.GoLive
	}
	tried := kept.TrialEnd.After(kept.GoLive)
	began := s.beganUnder(v, tried)
	_, hasTrial := began.Trial()
	sub, err := subscription.New(subscription.Params{
		ID: subscription.ID(d.Data.ID), Plan: began, Offering: &offering, At: made.At, Start: kept.GoLive, Zone: s.Zone, Anchor: anchor,
		TrialUsed: hasTrial && !tried,
		Details:   subscription.Details{ExternalRef: a.ExternalRef, Account: a.AccountID, Metadata: metadata},
	})
	if err != nil {
		return sub, err
	}
	if trial, ok := wire.TrialOf(sub, made.At); ok && !trial.End.Equal(kept.TrialEnd) {
		if sub, err = sub.ExtendTrial(made, kept.TrialEnd); err != nil {
			return sub, err
		}
	}
	if began != v {
		call := made
		call.At = kept.GoLive
		if sub, err = sub.ChangePlan(call, subscription.Immediately(), v); err != nil {
			return sub, err
		}
	}
	updated := made
	if t := m.Timestamps.UpdatedAt.Time; t.After(updated.At) {
		updated.At = t
	}
	if sub, err = brought(sub, r, m, made, updated); err != nil {
		return sub, fmt.Errorf("%w: %w", ErrContradiction, err)
	}
	if sub.UpdatedAt().Before(updated.At) {
		text := calendar.FormatInstant(updated.At)
		return sub.Update(updated, subscription.Patch{Metadata: map[string]*string{metaUpdatedAt: &text}})
	}
	return sub, nil
}

// beganUnder returns the plan under which the trial began: only a plan gives a trial,
// which continues under the next plan.
func (s Store) beganUnder(v *plan.Version, tried bool) *plan.Version {
	if _, ok := v.Trial(); ok || !tried {
		return v
	}
	for _, p := range s.Plans {
		if _, ok := p.Trial(); ok && p.Currency() == v.Currency() {
			return p
		}
	}
	return v
}

// brought brings it into the state that the document describes.
func brought(sub subscription.Subscription, r Reading, m Meta, made, updated subscription.Call) (subscription.Subscription, error) {
	var err error
	asked := func(i *Instant) subscription.Call {
		call := updated
		if t := timeOf(i); !t.IsZero() && !t.Before(sub.UpdatedAt()) {
			call.At = t
		}
		return call
	}
	if r.Status == lifecycle.Paused || r.PauseWaits {
		when := subscription.On(r.InvoiceAfter) // the run at which it takes effect
		if r.Status == lifecycle.Paused {
			when = subscription.Immediately()
		}
		if sub, err = sub.Pause(asked(m.Timestamps.PausedAt), when, subscription.Pause{}); err != nil {
			return sub, err
		}
	}
	if r.Held {
		if sub, err = sub.Hold(asked(nil)); err != nil {
			return sub, err
		}
	}
	foreseen, ok := sub.EndsAt(updated.At)
	switch {
	case r.Ends.IsZero():
		return sub, nil
	case ok && !r.Canceled && foreseen.At.Equal(r.Ends):
		return sub, nil // the plan's own length
	case r.Canceled:
		return cancelled(sub, r, asked(m.Timestamps.CanceledAt), updated)
	case r.Closed && !updated.At.Before(r.Ends):
		call := made
		if r.Ends.After(call.At) {
			call.At = r.Ends
		}
		return sub.Close(call)
	}
	return sub.SetEndDate(asked(nil), r.Ends)
}

// cancelled cancels it as requested, and then closes it if it has ended for good.
func cancelled(sub subscription.Subscription, r Reading, asked, updated subscription.Call) (subscription.Subscription, error) {
	when := subscription.Immediately()
	if asked.At.Before(r.Ends) {
		when = subscription.On(r.Ends)
	}
	sub, err := sub.Cancel(asked, when)
	if err != nil || !r.Closed {
		return sub, err
	}
	if updated.At.Before(r.Ends) {
		updated.At = r.Ends
	}
	return sub.Close(updated)
}
