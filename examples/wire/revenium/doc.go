// Package revenium stands behind Revenium's update of a subscription: PUT of the
// whole subscription to a product that is metered.
//
// # What it is
//
// [Encode] shows a subscription as the API's document, [Create] makes one from such a
// document, and [Update] does what differs between a document sent and what is shown.
// A [Product] carries the plan: a recurring charge, tiers of usage, a quota.
//
// # How the words map
//
//   - There is no status. It follows from start, trialEnd, currentPeriodEnd and
//     expiration: [Subscription.Status]. expiration is the earliest ending that is
//     foreseen, whatever its cause, or the one that took effect.
//   - recurringCharge is the flat fee of the plan's one recurring charge, in major
//     units, as negotiated. Numbers are read by their digits and never as floats.
//   - quotaNotificationThreshold and tierQuotaNotificationThreshold are thresholds of
//     the feature [Quota]: percentages from 0 to 100 that use must exceed, 0 being off.
//   - overQuota is what the engine answers of the use that the service counts. What is
//     sent is ignored.
//   - organizationId is UNCLASSIFIED where it is null.
//   - allowImmediateCancellation false keeps a subscriber, not an operator, from an end
//     before that of the period; left out it is as the plan says. Only an operator
//     changes it.
//   - Owner, addresses, credentials, recipients, who may use it and the identity
//     provider are metadata under "revenium.", lists as JSON. No error, no String and
//     no explanation of a bill shows them.
//
// # What an update means
//
// Members of a PUT that are left out, although the page does not require them, stay
// as they are; null clears. What is sent as it was shown changes nothing.
//
//	expiration              past: cancel now; earlier: end date; later or null: the
//	                        endings in the way are taken back, and of a cancelled
//	                        subscription a reactivation
//	productId               change of plan
//	recurringCharge         change of the price; null: the plan's own
//	trialEnd                extend the trial, or end it
//	start                   start a future subscription early
//	currentPeriodEnd        move the anchor; a period that has passed since the
//	                        document was shown asks for nothing
//	thresholds              assign the feature
//	everything else         update
//
// # What strict refuses and lossy loses
//
//	what is                                          lossy shows
//	paused, by the customer or by a hold             as if it ran
//	a start that a hold outlasted                    as if it had started
//	that nothing recurs and does not renew           no expiration, or the end date
//	several recurring charges, or one that is        what one period costs, usage left
//	  no flat fee                                      out
//	several thresholds of one kind                   the first
//	digits below a second                            the second
//
// A hold on a trial, a scheduled pause or change, and usage are not on the page and are
// not refused: what is said stays true.
package revenium
