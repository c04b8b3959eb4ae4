package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// AddTenant adds a tenant.
func (tx Tx) AddTenant(ctx context.Context, id, name string) error {
	return tx.one(ctx, ErrExists, `INSERT INTO tenants (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id, name)
}

// Tenants returns the ids of all.
func (s *Store) Tenants(ctx context.Context) ([]string, error) {
	return list(ctx, s, text, `SELECT id FROM tenants ORDER BY id`)
}

// AddKey lets requests with the key of this hash speak for a tenant.
func (tx Tx) AddKey(ctx context.Context, tenant, hash string) error {
	return tx.one(ctx, ErrExists, `INSERT INTO api_keys (hash, tenant) VALUES ($1, $2) ON CONFLICT DO NOTHING`, hash, tenant)
}

// KeyOf returns the tenant for which the key of this hash speaks.
func (s *Store) KeyOf(ctx context.Context, hash string) (string, error) {
	return first(ctx, s, "key", text, `SELECT tenant FROM api_keys WHERE hash = $1`, hash)
}

// Catalog returns the latest catalog of a tenant and its revision.
func (s *Store) Catalog(ctx context.Context, tenant string) (document string, revision int, err error) {
	type pair struct {
		document string
		revision int
	}
	p, err := first(ctx, s, "catalog", func(row scanner) (p pair, err error) {
		err = row.Scan(&p.document, &p.revision)
		return p, err
	}, `SELECT document, revision FROM catalogs WHERE tenant = $1 ORDER BY revision DESC LIMIT 1`, tenant)
	return p.document, p.revision, err
}

// CatalogRevision returns the revision of the latest catalog; 0 without one.
func (s *Store) CatalogRevision(ctx context.Context, tenant string) (int, error) {
	n, err := first(ctx, s, "catalog", number, `SELECT coalesce(max(revision), 0) FROM catalogs WHERE tenant = $1`, tenant)
	return int(n), err
}

// AddCatalog adds the revision of a catalog that follows the one that was loaded.
func (tx Tx) AddCatalog(ctx context.Context, tenant string, revision int, document string) error {
	return tx.one(ctx, ErrConflict, `INSERT INTO catalogs (tenant, revision, document) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, tenant, revision, document)
}

// A Customer is who pays.
type Customer struct{ ID, Name, Card string }

func readCustomer(row scanner) (c Customer, err error) {
	err = row.Scan(&c.ID, &c.Name, &c.Card)
	return c, err
}

// PutCustomer adds a customer, or changes its name and card.
func (tx Tx) PutCustomer(ctx context.Context, tenant string, c Customer) error {
	return tx.one(ctx, ErrConflict, `INSERT INTO customers (tenant, id, name, card) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, card = excluded.card`, tenant, c.ID, c.Name, c.Card)
}

// Customer returns one.
func (s *Store) Customer(ctx context.Context, tenant, id string) (Customer, error) {
	return first(ctx, s, fmt.Sprintf("customer: %q", id), readCustomer, `SELECT id, name, card FROM customers WHERE tenant = $1 AND id = $2`, tenant, id)
}

// Customers returns those after an id, in the order of their ids.
func (s *Store) Customers(ctx context.Context, tenant, after string, limit int) ([]Customer, error) {
	return list(ctx, s, readCustomer, `SELECT id, name, card FROM customers WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3`, tenant, after, limit)
}

// Clock returns the test clock and the instant to which it is being moved; zero, if the
// clock is the machine's.
func (s *Store) Clock(ctx context.Context) (now, target time.Time, err error) {
	err = s.query(ctx, func(row scanner) error {
		var a, b int64
		err := row.Scan(&a, &b)
		now, target = instant(&a), instant(&b)
		return err
	}, `SELECT now, target FROM clock`)
	return now, target, err
}

// SetClock sets the test clock. It never goes back.
func (tx Tx) SetClock(ctx context.Context, now, target time.Time) error {
	return tx.one(ctx, ErrConflict, `INSERT INTO clock (id, now, target) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET now = excluded.now, target = excluded.target WHERE excluded.now >= clock.now`, now.UnixMicro(), target.UnixMicro())
}

// An Event is what is told to others.
type Event struct {
	Number, Tx              int64
	Tenant                  string
	ID, Topic, Subscription string
	At                      time.Time
	Body                    string
	Delivered               time.Time
}

// Tell adds an event, once, and returns its number; 0 if it is there.
func (tx Tx) Tell(ctx context.Context, e Event) (n int64, err error) {
	err = tx.query(ctx, func(row scanner) error { return row.Scan(&n) }, `INSERT INTO events (tenant, id, topic, subscription, at, body)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING number`, e.Tenant, e.ID, e.Topic, e.Subscription, e.At.UnixMicro(), e.Body)
	return n, err
}

func readEvent(row scanner) (e Event, err error) {
	var at int64
	var delivered *int64
	err = row.Scan(&e.Number, &e.Tx, &e.Tenant, &e.ID, &e.Topic, &e.Subscription, &at, &e.Body, &delivered)
	e.At, e.Delivered = instant(&at), instant(delivered)
	return e, err
}

// Event returns one.
func (s *Store) Event(ctx context.Context, tenant string, number int64) (Event, error) {
	return first(ctx, s, "event", readEvent, `SELECT number, tx, tenant, id, topic, subscription, at, body, delivered FROM events
		WHERE tenant = $1 AND number = $2`, tenant, number)
}

// Events returns the events of a tenant after one, in the order in which who asks again
// and again misses none: that of the transactions, as far as all before are committed.
// Numbers alone would not do, because a lower one may be committed later.
func (s *Store) Events(ctx context.Context, tenant string, tx, number int64, limit int) ([]Event, error) {
	horizon := int64(math.MaxInt64)
	if s.Postgres != nil {
		if err := s.query(ctx, func(row scanner) error { return row.Scan(&horizon) }, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint`); err != nil {
			return nil, err
		}
	}
	return list(ctx, s, readEvent, `SELECT number, tx, tenant, id, topic, subscription, at, body, delivered FROM events
		WHERE tenant = $1 AND (tx, number) > ($2, $3) AND tx < $4 ORDER BY tx, number LIMIT $5`, tenant, tx, number, horizon, limit)
}

// Delivered notes that the webhook acknowledged an event.
func (tx Tx) Delivered(ctx context.Context, tenant string, number int64, at time.Time) error {
	return tx.one(ctx, ErrUnknown, `UPDATE events SET delivered = $1 WHERE tenant = $2 AND number = $3`, at.UnixMicro(), tenant, number)
}

// A Webhook is where a tenant wants to be told, and the key that signs it.
type Webhook struct{ URL, Secret string }

// Webhook returns a tenant's; the zero Webhook if it has none.
func (s *Store) Webhook(ctx context.Context, tenant string) (Webhook, error) {
	w, err := first(ctx, s, "webhook", func(row scanner) (w Webhook, err error) {
		err = row.Scan(&w.URL, &w.Secret)
		return w, err
	}, `SELECT url, secret FROM webhooks WHERE tenant = $1`, tenant)
	if errors.Is(err, ErrUnknown) {
		return Webhook{}, nil
	}
	return w, err
}

// SetWebhook sets it.
func (tx Tx) SetWebhook(ctx context.Context, tenant string, w Webhook) error {
	return tx.one(ctx, ErrConflict, `INSERT INTO webhooks (tenant, url, secret) VALUES ($1, $2, $3)
		ON CONFLICT (tenant) DO UPDATE SET url = excluded.url, secret = excluded.secret`, tenant, w.URL, w.Secret)
}

// Waiting returns how many subscriptions and invoices are due by now, and how many events
// were not delivered to a webhook.
func (s *Store) Waiting(ctx context.Context, now time.Time) (subscriptions, invoices, events int64, err error) {
	err = s.query(ctx, func(row scanner) error { return row.Scan(&subscriptions, &invoices, &events) }, `SELECT
		(SELECT count(*) FROM subscriptions WHERE wake_at <= $1), (SELECT count(*) FROM invoices WHERE wake_at <= $1),
		(SELECT count(*) FROM events e JOIN webhooks w ON w.tenant = e.tenant WHERE e.delivered IS NULL)`, now.UnixMicro())
	return subscriptions, invoices, events, err
}

// A JobCount is how many jobs of a kind are in a state.
type JobCount struct {
	Kind, State string
	Count       int64
}

// Jobs counts the jobs of the queue.
func (s *Store) Jobs(ctx context.Context) ([]JobCount, error) {
	return list(ctx, s, func(row scanner) (j JobCount, err error) {
		err = row.Scan(&j.Kind, &j.State, &j.Count)
		return j, err
	}, `SELECT kind, CAST(state AS TEXT), count(*) FROM river_job GROUP BY kind, state ORDER BY kind, state`)
}

// Count returns how many rows a table has. The table is a name of this program's own.
func (s *Store) Count(ctx context.Context, table string) (int64, error) {
	return first(ctx, s, "count", number, `SELECT count(*) FROM `+table)
}
