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

// A fee of 100.00 a year that increases by 7 % a year, each time from the price in force.
func ExampleForecast_increase() {
	agreed := plan.MustCompile(plan.Plan{
		ID: "agreed", Version: 1, Currency: money.EUR, Every: calendar.Years(1),
		Charges:  []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(100)}}},
		Increase: &plan.Increase{Percent: decimal.NewFromInt(7)},
	})
	start := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	sub, err := subscription.New(subscription.Params{ID: "s-1", Plan: agreed, Start: start})
	if err != nil {
		fmt.Println(err)
		return
	}
	for inv, err := range billing.Forecast(sub, nil, billing.Checkpoint{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if fmt.Println(inv.At.Format("2006:"), inv.Total); inv.At.Year() < 2029 {
			continue
		}
		text, err := inv.Lines[0].Explain(sub.Zone())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(text)
		return
	}
	// Output:
	// 2026: 100.00 EUR
	// 2027: 107.00 EUR
	// 2028: 114.49 EUR
	// 2029: 122.50 EUR
	// fee, 15 January 2029 to 14 January 2030: 122.50 EUR
	// The price has increased 3 times.
}
