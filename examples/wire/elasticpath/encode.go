package elasticpath

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Encode writes a subscription at an instant, which must not be before it was made.
func (s Store) Encode(sub subscription.Subscription, at time.Time, mode wire.Mode) (Document, error) {
	losses := wire.NewLosses("elasticpath")
	snap, err := sub.At(at)
	if err != nil {
		return Document{}, err
	}
	v := sub.Plan(at)
	if v == nil {
		return Document{}, subscription.ErrNotFound
	}
	d := Document{Data: Subscription{ID: string(sub.ID()), Type: TypeSubscription}}
	if err := writeAttributes(&d.Data, sub, v, losses); err != nil {
		return Document{}, err
	}
	if d.Data.Meta, err = writeMeta(sub, snap, losses); err != nil {
		return Document{}, err
	}
	kept, err := Keep(sub, at)
	if err != nil {
		return Document{}, err
	}
	compare(d, kept, at, readingOf(snap, d.Data.Meta.InvoiceAfter.Time), losses)
	if err := losses.Err(mode); err != nil {
		return Document{}, err
	}
	return d, nil
}

// writeAttributes writes what was sold to whom.
func writeAttributes(d *Subscription, sub subscription.Subscription, v *plan.Version, losses *wire.Losses) error {
	details := sub.Details()
	offering, sold := sub.Offering()
	if !sold {
		losses.Add("data.attributes.offering", "that no offering was sold")
	}
	snapshot, err := offeringOf(offering)
	if err != nil {
		return err
	}
	d.Attributes = Attributes{
		ExternalRef: details.ExternalRef, AccountID: details.Account, Offering: snapshot, PlanID: v.ID(), Currency: v.Currency().String(),
	}
	for _, id := range [][2]string{{"data.id", d.ID}, {"data.attributes.account_id", details.Account}, {"data.attributes.plan_id", v.ID()}} {
		if _, err := uuid.Parse(id[1]); err != nil {
			losses.Add(id[0], "an id that is no UUID")
		}
	}
	if raw, ok := details.Metadata[metaRelationships]; ok {
		d.Relationships = json.RawMessage(raw)
	}
	return nil
}

// writeMeta writes its state.
func writeMeta(sub subscription.Subscription, snap subscription.Snapshot, losses *wire.Losses) (Meta, error) {
	is := snap.State
	m := Meta{
		Owner: ownerOf(sub.Details().Metadata), Status: Inactive, Closed: is.Closed(),
		Canceled: !snap.CanceledAt.IsZero(),
		Paused:   is.Status() == lifecycle.Paused || is.Scheduled().Has(lifecycle.ScheduledPause),
		Timestamps: Times{
			UpdatedAt: Instant{sub.UpdatedAt()}, CreatedAt: Instant{sub.CreatedAt()}, EndDate: instant(wire.EndOf(snap)),
		},
	}
	if snap.Entitled {
		m.Status = Active
	}
	after, err := invoiceAfter(sub, snap)
	if err != nil {
		return Meta{}, err
	}
	if after.IsZero() {
		losses.Add("data.meta.invoice_after", "that nothing is invoiced by itself")
		if after, err = wire.StartOf(sub, snap); err != nil {
			return Meta{}, err
		}
	}
	m.InvoiceAfter = Instant{after}
	m.State = stateOf(sub, snap.At, &m.Timestamps)
	return m, nil
}

// namespace is the one of the ids of states, which are derived: the engine makes no
// random ids.
var namespace = uuid.MustParse("0b7f4b9e-2f0c-5a7e-8f43-6c1f5f0f7a11")

// actionOf returns the API's word for a command.
func actionOf(a lifecycle.Action) (Action, bool) {
	switch a {
	case lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate:
		return Cancel, true
	case lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate:
		return Pause, true
	case lifecycle.ResumeNow, lifecycle.ResumeOnDate, lifecycle.Reactivate, lifecycle.RemoveScheduledCancel, lifecycle.RemoveScheduledPause:
		return Resume, true
	case lifecycle.Start, lifecycle.EndTrial, lifecycle.ExtendTrial, lifecycle.RemoveScheduledResume,
		lifecycle.ChangePlanNow, lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangePlanOnDate,
		lifecycle.ChangeQuantityNow, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangeQuantityOnDate,
		lifecycle.ChangePriceNow, lifecycle.ChangePriceAtPeriodEnd, lifecycle.ChangePriceOnDate,
		lifecycle.AttachNow, lifecycle.AttachAtPeriodEnd, lifecycle.AttachOnDate,
		lifecycle.DetachNow, lifecycle.DetachAtPeriodEnd, lifecycle.DetachOnDate, lifecycle.RemoveScheduledChange,
		lifecycle.SetAnchor, lifecycle.SetNextBilling, lifecycle.AutoRenewalOff, lifecycle.AutoRenewalOn, lifecycle.SetEndDate,
		lifecycle.AssignFeatures, lifecycle.RevokeFeatures, lifecycle.AddDiscount, lifecycle.AddOneOff, lifecycle.AddCreditPack,
		lifecycle.AddAccountCredit, lifecycle.Update, lifecycle.Hold, lifecycle.Release, lifecycle.Suspend, lifecycle.Restore, lifecycle.Close:
	}
	return "", false
}

// stateOf returns the latest action requested by an instant. It records when each
// action was last requested; a later action does not clear the times of the others.
func stateOf(sub subscription.Subscription, at time.Time, times *Times) *State {
	var state *State
	for _, c := range sub.History(0, 0) {
		action, ok := actionOf(c.Action)
		if !ok || c.At.After(at) {
			continue
		}
		if state == nil || c.At.After(state.Meta.CreatedAt.Time) { // a correction may lie before others
			id := uuid.NewSHA1(namespace, []byte(string(sub.ID())+"/"+strconv.Itoa(c.Number)))
			state = &State{ID: id.String(), Type: TypeState, Attributes: StateAttributes{Action: action}, Meta: StateMeta{CreatedAt: Instant{c.At}}}
		}
		var asked **Instant
		switch action {
		case Cancel:
			asked = &times.CanceledAt
		case Pause:
			asked = &times.PausedAt
		case Resume:
			asked = &times.ResumedAt
		}
		if *asked == nil || c.At.After((*asked).Time) {
			*asked = &Instant{c.At}
		}
	}
	return state
}

// invoiceAfter returns the next boundary of the terms, and the first one before they
// begin. In a pause and after the end it returns the end of the last term that was
// billed: runs skip an inactive subscription, and invoice a resumed one. If no term was
// billed it is when the subscription ended or was paused; if nothing recurs it is zero.
func invoiceAfter(sub subscription.Subscription, snap subscription.Snapshot) (time.Time, error) {
	i := sub.SegmentAt(snap.At)
	switch snap.State.Status() {
	case lifecycle.Future, lifecycle.InTrial:
		for ; i >= 0 && i < sub.Segments(); i++ {
			if seg := sub.Segment(i); seg.Billable() {
				return seg.From(), nil
			}
		}
		if end := wire.EndOf(snap); !end.IsZero() {
			return end, nil
		}
		return snap.TrialEnd, nil
	case lifecycle.Active, lifecycle.NonRenewing:
		return snap.Period.End, nil
	case lifecycle.Paused, lifecycle.Cancelled:
		if !snap.Period.IsZero() {
			return snap.Period.End, nil
		}
		if end := wire.EndOf(snap); !end.IsZero() {
			return end, nil
		}
		return snap.PausedAt, nil
	}
	return time.Time{}, nil
}

// compare records what the document would mean otherwise when it is read.
func compare(d Document, kept Kept, at time.Time, is Reading, losses *wire.Losses) {
	read, err := Read(d, kept, at)
	if err != nil {
		losses.Add("data.meta.status", "%s: %v", is.Status, err)
		return
	}
	if read.Status != is.Status || read.Closed != is.Closed {
		losses.Add("data.meta.status", "%s; it would read as %s", is.Status, read.Status)
		return
	}
	if read.Held != is.Held {
		losses.Add("data.meta.status", "that an operator holds it")
	}
	if read.PauseWaits != is.PauseWaits {
		losses.Add("data.meta.paused", "that a pause waits")
	}
	if !read.Ends.Equal(is.Ends) {
		losses.Add("data.meta.timestamps.end_date", "that it ends at %s", calendar.FormatInstant(is.Ends))
	}
}
