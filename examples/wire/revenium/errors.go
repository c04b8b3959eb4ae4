package revenium

import "errors"

var (
	// ErrIDMismatch says that the document has another id than the path.
	ErrIDMismatch = errors.New("revenium: id in the document is not that of the path")
	// ErrReadOnly says that a member was changed that cannot be changed.
	ErrReadOnly = errors.New("revenium: cannot be changed")
	// ErrNoProduct says that no product with that id is sold.
	ErrNoProduct = errors.New("revenium: no such product")
	// ErrEndsByPlan says that the length of the plan ends the subscription before the
	// expiration that was sent.
	ErrEndsByPlan = errors.New("revenium: the plan ends before")
	// ErrNoSubscription says that the agreement had not been made.
	ErrNoSubscription = errors.New("revenium: no subscription")
)

var (
	errMissing   = errors.New("missing")
	errThreshold = errors.New("must be a percentage from 0 to 100")
	errNegative  = errors.New("must not be negative")
)
