package subscription_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
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

// What the entitlements to a feature of a plan share, and what is computed only when it is
// asked for, tells the same as what is resolved for all features together, in any zone, up to
// the ends of time.
func TestOneFeatureIsResolvedAsAmongAll(t *testing.T) {
	t.Parallel()
	plain, _ := granting(t)
	for _, zone := range []string{"UTC", "America/New_York", "Pacific/Apia"} {
		for _, every := range []calendar.Interval{calendar.Days(1), calendar.Weeks(2), calendar.Months(1), calendar.Years(3), calendar.Years(10_000)} {
			p := plain.Segment(0).Version().Plan()
			p.Every = every
			v, err := plan.Compile(p)
			require.NoError(t, err)
			for _, start := range []string{"0001-01-03", "2011-11-30T09:59:59.25Z", "2026-01-31", "9995-02-28"} {
				s, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: at(start), Zone: calendar.MustLoadZone(zone)})
				if err != nil {
					require.ErrorIs(t, err, calendar.ErrRange)
					continue
				}
				for _, when := range []string{start, "2011-12-30T10:00:00Z", "2026-03-08T12:34:56.789Z", "2500-11-01T05:30:00Z", "9990-01-01", "9996-12-30", "9998-06-15", "9999-12-30T23:59:59Z", "9999-12-31T23:59:59.999999Z"} {
					now := at(when)
					all, allErr := s.Entitlements(now)
					for _, e := range all {
						one, err := s.Entitlement(e.Key(), now)
						require.NoError(t, err)
						require.True(t, e.Equal(one), "%s at %s", e.Key(), when)
						require.Equal(t, e.Until(), one.Until())
						want, err := e.MarshalJSON()
						require.NoError(t, err)
						got, err := one.MarshalJSON()
						require.NoError(t, err)
						require.JSONEq(t, string(want), string(got))
					}
					if allErr != nil {
						_, err := s.Entitlement("switch3", now)
						require.ErrorIs(t, err, calendar.ErrRange)
						require.ErrorContains(t, allErr, err.Error())
					}
				}
			}
		}
	}
}

// BenchmarkEntitlement resolves one feature of twenty, beside a check and a copy of what was
// resolved. A check is [feature.Entitlement.Check] of a use within the window that was
// resolved: it compares whole numbers and allocates nothing. A copy is the least that a
// result costs which its caller owns. They take turns, and the best of many is reported.
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
		var held *feature.Entitlement
		contenders := []struct {
			name string
			do   func()
		}{
			{"check", func() {
				if !e.Check(u, request).Allowed {
					b.Fatal("denied")
				}
			}},
			{"copy", func() {
				copied := *e
				held = &copied
			}},
			{"resolve", func() {
				if held, err = s.Entitlement(key, now); err != nil {
					b.Fatal(err)
				}
			}},
		}
		b.Run(string(key), func(b *testing.B) {
			const turns = 2000
			best := make([]time.Duration, len(contenders))
			for round := range 25 {
				for i, c := range contenders {
					began := cpu(b)
					for range turns {
						c.do()
					}
					if took := (cpu(b) - began) / turns; round == 0 || took < best[i] {
						best[i] = took
					}
				}
			}
			for i, c := range contenders {
				b.ReportMetric(float64(best[i].Nanoseconds()), c.name+"-ns")
			}
			b.ReportMetric(float64(best[2])/float64(best[0]), "checks")
			b.ReportMetric(float64(best[2])/float64(best[1]), "copies")
			b.ReportMetric(0, "ns/op")
			require.NotNil(b, held)
		})
	}
}
