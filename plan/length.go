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

// LengthFroms returns every origin of a length. The caller may change the slice.
func LengthFroms() []LengthFrom { return []LengthFrom{FromTrialEnd, FromStart} }

// IsValid reports whether l is one of [LengthFroms]; the zero LengthFrom is not.
func (l LengthFrom) IsValid() bool { return isWord(l, LengthFroms()) }

// MarshalText is the word, or nothing for the zero LengthFrom.
func (l LengthFrom) MarshalText() ([]byte, error) {
	return encodeWord(l, LengthFroms(), "origin of a length")
}

// UnmarshalText accepts exactly the words of [LengthFroms], and nothing for the
// zero LengthFrom.
func (l *LengthFrom) UnmarshalText(text []byte) error {
	return decodeWord(l, text, LengthFroms(), "origin of a length")
}

// LastPeriod says what the last period costs if the end of the plan cuts it short.
// The zero LastPeriod is [LastProrate].
type LastPeriod string

const (
	// LastProrate charges the part that is left. It is the default.
	LastProrate LastPeriod = "prorate"
	// LastFull charges the whole period.
	LastFull LastPeriod = "full"
)

// LastPeriods returns every choice for a cut last period. The caller may change the
// slice.
func LastPeriods() []LastPeriod { return []LastPeriod{LastProrate, LastFull} }

// IsValid reports whether l is one of [LastPeriods]; the zero LastPeriod is not.
func (l LastPeriod) IsValid() bool { return isWord(l, LastPeriods()) }

// MarshalText is the word, or nothing for the zero LastPeriod.
func (l LastPeriod) MarshalText() ([]byte, error) {
	return encodeWord(l, LastPeriods(), "choice for the last period")
}

// UnmarshalText accepts exactly the words of [LastPeriods], and nothing for the
// zero LastPeriod.
func (l *LastPeriod) UnmarshalText(text []byte) error {
	return decodeWord(l, text, LastPeriods(), "choice for the last period")
}

// EndBehavior says what happens when the length of a plan is over. The zero
// EndBehavior is [Close].
type EndBehavior string

const (
	// Close ends the subscription permanently. It is the default.
	Close EndBehavior = "close"
	// Roll begins the length again.
	Roll EndBehavior = "roll"
)

// EndBehaviors returns every end behaviour. The caller may change the slice.
func EndBehaviors() []EndBehavior { return []EndBehavior{Close, Roll} }

// IsValid reports whether e is one of [EndBehaviors]; the zero EndBehavior is not.
func (e EndBehavior) IsValid() bool { return isWord(e, EndBehaviors()) }

// MarshalText is the word, or nothing for the zero EndBehavior.
func (e EndBehavior) MarshalText() ([]byte, error) {
	return encodeWord(e, EndBehaviors(), "end behavior")
}

// UnmarshalText accepts exactly the words of [EndBehaviors], and nothing for the
// zero EndBehavior.
func (e *EndBehavior) UnmarshalText(text []byte) error {
	return decodeWord(e, text, EndBehaviors(), "end behavior")
}

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
	word(f.field("from"), l.From, LengthFroms(), "origin of a length")
	word(f.field("last_period"), l.LastPeriod, LastPeriods(), "choice for the last period")
	word(f.field("at_end"), l.AtEnd, EndBehaviors(), "end behavior")
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
