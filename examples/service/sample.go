package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/store"
)

//go:embed sample/catalog.json
var sampleCatalog []byte

//go:embed sample/subscriptions.json
var sampleSubscriptions []byte

// sampleNow is when the sample begins: the test clock of a new database.
var sampleNow = time.Date(2026, time.March, 10, 9, 0, 0, 0, time.UTC)

// sampleTenant is the tenant of the sample.
const sampleTenant = "demo"

// fill puts the sample into an empty database and returns an API key for it; "" if the
// database has a tenant.
func fill(ctx context.Context, a *app.App) (string, error) {
	if all, err := a.Store.Tenants(ctx); err != nil || len(all) > 0 {
		return "", err
	}
	if a.TestClock { // before anything else: without it there is no time
		if err := a.Store.Transact(ctx, func(tx store.Tx) error { return tx.SetClock(ctx, sampleNow, sampleNow) }); err != nil {
			return "", err
		}
	}
	key, err := a.AddTenant(ctx, sampleTenant)
	if errors.Is(err, store.ErrExists) {
		return "", nil // another process began at the same time, and fills it
	}
	if err != nil {
		return "", err
	}
	if err := a.AddCatalog(ctx, sampleTenant, sampleCatalog); err != nil {
		return "", err
	}
	var entries []entry
	if err := json.Unmarshal(sampleSubscriptions, &entries); err != nil {
		return "", err
	}
	for _, e := range entries {
		if err := e.add(ctx, a); err != nil {
			return "", fmt.Errorf("%s: %w", e.Customer.ID, err)
		}
	}
	return key, nil
}

// An entry of the sample is a customer with a subscription of the same id.
type entry struct {
	Customer     store.Customer
	Subscription json.RawMessage
	Usage        billing.Usage
}

func (e entry) add(ctx context.Context, a *app.App) error {
	id := e.Customer.ID
	if err := a.Store.Transact(ctx, func(tx store.Tx) error { return tx.PutCustomer(ctx, sampleTenant, e.Customer) }); err != nil {
		return err
	}
	if _, err := a.Subscribe(ctx, sampleTenant, id, e.Subscription); err != nil {
		return err
	}
	for i, r := range e.Usage {
		if err := a.Record(ctx, sampleTenant, id, fmt.Sprintf("sample-%d", i), r); err != nil {
			return err
		}
	}
	return nil
}
