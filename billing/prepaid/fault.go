package prepaid

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

var errMissing = fault.Required.Errorf("missing")

// faults collects the faults of a value.
type faults []*fault.FieldError

func (f *faults) add(path string, code fault.Code, format string, args ...any) {
	f.wrap(path, code.Errorf(format, args...))
}

func (f *faults) wrap(path string, err error) {
	if err != nil {
		*f = append(*f, fault.At(path, err))
	}
}

// below adds the faults of the value at path.
func (f *faults) below(path string, found faults) {
	for _, e := range found {
		*f = append(*f, fault.At(path, e))
	}
}

// instant reports an instant that a document cannot hold; a required one must be there.
func (f *faults) instant(path string, t time.Time, required bool) {
	switch y := t.UTC().Year(); {
	case t.IsZero() && required:
		f.wrap(path, errMissing)
	case y < 1 || y > 9999:
		f.add(path, fault.OutOfRange, "must lie in the years 1 to 9999")
	}
}

func (f faults) err() error { return strictjson.JoinErrors(f) }

// word reports a word that is none of its field; empty stands for the default.
func word[T ~string](f *faults, path string, w T, words []T) {
	if w != "" && !slices.Contains(words, w) {
		f.add(path, fault.UnknownWord, "must be one of %q", words)
	}
}

// wrap prefixes an error of another package with the name of this one.
func wrap(err error) error {
	if err == nil || strings.HasPrefix(err.Error(), "prepaid: ") {
		return err
	}
	return fmt.Errorf("prepaid: %w", err)
}

func equalAll[T any](a, b []T, equal func(T, T) bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}
