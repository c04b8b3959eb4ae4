package perennial_test

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
	"github.com/shopspring/decimal"
)

// A team plan from the last day of January, three seats, one month on.
func Example() {
	team := plan.MustCompile(plan.Plan{
		ID: "team", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "base", Price: plan.FlatFee{Amount: decimal.RequireFromString("30.15")}},
			{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(12)}},
		},
	})
	start := time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC)
	sub, err := subscription.New(subscription.Params{ID: "acme", Plan: team, Start: start, Quantity: subscription.Units(3)})
	if err != nil {
		panic(err) // every fault, each with the name of its field
	}
	next, err := billing.Next(sub, nil, billing.Checkpoint{}, start)
	fmt.Println(next.At.Format(time.DateOnly), next.Amount, err)
	// Output: 2026-02-28 66.15 USD <nil>
}
