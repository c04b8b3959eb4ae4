package billing_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestANaiveEngineBillsAFirstPartTheSame(t *testing.T) {
	t.Parallel()
	joined, waited, priced := 0, 0, 0
	property := func(t *rapid.T) {
		m := everything
		m.newer, m.parts = true, true
		p := m.tale(rapidDraws{t})
		n := tell(p.s)
		if n.odd {
			t.Skip("the format has no rule for this story: see naive.odd")
		}
		all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, p.s.instant(p.s.Until))
		require.NoError(t, err, "%s", p.s)
		require.Equal(t, showNaive(n.invoices), showEngine(all), "%s", p.s)
		if len(all) > 1 {
			if p.s.pricesParts() {
				priced++
			}
			if p.s.Policy.FirstInvoice == "next" {
				waited++
			} else {
				joined++
			}
		}
	}
	covering(t, 5, property, func() bool { return joined > 0 && waited > 0 && priced > 0 })
}

// Whatever the choice for the first invoice, what is billed of days by the end is the same, as
// long as nothing counts periods.
func TestTheFirstInvoiceBillsTheSameDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := date("2026-01-01").AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "start"))
		anchor := start.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "anchor"))
		amount := rapid.Int64Range(1, 99_999).Draw(t, "amount")
		end := start.AddDate(0, 3, rapid.IntRange(0, 40).Draw(t, "end"))
		var sums []int64
		for _, choice := range plan.Words[plan.FirstInvoice]() {
			p := wakePlan(func(p *plan.Plan) {
				p.Charges = []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.New(amount, -2)}}}
				p.Policy = plan.Policy{FirstInvoice: choice, CancelCredit: plan.CreditProrate}
			})
			sub, err := subscription.New(subscription.Params{ID: "s", Plan: p, Start: start, Anchor: anchor})
			require.NoError(t, err)
			sub, err = sub.Cancel(operator(end), subscription.Immediately())
			require.NoError(t, err)
			all, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, end)
			require.NoError(t, err)
			sum := int64(0)
			for _, inv := range all {
				sum += inv.Total.Minor()
			}
			sums = append(sums, sum)
		}
		require.Equal(t, []int64{sums[0], sums[0], sums[0]}, sums)
	})
}
