package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
	if card == CardDeclined || card == CardRetry && strings.HasSuffix(key, "/0") {
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
	wanted := func(p store.Posting) bool { return p.Attempts == due.Number && !p.WakeAt.IsZero() && p.Left.Sign() > 0 }
	p, err := a.Store.Invoice(ctx, due.Tenant, due.ID)
	if err != nil {
		return err
	}
	if !wanted(p) {
		return a.Store.Transact(ctx, done)
	}
	payer, err := a.Store.Customer(ctx, due.Tenant, p.Customer)
	if err != nil {
		return err
	}
	payment := store.Payment{ID: fmt.Sprintf("%s/%s/%d", due.Tenant, due.ID, due.Number), At: due.At, Kind: collection.Paid, Amount: p.Left}
	payment.Reference, err = a.Gateway.Charge(ctx, payment.ID, payer.Card, p.Left)
	if errors.Is(err, ErrDeclined) {
		payment.Kind, payment.Amount = collection.Failed, money.FromMinor(0, p.Left.Currency())
	} else if err != nil {
		return err
	}
	return a.onInvoice(ctx, due.Tenant, due.ID, func(s State, now store.Posting) (*result, error) {
		if !wanted(now) {
			return nil, nil
		}
		return a.settle(ctx, s, now, payment)
	}, done)
}

// onInvoice is swap with an invoice of the subscription, as it is when that is loaded.
func (a *App) onInvoice(ctx context.Context, tenant, id string, work func(State, store.Posting) (*result, error), done func(store.Tx) error) error {
	p, err := a.Store.Invoice(ctx, tenant, id)
	if err != nil {
		return err
	}
	_, err = a.swap(ctx, tenant, p.Subscription, func(s State) (*result, error) {
		now, err := a.Store.Invoice(ctx, tenant, id)
		if err != nil {
			return nil, err
		}
		return work(s, now)
	}, done)
	return err
}

// Pay takes a payment in that came in another way. The id is the sender's own.
func (a *App) Pay(ctx context.Context, tenant, invoice, id, reference string, amount money.Money) (store.Posting, error) {
	err := a.onInvoice(ctx, tenant, invoice, func(s State, p store.Posting) (*result, error) {
		payment := store.Payment{ID: "in/" + id, At: a.now(s.Row), Kind: collection.Paid, Amount: amount, Reference: reference}
		return a.settle(ctx, s, p, payment)
	}, nothing)
	if err != nil {
		return store.Posting{}, err
	}
	return a.Store.Invoice(ctx, tenant, invoice)
}

// settle is the result of a payment of an invoice, with what follows from it: the hold of
// who does not pay, or its end. A payment that came before has none.
func (a *App) settle(ctx context.Context, s State, p store.Posting, payment store.Payment) (*result, error) {
	known, err := a.Store.Payments(ctx, s.Row.Tenant, s.Row.ID)
	if err != nil || slices.ContainsFunc(known, func(other store.Payment) bool { return other.ID == payment.ID }) {
		return nil, err
	}
	payment.Invoice, payment.Attempts = p.ID, p.Attempts+1
	if payment.Left, err = p.Left.Sub(payment.Amount); err != nil {
		return nil, err
	}
	if payment.Left.IsNegative() || payment.Amount.IsNegative() {
		return nil, fmt.Errorf("%w: %s of %s", errAmount, payment.Amount, p.Left)
	}
	failed := 0
	for _, other := range known {
		if other.Invoice == p.ID && other.Kind == collection.Failed {
			failed++
		}
	}
	switch {
	case payment.Kind == collection.Paid && payment.Left.Sign() > 0:
		payment.NextAttemptAt = p.WakeAt // what is left is collected when it was to be
	case payment.Kind == collection.Failed && failed < len(retries):
		payment.NextAttemptAt = payment.At.Add(retries[failed])
	}
	at, err := billing.NotBefore(s.Sub, s.Checkpoint, payment.At)
	if err != nil {
		return nil, err
	}
	sub, err := a.stand(ctx, s, append(known, payment), at)
	if err != nil {
		return nil, err
	}
	out := &result{unbilled: true}
	if !sub.Equal(s.Sub) {
		if out, err = a.bill(ctx, s, sub, at, s.Row.Late); err != nil {
			return nil, err
		}
	}
	out.paid = append(out.paid, payment)
	return out, nil
}

// Standing says how it stands with the payment of a subscription's invoices.
func (a *App) Standing(ctx context.Context, row store.Row, payments []store.Payment, at time.Time) (none collection.State, err error) {
	stored, err := a.Store.Invoices(ctx, row.Tenant, row.ID, 1000)
	if err != nil {
		return none, err
	}
	var open []billing.Invoice
	var facts []collection.Fact
	for _, posted := range stored {
		if posted.Topic != store.InvoiceTopic || posted.Left.Sign() <= 0 {
			continue
		}
		var inv billing.Invoice
		if err := json.Unmarshal(posted.Document, &inv); err != nil {
			return none, fmt.Errorf("app: stored invoice %s: %w", posted.ID, hidden{err})
		}
		open = append(open, inv)
		for _, p := range payments {
			fact := collection.Fact{Invoice: p.Invoice, Kind: p.Kind, At: p.At}
			if p.Kind == collection.Paid && p.Left.Sign() > 0 {
				fact.Left = p.Left
			}
			if p.Invoice == posted.ID {
				facts = append(facts, fact)
			}
		}
	}
	return collection.Standing(open, facts, dunning, at)
}

// stand does to a subscription what its standing proposes, and takes it back when all is paid.
func (a *App) stand(ctx context.Context, s State, payments []store.Payment, at time.Time) (subscription.Subscription, error) {
	standing, err := a.Standing(ctx, s.Row, payments, at)
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

// Credit makes a credit note, once by its key. What is left to pay of the invoice becomes
// less; of one that is paid, the customer has the amount as credit on the account. The line
// remembers it, so that no later credit takes back more than is left.
func (a *App) Credit(ctx context.Context, tenant, invoice, key string, note CreditNote) (store.Posting, error) {
	id := named("credit_note", tenant, invoice, key)
	err := a.onInvoice(ctx, tenant, invoice, func(s State, p store.Posting) (*result, error) {
		if _, err := a.Store.Invoice(ctx, tenant, id.String()); !errors.Is(err, store.ErrUnknown) {
			return nil, err // it came before
		}
		billed, err := a.Store.Lines(ctx, tenant, s.Row.ID)
		if err != nil {
			return nil, err
		}
		if err := creditable(p, billed, note); err != nil {
			return nil, err
		}
		less, err := note.Amount.Neg()
		if err != nil {
			return nil, err
		}
		now := a.now(s.Row)
		out := &result{}
		if over, failed := note.Amount.Cmp(p.Left); failed == nil && over <= 0 {
			out, err = a.settle(ctx, s, p, store.Payment{ID: "note/" + id.String(), At: now, Kind: collection.Paid, Amount: note.Amount, Reference: "credit note " + id.String()})
		} else {
			sub, at, failed := a.act(s, func(sub subscription.Subscription, at time.Time) (subscription.Subscription, error) {
				return sub.AddAccountCredit(subscription.Call{At: at, Actor: lifecycle.Operator, Key: id.String(), Reason: note.Reason}, note.Amount)
			})
			if err = failed; err == nil {
				out, err = a.bill(ctx, s, sub, at, s.Row.Late)
			}
		}
		if err != nil {
			return nil, err
		}
		lines := []billing.StoredLine{{ID: id, Of: note.Line, Adjusts: true, Amount: less}}
		credit := store.Posting{ID: id, Topic: store.CreditNoteTopic, Dated: now, Total: less, Left: money.FromMinor(0, less.Currency()), Lines: lines}
		return out, out.post(s.Row, credit, note)
	}, nothing)
	if err != nil {
		return store.Posting{}, err
	}
	return a.Store.Invoice(ctx, tenant, id.String())
}

// creditable reports whether a line is on the invoice, and whether a note takes back no more
// than what earlier ones left of it.
func creditable(p store.Posting, billed []billing.StoredLine, note CreditNote) error {
	var inv billing.Invoice
	if p.Topic == store.InvoiceTopic {
		if err := json.Unmarshal(p.Document, &inv); err != nil {
			return hidden{err}
		}
	}
	on := slices.IndexFunc(inv.StoredLines(), func(line billing.StoredLine) bool { return line.ID == note.Line })
	if on < 0 {
		return errNoLine
	}
	left, err := inv.StoredLines()[on].Amount, error(nil)
	for _, line := range billed {
		if err == nil && line.Of == note.Line && line.Adjusts {
			left, err = left.Add(line.Amount)
		}
	}
	if err != nil {
		return err
	}
	over, err := note.Amount.Cmp(left)
	if err == nil && (over > 0 || note.Amount.Sign() <= 0) {
		err = fmt.Errorf("%w: %s of %s", errAmount, note.Amount, left)
	}
	return err
}
