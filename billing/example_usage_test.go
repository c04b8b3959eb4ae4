package billing_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/subscription"
)

func apiCalls(at time.Time, n int64) billing.Record {
	return billing.Record{Metric: "calls", At: at, Quantity: decimal.NewFromInt(n)}
}

// Load the records from there on, and no others.
func ExampleUsageFrom() {
	sub := teamOf(4)
	_, checkpoint, err := billing.Invoices(sub, billing.Usage{apiCalls(day(4, 2), 400)}, billing.Checkpoint{}, day(4, 20))
	if err != nil {
		fmt.Println(err)
		return
	}
	from, err := billing.UsageFrom(sub, checkpoint)
	fmt.Println(from.Format(time.DateOnly), err)

	// The next run needs what this one has counted.
	_, _, err = billing.Invoices(sub, billing.Usage{apiCalls(day(4, 21), 10)}, checkpoint, day(5, 1))
	fmt.Println(err)
	// Output:
	// 2026-04-01 <nil>
	// billing: counted usage is missing: "calls": 0 of the 400 counted since 2026-04-01T00:00:00Z
}

// A record is judged as it arrives.
func ExampleCheckUsage() {
	sub, err := teamOf(4).Cancel(call(day(3, 11)), subscription.On(day(5, 11)))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day(4, 2))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, at := range []time.Time{day(4, 1), day(3, 31), day(5, 20)} {
		err := billing.CheckUsage(sub, checkpoint, apiCalls(at, 5))
		var late *billing.UsageError
		switch {
		case errors.As(err, &late):
			fmt.Println("too late for the invoice of", late.InvoiceAt.Format(time.DateOnly))
		case errors.Is(err, billing.ErrNotEntitled):
			fmt.Println("cancelled by then")
		default:
			fmt.Println("stored", err)
		}
	}
	// Output:
	// stored <nil>
	// too late for the invoice of 2026-04-01
	// cancelled by then
}

// One bad record does not keep an account from being billed.
func ExampleWithUnbillable() {
	usage := billing.Usage{
		apiCalls(day(3, 9), 1000),
		{Metric: "cals", At: day(3, 10), Quantity: decimal.NewFromInt(7)},
	}
	_, _, err := billing.Invoices(teamOf(4), usage, billing.Checkpoint{}, day(4, 1))
	fmt.Println(err)
	aside := billing.WithUnbillable(func(r billing.Record, err error) { fmt.Println("set aside:", r.Quantity, err) })
	made, _, err := billing.Invoices(teamOf(4), usage, billing.Checkpoint{}, day(4, 1), aside)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(made[1].Total)
	// Output:
	// billing: usage of an unknown metric: usage[1]: "cals"
	// set aside: 7 billing: usage of an unknown metric: usage[1]: "cals"
	// 111.10 EUR
}
