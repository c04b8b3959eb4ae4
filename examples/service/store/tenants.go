package store

import (
	"context"
	"fmt"
	"math"
	"time"
)

// AddTenant adds a tenant, for whom requests with the key of this hash speak.
func (tx Tx) AddTenant(ctx context.Context, id, hash string) error {
	if err := tx.one(ctx, ErrExists, `INSERT INTO tenants (id) VALUES ($1) ON CONFLICT DO NOTHING`, id); err != nil {
		return err
	}
	return tx.one(ctx, ErrExists, `INSERT INTO api_keys (hash, tenant) VALUES ($1, $2) ON CONFLICT DO NOTHING`, hash, id)
}

// Tenants returns the ids of all.
func (s *Store) Tenants(ctx context.Context) ([]string, error) {
	return list(ctx, s.conn, column[string], `SELECT id FROM tenants ORDER BY id`)
}

// KeyOf returns the tenant for which the key of this hash speaks.
func (s *Store) KeyOf(ctx context.Context, hash string) (string, error) {
	return first(ctx, s.conn, "key", column[string], `SELECT tenant FROM api_keys WHERE hash = $1`, hash)
}

// A Catalog is a revision of a tenant's.
type Catalog struct {
	Document string
	Revision int
}

// Catalog returns the latest of a tenant.
func (s *Store) Catalog(ctx context.Context, tenant string) (Catalog, error) {
	return first(ctx, s.conn, "catalog", fields[Catalog], `SELECT document, revision FROM catalogs WHERE tenant = $1 ORDER BY revision DESC LIMIT 1`, tenant)
}

// AddCatalog adds the revision that follows the one that was loaded.
func (tx Tx) AddCatalog(ctx context.Context, tenant string, c Catalog) error {
	return tx.one(ctx, ErrConflict, `INSERT INTO catalogs (tenant, revision, document) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, tenant, c.Revision, c.Document)
}

// A Customer is who pays.
type Customer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Card string `json:"card,omitempty" doc:"what the gateway knows the means of payment by: pays, declined, declined-at-first; empty: the customer transfers"`
}

// PutCustomer adds a customer, or changes its name and card.
func (tx Tx) PutCustomer(ctx context.Context, tenant string, c Customer) error {
	return tx.one(ctx, ErrConflict, `INSERT INTO customers (tenant, id, name, card) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, card = excluded.card`, tenant, c.ID, c.Name, c.Card)
}

// Customer returns one.
func (s *Store) Customer(ctx context.Context, tenant, id string) (Customer, error) {
	return first(ctx, s.conn, fmt.Sprintf("customer: %q", id), fields[Customer], `SELECT id, name, card FROM customers WHERE tenant = $1 AND id = $2`, tenant, id)
}

// Customers returns those after an id, in the order of their ids.
func (s *Store) Customers(ctx context.Context, tenant, after string, limit int) ([]Customer, error) {
	return list(ctx, s.conn, fields[Customer], `SELECT id, name, card FROM customers WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3`, tenant, after, limit)
}

// Clock returns the test clock and the instant to which it is being moved; zero, if the
// clock is the machine's.
func (s *Store) Clock(ctx context.Context) (now, target time.Time, err error) {
	err = s.Query(ctx, func(scan Scan) error { return scan(&now, &target) }, `SELECT now, target FROM clock`)
	return now, target, err
}

// SetClock sets the test clock. It never goes back.
func (tx Tx) SetClock(ctx context.Context, now, target time.Time) error {
	return tx.one(ctx, ErrConflict, `INSERT INTO clock (id, now, target) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET now = excluded.now, target = excluded.target WHERE excluded.now >= clock.now`, now, target)
}

// An Event is what is told to others.
type Event struct {
	Number, Tx              int64
	ID, Topic, Subscription string
	At                      time.Time
	Body                    string
	Delivered               time.Time
}

// Tell adds an event, once, and returns its number, if it is new and the tenant has a
// webhook that is to be told; otherwise 0.
func (tx Tx) Tell(ctx context.Context, tenant string, e Event) (int, error) {
	return optional(first(ctx, tx.conn, "event", column[int], `INSERT INTO events (tenant, id, topic, subscription, at, body) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING RETURNING CASE WHEN EXISTS (SELECT 1 FROM webhooks w WHERE w.tenant = $1) THEN number ELSE 0 END`,
		tenant, e.ID, e.Topic, e.Subscription, e.At, e.Body))
}

const selectEvents = `SELECT number, tx, id, topic, subscription, at, body, delivered FROM events WHERE tenant = $1`

// Event returns one.
func (s *Store) Event(ctx context.Context, tenant string, number int) (Event, error) {
	return first(ctx, s.conn, "event", fields[Event], selectEvents+` AND number = $2`, tenant, number)
}

// Events returns the events of a tenant after one, in the order in which who asks again
// and again misses none: that of the transactions, as far as all before are committed.
// Numbers alone would not do, because a lower one may be committed later.
func (s *Store) Events(ctx context.Context, tenant string, tx, number int64, limit int) ([]Event, error) {
	horizon := int64(math.MaxInt64)
	if s.Postgres != nil {
		var err error
		if horizon, err = first(ctx, s.conn, "", column[int64], `SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint`); err != nil {
			return nil, err
		}
	}
	return list(ctx, s.conn, fields[Event], selectEvents+` AND (tx, number) > ($2, $3) AND tx < $4 ORDER BY tx, number LIMIT $5`, tenant, tx, number, horizon, limit)
}

// Delivered notes that the webhook acknowledged an event.
func (tx Tx) Delivered(ctx context.Context, tenant string, number int64, at time.Time) error {
	return tx.one(ctx, ErrUnknown, `UPDATE events SET delivered = $1 WHERE tenant = $2 AND number = $3`, at, tenant, number)
}

// A Webhook is where a tenant wants to be told, and the key that signs it.
type Webhook struct {
	URL    string `json:"url"`
	Secret string `json:"secret,omitempty" doc:"signs what is sent; made here, and shown once"`
}

// Webhook returns a tenant's; the zero Webhook if it has none.
func (s *Store) Webhook(ctx context.Context, tenant string) (Webhook, error) {
	return optional(first(ctx, s.conn, "webhook", fields[Webhook], `SELECT url, secret FROM webhooks WHERE tenant = $1`, tenant))
}

// SetWebhook sets it.
func (tx Tx) SetWebhook(ctx context.Context, tenant string, w Webhook) error {
	return tx.one(ctx, ErrConflict, `INSERT INTO webhooks (tenant, url, secret) VALUES ($1, $2, $3)
		ON CONFLICT (tenant) DO UPDATE SET url = excluded.url, secret = excluded.secret`, tenant, w.URL, w.Secret)
}

// Waiting returns how many subscriptions and invoices are due by now, and how many events
// were not delivered to a webhook.
func (s *Store) Waiting(ctx context.Context, now time.Time) (subscriptions, invoices, events int64, err error) {
	err = s.Query(ctx, func(scan Scan) error { return scan(&subscriptions, &invoices, &events) }, `SELECT
		(SELECT count(*) FROM subscriptions WHERE wake_at <= $1), (SELECT count(*) FROM invoices WHERE wake_at <= $1),
		(SELECT count(*) FROM events e JOIN webhooks w ON w.tenant = e.tenant WHERE e.delivered IS NULL)`, now)
	return subscriptions, invoices, events, err
}

// A JobCount is how many jobs of a kind are in a state.
type JobCount struct {
	Kind, State string
	Count       int64
}

// Jobs counts the jobs of the queue.
func (s *Store) Jobs(ctx context.Context) ([]JobCount, error) {
	return list(ctx, s.conn, fields[JobCount], `SELECT kind, CAST(state AS TEXT), count(*) FROM river_job GROUP BY kind, state ORDER BY kind, state`)
}
