package cgscanning

import (
	"errors"

	"github.com/perennial-billing/perennial/subscription"
)

var (
	// ErrNotFound corresponds to the API's "Record Not Found": the organization has no
	// such subscription.
	ErrNotFound = subscription.ErrNotFound
	// ErrNotSubscribed says that an organization has no subscription to cancel.
	ErrNotSubscribed = errors.New("cgscanning: not subscribed")
	// ErrUnknownPlan says that the product has no plan of that interval.
	ErrUnknownPlan = errors.New("cgscanning: no such plan")
	// ErrTrialFixed says that there is no trial that could be changed.
	ErrTrialFixed = errors.New("cgscanning: no trial that could change")
	// ErrPriceFixed says that the plan does not cost one flat amount.
	ErrPriceFixed = errors.New("cgscanning: no single price that could change")
	// ErrContradiction says that attributes contradict each other.
	ErrContradiction = errors.New("cgscanning: attributes contradict each other")
)

// MemberError is the refusal of one member of an update.
type MemberError struct {
	// Path leads to the member: "subscription.status".
	Path string
	// Err is the refusal.
	Err error
}

// Error is the path and the refusal.
func (e *MemberError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *MemberError) Unwrap() error { return e.Err }
