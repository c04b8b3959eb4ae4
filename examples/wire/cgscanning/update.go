package cgscanning

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// part is one edit of an update, and the member that requires it.
type part struct {
	path string
	edit subscription.Edit
}

// edits collects the parts of an update.
type edits struct {
	shop   Shop
	sub    subscription.Subscription
	call   subscription.Call
	shown  Attributes
	given  Members
	facts  feature.Assignment
	parts  []part
	faults []error
}

func (e *edits) add(member string, edit subscription.Edit) {
	e.parts = append(e.parts, part{"subscription." + member, edit})
}

func (e *edits) refuse(member string, err error) {
	e.faults = append(e.faults, &MemberError{Path: "subscription." + member, Err: err})
}

// Apply performs an update of a subscription of an organization. Values equal to those
// shown are left alone; everything else is done, or, with a *MemberError for every
// member at fault, nothing. facts are what the service knows of features: what is in
// use, what the parent organization has left.
func (s Shop) Apply(sub subscription.Subscription, call subscription.Call, organization string, u Update, facts feature.Assignment) (subscription.Subscription, error) {
	if sub.IsZero() || sub.Details().Organization != organization {
		return sub, ErrNotFound
	}
	shown, err := s.Encode(sub, call.At, wire.Lossy)
	if err != nil {
		return sub, err
	}
	e := &edits{shop: s, sub: sub, call: call, shown: shown, given: u.Subscription, facts: facts}
	wanted, ok := e.given.Status.Value()
	changes := ok && wanted != shown.Status
	if changes && wanted == Active {
		e.activate()
	}
	e.interval()
	e.price()
	e.trial()
	e.endDate()
	e.autoRenewal()
	e.features()
	e.reason()
	if changes && wanted != Active {
		e.stop(wanted)
	}
	return e.done()
}

// done performs the parts, all or none.
func (e *edits) done() (subscription.Subscription, error) {
	verbs := make([]subscription.Edit, len(e.parts))
	for i, p := range e.parts {
		verbs[i] = p.edit
	}
	next, err := e.sub, error(nil)
	if len(verbs) > 0 {
		next, err = e.sub.Edit(e.call, verbs...)
	}
	for _, one := range taken(err) {
		var refused *subscription.EditError
		if errors.As(one, &refused) {
			one = &MemberError{Path: e.parts[refused.Part].path, Err: refused.Err}
		}
		e.faults = append(e.faults, one)
	}
	if err := errors.Join(e.faults...); err != nil {
		return e.sub, err
	}
	return next, nil
}

// taken returns the errors that an error joins.
func taken(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// activate performs the word active, depending on the state. A cancelled subscription
// is reactivated, until a new end date if one is given.
func (e *edits) activate() {
	is, err := e.sub.State(e.call.At)
	if err != nil {
		e.refuse("status", err)
		return
	}
	if is.Status() == lifecycle.Cancelled {
		var back subscription.Reactivation
		if end, ok := e.given.EndDate.Value(); ok && !e.showsEnd(end) {
			back.EndDate = end.Time
		}
		e.add("status", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Reactivate(c, back)
		})
	}
	if is.Held() {
		e.add("status", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Release(c)
		})
	}
	e.add("status", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		switch s.Status(c.At) {
		case lifecycle.Future:
			return s.StartNow(c)
		case lifecycle.Paused:
			return s.Resume(c, subscription.Immediately())
		case lifecycle.InTrial, lifecycle.Active, lifecycle.NonRenewing, lifecycle.Cancelled:
		}
		return s, nil
	})
}

// stop performs the other two words: a hold, or an immediate cancel.
func (e *edits) stop(wanted Status) {
	if wanted == Inactive {
		e.add("status", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Hold(c)
		})
		return
	}
	reason, given := e.given.CancellationReason.Value()
	e.add("status", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		if given {
			c.Reason = reason
		}
		return s.Cancel(c, subscription.Immediately())
	})
}

// movesInterval reports whether the update has another interval than the one shown.
func (e *edits) movesInterval() bool {
	wanted, ok := e.given.Interval.Value()
	return ok && wanted != e.shown.Interval
}

// interval changes to the product's plan of another interval, immediately.
func (e *edits) interval() {
	if !e.movesInterval() {
		return
	}
	wanted, _ := e.given.Interval.Value()
	v, ok := e.shop.plan(e.shown.Product.Code, wanted)
	if !ok {
		e.refuse("billing_interval", fmt.Errorf("%w: %s of %q", ErrUnknownPlan, wanted, e.shown.Product.Code))
		return
	}
	e.add("billing_interval", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangePlan(c, subscription.Immediately(), v)
	})
}

// price negotiates the price of the following terms, and of the first one if the same
// update begins it.
func (e *edits) price() {
	wanted, ok := e.given.Price.Value()
	if !ok || wanted.Equal(e.shown.Price.Decimal) {
		return
	}
	begins := e.movesInterval()
	e.add("price", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		charge, price := wire.BasePrice(s, c.At)
		if _, ok := flat(price); !ok {
			return s, ErrPriceFixed
		}
		if !begins {
			c.Policy.ChangeCredit, c.Policy.ChargeNew = plan.CreditNone, plan.ChargeNone
		}
		return s.ChangePrice(c, subscription.Immediately(), charge, plan.FlatFee{Amount: wanted.Decimal})
	})
}

// trial moves the end of a running or future trial, or ends it. Without a trial the
// days are stored and mean nothing; after the trial there is nothing to switch off.
func (e *edits) trial() {
	enabled, days := e.shown.TrialEnabled, e.shown.TrialDurationDays
	if v, ok := e.given.TrialEnabled.Value(); ok {
		enabled = v
	}
	if v, ok := e.given.TrialDurationDays.Value(); ok {
		days = v
	}
	member := "trial_duration_days"
	if enabled != e.shown.TrialEnabled {
		member = "trial_enabled"
	}
	status := e.sub.Status(e.call.At)
	runs := status == lifecycle.InTrial
	switch {
	case enabled == e.shown.TrialEnabled && days == e.shown.TrialDurationDays:
	case !enabled && e.shown.TrialEnabled && !runs && status != lifecycle.Future:
	case !enabled && !e.shown.TrialEnabled:
		text := strconv.Itoa(days)
		e.add(member, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Update(c, subscription.Patch{Metadata: map[string]*string{metaTrialDays: &text}})
		})
	case !enabled && runs:
		e.add(member, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.EndTrial(c)
		})
	case enabled && e.shown.TrialEnabled && (runs || status == lifecycle.Future):
		end, err := e.shop.trialEnd(e.shown.StartDate.Time, days)
		if err != nil {
			e.refuse(member, err)
			return
		}
		e.add(member, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.ExtendTrial(c, end)
		})
	default:
		e.refuse(member, ErrTrialFixed)
	}
}

// showsEnd reports whether an end date is the one shown, or was shown until it passed:
// the end of a term that has been renewed since.
func (e *edits) showsEnd(end Instant) bool {
	if e.shown.EndDate != nil && e.shown.EndDate.Equal(end.Time) {
		return true
	}
	if end.After(e.call.At) {
		return false
	}
	then, err := e.shop.Encode(e.sub, end.Add(-1), wire.Lossy)
	return err == nil && then.EndDate != nil && then.EndDate.Equal(end.Time)
}

// movesEnd reports whether the update has another end date than the one shown.
func (e *edits) movesEnd() bool {
	end, ok := e.given.EndDate.Value()
	return ok && !e.showsEnd(end)
}

// endDate sets the instant at which the subscription ends; null removes every ending. A
// date in the past is part of canceled, if that is sent too.
func (e *edits) endDate() {
	if e.given.EndDate.IsZero() {
		return
	}
	if e.sub.Status(e.call.At) == lifecycle.Cancelled && len(e.parts) > 0 {
		return // the reactivation has it
	}
	if end, ok := e.given.EndDate.Value(); ok {
		if status, _ := e.given.Status.Value(); status == Canceled && !end.After(e.call.At) {
			return
		}
		if e.movesEnd() {
			e.add("end_date", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
				return s.SetEndDate(c, end.Time)
			})
		}
		return
	}
	if e.shown.EndDate == nil {
		return
	}
	e.add("end_date", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		snap, err := s.At(c.At)
		if err != nil || snap.EndDate.IsZero() {
			return s, err
		}
		return s.SetEndDate(c, time.Time{})
	})
	e.undoCancel("end_date")
}

// undoCancel undoes a scheduled cancel, if there is one.
func (e *edits) undoCancel(member string) {
	e.add(member, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		is, err := s.State(c.At)
		if err != nil || !is.Scheduled().Has(lifecycle.ScheduledCancel) {
			return s, err
		}
		return s.UndoCancel(c)
	})
}

// autoRenewal turns renewal on or off. On undoes a scheduled cancel too. The result
// decides: on contradicts an end date, set before or by the same update, in the term
// that runs then.
func (e *edits) autoRenewal() {
	on, ok := e.given.AutoRenewal.Value()
	if !ok || on == e.shown.AutoRenewal && !(on && (e.movesEnd() || e.movesInterval())) {
		return
	}
	if on != e.shown.AutoRenewal {
		e.add("auto_renewal", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.SetAutoRenewal(c, on)
		})
	}
	if !on {
		return
	}
	if on != e.shown.AutoRenewal {
		e.undoCancel("auto_renewal")
	}
	e.add("auto_renewal", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		if r, err := e.shop.reading(s, c.At); err != nil || r.Renews {
			return s, err
		}
		return s, fmt.Errorf("%w: it ends on its end_date", ErrContradiction)
	})
}

// reason sets the reason of a cancellation; alone it does not change the status.
func (e *edits) reason() {
	if e.given.CancellationReason.IsZero() {
		return
	}
	reason, _ := e.given.CancellationReason.Value()
	if reason == e.sub.CancelReason(e.call.At) {
		return
	}
	e.add("cancellation_reason", func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Update(c, subscription.Patch{CancelReason: &reason})
	})
}
