package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/money"
)

// The topics of postings.
const (
	InvoiceTopic    = "invoice"     // what a run of billing made
	DifferenceTopic = "difference"  // what a reconciliation found
	CreditNoteTopic = "credit_note" // what was taken back of a line
)

// A Posting is what was billed: an invoice, a difference or a credit note.
type Posting struct {
	ID           uuid.UUID            `json:"id"`
	Subscription string               `json:"subscription"`
	Customer     string               `json:"customer"`
	Topic        string               `json:"topic" enum:"invoice,difference,credit_note"`
	Dated        time.Time            `json:"dated"`
	Total        money.Money          `json:"total"`
	Left         money.Money          `json:"left" doc:"what is still to be paid"`
	Attempts     int                  `json:"attempts" doc:"how often it was tried to collect it, or paid"`
	WakeAt       time.Time            `json:"-"` // when to attempt to collect it; zero: not
	Document     json.RawMessage      `json:"document,omitempty"`
	Explanation  string               `json:"explanation,omitempty" column:"none"`
	Lines        []billing.StoredLine `json:"-" column:"none"` // not read back
}

// Post adds what was billed. The key is the last guard: what is billed twice is refused.
func (tx Tx) Post(ctx context.Context, tenant string, p Posting) error {
	_, err := tx.Exec(ctx, `INSERT INTO invoices (tenant, id, subscription, topic, dated, currency, total, left_due, wake_at, document)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, tenant, p.ID, p.Subscription, p.Topic, p.Dated,
		p.Total.Currency().String(), p.Total, p.Left, p.WakeAt, p.Document)
	if duplicate(err) {
		return fmt.Errorf("%w: invoice %s is there", ErrSetBack, p.ID)
	}
	for _, line := range p.Lines {
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO lines (tenant, invoice, id, subscription, corrects, adjusts, amount, currency)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, tenant, p.ID, line.ID, p.Subscription, line.Of, line.Adjusts,
			line.Amount, line.Amount.Currency().String())
	}
	return err
}

const selectPostings = `SELECT i.id, i.subscription, s.customer, i.topic, i.dated, i.total || ' ' || i.currency, i.left_due || ' ' || i.currency,
	i.attempts, i.wake_at, i.document FROM invoices i JOIN subscriptions s ON s.tenant = i.tenant AND s.id = i.subscription WHERE i.tenant = $1`

// Invoice returns what was billed under an id.
func (s *Store) Invoice(ctx context.Context, tenant, id string) (Posting, error) {
	return first(ctx, s.conn, fmt.Sprintf("invoice: %q", id), fields[Posting], selectPostings+` AND i.id = $2`, tenant, id)
}

// Invoices returns what was billed of a subscription, the oldest first.
func (s *Store) Invoices(ctx context.Context, tenant, subscription string, limit int) ([]Posting, error) {
	return list(ctx, s.conn, fields[Posting], selectPostings+` AND i.subscription = $2 ORDER BY i.dated, i.id LIMIT $3`, tenant, subscription, limit)
}

// Lines returns all that was billed of a subscription.
func (s *Store) Lines(ctx context.Context, tenant, id string) ([]billing.StoredLine, error) {
	return list(ctx, s.conn, fields[billing.StoredLine], `SELECT id, corrects, adjusts, amount || ' ' || currency FROM lines WHERE tenant = $1 AND subscription = $2`, tenant, id)
}

// A Payment is something that happened to an invoice.
type Payment struct {
	ID            string              `json:"-"`
	Invoice       uuid.UUID           `json:"invoice"`
	At            time.Time           `json:"-"`
	Kind          collection.FactKind `json:"kind"` // Failed or Paid
	Amount        money.Money         `json:"amount"`
	Left          money.Money         `json:"left"`
	Reference     string              `json:"reference"`
	Attempts      int                 `json:"-" column:"none"` // to collect the invoice, with this one
	NextAttemptAt time.Time           `json:"-" column:"none"` // zero: no further one
}

// Pay stores a payment, once by its id, and what is left of its invoice. What it was
// decided by is guarded by the revision of the subscription, which is saved with it.
func (tx Tx) Pay(ctx context.Context, tenant string, p Payment) error {
	err := tx.one(ctx, ErrConflict, `INSERT INTO payments (tenant, id, invoice, at, kind, amount, left_due, reference) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT DO NOTHING`, tenant, p.ID, p.Invoice, p.At, string(p.Kind), p.Amount, p.Left, p.Reference)
	if err != nil {
		return err
	}
	return tx.one(ctx, ErrUnknown, `UPDATE invoices SET left_due = $1, wake_at = $2, attempts = attempts + 1 WHERE tenant = $3 AND id = $4`,
		p.Left, p.NextAttemptAt, tenant, p.Invoice)
}

// Payments returns what happened to the invoices of a subscription, in order.
func (s *Store) Payments(ctx context.Context, tenant, subscription string) ([]Payment, error) {
	return list(ctx, s.conn, fields[Payment], `SELECT p.id, p.invoice, p.at, p.kind, p.amount || ' ' || i.currency, p.left_due || ' ' || i.currency, p.reference
		FROM payments p JOIN invoices i ON i.tenant = p.tenant AND i.id = p.invoice
		WHERE i.tenant = $1 AND i.subscription = $2 ORDER BY p.at, p.id`, tenant, subscription)
}
