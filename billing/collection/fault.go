package collection

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

var (
	// ErrRange: an instant outside of the years 1 to 9999.
	ErrRange = fault.New(fault.Invalid, "collection: instant out of range")
	// ErrEarly: a command is applied before it is due.
	ErrEarly = fault.New(fault.Refused, "collection: the command is not due yet")
	// ErrOther: a command is applied to another subscription than its own.
	ErrOther = fault.New(fault.Internal, "collection: another subscription")
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
func within(t time.Time) error {
	if y := t.UTC().Year(); t.IsZero() || y < 1 || y > 9999 {
		return fmt.Errorf("%w: must lie in the years 1 to 9999", ErrRange)
	}
	return nil
}
