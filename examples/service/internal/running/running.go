// Package running starts the service for tests, on each database that is there.
package running

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/jobs"
	"github.com/perennial-billing/perennial/examples/service/store"
)

// Databases returns the address of a new database of each kind: of SQLite, and of
// PostgreSQL where PERENNIAL_POSTGRES says how to reach a server.
func Databases(t testing.TB) map[string]string {
	all := map[string]string{"SQLite": filepath.Join(t.TempDir(), "service.db")}
	if server := os.Getenv("PERENNIAL_POSTGRES"); server != "" {
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, server)
		require.NoError(t, err)
		name := "service_" + strings.ReplaceAll(uuid.NewString(), "-", "")
		_, err = conn.Exec(ctx, "CREATE DATABASE "+name)
		require.NoError(t, err)
		t.Cleanup(func() {
			_, _ = conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
			_ = conn.Close(ctx)
		})
		all["PostgreSQL"] = server + " dbname=" + name
	}
	return all
}

// Each runs a test on each database.
func Each(t *testing.T, test func(t *testing.T, address string)) {
	for name, address := range Databases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, address)
		})
	}
}

// A Service is one that runs.
type Service struct {
	*app.App
	Runner *jobs.Runner
	Key    string // of tenant "one"
}

// Begin is the test clock at first.
var Begin = time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC)

// Tenant is the tenant of tests.
const Tenant = "one"

// Open opens a database with a tenant that has a catalog and a customer, "acme". Its workers do
// not run yet.
func Open(t testing.TB, address, catalog string) *Service {
	ctx := context.Background()
	db, err := store.Open(ctx, address)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	s := &Service{App: &app.App{Store: db, Gateway: app.FakeGateway{}, TestClock: true}}
	s.Runner, err = jobs.Open(ctx, s.App, jobs.Options{Logger: slog.New(slog.DiscardHandler), SweepEvery: time.Second})
	require.NoError(t, err)
	if all, err := db.Tenants(ctx); err != nil || len(all) > 0 {
		require.NoError(t, err)
		return s
	}
	s.Key = s.AddTenant(t, Tenant, catalog)
	return s
}

// AddTenant adds a tenant with a catalog and the customer "acme", and returns its key.
func (s *Service) AddTenant(t testing.TB, name, catalog string) string {
	ctx := context.Background()
	key, err := s.App.AddTenant(ctx, name)
	require.NoError(t, err)
	require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error {
		if now, _, err := s.Store.Clock(ctx); err == nil && now.IsZero() {
			if err := tx.SetClock(ctx, Begin, Begin); err != nil {
				return err
			}
		}
		return tx.PutCustomer(ctx, name, store.Customer{ID: "acme", Name: "Acme", Card: app.CardPays})
	}))
	require.NoError(t, s.AddCatalog(ctx, name, []byte(catalog)))
	return key
}

// Start starts the workers, until the test ends.
func (s *Service) Start(t testing.TB) {
	ctx, cancel := context.WithCancel(context.Background())
	require.NoError(t, s.Runner.Start(ctx))
	t.Cleanup(func() {
		stopping, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		_ = s.Runner.Stop(stopping)
		cancel()
	})
}

// Move moves the clock, and waits until it is there and nothing is due.
func (s *Service) Move(t testing.TB, to time.Time) {
	ctx := context.Background()
	require.NoError(t, s.MoveClock(ctx, to))
	require.Eventually(t, func() bool {
		now, _, err := s.Store.Clock(ctx)
		a, b, c, failed := s.Store.Waiting(ctx, to)
		return err == nil && failed == nil && now.Equal(to) && a+b+c == 0
	}, 50*time.Second, 20*time.Millisecond)
}

// Team is a catalog: a fee for each seat, in advance; calls, afterwards; and features.
const Team = `{"plans": [
	{"plan": {"id": "team", "version": 1, "currency": "EUR", "every": "P1M", "policy": {"change_credit": "prorate"},
		"charges": [{"id": "seats", "name": "Seats", "price": {"model": "per_unit", "unit_amount": "31"}},
			{"id": "calls", "name": "Calls", "metric": "calls", "price": {"model": "per_unit", "unit_amount": "0.02"}}],
		"features": {"scans": {"kind": "allowance", "limit": "50", "window": "billing_period"}, "sso": {"kind": "switch"},
			"requests": {"kind": "allowance", "limit": "1", "window": "billing_period", "overage": "rate", "metric": "calls"}}}},
	{"plan": {"id": "solo", "version": 1, "currency": "EUR", "every": "P1M",
		"charges": [{"id": "fee", "price": {"model": "flat_fee", "amount": "9"}}]}}
]}`

// Sub is a document of a subscription that begins at Begin.
func Sub(id, plan string, seats int) []byte {
	return fmt.Appendf(nil, `{"format": 1, "id": %q, "plan": %q, "start": "2026-01-31T09:00:00Z", "quantity": "%d"}`, id, plan, seats)
}
