// Package wire is what the codecs of the four public APIs in examples/wire share,
// and nothing else.
//
// # What it is
//
// Each codec turns a subscription, as it stands at an instant, into one API's JSON
// and back, and the operations that the API names into verbs. What they have in
// common is small:
//
//   - [Mode] and [ErrNotRepresentable]: what becomes of that which a vocabulary has
//     no word for.
//   - [Read]: strict reading of a document, with every fault at its path.
//   - [Opt]: a member that may be left out, null, or a value; the three differ in a
//     partial update.
//   - [Decimal]: an amount that is a number in one API and a string in another, and
//     never a float.
//   - [Stamp]: the digits that an API writes of a second.
//   - [Field] and [Check]: the table of every field of an API's page, held against
//     the list of the fields that was copied from the page.
//   - [EndOf] and [TrialOf]: when it ends and what trial it has, which all four ask.
//
// # Errors
//
// A document at fault is a [*FieldError] for each fault, joined, each an
// [ErrMalformed]. What cannot be said is a [*NotRepresentableError] for each thing,
// joined, each an [ErrNotRepresentable]. No error shows metadata.
package wire
