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

// Hours cost what their region and size do: a line for each combination that was used.
func ExampleInvoices_dimensions() {
	sub, err := subscription.New(subscription.Params{ID: "s-1", Start: day(3, 1), Plan: plan.MustCompile(plan.Plan{
		ID: "compute", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "hours", Name: "Compute hours", Metric: "hours", Price: plan.Matrix{
			Dimensions: []string{"region", "size"},
			Rows: []plan.MatrixRow{
				{Values: []string{"eu", "small"}, Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("0.05")}},
				{Values: []string{"us", "large"}, Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("0.40")}},
			},
		}}},
	})})
	if err != nil {
		fmt.Println(err)
		return
	}
	hours := func(at time.Time, n int64, region, size string) billing.Record {
		return billing.Record{Metric: "hours", At: at, Quantity: decimal.NewFromInt(n), Properties: map[string]string{"region": region, "size": size}}
	}
	usage := billing.Usage{hours(day(3, 2), 4, "us", "large"), hours(day(3, 3), 7, "eu", "small"), hours(day(3, 4), 3, "eu", "small")}
	made, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, day(4, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range made[0].Lines {
		fmt.Println(line.Dimensions, line.Quantity, line.Amount)
	}
	fmt.Println(made[0].Total)
	fmt.Println(billing.CheckUsage(sub, checkpoint, hours(day(4, 2), 1, "mars", "small")))
	// Output:
	// map[region:eu size:small] 10 0.50 USD
	// map[region:us size:large] 4 1.60 USD
	// 2.10 USD
	// billing: invalid usage: properties: charge "hours": plan: no price for these values: region "mars", size "small"
}
