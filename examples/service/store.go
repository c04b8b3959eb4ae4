package main

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	_ "github.com/lib/pq"
	"github.com/shopspring/decimal"
	_ "modernc.org/sqlite"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

//go:embed schema
var schema embed.FS

var (
	errConflict = fault.New(fault.Conflict, "service: saved by somebody else since it was loaded")
	errExists   = fault.New(fault.Conflict, "service: the subscription exists")
	errUnknown  = fault.New(fault.Missing, "service: unknown subscription")
)

// A store is the database. Its statements run on SQLite and on PostgreSQL alike.
type store struct {
	db       *sql.DB
	postgres bool
}

// openSQLite opens a file. Transactions take the lock for writing when they begin, and wait
// for it.
func openSQLite(driver, file string) (*store, error) {
	db, err := sql.Open(driver, "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(30000)&_pragma=journal_mode(wal)&_pragma=foreign_keys(1)")
	return &store{db: db}, err
}

func openPostgres(driver, address string) (*store, error) {
	db, err := sql.Open(driver, address)
	return &store{db: db, postgres: true}, err
}

// create makes the tables.
func (s *store) create(ctx context.Context) error {
	name := "schema/sqlite.sql"
	if s.postgres {
		name = "schema/postgres.sql"
	}
	text, err := schema.ReadFile(name)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, string(text))
	return err
}

// A row is what is kept of a subscription, and the three numbers that are its lock.
type row struct {
	id                         subscription.ID
	version, revision, records int
	late                       bool // usage came in of what was billed
	document, checkpoint       string
	wakeAt                     time.Time // zero: never
}

// load returns a row.
func (s *store) load(ctx context.Context, id subscription.ID) (row, error) {
	r := row{id: id}
	err := s.db.QueryRowContext(ctx, `SELECT version, revision, records, late, document, checkpoint FROM subscriptions WHERE id = $1`, id).
		Scan(&r.version, &r.revision, &r.records, &r.late, &r.document, &r.checkpoint)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fmt.Errorf("%w: %q", errUnknown, id)
	}
	return r, err
}

// insert adds the row of a new subscription.
func (s *store) insert(ctx context.Context, tenant string, r row, made []posting) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		err := one(errExists)(tx.ExecContext(ctx, `INSERT INTO subscriptions (id, tenant, version, revision, document, checkpoint, wake_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
			r.id, tenant, r.version, r.revision, r.document, r.checkpoint, s.instant(r.wakeAt)))
		if err != nil {
			return err
		}
		return s.post(ctx, tx, r.id, made)
	})
}

// save replaces the row that was loaded, if it is still that one, and adds what was made
// with it: all or nothing.
func (s *store) save(ctx context.Context, loaded, next row, made []posting) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		err := one(errConflict)(tx.ExecContext(ctx, `UPDATE subscriptions
			SET version = $1, revision = $2, document = $3, checkpoint = $4, wake_at = $5, late = FALSE, failures = 0, failure = ''
			WHERE id = $6 AND version = $7 AND revision = $8 AND records = $9`,
			next.version, next.revision, next.document, next.checkpoint, s.instant(next.wakeAt),
			loaded.id, loaded.version, loaded.revision, loaded.records))
		if err != nil {
			return err
		}
		return s.post(ctx, tx, loaded.id, made)
	})
}

// post adds what was billed, and tells others.
func (s *store) post(ctx context.Context, tx *sql.Tx, id subscription.ID, made []posting) error {
	for _, p := range made {
		_, err := tx.ExecContext(ctx, `INSERT INTO invoices (id, subscription, dated, currency, total, credit_applied, amount_due, refund, document)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, p.id, id, s.instant(p.dated), p.total.Currency().String(),
			p.total.Minor(), p.creditApplied.Minor(), p.amountDue.Minor(), p.refund.Minor(), string(p.document))
		if err != nil {
			return err
		}
		for _, line := range p.lines {
			corrects := uuid.NullUUID{UUID: line.Of, Valid: line.Of != uuid.Nil}
			_, err := tx.ExecContext(ctx, `INSERT INTO lines (invoice, id, subscription, corrects, adjusts, amount, currency)
				VALUES ($1, $2, $3, $4, $5, $6, $7)`, p.id, line.ID, id, corrects, line.Adjusts, line.Amount.Minor(), line.Amount.Currency().String())
			if err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO outbox (topic, key, body) VALUES ($1, $2, $3)`, p.topic, p.id, string(p.document)); err != nil {
			return err
		}
	}
	return nil
}

// lines returns all that was billed of a subscription.
func (s *store) lines(ctx context.Context, id subscription.ID) ([]billing.StoredLine, error) {
	var all []billing.StoredLine
	err := s.each(ctx, func(rows *sql.Rows) error {
		var line billing.StoredLine
		var of uuid.NullUUID
		var minor int64
		var code string
		if err := rows.Scan(&line.ID, &of, &line.Adjusts, &minor, &code); err != nil {
			return err
		}
		currency, err := money.ParseCurrency(code)
		line.Of, line.Amount = of.UUID, money.FromMinor(minor, currency)
		all = append(all, line)
		return err
	}, `SELECT id, corrects, adjusts, amount, currency FROM lines WHERE subscription = $1 ORDER BY invoice, id`, id)
	return all, err
}

// usage returns the records at or after an instant.
func (s *store) usage(ctx context.Context, id subscription.ID, from time.Time) (billing.Usage, error) {
	var all billing.Usage
	err := s.each(ctx, func(rows *sql.Rows) error {
		var r billing.Record
		var at instant
		var quantity string
		if err := rows.Scan(&r.Metric, &at, &quantity, &r.Key); err != nil {
			return err
		}
		var err error
		r.At = at.Time
		r.Quantity, err = decimal.NewFromString(quantity)
		all = append(all, r)
		return err
	}, `SELECT metric, used_at, quantity, key FROM usage WHERE subscription = $1 AND used_at >= $2 ORDER BY used_at, id`, id, s.instant(from))
	return all, err
}

// record adds a record, once, to the row for which it was judged, and tells all runs that
// have not seen it.
func (s *store) record(ctx context.Context, loaded row, key string, r billing.Record, late bool, now time.Time) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `INSERT INTO usage (subscription, id, metric, used_at, quantity, key)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, loaded.id, key, r.Metric, s.instant(r.At), r.Quantity.String(), r.Key)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err // it came before
		}
		err = one(errConflict)(tx.ExecContext(ctx, `UPDATE subscriptions SET records = records + 1
			WHERE id = $1 AND version = $2 AND revision = $3`, loaded.id, loaded.version, loaded.revision))
		if err == nil && late {
			_, err = tx.ExecContext(ctx, `UPDATE subscriptions SET late = TRUE, wake_at = $1 WHERE id = $2`, s.instant(now), loaded.id)
		}
		return err
	})
}

// due returns who is to be looked at by now.
func (s *store) due(ctx context.Context, now time.Time) ([]subscription.ID, error) {
	var all []subscription.ID
	err := s.each(ctx, func(rows *sql.Rows) error {
		var id subscription.ID
		err := rows.Scan(&id)
		all = append(all, id)
		return err
	}, `SELECT id FROM subscriptions WHERE wake_at <= $1 ORDER BY wake_at LIMIT 100`, s.instant(now))
	return all, err
}

// postpone notes that a run failed, unless another has succeeded meanwhile.
func (s *store) postpone(ctx context.Context, id subscription.ID, now, until time.Time, why error) error {
	_, err := s.db.ExecContext(ctx, `UPDATE subscriptions SET wake_at = $1, failures = failures + 1, failure = $2
		WHERE id = $3 AND wake_at <= $4`, s.instant(until), why.Error(), id, s.instant(now))
	return err
}

func (s *store) transact(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // of what was not committed
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *store) each(ctx context.Context, do func(*sql.Rows) error, query string, args ...any) error {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one is the check that a statement changed exactly one row.
func one(otherwise error) func(sql.Result, error) error {
	return func(result sql.Result, err error) error {
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 1 {
			return err
		}
		return otherwise
	}
}

// instant is how an instant is written: SQLite keeps microseconds since 1970. NULL for the
// zero instant.
func (s *store) instant(t time.Time) any {
	switch {
	case t.IsZero():
		return nil
	case s.postgres:
		return t.UTC()
	}
	return t.UnixMicro()
}

// An instant reads what store.instant wrote.
type instant struct{ time.Time }

// Scan implements sql.Scanner.
func (i *instant) Scan(v any) error {
	switch v := v.(type) {
	case int64:
		i.Time = time.UnixMicro(v).UTC()
	case time.Time:
		i.Time = v.UTC()
	case nil:
		i.Time = time.Time{}
	default:
		return fmt.Errorf("service: not an instant: %T", v)
	}
	return nil
}
