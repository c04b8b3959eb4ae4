package perennial_test

import (
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
	"github.com/shopspring/decimal"
)

// What a subscription lets its owner do, and what doing more costs: a thousand calls a
// period, 0.02 for each beyond, and credits bought on the way.
func Example_features() {
	calls := feature.Per(feature.BillingPeriod, 1000)
	calls.Overage = feature.Rate
	basic := plan.MustCompile(plan.Plan{
		ID: "basic", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "base", Price: plan.FlatFee{Amount: decimal.NewFromInt(49)}},
			{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("0.02")}},
		},
		Features:    feature.Set{"calls": calls},
		CreditPacks: []plan.CreditPack{{ID: "fifty", Credits: 50, ListPrice: decimal.NewFromInt(1), ValidFor: calendar.Years(1)}},
	})
	start := time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC)
	sub, err := subscription.New(subscription.Params{ID: "acme", Plan: basic, Start: start})
	if err != nil {
		panic(err)
	}

	// A use is asked for and written down; what lies beyond the limit becomes a record.
	var used feature.QuotaUsage // stored by the service, as are
	var records billing.Usage   // the records
	at := start.Add(24 * time.Hour)
	may, err := sub.Entitlement("calls", at)
	if err != nil {
		panic(err)
	}
	for _, n := range []int64{990, 40} {
		var d feature.Decision
		used, d = may.Consume(used, feature.Request{Amount: decimal.NewFromInt(n), At: at})
		if d.Metric() != "" {
			records = append(records, billing.Record{Metric: d.Metric(), At: at, Quantity: d.Billable()})
		}
		fmt.Println(d.Used(), d.Why, d.Billable(), "to bill, resets on", d.ResetsAt.Format(time.DateOnly))
	}

	// A pack of credits is charged with the next invoice, and its credits are granted.
	sub, err = sub.AddCreditPack(subscription.Call{At: at, Actor: lifecycle.Subscriber}, "fifty")
	if err != nil {
		panic(err)
	}
	credits, err := sub.GrantPack(feature.Credits{}, sub.Version())
	fmt.Println(credits.Balance(), "credits", err)

	next, err := billing.Next(sub, records, billing.Checkpoint{}, at)
	fmt.Println(next.At.Format(time.DateOnly), next.Amount, err)
	// Output:
	// 990 within_limit 0 to bill, resets on 2026-02-28
	// 1030 over_allowed 30 to bill, resets on 2026-02-28
	// 50 credits <nil>
	// 2026-02-28 99.60 USD <nil>
}
