// Package document makes documents of what billing computes: invoices with a number and a
// due date, credit notes, and supplementary invoices, with all that an electronic invoice
// by EN 16931 holds.
//
// # What it is
//
// A few pure functions. The embedding service keeps the documents, gives the numbers, and
// says what was paid; this package reads no clock and keeps no state.
//
//   - [New] makes the draft of an invoice, [Document.Redraft] makes it again.
//   - [Correct] makes the drafts of what [billing.Reconcile] found.
//   - [Document.Issue] gives a draft its number, its date and its due date.
//   - [OpenItem] says what is left of a document, and is voided.
//   - [Terms] are payment terms, [Numbering] is a series of numbers.
//   - [Settle] makes the account credit that of the credit notes.
//
// # States
//
// A draft may be made again until it is issued. With a window it cannot be issued before
// so many civil days have passed since its day: usage that arrives late meanwhile enters
// it, if the service runs billing again from the checkpoint before the invoice. What is
// found after that is for [billing.Reconcile], and a document of its own. An issued document
// never changes and keeps its number. An invoice that is whole and unpaid may be void;
// anything else is corrected, by as many documents as it takes.
//
// # Numbers
//
// Numbers come from the service: it stores the last one of each series, and takes
// [Numbering.Next] in the transaction that stores the document. A draft has none, so that
// no number is lost with it. [Numbering.CheckNumbers] finds gaps and repetitions in a
// list. A month in a number restarts nothing, and a year only where that is chosen.
//
// # Due dates
//
// They are civil days, counted from the date of issue in the zone of the subscription. See
// [Terms].
//
// # Amounts
//
// The amounts are those of billing, to the minor unit: a document neither rounds nor adds
// anything. A discount is an allowance of its line, taxes are the breakdown, and the net of a line
// is without tax. An inclusive tax is taken out of its lines; where it was rounded once for
// all of them, the lines differ from their own rounding by as many minor units as that
// takes, so that they add up to its base. The amounts of a credit note are above zero.
//
// # Corrections
//
// A correction refers to the number and the line that it corrects and has the taxes of
// that line. Below zero it is a credit note, else a supplementary invoice. A credit note
// may not exceed what is left of any line, nor of the document, nor, for a refund, what
// was paid and not refunded: that is checked when it is issued, against the [OpenItem] as
// it then is. Its amount reduces what is open, becomes account credit, or is refunded
// ([Settlement]); how much of each stands in its references. Lines by the list basis, which
// may credit more than was billed, can fail by this bound.
//
// Every document says how much of it falls on each document to which it refers
// ([Reference.Amount]); an invoice that also gives back lines of earlier ones does too. So what is left
// of all documents of a subscription together is what was billed, to the minor unit, and nothing is
// left below zero. A tax that was rounded once for lines of several documents is divided by
// their amounts, and as there is room: give [Document.Issue] the other documents of the
// subscription too, so that it can tell.
//
// Billing makes a total below zero account credit, or a refund, in the checkpoint of the run.
// Where a note settles otherwise store the checkpoint that [Settle] returns, or the
// customer is credited twice.
//
// A line can only be given back if a document has it. By default billing makes no invoice whose lines come
// to nothing, such as that of a change that credits as much as it charges; a seller who issues
// documents chooses plan.EmitZeroInvoices, or a later credit of such a line can fail. So can, rarely, the
// second correction of several changes of one day, whose lines credit each other whole: the error is
// [ErrExceeds], and nothing is issued.
//
// # Tax
//
// An invoice of billing does not say which rate holds for which line; [Details.Tax] does,
// as the hook of [billing.WithTaxes] did. The document is refused if the two do not agree.
//
// # EN 16931
//
// [Document.Validate] holds a document to the sums of the standard, BR-CO-10 to 16.
// [Document.EN16931] says what else keeps it from being an electronic invoice. The table
// of business terms is docs/document.md. The XML is for others to write.
//
// # JSON
//
// A [Document], [Terms] and a [Numbering] are documents that the service stores, strict and
// both ways; docs/schema has their schemas.
//
// # Errors
//
// [ErrState], [ErrWindow], [ErrExceeds] and [ErrNumber] say what is not permitted. What
// comes in wrong is reported at once, each fault with its path.
package document
