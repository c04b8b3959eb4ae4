package lifecycle

import "fmt"

// Effect says in what way an action that is allowed takes effect. In memory an effect is a number and
// everywhere else its word, as with Action. The zero value is not an effect.
type Effect uint8

const (
	// Unchanged: what is asked for is already in force. No error, and nothing needs to be recorded.
	Unchanged Effect = iota + 1
	// Recorded: it takes effect immediately and does not change the status.
	Recorded
	// Changed: it takes effect immediately and sets the status.
	Changed
	// ByCauses: it takes effect immediately, and the endings decide the status: non_renewing if the
	// earliest one lies within the period that then runs, otherwise active.
	ByCauses
	// ByTrialRule: it takes effect immediately, and the trial's own rule for its end decides the
	// status: bill (active or non_renewing by the causes), cancel or pause.
	ByTrialRule
	// Deferred: it takes effect later. The statuses of the outcome are those of the time until then.
	Deferred

	effectEnd
)

// effectWords is indexed by the effect; the word of 0, which is no effect, is empty.
var effectWords = [effectEnd]string{
	Unchanged:   "unchanged",
	Recorded:    "recorded",
	Changed:     "changed",
	ByCauses:    "by_causes",
	ByTrialRule: "by_trial_rule",
	Deferred:    "deferred",
}

func (Effect) vocabulary() (string, []Effect) {
	return "effect", []Effect{Unchanged, Recorded, Changed, ByCauses, ByTrialRule, Deferred}
}

// IsValid reports whether e is one of the effects. The zero value is not.
func (e Effect) IsValid() bool { return e != 0 && e < effectEnd }

// String returns the word, "by_causes" for ByCauses; "" for the zero value, and a number in
// brackets for what is not an effect.
func (e Effect) String() string {
	if e >= effectEnd {
		return fmt.Sprintf("Effect(%d)", uint8(e))
	}
	return effectWords[e]
}

// MarshalText returns the word. It fails with ErrInvalid if e is not an effect, the zero value included.
func (e Effect) MarshalText() ([]byte, error) { return marshalWord(e, e.IsValid()) }

// UnmarshalText accepts exactly what [ParseWord] accepts; otherwise it leaves e as it was.
func (e *Effect) UnmarshalText(text []byte) error { return unmarshalWord(e, text) }

// Outcome says what an allowed action does. The zero value belongs to a refusal.
type Outcome struct {
	// Effect is the way in which it takes effect.
	Effect Effect
	// To holds the statuses that are possible right after the action; one, where the table decides it
	// by itself.
	To StatusSet
	// Drops holds what was scheduled and is dropped by the action. The caller must be told.
	Drops Scheduled
}
