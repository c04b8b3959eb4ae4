package billing

import (
	"time"

	"github.com/perennial-billing/perennial/subscription"
)

// InvoicesByRun is Invoices without its short way.
func InvoicesByRun(sub subscription.Subscription, usage Usage, ledger Ledger, to time.Time, options ...Option) ([]Invoice, Ledger, error) {
	return play(nil, sub, usage, ledger, to, options)
}

// NextByRun is Next without its short way.
func NextByRun(sub subscription.Subscription, usage Usage, ledger Ledger, at time.Time, options ...Option) (Billing, error) {
	if ledger.Through.IsZero() {
		ledger.Through, ledger.Command = at, sub.Version()
	}
	return next(sub, usage, ledger, at, options)
}

// IsSteady reports whether the short way is open.
func IsSteady(sub subscription.Subscription, usage Usage, ledger Ledger, options ...Option) bool {
	o, err := gather(options)
	if err != nil {
		return false
	}
	_, ok := steadily(sub, usage, ledger, o)
	return ok
}

// SameInvoice reports whether two invoices are equal in all that they say.
func SameInvoice(a, b Invoice) bool { return a.equals(b) && a.Zone == b.Zone && a.Due == b.Due }
