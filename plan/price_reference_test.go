package plan_test

import (
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// The reference rates in fractions, model by model and tier by tier, with nothing precomputed. It
// shares no code with the package and is written from the rules alone.

func rat(d decimal.Decimal) *big.Rat {
	r := new(big.Rat).SetInt(d.Coefficient())
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.Exponent(), -d.Exponent()))), nil))
	if d.Exponent() < 0 {
		return r.Quo(r, scale)
	}
	return r.Mul(r, scale)
}

func add(a, b *big.Rat) *big.Rat { return new(big.Rat).Add(a, b) }
func sub(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
func mul(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

// floor is the largest whole number that is not above r.
func floor(r *big.Rat) *big.Int {
	return new(big.Int).Div(r.Num(), r.Denom()) // Euclidean, and the denominator is positive
}

// started is the number of started packages.
func started(units, size *big.Rat) *big.Rat {
	share := new(big.Rat).Quo(units, size)
	count := floor(share)
	if !share.IsInt() {
		count.Add(count, big.NewInt(1))
	}
	return new(big.Rat).SetInt(count)
}

func bounded(amount *big.Rat, b plan.Bounds) *big.Rat {
	if b.Maximum != nil && amount.Cmp(rat(*b.Maximum)) > 0 {
		amount = rat(*b.Maximum)
	}
	if b.Minimum != nil && amount.Cmp(rat(*b.Minimum)) < 0 {
		amount = rat(*b.Minimum)
	}
	return amount
}

func chargeable(q *big.Rat, free decimal.Decimal) *big.Rat {
	if left := sub(q, rat(free)); left.Sign() > 0 {
		return left
	}
	return new(big.Rat)
}

// tierCost is what units cost in a tier whose flat amount is due.
func tierCost(t plan.Tier, units *big.Rat) *big.Rat {
	if !t.PackageSize.IsZero() {
		units = started(units, rat(t.PackageSize))
	}
	return add(mul(units, rat(t.UnitAmount)), rat(t.FlatAmount))
}

// reference returns the exact amount, or nil where a closed price has no tier.
func reference(price plan.Price, quantity decimal.Decimal) *big.Rat {
	return referenceOf(price, rat(quantity))
}

// referenceOf is reference of a fraction.
func referenceOf(price plan.Price, q *big.Rat) *big.Rat {
	zero := new(big.Rat)
	switch p := price.(type) {
	case plan.PerUnit:
		return bounded(mul(chargeable(q, p.FreeUnits), rat(p.UnitAmount)), p.Bounds)
	case plan.FlatFee:
		return bounded(rat(p.Amount), p.Bounds)
	case plan.Package:
		return bounded(mul(started(chargeable(q, p.FreeUnits), rat(p.PackageSize)), rat(p.PackageAmount)), p.Bounds)
	case plan.Percentage:
		return bounded(mul(chargeable(q, p.FreeAmount), mul(rat(p.Rate), big.NewRat(1, 100))), p.Bounds)
	case plan.GraduatedPercentage:
		amount := chargeable(q, p.FreeAmount)
		if amount.Sign() == 0 && p.Zero == plan.ZeroFree {
			return bounded(zero, p.Bounds)
		}
		total, below := new(big.Rat), new(big.Rat)
		for _, tier := range p.Tiers {
			last := tier.UpTo == nil || amount.Cmp(rat(*tier.UpTo)) <= 0
			top := amount
			if !last {
				top = rat(*tier.UpTo)
			}
			total = add(total, add(rat(tier.FlatAmount), mul(sub(top, below), mul(rat(tier.Rate), big.NewRat(1, 100)))))
			if last {
				return bounded(total, p.Bounds)
			}
			below = top
		}
		return nil
	case plan.Stairstep:
		if q.Sign() == 0 && p.Zero == plan.ZeroFree {
			return bounded(zero, p.Bounds)
		}
		for _, step := range p.Steps {
			if step.UpTo == nil || q.Cmp(rat(*step.UpTo)) <= 0 {
				return bounded(rat(step.Amount), p.Bounds)
			}
		}
		return nil
	case plan.Volume:
		units := chargeable(q, p.FreeUnits)
		if units.Sign() == 0 && p.Zero == plan.ZeroFree {
			return bounded(zero, p.Bounds)
		}
		for _, tier := range p.Tiers {
			if tier.UpTo == nil || units.Cmp(rat(*tier.UpTo)) <= 0 {
				return bounded(tierCost(tier, units), p.Bounds)
			}
		}
		return nil
	case plan.Tiered:
		units := chargeable(q, p.FreeUnits)
		if units.Sign() == 0 && p.Zero == plan.ZeroFree {
			return bounded(zero, p.Bounds)
		}
		total, below := new(big.Rat), new(big.Rat)
		for _, tier := range p.Tiers {
			if tier.UpTo == nil || units.Cmp(rat(*tier.UpTo)) <= 0 {
				return bounded(add(total, tierCost(tier, sub(units, below))), p.Bounds)
			}
			total = add(total, tierCost(tier, sub(rat(*tier.UpTo), below)))
			below = rat(*tier.UpTo)
		}
		return nil
	}
	panic("unknown price")
}

// rounded returns the whole number of minor units that a rounding makes of a major amount, and
// whether it had to choose between two equally near ones.
func rounded(amount *big.Rat, digits int, r money.Rounding) (minor *big.Int, tie bool) {
	exact := mul(amount, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)))
	low := floor(exact)
	if exact.IsInt() {
		return low, false
	}
	high := new(big.Int).Add(low, big.NewInt(1))
	nearness := sub(exact, new(big.Rat).SetInt(low)).Cmp(big.NewRat(1, 2)) // below: low is nearer
	tie = nearness == 0
	outer, inner := high, low // away from zero, towards zero
	if amount.Sign() < 0 {
		outer, inner = low, high
	}
	nearest := low
	if nearness > 0 {
		nearest = high
	}
	even := low
	if low.Bit(0) == 1 {
		even = high
	}
	onTie := map[money.Rounding]*big.Int{
		money.HalfUp: outer, money.HalfEven: even, money.HalfDown: inner, money.HalfFloor: low,
	}
	switch choice, half := onTie[r]; {
	case half && tie:
		return choice, true
	case half:
		return nearest, false
	}
	return map[money.Rounding]*big.Int{
		money.Up: outer, money.Down: inner, money.Floor: low, money.Ceiling: high,
	}[r], tie
}
