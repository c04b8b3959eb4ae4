package billing_test

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Three months of a tenth off: whatever the plan bills by, the whole of each invoice that is
// dated within them is reduced.
func Example_discountForATime() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, every := range []calendar.Interval{calendar.Months(1), calendar.Years(1)} {
		sub, err := subscription.New(subscription.Params{
			ID: "sub-1", Start: start, Plan: plan.MustCompile(plan.Plan{
				ID: "pro", Version: 1, Currency: money.EUR, Every: every,
				Charges: []plan.Charge{{ID: "base", Price: plan.FlatFee{Amount: num("100")}}},
			}),
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		ten := num("10")
		sub, err = sub.AddDiscount(subscription.Call{At: start, Actor: lifecycle.Operator},
			plan.Discount{ID: "launch", Percent: &ten, Duration: plan.ForTime, For: calendar.Months(3)})
		if err != nil {
			fmt.Println(err)
			return
		}
		invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, start.AddDate(1, 0, 0))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("every", every)
		for _, inv := range invoices {
			if inv.At.Before(start.AddDate(0, 4, 0)) || every == calendar.Years(1) {
				fmt.Println(inv.At.Format(time.DateOnly), inv.Total)
			}
		}
	}
	// Output:
	// every P1M
	// 2026-01-01 90.00 EUR
	// 2026-02-01 90.00 EUR
	// 2026-03-01 90.00 EUR
	// 2026-04-01 100.00 EUR
	// every P1Y
	// 2026-01-01 90.00 EUR
	// 2027-01-01 100.00 EUR
}

// A subscription that begins on 15 May and is billed on the first: the part is billed on an
// invoice of its own, with June at once, or with the next invoice.
func Example_firstInvoice() {
	start := time.Date(2026, 5, 15, 0, 0, 0, 0, time.UTC)
	for _, choice := range plan.Words[plan.FirstInvoice]() {
		sub, err := subscription.New(subscription.Params{
			ID: "sub-1", Start: start, Anchor: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Plan: plan.MustCompile(plan.Plan{
				ID: "pro", Version: 1, Currency: money.EUR, Every: calendar.Months(1), Policy: plan.Policy{FirstInvoice: choice},
				Charges: []plan.Charge{{ID: "base", Price: plan.FlatFee{Amount: num("31")}}},
			}),
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, start.AddDate(0, 2, 0))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(choice)
		for _, inv := range invoices {
			fmt.Println(inv.At.Format(time.DateOnly), inv.Total)
		}
	}
	// Output:
	// apart
	// 2026-05-15 17.00 EUR
	// 2026-06-01 31.00 EUR
	// 2026-07-01 31.00 EUR
	// with_period
	// 2026-05-15 48.00 EUR
	// 2026-07-01 31.00 EUR
	// next
	// 2026-06-01 48.00 EUR
	// 2026-07-01 31.00 EUR
}
