// Package jobs runs what is due, by River. A job is inserted in the transaction that makes
// it necessary and completed in the one that stores what it has done, so that neither is
// there without the other.
package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"riverqueue.com/riverui"

	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/store"
)

// Options of a runner. The zero value of each is what a service wants.
type Options struct {
	Workers     int           // how many jobs run at once; 0: 64 on PostgreSQL, 32 on SQLite, where they take turns to write
	Timeout     time.Duration // of a job; 0: 10 s
	RescueAfter time.Duration // the age from which a job counts as left by a dead process; 0: 20 s
	SweepEvery  time.Duration // 0: 15 s; below a minute also when a process becomes the leader
	Logger      *slog.Logger
	// Renew is what a renewal does; nil: what the app does. A load test compares others.
	Renew func(ctx context.Context, due store.Wake, done func(store.Tx) error) error
}

// A Runner is the queue of an app, and the workers of this process.
type Runner struct {
	Start  func(context.Context) error
	Stop   func(context.Context) error
	UI     func(prefix string) (http.Handler, error)
	insert func(context.Context, store.Tx, []river.InsertManyParams) error
	clock  bool // a test clock
}

// Open migrates River's tables with the service's own, and makes the runner, which is the
// app's queue from then on.
func Open(ctx context.Context, a *app.App, o Options) (*Runner, error) {
	if a.Store.Postgres != nil {
		o.Workers = cmp.Or(o.Workers, 64)
		return open(ctx, a, o, riverpgxv5.New(a.Store.Postgres), func(tx store.Tx) pgx.Tx { return tx.PGX })
	}
	o.Workers = cmp.Or(o.Workers, 32)
	return open(ctx, a, o, riversqlite.New(a.Store.SQLite), func(tx store.Tx) *sql.Tx { return tx.SQL })
}

func open[D riverdriver.Driver[T], T any](ctx context.Context, a *app.App, o Options, driver D, raw func(store.Tx) T) (*Runner, error) {
	migrator, err := rivermigrate.New(riverdriver.Driver[T](driver), &rivermigrate.Config{Logger: o.Logger})
	if err != nil {
		return nil, err
	}
	if err := a.Store.Migrate(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if tx.SQL != nil {
			//lint:ignore SA1019 not all of PostgreSQL's migrations can be one transaction; SQLite's can, and it is their lock
			_, err = migrator.MigrateTx(ctx, raw(tx), rivermigrate.DirectionUp, nil)
		} else {
			_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
		return err
	}); err != nil {
		return nil, err
	}
	if o.Renew == nil {
		o.Renew = a.Renew
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, worker[D, T, renewal]{do: o.Renew, raw: raw, again: soon})
	river.AddWorker(workers, worker[D, T, collection]{do: a.Collect, raw: raw, again: soon})
	river.AddWorker(workers, worker[D, T, delivery]{do: a.Deliver, raw: raw, again: doubling})
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[sweep]) error { return a.Sweep(ctx) }))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, _ *river.Job[moving]) error { return move(ctx, a) }))
	sweeps := river.NewPeriodicJob(river.PeriodicInterval(cmp.Or(o.SweepEvery, 15*time.Second)),
		func() (river.JobArgs, *river.InsertOpts) { return sweep{}, nil }, &river.PeriodicJobOpts{RunOnStart: o.SweepEvery < time.Minute})
	client, err := river.NewClient(riverdriver.Driver[T](driver), &river.Config{
		Workers: workers, PeriodicJobs: []*river.PeriodicJob{sweeps}, Logger: o.Logger,
		JobTimeout: cmp.Or(o.Timeout, 10*time.Second), RescueStuckJobsAfter: cmp.Or(o.RescueAfter, 20*time.Second),
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.Workers}},
		FetchCooldown: 20 * time.Millisecond, FetchPollInterval: 200 * time.Millisecond, PollOnly: a.Store.SQLite != nil,
	})
	if err != nil {
		return nil, err
	}
	r := &Runner{Start: client.Start, Stop: client.Stop, clock: a.TestClock}
	r.insert = func(ctx context.Context, tx store.Tx, params []river.InsertManyParams) error {
		_, err := client.InsertManyTx(ctx, raw(tx), params)
		return err
	}
	r.UI = func(prefix string) (http.Handler, error) {
		h, err := riverui.NewHandler(&riverui.HandlerOpts{Endpoints: riverui.NewEndpoints(client, nil), Logger: o.Logger, Prefix: prefix})
		if err != nil {
			return nil, err
		}
		return h, h.Start(ctx)
	}
	a.Queue = r
	return r, nil
}

// Insert implements app.Queue. Each job of a batch is inserted once, since one statement
// cannot find its own rows; and with a test clock nothing waits in the queue, because its
// time is not River's: a sweep finds what the clock has passed.
func (r *Runner) Insert(ctx context.Context, tx store.Tx, now time.Time, jobs ...app.Job) error {
	seen := map[app.Job]bool{}
	var batch []river.InsertManyParams
	for _, j := range jobs {
		params, due := river.InsertManyParams{Args: arguments(j), InsertOpts: &river.InsertOpts{}}, !j.At.After(now)
		key := app.Job{Kind: j.Kind, Wake: store.Wake{Tenant: j.Tenant, ID: j.ID, Number: j.Number}}
		if seen[key] || r.clock && !due {
			continue
		}
		seen[key] = true
		if !due {
			params.InsertOpts.ScheduledAt = j.At
		}
		batch = append(batch, params)
	}
	if len(batch) == 0 {
		return nil
	}
	return r.insert(ctx, tx, batch)
}

// A wake is what a job is about, and what makes it one of its kind: among jobs that are not
// finished there is one for a boundary, an attempt or an event. Completed ones do not count:
// a sweep must be able to insert again what was lost. The instant as of which a job works is
// here and not in River's schedule, which has milliseconds, and which retries move.
type wake struct{ store.Wake }

func (w wake) due() store.Wake { return w.Wake }

func (wake) InsertOpts() river.InsertOpts { return oneUnfinished }

var oneUnfinished = river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}

var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled,
}

type (
	renewal    struct{ wake }
	collection struct{ wake }
	delivery   struct{ wake }
	sweep      struct{}
	moving     struct{}
)

func (renewal) Kind() string    { return string(app.Renewal) }
func (collection) Kind() string { return string(app.Collection) }
func (delivery) Kind() string   { return string(app.Delivery) }
func (sweep) Kind() string      { return "sweep" }
func (moving) Kind() string     { return string(app.Moving) }

func (sweep) InsertOpts() river.InsertOpts { return oneUnfinished }

func arguments(j app.Job) river.JobArgs {
	w := wake{j.Wake}
	switch j.Kind {
	case app.Renewal:
		return renewal{w}
	case app.Collection:
		return collection{w}
	case app.Delivery:
		return delivery{w}
	case app.Moving:
		return moving{}
	}
	panic(fmt.Sprintf("jobs: unknown kind %q", j.Kind)) // a constant of this program
}

// A worker does one kind of job.
type worker[D riverdriver.Driver[T], T any, A interface {
	river.JobArgs
	due() store.Wake
}] struct {
	river.WorkerDefaults[A]
	do    func(ctx context.Context, due store.Wake, done func(store.Tx) error) error
	raw   func(store.Tx) T
	again func(attempt int) time.Duration
}

// Work implements river.Worker. The context ends with the timeout of the job, and every
// statement has it: a job that is older may run a second time elsewhere.
func (w worker[D, T, A]) Work(ctx context.Context, job *river.Job[A]) error {
	return w.do(ctx, job.Args.due(), func(tx store.Tx) error { return complete[D](ctx, w.raw(tx), job) })
}

// complete completes a job in the transaction that stores what it has done. If the job is
// not this attempt's any more River says nothing, and completes it or does not: then nothing
// of it may be stored.
func complete[D riverdriver.Driver[T], T any, A river.JobArgs](ctx context.Context, tx T, job *river.Job[A]) error {
	done, err := river.JobCompleteTx[D](ctx, tx, job)
	if err != nil {
		return err
	}
	if done.State != rivertype.JobStateCompleted || done.Attempt != job.Attempt {
		return fmt.Errorf("jobs: job %d is %s at attempt %d, and no longer that of attempt %d", job.ID, done.State, done.Attempt, job.Attempt)
	}
	return nil
}

// NextRetry implements river.Worker: soon. River's own delay is the fourth power of the
// attempt, in seconds.
func (w worker[D, T, A]) NextRetry(job *river.Job[A]) time.Time {
	return time.Now().Add(w.again(job.Attempt))
}

// soon is the delay of what fails because a database or a gateway is away. Its largest is a
// part of how long a crash can delay a job.
func soon(attempt int) time.Duration { return min(time.Duration(attempt), 5) * time.Second }

// doubling are the delays of what fails because the other side is away: 25 attempts are half a day.
func doubling(attempt int) time.Duration { return min(time.Second<<min(attempt, 11), time.Hour) }

// move moves the test clock for a while, and comes back.
func move(ctx context.Context, a *app.App) error {
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); {
		if on, err := a.Tick(ctx); err != nil || !on {
			return err
		}
	}
	return river.JobSnooze(0)
}
