package subscription_test

import (
	"fmt"
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

// BenchmarkVerbs builds a subscription by 1,000 verbs and by 10,000, and reports how many
// times longer the latter takes: ten would be exactly linear.
func BenchmarkVerbs(b *testing.B) {
	for what, deed := range deeds {
		b.Run(what, func(b *testing.B) {
			best := map[int]time.Duration{}
			for range 5 {
				for _, n := range []int{1000, 10_000} {
					s, err := subscription.New(subscription.Params{ID: "s", Plan: walkPlans.versions[plan.Ref{ID: "month", Version: 1}], Start: at("2026-01-31")})
					require.NoError(b, err)
					began := cpu(b)
					for i := range n {
						call := subscription.Call{At: at("2026-02-01").Add(time.Duration(i) * 5 * time.Hour), Actor: lifecycle.Operator, Key: fmt.Sprint("key ", i)}
						if next, err := deed(i)(s, call); err == nil {
							s = next
						}
					}
					if took := cpu(b) - began; best[n] == 0 || took < best[n] {
						best[n] = took
					}
				}
			}
			b.ReportMetric(float64(best[10_000])/float64(best[1000]), "of-10000-x")
			b.ReportMetric(float64(best[1000].Nanoseconds())/1000, "verb-ns")
			b.ReportMetric(0, "ns/op")
		})
	}
}
