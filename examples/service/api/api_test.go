package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/service/api"
	"github.com/perennial-billing/perennial/examples/service/app"
	"github.com/perennial-billing/perennial/examples/service/internal/running"
	"github.com/perennial-billing/perennial/examples/service/store"
)

// A client speaks for a tenant.
type client struct {
	t    *testing.T
	base string
	key  string
}

func serve(t *testing.T, address string) (*running.Service, client) {
	s := running.Open(t, address, running.Team)
	log := slog.New(slog.DiscardHandler)
	mux := http.NewServeMux()
	api.Bind(mux, s.App, log)
	server := httptest.NewServer(api.Watch(mux, s.App, log))
	t.Cleanup(server.Close)
	return s, client{t, server.URL, s.Key}
}

// do sends a request; header are pairs.
func (c client) do(method, path, body string, header ...string) (int, http.Header, string) {
	request, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	require.NoError(c.t, err)
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	defer func() { _ = response.Body.Close() }()
	out, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return response.StatusCode, response.Header, string(out)
}

// ok is do where the status must be one.
func (c client) ok(status int, method, path, body string, header ...string) string {
	got, _, out := c.do(method, path, body, header...)
	require.Equal(c.t, status, got, "%s %s: %s", method, path, out)
	return out
}

func (c client) subscribe(id string, seats int) {
	c.ok(200, "POST", "/v1/customers/acme/subscriptions", string(running.Sub(id, "team@1", seats)))
}

func TestAChangeIsPreviewedThenMadeAndAnOldRevisionIsRefused(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		_, c := serve(t, address)
		c.subscribe("s", 3)
		_, header, before := c.do("GET", "/v1/subscriptions/s", "")
		tag := header.Get("ETag")
		wish := `{"when": "now", "charge": "seats", "quantity": "4"}`
		shown := c.ok(200, "POST", "/v1/subscriptions/s/change/preview", wish)
		require.Contains(t, shown, `"total":{"amount":"31.00","currency":"EUR"}`)
		require.Equal(t, before, c.ok(200, "GET", "/v1/subscriptions/s", ""), "a preview changes nothing")

		require.Contains(t, c.ok(400, "POST", "/v1/subscriptions/s/change", wish), "If-Match")
		made := c.ok(200, "POST", "/v1/subscriptions/s/change", wish, "If-Match", tag, "Idempotency-Key", "k")
		require.Contains(t, made, `"quantity":"4"`)
		again := c.ok(200, "POST", "/v1/subscriptions/s/change", wish, "If-Match", tag, "Idempotency-Key", "k")
		require.Equal(t, made, again, "the client asks again")
		c.ok(412, "POST", "/v1/subscriptions/s/cancel", `{"when": "now"}`, "If-Match", tag)
		then := func(action, wish string) string {
			_, header, _ := c.do("GET", "/v1/subscriptions/s", "")
			return c.ok(200, "POST", "/v1/subscriptions/s/"+action, wish, "If-Match", header.Get("ETag"))
		}
		then("cancel", `{"when": "period_end"}`)
		then("undo", `{"what": "cancel"}`)
		require.Contains(t, then("pause", `{"when": "now", "cycles": 1}`), `"status":"paused"`)
		require.Contains(t, then("resume", `{"when": "now"}`), `"status":"active"`)

		_, header, _ = c.do("GET", "/v1/subscriptions/s", "")
		var all []store.Posting
		require.NoError(t, json.Unmarshal([]byte(c.ok(200, "GET", "/v1/subscriptions/s/invoices", "")), &all))
		require.GreaterOrEqual(t, len(all), 2)
		c.ok(200, "POST", "/v1/invoices/"+all[0].ID.String()+"/payments", `{"id": "1", "amount": {"amount": "1.00", "currency": "EUR"}}`)
		c.ok(200, "POST", "/v1/subscriptions/s/cancel", `{"when": "period_end"}`, "If-Match", header.Get("ETag")) // a payment meanwhile is no change
		require.Contains(t, c.ok(200, "GET", "/v1/invoices/"+all[0].ID.String(), ""), "1. Seats, 31 January to 27 February 2026: 3 x 31.00 = 93.00 EUR")
	})
}

func TestEveryFaultIsReportedWithItsPlace(t *testing.T) {
	t.Parallel()
	_, c := serve(t, running.Databases(t)["SQLite"])
	c.subscribe("s", 1)
	for _, row := range []struct {
		method, path, body string
		status             int
		says               []string
	}{
		{"PUT", "/v1/catalog", `{"plans": [{"plan": {"id": "x", "version": 1, "currency": "XXY", "every": "P0M"}}]}`, 400, []string{`"path":"plans[0].plan.currency"`, `"path":"plans[0].plan.every"`}},
		{"PUT", "/v1/catalog", `{"plans": []}`, 422, []string{"that was sold must stay"}},
		{"POST", "/v1/customers", `{"id": "a", "id": "b", "Name": "c"}`, 400, []string{`"path":"id"`, `"path":"Name"`}},
		{"POST", "/v1/customers/acme/subscriptions", string(running.Sub("t", "gone@1", 1)), 400, []string{`"path":"plan"`}},
		{"POST", "/v1/customers/nobody/subscriptions", string(running.Sub("t", "team@1", 1)), 404, nil},
		{"POST", "/v1/customers/acme/subscriptions", string(running.Sub("s", "team@1", 1)), 409, nil},
		{"POST", "/v1/subscriptions/s/change/preview", `{"when": "soon", "plan": "x", "what": "cancel"}`, 400, []string{`"path":"when"`, `"path":"plan"`, `"path":"what"`}},
		{"POST", "/v1/subscriptions/s/usage", `{"events": [{"id": "1", "record": {"metric": "none", "at": "2026-01-31T10:00:00Z", "quantity": "1"}}, {"record": {"metric": "calls", "at": "2026-01-31T10:00:00Z", "quantity": "1"}}]}`, 400, []string{`"path":"events[0].record`, `"path":"events[1].id"`}},
		{"GET", "/v1/subscriptions/s?what=1", ``, 422, nil},
		{"GET", "/v1/invoices/none", ``, 404, nil},
		{"GET", "/v1/events?since=x", ``, 400, []string{`"path":"since"`}},
	} {
		status, header, out := c.do(row.method, row.path, row.body)
		require.Equal(t, row.status, status, "%s %s: %s", row.method, row.path, out)
		require.Equal(t, "application/problem+json", header.Get("Content-Type"), row.path)
		for _, text := range row.says {
			require.Contains(t, out, text, row.path)
		}
	}
}

// What is wrong with our own data is not for clients to read.
func TestAnInternalErrorNeverShowsItsText(t *testing.T) {
	t.Parallel()
	s, c := serve(t, running.Databases(t)["SQLite"])
	c.subscribe("s", 1)
	_, err := s.Store.SQLite.Exec(`UPDATE subscriptions SET document = '{"secret": 1}'`)
	require.NoError(t, err)
	out := c.ok(500, "GET", "/v1/subscriptions/s", "")
	require.Equal(t, `{"title":"Internal Server Error","status":500,"class":"internal"}`, strings.TrimSpace(out))
}

// Two tenants have a subscription of the same id, and each asks for all that the other has.
func TestTenantsNeverCross(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		s, one := serve(t, address)
		two := one
		two.key = s.AddTenant(t, "two", running.Team)
		one.subscribe("s", 3)
		one.subscribe("only-one", 3)
		two.subscribe("s", 5)
		two.ok(200, "POST", "/v1/customers", `{"id": "secret", "name": "Of two"}`)
		var ofOne []store.Posting
		require.NoError(t, json.Unmarshal([]byte(one.ok(200, "GET", "/v1/subscriptions/only-one/invoices", "")), &ofOne))
		require.Len(t, ofOne, 1)
		id := ofOne[0].ID.String()
		for _, ask := range [][3]string{
			{"GET", "/v1/subscriptions/only-one", ""},
			{"GET", "/v1/subscriptions/only-one/invoices", ""},
			{"GET", "/v1/subscriptions/only-one/entitlements/scans", ""},
			{"POST", "/v1/subscriptions/only-one/entitlements/scans/consume", `{"amount": "1"}`},
			{"POST", "/v1/subscriptions/only-one/usage", `{"events": [{"id": "1", "record": {"metric": "calls", "at": "2026-01-31T10:00:00Z", "quantity": "1"}}]}`},
			{"POST", "/v1/subscriptions/only-one/cancel/preview", `{"when": "now"}`},
			{"POST", "/v1/subscriptions/only-one/cancel", `{"when": "now"}`},
			{"GET", "/v1/invoices/" + id, ""},
			{"POST", "/v1/invoices/" + id + "/payments", `{"id": "1", "amount": {"amount": "1.00", "currency": "EUR"}}`},
			{"POST", "/v1/invoices/" + id + "/credit_notes", `{"line": "` + id + `", "amount": {"amount": "1.00", "currency": "EUR"}, "reason": "x"}`},
		} {
			two.ok(404, ask[0], ask[1], ask[2], "If-Match", `"1"`, "Idempotency-Key", "x")
		}
		require.NotContains(t, one.ok(200, "GET", "/v1/customers", ""), "secret")
		require.NotContains(t, two.ok(200, "GET", "/v1/subscriptions", ""), "only-one")
		require.NotContains(t, two.ok(200, "GET", "/v1/events?limit=1000", ""), "only-one")
		require.Contains(t, two.ok(200, "GET", "/v1/subscriptions/s", ""), `"quantity":"5"`)
		require.Contains(t, one.ok(200, "GET", "/v1/subscriptions/s", ""), `"quantity":"3"`)
		three := one
		three.key = one.key + "x"
		three.ok(401, "GET", "/v1/subscriptions", "")
		three.key = ""
		three.ok(401, "GET", "/v1/subscriptions", "")
	})
}

// The first is the example of the reference libraries of standardwebhooks.com; the second, with
// a body that is not ASCII, was computed by openssl:
//
//	printf '%s' 'evt_1.1767225600.{"total":"9.00 €"}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f -binary | base64
func TestMessagesAreSignedAsTheStandardSays(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		secret, id string
		at         int64
		body, want string
	}{
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, `{"test": 2432232314}`, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		{"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "evt_1", 1767225600, `{"total":"9.00 €"}`, "v1,2Zw7mCbqtVMgVv3HVVAMyhy1r7dOGwAakSdCSBqyK6c="},
	} {
		signed, err := app.Sign(row.secret, row.id, time.Unix(row.at, 0), []byte(row.body))
		require.NoError(t, err)
		require.Equal(t, row.want, signed)
	}
}

// The receiver fails at first, and then drops what it knows.
func TestAWebhookIsToldOfEverythingSignedAndAgainIfItFails(t *testing.T) {
	t.Parallel()
	running.Each(t, func(t *testing.T, address string) {
		s, c := serve(t, address)
		var lock sync.Mutex
		secret, failures, got := "", 2, map[string]string{}
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			lock.Lock()
			defer lock.Unlock()
			body, _ := io.ReadAll(r.Body)
			seconds, _ := strconv.ParseInt(r.Header.Get("Webhook-Timestamp"), 10, 64)
			signed, err := app.Sign(secret, r.Header.Get("Webhook-Id"), time.Unix(seconds, 0), body)
			if err != nil || r.Header.Get("Webhook-Signature") != signed {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			if failures--; failures >= 0 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			var told struct{ ID, Type string }
			_ = json.Unmarshal(body, &told)
			got[told.ID] = told.Type
		}))
		t.Cleanup(receiver.Close)
		var hook store.Webhook
		require.NoError(t, json.Unmarshal([]byte(c.ok(200, "PUT", "/v1/webhook", fmt.Sprintf(`{"url": %q}`, receiver.URL))), &hook))
		lock.Lock()
		secret = hook.Secret
		lock.Unlock()
		s.Start(t)
		c.subscribe("s", 1)
		s.Move(t, running.Begin.AddDate(0, 0, 28))

		var feed api.Events
		require.Eventually(t, func() bool { // the feed ends before what is older and not committed, even elsewhere
			_, _, out := c.do("GET", "/v1/events?limit=1000", "")
			return json.Unmarshal([]byte(out), &feed) == nil && len(feed.Events) == 6
		}, 30*time.Second, 50*time.Millisecond)
		want := map[string]string{}
		for _, e := range feed.Events {
			var told struct{ ID, Type string }
			require.NoError(t, json.Unmarshal(e, &told))
			want[told.ID] = told.Type
		}
		lock.Lock()
		require.Equal(t, want, got)
		lock.Unlock()
		require.Len(t, want, 6, "started, renewed, two invoices, two payments")
		var rest api.Events
		require.NoError(t, json.Unmarshal([]byte(c.ok(200, "GET", "/v1/events?since="+feed.Next, "")), &rest))
		require.Empty(t, rest.Events)
	})
}

func TestTheDescriptionNamesEveryOperationAndLoadsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	_, c := serve(t, running.Databases(t)["SQLite"])
	c.key = ""
	var described struct {
		OpenAPI string
		Paths   map[string]map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(c.ok(200, "GET", "/openapi.json", "")), &described))
	require.Equal(t, "3.1.0", described.OpenAPI)
	operations := 0
	for path, methods := range described.Paths {
		operations += len(methods)
		for method, operation := range methods {
			if method == "post" || method == "put" {
				require.True(t, bytes.Contains(operation, []byte("requestBody")), "%s %s", method, path)
			}
		}
	}
	require.Equal(t, 28, operations)
	c.ok(404, "GET", "/docs", "")
	require.Equal(t, "ok\n", c.ok(200, "GET", "/healthz", ""))
	require.Contains(t, c.ok(200, "GET", "/metrics", ""), "perennial_due{what=\"subscriptions\"} 0\n")
}
