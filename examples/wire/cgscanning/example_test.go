package cgscanning_test

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

func ExampleShop_Apply() {
	start := time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC)
	sub, err := subscription.New(subscription.Params{
		ID: "s-1", Plan: monthly, Start: start, TrialUsed: true, Details: subscription.Details{Organization: "acme"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	update, err := cgscanning.DecodeUpdate([]byte(`{"subscription": {"price": 19.99, "auto_renewal": false}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	call := subscription.Call{At: start.Add(24 * time.Hour), Actor: lifecycle.Operator}
	sub, err = shop().Apply(sub, call, "acme", update, feature.Assignment{})
	if err != nil {
		fmt.Println(err)
		return
	}
	shown, err := shop().Encode(sub, call.At, wire.Strict)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(shown.Status, shown.Price.Text(), shown.AutoRenewal, wire.Millis.Format(shown.EndDate.Time))

	// Sending back what was shown changes nothing.
	again, err := shop().Apply(sub, call, "acme", shown.Echo(), feature.Assignment{})
	fmt.Println(again.Equal(sub), err)
	// Output:
	// active 19.99 false 2026-02-15T10:00:00.000Z
	// true <nil>
}

func ExampleShop_Read() {
	end := cgscanning.Instant{Time: time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)}
	shown := cgscanning.Attributes{
		Status: cgscanning.Active, StartDate: cgscanning.Instant{Time: end.AddDate(-1, 0, 0)}, EndDate: &end, Interval: cgscanning.Monthly,
	}
	reading, err := shop().Read(shown, end.Add(-24*time.Hour))
	fmt.Println(reading.Status, reading.Ends.Equal(end.Time), err)
	// Output: non_renewing true <nil>
}
