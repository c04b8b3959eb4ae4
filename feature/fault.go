package feature

import (
	"errors"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/internal/strictjson"
)

// FieldError is one fault of a definition or a document: where, and what.
type FieldError struct {
	// Path leads to the value at fault, from the value validated or decoded:
	// rescan.thresholds[0].percent. The empty path is the value itself.
	Path string
	// Err says what is wrong, without the path.
	Err error
}

// Error is the path and the message: "rescan.limit: must not be negative".
func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

var (
	errNegative = errors.New("must not be negative")
	errMissing  = errors.New("missing")
)

// joined joins faults into one error; nil if there are none.
func joined(faults []*FieldError) error {
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = f
	}
	return errors.Join(errs...)
}

// below prefixes faults with a path.
func below(path string, faults []*FieldError) []*FieldError {
	for _, f := range faults {
		f.Path = strictjson.Join(path, f.Path)
	}
	return faults
}

// decode reads a document strictly into target, which must be zero, and reports
// what is wrong with it together with the faults of what could be read.
func decode(data []byte, target any, check func() []*FieldError) error {
	// Room for the largest value of the package, a ledger of credits, whose names may
	// each take 1.5 KiB when escaped.
	limits := strictjson.Limits{Size: 64 << 20, Values: 100_000}
	var found []*FieldError
	for _, f := range strictjson.Decode(data, target, limits) {
		found = append(found, &FieldError{Path: f.Path, Err: f.Err})
	}
	unread := found
	for _, f := range check() {
		if !slices.ContainsFunc(unread, func(u *FieldError) bool { return covers(u.Path, f.Path) }) {
			found = append(found, f)
		}
	}
	return joined(found)
}

// covers reports whether a value that could not be read explains a fault at path:
// it is the value there, holds it, or lies within it.
func covers(unread, path string) bool {
	return unread == "" || path == "" || within(unread, path) || within(path, unread)
}

func within(outer, inner string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
