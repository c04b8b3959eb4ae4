package subscription_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// support is five seats by the year, each with twenty hours a month and ten gigabytes.
func support() (subscription.Subscription, error) {
	hours := feature.Per(feature.Anchored, 20)
	hours.Every, hours.Per, hours.Raise = calendar.Months(1), "seats", feature.RaiseShare
	storage := feature.UpTo(10)
	storage.Per = "seats"
	yearly, err := plan.Compile(plan.Plan{
		ID: "support", Version: 1, Currency: money.EUR, Every: calendar.Years(1),
		Charges:  []plan.Charge{{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(120)}}},
		Features: feature.Set{"hours": hours, "storage": storage},
	})
	if err != nil {
		return subscription.Subscription{}, err
	}
	return subscription.New(subscription.Params{ID: "acme", Plan: yearly, Start: date(time.January, 31), Quantity: subscription.Units(5)})
}

// Hours that start over each month on the customer's day, for each seat; a sixth seat in
// mid-month brings the share of what is left of it.
func ExampleSubscription_Entitlement() {
	sub, err := support()
	if err != nil {
		fmt.Println(err)
		return
	}
	sub, err = sub.ChangeQuantity(customer(time.March, 16), subscription.Immediately(), "seats", decimal.NewFromInt(6))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, at := range []time.Time{date(time.February, 27), date(time.March, 15), date(time.March, 16), date(time.April, 1)} {
		hours, err := sub.Entitlement("hours", at)
		if err != nil {
			fmt.Println(err)
			return
		}
		limit, _ := hours.Limit()
		fmt.Println(at.Format("2 January"), limit, "until", hours.Until().Format("2 January"))
	}
	// Output:
	// 27 February 100 until 28 February
	// 15 March 100 until 16 March
	// 16 March 109.677419 until 31 March
	// 1 April 120 until 30 April
}

func ExampleExceeded() {
	sub, err := support()
	if err != nil {
		fmt.Println(err)
		return
	}
	stored, err := feature.Counted(decimal.NewFromInt(35), date(time.March, 10))
	if err != nil {
		fmt.Println(err)
		return
	}
	smaller, err := sub.ChangeQuantity(customer(time.March, 16), subscription.Immediately(), "seats", decimal.NewFromInt(3))
	if err != nil {
		fmt.Println(err)
		return
	}
	over, err := subscription.Exceeded(sub, smaller, date(time.March, 16), map[feature.Key]feature.QuotaUsage{"storage": stored})
	for _, x := range over {
		fmt.Printf("%s: %s used of %s\n", x.Feature, x.Used, x.Limit)
	}
	fmt.Println(err)
	// Output:
	// storage: 35 used of 30
	// <nil>
}
