package app

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// Renew bills a subscription at a boundary, as of the instant of the boundary, however late
// it is. Where somebody has been faster there is nothing to do but done.
func (a *App) Renew(ctx context.Context, due store.Wake, done func(store.Tx) error) error {
	_, err := a.swap(ctx, due.Tenant, due.ID, func(loaded State) (*result, error) {
		if loaded.Row.Boundary != due.Number {
			return nil, nil
		}
		at, err := billing.NotBefore(loaded.Sub, loaded.Checkpoint, due.At)
		if err != nil {
			return nil, err
		}
		return a.bill(ctx, loaded, loaded.Sub, at, loaded.Row.Late)
	}, done)
	return err
}

// bill makes what is due. Before that it makes the difference in what was billed, if usage
// came late, if the history changed before the checkpoint, or if these zone data do not
// have the boundary that was billed last.
func (a *App) bill(ctx context.Context, loaded State, sub subscription.Subscription, to time.Time, late bool) (*result, error) {
	out := result{sub: sub, checkpoint: loaded.Checkpoint, at: to}
	var err error
	if late {
		if err = a.reconcile(ctx, loaded.Row, &out, loaded.Checkpoint.ChargedThrough); err != nil {
			return nil, err
		}
	}
	usage, err := a.Usage(ctx, State{loaded.Row, sub, out.checkpoint})
	if err != nil {
		return nil, err
	}
	adjusted, err := a.Store.Adjustments(ctx, loaded.Row.Tenant, loaded.Row.ID)
	if err != nil {
		return nil, err
	}
	made, next, err := billing.Invoices(sub, usage, out.checkpoint, to, billing.WithAdjustments(adjusted))
	if !late && (errors.Is(err, billing.ErrReconcile) || errors.Is(err, billing.ErrLateUsage) || errors.Is(err, billing.ErrBoundary)) {
		return a.bill(ctx, loaded, sub, to, true)
	}
	if err != nil {
		return nil, err
	}
	out.checkpoint = next
	for _, inv := range made {
		p, err := a.posting(ctx, loaded.Row, "invoice", inv, to)
		if err != nil {
			return nil, err
		}
		p.ID, p.Dated, p.Lines = inv.ID(), inv.At, inv.StoredLines()
		p.Total, p.CreditApplied, p.AmountDue, p.Refund = inv.Total, inv.CreditApplied, inv.AmountDue, inv.Refund
		out.made = append(out.made, collectable(p))
	}
	return &out, nil
}

// posting begins one, with its document.
func (a *App) posting(ctx context.Context, row store.Row, topic string, document any, at time.Time) (store.Posting, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return store.Posting{}, err
	}
	p := store.Posting{Tenant: row.Tenant, Subscription: row.ID, Customer: row.Customer, Topic: topic, Document: string(text)}
	payer, err := a.Store.Customer(ctx, row.Tenant, row.Customer)
	if err == nil && payer.Card != "" {
		p.WakeAt = at
	}
	return p, err
}

// collectable says what is left to pay, and lets nothing be collected of what is not due.
func collectable(p store.Posting) store.Posting {
	p.LeftDue = p.AmountDue
	if p.LeftDue.Minor() <= 0 {
		p.WakeAt = time.Time{}
	}
	return p
}

// reconcile makes the difference between what was billed and what should have been.
func (a *App) reconcile(ctx context.Context, row store.Row, out *result, to time.Time) error {
	usage, err := a.Store.Usage(ctx, row.Tenant, row.ID, out.sub.CreatedAt())
	if err != nil {
		return err
	}
	billed, err := a.Store.Lines(ctx, row.Tenant, row.ID)
	if err != nil {
		return err
	}
	diff, err := billing.Reconcile(out.sub, usage, billed, out.checkpoint, to)
	if err != nil {
		return err
	}
	out.checkpoint = diff.Checkpoint
	if diff.IsEmpty() {
		return nil
	}
	p, err := a.posting(ctx, row, "difference", diff, out.at)
	if err != nil {
		return err
	}
	p.ID, p.Dated, p.Lines = named("difference", row.Tenant, row.ID, diff.Checkpoint.Revision), diff.At, diff.StoredLines()
	p.Total, p.CreditApplied, p.AmountDue, p.Refund = diff.Total, diff.CreditApplied, diff.AmountDue, diff.Refund
	out.made = append(out.made, collectable(p))
	return nil
}

// Usage loads what a run after the checkpoint needs.
func (a *App) Usage(ctx context.Context, s State) (billing.Usage, error) {
	from, err := billing.UsageFrom(s.Sub, s.Checkpoint)
	if errors.Is(err, billing.ErrReconcile) || errors.Is(err, billing.ErrBoundary) {
		return nil, nil // a run will say so
	}
	if err != nil {
		return nil, err
	}
	return a.Store.Usage(ctx, s.Row.Tenant, s.Row.ID, from)
}

// Record takes a record of usage in, unless it can never be billed. The id is the meter's
// own: a record that is sent again is the same record. One that comes after its part of the
// period was billed, or that may reach a threshold, wakes a worker.
func (a *App) Record(ctx context.Context, tenant, id, record string, r billing.Record) error {
	for {
		loaded, err := a.Load(ctx, tenant, id)
		if err != nil {
			return err
		}
		here, err := a.around(ctx, tenant)
		if err != nil {
			return err
		}
		err = a.Store.Transact(ctx, func(tx store.Tx) error { return a.record(ctx, tx, here, loaded, record, r) })
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func (a *App) record(ctx context.Context, tx store.Tx, here around, loaded State, record string, r billing.Record) error {
	err := billing.CheckUsage(loaded.Sub, loaded.Checkpoint, r)
	late := errors.Is(err, billing.ErrLateUsage)
	if err != nil && !late {
		return err
	}
	added, err := tx.Record(ctx, loaded.Row, record, r, late)
	if err != nil || !added {
		return err
	}
	if version := loaded.Sub.Plan(r.At); !late && (version == nil || !version.HasThresholds()) {
		return nil
	}
	if w := loaded.Row.WakeAt; !w.IsZero() && !w.After(here.now) {
		return nil // it is about to be looked at
	}
	due, err := tx.WakeNow(ctx, loaded.Row, here.now)
	if err != nil {
		return err
	}
	return a.Queue.Insert(ctx, tx, Job{Renewal, due, true})
}

// left returns what adjustments have left of a billed line.
func (a *App) left(ctx context.Context, p store.Posting, line billing.StoredLine) (money.Money, error) {
	adjusted, err := a.Store.Adjustments(ctx, p.Tenant, p.Subscription)
	left := line.Amount
	for _, other := range adjusted {
		if err == nil && other.Of == line.ID {
			left, err = left.Add(other.Amount)
		}
	}
	return left, err
}
