package subscription_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// granting is a subscription to a plan with twenty features, in mid-period.
func granting(tb testing.TB) (subscription.Subscription, time.Time) {
	v := sold("many", "30", func(p *plan.Plan) {
		p.Features = feature.Set{}
		for i := range 5 {
			p.Features[feature.Key(fmt.Sprint("switch", i))] = feature.Grant{Kind: feature.Switch, Active: true}
			p.Features[feature.Key(fmt.Sprint("limit", i))] = feature.UpTo(int64(10 + i))
			p.Features[feature.Key(fmt.Sprint("daily", i))] = feature.Per(feature.Day, int64(10+i))
			p.Features[feature.Key(fmt.Sprint("period", i))] = feature.Per(feature.BillingPeriod, int64(10+i))
		}
	})
	s, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: at("2026-01-31")})
	require.NoError(tb, err)
	return s, at("2027-03-07T12:34:56Z")
}

// Resolving one feature of many looks at no other.
func TestOneFeatureIsResolvedByItself(t *testing.T) {
	s, now := granting(t)
	for _, key := range []feature.Key{"switch3", "limit3", "daily3", "period3", "none"} {
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() {
			if _, err := s.Entitlement(key, now); err != nil {
				t.Fatal(err)
			}
		}), 2.0, key)
	}
	all, err := s.Entitlements(now)
	require.NoError(t, err)
	for _, e := range all {
		one, err := s.Entitlement(e.Key(), now)
		require.NoError(t, err)
		require.True(t, e.Equal(one), e.Key())
	}
}

// BenchmarkEntitlement resolves one feature of twenty, beside a check of it. The two take
// turns, and the best of many is reported.
func BenchmarkEntitlement(b *testing.B) {
	s, now := granting(b)
	for _, key := range []feature.Key{"switch3", "limit3", "daily3", "period3"} {
		e, err := s.Entitlement(key, now)
		require.NoError(b, err)
		request := feature.Request{At: now, Amount: decimal.NewFromInt(1)}
		var u feature.QuotaUsage
		if key != "switch3" {
			u, _ = e.Consume(u, request)
		}
		const turns = 2000
		best := func(was time.Duration, do func()) time.Duration {
			began := cpu(b)
			for range turns {
				do()
			}
			if took := (cpu(b) - began) / turns; was == 0 || took < was {
				return took
			}
			return was
		}
		b.Run(string(key), func(b *testing.B) {
			var check, resolve time.Duration
			for range 25 {
				check = best(check, func() {
					if !e.Check(u, request).Allowed {
						b.Fatal("denied")
					}
				})
				resolve = best(resolve, func() {
					if _, err := s.Entitlement(key, now); err != nil {
						b.Fatal(err)
					}
				})
			}
			b.ReportMetric(float64(check.Nanoseconds()), "check-ns")
			b.ReportMetric(float64(resolve.Nanoseconds()), "resolve-ns")
			b.ReportMetric(float64(resolve)/float64(check), "resolve-x")
			b.ReportMetric(0, "ns/op")
		})
	}
}
