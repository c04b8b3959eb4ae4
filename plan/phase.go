package plan

import (
	"slices"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

// Phase is a part of a plan's life with charges of its own, such as an introductory
// price for three months. Phases follow each other in order, from the end of the
// trial; after the last one the charges of the plan itself apply, without end. A
// phase ends after a number of periods or after an interval: exactly one of Cycles
// and Length is set.
type Phase struct {
	// ID names the phase; it is unique in the plan. It may be empty.
	ID string `json:"id,omitempty"`
	// Every is the billing interval while the phase lasts. The zero value is the
	// interval of the plan.
	Every calendar.Interval `json:"every,omitzero"`
	// Charges replace those of the plan while the phase lasts. None: it is free.
	Charges []Charge `json:"charges,omitempty"`
	// Cycles is the number of billing periods after which the phase ends. A part
	// period counts as one. 0: not set.
	Cycles int `json:"cycles,omitempty"`
	// Length is the time after which the phase ends, which may be inside a period.
	// The zero value: not set.
	Length calendar.Interval `json:"length,omitzero"`
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (p Phase) Validate() error { return validate(p) }

// Equal compares by value.
func (p Phase) Equal(o Phase) bool {
	return p.ID == o.ID && p.Every == o.Every && slices.EqualFunc(p.Charges, o.Charges, Charge.Equal) &&
		p.Cycles == o.Cycles && p.Length == o.Length
}

func (p Phase) clone() Phase {
	p.Charges = cloneEach(p.Charges, Charge.clone)
	return p
}

func (p Phase) check(f faults) {
	if p.ID != "" {
		f.field("id").id(p.ID)
	}
	f.field("every").interval(p.Every)
	f.field("charges").charges(p.Charges)
	f.field("cycles").cycles(p.Cycles)
	f.field("length").interval(p.Length)
	f.require((p.Cycles != 0) != (p.Length != calendar.Interval{}), fault.Required, "must have either cycles or a length")
}

// MarshalJSON writes a valid phase; an invalid one is an error.
func (p Phase) MarshalJSON() ([]byte, error) { return encode(p, phaseCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (p *Phase) UnmarshalJSON(data []byte) error { return decode(data, p, phaseCodec) }

// interval checks an interval that may be zero.
func (f faults) interval(i calendar.Interval) {
	f.require(i.IsZero() || i.IsValid(), fault.OutOfRange, "must be 1 to 10000 days, weeks, months or years")
}

func (f faults) cycles(n int) {
	if n < 0 || n > MaxCycles {
		f.addf(fault.OutOfRange, "must be from 1 to %d", MaxCycles)
	}
}

// cloneEach clones each element; an empty slice becomes nil.
func cloneEach[T any](list []T, clone func(T) T) []T {
	if len(list) == 0 {
		return nil
	}
	copies := make([]T, len(list))
	for i, element := range list {
		copies[i] = clone(element)
	}
	return copies
}
