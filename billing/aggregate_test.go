package billing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// aggregating sells one metric at a price, from January on.
func aggregating(m plan.Metric, price plan.Price, policy plan.Policy) subscription.Subscription {
	m.ID = "calls"
	return must(subscription.New(subscription.Params{ID: "s", Start: date("2026-01-01"), Plan: plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: policy, Metrics: []plan.Metric{m},
		Charges: []plan.Charge{{ID: "calls", Name: "Calls", Metric: "calls", Price: price}},
	})}))
}

// recorded reads records of calls: "01-20 60, 01-21T12:00 -1 key".
func recorded(text string) billing.Usage {
	var all billing.Usage
	for _, one := range strings.Split(text, ", ") {
		if one == "" {
			continue
		}
		parts := append(strings.Fields(one), "")
		all = append(all, billing.Record{Metric: "calls", At: date("2026-" + parts[0]), Quantity: num(parts[1]), Key: parts[2]})
	}
	return all
}

func TestRecordsBecomeOneQuantity(t *testing.T) {
	t.Parallel()
	changes := plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadChange}
	levels := plan.Metric{Aggregation: plan.WeightedSum, Records: plan.ReadLevel}
	carried := func(m plan.Metric) plan.Metric { m.Carry = true; return m }
	const added = "01-20 60, 01-21 75, 01-22 90, 01-23 55, 01-26 100"
	for _, row := range []struct {
		name    string
		metric  plan.Metric
		unit    string
		records string
		want    string // quantity and amount of each month
	}{
		{"changes added up over time", changes, "0.10", added, "114.1935483871 11.42, 0 0.00"},
		{"the same read as levels", levels, "0.10", added, "31.935483871 3.19, 0 0.00"},
		{"a level that is carried", carried(changes), "0.10", added, "114.1935483871 11.42, 380 38.00"},
		{"a level read, and carried", carried(levels), "0.10", added, "31.935483871 3.19, 100 10.00"},
		{"records", plan.Metric{Aggregation: plan.RecordCount}, "2", "01-02 0, 01-02 7, 01-31 1.5, 02-01 9", "3 6.00, 1 2.00"},
		{"distinct keys", plan.Metric{Aggregation: plan.UniqueCount}, "2", "01-02 1 a, 01-03 1 b, 01-04 5 a, 02-01 1 a", "2 4.00, 1 2.00"},
		{"a key that is removed", plan.Metric{Aggregation: plan.UniqueCount}, "2", "01-02 1 a, 01-03 1 b, 01-04 -1 a, 01-05 -1 c", "1 2.00, 0 0.00"},
		{"a key that is removed and comes back", plan.Metric{Aggregation: plan.UniqueCount}, "2", "01-02 1 a, 01-03 -1 a, 01-03 1 a", "1 2.00, 0 0.00"},
		{"a plain mean", plan.Metric{Aggregation: plan.Average}, "1", "01-02 1, 01-03 0, 01-31 1", "0.6666666667 0.67, 0 0.00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			sub := aggregating(row.metric, plan.PerUnit{UnitAmount: num(row.unit)}, plan.Policy{ZeroInvoices: plan.EmitZeroInvoices})
			all, _, err := billing.Invoices(sub, recorded(row.records), billing.Checkpoint{}, date("2026-03-01"))
			require.NoError(t, err)
			var got []string
			for _, inv := range all {
				survivesWhole(t, inv)
				for _, line := range inv.Lines {
					got = append(got, fmt.Sprintf("%s %s", line.Quantity, line.Amount.Amount()))
					text, err := line.Explain(inv.Zone)
					require.NoError(t, err)
					t.Log(text)
				}
			}
			require.Equal(t, row.want, strings.Join(got, ", "))
		})
	}
}
