package plan

import (
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// RatePartFast is RatePart by the whole-number path alone; ok is false where it declines. Whole says that
// the amount of the whole period is wanted, as in Rate.
func (t *CompiledPrice) RatePartFast(q decimal.Decimal, whole bool, num, den int64, r money.Rounding) (m money.Money, ok bool) {
	mode, err := modeOf(r)
	if err != nil {
		return money.Money{}, false
	}
	var minor int64
	if whole {
		minor, ok = t.rateFast(q, mode)
	} else {
		minor, ok = t.fast.ratePart(q, num, den, mode)
	}
	return money.FromMinor(minor, t.currency), ok
}

// RatePartExact is RatePart by the decimal path alone.
func (t *CompiledPrice) RatePartExact(q decimal.Decimal, num, den int64, r money.Rounding) (money.Money, error) {
	mode, err := modeOf(r)
	if err != nil {
		return money.Money{}, err
	}
	return t.rateExact(q, num, den, mode)
}

// RateFraction is Rate of a quantity that is a fraction.
func (t *CompiledPrice) RateFraction(q *big.Rat, r money.Rounding) (money.Money, error) {
	amount, err := t.unboundedFraction(q)
	if err != nil {
		return money.Money{}, err
	}
	return t.rateFraction(amount, 1, 1, 1, r)
}

// Shapes returns what the codecs of documents accept, by the names of their schemas.
func Shapes() map[string]*strictjson.Shape {
	return map[string]*strictjson.Shape{
		"plan": planCodec.Shape(), "catalog": contentsCodec.Shape(), "price": anyPrice.Shape(), "policy": policyCodec.Shape(),
		"offering": offeringCodec.Shape(), "discount": discountCodec.Shape(), "release": releaseCodec.Shape(), "addon": addOnCodec.Shape(), "minimum": minimumCodec.Shape(),
	}
}
