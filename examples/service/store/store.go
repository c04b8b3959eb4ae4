// Package store keeps what the service knows, in SQLite or in PostgreSQL. Its statements
// run on both alike. Every one of them names the tenant, but for the clock and for the
// search for what is due.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

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
	conn                   // reads
}

// Open opens a PostgreSQL database, where the address is a URL or has a "=", or an SQLite
// file. SQLite allows one writer: it has one connection, whose transactions take the lock
// when they begin, and others only read. A commit is on the disk when it returns.
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
		return &Store{Postgres: pool, conn: conn{pg: pool}}, pool.Ping(ctx)
	}
	write, err := openSQLite(address, "&_txlock=immediate", 1)
	if err != nil {
		return nil, err
	}
	read, err := openSQLite(address, "&_pragma=query_only(1)", 8)
	if err != nil {
		return nil, err
	}
	return &Store{SQLite: write, read: read, conn: conn{lite: read}}, write.PingContext(ctx)
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
	conn
}

// Transact runs a transaction that writes: all of it or, with an error, nothing.
func (s *Store) Transact(ctx context.Context, do func(Tx) error) error {
	if s.Postgres != nil {
		return pgx.BeginFunc(ctx, s.Postgres, func(tx pgx.Tx) error { return do(Tx{PGX: tx, conn: conn{pg: tx}}) })
	}
	tx, err := s.SQLite.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // of what was not committed
	if err := do(Tx{SQL: tx, conn: conn{lite: tx}}); err != nil {
		return err
	}
	return tx.Commit()
}

// A conn runs statements on one database or on the other, in a transaction or outside.
type conn struct {
	pg interface {
		Exec(ctx context.Context, statement string, args ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, statement string, args ...any) (pgx.Rows, error)
	}
	lite interface {
		ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, statement string, args ...any) (*sql.Rows, error)
	}
}

// Exec runs a statement and returns how many rows it changed.
func (c conn) Exec(ctx context.Context, statement string, args ...any) (int64, error) {
	if c.pg != nil {
		tag, err := c.pg.Exec(ctx, statement, written(args)...)
		return tag.RowsAffected(), err
	}
	result, err := c.lite.ExecContext(ctx, statement, written(args)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// one runs a statement that must change one row, and returns otherwise if it does not.
func (c conn) one(ctx context.Context, otherwise error, statement string, args ...any) error {
	n, err := c.Exec(ctx, statement, args...)
	if err == nil && n != 1 {
		return otherwise
	}
	return err
}

// A Scan reads the columns of a row.
type Scan func(into ...any) error

// Query calls read with each row that a statement finds.
func (c conn) Query(ctx context.Context, read func(Scan) error, statement string, args ...any) error {
	var rows interface {
		Next() bool
		Scan(into ...any) error
		Err() error
	}
	if c.pg != nil {
		found, err := c.pg.Query(ctx, statement, written(args)...)
		if err != nil {
			return err
		}
		defer found.Close()
		rows = found
	} else {
		found, err := c.lite.QueryContext(ctx, statement, written(args)...)
		if err != nil {
			return err
		}
		defer func() { _ = found.Close() }()
		rows = found
	}
	for rows.Next() {
		if err := read(func(into ...any) error { return rows.Scan(reading(into)...) }); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list returns what a statement finds, each row as read makes it.
func list[T any](ctx context.Context, c conn, read func(Scan) (T, error), statement string, args ...any) ([]T, error) {
	all := []T{} // in JSON a list, also without rows
	err := c.Query(ctx, func(scan Scan) error {
		next, err := read(scan)
		all = append(all, next)
		return err
	}, statement, args...)
	return all, err
}

// first returns the first row that a statement finds, or ErrUnknown.
func first[T any](ctx context.Context, c conn, what string, read func(Scan) (T, error), statement string, args ...any) (T, error) {
	all, err := list(ctx, c, read, statement, args...)
	if err == nil && len(all) > 0 {
		return all[0], nil
	}
	var none T
	if err == nil {
		err = fmt.Errorf("%w %s", ErrUnknown, what)
	}
	return none, err
}

// fields reads a row into the fields of a struct, in their order, as pgx.RowToStructByPos
// does; those without a column are tagged so.
func fields[T any](scan Scan) (value T, err error) {
	row := reflect.ValueOf(&value).Elem()
	var into []any
	for i := range row.NumField() {
		if row.Type().Field(i).Tag.Get("column") != "none" {
			into = append(into, row.Field(i).Addr().Interface())
		}
	}
	err = scan(into...)
	return value, err
}

// column reads a row of one column.
func column[T any](scan Scan) (value T, err error) {
	err = scan(&value)
	return value, err
}

// optional is the value that first has found; without one the zero value, which is no error.
func optional[T any](value T, err error) (T, error) {
	if errors.Is(err, ErrUnknown) {
		return value, nil
	}
	return value, err
}
