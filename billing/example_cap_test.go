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

// Usage of 60.00 under a cap of 50.00 a month.
func ExampleInvoice_OverCap() {
	day := func(month time.Month, n int) time.Time { return time.Date(2026, month, n, 0, 0, 0, 0, time.UTC) }
	sub, err := subscription.New(subscription.Params{ID: "s-1", Start: day(1, 1), Plan: plan.MustCompile(plan.Plan{
		ID: "api", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges:  []plan.Charge{{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.New(5, -1)}}},
		SpendCap: &plan.SpendCap{Amount: money.MustParse("50.00 USD"), Over: plan.OverNotBilled},
	})})
	if err != nil {
		fmt.Println(err)
		return
	}
	usage := billing.Usage{{Metric: "calls", At: day(1, 10), Quantity: decimal.NewFromInt(120)}}
	invoices, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, day(2, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := invoices[0].Explain()
	if err != nil {
		fmt.Println(err)
		return
	}
	over, err := invoices[0].OverCap()
	fmt.Print(text)
	fmt.Println("above the cap:", over, err)
	// Output:
	// Invoice dated 1 February 2026
	// 1. Usage of calls, 1 January to 31 January 2026: 120 x 0.50 = 60.00 USD
	//    10.00 USD of it lies above the spend cap of 50.00 USD and is not billed: 50.00 USD
	// Total: 50.00 USD
	// above the cap: 10.00 USD <nil>
}
