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
// tables. Processes that start at once wait for one another.
func (s *Store) Migrate(ctx context.Context, also func(context.Context) error) error {
	if s.Postgres != nil {
		conn, err := s.Postgres.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
			return err
		}
		defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lock) }()
	}
	if err := s.Transact(ctx, s.migrate(ctx)); err != nil {
		return err
	}
	return also(ctx)
}

func (s *Store) migrate(ctx context.Context) func(Tx) error {
	words := strings.NewReplacer("SERIAL", "INTEGER PRIMARY KEY", "TXID", "BIGINT NOT NULL DEFAULT 0")
	if s.Postgres != nil {
		words = strings.NewReplacer("SERIAL", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
			"TXID", "BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)")
	}
	return func(tx Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY)`); err != nil {
			return err
		}
		var done int64
		if err := tx.query(ctx, func(row scanner) error { return row.Scan(&done) }, `SELECT coalesce(max(number), 0) FROM migrations`); err != nil {
			return err
		}
		for n := done + 1; n <= Schema; n++ {
			file, err := schema.ReadFile(fmt.Sprintf("schema/%d.sql", n))
			if err != nil {
				return err
			}
			for statement := range strings.SplitSeq(words.Replace(uncommented(string(file))), ";\n") {
				if strings.TrimSpace(statement) == "" {
					continue
				}
				if _, err := tx.Exec(ctx, statement); err != nil {
					return fmt.Errorf("store: migration %d: %w", n, err)
				}
			}
			if _, err := tx.Exec(ctx, `INSERT INTO migrations (number) VALUES ($1)`, n); err != nil {
				return err
			}
		}
		return nil
	}
}

// uncommented drops what stands behind "--": a comment may hold a semicolon.
func uncommented(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "--")
		out.WriteString(strings.TrimRight(code, " ") + "\n")
	}
	return out.String()
}
