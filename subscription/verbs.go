package subscription

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// by answers the action of a verb that takes a When, and the date.
func (w When) of(now, periodEnd, date lifecycle.Action) (action lifecycle.Action, on time.Time, err error) {
	switch w.mode {
	case immediately:
		return now, time.Time{}, nil
	case atPeriodEnd:
		return periodEnd, time.Time{}, nil
	case onDate:
		if w.on.IsZero() {
			return action, on, invalid("when: on: no date")
		}
		return date, w.on, nil
	}
	return action, on, invalid("when: missing: immediately, at period end, or on a date")
}

// StartNow starts a future subscription before its time.
func (s Subscription) StartNow(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Start})
}

// EndTrial ends the running trial at once, by the trial's own rule: it is billed,
// cancelled or paused.
func (s Subscription) EndTrial(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.EndTrial})
}

// ExtendTrial moves the end of the trial to an instant after the call's.
func (s Subscription) ExtendTrial(call Call, to time.Time) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.ExtendTrial, TrialEnd: to})
}

// Cancel ends the subscription: immediately, at the end of the running period (of
// the trial, in a trial), or on a date. What becomes of the unused part of what
// was billed is the call's Policy.CancelCredit.
func (s Subscription) Cancel(call Call, when When) (Subscription, error) {
	action, on, err := when.of(lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on})
}

// UndoCancel takes back a scheduled cancellation.
func (s Subscription) UndoCancel(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.RemoveScheduledCancel})
}

// A Pause says how long a pause lasts. The zero Pause lasts until it is resumed.
type Pause struct {
	// Until resumes it at that instant.
	Until time.Time
	// Cycles resumes it after that many periods, counted from the boundary at which
	// it begins, or from the next one.
	Cycles int
}

// Pause stops service and bills: immediately, at the end of the running period,
// or on a date. What becomes of the unused part is the call's Policy.PauseCredit;
// an automatic resume follows the call's Policy.ResumeAnchor.
func (s Subscription) Pause(call Call, when When, p Pause) (Subscription, error) {
	action, on, err := when.of(lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, ResumeAt: p.Until, Cycles: p.Cycles})
}

// UndoPause takes back a scheduled pause.
func (s Subscription) UndoPause(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.RemoveScheduledPause})
}

// Resume ends a pause: immediately, or on a date. Policy.ResumeAnchor says what
// becomes of the grid of periods.
func (s Subscription) Resume(call Call, when When) (Subscription, error) {
	if when.mode == atPeriodEnd {
		return s, invalid("when: a pause is resumed immediately or on a date")
	}
	action, on, err := when.of(lifecycle.ResumeNow, lifecycle.ResumeNow, lifecycle.ResumeOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, ResumeAt: on})
}

// UndoResume takes back a scheduled resume: the pause lasts until it is resumed.
func (s Subscription) UndoResume(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.RemoveScheduledResume})
}

// A Reactivation gives a cancelled subscription what it may need to come back.
type Reactivation struct {
	// TrialEnd begins with a trial until then, if none was used before.
	TrialEnd time.Time
	// EndDate is a new end date; needed where the old one has passed.
	EndDate time.Time
}

// Reactivate brings a cancelled subscription back: into the period that it left if
// that was billed in advance, still runs and nothing of it was credited; else a
// new period begins and is billed.
func (s Subscription) Reactivate(call Call, r Reactivation) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Reactivate, TrialEnd: r.TrialEnd, EndDate: r.EndDate})
}

// ChangePlan moves the subscription to another plan version.
func (s Subscription) ChangePlan(call Call, when When, to *plan.Version) (Subscription, error) {
	if to == nil {
		return s, invalid("plan: missing")
	}
	action, on, err := when.of(lifecycle.ChangePlanNow, lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangePlanOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, Plan: to.Ref(), version: to})
}

// ChangePlanAndQuantity is ChangePlan and ChangeQuantity in one command.
func (s Subscription) ChangePlanAndQuantity(call Call, when When, to *plan.Version, q decimal.Decimal) (Subscription, error) {
	if to == nil {
		return s, invalid("plan: missing")
	}
	action, on, err := when.of(lifecycle.ChangePlanNow, lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangePlanOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, Plan: to.Ref(), Quantity: &q, version: to})
}

// ChangeQuantity sets the quantity of one charge, or, with charge "", of all that
// take the subscription's.
func (s Subscription) ChangeQuantity(call Call, when When, charge string, q decimal.Decimal) (Subscription, error) {
	action, on, err := when.of(lifecycle.ChangeQuantityNow, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangeQuantityOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, Charge: charge, Quantity: &q})
}

// ChangePrice negotiates the price of one charge; it holds in all phases.
func (s Subscription) ChangePrice(call Call, when When, charge string, p plan.Price) (Subscription, error) {
	action, on, err := when.of(lifecycle.ChangePriceNow, lifecycle.ChangePriceAtPeriodEnd, lifecycle.ChangePriceOnDate)
	if err != nil {
		return s, err
	}
	if p == nil {
		return s, invalid("price: missing")
	}
	if s.c == nil {
		return s, ErrZero
	}
	table, err := plan.CompilePrice(p, s.Currency())
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, Charge: charge, Price: table.Price(), table: table})
}

// UndoChange takes back every scheduled change of plan, quantity and price.
func (s Subscription) UndoChange(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.RemoveScheduledChange})
}

// SetAnchor moves the grid of periods. The running period then ends at the first
// boundary of the new grid; with Policy.ChargeNew none and ChangeCredit none,
// nothing is credited or charged for the difference.
func (s Subscription) SetAnchor(call Call, anchor time.Time) (Subscription, error) {
	if anchor.IsZero() {
		return s, invalid("anchor: missing")
	}
	return s.do(call, Command{Action: lifecycle.SetAnchor, Anchor: anchor})
}

// SetAutoRenewal turns renewal at the end of each period on or off.
func (s Subscription) SetAutoRenewal(call Call, on bool) (Subscription, error) {
	action := lifecycle.AutoRenewalOff
	if on {
		action = lifecycle.AutoRenewalOn
	}
	return s.do(call, Command{Action: action})
}

// SetEndDate ends the subscription at t, whatever the periods; the zero time
// clears it.
func (s Subscription) SetEndDate(call Call, t time.Time) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.SetEndDate, EndDate: t})
}

// AddDiscount attaches a discount to the invoices from now on.
func (s Subscription) AddDiscount(call Call, d plan.Discount) (Subscription, error) {
	d = d.Clone()
	return s.do(call, Command{Action: lifecycle.AddDiscount, Discount: &d})
}

// AddOneOff attaches a charge outside the plan.
func (s Subscription) AddOneOff(call Call, o OneOff) (Subscription, error) {
	if o.Collect == "" {
		o.Collect = plan.CollectNextInvoice
	}
	return s.do(call, Command{Action: lifecycle.AddOneOff, OneOff: &o})
}

// AddAccountCredit gives the customer credit, which the next invoices use up.
func (s Subscription) AddAccountCredit(call Call, amount money.Money) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.AddAccountCredit, Credit: amount})
}

// Hold stops service and bills by an operator's decision; Release ends that.
func (s Subscription) Hold(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Hold})
}

// Release ends a hold: the subscription is what it was before it.
func (s Subscription) Release(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Release})
}

// Close ends the subscription for good, by an operator's decision.
func (s Subscription) Close(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Close})
}
