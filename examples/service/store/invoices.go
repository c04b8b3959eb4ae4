package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/money"
)

// A Posting is what was billed: an invoice, a difference or a credit note.
type Posting struct {
	Tenant, Subscription, Customer                   string
	ID                                               uuid.UUID
	Topic                                            string
	Dated                                            time.Time
	Total, CreditApplied, AmountDue, Refund, LeftDue money.Money
	Attempts                                         int
	WakeAt                                           time.Time // when to attempt to collect it; zero: not
	Document                                         string
	Lines                                            []billing.StoredLine // not read back
}

// Post adds what was billed. The key is the last guard: what is billed twice is refused.
func (tx Tx) Post(ctx context.Context, p Posting) error {
	_, err := tx.Exec(ctx, `INSERT INTO invoices
		(tenant, id, subscription, topic, dated, currency, total, credit_applied, amount_due, refund, left_due, wake_at, document)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, p.Tenant, p.ID.String(), p.Subscription, p.Topic, p.Dated.UnixMicro(),
		p.Total.Currency().String(), p.Total.Minor(), p.CreditApplied.Minor(), p.AmountDue.Minor(), p.Refund.Minor(), p.LeftDue.Minor(),
		micros(p.WakeAt), p.Document)
	if duplicate(err) {
		return fmt.Errorf("%w: invoice %s is there", ErrSetBack, p.ID)
	}
	if err != nil {
		return err
	}
	for _, line := range p.Lines {
		of, adjusts := "", 0
		if line.Of != uuid.Nil {
			of = line.Of.String()
		}
		if line.Adjusts {
			adjusts = 1
		}
		if _, err := tx.Exec(ctx, `INSERT INTO lines (tenant, invoice, id, subscription, corrects, adjusts, amount, currency)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, p.Tenant, p.ID.String(), line.ID.String(), p.Subscription, of, adjusts,
			line.Amount.Minor(), line.Amount.Currency().String()); err != nil {
			return err
		}
	}
	return nil
}

const postingColumns = `i.tenant, i.id, i.subscription, s.customer, i.topic, i.dated, i.currency, i.total, i.credit_applied, i.amount_due, i.refund, i.left_due,
	i.attempts, i.wake_at, i.document FROM invoices i JOIN subscriptions s ON s.tenant = i.tenant AND s.id = i.subscription`

func readPosting(row scanner) (p Posting, err error) {
	var id, code string
	var dated int64
	var wake *int64
	var minor [5]int64
	if err = row.Scan(&p.Tenant, &id, &p.Subscription, &p.Customer, &p.Topic, &dated, &code, &minor[0], &minor[1], &minor[2], &minor[3], &minor[4],
		&p.Attempts, &wake, &p.Document); err != nil {
		return p, err
	}
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return p, err
	}
	p.Dated, p.WakeAt = instant(&dated), instant(wake)
	for i, amount := range []*money.Money{&p.Total, &p.CreditApplied, &p.AmountDue, &p.Refund, &p.LeftDue} {
		*amount = money.FromMinor(minor[i], currency)
	}
	p.ID, err = uuid.Parse(id)
	return p, err
}

// Invoice returns what was billed under an id.
func (s *Store) Invoice(ctx context.Context, tenant, id string) (Posting, error) {
	return first(ctx, s, fmt.Sprintf("invoice: %q", id), readPosting, `SELECT `+postingColumns+` WHERE i.tenant = $1 AND i.id = $2`, tenant, id)
}

// Invoices returns what was billed of a subscription, the oldest first; with an empty id
// the latest of all of the tenant's, the newest first.
func (s *Store) Invoices(ctx context.Context, tenant, subscription string, limit int) ([]Posting, error) {
	if subscription == "" {
		return list(ctx, s, readPosting, `SELECT `+postingColumns+` WHERE i.tenant = $1 ORDER BY i.dated DESC, i.id LIMIT $2`, tenant, limit)
	}
	return list(ctx, s, readPosting, `SELECT `+postingColumns+` WHERE i.tenant = $1 AND i.subscription = $2 ORDER BY i.dated, i.id LIMIT $3`, tenant, subscription, limit)
}

// A Payment is something that happened to an invoice.
type Payment struct {
	ID, Invoice   string
	At            time.Time
	Kind          collection.FactKind // Failed or Paid
	Amount, Left  money.Money
	Reference     string
	NextAttemptAt time.Time // zero: no further one
}

// Pay stores a payment for the invoice that was loaded, once by its id, and what is left.
// It is false if the payment was there.
func (tx Tx) Pay(ctx context.Context, loaded Posting, p Payment) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO payments (tenant, id, invoice, at, kind, amount, left_due, reference) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT DO NOTHING`, loaded.Tenant, p.ID, loaded.ID.String(), p.At.UnixMicro(), string(p.Kind), p.Amount.Minor(), p.Left.Minor(), p.Reference)
	if err != nil || n == 0 {
		return false, err
	}
	return true, tx.one(ctx, ErrConflict, `UPDATE invoices SET left_due = $1, wake_at = $2, attempts = attempts + 1
		WHERE tenant = $3 AND id = $4 AND left_due = $5 AND attempts = $6`, p.Left.Minor(), micros(p.NextAttemptAt),
		loaded.Tenant, loaded.ID.String(), loaded.LeftDue.Minor(), loaded.Attempts)
}

// Payments returns what happened to the invoices of a subscription, in order.
func (s *Store) Payments(ctx context.Context, tenant, subscription string) ([]Payment, error) {
	return list(ctx, s, func(row scanner) (p Payment, err error) {
		var at, amount, left int64
		var kind, code string
		if err = row.Scan(&p.ID, &p.Invoice, &at, &kind, &amount, &left, &p.Reference, &code); err != nil {
			return p, err
		}
		currency, err := money.ParseCurrency(code)
		p.At, p.Kind = instant(&at), collection.FactKind(kind)
		p.Amount, p.Left = money.FromMinor(amount, currency), money.FromMinor(left, currency)
		return p, err
	}, `SELECT p.id, p.invoice, p.at, p.kind, p.amount, p.left_due, p.reference, i.currency FROM payments p
		JOIN invoices i ON i.tenant = p.tenant AND i.id = p.invoice
		WHERE i.tenant = $1 AND i.subscription = $2 ORDER BY p.at, p.id`, tenant, subscription)
}
