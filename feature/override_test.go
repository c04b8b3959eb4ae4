package feature_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
)

// scanning is a plan with a required stock, an allowance and a switch.
func scanning() feature.Set {
	ips := feature.UpTo(10)
	ips.Required = true
	return feature.Set{"number_of_ips": ips, "rescan": feature.Per(feature.Day, 10), "ai": feature.On()}
}

func TestAssigningMergesPerKeyAndPerMember(t *testing.T) {
	t.Parallel()
	a := feature.Assignment{Plan: scanning()}
	o, err := feature.Overrides(nil).Assign(feature.Overrides{"rescan": feature.LimitTo(20)}, a)
	require.NoError(t, err)
	o, err = o.Assign(feature.Overrides{"rescan": feature.Turn(false), "ai": feature.Turn(false)}, a)
	require.NoError(t, err)
	require.Equal(t, []feature.Key{"ai", "rescan"}, o.Keys())
	require.Equal(t, []string{"active", "limit"}, o["rescan"].Members(), "the limit assigned before is still there")
	e, err := feature.Resolve("rescan", scanning(), o, feature.Terms{At: at("2026-03-04")})
	require.NoError(t, err)
	require.Equal(t, feature.Merged, e.Origin())
	require.Equal(t, feature.FromOverride, e.OriginOf("limit"))
	require.Equal(t, feature.FromOverride, e.OriginOf("active"))
	require.Equal(t, feature.FromPlan, e.OriginOf("window"))
	require.Empty(t, e.OriginOf("price"))
	require.Equal(t, "rescan: off (merged)", e.String())

	o, err = o.Revoke([]feature.Key{"rescan", "rescan"}, a)
	require.NoError(t, err)
	e, err = feature.Resolve("rescan", scanning(), o, feature.Terms{At: at("2026-03-04")})
	require.NoError(t, err)
	require.Equal(t, "rescan: 10 per day (plan)", e.String(), "the plan's own grant is back")
	require.Equal(t, feature.FromPlan, e.OriginOf("limit"))
}

func TestAnExtraFollowsThePlan(t *testing.T) {
	t.Parallel()
	o := feature.Overrides{"rescan": feature.ExtraOf(5)}
	for limit, want := range map[int64]string{10: "15", 20: "25"} {
		e, err := feature.Resolve("rescan", feature.Set{"rescan": feature.Per(feature.Day, limit)}, o, feature.Terms{At: at("2026-03-04")})
		require.NoError(t, err)
		require.Equal(t, want, e.Grant().Limit.String())
		require.Equal(t, feature.Merged, e.OriginOf("limit"))
	}
}

func TestAnOverrideThatTakesARollingWindowAwayTakesItsLengthToo(t *testing.T) {
	t.Parallel()
	plan := feature.Set{"rescan": rollingGrant(10, calendar.Days(7))}
	e, err := feature.Resolve("rescan", plan, feature.Overrides{"rescan": {Window: ptr(feature.Day)}}, feature.Terms{At: at("2026-03-04")})
	require.NoError(t, err)
	require.True(t, e.Grant().Equal(feature.Per(feature.Day, 10)))
	rated := feature.UpTo(10)
	rated.Overage, rated.Metric = feature.Rate, "addresses"
	e, err = feature.Resolve("ips", feature.Set{"ips": rated}, feature.Overrides{"ips": {Overage: ptr(feature.Block)}}, feature.Terms{At: at("2026-03-04")})
	require.NoError(t, err, "and one that takes rating away takes the metric")
	require.Empty(t, e.Grant().Metric)
}

func TestAnOverrideMayBeTheGrant(t *testing.T) {
	t.Parallel()
	o, err := feature.Overrides(nil).Assign(feature.Overrides{"vrms": feature.Instead(feature.UpTo(3))}, feature.Assignment{Plan: scanning(), Open: true})
	require.NoError(t, err)
	e, err := feature.Resolve("vrms", scanning(), o, feature.Terms{At: at("2026-03-04")})
	require.NoError(t, err)
	require.Equal(t, feature.FromOverride, e.Origin())
	require.Equal(t, feature.FromOverride, e.OriginOf("window"))
	require.True(t, e.Grant().Equal(feature.UpTo(3)))
	kind, limit := feature.Limit, num("3")
	short := feature.Override{Kind: &kind, Limit: &limit}
	require.True(t, feature.Overrides{"vrms": short}.Apply(nil)["vrms"].Active, "an absent active is true")

	all, err := feature.ResolveAll(scanning(), o, feature.Terms{At: at("2026-03-04")})
	require.NoError(t, err)
	var lines []string
	for _, e := range all {
		lines = append(lines, e.String())
	}
	require.Equal(t, []string{
		"ai: on (plan)", "number_of_ips: 10 in use at a time (plan)", "rescan: 10 per day (plan)", "vrms: 3 in use at a time (override)",
	}, lines)
	_, err = feature.ResolveAll(scanning(), feature.Overrides{"x": feature.LimitTo(1), "y": feature.LimitTo(1)}, feature.Terms{At: at("2026-03-04")})
	require.EqualError(t, err, "feature: resolve: x.kind: missing\nfeature: resolve: y.kind: missing")
}

func TestWhatMayNotBeAssigned(t *testing.T) {
	t.Parallel()
	limit := func(s string) feature.Override { return feature.Override{Limit: ptr(num(s))} }
	for _, test := range []struct {
		name  string
		given feature.Overrides
		with  feature.Assignment
		err   error
		text  string
	}{
		{"an unknown feature", feature.Overrides{"x": feature.LimitTo(1)}, feature.Assignment{}, feature.ErrUnknown, "x: feature: unknown feature"},
		{"an unknown feature of an open plan lacks a kind", feature.Overrides{"x": feature.LimitTo(1)}, feature.Assignment{Open: true}, nil, "x.kind: missing"},
		{"a negative limit", feature.Overrides{"rescan": limit("-1")}, feature.Assignment{}, feature.ErrInvalidLimit, "rescan.limit: feature: invalid limit: must not be negative"},
		{"a negative extra", feature.Overrides{"rescan": feature.ExtraOf(-1)}, feature.Assignment{}, feature.ErrInvalidLimit, "rescan.extra: feature: invalid limit: must not be negative"},
		{"a required feature turned off", feature.Overrides{"number_of_ips": feature.Turn(false)}, feature.Assignment{}, feature.ErrRequired, "number_of_ips.active: feature: required"},
		{"required by the product", feature.Overrides{"ai": feature.Turn(false)}, feature.Assignment{Required: []feature.Key{"ai"}}, feature.ErrRequired, "ai.active: feature: required"},
		{"required no longer", feature.Overrides{"number_of_ips": {Active: ptr(false), Required: ptr(false)}}, feature.Assignment{}, feature.ErrRequired, "number_of_ips.active: feature: required"},
		{"more than the parent has", feature.Overrides{"number_of_ips": feature.LimitTo(6)}, feature.Assignment{ParentRemaining: map[feature.Key]decimal.Decimal{"number_of_ips": num("5")}}, feature.ErrParentLimit, "number_of_ips.limit: feature: exceeds the parent's remaining limit: 6, the parent has 5"},
		{"no limit under a parent's", feature.Overrides{"number_of_ips": {Unlimited: ptr(true)}}, feature.Assignment{ParentRemaining: map[feature.Key]decimal.Decimal{"number_of_ips": num("5")}}, feature.ErrParentLimit, "number_of_ips.unlimited: feature: exceeds the parent's remaining limit: the parent has 5"},
		{"less than is in use", feature.Overrides{"number_of_ips": feature.LimitTo(4)}, feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"number_of_ips": num("5")}}, feature.ErrQuotaBelowUsage, "number_of_ips.limit: feature: below what is in use: 4, 5 in use"},
		{"another kind", feature.Overrides{"rescan": feature.Instead(feature.UpTo(1))}, feature.Assignment{}, nil, `rescan.kind: must be "allowance", as in the plan`},
		{"a window for a stock", feature.Overrides{"number_of_ips": {Window: ptr(feature.Day)}}, feature.Assignment{}, nil, "number_of_ips.window: a limit has none"},
		{"several at once", feature.Overrides{"rescan": limit("-1"), "x": {}, "number_of_ips": feature.LimitTo(50)}, feature.Assignment{}, feature.ErrUnknown, "rescan.limit: feature: invalid limit: must not be negative\nx: feature: unknown feature"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.with.Plan = scanning()
			have := feature.Overrides{"rescan": feature.LimitTo(3)}
			next, err := have.Assign(test.given, test.with)
			require.EqualError(t, err, test.text)
			if test.err != nil {
				require.ErrorIs(t, err, test.err)
			}
			var fault *fault.FieldError
			require.ErrorAs(t, err, &fault)
			require.True(t, next.Equal(feature.Overrides{"rescan": feature.LimitTo(3)}), "all or none")
		})
	}
}

func TestWhatMayBeAssigned(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		given feature.Overrides
		with  feature.Assignment
	}{
		{"as much as the parent has", feature.Overrides{"number_of_ips": feature.LimitTo(5)}, feature.Assignment{ParentRemaining: map[feature.Key]decimal.Decimal{"number_of_ips": num("5")}}},
		{"as much as is in use", feature.Overrides{"number_of_ips": feature.LimitTo(5)}, feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"number_of_ips": num("5")}}},
		{"less than is in use, forced", feature.Overrides{"number_of_ips": feature.LimitTo(4)}, feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"number_of_ips": num("5")}, Force: true}},
		{"less than was used of an allowance", feature.Overrides{"rescan": feature.LimitTo(4)}, feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"rescan": num("5")}}},
		{"a limit of zero", feature.Overrides{"number_of_ips": feature.LimitTo(0)}, feature.Assignment{}},
		{"a limit left alone, whatever the parent has", feature.Overrides{"rescan": feature.Turn(false)}, feature.Assignment{ParentRemaining: map[feature.Key]decimal.Decimal{"rescan": num("1")}}},
		{"nothing", nil, feature.Assignment{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.with.Plan = scanning()
			once, err := feature.Overrides(nil).Assign(test.given, test.with)
			require.NoError(t, err)
			twice, err := once.Assign(test.given, test.with)
			require.NoError(t, err)
			require.True(t, once.Equal(twice), "assigning again changes nothing")
		})
	}
}

func TestRevoking(t *testing.T) {
	t.Parallel()
	have := feature.Overrides{"number_of_ips": feature.LimitTo(20), "vrms": feature.Instead(feature.UpTo(3))}
	for _, test := range []struct {
		name string
		keys []feature.Key
		with feature.Assignment
		err  error
	}{
		{"a stock", []feature.Key{"number_of_ips"}, feature.Assignment{}, nil},
		{"a feature of no plan", []feature.Key{"vrms"}, feature.Assignment{}, nil},
		{"an unknown feature", []feature.Key{"x"}, feature.Assignment{}, feature.ErrUnknown},
		{"a feature without an override", []feature.Key{"rescan"}, feature.Assignment{}, feature.ErrNotAssigned},
		{"a required feature of no plan", []feature.Key{"vrms"}, feature.Assignment{Required: []feature.Key{"vrms"}}, feature.ErrRequired},
		{"below what is in use", []feature.Key{"number_of_ips"}, feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"number_of_ips": num("11")}}, feature.ErrQuotaBelowUsage},
		{"the same, forced", []feature.Key{"number_of_ips"}, feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"number_of_ips": num("11")}, Force: true}, nil},
		{"a stock in use of no plan", []feature.Key{"vrms"}, feature.Assignment{InUse: map[feature.Key]decimal.Decimal{"vrms": num("1")}}, feature.ErrQuotaBelowUsage},
		{"above what the parent has", []feature.Key{"number_of_ips"}, feature.Assignment{ParentRemaining: map[feature.Key]decimal.Decimal{"number_of_ips": num("9")}}, feature.ErrParentLimit},
		{"one good and one bad", []feature.Key{"number_of_ips", "x"}, feature.Assignment{}, feature.ErrUnknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.with.Plan = scanning()
			next, err := have.Revoke(test.keys, test.with)
			if test.err != nil {
				require.ErrorIs(t, err, test.err)
				require.True(t, next.Equal(have))
				return
			}
			require.NoError(t, err)
			require.NotContains(t, next, test.keys[0])
			require.Contains(t, have, test.keys[0], "the old value stays")
		})
	}
}

func TestAChangeOfPlanMayLeaveOverridesBehind(t *testing.T) {
	t.Parallel()
	o := feature.Overrides{"rescan": feature.LimitTo(3), "ai": feature.Turn(false), "vrms": feature.Instead(feature.UpTo(3))}
	other := feature.Set{"rescan": feature.Per(feature.Month, 100), "ai": feature.UpTo(1)}
	require.NoError(t, o.ValidateOn(other))
	other = feature.Set{"rescan": feature.On()}
	require.Error(t, o.ValidateOn(other))
	kept, dropped := o.Without(other)
	require.Equal(t, []feature.Key{"ai", "rescan"}, dropped)
	require.Equal(t, []feature.Key{"vrms"}, kept.Keys())
	require.Len(t, o, 3)
}

// overrides draws overrides that set some members of a valid grant.
func overrides() *rapid.Generator[feature.Override] {
	return rapid.Custom(func(t *rapid.T) feature.Override {
		o := feature.Instead(grants().Draw(t, "grant"))
		o.Extra = ptr(amounts().Draw(t, "extra"))
		drops := map[string]func(){
			"kind": func() { o.Kind = nil }, "active": func() { o.Active = nil }, "unlimited": func() { o.Unlimited = nil },
			"limit": func() { o.Limit = nil }, "extra": func() { o.Extra = nil }, "window": func() { o.Window = nil },
			"every": func() { o.Every = nil }, "when_run": func() { o.WhenRun = nil }, "required": func() { o.Required = nil },
			"per": func() { o.Per = nil }, "raise": func() { o.Raise = nil }, "lower": func() { o.Lower = nil },
			"overage": func() { o.Overage = nil }, "metric": func() { o.Metric = nil }, "thresholds": func() { o.Thresholds = nil },
		}
		for _, name := range slices.Sorted(maps.Keys(drops)) {
			if rapid.Bool().Draw(t, "without "+name) {
				drops[name]()
			}
		}
		return o
	})
}

func TestDecodeUndoesEncodeForOverrides(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := feature.Overrides(rapid.MapOfN(rapid.SampledFrom([]feature.Key{"a", "b c", "d.e"}), overrides(), 0, 3).Draw(t, "overrides"))
		text, err := json.Marshal(o)
		require.NoError(t, err)
		var back feature.Overrides
		require.NoError(t, json.Unmarshal(text, &back), "%s", text)
		require.True(t, back.Equal(o), "%s", text)
		require.Equal(t, slices.Sorted(maps.Keys(o)), back.Keys())
		require.True(t, back.Clone().Equal(o))
		for k := range o {
			require.True(t, o[k].Merge(o[k]).Equal(o[k]))
			require.True(t, feature.Override{}.Merge(o[k]).Equal(o[k]))
		}
	})
}

func TestOverridesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"rescan":{"limit":null}}`:              "rescan.limit: must not be null",
		`{"rescan":{"limit":"-2","extra":"-1"}}`: "rescan.limit: must not be negative\nrescan.extra: must not be negative",
		`{"rescan":{"Limit":"2"}}`:               `rescan.Limit: unknown field; the name is "limit"`,
		`null`:                                   "must not be null",
		`{"rescan":{"window":"hour"}}`:           `rescan.window: must be one of "day", "week", "month", "year", "billing_period", "life", "rolling", "anchored"`,
	} {
		var o feature.Overrides
		require.EqualError(t, json.Unmarshal([]byte(text), &o), want)
	}
	_, err := json.Marshal(feature.Override{Limit: ptr(num("-1"))})
	require.Error(t, err)
	var o feature.Override
	require.NoError(t, json.Unmarshal([]byte(`{"window":"","overage":"","every":""}`), &o))
	require.Equal(t, calendar.Interval{}, *o.Every)
	require.Equal(t, []string{"window", "every", "overage"}, o.Members(), "set to nothing is set")
	require.False(t, o.IsZero())
	require.True(t, feature.Override{}.IsZero())
}
