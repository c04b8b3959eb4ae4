#!/usr/bin/env bash
# modernc.org/sqlite v1.62.0 binds a time.Time as what its String method prints.
#
# A column that holds such texts cannot be compared: of one instant in two zones the texts
# differ, so `WHERE wake_at <= ?` does not find a row that is due, and SQLite's own
# datetime() returns NULL for it. The option _time_format=sqlite writes another text,
# with the offset it was given. Store UTC instants as integers (microseconds) or as texts
# of one form that the service writes itself.
#
# Seen: the output below. Fails if that changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'EOF'
module finding

go 1.26

require modernc.org/sqlite v1.62.0
EOF
cat >main.go <<'EOF'
package main

import (
	"database/sql"
	"fmt"
	"log"
	"time"

	_ "modernc.org/sqlite"
)

func main() {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	due := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	if _, err := db.Exec("create table jobs (name text, wake_at timestamp)"); err != nil {
		log.Fatal(err)
	}
	for name, at := range map[string]time.Time{"utc": due, "zoned": due.In(time.FixedZone("CET", 3600))} {
		if _, err := db.Exec("insert into jobs values (?, ?)", name, at); err != nil {
			log.Fatal(err)
		}
	}
	rows, err := db.Query("select name, cast(wake_at as text), datetime(wake_at), wake_at <= ? from jobs order by name", due)
	if err != nil {
		log.Fatal(err)
	}
	for rows.Next() {
		var name, text string
		var understood sql.NullString
		var found bool
		if err := rows.Scan(&name, &text, &understood, &found); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: stored %q, datetime() %v, due %v\n", name, text, understood.Valid, found)
	}
}
EOF
go mod tidy >/dev/null 2>&1
got=$(go run .)
want='utc: stored "2026-02-01 00:00:00 +0000 UTC", datetime() false, due true
zoned: stored "2026-02-01 01:00:00 +0100 CET", datetime() false, due false'
echo "$got"
[ "$got" = "$want" ] || { echo "changed: expected" >&2; echo "$want" >&2; exit 1; }
