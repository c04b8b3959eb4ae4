package perennial_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
	"github.com/shopspring/decimal"
)

// teamPlan is the plan of the examples of docs/embedding.md.
func teamPlan() *plan.Version {
	return plan.MustCompile(plan.Plan{
		ID: "team", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "setup", Price: plan.FlatFee{Amount: decimal.NewFromInt(99)}, Once: true},
			{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(12)}},
		},
	})
}

// A customer since January, with a tenth off for six months, is taken over in May.
func Example_takingOver() {
	tenth := decimal.NewFromInt(10)
	since := time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC)
	cut := time.Date(2026, time.May, 10, 0, 0, 0, 0, time.UTC)

	// As if it had been here all along.
	sub, err := subscription.New(subscription.Params{ID: "acme", Plan: teamPlan(), Start: since, Quantity: subscription.Units(5)})
	if err != nil {
		panic(err)
	}
	sub, err = sub.AddDiscount(subscription.Call{At: since, Actor: lifecycle.Operator},
		plan.Discount{ID: "launch", Percent: &tenth, Duration: plan.ForCycles, Cycles: 6})
	if err != nil {
		panic(err)
	}
	elsewhere, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, cut)
	if err != nil {
		panic(err)
	}
	checkpoint.CreditBalance = money.MustParse("20.00 EUR") // what is left of it there
	fmt.Println(len(elsewhere), "invoices to store, and to send to nobody")

	for inv, err := range billing.Forecast(sub, nil, checkpoint) {
		if err != nil {
			panic(err)
		}
		fmt.Println(inv.At.Format(time.DateOnly), inv.Total, "due", inv.AmountDue)
		if inv.At.Month() == time.July {
			break
		}
	}
	// Output:
	// 4 invoices to store, and to send to nobody
	// 2026-05-31 54.00 EUR due 34.00 EUR
	// 2026-06-30 54.00 EUR due 54.00 EUR
	// 2026-07-31 60.00 EUR due 60.00 EUR
}

// The run of the last night billed to the end of the day; a seat is added at noon.
func Example_runningAhead() {
	day := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	sub, err := subscription.New(subscription.Params{ID: "acme", Plan: teamPlan(), Start: day})
	if err != nil {
		panic(err)
	}
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day.Add(24*time.Hour))
	if err != nil {
		panic(err)
	}

	now := day.Add(12 * time.Hour)
	at, err := billing.NotBefore(sub, checkpoint, now)
	if err != nil {
		panic(err)
	}
	after, err := sub.ChangeQuantity(subscription.Call{At: at, Actor: lifecycle.Subscriber},
		subscription.Immediately(), "seats", decimal.NewFromInt(2))
	if err != nil {
		panic(err)
	}
	preview, err := billing.Preview(sub, after, nil, checkpoint)
	if err != nil {
		panic(err)
	}
	for _, inv := range preview.Invoices {
		fmt.Println("now", inv.Total)
	}
	fmt.Println("then", preview.After.At.Format(time.DateOnly), preview.After.Amount)
	made, checkpoint, err := billing.Invoices(after, nil, checkpoint, at)
	fmt.Println(len(made), "invoice, revision", checkpoint.Revision, err)
	// Output:
	// now 11.62 EUR
	// then 2026-04-01 24.00 EUR
	// 1 invoice, revision 2 <nil>
}

// What a form needs: where, which, and a sentence.
func Example_formErrors() {
	var p plan.Plan
	err := json.Unmarshal([]byte(`{"id": "pro", "version": 1, "currency": "EURO", "every": "P1M", "charges": [{"id": "seats", "price": {"model": "per_unit"}}]}`), &p)
	for _, f := range fault.Faults(err) {
		fmt.Printf("%s | %s | %v\n", f.Path, f.Code, f.Err)
	}
	// Output:
	// currency | unknown_word | money: currency "EURO": unknown currency
	// charges[0].price.unit_amount | required | missing
}
