// Package elasticpath implements the subscriptions of a commerce API: a subscription with
// a snapshot of the offering that was sold, its flags, and the actions cancel, pause and
// resume.
//
// # What it is
//
// [Store.Encode] writes a subscription at an instant as the API's document, [Read]
// interprets a document, and [Store.Adopt] makes a subscription from one. [Store.Update]
// changes the plan, and [Act] performs the actions.
//
// # How the words map
//
// status says whether the owner may use the subscription; the three flags say what was
// requested:
//
//	future                       inactive
//	in_trial                     active
//	active                       active
//	active, a pause scheduled    active, paused
//	non_renewing by cancel       active, canceled, with an end_date
//	non_renewing otherwise       active, with an end_date
//	paused                       inactive, paused
//	cancelled                    inactive, canceled, with an end_date in the past
//	cancelled for good           inactive, closed
//
// A cancel or a pause sets its flag immediately and takes effect at the end of the term
// (AtPeriodEnd). Resume undoes a scheduled cancel or pause, resumes, or reactivates,
// depending on the state. state is the latest of these commands. canceled_at, paused_at
// and resumed_at are when each was last requested, and are kept when another one follows.
// invoice_after is the next boundary of the terms; in a pause and after the end it stays
// at the end of the last term that was billed.
//
// When service goes live, and when the trial ends, is not in a document: the service
// stores it as [Kept]. Owner, product references and relationships are stored as metadata
// and returned unchanged.
//
// # What strict refuses and lossy loses
//
// Strict encoding reads its own output; a difference in meaning is
// [wire.ErrNotRepresentable]. Lossy encoding writes
//
//   - a hold before the start, or one that has outlasted the start, as not started;
//   - the start as invoice_after of a plan that does not recur;
//   - a subscription that ended with its trial as inactive without a flag;
//   - ids that are not UUIDs unchanged, and an empty offering if none was sold.
//
// Quantities, negotiated prices and scheduled changes are not on the page; the service
// keeps them, and they are not refused. [Store.Update] returns what is scheduled.
//
// # Errors
//
// A malformed document is [wire.ErrMalformed] for each fault. Refusals are those of
// packages lifecycle and subscription; an unknown plan is plan.ErrNotFound.
package elasticpath
