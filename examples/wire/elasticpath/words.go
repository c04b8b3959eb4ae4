package elasticpath

import (
	"fmt"

	"github.com/perennial-billing/perennial/calendar"
)

// Status says whether the owner may use what was sold. The zero Status is invalid.
type Status string

const (
	// Active is one that may be used.
	Active Status = "active"
	// Inactive is one that may not be used now.
	Inactive Status = "inactive"
)

// Statuses returns every status. The slice is the caller's own.
func Statuses() []Status { return []Status{Active, Inactive} }

// IsValid reports whether s is one of Statuses; the zero Status is not.
func (s Status) IsValid() bool { return s == Active || s == Inactive }

// UnmarshalText accepts exactly the words of Statuses.
func (s *Status) UnmarshalText(text []byte) error {
	if v := Status(text); v.IsValid() {
		*s = v
		return nil
	}
	return fmt.Errorf("must be active or inactive, not %q", text)
}

// Action is what may be requested of a subscription. The zero Action is invalid.
type Action string

const (
	// Cancel ends it at the end of the term.
	Cancel Action = "cancel"
	// Pause stops it at the end of the term.
	Pause Action = "pause"
	// Resume undoes a cancel or a pause, scheduled or in effect.
	Resume Action = "resume"
)

// Actions returns every action. The slice is the caller's own.
func Actions() []Action { return []Action{Cancel, Pause, Resume} }

// IsValid reports whether a is one of Actions; the zero Action is not.
func (a Action) IsValid() bool { return a == Cancel || a == Pause || a == Resume }

// UnmarshalText accepts exactly the words of Actions.
func (a *Action) UnmarshalText(text []byte) error {
	if v := Action(text); v.IsValid() {
		*a = v
		return nil
	}
	return fmt.Errorf("must be cancel, pause or resume, not %q", text)
}

// Proration is how the API rounds the remaining days at a change. The zero Proration is
// invalid.
type Proration string

const (
	// Up counts the day of the change as remaining.
	Up Proration = "up"
	// Down counts it as used.
	Down Proration = "down"
	// Nearest counts it as remaining in its first half, and as used in its second.
	Nearest Proration = "nearest"
)

// Prorations returns every proration. The slice is the caller's own.
func Prorations() []Proration { return []Proration{Up, Down, Nearest} }

// IsValid reports whether p is one of Prorations; the zero Proration is not.
func (p Proration) IsValid() bool { return p == Up || p == Down || p == Nearest }

// ChangeDay returns the engine's word: the side of a change that its day belongs to.
func (p Proration) ChangeDay() calendar.ChangeDay {
	switch p {
	case Up:
		return calendar.NewSide
	case Down:
		return calendar.OldSide
	case Nearest:
		return calendar.MoreSide
	}
	return ""
}
