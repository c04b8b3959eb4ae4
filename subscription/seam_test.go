package subscription_test

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// inside is what subscription lends billing.
var inside = seam.Borrow[seam.Timeline[subscription.Subscription, subscription.Segment, subscription.Change, calendar.Period, plan.UnusedCredit]]()
