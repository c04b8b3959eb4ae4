package plan

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// ErrScale: a negotiated price cannot keep its ratio to the price of the plan ([ScalePrices]). The
// error says why.
var ErrScale = fault.New(fault.Refused, "plan: price cannot be scaled")

// rescaled is [seam.Terms.Rescaled].
func (v *Version) rescaled(times int, to *Version, charge string, negotiated *CompiledPrice) (*CompiledPrice, error) {
	no := func(err error) error { return fmt.Errorf("%w: charge %q: %w", ErrScale, clip(charge), err) }
	was, err := v.listPrice(charge, times)
	if err != nil {
		return nil, no(err)
	}
	is, err := to.listPrice(charge, 0)
	if err != nil {
		return nil, no(err)
	}
	price, err := scaled(negotiated.price, was.price, is.price, int32(is.currency.Digits()))
	if err != nil {
		return nil, no(err)
	}
	compiled, err := CompilePrice(price, is.currency)
	if err != nil {
		return nil, no(err)
	}
	return compiled, nil
}

// listPrice returns the price of a charge after a number of increases, which has to be the same
// in all phases: what was negotiated holds in all of them.
func (v *Version) listPrice(charge string, times int) (*CompiledPrice, error) {
	var found *CompiledPrice
	for i := range v.phases {
		c, ok := v.phases[i].byID[charge]
		if !ok {
			continue
		}
		price := c.raised(times)
		if price == nil {
			price = c.Price()
		}
		if found != nil && !equalPrices(found.price, price.price) {
			return nil, fault.Inconsistent.Errorf("its price is not the same in all phases of %q", v.Ref())
		}
		found = price
	}
	if found == nil {
		return nil, fault.NotFound.Errorf("%q has no such charge", v.Ref())
	}
	return found, nil
}

// scaled returns a price that is to a list price what another one is to the list price before.
func scaled(price, was, is Price, digits int32) (Price, error) {
	if isShare(price) || isShare(was) || isShare(is) {
		return nil, fault.Inconsistent.Errorf("a share of an amount has no ratio to another one")
	}
	old, oldShape := amountsOf(was)
	own, ownShape := amountsOf(price)
	list, _ := amountsOf(is)
	if !equalPrices(oldShape, ownShape) || len(old) != len(list) || was.Model() != is.Model() {
		return nil, fault.Inconsistent.Errorf("its price, that of the plan and that of the next one have not the same parts")
	}
	next := list
	for n, amount := range own {
		switch {
		case !old[n].IsZero():
			places := max(digits, -amount.Exponent())
			next[n] = amount.Mul(list[n]).DivRound(old[n], places)
		case !amount.IsZero():
			return nil, fault.Inconsistent.Errorf("%s has no ratio to a list price of 0", amount)
		}
	}
	n := -1
	out := withAmounts(clonePrice(is), func(decimal.Decimal) decimal.Decimal {
		n++
		return next[n]
	})
	return out, strictjson.JoinErrors(checkPrice(out, ""))
}

// amountsOf returns the amounts of money of a price, in the order in which they stand, and the
// price without them.
func amountsOf(p Price) (amounts []decimal.Decimal, shape Price) {
	shape = withAmounts(clonePrice(p), func(d decimal.Decimal) decimal.Decimal {
		amounts = append(amounts, d)
		return decimal.Decimal{}
	})
	return amounts, shape
}
