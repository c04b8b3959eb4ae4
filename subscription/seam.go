package subscription

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
)

// grids is lent by calendar; nothing changes it.
var grids = seam.Borrow[seam.Grid[*calendar.Schedule]]()

// What billing borrows.
var _ = seam.Lend(seam.Timeline[Subscription, Segment, Change, calendar.Period]{
	Moved:              Subscription.hasMoved,
	Recorded:           Subscription.recorded,
	Placed:             Subscription.placed,
	CommandBefore:      Subscription.commandBefore,
	LastOfSet:          Subscription.lastOfSet,
	AtPeriodEnd:        Subscription.atPeriodEnd,
	PendingItemsBefore: Subscription.pendingItemsBefore,
	DiscountUses:       Subscription.discountUses,
	Rounding:           Segment.rounding,
	Ordinal:            Segment.ordinal,
	PeriodEndingAt:     Segment.periodEndingAt,
	PeriodAt:           Segment.periodAt,
	PhaseEnd:           Segment.phaseEnd,
	Ahead:              Segment.ahead,
	ReachedBefore:      Segment.reachedBefore,
	RenewsOnly:         Subscription.renewsOnly,
	RenewsWhole:        Segment.renewsWhole,
	SameCharge:         Segment.sameCharge,
	EndsLength:         (*Change).endsLength,
})
