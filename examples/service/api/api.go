// Package api is the service over HTTP. It reads requests, calls package app, and writes
// what that returns; it decides nothing. Documents of the library pass through as they are.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
)

// A Document is one of the library's, described in docs/schema.
type Document json.RawMessage

// MarshalJSON implements json.Marshaler.
func (d Document) MarshalJSON() ([]byte, error) { return json.RawMessage(d).MarshalJSON() }

// UnmarshalJSON implements json.Unmarshaler.
func (d *Document) UnmarshalJSON(data []byte) error { return (*json.RawMessage)(d).UnmarshalJSON(data) }

// Schema implements huma.SchemaProvider.
func (Document) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", Description: "A document of the library: see docs/schema", AdditionalProperties: true}
}

type server struct {
	*app.App
	log *slog.Logger
	api huma.API
}

// Bind adds the API to a mux.
func Bind(mux *http.ServeMux, a *app.App, log *slog.Logger) huma.API {
	config := huma.DefaultConfig("Perennial reference service", "1.0.0")
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil // its page would load scripts from elsewhere
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer"}}
	config.Security = []map[string][]string{{"key": {}}}
	s := &server{a, log, humago.New(mux, config)}
	s.api.UseMiddleware(s.authenticate)
	s.bind()
	return s.api
}

type tenantKey struct{}

func tenantOf(ctx context.Context) string { return ctx.Value(tenantKey{}).(string) }

// authenticate finds the tenant for whom a request speaks. No handler takes one from
// anywhere else.
func (s *server) authenticate(ctx huma.Context, next func(huma.Context)) {
	key, ok := strings.CutPrefix(ctx.Header("Authorization"), "Bearer ")
	if !ok {
		_ = huma.WriteErr(s.api, ctx, http.StatusUnauthorized, "an API key is needed")
		return
	}
	tenant, err := s.Store.KeyOf(ctx.Context(), app.HashKey(key))
	switch {
	case errors.Is(err, store.ErrUnknown):
		_ = huma.WriteErr(s.api, ctx, http.StatusUnauthorized, "unknown API key")
	case err != nil:
		s.log.ErrorContext(ctx.Context(), "authenticate", "error", err)
		_ = huma.WriteErr(s.api, ctx, http.StatusInternalServerError, "")
	default:
		next(huma.WithValue(ctx, tenantKey{}, tenant))
	}
}

// on adds an operation. With a body B other than struct{} its schema is described; it is
// read by the handler, strictly.
func on[B, I, O any](s *server, method, path, summary string, do func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: method, Path: "/v1" + path, Summary: summary, MaxBodyBytes: 2 << 20, SkipValidateBody: true,
		OperationID: strings.Trim(strings.NewReplacer("/", "-", "{", "", "}", "").Replace(strings.ToLower(method)+path), "-"),
		Errors:      []int{400, 401, 404, 409, 412, 422, 500},
	}
	if b := reflect.TypeFor[B](); b != reflect.TypeFor[struct{}]() {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/json": {Schema: huma.SchemaFromType(s.api.OpenAPI().Components.Schemas, b)},
		}}
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, problem(ctx, s.log, err)
		}
		return out, nil
	})
}

type (
	none struct{}
	raw  struct{ RawBody []byte }
	page struct {
		After string `query:"after" doc:"the last id of the page before"`
		Limit int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
	}
	ofSubscription struct {
		ID string `path:"id"`
	}
	sent struct {
		ID      string `path:"id"`
		RawBody []byte
	}
	reply[T any] struct{ Body T }
	tagged       struct {
		ETag string `header:"ETag" doc:"the revision, for If-Match"`
		Body Subscription
	}
)

// Customer is who pays.
type Customer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Card string `json:"card,omitempty" doc:"what the gateway knows the means of payment by: pays, declined, declined-at-first; empty: the customer transfers"`
}

// Subscription is a subscription with what the service knows of it.
type Subscription struct {
	ID           string     `json:"id"`
	Customer     string     `json:"customer"`
	Revision     int        `json:"revision"`
	Status       string     `json:"status"`
	WakeAt       *time.Time `json:"wake_at,omitempty" doc:"when anything can change next"`
	Subscription Document   `json:"subscription"`
	Checkpoint   Document   `json:"checkpoint"`
	Next         Document   `json:"next,omitempty" doc:"the next invoice"`
}

// Invoice is something that was billed.
type Invoice struct {
	ID           string    `json:"id"`
	Subscription string    `json:"subscription"`
	Topic        string    `json:"topic" enum:"invoice,difference,credit_note"`
	Dated        time.Time `json:"dated"`
	Total        Amount    `json:"total"`
	AmountDue    Amount    `json:"amount_due"`
	Left         Amount    `json:"left"`
	Attempts     int       `json:"attempts"`
	Document     Document  `json:"document,omitempty"`
	Explanation  string    `json:"explanation,omitempty"`
}

// Amount is an amount of money.
type Amount struct {
	Amount   string `json:"amount" example:"12.50"`
	Currency string `json:"currency" example:"EUR"`
}

func amount(m money.Money) Amount {
	value, currency, _ := strings.Cut(m.String(), " ")
	return Amount{value, currency}
}

func (a Amount) money() (money.Money, error) {
	currency, err := money.ParseCurrency(a.Currency)
	if err != nil {
		return money.Money{}, fault.At("currency", err)
	}
	m, err := money.ParseAmount(a.Amount, currency)
	if err != nil {
		return m, fault.At("amount", err)
	}
	return m, nil
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
	Allowed   bool       `json:"allowed"`
	Why       string     `json:"why"`
	Used      string     `json:"used"`
	Remaining string     `json:"remaining,omitempty"`
	ResetsAt  *time.Time `json:"resets_at,omitempty"`
}

func decision(d feature.Decision) *reply[Decision] {
	out := Decision{Allowed: d.Allowed, Why: string(d.Why), Used: d.Used().String(), ResetsAt: optional(d.ResetsAt)}
	if left, ok := d.Remaining(); ok {
		out.Remaining = left.String()
	}
	return &reply[Decision]{out}
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Payment is one that came in.
type Payment struct {
	ID        string `json:"id" doc:"the sender's own; the same id again is the same payment"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Reference string `json:"reference,omitempty"`
}

// CreditNote takes back a part of a line.
type CreditNote struct {
	Line     uuid.UUID `json:"line"`
	Amount   string    `json:"amount"`
	Currency string    `json:"currency"`
	Reason   string    `json:"reason"`
}

// Events is a page of the feed.
type Events struct {
	Events []Document `json:"events"`
	Next   string     `json:"next" doc:"pass it as since to go on"`
}

// Webhook is where to tell.
type Webhook struct {
	URL    string `json:"url"`
	Secret string `json:"secret,omitempty" doc:"signs what is sent; shown once"`
}

var (
	errRevision = fault.Required.Errorf("the header If-Match must have the ETag of the subscription")
	errCursor   = fault.Malformed.Errorf("not what next was")
	errURL      = fault.Malformed.Errorf("not an http or https URL")
	errAmount   = fault.Malformed.Errorf("not a decimal")
	errID       = fault.Required.Errorf("an id is needed")
)

func (s *server) bind() {
	on[struct{}](s, "GET", "/catalog", "The latest catalog", func(ctx context.Context, _ *none) (*reply[Document], error) {
		document, _, err := s.Store.Catalog(ctx, tenantOf(ctx))
		return &reply[Document]{Document(document)}, err
	})
	on[Document](s, "PUT", "/catalog", "Add a revision of the catalog", func(ctx context.Context, in *raw) (*none, error) {
		return nil, s.AddCatalog(ctx, tenantOf(ctx), in.RawBody)
	})
	on[struct{}](s, "GET", "/customers", "Customers", func(ctx context.Context, in *page) (*reply[[]Customer], error) {
		all, err := s.Store.Customers(ctx, tenantOf(ctx), in.After, in.Limit)
		out := make([]Customer, 0, len(all))
		for _, c := range all {
			out = append(out, Customer(c))
		}
		return &reply[[]Customer]{out}, err
	})
	on[Customer](s, "POST", "/customers", "Add or change a customer", func(ctx context.Context, in *raw) (*reply[Customer], error) {
		c, err := body[Customer](in.RawBody)
		if err == nil && c.ID == "" {
			err = fault.At("id", errID)
		}
		if err != nil {
			return nil, err
		}
		return &reply[Customer]{c}, s.Store.Transact(ctx, func(tx store.Tx) error { return tx.PutCustomer(ctx, tenantOf(ctx), store.Customer(c)) })
	})
	on[Document](s, "POST", "/customers/{id}/subscriptions", "Subscribe", func(ctx context.Context, in *sent) (*tagged, error) {
		state, err := s.Subscribe(ctx, tenantOf(ctx), in.ID, in.RawBody)
		return s.shown(ctx, state, err)
	})
	on[struct{}](s, "GET", "/subscriptions", "Subscriptions", func(ctx context.Context, in *page) (*reply[[]Subscription], error) {
		rows, err := s.Store.Subscriptions(ctx, tenantOf(ctx), in.After, in.Limit)
		out := make([]Subscription, 0, len(rows))
		for _, row := range rows {
			if err != nil {
				break
			}
			var one *tagged
			state, failed := s.Decode(ctx, row)
			if one, err = s.shown(ctx, state, failed); err == nil {
				out = append(out, one.Body)
			}
		}
		return &reply[[]Subscription]{out}, err
	})
	on[struct{}](s, "GET", "/subscriptions/{id}", "A subscription", func(ctx context.Context, in *ofSubscription) (*tagged, error) {
		state, err := s.Load(ctx, tenantOf(ctx), in.ID)
		return s.shown(ctx, state, err)
	})
	for _, action := range slices.Sorted(maps.Keys(app.Actions)) {
		s.verbs(action)
	}
	s.usage()
	s.invoices()
	on[struct{}](s, "GET", "/events", "What happened since", func(ctx context.Context, in *struct {
		Since string `query:"since" doc:"next of the page before; empty: from the beginning"`
		Limit int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
	},
	) (*reply[Events], error) {
		var tx, number int64
		if n, err := fmt.Sscanf(in.Since, "%d.%d", &tx, &number); in.Since != "" && (n != 2 || err != nil) {
			return nil, fault.At("since", errCursor)
		}
		found, err := s.Store.Events(ctx, tenantOf(ctx), tx, number, in.Limit)
		out := Events{Events: []Document{}, Next: fmt.Sprintf("%d.%d", tx, number)}
		for _, e := range found {
			told, failed := app.Told(e)
			err = errors.Join(err, failed)
			out.Events, out.Next = append(out.Events, Document(told)), fmt.Sprintf("%d.%d", e.Tx, e.Number)
		}
		return &reply[Events]{out}, err
	})
	on[Webhook](s, "PUT", "/webhook", "Where to tell", func(ctx context.Context, in *raw) (*reply[Webhook], error) {
		w, err := body[Webhook](in.RawBody)
		if err == nil && !strings.HasPrefix(w.URL, "https://") && !strings.HasPrefix(w.URL, "http://") {
			err = fault.At("url", errURL)
		}
		if err != nil {
			return nil, err
		}
		w.Secret = app.NewSecret()
		return &reply[Webhook]{w}, s.Store.Transact(ctx, func(tx store.Tx) error { return tx.SetWebhook(ctx, tenantOf(ctx), store.Webhook(w)) })
	})
}

// shown is how a subscription is sent, with its next invoice.
func (s *server) shown(ctx context.Context, state app.State, err error) (*tagged, error) {
	if err != nil {
		return nil, err
	}
	now, err := s.Now(ctx)
	if err != nil {
		return nil, err
	}
	out := Subscription{
		ID: state.Row.ID, Customer: state.Row.Customer, Revision: state.Row.Revision, Status: string(state.Sub.Status(now)), WakeAt: optional(state.Row.WakeAt),
		Subscription: Document(state.Row.Document), Checkpoint: Document(state.Row.Checkpoint),
	}
	usage, err := s.Usage(ctx, state)
	if err != nil {
		return nil, err
	}
	next, err := billing.Next(state.Sub, usage, state.Checkpoint, now)
	if err != nil {
		return nil, err
	}
	out.Next, err = json.Marshal(next)
	return &tagged{strconv.Quote(strconv.Itoa(out.Revision)), out}, err
}

type wished struct {
	ID      string `path:"id"`
	IfMatch string `header:"If-Match" doc:"the ETag of the subscription that the wish is about"`
	Key     string `header:"Idempotency-Key" doc:"a request that is sent twice with one key is done once"`
	RawBody []byte
}

// verbs adds an action and its preview.
func (s *server) verbs(action string) {
	read := func(ctx context.Context, in *wished) (app.Verb, error) {
		wish, err := body[app.Wish](in.RawBody)
		if err != nil {
			return nil, err
		}
		return s.Verb(ctx, tenantOf(ctx), action, in.Key, wish)
	}
	on[app.Wish](s, "POST", "/subscriptions/{id}/"+action, "To "+action, func(ctx context.Context, in *wished) (*tagged, error) {
		revision, err := strconv.Atoi(strings.Trim(in.IfMatch, `"`))
		if err != nil || revision < 1 {
			return nil, fault.At("If-Match", errRevision)
		}
		verb, err := read(ctx, in)
		if err != nil {
			return nil, err
		}
		if state, err := s.Load(ctx, tenantOf(ctx), in.ID); err == nil && in.Key != "" && len(state.Sub.CommandOf(in.Key)) > 0 {
			revision = 0 // it was done: the verb says so, or refuses a key for something else
		}
		state, err := s.Do(ctx, tenantOf(ctx), in.ID, revision, verb)
		return s.shown(ctx, state, err)
	})
	on[app.Wish](s, "POST", "/subscriptions/{id}/"+action+"/preview", "What to "+action+" would bill", func(ctx context.Context, in *wished) (*reply[Document], error) {
		verb, err := read(ctx, in)
		if err != nil {
			return nil, err
		}
		shown, err := s.Preview(ctx, tenantOf(ctx), in.ID, verb)
		if err != nil {
			return nil, err
		}
		document, err := json.Marshal(shown.Result)
		return &reply[Document]{document}, err
	})
}

func (s *server) usage() {
	on[UsageEvents](s, "POST", "/subscriptions/{id}/usage", "Take usage in", func(ctx context.Context, in *sent) (*none, error) {
		all, err := body[UsageEvents](in.RawBody)
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
			err := s.Record(ctx, tenantOf(ctx), in.ID, e.ID, e.Record)
			if errors.Is(err, store.ErrUnknown) || fault.Kind(err) == fault.Internal {
				return nil, err
			}
			if err != nil {
				faults = append(faults, fault.At(path+".record", err))
			}
		}
		return nil, errors.Join(faults...)
	})
	on[struct{}](s, "GET", "/subscriptions/{id}/entitlements/{feature}", "May it be used?", func(ctx context.Context, in *struct {
		ID      string `path:"id"`
		Feature string `path:"feature"`
		Amount  string `query:"amount" default:"0" doc:"how much; 0 asks for the state"`
	},
	) (*reply[Decision], error) {
		wanted, err := decimal.NewFromString(in.Amount)
		if err != nil || len(in.Amount) > 40 {
			return nil, fault.At("amount", errAmount)
		}
		d, err := s.Check(ctx, tenantOf(ctx), in.ID, feature.Key(in.Feature), wanted)
		return decision(d), err
	})
	on[Consumption](s, "POST", "/subscriptions/{id}/entitlements/{feature}/consume", "Use it, if that is allowed", func(ctx context.Context, in *struct {
		ID      string `path:"id"`
		Feature string `path:"feature"`
		Key     string `header:"Idempotency-Key"`
		RawBody []byte
	},
	) (*reply[Decision], error) {
		wanted, err := body[Consumption](in.RawBody)
		if err != nil {
			return nil, err
		}
		d, err := s.Consume(ctx, tenantOf(ctx), in.ID, feature.Key(in.Feature), wanted.Amount, in.Key)
		return decision(d), err
	})
}

func shownInvoice(p store.Posting) Invoice {
	return Invoice{
		ID: p.ID.String(), Subscription: p.Subscription, Topic: p.Topic, Dated: p.Dated, Total: amount(p.Total), AmountDue: amount(p.AmountDue),
		Left: amount(p.LeftDue), Attempts: p.Attempts,
	}
}

func (s *server) invoices() {
	on[struct{}](s, "GET", "/subscriptions/{id}/invoices", "What was billed", func(ctx context.Context, in *ofSubscription) (*reply[[]Invoice], error) {
		if _, err := s.Store.Load(ctx, tenantOf(ctx), in.ID); err != nil {
			return nil, err
		}
		all, err := s.Store.Invoices(ctx, tenantOf(ctx), in.ID, 1000)
		out := make([]Invoice, 0, len(all))
		for _, p := range all {
			out = append(out, shownInvoice(p))
		}
		return &reply[[]Invoice]{out}, err
	})
	on[struct{}](s, "GET", "/invoices/{id}", "An invoice, and why", func(ctx context.Context, in *ofSubscription) (*reply[Invoice], error) {
		p, err := s.Store.Invoice(ctx, tenantOf(ctx), in.ID)
		if err != nil {
			return nil, err
		}
		out := shownInvoice(p)
		out.Document = Document(p.Document)
		out.Explanation, err = app.Explain(p)
		return &reply[Invoice]{out}, err
	})
	on[Payment](s, "POST", "/invoices/{id}/payments", "Take a payment in", func(ctx context.Context, in *sent) (*reply[Invoice], error) {
		paid, err := body[Payment](in.RawBody)
		if err == nil && paid.ID == "" {
			err = fault.At("id", errID)
		}
		if err != nil {
			return nil, err
		}
		m, err := Amount{paid.Amount, paid.Currency}.money()
		if err != nil {
			return nil, err
		}
		p, err := s.Pay(ctx, tenantOf(ctx), in.ID, paid.ID, paid.Reference, m)
		return &reply[Invoice]{shownInvoice(p)}, err
	})
	on[CreditNote](s, "POST", "/invoices/{id}/credit_notes", "Take back a part of a line", func(ctx context.Context, in *struct {
		ID      string `path:"id"`
		Key     string `header:"Idempotency-Key" required:"true"`
		RawBody []byte
	},
	) (*reply[Invoice], error) {
		note, err := body[CreditNote](in.RawBody)
		if err != nil {
			return nil, err
		}
		m, err := Amount{note.Amount, note.Currency}.money()
		if err != nil {
			return nil, err
		}
		p, err := s.Credit(ctx, tenantOf(ctx), in.ID, in.Key, app.CreditNote{Line: note.Line, Amount: m, Reason: note.Reason})
		return &reply[Invoice]{shownInvoice(p)}, err
	})
}
