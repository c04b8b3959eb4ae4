package wiretest_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestWalksReachEveryStatusAndNothingElse(t *testing.T) {
	t.Parallel()
	month := plan.MustCompile(plan.Plan{ID: "month", Version: 1, Currency: money.USD, Every: calendar.Months(1), Trial: &plan.Trial{Length: calendar.Days(14)}})
	year := plan.MustCompile(plan.Plan{ID: "year", Version: 1, Currency: money.USD, Every: calendar.Years(1)})
	start := time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC)
	seen := make(map[lifecycle.Status]int)
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		sub, now, err := wiretest.Walk(random.IntN, subscription.Params{ID: "s", Plan: month, At: start.Add(-time.Hour), Start: start}, []*plan.Version{month, year}, 12)
		require.NoError(t, err)
		require.False(t, now.Before(sub.UpdatedAt()))
		seen[sub.Status(now)]++
	}
	for _, s := range lifecycle.Words[lifecycle.Status]() {
		require.Positive(t, seen[s], s)
	}
	require.Len(t, seen, len(lifecycle.Words[lifecycle.Status]()))
}
