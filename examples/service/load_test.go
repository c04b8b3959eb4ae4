package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/api"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/internal/running"
	"github.com/perennial-billing/perennial/examples/service/jobs"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/money"
)

// The load tests print the tables of docs/performance.md; scripts/load.sh runs them. They
// assert what was done and never how fast.
func load(t *testing.T) {
	if os.Getenv("PERENNIAL_LOAD") == "" {
		t.Skip("it takes minutes, and asserts nothing: scripts/load.sh")
	}
}

// constant is a renewal without the engine: the same reads, and the same writes with a
// document that is always the same.
func constant(s *running.Service, document json.RawMessage) func(context.Context, store.Wake, func(store.Tx) error) error {
	return func(ctx context.Context, due store.Wake, done func(store.Tx) error) error {
		row, err := s.Store.Load(ctx, due.Tenant, due.ID)
		if err != nil {
			return err
		}
		if row.Boundary != due.Number {
			return s.Store.Transact(ctx, done)
		}
		next := row
		next.Revision, next.Boundary, next.WakeAt, next.Told = row.Revision+1, row.Boundary+1, row.WakeAt.AddDate(0, 1, 0), due.At
		nine := money.MustParse("9.00 EUR")
		p := store.Posting{
			Subscription: due.ID, ID: uuid.New(), Topic: "invoice", Dated: due.At, Total: nine, Left: nine, Document: document,
			Lines: []billing.StoredLine{{ID: uuid.New(), Amount: nine}},
		}
		return s.Store.Transact(ctx, func(tx store.Tx) error {
			if err := tx.Save(ctx, row, next); err != nil {
				return err
			}
			if err := tx.Post(ctx, due.Tenant, p); err != nil {
				return err
			}
			for _, topic := range []string{"invoice.created", "subscription.renewed"} {
				if _, err := tx.Tell(ctx, due.Tenant, store.Event{ID: uuid.NewString(), Topic: topic, Subscription: due.ID, At: due.At, Body: string(document)}); err != nil {
					return err
				}
			}
			return done(tx)
		})
	}
}

// Each way of renewing has a database of its own. They take turns, a month each, and the best
// turn of each counts: whatever else the machine does then disturbs all of them.
func TestLoadRenewals(t *testing.T) {
	load(t)
	ctx := context.Background()
	n, turns := setting("PERENNIAL_RENEWALS", 1000), setting("PERENNIAL_TURNS", 5)
	ways := []string{"nothing", "constant", "engine"}
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		services, best := map[string]*running.Service{}, map[string]float64{}
		for _, way := range ways {
			address, ok := running.Databases(t)[database]
			if !ok {
				break
			}
			s := running.Open(t, address, monthly)
			require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error {
				return tx.PutCustomer(ctx, running.Tenant, store.Customer{ID: "acme", Name: "Acme"}) // who transfers: nothing is collected
			}))
			for i := range n {
				_, err := s.Subscribe(ctx, running.Tenant, "acme", fee(fmt.Sprintf("s-%d", i), "UTC"))
				require.NoError(t, err)
			}
			services[way] = s
		}
		for turn := range turns {
			for way, s := range services {
				rate := renewed(t, s, way, n, time.Date(2026, time.Month(turn+2), 20, 0, 0, 0, 0, time.UTC))
				best[way] = max(best[way], rate)
			}
		}
		if len(services) > 0 {
			fmt.Printf("| %s | %.0f | %.0f | %.0f | %.2f | %.2f |\n", database, best["engine"], best["constant"], best["nothing"],
				best["engine"]/best["constant"], best["engine"]/best["nothing"])
		}
	}
}

// renewed renews all that is due by an instant in one way, and returns how many a second.
func renewed(t *testing.T, s *running.Service, way string, n int, by time.Time) float64 {
	ctx := context.Background()
	made, err := s.Store.Invoices(ctx, running.Tenant, "s-0", 1)
	require.NoError(t, err)
	o := jobs.Options{Logger: slog.New(slog.DiscardHandler), SweepEvery: time.Hour}
	switch way {
	case "nothing":
		o.Renew = func(ctx context.Context, due store.Wake, done func(store.Tx) error) error {
			return s.Store.Transact(ctx, done)
		}
	case "constant":
		o.Renew = constant(s, made[0].Document)
	}
	r, err := jobs.Open(ctx, s.App, o)
	require.NoError(t, err)
	require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error { return tx.SetClock(ctx, by, by) }))
	left := func() (left int64) {
		all, err := s.Store.Jobs(ctx)
		require.NoError(t, err)
		for _, j := range all {
			if j.Kind == string(app.Renewal) && j.State != "completed" {
				left += j.Count
			}
		}
		return left
	}
	require.NoError(t, s.Sweep(ctx))
	require.EqualValues(t, n, left())
	began := time.Now()
	require.NoError(t, r.Start(ctx))
	require.True(t, waited(5*time.Minute, func() bool { return left() == 0 }))
	rate := float64(n) / time.Since(began).Seconds()
	require.NoError(t, r.Stop(ctx))
	return rate
}

// serveChecks is a server in a process of its own, whose processor time is measured.
func serveChecks(address string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	db, err := store.Open(ctx, address)
	if err != nil {
		return err
	}
	defer db.Close()
	a := &app.App{Store: db, TestClock: true}
	mux := http.NewServeMux()
	log := slog.New(slog.DiscardHandler)
	api.Bind(mux, a, log)
	mux.HandleFunc("GET /constant", func(w http.ResponseWriter, r *http.Request) { // the same reads, and no engine
		tenant, err := db.KeyOf(r.Context(), app.HashKey(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")))
		if err == nil {
			_, err = db.Load(r.Context(), tenant, "s")
		}
		if err == nil {
			_, err = db.Use(r.Context(), tenant, "s", "scans")
		}
		if err != nil {
			w.WriteHeader(500)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintln(w, `{"allowed":true,"why":"within_limit","used":"0","remaining":"50","resets_at":"2026-02-28T09:00:00Z"}`)
	})
	server := &http.Server{Addr: os.Getenv("PERENNIAL_LISTEN"), Handler: api.Watch(mux, a, log)}
	go func() { <-ctx.Done(); _ = server.Close() }()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func TestLoadChecks(t *testing.T) {
	load(t)
	n := setting("PERENNIAL_CHECKS", 20_000)
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		address, ok := running.Databases(t)[database]
		if !ok {
			continue
		}
		ctx := context.Background()
		s := running.Open(t, address, running.Team)
		_, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "team@1", 1))
		require.NoError(t, err)
		for i := range 5 {
			verb, err := s.Verb(ctx, running.Tenant, "change", "", fmt.Appendf(nil, `{"when": "now", "charge": "seats", "quantity": "%d"}`, i+2))
			require.NoError(t, err)
			_, err = s.Do(ctx, running.Tenant, "s", "", verb)
			require.NoError(t, err)
		}
		type figures struct{ spent, p99 time.Duration }
		got := map[string]figures{}
		for _, path := range []string{"/healthz", "/constant", "/v1/subscriptions/s/entitlements/scans?amount=1"} {
			listen := fmt.Sprintf("127.0.0.1:%d", 20_000+os.Getpid()%20_000)
			cmd := start(t, address, "", "PERENNIAL_LISTEN="+listen)
			require.True(t, waited(20*time.Second, func() bool {
				r, err := http.Get("http://" + listen + "/healthz")
				if err == nil {
					_ = r.Body.Close()
				}
				return err == nil
			}))
			requests := n
			if path == "/healthz" {
				requests = 1 // what a process costs that is asked nothing
			}
			var took []time.Duration
			var lock sync.Mutex
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					client := &http.Client{Transport: &http.Transport{}}
					for range requests / 8 {
						began := time.Now()
						r, _ := http.NewRequest("GET", "http://"+listen+path, nil)
						r.Header.Set("Authorization", "Bearer "+s.Key)
						response, err := client.Do(r)
						if err != nil || response.StatusCode != 200 {
							t.Error(err)
							return
						}
						_, _ = io.Copy(io.Discard, response.Body)
						_ = response.Body.Close()
						lock.Lock()
						took = append(took, time.Since(began))
						lock.Unlock()
					}
				})
			}
			group.Wait()
			require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
			require.NoError(t, cmd.Wait())
			f := figures{spent: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
			if slices.Sort(took); len(took) > 0 {
				f.p99 = took[len(took)*99/100]
			}
			got[path] = f
		}
		idle := got["/healthz"].spent
		constant, check := got["/constant"], got["/v1/subscriptions/s/entitlements/scans?amount=1"]
		each := func(f figures) time.Duration { return ((f.spent - idle) / time.Duration(n)).Round(time.Microsecond) }
		fmt.Printf("| %s | %s | %s | %.2f | %s |\n", database, each(check), each(constant), float64(constant.spent-idle)/float64(check.spent-idle), check.p99.Round(10*time.Microsecond))
	}
}

func TestLoadScan(t *testing.T) {
	load(t)
	address, ok := running.Databases(t)["PostgreSQL"]
	if !ok {
		t.Skip("PostgreSQL is not there")
	}
	ctx := context.Background()
	s := running.Open(t, address, monthly)
	first, err := s.Subscribe(ctx, running.Tenant, "acme", fee("s", "UTC"))
	require.NoError(t, err)
	have := 1
	for _, want := range []int{10_000, setting("PERENNIAL_ROWS", 1_000_000)} {
		_, err := s.Store.Postgres.Exec(ctx, `INSERT INTO subscriptions (tenant, id, customer, revision, document, checkpoint, wake_at, boundary, told)
			SELECT tenant, 's-' || n, customer, revision, document, checkpoint, wake_at + n * 1000000, boundary, told FROM subscriptions, generate_series($1::bigint, $2::bigint) n WHERE id = 's'`,
			have, want-1)
		require.NoError(t, err)
		have = want
		_, err = s.Store.Postgres.Exec(ctx, `VACUUM ANALYZE subscriptions`)
		require.NoError(t, err)
		var took []time.Duration
		for range 21 {
			began := time.Now()
			found, err := s.Store.Due(ctx, first.Row.WakeAt.AddDate(1, 0, 0), store.Wake{At: time.Unix(0, 0)}, 1000)
			require.NoError(t, err)
			require.Len(t, found, 1000)
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		var size int64
		require.NoError(t, s.Store.Postgres.QueryRow(ctx, `SELECT pg_total_relation_size('subscriptions')`).Scan(&size))
		fmt.Printf("| %d | %s | %d |\n", want, took[len(took)/2].Round(10*time.Microsecond), size/int64(want))
	}
}
