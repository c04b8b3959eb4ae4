package billing

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/money"
)

// A Ledger is all that billing remembers of a subscription between runs. The
// service stores it beside the subscription, and saves the next one with the
// invoices of a run. The zero Ledger is none: nothing was billed yet.
type Ledger struct {
	// Through is the instant up to and including which invoices were made.
	Through time.Time `json:"through,omitzero"`
	// Command is the number of the last command that was seen: one of a later
	// number at the same instant is still to be billed.
	Command int `json:"command,omitempty"`
	// Credit is the account credit that is left, in the subscription's currency;
	// the zero Money while there is none.
	Credit money.Money `json:"credit,omitzero"`
	// Spent are the discounts that were good for one invoice and are used up.
	Spent []Spent `json:"spent,omitempty"`
	// Late are the numbers, in ascending order, of the commands that were given for an
	// instant that had been billed already: a discount, a one-off or credit at the
	// instant of the mark. They count for what is billed after it.
	Late []int `json:"late,omitempty"`
}

// Spent says which invoice used up a discount.
type Spent struct {
	// Command is the number of the command that added the discount.
	Command int `json:"command"`
	// At and By are the instant of the invoice and the number of the command that
	// caused it, 0 for a renewal.
	At time.Time `json:"at"`
	By int       `json:"by,omitempty"`
}

// IsZero reports whether nothing was billed yet.
func (l Ledger) IsZero() bool {
	return l.Through.IsZero() && l.Command == 0 && !l.Credit.IsValid() && len(l.Spent) == 0 && len(l.Late) == 0
}

// Errors of this package.
var (
	// ErrReconcile: a command was given, or corrected, for an instant that was billed
	// already. [Reconcile] finds what that changes.
	ErrReconcile = errors.New("billing: history changed before the ledger's mark")
	// ErrUnknownMetric: usage of something that no charge rates.
	ErrUnknownMetric = errors.New("billing: usage of an unknown metric")
	// ErrNotEntitled: usage at an instant at which the subscription grants nothing.
	ErrNotEntitled = errors.New("billing: usage while not entitled")
	// ErrUsage: a record of usage makes no sense.
	ErrUsage = errors.New("billing: invalid usage")
	// ErrZero: the zero Subscription has no invoices.
	ErrZero = errors.New("billing: zero subscription")
	// ErrPast: the instant lies before the ledger's mark.
	ErrPast = errors.New("billing: before the ledger's mark")
	// ErrLedger: the ledger says what no run of this subscription leaves, such as
	// account credit below zero, or a command that the subscription does not have.
	ErrLedger = errors.New("billing: invalid ledger")
)

// wrap puts the name of the package before an error of another one.
func wrap(err error) error {
	if err == nil || strings.HasPrefix(err.Error(), "billing: ") {
		return err
	}
	return fmt.Errorf("billing: %w", err)
}
