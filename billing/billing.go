package billing

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// Invoices returns the invoices due after the ledger's mark, up to and including
// the instant to, oldest first, and the ledger to store with them. Due after the
// mark is what falls due later, or at its instant by a command that it has not
// seen. Without a mark, everything since the start is due.
//
// usage must hold every record since the period in which the mark lies began; where
// discounts were added, since the one before. Older records do no harm. The error is [ErrReconcile] if a command was given since for an instant before the
// mark, [ErrPast] if to lies before it; a usage error says which record is at fault.
func Invoices(sub subscription.Subscription, usage Usage, ledger Ledger, to time.Time, options ...Option) ([]Invoice, Ledger, error) {
	return AppendInvoices(nil, sub, usage, ledger, to, options...)
}

// AppendInvoices is [Invoices] into a buffer of the caller: it returns dst with
// the invoices appended. On an error dst is returned as it was.
func AppendInvoices(dst []Invoice, sub subscription.Subscription, usage Usage, ledger Ledger, to time.Time, options ...Option) ([]Invoice, Ledger, error) {
	if sub.IsZero() {
		return dst, ledger, ErrZero
	}
	if to.Before(ledger.Through) {
		return dst, ledger, ErrPast
	}
	o, err := gather(options)
	if err != nil {
		return dst, ledger, err
	}
	if s, ok := steadily(sub, usage, ledger, o); ok {
		out, next, err := s.invoices(dst, sub, usage, ledger, to)
		if err == nil {
			return out, next, nil
		}
		// A run says what is wrong, in its own words.
	}
	return play(dst, sub, usage, ledger, to, options)
}

func play(dst []Invoice, sub subscription.Subscription, usage Usage, ledger Ledger, to time.Time, options []Option) ([]Invoice, Ledger, error) {
	r, err := newRun(sub, usage, ledger, options)
	if err != nil {
		return dst, ledger, err
	}
	if err := usage.check(sub, r.resumed); err != nil {
		return dst, ledger, err
	}
	out := dst
	r.emit = func(inv Invoice) bool {
		out = append(out, inv)
		return true
	}
	if err := r.play(to); err != nil {
		return dst, ledger, err
	}
	return out, r.ledger(to), nil
}

// invoices makes the renewals up to and including to.
func (s *steady) invoices(dst []Invoice, sub subscription.Subscription, usage Usage, ledger Ledger, to time.Time) ([]Invoice, Ledger, error) {
	r := run{sub: sub, policy: s.policy(), mark: ledger, credit: ledger.Credit}
	if !r.credit.IsValid() {
		r.credit = money.FromMinor(0, sub.Currency())
	}
	out := dst
	for !s.period.End.After(to) {
		inv, err := s.renewal(sub, usage)
		if err != nil {
			return dst, ledger, err
		}
		if r.worth(&inv) {
			if err := r.settle(&inv); err != nil {
				return dst, ledger, err
			}
			out = append(out, inv)
		}
	}
	return out, r.ledger(to), nil
}

// ledger is the mark after a run through the instant to.
func (r *run) ledger(to time.Time) Ledger {
	next := Ledger{Through: to.UTC().Round(0), Command: max(r.mark.Command, r.sub.LastCommand(to)), Spent: r.spent}
	if len(r.late) > 0 {
		next.Late = slices.Clone(r.late)
		slices.Sort(next.Late)
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
