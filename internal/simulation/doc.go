// Package simulation plays random lives of subscriptions in a service to which everything
// happens that happens in production, and looks after each step whether what must hold still
// does. Only its tests and the program in long import it.
//
// # What is drawn
//
// A [Life] follows from a seed alone: a catalog of one or two plans and perhaps add-ons with
// most of what a plan can say, a subscription, and some years of actions, usage and runs of
// billing. The words are those of the stories in testdata/conformance, so that a life whose
// seed fails is a story file, which examples/simulate plays. Some lives lie at the edges: ids
// of strange letters, amounts near the largest that money holds, starts in the first and the
// last years of the calendar. There a refusal is allowed; a wrong amount is not.
//
// # What interferes
//
// The service keeps documents, never values. Each run may begin after a restart, from the
// documents; be lost before it is saved; be repeated; be late; or run ahead of the clock, so
// that what is done next is done at the mark. What it passed in and what was returned to it is
// overwritten afterwards. Usage arrives late, and twice. What arrives after its period was
// billed is corrected at the end.
//
// # What must hold
//
// After each step: a run that is repeated makes the same bytes, and nothing after it was saved; a preview is
// the bill; the next billing is what is then billed, and nothing falls due before the instant
// to wake at; documents read again are equal. Of all invoices together: no id of an invoice
// or a line occurs twice; lines add up to their total, the total to what is due, credited and
// refunded, and the balance to all of these; base and tax add up to the gross amount; a line
// is never credited or discounted by more than it is; no civil day of a charge is billed
// twice where every choice is the share of the days. At the end: one run over the whole life
// makes the invoices that the many made; with late usage, those and the corrections sum to
// the same. Uses of a quota never exceed what was granted.
package simulation
