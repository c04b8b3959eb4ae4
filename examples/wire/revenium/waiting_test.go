package revenium_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/examples/wire/revenium"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// least is what the page requires, as it is shown of a subscription to metered.
const least = `{"name":"","ownerId":"","clientEmailAddress":"","teamId":"","productId":"metered-api","quotaNotificationThreshold":0`

func TestTheValueInForceIsAnEchoAndSentAloneUndoesWhatWaits(t *testing.T) {
	t.Parallel()
	u := put(operator(now))
	u.When = subscription.AtPeriodEnd()
	u.Products = map[string]*plan.Version{"metered-api": version(t, metered()), "metered-plus": version(t, other())}
	active := sold(t, metered(), "2026-01-15T10:00:00Z")
	send := func(sub subscription.Subscription, document string) (subscription.Subscription, string) {
		next, waits, err := u.Apply(sub, revenium.Facts{}, []byte(document))
		require.NoError(t, err)
		named := ""
		for _, w := range waits {
			if w.Price != nil {
				named += "price " + w.Price.(plan.FlatFee).Amount.String() + "; "
			} else {
				named += "plan " + w.Plan.ID + "; "
			}
			require.Equal(t, at("2026-02-15T10:00:00Z"), w.At)
		}
		return next, named
	}
	full := func(sub subscription.Subscription, change map[string]any) string {
		return string(wiretest.With(t, shown(t, sub, now), change))
	}

	dearer, named := send(active, full(active, map[string]any{"recurringCharge": 60}))
	require.Equal(t, "price 60; ", named)
	plus, named := send(active, full(active, map[string]any{"productId": "metered-plus"}))
	require.Equal(t, "plan metered-plus; ", named)
	both, named := send(dearer, full(dearer, map[string]any{"productId": "metered-plus"}))
	require.Equal(t, "price 60; plan metered-plus; ", named)

	for _, tc := range []struct {
		name, document string
		sub            subscription.Subscription
		waits          string
		echo           bool
	}{
		{"the whole document as it was shown", full(dearer, nil), dearer, "price 60; ", true},
		{"the same with a change", full(dearer, map[string]any{"tags": []any{"a"}}), dearer, "price 60; ", false},
		{"the charge alone", least + `,"recurringCharge":49.99}`, dearer, "", false},
		{"the plan's own charge alone", least + `,"recurringCharge":null}`, dearer, "", false},
		{"the charge alone, with the id", least + `,"id":"jRw8Gq","recurringCharge":49.99}`, dearer, "", false},
		{"the charge and more", least + `,"recurringCharge":49.99,"tags":[]}`, dearer, "price 60; ", true},
		{"the charge alone, of which nothing waits", least + `,"recurringCharge":49.99}`, plus, "plan metered-plus; ", true},
		{"the charge alone, while the product waits too", least + `,"recurringCharge":49.99}`, both, "plan metered-plus; ", false},
		{"the product alone", least + `}`, plus, "", false},
		{"the product alone, of which nothing waits", least + `}`, dearer, "price 60; ", true},
		{"the product alone, while the charge waits too", least + `}`, both, "price 60; ", false},
		{"the product and a new name", `{"name":"x"` + least[len(`{"name":""`):] + `}`, plus, "plan metered-plus; ", false},
		{"nothing waits", least + `}`, active, "", true},
	} {
		next, named := send(tc.sub, tc.document)
		require.Equal(t, tc.waits, named, tc.name)
		require.Equal(t, tc.echo, next.Equal(tc.sub), tc.name)
		require.JSONEq(t, string(wiretest.With(t, shown(t, tc.sub, now), map[string]any{"tags": nil, "name": nil})),
			string(wiretest.With(t, shown(t, next, now), map[string]any{"tags": nil, "name": nil})), tc.name)
	}

	// A change that was done is a retry, though its key stands for another command.
	keyed := put(operator(now))
	keyed.Call.Key = "put-1"
	once, _, err := keyed.Apply(active, revenium.Facts{}, []byte(least+`,"recurringCharge":60}`))
	require.NoError(t, err)
	twice, _, err := keyed.Apply(once, revenium.Facts{}, []byte(least+`,"recurringCharge":60}`))
	require.NoError(t, err)
	require.True(t, twice.Equal(once))

	// A plan that is not known cannot be scheduled again.
	u.Products = nil
	_, _, err = u.Apply(both, revenium.Facts{}, []byte(least+`,"recurringCharge":49.99}`))
	require.ErrorIs(t, err, plan.ErrNotFound)
}
