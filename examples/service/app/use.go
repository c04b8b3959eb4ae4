package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/feature"
)

// Check says whether an amount of a feature may be used now.
func (a *App) Check(ctx context.Context, tenant, id string, key feature.Key, amount decimal.Decimal) (none feature.Decision, err error) {
	loaded, err := a.Load(ctx, tenant, id)
	if err != nil {
		return none, err
	}
	now := a.now(loaded.Row)
	granted, err := loaded.Sub.Entitlement(key, now)
	if err != nil {
		return none, err
	}
	used, err := used(a.Store.Use(ctx, tenant, id, string(key)))
	return granted.Check(used, feature.Request{Amount: amount, At: now}), err
}

// Consume uses a feature, if that is allowed, and counts it. Consumers come one after the
// other, so that no two of them are given the same last unit. What is beyond an allowance
// that is billed becomes a record of usage. With a key a request that is sent twice counts
// once.
func (a *App) Consume(ctx context.Context, tenant, id string, key feature.Key, amount decimal.Decimal, request string) (d feature.Decision, err error) {
	err = again(func() error {
		loaded, err := a.Load(ctx, tenant, id)
		if err != nil {
			return err
		}
		granted, err := loaded.Sub.Entitlement(key, a.now(loaded.Row))
		if err != nil {
			return err
		}
		return a.Store.Transact(ctx, func(tx store.Tx) error {
			d, err = a.consume(ctx, tx, loaded, granted, amount, request)
			return err
		})
	})
	return d, err
}

func (a *App) consume(ctx context.Context, tx store.Tx, loaded State, granted *feature.Entitlement, amount decimal.Decimal, request string) (d feature.Decision, err error) {
	tenant, id, key, now := loaded.Row.Tenant, loaded.Row.ID, string(granted.Key()), a.now(loaded.Row)
	used, err := used(tx.HoldUse(ctx, tenant, id, key))
	if err != nil {
		return d, err
	}
	next, d := granted.Consume(used, feature.Request{Amount: amount, At: now})
	if !d.Allowed {
		return d, nil
	}
	text, err := json.Marshal(next)
	if err != nil {
		return d, err
	}
	counted, err := tx.SetUse(ctx, tenant, id, key, string(text), request, fmt.Sprintf("%s %s", key, amount))
	if err != nil || !counted || d.Metric() == "" {
		return d, err
	}
	record := "use/" + request
	if request == "" {
		record += uuid.NewString()
	}
	return d, a.record(ctx, tx, loaded, record, billing.Record{Metric: d.Metric(), At: now, Quantity: d.Billable()})
}

// used reads what is stored of the use of a feature: nothing before the first.
func used(document string, err error) (used feature.QuotaUsage, _ error) {
	if document != "" && err == nil {
		err = json.Unmarshal([]byte(document), &used)
	}
	return used, err
}

// A Quota is how much of a feature is used.
type Quota struct {
	Feature  feature.Key
	Decision feature.Decision
	Limit    decimal.Decimal
	Limited  bool
}

// Quotas returns all that a subscription grants.
func (a *App) Quotas(ctx context.Context, s State) ([]Quota, error) {
	now := a.now(s.Row)
	granted, err := s.Sub.Entitlements(now)
	if err != nil {
		return nil, err
	}
	var all []Quota
	for _, e := range granted {
		used, err := used(a.Store.Use(ctx, s.Row.Tenant, s.Row.ID, string(e.Key())))
		if err != nil {
			return nil, err
		}
		q := Quota{Feature: e.Key(), Decision: e.Check(used, feature.Request{At: now})}
		q.Limit, q.Limited = e.Limit()
		all = append(all, q)
	}
	return all, nil
}
