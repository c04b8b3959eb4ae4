package billing_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestAnEarlyEndCostsWhatTheTermSays(t *testing.T) {
	t.Parallel()
	half := decimal.NewFromInt(50)
	amount := money.MustParse("120.00 EUR")
	for _, row := range []struct {
		name   string
		fee    plan.EarlyEnd
		timing plan.Timing
		credit plan.UnusedCredit
		at     string
		want   string
	}{
		{name: "the rest before that day's bill", fee: plan.EarlyEnd{Fee: plan.RestFee}, at: "2026-06-15T09:00:00Z", want: "48.93 EUR"},
		{name: "the rest after it", fee: plan.EarlyEnd{Fee: plan.RestFee}, at: "2026-06-15T11:00:00Z", want: "41.94 EUR"},
		{name: "half of the rest", fee: plan.EarlyEnd{Fee: plan.RestFee, Percent: &half}, at: "2026-06-15T09:00:00Z", want: "24.47 EUR"},
		{name: "the rest and what the cancellation gives back", fee: plan.EarlyEnd{Fee: plan.RestFee}, credit: plan.CreditFull, at: "2026-06-15T11:00:00Z", want: "48.23 EUR"},
		{name: "the rest in arrears, less what is billed with the end", fee: plan.EarlyEnd{Fee: plan.RestFee}, timing: plan.Arrears, at: "2026-06-30T10:00:00Z", want: "45.43 EUR"},
		{name: "a fixed fee", fee: plan.EarlyEnd{Fee: plan.FixedFee, Amount: &amount}, at: "2026-12-31T00:00:00Z", want: "120.00 EUR"},
		{name: "a falling fee at the beginning", fee: plan.EarlyEnd{Fee: plan.FallingFee, Amount: &amount}, at: "2026-01-15T10:00:00Z", want: "120.00 EUR"},
		{name: "a falling fee with seven months left", fee: plan.EarlyEnd{Fee: plan.FallingFee, Amount: &amount}, at: "2026-06-15T10:00:00Z", want: "70.00 EUR"},
		{name: "a falling fee in the eighth month from the end", fee: plan.EarlyEnd{Fee: plan.FallingFee, Amount: &amount}, at: "2026-06-15T09:59:00Z", want: "80.00 EUR"},
		{name: "a falling fee in the next term", fee: plan.EarlyEnd{Fee: plan.FallingFee, Amount: &amount}, at: "2027-12-20T00:00:00Z", want: "10.00 EUR"},
		{name: "before the term", fee: plan.EarlyEnd{Fee: plan.FixedFee, Amount: &amount}, at: "2026-01-12T00:00:00Z", want: "0.00 EUR"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			v, err := plan.Compile(plan.Plan{
				ID: "line", Version: 1, Currency: money.EUR, Every: calendar.Months(1), Term: &plan.Term{Interval: calendar.Months(12), EarlyEnd: &row.fee},
				Charges: []plan.Charge{{ID: "fee", Timing: row.timing, Price: plan.FlatFee{Amount: decimal.RequireFromString("6.99")}}},
			})
			require.NoError(t, err)
			start := time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC)
			sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, At: start.AddDate(0, 0, -5), Start: start})
			require.NoError(t, err)
			at, err := time.Parse(time.RFC3339, row.at)
			require.NoError(t, err)
			percent := decimal.NewFromInt(10)
			sub, err = sub.AddDiscount(subscription.Call{At: start.AddDate(0, 0, -4), Actor: lifecycle.Operator}, plan.Discount{ID: "d", Percent: &percent, Duration: plan.Forever})
			require.NoError(t, err)
			call := subscription.Call{At: at, Actor: lifecycle.Operator, Policy: plan.Policy{CancelCredit: row.credit}}
			_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, at.Add(-time.Microsecond))
			require.NoError(t, err)
			fee, err := billing.EarlyEndFee(sub, nil, checkpoint, call)
			require.NoError(t, err)
			require.Equal(t, row.want, fee.String())
			if fee.Sign() == 0 {
				return
			}
			// The service adds it with the cancellation, on one invoice, and no discount reduces it.
			ended, err := sub.Edit(call,
				func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
					return s.AddOneOff(c, subscription.OneOff{ID: "early_end", Amount: fee, NoDiscount: true})
				},
				func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
					return s.Cancel(c, subscription.Immediately())
				})
			require.NoError(t, err)
			invoices, _, err := billing.Invoices(ended, nil, checkpoint, at)
			require.NoError(t, err)
			last := invoices[len(invoices)-1]
			billed := money.FromMinor(0, money.EUR)
			for _, line := range last.Lines {
				if line.Kind == billing.OneOffLine || line.Kind == billing.DiscountLine && line.Charge == "early_end" {
					billed, err = billed.Add(line.Amount)
					require.NoError(t, err)
				}
			}
			require.Equal(t, fee, billed)
			require.Equal(t, lifecycle.Cancelled, ended.Status(at))
		})
	}
}
