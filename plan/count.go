package plan

import (
	"fmt"
	"math/big"
	"sort"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/internal/dec"
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
	return t.rateFraction(amount.Rat(), least, most, den, r)
}

// rateFraction is [seam.Rating.AmountOf].
func (t *CompiledPrice) rateFraction(exact *big.Rat, least, most, den int64, r money.Rounding) (money.Money, error) {
	mode, err := modeOf(r)
	if err != nil {
		return money.Money{}, err
	}
	if den <= 0 {
		return money.Money{}, partFault(den)
	}
	exact = new(big.Rat).Set(exact)
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

// unboundedFraction is [seam.Rating.UnboundedOf]. It is what [curve.unbounded] is of decimals.
func (t *CompiledPrice) unboundedFraction(q *big.Rat) (*big.Rat, error) {
	if q.Sign() < 0 {
		return nil, &QuantityError{Quantity: dec.Shown(q), err: ErrNegativeQuantity}
	}
	c := &t.exact
	units := new(big.Rat)
	if free := c.free.Rat(); q.Cmp(free) > 0 {
		units.Sub(q, free)
	}
	if units.Sign() == 0 && c.zeroFree {
		return units, nil
	}
	last := len(c.pieces) - 1
	switch {
	case c.ofEvents:
		return nil, ErrEvents
	case c.byDimensions:
		return nil, ErrDimensions
	case last < 0:
		return nil, errNotCompiled
	}
	beyond := func(i int) bool { return units.Cmp(c.pieces[i].upTo.Rat()) > 0 }
	i := sort.Search(last, func(i int) bool { return !beyond(i) })
	if i == last && c.closed && beyond(last) {
		return nil, &TierError{Quantity: dec.Shown(units), UpTo: *c.pieces[last].upTo}
	}
	p := &c.pieces[i]
	count := new(big.Rat).Sub(units, p.from.Rat())
	if !p.size.IsZero() {
		count.Quo(count, p.size.Rat())
		packages, rest := new(big.Int).QuoRem(count.Num(), count.Denom(), new(big.Int))
		if rest.Sign() > 0 {
			packages.Add(packages, big.NewInt(1))
		}
		count.SetInt(packages)
	}
	count.Mul(count, p.unit.Rat())
	return count.Add(count, p.base.Rat()), nil
}
