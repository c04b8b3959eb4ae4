package billing_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// 500 hours a month are committed at 2.00, and an hour beyond them costs half as much again:
// 300 hours come to 1,000.00, and 700 hours to 1,600.00.
func ExampleInvoices_minimum() {
	factor := decimal.RequireFromString("1.5")
	reserved := plan.MustCompile(plan.Plan{
		ID: "reserved", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Minimum: &plan.Minimum{Amount: money.MustParse("1000.00 USD"), OverageFactor: &factor},
		Charges: []plan.Charge{{ID: "hours", Metric: "hours", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(2)}}},
	})
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	sub, err := subscription.New(subscription.Params{ID: "s-1", Plan: reserved, Start: day(1, 1)})
	if err != nil {
		fmt.Println(err)
		return
	}
	usage := billing.Usage{
		{Metric: "hours", At: day(1, 20), Quantity: decimal.NewFromInt(300)},
		{Metric: "hours", At: day(2, 20), Quantity: decimal.NewFromInt(700)},
	}
	invoices, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, day(3, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, inv := range invoices {
		fmt.Println(inv.At.Format("2 January:"), inv.Total)
		for _, line := range inv.Lines {
			fmt.Printf("  %s %s\n", line.Kind, line.Amount)
		}
	}
	// Output:
	// 1 February: 1000.00 USD
	//   usage 600.00 USD
	//   true_up 400.00 USD
	// 1 March: 1600.00 USD
	//   usage 1400.00 USD
	//   overage 200.00 USD
}
