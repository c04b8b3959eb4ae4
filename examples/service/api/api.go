// Package api is the service over HTTP. It reads requests, calls package app, and writes
// what that returns; it decides nothing. Documents of the library pass through as they are.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/store"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

type server struct {
	*app.App
	log *slog.Logger
	api huma.API
}

// Amount describes how an amount of money is written.
type Amount struct {
	Amount   string `json:"amount" example:"12.50"`
	Currency string `json:"currency" example:"EUR"`
}

// Document describes a document of the library.
type Document struct{}

// Schema implements huma.SchemaProvider.
func (Document) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", Description: "A document of the library: see docs/schema", AdditionalProperties: true}
}

// Bind adds the API to a mux.
func Bind(mux *http.ServeMux, a *app.App, log *slog.Logger) {
	config := huma.DefaultConfig("Perennial reference service", "1.0.0")
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil // its page would load scripts from elsewhere
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer"}}
	config.Security = []map[string][]string{{"key": {}}}
	for described, types := range map[reflect.Type][]reflect.Type{ // how types of the library are written
		reflect.TypeFor[Amount]():   {reflect.TypeFor[money.Money]()},
		reflect.TypeFor[string]():   {reflect.TypeFor[decimal.Decimal](), reflect.TypeFor[plan.Ref](), reflect.TypeFor[app.When]()},
		reflect.TypeFor[Document](): {reflect.TypeFor[json.RawMessage](), reflect.TypeFor[billing.PreviewResult](), reflect.TypeFor[billing.NextInvoice](), reflect.TypeFor[billing.Record]()},
	} {
		for _, t := range types {
			config.Components.Schemas.RegisterTypeAlias(t, described)
		}
	}
	s := &server{a, log, humago.New(mux, config)}
	s.api.UseMiddleware(s.authenticate)
	s.tenant()
	s.subscriptions()
	s.invoices()
}

type tenantKey struct{}

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

// on adds an operation. The body is a value whose type is described, or nil without one; the
// operation reads it itself, strictly.
func on[I, O any](s *server, method, path, summary string, body any, do func(ctx context.Context, tenant string, in *I) (*O, error)) {
	op := huma.Operation{
		Method: method, Path: "/v1" + path, Summary: summary, MaxBodyBytes: 2 << 20, SkipValidateBody: true,
		OperationID: strings.Trim(strings.NewReplacer("/", "-", "{", "", "}", "").Replace(strings.ToLower(method)+path), "-"),
		Errors:      []int{400, 401, 404, 409, 412, 422, 500},
	}
	if body != nil {
		schema := huma.SchemaFromType(s.api.OpenAPI().Components.Schemas, reflect.TypeOf(body))
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, ctx.Value(tenantKey{}).(string), in)
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
	one struct {
		ID string `path:"id"`
	}
	sent struct {
		ID      string `path:"id"`
		RawBody []byte
	}
	keyed struct {
		ID      string `path:"id"`
		Key     string `header:"Idempotency-Key" required:"true"`
		RawBody []byte
	}
	reply[T any] struct{ Body T }
)

func replied[T any](body T, err error) (*reply[T], error) { return &reply[T]{body}, err }

// needed reports what is wrong with a body: also that its id is not there.
func needed(id string, err error) error {
	if err == nil && id == "" {
		return fault.At("id", errID)
	}
	return err
}

// Events is a page of the feed.
type Events struct {
	Events []json.RawMessage `json:"events"`
	Next   string            `json:"next" doc:"pass it as since to go on"`
}

var (
	errID     = fault.Required.Errorf("an id is needed")
	errCursor = fault.Malformed.Errorf("not what next was")
	errURL    = fault.Malformed.Errorf("not an http or https URL")
	errTag    = fault.Required.Errorf("the header If-Match must have the ETag of the subscription")
	errAmount = fault.Malformed.Errorf("not a decimal")
)

// tenant adds what belongs to a tenant as a whole.
func (s *server) tenant() {
	on(s, "GET", "/catalog", "The latest catalog", nil, func(ctx context.Context, tenant string, _ *none) (*reply[json.RawMessage], error) {
		latest, err := s.Store.Catalog(ctx, tenant)
		return replied(json.RawMessage(latest.Document), err)
	})
	on(s, "PUT", "/catalog", "Add a revision of the catalog", Document{}, func(ctx context.Context, tenant string, in *raw) (*none, error) {
		return nil, s.AddCatalog(ctx, tenant, in.RawBody)
	})
	on(s, "GET", "/customers", "Customers", nil, func(ctx context.Context, tenant string, in *page) (*reply[[]store.Customer], error) {
		return replied(s.Store.Customers(ctx, tenant, in.After, in.Limit))
	})
	on(s, "POST", "/customers", "Add or change a customer", store.Customer{}, func(ctx context.Context, tenant string, in *raw) (*reply[store.Customer], error) {
		c, err := app.Read[store.Customer](in.RawBody)
		if err := needed(c.ID, err); err != nil {
			return nil, err
		}
		return replied(c, s.Store.Transact(ctx, func(tx store.Tx) error { return tx.PutCustomer(ctx, tenant, c) }))
	})
	on(s, "GET", "/events", "What happened since", nil, func(ctx context.Context, tenant string, in *struct {
		Since string `query:"since" doc:"next of the page before; empty: from the beginning"`
		Limit int    `query:"limit" default:"100" minimum:"1" maximum:"1000"`
	},
	) (*reply[Events], error) {
		return replied(s.events(ctx, tenant, in.Since, in.Limit))
	})
	on(s, "PUT", "/webhook", "Where to tell", store.Webhook{}, func(ctx context.Context, tenant string, in *raw) (*reply[store.Webhook], error) {
		w, err := app.Read[store.Webhook](in.RawBody)
		if err == nil && !strings.HasPrefix(w.URL, "https://") && !strings.HasPrefix(w.URL, "http://") {
			err = fault.At("url", errURL)
		}
		if err != nil {
			return nil, err
		}
		w.Secret = app.NewSecret()
		return replied(w, s.Store.Transact(ctx, func(tx store.Tx) error { return tx.SetWebhook(ctx, tenant, w) }))
	})
}
