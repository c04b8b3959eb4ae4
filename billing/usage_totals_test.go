package billing_test

import (
	"errors"
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

// totalled adds up records in order, as the documentation says: each civil day by itself,
// and divided at boundaries and at the instants of commands.
func totalled(t require.TestingT, sub subscription.Subscription, usage billing.Usage) billing.Usage {
	type stretch struct {
		metric   string
		year     int
		month    time.Month
		day      int
		period   int64
		commands int
	}
	how := map[string]plan.Aggregation{"peak": plan.Max, "seen": plan.Last}
	places := map[stretch]int{}
	var all billing.Usage
	for _, r := range usage {
		seg := sub.Segment(sub.SegmentAt(r.At))
		p, err := seg.Grid().PeriodAt(r.At)
		require.NoError(t, err)
		y, m, d := r.At.In(sub.Zone().Location()).Date()
		key := stretch{r.Metric, y, m, d, p.Start.UnixMicro(), sub.LastCommand(r.At)}
		i, ok := places[key]
		if !ok {
			places[key] = len(all)
			all = append(all, r)
			continue
		}
		total := &all[i]
		switch how[r.Metric] {
		case plan.Max:
			total.Quantity = decimal.Max(total.Quantity, r.Quantity)
		case plan.Last:
			total.Quantity = r.Quantity
		case plan.Sum, "":
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
		for n := range rapid.IntRange(1, 400).Draw(t, "records") {
			at = at.Add(time.Duration(rapid.IntRange(1, 12*3600).Draw(t, "seconds")) * time.Second)
			metric := rapid.SampledFrom([]string{"calls", "bytes", "peak", "seen"}).Draw(t, "metric")
			usage = append(usage, billing.Record{Metric: metric, At: at, Quantity: decimal.New(rapid.Int64Range(0, 500).Draw(t, "quantity"), -int32(n%3))})
		}
		checkpoint, other := billing.Checkpoint{}, billing.Checkpoint{}
		to, price := agedFrom, int64(2)
		for to.Before(at) {
			to = to.Add(time.Duration(rapid.IntRange(1, 40*24).Draw(t, "hours")) * time.Hour)
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
				late := given[rapid.IntRange(0, len(given)-1).Draw(t, "late")]
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
			if rapid.Bool().Draw(t, "change") {
				price++
				call := operator(latest(to, sub.UpdatedAt()).Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "after")) * time.Hour))
				call.Policy.Basis = basis
				sub, err = sub.ChangePrice(call, subscription.Immediately(), "calls", plan.PerUnit{UnitAmount: decimal.New(price, -2)})
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
