package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
)

// A Row is what is kept of a subscription. Revision and Records are its lock: what is saved
// must follow from what was loaded, and from all usage that had come in.
type Row struct {
	Tenant, ID, Customer string
	Revision, Records    int
	Late                 bool // usage came in of what was billed
	Document, Checkpoint string
	WakeAt               time.Time // zero: never
	Boundary             int       // the number of the instant WakeAt: it counts those before it
	Told                 time.Time
}

const rowColumns = `tenant, id, customer, revision, records, late, document, checkpoint, wake_at, boundary, told`

func readRow(from scanner) (r Row, err error) {
	var late, told int64
	var wake *int64
	err = from.Scan(&r.Tenant, &r.ID, &r.Customer, &r.Revision, &r.Records, &late, &r.Document, &r.Checkpoint, &wake, &r.Boundary, &told)
	r.Late, r.WakeAt, r.Told = late != 0, instant(wake), instant(&told)
	return r, err
}

// Load returns a row.
func (s *Store) Load(ctx context.Context, tenant, id string) (Row, error) {
	return first(ctx, s, fmt.Sprintf("subscription: %q", id), readRow,
		`SELECT `+rowColumns+` FROM subscriptions WHERE tenant = $1 AND id = $2`, tenant, id)
}

// Subscriptions returns the rows of a tenant after an id, in the order of their ids.
func (s *Store) Subscriptions(ctx context.Context, tenant, after string, limit int) ([]Row, error) {
	return list(ctx, s, readRow, `SELECT `+rowColumns+` FROM subscriptions WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3`, tenant, after, limit)
}

// Insert adds the row of a new subscription.
func (tx Tx) Insert(ctx context.Context, r Row) error {
	err := tx.one(ctx, ErrExists, `INSERT INTO subscriptions (tenant, id, customer, revision, document, checkpoint, wake_at, boundary, told)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		r.Tenant, r.ID, r.Customer, r.Revision, r.Document, r.Checkpoint, micros(r.WakeAt), r.Boundary, r.Told.UnixMicro())
	if err != nil {
		return err
	}
	return tx.saved(ctx, r)
}

// Save replaces the row that was loaded, if it is still that one. Its number has never
// been saved before: a row that was set back meanwhile is refused.
func (tx Tx) Save(ctx context.Context, loaded, next Row) error {
	err := tx.one(ctx, ErrConflict, `UPDATE subscriptions
		SET revision = $1, document = $2, checkpoint = $3, wake_at = $4, boundary = $5, told = $6, late = 0
		WHERE tenant = $7 AND id = $8 AND revision = $9 AND records = $10`,
		next.Revision, next.Document, next.Checkpoint, micros(next.WakeAt), next.Boundary, next.Told.UnixMicro(),
		loaded.Tenant, loaded.ID, loaded.Revision, loaded.Records)
	if err != nil {
		return err
	}
	return tx.saved(ctx, next)
}

func (tx Tx) saved(ctx context.Context, r Row) error {
	return tx.one(ctx, fmt.Errorf("%w: subscription %q", ErrSetBack, r.ID),
		`INSERT INTO saves (tenant, subscription, revision, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		r.Tenant, r.ID, r.Revision, r.Told.UnixMicro())
}

// A Wake is something that is due: a boundary of a subscription, or an attempt to collect
// an invoice.
type Wake struct {
	Tenant, ID string
	Number     int // of the boundary, or of the attempt
	At         time.Time
}

func readWake(row scanner) (w Wake, err error) {
	var at *int64
	err = row.Scan(&w.Tenant, &w.ID, &w.Number, &at)
	w.At = instant(at)
	return w, err
}

// Due returns the subscriptions that are to be looked at by now, behind one of them, the
// longest waiting first.
func (s *Store) Due(ctx context.Context, now time.Time, behind Wake, limit int) ([]Wake, error) {
	return list(ctx, s, readWake, `SELECT tenant, id, boundary, wake_at FROM subscriptions
		WHERE wake_at <= $1 AND (wake_at, tenant, id) > ($2, $3, $4) ORDER BY wake_at, tenant, id LIMIT $5`,
		now.UnixMicro(), behind.At.UnixMicro(), behind.Tenant, behind.ID, limit)
}

// Collectable returns the invoices that are to be collected by now, as Due does.
func (s *Store) Collectable(ctx context.Context, now time.Time, behind Wake, limit int) ([]Wake, error) {
	return list(ctx, s, readWake, `SELECT tenant, id, attempts, wake_at FROM invoices
		WHERE wake_at <= $1 AND (wake_at, tenant, id) > ($2, $3, $4) ORDER BY wake_at, tenant, id LIMIT $5`,
		now.UnixMicro(), behind.At.UnixMicro(), behind.Tenant, behind.ID, limit)
}

// NextWake returns the earliest instant at which anything is due; zero if nothing ever is.
func (s *Store) NextWake(ctx context.Context) (time.Time, error) {
	return first(ctx, s, "", func(row scanner) (time.Time, error) {
		var a, b *int64
		err := row.Scan(&a, &b)
		at, other := instant(a), instant(b)
		if at.IsZero() || !other.IsZero() && other.Before(at) {
			at = other
		}
		return at, err
	}, `SELECT (SELECT min(wake_at) FROM subscriptions), (SELECT min(wake_at) FROM invoices)`)
}

// Record adds a record of usage, once, to the row for which it was judged, and tells all
// runs that have not seen it. It is false if the record came before.
func (tx Tx) Record(ctx context.Context, loaded Row, id string, r billing.Record, late bool) (bool, error) {
	document, err := json.Marshal(r)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO usage (tenant, subscription, id, metric, at, document) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, loaded.Tenant, loaded.ID, id, r.Metric, r.At.UnixMicro(), string(document))
	if err != nil || n == 0 {
		return false, err
	}
	one := 0
	if late {
		one = 1
	}
	return true, tx.one(ctx, ErrConflict, `UPDATE subscriptions SET records = records + 1, late = CASE WHEN $1 = 1 THEN 1 ELSE late END
		WHERE tenant = $2 AND id = $3 AND revision = $4`, one, loaded.Tenant, loaded.ID, loaded.Revision)
}

// WakeNow lets a subscription be looked at at an instant at the latest, and returns the wake.
func (tx Tx) WakeNow(ctx context.Context, loaded Row, at time.Time) (Wake, error) {
	w := Wake{loaded.Tenant, loaded.ID, loaded.Boundary + 1, at}
	return w, tx.one(ctx, ErrConflict, `UPDATE subscriptions SET wake_at = $1, boundary = $2 WHERE tenant = $3 AND id = $4 AND boundary = $5`,
		at.UnixMicro(), w.Number, w.Tenant, w.ID, loaded.Boundary)
}

// Usage returns the records of a subscription at or after an instant.
func (s *Store) Usage(ctx context.Context, tenant, id string, from time.Time) (billing.Usage, error) {
	return list(ctx, s, func(row scanner) (r billing.Record, err error) {
		var document string
		if err = row.Scan(&document); err == nil {
			err = json.Unmarshal([]byte(document), &r)
		}
		return r, err
	}, `SELECT document FROM usage WHERE tenant = $1 AND subscription = $2 AND at >= $3 ORDER BY at, id`, tenant, id, from.UnixMicro())
}

// Lines returns all that was billed of a subscription.
func (s *Store) Lines(ctx context.Context, tenant, id string) ([]billing.StoredLine, error) {
	return list(ctx, s, readLine, lineColumns+` ORDER BY invoice, id`, tenant, id)
}

// Adjustments returns those of them that the service made itself.
func (s *Store) Adjustments(ctx context.Context, tenant, id string) ([]billing.StoredLine, error) {
	return list(ctx, s, readLine, lineColumns+` AND adjusts = 1 ORDER BY invoice, id`, tenant, id)
}

const lineColumns = `SELECT id, corrects, adjusts, amount, currency FROM lines WHERE tenant = $1 AND subscription = $2`

func readLine(row scanner) (line billing.StoredLine, err error) {
	var own, of, code string
	var adjusts, minor int64
	if err := row.Scan(&own, &of, &adjusts, &minor, &code); err != nil {
		return line, err
	}
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return line, err
	}
	line.Adjusts, line.Amount = adjusts != 0, money.FromMinor(minor, currency)
	if line.ID, err = uuid.Parse(own); err == nil && of != "" {
		line.Of, err = uuid.Parse(of)
	}
	return line, err
}

// Use is what a subscription has used of a feature: the QuotaUsage; empty before the first.
func (s *Store) Use(ctx context.Context, tenant, id, feature string) (string, error) {
	document, err := first(ctx, s, "use", text, `SELECT document FROM uses WHERE tenant = $1 AND subscription = $2 AND feature = $3`, tenant, id, feature)
	if errors.Is(err, ErrUnknown) {
		return "", nil
	}
	return document, err
}

// HoldUse returns what Use does and keeps everybody else from it until the transaction
// ends. SQLite has one writer, which is this one.
func (tx Tx) HoldUse(ctx context.Context, tenant, id, feature string) (document string, err error) {
	statement := `SELECT document FROM uses WHERE tenant = $1 AND subscription = $2 AND feature = $3`
	if tx.PGX != nil {
		statement += ` FOR UPDATE`
	}
	if _, err := tx.Exec(ctx, `INSERT INTO uses (tenant, subscription, feature, document) VALUES ($1, $2, $3, '') ON CONFLICT DO NOTHING`,
		tenant, id, feature); err != nil {
		return "", err
	}
	err = tx.query(ctx, func(row scanner) error { return row.Scan(&document) }, statement, tenant, id, feature)
	return document, err
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
			was := ""
			err := tx.query(ctx, func(row scanner) error { return row.Scan(&was) },
				`SELECT asked FROM consumed WHERE tenant = $1 AND subscription = $2 AND key = $3`, tenant, id, key)
			if err == nil && was != asked {
				err = fmt.Errorf("%w: the key %q was used for %s", ErrExists, key, was)
			}
			return false, err
		}
	}
	return true, tx.one(ctx, ErrConflict, `UPDATE uses SET document = $1 WHERE tenant = $2 AND subscription = $3 AND feature = $4`, document, tenant, id, feature)
}
