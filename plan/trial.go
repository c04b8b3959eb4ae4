package plan

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/micro"
)

// TrialEnd says what happens when a trial ends. The zero TrialEnd is [BillAtTrialEnd].
type TrialEnd string

const (
	// BillAtTrialEnd begins the first paid period. It is the default.
	BillAtTrialEnd TrialEnd = "bill"
	// CancelAtTrialEnd cancels the subscription, without an invoice.
	CancelAtTrialEnd TrialEnd = "cancel"
	// PauseAtTrialEnd pauses the subscription, without an invoice, until it is
	// resumed.
	PauseAtTrialEnd TrialEnd = "pause"
)

func (TrialEnd) vocabulary() (string, []TrialEnd) {
	return "trial end", []TrialEnd{BillAtTrialEnd, CancelAtTrialEnd, PauseAtTrialEnd}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero TrialEnd.
func (t *TrialEnd) UnmarshalText(text []byte) error { return parseWord(t, text) }

// Trial is free time at the start of a subscription: an interval, or until a fixed
// instant. Exactly one of Length and Until is set.
type Trial struct {
	// Length is how long the trial lasts. Days end at the same wall-clock time as
	// they began, in the zone of the subscription.
	Length calendar.Interval `json:"length,omitzero"`
	// Until is the instant at which the trial ends, for everyone; exclusive. A
	// subscription that starts then or later has no trial.
	Until time.Time `json:"until,omitzero"`
	// AtEnd is what happens at the end. Empty: [BillAtTrialEnd].
	AtEnd TrialEnd `json:"at_end,omitempty"`
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (t Trial) Validate() error { return validate(t) }

// Equal compares by value: instants regardless of their zones.
func (t Trial) Equal(o Trial) bool {
	return t.Length == o.Length && t.Until.Equal(o.Until) && t.AtEnd == o.AtEnd
}

func (t Trial) clone() Trial {
	t.Until = canonicalInstant(t.Until)
	return t
}

func (t Trial) check(f faults) {
	f.field("length").interval(t.Length)
	f.field("until").instant(t.Until)
	word(f.field("at_end"), t.AtEnd)
	f.require((t.Length != calendar.Interval{}) != !t.Until.IsZero(), fault.Required, "must have either a length or an instant until")
}

// MarshalJSON writes a valid trial, with instants in UTC; an invalid one is an
// error.
func (t Trial) MarshalJSON() ([]byte, error) { return encode(t, trialCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (t *Trial) UnmarshalJSON(data []byte) error { return decode(data, t, trialCodec) }

// canonicalInstant is the instant in UTC, in whole microseconds.
func canonicalInstant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return micro.Floor(t)
}

// instant checks an instant that may be zero.
func (f faults) instant(t time.Time) {
	if t.IsZero() {
		return
	}
	year := t.UTC().Year()
	f.require(1 <= year && year <= 9999, fault.OutOfRange, "must be in the years 1 to 9999")
}
