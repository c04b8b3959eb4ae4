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

// Three units of an add-on from the middle of January, and given up on 10 February: what is
// left of them is given back.
func ExampleInvoices_addOn() {
	each := plan.PerUnit{UnitAmount: decimal.NewFromInt(10)}
	catalog := plan.MustCatalog(
		plan.Plan{ID: "pro", Version: 1, Currency: money.EUR, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "base", Price: plan.FlatFee{Amount: decimal.NewFromInt(49)}}}},
		plan.AddOn{ID: "backup", Version: 1, Currency: money.EUR, Charges: []plan.Charge{{ID: "storage", Price: each}}},
	)
	pro, _ := catalog.Lookup(plan.MustParseRef("pro@1"))
	backup, _ := catalog.AddOn(plan.MustParseRef("backup@1"))
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 10, 0, 0, 0, time.UTC) }
	call := func(at time.Time) subscription.Call { return subscription.Call{At: at, Actor: lifecycle.Subscriber} }

	sub, err := subscription.New(subscription.Params{ID: "s-1", Plan: pro, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err == nil {
		sub, err = sub.Attach(call(day(1, 16)), subscription.Immediately(), subscription.Attachment{ID: "b-1", AddOn: backup, Quantity: subscription.Units(3)})
	}
	if err == nil {
		sub, err = sub.Detach(call(day(2, 10)), subscription.Immediately(), "b-1")
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day(3, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, inv := range invoices {
		fmt.Println(inv.At.Format("2 January:"), inv.Total)
		for _, line := range inv.Lines {
			fmt.Printf("  %s %s %s\n", line.Kind, line.Charge, line.Amount)
		}
	}
	// Output:
	// 1 January: 49.00 EUR
	//   charge base 49.00 EUR
	// 16 January: 15.48 EUR
	//   charge b-1/storage 15.48 EUR
	// 1 February: 79.00 EUR
	//   charge base 49.00 EUR
	//   charge b-1/storage 30.00 EUR
	// 10 February: -20.36 EUR
	//   credit b-1/storage -20.36 EUR
	// 1 March: 49.00 EUR
	//   charge base 49.00 EUR
}
