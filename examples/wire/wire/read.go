package wire

import (
	"errors"

	"github.com/perennial-billing/perennial/fault"
)

// ErrMalformed says that a document is not valid for the API. See [At].
var ErrMalformed = fault.Malformed.Errorf("wire: malformed")

var errMore = fault.TooMany.Errorf("more faults than can be listed")

// At returns a fault of a document at a path, which is [ErrMalformed].
func At(path string, err error) *fault.FieldError { return fault.At(path, malformed{err}) }

// malformed is what is wrong with a document.
type malformed struct{ error }

func (e malformed) Is(target error) bool { return target == ErrMalformed }
func (e malformed) Unwrap() error        { return e.error }

// Read decodes a document strictly: names in exact case and once, no unknown names,
// nothing after it. The error joins a [*fault.FieldError] for every fault, in the order of the
// document; only the first hundred are listed.
func Read(data []byte, v any) error {
	n, err := Parse(data)
	if err != nil {
		return err
	}
	var f Faults
	n.Decode(v, &f)
	if len(f.errs) > maxFaults {
		f.errs = append(f.errs[:maxFaults], At("", errMore))
	}
	return f.Err()
}

// Faults collects the faults of a document.
type Faults struct{ errs []error }

// Add records a fault at a path; nil is none.
func (f *Faults) Add(path string, err error) {
	if err != nil {
		f.errs = append(f.errs, At(path, err))
	}
}

// Err joins the faults; nil if there are none.
func (f *Faults) Err() error { return errors.Join(f.errs...) }
