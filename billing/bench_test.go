package billing_test

import (
	"fmt"
	"runtime"
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

// benchPlan has a base fee, seats and tiered usage, as the targets say.
func benchPlan() *plan.Version {
	d := decimal.RequireFromString
	upTo := func(s string) *decimal.Decimal { x := d(s); return &x }
	return plan.MustCompile(plan.Plan{
		ID: "team", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "base", Price: plan.FlatFee{Amount: d("49.00")}},
			{ID: "seats", Price: plan.PerUnit{UnitAmount: d("12.50")}},
			{ID: "calls", Metric: "calls", Price: plan.Tiered{Zero: plan.ZeroFree, Tiers: []plan.Tier{
				{UpTo: upTo("1000"), UnitAmount: d("0.10")},
				{UpTo: upTo("10000"), UnitAmount: d("0.08")},
				{UpTo: upTo("100000"), UnitAmount: d("0.05")},
				{UnitAmount: d("0.0299")},
			}}},
		},
	})
}

var benchStart = time.Date(2016, 1, 31, 9, 0, 0, 0, time.UTC)

func benchSub(tb testing.TB, v *plan.Version, i int) subscription.Subscription {
	tb.Helper()
	sub, err := subscription.New(subscription.Params{
		ID: subscription.ID(fmt.Sprintf("0198c0de-0000-7000-8000-%012d", i)), Plan: v,
		Start: benchStart.Add(time.Duration(i%86400) * time.Second), Quantity: subscription.Units(int64(i%200 + 1)),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return sub
}

// carefulShopspring is what a careful engineer writes today: the anchor's day
// clamped to the month, exact decimals, one rounding per line.
type carefulShopspring struct {
	base, seat decimal.Decimal
	tiers      []struct{ upTo, unit decimal.Decimal }
}

func newCareful() *carefulShopspring {
	d := decimal.RequireFromString
	return &carefulShopspring{base: d("49.00"), seat: d("12.50"), tiers: []struct{ upTo, unit decimal.Decimal }{
		{d("1000"), d("0.10")}, {d("10000"), d("0.08")}, {d("100000"), d("0.05")}, {decimal.Decimal{}, d("0.0299")},
	}}
}

func (c *carefulShopspring) next(anchor, at time.Time, seats, calls decimal.Decimal) (time.Time, decimal.Decimal) {
	months := (at.Year()-anchor.Year())*12 + int(at.Month()-anchor.Month())
	boundary := func(k int) time.Time {
		first := time.Date(anchor.Year(), anchor.Month()+time.Month(k), 1, anchor.Hour(), anchor.Minute(), anchor.Second(), 0, time.UTC)
		day := min(anchor.Day(), first.AddDate(0, 1, -1).Day())
		return first.AddDate(0, 0, day-1)
	}
	next := boundary(months)
	if !next.After(at) {
		next = boundary(months + 1)
	}
	total := c.base.Round(2).Add(c.seat.Mul(seats).Round(2))
	usage, below := decimal.Zero, decimal.Zero
	for i, t := range c.tiers {
		upTo := calls
		if i < len(c.tiers)-1 && t.upTo.LessThan(calls) {
			upTo = t.upTo
		}
		usage = usage.Add(upTo.Sub(below).Mul(t.unit))
		if upTo.Equal(calls) {
			break
		}
		below = t.upTo
	}
	return next, total.Add(usage.Round(2))
}

// mixed are subscriptions of different ages, seats and usage.
type mixed struct {
	subs   [64]subscription.Subscription
	usage  [64]billing.Usage
	seats  [64]decimal.Decimal
	at     time.Time
	ledger billing.Ledger
}

func newMixed(tb testing.TB) *mixed {
	v := benchPlan()
	m := &mixed{at: time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC)}
	for i := range m.subs {
		m.subs[i] = benchSub(tb, v, i*37)
		m.seats[i] = decimal.NewFromInt(int64(i*37%200 + 1))
		m.usage[i] = billing.Usage{{Metric: "calls", At: m.at.Add(-time.Hour), Quantity: decimal.NewFromInt(int64(i*i*97 + 1))}}
	}
	m.ledger = billing.Ledger{Through: m.at, Command: 1}
	return m
}

func (m *mixed) next(b *testing.B, i int) {
	next, err := billing.Next(m.subs[i%64], m.usage[i%64], m.ledger, m.at)
	if err != nil || next.At.IsZero() {
		b.Fatal(err)
	}
}

func (m *mixed) careful(b *testing.B, c *carefulShopspring, i int) {
	at, amount := c.next(m.subs[i%64].CreatedAt(), m.at, m.seats[i%64], m.usage[i%64][0].Quantity)
	if at.IsZero() || amount.IsZero() {
		b.Fatal("nothing due")
	}
}

func TestTheBaselineOfTheBenchmarkGivesTheSameAnswers(t *testing.T) {
	m, c := newMixed(t), newCareful()
	for i := range m.subs {
		next, err := billing.Next(m.subs[i], m.usage[i], m.ledger, m.at)
		require.NoError(t, err)
		at, amount := c.next(m.subs[i].CreatedAt(), m.at, m.seats[i], m.usage[i][0].Quantity)
		require.Equal(t, at, next.At)
		require.Equal(t, amount.StringFixed(2), next.Amount.Amount())
	}
}

func BenchmarkNext(b *testing.B) {
	m := newMixed(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.next(b, i)
	}
}

func BenchmarkNextShopspring(b *testing.B) {
	m, c := newMixed(b), newCareful()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.careful(b, c, i)
	}
}

// BenchmarkNextRatio times both by turns, so that a machine whose speed drifts
// slows them alike, and reports how many times faster Next is.
func BenchmarkNextRatio(b *testing.B) {
	m, c := newMixed(b), newCareful()
	const turn = 2000
	var ours, theirs time.Duration
	for range b.N {
		start := b.Elapsed()
		for i := range turn {
			m.next(b, i)
		}
		mid := b.Elapsed()
		for i := range turn {
			m.careful(b, c, i)
		}
		ours, theirs = ours+mid-start, theirs+b.Elapsed()-mid
	}
	b.ReportMetric(float64(theirs)/float64(ours), "x_baseline")
}

// BenchmarkRenewalInvoice makes the invoice of one renewal with three lines and
// all ids, into the caller's buffer.
func BenchmarkRenewalInvoice(b *testing.B) {
	m := newMixed(b)
	to := m.at.AddDate(0, 1, 0)
	buffer := make([]billing.Invoice, 0, 4)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		made, _, err := billing.AppendInvoices(buffer[:0], m.subs[i%64], m.usage[i%64], m.ledger, to)
		if err != nil || len(made) != 1 {
			b.Fatal(err, len(made))
		}
		id := made[0].ID()
		for j := range made[0].Lines {
			id = made[0].LineID(j)
		}
		_ = id
	}
}

// BenchmarkInvoicesByAge bills one new period after so many that were billed.
func BenchmarkInvoicesByAge(b *testing.B) {
	v := benchPlan()
	for _, periods := range []int{12, 120, 1200} {
		b.Run(fmt.Sprint(periods), func(b *testing.B) {
			sub := benchSub(b, v, 1)
			grid := sub.Segment(0).Grid()
			through, err := grid.Boundary(periods)
			if err != nil {
				b.Fatal(err)
			}
			to, err := grid.Boundary(periods + 1)
			if err != nil {
				b.Fatal(err)
			}
			ledger := billing.Ledger{Through: through, Command: 1}
			b.ReportAllocs()
			for b.Loop() {
				made, _, err := billing.Invoices(sub, nil, ledger, to)
				if err != nil || len(made) != 1 {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMillionShopspring is the baseline of BenchmarkMillion: the same questions
// of the same ages and quantities.
func BenchmarkMillionShopspring(b *testing.B) {
	const n = 1_000_000
	c := newCareful()
	at := time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC)
	calls := decimal.NewFromInt(12345)
	seats := make([]decimal.Decimal, 200)
	for i := range seats {
		seats[i] = decimal.NewFromInt(int64(i + 1))
	}
	for b.Loop() {
		for i := range n {
			if next, _ := c.next(benchStart.Add(time.Duration(i%86400)*time.Second), at, seats[i%200], calls); next.IsZero() {
				b.Fatal("nothing due")
			}
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/million")
}

// BenchmarkMillion asks for the next billing of a million subscriptions on one
// core, and reports their live heap.
func BenchmarkMillion(b *testing.B) {
	const n = 1_000_000
	v := benchPlan()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	subs := make([]subscription.Subscription, n)
	for i := range subs {
		subs[i] = benchSub(b, v, i)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	at := time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC)
	ledger := billing.Ledger{Through: at, Command: 1}
	usage := billing.Usage{{Metric: "calls", At: at.Add(-time.Hour), Quantity: decimal.NewFromInt(12345)}}
	for b.Loop() {
		for i := range subs {
			if _, err := billing.Next(subs[i], usage, ledger, at); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "heap_B/sub")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/million")
	runtime.KeepAlive(subs)
}
