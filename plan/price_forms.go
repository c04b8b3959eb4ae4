package plan

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// priceForm is a price in JSON, one struct for each model so that a field of another model is an
// unknown field.
type priceForm interface {
	// check reports what can no longer be seen in the definition made from the form, where an
	// omitted field is zero.
	check(report func(path string, err error))
}

// priceForms read and write the form of each model.
var (
	perUnitCodec = strictjson.Struct(append([]strictjson.Member[perUnitForm]{
		strictjson.Required("model", func(f *perUnitForm) *Model { return &f.Model }, modelCodec(PerUnitModel)),
		strictjson.Field("unit_amount", func(f *perUnitForm) **decimal.Decimal { return &f.UnitAmount }, optionalDecimal).Needed(),
		strictjson.Optional("free_units", func(f *perUnitForm) **decimal.Decimal { return &f.FreeUnits }, optionalDecimal),
	}, strictjson.Embed(func(f *perUnitForm) *boundsForm { return &f.boundsForm }, boundsMembers...)...)...)
	flatFeeCodec = strictjson.Struct(append([]strictjson.Member[flatFeeForm]{
		strictjson.Required("model", func(f *flatFeeForm) *Model { return &f.Model }, modelCodec(FlatFeeModel)),
		strictjson.Field("amount", func(f *flatFeeForm) **decimal.Decimal { return &f.Amount }, optionalDecimal).Needed(),
	}, strictjson.Embed(func(f *flatFeeForm) *boundsForm { return &f.boundsForm }, boundsMembers...)...)...)
	packageCodec = strictjson.Struct(append([]strictjson.Member[packageForm]{
		strictjson.Required("model", func(f *packageForm) *Model { return &f.Model }, modelCodec(PackageModel)),
		strictjson.Field("package_size", func(f *packageForm) **decimal.Decimal { return &f.PackageSize }, optionalDecimal).Needed(),
		strictjson.Field("package_amount", func(f *packageForm) **decimal.Decimal { return &f.PackageAmount }, optionalDecimal).Needed(),
		strictjson.Optional("free_units", func(f *packageForm) **decimal.Decimal { return &f.FreeUnits }, optionalDecimal),
	}, strictjson.Embed(func(f *packageForm) *boundsForm { return &f.boundsForm }, boundsMembers...)...)...)
	volumeCodec    = tiersCodec(VolumeModel)
	tieredCodec    = tiersCodec(TieredModel)
	stairstepCodec = strictjson.Struct(append([]strictjson.Member[stairstepForm]{
		strictjson.Required("model", func(f *stairstepForm) *Model { return &f.Model }, modelCodec(StairstepModel)),
		strictjson.Field("tiers", func(f *stairstepForm) *[]stepForm { return &f.Tiers }, strictjson.List[[]stepForm](strictjson.Struct(
			strictjson.Optional("up_to", func(f *stepForm) **decimal.Decimal { return &f.UpTo }, optionalDecimal),
			strictjson.Field("amount", func(f *stepForm) **decimal.Decimal { return &f.Amount }, optionalDecimal).Needed(),
		))).Needed(),
		strictjson.Optional("zero", func(f *stairstepForm) *string { return &f.Zero }, zeroText),
		strictjson.Optional("closed", func(f *stairstepForm) *bool { return &f.Closed }, strictjson.Truth()),
	}, strictjson.Embed(func(f *stairstepForm) *boundsForm { return &f.boundsForm }, boundsMembers...)...)...)

	optionalDecimal = strictjson.Pointer(strictjson.DecimalText())
	zeroText        = strictjson.Text[string]().WithShape(&strictjson.Shape{Kind: strictjson.StringShape, Words: []string{"", string(ZeroFree)}})
	boundsMembers   = []strictjson.Member[boundsForm]{
		strictjson.Optional("minimum", func(f *boundsForm) **decimal.Decimal { return &f.Minimum }, optionalDecimal),
		strictjson.Optional("maximum", func(f *boundsForm) **decimal.Decimal { return &f.Maximum }, optionalDecimal),
	}
)

func tiersCodec(m Model) strictjson.Codec[tiersForm] {
	return strictjson.Struct(append([]strictjson.Member[tiersForm]{
		strictjson.Required("model", func(f *tiersForm) *Model { return &f.Model }, modelCodec(m)),
		strictjson.Field("tiers", func(f *tiersForm) *[]tierForm { return &f.Tiers }, strictjson.List[[]tierForm](strictjson.Struct(
			strictjson.Optional("up_to", func(f *tierForm) **decimal.Decimal { return &f.UpTo }, optionalDecimal),
			strictjson.Optional("unit_amount", func(f *tierForm) **decimal.Decimal { return &f.UnitAmount }, optionalDecimal),
			strictjson.Optional("flat_amount", func(f *tierForm) **decimal.Decimal { return &f.FlatAmount }, optionalDecimal),
			strictjson.Optional("package_size", func(f *tierForm) **decimal.Decimal { return &f.PackageSize }, optionalDecimal),
		))).Needed(),
		strictjson.Optional("free_units", func(f *tiersForm) **decimal.Decimal { return &f.FreeUnits }, optionalDecimal),
		strictjson.Optional("zero", func(f *tiersForm) *string { return &f.Zero }, zeroText),
		strictjson.Optional("closed", func(f *tiersForm) *bool { return &f.Closed }, strictjson.Truth()),
	}, strictjson.Embed(func(f *tiersForm) *boundsForm { return &f.boundsForm }, boundsMembers...)...)...)
}

// modelCodec is that of the word that says which form an object has.
func modelCodec(m Model) strictjson.Codec[Model] {
	return strictjson.Word([]Model{m}, strictjson.FromText[Model, *Model])
}

var errNoAmount = fault.Required.Errorf("missing: a tier has a unit_amount, a flat_amount or both")

type boundsForm struct {
	Minimum *decimal.Decimal `json:"minimum,omitempty"`
	Maximum *decimal.Decimal `json:"maximum,omitempty"`
}

func formOf(b Bounds) boundsForm {
	return boundsForm(b)
}

func (f boundsForm) bounds() Bounds {
	return Bounds(f)
}

type perUnitForm struct {
	Model      Model            `json:"model"`
	UnitAmount *decimal.Decimal `json:"unit_amount"`
	FreeUnits  *decimal.Decimal `json:"free_units,omitempty"`
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
func (p PerUnit) MarshalJSON() ([]byte, error) { return encodePrice(p) }

func (p PerUnit) form() perUnitForm {
	return perUnitForm{
		Model: PerUnitModel, UnitAmount: decimalOf(p.UnitAmount), FreeUnits: optional(p.FreeUnits), boundsForm: formOf(p.Bounds),
	}
}

func (p PerUnit) appendTo(dst []byte) ([]byte, error) {
	f := p.form()
	return perUnitCodec.Append(dst, &f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *PerUnit) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type flatFeeForm struct {
	Model  Model            `json:"model"`
	Amount *decimal.Decimal `json:"amount"`
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
func (p FlatFee) MarshalJSON() ([]byte, error) { return encodePrice(p) }

func (p FlatFee) form() flatFeeForm {
	return flatFeeForm{Model: FlatFeeModel, Amount: decimalOf(p.Amount), boundsForm: formOf(p.Bounds)}
}

func (p FlatFee) appendTo(dst []byte) ([]byte, error) {
	f := p.form()
	return flatFeeCodec.Append(dst, &f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *FlatFee) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type packageForm struct {
	Model         Model            `json:"model"`
	PackageSize   *decimal.Decimal `json:"package_size"`
	PackageAmount *decimal.Decimal `json:"package_amount"`
	FreeUnits     *decimal.Decimal `json:"free_units,omitempty"`
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
func (p Package) MarshalJSON() ([]byte, error) { return encodePrice(p) }

func (p Package) form() packageForm {
	return packageForm{
		Model: PackageModel, PackageSize: decimalOf(p.PackageSize), PackageAmount: decimalOf(p.PackageAmount),
		FreeUnits: optional(p.FreeUnits), boundsForm: formOf(p.Bounds),
	}
}

func (p Package) appendTo(dst []byte) ([]byte, error) {
	f := p.form()
	return packageCodec.Append(dst, &f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Package) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type tierForm struct {
	UpTo        *decimal.Decimal `json:"up_to,omitempty"`
	UnitAmount  *decimal.Decimal `json:"unit_amount,omitempty"`
	FlatAmount  *decimal.Decimal `json:"flat_amount,omitempty"`
	PackageSize *decimal.Decimal `json:"package_size,omitempty"`
}

// tiersForm is everything of a volume or tiered price except the model.
type tiersForm struct {
	Model     Model            `json:"model"`
	Tiers     []tierForm       `json:"tiers"`
	FreeUnits *decimal.Decimal `json:"free_units,omitempty"`
	Zero      string           `json:"zero,omitempty"`
	Closed    bool             `json:"closed,omitempty"`
	boundsForm
}

func formOfTiers(m Model, tiers []Tier) tiersForm {
	f := tiersForm{Model: m}
	for _, t := range tiers {
		tier := tierForm{
			UpTo: t.UpTo, UnitAmount: optional(t.UnitAmount),
			FlatAmount: optional(t.FlatAmount), PackageSize: optional(t.PackageSize),
		}
		if tier.FlatAmount == nil { // a free tier must say so
			tier.UnitAmount = decimalOf(t.UnitAmount)
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
			UpTo: t.UpTo, UnitAmount: number(t.UnitAmount),
			FlatAmount: number(t.FlatAmount), PackageSize: number(t.PackageSize),
		})
	}
	return tiers
}

func (f *tiersForm) volume() Price {
	return Volume{Tiers: f.tiers(), FreeUnits: number(f.FreeUnits), Zero: Zero(f.Zero), Closed: f.Closed, Bounds: f.bounds()}
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p Volume) MarshalJSON() ([]byte, error) { return encodePrice(p) }

func (p Volume) form() tiersForm {
	f := formOfTiers(VolumeModel, p.Tiers)
	f.FreeUnits, f.Zero, f.Closed, f.boundsForm = optional(p.FreeUnits), string(p.Zero), p.Closed, formOf(p.Bounds)
	return f
}

func (p Volume) appendTo(dst []byte) ([]byte, error) {
	f := p.form()
	return volumeCodec.Append(dst, &f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Volume) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

func (f *tiersForm) tiered() Price {
	return Tiered{Tiers: f.tiers(), FreeUnits: number(f.FreeUnits), Zero: Zero(f.Zero), Closed: f.Closed, Bounds: f.bounds()}
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p Tiered) MarshalJSON() ([]byte, error) { return encodePrice(p) }

func (p Tiered) form() tiersForm {
	f := formOfTiers(TieredModel, p.Tiers)
	f.FreeUnits, f.Zero, f.Closed, f.boundsForm = optional(p.FreeUnits), string(p.Zero), p.Closed, formOf(p.Bounds)
	return f
}

func (p Tiered) appendTo(dst []byte) ([]byte, error) {
	f := p.form()
	return tieredCodec.Append(dst, &f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Tiered) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type stepForm struct {
	UpTo   *decimal.Decimal `json:"up_to,omitempty"`
	Amount *decimal.Decimal `json:"amount"`
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
		p.Steps = append(p.Steps, Step{UpTo: step.UpTo, Amount: number(step.Amount)})
	}
	return p
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p Stairstep) MarshalJSON() ([]byte, error) { return encodePrice(p) }

func (p Stairstep) form() stairstepForm {
	f := stairstepForm{Model: StairstepModel, Zero: string(p.Zero), Closed: p.Closed, boundsForm: formOf(p.Bounds)}
	for _, step := range p.Steps {
		f.Tiers = append(f.Tiers, stepForm{UpTo: step.UpTo, Amount: decimalOf(step.Amount)})
	}
	return f
}

func (p Stairstep) appendTo(dst []byte) ([]byte, error) {
	f := p.form()
	return stairstepCodec.Append(dst, &f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Stairstep) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }
