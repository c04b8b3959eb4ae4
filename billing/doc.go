// Package billing computes what a subscription owes: when it is billed next, how
// much, and why, to the cent and the same every time it is computed.
//
// # What it is
//
// A handful of pure functions over three values: a [subscription.Subscription],
// its [Usage], and a [Checkpoint].
//
//   - [Next] returns the next billing instant and amount.
//   - [Invoices] makes the invoices that are due, and the next checkpoint.
//   - [Preview] shows what a change would bill, and [Forecast] the invoices to come.
//   - [Reconcile] compares what was billed with what should have been.
//   - [Invoice.Explain] explains each line in plain sentences.
//
// The embedding service keeps the subscription, the checkpoint and the invoices; this
// package reads no clock, keeps no state and draws no random ids.
//
// # Stages
//
// All functions use the same stages, each of which sees only the result of the one
// before; they differ in where they stop.
//
//   - A timeline walks the subscription's segments and boundaries and makes
//     transitions: what ended, what began, and where billed time is divided
//     (timeline.go, transition.go). All charges share them.
//   - Each charge is a fold over the transitions: what was billed in advance, what
//     accrues in arrears, what was counted (charge.go, advance.go, metered.go,
//     credit.go). No charge sees another.
//   - A draft groups the lines of one instant and reason with the items that wait for an
//     invoice (draft.go).
//   - Discounts, tax and the credit balance turn it into an invoice (discount.go,
//     room.go, tax.go, balance.go). Only they use the checkpoint.
//
// Charges with intervals of their own have a timeline for each interval (own.go, own_run.go), in
// step with the plan's.
//
// A subscription that only renews needs none of this: renewal.go computes the result
// of the stages directly.
//
// # Order at one instant
//
// The period that ends is closed and scheduled effects happen; discounts, one-offs
// and account credit of that instant are collected; the new period is opened and
// billed; then the commands of that instant, in order of call, each with its own
// invoice. The commands of one [subscription.Subscription.Edit] are one cut and one
// invoice: a charge that is the same before and after the set is not cut, and a set
// whose changes cancel each other out bills nothing. Usage belongs to the period, and
// to the side of a change, that holds its instant.
//
// # Instants
//
// Instants have microseconds, which is what databases keep. In whatever comes in (the
// instant up to which a run bills, records of usage, a checkpoint made by hand) finer digits
// are dropped, towards the past, as package subscription does with those of verbs: a
// boundary that comes back from a column, or as the time at which a queue runs a job, is
// still that boundary.
//
// # Periods and cuts
//
// Boundaries come from the subscription's grid, never from the previous boundary. At
// a boundary one invoice holds the charges in arrears and the usage of the period
// that ends, the charges in advance for the period that begins, and the items that
// waited for it. A missed period has an invoice of its own, dated at its boundary.
//
// A change, a pause or an ending divides a period. With a basis of days it divides it
// at a civil midnight of the subscription's zone, chosen by the change-day rule, and
// a part is a number of civil days out of those of the whole period of the grid; with
// a basis of seconds it divides it at its instant. No transition divides time before
// an earlier one, and a cut never lies beyond the end of the period that it cuts. So
// no civil day of a charge is billed twice or lost, unless a named choice (none,
// full) asks for it.
//
// Whether the unused part of what was billed in advance is credited, and how the new
// part is charged, are two choices of the change. Credit and charge are separate
// lines, never a difference. A quantity or a price that changes cuts its own charge
// and no other; a change of plan, of the step or with a new anchor cuts all.
//
// If a cut is already known when a period is billed in advance, and its policy would
// credit the unused part by its share, the charge is billed only up to it; if it is
// undone, the rest is billed on the date on which it would have taken effect. Cuts
// after a scheduled cancellation that credits nothing do not count. Charges in
// arrears are billed for the part that was used, when the cut happens.
//
// A phase that begins gives back by its share what was billed in advance beyond its
// beginning, and is billed from there. One that begins while nothing is billed, in a pause
// or after a cancellation, does so where billing goes on in the same period.
//
// A first period that is charged whole, or not at all, is a period of its own: its
// length is the denominator of all its parts. In a free one only usage is billed, and
// the fees in arrears of a plan to which it is changed.
//
// On which invoice a part before the first boundary stands is a choice (Policy.FirstInvoice): its own,
// at the start; with the first whole period, both billed at the start; or the next one. Together the
// two are one period, which ends at the second boundary, with a line for each of them, in advance and
// in arrears, and a credit of each by its own days. What waits for the next invoice, one-time charges
// too, is taken along by any invoice, as that of a change or of an ending.
//
// # Intervals of charges
//
// A charge that bills by an interval of its own (plan.Charge.Every) has boundaries of its own, from
// the same anchor, and is billed as by a plan of that interval: its period is what is billed,
// divided and credited, and what usage is counted in. Boundaries of one instant make one
// invoice, as does a command, whatever it cuts. [Next], [Forecast] and [WakeAt] see the earliest
// boundary of any charge; lines that wait for the next invoice are on that of the next boundary.
// [PlanAmount] is the price of a period of the plan: charges of other intervals are left out.
//
// What happens at a boundary of the plan by itself (an ending or a pause at the end of the
// period, a scheduled change, the next phase) divides longer periods at that very instant, by the
// choices that hold for it: after a cancellation the rest is kept, or credited, by
// Policy.CancelCredit, and a phase credits it by its share. So does the end of the shortest period, where
// Policy.PeriodEnd ends the subscription with that. It is a cut that is known beforehand like
// any other. A change that keeps the anchor leaves all boundaries; a reset begins all periods
// anew where the plan's begins. So does a reactivation that begins a new period; what an ending
// left paid of a longer one still counts, and the charge is billed from there. A moved anchor ends each
// running period at the first boundary of its own new grid. A resume that extends moves the end of the
// plan's period by the length of the pause, and the other periods with it: as many boundaries lie
// between their ends as before, counted from the end of the longest, which is the new anchor. A plan or
// a phase with another Every cuts every charge, whatever its own interval.
//
// The first part of a charge whose interval is in the first phase follows Policy.FirstPeriod up to its own
// first boundary. A charge that comes later begins with a part of the running period of its
// grid. A charge of the same id that has another interval in another plan or phase ends on the one
// grid and begins on the other.
//
// A line in advance belongs to the discount's cycle, a period of the plan, in which it is billed, and
// one in arrears or of usage to the cycle that runs, or begins, at the end of its own period.
//
// # Prices of a shorter interval
//
// A charge whose price is for a shorter interval than it bills by (plan.Charge.PriceEvery) has a line
// for each period of the price, whose share is of that period. What is given back of it, and billed
// again, is by line. The lines of a bill are one for a fixed discount: they share what is
// due for the part of the period by which the charge bills. Where what was billed before is billed
// again for the same period of the price without a command of its own, its line has the number of
// the last command, and so an id of its own.
//
// # Metered charges in parts
//
// Within one period of the grid all parts of a metered charge under one price have
// one count, whatever the cause of the cuts. After each part the amount due for that
// period is the price of all units so far, with the minimum and maximum multiplied by
// the share of the period that has passed under that price (Policy.UsageBounds),
// rounded once; the part's line is that amount, less what the earlier parts billed.
// It may be negative if a larger quantity costs less, and is then net of its share of
// their discounts. Free units and the limits of tiers are never reduced. Another
// price has a count of its own, or continues the count of the metric
// (Policy.UsageCount). An empty part has no line: its records belong to the next part
// with the same metric; if there is none they have a line without length.
//
// A price of single events (plan.Percentage) rates the records one by one, in order of their
// instants, and those of one instant in the order in which they are given. All parts of a
// period have one list of events: each part owes what all events so far come to, less what
// was billed, so that free events and the free amount are granted once. Under a count across
// prices those that another price rated before use up what is free. The line says in
// [Line.Events] what the events so far came to.
//
// Metrics that are aggregated record by record (plan.RecordCount, plan.UniqueCount, plan.Average,
// plan.WeightedSum and plan.TimeAverage) have the same counts. The quantity of a line is that of
// its part, and [Line.Aggregate] says how it came about; the amount is what the count owes after
// the part, less what was billed. A later part may be below zero: where a key was removed, a mean
// fell, or a level is. A level lasts from part to part of a period, and also while it is not billed,
// as in a pause; it counts from the instant at which the period opened, and only the time of the
// parts is billed. A part of no length whose records pass on passes its time on too.
//
// A charge whose price is a table by dimensions (plan.Matrix) accrues as one and is divided where it
// is billed: each combination of values that was used in the period has a count of its own under its
// own price, and a line, in order of the values, which says them in [Line.Dimensions]. What is used
// late in a period has lived under its price since the period began: its minimum and maximum take
// that share. A combination that has no record under its price has no line. With a count across
// prices a combination goes on from its own records, and begins anew where others of their
// properties make the price. The checkpoint holds each combination that was used to what was counted
// of it; a period cannot have more than [MaxMetered] of them.
//
// Usage that is counted over a term (plan.Charge.CountOver) goes on from bill to bill: a part owes
// what all units of its metric since the term began come to under its price, less what those before
// the part do, so that the lines of a term under one price add up to it but for their rounding. The
// term goes on in a pause, under another price, and through a change to a plan that counts the metric
// over a term as well, on whatever charge. It begins anew at the boundaries of its own grid, and where
// a whole new period is opened; a plan that does not count over a term ends it. Where an anchor is
// moved it runs on to the first boundary of the new grid, and a resume that extends moves its end by
// the length of the pause, as that of the longest period. A run begins where a term does: it needs the
// usage of the whole term ([UsageFrom]), for which totals do, one for each period.
//
// # Credits
//
// A credit on the billed basis is a share of what its line amounted to, net of
// discounts, and never more than what remains of that line. On the list basis it is
// the share of the current price that the part is of the period by which the line was
// billed; a cancellation or a pause then credits no more than what remains of the
// line, while a change may. What was never charged is never credited, with one
// exception: if a change neither credits nor charges, what was billed before remains
// in force, and on the list basis a later change credits it at the current price.
// One-time charges are due once in a subscription's life under a plan and are not
// credited.
//
// # Minimum spend
//
// A period owes the minimum ([plan.Minimum]) of each plan for the share that was billed under
// it, measured as a fee in arrears is; the shares are added, and rounded once. A trial, a pause
// and a free first period owe nothing. What counts is what was billed for the period while its
// plan's minimum was in force, on whatever invoice, less what was credited of it: a fee in
// advance counts in the period that it is for, and a cancellation that credits nothing leaves it
// counted whole. Where lines count before discounts, a credit of a discounted line counts as the
// same share of all of that line.
//
// Where the period ends, and where a pause, an ending or a new period stops it, what is missing is
// a line of kind [TrueUpLine], and the surcharge on what exceeds the minimum one of kind
// [OverageLine]. Where the same period goes on after that, the next line is what is missing
// of the whole period so far, less what was billed of it; it may be below zero. The lines have no
// charge; they are taxed, and belong to the billing cycle of the period's lines in arrears. Usage that
// comes late changes their amount and not their id, so that [Reconcile] corrects them. A credit
// that is given after the period is over does not.
//
// A run begins where no line of an earlier period is left, so the checkpoint holds nothing of it.
// The term of a minimum over several periods is longer: what it had come to when the last few
// periods began stands in the checkpoint ([TermSpend]), so that a run needs no usage of earlier
// periods. Where a checkpoint does not know it, as one that was made by hand, [UsageFrom] returns
// an earlier instant, at most the start. A term is trued up where its last period ends, or what ends
// it before: an ending, or a plan with another minimum. A pause does not.
//
// # Spend cap
//
// A plan may cap what its usage comes to in a period (plan.SpendCap). Each line of usage is held to
// it where it is billed: what the lines of the period come to, added up before the cap, says what is
// billed of them, however the period was cut. So a line below zero, as where more usage costs less,
// takes off no more than was billed. Line.OverCap says what of a line lies above the cap, and
// [Invoice.OverCap] adds it up; [Next] and [Forecast] show it for the usage known so far. A line that the cap
// brings to zero stays on its invoice. The cap of another plan in the same period is filled by what
// was billed before; what was not billed stays so.
//
// The engine refuses no usage: a service that stops it at the cap asks [Forecast] what lies above.
//
// # Discounts
//
// Within an invoice: charges with their minimum and maximum, discounts in the order
// in which they were added, each on what the previous ones left of a line; tax, if a
// hook returns rates ([WithTaxes]); then the credit balance. Charges, usage and
// one-offs are discounted, credits are not; a discount may be for some charges, or some
// kinds of line, only.
//
// A billing cycle belongs to each period that opens. A line in advance belongs to the
// cycle of its period, a line in arrears or of usage to the next one, on whose
// invoice its whole period would have been billed; a one-off, and a line that waits,
// to the cycle in which its command was given. A discount for some cycles uses a
// cycle by reducing a line with which its period opens, or a line in arrears; what a
// change charges inside the period is reduced but uses no cycle. A discount for one
// invoice is redeemed on the first invoice that it reduces, of any kind. One for a time
// (plan.ForTime) reduces all of any invoice that is dated from its command on and before the end
// of the time, whatever period its lines bill and whatever the interval of the plan; it uses no
// cycle, and goes on in a trial and a pause.
//
// A fixed amount for some cycles, or forever, is one amount for each cycle. It is shared
// among the lines of a cycle in proportion, each share multiplied by the part of its
// period that the line bills; a credit returns the share of time that it credits. What a
// cycle gave, less what its credits gave back, never exceeds the amount. A total below
// zero becomes account credit, or is refunded, by the policy.
//
// # Rounding
//
// Each line is exact until it is rounded once, by the policy's mode, to the minor
// unit of the currency; a credit is rounded as a negative number. A total is the sum
// of its lines. A fixed discount is split as the policy says; a percentage is rounded
// line by line.
//
// # Checkpoint
//
// A checkpoint separates two runs: it holds the instant through which the
// subscription has been charged, the last command that was billed, the customer's
// credit balance, and which uses of discounts were redeemed. Billing in one run or in
// several gives the same invoices, and repeating a run gives none. A command recorded
// later with an instant before the checkpoint returns [ErrReconcile], because
// invoices already exist for that time; not one that changes no bill, such as a name, a
// tag or a feature.
//
// Save a checkpoint only over the one that it was made from: compare its Revision and the
// subscription's Version in one transaction. Its instant is no lock: a reconciliation
// leaves it as it was and changes the credit.
//
// [WakeAt] says when to look again, whatever that comes to. A run to an instant before
// the checkpoint finds nothing due. Billing may run ahead: up to the end of the day, or
// two weeks before a boundary. [Next] is then what comes after it, and a verb takes
// the instant that [NotBefore] returns.
//
// # Zone data
//
// The data of time zones change, and two processes may have different releases. What was
// agreed by the clock is billed by the clock: a checkpoint holds the civil time of its
// instant and the boundary that was billed last, by its number and its civil time, and a
// run goes on from there, so that no period is billed twice or left out. A document of a
// subscription holds the civil time of each of its instants, which decides order, civil
// days and cuts. Ids change by none of this. Where periods no longer have the boundary
// the error is [ErrBoundary].
//
// Two things follow the instants: a share by the second of a period that became longer or
// shorter, and usage in the hour between the two instants of a boundary that is not the
// last one billed. A reconciliation may show them. In UTC nothing changes, and nothing is
// held. Give all processes one release: by ZONEINFO, or by importing time/tzdata.
//
// A discount, one-off or account credit recorded for the instant through which a run
// has billed applies after it in later runs. A reconciliation uses the history only,
// in which it applies to what falls due at its instant.
//
// # Usage
//
// The service stores records of usage and gives a run those since [UsageFrom]. A record
// that arrives is judged by [CheckUsage]: its part of a period may have been billed
// already, and then it is late. Whatever its instant, a record of a part that is not billed
// yet is in time. A record of a quantity that its price cannot rate, even if nothing else
// was used, is [ErrUsage] when it arrives and in every run: one above the last tier of a
// closed price, one whose amount does not fit, or one whose properties have no price. [WithUnbillable]
// sets it aside as any other that cannot be billed. Several records that only together come to too much
// are an error of the run that adds them up: which of them is wrong cannot be told. A service that has
// a closed price limits what may be used in a period itself.
//
// A record may be a total: of many records of one metric, one whose quantity is what the
// metric makes of them (their sum, or the largest) and whose instant is that of the first of
// them bills the same, as long as nothing lies between the first and the last that
// divides usage: no boundary of periods, and no instant at which anything of the subscription
// changes, by a command or because it was scheduled. So a service adds up what is used since
// the last of these, or each day or hour since then by itself, and keeps one record for it
// instead of a million. A total may grow from run to run until its part is billed, and keeps
// its instant. Each use that arrives is judged by [CheckUsage] with its own instant, and only
// then added; a total that shrinks or goes missing is found as a record is. A correction that
// is dated within a total cannot divide it. Of a metric of which the last quantity counts, or
// of which single events are rated, or that is aggregated record by record, give the records
// themselves; of one that is priced by dimensions, a total of each combination: nobody can tell a total
// from one event. A record of plan.UniqueCount without a key is [ErrUsage], as a total of several keys
// would be.
//
// A record may be below zero, as a refund, if all charges that rate its metric at its instant
// rate single events, and at least one does; any other is [ErrUsage] where it is given. Records
// and usage are read and written with any sign, since only a plan tells. A price that rates
// sums later in the period, with a count across prices or for a part of no length, fails
// with an error if what it is to rate is below zero.
//
// Usage may be given in any order. A service that reads it in order says so with
// [WithOrderedUsage]; then older records cost nothing.
//
// The checkpoint remembers, for each metric, what was counted in the periods that the next
// run computes again: one quantity for the period that runs, and one for each part of it
// that a change has cut off and an invoice was made of. A run that is given less, or more of
// a billed part, fails with a [UsageError] instead of billing a wrong difference. A record
// that is replaced by another of the same metric, part and quantity is no difference, and
// neither is what was used before the period. Where single events are rated it also remembers
// how many there were, since a refund lowers the sum: one event fewer is missing, and so is
// another amount of as many; in a billed part one more is late. The same holds where records are
// read one by one: of keys, means and levels it remembers what they come to and how many they were,
// and so notices a record of a level that has another instant. Of a level that is carried it holds
// what it was when the periods began that the next run computes again, and how many records followed
// ([MeteredLevel]): so a run costs the same however long the level has lasted. A record before that
// is late ([CheckUsage]), even if it bills nothing by itself; the checkpoint of [Reconcile] has it.
// A checkpoint that does not know the level, made by hand or before a discount of a fixed amount
// was added, makes [UsageFrom] return the start. Without metered charges there is nothing to
// remember; a checkpoint that was made by hand, for a subscription billed elsewhere, knows
// nothing until the first run. What cannot be told: that as much came late as was lost, and
// which of several last quantities is gone.
//
// # Thresholds
//
// A plan may bill usage before its period ends, where it comes to an amount (plan.Thresholds).
// Each run does so with the usage that it is given: at the instant of the record with which what the
// metered charges owe of the period, added up, reaches the next amount, it makes an invoice of it
// so far ([Invoice.Interim]), and the period goes on. The instant follows from the records alone, so
// that a run each hour makes the same invoices as one at the end of the month. A service runs
// [Invoices] when usage has come in; [WakeAt] cannot know of it, and says when something falls
// due by itself. [Next] and [Forecast] show what the usage known so far makes due.
//
// An interim invoice divides what was used, and not the period: each of its lines is what the charge
// owes of the period so far, with the maximum of the whole and without the minimum, less what
// was billed. The end of the period bills the rest; where less is owed than was billed, the line is
// below zero. It comes after all else of its instant, bills usage only, belongs to the billing cycle
// of its period's end, and takes of a fixed discount what is left for the cycle. Records that pass on
// from a part of no length count where that is followed. Charges that bill by an interval of their own
// stand on none and count for none: the period is the plan's.
//
// A record at or before the instant of an interim invoice is late ([ErrLateUsage]), one after it is
// not, even if the checkpoint lies behind it: an invoice that it makes is dated at the record. Interim
// invoices that were made stay where they are, also before a command that is given later for their
// instant: [Reconcile] finds them among the stored lines,
// and corrects their amounts. A total of records ends where an interim invoice was made. A
// checkpoint remembers each interim invoice of the periods that it looks back to, and a period has
// at most a hundred: what is used after the last is billed at its end.
//
// Steps over all life (plan.OverLife) count what the lines of usage came to since the subscription
// began, under plans whose thresholds count over it, before the spend cap, discounts and tax; a step is
// reached once. An interim invoice bills its own period all the same. The checkpoint holds what it was
// where the last few periods began ([LifeUsage]), so that a run needs no usage of earlier ones; from one
// that does not know it, as one that was made by hand, a run needs all ([UsageFrom]).
//
// The grid goes on after an interim invoice. To begin a new period there, as some systems do (Stripe's
// reset_billing_cycle_anchor), a service that sees the invoice changes the quantity to what it is, with
// Policy.ChangeAnchor reset: the grid is the subscription's, and only a command moves it. The
// example of [Invoices] with thresholds that reset shows it.
//
// # Tax
//
// Each rate applies to the amount of a line after discounts. An inclusive tax is
// contained in the price: of 110.00 with 10% inclusive, 10.00 are tax. An exclusive
// tax is added as a line of its own, on the amount without all inclusive taxes of the
// line. The policy says whether tax is rounded line by line, or once for all lines of
// an invoice. A credit includes the tax on what it credits.
//
// Rates are asked for once an invoice, for all of its lines ([WithTaxes]), or line by line
// ([WithTax]). A line says by its TaxCode, which comes from the charge or the one-off, what
// is sold. An error of the hook ends the run, which then bills nothing.
//
// # Reconciling
//
// The service stores [Invoice.StoredLines] with each invoice. [Reconcile] computes
// everything that was due since the start again and compares line by line, by id:
// what is missing is a line to bill, and a different amount is a [Correction] of that
// line. When these are stored too, with the checkpoint that is returned with them, no
// difference is left.
//
// # Ids
//
// Ids are computed only when asked for, from the properties of a line or an invoice:
// see [Line.ID]. They are names, not secrets, and unique where subscription ids are: the
// id of an invoice or a line is derived from that of its subscription and from no tenant
// or account, so subscription ids must be unique across all tenants of a service.
//
// A charge that was billed in advance, and that a change where its line begins bills in
// arrears from there, has two lines for one span. The second has the number of the
// change, though the period ends by itself, and so an id of its own.
//
// # Text
//
// The metric of a [Record], and the id and the name of a [TaxRate], are lines as in
// package subscription: valid UTF-8 without control characters, without those that change
// the direction of text, and without spaces at their ends. A run to which the tax hook
// returns another fails, with an error that names the rate.
//
// An explanation is plain text. It may hold names that somebody else chose, with any
// other character: whoever shows it in HTML, a terminal, a chat or a mail escapes it. No
// name can pass for a line of it: no line of an invoice begins with a name, and a name
// with a colon or a quote, or one read from a document that breaks the rule, is quoted.
//
// # Errors
//
// Overflow of a line, a total, a tax or the credit balance, an instant beyond the year 9999,
// usage that no charge rates, usage while the subscription grants nothing,
// a quantity above a closed last tier: always an error, never a zero. A run that
// fails bills nothing and returns the checkpoint that was given. Each invoice is looked
// at once more before it leaves: one that would not add up is [ErrUnbalanced].
//
// # JSON
//
// A [Checkpoint], [Usage] and [StoredLine]s are documents that the service stores.
// Decoding is strict and bounded, and reports every fault with its path as a
// [fault.FieldError]; values that this package would not write are refused:
//
//	{"revision":3,"charged_through":"2026-03-01T00:00:00Z","last_command":4,"credit_balance":{"amount":"12.50","currency":"EUR"},
//	 "redeemed":[{"command":2,"invoice_at":"2026-02-01T00:00:00Z"}],"metered_from":"2026-03-01T00:00:00Z",
//	 "metered":[{"metric":"calls","from":"2026-03-01T00:00:00Z","quantity":"0.5"}]}
//	[{"metric":"calls","at":"2026-03-01T12:00:00Z","quantity":"0.5"}]
//	{"id":"5e0d3a6f-1c52-5b0e-9d27-8a4170c62b93","amount":{"amount":"-31.00","currency":"USD"}}
//
// Results are documents too, both ways and as strict: [Invoice], [Line], [Tax],
// [NextInvoice], [PreviewResult] and [Reconciliation]. Each begins with "version", which
// is [DocumentVersion]; another one is refused. AppendJSON appends to a buffer. A decoded
// result is Equal to the one that was made, and explains itself in the same words: what
// an amount was derived from stands in the document, as "price" and "derivation". The
// ids of invoices and lines stand in it, and a decoded invoice keeps them, whatever the
// zone data of the program that reads it. An instant that follows from a calendar is
// marked: "boundary", "from_boundary", "to_boundary". Amounts that are not set, empty
// texts and false are omitted. Decoding checks that all amounts have one currency, that
// the total is the sum of the lines, and that what is due is what is left of it.
//
//	{"version":1,"id":"…","subscription":"s-1","at":"2026-02-01T00:00:00Z","boundary":true,
//	 "lines":[{"id":"…","kind":"charge","charge":"seats","from":"2026-02-01T00:00:00Z","from_boundary":true,
//	   "to":"2026-03-01T00:00:00Z","to_boundary":true,"quantity":"10","num":1,"den":1,"basis":"day",
//	   "rounding":"half_up","amount":{"amount":"310.00","currency":"USD"},
//	   "price":{"model":"per_unit","unit_amount":"31"}}],
//	 "total":{"amount":"310.00","currency":"USD"},"credit_applied":{"amount":"0.00","currency":"USD"},
//	 "amount_due":{"amount":"310.00","currency":"USD"},"refund":{"amount":"0.00","currency":"USD"}}
//
// docs/schema has a JSON Schema of every document.
package billing
