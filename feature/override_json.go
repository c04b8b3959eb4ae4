package feature

import (
	"encoding/json"
	"maps"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

type overrideOut struct {
	Kind       *Kind              `json:"kind,omitempty"`
	Active     *bool              `json:"active,omitempty"`
	Unlimited  *bool              `json:"unlimited,omitempty"`
	Limit      *string            `json:"limit,omitempty"`
	Extra      *string            `json:"extra,omitempty"`
	Window     *Window            `json:"window,omitempty"`
	Every      *calendar.Interval `json:"every,omitempty"`
	WhenRun    *string            `json:"when_run,omitempty"`
	Required   *bool              `json:"required,omitempty"`
	Overage    *Overage           `json:"overage,omitempty"`
	Metric     *string            `json:"metric,omitempty"`
	Thresholds *[]Threshold       `json:"thresholds,omitempty"`
}

// Validate reports the faults of the override by itself, as an [errors.Join] of
// [*fault.FieldError]. Whether it makes a valid grant can be checked only together with a
// plan: [Overrides.ValidateOn].
func (o Override) Validate() error { return strictjson.JoinErrors(o.faults()) }

func (o Override) faults() []*fault.FieldError {
	var f faults
	if o.Kind != nil {
		f.add("kind", oneOf(*o.Kind, Kinds()))
	}
	if o.Limit != nil {
		f.add("limit", limitFault(*o.Limit))
	}
	if o.Extra != nil {
		f.add("extra", limitFault(*o.Extra))
	}
	if o.Window != nil && *o.Window != "" {
		f.add("window", oneOf(*o.Window, Windows()))
	}
	if o.Every != nil && !o.Every.IsZero() && !o.Every.IsValid() {
		f.add("every", fault.OutOfRange.Errorf("must be an interval of 1 to 10000 units"))
	}
	if o.WhenRun != nil && *o.WhenRun != "" {
		f.add("when_run", labelFault(*o.WhenRun))
	}
	if o.Overage != nil && *o.Overage != "" {
		f.add("overage", oneOf(*o.Overage, Overages()))
	}
	if o.Metric != nil && *o.Metric != "" {
		f.add("metric", labelFault(*o.Metric))
	}
	if o.Thresholds != nil {
		for i, t := range *o.Thresholds {
			f = append(f, t.faults(strictjson.Index("thresholds", i))...)
		}
	}
	return f
}

// MarshalJSON writes the members that are set. An override that is not valid is an
// error.
func (o Override) MarshalJSON() ([]byte, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	out := overrideOut{
		Kind: o.Kind, Active: o.Active, Unlimited: o.Unlimited, Limit: plainText(o.Limit), Extra: plainText(o.Extra),
		Window: o.Window, Every: o.Every, WhenRun: o.WhenRun, Required: o.Required, Overage: o.Overage, Metric: o.Metric,
		Thresholds: o.Thresholds,
	}
	if out.Thresholds != nil && *out.Thresholds == nil {
		out.Thresholds = &[]Threshold{}
	}
	return json.Marshal(out)
}

func plainText(d *decimal.Decimal) *string {
	if d == nil {
		return nil
	}
	s := dec.String(*d)
	return &s
}

// clearable is a choice that an override may set to nothing, written as "".
type clearable[T interface {
	~string
	IsValid() bool
}] struct{ value T }

// DecodeStrict accepts "" and what the type itself does.
func (c *clearable[T]) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	if s, ok := n.Str(); ok && s == "" {
		return nil
	}
	return n.Decode(&c.value)
}

func (c *clearable[T]) pointer() *T {
	if c == nil {
		return nil
	}
	return &c.value
}

// DecodeStrict decodes an override without validating it. A null is a fault: a
// member is set or omitted.
func (o *Override) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	var in struct {
		Kind       *Kind               `json:"kind"`
		Active     *bool               `json:"active"`
		Unlimited  *bool               `json:"unlimited"`
		Limit      *decimal.Decimal    `json:"limit"`
		Extra      *decimal.Decimal    `json:"extra"`
		Window     *clearable[Window]  `json:"window"`
		Every      *calendar.Interval  `json:"every"`
		WhenRun    *string             `json:"when_run"`
		Required   *bool               `json:"required"`
		Overage    *clearable[Overage] `json:"overage"`
		Metric     *string             `json:"metric"`
		Thresholds *[]Threshold        `json:"thresholds"`
	}
	found := n.Decode(&in)
	for _, name := range n.Names() {
		if member, _ := n.Field(name); member.Kind() == strictjson.Null {
			found = append(found, member.Faultf(fault.WrongType, "must not be null"))
		}
	}
	*o = Override{
		Kind: in.Kind, Active: in.Active, Unlimited: in.Unlimited, Limit: in.Limit, Extra: in.Extra,
		Window: in.Window.pointer(), Every: in.Every, WhenRun: in.WhenRun, Required: in.Required,
		Overage: in.Overage.pointer(), Metric: in.Metric, Thresholds: in.Thresholds,
	}
	return found
}

// UnmarshalJSON is strict and validates.
func (o *Override) UnmarshalJSON(data []byte) error {
	var next Override
	if err := decode(data, &next, func() []*fault.FieldError { return next.faults() }); err != nil {
		return err
	}
	*o = next
	return nil
}

// Validate reports the faults of every override by itself, in the order of the
// keys, as an [errors.Join] of [*fault.FieldError] whose paths begin with the key.
func (o Overrides) Validate() error { return strictjson.JoinErrors(o.faults()) }

func (o Overrides) faults() []*fault.FieldError {
	var f faults
	for _, k := range o.Keys() {
		f.add(keyPath(k, ""), k.fault())
		f = append(f, below(keyPath(k, ""), o[k].faults())...)
	}
	return f
}

// MarshalJSON writes an object with a member per feature, in the order of the keys;
// {} for none. Overrides that are not valid are an error.
func (o Overrides) MarshalJSON() ([]byte, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	out := make(map[Key]Override, len(o))
	maps.Copy(out, o)
	return json.Marshal(out)
}

// DecodeStrict decodes overrides without validating them.
func (o *Overrides) DecodeStrict(n strictjson.Node) []strictjson.Fault {
	if n.Kind() == strictjson.Null {
		return []strictjson.Fault{n.Faultf(fault.WrongType, "must not be null")}
	}
	var in map[Key]Override
	found := n.Decode(&in)
	*o = in
	return found
}

// UnmarshalJSON is strict and validates.
func (o *Overrides) UnmarshalJSON(data []byte) error {
	var next Overrides
	if err := decode(data, &next, func() []*fault.FieldError { return next.faults() }); err != nil {
		return err
	}
	*o = next
	return nil
}
