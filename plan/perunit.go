package plan

import (
	"github.com/shopspring/decimal"
)

// PerUnit charges every unit the same amount: UnitAmount times what remains of the quantity after
// the free units, which is never below zero. Seats and hours are priced this way. The zero value is a
// valid price: free of charge.
type PerUnit struct {
	// UnitAmount is the price of a unit in major units, zero or more.
	UnitAmount decimal.Decimal
	// FreeUnits are subtracted from the quantity first; zero or more.
	FreeUnits decimal.Decimal
	Bounds
}

// Model is [PerUnitModel].
func (p PerUnit) Model() Model { return PerUnitModel }

// Validate reports every fault: negative numbers, too many digits, a maximum below the minimum.
func (p PerUnit) Validate() error { return validatePrice(p) }

// Equal compares by value.
func (p PerUnit) Equal(other Price) bool { return equalPrices(p, other) }

func (p PerUnit) check(f faults) {
	f.field("unit_amount").amount(p.UnitAmount)
	f.field("free_units").amount(p.FreeUnits)
	p.Bounds.check(f)
}

func (p PerUnit) clone() Price {
	return PerUnit{UnitAmount: canonical(p.UnitAmount), FreeUnits: canonical(p.FreeUnits), Bounds: p.Bounds.clone()}
}

func (p PerUnit) curve() curve {
	return curve{free: p.FreeUnits, bounds: p.Bounds, pieces: []piece{{unit: p.UnitAmount}}}
}

// FlatFee charges one amount for the period. The quantity does not matter, but must still be valid:
// a negative quantity is an error. The zero value is a valid price: free of charge.
type FlatFee struct {
	// Amount is the price of the period in major units, zero or more.
	Amount decimal.Decimal
	Bounds
}

// Model is [FlatFeeModel].
func (p FlatFee) Model() Model { return FlatFeeModel }

// Validate reports every fault: negative numbers, too many digits, a maximum below the minimum.
func (p FlatFee) Validate() error { return validatePrice(p) }

// Equal compares by value.
func (p FlatFee) Equal(other Price) bool { return equalPrices(p, other) }

func (p FlatFee) check(f faults) {
	f.field("amount").amount(p.Amount)
	p.Bounds.check(f)
}

func (p FlatFee) clone() Price {
	return FlatFee{Amount: canonical(p.Amount), Bounds: p.Bounds.clone()}
}

func (p FlatFee) curve() curve {
	return curve{bounds: p.Bounds, pieces: []piece{{base: p.Amount, flat: p.Amount}}}
}

// Package charges every started package: PackageAmount times the quantity over PackageSize, rounded
// up to a whole number. For a quantity of zero nothing is due. Free units are subtracted before
// packages are counted. The zero value is invalid, since it has no size.
type Package struct {
	// PackageSize is the number of units in a package, greater than zero; it may be a fraction.
	PackageSize decimal.Decimal
	// PackageAmount is the price of a package in major units, zero or more.
	PackageAmount decimal.Decimal
	// FreeUnits are subtracted from the quantity first; zero or more.
	FreeUnits decimal.Decimal
	Bounds
}

// Model is [PackageModel].
func (p Package) Model() Model { return PackageModel }

// Validate reports every fault: a size that is not greater than zero, negative numbers, too many
// digits, a maximum below the minimum.
func (p Package) Validate() error { return validatePrice(p) }

// Equal compares by value.
func (p Package) Equal(other Price) bool { return equalPrices(p, other) }

func (p Package) check(f faults) {
	f.field("package_size").positive(p.PackageSize)
	f.field("package_amount").amount(p.PackageAmount)
	f.field("free_units").amount(p.FreeUnits)
	p.Bounds.check(f)
}

func (p Package) clone() Price {
	return Package{
		PackageSize:   canonical(p.PackageSize),
		PackageAmount: canonical(p.PackageAmount),
		FreeUnits:     canonical(p.FreeUnits),
		Bounds:        p.Bounds.clone(),
	}
}

func (p Package) curve() curve {
	return curve{free: p.FreeUnits, bounds: p.Bounds, pieces: []piece{{unit: p.PackageAmount, size: p.PackageSize}}}
}
