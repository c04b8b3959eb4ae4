package cgscanning

import (
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// What the engine has no field for is stored as metadata under these names.
const (
	metaTrialEnabled = "cgscanning.trial_enabled"
	metaTrialDays    = "cgscanning.trial_duration_days"
	metaEndDate      = "cgscanning.end_date"
	metaCreatedAt    = "cgscanning.created_at"
	metaUpdatedAt    = "cgscanning.updated_at"
)

// Encode writes a subscription at an instant, with its details. The instant must not be
// before the subscription was made.
func (s Shop) Encode(sub subscription.Subscription, at time.Time, mode wire.Mode) (Attributes, error) {
	losses := wire.NewLosses("cgscanning")
	is, err := s.reading(sub, at)
	if err != nil {
		return Attributes{}, err
	}
	a, err := s.write(sub, at, is, losses)
	if err != nil {
		return Attributes{}, err
	}
	s.compare(a, at, is, losses)
	if err := losses.Err(mode); err != nil {
		return Attributes{}, err
	}
	return a, nil
}

// write fills in the attributes.
func (s Shop) write(sub subscription.Subscription, at time.Time, is Reading, losses *wire.Losses) (Attributes, error) {
	snap, err := sub.At(at)
	if err != nil {
		return Attributes{}, err
	}
	details, v := sub.Details(), sub.Plan(at)
	product := s.Products[v.Product()]
	a := Attributes{
		ID: string(sub.ID()), Status: statusOf(is), AutoRenewal: is.Renews,
		Product:  Product{Code: v.Product(), Name: product.Name, Description: product.Description},
		Interval: is.Interval,
	}
	say := func(field string, t time.Time) Instant {
		wire.Millis.Say(losses, field, t)
		return Instant{t.UTC().Truncate(time.Millisecond)}
	}
	a.StartDate = say("start_date", is.Start)
	a.CreatedAt, a.UpdatedAt = say("created_at", carried(details, metaCreatedAt, sub.CreatedAt())), say("updated_at", sub.UpdatedAt())
	end := is.Ends
	if end.IsZero() {
		end = is.TermEnd
	}
	if end = carried(details, metaEndDate, end); !end.IsZero() {
		said := say("end_date", end)
		a.EndDate = &said
	}
	if reason := sub.CancelReason(at); reason != "" {
		a.CancellationReason = &reason
	}
	if every := v.Phase(snap.Stage).Every(); !sameInterval(is.Interval, every) {
		losses.Add("billing_interval", "%s", every)
	}
	if ahead := is.Status == lifecycle.Future || is.Status == lifecycle.InTrial; ahead && end.IsZero() && is.Interval != None {
		losses.Add("billing_interval", "that the first term is of another plan")
	}
	s.writeTrial(&a, sub, at, is, losses)
	if a.Price, err = priceOf(sub, at, losses); err != nil {
		return Attributes{}, err
	}
	a.Features, err = encodeFeatures(sub, at, losses)
	return a, err
}

// carried returns the instant stored as metadata, or the other one.
func carried(d subscription.Details, key string, or time.Time) time.Time {
	if t, err := calendar.ParseInstant(d.Metadata[key]); err == nil {
		return t
	}
	return or
}

func sameInterval(i Interval, every calendar.Interval) bool {
	word, ok := intervalOf(every)
	return ok && word == i
}

// statusOf returns the word for a reading.
func statusOf(is Reading) Status {
	switch is.Status {
	case lifecycle.InTrial, lifecycle.Active, lifecycle.NonRenewing:
		if !is.Held {
			return Active
		}
	case lifecycle.Cancelled:
		if !is.Closed {
			return Canceled
		}
	case lifecycle.Future, lifecycle.Paused:
	}
	return Inactive
}

// writeTrial writes the days from the start to the end of the trial, or what was stored
// if there is no trial.
func (s Shop) writeTrial(a *Attributes, sub subscription.Subscription, at time.Time, is Reading, losses *wire.Losses) {
	trial, ok := wire.TrialOf(sub, at)
	if !ok || is.Start.IsZero() {
		meta := sub.Details().Metadata
		a.TrialEnabled = meta[metaTrialEnabled] == "true"
		a.TrialDurationDays, _ = strconv.Atoi(meta[metaTrialDays])
		return
	}
	a.TrialEnabled = true
	days := max(0, s.Zone.DaysBetween(is.Start, trial.End))
	end, err := s.trialEnd(is.Start, days)
	if err == nil && end.After(trial.End) && days > 0 {
		days--
		end, err = s.trialEnd(is.Start, days)
	}
	if err != nil || !end.Equal(trial.End) {
		losses.Add("trial_duration_days", "a trial that ends at %s", calendar.FormatInstant(trial.End))
	}
	a.TrialDurationDays = days
}

// trialEnd returns the instant that many days after the start, at the same time of day.
func (s Shop) trialEnd(start time.Time, days int) (time.Time, error) {
	if days == 0 {
		return start, nil
	}
	return s.Zone.Add(start, calendar.Days(days), calendar.Clamp)
}

// priceOf returns the amount of the single flat charge, or else the price of one term.
func priceOf(sub subscription.Subscription, at time.Time, losses *wire.Losses) (wire.Decimal, error) {
	charge, price := wire.BasePrice(sub, at)
	snap, err := sub.At(at)
	if err != nil {
		return wire.Decimal{}, err
	}
	items := slices.Collect(sub.Plan(at).Phase(snap.Stage).Charges())
	if len(items) == 0 {
		return wire.Decimal{Decimal: decimal.Zero}, nil
	}
	if fee, ok := flat(price); ok && len(items) == 1 {
		return wire.Decimal{Decimal: fee.Amount}, nil
	}
	losses.Add("price", "what the charge %q and others cost in one amount", charge)
	total, err := billing.PlanAmount(sub, at)
	if err != nil {
		return wire.Decimal{}, err
	}
	return wire.Decimal{Decimal: total.Decimal()}, nil
}

// compare records what the attributes would mean otherwise when they are read.
func (s Shop) compare(a Attributes, at time.Time, is Reading, losses *wire.Losses) {
	read, err := s.Read(a, at)
	if err != nil {
		losses.Add("status", "%s: %v", is.Status, err)
		return
	}
	if read.Status != is.Status || read.Closed != is.Closed {
		losses.Add("status", "%s; it would read as %s", is.Status, read.Status)
		return
	}
	if read.Held != is.Held {
		losses.Add("status", "that an operator holds it")
	}
	instants := []struct {
		field, what string
		is, read    time.Time
	}{
		{"end_date", "that it ends at", is.Ends, read.Ends},
		{"end_date", "that its term ends at", is.TermEnd, read.TermEnd},
		{"trial_duration_days", "that its trial ends at", is.TrialEnd, read.TrialEnd},
	}
	for _, i := range instants {
		if !i.is.Truncate(time.Millisecond).Equal(i.read) {
			losses.Add(i.field, "%s %s", i.what, instantOrNever(i.is))
		}
	}
}

func instantOrNever(t time.Time) string {
	if t.IsZero() {
		return "no instant"
	}
	return calendar.FormatInstant(t)
}
