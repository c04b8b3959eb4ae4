package plan

import (
	"maps"
	"slices"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
)

// Plan is one version of what is sold: how often it bills, what it charges, what it
// grants, and its rules. It is a definition, written by people; [Compile] turns it
// into a [Version] that can be sold. The zero Plan is not valid: it needs an id, a
// version and a currency. A plan without charges is free.
type Plan struct {
	// ID names the plan in all its versions.
	ID string `json:"id"`
	// Version is the number of this version, from 1.
	Version int `json:"version"`
	// Name is for people. It may be empty.
	Name string `json:"name,omitempty"`
	// Description is for people. It may be empty, and may have several lines.
	Description string `json:"description,omitempty"`
	// Family groups plans, such as "pro" its monthly and its yearly plan. It may be
	// empty.
	Family string `json:"family,omitempty"`
	// Product is the code of the [Product] that the plan sells. It may be empty.
	Product string `json:"product,omitempty"`
	// Currency is the currency of every Price.
	Currency money.Currency `json:"currency"`
	// Currencies are others in which the plan is sold, in the Prices of every charge. Such
	// a plan has no credit packs.
	Currencies []money.Currency `json:"currencies,omitempty"`
	// Every is the billing interval. The zero value: nothing recurs, and nothing is
	// billed by itself.
	Every calendar.Interval `json:"every,omitzero"`
	// MonthEnd says where boundaries lie in months without the anchor's day. Empty:
	// [calendar.Clamp].
	MonthEnd calendar.MonthEnd `json:"month_end,omitempty"`
	// Charges apply after the last phase, or from the beginning if there are no
	// phases.
	Charges []Charge `json:"charges,omitempty"`
	// Phases come first, in order.
	Phases []Phase `json:"phases,omitempty"`
	// Trial is free time at the start. Nil: none.
	Trial *Trial `json:"trial,omitempty"`
	// Length is how long the plan lasts. Nil: until it is cancelled.
	Length *Length `json:"length,omitempty"`
	// Term is how long subscribers are bound. Nil: from period to period.
	Term *Term `json:"term,omitempty"`
	// Minimum is what every period comes to at least, trued up when it ends. Nil: none.
	Minimum *Minimum `json:"minimum,omitempty"`
	// SpendCap is what usage comes to at most in a period, or is reported to exceed. Nil: no cap.
	SpendCap *SpendCap `json:"spend_cap,omitempty"`
	// Increase is by how much prices increase, and when. Nil: they stay as they are.
	Increase *Increase `json:"increase,omitempty"`
	// Rules say who may do what.
	Rules Rules `json:"rules,omitzero"`
	// Policy is the plan's own choices in billing; see [Version.Policy].
	Policy Policy `json:"policy,omitzero"`
	// Features are what the plan grants. A limit for each unit names a charge of the plan,
	// or of one of its phases, that has a quantity and is nowhere metered.
	Features feature.Set `json:"features,omitempty"`
	// CreditPacks are the packs that subscribers of the plan may buy.
	CreditPacks []CreditPack `json:"credit_packs,omitempty"`
	// Metrics declare the usage that charges rate.
	Metrics []Metric `json:"metrics,omitempty"`
	// Thresholds bill usage before its period ends, where it comes to an amount.
	Thresholds Thresholds `json:"thresholds,omitzero"`
	// Metadata is stored, and never read or printed.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// Ref returns the reference to the version.
func (p Plan) Ref() Ref { return Ref{ID: p.ID, Version: p.Version} }

// Equal compares by value: decimals regardless of trailing zeros, instants whatever
// their zones, and an empty list equals none.
func (p Plan) Equal(o Plan) bool {
	return p.Ref() == o.Ref() && p.Name == o.Name && p.Description == o.Description &&
		p.Family == o.Family && p.Product == o.Product && p.Currency == o.Currency && slices.Equal(p.Currencies, o.Currencies) &&
		p.Every == o.Every && p.MonthEnd == o.MonthEnd &&
		slices.EqualFunc(p.Charges, o.Charges, Charge.Equal) &&
		slices.EqualFunc(p.Phases, o.Phases, Phase.Equal) &&
		(p.Trial == nil) == (o.Trial == nil) && (p.Trial == nil || p.Trial.Equal(*o.Trial)) &&
		(p.Length == nil) == (o.Length == nil) && (p.Length == nil || *p.Length == *o.Length) &&
		(p.Term == nil) == (o.Term == nil) && (p.Term == nil || p.Term.Equal(*o.Term)) &&
		(p.Minimum == nil) == (o.Minimum == nil) && (p.Minimum == nil || p.Minimum.Equal(*o.Minimum)) &&
		(p.SpendCap == nil) == (o.SpendCap == nil) && (p.SpendCap == nil || p.SpendCap.Equal(*o.SpendCap)) &&
		(p.Increase == nil) == (o.Increase == nil) && (p.Increase == nil || p.Increase.Equal(*o.Increase)) &&
		p.Rules == o.Rules && p.Policy == o.Policy && p.Features.Equal(o.Features) &&
		slices.EqualFunc(p.CreditPacks, o.CreditPacks, CreditPack.Equal) &&
		slices.Equal(p.Metrics, o.Metrics) && p.Thresholds.Equal(o.Thresholds) && maps.Equal(p.Metadata, o.Metadata)
}

// Clone returns a copy that shares no memory with p. Its decimals have no trailing
// zeros and its instants are in UTC.
func (p Plan) Clone() Plan {
	p.Currencies = slices.Clone(p.Currencies)
	p.Charges = cloneEach(p.Charges, Charge.clone)
	p.Phases = cloneEach(p.Phases, Phase.clone)
	if p.Trial != nil {
		trial := p.Trial.clone()
		p.Trial = &trial
	}
	if p.Length != nil {
		length := *p.Length
		p.Length = &length
	}
	if p.Term != nil {
		term := p.Term.clone()
		p.Term = &term
	}
	if p.Minimum != nil {
		m := p.Minimum.Clone()
		p.Minimum = &m
	}
	if p.SpendCap != nil {
		s := p.SpendCap.clone()
		p.SpendCap = &s
	}
	if p.Increase != nil {
		i := p.Increase.clone()
		p.Increase = &i
	}
	p.Features = p.Features.Clone()
	p.CreditPacks = cloneEach(p.CreditPacks, CreditPack.clone)
	p.Metrics = slices.Clone(p.Metrics)
	p.Thresholds = p.Thresholds.clone()
	p.Metadata = maps.Clone(p.Metadata)
	return p
}

// MarshalJSON writes a valid plan; an invalid one is an error.
func (p Plan) MarshalJSON() ([]byte, error) { return encode(p, planCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault of the document and of the plan,
// each as a [fault.FieldError]. It leaves p as it was if there are any.
func (p *Plan) UnmarshalJSON(data []byte) error { return decode(data, p, planCodec) }
