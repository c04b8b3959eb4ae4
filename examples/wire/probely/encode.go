package probely

import (
	"fmt"
	"math"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

const (
	// Charge is the id of the one charge of a plan that was read from a document.
	Charge = "targets"
	// ProfilePrefix begins the key of a switch that stands for a scan profile.
	ProfilePrefix = "scan_profile:"

	autoCollection = "probely.auto_collection"
)

// Facts are what the service keeps with the subscription. The zero Facts count nothing.
type Facts struct {
	// Seats are the targets with unlimited scans. Paid is ignored: it is the
	// subscription's quantity.
	Seats feature.Seats
	// CreditTargets are the targets that may spend credits.
	CreditTargets feature.CreditTargets
	// Changes are the changes of targets in the trailing year.
	Changes feature.ChangeBudget
	// Checkpoint is what billing remembers.
	Checkpoint billing.Checkpoint
	// Reference is the plan that discount and savings refer to; nil: they are taken
	// from the plan's metadata, or 0.
	Reference *plan.Version
}

// Channels returns the sales channels of the document.
func Channels() []string {
	return []string{"self-service", "assisted-sales", "partners", "resellers"}
}

// Encode writes a subscription at an instant. What the document cannot express is
// [wire.ErrNotRepresentable] if mode is strict; the package says what is shown instead
// if it is lossy. The error is ErrAmountOverflow for a number that does not fit, and
// ErrNoSubscription for an instant before the agreement was made.
func Encode(sub subscription.Subscription, facts Facts, now time.Time, mode wire.Mode) (Subscription, error) {
	i := sub.SegmentAt(now)
	if i < 0 {
		return Subscription{}, ErrNoSubscription
	}
	snapshot, err := sub.At(now)
	if err != nil {
		return Subscription{}, err
	}
	losses := wire.NewLosses("probely")
	details := sub.Details()
	doc := Subscription{
		Status: status(losses, snapshot.State), HasUsedTrial: sub.HasUsedTrial(now),
		AutoCollection: details.Metadata[autoCollection] == "true", Channel: channel(losses, details.Channel),
	}
	// For a running trial this is the trial's own end, even if the subscription ends
	// earlier; for a past one it is when it ended.
	if !snapshot.TrialEnd.IsZero() {
		doc.TrialEnd = &snapshot.TrialEnd
	} else if trial, ok := wire.TrialOf(sub, now); ok {
		doc.TrialEnd = &trial.End
	}
	shown, err := showPlan(losses, sub, sub.Segment(i), facts, now)
	if err != nil {
		return Subscription{}, err
	}
	doc.Plan = shown.plan
	if err := doc.bill(sub, facts.Checkpoint, now); err != nil {
		return Subscription{}, err
	}
	if err := doc.count(losses, facts, shown.quantity, now); err != nil {
		return Subscription{}, err
	}
	if err := losses.Err(mode); err != nil {
		return Subscription{}, err
	}
	return doc, nil
}

// status returns the word for a state.
func status(l *wire.Losses, s lifecycle.State) string {
	switch s.Status() {
	case lifecycle.Paused:
		l.Add("subscription_status", "that it is paused")
		return ""
	case lifecycle.InTrial:
		if s.Held() {
			l.Add("subscription_status", "that the trial is held")
		}
	case lifecycle.Future, lifecycle.Active, lifecycle.NonRenewing, lifecycle.Cancelled:
	}
	return string(s.Status())
}

func channel(l *wire.Losses, name string) *string {
	if name == "" {
		return nil
	}
	for _, known := range Channels() {
		if name == known {
			return &name
		}
	}
	l.Add("channel", "%q", name)
	return nil
}

// bill sets what billing computes.
func (doc *Subscription) bill(sub subscription.Subscription, checkpoint billing.Checkpoint, now time.Time) error {
	next, err := billing.Next(sub, nil, checkpoint, now)
	if err != nil {
		return err
	}
	if doc.PlanAmount, err = fit("plan_amount", next.PlanAmount.Minor()); err != nil || next.At.IsZero() {
		return err
	}
	doc.NextBillingAt = &next.At
	doc.NextBillingAmount, err = fit("next_billing_amount", next.AmountDue.Minor())
	return err
}

// count sets what is counted.
func (doc *Subscription) count(l *wire.Losses, facts Facts, quantity decimal.Decimal, now time.Time) error {
	if !quantity.IsInteger() {
		l.Add("number_paid_ultd_targets", "a fraction of a target: %s", quantity)
		quantity = quantity.Truncate(0)
	}
	if quantity.GreaterThan(decimal.NewFromInt(math.MaxUint32)) {
		return overflow("number_paid_ultd_targets")
	}
	seats := facts.Seats
	seats.Paid = quantity.IntPart()
	if err := seats.Validate(); err != nil {
		return fmt.Errorf("probely: seats: %w", err)
	}
	if err := facts.CreditTargets.Validate(); err != nil {
		return fmt.Errorf("probely: credit targets: %w", err)
	}
	doc.MaxTargets = seats.Cap()
	doc.UsedCreditTargets, doc.AvailableCreditTargets = facts.CreditTargets.Used, facts.CreditTargets.Available()
	doc.PastYearChanges, doc.MaxYearlyChanges = int64(facts.Changes.Count(now)), int64(facts.Changes.Max())
	if next, ok := facts.Changes.NextAllowed(now); ok {
		doc.NextAllowedChange = &next
	}
	for _, c := range []struct {
		to    *uint32
		field string
		n     int64
	}{
		{&doc.FreeTargets, "number_free_ultd_targets", seats.Free},
		{&doc.PaidTargets, "number_paid_ultd_targets", seats.Paid},
		{&doc.UsedTargets, "number_used_ultd_targets", seats.Used},
		{&doc.AvailableTargets, "number_available_ultd_targets", seats.Available()},
		{&doc.UnreservedTargets, "number_available_ultd_targets_minus_team_quotas", seats.Unreserved()},
	} {
		var err error
		if *c.to, err = fit(c.field, c.n); err != nil {
			return err
		}
	}
	return nil
}

// fit returns a number that the page limits to 4294967295. It never wraps.
func fit(field string, n int64) (uint32, error) {
	if n < 0 || n > math.MaxUint32 {
		return 0, overflow(field)
	}
	return uint32(n), nil
}

// cents returns an amount in whole cents; half a cent is rounded up.
func cents(l *wire.Losses, field string, d decimal.Decimal) (int64, error) {
	exact := d.Shift(2)
	if !exact.IsInteger() {
		l.Add(field, "a fraction of a cent: %s", d)
	}
	m, err := money.FromDecimal(d, money.USD, money.HalfUp)
	if err != nil {
		return 0, overflow(field)
	}
	return m.Minor(), nil
}
