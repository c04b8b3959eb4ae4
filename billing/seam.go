package billing

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// What is lent by the rooms below; nothing changes it.
var (
	inside = seam.Borrow[seam.Timeline[subscription.Subscription, subscription.Segment, subscription.Change, calendar.Period, plan.UnusedCredit]]()
	prices = seam.Borrow[seam.Rating[*plan.CompiledPrice]]()
)
