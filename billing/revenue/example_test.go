package revenue_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/revenue"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// yearly makes a subscription at 1,200.00 a year, from 15 January 2026.
func yearly() subscription.Subscription {
	sub, err := subscription.New(subscription.Params{ID: "s-1", Start: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), Plan: plan.MustCompile(plan.Plan{
		ID: "yearly", Version: 1, Currency: money.EUR, Every: calendar.Years(1),
		Charges: []plan.Charge{{ID: "base", Price: plan.FlatFee{Amount: decimal.NewFromInt(1200)}}},
	})})
	if err != nil {
		panic(err)
	}
	return sub
}

func ExampleRecognise() {
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	call := subscription.Call{At: april, Actor: lifecycle.Operator, Policy: plan.Policy{CancelCredit: plan.CreditProrate}}
	sub, err := yearly().Cancel(call, subscription.Immediately())
	if err != nil {
		fmt.Println(err)
		return
	}
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, april)
	if err != nil {
		fmt.Println(err)
		return
	}
	var lines []billing.Line
	for _, inv := range invoices {
		lines = append(lines, inv.Lines...)
	}
	schedule, err := revenue.Recognise(lines, revenue.Method{By: revenue.Days, Zone: sub.Zone()})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range schedule.Lines {
		fmt.Println(l.Line.Kind, l.Amount, "begins with", l.Months[0].Month, l.Months[0].Amount)
	}
	for _, p := range schedule.Months[:4] {
		fmt.Println(p.Month, p.Amount)
	}
	// Output:
	// charge 1200.00 EUR begins with 2026-01 55.89 EUR
	// credit -950.14 EUR begins with 2026-04 -98.63 EUR
	// 2026-01 55.89 EUR
	// 2026-02 92.06 EUR
	// 2026-03 101.91 EUR
	// 2026-04 0.00 EUR
}

func ExampleMovements() {
	sub := yearly()
	may := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	sub, err := sub.Cancel(subscription.Call{At: may, Actor: lifecycle.Subscriber}, subscription.AtPeriodEnd())
	if err != nil {
		fmt.Println(err)
		return
	}
	now, err := revenue.MRR(sub, may, revenue.Weeks52)
	fmt.Println(now.Amount, err)
	moves, err := revenue.Movements(sub, sub.CreatedAt().AddDate(0, 0, -1), may.AddDate(1, 0, 0), revenue.Weeks52)
	for _, m := range moves {
		fmt.Println(m.At.Format(time.DateOnly), m.Kind, m.Amount)
	}
	fmt.Println(err)
	value, err := revenue.TCV(sub, time.Time{})
	fmt.Println(value, err)
	// Output:
	// 100.00 EUR <nil>
	// 2026-01-15 new 100.00 EUR
	// 2027-01-15 churn -100.00 EUR
	// <nil>
	// 1200.00 EUR <nil>
}
