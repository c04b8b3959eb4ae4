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
	return t == o || t.currency == o.currency && t.price != nil && o.price != nil && t.price.Equal(o.price)
}

// Unbounded returns what quantity q costs in a whole period, in major units and
// before any rounding, without the minimum and the maximum of the price. Errors: as
// [CompiledPrice.Exact].
func (t *CompiledPrice) Unbounded(q decimal.Decimal) (decimal.Decimal, error) {
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

// RateAmount returns an amount in major units within the bounds of the price, the
// minimum multiplied by least/den and the maximum by most/den, rounded once. The
// amount is one that [CompiledPrice.Unbounded] returned, or a sum of differences of
// such. Errors: money.ErrOverflow if the result does not fit; money.ErrRounding if r
// is not a rounding; money.ErrDivisionByZero for a den of zero, money.ErrInvalid for
// one below it.
func (t *CompiledPrice) RateAmount(amount decimal.Decimal, least, most, den int64, r money.Rounding) (money.Money, error) {
	mode, err := r.Mode()
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
