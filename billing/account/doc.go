// Package account makes one invoice of what several subscriptions owe, and keeps one credit
// for all of them.
//
// # What it is
//
// A few pure functions over invoices that package billing made:
//
//   - [Combine] merges those of one day into one, with a section for each subscription, and
//     applies the common credit.
//   - [Credits] lists the account credit that commands gave, for Combine.
//   - [WakeAt] says when what waits is complete.
//   - [Settle] applies the credit to a correction of one subscription.
//   - [Invoice.Explain] explains the whole.
//
// The service keeps the [Account], a [Checkpoint] for it, and the invoices.
//
// # A run of an account
//
// For each member run [billing.Invoices] up to one instant, with billing.WithoutCredit; give
// all the invoices and the credits of all members to Combine, with the same instant; save the
// checkpoints of the subscriptions, that of the account and the invoices in one transaction,
// each checkpoint only over the one that it was made from. So a balance that two calls read
// is applied by one of them.
//
// Repeating a call makes nothing. Combining in one call or in several makes the same
// invoices and balance, as long as each is given what all members owed by then.
//
// # Which invoices become one
//
// Those of one currency, one zone, one payer and one key ([Rule].Key), by the merge of the
// rule:
//
//   - ByDay: those of one civil day of their zone. The invoice is made when the day is over.
//   - ByInstant: those of one instant. It is made at once.
//   - OnBillingDay: an invoice that falls at most Within days before the account's billing
//     day, or on it, moves onto that day, which is over when its invoice is made; all others
//     merge by day. An invoice never moves to an earlier day.
//
// A subscription that begins falls due by itself, as a renewal and a scheduled change at a
// boundary do. The invoice of another command is that of an action: it stays apart and is
// made at once (plan.CollectNow), or waits for the next invoice of its group that falls due by
// itself (plan.CollectNextInvoice), with OnBillingDay for the billing day. Where none comes
// any more, combine once with a rule that collects now.
//
// A day that was closed stays closed: what is dated on it and taken in later is an invoice of
// its own.
//
// # What is on it
//
// A [Section] is an invoice as billing made it: its lines keep their ids, amounts and
// discounts. Store what [Invoice.StoredLines] returns, and of a section that waits the lines
// of its invoice: [billing.Reconcile] of the subscription then goes on as before. The total is
// the sum of the sections and of the adjustments.
//
// Only a tax that was rounded once for each invoice is counted anew, once for all sections
// that share the credit: the difference is an [Adjustment] of one tax line. A tax that is not
// simply the rate of its base stays as it was made: one of which a credit gives back a share,
// one on amounts that hold another tax, and one that prices hold, which changes no total.
//
// # Credit
//
// The balance of the checkpoint is one for all members, in one currency. Invoices are settled
// in the order in which they are complete; within one, what grants paid (package prepaid)
// comes off first, then the credit is applied to the sections by the start of the member and
// its id. A credit counts for what is complete at its instant or later. A total below zero is
// refunded as far as its sections say so, and else added to the balance; a section below zero
// first reduces the others.
//
// A member with OwnCredit keeps its own: its section says what its invoice says, and is not
// netted with the others. A subscription is on one or the other: move the balance of its own
// checkpoint with [Checkpoint.Give] when it joins.
//
// # Errors
//
// Nothing is dropped: an invoice of no member is [ErrMember], also one that waits, so that a
// member leaves an account when nothing of it waits; one before others of its
// subscription that were combined is [ErrLate], one of another currency, or with credit of its
// own, is [ErrInvoice], and overflow is an error. A call that fails combines nothing.
//
// # JSON
//
// An [Account], a [Checkpoint] and an [Invoice] are documents. Decoding is strict and bounded
// and reports every fault with its path as a [fault.FieldError]:
//
//	{"id":"acme","currency":"USD","rule":{"key":"purchase_order"},
//	 "members":[{"subscription":"s-1","payer":"acme","purchase_order":"4711"}]}
//	{"revision":2,"closed_through":"2021-10-01T00:00:00Z","balance":{"amount":"30.00","currency":"USD"},
//	 "billed":[{"subscription":"s-1","through":"2021-09-17T00:00:00Z","invoices":["…"]}]}
//
// docs/schema has a JSON Schema of each.
package account
