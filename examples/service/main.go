// Service is a small but real service on the library: it keeps subscriptions in SQLite or
// PostgreSQL, bills each exactly once however it is interrupted, and tells others of it by
// an outbox. docs/embedding.md explains it; copy what you need.
//
// Usage: service
//
// It sells a plan to one customer in a database in memory and lives through four months:
// usage, one more seat, usage that came late.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata" // where the system has no zone data, those of the Go release

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// team is what is sold: a fee for each seat, in advance, and calls, afterwards.
var team = plan.MustCompile(plan.Plan{
	ID: "team", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
	Charges: []plan.Charge{
		{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(31)}},
		{ID: "calls", Name: "Calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("0.02")}},
	},
	Policy: plan.Policy{ChangeCredit: plan.CreditProrate},
})

func run(ctx context.Context, out io.Writer) error {
	folder, err := os.MkdirTemp("", "perennial")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	db, err := openSQLite("sqlite", filepath.Join(folder, "service.db"))
	if err != nil {
		return err
	}
	defer func() { _ = db.db.Close() }()
	if err := db.create(ctx); err != nil {
		return err
	}
	s := &Service{store: db, catalog: plan.MustCatalog(team.Plan())}

	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 9, 0, 0, 0, time.UTC) }
	for _, step := range []func() error{
		func() error {
			return s.Subscribe(ctx, "acme", subscription.Params{ID: "acme/s-1", Plan: team, Start: day(1, 31), Quantity: subscription.Units(3)}, day(1, 31))
		},
		func() error { return s.Record(ctx, "acme/s-1", "r-1", calls(day(2, 10), 700), day(2, 10)) },
		func() error { _, err := s.Work(ctx, day(2, 28)); return err },
		func() error { return s.Do(ctx, "acme/s-1", day(3, 10), seats("request-17", 4)) },
		func() error { return s.Do(ctx, "acme/s-1", day(3, 10), seats("request-17", 4)) }, // the client asks again
		func() error { _, err := s.Work(ctx, day(3, 31)); return err },
		func() error { return s.Record(ctx, "acme/s-1", "r-2", calls(day(2, 20), 50), day(4, 2)) },
		func() error { _, err := s.Work(ctx, day(4, 2)); return err },
		func() error {
			return s.Deliver(ctx, func(m message) error {
				why, err := m.explain()
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(out, why)
				return err
			})
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func calls(at time.Time, n int64) billing.Record {
	return billing.Record{Metric: "calls", At: at, Quantity: decimal.NewFromInt(n)}
}

// seats sets the number of seats; the key makes a request that is sent twice one change.
func seats(key string, n int64) Act {
	return func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error) {
		return seatsOf(sub, subscription.Call{At: at, Actor: lifecycle.Subscriber, Key: key}, n)
	}
}

func seatsOf(sub subscription.Subscription, call subscription.Call, n int64) (subscription.Subscription, error) {
	return sub.ChangeQuantity(call, subscription.Immediately(), "seats", decimal.NewFromInt(n))
}
