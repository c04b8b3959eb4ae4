package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A test that dies runs this program again, as its victim.
func TestMain(m *testing.M) {
	if os.Getenv("PERENNIAL_DIES_AFTER") != "" {
		if err := victim(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// onEach runs a test on every database that is there: on PostgreSQL if
// PERENNIAL_POSTGRES says where, as .ci/run does. open gives a new connection with a driver
// of the kind given, "" or "dying-".
func onEach(t *testing.T, test func(t *testing.T, kind, address string)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite", filepath.Join(t.TempDir(), "service.db"))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		address := os.Getenv("PERENNIAL_POSTGRES")
		if address == "" {
			t.Skip("PERENNIAL_POSTGRES does not say where a server is")
		}
		t.Parallel()
		name := strings.ToLower(strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, t.Name()))
		admin, err := openPostgres("postgres", address)
		require.NoError(t, err)
		_, err = admin.db.Exec("DROP SCHEMA IF EXISTS " + name + " CASCADE; CREATE SCHEMA " + name)
		require.NoError(t, err)
		t.Cleanup(func() {
			_, err := admin.db.Exec("DROP SCHEMA " + name + " CASCADE")
			require.NoError(t, err)
			require.NoError(t, admin.db.Close())
		})
		test(t, "postgres", address+" search_path="+name)
	})
}

func open(prefix, kind, address string) (*Service, error) {
	how := openSQLite
	if kind == "postgres" {
		how = openPostgres
	}
	db, err := how(prefix+kind, address)
	return &Service{store: db, catalog: plan.MustCatalog(team.Plan())}, err
}

func opened(t *testing.T, kind, address string) *Service {
	s, err := open("", kind, address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.store.db.Close()) })
	require.NoError(t, s.store.create(t.Context()))
	return s
}

func day(n int) time.Time { return time.Date(2026, time.January, n, 9, 0, 0, 0, time.UTC) }

// days are those on which a worker wakes.
var days = []int{31, 45, 60, 92, 120, 200}

func customer(n int) subscription.ID { return subscription.ID(fmt.Sprintf("acme/s-%d", n)) }

func (s *Service) subscribe(ctx context.Context, n int) error {
	return s.Subscribe(ctx, "acme", subscription.Params{ID: customer(n), Plan: team, Start: day(30 + n), Quantity: subscription.Units(int64(n))}, day(31))
}

// victim lives through the year of two customers, and may die at any step. Everything that
// it does may be done again.
func victim(ctx context.Context) error {
	s, err := open("dying-", os.Getenv("PERENNIAL_KIND"), os.Getenv("PERENNIAL_ADDRESS"))
	if err != nil {
		return err
	}
	after, err := strconv.ParseInt(os.Getenv("PERENNIAL_DIES_AFTER"), 10, 64)
	if err != nil {
		return err
	}
	left.Store(after)
	return live(ctx, s, 2)
}

func live(ctx context.Context, s *Service, customers int) error {
	for n := 1; n <= customers; n++ {
		if err := s.subscribe(ctx, n); err != nil && !errors.Is(err, errExists) {
			return err
		}
	}
	for _, d := range days {
		for n := 1; n <= customers; n++ {
			if err := s.Record(ctx, customer(n), fmt.Sprint("r-", d), calls(day(d+1).Add(time.Hour), int64(d)), day(d)); err != nil {
				return err
			}
			if d < 92 {
				continue
			}
			if err := s.Record(ctx, customer(n), fmt.Sprint("late-", d), calls(day(d-40), int64(d)), day(d)); err != nil {
				return err
			}
		}
		if _, err := s.Work(ctx, day(d)); err != nil {
			return err
		}
		if err := s.Do(ctx, customer(1), day(d), seats(fmt.Sprint("request-", d), int64(d))); err != nil {
			return err
		}
	}
	return s.Deliver(ctx, func(m message) error {
		_, err := fmt.Println(m.key)
		return err
	})
}

func TestAWorkerThatIsKilledBetweenAnyTwoStepsBillsEverythingOnce(t *testing.T) {
	onEach(t, func(t *testing.T, kind, address string) {
		s := opened(t, kind, address)
		sent := map[string]bool{}
		deaths := 0
		for after, alive := 1, false; !alive; after += 2 {
			again := exec.Command(os.Args[0])
			again.Env = append(os.Environ(), "PERENNIAL_DIES_AFTER="+strconv.Itoa(after), "PERENNIAL_KIND="+kind, "PERENNIAL_ADDRESS="+address)
			var problems strings.Builder
			again.Stderr = &problems
			out, err := again.Output()
			for key := range strings.Lines(string(out)) {
				sent[strings.TrimSpace(key)] = true
			}
			if alive = err == nil; !alive {
				require.Empty(t, problems.String())
				deaths++
			}
		}
		require.Greater(t, deaths, 20)
		same := opened(t, "sqlite", filepath.Join(t.TempDir(), "calm.db"))
		require.NoError(t, live(t.Context(), same, 2))
		require.Contains(t, documents(t, same, customer(1)), `"corrections":[{`, "some usage came late")
		for n := 1; n <= 2; n++ {
			billedOnce(t, s, customer(n))
			require.Equal(t, documents(t, same, customer(n)), documents(t, s, customer(n)), "as one that nobody killed")
		}
		var invoices int
		require.NoError(t, s.store.db.QueryRow(`SELECT COUNT(*) FROM invoices`).Scan(&invoices))
		require.Len(t, sent, invoices, "every invoice was told of")
	})
}

func TestWorkersChangesLateUsageAndReconciliationsAtOnceLoseNothing(t *testing.T) {
	onEach(t, func(t *testing.T, kind, address string) {
		s := opened(t, kind, address)
		require.NoError(t, s.subscribe(t.Context(), 1))
		var all sync.WaitGroup
		for worker := range 4 {
			all.Go(func() {
				for i, d := range days {
					n := worker*len(days) + i
					for _, err := range []error{
						s.Record(t.Context(), customer(1), fmt.Sprint("r-", n), calls(day(33+n), 100), day(d)), // most come late
						s.Do(t.Context(), customer(1), day(d), correct(fmt.Sprint("c-", n), day(33+n), int64(5+n%3))),
						s.Reconcile(t.Context(), customer(1), day(d)),
						s.Bill(t.Context(), customer(1), day(d)),
					} {
						if err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
		require.NoError(t, s.Bill(t.Context(), customer(1), day(230)), "which knows of all that came late")
		billedOnce(t, s, customer(1))
	})
}

// correct sets the seats back-dated, once.
func correct(key string, at time.Time, n int64) Act {
	return func(sub subscription.Subscription, _ time.Time) (subscription.Subscription, error) {
		call := subscription.Call{At: at, Actor: lifecycle.Operator, Correction: true, Key: key}
		return seatsOf(sub, call, n)
	}
}

// billedOnce holds what was billed of a subscription to what should have been.
func billedOnce(t *testing.T, s *Service, id subscription.ID) {
	t.Helper()
	loaded, err := s.store.load(t.Context(), id)
	require.NoError(t, err)
	sub, checkpoint, err := s.decode(loaded)
	require.NoError(t, err)
	usage, err := s.store.usage(t.Context(), id, sub.CreatedAt())
	require.NoError(t, err)
	require.Len(t, usage, loaded.records)
	billed, err := s.store.lines(t.Context(), id)
	require.NoError(t, err)
	diff, err := billing.Reconcile(sub, usage, billed, checkpoint, checkpoint.ChargedThrough)
	require.NoError(t, err)
	require.True(t, diff.IsEmpty(), "%+v", diff)

	should, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, checkpoint.ChargedThrough)
	require.NoError(t, err)
	var owed, total, lines, due, applied, refund int64
	for _, inv := range should {
		owed += inv.Total.Minor()
	}
	require.NotZero(t, owed)
	require.NoError(t, s.store.db.QueryRow(`SELECT SUM(total), SUM(amount_due), SUM(credit_applied), SUM(refund) FROM invoices WHERE subscription = $1`, id).
		Scan(&total, &due, &applied, &refund))
	require.NoError(t, s.store.db.QueryRow(`SELECT SUM(amount) FROM lines WHERE subscription = $1`, id).Scan(&lines))
	require.Equal(t, owed, total)
	require.Equal(t, owed, lines)
	balance := int64(0)
	if checkpoint.CreditBalance.IsValid() {
		balance = checkpoint.CreditBalance.Minor()
	}
	require.Equal(t, total, due-refund-balance, "what was not paid back is still there")
}

// documents are all invoices of a subscription, as text.
func documents(t *testing.T, s *Service, id subscription.ID) string {
	t.Helper()
	rows, err := s.store.db.Query(`SELECT id, document FROM invoices WHERE subscription = $1 ORDER BY dated, id`, id)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var all strings.Builder
	for rows.Next() {
		var key, why string
		require.NoError(t, rows.Scan(&key, &why))
		all.WriteString(key + "\n" + why + "\n")
	}
	require.NoError(t, rows.Err())
	require.NotEmpty(t, all.String())
	return all.String()
}

func TestEachOfTheThreeNumbersIsALock(t *testing.T) {
	onEach(t, func(t *testing.T, kind, address string) {
		s := opened(t, kind, address)
		require.NoError(t, s.subscribe(t.Context(), 1))
		for _, number := range []string{"version", "revision", "records"} {
			loaded, err := s.store.load(t.Context(), customer(1))
			require.NoError(t, err)
			require.NoError(t, s.store.save(t.Context(), loaded, loaded, nil))
			_, err = s.store.db.Exec(`UPDATE subscriptions SET ` + number + ` = ` + number + ` + 1`)
			require.NoError(t, err)
			require.ErrorIs(t, s.store.save(t.Context(), loaded, loaded, nil), errConflict, number)
			if number != "records" { // records come in beside each other, but not beside a run
				err = s.store.record(t.Context(), loaded, "r-1", calls(day(40), 1), false, day(40))
				require.ErrorIs(t, err, errConflict, number)
			}
		}
	})
}

func TestAFailureIsNotedAndTheOthersAreBilled(t *testing.T) {
	onEach(t, func(t *testing.T, kind, address string) {
		s := opened(t, kind, address)
		require.NoError(t, s.subscribe(t.Context(), 1))
		require.NoError(t, s.subscribe(t.Context(), 2))
		mails := billing.Record{Metric: "mails", At: day(40), Quantity: *subscription.Units(1)}
		require.ErrorIs(t, s.Record(t.Context(), customer(1), "r-1", mails, day(40)), billing.ErrUnknownMetric)
		loaded, err := s.store.load(t.Context(), customer(1))
		require.NoError(t, err)
		require.NoError(t, s.store.record(t.Context(), loaded, "r-1", mails, false, day(40)), "by hand, unjudged")
		seen, err := s.Work(t.Context(), day(62))
		require.NoError(t, err)
		require.Equal(t, 2, seen)
		var failure string
		require.NoError(t, s.store.db.QueryRow(`SELECT failure FROM subscriptions WHERE failures = 1`).Scan(&failure))
		require.Contains(t, failure, "unknown metric")
		seen, err = s.Work(t.Context(), day(62))
		require.NoError(t, err)
		require.Zero(t, seen, "in an hour again")
		billedOnce(t, s, customer(2))
	})
}

func TestAMessageIsKeptUntilItIsSent(t *testing.T) {
	onEach(t, func(t *testing.T, kind, address string) {
		s := opened(t, kind, address)
		require.NoError(t, s.subscribe(t.Context(), 1))
		require.NoError(t, s.Bill(t.Context(), customer(1), day(33)))
		down := errors.New("down")
		require.ErrorIs(t, s.Deliver(t.Context(), func(message) error { return down }), down)
		var sent []string
		send := func(m message) error { sent = append(sent, m.topic); return nil }
		require.NoError(t, s.Deliver(t.Context(), send))
		require.NoError(t, s.Deliver(t.Context(), send))
		require.Equal(t, []string{"invoice"}, sent)
	})
}

func TestInstantsAndQuantitiesKeepTheirDigits(t *testing.T) {
	onEach(t, func(t *testing.T, kind, address string) {
		s := opened(t, kind, address)
		require.NoError(t, s.subscribe(t.Context(), 1))
		r := calls(day(40).Add(123456*time.Microsecond), 1)
		r.Quantity = r.Quantity.Shift(-9)
		require.NoError(t, s.Record(t.Context(), customer(1), "r-1", r, day(40)))
		require.NoError(t, s.Record(t.Context(), customer(1), "r-1", r, day(40)), "sent again")
		usage, err := s.store.usage(t.Context(), customer(1), day(1))
		require.NoError(t, err)
		require.True(t, billing.Usage{r}.Equal(usage), "%v", usage)
	})
}

func TestTheStoryOfTheProgram(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, 5, strings.Count(out.String(), "Total: "), "%s", &out)
	require.Contains(t, out.String(), "is corrected to 15.00 EUR: 1.00 EUR")
}
