package wire

import "errors"

// ErrMalformed says that a document is not valid for the API. See [FieldError].
var ErrMalformed = errors.New("wire: malformed")

var errMore = errors.New("more faults than can be listed")

// FieldError is one fault of a document: where, and what. It is [ErrMalformed].
type FieldError struct {
	// Path leads to the member: "subscription.features.rescan.unit". It is "" for the
	// document as a whole.
	Path string
	// Err says what is wrong with it.
	Err error
}

// Error returns the path and what is wrong.
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

// Read decodes a document strictly: names in exact case and once, no unknown names,
// nothing after it. The error joins a *FieldError for every fault, in the order of the
// document; only the first hundred are listed.
func Read(data []byte, v any) error {
	n, err := Parse(data)
	if err != nil {
		return err
	}
	var f Faults
	n.Decode(v, &f)
	if len(f.errs) > maxFaults {
		f.errs = append(f.errs[:maxFaults], &FieldError{Err: errMore})
	}
	return f.Err()
}

// Faults collects the faults of a document.
type Faults struct{ errs []error }

// Add records a fault at a path; nil is none.
func (f *Faults) Add(path string, err error) {
	if err != nil {
		f.errs = append(f.errs, &FieldError{Path: path, Err: err})
	}
}

// Err joins the faults; nil if there are none.
func (f *Faults) Err() error { return errors.Join(f.errs...) }
