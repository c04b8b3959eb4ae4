package revenue

import (
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

var (
	// ErrZero: the zero Subscription. That is a mistake of the program.
	ErrZero = fault.New(fault.Internal, "revenue: the zero Subscription")
	// ErrRange: an instant outside of the years 1 to 9999, or the second of two before the
	// first.
	ErrRange = fault.New(fault.Invalid, "revenue: instant out of range")
	// ErrEndless: a total of a subscription that renews, without an instant at which to stop.
	ErrEndless = fault.New(fault.Invalid, "revenue: the subscription does not end")
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

func (f *faults) instant(path string, t time.Time, required bool) {
	switch y := t.UTC().Year(); {
	case t.IsZero() && required:
		f.wrap(path, errMissing)
	case y < 1 || y > 9999:
		f.add(path, fault.OutOfRange, "must lie in the years 1 to 9999")
	}
}

func (f faults) err() error { return strictjson.JoinErrors(f) }

// within reports an instant that no calendar here holds.
func within(what string, t time.Time) error {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return fmt.Errorf("%w: %s must lie in the years 1 to 9999", ErrRange, what)
	}
	return nil
}

// wrap names the package in an error of an older room, and leaves its own as they are.
func wrap(err error) error {
	if err == nil || errors.Is(err, ErrZero) || errors.Is(err, ErrRange) || errors.Is(err, ErrEndless) {
		return err
	}
	return fmt.Errorf("revenue: %w", err)
}
