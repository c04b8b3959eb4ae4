// Package cgscanning implements the subscription part of a scanning service's API: an
// organization's subscriptions with their features, and a user's subscription history.
//
// # What it is
//
// A [Shop] is what the service sells. [Shop.Encode] writes a subscription at an instant
// as the API's attributes, [Shop.Read] interprets attributes, and [Shop.Adopt] makes a
// subscription from them. [Shop.Apply] performs an update. The other methods implement
// the other pages: subscribe, unsubscribe, assign and revoke features, list, show,
// dependents, history.
//
// # How the words map
//
//	status      at an instant
//	active      in_trial, active, non_renewing
//	inactive    future, paused, held, and cancelled for good (end_date has passed)
//	canceled    cancelled
//
// Shop.Read tells them apart by the other fields: whether start and end are ahead or in
// the past, the days of the trial, and auto_renewal, which is false when the subscription
// ends in the running term. price is the exact amount of the plan's single flat charge
// for one interval. end_date is the end of the term while the subscription renews, and
// the end of the subscription otherwise. With an interval of none there are no terms: the
// subscription stays active until end_date, or indefinitely.
//
// # What an update means
//
// A member that is left out is unchanged; null clears the two members that are nullable.
// A value equal to the one shown changes nothing, so a client may send back what it was
// shown. Either everything is done or nothing is, and every member at fault is reported.
//
//   - status: inactive is a hold, which only an operator may set. active starts, releases,
//     resumes or reactivates, depending on the state. canceled cancels immediately, as
//     Unsubscribe does; an end_date in the past that is sent with it changes nothing more.
//   - end_date: a date that was shown until it passed, because the term has been renewed
//     since, changes nothing.
//   - price: it applies from the next term on, since the running one has been billed. A new
//     billing_interval begins a term; a price sent with it applies to that term.
//   - auto_renewal: true is refused if the resulting subscription would end in its term.
//   - trial_enabled: false ends a running trial, and changes nothing after the trial.
//
// # What strict refuses and lossy loses
//
// Strict encoding reads its own output; a difference in meaning is
// [wire.ErrNotRepresentable]. Lossy encoding writes
//
//   - an interval other than a month or a year as none;
//   - a price that is not one flat amount as the price of one term at the current
//     quantities;
//   - a trial that is not a whole number of days as the whole days in it;
//   - an instant to the millisecond;
//   - a fractional limit rounded down, and an unlimited number_of_ips as the largest
//     number; features that the API does not know are left out;
//   - two states that share the same words, such as a hold that has outlasted the start,
//     in those words.
//
// # Errors
//
// [ErrNotFound] corresponds to the API's 404; [wire.ErrMalformed] and refusals by packages
// subscription, lifecycle and feature correspond to 422. The service chooses the status
// code. The refusal of a member is a [*MemberError] with its path.
package cgscanning
