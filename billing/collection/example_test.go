package collection_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// march is a day of March 2026.
func march(day int) time.Time { return time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC) }

// monthly is a subscription at 99.00 a month, from 1 March 2026.
func monthly() subscription.Subscription {
	sub, err := subscription.New(subscription.Params{ID: "s-1", Start: march(1), Plan: plan.MustCompile(plan.Plan{
		ID: "monthly", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "base", Price: plan.FlatFee{Amount: decimal.NewFromInt(99)}}},
	})})
	if err != nil {
		panic(err)
	}
	return sub
}

func ExampleStanding() {
	sub := monthly()
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, march(31))
	if err != nil {
		fmt.Println(err)
		return
	}
	policy := collection.Policy{Steps: []collection.Step{
		{ID: "end", Days: 21, Do: []collection.Action{collection.Close}},
		{ID: "block", Days: 14, Do: []collection.Action{collection.Suspend, collection.BlockChanges}},
		{ID: "warn", Days: 10, Do: []collection.Action{collection.Notify}},
	}}
	id := invoices[0].ID()
	facts := []collection.Fact{{Invoice: id, Kind: collection.Failed, At: march(1)}}
	for _, day := range []int{5, 11, 15, 22} {
		s, err := collection.Standing(invoices, facts, policy, march(day))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%2d March: past due %v, %v, step %q, access %s\n", day, s.PastDue, s.Unpaid, s.Step, s.Access)
		for _, c := range s.Commands {
			if sub, err = c.Apply(sub, s.At); err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println("   ", c.Action, "is done:", sub.Status(s.At))
		}
	}
	// It becomes known that it was paid on the fifth day: nothing was ever due.
	facts = append(facts, collection.Fact{Invoice: id, Kind: collection.Paid, At: march(5)})
	s, err := collection.Standing(invoices, facts, policy, march(22))
	fmt.Println(s.PastDue, s.Access, len(s.Past), err)
	// Output:
	//  5 March: past due true, [99.00 EUR], step "", access full
	// 11 March: past due true, [99.00 EUR], step "warn", access full
	// 15 March: past due true, [99.00 EUR], step "block", access paid_up
	// 22 March: past due true, [99.00 EUR], step "end", access paid_up
	//     close is done: cancelled
	// false full 0 <nil>
}
