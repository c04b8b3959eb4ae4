package billing_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// totalled adds up records in order, as the documentation says: since the boundary, or since
// what changed last.
func totalled(t require.TestingT, sub subscription.Subscription, usage billing.Usage) billing.Usage {
	type stretch struct {
		metric          string
		period, changed int64
	}
	how := map[string]plan.Aggregation{"peak": plan.Max, "seen": plan.Last}
	places := map[stretch]int{}
	var all billing.Usage
	for _, r := range usage {
		seg := sub.Segment(sub.SegmentAt(r.At))
		p, err := seg.Grid().PeriodAt(r.At)
		require.NoError(t, err)
		key := stretch{r.Metric, p.Start.UnixMicro(), seg.From().UnixMicro()}
		i, ok := places[key]
		if !ok || how[r.Metric] == plan.Last {
			places[key] = len(all)
			all = append(all, r)
			continue
		}
		total := &all[i]
		switch how[r.Metric] {
		case plan.Max:
			total.Quantity = decimal.Max(total.Quantity, r.Quantity)
		case plan.Sum, plan.Last, "":
			total.Quantity = total.Quantity.Add(r.Quantity)
		}
	}
	return all
}

// until returns the records up to an instant.
func until(usage billing.Usage, to time.Time) billing.Usage {
	n := 0
	for n < len(usage) && !usage[n].At.After(to) {
		n++
	}
	return usage[:n]
}

// Totals bill the same as the records that they are of, run by run, and the checks of what
// came late or went missing agree.
func TestTotalsBillAsTheirRecordsDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.SampledFrom([]plan.UsageCount{plan.CountPerPrice, plan.CountAcross}).Draw(t, "count")
		zone := calendar.MustLoadZone(rapid.SampledFrom([]string{"UTC", "America/New_York", "Pacific/Apia"}).Draw(t, "zone"))
		sub, err := subscription.New(subscription.Params{ID: "sub", Plan: measuring(count), Start: agedFrom, Zone: zone})
		require.NoError(t, err)
		basis := rapid.SampledFrom([]calendar.Basis{calendar.ByDay, calendar.BySecond}).Draw(t, "basis")
		var usage billing.Usage
		at := agedFrom
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		for n := range rapid.IntRange(50, 400).Draw(t, "records") {
			at = at.Add(time.Duration(1+random.IntN(12*3600)) * time.Second)
			metric := []string{"calls", "bytes", "peak", "seen"}[random.IntN(4)]
			usage = append(usage, billing.Record{Metric: metric, At: at, Quantity: decimal.New(random.Int64N(500), -int32(n%3))})
		}
		checkpoint, other := billing.Checkpoint{}, billing.Checkpoint{}
		to, price := agedFrom, int64(2)
		for to.Before(at) {
			to = to.Add(time.Duration(1+random.IntN(40*24)) * time.Hour)
			given := until(usage, to)
			totals := totalled(t, sub, given)
			require.LessOrEqual(t, len(totals), len(given))
			made, next, err := billing.Invoices(sub, given, checkpoint, to)
			require.NoError(t, err)
			again, after, err := billing.Invoices(sub, totals, other, to)
			require.NoError(t, err)
			require.Len(t, again, len(made))
			for i := range made {
				require.True(t, billing.SameInvoice(made[i], again[i]), "%v\n%v", made[i], again[i])
			}
			require.Equal(t, next, after)
			if len(given) > 0 {
				late := given[random.IntN(len(given))]
				a, b := billing.CheckUsage(sub, next, late), billing.CheckUsage(sub, after, late)
				require.Equal(t, a, b)
				if errors.Is(a, billing.ErrLateUsage) {
					later := to.AddDate(0, 1, 0)
					_, _, errA := billing.Invoices(sub, append(given[:len(given):len(given)], late), next, later)
					_, _, errB := billing.Invoices(sub, append(totals[:len(totals):len(totals)], late), after, later)
					require.Equal(t, errA, errB)
				}
				_, _, errA := billing.Invoices(sub, nil, next, to.AddDate(0, 1, 0))
				_, _, errB := billing.Invoices(sub, billing.Usage{}, after, to.AddDate(0, 1, 0))
				require.Equal(t, errA, errB)
			}
			checkpoint, other = next, after
			if random.IntN(2) == 0 {
				price++
				call := operator(latest(to, sub.UpdatedAt()).Add(time.Duration(random.IntN(30)) * time.Hour))
				call.Policy.Basis = basis
				when := subscription.Immediately()
				if random.IntN(2) == 0 {
					call.Replace, when = true, subscription.On(call.At.Add(time.Duration(1+random.IntN(500))*time.Hour))
				}
				sub, err = sub.ChangePrice(call, when, "calls", plan.PerUnit{UnitAmount: decimal.New(price, -2)})
				require.NoError(t, err)
			}
		}
	})
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
