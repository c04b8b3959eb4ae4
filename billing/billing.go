package billing

import (
	"time"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// Invoices returns the invoices due after the ledger's mark, up to and including
// the instant to, oldest first, and the ledger to store with them. Due after the
// mark is what falls due later, or at its instant by a command that it has not
// seen. Without a mark, everything since the start is due.
func Invoices(sub subscription.Subscription, usage Usage, ledger Ledger, to time.Time, options ...Option) ([]Invoice, Ledger, error) {
	r, err := newRun(sub, usage, ledger, options)
	if err != nil {
		return nil, ledger, err
	}
	if r.marked && to.Before(ledger.Through) {
		return nil, ledger, ErrPast
	}
	if err := usage.check(sub, ledger.Through); err != nil {
		return nil, ledger, err
	}
	var all []Invoice
	r.emit = func(inv Invoice) bool {
		all = append(all, inv)
		return true
	}
	if err := r.play(to); err != nil {
		return nil, ledger, err
	}
	return all, r.ledger(to), nil
}

// ledger is the mark after a run through the instant to.
func (r *run) ledger(to time.Time) Ledger {
	next := Ledger{Through: to.UTC().Round(0), Command: r.mark.Command, Spent: r.spent}
	for n := 1; n <= r.sub.Version(); n++ {
		if cmd := r.sub.Command(n); !cmd.At.After(to) {
			next.Command = max(next.Command, cmd.Number)
		}
	}
	if r.credit.Sign() != 0 {
		next.Credit = r.credit
	}
	return next
}

// Billing is the answer of [Next].
type Billing struct {
	// At is the instant of the next invoice; zero if none would be made.
	At time.Time
	// Amount is its total, before account credit; zero without one.
	Amount money.Money
	// Due is what would be left to pay after account credit.
	Due money.Money
	// PlanAmount is the price of one full period at the present quantities, usage
	// left out: what the plan costs, whatever is due next.
	PlanAmount money.Money
	// Estimate reports that usage is part of the amount and may still come in.
	Estimate bool
	// Overdue reports that the invoice fell due at or before the instant asked at.
	Overdue bool
}
