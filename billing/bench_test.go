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
// clamped to the month, exact decimals, one rounding per line, and the amounts of the
// tiers below summed up beforehand.
type carefulShopspring struct {
	base, seat decimal.Decimal
	tiers      []struct{ upTo, unit, above, below decimal.Decimal }
}

func newCareful() *carefulShopspring {
	d := decimal.RequireFromString
	c := &carefulShopspring{base: d("49.00"), seat: d("12.50")}
	above, below := decimal.Zero, decimal.Zero
	for _, t := range []struct{ upTo, unit string }{{"1000", "0.10"}, {"10000", "0.08"}, {"100000", "0.05"}, {"1e18", "0.0299"}} {
		upTo, unit := d(t.upTo), d(t.unit)
		c.tiers = append(c.tiers, struct{ upTo, unit, above, below decimal.Decimal }{upTo, unit, above, below})
		above, below = upTo, below.Add(upTo.Sub(above).Mul(unit))
	}
	return c
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
	return next, total.Add(c.usage(calls))
}

func (c *carefulShopspring) usage(calls decimal.Decimal) decimal.Decimal {
	for i := range c.tiers {
		if t := &c.tiers[i]; calls.LessThanOrEqual(t.upTo) {
			return t.below.Add(calls.Sub(t.above).Mul(t.unit)).Round(2)
		}
	}
	return decimal.Zero
}

// mixed are subscriptions of different ages, seats and usage.
type mixed struct {
	subs       [64]subscription.Subscription
	usage      [64]billing.Usage
	seats      [64]decimal.Decimal
	at         time.Time
	checkpoint billing.Checkpoint
}

func newMixed(tb testing.TB) *mixed {
	v := benchPlan()
	m := &mixed{at: time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC)}
	for i := range m.subs {
		m.subs[i] = benchSub(tb, v, i*37)
		m.seats[i] = decimal.NewFromInt(int64(i*37%200 + 1))
		m.usage[i] = billing.Usage{{Metric: "calls", At: m.at.Add(-time.Hour), Quantity: decimal.NewFromInt(int64(i*i*97 + 1))}}
	}
	m.checkpoint = billing.Checkpoint{ChargedThrough: m.at, LastCommand: 1}
	return m
}

func (m *mixed) next(b *testing.B, i int) {
	next, err := billing.Next(m.subs[i%64], m.usage[i%64], m.checkpoint, m.at)
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
		next, err := billing.Next(m.subs[i], m.usage[i], m.checkpoint, m.at)
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

// BenchmarkRenewalInvoice makes the invoice of one renewal with three lines and
// all ids, into the caller's buffer.
func BenchmarkRenewalInvoice(b *testing.B) {
	m := newMixed(b)
	to := m.at.AddDate(0, 1, 0)
	buffer := make([]billing.Invoice, 0, 4)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		made, _, err := billing.AppendInvoices(buffer[:0], m.subs[i%64], m.usage[i%64], m.checkpoint, to)
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
