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
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

var (
	at         = wiretest.MustAt
	dec        = decimal.RequireFromString
	operator   = wiretest.MustOperator
	subscriber = wiretest.MustSubscriber
)

// metered is the product of the worked example: a charge, and usage in four tiers.
func metered() revenium.Product {
	return revenium.Product{
		ID: "metered-api", Name: "Metered API", Currency: money.USD, Every: calendar.Months(1), Charge: dec("49.99"),
		Tiers: []plan.Tier{
			{UpTo: plan.Bound(dec("100")), FlatAmount: dec("100")},
			{UpTo: plan.Bound(dec("200")), FlatAmount: dec("90")},
			{UpTo: plan.Bound(dec("300")), FlatAmount: dec("80")},
			{UnitAmount: dec("0.70")},
		},
		Graduated: true, Limit: 1000, OverQuota: feature.Allow,
	}
}

func version(t require.TestingT, p revenium.Product) *plan.Version {
	v, err := plan.Compile(p.Plan())
	require.NoError(t, err)
	return v
}

func sold(t *testing.T, p revenium.Product, start string) subscription.Subscription {
	t.Helper()
	return wiretest.Sold(t, subscription.Params{ID: "jRw8Gq", Plan: version(t, p), Start: at(start)})
}

func shown(t *testing.T, sub subscription.Subscription, now string) revenium.Subscription {
	t.Helper()
	doc, err := revenium.Encode(sub, revenium.Facts{}, at(now), wire.Strict)
	require.NoError(t, err)
	return doc
}

func put(call subscription.Call) revenium.Update {
	return revenium.Update{ID: "jRw8Gq", Call: call, When: subscription.Immediately(), Mode: wire.Strict}
}

func TestEveryFieldOfThePageIsInTheTable(t *testing.T) {
	t.Parallel()
	wiretest.Fields(t, revenium.Fields())
}

func TestADocumentWithEveryFieldIsReadAndWrittenWithNothingLost(t *testing.T) {
	t.Parallel()
	data := wiretest.File(t, "testdata/subscription.json")
	var members map[string]any
	require.NoError(t, json.Unmarshal(data, &members))
	require.Len(t, members, len(revenium.Fields())-2, "all but the path and the header")

	doc, err := revenium.Read(data)
	require.NoError(t, err)
	again, err := json.Marshal(doc)
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))

	product := metered()
	product.Trial = calendar.Days(14)
	sub, err := revenium.Create("jRw8Gq", data, version(t, product), operator("2026-02-20T00:00:00Z"))
	require.NoError(t, err)
	again, err = json.Marshal(shown(t, sub, "2026-02-20T00:00:00Z"))
	require.NoError(t, err)
	require.JSONEq(t, string(data), string(again))

	next, _, err := put(subscriber("2026-02-20T00:00:00Z")).Apply(sub, revenium.Facts{}, data)
	require.NoError(t, err)
	require.Equal(t, sub.Version(), next.Version(), "what is sent back as it was shown changes nothing")
}

func TestWhatIsCarriedShowsInNoTextButTheDocument(t *testing.T) {
	t.Parallel()
	data := wiretest.File(t, "testdata/subscription.json")
	product := metered()
	product.Trial = calendar.Days(14)
	sub, err := revenium.Create("jRw8Gq", data, version(t, product), operator("2026-02-20T00:00:00Z"))
	require.NoError(t, err)
	doc, err := revenium.Read(data)
	require.NoError(t, err)
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, at("2026-02-20T00:00:00Z"))
	require.NoError(t, err)
	said := sub.String() + fmt.Sprintf("%v %+v %#v", doc, doc, doc)
	for _, inv := range invoices {
		words, err := inv.Explain()
		require.NoError(t, err)
		said += words
	}
	_, _, err = put(subscriber("2026-02-20T00:00:00Z")).Apply(sub, revenium.Facts{}, wiretest.With(t, doc, map[string]any{"start": "2020-01-01T00:00:00Z", "expiration": "2020-01-01T00:00:00Z"}))
	require.Error(t, err)
	said += err.Error()
	for _, secret := range []string{"cr1", "harbor.example", "ow9Xk2", "okta"} {
		require.NotContains(t, said, secret)
	}
}

func TestEveryFaultOfADocumentIsReportedAtItsPath(t *testing.T) {
	t.Parallel()
	doc := shown(t, sold(t, metered(), "2026-01-15T10:00:00Z"), "2026-01-20T00:00:00Z")
	for _, tc := range []struct {
		replace map[string]any
		want    string
	}{
		{map[string]any{"name": nil, "ownerId": nil, "clientEmailAddress": nil, "teamId": nil, "productId": nil, "quotaNotificationThreshold": nil}, "name: missing\nownerId: missing\nclientEmailAddress: missing\nteamId: missing\nproductId: missing\nquotaNotificationThreshold: missing"},
		{map[string]any{"name": wiretest.Null}, "name: must not be null"},
		{map[string]any{"quotaNotificationThreshold": 100.01}, "quotaNotificationThreshold: must be a percentage from 0 to 100"},
		{map[string]any{"tierQuotaNotificationThreshold": -1}, "tierQuotaNotificationThreshold: must be a percentage from 0 to 100"},
		{map[string]any{"recurringCharge": -1}, "recurringCharge: must not be negative"},
		{map[string]any{"recurringCharge": json.RawMessage("1e2")}, "recurringCharge: must be a number, or a string that holds one, without an exponent"},
		{map[string]any{"expiration": "2026-02-30T00:00:00Z"}, "expiration: must be an instant such as 2026-01-31T09:00:00Z"},
		{map[string]any{"tags": []any{1}}, "tags[0]: must be a string"},
		{map[string]any{"owner": "x"}, "owner: unknown field"},
	} {
		_, err := revenium.Read(wiretest.With(t, doc, tc.replace))
		require.EqualError(t, err, tc.want)
		require.ErrorIs(t, err, wire.ErrMalformed)
	}
}

func TestTheStatusFollowsFromTheDates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		doc  string
		want lifecycle.Status
	}{
		{`{}`, lifecycle.Active},
		{`{"start":"2026-02-01T00:00:00Z"}`, lifecycle.Future},
		{`{"start":"2026-01-20T00:00:00Z"}`, lifecycle.Active},
		{`{"start":"2026-01-01T00:00:00Z","trialEnd":"2026-01-20T00:00:01Z"}`, lifecycle.InTrial},
		{`{"start":"2026-01-01T00:00:00Z","trialEnd":"2026-01-20T00:00:00Z"}`, lifecycle.Active},
		{`{"start":"2026-01-01T00:00:00Z","expiration":"2026-01-20T00:00:00Z"}`, lifecycle.Cancelled},
		{`{"expiration":"2026-02-01T00:00:00Z","currentPeriodEnd":"2026-02-01T00:00:00Z"}`, lifecycle.NonRenewing},
		{`{"expiration":"2026-02-01T00:00:01Z","currentPeriodEnd":"2026-02-01T00:00:00Z"}`, lifecycle.Active},
		{`{"start":"2026-03-01T00:00:00Z","expiration":"2026-01-19T00:00:00Z"}`, lifecycle.Cancelled},
	} {
		var doc revenium.Subscription
		require.NoError(t, wire.Read([]byte(tc.doc), &doc))
		require.Equal(t, tc.want, doc.Status(at("2026-01-20T00:00:00Z")), tc.doc)
	}
}

func TestWhatTheDocumentCannotSayIsRefusedOrLost(t *testing.T) {
	t.Parallel()
	const now = "2026-01-20T00:00:00Z"
	perUnit := metered().Plan()
	perUnit.Charges[0].Price = plan.PerUnit{UnitAmount: dec("5")}
	perUnit.Charges[1] = plan.Charge{ID: "more", Price: plan.FlatFee{Amount: dec("1")}}
	never := metered().Plan()
	never.Every = calendar.Interval{}
	never.Features = nil
	many := metered().Plan()
	grant := many.Features[revenium.Quota]
	grant.Thresholds = []feature.Threshold{feature.PercentOf(50), feature.PercentOf(80), {Percent: dec("10"), Scope: feature.TierScope}, {Percent: dec("20"), Scope: feature.TierScope}}
	many.Features[revenium.Quota] = grant
	for _, tc := range []struct {
		name   string
		plan   plan.Plan
		start  string
		do     func(subscription.Subscription) (subscription.Subscription, error)
		refuse string
		lossy  func(*testing.T, revenium.Subscription)
	}{
		{
			"a pause", metered().Plan(), "2026-01-15T10:00:00Z",
			func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.Pause(operator("2026-01-18T00:00:00Z"), subscription.Immediately(), subscription.Pause{})
			},
			"revenium: expiration: cannot say that it is paused",
			func(t *testing.T, d revenium.Subscription) { require.Equal(t, lifecycle.Active, d.Status(at(now))) },
		},
		{
			"a hold that outlasted the start", metered().Plan(), "2026-01-19T00:00:00Z",
			func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.Hold(operator("2026-01-18T00:00:00Z"))
			},
			"revenium: start: cannot say that a hold outlasted it",
			func(t *testing.T, d revenium.Subscription) { require.Equal(t, lifecycle.Active, d.Status(at(now))) },
		},
		{
			"no renewal of what does not recur", never, "2026-01-15T10:00:00Z",
			func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.SetAutoRenewal(operator("2026-01-18T00:00:00Z"), false)
			},
			"revenium: expiration: cannot say that it does not renew, where nothing recurs",
			func(t *testing.T, d revenium.Subscription) { require.True(t, d.Expiration.IsZero()) },
		},
		{
			"several charges", perUnit, "2026-01-15T10:00:00Z", nil,
			"revenium: recurringCharge: cannot say a charge that depends on a quantity: \"recurring\"\nrevenium: recurringCharge: cannot say 2 recurring charges",
			func(t *testing.T, d revenium.Subscription) {
				n, _ := d.RecurringCharge.Value()
				require.Equal(t, "6", n.String())
			},
		},
		{
			"several thresholds", many, "2026-01-15T10:00:00Z", nil,
			"revenium: quotaNotificationThreshold: cannot say 2 thresholds\nrevenium: tierQuotaNotificationThreshold: cannot say 2 thresholds",
			func(t *testing.T, d revenium.Subscription) {
				n, _ := d.QuotaThreshold.Value()
				require.Equal(t, "50", n.String())
			},
		},
		{
			"parts of a second", metered().Plan(), "2026-01-15T10:00:00.5Z", nil,
			"revenium: start: cannot say the instant 2026-01-15T10:00:00.5Z to its last digit\nrevenium: currentPeriodStart: cannot say the instant 2026-01-15T10:00:00.5Z to its last digit\nrevenium: currentPeriodEnd: cannot say the instant 2026-02-15T10:00:00.5Z to its last digit",
			func(t *testing.T, d revenium.Subscription) {
				start, _ := d.Start.Value()
				require.Equal(t, at("2026-01-15T10:00:00Z"), start.Time)
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v, err := plan.Compile(tc.plan)
			require.NoError(t, err)
			sub, err := subscription.New(subscription.Params{ID: "jRw8Gq", Plan: v, At: at("2026-01-10T00:00:00Z"), Start: at(tc.start)})
			require.NoError(t, err)
			if tc.do != nil {
				sub, err = tc.do(sub)
				require.NoError(t, err)
			}
			_, err = revenium.Encode(sub, revenium.Facts{}, at(now), wire.Strict)
			require.ErrorIs(t, err, wire.ErrNotRepresentable)
			require.EqualError(t, err, tc.refuse)
			doc, err := revenium.Encode(sub, revenium.Facts{}, at(now), wire.Lossy)
			require.NoError(t, err)
			tc.lossy(t, doc)
			u := put(subscriber(now))
			u.Mode = wire.Lossy
			next, _, err := u.Apply(sub, revenium.Facts{}, wiretest.With(t, doc, nil))
			require.NoError(t, err)
			require.Equal(t, sub.Version(), next.Version())
		})
	}
	_, err := revenium.Encode(sold(t, metered(), "2026-02-15T10:00:00Z"), revenium.Facts{}, at(now), wire.Lossy)
	require.ErrorIs(t, err, revenium.ErrNoSubscription)
	_, err = revenium.Encode(subscription.Subscription{}, revenium.Facts{}, at(now), wire.Lossy)
	require.ErrorIs(t, err, revenium.ErrNoSubscription)
}
