package billing_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// cpu is the processor time of the process so far.
func cpu(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// A contender is what is timed beside others, so many times in a turn.
type contender struct {
	name  string
	turns int
	do    func(i int)
}

// inTurn times contenders by turns in one process, by processor time, so that a machine
// whose speed drifts slows them alike, and reports for each the best of five turns: in
// nanoseconds, and as a multiple of the first. What a contender left to be collected is
// collected before the next one's turn.
func inTurn(b *testing.B, all ...contender) {
	best := make([]time.Duration, len(all))
	for round := 0; round < 5 || round < b.N && round < 25; round++ {
		for i, c := range all {
			runtime.GC()
			start := cpu(b)
			for n := range c.turns {
				c.do(n)
			}
			if took := (cpu(b) - start) / time.Duration(c.turns); round == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	for i, c := range all {
		b.ReportMetric(float64(best[i].Nanoseconds()), c.name+"-ns")
		if i > 0 {
			b.ReportMetric(float64(best[i])/float64(best[0]), c.name+"-x")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// aged is a subscription with a history, and how it was billed through an instant.
type aged struct {
	sub        subscription.Subscription
	checkpoint billing.Checkpoint
	usage      billing.Usage
	at         time.Time
}

func (a aged) next(tb testing.TB) billing.NextInvoice {
	next, err := billing.Next(a.sub, a.usage, a.checkpoint, a.at)
	if err != nil || next.At.IsZero() {
		tb.Fatal(err)
	}
	return next
}

var (
	agedFrom = time.Date(2016, 1, 1, 9, 0, 0, 0, time.UTC)
	agedAt   = time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
)

// histories are subscriptions of ten years that differ in what was done to them; the
// first is plain.
func histories(tb testing.TB) map[string]aged {
	must := func(sub subscription.Subscription, err error) subscription.Subscription {
		require.NoError(tb, err)
		return sub
	}
	units := decimal.NewFromInt
	v := benchPlan()
	plain := must(subscription.New(subscription.Params{ID: "0198c0de-0000-7000-8000-000000000001", Plan: v, Start: agedFrom, Quantity: subscription.Units(7)}))
	percent := decimal.NewFromInt(10)
	early := operator(agedFrom.AddDate(0, 1, 3))
	ends, thousand, daily := plain, plain, plain
	for k := range 120 {
		at := agedFrom.AddDate(0, k, 4)
		ends = must(ends.ChangeQuantity(operator(at), subscription.AtPeriodEnd(), "seats", units(int64(8+k%2))))
	}
	for k := range 999 {
		thousand = must(thousand.ChangeQuantity(operator(agedFrom.AddDate(0, 0, k+1)), subscription.Immediately(), "seats", units(int64(8+k%2))))
	}
	for k := range 1825 {
		daily = must(daily.ChangeQuantity(operator(agedAt.AddDate(0, 0, k-1825)), subscription.Immediately(), "seats", units(int64(8+k%2))))
	}
	subs := map[string]subscription.Subscription{
		"plain":          plain,
		"one-off":        must(plain.AddOneOff(early, subscription.OneOff{ID: "setup", Amount: money.FromMinor(5000, money.USD)})),
		"once-used":      must(plain.AddDiscount(early, plan.Discount{ID: "once", Percent: &percent, Duration: plan.OnceOnly})),
		"cycles-used":    must(plain.AddDiscount(early, plan.Discount{ID: "three", Percent: &percent, Duration: plan.ForCycles, Cycles: 3})),
		"forever":        must(plain.AddDiscount(early, plan.Discount{ID: "forever", Percent: &percent, Duration: plan.Forever})),
		"120-at-ends":    ends,
		"1000-segments":  thousand,
		"1825-days":      daily,
		"plain-in-parts": must(plain.ChangeQuantity(operator(agedAt.AddDate(0, 0, -5)), subscription.Immediately(), "seats", units(9))),
	}
	all := map[string]aged{}
	for name, sub := range subs {
		at := agedAt
		if name == "120-at-ends" {
			at = agedFrom.AddDate(10, 0, 5)
		}
		_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, at)
		require.NoError(tb, err)
		usage := billing.Usage{{Metric: "calls", At: at.Add(-time.Hour), Quantity: units(12345)}}
		all[name] = aged{sub, checkpoint, usage, at}
	}
	return all
}

// BenchmarkHistory asks for the next billing of subscriptions with a history, each
// beside the plain one.
func BenchmarkHistory(b *testing.B) {
	all := histories(b)
	for _, name := range []string{"one-off", "once-used", "cycles-used", "120-at-ends", "1000-segments", "1825-days", "plain-in-parts", "forever"} {
		b.Run(name, func(b *testing.B) {
			ask := func(a aged) func(int) { return func(int) { a.next(b) } }
			inTurn(b, contender{"plain", 20000, ask(all["plain"])}, contender{"history", 20000, ask(all[name])})
		})
	}
}

// What a question costs is asserted without a clock: how many segments and boundaries
// are looked at does not grow with the history.
func TestWhatIsLookedAtDoesNotGrowWithTheHistory(t *testing.T) {
	t.Parallel()
	for name, a := range histories(t) {
		visited, err := billing.Visited(a.sub, a.usage, a.checkpoint, a.at)
		require.NoError(t, err)
		require.LessOrEqual(t, visited, 8+34, name) // a month of daily changes lies in the period
		if name != "1825-days" {
			require.LessOrEqual(t, visited, 8, name)
		}
	}
	for _, periods := range []int{12, 120, 1200} {
		for name, sub := range ageless(t) {
			through, to := boundaries(t, sub, periods)
			checkpoint := billing.Checkpoint{ChargedThrough: through, LastCommand: sub.LastCommand(through)}
			visited, err := billing.VisitedBilling(sub, nil, checkpoint, to)
			require.NoError(t, err)
			require.LessOrEqual(t, visited, 8, "%s after %d periods", name, periods)
		}
	}
}

// ageless are subscriptions that go on and on, with something in their history.
func ageless(tb testing.TB) map[string]subscription.Subscription {
	must := func(sub subscription.Subscription, err error) subscription.Subscription {
		require.NoError(tb, err)
		return sub
	}
	plain := must(subscription.New(subscription.Params{ID: "0198c0de-0000-7000-8000-000000000001", Plan: benchPlan(), Start: agedFrom, Quantity: subscription.Units(7)}))
	percent, amount := decimal.NewFromInt(10), money.FromMinor(500, money.USD)
	early := operator(agedFrom.AddDate(0, 0, 3))
	return map[string]subscription.Subscription{
		"plain":         plain,
		"one-off":       must(plain.AddOneOff(early, subscription.OneOff{ID: "setup", Amount: amount})),
		"forever":       must(plain.AddDiscount(early, plan.Discount{ID: "forever", Percent: &percent, Duration: plan.Forever})),
		"forever-fixed": must(plain.AddDiscount(early, plan.Discount{ID: "forever", Amount: &amount, Duration: plan.Forever})),
		"change":        must(plain.ChangeQuantity(early, subscription.Immediately(), "seats", decimal.NewFromInt(9))),
	}
}

func boundaries(tb testing.TB, sub subscription.Subscription, periods int) (through, to time.Time) {
	grid := sub.Segment(0).Grid()
	through, err := grid.Boundary(periods)
	require.NoError(tb, err)
	to, err = grid.Boundary(periods + 1)
	require.NoError(tb, err)
	return through, to
}

// BenchmarkInvoicesByAge bills one new period after so many that were billed.
func BenchmarkInvoicesByAge(b *testing.B) {
	for name, sub := range ageless(b) {
		b.Run(name, func(b *testing.B) {
			var all []contender
			for _, periods := range []int{12, 120, 1200} {
				through, to := boundaries(b, sub, periods)
				checkpoint := billing.Checkpoint{ChargedThrough: through, LastCommand: sub.LastCommand(through)}
				all = append(all, contender{fmt.Sprint(periods), 3000, func(int) {
					made, _, err := billing.Invoices(sub, nil, checkpoint, to)
					if err != nil || len(made) != 1 {
						b.Fatal(err)
					}
				}})
			}
			inTurn(b, all...)
		})
	}
}

// BenchmarkNextBesideShopspring is the next billing beside what a careful engineer
// writes with plain decimals.
func BenchmarkNextBesideShopspring(b *testing.B) {
	m, c := newMixed(b), newCareful()
	inTurn(b,
		contender{"next", 20000, func(i int) { m.next(b, i) }},
		contender{"shopspring", 20000, func(i int) { m.careful(b, c, i) }},
	)
}

// BenchmarkRenewalBesideUUID makes the invoice of a renewal with three lines and its
// four ids, beside plain decimals with ids by google/uuid.
func BenchmarkRenewalBesideUUID(b *testing.B) {
	m, c := newMixed(b), newCareful()
	to := m.at.AddDate(0, 1, 0)
	buffer := make([]billing.Invoice, 0, 4)
	var lines [3]carefulLine
	inTurn(b,
		contender{"renewal", 5000, func(i int) {
			made, _, err := billing.AppendInvoices(buffer[:0], m.subs[i%64], m.usage[i%64], m.checkpoint, to)
			if err != nil || len(made) != 1 {
				b.Fatal(err, len(made))
			}
			id := made[0].ID()
			for j := range made[0].Lines {
				id = made[0].LineID(j)
			}
			if id == uuid.Nil {
				b.Fatal("no id")
			}
		}},
		contender{"uuid", 5000, func(i int) {
			sub := m.subs[i%64]
			if id := c.invoice(lines[:], string(sub.ID()), sub.CreatedAt(), m.at, m.seats[i%64], m.usage[i%64][0].Quantity); id == uuid.Nil {
				b.Fatal("no id")
			}
		}},
	)
}

// A carefulLine is a line of an invoice by plain decimals.
type carefulLine struct {
	charge   string
	from, to time.Time
	amount   decimal.Decimal
	id       uuid.UUID
}

// invoice makes the lines of a renewal and derives its ids by name.
func (c *carefulShopspring) invoice(lines []carefulLine, sub string, anchor, at time.Time, seats, calls decimal.Decimal) uuid.UUID {
	next, _ := c.next(anchor, at, seats, calls)
	before, _ := c.next(anchor, next.AddDate(0, 0, -40), seats, calls)
	after, _ := c.next(anchor, next, seats, calls)
	lines[0] = carefulLine{charge: "calls", from: before, to: next, amount: c.usage(calls)}
	lines[1] = carefulLine{charge: "base", from: next, to: after, amount: c.base.Round(2)}
	lines[2] = carefulLine{charge: "seats", from: next, to: after, amount: c.seat.Mul(seats).Round(2)}
	total := decimal.Zero
	for i := range lines {
		l := &lines[i]
		total = total.Add(l.amount)
		l.id = uuid.NewSHA1(billing.Namespace(), []byte(sub+"/charge/"+l.charge+"/"+l.from.Format(time.RFC3339)+"/"+l.to.Format(time.RFC3339)))
	}
	if total.IsZero() {
		return uuid.Nil
	}
	return uuid.NewSHA1(billing.Namespace(), []byte(sub+"/invoice/"+next.Format(time.RFC3339)))
}
