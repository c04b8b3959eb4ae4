package billing_test

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// BenchmarkMillion asks what a service asks of all its subscriptions: when each is billed
// next and how much, and the invoices of a month. They are held as values, or read from
// documents and written back, on one core and on two. Run it with
//
//	go test ./billing -run xxx -bench Million -benchtime 1x -timeout 2h
//
// Values are plain subscriptions: those with long histories would not fit into the memory
// of a small machine, and cost the same (BenchmarkHistory). Documents are mixed, half of
// them without commands, 30 % with 5, 15 % with 20 and 5 % with 100; there are 10,000
// different ones, which are more than caches hold, and each is read as often as it takes.
func BenchmarkMillion(b *testing.B) {
	for _, n := range []int{1_000_000, 5_000_000} {
		size := fmt.Sprintf("%dM", n/1_000_000)
		b.Run("values/"+size, func(b *testing.B) {
			fleet, heap := newFleet(b, n)
			for _, cores := range []int{1, 2} {
				b.Run(fmt.Sprintf("next/cores=%d", cores), func(b *testing.B) {
					overAll(b, n, cores, fleet.next)
					b.ReportMetric(heap, "heap_B/sub")
				})
				b.Run(fmt.Sprintf("month/cores=%d", cores), func(b *testing.B) { overAll(b, n, cores, fleet.month) })
			}
			runtime.KeepAlive(fleet)
		})
	}
	rows := newRows(b)
	for _, n := range []int{1_000_000, 5_000_000} {
		for _, cores := range []int{1, 2} {
			at := fmt.Sprintf("/%dM/cores=%d", n/1_000_000, cores)
			b.Run("documents/next"+at, func(b *testing.B) { overAll(b, n, cores, rows.next) })
			b.Run("documents/month"+at, func(b *testing.B) { overAll(b, n, cores, rows.month) })
		}
	}
}

// BenchmarkMillionShopspring asks for the next billing of a million by plain decimals,
// which is all that they say.
func BenchmarkMillionShopspring(b *testing.B) {
	c := newCareful()
	at, calls := millionAt, decimal.NewFromInt(12345)
	seats := make([]decimal.Decimal, 200)
	for i := range seats {
		seats[i] = decimal.NewFromInt(int64(i + 1))
	}
	overAll(b, 1_000_000, 1, func(b *testing.B, from, to int) {
		for i := from; i < to; i++ {
			if next, _ := c.next(benchStart.Add(time.Duration(i%86400)*time.Second), at, seats[i%200], calls); next.IsZero() {
				b.Error("nothing due")
			}
		}
	})
}

// BenchmarkHeap reports what a subscription with a number of commands keeps in memory.
func BenchmarkHeap(b *testing.B) {
	for _, commands := range []int{0, 5, 20, 100} {
		b.Run(fmt.Sprintf("commands=%d", commands), func(b *testing.B) {
			const n = 2000
			v, larger := benchPlan(), largerPlan()
			var heap float64
			for b.Loop() {
				subs := make([]subscription.Subscription, n)
				before := liveHeap()
				for i := range subs {
					subs[i] = mixedSub(b, v, larger, i, commands)
				}
				heap = (liveHeap() - before) / n
				runtime.KeepAlive(subs)
			}
			b.ReportMetric(heap, "heap_B/sub")
		})
	}
}

var millionAt = time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC)

// overAll lets workers, as many as there are cores, share n subscriptions, and reports the
// time and the processor time of one, and the part of it that the garbage collector took.
func overAll(b *testing.B, n, cores int, work func(b *testing.B, from, to int)) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	runtime.GC()
	collected, used := collector(), cpu(b)
	for b.Loop() {
		var wait sync.WaitGroup
		for k := range cores {
			wait.Go(func() { work(b, n/cores*k, n/cores*(k+1)) })
		}
		wait.Wait()
	}
	spent := cpu(b) - used
	all := float64(n) * float64(b.N)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/all, "ns/sub")
	b.ReportMetric(float64(spent.Nanoseconds())/all, "cpu-ns/sub")
	b.ReportMetric(100*(collector()-collected)/spent.Seconds(), "gc-%")
	b.ReportMetric(0, "ns/op")
}

// collector returns the processor time of the garbage collector so far, in seconds.
func collector() float64 {
	sample := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(sample)
	return sample[0].Value.Float64()
}

func liveHeap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// A fleet is many plain subscriptions, which were billed up to millionAt.
type fleet struct {
	subs       []subscription.Subscription
	usage      billing.Usage
	checkpoint billing.Checkpoint
}

func newFleet(b *testing.B, n int) (f fleet, heap float64) {
	v := benchPlan()
	f.subs = make([]subscription.Subscription, n)
	before := liveHeap()
	for i := range f.subs {
		f.subs[i] = benchSub(b, v, i)
	}
	heap = (liveHeap() - before) / float64(n)
	f.checkpoint = billing.Checkpoint{ChargedThrough: millionAt, LastCommand: 1}
	f.usage = billing.Usage{{Metric: "calls", At: millionAt.Add(-time.Hour), Quantity: decimal.NewFromInt(12345)}}
	return f, heap
}

func (f *fleet) next(b *testing.B, from, to int) {
	for i := from; i < to; i++ {
		if next, err := billing.Next(f.subs[i], f.usage, f.checkpoint, millionAt); err != nil || next.At.IsZero() {
			b.Error("no next billing", err)
			return
		}
	}
}

func (f *fleet) month(b *testing.B, from, to int) {
	until := millionAt.AddDate(0, 1, 0)
	buffer := make([]billing.Invoice, 0, 4)
	for i := from; i < to; i++ {
		made, next, err := billing.AppendInvoices(buffer[:0], f.subs[i], f.usage, f.checkpoint, until)
		if err != nil || len(made) != 1 || next.ChargedThrough.IsZero() {
			b.Error("no invoice", err)
			return
		}
	}
}

func largerPlan() *plan.Version {
	p := benchPlan().Plan()
	p.Version = 2
	return plan.MustCompile(p)
}

// mixedSub is a subscription of ten years with a number of commands of several kinds.
func mixedSub(tb testing.TB, v, larger *plan.Version, i, commands int) subscription.Subscription {
	sub, percent, larged := benchSub(tb, v, i), decimal.NewFromInt(10), false
	for k := 0; sub.Version() <= commands; k++ {
		call := subscription.Call{At: sub.CreatedAt().AddDate(0, 0, 3+(k*3600+i)/(commands+1)), Actor: lifecycle.Operator, Key: fmt.Sprintf("req-%d-%d", i, k)}
		var err error
		switch (k + i) % 6 {
		case 0, 1:
			sub, err = sub.ChangeQuantity(call, subscription.Immediately(), "seats", decimal.NewFromInt(int64(1+(k*7+i)%60)))
		case 2:
			sub, err = sub.AddOneOff(call, subscription.OneOff{ID: "setup", Name: "Setup", Amount: money.FromMinor(int64(5000+i), money.USD)})
		case 3:
			to := larger
			if larged {
				to = v
			}
			larged = !larged
			sub, err = sub.ChangePlan(call, subscription.Immediately(), to)
		case 4:
			sub, err = sub.AddDiscount(call, plan.Discount{ID: fmt.Sprintf("spring-%d", k), Percent: &percent, Duration: plan.OnceOnly})
		case 5:
			call.Policy.ChangeCredit = plan.CreditNone
			sub, err = sub.ChangeQuantity(call, subscription.AtPeriodEnd(), "seats", decimal.NewFromInt(int64(1+(k*11+i)%60)))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return sub
}

// rows are what a service stores of subscriptions, and the usage that is still to bill.
type rows struct {
	catalog *plan.Catalog
	all     []storedRow
}

type storedRow struct {
	subscription, checkpoint []byte
	usage                    billing.Usage
}

func newRows(b *testing.B) *rows {
	v, larger := benchPlan(), largerPlan()
	r := &rows{catalog: plan.MustCatalog(v.Plan(), larger.Plan()), all: make([]storedRow, 10_000)}
	for i := range r.all {
		commands := 0
		switch i % 20 {
		case 1, 4, 7, 10, 13, 16:
			commands = 5
		case 2, 8, 14:
			commands = 20
		case 5:
			commands = 100
		}
		sub := mixedSub(b, v, larger, i, commands)
		_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, millionAt)
		require.NoError(b, err)
		row := &r.all[i]
		row.usage = billing.Usage{{Metric: "calls", At: millionAt.Add(time.Hour), Quantity: decimal.NewFromInt(int64(i*i%20011 + 1))}}
		row.subscription, err = sub.AppendJSON(nil)
		require.NoError(b, err)
		row.checkpoint, err = checkpoint.AppendJSON(nil)
		require.NoError(b, err)
	}
	return r
}

// read decodes what is stored of subscription i.
func (r *rows) read(i int) (sub subscription.Subscription, checkpoint billing.Checkpoint, usage billing.Usage, err error) {
	row := &r.all[i%len(r.all)]
	if sub, err = subscription.Decode(row.subscription, r.catalog); err == nil {
		err = checkpoint.UnmarshalJSON(row.checkpoint)
	}
	return sub, checkpoint, row.usage, err
}

func (r *rows) next(b *testing.B, from, to int) {
	for i := from; i < to; i++ {
		sub, checkpoint, usage, err := r.read(i)
		if err != nil {
			b.Error(err)
			return
		}
		if next, err := billing.Next(sub, usage, checkpoint, millionAt); err != nil || next.At.IsZero() {
			b.Error("no next billing", err)
			return
		}
	}
}

// month reads, bills, and writes the invoice, what is stored of its lines, and the checkpoint.
func (r *rows) month(b *testing.B, from, to int) {
	until := millionAt.AddDate(0, 1, 0)
	buffer := make([]billing.Invoice, 0, 4)
	var document []byte
	for i := from; i < to; i++ {
		sub, checkpoint, usage, err := r.read(i)
		if err != nil {
			b.Error(err)
			return
		}
		made, next, err := billing.AppendInvoices(buffer[:0], sub, usage, checkpoint, until)
		if err != nil || len(made) == 0 {
			b.Error("no invoice", err)
			return
		}
		document = document[:0]
		for k := range made {
			document, err = made[k].AppendJSON(document)
			for _, line := range made[k].StoredLines() {
				if err == nil {
					document, err = line.AppendJSON(document)
				}
			}
		}
		if err == nil {
			document, err = next.AppendJSON(document)
		}
		if err != nil {
			b.Error(err)
			return
		}
	}
}
