package probely_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func ExampleEncode() {
	pro := plan.MustCompile(plan.Plan{
		ID: "pro-monthly", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "targets", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(99)}}},
	})
	sub, err := subscription.New(subscription.Params{
		ID: "harbor", Plan: pro, Start: time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC), Quantity: subscription.Units(10),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	facts := probely.Facts{Seats: feature.Seats{Free: 2, Used: 7}}
	doc, err := probely.Encode(sub, facts, time.Date(2026, time.January, 20, 0, 0, 0, 0, time.UTC), wire.Strict)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(doc.Status, doc.NextBillingAt.Format(time.RFC3339), doc.NextBillingAmount)
	fmt.Println(doc.AvailableTargets, "of", doc.MaxTargets, "targets are available")
	// Output:
	// active 2026-02-15T10:00:00Z 99000
	// 5 of 12 targets are available
}
