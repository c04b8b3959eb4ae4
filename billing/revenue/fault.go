package revenue

import (
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/fault"
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
