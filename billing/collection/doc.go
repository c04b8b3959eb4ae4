// Package collection says how it stands with the payment of invoices: what is past due, which
// step of a policy counts, what a customer may use meanwhile, and what comes next.
//
// # What it is
//
// One pure function, [Standing], over invoices, [Fact]s about their payment, a [Policy] and an
// instant. Nothing is charged, sent or stored, and no status changes: being past due is a flag
// beside the status of a subscription, derived whenever it is asked for. So a payment clears it
// at the instant of the payment, and nothing is undone by hand. Only what holds or ends a
// subscription is a command ([State].Commands), which the service gives, or does not.
//
// # Facts
//
// A fact says what happened to an invoice and when: it is due ([Due]; without that fact at its
// own instant), an attempt to collect failed ([Failed]), something was paid or taken back
// ([Paid], with what is left), or it is no longer owed ([Voided]), as after a write-off or where
// a cancelled customer is let go. Facts may become known late and in any order: they count by
// the instant at which they happened, and [State].Past lists the steps that were reached by
// what is known now, also those that nobody has acted on.
//
// An invoice is overdue from the instant at which it is due, while something is left of it and
// it is not voided. Before, it is no debt, whatever failed. One that account credit paid, of
// which nothing is due, is paid.
//
// # Policy
//
// A policy is data: a list of steps, the most severe first. A step has conditions: so many
// civil days since the earliest overdue invoice (by the clock of the subscription, at the same
// time of the day), so many overdue invoices, so many failed attempts on one of them since it
// was last paid, so much overdue. Those that are given must hold together, and the first step
// whose conditions all hold counts. A step that can never count is a fault of the policy.
//
// What it does are [Action]s. [Notify] and [Retry] are for the service, once for each
// [State].Key: the step and the earliest overdue invoice. [BlockChanges] is a flag. [Suspend]
// stops the service, while billing goes on: a flag of the standing, which whoever asks it follows.
// [SuspendNow] stops it too, and proposes the command with which the subscription itself grants
// nothing (subscription.Subscription.Suspend). [Hold], [EndNow] and [Close] suspend too, and propose a
// command; [EndAtPeriod] proposes to cancel at the end of the period. [Close] is an end that
// only an operator undoes.
//
// The choices, the default first:
//
//	count_from     due: days count from the due date; invoice: from the instant of the invoice
//	grace          entitle: everything goes on until a step suspends; stop: nothing does
//	scope          subscription: its invoices only; account: those of all, together
//	coverage       keep_paid: what is paid for goes on to its end; cut_paid: it stops too
//	reactivation   with_debt: a debt does not matter; when_paid: it comes first
//
// # What is entitled
//
// [State].Access is full, unless something is overdue and a step, or the grace, suspends. Then
// what is paid for goes on: [State].Paid lists the charges whose line, on an invoice of which
// nothing is left, spans the instant, up to the end of the line or to the credit that took back
// the rest. A yearly plan that is paid goes on for the year, whatever is owed for an add-on.
// Commands wait for the same: a subscription is not held or ended before the time is over that
// is paid for ([Command].At). With cut_paid neither waits. An invoice that is paid in part pays
// for nothing yet, and what no invoice was made of, as a free plan, is not paid for.
//
// # Commands
//
// A command has the subscription, a verb of lifecycle, the instant from which it is due, and an
// idempotency key. [Command.Apply] gives it as an operator, with the reason [CauseUnpaid], so
// that a retry changes nothing and the history says why. In the scope of an account each
// subscription that has an invoice among those given gets one.
//
// A payment clears the flag, and does not bring back what ended. What was given is taken back by
// a verb of subscription.Subscription: a suspension by Restore, a hold by Release, a cancellation
// at period end by UndoCancel.
//
// # Boundaries
//
// What happens at the instant itself counts. Instants have microseconds; finer digits are
// dropped. A day is added by the calendar, so that a step falls on the same time of the day
// when clocks change.
//
// # Errors
//
// Faults of a policy, of invoices, facts and documents are [fault.FieldError]s, joined, with
// paths. Others are [ErrRange], [ErrEarly], [ErrOther], money.ErrOverflow and those of the verbs.
//
// # JSON
//
// A [Policy], a [Fact] and a [State] are documents both ways, strict and bounded. A state begins
// with "version", which is [DocumentVersion]; another one is refused.
//
//	{"grace":"entitle","steps":[{"id":"end","days":21,"do":["close"]},{"id":"block","days":14,"do":["suspend","block_changes"]},{"id":"warn","days":10,"do":["notify"]}]}
//	{"invoice":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","kind":"paid","at":"2026-03-05T00:00:00Z"}
//	{"version":1,"at":"2026-03-11T00:00:00Z","past_due":true,"since":"2026-03-01T00:00:00Z","unpaid":[{"amount":"99.00","currency":"USD"}],
//	 "invoices":["5e0d…"],"attempts":11,"step":"warn","step_at":"2026-03-11T00:00:00Z","actions":["notify"],"key":"unpaid:warn:5e0d…",
//	 "next":{"step":"block","at":"2026-03-15T00:00:00Z","key":"unpaid:block:5e0d…"},"access":"full","past":[…]}
//
// docs/schema has a JSON Schema of each.
package collection
