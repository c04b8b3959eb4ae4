// Package app is the loop around the library: load, decide, save, all or nothing, and again
// if somebody else was faster. Requests and jobs both come through here.
package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// ErrStale says that the state that the caller has seen is not the present one any more.
var ErrStale = fault.New(fault.Conflict, "app: changed since it was read")

// An App is the service without its transports.
type App struct {
	Store   *store.Store
	Queue   Queue
	Gateway Gateway
	// TestClock says that time is what the table clock says, and not what the machine says.
	TestClock bool

	catalogs sync.Map // tenant -> catalog, the latest that this process has seen
	decoded  sync.Map // tenant and id -> State
	held     atomic.Int64
}

// A Queue keeps jobs. It inserts them in the transaction that makes them necessary.
type Queue interface {
	Insert(ctx context.Context, tx store.Tx, now time.Time, jobs ...Job) error
}

// A Job is something to be done at an instant: at once, if that has come.
type Job struct {
	Kind Kind
	store.Wake
}

// A Kind is a kind of job.
type Kind string

const (
	Renewal    Kind = "renewal"    // bill a subscription at a boundary
	Collection Kind = "collection" // attempt to collect an invoice
	Delivery   Kind = "delivery"   // tell a webhook of an event
	Moving     Kind = "moving"     // move the test clock
)

// A State is a subscription as it was loaded or saved.
type State struct {
	Row        store.Row
	Sub        subscription.Subscription
	Checkpoint billing.Checkpoint
}

// A Verb makes the next value of a subscription, at the instant given.
type Verb func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error)

// A result is what is to be saved, and what goes with it.
type result struct {
	sub        subscription.Subscription
	checkpoint billing.Checkpoint
	at         time.Time
	made       []store.Posting
	paid       []store.Payment
	unbilled   bool // only what was paid changes: what was to be looked at still is
}

// Now returns the present instant, to the microsecond.
func (a *App) Now(ctx context.Context) (time.Time, error) {
	if !a.TestClock {
		return a.now(store.Row{}), nil
	}
	now, _, err := a.Store.Clock(ctx)
	return now, err
}

// now is the present instant for who has loaded a row, which brings the test clock along.
func (a *App) now(row store.Row) time.Time {
	if a.TestClock {
		return row.Clock
	}
	return time.Now().UTC().Truncate(time.Microsecond)
}

// Load returns a subscription.
func (a *App) Load(ctx context.Context, tenant, id string) (State, error) {
	row, err := a.Store.Load(ctx, tenant, id)
	if err != nil {
		return State{}, err
	}
	return a.Decode(ctx, row)
}

// swap loads, works and saves. If somebody else has saved meanwhile it does all of it again:
// what lies between loading and saving has no effects. In the transaction that saves, done
// does what must not happen without it. A work that returns no result saves nothing else.
func (a *App) swap(ctx context.Context, tenant, id string, work func(State) (*result, error), done func(store.Tx) error) (State, error) {
	for {
		loaded, err := a.Load(ctx, tenant, id)
		if err != nil {
			return loaded, err
		}
		out, err := work(loaded)
		if err != nil {
			return loaded, err
		}
		next := loaded
		if out != nil {
			if next, err = loaded.next(*out); err != nil {
				return loaded, err
			}
		}
		err = a.Store.Transact(ctx, func(tx store.Tx) error {
			if out != nil {
				if err := tx.Save(ctx, loaded.Row, next.Row); err != nil {
					return err
				}
				if err := a.follow(ctx, tx, loaded.Row, next, *out); err != nil {
					return err
				}
			}
			return done(tx)
		})
		if !errors.Is(err, store.ErrConflict) {
			return next, err
		}
	}
}

func nothing(store.Tx) error { return nil }

// next is the state that a result leads to.
func (s State) next(out result) (State, error) {
	if out.unbilled {
		s.Row.Revision++
		return s, nil
	}
	document, err := json.Marshal(out.sub)
	if err != nil {
		return s, err
	}
	checkpoint, err := json.Marshal(out.checkpoint)
	if err != nil {
		return s, err
	}
	row := s.Row
	row.Revision++
	row.Document, row.Checkpoint, row.Told, row.Late = string(document), string(checkpoint), out.at, false
	if row.WakeAt, err = billing.WakeAt(out.sub, out.checkpoint); err != nil {
		return s, err
	}
	if !row.WakeAt.Equal(s.Row.WakeAt) {
		row.Boundary++
	}
	return State{row, out.sub, out.checkpoint}, nil
}

// follow adds what goes with a saved row: what was billed and paid, what is told, and the
// jobs that this makes necessary.
func (a *App) follow(ctx context.Context, tx store.Tx, before store.Row, next State, out result) error {
	row := next.Row
	var jobs []Job
	if !row.WakeAt.IsZero() && row.Boundary != before.Boundary {
		jobs = append(jobs, Job{Renewal, store.Wake{Tenant: row.Tenant, ID: row.ID, Number: row.Boundary, At: row.WakeAt}})
	}
	var events []store.Event
	for _, p := range out.made {
		if err := tx.Post(ctx, row.Tenant, p); err != nil {
			return err
		}
		events = append(events, store.Event{ID: p.ID.String(), Topic: p.Topic + ".created", At: p.Dated, Body: string(p.Document)})
		if !p.WakeAt.IsZero() {
			jobs = append(jobs, Job{Collection, store.Wake{Tenant: row.Tenant, ID: p.ID.String(), At: p.WakeAt}})
		}
	}
	for _, p := range out.paid {
		if err := tx.Pay(ctx, row.Tenant, p); err != nil {
			return err
		}
		body, err := json.Marshal(p)
		if err != nil {
			return err
		}
		events = append(events, store.Event{ID: named("payment", p.ID).String(), Topic: "payment." + string(p.Kind), At: p.At, Body: string(body)})
		if !p.NextAttemptAt.IsZero() {
			jobs = append(jobs, Job{Collection, store.Wake{Tenant: row.Tenant, ID: p.Invoice.String(), Number: p.Attempts, At: p.NextAttemptAt}})
		}
	}
	for e := range next.Sub.Events(before.Told, row.Told.Add(time.Microsecond)) {
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		events = append(events, store.Event{ID: e.ID.String(), Topic: "subscription." + string(e.Kind), At: e.At, Body: string(body)})
	}
	for _, e := range events {
		e.Subscription = row.ID
		n, err := tx.Tell(ctx, row.Tenant, e)
		if err != nil {
			return err
		}
		if n > 0 {
			jobs = append(jobs, Job{Delivery, store.Wake{Tenant: row.Tenant, ID: e.ID, Number: n}})
		}
	}
	return a.Queue.Insert(ctx, tx, a.now(row), jobs...)
}

// Subscribe stores a new subscription, which a document of the library describes, and bills
// what is due by now.
func (a *App) Subscribe(ctx context.Context, tenant, customer string, document []byte) (State, error) {
	catalog, err := a.Catalog(ctx, tenant)
	if err != nil {
		return State{}, err
	}
	sub, err := subscription.Decode(document, catalog)
	if errors.Is(err, subscription.ErrLostPlan) { // nothing is lost: it is the request that names no plan
		err = fault.At("plan", errPlan)
	}
	if err != nil {
		return State{}, err
	}
	payer, err := a.Store.Customer(ctx, tenant, customer)
	if err != nil {
		return State{}, err
	}
	now, err := a.Now(ctx)
	if err != nil {
		return State{}, err
	}
	row := store.Row{Tenant: tenant, ID: string(sub.ID()), Customer: customer, Told: sub.CreatedAt(), Card: payer.Card, Clock: now}
	out, err := a.bill(ctx, State{Row: row, Sub: sub}, sub, now, false)
	if err != nil {
		return State{}, err
	}
	next, err := State{Row: row}.next(*out)
	if err != nil {
		return State{}, err
	}
	return next, a.Store.Transact(ctx, func(tx store.Tx) error {
		if err := tx.Insert(ctx, next.Row); err != nil {
			return err
		}
		return a.follow(ctx, tx, row, next, *out)
	})
}

// Tag names what a caller has seen of a subscription: its commands, and what was billed.
// A payment is none of its business.
func (s State) Tag() string { return fmt.Sprintf("%d.%d", s.Sub.Version(), s.Checkpoint.Revision) }

// Do acts and bills what is due by now. With a tag the subscription must still have it.
func (a *App) Do(ctx context.Context, tenant, id, tag string, act Verb) (State, error) {
	return a.swap(ctx, tenant, id, func(loaded State) (*result, error) {
		if tag != "" && loaded.Tag() != tag {
			return nil, fmt.Errorf("%w: subscription %q is at %s", ErrStale, id, loaded.Tag())
		}
		sub, at, err := a.act(loaded, act)
		if err != nil {
			return nil, err
		}
		if sub.Equal(loaded.Sub) && (loaded.Row.WakeAt.IsZero() || loaded.Row.WakeAt.After(at)) {
			return nil, nil // as when a request comes twice
		}
		return a.bill(ctx, loaded, sub, at, loaded.Row.Late)
	}, nothing)
}

// act returns what a verb makes of a subscription now, or when billing that ran ahead permits.
func (a *App) act(loaded State, verb Verb) (sub subscription.Subscription, at time.Time, err error) {
	if at, err = billing.NotBefore(loaded.Sub, loaded.Checkpoint, a.now(loaded.Row)); err == nil {
		sub, err = verb(loaded.Sub, at)
	}
	return sub, at, err
}

// Preview returns what Do would bill.
func (a *App) Preview(ctx context.Context, tenant, id string, act Verb) (none billing.PreviewResult, err error) {
	loaded, err := a.Load(ctx, tenant, id)
	if err != nil {
		return none, err
	}
	after, _, err := a.act(loaded, act)
	if err != nil {
		return none, err
	}
	usage, err := a.Usage(ctx, loaded)
	if err != nil {
		return none, err
	}
	return billing.Preview(loaded.Sub, after, usage, loaded.Checkpoint)
}

// Next returns what is billed next, and the status now.
func (a *App) Next(ctx context.Context, s State) (next billing.NextInvoice, status lifecycle.Status, err error) {
	usage, err := a.Usage(ctx, s)
	if err != nil {
		return next, "", err
	}
	now := a.now(s.Row)
	next, err = billing.Next(s.Sub, usage, s.Checkpoint, now)
	return next, s.Sub.Status(now), err
}

// named derives the id of something of the service's own: the same thing has the same id.
func named(parts ...any) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, append([]any{"perennial/service"}, parts...)...))
}
