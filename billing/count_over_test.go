package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// The phase counts over two months, the plan after it over three: both terms began in January, and
// February has one price. Its 5 calls are 49.95; each half, 24.975, would be rounded up by itself.
func TestPartsUnderOnePriceAreRoundedOnceWhereTheirTermsDiffer(t *testing.T) {
	t.Parallel()
	calls := func(over int) []plan.Charge {
		return []plan.Charge{{ID: "calls", Metric: "calls", CountOver: calendar.Months(over), Price: plan.PerUnit{UnitAmount: num("9.99")}}}
	}
	sub := must(subscription.New(subscription.Params{ID: "s", Start: date("2026-01-01"), Plan: plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: calls(3),
		Phases: []plan.Phase{{Length: calendar.Days(32), Charges: calls(2)}},
	})}))
	var usage billing.Usage
	for _, used := range [][2]string{{"2026-01-10", "1"}, {"2026-02-01", "2.5"}, {"2026-02-03", "2.5"}} {
		usage = append(usage, billing.Record{Metric: "calls", At: date(used[0]), Quantity: num(used[1])})
	}
	all, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-03-02"))
	require.NoError(t, err)
	require.Equal(t, "02-01 usage 01-01 02-01 9.99\n02-02 usage 02-01 02-02 24.98\n03-01 usage 02-02 03-01 24.97\n", linesOf(all))
}

// A moved anchor keeps the term that runs, and none that was over before.
func TestAnAnchorThatMovesBringsNoTermBack(t *testing.T) {
	t.Parallel()
	checkRules(t, []rule{{
		name: "in the first period of a term", sub: "01-01",
		plans: []string{`{"id":"p","every":{"count":1,"unit":"month"},"charges":[{"id":"calls","usage":"calls","count_over":{"count":3,"unit":"month"},` +
			`"price":{"model":"tiered","tiers":[{"up_to":"10","unit_amount":"1"},{"unit_amount":"0.50"}]}}]}`},
		actions: []string{"02-10 usage of=calls quantity=10", "04-05 usage of=calls quantity=5", "04-10 set_anchor anchor=2026-04-15"}, until: "04-15",
		want: []string{"03-01: 02-01>03-01 10.00", "04-15: 04-01>04-15 5.00"},
	}})
}
