// Package prepaid pays invoices from money that a customer bought or was given in advance, and
// keeps what is left of it.
//
// # What it is
//
// A few pure functions over a [Checkpoint] of grants and invoices that package billing made:
//
//   - [Add], [Revoke], [Roll] and [End] say what becomes of a [Grant]; [Recurring.For] makes
//     that of a period.
//   - [Draw] pays invoices, and gives back what credits of paid lines give back.
//   - [Checkpoint.Balance] is what is left, settled; [Checkpoint.Available] what is left with
//     usage so far.
//   - [Drawing.Explain] explains what was paid of an invoice.
//
// The service keeps the checkpoint beside the subscriptions of the customer, and saves the
// next one with the invoices, only over the one that it was made from.
//
// # On an invoice
//
// Make the invoices with billing.WithoutCredit, draw for them, then apply account credit, as
// package account does with what [Drawing].Covered says. A draw stands beside the lines and
// not in the total:
//
//	due = max(total, 0) - drawn - account credit applied
//
// What is left due is overage: it is billed at the lines' own prices. A price for overage is a
// tier of the plan; a customer who may not exceed the credit is stopped by an entitlement
// (package feature).
//
// A grant pays for what is invoiced while it lives, From inclusive and Until exclusive,
// whenever that was used. Grants are drawn on in the order of priority (the lower number
// first), of their end (the soonest first, those without one last), promotional before paid,
// and of their ids; each for the lines in its scope, in the order of the invoice. A line is
// drawn for less its discounts, with its minimum, and never for more than it comes to; all
// draws of an invoice together never come to more than is due of it, so that lines below zero
// reduce them. No grant pays for the one-off that bought one (Source).
//
// Each draw is exact: it moves minor units and rounds nothing.
//
// # Tax
//
// With TaxOnAll, the default, tax is owed on the whole, and a grant that pays a line pays the
// taxes that were added to it line by line. A tax that is rounded once for the invoice is
// drawn for like a line, but only by grants without a scope: it does not say which part of it
// is of which line.
//
// With TaxOnRest tax was paid with the grant: lines are paid without tax, and their taxes are
// counted on what is left of them ([Drawing].Untaxed). A tax that is rounded once for the
// invoice must then be on all of its lines, and prices must hold none; otherwise the error is
// [ErrInvoice].
//
// # Late
//
// After its end a grant still pays for what was used before (DrawLate), where the line bills a
// time that is over: all of it if that ended with the grant or before, and of a line that the
// end divides the share that its time until then is of its span, rounded down. With LapseLate
// it pays for nothing any more.
//
// # What goes back
//
// A credit of a line gives back to the grants that paid the line what they paid, up to the
// credit: the last that paid first, each only if it lives and no more than it paid and did not
// get back. The rest is account credit, or is refunded as the invoice says. [Return] does the
// same for a correction or a credit note. What a correction bills is not drawn for. Never has a grant
// more than its amount.
//
// # Buying, and the end
//
// A grant is bought by a one-off, and added when that was invoiced, or when the service says
// that it was paid: Add knows nothing of payments. A grant for each period of a plan is added
// when the period begins, in a part of a period with its share or whole ([Recurring]). What is
// left at its end is lost, or rolls over into the next one in part ([Rollover]), or is paid
// back ([End] with RefundUnused); End also says what becomes of all grants when a customer
// leaves: kept until they expire, refunded, or lost. A promotional grant is never refunded.
// What a grant drew stays, whatever becomes of it.
//
// # Exactly once
//
// The checkpoint remembers of each subscription the last invoices that were seen. The result
// of Draw does not depend on the order in which invoices are given; drawing again gives the
// same drawings and moves nothing. What is left of a grant is never below zero, and always its
// amount and what rolled into it less its draws and what is gone: another checkpoint is
// [ErrCheckpoint].
//
// # JSON
//
// A [Grant], a [Checkpoint] and a [Drawing] are documents. Decoding is strict and bounded and
// reports every fault with its path as a [fault.FieldError]:
//
//	{"id":"a","class":"paid","amount":{"amount":"100.00","currency":"EUR"},"from":"2026-01-01T00:00:00Z"}
//
// docs/schema has a JSON Schema of each.
package prepaid
