package plan

import "fmt"

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

	// PercentageModel charges a share of an amount of money.
	PercentageModel Model = "percentage"

	// GraduatedPercentageModel charges each part of an amount of money at the rate of its own tier
	// and adds the flat amount of every tier that was entered, once.
	GraduatedPercentageModel Model = "graduated_percentage"

	// MatrixModel charges usage by the values of named properties of its records, each combination
	// by a price of its own.
	MatrixModel Model = "matrix"
)

func (Model) vocabulary() (string, []Model) {
	return "price model", []Model{PerUnitModel, FlatFeeModel, VolumeModel, TieredModel, PackageModel, StairstepModel, PercentageModel, GraduatedPercentageModel, MatrixModel}
}

// UnmarshalText accepts exactly the words of [Words], and nothing else.
func (m *Model) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return fmt.Errorf("plan: %w", unknownWord(Model(""), Words[Model](), "price model"))
	}
	return parseWord(m, text)
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

func (Zero) vocabulary() (string, []Zero) { return "choice", []Zero{ZeroFree} }

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Zero.
func (z *Zero) UnmarshalText(text []byte) error { return parseWord(z, text) }
