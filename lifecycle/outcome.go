package lifecycle

// Effect says in what way an action that is allowed takes effect. The zero value, "", is not an effect.
type Effect string

const (
	// Unchanged: what is asked for holds already. No error, and nothing need be recorded.
	Unchanged Effect = "unchanged"
	// Recorded: it takes effect at once and leaves the status as it is.
	Recorded Effect = "recorded"
	// Changed: it takes effect at once and decides the status.
	Changed Effect = "changed"
	// ByCauses: it takes effect at once, and the endings decide the status: non_renewing if the
	// earliest one falls into the period that then runs, else active.
	ByCauses Effect = "by_causes"
	// ByTrialRule: it takes effect at once, and what the trial's own rule says of its end decides the
	// status: bill (active or non_renewing by the causes), cancel or pause.
	ByTrialRule Effect = "by_trial_rule"
	// Deferred: it takes effect later. The statuses of the outcome are those of the time until then.
	Deferred Effect = "deferred"
)

// Effects returns every effect. The slice is the caller's own.
func Effects() []Effect {
	return []Effect{Unchanged, Recorded, Changed, ByCauses, ByTrialRule, Deferred}
}

// IsValid reports whether e is one of the effects. The zero value is not.
func (e Effect) IsValid() bool {
	switch e {
	case Unchanged, Recorded, Changed, ByCauses, ByTrialRule, Deferred:
		return true
	default:
		return false
	}
}

// String returns the word itself.
func (e Effect) String() string { return string(e) }

// MarshalText returns the word. It fails with ErrInvalid if e is not an effect, the zero value included.
func (e Effect) MarshalText() ([]byte, error) { return marshalWord("effect", string(e), e.IsValid()) }

// UnmarshalText accepts exactly the words of Effects; anything else is ErrInvalid and leaves e as it was.
func (e *Effect) UnmarshalText(text []byte) error {
	return unmarshalWord(e, "effect", text, Effect.IsValid)
}

// Outcome says what an allowed action does. The zero value belongs to a refusal.
type Outcome struct {
	// Effect is the way in which it takes effect.
	Effect Effect
	// To holds the statuses that are possible right after the action; one, where the table decides it
	// by itself.
	To StatusSet
	// Drops holds what was scheduled and is dropped by the action. Whoever asked must be told.
	Drops Scheduled
}
