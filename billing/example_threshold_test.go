package billing_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A plan bills usage when it comes to 5, 20 and 50: 27 units make one invoice before the month ends.
func ExampleInvoices_thresholds() {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	units := decimal.NewFromInt
	sub, err := subscription.New(subscription.Params{ID: "s-1", Start: day(1), Plan: plan.MustCompile(plan.Plan{
		ID: "api", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges:    []plan.Charge{{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: units(1)}}},
		Thresholds: plan.Thresholds{Amounts: []decimal.Decimal{units(5), units(20), units(50)}},
	})})
	if err != nil {
		fmt.Println(err)
		return
	}
	usage := billing.Usage{{Metric: "calls", At: day(10), Quantity: units(27)}, {Metric: "calls", At: day(20), Quantity: units(4)}}
	invoices, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, day(32))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, inv := range invoices {
		fmt.Println(inv.At.Format(time.DateOnly), inv.Total, inv.Interim)
	}
	// Output:
	// 2026-01-10 27.00 USD true
	// 2026-02-01 4.00 USD false
}

// The rest of the grid goes on after an interim invoice. To let a new period begin there, change the
// quantity to what it is, with an anchor that is reset, at the instant of the invoice or later.
func ExampleInvoices_thresholdsThatReset() {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	units := decimal.NewFromInt
	sub, err := subscription.New(subscription.Params{ID: "s-1", Start: day(1), Plan: plan.MustCompile(plan.Plan{
		ID: "api", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "fee", Price: plan.FlatFee{Amount: units(31)}},
			{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: units(1)}},
		},
		Thresholds: plan.Thresholds{Amounts: []decimal.Decimal{units(20)}},
	})})
	if err != nil {
		fmt.Println(err)
		return
	}
	usage := billing.Usage{{Metric: "calls", At: day(10), Quantity: units(27)}, {Metric: "calls", At: day(20), Quantity: units(4)}}
	run := func(checkpoint billing.Checkpoint, to time.Time) billing.Checkpoint {
		invoices, next, err := billing.Invoices(sub, usage, checkpoint, to)
		if err != nil {
			fmt.Println(err)
		}
		for _, inv := range invoices {
			fmt.Println(inv.At.Format(time.DateOnly), inv.Total, inv.Interim)
			if inv.Interim {
				call := subscription.Call{At: inv.At, Actor: lifecycle.Operator, Policy: plan.Policy{ChangeAnchor: plan.ResetAnchor}}
				if sub, err = sub.ChangeQuantity(call, subscription.Immediately(), "", units(1)); err != nil {
					fmt.Println(err)
				}
			}
		}
		return next
	}
	checkpoint := run(billing.Checkpoint{}, day(10))
	run(checkpoint, day(41))
	// Output:
	// 2026-01-01 31.00 USD false
	// 2026-01-10 27.00 USD true
	// 2026-01-10 9.00 USD false
	// 2026-02-10 35.00 USD false
}
