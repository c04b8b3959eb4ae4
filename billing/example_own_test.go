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

// 100.00 a quarter and 15.00 a month in one subscription: each charge has boundaries of its
// own from the one anchor, and boundaries of one instant make one invoice.
func ExampleForecast_intervals() {
	version := plan.MustCompile(plan.Plan{
		ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "platform", Price: plan.FlatFee{Amount: decimal.NewFromInt(100)}, Every: calendar.Months(3)},
			{ID: "support", Price: plan.FlatFee{Amount: decimal.NewFromInt(15)}},
		},
	})
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	sub, err := subscription.New(subscription.Params{ID: "s-1", Plan: version, Start: start})
	if err != nil {
		fmt.Println(err)
		return
	}
	left := 4
	for inv, err := range billing.Forecast(sub, nil, billing.Checkpoint{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(inv.At.Format(time.DateOnly), inv.Total)
		if left--; left == 0 {
			break
		}
	}
	// Output:
	// 2024-01-01 115.00 USD
	// 2024-02-01 15.00 USD
	// 2024-03-01 15.00 USD
	// 2024-04-01 115.00 USD
}
