package billing_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// measuring is a plan that rates usage in every way.
func measuring(count plan.UsageCount) *plan.Version {
	each := func(id, price string) plan.Charge {
		return plan.Charge{ID: id, Metric: id, Price: plan.PerUnit{UnitAmount: decimal.RequireFromString(price)}}
	}
	return plan.MustCompile(plan.Plan{
		ID: "measuring", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: plan.Policy{UsageCount: count},
		Metrics: []plan.Metric{{ID: "peak", Aggregation: plan.Max}, {ID: "seen", Aggregation: plan.Last}},
		Charges: []plan.Charge{each("calls", "0.01"), each("bytes", "0.002"), each("peak", "0.5"), each("seen", "0.25")},
	})
}

// many draws so many records of the metrics of measuring, each at an instant of its own, in
// order and in none.
func many(t *rapid.T, from time.Time, n int) (ordered, unordered billing.Usage) {
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7))
	metrics := rapid.SampledFrom([]string{"calls", "calls bytes", "calls bytes peak seen", "peak seen", "seen calls"}).Draw(t, "metrics")
	names := strings.Fields(metrics)
	places := rapid.IntRange(0, 4).Draw(t, "places")
	large := rapid.IntRange(0, 6).Draw(t, "large")
	gap := time.Duration(rapid.SampledFrom([]int64{1, 1000, 60_000_000, 7200_000_000}).Draw(t, "gap")) * time.Microsecond
	at := from
	for range n {
		at = at.Add(gap + time.Duration(random.Int64N(int64(gap)/1000+1))*time.Microsecond)
		q := decimal.New(random.Int64N(1000), -int32(random.IntN(places+1)))
		switch {
		case large == 1 && random.IntN(200) == 0:
			q = decimal.RequireFromString("1234567890123.4567890123")
		case large == 2:
			q = decimal.New(random.Int64N(1e17), 0)
		case large == 3 && random.IntN(100) == 0:
			q = decimal.New(random.Int64N(1e4), 3)
		case large == 4 && random.IntN(50) == 0:
			q = decimal.New(random.Int64N(1e17), -18)
		}
		ordered = append(ordered, billing.Record{Metric: names[random.IntN(len(names))], At: at, Quantity: q})
	}
	unordered = append(unordered, ordered...)
	if rapid.Bool().Draw(t, "shuffled") {
		random.Shuffle(n, func(i, j int) { unordered[i], unordered[j] = unordered[j], unordered[i] })
	} else {
		for range 1 + n/100 { // almost in order
			i, j := random.IntN(n), random.IntN(n)
			unordered[i], unordered[j] = unordered[j], unordered[i]
		}
	}
	return ordered, unordered
}

func TestARunTotalsUsageAsReadingItAllDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sub, err := subscription.New(subscription.Params{ID: "sub", Plan: measuring(""), Start: agedFrom})
		require.NoError(t, err)
		ordered, unordered := many(t, agedFrom, rapid.IntRange(1, 3000).Draw(t, "records"))
		checkpoint := billing.Checkpoint{}
		for range 4 {
			bound := func(label string) time.Time {
				r := ordered[rapid.IntRange(0, len(ordered)-1).Draw(t, label)]
				return r.At.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, label+" off")) * time.Microsecond)
			}
			from, to := bound("from"), bound("to")
			for _, usage := range []billing.Usage{ordered, unordered} {
				found, read, err := billing.TotalsOf(sub, usage, checkpoint, from, to)
				require.NoError(t, err)
				require.Equal(t, read, found)
			}
		}
	})
}

// What is billed does not depend on the order of the records, nor on what lies before the
// mark, nor on which way it is computed.
func TestTheOrderOfUsageDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.SampledFrom([]plan.UsageCount{plan.CountPerPrice, plan.CountAcross}).Draw(t, "count")
		sub, err := subscription.New(subscription.Params{ID: "sub", Plan: measuring(count), Start: agedFrom})
		require.NoError(t, err)
		for n := range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := agedFrom.AddDate(0, 0, 9*(n+1)).Add(5 * time.Hour)
			sub, err = sub.ChangePrice(operator(at), subscription.Immediately(), "calls", plan.PerUnit{UnitAmount: decimal.New(int64(2+n), -2)})
			require.NoError(t, err)
		}
		ordered, unordered := many(t, agedFrom, rapid.IntRange(1, 2000).Draw(t, "records"))
		checkpoint := billing.Checkpoint{}
		for months := 1; months <= 3; months++ {
			to := agedFrom.AddDate(0, months, rapid.IntRange(0, 20).Draw(t, "days"))
			want, next, err := billing.InvoicesByRun(sub, ordered, checkpoint, to)
			for what, usage := range map[string]billing.Usage{"ordered": ordered, "unordered": unordered, "promised": ordered} {
				var options []billing.Option
				if what == "promised" {
					options = append(options, billing.WithOrderedUsage())
				}
				for way, bill := range map[string]func(subscription.Subscription, billing.Usage, billing.Checkpoint, time.Time, ...billing.Option) ([]billing.Invoice, billing.Checkpoint, error){
					"run": billing.InvoicesByRun, "short": billing.Invoices,
				} {
					made, after, errMade := bill(sub, usage, checkpoint, to, options...)
					require.Equal(t, fmt.Sprint(err), fmt.Sprint(errMade), "%s %s", what, way)
					require.Len(t, made, len(want))
					for i := range made {
						require.True(t, billing.SameInvoice(want[i], made[i]), "%s %s: %v\n%v", what, way, want[i], made[i])
					}
					a, errA := next.MarshalJSON()
					b, errB := after.MarshalJSON()
					require.NoError(t, errA)
					require.NoError(t, errB)
					require.Equal(t, string(a), string(b), "%s %s", what, way)
				}
				one, errOne := billing.Next(sub, usage, checkpoint, to, options...)
				other, errOther := billing.NextByRun(sub, ordered, checkpoint, to)
				require.Equal(t, fmt.Sprint(errOther), fmt.Sprint(errOne), what)
				require.Equal(t, other, one, what)
			}
			if err != nil {
				return
			}
			checkpoint = next
		}
	})
}

// Records in order are found, not read: what lies before the mark may be anything, in any
// number. Among those that are read, one out of order is an error.
func TestUsageInOrderIsReadFromTheMarkOn(t *testing.T) {
	t.Parallel()
	m := newMetered(t, 600)
	old := m.before()
	for i := range old {
		old[i].Quantity = decimal.NewFromInt(-1)
		old[i].Metric = "\n"
	}
	want, after, err := billing.Invoices(m.sub, m.usage, m.checkpoint, m.to)
	require.NoError(t, err)
	for _, bill := range []func(subscription.Subscription, billing.Usage, billing.Checkpoint, time.Time, ...billing.Option) ([]billing.Invoice, billing.Checkpoint, error){
		billing.Invoices, billing.InvoicesByRun,
	} {
		with := append(append(billing.Usage(nil), old...), m.usage...)
		// Between the old ones the order is not read either.
		with[3], with[4] = with[4], with[3]
		made, next, err := bill(m.sub, with, m.checkpoint, m.to, billing.WithOrderedUsage())
		require.NoError(t, err)
		require.Equal(t, after, next)
		require.True(t, billing.SameInvoice(want[0], made[0]))

		with[len(with)-1], with[len(with)-2] = with[len(with)-2], with[len(with)-1]
		_, _, err = bill(m.sub, with, m.checkpoint, m.to, billing.WithOrderedUsage())
		require.ErrorIs(t, err, billing.ErrUsage)
		_, _, err = bill(m.sub, with, m.checkpoint, m.to)
		require.NoError(t, err)

		with[len(with)-3].Quantity = decimal.NewFromInt(-1)
		_, _, err = bill(m.sub, with, m.checkpoint, m.to, billing.WithOrderedUsage())
		require.ErrorContains(t, err, fmt.Sprintf("usage[%d].quantity", len(with)-3))
	}
}

// Records in no order are placed by their instants before each was judged: one that lies
// anywhere at all is refused as it is among few records.
func TestAnInstantOutOfAllBoundsIsRefusedInAnyOrder(t *testing.T) {
	t.Parallel()
	m := newMetered(t, 2000)
	for _, at := range []time.Time{
		time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-300_000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9500, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<55, 0), time.Unix(-1<<55, 0),
	} {
		for _, i := range []int{0, 7, 1000, 1999} {
			wild := billing.Record{Metric: "calls", At: at, Quantity: decimal.NewFromInt(1)}
			_, _, want := billing.Invoices(m.sub, billing.Usage{wild}, m.checkpoint, m.to)
			usage := append(billing.Usage(nil), m.shuffled...)
			usage[i] = wild
			for _, bill := range []func(subscription.Subscription, billing.Usage, billing.Checkpoint, time.Time, ...billing.Option) ([]billing.Invoice, billing.Checkpoint, error){
				billing.Invoices, billing.InvoicesByRun,
			} {
				_, _, err := bill(m.sub, usage, m.checkpoint, m.to)
				if want == nil {
					require.NoError(t, err, at)
					continue
				}
				require.EqualError(t, err, strings.ReplaceAll(want.Error(), "usage[0]", fmt.Sprintf("usage[%d]", i)))
			}
		}
	}
}

// Sums are kept by blocks: what a run allocates is a few bytes a block, not some a record.
func TestUsageIsTotalledWithoutAnAllocationForEachRecord(t *testing.T) {
	m := newMetered(t, 20_000)
	for what, bill := range map[string]func(){
		"in order": func() { m.invoices(t, m.usage) }, "in no order": func() { m.invoices(t, m.shuffled) },
		"a run": func() { m.replayed(t, m.usage) }, "a run in no order": func() { m.replayed(t, m.shuffled) },
	} {
		require.Less(t, testing.AllocsPerRun(2, bill), 700.0, what)
	}
}
