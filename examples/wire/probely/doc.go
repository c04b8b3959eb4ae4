// Package probely stands behind GET /account/subscription/ of Probely's API: the
// account's subscription with everything that is counted and computed for it.
//
// # What it is
//
// [Encode] shows a subscription, and what the service keeps beside it ([Facts]), as
// the document of that API; [Decode] reads such a document into values of the engine
// (an [Account]), and [Account.Adopt] makes a subscription of it that stands where the
// document says. The page has no way to write; [Update] does what a document that was
// changed asks for, and [BuyCredits] sells a pack.
//
// # How the words map
//
//   - Amounts are whole cents everywhere, plan.price too.
//   - A plan has one charge, in advance, at one of four models. Its quantity are the
//     paid targets; promotional ones come on top and are never billed. The price shown
//     is the one in force, negotiated or by phase; a table of tiers has no single
//     price, and shows 0.
//   - A tier is named by its first unit. Its value is the price of a unit, or that and
//     a flat amount.
//   - A scan profile is a switch of the plan, by its name after "scan_profile:".
//   - discount and savings are for display: whole percent and cents, of a plan against
//     the reference plan (the monthly one) for one target, of a pack against its list
//     price. A price is net already.
//   - A document with a blank status is of an account without a subscription.
//   - next_billing_amount is what is left to pay after account credit. It is 0 where
//     there is no next_billing_at.
//   - trial_end stays after the trial, as the instant at which it ended.
//   - auto_collection, and what the page shows of a plan but the engine has no use for,
//     are metadata under "probely.".
//
// The page speaks of the present. Lengths, coming phases, rules, billing choices and
// versions of a plan are not on it and stay with the plan that its id names.
//
// # What strict refuses and lossy loses
//
//	what is                                          lossy shows
//	paused                                           a blank status
//	an operator's hold on a trial                    in_trial
//	no charge in one of the four models, several,    the first recurring charge as far as
//	  metered, in arrears, once, free units, bounds    it goes; else a flat fee of 0
//	closed or fractional tiers, started packages     the tiers without that
//	amounts with fractions of a cent                 cents, half a cent up
//	an interval in days that are no weeks            no period
//	fractions of a target                            whole ones, cut off
//	names longer than the page allows                their beginning
//	a channel that is none of the four               null
//
// A scheduled pause or change shows only in what is billed next, and is not refused:
// the status is active then. An amount above 4294967295 cents is ErrAmountOverflow in
// both modes, and so is a currency other than USD, EUR and GBP an error in both: there
// is nothing near it.
//
// # Reading back
//
// Decode refuses, all faults at once, what the page's schema does not allow and what
// contradicts itself: a negative price, a period below 1, available targets that are
// not what is left, a discount that is more than a point off. What a document does not
// tell is taken at its strictest: the instants of target changes are as late as the
// document allows, so that no change is allowed too early.
package probely
