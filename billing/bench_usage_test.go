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
	usage      billing.Usage
	shuffled   billing.Usage
	to         time.Time
}

func newMetered(tb testing.TB, records int) metered {
	plain, err := subscription.New(subscription.Params{
		ID: "0198c0de-0000-7000-8000-000000000001", Plan: benchPlan(), Start: agedFrom, Quantity: subscription.Units(7),
	})
	require.NoError(tb, err)
	m := metered{sub: plain}
	through, to := boundaries(tb, plain, 12)
	m.checkpoint = billing.Checkpoint{ChargedThrough: through, LastCommand: plain.Version()}
	m.to = to
	step := to.Sub(through) / time.Duration(records+1)
	m.usage = make(billing.Usage, records)
	for i := range m.usage {
		at := through.Add(time.Duration(i+1) * step).Truncate(time.Microsecond)
		m.usage[i] = billing.Record{Metric: "calls", At: at, Quantity: decimal.New(int64(100+i%900), -2)}
	}
	m.shuffled = append(billing.Usage(nil), m.usage...)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(records, func(i, j int) { m.shuffled[i], m.shuffled[j] = m.shuffled[j], m.shuffled[i] })
	return m
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
	if err != nil || len(made) != 14 {
		tb.Fatal(err, len(made))
	}
}

// BenchmarkUsage bills a period with a million records, beside what it takes to add their
// quantities with plain decimals: in order, in no order, and by a run from the start; then
// one with a thousand records beside the same with a million before them.
func BenchmarkUsage(b *testing.B) {
	m := newMetered(b, 1_000_000)
	b.Run("million", func(b *testing.B) {
		inTurn(b,
			contender{"shopspring", 1, func(int) {
				sum := decimal.Zero
				for i := range m.usage {
					sum = sum.Add(m.usage[i].Quantity)
				}
				if sum.IsZero() {
					b.Fatal(sum)
				}
			}},
			contender{"ordered", 1, func(int) { m.invoices(b, m.usage) }},
			contender{"unordered", 1, func(int) { m.invoices(b, m.shuffled) }},
			contender{"run", 1, func(int) { m.replayed(b, m.usage) }},
			contender{"run-unordered", 1, func(int) { m.replayed(b, m.shuffled) }},
		)
	})
	b.Run("before-the-mark", func(b *testing.B) {
		few := newMetered(b, 1000)
		with := append(newMetered(b, 1_000_000).before(), few.usage...)
		inTurn(b,
			contender{"thousand", 500, func(int) { few.invoices(b, few.usage) }},
			contender{"after-a-million", 50, func(int) { few.invoices(b, with) }},
			contender{"after-a-million-in-order", 500, func(int) { few.invoices(b, with, billing.WithOrderedUsage()) }},
		)
	})
}
