// Package calendar answers the questions of time that billing asks: where the periods
// of a subscription lie, which of them holds an instant, what share of a period a
// part of it is, and on which civil day something happened. Everything in it is pure
// except LoadZone, which reads the time zone database.
//
// # The values
//
// An [Interval] is a count of days, weeks, months or years; its zero value means that
// nothing recurs. A [Period] is a half-open range of time: it contains its start and
// not its end. A [Schedule] is an anchor and an interval, which give a boundary for
// every whole number. A [Zone] is an IANA time zone and the only bridge between
// instants ([time.Time]) and civil days (date.Date). A [Basis] turns a part of a
// period into a fraction, and a [ChangeDay] says to which side the civil day of a
// change belongs. All are small, immutable and comparable with ==, except a Period
// made by hand from times in other locations. All are safe for concurrent use.
//
// Every instant that this package makes is in UTC, has no monotonic reading and whole
// microseconds, which is what databases keep: of an anchor, of an instant that is read or
// written, and of a time of day, finer digits are dropped, towards the past.
//
// # Boundaries
//
// Boundary 0 of a schedule is its anchor. Boundary k is the wall-clock time of
// the anchor, in the schedule's zone, k intervals later, or earlier if k is
// negative. It is computed from the anchor, never from boundary k-1, so nothing
// drifts: from Jan 31 follow Feb 28, Mar 31, Apr 30.
//
//   - A week is seven days and a year is twelve months. Days are civil days: a
//     day on which clocks change has 23 or 25 hours.
//   - A month without the anchor's day: [Clamp], the default, takes the month's last
//     day. [LastDay] does so too, and also keeps an anchor that lies on the last day
//     of its month on last days: from Feb 28 2026 follows Mar 31. An anchor on Feb
//     29, yearly, is billed on Feb 28 and on Feb 29 again.
//   - A wall-clock time that does not exist, because clocks are set forward over it,
//     moves forward by the same amount: 02:30 is 03:30 on that day. One that exists
//     twice is the first of the two. (An anchor in the second keeps its instant; only
//     its other boundaries obey the rule.)
//   - Where a zone skipped a whole civil day, as Pacific/Apia skipped 2011-12-30, two
//     boundaries of a daily schedule coincide. The period between them is empty:
//     PeriodAt, Index and Periods skip it, and Count and After do not count it, so it
//     is never billed and is not a cycle.
//
// The periods from each boundary to the next tile time. A call about an instant costs
// the same at any distance from the anchor, in either direction, and allocates
// nothing. No method takes longer for a longer time, except Periods, which runs as
// long as its caller wants.
//
// # Civil days
//
// The civil day d of a zone is the time from its midnight to the next, [Midnight(d),
// Midnight(d+1)). Midnight is the first instant of the day: 01:00 where clocks are
// set forward at 00:00, and for a day that was skipped the instant of the skip, at
// which the next day begins as well. Days tile, so dates never go backwards, not even
// where clocks are set back across midnight; see [Zone.Date].
//
// # Fractions
//
// [Basis.Fraction] returns a part of a period as two whole numbers, not reduced and
// not rounded; the caller multiplies and rounds. [ByDay] counts differences of civil
// dates, so hours within a day do not matter and a skipped civil day still counts.
// [BySecond] measures elapsed time exactly. [ByDay30] counts by the 30E/360 rule. The
// parts of a divided period always add up to it: for all cuts, their numerators add
// up to the denominator.
//
// # Limits
//
// Instants and dates lie in the years 1 to 9999, instants by UTC. An interval counts
// at most 10000 units. A result outside these bounds is [ErrRange], never a clipped
// value. Before its first known change a zone has the offset that the database gives
// it first, most often local mean time; for years to come its last rule is assumed to
// continue forever.
//
// # Errors
//
// Only the Must functions panic. Errors wrap the sentinels listed below, for
// errors.Is; those of parsers and decoders are also a [*ParseError], which says what
// was being read and quotes it. A decoder that fails leaves its receiver as it was. A
// zero [Schedule] returns [ErrNoSchedule].
//
// # Text and JSON
//
//   - Interval: an ISO 8601 duration of one designator, "P1M", "P2W", "P14D",
//     "P1Y"; the zero Interval is "".
//   - Unit, MonthEnd, Basis, ChangeDay: their words; the empty word, which means
//     that nothing was chosen, is "".
//   - Zone: its name; the zero Zone is "UTC", and "" is refused.
//   - Period: {"start":"2026-01-31T00:00:00Z","end":"2026-02-28T00:00:00Z"}; an
//     open one has no end; the zero Period is null.
//   - Instants: RFC 3339 as [ParseInstant] takes it. Dates: YYYY-MM-DD as
//     [ParseDate] takes it.
//
// Decoding is strict: exact case, each name once, no others. Values that could not be
// read back are not written: an invalid Interval, word or Period is an error.
package calendar
