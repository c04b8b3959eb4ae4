// Package app is the loop around the library: load, decide, save, all or nothing, and again
// if somebody else was faster. Requests and jobs both come through here.
package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
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

	catalogs sync.Map // tenant -> catalog, which is the latest that this process has seen
	decoded  decodings
}

// A Queue keeps jobs. It inserts them in the transaction that makes them necessary.
type Queue interface {
	Insert(ctx context.Context, tx store.Tx, jobs ...Job) error
}

// A Job is something to be done at an instant: at once, if that has come.
type Job struct {
	Kind Kind
	store.Wake
	Due bool // its instant has come
}

// A Kind is a kind of job.
type Kind string

const (
	Renewal    Kind = "renewal"    // bill a subscription at a boundary
	Collection Kind = "collection" // attempt to collect an invoice
	Delivery   Kind = "delivery"   // tell a webhook of an event
)

// A State is a subscription as it was loaded or saved.
type State struct {
	Row        store.Row
	Sub        subscription.Subscription
	Checkpoint billing.Checkpoint
}

// A Verb makes the next value of a subscription, at the instant given.
type Verb func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error)

// A result is what is to be saved.
type result struct {
	sub        subscription.Subscription
	checkpoint billing.Checkpoint
	at         time.Time
	made       []store.Posting
}

// Now returns the present instant, to the microsecond.
func (a *App) Now(ctx context.Context) (time.Time, error) {
	if !a.TestClock {
		return time.Now().UTC().Truncate(time.Microsecond), nil
	}
	now, _, err := a.Store.Clock(ctx)
	return now, err
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
// what lies between loading and saving has no effects. In the transaction that saves, also
// does what must not happen without it. A work that returns no result saves nothing else.
func (a *App) swap(ctx context.Context, tenant, id string, work func(State) (*result, error), also func(store.Tx) error) (State, error) {
	for {
		loaded, err := a.Load(ctx, tenant, id)
		if err != nil {
			return loaded, err
		}
		done, err := work(loaded)
		if err != nil {
			return loaded, err
		}
		next, here := loaded, around{}
		if done != nil {
			if next, err = a.next(loaded, *done); err != nil {
				return loaded, err
			}
			if here, err = a.around(ctx, tenant); err != nil {
				return loaded, err
			}
		}
		err = a.Store.Transact(ctx, func(tx store.Tx) error {
			if done != nil {
				if err := tx.Save(ctx, loaded.Row, next.Row); err != nil {
					return err
				}
				if err := a.follow(ctx, tx, here, loaded.Row, next, done.made); err != nil {
					return err
				}
			}
			return also(tx)
		})
		if !errors.Is(err, store.ErrConflict) {
			return next, err
		}
	}
}

// around is what a transaction must know beside its rows. It is read before: a transaction
// that waited for another connection could wait for itself.
type around struct {
	now  time.Time
	hook bool // the tenant has a webhook
}

func (a *App) around(ctx context.Context, tenant string) (around, error) {
	now, err := a.Now(ctx)
	if err != nil {
		return around{}, err
	}
	hook, err := a.Store.Webhook(ctx, tenant)
	return around{now, hook.URL != ""}, err
}

func nothing(store.Tx) error { return nil }

// next is the row that a result leads to.
func (a *App) next(loaded State, done result) (State, error) {
	document, err := json.Marshal(done.sub)
	if err != nil {
		return State{}, err
	}
	mark, err := json.Marshal(done.checkpoint)
	if err != nil {
		return State{}, err
	}
	row := loaded.Row
	row.Revision++
	row.Document, row.Checkpoint, row.Told, row.Late = string(document), string(mark), done.at, false
	if row.WakeAt, err = billing.WakeAt(done.sub, done.checkpoint); err != nil {
		return State{}, err
	}
	if !row.WakeAt.Equal(loaded.Row.WakeAt) {
		row.Boundary++
	}
	return State{row, done.sub, done.checkpoint}, nil
}

// follow adds what goes with a saved row: what was billed, what is told, and the jobs that
// this makes necessary.
func (a *App) follow(ctx context.Context, tx store.Tx, here around, before store.Row, next State, made []store.Posting) error {
	row := next.Row
	var jobs []Job
	if !row.WakeAt.IsZero() && row.Boundary != before.Boundary {
		jobs = append(jobs, Job{Renewal, store.Wake{Tenant: row.Tenant, ID: row.ID, Number: row.Boundary, At: row.WakeAt}, !row.WakeAt.After(here.now)})
	}
	var events []store.Event
	for _, p := range made {
		if err := tx.Post(ctx, p); err != nil {
			return err
		}
		events = append(events, store.Event{ID: p.ID.String(), Topic: p.Topic + ".created", At: p.Dated, Body: p.Document})
		if !p.WakeAt.IsZero() {
			jobs = append(jobs, Job{Collection, store.Wake{Tenant: p.Tenant, ID: p.ID.String(), At: p.WakeAt}, !p.WakeAt.After(here.now)})
		}
	}
	for e := range next.Sub.Events(before.Told, row.Told.Add(time.Microsecond)) {
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		events = append(events, store.Event{ID: e.ID.String(), Topic: "subscription." + string(e.Kind), At: e.At, Body: string(body)})
	}
	told, err := a.tell(ctx, tx, here, row.Tenant, row.ID, events)
	if err != nil {
		return err
	}
	return a.Queue.Insert(ctx, tx, append(jobs, told...)...)
}

// tell adds events, each once, and returns the jobs that deliver them.
func (a *App) tell(ctx context.Context, tx store.Tx, here around, tenant, subscription string, events []store.Event) ([]Job, error) {
	var jobs []Job
	for _, e := range events {
		e.Tenant, e.Subscription = tenant, subscription
		n, err := tx.Tell(ctx, e)
		if err != nil {
			return nil, err
		}
		if n > 0 && here.hook {
			jobs = append(jobs, Job{Delivery, store.Wake{Tenant: tenant, ID: e.ID, Number: int(n)}, true})
		}
	}
	return jobs, nil
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
	if _, err := a.Store.Customer(ctx, tenant, customer); err != nil {
		return State{}, err
	}
	here, err := a.around(ctx, tenant)
	if err != nil {
		return State{}, err
	}
	row := store.Row{Tenant: tenant, ID: string(sub.ID()), Customer: customer, Told: sub.CreatedAt()}
	done, err := a.bill(ctx, State{Row: row, Sub: sub}, sub, here.now, false)
	if err != nil {
		return State{}, err
	}
	next, err := a.next(State{Row: row}, *done)
	if err != nil {
		return State{}, err
	}
	return next, a.Store.Transact(ctx, func(tx store.Tx) error {
		if err := tx.Insert(ctx, next.Row); err != nil {
			return err
		}
		return a.follow(ctx, tx, here, row, next, done.made)
	})
}

// Do acts and bills what is due by now. With a revision that is not 0 the row must still
// have it.
func (a *App) Do(ctx context.Context, tenant, id string, revision int, act Verb) (State, error) {
	now, err := a.Now(ctx)
	if err != nil {
		return State{}, err
	}
	return a.do(ctx, tenant, id, revision, now, act, nothing)
}

func (a *App) do(ctx context.Context, tenant, id string, revision int, now time.Time, act Verb, also func(store.Tx) error) (State, error) {
	return a.swap(ctx, tenant, id, func(loaded State) (*result, error) {
		if revision != 0 && loaded.Row.Revision != revision {
			return nil, fmt.Errorf("%w: subscription %q has revision %d", ErrStale, id, loaded.Row.Revision)
		}
		at, err := billing.NotBefore(loaded.Sub, loaded.Checkpoint, now)
		if err != nil {
			return nil, err
		}
		sub, err := act(loaded.Sub, at)
		if err != nil {
			return nil, err
		}
		if sub.Equal(loaded.Sub) && (loaded.Row.WakeAt.IsZero() || loaded.Row.WakeAt.After(at)) {
			return nil, nil // as when a request comes twice
		}
		return a.bill(ctx, loaded, sub, at, loaded.Row.Late)
	}, also)
}

// A Preview is what a verb would bill.
type Preview struct {
	Before, After State
	Result        billing.PreviewResult
}

// Preview shows what Do would do.
func (a *App) Preview(ctx context.Context, tenant, id string, act Verb) (Preview, error) {
	now, err := a.Now(ctx)
	if err != nil {
		return Preview{}, err
	}
	loaded, err := a.Load(ctx, tenant, id)
	if err != nil {
		return Preview{}, err
	}
	at, err := billing.NotBefore(loaded.Sub, loaded.Checkpoint, now)
	if err != nil {
		return Preview{}, err
	}
	after, err := act(loaded.Sub, at)
	if err != nil {
		return Preview{}, err
	}
	usage, err := a.Usage(ctx, loaded)
	if err != nil {
		return Preview{}, err
	}
	shown, err := billing.Preview(loaded.Sub, after, usage, loaded.Checkpoint)
	return Preview{loaded, State{loaded.Row, after, shown.Checkpoint}, shown}, err
}

// Call is how a subscriber calls a verb. The key makes a request that is sent twice one change.
func Call(at time.Time, key, reason string) subscription.Call {
	return subscription.Call{At: at, Actor: lifecycle.Subscriber, Key: key, Reason: reason}
}

// named derives the id of something of the service's own: the same thing has the same id.
func named(parts ...any) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, append([]any{"perennial/service"}, parts...)...))
}

// Catalog returns the latest catalog of a tenant.
func (a *App) Catalog(ctx context.Context, tenant string) (*plan.Catalog, error) {
	revision, err := a.Store.CatalogRevision(ctx, tenant)
	if err != nil {
		return nil, err
	}
	if known, ok := a.catalogs.Load(tenant); ok && known.(catalog).revision >= revision {
		return known.(catalog).Catalog, nil
	}
	document, revision, err := a.Store.Catalog(ctx, tenant)
	if errors.Is(err, store.ErrUnknown) {
		return plan.NewCatalog()
	}
	if err != nil {
		return nil, err
	}
	decoded, err := plan.DecodeCatalog([]byte(document))
	if err != nil {
		return nil, fmt.Errorf("app: stored catalog: %w", hidden{err})
	}
	a.catalogs.Store(tenant, catalog{decoded, revision})
	return decoded, nil
}

type catalog struct {
	*plan.Catalog
	revision int
}

// AddCatalog makes a catalog the tenant's. All plan versions of the one before must be in
// it unchanged: they were sold.
func (a *App) AddCatalog(ctx context.Context, tenant string, document []byte) error {
	next, err := plan.DecodeCatalog(document)
	if err != nil {
		return err
	}
	before, err := a.Catalog(ctx, tenant)
	if err != nil {
		return err
	}
	for _, id := range before.Plans() {
		for _, sold := range before.Versions(id) {
			now, err := next.Lookup(sold.Ref())
			if err != nil || !now.Plan().Equal(sold.Plan()) {
				return fmt.Errorf("%w: %s", errSold, sold.Ref())
			}
		}
	}
	revision, err := a.Store.CatalogRevision(ctx, tenant)
	if err != nil {
		return err
	}
	return a.Store.Transact(ctx, func(tx store.Tx) error { return tx.AddCatalog(ctx, tenant, revision+1, string(document)) })
}

var (
	errSold = fault.New(fault.Refused, "app: a plan version that was sold must stay as it is: add a version")
	errPlan = fault.NotFound.Errorf("the catalog has no such plan version")
)

// hidden keeps the class of what is wrong with our own data from the client, who is not to
// blame.
type hidden struct{ error }

func (h hidden) Unwrap() error { return fault.New(fault.Internal, h.Error()) }

// decodings remembers what rows said: a value is immutable, and a hot path reads the same
// row again and again. It is only right if the document is the same, byte for byte.
type decodings struct {
	sync.RWMutex
	known map[[2]string]State
}

const maxDecodings = 10_000

// Decode reads the documents of a row.
func (a *App) Decode(ctx context.Context, row store.Row) (State, error) {
	key := [2]string{row.Tenant, row.ID}
	a.decoded.RLock()
	known, ok := a.decoded.known[key]
	a.decoded.RUnlock()
	if ok && known.Row.Document == row.Document && known.Row.Checkpoint == row.Checkpoint {
		known.Row = row
		return known, nil
	}
	out := State{Row: row}
	held, _ := a.catalogs.Load(row.Tenant)
	cat, _ := held.(catalog)
	sub, err := subscription.Decode([]byte(row.Document), cat.Catalog)
	if cat.Catalog == nil || errors.Is(err, subscription.ErrLostPlan) { // another process may have added it
		latest, failed := a.Catalog(ctx, row.Tenant)
		if failed != nil {
			return out, failed
		}
		sub, err = subscription.Decode([]byte(row.Document), latest)
	}
	if err == nil {
		err = json.Unmarshal([]byte(row.Checkpoint), &out.Checkpoint)
	}
	if err != nil {
		return out, fmt.Errorf("app: stored subscription %q: %w", row.ID, hidden{err})
	}
	out.Sub = sub
	a.decoded.Lock()
	defer a.decoded.Unlock()
	if a.decoded.known == nil || len(a.decoded.known) >= maxDecodings {
		a.decoded.known = map[[2]string]State{}
	}
	a.decoded.known[key] = out
	return out, nil
}
