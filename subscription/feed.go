package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A Feed is a command that only feeds an invoice; exactly one of Discount, OneOff
// and Credit is set.
type Feed struct {
	// Command is the number of the command, At its instant.
	Command int
	At      time.Time
	// Discount counts for the invoices from At on. It belongs to the subscription:
	// read it only.
	Discount *plan.Discount
	// OneOff is a charge outside the plan. It belongs to the subscription: read it
	// only.
	OneOff *OneOff
	// Credit is account credit that was given.
	Credit money.Money
}

// Feeds returns how many commands only feed an invoice: discounts, one-offs and
// account credit. [Subscription.Feed] numbers them from 0 in order of their
// instants.
func (s Subscription) Feeds() int {
	if s.c == nil {
		return 0
	}
	return len(s.c.feeds)
}

// Feed returns feeding command i. It panics, as a slice would, if there is none.
func (s Subscription) Feed(i int) Feed {
	c := s.c.feeds[i]
	return Feed{Command: c.Number, At: c.At, Discount: c.Discount, OneOff: c.OneOff, Credit: c.Credit}
}
