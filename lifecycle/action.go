package lifecycle

import "fmt"

// Action is something that may be asked of a subscription: one row of the table. If the time at
// which it takes effect matters, it is part of the action, so there is no default mode and the
// table is total.
//
// In memory an action is a number, because it is an index of the table; everywhere else, in text,
// JSON and messages, it is a word, and the numbers have no meaning outside one build. The zero
// value is not an action.
type Action uint8

// What an action does in each status is in the table (Grid); the comments say what it asks for.
const (
	// Start starts a future subscription now and not at its start date.
	Start Action = iota + 1
	// EndTrial ends the trial now, with all effects of the trial's end.
	EndTrial
	// ExtendTrial moves the trial's end to a later or earlier instant, which must be in the future.
	ExtendTrial

	// CancelNow ends the subscription immediately.
	CancelNow
	// CancelAtPeriodEnd ends it when the running period, or the trial, ends; that end may still move.
	CancelAtPeriodEnd
	// CancelOnDate ends it at an instant in the future.
	CancelOnDate
	// RemoveScheduledCancel undoes a cancel that has not taken effect.
	RemoveScheduledCancel

	// PauseNow stops entitlement and billing immediately.
	PauseNow
	// PauseAtPeriodEnd pauses when the running period ends.
	PauseAtPeriodEnd
	// PauseOnDate pauses at an instant in the future.
	PauseOnDate
	// RemoveScheduledPause undoes a pause that has not begun.
	RemoveScheduledPause

	// ResumeNow ends the pause immediately.
	ResumeNow
	// ResumeOnDate ends the pause at an instant in the future.
	ResumeOnDate
	// RemoveScheduledResume removes the end of a pause, which then lasts until it is resumed.
	RemoveScheduledResume

	// Reactivate brings a cancelled subscription back.
	Reactivate

	// ChangePlanNow moves to another plan immediately.
	ChangePlanNow
	// ChangePlanAtPeriodEnd moves to another plan when the running period, or the trial, ends.
	ChangePlanAtPeriodEnd
	// ChangePlanOnDate moves to another plan at an instant in the future.
	ChangePlanOnDate
	// ChangeQuantityNow changes how many units of a charge are sold, immediately.
	ChangeQuantityNow
	// ChangeQuantityAtPeriodEnd changes a quantity when the running period, or the trial, ends.
	ChangeQuantityAtPeriodEnd
	// ChangeQuantityOnDate changes a quantity at an instant in the future.
	ChangeQuantityOnDate
	// ChangePriceNow replaces the price of a charge for this subscription, immediately.
	ChangePriceNow
	// ChangePriceAtPeriodEnd replaces a price when the running period, or the trial, ends.
	ChangePriceAtPeriodEnd
	// ChangePriceOnDate replaces a price at an instant in the future.
	ChangePriceOnDate
	// AttachNow takes on an add-on immediately.
	AttachNow
	// AttachAtPeriodEnd takes on an add-on when the running period, or the trial, ends.
	AttachAtPeriodEnd
	// AttachOnDate takes on an add-on at an instant in the future.
	AttachOnDate
	// DetachNow gives up an add-on immediately.
	DetachNow
	// DetachAtPeriodEnd gives up an add-on when the running period, or the trial, ends.
	DetachAtPeriodEnd
	// DetachOnDate gives up an add-on at an instant in the future.
	DetachOnDate
	// RemoveScheduledChange undoes changes of plan, quantity, price or add-ons that have not
	// taken effect.
	RemoveScheduledChange

	// SetAnchor moves the grid of the billing periods.
	SetAnchor
	// SetNextBilling moves the end of the running period, and with it the next bill and the grid, to a
	// later or earlier instant, which must be in the future.
	SetNextBilling
	// AutoRenewalOff makes the running period, or the next one to open, the last.
	AutoRenewalOff
	// AutoRenewalOn undoes AutoRenewalOff.
	AutoRenewalOn
	// SetEndDate sets, moves or removes the instant at which the subscription ends in any case.
	SetEndDate

	// AssignFeatures overrides what the plan grants, key by key.
	AssignFeatures
	// RevokeFeatures removes such overrides, so that the plan's own grants are in force again.
	RevokeFeatures

	// AddDiscount adds a discount to the invoices to come.
	AddDiscount
	// AddOneOff adds a charge that is billed once.
	AddOneOff
	// AddCreditPack sells a pack of prepaid credits.
	AddCreditPack
	// AddAccountCredit grants credit that reduces the invoices to come.
	AddAccountCredit

	// Update changes what is only stored: name, references, tags, metadata, the reason of a cancel.
	Update

	// Hold stops service and billing by an operator's decision, independently of the customer's own
	// pause.
	Hold
	// Release ends a Hold.
	Release
	// Suspend stops service by an operator's decision while billing goes on, whatever the status.
	Suspend
	// Restore ends a Suspend.
	Restore
	// Close ends the subscription immediately and permanently: only an operator can reopen it.
	Close

	actionEnd
)

// actionWords is indexed by the action; the word of 0, which is no action, is empty.
var actionWords = [actionCount]string{
	Start:                     "start",
	EndTrial:                  "end_trial",
	ExtendTrial:               "extend_trial",
	CancelNow:                 "cancel_now",
	CancelAtPeriodEnd:         "cancel_at_period_end",
	CancelOnDate:              "cancel_on_date",
	RemoveScheduledCancel:     "remove_scheduled_cancel",
	PauseNow:                  "pause_now",
	PauseAtPeriodEnd:          "pause_at_period_end",
	PauseOnDate:               "pause_on_date",
	RemoveScheduledPause:      "remove_scheduled_pause",
	ResumeNow:                 "resume_now",
	ResumeOnDate:              "resume_on_date",
	RemoveScheduledResume:     "remove_scheduled_resume",
	Reactivate:                "reactivate",
	ChangePlanNow:             "change_plan_now",
	ChangePlanAtPeriodEnd:     "change_plan_at_period_end",
	ChangePlanOnDate:          "change_plan_on_date",
	ChangeQuantityNow:         "change_quantity_now",
	ChangeQuantityAtPeriodEnd: "change_quantity_at_period_end",
	ChangeQuantityOnDate:      "change_quantity_on_date",
	ChangePriceNow:            "change_price_now",
	ChangePriceAtPeriodEnd:    "change_price_at_period_end",
	ChangePriceOnDate:         "change_price_on_date",
	AttachNow:                 "attach_now",
	AttachAtPeriodEnd:         "attach_at_period_end",
	AttachOnDate:              "attach_on_date",
	DetachNow:                 "detach_now",
	DetachAtPeriodEnd:         "detach_at_period_end",
	DetachOnDate:              "detach_on_date",
	RemoveScheduledChange:     "remove_scheduled_change",
	SetAnchor:                 "set_anchor",
	SetNextBilling:            "set_next_billing",
	AutoRenewalOff:            "auto_renewal_off",
	AutoRenewalOn:             "auto_renewal_on",
	SetEndDate:                "set_end_date",
	AssignFeatures:            "assign_features",
	RevokeFeatures:            "revoke_features",
	AddDiscount:               "add_discount",
	AddOneOff:                 "add_one_off",
	AddCreditPack:             "add_credit_pack",
	AddAccountCredit:          "add_account_credit",
	Update:                    "update",
	Hold:                      "hold",
	Release:                   "release",
	Suspend:                   "suspend",
	Restore:                   "restore",
	Close:                     "close",
}

// actionCount is the number of actions, with the 0 that is no action.
const actionCount = int(actionEnd)

func (Action) vocabulary() (string, []Action) {
	actions := make([]Action, 0, actionCount-1)
	for a := Action(1); a < actionEnd; a++ {
		actions = append(actions, a)
	}
	return "action", actions
}

// IsValid reports whether a is one of the actions. The zero value is not.
func (a Action) IsValid() bool { return a != 0 && a < actionEnd }

// String returns the word, "cancel_now" for CancelNow; "" for the zero value, and a number in
// brackets for what is not an action.
func (a Action) String() string {
	if a >= actionEnd {
		return fmt.Sprintf("Action(%d)", uint8(a))
	}
	return actionWords[a]
}

// MarshalText returns the word. It fails with ErrInvalid if a is not an action, the zero value included.
func (a Action) MarshalText() ([]byte, error) { return marshalWord(a, a.IsValid()) }

// UnmarshalText accepts exactly what [ParseWord] accepts; otherwise it leaves a as it was.
func (a *Action) UnmarshalText(text []byte) error { return unmarshalWord(a, text) }
