package feature

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// Threshold asks for a notice when use exceeds a percentage. It is a definition.
type Threshold struct {
	// Percent is from 0 to 100; 0 turns the threshold off. It is exceeded by more
	// than that share, not by exactly that share.
	Percent decimal.Decimal
	// Scope is what the percentage is a share of; empty means [QuotaScope].
	Scope Scope
}

// PercentOf returns a threshold at a whole percentage of the limit.
func PercentOf(percent int64) Threshold {
	return Threshold{Percent: decimal.NewFromInt(percent)}
}

// Equal reports whether two thresholds are the same: percentages by value, an empty
// scope as [QuotaScope].
func (t Threshold) Equal(o Threshold) bool {
	return t.Percent.Equal(o.Percent) && t.scope() == o.scope()
}

func (t Threshold) scope() Scope {
	if t.Scope == "" {
		return QuotaScope
	}
	return t.Scope
}

// Crossed reports whether use that goes from previous to current exceeds the
// threshold for the first time: previous <= percent < current, as exact shares of the
// limit. A limit of zero is exceeded by any use: every threshold that is not off
// fires when use rises from zero. A threshold of 0 percent is off.
func (t Threshold) Crossed(previous, current, limit decimal.Decimal) bool {
	if !t.Percent.IsPositive() {
		return false
	}
	trigger := t.trigger(limit)
	return !previous.GreaterThan(trigger) && current.GreaterThan(trigger)
}

// trigger returns the largest use that does not exceed the threshold.
func (t Threshold) trigger(limit decimal.Decimal) decimal.Decimal {
	return t.Percent.Mul(limit).Shift(-2)
}

var hundred = decimal.NewFromInt(100)

// Validate reports every fault, as an [errors.Join] of [*fault.FieldError].
func (t Threshold) Validate() error { return strictjson.JoinErrors(t.faults("")) }

func (t Threshold) faults(path string) []*fault.FieldError {
	var faults []*fault.FieldError
	switch err := dec.Check(t.Percent); {
	case err != nil:
		faults = append(faults, fault.At(strictjson.Key(path, "percent"), err))
	case t.Percent.IsNegative(), t.Percent.GreaterThan(hundred):
		faults = append(faults, fault.At(strictjson.Key(path, "percent"), fault.OutOfRange.Errorf("must be from 0 to 100")))
	}
	if t.Scope != "" && oneOf(t.Scope) != nil {
		faults = append(faults, fault.At(strictjson.Key(path, "scope"), oneOf(t.Scope)))
	}
	return faults
}

// MarshalJSON writes {"percent":"80"}, and the scope if it is not empty. A
// threshold that is not valid is an error.
func (t Threshold) MarshalJSON() ([]byte, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return thresholdCodec.Append(nil, &t)
}

// UnmarshalJSON is strict and validates.
func (t *Threshold) UnmarshalJSON(data []byte) error {
	return decode(data, t, thresholdCodec, func(t Threshold) []*fault.FieldError { return t.faults("") })
}
