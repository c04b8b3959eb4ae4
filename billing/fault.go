package billing

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// A FieldError is one fault of a checkpoint, of usage or of stored lines: where, and
// what. The decoders and Validate join one for every fault.
type FieldError struct {
	// Path leads to the field by its names in JSON: "redeemed[0].invoice_at". It is
	// "" for the value as a whole.
	Path string
	// Err says what is wrong with it.
	Err error
}

// Error is the path and what is wrong: "last_command: must not be negative".
func (e *FieldError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns Err.
func (e *FieldError) Unwrap() error { return e.Err }

var errMissing = errors.New("missing")

// faults collects the faults of a value.
type faults []*FieldError

func (f *faults) add(path, format string, args ...any) {
	*f = append(*f, &FieldError{Path: path, Err: fmt.Errorf(format, args...)})
}

func (f *faults) wrap(path string, err error) {
	if err != nil {
		*f = append(*f, &FieldError{Path: path, Err: err})
	}
}

// below adds the faults of the value at path.
func (f *faults) below(path string, found faults) {
	for _, e := range found {
		*f = append(*f, &FieldError{Path: strictjson.Join(path, e.Path), Err: e.Err})
	}
}

// instant reports an instant that a document cannot hold; a required one must be
// there.
func (f *faults) instant(path string, t time.Time, required bool) {
	switch y := t.UTC().Year(); {
	case t.IsZero() && required:
		f.wrap(path, errMissing)
	case y < 1 || y > 9999:
		f.add(path, "must lie in the years 1 to 9999")
	}
}

// amount reports a quantity that cannot be rated.
func (f *faults) amount(path string, d decimal.Decimal) {
	if err := dec.Check(d); err != nil {
		f.wrap(path, err)
	} else if d.IsNegative() {
		f.add(path, "must not be negative")
	}
}

// maxFaults bounds the list, because a document may consist of faults only.
const maxFaults = 1000

var errMore = errors.New("more faults than can be listed")

func (f faults) err() error {
	var list []error
	for i, e := range f {
		if i == maxFaults {
			list = append(list, &FieldError{Err: errMore})
			break
		}
		list = append(list, e)
	}
	return errors.Join(list...)
}

// value is what this package writes as JSON and reads.
type value interface{ faults() faults }

// decode reads a value strictly and reports the faults of the document together
// with those of what could be read. The target changes only if there are none.
func decode[T value, P interface {
	*T
	strictjson.Decoder
}](data []byte, target P, limits strictjson.Limits) error {
	var next T
	var list faults
	for _, fault := range strictjson.Decode(data, P(&next), limits) {
		list = append(list, &FieldError{Path: fault.Path, Err: fault.Err})
	}
	read := list
	for _, fault := range next.faults() {
		if !read.explain(fault.Path) {
			list = append(list, fault)
		}
	}
	if len(list) > 0 {
		return list.err()
	}
	*target = next
	return nil
}

// explain reports whether a value that could not be read explains a fault at path: it
// is the same value, holds it, or lies within it.
func (f faults) explain(path string) bool {
	within := func(outer, inner string) bool {
		rest, ok := strings.CutPrefix(inner, outer)
		return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
	}
	for _, e := range f {
		if within(e.Path, path) || within(path, e.Path) {
			return true
		}
	}
	return false
}
