package billing_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// errConflict: somebody else has saved since the row was loaded.
var errConflict = errors.New("saved by somebody else")

// A row is what a service keeps of a subscription: two documents, and the numbers by
// which it sees that nobody else has changed them.
type row struct {
	version      int // Subscription.Version
	revision     int // Checkpoint.Revision
	subscription []byte
	checkpoint   []byte
}

// A store stands for the service's database.
type store struct {
	mu       sync.Mutex
	rows     map[subscription.ID]row
	invoices map[uuid.UUID]billing.Invoice
	billed   map[subscription.ID][]billing.StoredLine
}

func (s *store) load(id subscription.ID) row {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows[id]
}

// save replaces a row, if it is still the one that was loaded, and adds the invoices
// with it: one transaction.
func (s *store) save(id subscription.ID, loaded, next row, made []billing.Invoice) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.rows[id]; now.version != loaded.version || now.revision != loaded.revision {
		return errConflict
	}
	s.rows[id] = next
	for _, inv := range made {
		s.invoices[inv.ID()] = inv
		s.billed[id] = append(s.billed[id], inv.StoredLines()...)
	}
	return nil
}

// An act is a verb on a subscription, or nothing: then what is due is billed.
type act func(subscription.Subscription) (subscription.Subscription, error)

// A service does what is asked for and bills what is due, both or neither.
type service struct {
	store   *store
	catalog *plan.Catalog
}

// do loads, acts, makes the invoices that are due and saves, until nobody comes
// between. Everything but loading and saving is a pure function: trying again is
// safe, and costs microseconds.
func (s service) do(id subscription.ID, now time.Time, what act) error {
	for {
		loaded := s.store.load(id)
		sub, err := subscription.Decode(loaded.subscription, s.catalog)
		if err != nil {
			return err
		}
		var checkpoint billing.Checkpoint
		if err := json.Unmarshal(loaded.checkpoint, &checkpoint); err != nil {
			return err
		}
		if sub, err = what(sub); err != nil {
			return err
		}
		made, checkpoint, err := billing.Invoices(sub, nil, checkpoint, now)
		if err != nil {
			return err
		}
		next, err := toRow(sub, checkpoint)
		if err != nil {
			return err
		}
		if err := s.store.save(id, loaded, next, made); !errors.Is(err, errConflict) {
			return err
		}
		fmt.Println("somebody else was faster: again")
	}
}

func toRow(sub subscription.Subscription, checkpoint billing.Checkpoint) (row, error) {
	r := row{version: sub.Version(), revision: checkpoint.Revision}
	var err1, err2 error
	r.subscription, err1 = json.Marshal(sub)
	r.checkpoint, err2 = json.Marshal(checkpoint)
	return r, errors.Join(err1, err2)
}

func Example_service() {
	s := service{
		store:   &store{rows: map[subscription.ID]row{}, invoices: map[uuid.UUID]billing.Invoice{}, billed: map[subscription.ID][]billing.StoredLine{}},
		catalog: plan.MustCatalog(teamPlan.Plan()),
	}
	first, err := toRow(teamOf(4), billing.Checkpoint{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s.store.rows["s-1"] = first

	nothing := func(sub subscription.Subscription) (subscription.Subscription, error) { return sub, nil }
	seats := func(at time.Time, n int64) act {
		return func(sub subscription.Subscription) (subscription.Subscription, error) {
			return sub.ChangeQuantity(call(at), subscription.Immediately(), "", decimal.NewFromInt(n))
		}
	}

	// The nightly run of 1 March.
	report(s, s.do("s-1", day(3, 1), nothing))

	// Two changes at once: while the one is made, the other is saved.
	raced := false
	report(s, s.do("s-1", day(3, 11), func(sub subscription.Subscription) (subscription.Subscription, error) {
		if !raced {
			raced = true
			report(s, s.do("s-1", day(3, 11), seats(day(3, 11), 5)))
		}
		return seats(day(3, 11), 6)(sub)
	}))

	// The run of 1 April, which crashed after saving and is started again.
	report(s, s.do("s-1", day(4, 1), nothing))
	report(s, s.do("s-1", day(4, 1), nothing))
	// Output:
	// 1 invoices of 98.60 EUR
	// 2 invoices of 107.00 EUR
	// somebody else was faster: again
	// 3 invoices of 115.40 EUR
	// 4 invoices of 238.80 EUR
	// 4 invoices of 238.80 EUR
}

// report says what was billed in all.
func report(s service, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	var total decimal.Decimal
	for _, inv := range s.store.invoices {
		total = total.Add(inv.Total.Decimal())
	}
	fmt.Println(len(s.store.invoices), "invoices of", total.StringFixed(2), "EUR")
}
