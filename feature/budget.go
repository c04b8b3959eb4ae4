package feature

import (
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// MaxChanges is the largest number of changes that a budget allows in a year, and
// that it remembers.
const MaxChanges = 10_000

// ChangeBudget allows at most a given number of changes in the trailing calendar
// year. A change at t counts from t until t plus one calendar year, in the
// subscription's zone, exclusive: the change of 29 February 2024 no longer counts
// from 28 February 2025, at the same time of day, on. It is an immutable value. The
// zero ChangeBudget allows none.
type ChangeBudget struct {
	allowed int
	zone    calendar.Zone
	changes []time.Time // ascending, in UTC
}

// NewChangeBudget returns a budget with the changes made so far, in any order. It
// fails with [ErrInvalid] for less than 0 changes a year or more than [MaxChanges],
// and for an instant outside the years 1 to 9998, and with [ErrTooMany].
func NewChangeBudget(allowed int, zone calendar.Zone, changes ...time.Time) (ChangeBudget, error) {
	b := ChangeBudget{allowed: allowed, zone: zone}
	if allowed < 0 || allowed > MaxChanges {
		return ChangeBudget{}, fmt.Errorf("%w: change budget: must allow 0 to %d changes a year, not %d", ErrInvalid, MaxChanges, allowed)
	}
	if len(changes) > MaxChanges {
		return ChangeBudget{}, fmt.Errorf("%w: %d changes in a budget", ErrTooMany, len(changes))
	}
	for _, t := range changes {
		if _, err := b.expiresAt(t); err != nil {
			return ChangeBudget{}, fmt.Errorf("%w: change budget: %w", ErrInvalid, err)
		}
		b.changes = append(b.changes, instant(t))
	}
	slices.SortFunc(b.changes, time.Time.Compare)
	return b, nil
}

// Max is the largest number of changes in the trailing year.
func (b ChangeBudget) Max() int { return b.allowed }

// Zone is the zone in which the year is counted.
func (b ChangeBudget) Zone() calendar.Zone { return b.zone }

// Changes returns the recorded changes, oldest first, in UTC.
func (b ChangeBudget) Changes() []time.Time { return slices.Clone(b.changes) }

// expiresAt returns the instant from which a change no longer counts.
func (b ChangeBudget) expiresAt(t time.Time) (time.Time, error) {
	return b.zone.Add(t, calendar.Years(1), calendar.Clamp)
}

// counted returns the instants, in order, from which the changes that count at now no
// longer count.
func (b ChangeBudget) counted(now time.Time) []time.Time {
	var expiries []time.Time
	for _, t := range b.changes {
		if t.After(now) {
			break
		}
		// The constructor has checked that there is such an instant.
		if over, err := b.expiresAt(t); err == nil && over.After(now) {
			expiries = append(expiries, over)
		}
	}
	// When clocks are set back, a later change may expire earlier.
	slices.SortFunc(expiries, time.Time.Compare)
	return expiries
}

// Count returns how many changes count at an instant: those made at it or before,
// and less than a year ago.
func (b ChangeBudget) Count(now time.Time) int { return len(b.counted(now)) }

// Remaining returns how many more changes are allowed at an instant.
func (b ChangeBudget) Remaining(now time.Time) int { return max(0, b.allowed-b.Count(now)) }

// NextAllowed returns the instant, in UTC, at which the next change is allowed, if
// none is allowed now. It returns false if one is allowed now, and also for a budget
// of 0, which never allows one.
func (b ChangeBudget) NextAllowed(now time.Time) (time.Time, bool) {
	expiries := b.counted(now)
	if b.allowed == 0 || len(expiries) < b.allowed {
		return time.Time{}, false
	}
	return expiries[len(expiries)-b.allowed], true
}

// Use returns the budget after a number of changes at one instant, or a
// [*ChangeBudgetError], which is [ErrChangeBudget], if they are not allowed. The
// instant must not lie before the last change: [ErrOutOfOrder]. Zero changes leave
// the budget as it is; a negative number is [ErrInvalidAmount].
func (b ChangeBudget) Use(at time.Time, changes int) (ChangeBudget, error) {
	at = instant(at)
	switch {
	case changes < 0:
		return b, fmt.Errorf("%w: %d changes", ErrInvalidAmount, changes)
	case changes == 0:
		return b, nil
	case len(b.changes) > 0 && at.Before(b.changes[len(b.changes)-1]):
		return b, fmt.Errorf("%w: the last change was at %s", ErrOutOfOrder, calendar.FormatInstant(b.changes[len(b.changes)-1]))
	case changes > b.Remaining(at):
		next, _ := b.NextAllowed(at)
		return b, &ChangeBudgetError{Max: b.allowed, Count: b.Count(at), NextAllowed: next}
	case len(b.changes)+changes > MaxChanges:
		return b, fmt.Errorf("%w: %d changes in a budget", ErrTooMany, len(b.changes))
	}
	if _, err := b.expiresAt(at); err != nil {
		return b, fmt.Errorf("feature: change budget: %w", err)
	}
	next := b
	next.changes = slices.Clip(b.changes)
	for range changes {
		next.changes = append(next.changes, at)
	}
	return next, nil
}

// Prune returns the budget without the changes that no longer count at an instant.
// Counts at earlier instants are no longer available.
func (b ChangeBudget) Prune(now time.Time) ChangeBudget {
	next := b
	next.changes = nil
	for _, t := range b.changes {
		if over, err := b.expiresAt(t); err == nil && over.After(now) {
			next.changes = append(next.changes, t)
		}
	}
	return next
}

// WithMax returns the budget with another number of changes a year. It may be lower
// than the number of changes made; the next change is then allowed when enough of
// them no longer count.
func (b ChangeBudget) WithMax(allowed int) (ChangeBudget, error) {
	return NewChangeBudget(allowed, b.zone, b.changes...)
}

// Equal reports whether two budgets have the same maximum, zone and changes.
func (b ChangeBudget) Equal(o ChangeBudget) bool {
	return b.allowed == o.allowed && b.zone == o.zone && slices.EqualFunc(b.changes, o.changes, time.Time.Equal)
}

// ChangeBudgetError says that no change is allowed, and when the next one will be.
type ChangeBudgetError struct {
	Max         int       // changes allowed in a year
	Count       int       // changes that count now
	NextAllowed time.Time // zero: no date can be given
}

// Error is "feature: change budget exhausted: 4 of 4 in the past year, next allowed
// at 2026-12-05T00:00:00Z".
func (e *ChangeBudgetError) Error() string {
	text := fmt.Sprintf("%v: %d of %d in the past year", ErrChangeBudget, e.Count, e.Max)
	if !e.NextAllowed.IsZero() {
		text += ", next allowed at " + calendar.FormatInstant(e.NextAllowed)
	}
	return text
}

// Unwrap returns [ErrChangeBudget].
func (e *ChangeBudgetError) Unwrap() error { return ErrChangeBudget }

type budgetForm struct {
	Max     int
	Zone    calendar.Zone
	Changes []time.Time
}

// MarshalJSON writes {"max":4,"zone":"Europe/Lisbon","changes":[…]}; UTC is omitted.
func (b ChangeBudget) MarshalJSON() ([]byte, error) {
	return budgetCodec.Append(nil, &budgetForm{b.allowed, b.zone, b.changes})
}

// wholeBudget reads a budget and validates it.
var wholeBudget = strictjson.Custom(budgetCodec.Shape(), func(n strictjson.Node, b *ChangeBudget, r *strictjson.Report) {
	var form budgetForm
	before := r.Len()
	if budgetCodec.ReadNode(n, &form, r); r.Len() > before {
		return
	}
	if _, said := n.Field("max"); !said {
		r.Missing(n, "max")
		return
	}
	if !slices.IsSortedFunc(form.Changes, time.Time.Compare) {
		r.Below(n, []strictjson.Fault{{Path: "changes", Err: fault.OutOfOrder.Errorf("must be in order of time")}})
		return
	}
	next, err := NewChangeBudget(form.Max, form.Zone, form.Changes...)
	if err != nil {
		r.Add(n, err)
		return
	}
	*b = next
}, nil, nil)

// UnmarshalJSON is strict and validates.
func (b *ChangeBudget) UnmarshalJSON(data []byte) error {
	return decode(data, b, wholeBudget, noFaults[ChangeBudget])
}

// noFaults is the check of a value whose decoder validates.
func noFaults[T any](T) []*fault.FieldError { return nil }
