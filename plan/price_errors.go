package plan

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
)

// What a price cannot rate. Amounts that are too large are money.ErrOverflow.
var (
	// ErrNegativeQuantity says that a quantity is below zero. See [QuantityError].
	ErrNegativeQuantity = fault.OutOfRange.Errorf("negative quantity")

	// ErrQuantity says that a quantity has too many digits: more than 40, more than 20 after the
	// point, or more than 30 before it. See [QuantityError].
	ErrQuantity = fault.TooPrecise.Errorf("quantity has too many digits")

	// ErrNoTier says that a quantity lies above the last tier of a closed price. See [TierError].
	ErrNoTier = fault.New(fault.Refused, "quantity above the last tier")

	// ErrEvents says that a price rates single events, which a quantity does not tell, or that
	// another price was asked to.
	ErrEvents = fault.Inconsistent.Errorf("a price of single events rates the usage of a metric that is summed")

	// ErrDimensions says that a price is a table by dimensions ([Matrix]), which only usage of a
	// metric has, or that it is none.
	ErrDimensions = fault.Inconsistent.Errorf("a price by dimensions rates the usage of a metric, each combination of values by its own price")

	// ErrCountOver says that usage that is counted over a term (Charge.CountOver) cannot have a
	// price: one of single events, or with a minimum or a maximum, is of a period.
	ErrCountOver = fault.Inconsistent.Errorf("a price of single events, or with a minimum or a maximum, is of a period: its usage is not counted over a term")

	// ErrNoRow says that a price by dimensions has none for a combination of values. See [RowError].
	ErrNoRow = fault.New(fault.Refused, "no price for these values")
)

// errNotCompiled is what the zero CompiledPrice returns.
var errNotCompiled = fault.New(fault.Internal, "plan: table without a price: CompilePrice makes one")

// QuantityError names a quantity that no price can rate. It is [ErrNegativeQuantity] or [ErrQuantity].
type QuantityError struct {
	Quantity decimal.Decimal
	err      error
}

func (e *QuantityError) Error() string {
	if errors.Is(e.err, ErrQuantity) { // its digits are the problem, so they are not repeated
		return "plan: " + e.err.Error()
	}
	return fmt.Sprintf("plan: %v: %s", e.err, dec.String(e.Quantity))
}

// Unwrap returns the sentinel.
func (e *QuantityError) Unwrap() error { return e.err }

// TierError says that a quantity lies above the last tier of a closed price. It is [ErrNoTier].
type TierError struct {
	// Quantity is the number of units, free units already subtracted.
	Quantity decimal.Decimal
	// UpTo is the end of the last tier, inclusive.
	UpTo decimal.Decimal
}

func (e *TierError) Error() string {
	return fmt.Sprintf("plan: %v: %s units, up to %s", ErrNoTier, dec.String(e.Quantity), dec.String(e.UpTo))
}

// Unwrap returns [ErrNoTier].
func (e *TierError) Unwrap() error { return ErrNoTier }
