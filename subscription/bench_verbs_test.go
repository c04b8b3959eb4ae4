package subscription_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/lifecycle"
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

// BenchmarkVerbs builds ten subscriptions by 1,000 verbs each, and one by 10,000, and reports how
// many times longer the latter takes than one of the ten: ten would be exactly linear. Both do
// the same number of verbs and keep what they made, so that the garbage collector has as much to
// do for one as for the other.
func BenchmarkVerbs(b *testing.B) {
	for what, deed := range deeds {
		b.Run(what, func(b *testing.B) {
			const all = 10_000
			var best [2]time.Duration
			for round := range 5 {
				for i, n := range []int{1000, all} {
					runtime.GC()
					began := cpu(b)
					var made []subscription.Subscription
					for range all / n {
						made = append(made, longLife(b, deed, n))
					}
					if took := cpu(b) - began; round == 0 || took < best[i] {
						best[i] = took
					}
					runtime.KeepAlive(made)
				}
			}
			b.ReportMetric(10*float64(best[1])/float64(best[0]), "of-10000-x")
			b.ReportMetric(float64(best[0].Nanoseconds())/all, "verb-ns")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// longLife is a subscription of so many verbs.
func longLife(b *testing.B, deed func(int) act, n int) subscription.Subscription {
	s, err := subscription.New(subscription.Params{ID: "s", Plan: walkPlans.versions[plan.Ref{ID: "month", Version: 1}], Start: at("2026-01-31")})
	require.NoError(b, err)
	for i := range n {
		call := subscription.Call{At: at("2026-02-01").Add(time.Duration(i) * 5 * time.Hour), Actor: lifecycle.Operator, Key: fmt.Sprint("key ", i)}
		if next, err := deed(i)(s, call); err == nil {
			s = next
		}
	}
	return s
}
