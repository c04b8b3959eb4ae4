package jobs_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/internal/running"
	"github.com/perennial-billing/perennial/examples/service/jobs"
	"github.com/perennial-billing/perennial/examples/service/store"
)

// due opens a service with one subscription that is due.
func due(t *testing.T, address string) *running.Service {
	ctx := context.Background()
	s := running.Open(t, address, running.Team)
	_, err := s.Subscribe(ctx, running.Tenant, "acme", running.Sub("s", "solo@1", 1))
	require.NoError(t, err)
	require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error {
		return tx.SetClock(ctx, running.Begin.AddDate(0, 1, 0), running.Begin.AddDate(0, 1, 0))
	}))
	return s
}

// waiting counts the jobs of a kind that are not finished.
func waiting(t *testing.T, s *running.Service, kind app.Kind) (n int64) {
	all, err := s.Store.Jobs(context.Background())
	require.NoError(t, err)
	for _, j := range all {
		if j.Kind == string(kind) && j.State != "completed" && j.State != "discarded" {
			n += j.Count
		}
	}
	return n
}

func invoices(t *testing.T, s *running.Service) int {
	all, err := s.Store.Invoices(context.Background(), running.Tenant, "s", 100)
	if err != nil {
		t.Error(err)
	}
	return len(all)
}

func TestASweepFindsWhatWasLostAndInsertsNothingTwice(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := due(t, address)
		exec := func(statement string) {
			require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error {
				_, err := tx.Exec(ctx, statement)
				return err
			}))
		}
		for range 2 {
			require.NoError(t, s.Sweep(ctx))
			require.EqualValues(t, 1, waiting(t, s, app.Renewal))
			require.EqualValues(t, 1, waiting(t, s, app.Collection))
		}
		exec(`DELETE FROM river_job`)
		require.NoError(t, s.Sweep(ctx))
		require.EqualValues(t, 1, waiting(t, s, app.Renewal), "it was lost")
		exec(`UPDATE river_job SET state = 'completed', finalized_at = '2026-01-31 09:00:00'`)
		require.NoError(t, s.Sweep(ctx))
		require.EqualValues(t, 1, waiting(t, s, app.Renewal), "one that is completed does not stop it")
	})
}

func TestOneBatchWithTheSameJobTwiceInsertsItOnce(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx := context.Background()
		s := due(t, address)
		found, err := s.Store.Due(ctx, running.Begin.AddDate(0, 1, 0), store.Wake{At: time.Unix(0, 0)}, 10)
		require.NoError(t, err)
		require.Len(t, found, 1)
		j := app.Job{Kind: app.Renewal, Wake: found[0]}
		require.NoError(t, s.Store.Transact(ctx, func(tx store.Tx) error { return s.Queue.Insert(ctx, tx, running.Begin.AddDate(0, 1, 0), j, j, j) }))
		require.EqualValues(t, 1, waiting(t, s, app.Renewal))
	})
}

// While a worker is at it, its job is given to others: River completes it without an error,
// or leaves it, and what the worker has done must not be stored.
func TestAJobThatIsNoLongerItsWorkersStoresNothing(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		ctx, cancel := context.WithCancel(context.Background())
		s := due(t, address)
		taken := []string{`UPDATE river_job SET state = 'retryable' WHERE kind = 'renewal'`, `UPDATE river_job SET attempt = attempt + 1 WHERE kind = 'renewal'`}
		var attempts atomic.Int32
		refused, stored := make([]error, len(taken)), make([]int, len(taken))
		r, err := jobs.Open(ctx, s.App, jobs.Options{
			Logger: slog.New(slog.DiscardHandler), SweepEvery: time.Second, Timeout: 2 * time.Second, RescueAfter: 3 * time.Second,
			Renew: func(ctx context.Context, w store.Wake, done func(store.Tx) error) error {
				i := int(attempts.Add(1)) - 1
				if i >= len(taken) {
					return s.Renew(ctx, w, done)
				}
				if err := s.Store.Transact(ctx, func(tx store.Tx) error {
					_, err := tx.Exec(ctx, taken[i])
					return err
				}); err != nil {
					return err
				}
				refused[i] = s.Renew(ctx, w, done)
				stored[i] = invoices(t, s)
				return refused[i]
			},
		})
		require.NoError(t, err)
		require.NoError(t, s.Sweep(ctx))
		require.NoError(t, r.Start(ctx))
		defer func() {
			stopping, stop := context.WithTimeout(context.Background(), 5*time.Second)
			defer stop()
			_ = r.Stop(stopping)
			cancel()
		}()
		require.Eventually(t, func() bool { return invoices(t, s) == 2 }, 50*time.Second, 50*time.Millisecond)
		for i, err := range refused {
			require.ErrorContains(t, err, "no longer that of attempt")
			require.Equal(t, 1, stored[i], "only the first invoice, of the subscription's beginning")
		}
	})
}
