package feature

import (
	"fmt"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
)

// CreditTargets counts the targets that may spend credits, and limits how many may at
// a time. The fields are exported because other systems count too. The zero
// CreditTargets allows none.
type CreditTargets struct {
	// Max is how many targets may spend credits.
	Max int64 `json:"max"`
	// Used is how many of them there are.
	Used int64 `json:"used,omitempty"`
}

// Available is how many more targets may spend credits: max(0, Max - Used).
func (c CreditTargets) Available() int64 { return max(0, c.Max-c.Used) }

// OverQuota reports whether more targets spend credits than allowed, for example
// after Max was lowered.
func (c CreditTargets) OverQuota() bool { return c.Used > c.Max }

// Enable lets more targets spend credits; [ErrQuotaExceeded] beyond Max.
func (c CreditTargets) Enable(n int64) (CreditTargets, error) {
	if err := seatCount(n); err != nil {
		return c, err
	}
	if n > c.Available() {
		return c, fmt.Errorf("%w: %d of %d credit targets used, %d asked", ErrQuotaExceeded, c.Used, c.Max, n)
	}
	c.Used += n
	return c, nil
}

// Disable stops targets from spending credits; [ErrNotInUse] for more than there are.
func (c CreditTargets) Disable(n int64) (CreditTargets, error) {
	if err := seatCount(n); err != nil {
		return c, err
	}
	if n > c.Used {
		return c, fmt.Errorf("%w: %d credit targets to disable, %d used", ErrNotInUse, n, c.Used)
	}
	c.Used -= n
	return c, nil
}

// Validate reports every fault, as an [errors.Join] of [*fault.FieldError].
func (c CreditTargets) Validate() error { return strictjson.JoinErrors(c.faults()) }

func (c CreditTargets) faults() []*fault.FieldError {
	var f faults
	f.add("max", seatFault(c.Max))
	f.add("used", seatFault(c.Used))
	return f
}

// MarshalJSON writes {"max":5,"used":2}. Counts that are not valid are an error.
func (c CreditTargets) MarshalJSON() ([]byte, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return creditTargetsCodec.Append(nil, &c)
}

// UnmarshalJSON is strict and validates.
func (c *CreditTargets) UnmarshalJSON(data []byte) error {
	return decode(data, c, creditTargetsCodec, CreditTargets.faults)
}
