package feature_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

func TestAnEntitlementFromItsDocumentDecidesAlike(t *testing.T) {
	t.Parallel()
	now := at("2026-03-06T10:00:00Z")
	rapid.Check(t, func(t *rapid.T) {
		terms := feature.Terms{
			At: now, Zone: calendar.MustLoadZone("America/New_York"), Dormant: rapid.Bool().Draw(t, "dormant"),
			Period: calendar.Period{Start: at("2026-03-01T00:00:00Z"), End: at("2026-04-01T00:00:00Z")},
			Tiers:  map[feature.Key][]decimal.Decimal{"f": {num("10"), num("20.5")}},
		}
		overrides := feature.Overrides{}
		if rapid.Bool().Draw(t, "overridden") {
			overrides["f"] = overrideOf(t)
		}
		e, err := feature.Resolve("f", feature.Set{"f": grants().Draw(t, "grant")}, overrides, terms)
		if err != nil {
			t.Skip("not a valid grant")
		}
		data, err := e.MarshalJSON()
		require.NoError(t, err)
		var back feature.Entitlement
		require.NoError(t, back.UnmarshalJSON(data), "%s", data)
		require.True(t, e.Equal(&back), "%s", data)
		require.Equal(t, e.String(), back.String())
		for _, n := range []string{"0", "1", "5", "15", "1000"} {
			r := feature.Request{Amount: num(n), At: now}
			require.Equal(t, e.Check(feature.QuotaUsage{}, r).String(), back.Check(feature.QuotaUsage{}, r).String(), "%s", data)
			next, d := e.Consume(feature.QuotaUsage{}, r)
			same, too := back.Consume(feature.QuotaUsage{}, r)
			require.Equal(t, d.String(), too.String())
			require.True(t, next.Equal(same), "%s", data)
		}
	})
}

func overrideOf(t *rapid.T) feature.Override { return overrides().Draw(t, "override") }

func TestBadDocumentsOfEntitlementsAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ document, want string }{
		{`{"key":"f"}`, "version: missing"},
		{`{"version":2,"key":"f"}`, "version: must be 1"},
		{`{"version":1}`, "key: missing"},
		{`{"version":1,"key":"f","origin":"plan"}`, "origin: must be there with a grant, and only then"},
		{`{"version":1,"key":"f","grant":{"kind":"limit"},"origin":"plan"}`, "grant.limit: missing"},
		{`{"version":1,"key":"f","grant":{"kind":"limit","limit":"-1"},"origin":"plan"}`, "feature: resolve: f.limit: must not be negative"},
		{`{"version":1,"key":"f","colour":1}`, "colour: unknown field"},
		{`null`, "must not be null"},
	} {
		var e feature.Entitlement
		require.ErrorContains(t, e.UnmarshalJSON([]byte(row.document)), row.want)
	}
	var e feature.Entitlement
	require.NoError(t, e.UnmarshalJSON([]byte(`{"version":1,"key":"f"}`)))
	require.False(t, e.Granted())
}
