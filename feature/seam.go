package feature

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/seam"
)

// What subscription borrows.
var _ = seam.Lend(seam.Granting[Grant, Entitlement, calendar.Zone, calendar.Period, calendar.Schedule]{Join: join, Under: under, InGrid: inGrid})

// What plan borrows.
var _ = seam.Lend(seam.Preparing[Grant, Entitlement]{Prepare: prepare})
