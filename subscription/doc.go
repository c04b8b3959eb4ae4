// Package subscription holds what a customer agreed to and all that was done to it
// since, and answers what it is at any instant, past or to come.
//
// # What it is
//
// A [Subscription] is an immutable value of one word. [New] makes one of [Params];
// each verb takes a [Call], which says when, who and how, and returns the next
// value. What is recorded is commands only. Everything else, status, periods, what
// is scheduled, what a customer may use, is derived from them and an instant.
//
//   - [Subscription.At] is the whole of it at an instant; [Subscription.Status],
//     [Subscription.State], [Subscription.Plan], [Subscription.Period],
//     [Subscription.EndsAt], [Subscription.Scheduled] and others answer one question each.
//   - [Subscription.Timeline] cuts a period into disjoint [Segment]s, for billing.
//   - [Subscription.History] lists the commands, [Subscription.Events] weaves into them
//     what fell due and what will.
//   - [Subscription.Entitlements] resolves what the owner may use.
//   - [Subscription.Edit] does several verbs, all or none.
//   - [Set] has the rules over several subscriptions.
//
// The embedding service stores the JSON, compares [Subscription.Version] before it
// saves, and passes in instants, actors and what only it knows: quantities in use,
// live dependents, what a parent has left.
//
// # Rules
//
// What may be done in which status, and what it then does, is the table of package
// lifecycle; its [lifecycle.TransitionError] comes back as it is. Beyond the table,
// whoever acts: a plan changed to is in the offering that was sold, if one was
// (ErrPlanNotInOffering), in the same currency (ErrCurrency), and another one
// (ErrPlanUnchanged, unless a quantity comes with it); a quantity is not below what
// the call says is in use (ErrQuantityBelowUse) and belongs to a charge of the plan
// that is not metered (ErrNoCharge); a credit pack is one of the plan's
// (ErrPackNotAllowed).
//
// A change of plan keeps the quantity, and the quantities and features set for what
// the new plan has too; negotiated prices end with the plan that they departed
// from. In a trial and before the start, a change simply holds from then on. The
// plan's length and phases count anew.
//
// An ending has a cause: cancel, no_renewal, length, end_date; the earliest counts.
// "At period end" is kept as such and moves with the boundary. In a trial it means
// the trial's end, also when that comes early. After a cancel the subscription is
// cancelled, after the other causes closed too: then only an operator reactivates it.
// A reactivation comes back into the period that was left, if that was billed in
// advance, still runs and nothing of it was credited; else it begins anew.
//
// While paused, boundaries pass without bills and count as no cycles. A hold is the
// operator's pause: the customer's own is kept apart under it, a scheduled one comes
// due under it, and release goes back to what would be without the hold. A resume
// follows Policy.ResumeAnchor: keep, reset, or extend by the length of the pause.
//
// # Commands and ticks
//
// Commands are numbered from 2; the making of the subscription is number 1. A number
// is never given again and never changes. A tick, what falls due by itself (start,
// trial end, phase, renewal, a scheduled effect, an ending), is derived and has no
// number. The work of a verb grows with what is scheduled and with the number of
// commands, never with the periods that pass.
//
// # Order at one instant
//
// First what falls due: endings by cancel and end date, start and trial end, phase,
// scheduled changes in order of call, pause, resume, endings by no_renewal and
// length. Then the commands that only feed an invoice (discount, one-off, credit
// pack, account credit). Then the renewal and its bill. Then all other commands in
// order of call: two commands at one instant are two changes.
//
// # Scheduling
//
// [When] is required and has no default: [Immediately], [AtPeriodEnd], [On]. One
// cancel and one pause can wait, and at most [MaxWaiting] changes: of the plan, and of
// the quantity and the price of each charge, one for each date, so that a price may
// rise in steps. A second one of the same thing for the same date is refused unless
// Call.Replace is set, which takes the place of all that are scheduled of that thing.
// Taking back: UndoCancel, UndoPause,
// UndoResume, UndoChange. What falls away unasked, such as a scheduled pause with a
// cancel at period end, is in [Change].Dropped and [Event].Dropped. A scheduled
// change whose object is gone when it comes due changes nothing.
//
// # Corrections
//
// A verb dated before the last command is refused with ErrBackdated unless
// Call.Correction is set. Then the commands are played again in the order of their
// instants, the correction taking the next number and renumbering nothing. If a
// later command no longer holds, the correction is refused with ErrHistory. A later
// command that now changes nothing stays recorded. What was billed is for
// billing.Reconcile.
//
// # Idempotency
//
// A Call.Key is looked up before anything else. The same action with the same
// options, at whatever instant and for whatever reason, changes nothing; anything
// else is ErrKeyReused. A call that was refused, or that changed nothing, uses up no
// key. The key of an [Subscription.Edit] counts for all of its parts together.
//
// # Bounds
//
// At most [MaxCommands] commands, [MaxWaiting] scheduled changes, [MaxAssigned]
// assigned features; ids and references at most [MaxID] bytes, names and reasons
// [MaxText]; [MaxTags] tags, [MaxMetadata] entries of [MaxValue] bytes; a document at
// most [MaxDocument] bytes. Instants lie in the years 1 to 9999 and are kept in UTC.
//
// # JSON
//
// A document is what the subscription was made with and its commands; it is read by
// [Decode], with a catalog that resolves the plans. Reading plays the commands
// again, so that what no sequence of verbs could have made is refused. It is strict:
// unknown, repeated or miscased names, unknown words, null where it means nothing,
// and values out of bounds are errors, all of them reported, each with its path.
// Fields with no value are left out.
//
//	format        1
//	id            text
//	plan          "pro@3", the plan that it was made with
//	offering      a plan.Offering
//	at            instant of the agreement; left out where it is start
//	start         instant
//	time_zone     zone name; left out for UTC
//	anchor        instant of boundary 0
//	quantity      decimal as a string; left out: "1"
//	quantities    decimals by charge
//	prices        plan.Price by charge
//	policy        a plan.Policy, over the plan's
//	trial_used    true: a trial was had before
//	no_renewal    true: made with auto-renewal off
//	end_date      instant
//	details       name, external_ref, owner, account, organization, team, parent,
//	              channel, cancel_reason, tags, metadata: as made, before any update
//	commands      in the order of their numbers, from 2
//
// A command has at, action (a word of lifecycle.Actions) and actor; reason, key,
// correction, replace and policy as in the call; and by its action:
//
//	on            instant: cancel_on_date, pause_on_date, change_…_on_date
//	plan          "pro@3": change_plan_…, with quantity if that changes too
//	charge        id: change_quantity_… (left out: all without their own), change_price_…
//	quantity      decimal as a string; price: a plan.Price
//	resume_at     instant: pause_… (its end), resume_on_date; or cycles: pause_…
//	anchor        instant: set_anchor
//	trial_end     instant: extend_trial, reactivate
//	end_date      instant: set_end_date (left out: clears), reactivate
//	discount      a plan.Discount: add_discount
//	one_off       id, name, amount, collect: add_one_off
//	credit        money: add_account_credit
//	pack          id: add_credit_pack
//	patch         as Patch: update
//	features      feature.Overrides: assign_features; revoked, keys: revoke_features
//
// # Errors
//
// A refusal of the table is a [*lifecycle.TransitionError]; test its reason with
// errors.Is. Faults of [Params] and of documents are [*FieldError]s, joined; those of
// the parts of an edit [*EditError]s; a second live subscription to a product is a
// [*DuplicateError]. All else is one of the Err… values, or wraps it. A verb that
// fails leaves the value as it was. No error, no String and no event shows reasons,
// names, references or metadata.
package subscription
