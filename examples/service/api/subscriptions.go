package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
)

// Subscription is a subscription with what the service knows of it.
type Subscription struct {
	ID           string              `json:"id"`
	Customer     string              `json:"customer"`
	ETag         string              `json:"etag" doc:"for If-Match"`
	Status       lifecycle.Status    `json:"status"`
	WakeAt       time.Time           `json:"wake_at,omitzero" doc:"when anything can change next"`
	Subscription json.RawMessage     `json:"subscription"`
	Checkpoint   json.RawMessage     `json:"checkpoint"`
	Next         billing.NextInvoice `json:"next" doc:"the next invoice"`
}

type tagged struct {
	ETag string `header:"ETag" doc:"for If-Match"`
	Body Subscription
}

// shown is how a subscription is sent, with its next invoice.
func (s *server) shown(ctx context.Context, state app.State, err error) (*tagged, error) {
	if err != nil {
		return nil, err
	}
	row := state.Row
	next, status, err := s.Next(ctx, state)
	return &tagged{strconv.Quote(state.Tag()), Subscription{
		ID: row.ID, Customer: row.Customer, ETag: state.Tag(), Status: status, WakeAt: row.WakeAt,
		Subscription: json.RawMessage(row.Document), Checkpoint: json.RawMessage(row.Checkpoint), Next: next,
	}}, err
}

type wished struct {
	ID      string `path:"id"`
	IfMatch string `header:"If-Match" doc:"the ETag of the subscription that the wish is about"`
	Key     string `header:"Idempotency-Key" doc:"a request that is sent twice with one key is done once"`
	RawBody []byte
}

// UsageEvents are records of a meter.
type UsageEvents struct {
	Events []UsageEvent `json:"events"`
}

// UsageEvent is a record and the meter's own id of it.
type UsageEvent struct {
	ID     string         `json:"id" doc:"the same id again is the same record"`
	Record billing.Record `json:"record"`
}

// Consumption asks for a use of a feature.
type Consumption struct {
	Amount decimal.Decimal `json:"amount"`
}

// Decision is the library's, on a feature.
type Decision struct {
	Allowed   bool      `json:"allowed"`
	Why       string    `json:"why"`
	Used      string    `json:"used"`
	Remaining string    `json:"remaining,omitempty"`
	ResetsAt  time.Time `json:"resets_at,omitzero"`
}

func decided(d feature.Decision, err error) (*reply[Decision], error) {
	out := Decision{Allowed: d.Allowed, Why: string(d.Why), Used: d.Used().String(), ResetsAt: d.ResetsAt}
	if left, ok := d.Remaining(); ok {
		out.Remaining = left.String()
	}
	return replied(out, err)
}

func (s *server) subscriptions() {
	on(s, "POST", "/customers/{id}/subscriptions", "Subscribe", Document{}, func(ctx context.Context, tenant string, in *sent) (*tagged, error) {
		state, err := s.Subscribe(ctx, tenant, in.ID, in.RawBody)
		return s.shown(ctx, state, err)
	})
	on(s, "GET", "/subscriptions", "Subscriptions", nil, func(ctx context.Context, tenant string, in *page) (*reply[[]Subscription], error) {
		rows, err := s.Store.Subscriptions(ctx, tenant, in.After, in.Limit)
		out := []Subscription{}
		for _, row := range rows {
			state, err := s.Decode(ctx, row)
			one, err := s.shown(ctx, state, err)
			if err != nil {
				return nil, err
			}
			out = append(out, one.Body)
		}
		return replied(out, err)
	})
	on(s, "GET", "/subscriptions/{id}", "A subscription", nil, func(ctx context.Context, tenant string, in *one) (*tagged, error) {
		state, err := s.Load(ctx, tenant, in.ID)
		return s.shown(ctx, state, err)
	})
	for _, action := range slices.Sorted(maps.Keys(app.Actions)) {
		path := "/subscriptions/{id}/" + action
		on(s, "POST", path, "To "+action, app.Wish{}, func(ctx context.Context, tenant string, in *wished) (*tagged, error) {
			tag := strings.Trim(in.IfMatch, `"`)
			if tag == "" {
				return nil, fault.At("If-Match", errTag)
			}
			verb, err := s.Verb(ctx, tenant, action, in.Key, in.RawBody)
			if err != nil {
				return nil, err
			}
			if state, err := s.Load(ctx, tenant, in.ID); err == nil && in.Key != "" && len(state.Sub.CommandOf(in.Key)) > 0 {
				tag = "" // it was done: the verb says so, or refuses a key for something else
			}
			state, err := s.Do(ctx, tenant, in.ID, tag, verb)
			return s.shown(ctx, state, err)
		})
		on(s, "POST", path+"/preview", "What to "+action+" would bill", app.Wish{}, func(ctx context.Context, tenant string, in *wished) (*reply[billing.PreviewResult], error) {
			verb, err := s.Verb(ctx, tenant, action, in.Key, in.RawBody)
			if err != nil {
				return nil, err
			}
			return replied(s.Preview(ctx, tenant, in.ID, verb))
		})
	}
	on(s, "POST", "/subscriptions/{id}/usage", "Take usage in", UsageEvents{}, func(ctx context.Context, tenant string, in *sent) (*none, error) {
		all, err := app.Read[UsageEvents](in.RawBody)
		if err != nil {
			return nil, err
		}
		var faults []error
		for i, e := range all.Events { // those that are good are kept: sent again, they are known
			path := fmt.Sprintf("events[%d]", i)
			if e.ID == "" {
				faults = append(faults, fault.At(path+".id", errID))
				continue
			}
			err := s.Record(ctx, tenant, in.ID, e.ID, e.Record)
			if errors.Is(err, store.ErrUnknown) || fault.Kind(err) == fault.Internal {
				return nil, err
			}
			if err != nil {
				faults = append(faults, fault.At(path+".record", err))
			}
		}
		return nil, errors.Join(faults...)
	})
	on(s, "GET", "/subscriptions/{id}/entitlements/{feature}", "May it be used?", nil, func(ctx context.Context, tenant string, in *struct {
		ID      string `path:"id"`
		Feature string `path:"feature"`
		Amount  string `query:"amount" default:"0" doc:"how much; 0 asks for the state"`
	},
	) (*reply[Decision], error) {
		wanted, err := decimal.NewFromString(in.Amount)
		if err != nil || len(in.Amount) > 40 {
			return nil, fault.At("amount", errAmount)
		}
		return decided(s.Check(ctx, tenant, in.ID, feature.Key(in.Feature), wanted))
	})
	on(s, "POST", "/subscriptions/{id}/entitlements/{feature}/consume", "Use it, if that is allowed", Consumption{}, func(ctx context.Context, tenant string, in *struct {
		ID      string `path:"id"`
		Feature string `path:"feature"`
		Key     string `header:"Idempotency-Key"`
		RawBody []byte
	},
	) (*reply[Decision], error) {
		wanted, err := app.Read[Consumption](in.RawBody)
		if err != nil {
			return nil, err
		}
		return decided(s.Consume(ctx, tenant, in.ID, feature.Key(in.Feature), wanted.Amount, in.Key))
	})
}

// Payment is one that came in.
type Payment struct {
	ID        string      `json:"id" doc:"the sender's own; the same id again is the same payment"`
	Amount    money.Money `json:"amount"`
	Reference string      `json:"reference,omitempty"`
}

func (s *server) invoices() {
	on(s, "GET", "/subscriptions/{id}/invoices", "What was billed", nil, func(ctx context.Context, tenant string, in *one) (*reply[[]store.Posting], error) {
		if _, err := s.Store.Load(ctx, tenant, in.ID); err != nil {
			return nil, err
		}
		return replied(s.Store.Invoices(ctx, tenant, in.ID, 1000))
	})
	on(s, "GET", "/invoices/{id}", "An invoice, and why", nil, func(ctx context.Context, tenant string, in *one) (*reply[store.Posting], error) {
		p, err := s.Store.Invoice(ctx, tenant, in.ID)
		if err == nil {
			p.Explanation, err = app.Explain(p)
		}
		return replied(p, err)
	})
	on(s, "POST", "/invoices/{id}/payments", "Take a payment in", Payment{}, func(ctx context.Context, tenant string, in *sent) (*reply[store.Posting], error) {
		paid, err := app.Read[Payment](in.RawBody)
		if err := needed(paid.ID, err); err != nil {
			return nil, err
		}
		return replied(s.Pay(ctx, tenant, in.ID, paid.ID, paid.Reference, paid.Amount))
	})
	on(s, "POST", "/invoices/{id}/credit_notes", "Take back a part of a line", app.CreditNote{}, func(ctx context.Context, tenant string, in *keyed) (*reply[store.Posting], error) {
		note, err := app.Read[app.CreditNote](in.RawBody)
		if err != nil {
			return nil, err
		}
		return replied(s.Credit(ctx, tenant, in.ID, in.Key, note))
	})
}

// events returns a page of the feed.
func (s *server) events(ctx context.Context, tenant, since string, limit int) (Events, error) {
	var tx, number int64
	if n, err := fmt.Sscanf(since, "%d.%d", &tx, &number); since != "" && (n != 2 || err != nil) {
		return Events{}, fault.At("since", errCursor)
	}
	found, err := s.Store.Events(ctx, tenant, tx, number, limit)
	out := Events{Events: []json.RawMessage{}, Next: fmt.Sprintf("%d.%d", tx, number)}
	for _, e := range found {
		told, failed := app.Told(e)
		err = errors.Join(err, failed)
		out.Events, out.Next = append(out.Events, told), fmt.Sprintf("%d.%d", e.Tx, e.Number)
	}
	return out, err
}
