package subscription_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func ExampleSubscription_Term() {
	line := plan.MustCompile(plan.Plan{
		ID: "line", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
		Term:    &plan.Term{Interval: calendar.Years(1), Notice: calendar.Days(30)},
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.RequireFromString("6.99")}}},
	})
	sub, err := subscription.New(subscription.Params{ID: "acme", Plan: line, Start: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC)})
	if err != nil {
		panic(err)
	}
	now := time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC)
	term, bound, err := sub.Term(now)
	fmt.Println(bound, term.End.Format(time.DateOnly), term.CutOff.Format(time.DateOnly), term.EarliestEnd.Format(time.DateOnly), err)

	call := subscription.Call{At: now, Actor: lifecycle.Subscriber}
	_, err = sub.Cancel(call, subscription.Immediately())
	var refused *subscription.TermError
	fmt.Println(errors.As(err, &refused), err)
	// Output:
	// true 2027-01-15 2026-12-17 2028-01-15 <nil>
	// true subscription: minimum term: the earliest end is 2028-01-15T10:00:00Z
}
