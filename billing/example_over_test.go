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

// Tiers of a year are billed by the month: 800 in January and 400 in February.
func ExampleInvoices_countOver() {
	units := decimal.NewFromInt
	day := func(month time.Month, n int) time.Time { return time.Date(2026, month, n, 0, 0, 0, 0, time.UTC) }
	thousand := units(1000)
	sub, err := subscription.New(subscription.Params{ID: "s-1", Start: day(1, 1), Plan: plan.MustCompile(plan.Plan{
		ID: "api", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{
			ID: "calls", Metric: "calls", CountOver: calendar.Years(1),
			Price: plan.Tiered{Tiers: []plan.Tier{{UpTo: &thousand, UnitAmount: units(1)}, {UnitAmount: decimal.New(5, -1)}}},
		}},
	})})
	if err != nil {
		fmt.Println(err)
		return
	}
	usage := billing.Usage{{Metric: "calls", At: day(1, 10), Quantity: units(800)}, {Metric: "calls", At: day(2, 10), Quantity: units(400)}}
	invoices, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, day(3, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, inv := range invoices {
		text, err := inv.Explain()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(text)
	}
	// Output:
	// Invoice dated 1 February 2026
	// 1. Usage of calls, 1 January to 31 January 2026: 800.00 USD
	//    800 units, tier 1 (up to 1000): 800 x 1.00 = 800.00 USD
	// Total: 800.00 USD
	// Invoice dated 1 March 2026
	// 1. Usage of calls, 1 February to 28 February 2026: 300.00 USD
	//    1200 units:
	//      tier 1 (up to 1000): 1000 x 1.00 = 1000.00
	//      tier 2 (above 1000): 200 x 0.50 = 100.00
	//      total: 1100.00 USD
	//    Less 800 units counted before since 1 January 2026: 800.00 USD
	// Total: 300.00 USD
}
