package plan

import (
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
)

// LengthFrom says from when the length of a plan is counted. The zero LengthFrom is
// [FromTrialEnd].
type LengthFrom string

const (
	// FromTrialEnd counts from the end of the trial, or from the start if there was
	// none. It is the default.
	FromTrialEnd LengthFrom = "trial_end"
	// FromStart counts from the start of the subscription: a trial is part of the
	// length.
	FromStart LengthFrom = "start"
)

func (LengthFrom) vocabulary() (string, []LengthFrom) {
	return "origin of a length", []LengthFrom{FromTrialEnd, FromStart}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero LengthFrom.
func (l *LengthFrom) UnmarshalText(text []byte) error { return parseWord(l, text) }

// LastPeriod says what the last period costs if the end of the plan cuts it short.
// The zero LastPeriod is [LastProrate].
type LastPeriod string

const (
	// LastProrate charges the part that is left. It is the default.
	LastProrate LastPeriod = "prorate"
	// LastFull charges the whole period. It is the price of the length: a reactivation behind its end
	// begins a new length, and takes nothing of it as paid.
	LastFull LastPeriod = "full"
)

func (LastPeriod) vocabulary() (string, []LastPeriod) {
	return "choice for the last period", []LastPeriod{LastProrate, LastFull}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero LastPeriod.
func (l *LastPeriod) UnmarshalText(text []byte) error { return parseWord(l, text) }

// EndBehavior says what happens when the length of a plan is over. The zero
// EndBehavior is [Close].
type EndBehavior string

const (
	// Close ends the subscription permanently. It is the default.
	Close EndBehavior = "close"
	// Roll begins the length again.
	Roll EndBehavior = "roll"
)

func (EndBehavior) vocabulary() (string, []EndBehavior) {
	return "end behavior", []EndBehavior{Close, Roll}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero EndBehavior.
func (e *EndBehavior) UnmarshalText(text []byte) error { return parseWord(e, text) }

// Length is how long a plan lasts: a number of billing periods, or an interval.
// Exactly one of Cycles and Interval is set. Lengths are comparable with ==.
type Length struct {
	// Cycles is the number of billing periods, counted from the end of the trial; a
	// part period counts as one. 0: not set.
	Cycles int `json:"cycles,omitempty"`
	// Interval is the time, which may end inside a period. The zero value: not set.
	Interval calendar.Interval `json:"interval,omitzero"`
	// From is the instant from which Interval is counted. Empty: [FromTrialEnd].
	// Cycles cannot be counted from the start, because a trial has none.
	From LengthFrom `json:"from,omitempty"`
	// LastPeriod is what a period costs that Interval cuts short. Empty:
	// [LastProrate].
	LastPeriod LastPeriod `json:"last_period,omitempty"`
	// AtEnd is what happens when the length is over. Empty: [Close].
	AtEnd EndBehavior `json:"at_end,omitempty"`
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (l Length) Validate() error { return validate(l) }

func (l Length) check(f faults) {
	f.field("cycles").cycles(l.Cycles)
	f.field("interval").interval(l.Interval)
	word(f.field("from"), l.From)
	word(f.field("last_period"), l.LastPeriod)
	word(f.field("at_end"), l.AtEnd)
	byCycles, byInterval := l.Cycles != 0, l.Interval != calendar.Interval{}
	f.require(byCycles != byInterval, fault.Required, "must have either cycles or an interval")
	if byCycles && !byInterval {
		f.field("from").require(l.From != FromStart, fault.Excluded, "cycles are counted from the end of the trial")
		f.field("last_period").require(l.LastPeriod != LastFull, fault.Excluded, "the last of a number of cycles is never cut")
	}
}

// resolved returns l with the defaults filled in.
func (l Length) resolved() Length {
	l.From = or(l.From, FromTrialEnd)
	l.LastPeriod = or(l.LastPeriod, LastProrate)
	l.AtEnd = or(l.AtEnd, Close)
	return l
}

// MarshalJSON writes a valid length; an invalid one is an error.
func (l Length) MarshalJSON() ([]byte, error) { return encode(l, lengthCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (l *Length) UnmarshalJSON(data []byte) error { return decode(data, l, lengthCodec) }
