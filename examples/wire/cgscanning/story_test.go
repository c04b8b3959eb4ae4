package cgscanning_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

func TestTheStoryOfAScanningSubscription(t *testing.T) {
	t.Parallel()
	set, skipped, err := shop().Subscribe(nil, at("2023-11-20T08:00:00Z"), feature.Assignment{}, cgscanning.Order{
		ID: "s-1", Organization: org, Product: "pci", Interval: cgscanning.Monthly, Start: at("2023-12-01T19:19:18.037Z"), AutoRenewal: true,
	})
	require.NoError(t, err)
	require.Empty(t, skipped)
	s := wiretest.NewStory(t, func(s *wiretest.Story, now string, mode wire.Mode) (any, error) {
		return shop().Encode(s.Sub, at(now), mode)
	})
	s.Sub = set[0]
	s.Tell("2023-11-20T08:00:00Z", "subscribed")
	s.Tell("2023-12-02T00:00:00Z", "the trial runs")
	s.Tell("2023-12-15T19:19:18.037Z", "the trial is over, and the first term is billed")
	for _, step := range []struct {
		when, what, members string
		actor               lifecycle.Actor
	}{
		{"2023-12-20T10:00:00Z", "a new price from the next term on, and ten rescans a day", `{"price": 19.99, "features": {"rescan": {"num_of_rescans": 10}}}`, lifecycle.Operator},
		{"2024-01-20T10:00:00Z", "held: the nearest to a pause", `{"status": "inactive"}`, lifecycle.Operator},
		{"2024-02-01T10:00:00Z", "active again, within the term that is paid", `{"status": "active"}`, lifecycle.Operator},
		{"2024-02-20T10:00:00Z", "this term is the last", `{"auto_renewal": false, "cancellation_reason": "moving on"}`, lifecycle.Subscriber},
		{"2024-02-25T10:00:00Z", "cancelled at once", `{"status": "canceled", "cancellation_reason": "moving on now"}`, lifecycle.Subscriber},
	} {
		next, err := shop().Apply(s.Sub, call(step.actor, step.when), org, update(t, step.members), feature.Assignment{})
		require.NoError(t, err, step.what)
		s.Do(step.when, step.what, next, err)
	}
	s.Tell("2024-06-01T00:00:00Z", "long over")
	s.Golden("testdata/story.golden")
	require.Len(t, cgscanning.Events(s.Sub), s.Sub.Version(), "the other history has every command")
}

// The numbers are those of the worked examples.
func TestWorkedAmounts(t *testing.T) {
	t.Parallel()
	next := func(sub subscription.Subscription, when string) string {
		n, err := billing.Next(sub, nil, billing.Checkpoint{}, at(when))
		require.NoError(t, err)
		if n.At.IsZero() {
			return fmt.Sprintf("never; plan %s", n.PlanAmount)
		}
		return fmt.Sprintf("%s %s; plan %s", wire.Millis.Format(n.At), n.Amount, n.PlanAmount)
	}
	eight := sold(t, monthly)
	require.Equal(t, "2023-12-15T19:19:18.037Z 14.33 USD; plan 14.33 USD", next(eight, "2023-12-02T00:00:00Z"))
	require.Equal(t, "2024-01-15T19:19:18.037Z 14.33 USD; plan 14.33 USD", next(eight, "2023-12-15T19:19:18.037Z"))
	require.Equal(t, "2024-12-15T19:19:18.037Z 143.30 USD; plan 143.30 USD", next(sold(t, yearly), "2023-12-15T19:19:18.037Z"))

	nine, err := eight.Cancel(subscriber("2023-12-05T00:00:00Z"), subscription.AtPeriodEnd())
	require.NoError(t, err)
	require.Equal(t, "never; plan 14.33 USD", next(nine, "2023-12-06T00:00:00Z"))
	require.Equal(t, lifecycle.InTrial, nine.Status(at("2023-12-06T00:00:00Z")))
	require.Equal(t, lifecycle.Cancelled, nine.Status(at("2023-12-15T19:19:18.037Z")))

	// 25: the page's own example, with an interval of none.
	u, err := cgscanning.DecodeUpdate(wiretest.File(t, "testdata/update.json"))
	require.NoError(t, err)
	before := sold(t, none, func(p *subscription.Params) {
		p.Start, p.At = at("2023-11-01T00:00:00Z"), at("2023-11-01T00:00:00Z")
	})
	twentyFive, err := shop().Apply(before, operator("2023-12-01T00:00:00Z"), org, u, feature.Assignment{Open: true})
	require.NoError(t, err)
	require.Equal(t, lifecycle.Active, twentyFive.Status(at("2023-12-15T19:19:18.036Z")))
	require.Contains(t, next(twentyFive, "2023-12-02T00:00:00Z"), "never")
	state, err := twentyFive.State(at("2023-12-15T19:19:18.037Z"))
	require.NoError(t, err)
	require.True(t, state.Closed())
}
