package probely

import (
	"errors"
	"fmt"
)

var (
	// ErrAmountOverflow says that an amount or a count does not fit the document.
	ErrAmountOverflow = errors.New("probely: does not fit")
	// ErrNoSubscription says that the account has none: the status is blank.
	ErrNoSubscription = errors.New("probely: no subscription")
	// ErrReadOnly says that a member was changed that is computed.
	ErrReadOnly = errors.New("probely: read only")
	// ErrStatus says that nothing leads from the status shown to the one sent.
	ErrStatus = errors.New("probely: status cannot be reached")
	// ErrOrigin says that what an account is adopted with does not go with it.
	ErrOrigin = errors.New("probely: origin")
)

// What is wrong with a document.
var (
	errNegative = errors.New("must not be negative")
	errMissing  = errors.New("missing")
)

// overflow is ErrAmountOverflow with its field.
func overflow(field string) error { return fmt.Errorf("%w: %s", ErrAmountOverflow, field) }
