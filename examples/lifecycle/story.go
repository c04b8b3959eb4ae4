package main

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// The plans on sale.
var (
	team = seats("team", "12.00", &plan.Trial{Length: calendar.Days(14)})
	pro  = seats("pro", "20.00", nil)
)

func seats(id, price string, trial *plan.Trial) *plan.Version {
	return plan.MustCompile(plan.Plan{
		ID: id, Version: 1, Currency: money.EUR, Every: calendar.Months(1), Trial: trial, MonthEnd: calendar.LastDay,
		Charges: []plan.Charge{{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString(price)}}},
	})
}

var end = day("2028-01-31")

// milestones are the days on which somebody asks how things stand.
var milestones = []time.Time{
	day("2025-12-24"), day("2026-01-20"), day("2026-03-15"), day("2026-05-15"), day("2026-07-01"), day("2026-09-15"),
	day("2026-12-15"), day("2027-02-10"), day("2027-06-01"), end,
}

func day(date string) time.Time {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err) // the dates are written in this file
	}
	return t
}

// story does to a subscription what its customer asked for, and once the operator.
func story() (subscription.Subscription, error) {
	sub, err := subscription.New(subscription.Params{
		ID: "acme-team", Plan: team, At: day("2025-12-20"), Start: day("2026-01-17"), Quantity: subscription.Units(3),
		Details: subscription.Details{Organization: "acme", Name: "Acme, product team"},
	})
	if err != nil {
		return sub, err
	}
	for _, step := range []struct {
		on  string
		by  lifecycle.Actor
		ask subscription.Edit
	}{
		{"2026-02-12", lifecycle.Subscriber, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.ChangeQuantity(c, subscription.Immediately(), "", decimal.NewFromInt(5))
		}},
		{"2026-04-10", lifecycle.Subscriber, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Pause(c, subscription.AtPeriodEnd(), subscription.Pause{})
		}},
		{"2026-06-10", lifecycle.Subscriber, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			c.Policy.ResumeAnchor = plan.ResetAnchor
			return s.Resume(c, subscription.Immediately())
		}},
		{"2026-08-03", lifecycle.Subscriber, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.ChangePlan(c, subscription.AtPeriodEnd(), pro)
		}},
		{"2026-09-12", lifecycle.Subscriber, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			c.Reason = "budget"
			return s.Cancel(c, subscription.AtPeriodEnd())
		}},
		{"2026-09-29", lifecycle.Subscriber, subscription.Subscription.UndoCancel},
		{"2026-11-20", lifecycle.Operator, subscription.Subscription.Hold},
		{"2026-11-25", lifecycle.Operator, subscription.Subscription.Release},
		{"2026-12-01", lifecycle.Subscriber, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Edit(c,
				func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
					return s.SetAutoRenewal(c, false)
				},
				func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
					reason := "moving to another office"
					return s.Update(c, subscription.Patch{CancelReason: &reason})
				},
			)
		}},
		{"2027-03-01", lifecycle.Operator, func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.Edit(c,
				func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
					return s.Reactivate(c, subscription.Reactivation{})
				},
				func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
					return s.SetAutoRenewal(c, true)
				},
				func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
					return s.SetEndDate(c, day("2028-01-15"))
				},
			)
		}},
	} {
		next, err := step.ask(sub, subscription.Call{At: day(step.on), Actor: step.by})
		if err != nil {
			return sub, fmt.Errorf("%s: %w", step.on, err)
		}
		sub = next
	}
	return sub, nil
}
