package feature

import (
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Validate reports the faults of the override by itself, as an [errors.Join] of
// [*fault.FieldError]. Whether it makes a valid grant can be checked only together with a
// plan: [Overrides.ValidateOn].
func (o Override) Validate() error { return strictjson.JoinErrors(o.faults()) }

func (o Override) faults() []*fault.FieldError {
	var f faults
	if o.Kind != nil {
		f.add("kind", oneOf(*o.Kind))
	}
	if o.Limit != nil {
		f.add("limit", limitFault(*o.Limit))
	}
	if o.Extra != nil {
		f.add("extra", limitFault(*o.Extra))
	}
	if o.Per != nil && *o.Per != "" {
		f.add("per", labelFault(*o.Per))
	}
	if o.Window != nil && *o.Window != "" {
		f.add("window", oneOf(*o.Window))
	}
	if o.Every != nil && !o.Every.IsZero() && !o.Every.IsValid() {
		f.add("every", fault.OutOfRange.Errorf("must be an interval of 1 to 10000 units"))
	}
	if o.Raise != nil && *o.Raise != "" {
		f.add("raise", oneOf(*o.Raise))
	}
	if o.Lower != nil && *o.Lower != "" {
		f.add("lower", oneOf(*o.Lower))
	}
	if o.WhenRun != nil && *o.WhenRun != "" {
		f.add("when_run", labelFault(*o.WhenRun))
	}
	if o.Overage != nil && *o.Overage != "" {
		f.add("overage", oneOf(*o.Overage))
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
	return overrideCodec.Append(nil, &o)
}

// UnmarshalJSON is strict and validates.
func (o *Override) UnmarshalJSON(data []byte) error {
	return decode(data, o, overrideCodec, Override.faults)
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
	return overridesCodec.Append(nil, &o)
}

// UnmarshalJSON is strict and validates.
func (o *Overrides) UnmarshalJSON(data []byte) error {
	return decode(data, o, overridesCodec, Overrides.faults)
}
