package feature

import (
	"encoding/json"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// grantOut is the document of a grant as it is written.
type grantOut struct {
	Kind       Kind              `json:"kind"`
	Active     bool              `json:"active"`
	Unlimited  bool              `json:"unlimited,omitempty"`
	Limit      string            `json:"limit,omitempty"`
	Window     Window            `json:"window,omitempty"`
	Every      calendar.Interval `json:"every,omitzero"`
	WhenRun    string            `json:"when_run,omitempty"`
	Required   bool              `json:"required,omitempty"`
	Overage    Overage           `json:"overage,omitempty"`
	Metric     string            `json:"metric,omitempty"`
	Thresholds []Threshold       `json:"thresholds,omitempty"`
}

// MarshalJSON writes the grant, always with "active". A grant that is not valid is
// an error.
func (g Grant) MarshalJSON() ([]byte, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	out := grantOut{
		Kind: g.Kind, Active: g.Active, Unlimited: g.Unlimited,
		Window: g.Window, Every: g.Every, WhenRun: g.WhenRun, Required: g.Required,
		Overage: g.Overage, Metric: g.Metric, Thresholds: g.Thresholds,
	}
	if g.Kind != Switch && !(g.Unlimited && g.Limit.IsZero()) {
		out.Limit = dec.String(g.Limit)
	}
	return json.Marshal(out)
}

// DecodeStrict decodes a grant without validating it as a whole: for documents
// that hold grants and report the faults of both.
func (g *Grant) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	var in struct {
		Kind       Kind              `json:"kind"`
		Active     *bool             `json:"active"`
		Unlimited  bool              `json:"unlimited"`
		Limit      *decimal.Decimal  `json:"limit"`
		Window     Window            `json:"window"`
		Every      calendar.Interval `json:"every"`
		WhenRun    string            `json:"when_run"`
		Required   bool              `json:"required"`
		Overage    Overage           `json:"overage"`
		Metric     string            `json:"metric"`
		Thresholds []Threshold       `json:"thresholds"`
	}
	found := n.Decode(&in)
	*g = Grant{
		Kind: in.Kind, Active: in.Active == nil || *in.Active, Unlimited: in.Unlimited,
		Window: in.Window, Every: in.Every, WhenRun: in.WhenRun, Required: in.Required,
		Overage: in.Overage, Metric: in.Metric, Thresholds: in.Thresholds,
	}
	if in.Limit != nil {
		g.Limit = *in.Limit
	} else if _, said := n.Field("limit"); !said && !in.Unlimited && (in.Kind == Limit || in.Kind == Allowance) {
		found = append(found, missing(n, "limit"))
	}
	return found
}

// UnmarshalJSON is strict and validates: unknown and repeated names, numbers where
// text belongs and unknown words are faults. A limit or an allowance that is not
// unlimited must say its limit.
func (g *Grant) UnmarshalJSON(data []byte) error {
	var next Grant
	if err := decode(data, &next, func() []*fault.FieldError { return next.Faults() }); err != nil {
		return err
	}
	*g = next
	return nil
}

// missing is the fault of an object without a required member.
func missing(n strictjson.Node, name string) strictjson.Fault {
	return n.Below([]strictjson.Fault{{Path: name, Err: errMissing}})[0]
}
