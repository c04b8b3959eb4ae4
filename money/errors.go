package money

import (
	"errors"
	"fmt"
)

// The errors of this package, for [errors.Is]. Every error that is returned wraps one of them, with
// the prefix "money: what: " that says what was being done.
var (
	// ErrInvalid: the zero Money, which has no currency, where an amount is needed; or an invalid
	// argument, such as a negative weight.
	ErrInvalid = errors.New("not valid")
	// ErrCurrencyMismatch: two amounts of different currencies. The error is a [*MismatchError].
	ErrCurrencyMismatch = errors.New("currencies differ")
	// ErrUnknownCurrency: a code or a number that is not a currency of this package.
	ErrUnknownCurrency = errors.New("unknown currency")
	// ErrOverflow: the result has more minor units than an int64 holds.
	ErrOverflow = errors.New("amount out of range")
	// ErrDivisionByZero: a denominator of zero.
	ErrDivisionByZero = errors.New("division by zero")
	// ErrPrecision: an amount with more decimal digits than its currency has.
	ErrPrecision = errors.New("too many decimal digits for the currency")
	// ErrRounding: a rounding that is not one of [Roundings], the empty one included.
	ErrRounding = errors.New("unknown rounding")
	// ErrSyntax: a text or a JSON value that is not written as this package writes it.
	ErrSyntax = errors.New("malformed")
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

// Is reports whether target is [ErrCurrencyMismatch].
func (e *MismatchError) Is(target error) bool {
	return target == ErrCurrencyMismatch
}

// fault says what was being done when err occurred.
func fault(what string, err error) error {
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
