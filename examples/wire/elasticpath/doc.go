// Package elasticpath speaks the subscriptions of a commerce API: a subscription with
// a snapshot of the offering that was sold, its flags, and the actions cancel, pause
// and resume.
//
// # What it is
//
// [Store.Encode] writes a subscription as it stands at an instant into the API's
// document, [Read] says what a document means, [Store.Adopt] makes a subscription of
// one. [Store.Update] changes the plan, and [Act] does the actions.
//
// # How the words map
//
// status says whether the owner may use it, and the three flags what was asked for:
//
//	future                    inactive
//	in_trial                  active
//	active                    active
//	active, a pause waits     active, paused
//	non_renewing by cancel    active, canceled, with an end_date
//	non_renewing otherwise    active, with an end_date
//	paused                    inactive, paused
//	cancelled                 inactive, canceled, with an end_date that has passed
//	cancelled for good        inactive, closed
//
// A cancel or a pause sets its flag at once and takes effect at the end of the term:
// that is AtPeriodEnd. Resume means, by the state, to take back a scheduled cancel or
// pause, to resume, or to reactivate. state is the latest of these commands;
// canceled_at, paused_at and resumed_at are when they were asked for. invoice_after is
// the next boundary of the terms, also in a pause and after an end.
//
// When service goes live, and until when the trial runs, is not in a document: the
// service keeps it as [Kept]. Owner, product references and relationships are carried
// as metadata and returned as they came.
//
// # What strict refuses and lossy loses
//
// Strict encoding reads its own document again; what would then mean something else is
// [wire.ErrNotRepresentable]. Lossy writes
//
//   - a hold before the start, or one that the start has passed, as one that has not
//     started;
//   - a plan that recurs never with its start as invoice_after;
//   - what ended with a trial as inactive without a flag;
//   - ids that are no UUIDs as they are, and an offering that was never sold as an empty
//     one.
//
// Quantities, negotiated prices and changes that wait are not on the page; they stay
// with the service and are not refused.
//
// # Errors
//
// A document at fault is [wire.ErrMalformed] for each fault. Refusals are those of
// packages lifecycle and subscription; an unknown plan is plan.ErrNotFound.
package elasticpath
