package wire

import (
	"errors"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

// ErrMalformed says that a document is not one of the API. See [FieldError].
var ErrMalformed = errors.New("wire: malformed")

// FieldError is one fault of a document: where, and what. It is [ErrMalformed].
type FieldError struct {
	// Path leads to the member: "subscription.features.rescan.unit". It is "" for the
	// document as a whole.
	Path string
	// Err says what is wrong with it.
	Err error
}

// Error is the path and what is wrong.
func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Is reports whether target is ErrMalformed.
func (e *FieldError) Is(target error) bool { return target == ErrMalformed }

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

// limits bound a document of an API: a page of subscriptions, each of a few hundred
// members.
var limits = strictjson.Limits{Size: 4 << 20}

// Read decodes a document strictly: names by exact case and once, no unknown names,
// nothing after it. The error joins a *FieldError for every fault.
func Read(data []byte, v any) error {
	var errs []error
	for _, f := range strictjson.Decode(data, v, limits) {
		errs = append(errs, &FieldError{Path: f.Path, Err: f.Err})
	}
	return errors.Join(errs...)
}

// Faults collects what is wrong with a document beyond its form.
type Faults struct{ errs []error }

// Add notes a fault at a path.
func (f *Faults) Add(path string, err error) {
	if err != nil {
		f.errs = append(f.errs, &FieldError{Path: path, Err: err})
	}
}

// Err joins the faults; nil if there are none.
func (f *Faults) Err() error { return errors.Join(f.errs...) }
