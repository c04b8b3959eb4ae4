// Package probely implements GET /account/subscription/ of Probely's API: the account's
// subscription with everything that is counted and computed for it.
//
// # What it is
//
// [Encode] writes a subscription, and the [Facts] that the service keeps with it, as the
// API's document. [Decode] reads such a document into values of the engine (an
// [Account]), and [Account.Adopt] makes a subscription in the state that the document
// describes. The page is read-only; [Update] performs what an edited document asks for,
// and [BuyCredits] sells a pack.
//
// # How the words map
//
//   - Amounts are whole cents everywhere, including plan.price.
//   - A plan has one charge, in advance, with one of four models. Its quantity is the
//     number of paid targets; promotional targets come on top and are never billed. The
//     price shown is the one in force, negotiated or by phase; a table of tiers has no
//     single price, and shows 0.
//   - A tier is named by its first unit. Its value is the price of a unit, or that and a
//     flat amount.
//   - A scan profile is a switch of the plan, named after the prefix "scan_profile:".
//   - discount and savings are for display: whole percent and cents, of a plan against
//     the reference plan (the monthly one) for one target, of a pack against its list
//     price. Prices are net already.
//   - A document with a blank status belongs to an account without a subscription.
//   - next_billing_amount is what is due after account credit. It is 0 where there is no
//     next_billing_at.
//   - trial_end is kept after the trial, as the instant at which it ended.
//   - auto_collection, and what the page shows of a plan but the engine does not use, is
//     metadata under "probely.".
//
// The page describes the present. Lengths, later phases, rules, billing choices and
// versions of a plan are not on it and stay with the plan that its id names.
//
// # What strict refuses and lossy loses
//
//	what is                                          lossy shows
//	paused                                           a blank status
//	a trial on hold                                  in_trial
//	no charge in one of the four models, several,    the first recurring charge as far as
//	  metered, in arrears, once, free units, bounds    possible; else a flat fee of 0
//	closed or fractional tiers, started packages     the tiers without that
//	amounts with fractions of a cent                 cents, half a cent rounded up
//	an interval in days that are not whole weeks     no period
//	fractions of a target                            whole targets, rounded down
//	names longer than the page allows                their beginning
//	a channel that is not one of the four            null
//
// A scheduled pause or change shows only in what is billed next, and is not refused: the
// status is still active. An amount above 4294967295 cents is ErrAmountOverflow in both
// modes, and a currency other than USD, EUR and GBP is an error in both: there is nothing
// close to it.
//
// # Reading back
//
// Decode refuses, all faults at once, what the page's schema does not allow and what
// contradicts itself: a negative price, a period below 1, available targets that are not
// the remaining ones, a discount that is more than a point off. What a document does not
// say is interpreted strictly: the instants of target changes are as late as the document
// allows, so that no change is allowed too early.
package probely
