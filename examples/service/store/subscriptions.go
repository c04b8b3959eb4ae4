package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/billing"
)

// A Row is what is kept of a subscription, and what every run needs with it. Revision and
// Records are its lock: what is saved must follow from what was loaded, and from all usage
// that had come in.
type Row struct {
	Tenant, ID, Customer string
	Revision, Records    int
	Late                 bool // usage came in of what was billed
	Document, Checkpoint string
	WakeAt               time.Time // zero: never
	Boundary             int       // the number of the instant WakeAt: it counts those before it
	Told                 time.Time

	Card     string    // of the customer
	Adjusted bool      // what was billed has adjustments
	Clock    time.Time // the test clock; zero without one
}

const selectRows = `SELECT s.tenant, s.id, s.customer, s.revision, s.records, s.late, s.document, s.checkpoint, s.wake_at, s.boundary, s.told,
	c.card, EXISTS (SELECT 1 FROM lines l WHERE l.tenant = s.tenant AND l.subscription = s.id AND l.adjusts), (SELECT now FROM clock)
	FROM subscriptions s JOIN customers c ON c.tenant = s.tenant AND c.id = s.customer`

// Load returns a row.
func (s *Store) Load(ctx context.Context, tenant, id string) (Row, error) {
	return first(ctx, s.conn, fmt.Sprintf("subscription: %q", id), fields[Row], selectRows+` WHERE s.tenant = $1 AND s.id = $2`, tenant, id)
}

// Subscriptions returns the rows of a tenant after an id, in the order of their ids.
func (s *Store) Subscriptions(ctx context.Context, tenant, after string, limit int) ([]Row, error) {
	return list(ctx, s.conn, fields[Row], selectRows+` WHERE s.tenant = $1 AND s.id > $2 ORDER BY s.id LIMIT $3`, tenant, after, limit)
}

// Insert adds the row of a new subscription.
func (tx Tx) Insert(ctx context.Context, r Row) error {
	err := tx.one(ctx, ErrExists, `INSERT INTO subscriptions (tenant, id, customer, revision, document, checkpoint, wake_at, boundary, told)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		r.Tenant, r.ID, r.Customer, r.Revision, r.Document, r.Checkpoint, r.WakeAt, r.Boundary, r.Told)
	if err != nil {
		return err
	}
	return tx.saved(ctx, r)
}

// Save replaces the row that was loaded, if it is still that one. Its number has never
// been saved before: a row that was set back meanwhile is refused.
func (tx Tx) Save(ctx context.Context, loaded, next Row) error {
	err := tx.one(ctx, ErrConflict, `UPDATE subscriptions
		SET revision = $1, document = $2, checkpoint = $3, wake_at = $4, boundary = $5, told = $6, late = $7
		WHERE tenant = $8 AND id = $9 AND revision = $10 AND records = $11`,
		next.Revision, next.Document, next.Checkpoint, next.WakeAt, next.Boundary, next.Told, next.Late,
		loaded.Tenant, loaded.ID, loaded.Revision, loaded.Records)
	if err != nil {
		return err
	}
	return tx.saved(ctx, next)
}

func (tx Tx) saved(ctx context.Context, r Row) error {
	return tx.one(ctx, fmt.Errorf("%w: subscription %q", ErrSetBack, r.ID),
		`INSERT INTO saves (tenant, subscription, revision, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		r.Tenant, r.ID, r.Revision, r.Told)
}

// A Wake is something that is due: a boundary of a subscription, or an attempt to collect
// an invoice.
type Wake struct {
	Tenant string    `json:"tenant" river:"unique"`
	ID     string    `json:"id" river:"unique"`
	Number int       `json:"number" river:"unique"` // of the boundary, or of the attempt
	At     time.Time `json:"at"`
}

const behindAnother = ` WHERE wake_at <= $1 AND (wake_at, tenant, id) > ($2, $3, $4) ORDER BY wake_at, tenant, id LIMIT $5`

// Due returns the subscriptions that are to be looked at by now, behind one of them, the
// longest waiting first.
func (s *Store) Due(ctx context.Context, now time.Time, behind Wake, limit int) ([]Wake, error) {
	return list(ctx, s.conn, fields[Wake], `SELECT tenant, id, boundary, wake_at FROM subscriptions`+behindAnother,
		now, behind.At.UnixMicro(), behind.Tenant, behind.ID, limit)
}

// Collectable returns the invoices that are to be collected by now, as Due does.
func (s *Store) Collectable(ctx context.Context, now time.Time, behind Wake, limit int) ([]Wake, error) {
	return list(ctx, s.conn, fields[Wake], `SELECT tenant, id, attempts, wake_at FROM invoices`+behindAnother,
		now, behind.At.UnixMicro(), behind.Tenant, behind.ID, limit)
}

// NextWake returns the earliest instant at which anything is due; zero if nothing ever is.
func (s *Store) NextWake(ctx context.Context) (time.Time, error) {
	return first(ctx, s.conn, "", column[time.Time], `SELECT min(at) FROM (SELECT min(wake_at) AS at FROM subscriptions
		UNION ALL SELECT min(wake_at) AS at FROM invoices) AS both_of_them`)
}

// Record adds a record of usage, once, to the row for which it was judged, and tells all
// runs that have not seen it. It is false if the record came before.
func (tx Tx) Record(ctx context.Context, loaded Row, id string, r billing.Record, late bool) (bool, error) {
	document, err := json.Marshal(r)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO usage (tenant, subscription, id, metric, at, document) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, loaded.Tenant, loaded.ID, id, r.Metric, r.At, string(document))
	if err != nil || n == 0 {
		return false, err
	}
	return true, tx.one(ctx, ErrConflict, `UPDATE subscriptions SET records = records + 1, late = late OR $1
		WHERE tenant = $2 AND id = $3 AND revision = $4`, late, loaded.Tenant, loaded.ID, loaded.Revision)
}

// WakeNow lets a subscription be looked at at an instant at the latest, and returns the wake.
func (tx Tx) WakeNow(ctx context.Context, loaded Row, at time.Time) (Wake, error) {
	w := Wake{loaded.Tenant, loaded.ID, loaded.Boundary + 1, at}
	return w, tx.one(ctx, ErrConflict, `UPDATE subscriptions SET wake_at = $1, boundary = $2 WHERE tenant = $3 AND id = $4 AND boundary = $5`,
		at, w.Number, w.Tenant, w.ID, loaded.Boundary)
}

// Usage returns the records of a subscription at or after an instant.
func (s *Store) Usage(ctx context.Context, tenant, id string, from time.Time) (billing.Usage, error) {
	return list(ctx, s.conn, func(scan Scan) (r billing.Record, err error) {
		var document []byte
		if err = scan(&document); err == nil {
			err = json.Unmarshal(document, &r)
		}
		return r, err
	}, `SELECT document FROM usage WHERE tenant = $1 AND subscription = $2 AND at >= $3 ORDER BY at, id`, tenant, id, from.UnixMicro())
}

// Use is what a subscription has used of a feature: the QuotaUsage; empty before the first.
func (s *Store) Use(ctx context.Context, tenant, id, feature string) (string, error) {
	return optional(first(ctx, s.conn, "use", column[string], `SELECT document FROM uses WHERE tenant = $1 AND subscription = $2 AND feature = $3`, tenant, id, feature))
}

// HoldUse returns what Use does and keeps everybody else from it until the transaction
// ends: a row that is written is locked, and SQLite has one writer.
func (tx Tx) HoldUse(ctx context.Context, tenant, id, feature string) (string, error) {
	return first(ctx, tx.conn, "use", column[string], `INSERT INTO uses (tenant, subscription, feature, document) VALUES ($1, $2, $3, '')
		ON CONFLICT (tenant, subscription, feature) DO UPDATE SET document = uses.document RETURNING document`, tenant, id, feature)
}

// SetUse writes what HoldUse is to return next. With a key it is false if a request with
// that key was counted before; asked for something else, that is ErrExists.
func (tx Tx) SetUse(ctx context.Context, tenant, id, feature, document, key, asked string) (bool, error) {
	if key != "" {
		n, err := tx.Exec(ctx, `INSERT INTO consumed (tenant, subscription, key, asked) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, tenant, id, key, asked)
		if err != nil {
			return false, err
		}
		if n == 0 {
			was, err := first(ctx, tx.conn, "key", column[string], `SELECT asked FROM consumed WHERE tenant = $1 AND subscription = $2 AND key = $3`, tenant, id, key)
			if err == nil && was != asked {
				err = fmt.Errorf("%w: the key %q was used for %s", ErrExists, key, was)
			}
			return false, err
		}
	}
	return true, tx.one(ctx, ErrConflict, `UPDATE uses SET document = $1 WHERE tenant = $2 AND subscription = $3 AND feature = $4`, document, tenant, id, feature)
}
