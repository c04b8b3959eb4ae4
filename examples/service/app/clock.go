package app

import (
	"context"
	"errors"
	"time"

	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/fault"
)

var errClock = fault.New(fault.Refused, "app: only a test clock can be moved, and only forward")

// grace is how long a row may be due before a sweep takes its job for lost.
const grace = 20 * time.Second

// Sweep finds what is due and has no job: it was lost or discarded, or the clock was moved
// over its instant. Where there is a job, the queue drops the second one.
func (a *App) Sweep(ctx context.Context) error {
	now, err := a.Now(ctx)
	if err != nil {
		return err
	}
	if !a.TestClock {
		now = now.Add(-grace)
	}
	for kind, search := range map[Kind]func(context.Context, time.Time, store.Wake, int) ([]store.Wake, error){
		Renewal: a.Store.Due, Collection: a.Store.Collectable,
	} {
		for behind := (store.Wake{At: time.Unix(0, 0).AddDate(-1970, 0, 0)}); ; {
			found, err := search(ctx, now, behind, 1000)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				break
			}
			var jobs []Job
			for _, w := range found {
				jobs = append(jobs, Job{kind, w})
			}
			if err := a.Store.Transact(ctx, func(tx store.Tx) error { return a.Queue.Insert(ctx, tx, now, jobs...) }); err != nil {
				return err
			}
			behind = found[len(found)-1]
		}
	}
	return nil
}

// MoveClock lets the test clock go to an instant. A job does it, step by step.
func (a *App) MoveClock(ctx context.Context, to time.Time) error {
	now, err := a.Now(ctx)
	if err != nil {
		return err
	}
	if !a.TestClock || to.Before(now) {
		return errClock
	}
	return a.Store.Transact(ctx, func(tx store.Tx) error {
		if err := tx.SetClock(ctx, now, to); err != nil {
			return err
		}
		return a.Queue.Insert(ctx, tx, now, Job{Kind: Moving})
	})
}

// patience is how long the clock waits for what is due at a step before it goes on: a
// subscription that cannot be billed must not stop the time of the others.
const patience = 5 * time.Second

// Tick moves the test clock to the next instant at which anything is due, and waits until
// it is done. It is false when the clock is where it was to go.
func (a *App) Tick(ctx context.Context) (bool, error) {
	now, target, err := a.Store.Clock(ctx)
	if err != nil || !now.Before(target) {
		return false, err
	}
	next, err := a.Store.NextWake(ctx)
	if err != nil {
		return false, err
	}
	switch {
	case next.IsZero() || next.After(target):
		next = target
	case next.Before(now):
		next = now.Add(min(time.Hour, target.Sub(now))) // what could not be done does not stop the clock
	}
	err = a.Store.Transact(ctx, func(tx store.Tx) error { return tx.SetClock(ctx, next, target) })
	if errors.Is(err, store.ErrConflict) {
		return true, nil // somebody else moves it too, and is further
	}
	if err != nil {
		return false, err
	}
	if err := a.Sweep(ctx); err != nil {
		return false, err
	}
	for waited := time.Duration(0); waited < patience; waited += 20 * time.Millisecond {
		subscriptions, invoices, _, err := a.Store.Waiting(ctx, next)
		if err != nil || subscriptions+invoices == 0 {
			return true, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true, nil
}
