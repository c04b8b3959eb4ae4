package plan

import (
	"fmt"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/money"
)

// What billing borrows.
var _ = seam.Lend(seam.Rating[*CompiledPrice]{
	Mode:      modeOf,
	Fast:      (*CompiledPrice).rateFast,
	Scaled:    (*CompiledPrice).rateScaled,
	Unbounded: (*CompiledPrice).unbounded,
	Amount:    (*CompiledPrice).rateAmount,
})

// modeOf is [seam.Rating.Mode].
func modeOf(r money.Rounding) (arith.Mode, error) {
	mode := arith.Named(string(r))
	if !mode.IsValid() {
		return 0, fmt.Errorf("plan: rounding %q: %w", clip(string(r)), money.ErrRounding)
	}
	return mode, nil
}
