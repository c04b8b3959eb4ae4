// Package cases runs cases: facts that billing systems document or assert
// in their own tests, written as data.
//
// # What it is
//
// A file is a JSON array of cases. Of each case [Run] says whether the engine
// agrees ([Passed]), disagrees ([Failed], with what it answered and what was
// expected) or was not asked ([Unsupported], with the reason). A case of the kind
// "amount" says what a quantity costs, "schedule" where period boundaries lie,
// "proration" what a part of a period costs, "due_date" when an invoice falls due,
// "scenario" tells a subscription's
// story and the invoices, statuses and balance it must lead to, "account" those of
// several subscriptions that are billed together. FORMAT.md in testdata/conformance describes the
// format and the rules that the facts follow.
//
// A scenario without its expectation is a [Story]: [DecodeStories] reads one, or an
// array of them, and [Story.Play] returns the subscription, the invoices and the
// checkpoint, for a program that tells what happened. Prepaid credit is in cases only: a
// story that grants some is refused.
//
// # Rules
//
//   - Nothing is passed by being overlooked. A key that the runner does not know,
//     at any depth and in whichever kind or action it does not belong to, a word
//     outside its list, a name that stands twice, a null or an empty string where
//     the format has none, a number that is not a decimal string, a date that does
//     not exist: each makes the case unsupported and says where. So does a case
//     that asserts nothing, or whose id an earlier case of the file has.
//   - The format has words for what the engine cannot do yet. A case that uses one is
//     unsupported, and the reason is the contract that is not built.
//   - A case that can be read but that the engine refuses has failed, and what it
//     got is the refusal.
//   - Actions of one instant that name a set are done in one Edit with one policy;
//     all other actions are calls of their own.
//   - Only a file that is not a JSON array is an error of [Read]; one bad case
//     does not hide the others.
//   - Numbers compare by value, instants as instants. A date stands for midnight
//     at the start of that day in the case's zone. Lines of an invoice are a
//     multiset; all else is in order.
//   - All faults of a story are reported with their paths, those that the engine
//     finds while it plays too.
//   - Defaults are filled in when a case is read, so that what plays it finds
//     every choice made: USD, UTC, half_up, and those of each kind.
//
// # Boundaries
//
// Where a zone skipped a whole civil day two boundaries coincide. A list of
// boundaries may name such an instant once or as often as there are boundaries.
//
// # JSON
//
// Money, quantities and rates are decimal strings in major units; counts are whole
// numbers. Documents are bounded: 64 MiB a file, 1 MiB a case.
package cases
