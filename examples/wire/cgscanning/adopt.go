package cgscanning

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Adopt makes a subscription of the organization from attributes as they were shown at
// an instant, on the shop's plan of the product and interval: at that instant it is
// what the attributes say. They do not contain its history: a pause becomes a hold,
// possibly in another term, and an ending becomes one on a date. What the plan cannot
// hold is stored as metadata and shown again.
func (s Shop) Adopt(a Attributes, organization string, at time.Time) (subscription.Subscription, error) {
	r, err := s.Read(a, at)
	if err != nil {
		return subscription.Subscription{}, err
	}
	v, ok := s.plan(a.Product.Code, r.Interval)
	if !ok {
		return subscription.Subscription{}, fmt.Errorf("%w: %s of %q", ErrUnknownPlan, r.Interval, a.Product.Code)
	}
	ad := &adoption{shop: s, a: a, is: r, at: at, version: v, organization: organization}
	sub, err := ad.make(time.Time{})
	if err != nil {
		return subscription.Subscription{}, err
	}
	// If the grid does not start at the start, the end of the term is one of its
	// boundaries.
	if got, err := s.reading(sub, at); err != nil || !got.TermEnd.Equal(r.TermEnd) || got.Status != r.Status {
		anchor := r.TermEnd
		if anchor.IsZero() {
			anchor = r.Ends
		}
		if anchor.IsZero() {
			anchor = at // the term in which the pause began is over
		}
		if sub, err = ad.make(anchor); err != nil {
			return subscription.Subscription{}, err
		}
	}
	got, err := s.reading(sub, at)
	if err != nil {
		return subscription.Subscription{}, err
	}
	if got.Status != r.Status || got.Closed != r.Closed {
		return subscription.Subscription{}, fmt.Errorf("%w: %s as of the dates, %s by the words", ErrContradiction, got.Status, r.Status)
	}
	return sub, nil
}

// adoption makes one subscription.
type adoption struct {
	shop         Shop
	a            Attributes
	is           Reading
	at           time.Time
	version      *plan.Version
	organization string
}

// make makes it, with an anchor for its grid if one is given.
func (ad *adoption) make(anchor time.Time) (subscription.Subscription, error) {
	p, err := ad.params(anchor)
	if err != nil {
		return subscription.Subscription{}, err
	}
	sub, err := subscription.New(p)
	if err != nil {
		return sub, err
	}
	made := subscription.Call{At: p.At, Actor: lifecycle.Operator}
	if sub, err = ad.trial(sub, made); err != nil {
		return sub, err
	}
	if sub, err = ad.features(sub, made); err != nil {
		return sub, err
	}
	updated := made
	if t := ad.a.UpdatedAt.Time; t.After(updated.At) {
		updated.At = t
	}
	if sub, err = ad.state(sub, made, updated); err != nil {
		return sub, err
	}
	if sub.UpdatedAt().Before(updated.At) {
		text := calendar.FormatInstant(updated.At)
		return sub.Update(updated, subscription.Patch{Metadata: map[string]*string{metaUpdatedAt: &text}})
	}
	return sub, nil
}

func (ad *adoption) params(anchor time.Time) (subscription.Params, error) {
	a, meta := ad.a, make(map[string]string)
	p := subscription.Params{
		ID: subscription.ID(a.ID), Plan: ad.version, At: a.CreatedAt.Time, Start: a.StartDate.Time, Zone: ad.shop.Zone, Anchor: anchor,
		Details: subscription.Details{Organization: ad.organization, Metadata: meta},
	}
	if p.At.After(p.Start) {
		p.At, meta[metaCreatedAt] = p.Start, calendar.FormatInstant(p.At)
	}
	if a.CancellationReason != nil {
		p.Details.CancelReason = *a.CancellationReason
	}
	if zeroLength(p.Start, endOr(a.EndDate)) && ad.is.Ends.IsZero() {
		meta[metaEndDate] = calendar.FormatInstant(a.EndDate.Time)
	}
	switch ad.is.Status {
	case lifecycle.Future, lifecycle.InTrial:
		p.NoRenewal = !a.AutoRenewal
	case lifecycle.Active, lifecycle.NonRenewing, lifecycle.Paused, lifecycle.Cancelled:
		p.NoRenewal = !a.AutoRenewal && ad.is.Interval == None
	}
	_, hasTrial := ad.version.Trial()
	p.TrialUsed = hasTrial && !ad.tried() && !ad.lapsed()
	if !ad.tried() && (a.TrialEnabled || a.TrialDurationDays != 0) || ad.tried() && !hasTrial {
		meta[metaTrialDays], meta[metaTrialEnabled] = strconv.Itoa(a.TrialDurationDays), strconv.FormatBool(a.TrialEnabled)
	}
	if ad.tried() && !hasTrial && !ad.is.TrialEnd.IsZero() {
		return p, fmt.Errorf("%w: the plan %s has none", ErrTrialFixed, ad.version)
	}
	if items := slices.Collect(ad.version.Phase(0).Charges()); len(items) > 0 {
		fee, ok := flat(items[0].Price().Price())
		if !ok || len(items) > 1 {
			return p, ErrPriceFixed
		}
		if !fee.Amount.Equal(a.Price.Decimal) {
			p.Prices = map[string]plan.Price{items[0].ID(): plan.FlatFee{Amount: a.Price.Decimal}}
		}
	}
	return p, nil
}

func endOr(i *Instant) time.Time {
	if i == nil {
		return time.Time{}
	}
	return i.Time
}

// tried reports whether there is or was a trial.
func (ad *adoption) tried() bool { return ad.a.TrialEnabled && ad.a.TrialDurationDays > 0 }

// lapsed reports whether it stopped before its first term and will not renew, which is
// only possible if its trial ended while it was on hold.
func (ad *adoption) lapsed() bool {
	return ad.is.Status == lifecycle.Paused && !ad.a.AutoRenewal && ad.is.Interval != None && ad.is.TermEnd.IsZero() && ad.is.Ends.IsZero()
}

// trial sets the length of the plan's trial to the agreed one.
func (ad *adoption) trial(sub subscription.Subscription, made subscription.Call) (subscription.Subscription, error) {
	trial, ok := wire.TrialOf(sub, made.At)
	if !ok || !ad.tried() {
		return sub, nil
	}
	end, err := ad.shop.trialEnd(ad.is.Start, ad.a.TrialDurationDays)
	if err != nil || end.Equal(trial.End) {
		return sub, err
	}
	return sub.ExtendTrial(made, end)
}

// features assigns what differs from the plan, and turns off what the plan grants and
// the attributes lack.
func (ad *adoption) features(sub subscription.Subscription, made subscription.Call) (subscription.Subscription, error) {
	if ad.a.Features == nil {
		return sub, nil
	}
	given, err := ad.a.Features.overrides()
	if err != nil {
		return sub, err
	}
	if granted, err := encodeFeatures(sub, made.At, wire.NewLosses("")); err != nil {
		return sub, err
	} else if granted != nil {
		shown, err := granted.overrides()
		if err != nil {
			return sub, err
		}
		given = differing(given, shown)
	}
	if len(given) == 0 {
		return sub, nil
	}
	return sub.AssignFeatures(made, given, feature.Assignment{Open: true})
}

// state brings it into the state that the attributes describe.
func (ad *adoption) state(sub subscription.Subscription, made, updated subscription.Call) (subscription.Subscription, error) {
	end, err := ad.is.Ends, error(nil)
	if ad.is.Status == lifecycle.Cancelled {
		return ad.ended(sub, made, updated)
	}
	if ahead := ad.is.Status == lifecycle.Future || ad.is.Status == lifecycle.InTrial; !end.IsZero() {
		if foreseen, ok := sub.EndsAt(ad.at); !ok || !foreseen.At.Equal(end) || !ahead {
			// An end date cannot be before the start; a cancellation can.
			if end.Before(ad.is.Start) {
				return sub.Cancel(updated, subscription.On(end))
			}
			if sub, err = sub.SetEndDate(updated, end); err != nil {
				return sub, err
			}
		}
	}
	if ad.is.Status == lifecycle.Paused || ad.is.Held {
		return ad.hold(sub, made, updated)
	}
	return sub, nil
}

// hold puts it on hold: at its last update, or at its start if no term is running any
// more, so that the pause has outlasted its term.
func (ad *adoption) hold(sub subscription.Subscription, made, updated subscription.Call) (subscription.Subscription, error) {
	call, err := updated, error(nil)
	if ad.is.Status == lifecycle.Paused && ad.is.TermEnd.IsZero() && ad.is.Ends.IsZero() {
		call.At = made.At
	}
	if call.At.Before(ad.is.Start) {
		call.At = ad.is.Start
	}
	if sub, err = sub.Hold(call); err != nil || ad.a.AutoRenewal || !ad.is.Ends.IsZero() {
		return sub, err
	}
	if ad.lapsed() && !ad.tried() && sub.Status(call.At) == lifecycle.InTrial {
		if sub, err = sub.EndTrial(call); err != nil {
			return sub, err
		}
	}
	return sub.SetAutoRenewal(updated, false)
}

// ended ends it, for good if it is closed: at the instant of its last update, or by an
// ending that was scheduled then.
func (ad *adoption) ended(sub subscription.Subscription, made, updated subscription.Call) (subscription.Subscription, error) {
	end, err := ad.is.Ends, error(nil)
	if end.IsZero() {
		end = updated.At
	}
	if end.Before(made.At) {
		end = made.At
	}
	if updated.At.Before(end) {
		if ad.is.Closed {
			return sub.SetEndDate(updated, end)
		}
		return sub.Cancel(updated, subscription.On(end))
	}
	call := updated
	call.At = end
	if !ad.a.AutoRenewal && ad.is.Interval != None {
		if sub, err = sub.SetAutoRenewal(call, false); err != nil {
			return sub, err
		}
	}
	if ad.is.Closed {
		return sub.Close(call)
	}
	return sub.Cancel(call, subscription.Immediately())
}
