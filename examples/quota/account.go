package main

import (
	_ "embed"
	"encoding/json"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

//go:embed plan.json
var planFile []byte

// account is what a service stores of one customer: the subscription, and beside it
// what was used. Every verb of the library returns the next value; the account keeps
// it.
type account struct {
	zone       calendar.Zone
	sub        subscription.Subscription
	usage      map[feature.Key]feature.QuotaUsage
	seats      feature.Seats
	changes    feature.ChangeBudget
	credits    feature.Credits
	records    billing.Usage
	checkpoint billing.Checkpoint
}

// open is the account as it stands when the day begins: ten targets since 8 February,
// two on top for free, and a month's use.
func open(zone calendar.Zone, local func(year int, month time.Month, day, hour int) time.Time) (*account, error) {
	var p plan.Plan
	if err := json.Unmarshal(planFile, &p); err != nil {
		return nil, err
	}
	version, err := plan.Compile(p)
	if err != nil {
		return nil, err
	}
	a := &account{
		zone: zone, usage: map[feature.Key]feature.QuotaUsage{},
		seats: feature.Seats{Free: 2, Paid: 10, Used: 7, Teams: map[string]feature.Team{"red": {Quota: 3, Used: 1}, "blue": {Quota: 2, Used: 2}}},
	}
	if a.sub, err = subscription.New(subscription.Params{
		ID: "harbor", Plan: version, Start: local(2026, time.February, 8, 12), Zone: zone, Quantity: subscription.Units(10),
	}); err != nil {
		return nil, err
	}
	if a.changes, err = feature.NewChangeBudget(4, zone,
		local(2025, time.March, 8, 15), local(2025, time.December, 5, 9), local(2026, time.January, 10, 9), local(2026, time.February, 20, 9)); err != nil {
		return nil, err
	}
	welcome := feature.CreditGrant{ID: "welcome", Class: "gift", Amount: decimal.NewFromInt(5), Until: local(2026, time.March, 9, 0)}
	if a.credits, err = a.credits.Grant(welcome, local(2026, time.February, 8, 12)); err != nil {
		return nil, err
	}
	if _, a.checkpoint, err = billing.Invoices(a.sub, nil, a.checkpoint, local(2026, time.February, 8, 12)); err != nil {
		return nil, err
	}
	for key, used := range map[feature.Key]int64{"rescans": 8, "addresses": 18, "calls": 640} {
		if a.usage[key], err = feature.Counted(decimal.NewFromInt(used), local(2026, time.March, 7, 21)); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// use asks for a use of a feature and keeps the answer: what is allowed is counted,
// and what of it is beyond the allowance becomes a record to be billed.
func (a *account) use(key feature.Key, n int64, at time.Time, met feature.Conditions) (feature.Decision, error) {
	e, err := a.sub.Entitlement(key, at)
	if err != nil {
		return feature.Decision{}, err
	}
	next, d := e.Consume(a.usage[key], feature.Request{Amount: decimal.NewFromInt(n), At: at, Conditions: met})
	a.usage[key] = next
	if d.Metric() != "" {
		a.records = append(a.records, billing.Record{Metric: d.Metric(), At: at, Quantity: d.Billable()})
	}
	return d, nil
}

// release releases what was in use.
func (a *account) release(key feature.Key, n int64, at time.Time) error {
	e, err := a.sub.Entitlement(key, at)
	if err != nil {
		return err
	}
	a.usage[key], err = e.Release(a.usage[key], decimal.NewFromInt(n), at)
	return err
}

// buy sells a credit pack: its price goes on the next invoice, its credits are granted
// at once.
func (a *account) buy(pack string, at time.Time) error {
	next, err := a.sub.AddCreditPack(subscription.Call{At: at, Actor: lifecycle.Subscriber}, pack)
	if err != nil {
		return err
	}
	credits, err := next.GrantPack(a.credits, next.Version())
	if err != nil {
		return err
	}
	a.sub, a.credits = next, credits
	return nil
}

// bill makes the invoices that have fallen due.
func (a *account) bill(at time.Time) ([]billing.Invoice, error) {
	invoices, checkpoint, err := billing.Invoices(a.sub, a.records, a.checkpoint, at)
	if err == nil {
		a.checkpoint = checkpoint
	}
	return invoices, err
}

// standing is how much of a feature is used at an instant, and of how much.
func (a *account) standing(key feature.Key, at time.Time) (string, error) {
	e, err := a.sub.Entitlement(key, at)
	if err != nil {
		return "", err
	}
	used, err := e.Used(a.usage[key], at)
	if err != nil {
		return "", err
	}
	if e.Dormant() {
		return "paused", nil
	}
	limit, _ := e.Limit()
	return strings.Join([]string{used.String(), limit.String()}, "/"), nil
}
