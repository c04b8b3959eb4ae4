// Package billing computes what a subscription owes: when it is billed next, how
// much, and why, to the cent and the same every time it is computed.
//
// # What it is
//
// A handful of pure functions over three values: a [subscription.Subscription],
// its [Usage], and a [Ledger].
//
//   - [Next] answers the next billing instant and amount.
//   - [Invoices] makes the invoices that are due, and the next ledger.
//   - [Preview] shows what a change would bill, [Forecast] what the years to come will.
//   - [Reconcile] compares what was billed with what should have been.
//   - [Invoice.Explain] says in plain sentences why each line is what it is.
//
// The embedding service keeps the subscription, the ledger and the invoices; this
// package reads no clock, keeps no state and makes no ids of its own accord.
//
// # Rules
//
// Boundaries come from the subscription's grid, never from the boundary before. At
// a boundary one invoice holds the charges in arrears and the usage of the period
// that ends, the charges in advance for the period that begins, and what waited for
// it. A period that was missed has an invoice of its own, dated at its boundary.
//
// At one instant, in this order: the period that ends is closed and scheduled
// effects happen; discounts, one-offs and account credit given at that instant are
// noted; the new period is opened and billed; then the commands of that instant, in
// order of call, each with its own invoice. Usage belongs to the period, and to the
// side of a change, that holds its instant.
//
// A change divides a period. With a basis of days it divides it at a civil midnight
// of the subscription's zone, chosen by the change-day rule, and a part is so many
// civil days of the whole period of the grid; with a basis of seconds at its instant.
// What was billed in advance and is not used is credited by the change's choice; the
// new part is charged by another. Both are lines of their own, never a difference. A
// quantity or a price that changes touches its own charge and no other.
//
// A cut that is known when a period is billed in advance, and whose unused part would
// be credited by the share, is billed only up to it; should it be taken back, the
// rest is billed where it was to be. Charges in arrears that are cut short cost the
// part that was used, at that instant. Usage is rated as it was counted, never
// prorated; so are the minimum and the maximum of its price.
//
// A credit on the billed basis is a share of what its line came to, discounts taken
// off, and never more than that line still holds; on the list basis it is a share of
// the current price. One-time charges are due once in a subscription's life under a
// plan and are not credited.
//
// # Rounding
//
// Each line is exact until it is rounded once, by the policy's mode, to the minor
// unit of the currency; a credit is rounded as a negative number. A total is the sum
// of its lines. A fixed discount is split as the policy says; a percentage is rounded
// line by line.
//
// # Discounts, credit, tax
//
// Within an invoice: charges with their minimum and maximum, discounts in the order
// in which they were added, each on what the ones before left of a line; tax, if a
// hook gives rates ([WithTax]); then account credit. Charges, usage and one-offs are
// discounted, credits are not. A discount for so many cycles counts regular invoices:
// those at which a period opens that is due in advance, or closes that ran up. One
// for a single invoice is spent on the first that it reduces. A total below zero
// becomes account credit, or is refunded, by the policy.
//
// # Ledger
//
// A ledger says up to which instant, and up to which command, everything was billed,
// what account credit is left, and which single-use discounts are spent. Running to c
// is the same as running to b and then, with the ledger that gave, to c; running
// again gives nothing. A command that was given later for an instant before the mark
// is [ErrReconcile]: the invoices that exist were made without it.
//
// # Tax
//
// Each rate is counted on what discounts left of a line. An inclusive rate is held by
// the price: of 110.00 with 10% inclusive, 10.00 are tax. An exclusive one comes on
// top, as a line of its own, on the amount without all inclusive taxes of the line.
// Rounded line by line, or once for all lines of an invoice, by the policy. Credits
// carry the tax that they give back.
//
// # Reconciling
//
// The service stores [Invoice.Billed] with each invoice. [Reconcile] makes all that
// was due since the start anew and compares line by line, by id: what is missing is a
// line to bill, what came to something else is a [Correction] of that line. Stored in
// turn, with the ledger that comes along, they leave no difference.
//
// A discount, one-off or account credit given at the very instant up to which a run
// had billed came after it for later runs; a reconciliation looks at the history
// alone, in which it counts for what falls due at its instant.
//
// # Ids
//
// Ids are made only when asked for, from what a line or an invoice is: see [Line.ID].
//
// # Errors
//
// Overflow, usage that no charge rates, usage while the subscription grants nothing,
// a quantity above a closed last tier: always an error, never a zero. Nothing is
// billed of a run that fails, and its ledger is the one that was given.
//
// # JSON
//
// A [Ledger], [Usage] and [Billed] lines are documents of the service. Decoding is
// strict and bounded, and reports every fault with its path as a [FieldError]; what
// could not have been written is refused:
//
//	{"through":"2026-03-01T00:00:00Z","command":4,"credit":{"amount":"12.50","currency":"EUR"},
//	 "spent":[{"command":2,"at":"2026-02-01T00:00:00Z"}]}
//	[{"metric":"calls","at":"2026-03-01T12:00:00Z","quantity":"0.5"}]
//	{"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","amount":{"amount":"-31.00","currency":"USD"}}
package billing
