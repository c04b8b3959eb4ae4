package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A Service does what is asked for and bills what is due, both or neither.
type Service struct {
	store   *store
	catalog *plan.Catalog
}

// An Act is a verb: it makes the next value of a subscription, at the instant given.
type Act func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error)

// Subscribe stores a new subscription, and bills what is due by now.
func (s *Service) Subscribe(ctx context.Context, tenant string, p subscription.Params, now time.Time) error {
	sub, err := subscription.New(p)
	if err != nil {
		return err
	}
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, now)
	if err != nil {
		return err
	}
	next, err := toRow(sub, checkpoint)
	if err != nil {
		return err
	}
	bills, err := toPostings(made)
	if err != nil {
		return err
	}
	return s.store.insert(ctx, tenant, next, bills)
}

// Do acts and bills what is due by now.
func (s *Service) Do(ctx context.Context, id subscription.ID, now time.Time, act Act) error {
	return s.swap(ctx, id, func(sub subscription.Subscription, checkpoint billing.Checkpoint, late bool) (result, error) {
		at, err := billing.NotBefore(sub, checkpoint, now)
		if err != nil {
			return result{}, err
		}
		if sub, err = act(sub, at); err != nil {
			return result{}, err
		}
		return s.bill(ctx, sub, checkpoint, at, late)
	})
}

// Bill bills what is due by now, and does nothing else.
func (s *Service) Bill(ctx context.Context, id subscription.ID, now time.Time) error {
	return s.Do(ctx, id, now, func(sub subscription.Subscription, _ time.Time) (subscription.Subscription, error) { return sub, nil })
}

// Reconcile bills what late usage and corrections have changed in what was billed.
func (s *Service) Reconcile(ctx context.Context, id subscription.ID, now time.Time) error {
	return s.swap(ctx, id, func(sub subscription.Subscription, checkpoint billing.Checkpoint, _ bool) (result, error) {
		return s.reconcile(ctx, sub, checkpoint, now)
	})
}

// A result is what is to be saved.
type result struct {
	sub        subscription.Subscription
	checkpoint billing.Checkpoint
	made       []posting
}

// swap loads, works and saves. If somebody else has saved meanwhile it does all of it
// again: what lies between loading and saving has no effects.
func (s *Service) swap(ctx context.Context, id subscription.ID, work func(subscription.Subscription, billing.Checkpoint, bool) (result, error)) error {
	for {
		loaded, err := s.store.load(ctx, id)
		if err != nil {
			return err
		}
		sub, checkpoint, err := s.decode(loaded)
		if err != nil {
			return err
		}
		done, err := work(sub, checkpoint, loaded.late)
		if err != nil {
			return err
		}
		next, err := toRow(done.sub, done.checkpoint)
		if err != nil {
			return err
		}
		if err := s.store.save(ctx, loaded, next, done.made); !errors.Is(err, errConflict) {
			return err
		}
	}
}

// bill makes what is due. Before that it makes the difference in what was billed, if usage
// came late or the history changed before the checkpoint.
func (s *Service) bill(ctx context.Context, sub subscription.Subscription, checkpoint billing.Checkpoint, to time.Time, late bool) (result, error) {
	out := result{sub, checkpoint, nil}
	var err error
	if late {
		if out, err = s.reconcile(ctx, sub, checkpoint, checkpoint.ChargedThrough); err != nil {
			return result{}, err
		}
	}
	usage, err := s.usageSince(ctx, sub, out.checkpoint)
	if err != nil {
		return result{}, err
	}
	made, next, err := billing.Invoices(sub, usage, out.checkpoint, to)
	if !late && (errors.Is(err, billing.ErrReconcile) || errors.Is(err, billing.ErrLateUsage)) {
		return s.bill(ctx, sub, checkpoint, to, true)
	}
	if err != nil {
		return result{}, err
	}
	bills, err := toPostings(made)
	return result{sub, next, append(out.made, bills...)}, err
}

// usageSince loads what a run after the checkpoint needs.
func (s *Service) usageSince(ctx context.Context, sub subscription.Subscription, checkpoint billing.Checkpoint) (billing.Usage, error) {
	from, err := billing.UsageFrom(sub, checkpoint)
	if errors.Is(err, billing.ErrReconcile) {
		return nil, nil // a run will say so
	}
	if err != nil {
		return nil, err
	}
	return s.store.usage(ctx, sub.ID(), from)
}

// reconcile makes the difference between what was billed and what should have been.
func (s *Service) reconcile(ctx context.Context, sub subscription.Subscription, checkpoint billing.Checkpoint, to time.Time) (result, error) {
	usage, err := s.store.usage(ctx, sub.ID(), sub.CreatedAt())
	if err != nil {
		return result{}, err
	}
	billed, err := s.store.lines(ctx, sub.ID())
	if err != nil {
		return result{}, err
	}
	diff, err := billing.Reconcile(sub, usage, billed, checkpoint, to)
	if err != nil || diff.IsEmpty() {
		return result{sub, diff.Checkpoint, nil}, err
	}
	document, err := json.Marshal(diff)
	return result{sub, diff.Checkpoint, []posting{{
		id: differenceID(sub.ID(), diff.Checkpoint.Revision), topic: "difference", dated: diff.At, lines: diff.StoredLines(), document: document,
		total: diff.Total, creditApplied: diff.CreditApplied, amountDue: diff.AmountDue, refund: diff.Refund,
	}}}, err
}

// Record takes a record of usage in, unless it can never be billed. The key is the meter's
// own: a record that is sent again is the same record. One that comes after its part of the
// period was billed wakes the worker.
func (s *Service) Record(ctx context.Context, id subscription.ID, key string, r billing.Record, now time.Time) error {
	for {
		loaded, err := s.store.load(ctx, id)
		if err != nil {
			return err
		}
		sub, checkpoint, err := s.decode(loaded)
		if err != nil {
			return err
		}
		err = billing.CheckUsage(sub, checkpoint, r)
		late := errors.Is(err, billing.ErrLateUsage)
		if err != nil && !late {
			return err
		}
		if err := s.store.record(ctx, loaded, key, r, late, now); !errors.Is(err, errConflict) {
			return err
		}
	}
}

// Work bills all who are due by now, and returns how many it has looked at. Where it
// fails it notes why and tries again in an hour; the others do not wait.
func (s *Service) Work(ctx context.Context, now time.Time) (int, error) {
	ids, err := s.store.due(ctx, now)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		failed := s.Bill(ctx, id, now)
		if errors.Is(failed, billing.ErrBoundary) { // other zone data: see Reconcile
			failed = s.Reconcile(ctx, id, now)
		}
		if failed != nil {
			err = errors.Join(err, s.store.postpone(ctx, id, now, now.Add(time.Hour), failed))
		}
	}
	return len(ids), err
}

// decode reads the two documents of a row.
func (s *Service) decode(r row) (sub subscription.Subscription, checkpoint billing.Checkpoint, err error) {
	if sub, err = subscription.Decode([]byte(r.document), s.catalog); err != nil {
		return sub, checkpoint, err
	}
	err = json.Unmarshal([]byte(r.checkpoint), &checkpoint)
	return sub, checkpoint, err
}

// toRow writes the two documents of a row, and when to look at it again.
func toRow(sub subscription.Subscription, checkpoint billing.Checkpoint) (row, error) {
	document, err := json.Marshal(sub)
	if err != nil {
		return row{}, err
	}
	mark, err := json.Marshal(checkpoint)
	if err != nil {
		return row{}, err
	}
	wakeAt, err := billing.WakeAt(sub, checkpoint)
	return row{
		id: sub.ID(), version: sub.Version(), revision: checkpoint.Revision,
		document: string(document), checkpoint: string(mark), wakeAt: wakeAt,
	}, err
}

// A posting is an invoice, or a difference, as it is stored.
type posting struct {
	id                                      uuid.UUID
	topic                                   string
	dated                                   time.Time
	total, creditApplied, amountDue, refund money.Money
	lines                                   []billing.StoredLine
	document                                []byte
}

func toPostings(made []billing.Invoice) ([]posting, error) {
	var all []posting
	for _, inv := range made {
		document, err := json.Marshal(inv)
		if err != nil {
			return nil, err
		}
		all = append(all, posting{
			id: inv.ID(), topic: "invoice", dated: inv.At, lines: inv.StoredLines(), document: document,
			total: inv.Total, creditApplied: inv.CreditApplied, amountDue: inv.AmountDue, refund: inv.Refund,
		})
	}
	return all, nil
}

// differences is the namespace of the ids of differences: any UUID of the service's own.
var differences = uuid.MustParse("6f1d9a2e-3c0b-4a58-8f0e-2b7c51d4e9a3")

// differenceID names a difference by the checkpoint that is stored with it.
func differenceID(id subscription.ID, revision int) uuid.UUID {
	return uuid.NewSHA1(differences, fmt.Appendf(nil, "%d %s", revision, id))
}
