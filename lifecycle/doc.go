// Package lifecycle decides what may be done to a subscription, and with what effect.
//
// # What it is
//
// A table: for each action (a row) and each status (a column) what happens, under which conditions.
// The table is data, conditions included; Decide reads it, Grid prints it, Mermaid draws it. The
// package knows nothing about plans, dates or money and can be read on its own. docs/lifecycle.md
// shows the whole table and the reasons for its less obvious decisions.
//
// A State is the state of a subscription at an instant: its Status, the Flags beside it, the causes
// of the endings within the running period or trial, and what is Scheduled. Package subscription
// derives the state from the recorded commands and the instant; statuses are never stored. Facts
// are everything else that a decision needs: the plan's permissions, the related subscriptions, the
// options of the call.
//
// # Rules
//
//   - Decide(state, action, actor, facts) is a pure function. Equal questions have equal answers.
//   - In a cell the first rule whose conditions hold decides. The guards of a row come first, in
//     every cell in which something could succeed; where nothing could, the refusal says so and
//     does not mention permissions.
//   - The mode (now, at the period's end, on a date) is part of the action. There is no default.
//   - The plan's permissions bind a subscriber. An operator bypasses them (ImmediateCancelDenied,
//     PauseDenied, ResumeDenied, QuantityLocked), and never the structure: an operator cannot pause
//     a trial either. Whether the plan can be cancelled at all, and live dependents, bind both.
//   - Only an operator may hold, release, suspend, restore and close. A hold stops service and billing,
//     a suspension service alone: the status, what is scheduled and every other action are as without it.
//   - Only Reactivate leaves Cancelled, and with the flag Closed only an operator's Reactivate.
//   - Endings have causes that are kept separately. Undoing one leaves the others in force.
//   - Time also changes the state. These changes are Ticks: start, trial end, scheduled change,
//     pause, resume, ending, renewal. They are derived and never recorded; Tick.To says where they
//     lead.
//
// An Outcome says in which way an action takes effect (Effect), which statuses are possible right
// after it (To; more than one where the trial's rule or the endings decide), and which scheduled
// things it drops (Drops), which the caller must be told. A change that a call replaces is not in
// Drops, since others may remain scheduled.
//
// # Boundaries
//
// An ending exactly at the end of the running period lies within it. An ending "at the period's
// end" moves when that end moves. What lies at the exact instant of an ending comes after it
// (FallsAfterEnding), except a change of plan at an ending by length, after which the new plan
// continues. A date equal to the instant of the call is not past, except for extend_trial and
// set_next_billing.
//
// # Errors
//
// A refusal is a *TransitionError: state, action, actor, facts and the reason, one of the Err… values,
// which errors.Is finds. Its message and Instead name what is allowed instead. Invalid statuses, words,
// actions, actors and states are ErrInvalid. Nothing panics except MustState.
//
// # JSON
//
// Status, Action, Actor, EndingCause, Effect and Tick are their words in text and JSON ("in_trial",
// "cancel_at_period_end"); the zero values are not words, are not encoded, and no empty word is decoded.
// A State has no JSON, because it is derived.
//
// # Cost
//
// When the program starts, the table is compiled into arrays: the bits that matter in a cell fold
// into a short number, which is an index into the answers. Deciding an allowed action takes one
// pass without branches on its circumstances and allocates nothing; a refusal allocates its error.
package lifecycle
