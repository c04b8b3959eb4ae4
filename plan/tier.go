package plan

import (
	"github.com/shopspring/decimal"
)

// Tier is one band of quantities of a [Volume] or [Tiered] price. It begins above the previous
// tier's end, the first one above zero, and has a unit amount, a flat amount, or both. A tier with
// neither is free.
type Tier struct {
	// UpTo is the last quantity in the tier, inclusive; it may be a fraction. Nil is an open end:
	// required for the last tier, and forbidden if the price is closed.
	UpTo *decimal.Decimal
	// UnitAmount is the price of a unit, or of a started package if PackageSize is set.
	UnitAmount decimal.Decimal
	// FlatAmount is due once when the tier is entered.
	FlatAmount decimal.Decimal
	// PackageSize is the number of units that UnitAmount buys; started packages count as whole
	// ones. Zero: units are priced one by one, fractions by their share.
	PackageSize decimal.Decimal
}

// Volume charges all units at the tier that holds the quantity, plus that tier's flat amount: 21 units
// may cost less than 20. At a quantity of zero the first tier's flat amount is due, unless Zero says
// that it is free.
type Volume struct {
	// Tiers, at least one and at most [MaxTiers], ascending.
	Tiers []Tier
	// FreeUnits are subtracted from the quantity before the tier is chosen; zero or more.
	FreeUnits decimal.Decimal
	// Zero says what is due for a quantity of zero (after free units).
	Zero Zero
	// Closed says that the last tier has an end; a quantity above it is [ErrNoTier].
	Closed bool
	Bounds
}

// Model is [VolumeModel].
func (p Volume) Model() Model { return VolumeModel }

// Validate reports every fault of the tiers, one by one and as a schedule, and of the bounds.
func (p Volume) Validate() error { return validatePrice(p) }

// Equal compares by value.
func (p Volume) Equal(other Price) bool { return equalPrices(p, other) }

func (p Volume) check(f faults) {
	checkTiers(f, p.Tiers, p.Closed)
	f.field("free_units").amount(p.FreeUnits)
	checkZero(f, p.Zero)
	p.Bounds.check(f)
}

func (p Volume) clone() Price {
	p.Tiers, p.FreeUnits, p.Bounds = cloneTiers(p.Tiers), canonical(p.FreeUnits), p.Bounds.clone()
	return p
}

func (p Volume) curve() curve {
	c := curve{free: p.FreeUnits, zeroFree: p.Zero == ZeroFree, closed: p.Closed, bounds: p.Bounds}
	var above decimal.Decimal
	for _, t := range p.Tiers {
		c.pieces = append(c.pieces, piece{
			above: above, upTo: t.UpTo, base: t.FlatAmount, flat: t.FlatAmount, unit: t.UnitAmount, size: t.PackageSize,
		})
		if t.UpTo != nil {
			above = *t.UpTo
		}
	}
	return c
}

// Tiered charges each unit at its own tier and adds the flat amount of every tier entered. At a
// quantity of zero the first tier's flat amount is due, unless Zero says that it is free.
type Tiered struct {
	// Tiers, at least one and at most [MaxTiers], ascending.
	Tiers []Tier
	// FreeUnits are subtracted from the quantity before the tiers are filled; zero or more.
	FreeUnits decimal.Decimal
	// Zero says what is due for a quantity of zero (after free units).
	Zero Zero
	// Closed says that the last tier has an end; a quantity above it is [ErrNoTier].
	Closed bool
	Bounds
}

// Model is [TieredModel].
func (p Tiered) Model() Model { return TieredModel }

// Validate reports every fault of the tiers, one by one and as a schedule, and of the bounds.
func (p Tiered) Validate() error { return validatePrice(p) }

// Equal compares by value.
func (p Tiered) Equal(other Price) bool { return equalPrices(p, other) }

func (p Tiered) check(f faults) {
	checkTiers(f, p.Tiers, p.Closed)
	f.field("free_units").amount(p.FreeUnits)
	checkZero(f, p.Zero)
	p.Bounds.check(f)
}

func (p Tiered) clone() Price {
	p.Tiers, p.FreeUnits, p.Bounds = cloneTiers(p.Tiers), canonical(p.FreeUnits), p.Bounds.clone()
	return p
}

func (p Tiered) curve() curve {
	c := curve{
		free: p.FreeUnits, zeroFree: p.Zero == ZeroFree, closed: p.Closed, bounds: p.Bounds, cumulative: true,
	}
	var above, before decimal.Decimal
	for _, t := range p.Tiers {
		next := piece{
			above: above, upTo: t.UpTo, from: above,
			base: before.Add(t.FlatAmount), flat: t.FlatAmount, unit: t.UnitAmount, size: t.PackageSize,
		}
		c.pieces = append(c.pieces, next)
		if t.UpTo != nil {
			above, before = *t.UpTo, next.amount(*t.UpTo)
		}
	}
	return c
}

// Step is one band of quantities of a [Stairstep] price.
type Step struct {
	// UpTo is the last quantity in the step, inclusive; it may be a fraction. Nil is an open end:
	// required for the last step, and forbidden if the price is closed.
	UpTo *decimal.Decimal
	// Amount is due for any quantity in the step.
	Amount decimal.Decimal
}

// Stairstep charges one amount for the step that holds the quantity. At a quantity of zero the first
// step's amount is due, unless Zero says that it is free.
type Stairstep struct {
	// Steps, at least one and at most [MaxTiers], ascending. JSON calls them "tiers", as it does
	// for the other models.
	Steps []Step
	// Zero says what is due for a quantity of zero.
	Zero Zero
	// Closed says that the last step has an end; a quantity above it is [ErrNoTier].
	Closed bool
	Bounds
}

// Model is [StairstepModel].
func (p Stairstep) Model() Model { return StairstepModel }

// Validate reports every fault of the steps, each on its own and as a schedule, and of the bounds.
func (p Stairstep) Validate() error { return validatePrice(p) }

// Equal compares by value.
func (p Stairstep) Equal(other Price) bool { return equalPrices(p, other) }

func (p Stairstep) check(f faults) {
	f.schedule(len(p.Steps), p.Closed, func(i int) *decimal.Decimal { return p.Steps[i].UpTo }, func(i int, tier faults) {
		tier.field("amount").amount(p.Steps[i].Amount)
	})
	checkZero(f, p.Zero)
	p.Bounds.check(f)
}

func (p Stairstep) clone() Price {
	var steps []Step
	for _, s := range p.Steps {
		steps = append(steps, Step{UpTo: canonicalBound(s.UpTo), Amount: canonical(s.Amount)})
	}
	p.Steps, p.Bounds = steps, p.Bounds.clone()
	return p
}

func (p Stairstep) curve() curve {
	c := curve{zeroFree: p.Zero == ZeroFree, closed: p.Closed, bounds: p.Bounds}
	var above decimal.Decimal
	for _, s := range p.Steps {
		c.pieces = append(c.pieces, piece{above: above, upTo: s.UpTo, base: s.Amount, flat: s.Amount})
		if s.UpTo != nil {
			above = *s.UpTo
		}
	}
	return c
}

func checkTiers(f faults, tiers []Tier, closed bool) {
	f.schedule(len(tiers), closed, func(i int) *decimal.Decimal { return tiers[i].UpTo }, func(i int, tier faults) {
		tier.field("unit_amount").amount(tiers[i].UnitAmount)
		tier.field("flat_amount").amount(tiers[i].FlatAmount)
		tier.field("package_size").amount(tiers[i].PackageSize)
	})
}

func checkZero(f faults, z Zero) {
	word(f.field("zero"), z)
}

func cloneTiers(tiers []Tier) []Tier {
	var copies []Tier
	for _, t := range tiers {
		copies = append(copies, Tier{
			UpTo:        canonicalBound(t.UpTo),
			UnitAmount:  canonical(t.UnitAmount),
			FlatAmount:  canonical(t.FlatAmount),
			PackageSize: canonical(t.PackageSize),
		})
	}
	return copies
}
