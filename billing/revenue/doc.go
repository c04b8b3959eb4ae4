// Package revenue says in which month what was billed is earned, and what recurs.
//
// # What it is
//
// Pure functions over what packages subscription and billing make; neither knows of it.
//
//   - [Recognise] spreads lines of invoices over calendar months, for the books.
//   - [MRR] returns the monthly recurring revenue of a subscription at an instant,
//     [Movements] how it moved between two, [TCV] what a contract comes to.
//
// It posts nothing and keeps nothing: a service stores what it has posted, and compares.
//
// # Recognition
//
// A line is earned over its span, From to To, whenever it was invoiced and paid: a fee in
// arrears and usage in the time that they bill, which lies before their invoice. A line
// without a span (a charge that is due once, a one-off) is earned at its instant; give it a
// To to spread it. Taxes are no revenue and are left out. Where prices include tax, the lines
// hold it, and a line does not say how much: take it off first.
//
// [Method].By says what counts:
//
//   - [Days]: civil days in the zone of the method. The day of From counts, that of To
//     does not, whatever the clock shows.
//   - [Seconds]: elapsed time.
//   - [Months]: every calendar month alike; of a month of which only a part is in the span,
//     the part of its own days.
//   - [Days30]: days of months that all have thirty (30E/360).
//
// [Method].Parts says how a line is made whole amounts. By [Cumulated] what is recognised by
// the end of a month is the exact share of the line, rounded; the month is the difference
// from the month before. By [Even] a first and a last part of a month are prorated, the whole
// months between have equal amounts, and the last of them takes what is left; no part is
// more than what is left. Either way the months add up to the line, to the minor unit: a
// share is exact until it is rounded, and nothing is rounded twice.
//
// 1,200.00 for 15 January 2026 to 15 January 2027, by days, cumulated: January 55.89,
// February 92.06, March 101.91, and so on to January 46.03.
//
// # Discounts and credits
//
// A line and the discounts that reduce it are spread as one amount. Each discount has parts
// of its own: what the amount with it is more than the amount without it.
//
// A credit ends the line that it names. From the month in which the credit begins:
//
//   - what the line and its discounts would have in later months is taken back;
//   - what else the credit amounts to falls into the month in which it begins. So a credit of
//     more than was still to be earned takes back what was recognised, and one of less
//     earns the difference at once.
//
// Months before the credit stay as they are, and none after it has anything left. A charge
// for what follows, as after a change, is a line of its own. Without a credit a line is
// earned to its end, also where the subscription ends before.
//
// All lines that belong together must be given: a discount or a credit of a line that is not
// there is refused. That may be a line on an invoice that came to nothing and was not made:
// make it (plan.EmitZeroInvoices), or clear Of. A credit that names no line is spread over its
// own span. A
// billing.Correction is no line; give the line as it was corrected.
//
// Grants of prepaid credit, earned as they are drawn and when they expire, are not known to
// this version: lines of a kind that it does not know are refused.
//
// # Recurring revenue
//
// What counts at an instant: the charges of the phase and of the add-ons in force, while time
// is billed (not before the start, in a trial, in a pause, on hold or after the end), at the
// prices and quantities of the subscription. Not metered usage, charges that are due once,
// one-offs, account credit and taxes. A subscription that will not renew counts until it
// ends.
//
// What counts is the price for its own interval, that of the charge if it has one, or that of the price
// (plan.Charge.PriceEvery). A month is a month: a year is divided by 12, three months by 3. Of weeks a month has 52/12,
// or 365/84 ([Weeks]): 10.00 a week is 43.33 or 43.45. A day counts 365/12 times.
//
// Discounts that go on reduce it, in the order in which they were given: those forever from
// their command on; those for some cycles from their command until they are used up, and for
// what is billed in advance to the end of the last period that they reduced; those for a time
// from their command on for as long as the period that runs is billed within the time; those for one
// invoice never. A fixed amount is one for each period of the plan, and is taken off the
// recurring charges that it is for, as far as they go. Which cycles were used follows from
// what billing would have made without usage.
//
// All is exact until the sum is rounded once, by the rounding of the plan; the charges are
// rounded cumulated and add up to it.
//
// # Movements
//
// A movement is new where the revenue rises above zero for the first time, churn where it
// falls to zero, reactivation where it rises again, and otherwise an expansion or a
// contraction. A pause is churn and its end a reactivation. Movements add up to the
// difference between the two instants, exactly. Revenue moves when a change takes effect, not
// when it was asked for: a cancellation at period end is churn at the period's end.
//
// # Errors
//
// Faults of a [Method], of lines and of documents are [fault.FieldError]s, joined, with paths.
// Others are [ErrZero], [ErrRange] and [ErrEndless], money.ErrOverflow for what does not fit,
// and those of package billing. [fault.Kind] sorts them all.
//
// # JSON
//
// A [Method], and the results [Schedule], [Recurring] and [Movement], are documents both ways,
// strict and bounded. Results begin with "version", which is [DocumentVersion]; another one is
// refused, and so are parts that do not add up.
//
//	{"by":"day","parts":"cumulated","time_zone":"Europe/Berlin","rounding":"half_up"}
//	{"version":1,"lines":[{"line":{"kind":"charge","charge":"base","from":"2026-01-15T00:00:00Z","to":"2026-02-15T00:00:00Z"},
//	  "amount":{"amount":"31.00","currency":"USD"},"months":[{"month":"2026-01","amount":{"amount":"17.00","currency":"USD"}},…]}],"months":[…]}
//	{"version":1,"at":"2026-02-01T00:00:00Z","amount":{"amount":"10.00","currency":"USD"},"charges":[{"charge":"base","amount":{"amount":"10.00","currency":"USD"}}]}
//	{"version":1,"at":"2026-02-01T00:00:00Z","kind":"expansion","amount":{"amount":"5.00","currency":"USD"}}
//
// docs/schema has a JSON Schema of each.
package revenue
