// Package feature says what a subscription lets its owner do, and keeps count of
// what has been done: number of addresses, rescans a day, seats shared among teams,
// changes in a year, credits. It knows neither prices nor statuses, and reads no
// clock: every instant comes in as an argument, and every verb returns the next
// value and leaves the old one as it was. All values may be shared by goroutines.
//
// # What it is
//
// A plan states a [Grant] for each feature, in a [Set]. Beside them a subscription
// may have [Overrides]. [Resolve] puts the two together, under the [Terms] of one
// subscription at one instant, into an [Entitlement], which answers questions about
// a [Usage]:
//
//	d := entitlement.Check(usage, request)         // may it be used, what is left, when does it reset, why
//	next, d := entitlement.Consume(usage, request) // the same, and the usage after it
//	next, err := entitlement.Release(usage, n, at) // what was used is given back
//
// The service stores one Usage for each subscription and feature, and nothing else.
// Beside these stand values that are used by themselves: [Seats], [ChangeBudget],
// [CreditTargets] and [Credits].
//
// # Rules
//
// There are three kinds. A [Switch] is on or off. A [Limit] is a stock: so much may
// be in use at a time, and it never resets. An [Allowance] is a flow: so many uses
// in each window. Limits and amounts are exact decimals.
//
// A request is answered by the first of these questions that fails:
//
//  1. Is the amount an amount: not negative, of at most 40 digits? [ErrInvalidAmount]
//  2. Is the feature granted? [ErrNotGranted]
//  3. Is the subscription's state one that entitles? [ErrDormant]
//  4. Is the grant active? [ErrInactive]
//  5. Does its condition hold? [Always] does. Any other is a word that the application
//     gives a meaning to, by registering a predicate with the call; without one it
//     denies with [ErrUnsupportedCondition], and is kept as it is. [ErrConditionNotMet]
//  6. Can the entitlement and the usage answer for the instant? [ErrStale], [ErrOutOfOrder]
//  7. Is it unlimited? Then it is allowed, and counted.
//  8. Is used + amount <= limit? A limit of 0 means none. [ErrQuotaExceeded], unless the
//     grant's [Overage] lets use pass beyond the limit, as overage ([Allow]) or as
//     usage to be billed ([Rate]).
//
// A use is allowed as a whole or not at all. What is to be billed of it is
// [Decision.Billable] of the metric [Decision.Metric]; a charge of the plan says what
// that costs.
//
// A usage is over quota while more is used than the limit allows; equal is not over.
// That is recomputed from use and limit whenever it is asked, and ends with the
// window.
//
// # Boundaries
//
// Windows are half-open. [Day], [Week] (from Monday), [Month] and [Year] are civil,
// in the subscription's zone: from the first instant of their first day to that of
// the day after their last, whatever clocks do meanwhile; see package calendar.
// [BillingPeriod] is the period of the terms, and an entitlement answers for no other:
// at its end, resolve again. [Life] has no end. In a [Rolling] window a use at t counts
// while t plus the window's length, by the calendar, lies in the future; up to
// [MaxUses] uses are remembered.
//
// Use is counted forward. In a window that has ended before the last use nothing can
// be asked any more ([ErrOutOfOrder]); within one window the order does not matter.
//
// When a plan or an override changes the window of an allowance, what was used counts
// on if all of it lies in the new window; otherwise the count starts from zero,
// because nobody can tell how much of it does. (The uses of a rolling window can be
// told apart, and are.) When only the zone or the billing period moved, what was
// counted counts on in the window that holds the last use. A limit counts whatever is
// in use, whichever grant allowed it. Changing a limit never evicts: the feature is
// over quota until use falls.
//
// # Thresholds
//
// A [Threshold] fires when use goes from at most its percentage of the limit to more.
// It fires once in each window, whatever is released meanwhile. A limit and a rolling
// window never start over: there it fires at every crossing. It never fires for what
// is unlimited; and for every use that leaves zero where the limit is 0. In the
// [TierScope] the percentage is of the upper bound of the price tier that holds the
// use, so that an unlimited allowance sold in tiers can warn before the next tier. It
// fires once for each tier, on the way up, and at once in a tier that is entered above
// the percentage; never in the open last tier.
//
// # Overrides
//
// [Overrides.Assign] merges: members given replace those of the same feature, all
// others stay, and assigning twice is assigning once. [Overrides.Revoke] takes an
// override away, and the plan's own grant is back. Neither takes away or turns off a
// required feature, exceeds what a parent organization has left, or lets a limit fall
// below what is in use unless it is forced. [Entitlement.OriginOf] says where each
// member of a grant comes from.
//
// # Seats
//
// Cap is Max if it was set, else Free + Paid. Available is max(0, Cap - Used).
// Unreserved is max(0, Available - what teams have reserved and not filled). To reserve
// or fill more is [ErrTeamQuota]. Fewer paid seats than Used - Free are refused, or
// forced: then Available is 0 and nothing is evicted.
//
// # Change budgets
//
// A change at t counts while t plus one calendar year lies in the future: the change of
// 29 February is free on 28 February. At the cap, the next one is allowed when enough
// have ceased to count. A cap of 0 never allows one and names no date. To free a seat
// or to hand it over is a change ([Seats.VacateWithin], [Seats.HandOver]); to fill one
// is not.
//
// # Credits
//
// Each [CreditGrant] has an amount, a priority, a beginning and an expiry. Credits are
// spent by priority, then the soonest to expire, then the first to begin, then by id.
// At its Until a grant can no longer be spent. A reset leaves of each grant what its
// [Rollover] says: at least Min, at most Max. Everything that happens is an [Entry], and
// the entries of a grant always sum to what is left of it.
//
// # Rounding
//
// There is none. Counts of up to 18 digits are held in a word; others are exact
// decimals of up to 40 digits, 20 of them after the point. A sum beyond that is
// [ErrInvalidAmount].
//
// # Errors
//
// A [Decision] that denies has a [Reason] and, from Err, a [*DeniedError] that is the
// sentinel for it. Definitions report every fault at once, each a [*FieldError] with its
// path: rescan.thresholds[0].percent. A verb that fails returns the value it was called
// on.
//
// # JSON
//
// Names are in snake case, decimals are strings, instants are RFC 3339 in UTC. Reading
// is strict: an unknown or repeated name, a wrong case and an unknown word are faults.
// Stored values are checked when they are read: a ledger must sum, and be in order. What
// is not valid is not written. Of a grant an absent "active" is true; a limit or an
// allowance that is not unlimited must say its limit:
//
//	{"rescan":{"kind":"allowance","active":true,"limit":"10","window":"day"}}
package feature
