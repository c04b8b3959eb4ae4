package subscription

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

var errMissing = fault.Required.Errorf("missing")

// actionOf returns the action of a verb that takes a When, and its date.
func (w When) actionOf(now, periodEnd, date lifecycle.Action) (action lifecycle.Action, on time.Time, err error) {
	switch w.mode {
	case immediately:
		return now, time.Time{}, nil
	case atPeriodEnd:
		return periodEnd, time.Time{}, nil
	case onDate:
		if w.on.IsZero() {
			return action, on, invalidAt("when", fault.Required.Errorf("on: no date"))
		}
		return date, w.on, nil
	}
	return action, on, invalidAt("when", fault.Required.Errorf("missing: immediately, at period end, or on a date"))
}

// StartNow starts a future subscription before its time.
func (s Subscription) StartNow(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Start})
}

// EndTrial ends the current trial immediately. As the trial's rule says, the
// subscription is then billed, cancelled or paused.
func (s Subscription) EndTrial(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.EndTrial})
}

// ExtendTrial moves the end of the trial to an instant after the call's.
func (s Subscription) ExtendTrial(call Call, to time.Time) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.ExtendTrial, TrialEnd: to})
}

// Cancel ends the subscription: immediately, at the end of the current period (in a
// trial: of the trial), or on a date. Where charges bill by intervals of their own,
// Policy.PeriodEnd says the end of which period that is. Policy.CancelCredit says what happens to the
// unused part of what was billed. Under a contract term "at the end of the period" is the
// first end that the contract allows, and a subscriber's other endings are refused with a
// [TermError].
func (s Subscription) Cancel(call Call, when When) (Subscription, error) {
	action, on, err := when.actionOf(lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on})
}

// UndoCancel removes a scheduled cancellation.
func (s Subscription) UndoCancel(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.RemoveScheduledCancel})
}

// A Pause says how long a pause lasts. The zero Pause lasts until it is resumed.
type Pause struct {
	// Until resumes it at that instant.
	Until time.Time
	// Cycles resumes it after that many periods, counted from the boundary at which it
	// begins or, within a period, from the next one.
	Cycles int
}

// Pause stops service and billing: immediately, at the end of the current period, or
// on a date. Policy.PauseCredit says what happens to the unused part of what was
// billed; an automatic resume follows the Policy.ResumeAnchor of this call.
func (s Subscription) Pause(call Call, when When, p Pause) (Subscription, error) {
	action, on, err := when.actionOf(lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, ResumeAt: p.Until, Cycles: p.Cycles})
}

// UndoPause removes a scheduled pause.
func (s Subscription) UndoPause(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.RemoveScheduledPause})
}

// Resume ends a pause: immediately, or on a date. Policy.ResumeAnchor says whether the
// old periods continue, a new one starts, or the current one is extended.
func (s Subscription) Resume(call Call, when When) (Subscription, error) {
	if when.mode == atPeriodEnd {
		return s, invalid("when: a pause is resumed immediately or on a date")
	}
	action, on, err := when.actionOf(lifecycle.ResumeNow, lifecycle.ResumeNow, lifecycle.ResumeOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, ResumeAt: on})
}

// UndoResume removes a scheduled resume: the pause then lasts until it is resumed.
func (s Subscription) UndoResume(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.RemoveScheduledResume})
}

// A Reactivation holds the options of [Subscription.Reactivate].
type Reactivation struct {
	// TrialEnd starts with a trial that ends then, if none was used before. Zero: none.
	TrialEnd time.Time
	// EndDate is a new end date, required if the old one has passed. Zero: the old one
	// stays.
	EndDate time.Time
}

// Reactivate brings a cancelled subscription back. Before the agreed start it is
// future again and starts as agreed. After it, the period that was running continues
// if it was billed in advance, is not over and nothing of it was credited; otherwise
// a new period starts and is billed.
func (s Subscription) Reactivate(call Call, r Reactivation) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Reactivate, TrialEnd: r.TrialEnd, EndDate: r.EndDate})
}

// ChangePlan moves the subscription to another plan version.
func (s Subscription) ChangePlan(call Call, when When, to *plan.Version) (Subscription, error) {
	if to == nil {
		return s, invalidAt("plan", errMissing)
	}
	action, on, err := when.actionOf(lifecycle.ChangePlanNow, lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangePlanOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, Plan: to.Ref(), version: to})
}

// ChangePlanAndQuantity is ChangePlan and ChangeQuantity in one command. For prices
// and the quantities of single charges as well, use [Subscription.Edit].
func (s Subscription) ChangePlanAndQuantity(call Call, when When, to *plan.Version, q decimal.Decimal) (Subscription, error) {
	if to == nil {
		return s, invalidAt("plan", errMissing)
	}
	action, on, err := when.actionOf(lifecycle.ChangePlanNow, lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangePlanOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, Plan: to.Ref(), Quantity: &q, version: to})
}

// ChangeQuantity sets the quantity of one charge, or, with charge "", of all charges
// that take the subscription's quantity.
func (s Subscription) ChangeQuantity(call Call, when When, charge string, q decimal.Decimal) (Subscription, error) {
	action, on, err := when.actionOf(lifecycle.ChangeQuantityNow, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangeQuantityOnDate)
	if err != nil {
		return s, err
	}
	return s.do(call, Command{Action: action, On: on, Charge: charge, Quantity: &q})
}

// ChangePrice sets a negotiated price for one charge; it applies in all phases.
func (s Subscription) ChangePrice(call Call, when When, charge string, p plan.Price) (Subscription, error) {
	action, on, err := when.actionOf(lifecycle.ChangePriceNow, lifecycle.ChangePriceAtPeriodEnd, lifecycle.ChangePriceOnDate)
	if err != nil {
		return s, err
	}
	if p == nil {
		return s, invalidAt("price", errMissing)
	}
	if s.c == nil {
		return s, ErrZero
	}
	table, err := plan.CompilePrice(p, s.Currency())
	if err != nil {
		return s, invalidAt("price", err)
	}
	return s.do(call, Command{Action: action, On: on, Charge: charge, Price: table.Price(), table: table})
}

// UndoChange removes every scheduled change of plan, quantity and price.
func (s Subscription) UndoChange(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.RemoveScheduledChange})
}

// SetAnchor moves the boundaries of periods. The current period then ends at the
// first boundary of the new grid. With Policy.ChargeNew none and ChangeCredit none,
// nothing is charged or credited for the difference.
func (s Subscription) SetAnchor(call Call, anchor time.Time) (Subscription, error) {
	if anchor.IsZero() {
		return s, invalidAt("anchor", errMissing)
	}
	return s.do(call, Command{Action: lifecycle.SetAnchor, Anchor: anchor})
}

// SetAutoRenewal turns renewal at the end of each period on or off; under a contract term,
// at the first end that the contract allows. A late notice may be refused with a [TermError].
func (s Subscription) SetAutoRenewal(call Call, on bool) (Subscription, error) {
	action := lifecycle.AutoRenewalOff
	if on {
		action = lifecycle.AutoRenewalOn
	}
	return s.do(call, Command{Action: action})
}

// SetEndDate ends the subscription at t, regardless of periods; the zero time clears
// the end date. One that the contract term does not allow is refused to a subscriber with a
// [TermError].
func (s Subscription) SetEndDate(call Call, t time.Time) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.SetEndDate, EndDate: t})
}

// AddDiscount adds a discount to invoices from the call's instant on.
func (s Subscription) AddDiscount(call Call, d plan.Discount) (Subscription, error) {
	d = d.Clone()
	return s.do(call, Command{Action: lifecycle.AddDiscount, Discount: &d})
}

// AddOneOff adds a charge outside the plan.
func (s Subscription) AddOneOff(call Call, o OneOff) (Subscription, error) {
	if o.Collect == "" {
		o.Collect = plan.CollectNextInvoice
	}
	return s.do(call, Command{Action: lifecycle.AddOneOff, OneOff: &o})
}

// AddAccountCredit gives the customer credit that is applied to the next invoices.
func (s Subscription) AddAccountCredit(call Call, amount money.Money) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.AddAccountCredit, AccountCredit: amount})
}

// Hold stops service and billing by an operator's decision until Release.
func (s Subscription) Hold(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Hold})
}

// Release ends a hold: the subscription is again what it would be without it.
func (s Subscription) Release(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Release})
}

// Suspend stops service by an operator's decision until Restore, and nothing else: no
// feature is granted (feature.ErrDormant), while periods go on, invoices are made and every
// other verb does what it would do without. Usage that is recorded meanwhile is billed as any.
func (s Subscription) Suspend(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Suspend})
}

// Restore ends a suspension.
func (s Subscription) Restore(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Restore})
}

// Close ends the subscription permanently, by an operator's decision.
func (s Subscription) Close(call Call) (Subscription, error) {
	return s.do(call, Command{Action: lifecycle.Close})
}
