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

// tenant is the only one of the sample; others are added as it is.
const tenant = "demo"

// fill puts the sample into an empty database and returns an API key for it; "" if the
// database has a tenant.
func fill(ctx context.Context, a *app.App) (string, error) {
	if all, err := a.Store.Tenants(ctx); err != nil || len(all) > 0 {
		return "", err
	}
	key, hash := app.NewKey()
	err := a.Store.Transact(ctx, func(tx store.Tx) error {
		if a.TestClock {
			if err := tx.SetClock(ctx, sampleNow, sampleNow); err != nil {
				return err
			}
		}
		if err := tx.AddTenant(ctx, tenant, "Sample"); err != nil {
			return err
		}
		return tx.AddKey(ctx, tenant, hash)
	})
	if errors.Is(err, store.ErrExists) {
		return "", nil // another process began at the same time, and fills it
	}
	if err != nil {
		return "", err
	}
	if err := a.AddCatalog(ctx, tenant, sampleCatalog); err != nil {
		return "", err
	}
	var entries []struct {
		Card         string          `json:"card"`
		Subscription json.RawMessage `json:"subscription"`
		Usage        billing.Usage   `json:"usage"`
	}
	if err := json.Unmarshal(sampleSubscriptions, &entries); err != nil {
		return "", err
	}
	for _, e := range entries {
		var of struct {
			ID      string `json:"id"`
			Details struct {
				Name string `json:"name"`
			} `json:"details"`
		}
		if err := json.Unmarshal(e.Subscription, &of); err != nil {
			return "", err
		}
		if err := a.Store.Transact(ctx, func(tx store.Tx) error {
			return tx.PutCustomer(ctx, tenant, store.Customer{ID: of.ID, Name: of.Details.Name, Card: e.Card})
		}); err != nil {
			return "", err
		}
		if _, err := a.Subscribe(ctx, tenant, of.ID, e.Subscription); err != nil {
			return "", fmt.Errorf("%s: %w", of.ID, err)
		}
		for i, r := range e.Usage {
			if err := a.Record(ctx, tenant, of.ID, fmt.Sprintf("sample-%d", i), r); err != nil {
				return "", fmt.Errorf("%s: %w", of.ID, err)
			}
		}
	}
	return key, nil
}
