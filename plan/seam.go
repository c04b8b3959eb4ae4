package plan

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// What billing borrows.
var _ = seam.Lend(seam.Rating[*CompiledPrice]{
	Mode:      modeOf,
	Fast:      (*CompiledPrice).rateBounded,
	Scaled:    (*CompiledPrice).rateScaled,
	Limit:     func(t *CompiledPrice) int64 { return t.limit },
	Increases: func(t *CompiledPrice) int { return t.increases },
	Unbounded: (*CompiledPrice).unbounded,
	Amount:    (*CompiledPrice).rateAmount,

	UnboundedOf: (*CompiledPrice).unboundedFraction,
	AmountOf:    (*CompiledPrice).rateFraction,
})

// What subscription borrows.
var _ = seam.Lend(seam.Terms[
	*Version, *CompiledAddOn, *CompiledPhase, *CompiledCharge, *CompiledPrice, Policy, Minimum,
	*strictjson.Codec[Policy], *strictjson.Codec[Discount], *feature.Entitlement, feature.Key,
]{
	Policy:       func(v *Version) *Policy { return &v.policy },
	Elsewhere:    func(v *Version) bool { return v.plan.Currency != v.defined.Currency },
	Negotiable:   (*Version).negotiable,
	HasMinimum:   func(v *Version) bool { return v.plan.Minimum != nil },
	Increases:    func(v *Version) bool { return v.plan.Increase != nil },
	Raised:       (*CompiledCharge).raised,
	Negotiated:   (*Version).raiseNegotiated,
	Rescaled:     (*Version).rescaled,
	Attached:     (*CompiledAddOn).attached,
	With:         (*CompiledPhase).with,
	Joins:        (*CompiledPhase).joins,
	Grants:       func(c *CompiledAddOn) []feature.Key { return c.grants },
	PolicyForm:   &policyCodec,
	Prepared:     func(v *Version, key string) *feature.Entitlement { return v.entitlements[feature.Key(key)] },
	DiscountForm: &discountCodec,
})

// granting is what feature lends.
var granting = seam.Borrow[seam.Preparing[feature.Grant, feature.Entitlement]]()

// modeOf is [seam.Rating.Mode].
func modeOf(r money.Rounding) (arith.Mode, error) {
	mode := arith.Named(string(r))
	if !mode.IsValid() {
		return 0, fmt.Errorf("plan: rounding %q: %w", clip(string(r)), money.ErrRounding)
	}
	return mode, nil
}

// rateBounded is [seam.Rating.Fast].
func (t *CompiledPrice) rateBounded(q decimal.Decimal, mode arith.Mode) (minor int64, ok bool) {
	if t.line.isLine && t.line.unit == 0 {
		return t.line.base, q.Sign() >= 0 // whatever the quantity
	}
	return t.rateFast(q, mode)
}
