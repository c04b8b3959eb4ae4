package feature_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
)

// hours is an allowance of twenty for each seat, in each month from the anchor.
func hours() feature.Grant {
	g := feature.Per(feature.Anchored, 20)
	g.Every, g.Per = calendar.Months(1), "seats"
	return g
}

// seated are the terms of a subscription with a limit for all its seats.
func seated(limit string) feature.Terms {
	return feature.Terms{
		At:      at("2026-03-04T10:00:00Z"),
		Windows: map[feature.Key]calendar.Period{"rescan": {Start: at("2026-02-28"), End: at("2026-03-31")}},
		Limits:  map[feature.Key]decimal.Decimal{"rescan": num(limit)},
	}
}

func TestALimitForEachUnitIsToldByTheTerms(t *testing.T) {
	t.Parallel()
	e := resolved(t, hours(), seated("100"))
	require.Equal(t, "rescan: 100 in each P1M from the anchor (plan)", e.String())
	require.Equal(t, at("2026-03-31"), e.Until())
	limit, limited := e.Limit()
	require.True(t, limited)
	require.Equal(t, "100", limit.String())
	require.Equal(t, "20", e.Grant().Limit.String(), "the grant stays what the plan says")
	u, d := e.Consume(feature.QuotaUsage{}, ask("100", "2026-03-04T10:00:00Z"))
	require.True(t, d.Allowed)
	require.Equal(t, at("2026-03-31"), d.ResetsAt)
	_, d = e.Consume(u, ask("1", "2026-03-30T23:59:59Z"))
	require.EqualError(t, d.Err(), "feature: quota exceeded: rescan: 100 of 100 used, 1 asked, resets at 2026-03-31T00:00:00Z")
	_, d = e.Consume(u, ask("1", "2026-03-31"))
	require.ErrorIs(t, d.Err(), feature.ErrStale)

	text, err := json.Marshal(e)
	require.NoError(t, err)
	require.JSONEq(t, `{"version":1,"key":"rescan","origin":"plan","at":"2026-03-04T10:00:00Z","limit":"100",
		"grant":{"kind":"allowance","active":true,"limit":"20","per":"seats","window":"anchored","every":"P1M"},
		"period":{"start":"2026-02-28T00:00:00Z","end":"2026-03-31T00:00:00Z"}}`, string(text))
	for _, bad := range []struct{ name, json, want string }{
		{"no limit", `{"version":1,"key":"a","origin":"plan","at":"2026-03-04T10:00:00Z","grant":{"kind":"limit","limit":"2","per":"seats"}}`, "feature: resolve: a.per: the terms must have the limit for all units"},
		{"a limit of a switch", `{"version":1,"key":"a","origin":"plan","at":"2026-03-04T10:00:00Z","limit":"1","grant":{"kind":"switch"}}`, "limit: the grant has none"},
		{"no window", `{"version":1,"key":"a","origin":"plan","at":"2026-03-04T10:00:00Z","grant":{"kind":"allowance","limit":"2","window":"anchored","every":"P1M"}}`, "feature: outside the resolved billing period"},
	} {
		var back feature.Entitlement
		require.ErrorContains(t, json.Unmarshal([]byte(bad.json), &back), bad.want, bad.name)
	}
}

func TestALimitForEachUnitThatNobodyCountedIsAnError(t *testing.T) {
	t.Parallel()
	terms := seated("1")
	terms.Limits = nil
	_, err := feature.Resolve("rescan", feature.Set{"rescan": hours()}, nil, terms)
	require.EqualError(t, err, "feature: resolve: rescan.per: the terms must have the limit for all units")
	_, err = feature.Resolve("rescan", feature.Set{"rescan": hours().Endless()}, nil, terms)
	require.NoError(t, err, "what is unlimited needs none")
	terms = seated("-1")
	_, err = feature.Resolve("rescan", feature.Set{"rescan": hours()}, nil, terms)
	require.ErrorIs(t, err, feature.ErrInvalidAmount)
	terms = seated("1")
	terms.Windows = nil
	_, err = feature.Resolve("rescan", feature.Set{"rescan": hours()}, nil, terms)
	require.ErrorIs(t, err, feature.ErrStale)
}

func TestAThresholdFiresAgainWhenTheLimitWasRaised(t *testing.T) {
	t.Parallel()
	g := hours()
	g.Overage = feature.Allow
	g.Thresholds = []feature.Threshold{feature.PercentOf(80), feature.PercentOf(100)}
	var u feature.QuotaUsage
	for i, step := range []struct {
		limit, use, release string
		fired               []string
	}{
		{limit: "100", use: "80"},
		{limit: "100", use: "1", fired: []string{"80"}},
		{limit: "100", release: "50", use: "50"},
		{limit: "120", use: "15"},                                       // 96 of 120
		{limit: "120", use: "1", fired: []string{"80"}},                 // 97: above 80 percent of the new limit
		{limit: "110", release: "20", use: "30"},                        // lowered: 107, and 80 percent fired at a higher one
		{limit: "110", use: "4", fired: []string{"100"}},                // 111
		{limit: "1000", use: "1000", fired: []string{"80", "100"}},      // 1111, both at once
		{limit: "1000", release: "1111", use: "1111"},                   // once for each limit
		{limit: "1000.01", release: "500", use: "1", fired: []string{}}, // 612
	} {
		e := resolved(t, g, seated(step.limit))
		if step.release != "" {
			var err error
			u, err = e.Release(u, num(step.release), at("2026-03-04T10:00:00Z"))
			require.NoError(t, err)
		}
		var d feature.Decision
		u, d = e.Consume(u, ask(step.use, "2026-03-04T10:00:00Z"))
		var fired []string
		for _, f := range d.Fired() {
			fired = append(fired, f.Percent.String())
		}
		require.ElementsMatch(t, step.fired, fired, "step %d", i)
		text, err := json.Marshal(u)
		require.NoError(t, err)
		var back feature.QuotaUsage
		require.NoError(t, json.Unmarshal(text, &back))
		require.True(t, back.Equal(u), "%s", text)
		u = back
	}
}

func TestAnOverrideOfTheLimitIsTheWholeLimit(t *testing.T) {
	t.Parallel()
	base := hours()
	base.Raise, base.Lower = feature.RaiseShare, feature.LowerNextWindow
	for _, test := range []struct {
		name string
		over feature.Override
		want feature.Grant
	}{
		{"a limit", feature.LimitTo(500), func() feature.Grant {
			g := base
			g.Limit, g.Per, g.Raise, g.Lower = num("500"), "", "", ""
			return g
		}()},
		{"a limit for each of other units", feature.Override{Limit: ptr(num("5")), Per: ptr("teams")}, func() feature.Grant {
			g := base
			g.Limit, g.Per, g.Raise, g.Lower = num("5"), "teams", "", ""
			return g
		}()},
		{"more is added to the whole", feature.ExtraOf(10), base},
		{"a window that never starts over", feature.Override{Window: ptr(feature.Life)}, func() feature.Grant {
			g := base
			g.Window, g.Every, g.Raise, g.Lower = feature.Life, calendar.Interval{}, "", ""
			return g
		}()},
		{"another grant", feature.Instead(feature.UpTo(3)), feature.UpTo(3)},
		{"the same again", feature.Instead(base), base},
		{"a choice", feature.Override{Raise: ptr(feature.RaiseWhole), Lower: ptr(feature.Lower(""))}, func() feature.Grant {
			g := base
			g.Raise, g.Lower = feature.RaiseWhole, ""
			return g
		}()},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := feature.Overrides{"f": test.over}.Apply(feature.Set{"f": base})["f"]
			require.True(t, test.want.Equal(got), "%+v", got)
			require.NoError(t, got.Validate())
		})
	}
}

func TestALimitForEachUnitIsComparedForAllUnits(t *testing.T) {
	t.Parallel()
	storage := feature.UpTo(10)
	storage.Per = "seats"
	a := feature.Assignment{
		Plan: feature.Set{"storage": storage}, Units: map[string]decimal.Decimal{"seats": num("5")},
		InUse: map[feature.Key]decimal.Decimal{"storage": num("40")}, ParentRemaining: map[feature.Key]decimal.Decimal{"storage": num("60")},
	}
	perSeat := func(n string) feature.Override { return feature.Override{Limit: ptr(num(n)), Per: ptr("seats")} }
	for _, test := range []struct {
		name  string
		given feature.Override
		want  string
	}{
		{"eight a seat hold what is in use", perSeat("8"), ""},
		{"seven do not", perSeat("7"), "storage.limit: feature: below what is in use: 35, 40 in use"},
		{"thirteen a seat are more than the parent has", perSeat("13"), "storage.limit: feature: exceeds the parent's remaining limit: 65, the parent has 60"},
		{"fifty and ten more", feature.ExtraOf(10), ""},
		{"fifty and eleven more", feature.ExtraOf(11), "storage.limit: feature: exceeds the parent's remaining limit: 61, the parent has 60"},
		{"a whole limit", feature.LimitTo(45), ""},
		{"a charge that the plan lacks", feature.Override{Per: ptr("teams")}, `storage.per: the plan has no charge "teams" with a quantity`},
	} {
		_, err := feature.Overrides{}.Assign(feature.Overrides{"storage": test.given}, a)
		if test.want == "" {
			require.NoError(t, err, test.name)
			continue
		}
		require.EqualError(t, err, test.want, test.name)
	}
	_, err := feature.Overrides{"storage": feature.LimitTo(45)}.Revoke([]feature.Key{"storage"}, a)
	require.NoError(t, err, "ten for each of five seats")
	a.Units["seats"] = num("3")
	_, err = feature.Overrides{"storage": feature.LimitTo(45)}.Revoke([]feature.Key{"storage"}, a)
	require.EqualError(t, err, "storage.limit: feature: below what is in use: 30, 40 in use")
	a.Units = nil
	_, err = feature.Overrides{}.Assign(feature.Overrides{"storage": feature.ExtraOf(1)}, a)
	require.EqualError(t, err, `storage.per: the units of "seats" must be known`)
}

func TestARolloverMayBeAShare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, left, least, most, share, want string }{
		{"half", "40", "0", "100", "0.5", "20"},
		{"half, up to a cap", "400", "0", "100", "0.5", "100"},
		{"half, and filled up", "10", "8", "100", "0.5", "8"},
		{"nothing", "40", "0", "100", "0", "0"},
		{"all", "40.1234567", "0", "100", "1", "40.1234567"},
		{"a third, rounded down", "10", "0", "100", "0.33333333", "3.333333"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := feature.CreditGrant{ID: "a", Amount: num(test.left), Rollover: &feature.Rollover{Min: num(test.least), Max: num(test.most), Share: ptr(num(test.share))}}
			c, err := feature.Credits{}.Grant(g, at("2026-03-01"))
			require.NoError(t, err)
			c, err = c.Reset(at("2026-04-01"))
			require.NoError(t, err)
			require.Equal(t, test.want, c.Balance().String())
			text, err := json.Marshal(c)
			require.NoError(t, err)
			var back feature.Credits
			require.NoError(t, json.Unmarshal(text, &back))
			require.True(t, back.Equal(c), "%s", text)
		})
	}
	for share, want := range map[string]string{"1.01": "rollover.share: must be from 0 to 1", "-0.1": "rollover.share: must be from 0 to 1"} {
		g := feature.CreditGrant{ID: "a", Amount: num("1"), Rollover: &feature.Rollover{Max: num("1"), Share: ptr(num(share))}}
		require.EqualError(t, g.Validate(), want)
	}
	require.True(t, feature.Rollover{Max: num("1")}.Equal(feature.Rollover{Max: num("1"), Share: ptr(num("1.0"))}))
}
