package feature_test

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

func Example() {
	plan := feature.Set{
		"number_of_ips": feature.UpTo(25),
		"rescan":        feature.Per(feature.Day, 2),
		"ai_remediator": feature.On(),
	}
	now := time.Date(2026, time.March, 4, 22, 0, 0, 0, time.UTC)
	rescan, err := feature.Resolve("rescan", plan, nil, feature.Terms{
		At: now, Zone: calendar.MustLoadZone("Europe/Lisbon"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var used feature.QuotaUsage // stored by the service, beside the subscription
	for range 3 {
		var d feature.Decision
		used, d = rescan.Consume(used, feature.Request{Amount: decimal.NewFromInt(1), At: now})
		fmt.Println(d)
	}
	// Output:
	// allowed: rescan: within_limit: 1 of 2 used, 1 left, resets at 2026-03-05T00:00:00Z
	// allowed: rescan: within_limit: 2 of 2 used, 0 left, resets at 2026-03-05T00:00:00Z
	// denied: feature: quota exceeded: rescan: 2 of 2 used, 1 asked, resets at 2026-03-05T00:00:00Z
}

// Several consumers share one allowance. Each reads the stored usage, asks, and stores
// the next usage only over the revision that it had read; else somebody was faster, and
// it asks again. Nobody holds a lock while asking, and nothing is allowed twice.
func ExampleEntitlement_Consume_concurrent() {
	now := time.Date(2026, time.March, 4, 10, 0, 0, 0, time.UTC)
	plan := feature.Set{"rescan": feature.Per(feature.Day, 10)}
	rescan, err := feature.Resolve("rescan", plan, nil, feature.Terms{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	var (
		row     stored
		workers sync.WaitGroup
		tally   sync.Map
	)
	for worker := range 25 {
		workers.Go(func() {
			request := feature.Request{Amount: decimal.NewFromInt(1), At: now}
			for {
				usage := row.read()
				next, d := rescan.Consume(usage, request)
				if !d.Allowed || row.write(next, usage.Revision()) {
					tally.Store(worker, d.Allowed)
					return
				}
			}
		})
	}
	workers.Wait()
	allowed := 0
	tally.Range(func(_, ok any) bool {
		if ok.(bool) {
			allowed++
		}
		return true
	})
	usage := row.read()
	fmt.Println(allowed, "of 25 allowed,", usage.Recorded(), "used, revision", usage.Revision())
	// Output: 10 of 25 allowed, 10 used, revision 10
}

// stored is a row of a service's table: UPDATE … WHERE revision = $1.
type stored struct {
	sync.Mutex
	usage feature.QuotaUsage
}

func (s *stored) read() feature.QuotaUsage {
	s.Lock()
	defer s.Unlock()
	return s.usage
}

func (s *stored) write(next feature.QuotaUsage, over int) bool {
	s.Lock()
	defer s.Unlock()
	if s.usage.Revision() != over {
		return false
	}
	s.usage = next
	return true
}

func ExampleEntitlement_Check() {
	grant := feature.Per(feature.Month, 100)
	grant.WhenRun = "after completed scan"
	plan := feature.Set{"rescan": grant}
	now := time.Date(2026, time.March, 4, 10, 0, 0, 0, time.UTC)
	rescan, err := feature.Resolve("rescan", plan, nil, feature.Terms{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := feature.Request{Amount: decimal.NewFromInt(1), At: now}
	fmt.Println(rescan.Check(feature.QuotaUsage{}, request))

	request.Conditions = feature.Conditions{"after completed scan": func() bool { return true }}
	d := rescan.Check(feature.QuotaUsage{}, request)
	left, limited := d.Remaining()
	fmt.Println(d.Allowed, d.Why, left, limited)
	// Output:
	// denied: feature: unsupported condition: rescan: "after completed scan"
	// true within_limit 100 true
}

func ExampleEntitlement_Consume_overage() {
	grant := feature.Per(feature.Month, 1000)
	grant.Overage = feature.Rate
	grant.Thresholds = []feature.Threshold{feature.PercentOf(80)}
	now := time.Date(2026, time.March, 4, 10, 0, 0, 0, time.UTC)
	calls, err := feature.Resolve("calls", feature.Set{"calls": grant}, nil, feature.Terms{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	var used feature.QuotaUsage
	for _, n := range []int64{800, 1, 300} {
		var d feature.Decision
		used, d = calls.Consume(used, feature.Request{Amount: decimal.NewFromInt(n), At: now})
		fmt.Println(d.Used(), d.Why, "over", d.OverQuota(), "billable", d.Billable(), d.Metric(), "fired", len(d.Fired()))
	}
	// Output:
	// 800 within_limit over false billable 0  fired 0
	// 801 within_limit over false billable 0  fired 1
	// 1101 over_allowed over true billable 101 calls fired 0
}

func ExampleEntitlement_Release() {
	now := time.Date(2026, time.March, 4, 10, 0, 0, 0, time.UTC)
	ips, err := feature.Resolve("ips", feature.Set{"ips": feature.UpTo(5)}, nil, feature.Terms{At: now})
	if err != nil {
		fmt.Println(err)
		return
	}
	used, d := ips.Consume(feature.QuotaUsage{}, feature.Request{Amount: decimal.NewFromInt(5), At: now})
	fmt.Println(d)
	used, err = ips.Release(used, decimal.NewFromInt(2), now)
	fmt.Println(used.Recorded(), err)
	// Output:
	// allowed: ips: within_limit: 5 of 5 used, 0 left
	// 3 <nil>
}

func ExampleOverrides_Assign() {
	plan := feature.Set{"ips": feature.UpTo(10), "rescan": feature.Per(feature.Day, 5)}
	rules := feature.Assignment{Plan: plan, InUse: map[feature.Key]decimal.Decimal{"ips": decimal.NewFromInt(8)}}

	given, err := feature.Overrides{}.Assign(feature.Overrides{"ips": feature.LimitTo(20)}, rules)
	fmt.Println(given["ips"].Members(), err)
	_, err = given.Assign(feature.Overrides{"ips": feature.LimitTo(7), "vrms": feature.Turn(true)}, rules)
	fmt.Println(err)
	fmt.Println(errors.Is(err, feature.ErrQuotaBelowUsage), errors.Is(err, feature.ErrUnknown))

	ips, err := feature.Resolve("ips", plan, given, feature.Terms{At: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)})
	fmt.Println(ips, err)
	// Output:
	// [limit] <nil>
	// ips.limit: feature: below what is in use: 7, 8 in use
	// vrms: feature: unknown feature
	// true true
	// ips: 20 in use at a time (merged) <nil>
}

func ExampleOverrides_Revoke() {
	plan := feature.Set{"ips": feature.UpTo(10)}
	given := feature.Overrides{"ips": feature.LimitTo(20)}
	left, err := given.Revoke([]feature.Key{"ips"}, feature.Assignment{Plan: plan})
	fmt.Println(len(left), left.Apply(plan)["ips"].Limit, err)
	_, err = left.Revoke([]feature.Key{"ips"}, feature.Assignment{Plan: plan})
	fmt.Println(err)
	// Output:
	// 0 10 <nil>
	// ips: feature: not assigned
}

func ExampleChangeBudget() {
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC) }
	b, err := feature.NewChangeBudget(2, calendar.UTC(), at(time.March, 1), at(time.June, 20))
	fmt.Println(b.Count(at(time.September, 9)), err)
	_, err = b.Use(at(time.September, 9), 1)
	fmt.Println(err)
	// Output:
	// 2 <nil>
	// feature: change budget exhausted: 2 of 2 in the past year, next allowed at 2027-03-01T00:00:00Z
}

func ExampleSeats() {
	s := feature.Seats{
		Free: 2, Paid: 10, Used: 7,
		Teams: map[string]feature.Team{"red": {Quota: 3, Used: 1}, "blue": {Quota: 2, Used: 2}},
	}
	fmt.Println(s.Available(), "available,", s.Unreserved(), "not reserved for a team")
	_, err := s.Fill(4)
	fmt.Println(err)
	s, err = s.WithPaid(5, false)
	fmt.Println(s.Cap(), s.Available(), s.OverQuota(), err)
	// Output:
	// 5 available, 3 not reserved for a team
	// feature: team quota exceeded: 5 seats available, 3 of them not reserved, 4 asked
	// 7 0 false <nil>
}

func ExampleCreditTargets() {
	c, err := feature.CreditTargets{Max: 5, Used: 3}.Enable(1)
	fmt.Println(c.Available(), err)
	_, err = c.Enable(2)
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// feature: quota exceeded: 4 of 5 credit targets used, 2 asked
}

func ExampleCredits() {
	bought := time.Date(2026, time.March, 4, 10, 0, 0, 0, time.UTC)
	expiry := time.Date(2027, time.March, 4, 10, 0, 0, 0, time.UTC)
	var c feature.Credits
	for _, g := range []feature.CreditGrant{
		{ID: "pack 50", Class: "paid", Amount: decimal.NewFromInt(50), Until: expiry},
		{ID: "welcome", Class: "gift", Amount: decimal.NewFromInt(5), Until: bought.Add(30 * 24 * time.Hour)},
	} {
		next, err := c.Grant(g, bought)
		if err != nil {
			fmt.Println(err)
			return
		}
		c = next
	}
	c, draws, err := c.Spend(decimal.NewFromInt(8), bought.Add(time.Hour), "scan 17")
	fmt.Println(draws, c.Balance(), err)
	c, err = c.At(expiry)
	for _, e := range c.Entries() {
		fmt.Println(e.Kind, e.Grant, e.Amount)
	}
	fmt.Println(c.Balance(), err)
	// Output:
	// [{welcome 5} {pack 50 3}] 47 <nil>
	// granted pack 50 50
	// granted welcome 5
	// spent welcome -5
	// spent pack 50 -3
	// expired pack 50 -47
	// 0 <nil>
}

func ExampleThreshold_Crossed() {
	t := feature.PercentOf(80)
	limit := decimal.NewFromInt(1000)
	for _, used := range []int64{800, 801, 1000} {
		fmt.Println(t.Crossed(decimal.NewFromInt(used-1), decimal.NewFromInt(used), limit))
	}
	// Output:
	// false
	// true
	// false
}

func ExampleWindowAt() {
	now := time.Date(2026, time.March, 8, 12, 0, 0, 0, time.UTC)
	day, err := feature.WindowAt(feature.Day, now, calendar.MustLoadZone("America/New_York"))
	fmt.Println(day, day.End.Sub(day.Start), err)
	// Output: [2026-03-08T05:00:00Z, 2026-03-09T04:00:00Z) 23h0m0s <nil>
}
