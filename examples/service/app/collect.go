package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// A Gateway takes money. Asked twice with one key it takes it once.
type Gateway interface {
	// Charge returns the gateway's reference. The error is ErrDeclined if the customer's
	// bank says no; any other error says nothing, and the same is asked again.
	Charge(ctx context.Context, key, card string, amount money.Money) (reference string, err error)
}

var (
	// ErrDeclined is the refusal of a bank.
	ErrDeclined = fault.New(fault.Refused, "app: declined")
	errAmount   = fault.New(fault.Refused, "app: more than what is left")
	errNoLine   = fault.New(fault.Missing, "app: no such line on the invoice")
)

// Cards of the fake gateway.
const (
	CardPays     = "pays"
	CardDeclined = "declined"
	CardRetry    = "declined-at-first" // the first attempt is declined
)

// A FakeGateway takes no money.
type FakeGateway struct{}

// Charge implements Gateway.
func (FakeGateway) Charge(_ context.Context, key, card string, _ money.Money) (string, error) {
	if card == CardDeclined || card == CardRetry && key[len(key)-2:] == "/0" {
		return "", ErrDeclined
	}
	return "ch_" + named("charge", key).String()[:8], nil
}

// retries are when a declined invoice is attempted again, after the attempt before.
var retries = []time.Duration{72 * time.Hour, 48 * time.Hour, 48 * time.Hour}

// dunning is what happens to who does not pay: after the last attempt the subscription is held.
var dunning = collection.Policy{Coverage: collection.CutPaid, Steps: []collection.Step{
	{ID: "hold", Attempts: 4, Do: []collection.Action{collection.Hold}},
	{ID: "retry", Do: []collection.Action{collection.Retry, collection.Notify}},
}}

// Collect attempts to collect an invoice. Where that was done, or where the invoice was
// paid otherwise, there is nothing to do but done.
func (a *App) Collect(ctx context.Context, due store.Wake, done func(store.Tx) error) error {
	wanted := func(p store.Posting) bool {
		return p.Attempts == due.Number && !p.WakeAt.IsZero() && p.LeftDue.Minor() > 0
	}
	p, err := a.Store.Invoice(ctx, due.Tenant, due.ID)
	if err != nil {
		return err
	}
	if !wanted(p) {
		return a.Store.Transact(ctx, done)
	}
	payer, err := a.Store.Customer(ctx, p.Tenant, p.Customer)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("%s/%s/%d", due.Tenant, due.ID, due.Number)
	reference, err := a.Gateway.Charge(ctx, key, payer.Card, p.LeftDue)
	if err != nil && !errors.Is(err, ErrDeclined) {
		return err
	}
	payment := store.Payment{ID: key, Invoice: due.ID, At: due.At, Kind: collection.Paid, Amount: p.LeftDue, Left: p.LeftDue, Reference: reference}
	if err != nil {
		payment.Kind, payment.Amount = collection.Failed, money.FromMinor(0, p.LeftDue.Currency())
		if due.Number < len(retries) {
			payment.NextAttemptAt = due.At.Add(retries[due.Number])
		}
	}
	_, err = a.settle(ctx, p, payment, wanted, nil, done)
	return err
}

// Pay takes a payment in that came in another way. The id is the sender's own.
func (a *App) Pay(ctx context.Context, tenant, invoice, id, reference string, amount money.Money) (store.Posting, error) {
	p, err := a.Store.Invoice(ctx, tenant, invoice)
	if err != nil {
		return p, err
	}
	now, err := a.Now(ctx)
	if err != nil {
		return p, err
	}
	payment := store.Payment{ID: "in/" + id, Invoice: invoice, At: now, Kind: collection.Paid, Amount: amount, Reference: reference}
	return a.settle(ctx, p, payment, func(store.Posting) bool { return true }, nil, nothing)
}

// settle stores a payment, if it is still wanted, and what follows from it: the hold of who
// does not pay, or its end; and what verb does, if that is not nil.
func (a *App) settle(ctx context.Context, p store.Posting, payment store.Payment, wanted func(store.Posting) bool, verb Verb, done func(store.Tx) error) (store.Posting, error) {
	loaded, pay, here := p, false, around{}
	_, err := a.swap(ctx, p.Tenant, p.Subscription, func(s State) (*result, error) {
		var err error
		if loaded, err = a.Store.Invoice(ctx, p.Tenant, p.ID.String()); err != nil {
			return nil, err
		}
		known, err := a.Store.Payments(ctx, p.Tenant, p.Subscription)
		if err != nil {
			return nil, err
		}
		pay = wanted(loaded)
		for _, other := range known {
			pay = pay && other.ID != payment.ID // it came before
		}
		if !pay {
			return nil, nil
		}
		if payment.Left, err = loaded.LeftDue.Sub(payment.Amount); err != nil {
			return nil, err
		}
		if payment.Left.Minor() < 0 {
			return nil, fmt.Errorf("%w: %s of %s", errAmount, payment.Amount, loaded.LeftDue)
		}
		if payment.Kind == collection.Paid && payment.Left.Minor() > 0 {
			payment.NextAttemptAt = loaded.WakeAt
		}
		if here, err = a.around(ctx, p.Tenant); err != nil {
			return nil, err
		}
		at, err := billing.NotBefore(s.Sub, s.Checkpoint, payment.At)
		if err != nil {
			return nil, err
		}
		sub, err := a.stand(ctx, s, append(known, payment), at)
		if err == nil && verb != nil {
			sub, err = verb(sub, at)
		}
		if err != nil || sub.Equal(s.Sub) {
			return nil, err
		}
		return a.bill(ctx, s, sub, at, s.Row.Late)
	}, func(tx store.Tx) error {
		if !pay {
			return done(tx)
		}
		if added, err := tx.Pay(ctx, loaded, payment); err != nil || !added {
			return errors.Join(err, conflictUnless(added))
		}
		body, err := json.Marshal(map[string]string{
			"invoice": payment.Invoice, "kind": string(payment.Kind), "amount": payment.Amount.String(), "left": payment.Left.String(), "reference": payment.Reference,
		})
		if err != nil {
			return err
		}
		jobs, err := a.tell(ctx, tx, here, p.Tenant, p.Subscription, []store.Event{{
			ID: named("payment", payment.ID).String(), Topic: "payment." + string(payment.Kind), At: payment.At, Body: string(body),
		}})
		if err != nil {
			return err
		}
		if next := payment.NextAttemptAt; !next.IsZero() {
			jobs = append(jobs, Job{Collection, store.Wake{Tenant: p.Tenant, ID: payment.Invoice, Number: loaded.Attempts + 1, At: next}, !next.After(here.now)})
		}
		if err := a.Queue.Insert(ctx, tx, jobs...); err != nil {
			return err
		}
		return done(tx)
	})
	if err == nil && pay {
		loaded.LeftDue = payment.Left
	}
	return loaded, err
}

func conflictUnless(ok bool) error {
	if ok {
		return nil
	}
	return store.ErrConflict
}

// Standing says how it stands with the payment of a subscription's invoices.
func (a *App) Standing(ctx context.Context, tenant, id string, payments []store.Payment, at time.Time) (collection.State, error) {
	stored, err := a.Store.Invoices(ctx, tenant, id, 1000)
	if err != nil {
		return collection.State{}, err
	}
	var open []billing.Invoice
	known := map[uuid.UUID]bool{}
	for _, p := range stored {
		if p.Topic != "invoice" || p.LeftDue.Minor() <= 0 {
			continue
		}
		var inv billing.Invoice
		if err := json.Unmarshal([]byte(p.Document), &inv); err != nil {
			return collection.State{}, fmt.Errorf("app: stored invoice %s: %w", p.ID, hidden{err})
		}
		open, known[p.ID] = append(open, inv), true
	}
	var facts []collection.Fact
	for _, p := range payments {
		of, err := uuid.Parse(p.Invoice)
		if err != nil {
			return collection.State{}, err
		}
		if known[of] {
			fact := collection.Fact{Invoice: of, Kind: p.Kind, At: p.At}
			if p.Kind == collection.Paid && p.Left.Minor() > 0 {
				fact.Left = p.Left
			}
			facts = append(facts, fact)
		}
	}
	return collection.Standing(open, facts, dunning, at)
}

// stand does to a subscription what its standing proposes, and takes it back when all is paid.
func (a *App) stand(ctx context.Context, s State, payments []store.Payment, at time.Time) (subscription.Subscription, error) {
	standing, err := a.Standing(ctx, s.Row.Tenant, s.Row.ID, payments, at)
	if err != nil {
		return s.Sub, err
	}
	state, err := s.Sub.State(at)
	if err != nil {
		return s.Sub, err
	}
	if !standing.PastDue && state.Held() {
		for _, c := range s.Sub.History(0, 0) {
			if c.Action == lifecycle.Hold && c.Reason == collection.CauseUnpaid {
				return s.Sub.Release(subscription.Call{At: at, Actor: lifecycle.Operator, Reason: collection.CauseUnpaid})
			}
		}
	}
	sub := s.Sub
	for _, c := range standing.Commands {
		if !c.At.After(at) && !state.Held() {
			if sub, err = c.Apply(sub, at); err != nil && fault.Kind(err) != fault.Refused { // as after an ending
				return s.Sub, err
			}
		}
	}
	return sub, nil
}

// A CreditNote takes back a part of a billed line.
type CreditNote struct {
	Line   uuid.UUID   `json:"line"`
	Amount money.Money `json:"amount"`
	Reason string      `json:"reason"`
}

// Credit makes a credit note. What is left to pay of the invoice becomes less; of one that
// is paid, the customer has the amount as credit on the account. The line remembers it, so
// that no later credit takes back more than is left.
func (a *App) Credit(ctx context.Context, tenant, invoice, key string, note CreditNote) (store.Posting, error) {
	p, err := a.Store.Invoice(ctx, tenant, invoice)
	if err != nil {
		return p, err
	}
	out, err := a.posting(ctx, store.Row{Tenant: tenant, ID: p.Subscription, Customer: p.Customer}, "credit_note", note, time.Time{})
	if err != nil {
		return p, err
	}
	now, err := a.Now(ctx)
	if err != nil {
		return p, err
	}
	billed, err := a.Store.Lines(ctx, tenant, p.Subscription)
	if err != nil {
		return p, err
	}
	err = errNoLine
	var left money.Money
	for _, line := range billed {
		if line.ID == note.Line && !line.Adjusts {
			left, err = a.left(ctx, p, line)
		}
	}
	if err != nil {
		return p, err
	}
	if over, err := note.Amount.Cmp(left); err != nil || over > 0 || note.Amount.Minor() <= 0 {
		return p, errors.Join(err, fmt.Errorf("%w: %s of %s", errAmount, note.Amount, left))
	}
	less, err := money.FromMinor(0, note.Amount.Currency()).Sub(note.Amount)
	if err != nil {
		return p, err
	}
	none := money.FromMinor(0, note.Amount.Currency())
	out.ID, out.Dated, out.WakeAt = named("credit_note", tenant, invoice, key), now, time.Time{}
	out.Total, out.CreditApplied, out.AmountDue, out.Refund, out.LeftDue = less, none, none, none, none
	out.Lines = []billing.StoredLine{{ID: out.ID, Of: note.Line, Adjusts: true, Amount: less}}
	post := func(tx store.Tx) error { return tx.Post(ctx, out) }
	if open, err := note.Amount.Cmp(p.LeftDue); err == nil && open <= 0 {
		payment := store.Payment{ID: "note/" + out.ID.String(), Invoice: invoice, At: now, Kind: collection.Paid, Amount: note.Amount, Reference: "credit note " + out.ID.String()}
		_, err = a.settle(ctx, p, payment, func(store.Posting) bool { return true }, nil, post)
		return out, err
	}
	_, err = a.do(ctx, tenant, p.Subscription, 0, now, func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error) {
		return sub.AddAccountCredit(subscription.Call{At: at, Actor: lifecycle.Operator, Key: out.ID.String(), Reason: note.Reason}, note.Amount)
	}, post)
	return out, err
}
