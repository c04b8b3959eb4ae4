package subscription_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// The plans of the examples: seats by the month.
var (
	team = monthly("team", 12)
	pro  = monthly("pro", 20)
)

func monthly(id string, price int64) *plan.Version {
	return plan.MustCompile(plan.Plan{
		ID: id, Version: 1, Currency: money.EUR, Every: calendar.Months(1),
		Charges: []plan.Charge{{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(price)}}},
	})
}

func date(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}

func customer(month time.Month, day int) subscription.Call {
	return subscription.Call{At: date(month, day), Actor: lifecycle.Subscriber}
}

// three seats of the team plan, from 31 January.
func three() subscription.Subscription {
	sub, err := subscription.New(subscription.Params{
		ID: "acme", Plan: team, Start: date(time.January, 31), Quantity: subscription.Units(3),
	})
	if err != nil {
		panic(err)
	}
	return sub
}

func ExampleNew() {
	sub, err := subscription.New(subscription.Params{
		ID: "acme", Plan: team, Start: date(time.January, 31), Quantity: subscription.Units(3),
	})
	fmt.Println(sub, err)
	period, _ := sub.Period(date(time.March, 10))
	fmt.Println(sub.Status(date(time.March, 10)), period)

	_, err = subscription.New(subscription.Params{Plan: team, EndDate: date(time.January, 1)})
	fmt.Println(err)
	// Output:
	// subscription "acme", plan team@1, version 1 <nil>
	// active [2026-02-28T00:00:00Z, 2026-03-31T00:00:00Z)
	// id: missing
	// start: missing
}

func ExampleSubscription_Cancel() {
	sub := three()
	next, err := sub.Cancel(customer(time.March, 10), subscription.AtPeriodEnd())
	if err != nil {
		fmt.Println(err)
		return
	}
	ends, _ := next.CancelAt(date(time.March, 10))
	fmt.Println(next.Status(date(time.March, 10)), "until", ends.Format(time.DateOnly))
	fmt.Println(next.Status(ends))

	next, err = next.UndoCancel(customer(time.March, 12))
	fmt.Println(next.Status(date(time.March, 12)), err)
	_, err = next.UndoCancel(customer(time.March, 13))
	fmt.Println(errors.Is(err, lifecycle.ErrNothingScheduled))
	// Output:
	// non_renewing until 2026-03-31
	// cancelled
	// active <nil>
	// true
}

func ExampleSubscription_Pause() {
	sub, _ := three().Pause(customer(time.March, 10), subscription.AtPeriodEnd(), subscription.Pause{Cycles: 2})
	for _, wait := range sub.Scheduled(date(time.March, 10)) {
		fmt.Println(wait.Action, wait.When, "on", wait.At.Format(time.DateOnly))
	}
	fmt.Println(sub.Status(date(time.April, 10)))
	for _, wait := range sub.Scheduled(date(time.April, 10)) {
		fmt.Println("resumes on", wait.At.Format(time.DateOnly))
	}

	call := customer(time.April, 10)
	call.Policy.ResumeAnchor = plan.ResetAnchor
	sub, _ = sub.Resume(call, subscription.Immediately())
	period, _ := sub.Period(date(time.April, 10))
	fmt.Println(sub.Status(date(time.April, 10)), period)
	// Output:
	// pause_at_period_end at period end on 2026-03-31
	// paused
	// resumes on 2026-05-31
	// active [2026-04-10T00:00:00Z, 2026-05-10T00:00:00Z)
}

func ExampleSubscription_Suspend() {
	operator := subscription.Call{At: date(time.February, 10), Actor: lifecycle.Operator, Reason: "unpaid"}
	sub, err := three().Suspend(operator)
	fmt.Println(sub.Status(operator.At), sub.Entitled(operator.At), err)

	// The service stops, and the periods go on.
	period, _ := sub.Period(date(time.March, 10))
	fmt.Println(sub.Status(date(time.March, 10)), period)

	operator.At = date(time.March, 12)
	sub, err = sub.Restore(operator)
	fmt.Println(sub.Entitled(date(time.March, 11)), sub.Entitled(operator.At), err)
	// Output:
	// active false <nil>
	// active [2026-02-28T00:00:00Z, 2026-03-31T00:00:00Z)
	// false true <nil>
}

func ExampleSubscription_SetNextBilling() {
	// The month from 31 January ends on 15 March, and not on 28 February.
	call := customer(time.February, 10)
	sub, err := three().SetNextBilling(call, date(time.March, 15), subscription.Free)
	period, _ := sub.Period(call.At)
	fmt.Println(period, err)
	period, _ = sub.Period(date(time.March, 15))
	fmt.Println(period)

	_, err = sub.SetNextBilling(call, call.At, subscription.Free)
	fmt.Println(errors.Is(err, lifecycle.ErrPast))
	// Output:
	// [2026-01-31T00:00:00Z, 2026-03-15T00:00:00Z) <nil>
	// [2026-03-15T00:00:00Z, 2026-04-15T00:00:00Z)
	// true
}

func ExampleSubscription_ChangePlan() {
	sub, _ := three().ChangePlan(customer(time.March, 10), subscription.AtPeriodEnd(), pro)
	fmt.Println(sub.Plan(date(time.March, 30)), sub.Plan(date(time.March, 31)))

	_, err := sub.ChangePlan(customer(time.March, 11), subscription.AtPeriodEnd(), pro)
	fmt.Println(errors.Is(err, lifecycle.ErrChangeScheduled))
	// Output:
	// team@1 pro@1
	// true
}

func ExampleSubscription_Timeline() {
	sub, _ := three().ChangePlan(customer(time.February, 10), subscription.Immediately(), pro)
	sub, _ = sub.Pause(customer(time.February, 20), subscription.Immediately(), subscription.Pause{})
	february, _ := sub.Timeline(calendar.Period{Start: date(time.February, 1), End: date(time.March, 1)})
	for _, segment := range february {
		fmt.Println(segment.From().Format("01-02"), segment.To().Format("01-02"), segment.Version(), "billable:", segment.Billable())
	}
	// Output:
	// 02-01 02-10 team@1 billable: true
	// 02-10 02-20 pro@1 billable: true
	// 02-20 03-01 pro@1 billable: false
}

func ExampleSubscription_Events() {
	sub, _ := three().Cancel(customer(time.March, 10), subscription.AtPeriodEnd())
	for event := range sub.Events(time.Time{}, date(time.December, 31)) {
		fmt.Println(event.At.Format(time.DateOnly), event.Kind, event.Action, event.Status)
	}
	// Output:
	// 2026-01-31 started  active
	// 2026-02-28 renewed  active
	// 2026-03-10 recorded cancel_at_period_end non_renewing
	// 2026-03-31 ended cancel_at_period_end cancelled
}

// A service that tells others what happened asks since its last time, and uses the ids as
// keys: whoever gets a message twice drops it.
func ExampleSubscription_Events_since() {
	sub := three()
	told := map[uuid.UUID]bool{}
	tell := func(since, now time.Time) {
		for event := range sub.Events(since, now) {
			if !told[event.ID] {
				told[event.ID] = true
				fmt.Println(now.Format(time.DateOnly)+":", event.At.Format(time.DateOnly), event.Kind)
			}
		}
	}
	tell(time.Time{}, date(time.March, 15))
	tell(date(time.March, 15), date(time.April, 15))

	// A correction lies before what was told, and is told since its instant.
	call := customer(time.April, 1)
	call.Actor, call.Correction = lifecycle.Operator, true
	sub, _ = sub.Pause(call, subscription.Immediately(), subscription.Pause{Until: date(time.April, 5)})
	tell(call.At, date(time.April, 16))
	// Output:
	// 2026-03-15: 2026-01-31 started
	// 2026-03-15: 2026-02-28 renewed
	// 2026-04-15: 2026-03-31 renewed
	// 2026-04-16: 2026-04-01 paused
	// 2026-04-16: 2026-04-05 resumed
}

// A request that comes again is answered with what its key recorded.
func ExampleSubscription_CommandOf() {
	call := customer(time.March, 10)
	call.Key = "request 17"
	sub, _ := three().Cancel(call, subscription.AtPeriodEnd())
	for _, command := range sub.CommandOf("request 17") {
		fmt.Println(command.Number, command.Action, command.At.Format(time.DateOnly))
	}
	fmt.Println(sub.CommandOf("request 18"))
	// Output:
	// 2 cancel_at_period_end 2026-03-10
	// []
}

// Access depends on the status alone: when to look at it again.
func ExampleSubscription_NextChange() {
	sub, _ := three().Cancel(customer(time.March, 10), subscription.On(date(time.May, 15)))
	at := date(time.March, 10)
	for {
		next, ok := sub.NextChange(at)
		if !ok {
			break
		}
		fmt.Println(next.Format(time.DateOnly), sub.Status(next))
		at = next
	}
	// Output:
	// 2026-04-30 non_renewing
	// 2026-05-15 cancelled
}

func ExampleSubscription_History() {
	sub, _ := three().ChangeQuantity(customer(time.February, 10), subscription.Immediately(), "", decimal.NewFromInt(5))
	sub, _ = sub.SetAutoRenewal(customer(time.February, 12), false)
	for _, command := range sub.History(0, 2) {
		fmt.Println(command.Number, command.At.Format(time.DateOnly), command.Action, command.Actor)
	}
	// Output:
	// 3 2026-02-12 auto_renewal_off subscriber
	// 2 2026-02-10 change_quantity_now subscriber
}

func ExampleSubscription_At() {
	sub, _ := three().Cancel(customer(time.March, 10), subscription.On(date(time.May, 15)))
	for _, day := range []time.Time{date(time.March, 10), date(time.May, 1), date(time.June, 1)} {
		snapshot, _ := sub.At(day)
		fmt.Println(day.Format(time.DateOnly), snapshot.State, snapshot.Quantity, "seats, cycle", snapshot.Cycle)
	}
	// Output:
	// 2026-03-10 active (scheduled: cancel) 3 seats, cycle 2
	// 2026-05-01 non_renewing (ending by: cancel; scheduled: cancel) 3 seats, cycle 4
	// 2026-06-01 cancelled (ending by: cancel) 3 seats, cycle 4
}

func ExampleSubscription_Edit() {
	sub := three()
	edits := []subscription.Edit{
		func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.ChangeQuantity(c, subscription.Immediately(), "", decimal.NewFromInt(5))
		},
		func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
			return s.SetEndDate(c, date(time.January, 1))
		},
	}
	next, err := sub.Edit(customer(time.February, 10), edits...)
	fmt.Println(next.Version(), errors.Is(err, lifecycle.ErrPast))
	next, err = sub.Edit(customer(time.February, 10), edits[0])
	fmt.Println(next.Version(), err)
	// Output:
	// 1 true
	// 2 <nil>
}

// A verb for an instant before the last command is a correction, and says so.
func Example_correction() {
	sub, _ := three().SetAutoRenewal(customer(time.March, 10), false)
	call := customer(time.February, 10)
	_, err := sub.ChangeQuantity(call, subscription.Immediately(), "", decimal.NewFromInt(5))
	fmt.Println(err)

	call.Correction = true
	sub, err = sub.ChangeQuantity(call, subscription.Immediately(), "", decimal.NewFromInt(5))
	snapshot, _ := sub.At(date(time.February, 11))
	fmt.Println(snapshot.Quantity, sub.Version(), err)
	// Output:
	// subscription: dated before the last command: 2026-02-10T00:00:00Z is before 2026-03-10T00:00:00Z
	// 5 3 <nil>
}

// A call that is sent twice counts once, whenever it arrives again.
func Example_idempotency() {
	call := customer(time.February, 10)
	call.Key = "order-17"
	sub, _ := three().ChangeQuantity(call, subscription.Immediately(), "", decimal.NewFromInt(5))

	call.At = date(time.March, 1)
	again, err := sub.ChangeQuantity(call, subscription.Immediately(), "", decimal.NewFromInt(5))
	fmt.Println(again.Equal(sub), err)
	_, err = sub.ChangeQuantity(call, subscription.Immediately(), "", decimal.NewFromInt(6))
	fmt.Println(err)
	// Output:
	// true <nil>
	// subscription: idempotency key used for another command: "order-17"
}

func ExampleDecode() {
	sub, _ := three().Cancel(customer(time.March, 10), subscription.AtPeriodEnd())
	data, err := sub.MarshalJSON()
	fmt.Println(string(data), err)

	back, err := subscription.Decode(data, plan.MustCatalog(team.Plan()))
	fmt.Println(back.Equal(sub), err)
	_, err = subscription.Decode(data, plan.MustCatalog(pro.Plan()))
	fmt.Println(err)
	// Output:
	// {"format":1,"id":"acme","plan":"team@1","start":"2026-01-31T00:00:00Z","quantity":"3","commands":[{"at":"2026-03-10T00:00:00Z","action":"cancel_at_period_end","actor":"subscriber"}]} <nil>
	// true <nil>
	// plan: subscription: plan lost from the catalog: "team@1"
}

func ExampleSet_Cancel() {
	child, _ := subscription.New(subscription.Params{
		ID: "acme-lab", Plan: team, Start: date(time.February, 14), Details: subscription.Details{Parent: "acme"},
	})
	set := subscription.Set{three(), child}
	call := customer(time.March, 10)
	_, err := set.Cancel(call, "acme", subscription.AtPeriodEnd())
	fmt.Println(errors.Is(err, lifecycle.ErrHasDependents))

	call.Cascade = true
	next, err := set.Cancel(call, "acme", subscription.AtPeriodEnd())
	for _, sub := range next {
		ends, _ := sub.CancelAt(call.At)
		fmt.Println(sub.ID(), ends.Format(time.DateOnly), err)
	}
	// Output:
	// true
	// acme 2026-03-31 <nil>
	// acme-lab 2026-03-31 <nil>
}
