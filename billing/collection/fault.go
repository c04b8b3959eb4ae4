package collection

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/fault"
)

var (
	// ErrRange: an instant outside of the years 1 to 9999.
	ErrRange = fault.New(fault.Invalid, "collection: instant out of range")
	// ErrEarly: a command is applied before it is due.
	ErrEarly = fault.New(fault.Refused, "collection: the command is not due yet")
	// ErrOther: a command is applied to another subscription than its own.
	ErrOther = fault.New(fault.Internal, "collection: another subscription")
)

// within reports an instant that no calendar here holds.
func within(t time.Time) error {
	if y := t.UTC().Year(); t.IsZero() || y < 1 || y > 9999 {
		return fmt.Errorf("%w: must lie in the years 1 to 9999", ErrRange)
	}
	return nil
}
