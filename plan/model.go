package plan

import (
	"fmt"
	"slices"
)

// Model names the way in which a price turns a quantity into an amount. It is the tag "model" of a
// price in JSON. The zero value "" is not a model.
type Model string

const (
	// PerUnitModel charges every unit the same amount. Free units are subtracted first.
	PerUnitModel Model = "per_unit"

	// FlatFeeModel charges one amount for every quantity, zero included.
	FlatFeeModel Model = "flat_fee"

	// VolumeModel charges all units at the tier that holds the quantity, plus that tier's flat
	// amount. A larger quantity may cost less than a smaller one.
	VolumeModel Model = "volume"

	// TieredModel charges each unit at its own tier and adds the flat amount of every tier that was
	// entered, once. Some systems call it graduated.
	TieredModel Model = "tiered"

	// PackageModel charges every started package of a fixed size.
	PackageModel Model = "package"

	// StairstepModel charges one amount for the step that holds the quantity.
	StairstepModel Model = "stairstep"
)

// Models returns all models, in the order of their documentation. The caller may change the slice.
func Models() []Model {
	return []Model{PerUnitModel, FlatFeeModel, VolumeModel, TieredModel, PackageModel, StairstepModel}
}

// IsValid reports whether m is one of [Models].
func (m Model) IsValid() bool { return slices.Contains(Models(), m) }

// UnmarshalText accepts exactly one of the words of [Models].
func (m *Model) UnmarshalText(text []byte) error {
	if !Model(text).IsValid() {
		return fmt.Errorf("plan: %w", unknownWord(Model(text), Models(), "price model"))
	}
	*m = Model(text)
	return nil
}

// Zero says what is due for a quantity of zero (after free units) at a price with tiers or steps.
type Zero string

const (
	// ZeroDue is the default: for a quantity of zero the first tier's flat amount, or the first
	// step's amount, is due. It is the empty word, which JSON omits.
	ZeroDue Zero = ""

	// ZeroFree makes a quantity of zero cost nothing. A minimum of the price is still due, because
	// it bounds the sum of the tiers.
	ZeroFree Zero = "free"
)

// Zeros returns all choices, the default first. The caller may change the slice.
func Zeros() []Zero { return []Zero{ZeroDue, ZeroFree} }

// IsValid reports whether z is one of [Zeros]; the empty word is one.
func (z Zero) IsValid() bool { return slices.Contains(Zeros(), z) }

// UnmarshalText accepts exactly one of the words of [Zeros].
func (z *Zero) UnmarshalText(text []byte) error {
	if !Zero(text).IsValid() {
		return fmt.Errorf("plan: %w", unknownWord(Zero(text), []Zero{ZeroFree}, "choice"))
	}
	*z = Zero(text)
	return nil
}
