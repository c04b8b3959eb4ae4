package wiretest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Sold returns a subscription with parameters, each changed in turn.
func Sold(t require.TestingT, p subscription.Params, change ...func(*subscription.Params)) subscription.Subscription {
	for _, c := range change {
		c(&p)
	}
	sub, err := subscription.New(p)
	require.NoError(t, err)
	return sub
}

// EveryStatus is a property of random subscriptions to each of several plans. check
// returns the status in which it met one; every status must occur.
func EveryStatus(t *testing.T, plans []*plan.Version, check func(t *rapid.T, first *plan.Version) lifecycle.Status) {
	t.Helper()
	seen := map[lifecycle.Status]int{}
	rapid.Check(t, func(t *rapid.T) {
		for _, first := range plans {
			seen[check(t, first)]++
		}
	})
	for _, s := range lifecycle.Words[lifecycle.Status]() {
		require.Positive(t, seen[s], s)
	}
}
