package main

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/cgscanning"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/revenium"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// moment is the subscription at an instant of its life.
type moment struct {
	at   time.Time
	what string
	sub  subscription.Subscription
	used feature.QuotaUsage // of the quota
}

// seats returns what the service keeps beside the subscription: two free seats, and a
// team that uses one of its two.
func seats() feature.Seats {
	return feature.Seats{Free: 2, Used: 4, Teams: map[string]feature.Team{"red": {Quota: 2, Used: 1}}}
}

// sells returns a plan of the product, with an id that all four APIs accept. Each API
// can express some of its features only.
func sells(id, name string, every calendar.Interval, amount string) (*plan.Version, error) {
	quota := feature.Per(feature.BillingPeriod, 1000)
	quota.Overage, quota.Thresholds = feature.Allow, []feature.Threshold{feature.PercentOf(80)}
	return plan.Compile(plan.Plan{
		ID: id, Version: 1, Name: name, Family: "pro", Product: "scanning", Currency: money.USD, Every: every,
		Charges: []plan.Charge{{ID: "scanning", Price: plan.FlatFee{Amount: decimal.RequireFromString(amount)}}},
		Trial:   &plan.Trial{Length: calendar.Days(14)},
		Features: feature.Set{
			cgscanning.NumberOfIPs: feature.UpTo(10),
			cgscanning.Rescan:      feature.Per(feature.Day, 10),
			revenium.Quota:         quota,

			probely.ProfilePrefix + "full": feature.On(),
		},
	})
}

// story returns the life of the customer's subscription as the moments that are shown.
func story() ([]moment, error) {
	monthly, err := sells("110ec58a-a0f2-4ac4-8393-c866d813b8d1", "Scanning, monthly", calendar.Months(1), "49.90")
	if err != nil {
		return nil, err
	}
	yearly, err := sells("2c5ea4c0-4067-41fe-8bad-9b1deb4d3b7d", "Scanning, yearly", calendar.Years(1), "499")
	if err != nil {
		return nil, err
	}
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 10, 0, 0, 0, time.UTC) }
	sub, err := subscription.New(subscription.Params{
		ID: "6c2b9a34-1a35-4a7e-9d6e-0f6c6c1f7d01", Plan: monthly, At: day(time.January, 2), Start: day(time.January, 5), Quantity: subscription.Units(5),
		Offering: &plan.Offering{
			ID: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", Name: "Scanning", Plans: []plan.Ref{monthly.Ref(), yearly.Ref()},
			CreatedAt: day(time.January, 1), UpdatedAt: day(time.January, 1),
		},
		Details: subscription.Details{
			Name: "Northwind Robotics", Account: "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d", Organization: "northwind", Team: "sales",
		},
	})
	if err != nil {
		return nil, err
	}
	moments := []moment{
		{at: day(time.January, 2), what: "agreed, and not started", sub: sub},
		{at: day(time.January, 10), what: "in its trial", sub: sub},
		{at: day(time.January, 19), what: "active: the trial is over, and the first month is billed", sub: sub},
	}
	var used feature.QuotaUsage
	for _, step := range []struct {
		at   time.Time
		what string
		more int64
	}{
		{day(time.January, 22), "850 of the quota of 1,000 are used", 850},
		{day(time.January, 25), "1,050 are used: it is over its quota", 200},
	} {
		quota, err := sub.Entitlement(revenium.Quota, step.at)
		if err != nil {
			return nil, err
		}
		next, decision := quota.Consume(used, feature.Request{Amount: decimal.NewFromInt(step.more), At: step.at})
		if err := decision.Err(); err != nil {
			return nil, err
		}
		used = next
		for _, threshold := range decision.Fired() {
			step.what += fmt.Sprintf("; more than %s%%: notify", threshold.Percent)
		}
		moments = append(moments, moment{step.at, step.what, sub, used})
	}
	call := func(at time.Time) subscription.Call {
		return subscription.Call{At: at, Actor: lifecycle.Subscriber}
	}
	steps := []struct {
		at   time.Time
		what string
		do   func(subscription.Call) (subscription.Subscription, error)
	}{
		{day(time.January, 28), "twenty-five rescans a day are assigned", func(c subscription.Call) (subscription.Subscription, error) {
			limit := decimal.NewFromInt(25)
			return sub.AssignFeatures(c, feature.Overrides{cgscanning.Rescan: {Limit: &limit}}, feature.Assignment{})
		}},
		{day(time.February, 2), "changed to the yearly plan at once", func(c subscription.Call) (subscription.Subscription, error) {
			return sub.ChangePlan(c, subscription.Immediately(), yearly)
		}},
		{day(time.March, 1), "a pause is asked for at the end of the period", func(c subscription.Call) (subscription.Subscription, error) {
			return sub.Pause(c, subscription.AtPeriodEnd(), subscription.Pause{})
		}},
		{day(time.March, 2), "paused at once instead", func(c subscription.Call) (subscription.Subscription, error) {
			c.Replace = true
			return sub.Pause(c, subscription.Immediately(), subscription.Pause{})
		}},
		{day(time.April, 1), "resumed, within the period that is paid", func(c subscription.Call) (subscription.Subscription, error) {
			return sub.Resume(c, subscription.Immediately())
		}},
		{day(time.May, 1), "cancelled at the end of the period", func(c subscription.Call) (subscription.Subscription, error) {
			c.Reason = "moving on"
			return sub.Cancel(c, subscription.AtPeriodEnd())
		}},
	}
	for _, step := range steps {
		if sub, err = step.do(call(step.at)); err != nil {
			return nil, err
		}
		moments = append(moments, moment{step.at, step.what, sub, used})
	}
	end, _ := sub.CancelAt(day(time.May, 1))
	return append(moments, moment{end, "ended", sub, used}), nil
}
