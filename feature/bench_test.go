package feature_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

// benchCases are the common kinds, each with a usage in the middle of its limit.
func benchCases(b *testing.B) map[string]*feature.Entitlement {
	b.Helper()
	at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	watched := feature.Per(feature.Day, 1_000_000_000_000)
	watched.Thresholds = []feature.Threshold{feature.PercentOf(80), feature.PercentOf(100)}
	plan := feature.Set{
		"switch":           feature.On(),
		"limit":            feature.UpTo(1_000_000_000_000),
		"day":              watched,
		"day in a zone":    feature.Per(feature.Day, 1_000_000_000_000),
		"billing period":   feature.Per(feature.BillingPeriod, 1_000_000_000_000),
		"unlimited":        feature.Per(feature.Month, 0).Endless(),
		"denied by limit":  feature.Per(feature.Day, 0),
		"denied by switch": {Kind: feature.Switch},
	}
	all := make(map[string]*feature.Entitlement, len(plan))
	for k := range plan {
		terms := feature.Terms{At: at, Period: calendar.Period{Start: at.AddDate(0, 0, -1), End: at.AddDate(0, 1, -1)}}
		if k == "day in a zone" {
			terms.Zone = calendar.MustLoadZone("America/New_York")
		}
		e, err := feature.Resolve(k, plan, nil, terms)
		require.NoError(b, err)
		all[string(k)] = e
	}
	return all
}

func BenchmarkCheck(b *testing.B) {
	at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	one := decimal.NewFromInt(1)
	for name, e := range benchCases(b) {
		b.Run(name, func(b *testing.B) {
			use, _ := e.Consume(feature.QuotaUsage{}, feature.Request{Amount: decimal.NewFromInt(3), At: at})
			b.ReportAllocs()
			for b.Loop() {
				d := e.Check(use, feature.Request{Amount: one, At: at})
				if d.Why == "" {
					b.Fatal("no answer")
				}
			}
		})
	}
}

func BenchmarkConsume(b *testing.B) {
	at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	for _, of := range []struct {
		name    string
		amounts [4]decimal.Decimal
	}{
		{"whole", [4]decimal.Decimal{num("1"), num("2"), num("5"), num("100")}},
		{"fractions", [4]decimal.Decimal{num("1"), num("0.5"), num("2.25"), num("0.125")}},
	} {
		for name, e := range benchCases(b) {
			b.Run(name+"/"+of.name, func(b *testing.B) {
				var use feature.QuotaUsage
				i := 0
				b.ReportAllocs()
				for b.Loop() {
					next, d := e.Consume(use, feature.Request{Amount: of.amounts[i&3], At: at})
					if d.Why == "" {
						b.Fatal("no answer")
					}
					use = next
					i++
				}
			})
		}
	}
}

// BenchmarkConsumeBaseline is what a service would write first: the time library for
// the day, decimals for the sum.
func BenchmarkConsumeBaseline(b *testing.B) {
	zone := time.UTC
	at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	limit := decimal.NewFromInt(1_000_000_000_000)
	amounts := [4]decimal.Decimal{num("1"), num("2"), num("5"), num("100")}
	var (
		used decimal.Decimal
		last time.Time
	)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		y, m, d := at.In(zone).Date()
		start := time.Date(y, m, d, 0, 0, 0, 0, zone)
		end := time.Date(y, m, d+1, 0, 0, 0, 0, zone)
		if last.Before(start) {
			used = decimal.Zero
		}
		after := used.Add(amounts[i&3])
		if after.GreaterThan(limit) || limit.Sub(after).IsNegative() || at.After(end) {
			b.Fatal("denied")
		}
		used, last = after, at
		i++
	}
}

// BenchmarkConsumeAcrossDays asks for instants outside the window worked out when
// the entitlement was resolved.
func BenchmarkConsumeAcrossDays(b *testing.B) {
	one := decimal.NewFromInt(1)
	for _, name := range []string{"day", "day in a zone"} {
		e := benchCases(b)[name]
		b.Run(name, func(b *testing.B) {
			at := time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)
			var use feature.QuotaUsage
			b.ReportAllocs()
			for b.Loop() {
				use, _ = e.Consume(use, feature.Request{Amount: one, At: at})
			}
		})
	}
}
