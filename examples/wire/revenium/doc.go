// Package revenium implements Revenium's update of a subscription: a PUT of the whole
// subscription to a metered product.
//
// # What it is
//
// [Encode] writes a subscription as the API's document, [Create] makes one from such a
// document, and [Update] performs the differences between the document sent and the one
// shown. A [Product] has the plan: a recurring charge, tiers of usage, a quota.
//
// # How the words map
//
//   - There is no status. It follows from start, trialEnd, currentPeriodEnd and
//     expiration: [Subscription.Status]. expiration is the earliest expected ending,
//     whatever its cause, or the one that took effect.
//   - recurringCharge is the flat fee of the plan's single recurring charge, in major
//     units, as negotiated. Numbers are read by their digits and never as floats.
//   - quotaNotificationThreshold and tierQuotaNotificationThreshold are thresholds of
//     the feature [Quota]: percentages from 0 to 100 that usage must exceed; 0 turns it
//     off.
//   - overQuota is what the engine computes from the usage that the service counts. The
//     value sent is ignored.
//   - organizationId is UNCLASSIFIED where it is null.
//   - allowImmediateCancellation false prevents a subscriber, not an operator, from ending
//     the subscription within a period, the running one or a later one; the end of each
//     period is allowed. Left out, the plan decides. Only an operator changes it.
//   - Owner, addresses, credentials, recipients, who may use it and the identity
//     provider are metadata under "revenium.", lists as JSON. No error, String or
//     explanation of a bill shows them.
//
// # What an update means
//
// Members of a PUT that are left out are unchanged, unless the page requires them; null
// clears. Values sent as they were shown change nothing.
//
//	expiration              past: cancel now; earlier: end date; later or null: earlier
//	                        endings are undone, and a cancelled subscription is
//	                        reactivated
//	productId               change of plan
//	recurringCharge         change of the price; null: the plan's own
//	trialEnd                extend the trial, or end it
//	start                   start a future subscription early
//	currentPeriodEnd        move the anchor; a period that has passed since the
//	                        document was shown changes nothing
//	thresholds              assign the feature
//	everything else         update
//
// productId and recurringCharge show the values in force. A scheduled change of them is
// not shown: [Update.Apply] returns what is scheduled. The value in force, sent back with
// other members, leaves the scheduled change. Sent alone it undoes the change:
// recurringCharge when it comes with no more than the members that the page requires;
// productId, which is required itself, when the required members come alone. So sending
// only the required members again undoes a change of the product that was scheduled in
// the meantime.
//
// # What strict refuses and lossy loses
//
//	what is                                          lossy shows
//	paused, by the customer or by a hold             as if it were running
//	a hold that has outlasted the start              as if it had started
//	nothing recurs and renewal is off                no expiration, or the end date
//	several recurring charges, or one that is        what one period costs, without usage
//	  no flat fee
//	several thresholds of one kind                   the first
//	digits below a second                            the second
//
// A hold on a trial, a scheduled pause or change, and usage are not on the page and are
// not refused: what the document says remains true.
package revenium
