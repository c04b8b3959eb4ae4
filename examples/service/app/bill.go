package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

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
		if err = a.reconcile(ctx, loaded.Row, &out); err != nil {
			return nil, err
		}
	}
	usage, err := a.Usage(ctx, State{loaded.Row, sub, out.checkpoint})
	if err != nil {
		return nil, err
	}
	var adjusted []billing.StoredLine
	if loaded.Row.Adjusted {
		if adjusted, err = a.Store.Lines(ctx, loaded.Row.Tenant, loaded.Row.ID); err != nil {
			return nil, err
		}
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
		p := store.Posting{ID: inv.ID(), Topic: store.InvoiceTopic, Dated: inv.At, Total: inv.Total, Left: inv.AmountDue, Lines: inv.StoredLines()}
		if err := out.post(loaded.Row, p, inv); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// reconcile makes the difference between what was billed and what should have been.
func (a *App) reconcile(ctx context.Context, row store.Row, out *result) error {
	usage, err := a.Store.Usage(ctx, row.Tenant, row.ID, out.sub.CreatedAt())
	if err != nil {
		return err
	}
	billed, err := a.Store.Lines(ctx, row.Tenant, row.ID)
	if err != nil {
		return err
	}
	diff, err := billing.Reconcile(out.sub, usage, billed, out.checkpoint, out.checkpoint.ChargedThrough)
	if err != nil {
		return err
	}
	out.checkpoint = diff.Checkpoint
	if diff.IsEmpty() {
		return nil
	}
	id := named("difference", row.Tenant, row.ID, diff.Checkpoint.Revision)
	return out.post(row, store.Posting{ID: id, Topic: store.DifferenceTopic, Dated: diff.At, Total: diff.Total, Left: diff.AmountDue, Lines: diff.StoredLines()}, diff)
}

// post adds a posting with its document. It is to be collected, if anything is due and the
// customer has a card.
func (out *result) post(row store.Row, p store.Posting, document any) (err error) {
	p.Subscription = row.ID
	if p.Document, err = json.Marshal(document); err != nil {
		return err
	}
	if row.Card != "" && p.Left.Sign() > 0 {
		p.WakeAt = out.at
	}
	out.made = append(out.made, p)
	return nil
}

// Explain returns why the amounts of a posting are what they are: plain text, to be escaped
// where it is shown.
func Explain(p store.Posting) (string, error) {
	var document interface{ Explain() (string, error) }
	switch p.Topic {
	case store.InvoiceTopic:
		document = &billing.Invoice{}
	case store.DifferenceTopic:
		document = &billing.Reconciliation{}
	case store.CreditNoteTopic:
		document = &CreditNote{}
	}
	if document == nil {
		return "", fmt.Errorf("posting %s: unknown topic %q", p.ID, p.Topic)
	}
	if err := json.Unmarshal(p.Document, document); err != nil {
		return "", err
	}
	return document.Explain()
}

// A CreditNote takes back a part of a billed line.
type CreditNote struct {
	Line   uuid.UUID   `json:"line"`
	Amount money.Money `json:"amount"`
	Reason string      `json:"reason"`
}

// Explain returns why it was given.
func (n CreditNote) Explain() (string, error) {
	return n.Amount.String() + " taken back: " + n.Reason + "\n", nil
}

// Usage loads what a run after the checkpoint needs.
func (a *App) Usage(ctx context.Context, s State) (billing.Usage, error) {
	if s.Row.Records == 0 {
		return nil, nil
	}
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
	return again(func() error {
		loaded, err := a.Load(ctx, tenant, id)
		if err != nil {
			return err
		}
		return a.Store.Transact(ctx, func(tx store.Tx) error { return a.record(ctx, tx, loaded, record, r) })
	})
}

// again does something until nobody else has saved meanwhile.
func again(do func() error) error {
	for {
		if err := do(); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func (a *App) record(ctx context.Context, tx store.Tx, loaded State, record string, r billing.Record) error {
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
	now := a.now(loaded.Row)
	if w := loaded.Row.WakeAt; !w.IsZero() && !w.After(now) {
		return nil // it is about to be looked at
	}
	due, err := tx.WakeNow(ctx, loaded.Row, now)
	if err != nil {
		return err
	}
	return a.Queue.Insert(ctx, tx, now, Job{Renewal, due})
}
