package plan

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
)

// priceForm is a price in JSON, one struct for each model so that a field of another model is an
// unknown field.
type priceForm interface {
	// check reports what can no longer be seen in the definition made from the form, where an
	// omitted field is zero.
	check(report func(path string, err error))
	price() Price
}

var errNoAmount = fault.Required.Errorf("missing: a tier has a unit_amount, a flat_amount or both")

type boundsForm struct {
	Minimum *decimalText `json:"minimum,omitempty"`
	Maximum *decimalText `json:"maximum,omitempty"`
}

func formOf(b Bounds) boundsForm {
	return boundsForm{Minimum: (*decimalText)(b.Minimum), Maximum: (*decimalText)(b.Maximum)}
}

func (f boundsForm) bounds() Bounds {
	return Bounds{Minimum: (*decimal.Decimal)(f.Minimum), Maximum: (*decimal.Decimal)(f.Maximum)}
}

type perUnitForm struct {
	Model      Model        `json:"model"`
	UnitAmount *decimalText `json:"unit_amount"`
	FreeUnits  *decimalText `json:"free_units,omitempty"`
	boundsForm
}

func (f *perUnitForm) check(report func(string, error)) {
	if f.UnitAmount == nil {
		report("unit_amount", errMissing)
	}
}

func (f *perUnitForm) price() Price {
	return PerUnit{UnitAmount: number(f.UnitAmount), FreeUnits: number(f.FreeUnits), Bounds: f.bounds()}
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p PerUnit) MarshalJSON() ([]byte, error) {
	return encodePrice(p, &perUnitForm{
		Model: PerUnitModel, UnitAmount: text(p.UnitAmount), FreeUnits: optional(p.FreeUnits), boundsForm: formOf(p.Bounds),
	})
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *PerUnit) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type flatFeeForm struct {
	Model  Model        `json:"model"`
	Amount *decimalText `json:"amount"`
	boundsForm
}

func (f *flatFeeForm) check(report func(string, error)) {
	if f.Amount == nil {
		report("amount", errMissing)
	}
}

func (f *flatFeeForm) price() Price {
	return FlatFee{Amount: number(f.Amount), Bounds: f.bounds()}
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p FlatFee) MarshalJSON() ([]byte, error) {
	return encodePrice(p, &flatFeeForm{Model: FlatFeeModel, Amount: text(p.Amount), boundsForm: formOf(p.Bounds)})
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *FlatFee) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type packageForm struct {
	Model         Model        `json:"model"`
	PackageSize   *decimalText `json:"package_size"`
	PackageAmount *decimalText `json:"package_amount"`
	FreeUnits     *decimalText `json:"free_units,omitempty"`
	boundsForm
}

func (f *packageForm) check(report func(string, error)) {
	if f.PackageSize == nil {
		report("package_size", errMissing)
	}
	if f.PackageAmount == nil {
		report("package_amount", errMissing)
	}
}

func (f *packageForm) price() Price {
	return Package{
		PackageSize: number(f.PackageSize), PackageAmount: number(f.PackageAmount),
		FreeUnits: number(f.FreeUnits), Bounds: f.bounds(),
	}
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p Package) MarshalJSON() ([]byte, error) {
	return encodePrice(p, &packageForm{
		Model: PackageModel, PackageSize: text(p.PackageSize), PackageAmount: text(p.PackageAmount),
		FreeUnits: optional(p.FreeUnits), boundsForm: formOf(p.Bounds),
	})
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Package) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type tierForm struct {
	UpTo        *decimalText `json:"up_to,omitempty"`
	UnitAmount  *decimalText `json:"unit_amount,omitempty"`
	FlatAmount  *decimalText `json:"flat_amount,omitempty"`
	PackageSize *decimalText `json:"package_size,omitempty"`
}

// tiersForm is everything of a volume or tiered price except the model.
type tiersForm struct {
	Model     Model        `json:"model"`
	Tiers     []tierForm   `json:"tiers"`
	FreeUnits *decimalText `json:"free_units,omitempty"`
	Zero      string       `json:"zero,omitempty"`
	Closed    bool         `json:"closed,omitempty"`
	boundsForm
}

func formOfTiers(m Model, tiers []Tier) tiersForm {
	f := tiersForm{Model: m}
	for _, t := range tiers {
		tier := tierForm{
			UpTo: (*decimalText)(t.UpTo), UnitAmount: optional(t.UnitAmount),
			FlatAmount: optional(t.FlatAmount), PackageSize: optional(t.PackageSize),
		}
		if tier.FlatAmount == nil { // a free tier must say so
			tier.UnitAmount = text(t.UnitAmount)
		}
		f.Tiers = append(f.Tiers, tier)
	}
	return f
}

func (f *tiersForm) check(report func(string, error)) {
	if len(f.Tiers) > MaxTiers {
		return // one fault is enough
	}
	for i, t := range f.Tiers {
		if t.UnitAmount == nil && t.FlatAmount == nil {
			report(fmt.Sprintf("tiers[%d]", i), errNoAmount)
		}
		if t.PackageSize != nil && number(t.PackageSize).IsZero() {
			report(fmt.Sprintf("tiers[%d].package_size", i), errNotPositive)
		}
	}
}

func (f *tiersForm) tiers() []Tier {
	var tiers []Tier
	for _, t := range f.Tiers {
		tiers = append(tiers, Tier{
			UpTo: (*decimal.Decimal)(t.UpTo), UnitAmount: number(t.UnitAmount),
			FlatAmount: number(t.FlatAmount), PackageSize: number(t.PackageSize),
		})
	}
	return tiers
}

type volumeForm struct{ tiersForm }

func (f *volumeForm) price() Price {
	return Volume{Tiers: f.tiers(), FreeUnits: number(f.FreeUnits), Zero: Zero(f.Zero), Closed: f.Closed, Bounds: f.bounds()}
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p Volume) MarshalJSON() ([]byte, error) {
	f := volumeForm{formOfTiers(VolumeModel, p.Tiers)}
	f.FreeUnits, f.Zero, f.Closed, f.boundsForm = optional(p.FreeUnits), string(p.Zero), p.Closed, formOf(p.Bounds)
	return encodePrice(p, f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Volume) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type tieredForm struct{ tiersForm }

func (f *tieredForm) price() Price {
	return Tiered{Tiers: f.tiers(), FreeUnits: number(f.FreeUnits), Zero: Zero(f.Zero), Closed: f.Closed, Bounds: f.bounds()}
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p Tiered) MarshalJSON() ([]byte, error) {
	f := tieredForm{formOfTiers(TieredModel, p.Tiers)}
	f.FreeUnits, f.Zero, f.Closed, f.boundsForm = optional(p.FreeUnits), string(p.Zero), p.Closed, formOf(p.Bounds)
	return encodePrice(p, f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Tiered) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type stepForm struct {
	UpTo   *decimalText `json:"up_to,omitempty"`
	Amount *decimalText `json:"amount"`
}

type stairstepForm struct {
	Model  Model      `json:"model"`
	Tiers  []stepForm `json:"tiers"`
	Zero   string     `json:"zero,omitempty"`
	Closed bool       `json:"closed,omitempty"`
	boundsForm
}

func (f *stairstepForm) check(report func(string, error)) {
	if len(f.Tiers) > MaxTiers {
		return
	}
	for i, step := range f.Tiers {
		if step.Amount == nil {
			report(fmt.Sprintf("tiers[%d].amount", i), errMissing)
		}
	}
}

func (f *stairstepForm) price() Price {
	p := Stairstep{Zero: Zero(f.Zero), Closed: f.Closed, Bounds: f.bounds()}
	for _, step := range f.Tiers {
		p.Steps = append(p.Steps, Step{UpTo: (*decimal.Decimal)(step.UpTo), Amount: number(step.Amount)})
	}
	return p
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p Stairstep) MarshalJSON() ([]byte, error) {
	f := stairstepForm{Model: StairstepModel, Zero: string(p.Zero), Closed: p.Closed, boundsForm: formOf(p.Bounds)}
	for _, step := range p.Steps {
		f.Tiers = append(f.Tiers, stepForm{UpTo: (*decimalText)(step.UpTo), Amount: text(step.Amount)})
	}
	return encodePrice(p, f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Stairstep) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }
