package wire

import (
	"errors"
	"fmt"
)

// ErrNotRepresentable says that a vocabulary has no word for what a subscription is.
// See [NotRepresentableError].
var ErrNotRepresentable = errors.New("wire: not representable")

// Mode says what encoding does with what the vocabulary cannot say. The zero Mode
// is invalid: losing something is always chosen.
type Mode string

const (
	// Strict refuses it with ErrNotRepresentable.
	Strict Mode = "strict"
	// Lossy writes the nearest that can be said; each codec documents what it is.
	Lossy Mode = "lossy"
)

// Modes returns every mode. The slice is the caller's own.
func Modes() []Mode { return []Mode{Strict, Lossy} }

// IsValid reports whether m is one of Modes; the zero Mode is not.
func (m Mode) IsValid() bool { return m == Strict || m == Lossy }

// NotRepresentableError names what an API cannot say. It is [ErrNotRepresentable].
type NotRepresentableError struct {
	// API is the API, by the name of its codec's package.
	API string
	// Field is the field in which it would have to be said, by its path in JSON.
	Field string
	// What says what cannot be said.
	What string
}

// Error names the API, the field and what cannot be said.
func (e *NotRepresentableError) Error() string {
	return fmt.Sprintf("%s: %s: cannot say %s", e.API, e.Field, e.What)
}

// Is reports whether target is ErrNotRepresentable.
func (e *NotRepresentableError) Is(target error) bool { return target == ErrNotRepresentable }

// Losses collects what an encoding could not say.
type Losses struct {
	api  string
	errs []error
}

// NewLosses returns an empty collection for an API.
func NewLosses(api string) *Losses { return &Losses{api: api} }

// Add notes that a field cannot say something. The rest is as of fmt.Sprintf.
func (l *Losses) Add(field, format string, args ...any) {
	l.errs = append(l.errs, &NotRepresentableError{API: l.api, Field: field, What: fmt.Sprintf(format, args...)})
}

// Err is what becomes of the losses in a mode: with Strict an error that joins them,
// with Lossy nil. Any other mode is an error whatever was lost.
func (l *Losses) Err(m Mode) error {
	switch m {
	case Strict:
		return errors.Join(l.errs...)
	case Lossy:
		return nil
	}
	return fmt.Errorf("%s: mode %q is neither strict nor lossy", l.api, string(m))
}
