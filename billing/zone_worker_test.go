package billing_test

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Two releases of the zone database are two processes: a worker is this test again, with
// ZONEINFO set to one of them. It is asked by lines of JSON and remembers nothing.
const workerVariable = "PERENNIAL_ZONE_WORKER"

// A stored row is what a service keeps, and a job what it asks a worker to do with it.
type zoneRow struct {
	Subscription json.RawMessage      `json:"subscription,omitempty"`
	Checkpoint   billing.Checkpoint   `json:"checkpoint"`
	Usage        billing.Usage        `json:"usage"`
	Billed       []billing.StoredLine `json:"billed"`
}

type zoneJob struct {
	Do      string    `json:"do"`
	At      time.Time `json:"at"`
	Zone    string    `json:"zone,omitempty"`
	Plan    string    `json:"plan,omitempty"`
	Row     zoneRow   `json:"row"`
	AsGiven bool      // the verb is called at At itself, without NotBefore
}

type zoneAnswer struct {
	Row      zoneRow   `json:"row"`
	Invoices []string  `json:"invoices"`
	At       time.Time `json:"at"`
	Error    string    `json:"error"`
}

func init() {
	if os.Getenv(workerVariable) == "" {
		return
	}
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var job zoneJob
		if err := in.Decode(&job); err != nil {
			os.Exit(0)
		}
		answer := zoneAnswer{Row: job.Row}
		if err := answer.do(job); err != nil {
			answer.Error = err.Error()
		}
		if err := out.Encode(answer); err != nil {
			os.Exit(1)
		}
	}
}

func zoneCatalog() *plan.Catalog {
	seats := plan.Charge{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("10")}}
	calls := plan.Charge{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("1")}}
	sold := func(p plan.Plan) plan.Release {
		p.Version, p.Currency, p.Every = 1, money.USD, calendar.Months(1)
		p.Metrics = []plan.Metric{{ID: "calls"}}
		return plan.Release{Plan: p}
	}
	support := plan.Charge{ID: "support", Price: plan.FlatFee{Amount: decimal.RequireFromString("120")}, Every: calendar.Years(1)}
	trial := plan.Trial{Length: calendar.Days(14)}
	return plan.MustCatalog(
		sold(plan.Plan{ID: "advance", Charges: []plan.Charge{seats, calls}}),
		sold(plan.Plan{ID: "trial", Charges: []plan.Charge{seats, calls}, Trial: &trial}),
		sold(plan.Plan{ID: "phases", Charges: []plan.Charge{seats}, Phases: []plan.Phase{{Charges: []plan.Charge{seats}, Length: calendar.Days(31)}}}),
		sold(plan.Plan{ID: "own", Charges: []plan.Charge{seats, calls, support}}),
		sold(plan.Plan{ID: "minimum", Charges: []plan.Charge{seats, calls}, Minimum: &plan.Minimum{Amount: money.MustParse("31.00 USD")}}),
		sold(plan.Plan{ID: "thresholds", Charges: []plan.Charge{seats, calls}, Thresholds: plan.Thresholds{Recurring: decimal.NewFromInt(2)}}),
		sold(plan.Plan{ID: "capped", Charges: []plan.Charge{seats, calls}, SpendCap: &plan.SpendCap{Amount: money.MustParse("2.00 USD"), Over: plan.OverNotBilled}}),
	)
}

func (a *zoneAnswer) do(job zoneJob) error {
	catalog := zoneCatalog()
	var sub subscription.Subscription
	var err error
	if len(job.Row.Subscription) > 0 {
		if sub, err = subscription.Decode(job.Row.Subscription, catalog); err != nil {
			return err
		}
	}
	call := subscription.Call{At: job.At, Actor: lifecycle.Subscriber}
	if verb := zoneVerbs[job.Do]; verb != nil {
		if !job.AsGiven {
			if call.At, err = billing.NotBefore(sub, job.Row.Checkpoint, job.At); err != nil {
				return err
			}
		}
		if sub, err = verb(sub, call); err != nil {
			return err
		}
		a.Row.Subscription, err = sub.MarshalJSON()
		return err
	}
	switch job.Do {
	case "new":
		zone, err := calendar.LoadZone(job.Zone)
		if err != nil {
			return err
		}
		v, err := catalog.Lookup(plan.Ref{ID: job.Plan, Version: 1})
		if err != nil {
			return err
		}
		if sub, err = subscription.New(subscription.Params{ID: "s", Plan: v, Start: job.At, Zone: zone, Quantity: subscription.Units(2)}); err != nil {
			return err
		}
		a.Row.Subscription, err = sub.MarshalJSON()
		return err
	case "run":
		made, next, err := billing.Invoices(sub, job.Row.Usage, job.Row.Checkpoint, job.At)
		if err != nil {
			return err
		}
		a.Row.Checkpoint = next
		for _, inv := range made {
			a.Invoices = append(a.Invoices, inv.ID().String()+" "+inv.Total.Amount())
			a.Row.Billed = append(a.Row.Billed, inv.StoredLines()...)
		}
		a.Row.Subscription, err = sub.MarshalJSON() // as a service saves what it has loaded
		return err
	case "reconcile":
		diff, err := billing.Reconcile(sub, job.Row.Usage, job.Row.Billed, job.Row.Checkpoint, job.At)
		if err != nil {
			return err
		}
		for _, line := range diff.StoredLines() {
			a.Invoices = append(a.Invoices, line.ID.String()+" "+line.Amount.Amount())
		}
		return nil
	case "next":
		next, err := billing.Next(sub, job.Row.Usage, job.Row.Checkpoint, job.At)
		a.At = next.At
		return err
	}
	return fmt.Errorf("no job %q", job.Do)
}

var zoneVerbs = map[string]func(subscription.Subscription, subscription.Call) (subscription.Subscription, error){
	"more": func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangeQuantity(c, subscription.Immediately(), "", decimal.NewFromInt(3))
	},
	"fewer": func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangeQuantity(c, subscription.Immediately(), "", decimal.NewFromInt(1))
	},
	"five from the next period": func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.ChangeQuantity(c, subscription.AtPeriodEnd(), "", decimal.NewFromInt(5))
	},
	"pause": func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Pause(c, subscription.Immediately(), subscription.Pause{})
	},
	"resume": func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Resume(c, subscription.Immediately())
	},
	"cancel": func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.Cancel(c, subscription.AtPeriodEnd())
	},
	"name": func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		name := c.At.String()
		return s.Update(c, subscription.Patch{Name: &name})
	},
}
