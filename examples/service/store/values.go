package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/perennial-billing/perennial/money"
)

// written are arguments as columns hold them: an instant as microseconds, and an id as text,
// NULL for the zero ones; an amount as minor units; a document as text, byte for byte.
func written(args []any) []any {
	for i, arg := range args {
		switch value := arg.(type) {
		case time.Time:
			args[i] = value.UnixMicro()
			if value.IsZero() {
				args[i] = nil
			}
		case money.Money:
			args[i] = value.Minor()
		case json.RawMessage:
			args[i] = string(value)
		case uuid.UUID:
			args[i] = value.String()
			if value == uuid.Nil {
				args[i] = nil
			}
		}
	}
	return args
}

// reading are targets that read what written wrote. An amount is read with its currency:
// total || ' ' || currency.
func reading(into []any) []any {
	for i, target := range into {
		switch value := target.(type) {
		case *time.Time:
			into[i] = (*instant)(value)
		case *money.Money:
			into[i] = (*amount)(value)
		case *json.RawMessage:
			into[i] = (*[]byte)(value)
		}
	}
	return into
}

type instant time.Time

// Scan implements sql.Scanner.
func (t *instant) Scan(column any) error {
	*t = instant{}
	if n, ok := column.(int64); ok {
		*t = instant(time.UnixMicro(n).UTC())
	}
	return nil
}

type amount money.Money

// Scan implements sql.Scanner.
func (m *amount) Scan(column any) error {
	minor, code, _ := strings.Cut(fmt.Sprint(column), " ")
	n, err := strconv.ParseInt(minor, 10, 64)
	if err != nil {
		return err
	}
	currency, err := money.ParseCurrency(code)
	*m = amount(money.FromMinor(n, currency))
	return err
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
