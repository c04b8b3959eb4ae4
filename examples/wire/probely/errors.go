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
	// ErrReadOnly says that a computed member was changed.
	ErrReadOnly = errors.New("probely: read only")
	// ErrStatus says that no action leads from the status shown to the one sent.
	ErrStatus = errors.New("probely: status cannot be reached")
	// ErrOrigin says that an origin does not match the account that is adopted.
	ErrOrigin = errors.New("probely: origin")
)

// What is wrong with a document.
var (
	errNegative  = errors.New("must not be negative")
	errMissing   = errors.New("missing")
	errObject    = errors.New("must be an object")
	errFirstUnit = errors.New("the name of a tier is its first unit, from 1")
	errFirstTier = errors.New("the first tier must begin with 1")
)

// overflow is ErrAmountOverflow with its field.
func overflow(field string) error { return fmt.Errorf("%w: %s", ErrAmountOverflow, field) }
