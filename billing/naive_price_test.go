package billing_test

import (
	"math/big"
)

func naiveRat(text, fallback string) *big.Rat {
	r, ok := new(big.Rat).SetString(naiveOr(text, fallback))
	if !ok {
		panic("not a number: " + text)
	}
	return r
}

// amount prices a quantity for a whole period, exactly.
func (p talePrice) amount(quantity *big.Rat) *big.Rat {
	total := p.unbounded(quantity)
	if p.Minimum != "" && total.Cmp(naiveRat(p.Minimum, "0")) < 0 {
		total = naiveRat(p.Minimum, "0")
	}
	if p.Maximum != "" && total.Cmp(naiveRat(p.Maximum, "0")) > 0 {
		total = naiveRat(p.Maximum, "0")
	}
	return total
}

func (p talePrice) unbounded(quantity *big.Rat) *big.Rat {
	q := new(big.Rat).Sub(quantity, naiveRat(naiveOr(p.FreeUnits, p.FreeAmount), "0"))
	if q.Sign() < 0 {
		q = new(big.Rat)
	}
	total := new(big.Rat)
	if p.Zero == "free" && q.Sign() == 0 {
		return total
	}
	switch p.Model {
	case "flat_fee":
		return naiveRat(p.Amount, "0")
	case "per_unit":
		return total.Mul(q, naiveRat(p.UnitAmount, "0"))
	case "percentage":
		return total.Mul(q, new(big.Rat).Quo(naiveRat(p.Rate, "0"), big.NewRat(100, 1)))
	case "package":
		return total.Mul(naivePackages(q, p.PackageSize), naiveRat(p.PackageAmount, "0"))
	}
	from := new(big.Rat)
	for i, tier := range p.Tiers {
		holds := tier.UpTo == "" || q.Cmp(naiveRat(tier.UpTo, "0")) <= 0
		in := new(big.Rat)
		if holds {
			in.Sub(q, from)
		} else {
			in.Sub(naiveRat(tier.UpTo, "0"), from)
		}
		switch p.Model {
		case "stairstep":
			if holds {
				return naiveRat(tier.Amount, "0")
			}
		case "volume":
			if holds {
				total.Mul(naivePackages(q, tier.PackageSize), naiveRat(tier.UnitAmount, "0"))
				return total.Add(total, naiveRat(tier.FlatAmount, "0"))
			}
		case "graduated_percentage":
			if in.Sign() > 0 || i == 0 {
				total.Add(total, new(big.Rat).Mul(in, new(big.Rat).Quo(naiveRat(tier.Rate, "0"), big.NewRat(100, 1))))
				total.Add(total, naiveRat(tier.FlatAmount, "0"))
			}
			if holds {
				return total
			}
		case "tiered":
			if in.Sign() > 0 || i == 0 {
				total.Add(total, new(big.Rat).Mul(naivePackages(in, tier.PackageSize), naiveRat(tier.UnitAmount, "0")))
				total.Add(total, naiveRat(tier.FlatAmount, "0"))
			}
			if holds {
				return total
			}
		}
		from = naiveRat(tier.UpTo, "0")
	}
	panic("no tier")
}

// naivePackages counts started packages; without a size the units themselves.
func naivePackages(units *big.Rat, size string) *big.Rat {
	if size == "" || size == "0" {
		return units
	}
	packages := new(big.Rat)
	for packed := new(big.Rat); packed.Cmp(units) < 0; packed.Add(packed, naiveRat(size, "1")) {
		packages.Add(packages, big.NewRat(1, 1))
	}
	return packages
}

// naiveRound rounds an amount in major units to whole minor units.
func naiveRound(amount *big.Rat, digits int, how string) int64 {
	minor := new(big.Rat).Set(amount)
	for range digits {
		minor.Mul(minor, big.NewRat(10, 1))
	}
	low := new(big.Int).Div(minor.Num(), minor.Denom()) // Euclidean: towards minus infinity
	rest := new(big.Rat).Sub(minor, new(big.Rat).SetInt(low))
	n := low.Int64()
	if rest.Sign() == 0 {
		return n
	}
	half := rest.Cmp(big.NewRat(1, 2))
	negative := minor.Sign() < 0
	up := false
	switch how {
	case "floor":
	case "ceiling":
		up = true
	case "up":
		up = !negative
	case "down":
		up = negative
	case "half_even":
		up = half > 0 || half == 0 && n%2 != 0
	case "half_down":
		up = half > 0 || half == 0 && negative
	case "half_floor":
		up = half > 0
	default:
		up = half > 0 || half == 0 && !negative
	}
	if up {
		n++
	}
	return n
}
