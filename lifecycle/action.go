package lifecycle

import "fmt"

// Action is something that may be asked of a subscription: one row of the table. Where the moment at
// which it takes effect matters it is part of the action, so that there is no default mode and the
// table is total.
//
// In memory an action is a number, because the table is an array that is indexed by it; everywhere
// else, in text, JSON and messages, it is its word, and the numbers mean nothing outside one build.
// The zero value is not an action.
type Action uint8

// What an action does in each status is in the table (Grid); the comments say what it asks for.
const (
	// Start starts a future subscription now and not at its start date.
	Start Action = iota + 1
	// EndTrial ends the trial now, with everything that the trial's end brings.
	EndTrial
	// ExtendTrial moves the trial's end to a later or earlier instant, which must lie ahead.
	ExtendTrial

	// CancelNow ends the subscription at once.
	CancelNow
	// CancelAtPeriodEnd ends it when the running period, or the trial, ends; that end may still move.
	CancelAtPeriodEnd
	// CancelOnDate ends it at an instant that lies ahead.
	CancelOnDate
	// RemoveScheduledCancel takes back a cancel that has not taken effect.
	RemoveScheduledCancel

	// PauseNow stops entitlement and billing at once.
	PauseNow
	// PauseAtPeriodEnd pauses when the running period ends.
	PauseAtPeriodEnd
	// PauseOnDate pauses at an instant that lies ahead.
	PauseOnDate
	// RemoveScheduledPause takes back a pause that has not begun.
	RemoveScheduledPause

	// ResumeNow ends the pause at once.
	ResumeNow
	// ResumeOnDate ends the pause at an instant that lies ahead.
	ResumeOnDate
	// RemoveScheduledResume makes a pause that had an end one that lasts until it is ended by hand.
	RemoveScheduledResume

	// Reactivate brings a cancelled subscription back.
	Reactivate

	// ChangePlanNow moves to another plan at once.
	ChangePlanNow
	// ChangePlanAtPeriodEnd moves to another plan when the running period, or the trial, ends.
	ChangePlanAtPeriodEnd
	// ChangePlanOnDate moves to another plan at an instant that lies ahead.
	ChangePlanOnDate
	// ChangeQuantityNow changes how many units of a charge are sold, at once.
	ChangeQuantityNow
	// ChangeQuantityAtPeriodEnd changes a quantity when the running period, or the trial, ends.
	ChangeQuantityAtPeriodEnd
	// ChangeQuantityOnDate changes a quantity at an instant that lies ahead.
	ChangeQuantityOnDate
	// ChangePriceNow replaces the price of a charge for this subscription, at once.
	ChangePriceNow
	// ChangePriceAtPeriodEnd replaces a price when the running period, or the trial, ends.
	ChangePriceAtPeriodEnd
	// ChangePriceOnDate replaces a price at an instant that lies ahead.
	ChangePriceOnDate
	// RemoveScheduledChange takes back a change of plan, quantity or price that has not taken effect.
	RemoveScheduledChange

	// SetAnchor moves the grid of the billing periods.
	SetAnchor
	// AutoRenewalOff makes the running period, or the next one to open, the last.
	AutoRenewalOff
	// AutoRenewalOn takes AutoRenewalOff back.
	AutoRenewalOn
	// SetEndDate sets, moves or clears the instant at which the subscription ends in any case.
	SetEndDate

	// AssignFeatures overrides what the plan grants, key by key.
	AssignFeatures
	// RevokeFeatures removes such overrides, so that the plan's own grants hold again.
	RevokeFeatures

	// AddDiscount adds a discount that the invoices to come will carry.
	AddDiscount
	// AddOneOff adds a charge that is made once.
	AddOneOff
	// AddCreditPack sells a pack of prepaid credits.
	AddCreditPack
	// AddAccountCredit grants money off the invoices to come.
	AddAccountCredit

	// Update changes what is only carried: name, references, tags, metadata, the reason of a cancel.
	Update

	// Hold stops service and billing by the operator's word, whatever the customer's own pause says.
	Hold
	// Release takes Hold back.
	Release
	// Close ends the subscription at once and for good: only an operator can reopen it.
	Close

	actionEnd
)

// actionWords is indexed by the action; the word of 0, which is none, is empty.
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
	RemoveScheduledChange:     "remove_scheduled_change",
	SetAnchor:                 "set_anchor",
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
	Close:                     "close",
}

// actionCount is the number of actions and of the 0 that is none.
const actionCount = int(actionEnd)

// Actions returns every action, in the order of the table. The slice is the caller's own.
func Actions() []Action {
	actions := make([]Action, 0, actionCount-1)
	for a := Action(1); a < actionEnd; a++ {
		actions = append(actions, a)
	}
	return actions
}

// IsValid reports whether a is one of the actions. The zero value is not.
func (a Action) IsValid() bool { return a != 0 && a < actionEnd }

// String returns the word, "cancel_now" for CancelNow; "" for the zero value, and a number in brackets
// for what is no action.
func (a Action) String() string {
	if a >= actionEnd {
		return fmt.Sprintf("Action(%d)", uint8(a))
	}
	return actionWords[a]
}

// ParseAction returns the action of a word of Actions, exactly as String writes it. Anything else, the
// empty word included, is ErrInvalid.
func ParseAction(word string) (Action, error) {
	for _, a := range Actions() {
		if a.String() == word {
			return a, nil
		}
	}
	return 0, fmt.Errorf("%w: %.40q is not an action", ErrInvalid, word)
}

// MarshalText returns the word. It fails with ErrInvalid if a is not an action, the zero value included.
func (a Action) MarshalText() ([]byte, error) { return marshalWord("action", a.String(), a.IsValid()) }

// UnmarshalText accepts exactly what ParseAction accepts; otherwise it leaves a as it was.
func (a *Action) UnmarshalText(text []byte) error {
	parsed, err := ParseAction(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
