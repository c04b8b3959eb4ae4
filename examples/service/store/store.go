// Package store keeps what the service knows, in SQLite or in PostgreSQL. Its statements
// run on both alike. Every one of them names the tenant, but for the clock and for the
// search for what is due.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/perennial-billing/perennial/fault"
)

var (
	// ErrConflict says that somebody else has saved since a row was loaded: start again.
	ErrConflict = fault.New(fault.Conflict, "store: saved by somebody else since it was loaded")
	// ErrExists says that there is one of that id.
	ErrExists = fault.New(fault.Conflict, "store: it exists")
	// ErrUnknown says that this tenant has none of that id.
	ErrUnknown = fault.New(fault.Missing, "store: unknown")
	// ErrSetBack says that a row lies behind what was saved of it, as after a restore.
	ErrSetBack = fault.New(fault.Internal, "store: the row was set back to an older revision")
)

// A Store is the database.
type Store struct {
	SQLite   *sql.DB       // one connection, which writes; nil on PostgreSQL
	Postgres *pgxpool.Pool // nil on SQLite
	read     *sql.DB       // the connections that only read the SQLite file
}

// Open opens a PostgreSQL database, where the address is a URL or has a "=", or an SQLite
// file. SQLite allows one writer: it has one connection, whose transactions take the lock
// when they begin, and others only read.
func Open(ctx context.Context, address string) (*Store, error) {
	if strings.HasPrefix(address, "postgres") || strings.Contains(address, "=") {
		config, err := pgxpool.ParseConfig(address)
		if err != nil {
			return nil, fmt.Errorf("store: address: %w", err)
		}
		config.MaxConns = max(config.MaxConns, 24)
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			return nil, err
		}
		return &Store{Postgres: pool}, pool.Ping(ctx)
	}
	file := "file:" + address + "?_pragma=busy_timeout(30000)&_pragma=journal_mode(wal)&_pragma=foreign_keys(1)&_pragma=synchronous(normal)"
	write, err := sql.Open("sqlite", file+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", file+"&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	read.SetMaxOpenConns(8)
	return &Store{SQLite: write, read: read}, write.PingContext(ctx)
}

// Close closes the database.
func (s *Store) Close() {
	if s.Postgres != nil {
		s.Postgres.Close()
		return
	}
	_ = s.read.Close()
	_ = s.SQLite.Close()
}

// A Tx is an open transaction of one database or of the other.
type Tx struct {
	SQL *sql.Tx
	PGX pgx.Tx
}

// Transact runs a transaction that writes: all of it or, with an error, nothing.
func (s *Store) Transact(ctx context.Context, do func(Tx) error) error {
	var tx Tx
	var err error
	var commit, rollback func() error
	if s.Postgres != nil {
		tx.PGX, err = s.Postgres.Begin(ctx)
		commit = func() error { return tx.PGX.Commit(ctx) }
		rollback = func() error { return tx.PGX.Rollback(context.WithoutCancel(ctx)) }
	} else {
		tx.SQL, err = s.SQLite.BeginTx(ctx, nil)
		commit = func() error { return tx.SQL.Commit() }
		rollback = func() error { return tx.SQL.Rollback() }
	}
	if err != nil {
		return err
	}
	defer func() { _ = rollback() }() // of what was not committed
	if err := do(tx); err != nil {
		return err
	}
	return commit()
}

// Exec runs a statement and returns how many rows it changed.
func (tx Tx) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	if tx.PGX != nil {
		tag, err := tx.PGX.Exec(ctx, statement, args...)
		return tag.RowsAffected(), err
	}
	result, err := tx.SQL.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// one runs a statement that must change one row, and returns otherwise if it does not.
func (tx Tx) one(ctx context.Context, otherwise error, statement string, args ...any) error {
	n, err := tx.Exec(ctx, statement, args...)
	if err == nil && n != 1 {
		return otherwise
	}
	return err
}

// A scanner is a row of a result.
type scanner interface{ Scan(into ...any) error }

// query calls scan with each row that a statement finds.
func (tx Tx) query(ctx context.Context, scan func(scanner) error, statement string, args ...any) error {
	if tx.PGX != nil {
		rows, err := tx.PGX.Query(ctx, statement, args...)
		return each(rows, err, scan, func() error { rows.Close(); return nil })
	}
	rows, err := tx.SQL.QueryContext(ctx, statement, args...)
	return each(rows, err, scan, func() error { return rows.Close() })
}

// query is Tx.query outside of a transaction.
func (s *Store) query(ctx context.Context, scan func(scanner) error, statement string, args ...any) error {
	if s.Postgres != nil {
		rows, err := s.Postgres.Query(ctx, statement, args...)
		return each(rows, err, scan, func() error { rows.Close(); return nil })
	}
	rows, err := s.read.QueryContext(ctx, statement, args...)
	return each(rows, err, scan, func() error { return rows.Close() })
}

func each(rows interface {
	scanner
	Next() bool
	Err() error
}, err error, scan func(scanner) error, done func() error,
) error {
	if err != nil {
		return err
	}
	defer func() { _ = done() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list returns what a statement finds, each row as read makes it.
func list[T any](ctx context.Context, s *Store, read func(scanner) (T, error), statement string, args ...any) ([]T, error) {
	var all []T
	err := s.query(ctx, func(row scanner) error {
		next, err := read(row)
		all = append(all, next)
		return err
	}, statement, args...)
	return all, err
}

// first returns the only row that a statement finds, or ErrUnknown.
func first[T any](ctx context.Context, s *Store, what string, read func(scanner) (T, error), statement string, args ...any) (T, error) {
	all, err := list(ctx, s, read, statement, args...)
	if err == nil && len(all) == 0 {
		var none T
		return none, fmt.Errorf("%w %s", ErrUnknown, what)
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

func text(row scanner) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}

func number(row scanner) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

// duplicate reports that a key is there already.
func duplicate(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE)
}

// micros is how an instant is written; NULL for the zero one.
func micros(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	n := t.UnixMicro()
	return &n
}

// instant reads what micros wrote.
func instant(n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return time.UnixMicro(*n).UTC()
}
