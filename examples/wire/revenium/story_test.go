package revenium_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/revenium"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestTheStoryOfASubscription(t *testing.T) {
	t.Parallel()
	api := metered()
	api.Arrears, api.Trial, api.Limit = true, calendar.Days(14), 400
	plus := api
	plus.ID, plus.Charge, plus.Graduated, plus.Trial = "metered-plus", dec("99.99"), false, calendar.Interval{}
	v := version(t, api)
	products := map[string]*plan.Version{"metered-api": v, "metered-plus": version(t, plus)}
	var facts revenium.Facts
	s := wiretest.NewStory(t, func(s *wiretest.Story, now string, mode wire.Mode) (any, error) {
		return revenium.Encode(s.Sub, facts, at(now), mode)
	})
	// put sends the document that was shown last with members replaced.
	put := func(now string, change map[string]any, actor lifecycle.Actor, when subscription.When) {
		what, err := json.Marshal(change)
		require.NoError(t, err)
		u := revenium.Update{ID: s.Sub.ID(), Call: wiretest.MustCall(actor, now), When: when, Products: products, Mode: wire.Strict}
		next, _, err := u.Apply(s.Sub, facts, wiretest.With(t, s.Document, change))
		s.Do(now, "PUT with "+string(what), next, err)
	}
	// use meters so much, and tells of the thresholds that it exceeds.
	use := func(now string, n int64) {
		entitlement, err := s.Sub.Entitlement(revenium.Quota, at(now))
		require.NoError(t, err)
		next, decision := entitlement.Consume(facts.Quota, feature.Request{Amount: decimal.NewFromInt(n), At: at(now)})
		require.NoError(t, decision.Err())
		facts.Quota = next
		s.Usage = append(s.Usage, billing.Record{Metric: string(revenium.Quota), At: at(now), Quantity: decimal.NewFromInt(n)})
		what := fmt.Sprintf("%d are used, %s in all", n, decision.Used())
		for _, threshold := range decision.Fired() {
			what += fmt.Sprintf("; more than %s%%: notify", threshold.Percent)
		}
		s.Tell(now, what)
	}
	const subscriber, operator = lifecycle.Subscriber, lifecycle.Operator
	none := subscription.When{}

	var err error
	s.Sub, err = revenium.Create("jRw8Gq", []byte(`{
		"name":"Harbor API","ownerId":"ow9Xk2","clientEmailAddress":"billing@harbor.example","teamId":"te2Lm5","productId":"metered-api",
		"organizationId":null,"quotaNotificationThreshold":80,"start":"2026-01-01T10:00:00Z","credentialIds":["cr1"],"allowImmediateCancellation":false}`),
		v, subscription.Call{At: at("2025-12-20T09:00:00Z"), Actor: operator})
	require.NoError(t, err)
	s.Tell("2025-12-20T09:00:00Z", "created")
	s.Tell("2026-01-01T10:00:00Z", "the trial begins")
	s.Tell("2026-01-15T10:00:00Z", "the trial is over")
	use("2026-01-20T00:00:00Z", 320)
	use("2026-02-01T00:00:00Z", 25)
	s.Tell("2026-02-15T10:00:00Z", "a period is billed")
	put("2026-02-15T12:00:00Z", map[string]any{}, subscriber, none)
	use("2026-02-20T00:00:00Z", 401)
	put("2026-03-01T00:00:00Z", map[string]any{"recurringCharge": 39.99, "overQuota": false, "tags": []any{"gold"}}, operator, subscription.AtPeriodEnd())
	s.Tell("2026-03-15T10:00:00Z", "the charge changes")
	put("2026-04-01T00:00:00Z", map[string]any{"expiration": "2026-04-01T00:00:00Z"}, subscriber, none)
	put("2026-04-01T00:00:00Z", map[string]any{"productId": "metered-plus", "recurringCharge": 39.99}, operator, subscription.AtPeriodEnd())
	s.Tell("2026-04-15T10:00:00Z", "the product changes")
	s.Sub, err = s.Sub.Pause(subscription.Call{At: at("2026-04-20T00:00:00Z"), Actor: operator}, subscription.Immediately(), subscription.Pause{})
	require.NoError(t, err)
	s.Tell("2026-04-20T00:00:00Z", "paused, for which there is no word")
	s.Sub, err = s.Sub.Resume(subscription.Call{At: at("2026-05-01T00:00:00Z"), Actor: operator}, subscription.Immediately())
	require.NoError(t, err)
	s.Tell("2026-05-01T00:00:00Z", "resumed")
	put("2026-05-20T00:00:00Z", map[string]any{"expiration": "2026-06-15T10:00:00Z"}, subscriber, none)
	put("2026-05-25T00:00:00Z", map[string]any{"expiration": wiretest.Null}, subscriber, none)
	put("2026-06-01T00:00:00Z", map[string]any{"expiration": "2026-06-15T10:00:00Z"}, subscriber, none)
	s.Tell("2026-06-15T10:00:00Z", "expired")
	s.Golden("testdata/story.golden")
}
