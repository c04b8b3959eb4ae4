package wire

import (
	"errors"
	"fmt"
)

// ErrNotRepresentable says that a vocabulary cannot express a fact. See
// [NotRepresentableError].
var ErrNotRepresentable = errors.New("wire: not representable")

// Mode says what encoding does with facts that the vocabulary cannot express. The zero
// Mode is invalid: losing something must be chosen.
type Mode string

const (
	// Strict refuses them with ErrNotRepresentable.
	Strict Mode = "strict"
	// Lossy writes the closest expressible value, which each codec documents.
	Lossy Mode = "lossy"
)

// Modes returns every mode. The slice is the caller's own.
func Modes() []Mode { return []Mode{Strict, Lossy} }

// IsValid reports whether m is one of Modes; the zero Mode is not.
func (m Mode) IsValid() bool { return m == Strict || m == Lossy }

// NotRepresentableError names what an API cannot express. It is [ErrNotRepresentable].
type NotRepresentableError struct {
	// API is the name of the codec's package.
	API string
	// Field is the path of the JSON member that would have to express it.
	Field string
	// What says what cannot be expressed.
	What string
}

// Error names the API, the field and what cannot be expressed.
func (e *NotRepresentableError) Error() string {
	return fmt.Sprintf("%s: %s: cannot say %s", e.API, e.Field, e.What)
}

// Is reports whether target is ErrNotRepresentable.
func (e *NotRepresentableError) Is(target error) bool { return target == ErrNotRepresentable }

// Losses collects what an encoding could not express.
type Losses struct {
	api  string
	errs []error
}

// NewLosses returns an empty collection for an API.
func NewLosses(api string) *Losses { return &Losses{api: api} }

// Add records that a field cannot express something. The other arguments are those of
// fmt.Sprintf.
func (l *Losses) Add(field, format string, args ...any) {
	l.errs = append(l.errs, &NotRepresentableError{API: l.api, Field: field, What: fmt.Sprintf(format, args...)})
}

// Err returns the error of a mode: for Strict it joins the losses, for Lossy it is nil.
// Any other mode is an error even if nothing was lost.
func (l *Losses) Err(m Mode) error {
	switch m {
	case Strict:
		return errors.Join(l.errs...)
	case Lossy:
		return nil
	}
	return fmt.Errorf("%s: mode %q is neither strict nor lossy", l.api, string(m))
}
