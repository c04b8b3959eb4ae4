package feature_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/feature"
)

// brinks draws amounts about the size at which a count no longer fits in a word, at
// every scale.
func brinks() *rapid.Generator[decimal.Decimal] {
	return rapid.Custom(func(t *rapid.T) decimal.Decimal {
		n := rapid.SampledFrom([]int64{
			1, 5, 999_999_999_999_999_999, 1_000_000_000_000_000_000, 9_000_000_000_000_000_000, 922_337_203_685_477_580,
		}).Draw(t, "n")
		return decimal.New(n, int32(rapid.IntRange(-20, 8).Draw(t, "exp")))
	})
}

func TestCountsAreExactAtAnySize(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := feature.UpTo(0)
		g.Limit = brinks().Draw(t, "limit")
		e := resolved(t, g, feature.Terms{})
		var (
			u   feature.QuotaUsage
			sum decimal.Decimal
		)
		for _, amount := range rapid.SliceOfN(brinks(), 1, 15).Draw(t, "amounts") {
			next, d := e.Consume(u, feature.Request{Amount: amount, At: at("2026-03-04")})
			if d.Why == feature.BecauseInvalid {
				continue
			}
			require.Equal(t, !sum.Add(amount).GreaterThan(g.Limit), d.Allowed, "%s + %s of %s", sum, amount, g.Limit)
			if d.Allowed {
				sum = sum.Add(amount)
			}
			require.True(t, sum.Equal(next.Recorded()), "%s, not %s", sum, next.Recorded())
			left, _ := d.Remaining()
			require.True(t, decimal.Max(g.Limit.Sub(sum), decimal.Zero).Equal(left), "%s less %s is not %s", g.Limit, sum, left)
			u = next
		}
		back, err := e.Release(u, sum, at("2026-03-04"))
		require.NoError(t, err)
		require.True(t, back.Recorded().IsZero())
	})
}

func TestASumOutgrowsAWord(t *testing.T) {
	t.Parallel()
	e := resolved(t, feature.UpTo(0).Endless(), feature.Terms{})
	var u feature.QuotaUsage
	for range 12 {
		u, _ = e.Consume(u, ask("999999999999999999", "2026-03-04"))
	}
	require.Equal(t, "11999999999999999988", u.Recorded().String())
}

func TestUsagesAreEqualIfTheyRecordTheSame(t *testing.T) {
	t.Parallel()
	day, _ := resolved(t, feature.Per(feature.Day, 10), feature.Terms{}).Consume(feature.QuotaUsage{}, ask("1.50", "2026-03-04"))
	again, _ := resolved(t, feature.Per(feature.Day, 20), feature.Terms{}).Consume(feature.QuotaUsage{}, ask("1.5", "2026-03-04"))
	month, _ := resolved(t, feature.Per(feature.Month, 10), feature.Terms{}).Consume(feature.QuotaUsage{}, ask("1.5", "2026-03-04"))
	require.True(t, day.Equal(again))
	require.False(t, day.Equal(month))
	require.False(t, day.Equal(feature.QuotaUsage{}))
	var back feature.QuotaUsage
	text, err := json.Marshal(day)
	require.NoError(t, err)
	require.Equal(t, `{"used":"1.5","window":"day","first":"2026-03-04T00:00:00Z","last":"2026-03-04T00:00:00Z","revision":1}`, string(text))
	require.NoError(t, json.Unmarshal(text, &back))
	require.True(t, back.Equal(day))
}
