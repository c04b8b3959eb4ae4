package plan_test

import (
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/plan"
)

// prices is what plan lends billing.
var prices = seam.Borrow[seam.Rating[*plan.CompiledPrice]]()
