package subscription_test

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// An act is a verb with all but its call.
type act func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = time.Parse(time.DateOnly, text)
	}
	if err != nil {
		panic(err)
	}
	return t
}

// sold makes a plan with one fee in advance.
func sold(id, fee string, alter func(*plan.Plan)) *plan.Version {
	p := plan.Plan{
		ID: id, Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.RequireFromString(fee)}}},
	}
	if alter != nil {
		alter(&p)
	}
	return plan.MustCompile(p)
}

func cancels(w subscription.When) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Cancel(c, w)
	}
}

func pauses(w subscription.When, p subscription.Pause) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Pause(c, w, p)
	}
}

func resumes(anchor plan.Anchor) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		c.Policy.ResumeAnchor = anchor
		return s.Resume(c, subscription.Immediately())
	}
}

func changes(w subscription.When, to *plan.Version) act {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangePlan(c, w, to)
	}
}
