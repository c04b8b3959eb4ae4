// Package wire is what the codecs of the four public APIs in examples/wire share.
//
// # What it is
//
// Each codec converts a subscription at an instant to one API's JSON and back, and the
// operations that the API names to verbs. They have little in common:
//
//   - [Mode] and [ErrNotRepresentable]: what happens to facts that a vocabulary cannot
//     express.
//   - [Read]: strict reading of a document, with every fault and its path.
//   - [Opt]: a member that may be left out, null, or a value; the three differ in a
//     partial update.
//   - [Decimal]: an amount that is a number in one API and a string in another, and
//     never a float.
//   - [Stamp]: how many digits of a second an API writes.
//   - [Field] and [Check]: the table of every field of an API's page, checked against
//     the list of the fields that was copied from the page.
//   - [EndOf] and [TrialOf]: when a subscription ends and which trial it has.
//   - [UndoChanges]: what a value in force, sent alone, does to a scheduled change.
//
// # Errors
//
// A malformed document is a [*fault.FieldError] for each fault, joined, each an
// [ErrMalformed]. What cannot be expressed is a [*NotRepresentableError] for each fact,
// joined, each an [ErrNotRepresentable]. No error shows metadata.
package wire
