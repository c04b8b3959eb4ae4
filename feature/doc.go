// Package feature decides what a subscription's owner may do, and counts what has
// been done: number of addresses, rescans per day, seats shared among teams, changes
// per year, credits. It knows neither prices nor statuses, and reads no clock: every
// instant is an argument, and every verb returns the next value and leaves the old
// one as it was. All values are safe for concurrent use.
//
// # What it is
//
// A plan states a [Grant] for each feature, in a [Set]. A subscription may also have
// [Overrides]. [Resolve] combines the two, under the [Terms] of one subscription at
// one instant, into an [Entitlement], which answers questions about a [QuotaUsage]:
//
//	d := entitlement.Check(usage, request)         // may it be used, what is left, when does it reset, why
//	next, d := entitlement.Consume(usage, request) // the same, and the usage after it
//	next, err := entitlement.Release(usage, n, at) // what was used is released
//
// The service stores one QuotaUsage for each subscription and feature, and nothing else.
// In addition there are values that are used on their own: [Seats], [ChangeBudget],
// [CreditTargets] and [Credits].
//
// # Rules
//
// There are three kinds. A [Switch] is on or off. A [Limit] is a stock: the amount
// that may be in use at a time, and it never resets. An [Allowance] is a flow: the
// number of uses in each window. Limits and amounts are exact decimals. A limit may be
// for each unit of a charge: [Grant].Per; the terms then say what it is for all of them
// ([Terms].Limits), and [Entitlement.Limit] returns that.
//
// The first of these questions that fails decides a request:
//
//  1. Is the amount valid: not negative, at most 40 digits? [ErrInvalidAmount]
//  2. Is the feature granted? [ErrNotGranted]
//  3. Is the subscription's state one that entitles? [ErrDormant]
//  4. Is the grant active? [ErrInactive]
//  5. Is its condition met? [Always] is. Any other condition is a word to which the
//     application gives a meaning, by registering a predicate with the call; without
//     one the request is denied with [ErrUnsupportedCondition], and the word is kept
//     as it is. [ErrConditionNotMet]
//  6. Do the entitlement and the usage cover the instant? [ErrStale], [ErrOutOfOrder]
//  7. Is it unlimited? Then it is allowed, and counted.
//  8. Is used + amount <= limit? A limit of 0 means none. [ErrQuotaExceeded], unless
//     the grant's [Overage] allows use beyond the limit, as overage ([Allow]) or as
//     usage to be billed ([Rate]).
//
// A use is allowed as a whole or not at all. [Decision.Billable] is the part of it to
// be billed, under the metric [Decision.Metric]; a charge of the plan says what that
// costs.
//
// A usage is over quota while more is used than the limit allows; equal is not over.
// This is computed from use and limit at each request, and ends with the window.
//
// # Boundaries
//
// Instants have microseconds: finer digits are dropped, towards the past. Windows are
// half-open. [Day], [Week] (from Monday), [Month] and [Year] are civil,
// in the subscription's zone: from the first instant of their first day to that of
// the day after their last, regardless of clock changes; see package calendar.
// [BillingPeriod] is the period of the terms, and an entitlement covers no other
// period: at its end, resolve again. So it is with an [Anchored] window, the grant's own
// interval counted from the anchor of the subscription whatever the plan bills by:
// [Terms].Windows has it, and package subscription computes it. [Life] has no end. In a [Rolling] window a use
// at t counts while t plus the window's length, by the calendar, lies in the future;
// up to [MaxUses] uses are remembered.
//
// Use is counted forward in time. A request in a window that ended before the last
// use is refused ([ErrOutOfOrder]); within one window the order does not matter.
//
// When a plan or an override changes the window of an allowance, the count continues
// if all of it lies in the new window; otherwise it starts from zero, because it is
// not known how much of it does. (The uses of a rolling window are known one by one,
// and are counted.) When only the zone or the billing period moved, the count
// continues in the window that holds the last use. A limit counts everything that is
// in use, whichever grant allowed it. Changing a limit evicts nothing: the feature is
// over quota until use falls.
//
// # Limits that change within a window
//
// More units or a plan that grants more raise a limit; fewer or another lower it. In the
// window in which that happens a higher limit counts whole, or by the share of the window
// that is left: [Raise]. A lower one counts at once, or from the next window: [Lower].
// The grant in force after the change decides. Of twenty hours for each of five seats a
// sixth seat at half of the month makes 120 or 110. What was lowered and comes back in
// the same window is not given twice: only what exceeds the highest limit that the window
// has been given adds to it. Several changes at one instant are one. A feature that was
// not granted before, or was counted in another window, begins whole. [Terms].Limits has the
// result; package subscription computes it.
//
// An override's Limit is the whole limit, at once; its Extra is added whole, and once.
//
// # Thresholds
//
// A [Threshold] fires when use goes from at most its percentage of the limit to more.
// It fires once in each window, even if something is released in between, and again if
// the limit is higher by then than when it fired. A limit and
// a rolling window never start over: there it fires at every crossing. It never fires
// for what is unlimited. With a limit of 0 it fires for every use that starts from
// zero. In the [TierScope] the percentage is of the upper bound of the price tier
// that holds the use, so that an unlimited allowance sold in tiers can warn before
// the next tier. It fires once for each tier, while use rises, and immediately in a
// tier that is entered above the percentage; never in the open last tier.
//
// # Overrides
//
// [Overrides.Assign] merges: members given replace those of the same feature, all
// others stay, and assigning twice has no further effect. [Overrides.Revoke] removes
// an override, and the plan's own grant is in force again. Neither can remove or turn
// off a required feature, exceed what a parent organization has left, or lower a
// limit below what is in use unless it is forced. [Entitlement.OriginOf] says where
// each member of a grant comes from.
//
// # Add-ons
//
// What is sold beside a plan grants features too. A switch is on if the plan or an add-on
// turns it on; limits and allowances of those that are on add up; no limit wins. All other
// members are the plan's, or those of the first add-on if the plan does not grant the
// feature. Grants of different kinds, windows or conditions cannot be in force together.
// An override counts for the whole: its limit replaces the sum. [Entitlement.Additions]
// says which attachments grant a part, and its Origin is add_on, or merged.
//
// # Seats
//
// Cap is Max if it was set, otherwise Free + Paid. Available is max(0, Cap - Used).
// Unreserved is max(0, Available - what teams have reserved and not filled).
// Reserving or filling more is [ErrTeamQuota]. Fewer paid seats than Used - Free are
// refused unless forced; then Available is 0 and nothing is evicted.
//
// # Change budgets
//
// A change at t counts while t plus one calendar year lies in the future: the change
// of 29 February no longer counts on 28 February. At the cap, the next one is allowed
// when enough of them no longer count. A cap of 0 never allows one and gives no date.
// Vacating a seat or handing it over is a change ([Seats.VacateWithin],
// [Seats.HandOver]); filling one is not.
//
// # Credits
//
// Each [CreditGrant] has an amount, a priority, a beginning and an expiry. Credits
// are spent by priority, then the first to expire, then the first to begin, then by
// id. At its Until a grant can no longer be spent. A reset leaves of each grant what
// its [Rollover] says: all or a share, at least Min, at most Max. Everything that happens is an
// [Entry], and the entries of a grant always add up to what remains of it.
//
// # Rounding
//
// Nothing is rounded but shares, of a limit and of credits carried over: down, to
// [SharePlaces] decimal places. Counts of up to 18 digits are held in a word; others are exact
// decimals of up to 40 digits, 20 of them after the point. A sum beyond that is
// [ErrInvalidAmount].
//
// # Errors
//
// A [Decision] that denies has a [Reason], and its Err is a [*DeniedError] that wraps
// the sentinel for it. Definitions report every fault at once, each a [*fault.FieldError]
// with its path: rescan.thresholds[0].percent. A verb that fails returns the value it
// was called on.
//
// # JSON
//
// Names are in snake case, decimals are strings, instants are RFC 3339 in UTC.
// Decoding is strict: an unknown or repeated name, a wrong case and an unknown word
// are faults. Stored values are checked when they are decoded: a ledger must add up,
// and be in order. Invalid values are not written. If "active" is absent from a
// grant, it is true; a limit or an allowance that is not unlimited must have a limit:
//
//	{"rescan":{"kind":"allowance","active":true,"limit":"10","window":"day"},
//	 "hours":{"kind":"allowance","limit":"20","per":"seats","window":"anchored","every":"P1M","raise":"share","lower":"next_window"}}
//
// A usage holds with each threshold that fired the limit at which it did ("up_to"). In
// one that was stored without, it counts as 0: the threshold may fire once more.
//
// An [Entitlement] is a document as well: {"version":1,"key":…} with the grant in force and the
// terms under which it was resolved. A decoded one decides alike.
package feature
