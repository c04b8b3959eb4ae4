package probely

import (
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Origin is what a document does not say and whoever adopts it must know.
type Origin struct {
	// ID names the subscription. Required.
	ID subscription.ID
	// Start is when service began, or will. Required.
	Start time.Time
	// Anchor is boundary 0 of the grid of periods. Zero: the next billing, or if that
	// is not known the end of the trial or the start.
	Anchor time.Time
	// EndsAt is when a subscription that does not renew ends; zero: with its period.
	EndsAt time.Time
	// Zone is where its calendar runs; zero: UTC.
	Zone calendar.Zone
}

// Adopt makes a subscription in the state of the account, and the facts to keep with
// it: everything until then counts as billed. It is how an account moves from the API
// to the engine.
//
// The document does not say why a subscription will end; here it ends by a
// cancellation, which can be undone. A plan without a trial, of an account in a trial
// or before one, becomes a plan with that trial. The error is ErrNoSubscription for an
// account without a subscription, and ErrOrigin if the origin contradicts the document.
func (a Account) Adopt(o Origin) (subscription.Subscription, Facts, error) {
	none := subscription.Subscription{}
	if a.Status == "" {
		return none, Facts{}, ErrNoSubscription
	}
	if ahead := o.Start.After(a.At); ahead != (a.Status == lifecycle.Future) && a.Status != lifecycle.Cancelled {
		return none, Facts{}, fmt.Errorf("%w: start %s does not go with status %q", ErrOrigin, calendar.FormatInstant(o.Start), a.Status)
	}
	definition := a.Plan.Clone()
	switch {
	case a.TrialEnd.After(o.Start):
		definition.Trial = &plan.Trial{Until: a.TrialEnd}
	case a.IsTrial:
		definition.Trial = &plan.Trial{Until: o.Start} // one that this subscription has no part in
	}
	version, err := plan.Compile(definition)
	if err != nil {
		return none, Facts{}, err
	}
	anchor := o.Anchor
	if anchor.IsZero() && (a.Status == lifecycle.Active || a.Status == lifecycle.NonRenewing) {
		anchor = a.NextBillingAt
	}
	quantity := decimal.NewFromInt(a.Facts.Seats.Paid)
	// If nothing recurs there is no end of a period: renewal is off.
	unrenewed := a.Status == lifecycle.NonRenewing && a.Plan.Every.IsZero()
	var endDate time.Time
	if unrenewed {
		endDate = o.EndsAt
	}
	sub, err := subscription.New(subscription.Params{
		ID: o.ID, Plan: version, At: earlier(o.Start, a.At), Start: o.Start, Zone: o.Zone, Anchor: anchor, Quantity: &quantity,
		TrialUsed: a.HasUsedTrial && !a.TrialEnd.After(o.Start), NoRenewal: unrenewed, EndDate: endDate,
		Details: subscription.Details{Channel: a.Channel, Metadata: map[string]string{
			autoCollection: strconv.FormatBool(a.AutoCollection),
		}},
	})
	if err != nil {
		return none, Facts{}, err
	}
	if when := a.ends(o); !when.IsZero() && !unrenewed {
		sub, err = sub.Cancel(subscription.Call{At: a.At, Actor: lifecycle.Operator}, when)
		if err != nil {
			return none, Facts{}, err
		}
	}
	if is := sub.Status(a.At); is != a.Status {
		return none, Facts{}, fmt.Errorf("%w: status is %q, not %q", ErrOrigin, is, a.Status)
	}
	facts := a.Facts
	facts.Checkpoint = billing.Checkpoint{ChargedThrough: a.At, LastCommand: sub.Version()}
	return sub, facts, nil
}

// ends returns when the cancellation takes effect; zero if there is none.
func (a Account) ends(o Origin) subscription.When {
	switch a.Status {
	case lifecycle.Cancelled:
		return subscription.Immediately()
	case lifecycle.Future, lifecycle.InTrial, lifecycle.NonRenewing:
		switch {
		case o.EndsAt.After(a.At):
			return subscription.On(o.EndsAt)
		case a.Status == lifecycle.NonRenewing, a.Status == lifecycle.InTrial && a.billable() && a.NextBillingAt.IsZero():
			return subscription.AtPeriodEnd()
		}
	case lifecycle.Active, lifecycle.Paused:
	}
	return subscription.When{}
}

// billable reports whether another period would be billed.
func (a Account) billable() bool { return !a.Plan.Every.IsZero() && a.PlanAmount.Sign() > 0 }

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
