// Package subscription holds what a customer agreed to and everything that was done
// to the agreement since, and returns its state at any instant, past or future.
//
// # What it is
//
// A [Subscription] is an immutable value the size of a pointer. [New] creates one from
// [Params]; each verb takes a [Call], which says when, who and how, and returns the
// next value. Only commands are recorded. Everything else (status, periods, what is
// scheduled, what a customer may use) is derived from them and an instant.
//
//   - [Subscription.At] returns the whole state at an instant; [Subscription.Status],
//     [Subscription.State], [Subscription.Plan], [Subscription.Period],
//     [Subscription.EndsAt], [Subscription.Scheduled] and others return one part of it.
//   - [Subscription.Timeline] divides a period into disjoint [Segment]s, for billing.
//   - [Subscription.History] lists the commands; [Subscription.Events] adds what fell due
//     and what will, since an instant, each with an id that stays;
//     [Subscription.NextChange] returns when the status changes next.
//   - [Subscription.Entitlements] resolves what the owner may use; [Exceeded] returns of
//     what a change would leave less than is used.
//   - [Subscription.Edit] applies several verbs, all or none, as one change.
//   - [Set] has the rules that concern several subscriptions.
//
// The embedding service stores the JSON, compares [Subscription.Version] before it
// saves, and passes in instants, actors and the facts that only it knows: quantities
// in use, live dependents, what a parent has left.
//
// # Rules
//
// What is allowed in which status, and what it then does, is the table of package
// lifecycle; its [lifecycle.TransitionError] is returned unchanged. Beyond the table,
// for every actor: a plan changed to must be in the offering that was sold, if there
// was one (ErrPlanNotInOffering), in the same currency (ErrCurrency), and another plan
// (ErrPlanUnchanged, unless a quantity is given too); a quantity must not be below what
// the call says is in use (ErrQuantityBelowUse) and must belong to a charge of the plan
// that is not metered (ErrNoCharge); a credit pack must be one of the plan's
// (ErrPackNotAllowed).
//
// A change of plan keeps the quantity, and the quantities and features that were set
// and that the new plan has too; negotiated prices end with their plan, unless
// Policy.ChangePrices keeps them, or their ratio to the prices of the plans. In a trial and
// before the start, a change applies from then on. The plan's length and phases start
// over.
//
// An ending has a cause: cancel, no_renewal, length or end_date; the earliest counts.
// "At period end" is stored as such and moves with the boundary. In a trial it means
// the trial's end, also if that is brought forward. After a cancel the subscription is
// cancelled; after any other cause it is closed too, and only an operator reactivates
// it. A reactivation before the agreed start makes it future again, to start as
// agreed. After it, the period that was running continues if it was billed in advance,
// is not over and nothing of it was credited; otherwise a new period starts.
//
// While paused, boundaries pass without invoices and are not counted as cycles. A hold
// is the operator's pause: the customer's own pause is kept under it, a scheduled one
// takes effect under it, and a release restores what would be without the hold. A
// resume follows Policy.ResumeAnchor: keep, reset, or extend by the length of the pause.
//
// [Subscription.SetNextBilling] gives the period that runs another end, from which the grid
// goes on; what was to happen at the end of the period moves with it.
//
// A suspension ([Subscription.Suspend]) is the operator's too, and stops the service alone: every
// entitlement is dormant, the status stays, and all is billed as without it, also usage that
// is recorded meanwhile. It stands beside a pause or a hold, and is ended by Restore, or by the
// reactivation of what was cancelled.
//
// # Add-ons
//
// [Subscription.Attach] takes on a [plan.AddOn], [Subscription.Detach] gives it up, and
// [Subscription.ChangeAddOnQuantity] changes how many units there are. They are changes as
// those of a price: allowed where these are, immediate, at the end of the period or on a
// date, by the policy of the call, and parts of an Edit.
//
//   - An attachment has an id, which names it for good; that of its charges is the id of the
//     attachment, a slash and the charge's own, "backup/storage". The charges stand behind
//     those of every phase of the plan ([Segment.Phase]).
//   - It bills by the periods of the subscription. In a trial and before the start it is
//     attached and not billed; a pause and an ending take it along.
//   - Its quantity is its own, within the bounds of the add-on (ErrAddOn), as are negotiated
//     prices, which [Subscription.ChangePrice] changes.
//   - An add-on that is not repeatable is attached once at a time, in whatever version
//     (ErrAttached). An id is never used again, also after it is detached.
//   - It may end by itself, at an instant or after a number of billed periods, of which the
//     one in which it is attached is the first; UndoChange does not touch that.
//   - Its features add to those of the plan (see package feature), as long as it is there. Where
//     they cannot be in force together it does not fit (ErrAddOn). What is in use beyond
//     the limit that is left is not taken away.
//   - A phase leaves it as it is. A change of plan keeps what fits the new plan, and detaches the
//     rest in the same change: Policy.ChangeAddOns. [Change.Detached] and [Event].Detached name
//     what ended without a call. What is kept is not billed anew, unless the plan has another
//     interval.
//
// # Terms
//
// A plan may have a contract term ([plan.Term]), which binds a subscriber whatever the plan
// bills by. [Subscription.Term] shows the term that runs, the instant before which a notice
// ends the subscription with it, and where a notice given now would lead.
//
//   - A cancellation "at period end" and auto-renewal turned off are notices: they take
//     effect at the first end of a term that is not before the minimum and for which the
//     notice is in time. A late one ends a later term, or is refused (ErrLateNotice).
//   - A subscriber's ending at once, on a date, or by an end date is refused unless that is
//     such an end: the [TermError] names the first one at or after it. An operator's is not.
//   - The term takes the place of the period in the status: non_renewing while the ending
//     falls into the running term.
//   - A change of plan keeps the count of terms, or restarts it, as the new plan says; what
//     ran binds to its end also where the new plan has no term. A reactivation into a new
//     period begins anew.
//   - EarlyEndFee of package billing returns what an end before that costs.
//
// # Moves
//
// A newer version of a plan may apply to existing subscriptions from a date
// (plan.Release.AppliesToExistingFrom). [Subscription.Follow] schedules the change to it for
// the end of the running period, once the date is not after that; a service asks for it where
// it loads or bills a subscription, or for many at once by [Set.Follow]. What cannot move keeps its
// version, and ErrCannotMove names why. Each move is recorded as a command, because a catalog
// that gains a version must not change what a subscription that was billed says of its past.
//
// # Increases
//
// Prices may increase by themselves ([plan.Increase]). Each increase is a change at a boundary,
// derived and never recorded: it opens a [Segment] ([Changed], no command), is an event, and
// [Snapshot].NextIncrease says when the next one is. It is billed as the price of the period that
// begins, whatever the choices for changes. A price that is changed for the same instant is changed
// after it. One that could never be billed, because its amount is out of range, changes nothing.
//
// # Zone data
//
// A document holds each of its instants with the civil time that it was in the zone of
// the subscription. Where the data of the zone give it another civil time since, the
// subscription is replayed with the instant that has the recorded one: nothing changes
// its order, its civil day or its cut. [Command.Recorded] returns the instant as it was.
// A document in UTC holds no civil times, and one without them is read by the present
// data.
//
// # Cuts
//
// A change, a pause or an ending within a period divides billed time at its cut
// ([Change.Cut]): with basis second at its instant, otherwise at a civil midnight, and
// never beyond the end of the period. What it begins, begins there:
//
//   - A phase or a plan length that a change starts counts from the cut.
//   - A new period by anchor reset starts, and is anchored, at the cut: on the day of a start inside
//     it at that day's midnight, also after a pause of the day, which leaves nothing of it behind.
//   - After a change to another interval the current period is the one of the new grid
//     that contains the cut, or the instant if that is later.
//   - The length of a pause, for extend, counts from its cut. If the moved end is not
//     after the resume, the next period opens at the resume. Where charges bill by a longer
//     interval than the plan, the grid is anchored at the end of the longest period that
//     runs, as many periods behind the moved end as before, so that all go on from one anchor.
//   - A new period by a resume or a reactivation does not start before the cut of the
//     pause or cancellation.
//
// What is scheduled exactly on a boundary is not moved.
//
// # Allowances
//
// An allowance per billing period is counted in the period that runs, in the trial, or in
// the whole life where nothing recurs. A period that a command opens begins, for what is
// counted, with the command and not at its cut: what was used before belongs to the
// period before, and what is paid anew is fresh, also a second time on one day.
//
// A window from the anchor ([feature.Anchored]) starts over on the boundaries of its own
// interval on the subscription's anchor and by its month-end rule, and where a whole new
// period is opened: the first one, by a reset, by a reactivation that begins anew. In a
// trial it counts from the trial's beginning, and ends with it. Where the grid moves, by a
// new anchor or a resume that extends, nothing starts over: the window that runs goes on
// to the first boundary of the new grid. Another interval of billing, a pause, and a plan
// in which nothing recurs change nothing of it, and what such a plan replaces at the
// instant at which it falls due, as a phase, has moved nothing; where there never was a
// period it counts from the beginning of the service.
//
// A limit for each unit ([feature.Grant].Per) is multiplied by the charge's quantity: that
// of the running phase, or where the phase lacks the charge that of the first phase that
// has it. An override for each unit of a charge that a new plan lacks ends with the change.
// What a change within a window raises and lowers follows package feature.
// [feature.Entitlement.Until] is the end of the window or the first known change of the
// limit; neither [Subscription.NextChange] nor billing.WakeAt looks at windows.
//
// # Commands and ticks
//
// Commands are numbered from 2; the creation of the subscription is number 1. A number
// is never reused and never changes. A tick, which falls due by itself (start, trial
// end, phase, renewal, a scheduled effect, an ending), is derived and has no number.
// The cost of a verb depends on what is scheduled and on the number of commands, not on
// the number of periods that passed.
//
// The commands of one Edit form a change set ([Command].Set): they have one cut and one
// invoice. With Call.Separate they do not.
//
// # Order at one instant
//
// First what falls due: endings by cancel and end date, start and trial end, phase,
// scheduled changes in order of call, pause, resume, endings by no_renewal and length.
// Then the commands that only add to an invoice (discount, one-off, credit pack,
// account credit). Then the renewal and its invoice. Then all other commands in order
// of call: two commands at one instant are two changes.
//
// # Scheduling
//
// [When] is required and has no default: [Immediately], [AtPeriodEnd], [On]. One
// cancellation and one pause can be scheduled, and at most [MaxWaiting] changes: of the
// plan, of add-ons, and of the quantity and the price of each charge, one for each date, so
// that a price may rise in steps. A second one of the same thing for the same date is refused
// unless Call.Replace is set, which replaces all that are scheduled of that thing; the
// call is then checked as if they had been undone first. UndoCancel, UndoPause,
// UndoResume and UndoChange remove what is scheduled. What is removed as a side effect,
// such as a scheduled pause by a cancellation at period end, is in [Change].Dropped and
// [Event].Dropped. A scheduled change whose object no longer exists when it falls due
// changes nothing.
//
// # Corrections
//
// A verb dated before the last command is refused with ErrBackdated unless
// Call.Correction is set. Then the commands are replayed in the order of their instants;
// the correction takes the next number and no command is renumbered. If a later command
// would no longer be allowed, the correction is refused with ErrHistory. A later command
// that now changes nothing stays recorded. billing.Reconcile deals with what was
// invoiced already.
//
// # Idempotency
//
// A Call.Key is looked up before anything else. The same action with the same options,
// at any instant and for any reason, changes nothing; anything else is ErrKeyReused. A
// call that was refused, or that changed nothing, does not use up its key. The key of
// an [Subscription.Edit] counts for all of its parts together. [Subscription.CommandOf]
// returns what a key recorded.
//
// # Bounds
//
// At most [MaxCommands] commands, [MaxWaiting] scheduled changes, [MaxAssigned]
// assigned features, [MaxAttachments] attachments over its life; ids and references at most [MaxID]
// bytes, names and reasons [MaxText]; [MaxTags] tags, [MaxMetadata] entries of [MaxValue] bytes; a
// document at most [MaxDocument] bytes: a verb that would make it longer, amounts larger than
// [MaxGiven], and one command, change or feature too many are refused with [ErrFull]. Instants lie in
// the years 1 to 9999 and are stored in UTC.
//
// Instants have microseconds, which is what databases keep: in every call and document
// finer digits are dropped, towards the past, and so are monotonic readings. So a start
// taken from a clock, what a column keeps of it and what a queue gives back are one
// instant.
//
// # Text
//
// Ids, keys, references, names, tags and the keys of metadata are lines: valid UTF-8
// without control characters (U+0000 to U+001F, U+007F to U+009F), without U+2028 and
// U+2029, without the characters that change the direction of text (U+061C, U+200E,
// U+200F, U+202A to U+202E, U+2066 to U+2069), and without white space at their ends.
// Reasons, Details.CancelReason and the values of metadata may have several lines: they
// may in addition hold line feeds and tabs, and white space anywhere; carriage returns
// they may not. Anything else is a [fault.FieldError] with the code bad_text, whether it
// comes in by a verb or by a document. The same rule holds in packages plan, feature and
// billing, where descriptions may have several lines.
//
// An id of a subscription must be unique across all tenants of a service: the ids of
// invoices, lines and events are derived from it.
//
// # JSON
//
// A document is what the subscription was created with and its commands; [Decode] reads
// it, with a catalog that resolves the plans and the add-ons. Decoding replays the commands, so that
// what no sequence of verbs could have produced is refused. It is strict: unknown,
// repeated or miscased names, unknown words, null where it has no meaning, and values
// out of bounds are errors, all of them reported, each with its path. Fields without a
// value are omitted.
//
//	format        1
//	id            text
//	plan          "pro@3", the plan that it was created with
//	currency      code, if it is not the plan's own
//	offering      a plan.Offering
//	at            instant of the creation; omitted if it is start
//	start         instant
//	time_zone     zone name; omitted for UTC
//	anchor        instant of boundary 0
//	quantity      decimal as a string; omitted: "1"
//	quantities    decimals by charge
//	prices        plan.Price by charge
//	policy        a plan.Policy, over the plan's
//	trial_used    true: a trial was used before
//	no_renewal    true: created with auto-renewal off
//	end_date      instant
//	details       name, external_ref, owner, account, organization, team, parent,
//	              channel, cancel_reason, tags, metadata: as created, before any update
//	commands      in the order of their numbers, from 2
//
// A command has at, action (a word of lifecycle.Action) and actor; reason, key,
// correction, replace and policy as in the call; set, the number of the first command
// of its change set, if it belongs to one; and by its action:
//
//	on            instant: …_on_date, but for resume_on_date
//	plan          "pro@3": change_plan_…, with quantity if that changes too
//	attachment    id: attach_…, detach_…, change_quantity_… of an add-on
//	add_on        "backup@1": attach_…, with prices, by charge, if they are negotiated
//	charge        id: change_quantity_… (omitted: all without their own), change_price_…
//	quantity      decimal as a string: also attach_…; price: a plan.Price
//	resume_at     instant: pause_… (its end), resume_on_date
//	cycles        number of periods: pause_…, attach_…
//	anchor        instant: set_anchor
//	next_billing  instant: set_next_billing; difference: "share", omitted if it is free
//	trial_end     instant: extend_trial, reactivate
//	end_date      instant: set_end_date (omitted: clears), reactivate, attach_…
//	discount      a plan.Discount: add_discount
//	one_off       id, name, amount, collect, tax_code: add_one_off
//	account_credit  money: add_account_credit
//	pack          id: add_credit_pack
//	patch         as Patch: update
//	features      feature.Overrides: assign_features; revoked, keys: revoke_features
//
// An [Event] and a [Snapshot] are documents as well, both ways and as strict. Each begins
// with "version", which is [DocumentVersion]; another one is refused. AppendJSON appends
// to a buffer. Sets of flags are lists of words: ["held","renewal_off"].
//
// # Errors
//
// A refusal by the table is a [*lifecycle.TransitionError]; test its reason with
// errors.Is. Faults of [Params] and of documents are [*fault.FieldError]s, joined; those of
// the parts of an edit are [*EditError]s; a second live subscription to a product is a
// [*DuplicateError]. A document whose plan
// the catalog has lost is a [*LostPlanError]. Everything else is one of the Err… values,
// or wraps it; [fault.Kind] sorts them all. A verb that
// fails leaves the value unchanged. No error, String or event shows reasons, names,
// references or metadata.
package subscription
