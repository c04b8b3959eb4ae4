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

// teamPlan has a base fee, seats and metered calls.
var teamPlan = plan.MustCompile(plan.Plan{
	ID: "team", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
	Charges: []plan.Charge{
		{ID: "base", Name: "Base fee", Price: plan.FlatFee{Amount: decimal.RequireFromString("49")}},
		{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("12.40")}},
		{ID: "calls", Name: "API calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("0.0125")}},
	},
})

// day is midnight of a day of 2026.
func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }

// teamOf makes a subscription to the plan with so many seats, from 1 March 2026.
func teamOf(n int64) subscription.Subscription {
	sub, err := subscription.New(subscription.Params{ID: "s-1", Plan: teamPlan, Start: day(3, 1), Quantity: subscription.Units(n)})
	if err != nil {
		panic(err)
	}
	return sub
}

// call is a call of the subscriber.
func call(t time.Time) subscription.Call {
	return subscription.Call{At: t, Actor: lifecycle.Subscriber}
}

func ExampleNext() {
	usage := billing.Usage{{Metric: "calls", At: day(3, 9), Quantity: decimal.NewFromInt(1001)}}
	next, err := billing.Next(teamOf(4), usage, billing.Checkpoint{}, day(3, 10))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(next.At.Format(time.DateOnly), next.Amount, next.Estimate)
	fmt.Println("a period without usage:", next.PlanAmount)
	// Output:
	// 2026-04-01 111.11 EUR true
	// a period without usage: 98.60 EUR
}

func ExampleInvoices() {
	sub, err := teamOf(4).ChangeQuantity(call(day(3, 11)), subscription.Immediately(), "", decimal.NewFromInt(5))
	if err != nil {
		fmt.Println(err)
		return
	}
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day(4, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, inv := range made {
		fmt.Println(inv.At.Format(time.DateOnly), inv.Total)
		for _, line := range inv.Lines {
			fmt.Println("  ", line.Kind, line.Charge, line.Amount)
		}
	}
	again, _, err := billing.Invoices(sub, nil, checkpoint, day(4, 1))
	fmt.Println(len(again), err)
	// Output:
	// 2026-03-01 98.60 EUR
	//    charge base 49.00 EUR
	//    charge seats 49.60 EUR
	// 2026-03-11 8.40 EUR
	//    credit seats -33.60 EUR
	//    charge seats 42.00 EUR
	// 2026-04-01 111.00 EUR
	//    charge base 49.00 EUR
	//    charge seats 62.00 EUR
	// 0 <nil>
}

func ExamplePreview() {
	before := teamOf(4)
	_, checkpoint, err := billing.Invoices(before, nil, billing.Checkpoint{}, day(3, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := before.ChangeQuantity(call(day(3, 11)), subscription.Immediately(), "", decimal.NewFromInt(5))
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, err := billing.Preview(before, after, nil, checkpoint)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, inv := range shown.Invoices {
		fmt.Println("now:", inv.Total)
	}
	fmt.Println("next:", shown.Before.Amount, "becomes", shown.After.Amount)
	// Output:
	// now: 8.40 EUR
	// next: 98.60 EUR becomes 111.00 EUR
}

func ExampleForecast() {
	sub, err := teamOf(4).Cancel(call(day(3, 11)), subscription.On(day(5, 16)))
	if err != nil {
		fmt.Println(err)
		return
	}
	for inv, err := range billing.Forecast(sub, nil, billing.Checkpoint{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(inv.At.Format(time.DateOnly), inv.Total)
	}
	// Output:
	// 2026-03-01 98.60 EUR
	// 2026-04-01 98.60 EUR
	// 2026-05-01 98.60 EUR
}

func ExampleReconcile() {
	sub := teamOf(4)
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day(4, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	var billed []billing.StoredLine // what the service stored
	for _, inv := range made {
		billed = append(billed, inv.StoredLines()...)
	}

	// A record of March arrives in April.
	late := billing.Usage{{Metric: "calls", At: day(3, 30), Quantity: decimal.NewFromInt(800)}}
	diff, err := billing.Reconcile(sub, late, billed, checkpoint, day(4, 5))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range diff.Lines {
		fmt.Println(line.Kind, line.Charge, line.Amount)
	}

	billed = append(billed, diff.StoredLines()...)
	diff, err = billing.Reconcile(sub, late, billed, diff.Checkpoint, day(4, 5))
	fmt.Println(diff.IsEmpty(), err)
	// Output:
	// usage calls 10.00 EUR
	// true <nil>
}

func ExampleInvoice_Explain() {
	sub, err := teamOf(4).ChangeQuantity(call(day(3, 9)), subscription.Immediately(), "", decimal.NewFromInt(7))
	if err != nil {
		fmt.Println(err)
		return
	}
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day(3, 9))
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := made[1].Explain()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(text)
	// Output:
	// Invoice dated 9 March 2026
	// 1. Unused Seats, 9 March to 31 March 2026: credit for 23 of 31 days, -49.60 x 23/31 = -36.80 EUR
	//    49.60 EUR was billed for 1 March to 31 March 2026
	// 2. Seats, 9 March to 31 March 2026: for 23 of 31 days, 86.80 x 23/31 = 64.40 EUR
	//    Price of a whole period: 7 x 12.40 = 86.80 EUR
	// Total: 27.60 EUR
}

func ExampleWithTax() {
	vat := billing.TaxRate{ID: "vat", Name: "VAT", Percent: decimal.NewFromInt(19)}
	rates := func(line billing.Line) []billing.TaxRate {
		if line.Charge == "base" {
			return nil // exempt
		}
		return []billing.TaxRate{vat}
	}
	made, _, err := billing.Invoices(teamOf(4), nil, billing.Checkpoint{}, day(3, 1), billing.WithTax(rates))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range made[0].Lines {
		fmt.Println(line.Kind, line.Charge, line.Amount)
	}
	fmt.Println(made[0].Total)
	// Output:
	// charge base 49.00 EUR
	// charge seats 49.60 EUR
	// tax vat 9.42 EUR
	// 108.02 EUR
}
