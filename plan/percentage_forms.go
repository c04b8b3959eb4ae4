package plan

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

var (
	percentageCodec = strictjson.Struct(append([]strictjson.Member[percentageForm]{
		strictjson.Required("model", func(f *percentageForm) *Model { return &f.Model }, modelCodec(PercentageModel)),
		strictjson.Field("rate", func(f *percentageForm) **decimal.Decimal { return &f.Rate }, optionalDecimal).Needed(),
		strictjson.Optional("fixed_amount", func(f *percentageForm) **decimal.Decimal { return &f.FixedAmount }, optionalDecimal),
		strictjson.Optional("free_events", func(f *percentageForm) **decimal.Decimal { return &f.FreeEvents }, optionalDecimal),
		strictjson.Optional("free_amount", func(f *percentageForm) **decimal.Decimal { return &f.FreeAmount }, optionalDecimal),
		strictjson.Optional("free_by", func(f *percentageForm) *string { return &f.FreeBy }, freeByText),
		strictjson.Optional("event_minimum", func(f *percentageForm) **decimal.Decimal { return &f.EventMinimum }, optionalDecimal),
		strictjson.Optional("event_maximum", func(f *percentageForm) **decimal.Decimal { return &f.EventMaximum }, optionalDecimal),
	}, strictjson.Embed(func(f *percentageForm) *boundsForm { return &f.boundsForm }, boundsMembers...)...)...)
	graduatedCodec = strictjson.Struct(append([]strictjson.Member[graduatedForm]{
		strictjson.Required("model", func(f *graduatedForm) *Model { return &f.Model }, modelCodec(GraduatedPercentageModel)),
		strictjson.Field("tiers", func(f *graduatedForm) *[]rateTierForm { return &f.Tiers }, strictjson.List[[]rateTierForm](strictjson.Struct(
			strictjson.Optional("up_to", func(f *rateTierForm) **decimal.Decimal { return &f.UpTo }, optionalDecimal),
			strictjson.Field("rate", func(f *rateTierForm) **decimal.Decimal { return &f.Rate }, optionalDecimal).Needed(),
			strictjson.Optional("flat_amount", func(f *rateTierForm) **decimal.Decimal { return &f.FlatAmount }, optionalDecimal),
		))).Needed(),
		strictjson.Optional("free_amount", func(f *graduatedForm) **decimal.Decimal { return &f.FreeAmount }, optionalDecimal),
		strictjson.Optional("zero", func(f *graduatedForm) *string { return &f.Zero }, zeroText),
		strictjson.Optional("closed", func(f *graduatedForm) *bool { return &f.Closed }, strictjson.Truth()),
	}, strictjson.Embed(func(f *graduatedForm) *boundsForm { return &f.boundsForm }, boundsMembers...)...)...)
)

var freeByText = strictjson.Text[string]().WithShape(&strictjson.Shape{Kind: strictjson.StringShape, Words: []string{"", string(FirstToEnd), string(BothToEnd)}})

type percentageForm struct {
	Model                      Model
	Rate                       *decimal.Decimal
	FixedAmount                *decimal.Decimal
	FreeEvents, FreeAmount     *decimal.Decimal
	FreeBy                     string
	EventMinimum, EventMaximum *decimal.Decimal
	boundsForm
}

func (f *percentageForm) check(report func(string, error)) {
	if f.Rate == nil {
		report("rate", errMissing)
	}
}

func (f *percentageForm) price() Price {
	return Percentage{
		Rate: number(f.Rate), FixedAmount: number(f.FixedAmount), FreeEvents: number(f.FreeEvents), FreeAmount: number(f.FreeAmount),
		FreeBy: FreeBy(f.FreeBy), EventMinimum: f.EventMinimum, EventMaximum: f.EventMaximum, Bounds: f.bounds(),
	}
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p Percentage) MarshalJSON() ([]byte, error) { return encodePrice(p) }

func (p Percentage) appendTo(dst []byte) ([]byte, error) {
	f := percentageForm{
		Model: PercentageModel, Rate: decimalOf(p.Rate), FixedAmount: optional(p.FixedAmount),
		FreeEvents: optional(p.FreeEvents), FreeAmount: optional(p.FreeAmount), FreeBy: string(p.FreeBy),
		EventMinimum: p.EventMinimum, EventMaximum: p.EventMaximum, boundsForm: formOf(p.Bounds),
	}
	return percentageCodec.Append(dst, &f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *Percentage) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }

type rateTierForm struct {
	UpTo       *decimal.Decimal
	Rate       *decimal.Decimal
	FlatAmount *decimal.Decimal
}

type graduatedForm struct {
	Model      Model
	Tiers      []rateTierForm
	FreeAmount *decimal.Decimal
	Zero       string
	Closed     bool
	boundsForm
}

func (f *graduatedForm) check(report func(string, error)) {
	if len(f.Tiers) > MaxTiers {
		return // one fault is enough
	}
	for i, t := range f.Tiers {
		if t.Rate == nil {
			report(strictjson.Key(strictjson.Index("tiers", i), "rate"), errMissing)
		}
	}
}

func (f *graduatedForm) price() Price {
	p := GraduatedPercentage{FreeAmount: number(f.FreeAmount), Zero: Zero(f.Zero), Closed: f.Closed, Bounds: f.bounds()}
	for _, t := range f.Tiers {
		p.Tiers = append(p.Tiers, PercentageTier{UpTo: t.UpTo, Rate: number(t.Rate), FlatAmount: number(t.FlatAmount)})
	}
	return p
}

// MarshalJSON writes the definition with its model; an invalid one is an error.
func (p GraduatedPercentage) MarshalJSON() ([]byte, error) { return encodePrice(p) }

func (p GraduatedPercentage) appendTo(dst []byte) ([]byte, error) {
	f := graduatedForm{
		Model: GraduatedPercentageModel, FreeAmount: optional(p.FreeAmount), Zero: string(p.Zero), Closed: p.Closed, boundsForm: formOf(p.Bounds),
	}
	for _, t := range p.Tiers {
		f.Tiers = append(f.Tiers, rateTierForm{UpTo: t.UpTo, Rate: decimalOf(t.Rate), FlatAmount: optional(t.FlatAmount)})
	}
	return graduatedCodec.Append(dst, &f)
}

// UnmarshalJSON is [DecodePrice] for this model alone.
func (p *GraduatedPercentage) UnmarshalJSON(data []byte) error { return decodeInto(data, p) }
