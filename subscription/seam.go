package subscription

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/plan"
)

// grids is lent by calendar; nothing changes it.
var grids = seam.Borrow[seam.Grid[*calendar.Schedule]]()

// What billing borrows.
var _ = seam.Lend(seam.Timeline[Subscription, Segment, Change, calendar.Period, plan.UnusedCredit]{
	Moved:              Subscription.hasMoved,
	Recorded:           Subscription.recorded,
	Placed:             Subscription.placed,
	CommandBefore:      Subscription.commandBefore,
	LastOfSet:          Subscription.lastOfSet,
	AtPeriodEnd:        Subscription.atPeriodEnd,
	PendingItemsBefore: Subscription.pendingItemsBefore,
	DiscountUses:       Subscription.discountUses,
	Serves:             Segment.serves,
	Rounding:           Segment.rounding,
	Ordinal:            Segment.ordinal,
	PeriodEndingAt:     Segment.periodEndingAt,
	PeriodAt:           Segment.periodAt,
	PhaseEnd:           Segment.phaseEnd,
	Ahead:              Segment.ahead,
	ReachedBefore:      Segment.reachedBefore,
	HasMinimum:         Segment.hasMinimum,
	RenewsOnly:         Subscription.renewsOnly,
	RenewsWhole:        Segment.renewsWhole,
	SamePhase:          Segment.samePhase,
	SameCharge:         Segment.sameCharge,
	Effects:            (*Change).effectsOf,
	UnusedCredit:       (*Change).unusedCredit,
	Derived:            (*Change).derived,
	OnBoundary:         (*Change).onBoundary,
	EndsLength:         (*Change).endsLength,
})
