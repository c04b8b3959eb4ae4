package lifecycle

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/fault"
)

// The reasons for which the table refuses an action. Each comes inside a *TransitionError; test for it
// with errors.Is.
var (
	// ErrInvalid: a status, action, actor, cause or state is invalid.
	ErrInvalid = fault.Unusable.Errorf("lifecycle: invalid")

	// ErrNotPermitted: the plan does not permit it to this actor, or only an operator may do it.
	ErrNotPermitted = fault.New(fault.Refused, "lifecycle: not permitted")
	// ErrHasDependents: live subscriptions depend on this one, and the call does not cascade.
	ErrHasDependents = fault.New(fault.Refused, "lifecycle: has live dependents")
	// ErrImmediateCancel: the plan does not let a subscriber end it before the end of a period.
	ErrImmediateCancel = fault.New(fault.Refused, "lifecycle: immediate cancel not permitted")
	// ErrQuantityLocked: the plan does not let a subscriber change this quantity.
	ErrQuantityLocked = fault.New(fault.Refused, "lifecycle: quantity locked")

	// ErrAlreadyStarted: it is past its start.
	ErrAlreadyStarted = fault.New(fault.Refused, "lifecycle: already started")
	// ErrNotStarted: it is before its start.
	ErrNotStarted = fault.New(fault.Refused, "lifecycle: not started")
	// ErrInTrial: a trial runs, and a trial cannot be paused.
	ErrInTrial = fault.New(fault.Refused, "lifecycle: in trial")
	// ErrNotInTrial: no trial runs or is to come.
	ErrNotInTrial = fault.New(fault.Refused, "lifecycle: not in trial")
	// ErrTrialUsed: a trial was asked for, and one was already used.
	ErrTrialUsed = fault.New(fault.Refused, "lifecycle: trial already used")

	// ErrCancelled: it is cancelled, and this cannot be done to a cancelled subscription.
	ErrCancelled = fault.New(fault.Refused, "lifecycle: cancelled")
	// ErrAlreadyCancelled: a cancel was asked for, or its removal, and it is already cancelled.
	ErrAlreadyCancelled = fault.New(fault.Refused, "lifecycle: already cancelled")
	// ErrNotCancelled: a reactivation was asked for, and it is not cancelled.
	ErrNotCancelled = fault.New(fault.Refused, "lifecycle: not cancelled")
	// ErrClosed: it is closed; only an operator reopens it.
	ErrClosed = fault.New(fault.Refused, "lifecycle: closed")
	// ErrEnded: its end date has passed, and no new one was given.
	ErrEnded = fault.New(fault.Refused, "lifecycle: end date has passed")

	// ErrPaused: it is paused, and this is possible only after the resume.
	ErrPaused = fault.New(fault.Refused, "lifecycle: paused")
	// ErrAlreadyPaused: a pause was asked for, and it is already paused.
	ErrAlreadyPaused = fault.New(fault.Refused, "lifecycle: already paused")
	// ErrNotPaused: a resume was asked for, and the customer has no pause.
	ErrNotPaused = fault.New(fault.Refused, "lifecycle: not paused")
	// ErrHeld: an operator's hold prevents it, or there is one already.
	ErrHeld = fault.New(fault.Refused, "lifecycle: held")
	// ErrNotHeld: a release was asked for, and there is no hold.
	ErrNotHeld = fault.New(fault.Refused, "lifecycle: not held")
	// ErrSuspended: a suspension was asked for, and there is one already.
	ErrSuspended = fault.New(fault.Refused, "lifecycle: suspended")
	// ErrNotSuspended: a restoration was asked for, and there is no suspension.
	ErrNotSuspended = fault.New(fault.Refused, "lifecycle: not suspended")

	// ErrAlreadyScheduled: a cancel or a pause is already scheduled, and the call does not replace
	// it.
	ErrAlreadyScheduled = fault.New(fault.Refused, "lifecycle: already scheduled")
	// ErrChangeScheduled: a change of the same thing is scheduled, and the call does not replace it.
	ErrChangeScheduled = fault.New(fault.Refused, "lifecycle: change already scheduled")
	// ErrNothingScheduled: there is nothing scheduled to undo.
	ErrNothingScheduled = fault.New(fault.Refused, "lifecycle: nothing scheduled")
	// ErrEnding: what was to be scheduled would take effect after the subscription has ended.
	ErrEnding = fault.New(fault.Refused, "lifecycle: ending")

	// ErrPast: the instant given lies in the past.
	ErrPast = fault.New(fault.Late, "lifecycle: date in the past")
	// ErrInvalidDates: the instant given lies before the start.
	ErrInvalidDates = fault.OutOfOrder.Errorf("lifecycle: dates out of order")
	// ErrNoPeriod: nothing recurs, so there is no period that could end or be moved.
	ErrNoPeriod = fault.New(fault.Refused, "lifecycle: no billing period")
	// ErrCreditChoice: a quantity is lowered in the last period, and the call does not say how the
	// unused part is credited.
	ErrCreditChoice = fault.Required.Errorf("lifecycle: credit choice missing")
)

// TransitionError is a refusal of the table. Its message names the reason, the action, the actor, the
// status and what is allowed instead.
type TransitionError struct {
	State  State
	Action Action
	Actor  Actor
	Facts  Facts
	Err    error // one of the Err… values of this package
}

// Error names what is allowed instead: "lifecycle: in trial: pause_now by subscriber while in_trial;
// allowed instead: end_trial".
func (e *TransitionError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: ", e.Err)
	switch {
	case !e.State.IsValid():
		b.WriteString("no state")
		return b.String()
	case !e.Actor.IsValid():
		fmt.Fprintf(&b, "actor %q: must be %s or %s", e.Actor, Subscriber, Operator)
		return b.String()
	case !e.Action.IsValid():
		fmt.Fprintf(&b, "no action %q", e.Action)
	default:
		fmt.Fprintf(&b, "%s by %s", e.Action, e.Actor)
	}
	fmt.Fprintf(&b, " while %s; allowed instead: ", e.State)
	for i, a := range e.Instead() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.String())
	}
	if slices.Contains(e.allowed(), e.Action) {
		fmt.Fprintf(&b, "; or %s with other options", e.Action)
	}
	return b.String()
}

// Unwrap returns the reason, so that errors.Is finds it.
func (e *TransitionError) Unwrap() error { return e.Err }

// Instead returns the other actions that this actor may do in this state and that are closest to
// what was asked for, the best first; if none is close, all the others that are allowed. The
// options of the refused call are ignored: what it said about its date does not apply to another
// call. Empty only for an invalid state or actor.
func (e *TransitionError) Instead() []Action {
	allowed := e.allowed()
	var near []Action
	for _, a := range append(remedies(e.Err), alternatives(e.Action)...) {
		if a != e.Action && slices.Contains(allowed, a) && !slices.Contains(near, a) {
			near = append(near, a)
		}
	}
	if len(near) > 0 {
		return near
	}
	return slices.DeleteFunc(allowed, func(a Action) bool { return a == e.Action })
}

// allowed returns what this actor could do in this state with other options.
func (e *TransitionError) allowed() []Action {
	facts := e.Facts.Standing()
	if errors.Is(e.Err, ErrTrialUsed) {
		facts &^= TrialAhead // the trial that the call itself gave
	}
	return Allowed(e.State, e.Actor, facts)
}

// remedies are the actions that remove a reason for refusing, for every action.
func remedies(err error) []Action {
	switch err {
	case ErrNotStarted:
		return []Action{Start}
	case ErrInTrial:
		return []Action{EndTrial}
	case ErrCancelled, ErrAlreadyCancelled:
		return []Action{Reactivate}
	case ErrPaused, ErrAlreadyPaused:
		return []Action{ResumeNow, ResumeOnDate, Release}
	case ErrHeld, ErrNotPaused:
		return []Action{Release}
	case ErrSuspended:
		return []Action{Restore}
	case ErrEnding:
		return []Action{RemoveScheduledCancel, AutoRenewalOn, SetEndDate}
	case ErrChangeScheduled:
		return []Action{RemoveScheduledChange}
	default:
		return nil
	}
}

// refusals lists every reason with its name in Go, for the printed table.
var refusals = []struct {
	name string
	err  error
}{
	{"ErrInvalid", ErrInvalid},
	{"ErrNotPermitted", ErrNotPermitted},
	{"ErrHasDependents", ErrHasDependents},
	{"ErrImmediateCancel", ErrImmediateCancel},
	{"ErrQuantityLocked", ErrQuantityLocked},
	{"ErrAlreadyStarted", ErrAlreadyStarted},
	{"ErrNotStarted", ErrNotStarted},
	{"ErrInTrial", ErrInTrial},
	{"ErrNotInTrial", ErrNotInTrial},
	{"ErrTrialUsed", ErrTrialUsed},
	{"ErrCancelled", ErrCancelled},
	{"ErrAlreadyCancelled", ErrAlreadyCancelled},
	{"ErrNotCancelled", ErrNotCancelled},
	{"ErrClosed", ErrClosed},
	{"ErrEnded", ErrEnded},
	{"ErrPaused", ErrPaused},
	{"ErrAlreadyPaused", ErrAlreadyPaused},
	{"ErrNotPaused", ErrNotPaused},
	{"ErrHeld", ErrHeld},
	{"ErrNotHeld", ErrNotHeld},
	{"ErrSuspended", ErrSuspended},
	{"ErrNotSuspended", ErrNotSuspended},
	{"ErrAlreadyScheduled", ErrAlreadyScheduled},
	{"ErrChangeScheduled", ErrChangeScheduled},
	{"ErrNothingScheduled", ErrNothingScheduled},
	{"ErrEnding", ErrEnding},
	{"ErrPast", ErrPast},
	{"ErrInvalidDates", ErrInvalidDates},
	{"ErrNoPeriod", ErrNoPeriod},
	{"ErrCreditChoice", ErrCreditChoice},
}
