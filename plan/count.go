package plan

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
)

// A metered charge that is billed in parts of a period has one count over all of
// them: what is due is the price of all units so far, with bounds for the part of the
// period that has passed. The functions below rate such a count.

// Equal reports whether both prices are the same definition in the same currency,
// decimals compared by value.
func (t *CompiledPrice) Equal(o *CompiledPrice) bool {
	if t == nil || o == nil {
		return t == o
	}
	return t == o || t.currency == o.currency && t.price != nil && o.price != nil && t.price.Equal(o.price)
}

// unbounded is [seam.Rating.Unbounded].
func (t *CompiledPrice) unbounded(q decimal.Decimal) (decimal.Decimal, error) {
	q, err := checkedQuantity(q)
	if err != nil {
		return decimal.Decimal{}, err
	}
	amount, err := t.exact.unbounded(q)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return canonical(amount), nil
}

// rateAmount is [seam.Rating.Amount].
func (t *CompiledPrice) rateAmount(amount decimal.Decimal, least, most, den int64, r money.Rounding) (money.Money, error) {
	mode, err := modeOf(r)
	if err != nil {
		return money.Money{}, err
	}
	if den <= 0 {
		return money.Money{}, partFault(den)
	}
	exact := amount.Rat()
	bound := func(b *decimal.Decimal, num int64, exceeds int) {
		if b == nil {
			return
		}
		limit := b.Rat()
		limit.Mul(limit, big.NewRat(num, den))
		if exact.Cmp(limit) == exceeds {
			exact = limit
		}
	}
	bound(t.exact.bounds.Minimum, least, -1)
	bound(t.exact.bounds.Maximum, most, 1)
	exact.Mul(exact, new(big.Rat).SetInt(pow10Big(t.digits)))
	minor := arith.RoundBig(exact.Num(), exact.Denom(), mode)
	if !minor.IsInt64() {
		return money.Money{}, fmt.Errorf("plan: rated amount: %w", money.ErrOverflow)
	}
	return money.FromMinor(minor.Int64(), t.currency), nil
}
