package elasticpath_test

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/examples/wire/elasticpath"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

func ExampleAct() {
	start := time.Date(2026, time.January, 15, 10, 0, 0, 0, time.UTC)
	sub, err := subscription.New(subscription.Params{
		ID: id, Plan: basicPlan, Offering: offering(), Start: start, Details: subscription.Details{Account: account},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, action := range []elasticpath.Action{elasticpath.Cancel, elasticpath.Resume, elasticpath.Pause} {
		call := subscription.Call{At: start.Add(time.Duration(i+1) * time.Hour), Actor: lifecycle.Subscriber}
		if sub, err = elasticpath.Act(sub, call, action); err != nil {
			fmt.Println(err)
			return
		}
		shown, err := store().Encode(sub, call.At, wire.Strict)
		if err != nil {
			fmt.Println(err)
			return
		}
		meta := shown.Data.Meta
		fmt.Println(action, meta.Status, meta.Canceled, meta.Paused, wire.Nanos.Format(meta.InvoiceAfter.Time))
	}
	// Output:
	// cancel active true false 2026-02-15T10:00:00Z
	// resume active false false 2026-02-15T10:00:00Z
	// pause active false true 2026-02-15T10:00:00Z
}

func ExampleTerms_Plan() {
	p, err := elasticpath.Terms{
		ID: basic, Currency: "USD", IntervalType: "month", Frequency: 3, Trial: 1, Length: 12, Prices: []string{"50"}, PercentOff: "10",
	}.Plan()
	fmt.Println(p.Every, p.Trial.Length, p.Length.Interval, err)
	// Output: P3M P1M P12M <nil>
}
