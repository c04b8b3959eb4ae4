package revenium_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/revenium"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// story is a subscription that is told step by step: what was sent, what was billed
// until then, and how the document differs from the one before.
type story struct {
	t        *testing.T
	out      bytes.Buffer
	sub      subscription.Subscription
	facts    revenium.Facts
	usage    billing.Usage
	ledger   billing.Ledger
	products map[string]*plan.Version
	before   map[string]json.RawMessage
}

func (s *story) tell(now, what string) {
	fmt.Fprintf(&s.out, "%s  %s\n", now, what)
	invoices, ledger, err := billing.Invoices(s.sub, s.usage, s.ledger, at(now))
	require.NoError(s.t, err)
	s.ledger = ledger
	for _, inv := range invoices {
		fmt.Fprintf(&s.out, "  invoice of %s: %s\n", calendar.FormatInstant(inv.At), inv.Total)
		for _, line := range inv.Lines {
			fmt.Fprintf(&s.out, "    %-8s %-10s %s\n", line.Kind, line.Charge, line.Amount)
		}
	}
	doc, err := revenium.Encode(s.sub, s.facts, at(now), wire.Strict)
	if err != nil {
		fmt.Fprintf(&s.out, "  strict: %s\n", err)
		doc, err = revenium.Encode(s.sub, s.facts, at(now), wire.Lossy)
	}
	require.NoError(s.t, err)
	fmt.Fprintf(&s.out, "  (%s by its dates)\n", doc.Status(at(now)))
	var members map[string]json.RawMessage
	require.NoError(s.t, json.Unmarshal(text(s.t, doc, nil), &members))
	for _, f := range revenium.Fields() {
		is, ok := members[f.Path]
		if !ok && s.before[f.Path] != nil {
			is = json.RawMessage("(none)")
		}
		if !bytes.Equal(is, s.before[f.Path]) {
			fmt.Fprintf(&s.out, "  %s: %s\n", f.Path, is)
		}
	}
	s.before = members
	s.out.WriteByte('\n')
}

// put sends the document that was shown last with members replaced.
func (s *story) put(now string, change map[string]any, actor lifecycle.Actor, when subscription.When) {
	sent := map[string]any{}
	for name, value := range s.before {
		sent[name] = value
	}
	maps.Copy(sent, change)
	data, err := json.Marshal(sent)
	require.NoError(s.t, err)
	what, err := json.Marshal(change)
	require.NoError(s.t, err)
	u := revenium.Update{ID: s.sub.ID(), Call: subscription.Call{At: at(now), Actor: actor}, When: when, Products: s.products, Mode: wire.Strict}
	next, err := u.Apply(s.sub, s.facts, data)
	said := "PUT with " + string(what)
	if err != nil {
		said += "\n  refused: " + err.Error()
	}
	s.sub = next
	s.tell(now, said)
}

// use meters so much, and tells of the thresholds that it exceeds.
func (s *story) use(now string, n int64) {
	entitlement, err := s.sub.Entitlement(revenium.Quota, at(now))
	require.NoError(s.t, err)
	next, decision := entitlement.Consume(s.facts.Quota, feature.Request{Amount: decimal.NewFromInt(n), At: at(now)})
	require.NoError(s.t, decision.Err())
	s.facts.Quota = next
	s.usage = append(s.usage, billing.Record{Metric: string(revenium.Quota), At: at(now), Quantity: decimal.NewFromInt(n)})
	what := fmt.Sprintf("%d are used, %s in all", n, decision.Used())
	for _, threshold := range decision.Fired() {
		what += fmt.Sprintf("; more than %s%%: notify", threshold.Percent)
	}
	s.tell(now, what)
}

func TestTheStoryOfASubscription(t *testing.T) {
	t.Parallel()
	api := metered()
	api.Arrears, api.Trial, api.Limit = true, calendar.Days(14), 400
	plus := api
	plus.ID, plus.Charge, plus.Graduated, plus.Trial = "metered-plus", dec("99.99"), false, calendar.Interval{}
	v := version(t, api)
	s := &story{t: t, products: map[string]*plan.Version{"metered-api": v, "metered-plus": version(t, plus)}}
	const subscriber, operator = lifecycle.Subscriber, lifecycle.Operator
	none := subscription.When{}

	var err error
	s.sub, err = revenium.Create("jRw8Gq", []byte(`{
		"name":"Harbor API","ownerId":"ow9Xk2","clientEmailAddress":"billing@harbor.example","teamId":"te2Lm5","productId":"metered-api",
		"organizationId":null,"quotaNotificationThreshold":80,"start":"2026-01-01T10:00:00Z","credentialIds":["cr1"],"allowImmediateCancellation":false}`),
		v, subscription.Call{At: at("2025-12-20T09:00:00Z"), Actor: operator})
	require.NoError(t, err)
	s.tell("2025-12-20T09:00:00Z", "created")
	s.tell("2026-01-01T10:00:00Z", "the trial begins")
	s.tell("2026-01-15T10:00:00Z", "the trial is over")
	s.use("2026-01-20T00:00:00Z", 320)
	s.use("2026-02-01T00:00:00Z", 25)
	s.tell("2026-02-15T10:00:00Z", "a period is billed")
	s.put("2026-02-15T12:00:00Z", map[string]any{}, subscriber, none)
	s.use("2026-02-20T00:00:00Z", 401)
	s.put("2026-03-01T00:00:00Z", map[string]any{"recurringCharge": 39.99, "overQuota": false, "tags": []any{"gold"}}, operator, subscription.AtPeriodEnd())
	s.tell("2026-03-15T10:00:00Z", "the charge changes")
	s.put("2026-04-01T00:00:00Z", map[string]any{"expiration": "2026-04-01T00:00:00Z"}, subscriber, none)
	s.put("2026-04-01T00:00:00Z", map[string]any{"productId": "metered-plus", "recurringCharge": 39.99}, operator, subscription.AtPeriodEnd())
	s.tell("2026-04-15T10:00:00Z", "the product changes")
	s.sub, err = s.sub.Pause(subscription.Call{At: at("2026-04-20T00:00:00Z"), Actor: operator}, subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	s.tell("2026-04-20T00:00:00Z", "paused, for which there is no word")
	s.sub, err = s.sub.Resume(subscription.Call{At: at("2026-05-01T00:00:00Z"), Actor: operator}, subscription.Immediately())
	require.NoError(t, err)
	s.tell("2026-05-01T00:00:00Z", "resumed")
	s.put("2026-05-20T00:00:00Z", map[string]any{"expiration": "2026-06-15T10:00:00Z"}, subscriber, none)
	s.put("2026-05-25T00:00:00Z", map[string]any{"expiration": nil}, subscriber, none)
	s.put("2026-06-01T00:00:00Z", map[string]any{"expiration": "2026-06-15T10:00:00Z"}, subscriber, none)
	s.tell("2026-06-15T10:00:00Z", "expired")
	golden.Equal(t, "testdata/story.golden", s.out.Bytes())
}
