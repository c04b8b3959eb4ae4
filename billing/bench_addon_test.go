package billing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// BenchmarkAttachments makes 100 attachments, and bills a year of them, beside 10: 10 times as
// much would be linear.
func BenchmarkAttachments(b *testing.B) {
	catalog := addOnCatalog()
	version, err := catalog.Lookup(plan.Ref{ID: "pro", Version: 1})
	require.NoError(b, err)
	addOn, err := catalog.AddOn(plan.Ref{ID: "onboarding", Version: 1})
	require.NoError(b, err)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	with := func(count int) subscription.Subscription {
		sub, err := subscription.New(subscription.Params{ID: "s", Plan: version, Start: start})
		require.NoError(b, err)
		for i := range count {
			call := subscription.Call{At: start.Add(time.Duration(i) * time.Hour), Actor: lifecycle.Operator}
			sub, err = sub.Attach(call, subscription.Immediately(), subscription.Attachment{ID: fmt.Sprint("a", i), AddOn: addOn})
			require.NoError(b, err)
		}
		return sub
	}
	bills := func(name string, count, turns int) contender {
		sub := with(count)
		return contender{name, turns, func(int) {
			_, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, start.AddDate(1, 0, 0))
			require.NoError(b, err)
		}}
	}
	attaches := func(name string, count, turns int) contender {
		return contender{name, turns, func(int) { with(count) }}
	}
	b.Run("bill", func(b *testing.B) { inTurn(b, bills("10", 10, 200), bills("100", 100, 20)) })
	b.Run("attach", func(b *testing.B) { inTurn(b, attaches("10", 10, 200), attaches("100", 100, 20)) })
}
