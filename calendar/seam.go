package calendar

import "github.com/perennial-billing/perennial/internal/seam"

// What subscription borrows.
var _ = seam.Lend(seam.Grid[*Schedule]{Bounds: (*Schedule).boundsAt, Holds: (*Schedule).holds})
