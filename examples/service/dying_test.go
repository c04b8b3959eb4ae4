package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/lib/pq"
	"modernc.org/sqlite"
)

// The drivers "dying-sqlite" and "dying-postgres" are the real ones, but before and after
// each call of the database the process may die.
func init() {
	sql.Register("dying-sqlite", dyingDriver{&sqlite.Driver{}})
	sql.Register("dying-postgres", dyingDriver{&pq.Driver{}})
}

// left is after how many steps the process dies; it lives where it is not positive.
var left atomic.Int64

func step() {
	if left.Add(-1) == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way
	}
}

type dyingDriver struct{ driver.Driver }

func (d dyingDriver) Open(name string) (driver.Conn, error) {
	conn, err := d.Driver.Open(name)
	return dyingConn{conn}, err
}

type dyingConn struct{ driver.Conn }

func (c dyingConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	step()
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, options)
	return dyingTx{tx}, err
}

func (c dyingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	step()
	defer step()
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c dyingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	step()
	defer step()
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

type dyingTx struct{ driver.Tx }

func (t dyingTx) Commit() error {
	step()
	defer step()
	return t.Tx.Commit()
}
