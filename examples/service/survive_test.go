package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/internal/running"
	"github.com/perennial-billing/perennial/examples/service/jobs"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/money"
)

// The tests kill processes that work. Such a process is this test program, started again
// with PERENNIAL_WORKER, the address of the database.
func TestMain(m *testing.M) {
	if address := os.Getenv("PERENNIAL_WORKER"); address != "" {
		run := work
		if os.Getenv("PERENNIAL_LISTEN") != "" {
			run = serveChecks
		}
		if os.Getenv("PERENNIAL_FIRST") != "" {
			run = begin
		}
		if err := run(address); err != nil {
			fmt.Fprintln(os.Stderr, "worker:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// work runs jobs until it is killed. PERENNIAL_OWN_TIMES lets it run with the times of the
// service; otherwise a test sees sooner what becomes of what was left.
func work(address string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	o := jobs.Options{Workers: 8, Timeout: 2 * time.Second, RescueAfter: 3 * time.Second, SweepEvery: time.Second, Logger: slog.New(slog.DiscardHandler)}
	if os.Getenv("PERENNIAL_OWN_TIMES") != "" {
		o = jobs.Options{Logger: o.Logger}
	}
	db, err := store.Open(ctx, address)
	if err != nil {
		return err
	}
	defer db.Close()
	a := &app.App{Store: db, Gateway: remote(os.Getenv("PERENNIAL_GATEWAY")), TestClock: true}
	r, err := jobs.Open(ctx, a, o)
	if err != nil {
		return err
	}
	if err := r.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return r.Stop(ending)
}

// A remote is a gateway outside of the process: it is not killed with it.
type remote string

func (g remote) Charge(ctx context.Context, key, _ string, amount money.Money) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, string(g), strings.NewReader(key+" "+amount.String()))
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	reference, err := io.ReadAll(response.Body)
	return string(reference), err
}

// A world is what workers meet outside: the gateway and a webhook, which remember.
type world struct {
	sync.Mutex
	charged map[string]string // key -> amount
	told    map[string]int    // id of an event -> how often
}

func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.Lock()
	defer w.Unlock()
	if id := r.Header.Get("Webhook-Id"); id != "" {
		w.told[id]++
		return
	}
	body, _ := io.ReadAll(r.Body)
	key, amount, _ := strings.Cut(string(body), " ")
	w.charged[key] = amount
	fmt.Fprint(out, "ch_"+key)
}

// start starts a worker process.
func start(t *testing.T, address, gateway string, env ...string) *exec.Cmd {
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), append(env, "PERENNIAL_WORKER="+address, "PERENNIAL_GATEWAY="+gateway)...)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return cmd
}

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

const monthly = `{"plans": [{"plan": {"id": "fee", "version": 1, "currency": "EUR", "every": "P1M",
	"charges": [{"id": "fee", "price": {"model": "flat_fee", "amount": "9"}}]}}]}`

func fee(id, zone string) []byte {
	return fmt.Appendf(nil, `{"format": 1, "id": %q, "plan": "fee@1", "start": "2026-01-15T09:00:00Z", "time_zone": %q}`, id, zone)
}

// bound is how long a crash delays a job at most: see the README.
const bound = 75 * time.Second

// A watch follows the jobs that killed processes were at, until somebody else can take each. It
// counts from the last kill: one of the leader makes all wait again.
type watch struct {
	left    map[[2]int64]time.Time // id and attempt -> when a process was killed last
	longest time.Duration
}

// look notes which jobs are still nobody's. A database that is being started again is not asked.
func (w *watch) look(s *running.Service, killed bool) error {
	now, found := time.Now(), map[[2]int64]string{}
	if err := s.Store.Query(context.Background(), func(scan store.Scan) error {
		var job [2]int64
		var state string
		err := scan(&job[0], &job[1], &state)
		found[job] = state
		return err
	}, `SELECT id, attempt, CAST(state AS TEXT) FROM river_job WHERE state IN ('running', 'retryable', 'scheduled', 'discarded')`); err != nil {
		return nil
	}
	for job, since := range w.left {
		w.longest = max(w.longest, now.Sub(since))
		if found[job] == "" {
			delete(w.left, job)
		} else if now.Sub(since) > bound {
			return fmt.Errorf("job %d, left at attempt %d, is %s after %s", job[0], job[1], found[job], now.Sub(since))
		}
	}
	for job, state := range found {
		if _, known := w.left[job]; killed && (known || state == "running") {
			w.left[job] = now
		}
	}
	return nil
}

// Processes are killed with SIGKILL while they renew, collect and tell: every period has one
// invoice, every invoice one payment, every event was told, and no job is stuck for longer
// than the bound. The long form is scripts/survive.sh: PERENNIAL_KILLS, PERENNIAL_RENEWALS in
// PERENNIAL_MONTHS, and PERENNIAL_RESTART, a command that stops the database and starts it again.
func TestKilledProcessesLoseNothingAndDoNothingTwice(t *testing.T) {
	t.Parallel()
	kills, renewals := setting("PERENNIAL_KILLS", 3), setting("PERENNIAL_RENEWALS", 300)
	months := setting("PERENNIAL_MONTHS", 4)
	subscriptions := renewals / (months - 1)
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, monthly)
		outside := &world{charged: map[string]string{}, told: map[string]int{}}
		server := httptest.NewServer(outside)
		t.Cleanup(server.Close)
		require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error {
			if err := tx.SetWebhook(ctx, running.Tenant, store.Webhook{URL: server.URL, Secret: app.NewSecret()}); err != nil {
				return err
			}
			return tx.SetClock(ctx, time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC), running.Begin)
		}))
		for i := range subscriptions {
			_, err := s.Subscribe(ctx, running.Tenant, "acme", fee(fmt.Sprintf("s-%d", i), "UTC"))
			require.NoError(t, err)
		}
		end := time.Date(2026, time.Month(months), 20, 0, 0, 0, 0, time.UTC)
		require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error { return tx.SetClock(ctx, end, end) }))

		workers := []*exec.Cmd{start(t, address, server.URL)}
		if s.Store.Postgres != nil {
			workers = append(workers, start(t, address, server.URL))
		}
		w := &watch{left: map[[2]int64]time.Time{}}
		began := time.Now()
		// What is to be done of each invoice: itself, its payment, and three events that are told.
		whole, done := 5*subscriptions*months, 0
		until := func(limit time.Duration, so func() bool) {
			require.True(t, waited(limit, func() bool {
				require.NoError(t, w.look(s, false))
				_ = s.Store.Query(ctx, func(scan store.Scan) error { return scan(&done) }, `SELECT (SELECT count(*) FROM invoices)
					+ (SELECT count(*) FROM payments) + (SELECT count(*) FROM events WHERE delivered IS NOT NULL)`)
				return so()
			}), "%d of %d is done", done, whole)
		}
		first := subscriptions
		for kill := range kills {
			want := first + (kill+1)*(whole-first)/(kills+1)
			until(3*time.Minute, func() bool { return done >= want })
			victim := rand.IntN(len(workers))
			require.NoError(t, workers[victim].Process.Kill())
			_ = workers[victim].Wait()
			require.NoError(t, w.look(s, true))
			workers[victim] = start(t, address, server.URL)
			if command := os.Getenv("PERENNIAL_RESTART"); kill == kills/2 && command != "" && s.Store.Postgres != nil {
				out, err := exec.Command("sh", "-c", command).CombinedOutput()
				require.NoError(t, err, string(out))
			}
		}
		last := time.Now()
		until(3*time.Minute, func() bool {
			a, b, c, err := s.Store.Waiting(ctx, end)
			return err == nil && a+b+c == 0 && len(w.left) == 0 && done == whole
		})
		t.Logf("%d things done in %s; after the last kill nothing was due any more after %s, and the longest that a job was nobody's is %s",
			done, time.Since(began).Round(time.Second), time.Since(last).Round(time.Second), w.longest.Round(time.Second))
		require.Less(t, w.longest, bound)
		all, err := s.Store.Jobs(ctx)
		require.NoError(t, err)
		for _, j := range all {
			require.False(t, j.State == "discarded", "%+v", j)
		}

		var due []string
		for month := range months {
			due = append(due, fmt.Sprintf("2026-%02d-15 9.00 EUR", month+1))
		}
		outside.Lock()
		defer outside.Unlock()
		require.Len(t, outside.charged, subscriptions*months)
		for i := range subscriptions {
			id := fmt.Sprintf("s-%d", i)
			made, err := s.Store.Invoices(ctx, running.Tenant, id, 1000)
			require.NoError(t, err)
			var got []string
			for _, p := range made {
				got = append(got, p.Dated.Format(time.DateOnly)+" "+p.Total.String())
				require.Zero(t, p.Left.Minor())
				require.Equal(t, "9.00 EUR", outside.charged[running.Tenant+"/"+p.ID.String()+"/0"])
			}
			require.Equal(t, due, got)
			paid, err := s.Store.Payments(ctx, running.Tenant, id)
			require.NoError(t, err)
			require.Len(t, paid, months, "one payment an invoice")
		}
		var tx, number int64
		events := 0
		require.True(t, waited(time.Minute, func() bool { // the feed ends before what is older and not committed, even elsewhere
			feed, err := s.Store.Events(ctx, running.Tenant, tx, number, 1000)
			require.NoError(t, err)
			for _, e := range feed {
				require.Positive(t, outside.told[e.ID], "%s %s", e.Topic, e.ID)
				events, tx, number = events+1, e.Tx, e.Number
			}
			return events >= len(outside.told)
		}))
		require.Equal(t, events, len(outside.told))
	})
}

// waited waits until something is so, and reports whether it came to be.
func waited(limit time.Duration, so func() bool) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); {
		if so() {
			return true
		}
		time.Sleep(20 * time.Millisecond) // for another process
	}
	return false
}

// Two processes have different data for one zone, an hour apart. Each bills what is due by
// its own, and each period is billed once.
func TestTwoProcessesWithDifferentZoneDataBillOnce(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := running.Open(t, address, monthly)
		outside := &world{charged: map[string]string{}, told: map[string]int{}}
		server := httptest.NewServer(outside)
		t.Cleanup(server.Close)
		_, err := s.Subscribe(ctx, running.Tenant, "acme", fee("s", "America/Vancouver"))
		require.NoError(t, err)
		data := t.TempDir()
		for folder, like := range map[string]string{"one": "America/Los_Angeles", "other": "America/Denver"} {
			require.NoError(t, os.MkdirAll(filepath.Join(data, folder, "America"), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(data, folder, "America", "Vancouver"), zoneData(t, like), 0o600))
		}
		one := start(t, address, server.URL, "ZONEINFO="+filepath.Join(data, "one"))
		other := start(t, address, server.URL, "ZONEINFO="+filepath.Join(data, "other"))
		for month := time.February; month <= time.December; month++ {
			s.Move(t, time.Date(2026, month, 16, 0, 0, 0, 0, time.UTC))
		}
		for _, p := range []*exec.Cmd{one, other} {
			require.NoError(t, p.Process.Signal(syscall.SIGTERM))
			require.NoError(t, p.Wait())
		}
		made, err := s.Store.Invoices(ctx, running.Tenant, "s", 100)
		require.NoError(t, err)
		var months []time.Month
		total := int64(0)
		for _, p := range made {
			months = append(months, p.Dated.Month())
			total += p.Total.Minor()
		}
		require.Len(t, slices.Compact(months), 12, "%v", months)
		require.Len(t, made, 12)
		require.EqualValues(t, 12*900, total)
	})
}

// begin begins as the service does, and ends.
func begin(address string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, address)
	if err != nil {
		return err
	}
	defer db.Close()
	a := &app.App{Store: db, Gateway: app.FakeGateway{}, TestClock: true}
	if _, err := jobs.Open(ctx, a, jobs.Options{Logger: slog.New(slog.DiscardHandler)}); err != nil {
		return err
	}
	_, err = fill(ctx, a)
	return err
}

func TestProcessesThatBeginAtOnceOnAnEmptyDatabaseFillItOnce(t *testing.T) {
	t.Parallel()
	for range setting("PERENNIAL_ROUNDS", 3) {
		running.Each(t, func(t *testing.T, address string) {
			var all []*exec.Cmd
			for range 4 {
				all = append(all, start(t, address, "", "PERENNIAL_FIRST=1"))
			}
			for _, p := range all {
				require.NoError(t, p.Wait())
			}
			db, err := store.Open(context.Background(), address)
			require.NoError(t, err)
			defer db.Close()
			customers, err := db.Customers(context.Background(), sampleTenant, "", 100)
			require.NoError(t, err)
			require.Len(t, customers, 21)
		})
	}
}

// A tenant is added while the service runs, and its key is that of nobody else.
func TestATenantIsAddedByTheProgram(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		s := running.Open(t, address, monthly)
		o := options{addr: "127.0.0.1:0", file: address, clock: "test", tenant: "two"}
		if s.Store.Postgres != nil {
			o.dsn = address
		}
		var out bytes.Buffer
		require.NoError(t, run(context.Background(), o, &out, io.Discard))
		of, err := s.Store.KeyOf(context.Background(), app.HashKey(strings.TrimSpace(out.String())))
		require.NoError(t, err)
		require.Equal(t, "two", of)
		require.ErrorIs(t, run(context.Background(), o, &out, io.Discard), store.ErrExists)
	})
}

// zoneData is what the Go release knows of a zone.
func zoneData(t *testing.T, name string) []byte {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	require.NoError(t, err)
	defer func() { _ = archive.Close() }()
	file, err := archive.Open(name)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	var out bytes.Buffer
	_, err = io.Copy(&out, file)
	require.NoError(t, err)
	return out.Bytes()
}
