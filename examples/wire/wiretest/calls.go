package wiretest

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// MustAt reads an instant.
func MustAt(text string) time.Time {
	at, err := calendar.ParseInstant(text)
	if err != nil {
		panic(err)
	}
	return at
}

// MustCall returns a call by an actor at an instant.
func MustCall(actor lifecycle.Actor, at string) subscription.Call {
	return subscription.Call{At: MustAt(at), Actor: actor}
}

// MustOperator returns an operator's call at an instant.
func MustOperator(at string) subscription.Call { return MustCall(lifecycle.Operator, at) }

// MustSubscriber returns a subscriber's call at an instant.
func MustSubscriber(at string) subscription.Call { return MustCall(lifecycle.Subscriber, at) }
