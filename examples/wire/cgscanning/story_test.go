package cgscanning_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// told is one line of a story: what the API shows at an instant, and what is billed
// next.
func told(t *testing.T, b *strings.Builder, set subscription.Set, when, what string) {
	item, err := shop().Show(set, org, "s-1", at(t, when), "features", "billing_interval")
	require.NoError(t, err)
	sub, _ := set.Find("s-1")
	next, err := billing.Next(sub, nil, billing.Ledger{}, at(t, when))
	require.NoError(t, err)
	bill := "never"
	if !next.At.IsZero() {
		bill = fmt.Sprintf("%s at %s", next.Amount, wire.Millis.Format(next.At))
	}
	text, err := cgscanning.Marshal(item.Attributes)
	require.NoError(t, err)
	fmt.Fprintf(b, "%s: %s (%s)\nnext bill: %s\n%s\n\n", when, what, sub.Status(at(t, when)), bill, text)
}

func TestTheStoryOfAScanningSubscription(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	set, skipped, err := shop().Subscribe(nil, at(t, "2023-11-20T08:00:00Z"), feature.Assignment{}, cgscanning.Order{
		ID: "s-1", Organization: org, Product: "pci", Interval: cgscanning.Monthly, Start: at(t, "2023-12-01T19:19:18.037Z"), AutoRenewal: true,
	})
	require.NoError(t, err)
	require.Empty(t, skipped)
	told(t, &b, set, "2023-11-20T08:00:00Z", "subscribed")
	told(t, &b, set, "2023-12-02T00:00:00Z", "the trial runs")
	told(t, &b, set, "2023-12-15T19:19:18.037Z", "the trial is over, and the first term is billed")
	steps := []struct {
		when, what, members string
		actor               lifecycle.Actor
	}{
		{"2023-12-20T10:00:00Z", "a new price from the next term on, and ten rescans a day", `{"price": 19.99, "features": {"rescan": {"num_of_rescans": 10}}}`, lifecycle.Operator},
		{"2024-01-20T10:00:00Z", "held: the nearest to a pause", `{"status": "inactive"}`, lifecycle.Operator},
		{"2024-02-01T10:00:00Z", "active again, within the term that is paid", `{"status": "active"}`, lifecycle.Operator},
		{"2024-02-20T10:00:00Z", "this term is the last", `{"auto_renewal": false, "cancellation_reason": "moving on"}`, lifecycle.Subscriber},
		{"2024-02-25T10:00:00Z", "cancelled at once", `{"status": "canceled", "cancellation_reason": "moving on now"}`, lifecycle.Subscriber},
	}
	for _, step := range steps {
		sub, ok := set.Find("s-1")
		require.True(t, ok)
		next, err := shop().Apply(sub, by(t, step.actor, step.when), org, update(t, step.members), feature.Assignment{})
		require.NoError(t, err, step.what)
		set = set.With(next)
		told(t, &b, set, step.when, step.what)
	}
	told(t, &b, set, "2024-06-01T00:00:00Z", "long over")

	sub, _ := set.Find("s-1")
	invoices, _, err := billing.Invoices(sub, nil, billing.Ledger{}, at(t, "2024-06-01T00:00:00Z"))
	require.NoError(t, err)
	b.WriteString("billed:\n")
	for _, inv := range invoices {
		fmt.Fprintf(&b, "%s %s\n", wire.Millis.Format(inv.At), inv.Total)
	}
	b.WriteString("history:\n")
	for _, c := range cgscanning.Events(sub) {
		fmt.Fprintf(&b, "%d %s %s by %s\n", c.Number, wire.Millis.Format(c.At), c.Action, c.Actor)
	}
	golden.Equal(t, "testdata/story.golden", []byte(b.String()))
}

// The numbers are those of the worked examples.
func TestWorkedAmounts(t *testing.T) {
	t.Parallel()
	next := func(sub subscription.Subscription, when string) string {
		n, err := billing.Next(sub, nil, billing.Ledger{}, at(t, when))
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

	nine, err := eight.Cancel(by(t, lifecycle.Subscriber, "2023-12-05T00:00:00Z"), subscription.AtPeriodEnd())
	require.NoError(t, err)
	require.Equal(t, "never; plan 14.33 USD", next(nine, "2023-12-06T00:00:00Z"))
	require.Equal(t, lifecycle.InTrial, nine.Status(at(t, "2023-12-06T00:00:00Z")))
	require.Equal(t, lifecycle.Cancelled, nine.Status(at(t, "2023-12-15T19:19:18.037Z")))

	// 25: the page's own example, with an interval of none.
	u, err := cgscanning.DecodeUpdate(readFile(t, "testdata/update.json"))
	require.NoError(t, err)
	before := sold(t, none, func(p *subscription.Params) {
		p.Start, p.At = at(t, "2023-11-01T00:00:00Z"), at(t, "2023-11-01T00:00:00Z")
	})
	twentyFive, err := shop().Apply(before, by(t, lifecycle.Operator, "2023-12-01T00:00:00Z"), org, u, feature.Assignment{Open: true})
	require.NoError(t, err)
	require.Equal(t, lifecycle.Active, twentyFive.Status(at(t, "2023-12-15T19:19:18.036Z")))
	require.Contains(t, next(twentyFive, "2023-12-02T00:00:00Z"), "never")
	state, err := twentyFive.State(at(t, "2023-12-15T19:19:18.037Z"))
	require.NoError(t, err)
	require.True(t, state.Closed())
}
