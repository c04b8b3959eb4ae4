package store

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"modernc.org/sqlite"
)

func openSQLite(file, more string, connections int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector("file:" + file +
		"?_pragma=busy_timeout(30000)&_pragma=journal_mode(wal)&_pragma=foreign_keys(1)&_pragma=synchronous(full)" + more)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(keeping{connector})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// keeping makes connections that keep their statements prepared, ours and River's: in SQLite
// parsing a statement costs several times as much as running it. Pgx does this by itself.
type keeping struct{ driver.Connector }

// maxKept is more than the service has statements; those beyond it are parsed each time.
const maxKept = 500

type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type keeper struct {
	connection
	kept map[string]driver.Stmt
}

// Connect implements driver.Connector.
func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &keeper{c.(connection), map[string]driver.Stmt{}}, nil
}

func (k *keeper) prepared(ctx context.Context, statement string) (driver.Stmt, error) {
	if s, ok := k.kept[statement]; ok {
		return s, nil
	}
	if len(k.kept) >= maxKept {
		return nil, driver.ErrSkip
	}
	s, err := k.PrepareContext(ctx, statement)
	if err == nil {
		k.kept[statement] = s
	}
	return s, err
}

// ExecContext implements driver.ExecerContext.
func (k *keeper) ExecContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Result, error) {
	s, err := k.prepared(ctx, statement)
	if err != nil {
		return nil, err
	}
	return s.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (k *keeper) QueryContext(ctx context.Context, statement string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := k.prepared(ctx, statement)
	if err != nil {
		return nil, err
	}
	return s.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// Close implements driver.Conn.
func (k *keeper) Close() error {
	for _, s := range k.kept {
		_ = s.Close()
	}
	return k.connection.Close()
}
