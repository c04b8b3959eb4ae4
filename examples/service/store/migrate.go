package store

import (
	"context"
	"embed"
	"fmt"
	"strings"
)

//go:embed schema/*.sql
var schema embed.FS

// Schema is the latest migration. A new one is a new file: what was released is never edited.
const Schema = 1

// lock is the number of the advisory lock under which one process at a time migrates.
const lock = 0x9e7e_0019

// Migrate brings the tables up to date, and then runs also, which does the same for others'
// tables. Processes that start at once wait for one another. In SQLite it is all one
// transaction, which also must use; PostgreSQL's part of River's tables cannot be one.
func (s *Store) Migrate(ctx context.Context, also func(context.Context, Tx) error) error {
	if s.SQLite != nil {
		return s.Transact(ctx, func(tx Tx) error {
			if err := migrate(ctx, tx, strings.NewReplacer("SERIAL", "INTEGER PRIMARY KEY", "TXID", "BIGINT NOT NULL DEFAULT 0")); err != nil {
				return err
			}
			return also(ctx, tx)
		})
	}
	conn, err := s.Postgres.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return err
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lock) }()
	words := strings.NewReplacer("SERIAL", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "TXID", "BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)")
	if err := s.Transact(ctx, func(tx Tx) error { return migrate(ctx, tx, words) }); err != nil {
		return err
	}
	return also(ctx, Tx{})
}

func migrate(ctx context.Context, tx Tx, words *strings.Replacer) error {
	if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY)`); err != nil {
		return err
	}
	done, err := first(ctx, tx.conn, "", column[int], `SELECT coalesce(max(number), 0) FROM migrations`)
	if err != nil {
		return err
	}
	for n := done + 1; n <= Schema; n++ {
		file, err := schema.ReadFile(fmt.Sprintf("schema/%d.sql", n))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, words.Replace(string(file))); err != nil {
			return fmt.Errorf("store: migration %d: %w", n, err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO migrations (number) VALUES ($1)`, n); err != nil {
			return err
		}
	}
	return nil
}
