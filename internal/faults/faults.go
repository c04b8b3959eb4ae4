// Package faults collects what is wrong with a value, each fault with its path, so that all of
// it is reported at once.
package faults

import (
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// ErrMissing: the fault of what is required and not there.
var ErrMissing = fault.Required.Errorf("missing")

// A List is the faults of a value, in the order in which they were found.
type List []*fault.FieldError

// Add adds a fault.
func (f *List) Add(path string, code fault.Code, format string, args ...any) {
	f.Wrap(path, code.Errorf(format, args...))
}

// Wrap adds an error, if there is one.
func (f *List) Wrap(path string, err error) {
	if err != nil {
		*f = append(*f, fault.At(path, err))
	}
}

// Below adds the faults of the value at path.
func (f *List) Below(path string, found List) {
	for _, e := range found {
		*f = append(*f, fault.At(path, e))
	}
}

// Instant adds an instant that a document cannot hold; a required one must be there.
func (f *List) Instant(path string, t time.Time, required bool) {
	switch y := t.UTC().Year(); {
	case t.IsZero() && required:
		f.Wrap(path, ErrMissing)
	case y < 1 || y > 9999:
		f.Add(path, fault.OutOfRange, "must lie in the years 1 to 9999")
	}
}

// Word adds a word that is none of its field; empty stands for the default.
func Word[T ~string](f *List, path string, w T, words []T) {
	if w != "" && !slices.Contains(words, w) {
		f.Add(path, fault.UnknownWord, "must be one of %q", words)
	}
}

// Err joins the faults into one error; nil if there are none.
func (f List) Err() error { return strictjson.JoinErrors(f) }

// Decode reads a value strictly and reports the faults of the document together with those
// that check finds in what could be read. The target changes only if there are none.
func Decode[T any](data []byte, to *T, c strictjson.Codec[T], limits strictjson.Limits, check func(T) List) error {
	var none T
	was := *to
	*to = none // read in place: what is read may be large, and another one would go to the heap
	found := strictjson.FieldErrors(c.Read(data, to, limits))
	err := strictjson.Merge(found, check(*to))
	if err != nil {
		*to = was
	}
	return err
}

// Encode appends a value that is valid, of at most size bytes; room names the package in an
// error. dst is then as it was.
func Encode[T any](dst []byte, v *T, c strictjson.Codec[T], size int, room string) ([]byte, error) {
	out, err := c.Append(dst, v)
	switch {
	case err != nil:
		return dst, fmt.Errorf("%s: encode: %w", room, err)
	case len(out)-len(dst) > size:
		return dst, fault.TooLong.Errorf("%s: encode: longer than %d bytes", room, size)
	}
	return out, nil
}
