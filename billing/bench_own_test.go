package billing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// ownBenchPlan has 20 charges of three intervals, in advance, in arrears and for usage.
func ownBenchPlan() *plan.Version {
	p := plan.Plan{ID: "many", Version: 1, Currency: money.USD, Every: calendar.Months(1)}
	for i := range 20 {
		c := plan.Charge{ID: fmt.Sprintf("charge-%02d", i), Price: plan.PerUnit{UnitAmount: decimal.New(int64(100+i), -2)}}
		switch i % 3 {
		case 1:
			c.Every = calendar.Months(3)
		case 2:
			c.Every = calendar.Years(1)
		}
		switch i {
		case 5:
			c.Timing = plan.Arrears
		case 6:
			c.Metric = "calls"
		}
		p.Charges = append(p.Charges, c)
	}
	return plan.MustCompile(p)
}

func ownBenchSub(tb testing.TB) (subscription.Subscription, billing.Checkpoint, time.Time) {
	tb.Helper()
	at := time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC)
	return benchSub(tb, ownBenchPlan(), 0), billing.Checkpoint{ChargedThrough: at, LastCommand: 1}, at
}

func TestTheManyChargesOfTheBenchmarkAreBilledTogether(t *testing.T) {
	sub, checkpoint, at := ownBenchSub(t)
	next, err := billing.Next(sub, nil, checkpoint, at)
	require.NoError(t, err)
	run, err := billing.NextByRun(sub, nil, checkpoint, at)
	require.NoError(t, err)
	require.Equal(t, run, next)
	require.True(t, billing.IsRenewalOfOwn(sub, checkpoint))
	require.Equal(t, time.Date(2026, 5, 31, 9, 0, 0, 0, time.UTC), next.At)
}

// The next billing of twenty charges of three intervals is to take at most six times as long as
// that of three charges of one: this is what the benchmark reports.
func BenchmarkNextOfTwentyChargesOfThreeIntervals(b *testing.B) {
	sub, checkpoint, at := ownBenchSub(b)
	m := newMixed(b)
	per := func(next func()) float64 {
		began := b.Elapsed()
		for range 20_000 {
			next()
		}
		return float64(b.Elapsed() - began)
	}
	best := 0.0
	for b.Loop() {
		many := per(func() {
			if next, err := billing.Next(sub, nil, checkpoint, at); err != nil || next.At.IsZero() {
				b.Fatal(err)
			}
		})
		i := 0
		three := per(func() { m.next(b, i); i++ })
		if ratio := many / three; best == 0 || ratio < best {
			best = ratio
		}
	}
	b.ReportMetric(best, "times-three-charges")
}
