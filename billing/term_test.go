package billing_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// yearly comes to 1200 in twelve months.
func yearly(change func(*plan.Minimum)) subscription.Subscription {
	m := &plan.Minimum{Amount: money.MustParse("1200.00 USD"), Cycles: 12}
	change(m)
	return spender(m, plan.Policy{})
}

// piecewise bills day by day, as a service does that keeps the checkpoint and gives the usage that
// it asks for.
func piecewise(t *testing.T, sub subscription.Subscription, usage billing.Usage, from, to string, done map[string]func(subscription.Subscription) subscription.Subscription) ([]billing.Invoice, subscription.Subscription, billing.Checkpoint) {
	t.Helper()
	var all []billing.Invoice
	var checkpoint billing.Checkpoint
	for day := date(from); !day.After(date(to)); day = day.AddDate(0, 0, 1) {
		since, err := billing.UsageFrom(sub, checkpoint)
		require.NoError(t, err)
		var given billing.Usage
		for _, r := range usage {
			if !r.At.Before(since) && !r.At.After(day) && sub.Entitled(r.At) {
				given = append(given, r)
			}
		}
		made, next, err := billing.Invoices(sub, given, checkpoint, day)
		require.NoError(t, err)
		data, err := next.MarshalJSON()
		require.NoError(t, err)
		require.Less(t, len(data), 1500, "%s", data)
		var back billing.Checkpoint
		require.NoError(t, json.Unmarshal(data, &back))
		require.True(t, next.Equal(back), "%s", data)
		all, checkpoint = append(all, made...), back
		if do := done[day.Format("2006-01-02")]; do != nil { // at the checkpoint's very instant
			sub = do(sub)
		}
	}
	return all, sub, checkpoint
}

func TestATermIsTruedUpWithoutTheUsageOfAllOfIt(t *testing.T) {
	t.Parallel()
	ten := money.MustParse("10.00 USD")
	usage := billing.Usage{callsOn("2026-04-05", 3), callsOn("2026-09-05", 7), callsOn("2027-01-31", 2), callsOn("2027-03-02", 1)}
	for _, row := range []struct {
		name   string
		change func(*plan.Minimum)
		done   map[string]func(subscription.Subscription) subscription.Subscription
	}{
		{"a whole term", func(*plan.Minimum) {}, nil},
		{"in instalments", func(m *plan.Minimum) { m.Instalments = true }, nil},
		{"of usage", func(m *plan.Minimum) { m.Base, m.OverageFactor = plan.MinimumUsage, plan.Bound(num("2")) }, nil},
		{"ended early", func(m *plan.Minimum) { m.Part = plan.PartWhole }, map[string]func(subscription.Subscription) subscription.Subscription{
			"2026-11-10": func(sub subscription.Subscription) subscription.Subscription {
				return must(sub.Cancel(operator(date("2026-11-10")), subscription.Immediately()))
			},
		}},
		{"with a pause", func(*plan.Minimum) {}, map[string]func(subscription.Subscription) subscription.Subscription{
			"2026-06-10": func(sub subscription.Subscription) subscription.Subscription {
				return must(sub.Pause(operator(date("2026-06-10")), subscription.Immediately(), subscription.Pause{}))
			},
			"2026-08-20": func(sub subscription.Subscription) subscription.Subscription {
				return must(sub.Resume(operator(date("2026-08-20")), subscription.Immediately()))
			},
		}},
		{"with a coupon and changes on a boundary", func(*plan.Minimum) {}, map[string]func(subscription.Subscription) subscription.Subscription{
			"2026-07-03": func(sub subscription.Subscription) subscription.Subscription {
				return must(sub.AddDiscount(operator(date("2026-07-03")), plan.Discount{ID: "coupon", Amount: &ten, Duration: plan.Forever}))
			},
			"2026-10-01": func(sub subscription.Subscription) subscription.Subscription {
				return must(sub.ChangePrice(operator(date("2026-10-01")), subscription.Immediately(), "base", plan.FlatFee{Amount: num("70")}))
			},
		}},
	} {
		pieces, sub, checkpoint := piecewise(t, yearly(row.change), usage, "2026-04-01", "2027-06-02", row.done)
		usage := slices.DeleteFunc(slices.Clone(usage), func(r billing.Record) bool { return !sub.Entitled(r.At) })
		r, err := billing.Reconcile(sub, usage, stored(pieces), checkpoint, date("2027-06-02"))
		require.NoError(t, err, row.name)
		require.True(t, r.IsEmpty(), "%s: %+v", row.name, r)
		require.Equal(t, checkpoint.Spent, r.Checkpoint.Spent, row.name)
	}
}

func TestRunsInPiecesTrueUpTermsAsOneRunDoes(t *testing.T) {
	t.Parallel()
	seen := 0
	property := func(t *rapid.T) {
		m := spendful()
		m.terms = true
		p := m.tale(rapidDraws{t})
		until := p.s.instant(p.s.Until)
		whole, last, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, until)
		require.NoError(t, err, "%s", p.s)
		var pieces []billing.Invoice
		var checkpoint billing.Checkpoint
		for at := p.s.instant(p.s.Sub.Start); ; at = at.AddDate(0, 0, rapid.IntRange(1, 60).Draw(t, "days")) {
			if at.After(until) {
				at = until
			}
			from, err := billing.UsageFrom(p.sub, checkpoint)
			require.NoError(t, err, "%s", p.s)
			var given billing.Usage
			for _, r := range p.usage {
				if !r.At.Before(from) {
					given = append(given, r)
				}
			}
			made, next, err := billing.Invoices(p.sub, given, checkpoint, at)
			require.NoError(t, err, "%s", p.s)
			require.LessOrEqual(t, len(next.Spent), 8, "%s", p.s)
			seen += len(next.Spent)
			if pieces, checkpoint = append(pieces, made...), next; at.Equal(until) {
				break
			}
		}
		require.Equal(t, showEngine(whole), showEngine(pieces), "%s", p.s)
		require.Equal(t, stored(whole), stored(pieces), "%s", p.s)
		require.Equal(t, last.Spent, checkpoint.Spent, "%s", p.s)
	}
	covering(t, 1, property, func() bool { return seen > 0 })
}

func TestABadTermSpendIsRefusedWithItsPath(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ document, want string }{
		{`{"period":-1,"den":1,"amount":{"amount":"1.00","currency":"USD"}}`, "spent[0].period: must be in ascending order, from 0"},
		{`{"cycles":-1,"den":1,"amount":{"amount":"1.00","currency":"USD"}}`, "spent[0].cycles: must not be negative"},
		{`{"num":1,"den":0,"amount":{"amount":"1.00","currency":"USD"}}`, "spent[0].den: must be above zero, and num not negative"},
		{`{"den":1}`, "spent[0].amount: missing"},
		{`{"den":1,"amount":{"amount":"1.00","currency":"USD"},"trued_up":{"amount":"1.00","currency":"EUR"}}`, "spent[0].trued_up: must be in the currency of the amount"},
	} {
		var c billing.Checkpoint
		err := c.UnmarshalJSON([]byte(`{"revision":1,"charged_through":"2026-01-01T00:00:00Z","spent":[` + row.document + `]}`))
		require.EqualError(t, err, row.want)
	}
}
