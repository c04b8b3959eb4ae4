package feature_test

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/feature"
)

func TestAThresholdIsExceededByMoreThanItsShare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, percent, previous, current, limit string
		want                                    bool
	}{
		{"at the share", "80", "0", "800", "1000", false},
		{"above it", "80", "800", "801", "1000", true},
		{"by the least of fractions", "80", "800", "800.00000000000000000001", "1000", true},
		{"above it already", "80", "801", "1000", "1000", false},
		{"across it at once", "80", "0", "5000", "1000", true},
		{"at all of the limit", "100", "999", "1000", "1000", false},
		{"above the limit", "100", "1000", "1001", "1000", true},
		{"a fraction of a percent", "33.3", "333", "334", "1000", true},
		{"zero is off", "0", "0", "1", "1000", false},
		{"a limit of zero and any use", "80", "0", "1", "0", true},
		{"a limit of zero and no use", "80", "0", "0", "0", false},
		{"downwards", "80", "900", "700", "1000", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			th := feature.Threshold{Percent: num(test.percent)}
			require.Equal(t, test.want, th.Crossed(num(test.previous), num(test.current), num(test.limit)))
		})
	}
}

// TestQuota1000Threshold80 is worked example 23: used 800, 801, 1000, 1001.
func TestQuota1000Threshold80(t *testing.T) {
	t.Parallel()
	g := feature.Per(feature.Month, 1000)
	g.Overage = feature.Allow
	g.Thresholds = []feature.Threshold{feature.PercentOf(80)}
	e := resolved(t, g, feature.Terms{})
	var u feature.QuotaUsage
	for _, step := range []struct {
		amount string
		notify bool
		over   bool
	}{{"800", false, false}, {"1", true, false}, {"199", false, false}, {"1", false, true}} {
		var d feature.Decision
		u, d = e.Consume(u, ask(step.amount, "2026-03-04T10:00:00Z"))
		require.True(t, d.Allowed)
		require.Equal(t, step.notify, len(d.Fired()) == 1)
		require.Equal(t, step.over, d.OverQuota())
	}
	require.Equal(t, "1001", u.Recorded().String())
	exceeded, err := e.Exceeded(u, at("2026-03-04T10:00:00Z"))
	require.NoError(t, err)
	require.Len(t, exceeded, 1)
	over, err := e.OverQuota(u, at("2026-04-01"))
	require.NoError(t, err)
	require.False(t, over, "over quota ends with the window")
	_, d := e.Consume(u, ask("801", "2026-04-01"))
	require.Len(t, d.Fired(), 1, "and the threshold fires again in the next")
}

func TestAThresholdFiresOnceAWindowWhateverIsGivenBack(t *testing.T) {
	t.Parallel()
	g := feature.Per(feature.Day, 10)
	g.Thresholds = []feature.Threshold{feature.PercentOf(50)}
	e := resolved(t, g, feature.Terms{})
	u, d := e.Consume(feature.QuotaUsage{}, ask("6", "2026-03-04T10:00:00Z"))
	require.Len(t, d.Fired(), 1)
	u, err := e.Release(u, num("6"), at("2026-03-04T11:00:00Z"))
	require.NoError(t, err)
	u, d = e.Consume(u, ask("6", "2026-03-04T12:00:00Z"))
	require.Empty(t, d.Fired())
	_, d = e.Consume(u, ask("6", "2026-03-05T00:00:00Z"))
	require.Len(t, d.Fired(), 1)
}

func TestAStockHasNoWindowAndFiresAtEachCrossing(t *testing.T) {
	t.Parallel()
	g := feature.UpTo(10)
	g.Thresholds = []feature.Threshold{feature.PercentOf(50)}
	e := resolved(t, g, feature.Terms{})
	u, d := e.Consume(counted(t, "5", "2026-03-04"), ask("1", "2026-03-04T10:00:00Z"))
	require.Len(t, d.Fired(), 1)
	u, d = e.Consume(u, ask("1", "2026-03-04T10:00:00Z"))
	require.Empty(t, d.Fired())
	u, err := e.Release(u, num("2"), at("2026-03-04T11:00:00Z"))
	require.NoError(t, err)
	_, d = e.Consume(u, ask("1", "2026-03-04T12:00:00Z"))
	require.Len(t, d.Fired(), 1)
}

func TestAThresholdFiresAnewInAWindowOfAnotherKind(t *testing.T) {
	t.Parallel()
	daily, monthly := feature.Per(feature.Day, 10), feature.Per(feature.Month, 100)
	daily.Thresholds = []feature.Threshold{feature.PercentOf(50)}
	monthly.Thresholds = daily.Thresholds
	u, d := resolved(t, daily, feature.Terms{}).Consume(feature.QuotaUsage{}, ask("6", "2026-03-04T10:00:00Z"))
	require.Len(t, d.Fired(), 1)
	u, d = resolved(t, monthly, feature.Terms{}).Consume(u, ask("44", "2026-03-04T11:00:00Z"))
	require.Empty(t, d.Fired())
	_, d = resolved(t, monthly, feature.Terms{}).Consume(u, ask("1", "2026-03-04T12:00:00Z"))
	require.Len(t, d.Fired(), 1)
}

func TestUnlimitedNeverFires(t *testing.T) {
	t.Parallel()
	g := feature.Per(feature.Day, 10).Endless()
	g.Thresholds = []feature.Threshold{feature.PercentOf(50)}
	_, d := resolved(t, g, feature.Terms{}).Consume(feature.QuotaUsage{}, ask("1000", "2026-03-04T10:00:00Z"))
	require.Empty(t, d.Fired())
}

func TestTheTierScopeLooksAtTheTierThatHoldsTheUse(t *testing.T) {
	t.Parallel()
	g := feature.Per(feature.Month, 0).Endless()
	g.Thresholds = []feature.Threshold{{Percent: num("80"), Scope: feature.TierScope}}
	terms := feature.Terms{Tiers: map[feature.Key][]decimal.Decimal{"rescan": {num("100"), num("200"), num("210")}}}
	e := resolved(t, g, terms)
	var u feature.QuotaUsage
	for _, step := range []struct {
		name, amount string
		fires        bool
	}{
		{"80 of 100", "80", false},
		{"81 of 100", "1", true},
		{"100 of 100", "19", false},
		{"101 of 200", "1", false},
		{"160 of 200", "59", false},
		{"161 of 200", "1", true},
		{"200 of 200", "39", false},
		{"201 of 210 is over as soon as the tier is entered", "1", true},
		{"210 of 210", "9", false},
		{"the open last tier", "1000", false},
	} {
		var d feature.Decision
		u, d = e.Consume(u, ask(step.amount, "2026-03-04T10:00:00Z"))
		require.True(t, d.Allowed)
		require.Equal(t, step.fires, len(d.Fired()) == 1, step.name)
	}
	u, err := e.Release(u, num("1160"), at("2026-03-04T11:00:00Z"))
	require.NoError(t, err)
	u, d := e.Consume(u, ask("40", "2026-03-04T12:00:00Z"))
	require.Empty(t, d.Fired(), "90 of 100: that tier fired already")
	_, d = e.Consume(u, ask("95", "2026-03-04T12:00:00Z"))
	require.Empty(t, d.Fired(), "185 of 200 too")

	_, err = feature.Resolve("rescan", feature.Set{"rescan": g}, nil, feature.Terms{
		At: at("2026-03-04"), Tiers: map[feature.Key][]decimal.Decimal{"rescan": {num("100"), num("100")}},
	})
	require.ErrorContains(t, err, "tiers[1]: must exceed 100")
}

func TestSeveralThresholdsFireInTheOrderOfTheGrant(t *testing.T) {
	t.Parallel()
	g := feature.Per(feature.Day, 10)
	g.Thresholds = []feature.Threshold{feature.PercentOf(90), feature.PercentOf(0), feature.PercentOf(50)}
	_, d := resolved(t, g, feature.Terms{}).Consume(feature.QuotaUsage{}, ask("10", "2026-03-04T10:00:00Z"))
	var fired []string
	for _, th := range d.Fired() {
		fired = append(fired, th.Percent.String())
	}
	require.Equal(t, "90 50", strings.Join(fired, " "))
}
