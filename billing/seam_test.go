package billing_test

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// inside is what subscription lends billing.
var inside = seam.Borrow[seam.Timeline[subscription.Subscription, subscription.Segment, subscription.Change, calendar.Period, plan.UnusedCredit]]()

// begins reports whether the change opened the first period of the service.
func begins(ch subscription.Change) bool {
	return ch.Kind == subscription.Started || ch.Kind == subscription.TrialEnded
}
