// Package cgscanning speaks the subscription part of a scanning service's API: an
// organization's subscriptions with their features, and the history of a user's.
//
// # What it is
//
// A [Shop] is what the service sells. [Shop.Encode] writes a subscription as it stands
// at an instant into the API's attributes, [Shop.Read] says what attributes mean,
// [Shop.Adopt] makes a subscription of them. [Shop.Apply] does what the API calls an
// update; the other methods do what its other pages do: subscribe, unsubscribe, assign
// and revoke features, list, show, dependents, history.
//
// # How the words map
//
//	status      at an instant
//	active      in_trial, active, non_renewing
//	inactive    future, paused, held, and cancelled for good (end_date passed)
//	canceled    cancelled
//
// Shop.Read tells them apart by the other fields: a start or an end that lies ahead or has
// passed, the days of the trial, and auto_renewal, which is written false when the
// ending falls into what runs. price is the amount of the plan's one flat charge for
// one interval, exactly. end_date is the end of the term while it renews, and the end
// of the subscription otherwise. An interval of none has no terms: it stays active
// until end_date, or for good.
//
// In an update a member that is left out stays, and null clears the two members that
// may be null. What equals the value shown changes nothing, so that a client may send
// back what it was shown. inactive is a hold, which only an operator may set; active
// starts, releases, resumes or reactivates, by the state; canceled is a cancel at
// once, the same as Unsubscribe. A new price holds from the next term on: the running
// one is billed already. All is done or nothing is, and every member at fault is
// reported.
//
// # What strict refuses and lossy loses
//
// Strict encoding reads its own words again: what would then mean something else is
// [wire.ErrNotRepresentable]. Lossy writes
//
//   - another interval than a month or a year as none;
//   - a price that is not one flat amount as the price of one term at the present
//     quantities;
//   - a trial that does not last whole days with the whole days of it;
//   - an instant to the millisecond;
//   - a limit with a fraction as the whole number below, an unlimited number_of_ips as
//     the largest number, and leaves out features that the API does not know;
//   - a hold of a subscription whose start has passed meanwhile, and whatever else two
//     states share the words of, in the words they share.
//
// # Errors
//
// [ErrNotFound] is what the API answers 404 to, [wire.ErrMalformed] and the refusals
// of packages subscription, lifecycle and feature are 422: which status code it sends
// is the service's affair. A refusal of a member is a [*MemberError] with its path.
package cgscanning
