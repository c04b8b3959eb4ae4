package seam

import (
	"time"

	"github.com/perennial-billing/perennial/money"
)

// A Timeline is what billing asks of a subscription.Subscription (S) and of its Segments
// (G) and Changes (C) beyond their methods. P is a calendar.Period and U a
// plan.UnusedCredit.
type Timeline[S, G, C, P, U any] struct {
	// Moved reports whether other zone data than those of this process were in force when
	// some instant of the subscription was recorded, so that Recorded matters.
	Moved func(S) bool
	// Recorded returns a given instant as it was recorded: t itself, unless the zone data
	// changed since.
	Recorded func(S, time.Time) time.Time
	// Placed returns where an instant that was measured, and is in no document, lies among
	// the commands: on the side on which it lay when they were recorded. It is t itself,
	// unless the zone data changed since.
	Placed func(S, time.Time) time.Time
	// CommandBefore reports whether a command with a number above n, of those that can
	// change what is billed, lies before t and was recorded for an instant before recorded:
	// whether the history before t changed since n was the last command. The two are the
	// same instant unless the zone data changed.
	CommandBefore func(s S, t, recorded time.Time, n int) bool
	// LastOfSet returns the number of the last command of the change set that command n
	// is a part of; n itself if it is a part of none.
	LastOfSet func(s S, n int) int
	// AtPeriodEnd reports whether command n, a cancellation or a pause, was given for the end
	// of the period, whichever period that comes to be. False for 0.
	AtPeriodEnd func(s S, n int) bool
	// PendingItemsBefore returns how many pending items were given before t: the number
	// of the first one given at t or later.
	PendingItemsBefore func(S, time.Time) int
	// DiscountUses returns the command that gave discount i, the number of uses that use
	// it up, when it is over, and whether it is a fixed amount. One for a single invoice is used up by
	// any use: 0; one without an end, and one for a time, by none: [math.MaxInt]. It is over at
	// until, that instant included; zero unless it is for a time.
	DiscountUses func(s S, i int) (command, uses int, until time.Time, fixed bool)

	// Serves reports whether what is used in the segment is billed, or free as in a trial: it is
	// entitled, or would be if it were not suspended.
	Serves func(G) bool
	// Rounding returns the rounding of a line, as Policy does but without computing the
	// rest.
	Rounding func(G) money.Rounding
	// Ordinal returns the number of the billed period that runs at the beginning of the
	// segment, counted from 0 over the whole life of the subscription; -1 before the
	// first. It increases by one with every period that opens: the first one, one at each
	// boundary while periods are billed, and a period that a change, a phase, a resume or
	// a reactivation opens. While nothing is billed it is the number of the last period,
	// and it stays if the subscription returns into that period.
	Ordinal func(G) int
	// PeriodEndingAt returns the period that contains t, and at a boundary the one that
	// ends there. t must lie in the segment or be its end.
	PeriodEndingAt func(G, time.Time) (P, error)
	// PhaseEnd returns when the phase ends if it has a length and nothing replaces it
	// first; else the zero Time.
	PhaseEnd func(G) time.Time
	// PeriodAt returns the period of the segment's grid that holds t; false where there is
	// none.
	PeriodAt func(g G, t time.Time) (start, end time.Time, ok bool)
	// Ahead returns the segments that were expected to follow this one when it began,
	// before any later command, and that begin before until.
	Ahead func(g G, until time.Time) ([]G, error)
	// ReachedBefore returns how far any segment before this one can have been paid in
	// advance: the latest end of a period that was open where a billable segment
	// closed. What falls due by itself at a boundary closes the period that ends there,
	// a command the one that begins there. It is zero if there was none.
	ReachedBefore func(G) time.Time
	// HasMinimum reports whether a minimum is in force in a segment.
	HasMinimum func(G) bool
	// RenewsOnly returns the last segment and what ReachedBefore says of it. It is true if
	// periods are billed in the segment, nothing is expected that could cut one, and no
	// instant of the subscription has moved: from there on it only renews.
	RenewsOnly func(S) (g G, reached time.Time, ok bool)
	// RenewsWhole reports whether the invoice at the end of the period that runs at the
	// beginning of the segment will hold whole periods only, and no lines that waited for
	// it: the period was opened whole, and within it no charge in arrears began or was
	// divided, the grid did not move, no change is collected with the next invoice, and
	// nothing was expected that could have cut it. Every later period of the segment is
	// whole.
	RenewsWhole func(G) bool

	// SamePhase reports whether the same phase of the same version of a plan is in force in
	// both segments, whatever is attached.
	SamePhase func(a, b G) bool
	// SameCharge reports whether a charge is the same in both segments: both have one
	// of that id, of equal price (by value), quantity (where it counts units), timing
	// and metric, and both or neither are due once. The plan's name does not matter:
	// a change set bills again only what differs.
	SameCharge func(was, is G, charge string) bool
	// Effects returns what the change did to the periods and the charges.
	Effects func(*C) Effects
	// UnusedCredit returns the choice for the unused part of what was billed in advance;
	// none if the change credits nothing.
	UnusedCredit func(*C) U
	// Derived reports whether the instant of the change follows from the calendar, and
	// not from anybody's choice: the end of a trial or a phase, an ending by the plan's
	// length or because auto-renewal is off.
	Derived func(*C) bool
	// OnBoundary reports whether the change fell on a boundary of the periods of what ran
	// before it.
	OnBoundary func(*C) bool
	// EndsLength reports whether the plan's length ended the subscription.
	EndsLength func(*C) bool
}

// Effects are what a change does to the periods and the charges of a subscription.
type Effects struct {
	// NewGrid says that a whole period begins with the change, on a grid anchored there:
	// a reset, or a reactivation that starts a new period.
	NewGrid bool
	// Regrids says that the change opens a period on another grid, of another anchor or
	// another step; that period may be a part of the grid's. It is set wherever NewGrid
	// is, and by a change or a phase with another step.
	Regrids bool
	// ChangesPlan says that a change of plan was asked for, be it to the version in force
	// with another quantity: it ends every charge, unless it is part of a set.
	ChangesPlan bool
	// Extended says that the change moved the end of the current period.
	Extended bool
	// Stretched says that it gave the current period another end, and that what is left of it
	// costs what it did.
	Stretched bool
}

// And returns the effects of two changes at one instant.
func (e Effects) And(o Effects) Effects {
	return Effects{
		NewGrid: e.NewGrid || o.NewGrid, Regrids: e.Regrids || o.Regrids,
		ChangesPlan: e.ChangesPlan || o.ChangesPlan, Extended: e.Extended || o.Extended, Stretched: e.Stretched || o.Stretched,
	}
}
