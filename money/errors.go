package money

import (
	"fmt"

	"github.com/perennial-billing/perennial/fault"
)

// The errors of this package, for [errors.Is]. Every error that is returned wraps one of them, with
// the prefix "money: what: " that says what was being done.
var (
	// ErrInvalid: the zero Money, which has no currency, where an amount is needed; or an invalid
	// argument, such as a negative weight.
	ErrInvalid = fault.Unusable.Errorf("not valid")
	// ErrCurrencyMismatch: two amounts of different currencies. The error is a [*MismatchError].
	ErrCurrencyMismatch = fault.Inconsistent.Errorf("currencies differ")
	// ErrUnknownCurrency: a code or a number that is not a currency of this package.
	ErrUnknownCurrency = fault.UnknownWord.Errorf("unknown currency")
	// ErrOverflow: the result has more minor units than an int64 holds.
	ErrOverflow = fault.OutOfRange.Errorf("amount out of range")
	// ErrDivisionByZero: a denominator of zero.
	ErrDivisionByZero = fault.OutOfRange.Errorf("division by zero")
	// ErrPrecision: an amount with more decimal digits than its currency has.
	ErrPrecision = fault.TooPrecise.Errorf("too many decimal digits for the currency")
	// ErrRounding: a rounding that is not one of [Roundings], the empty one included.
	ErrRounding = fault.UnknownWord.Errorf("unknown rounding")
	// ErrSyntax: a text or a JSON value that is not written as this package writes it.
	ErrSyntax = fault.Malformed.Errorf("malformed")
)

// MismatchError names the two currencies that were used where one is needed. It is
// [ErrCurrencyMismatch].
type MismatchError struct {
	A, B Currency // of the receiver or what came first, and of what met it
}

// Error implements error.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("%v: %v and %v", ErrCurrencyMismatch, e.A, e.B)
}

// Unwrap returns [ErrCurrencyMismatch].
func (e *MismatchError) Unwrap() error { return ErrCurrencyMismatch }

// failed says what was being done when err occurred.
func failed(what string, err error) error {
	return fmt.Errorf("money: %s: %w", what, err)
}

// longestQuote is how many bytes of an input an error repeats.
const longestQuote = 40

// quote quotes an input for an error, cut when it is long: an error must not grow with what was sent.
func quote(s string) string {
	if len(s) > longestQuote {
		return fmt.Sprintf("%q...", s[:longestQuote])
	}
	return fmt.Sprintf("%q", s)
}
