package billing_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/subscription"
)

// metered is a subscription with so many records in the period that runs.
type metered struct {
	sub        subscription.Subscription
	checkpoint billing.Checkpoint
	from, to   time.Time
	usage      billing.Usage // in order
	shuffled   billing.Usage // the same records in no order
}

func newMetered(tb testing.TB, records int) metered {
	plain, err := subscription.New(subscription.Params{
		ID: "0198c0de-0000-7000-8000-000000000001", Plan: benchPlan(), Start: agedFrom, Quantity: subscription.Units(7),
	})
	require.NoError(tb, err)
	m := metered{sub: plain}
	m.from, m.to = boundaries(tb, plain, 12)
	m.checkpoint = billing.Checkpoint{ChargedThrough: m.from, LastCommand: plain.Version()}
	step := m.to.Sub(m.from) / time.Duration(records+1)
	m.usage = make(billing.Usage, records)
	for i := range m.usage {
		at := m.from.Add(time.Duration(i+1) * step).Truncate(time.Microsecond)
		m.usage[i] = billing.Record{Metric: "calls", At: at, Quantity: decimal.New(int64(100+i%900), -2)}
	}
	m.shuffled = append(billing.Usage(nil), m.usage...)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(records, func(i, j int) { m.shuffled[i], m.shuffled[j] = m.shuffled[j], m.shuffled[i] })
	return m
}

// nearly returns the records in order, but for one in a hundred, which comes up to a
// thousand places late.
func (m metered) nearly() billing.Usage {
	usage := append(billing.Usage(nil), m.usage...)
	random := rand.New(rand.NewPCG(3, 4))
	for range len(usage) / 100 {
		i := random.IntN(len(usage))
		j := min(i+1+random.IntN(1000), len(usage)-1)
		late := usage[i]
		copy(usage[i:j], usage[i+1:j+1])
		usage[j] = late
	}
	return usage
}

// arrived returns records as a service reads them: whatever their order, the quantities
// lie in memory one after another. Those of [metered.shuffled] lie anywhere.
func arrived(usage billing.Usage) billing.Usage {
	all := append(billing.Usage(nil), usage...)
	for i := range all {
		q := &all[i].Quantity
		*q = decimal.New(q.CoefficientInt64(), q.Exponent())
	}
	return all
}

// plain adds the quantities of a metric in the period by plain decimals: each record is
// asked for its metric and its instant, and nothing else.
func (m metered) plain(tb testing.TB, usage billing.Usage) {
	sum := decimal.Zero
	for i := range usage {
		if r := &usage[i]; r.Metric == "calls" && !r.At.Before(m.from) && r.At.Before(m.to) {
			sum = sum.Add(r.Quantity)
		}
	}
	if sum.IsZero() {
		tb.Fatal(sum)
	}
}

// invoices bills the period.
func (m metered) invoices(tb testing.TB, usage billing.Usage, options ...billing.Option) {
	made, _, err := billing.Invoices(m.sub, usage, m.checkpoint, m.to, options...)
	if err != nil || len(made) != 1 {
		tb.Fatal(err, len(made))
	}
}

// before returns the records a year earlier.
func (m metered) before() billing.Usage {
	var all billing.Usage
	for _, r := range m.usage {
		r.At = r.At.AddDate(-1, 0, 0)
		all = append(all, r)
	}
	return all
}

// replayed bills the period as part of all periods since the start.
func (m metered) replayed(tb testing.TB, usage billing.Usage) {
	made, _, err := billing.Invoices(m.sub, usage, billing.Checkpoint{}, m.to)
	if err != nil || len(made) == 0 {
		tb.Fatal(err, len(made))
	}
}

// BenchmarkUsage bills a period with a million records: in order, and in other orders.
func BenchmarkUsage(b *testing.B) {
	m := newMetered(b, 1_000_000)
	nearly := arrived(m.nearly())
	shuffled := arrived(m.shuffled)
	// Beside plain decimals that add the same records. Once in a turn, the garbage of the
	// additions is left to be collected after it; five times, most of it is collected in it.
	for name, times := range map[string]int{"beside-shopspring-once": 1, "beside-shopspring": 5} {
		b.Run(name, func(b *testing.B) {
			inTurn(b,
				contender{"ordered", times, func(int) { m.invoices(b, m.usage) }},
				contender{"shopspring", times, func(int) { m.plain(b, m.usage) }},
				contender{"scattered", times, func(int) { m.invoices(b, m.shuffled) }},
				contender{"shopspring-scattered", times, func(int) { m.plain(b, m.shuffled) }},
			)
		})
	}
	// Scattered: the quantities lie anywhere in memory. Read alone takes what no order of
	// the work can save: each quantity is loaded, and its digits are counted.
	b.Run("orders", func(b *testing.B) {
		inTurn(b,
			contender{"ordered", 3, func(int) { m.invoices(b, m.usage) }},
			contender{"promised", 3, func(int) { m.invoices(b, m.usage, billing.WithOrderedUsage()) }},
			contender{"nearly", 3, func(int) { m.invoices(b, nearly) }},
			contender{"shuffled", 3, func(int) { m.invoices(b, shuffled) }},
			contender{"scattered", 3, func(int) { m.invoices(b, m.shuffled) }},
			contender{"read-ordered", 3, func(int) { loaded(b, m.usage) }},
			contender{"read-scattered", 3, func(int) { loaded(b, m.shuffled) }},
		)
	})
	// From the start, as part of all periods.
	b.Run("replayed", func(b *testing.B) {
		inTurn(b,
			contender{"ordered", 3, func(int) { m.replayed(b, m.usage) }},
			contender{"nearly", 3, func(int) { m.replayed(b, nearly) }},
			contender{"shuffled", 3, func(int) { m.replayed(b, shuffled) }},
			contender{"scattered", 3, func(int) { m.replayed(b, m.shuffled) }},
		)
	})
	// Records of two metrics in turn.
	b.Run("two-metrics", func(b *testing.B) {
		sub, err := subscription.New(subscription.Params{ID: "sub", Plan: measuring(""), Start: agedFrom})
		require.NoError(b, err)
		two := m
		two.sub = sub
		two.usage, two.shuffled = arrived(m.usage), shuffled
		for i := range two.usage {
			if i%2 == 1 {
				two.usage[i].Metric, two.shuffled[i].Metric = "bytes", "bytes"
			}
		}
		inTurn(b,
			contender{"ordered", 3, func(int) { two.invoices(b, two.usage) }},
			contender{"shuffled", 3, func(int) { two.invoices(b, two.shuffled) }},
			contender{"replayed-ordered", 3, func(int) { two.replayed(b, two.usage) }},
			contender{"replayed-shuffled", 3, func(int) { two.replayed(b, two.shuffled) }},
		)
	})
	// A thousand records, beside the same with a million before them.
	b.Run("before-the-mark", func(b *testing.B) {
		few := newMetered(b, 1000)
		with := append(m.before(), few.usage...)
		inTurn(b,
			contender{"thousand", 500, func(int) { few.invoices(b, few.usage) }},
			contender{"after-a-million", 50, func(int) { few.invoices(b, with) }},
			contender{"after-a-million-in-order", 500, func(int) { few.invoices(b, with, billing.WithOrderedUsage()) }},
		)
	})
}

// loaded reads every quantity, and its number of digits.
func loaded(tb testing.TB, usage billing.Usage) {
	sum, digits := int64(0), 0
	for i := range usage {
		q := &usage[i].Quantity
		sum += q.CoefficientInt64()
		digits = max(digits, q.NumDigits())
	}
	if sum == 0 || digits > 18 {
		tb.Fatal(sum, digits)
	}
}
