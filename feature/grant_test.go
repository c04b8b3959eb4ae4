package feature_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
)

func TestAGrantReportsEveryFaultWithItsPath(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, json, want string }{
		{"a switch", `{"kind":"switch"}`, ""},
		{"a switch turned off", `{"kind":"switch","active":false}`, ""},
		{"a limit", `{"kind":"limit","limit":"2.5"}`, ""},
		{"a limit of zero", `{"kind":"limit","limit":"0"}`, ""},
		{"an unlimited limit says no limit", `{"kind":"limit","unlimited":true}`, ""},
		{"or says one that does not count", `{"kind":"limit","unlimited":true,"limit":"3"}`, ""},
		{"an allowance", `{"kind":"allowance","limit":"10","window":"day","when_run":"always"}`, ""},
		{"a condition nobody knows", `{"kind":"switch","when_run":"after completed scan"}`, ""},
		{"a rolling window", `{"kind":"allowance","limit":"10","window":"rolling","every":"P30D"}`, ""},
		{"rated overage", `{"kind":"allowance","limit":"10","window":"month","overage":"rate","metric":"calls"}`, ""},
		{"nothing", `{}`, "kind: missing"},
		{"no object", `[]`, "must be an object"},
		{"null", `null`, "must not be null"},
		{"a kind of another word", `{"kind":"Switch"}`, `kind: must be one of "switch", "limit", "allowance"`},
		{"no limit", `{"kind":"limit"}`, "limit: missing"},
		{"no limit and no window", `{"kind":"allowance"}`, "limit: missing\nwindow: missing"},
		{"a number for a limit", `{"kind":"limit","limit":5}`, "limit: must be a string that holds a decimal"},
		{"a negative limit", `{"kind":"limit","limit":"-1"}`, "limit: must not be negative"},
		{"a limit with an exponent", `{"kind":"limit","limit":"1e3"}`, "limit: not a decimal"},
		{"a limit of 41 digits", `{"kind":"limit","limit":"` + strings.Repeat("9", 41) + `"}`, "limit: too many digits"},
		{
			"a switch that counts", `{"kind":"switch","unlimited":true,"limit":"1","overage":"allow","thresholds":[{"percent":"80"}],"window":"day"}`,
			"unlimited: a switch has none\nlimit: a switch has none\noverage: a switch has none\nthresholds: a switch has none\nwindow: a switch has none",
		},
		{"a limit with a window", `{"kind":"limit","limit":"1","window":"day"}`, "window: a limit has none"},
		{"a rolling window without a length", `{"kind":"allowance","limit":"1","window":"rolling"}`, "every: missing"},
		{"a length without a rolling window", `{"kind":"allowance","limit":"1","window":"day","every":"P2D"}`, `every: must be empty unless the window is "rolling" or "anchored"`},
		{"a window from the anchor, for each seat", `{"kind":"allowance","limit":"20","per":"seats","window":"anchored","every":"P1M","raise":"share","lower":"next_window"}`, ""},
		{"a limit for each seat", `{"kind":"limit","limit":"10","per":"seats"}`, ""},
		{"a window from the anchor without a length", `{"kind":"allowance","limit":"1","window":"anchored"}`, "every: missing"},
		{"a switch for each seat", `{"kind":"switch","per":"seats"}`, "per: a switch has none"},
		{"a charge with no name", `{"kind":"limit","limit":"1","per":" "}`, "per: must not begin or end with a space"},
		{
			"a stock with a choice about windows", `{"kind":"limit","limit":"1","raise":"share","lower":"now"}`,
			"raise: must be empty unless the count starts over with a window\nlower: must be empty unless the count starts over with a window",
		},
		{"a rolling window with one", `{"kind":"allowance","limit":"1","window":"rolling","every":"P2D","lower":"next_window"}`, "lower: must be empty unless the count starts over with a window"},
		{"an unknown choice", `{"kind":"allowance","limit":"1","window":"day","raise":"half"}`, `raise: must be one of "whole", "share"`},
		{"a required feature turned off", `{"kind":"limit","limit":"1","active":false,"required":true}`, "required: a required feature must be active"},
		{"a metric without rating", `{"kind":"limit","limit":"1","metric":"ips"}`, `metric: must be empty unless overage is "rate"`},
		{
			"thresholds out of range", `{"kind":"limit","limit":"1","thresholds":[{"percent":"-1"},{"percent":"100.01"},{"percent":"80"},{"percent":"80.0","scope":"quota"},{}]}`,
			"thresholds[4].percent: missing\nthresholds[0].percent: must be from 0 to 100\nthresholds[1].percent: must be from 0 to 100\nthresholds[3]: repeats another threshold",
		},
		{"a name in other case", `{"kind":"switch","Active":true}`, `Active: unknown field; the name is "active"`},
		{"a name twice", `{"kind":"switch","kind":"switch"}`, "kind: repeats an earlier name"},
		{"a condition of control characters", `{"kind":"switch","when_run":"a\tb"}`, "when_run: must be on one line, without control characters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var g feature.Grant
			err := json.Unmarshal([]byte(test.json), &g)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			if test.name == "a name twice" {
				require.ErrorContains(t, err, "kind: ")
				return
			}
			require.EqualError(t, err, test.want)
			require.Equal(t, feature.Grant{}, g, "a refused document leaves the value as it was")
			var fault *fault.FieldError
			require.ErrorAs(t, err, &fault)
		})
	}
}

func TestAnAbsentActiveIsTrueInJSON(t *testing.T) {
	t.Parallel()
	var g feature.Grant
	require.NoError(t, json.Unmarshal([]byte(`{"kind":"switch"}`), &g))
	require.True(t, g.Equal(feature.On()))
	text, err := json.Marshal(g)
	require.NoError(t, err)
	require.Equal(t, `{"kind":"switch","active":true}`, string(text))
}

func TestASetReportsFaultsUnderTheKeys(t *testing.T) {
	t.Parallel()
	var s feature.Set
	err := json.Unmarshal([]byte(`{"ips":{"kind":"limit","limit":"-5"},"a b.c":{"kind":"limit"}," x":{"kind":"switch"}}`), &s)
	require.EqualError(t, err, `["a b.c"].limit: missing`+"\n"+`[" x"]: must not begin or end with a space`+"\nips.limit: must not be negative")
	require.Error(t, feature.Set{"": feature.On()}.Validate())
	require.Error(t, feature.Set{"x": {}}.Validate())
	require.NoError(t, feature.Set(nil).Validate())
	_, err = json.Marshal(feature.Set{"x": {}})
	require.Error(t, err, "what could not be read back is not written")
	text, err := json.Marshal(feature.Set(nil))
	require.NoError(t, err)
	require.Equal(t, "{}", string(text))
}

func TestClonesShareNothing(t *testing.T) {
	t.Parallel()
	g := feature.UpTo(5)
	g.Thresholds = []feature.Threshold{feature.PercentOf(80)}
	s := feature.Set{"ips": g}
	c := s.Clone()
	require.True(t, s.Equal(c))
	c["ips"].Thresholds[0] = feature.PercentOf(50)
	require.False(t, s.Equal(c))
	require.True(t, s["ips"].Thresholds[0].Equal(feature.PercentOf(80)))
	require.Nil(t, feature.Set(nil).Clone())
	require.True(t, feature.Set(nil).Equal(feature.Set{}))
}

func TestEqualGrantsSayTheSame(t *testing.T) {
	t.Parallel()
	a, b := feature.Per(feature.Day, 10), feature.Per(feature.Day, 10)
	b.Limit, b.WhenRun, b.Overage = num("10.00"), feature.Always, feature.Block
	require.True(t, a.Equal(b))
	b.WhenRun = "after_scan"
	require.False(t, a.Equal(b))
	require.Equal(t, "rescan", a.MetricOr("rescan"))
}

// grants draws valid grants.
func grants() *rapid.Generator[feature.Grant] {
	return rapid.Custom(func(t *rapid.T) feature.Grant {
		g := feature.Grant{
			Kind:     rapid.SampledFrom(feature.Words[feature.Kind]()).Draw(t, "kind"),
			Active:   rapid.Bool().Draw(t, "active"),
			WhenRun:  rapid.SampledFrom([]string{"", feature.Always, "after scan"}).Draw(t, "when_run"),
			Required: rapid.Bool().Draw(t, "required"),
		}
		g.Active = g.Active || g.Required
		if g.Kind == feature.Switch {
			return g
		}
		g.Limit = amounts().Draw(t, "limit")
		g.Unlimited = rapid.Bool().Draw(t, "unlimited")
		g.Per = rapid.SampledFrom([]string{"", "seats"}).Draw(t, "per")
		g.Overage = rapid.SampledFrom(append(feature.Words[feature.Overage](), "")).Draw(t, "overage")
		if g.Overage == feature.Rate {
			g.Metric = rapid.SampledFrom([]string{"", "calls"}).Draw(t, "metric")
		}
		if g.Kind == feature.Allowance {
			g.Window = rapid.SampledFrom(feature.Words[feature.Window]()).Draw(t, "window")
			switch g.Window {
			case feature.Rolling:
				g.Every = calendar.Days(rapid.IntRange(1, 40).Draw(t, "every"))
			case feature.Anchored:
				g.Every = calendar.Months(rapid.IntRange(1, 3).Draw(t, "every"))
			case feature.Day, feature.Week, feature.Month, feature.Year, feature.BillingPeriod, feature.Life:
			}
			if g.Window != feature.Rolling && g.Window != feature.Life {
				g.Raise = rapid.SampledFrom(append(feature.Words[feature.Raise](), "")).Draw(t, "raise")
				g.Lower = rapid.SampledFrom(append(feature.Words[feature.Lower](), "")).Draw(t, "lower")
			}
		}
		for _, p := range rapid.SliceOfNDistinct(rapid.IntRange(0, 1000), 0, 3, rapid.ID).Draw(t, "thresholds") {
			g.Thresholds = append(g.Thresholds, feature.Threshold{
				Percent: decimal.New(int64(p), -1),
				Scope:   rapid.SampledFrom(append(feature.Words[feature.Scope](), "")).Draw(t, "scope"),
			})
		}
		return g
	})
}

// amounts draws decimals of zero and more: mostly small, some of many digits.
func amounts() *rapid.Generator[decimal.Decimal] {
	return rapid.OneOf(
		rapid.Map(rapid.Int64Range(0, 50), decimal.NewFromInt),
		rapid.Custom(func(t *rapid.T) decimal.Decimal {
			return decimal.New(rapid.Int64Range(0, 5000).Draw(t, "n"), -int32(rapid.IntRange(0, 4).Draw(t, "places")))
		}),
		rapid.Custom(func(t *rapid.T) decimal.Decimal {
			digits := rapid.StringMatching(`[1-9][0-9]{0,28}\.[0-9]{1,10}`).Draw(t, "digits")
			return decimal.RequireFromString(digits)
		}),
	)
}

func TestDecodeUndoesEncodeForGrants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.MapOfN(rapid.SampledFrom([]feature.Key{"a", "b c", "d.e", "ü"}), grants(), 0, 4).Draw(t, "set")
		text, err := json.Marshal(feature.Set(s))
		require.NoError(t, err)
		var back feature.Set
		require.NoError(t, json.Unmarshal(text, &back), "%s", text)
		require.True(t, back.Equal(s), "%s", text)
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	})
}

func TestFieldErrorsUnwrap(t *testing.T) {
	t.Parallel()
	cause := errors.New("x")
	err := &fault.FieldError{Path: "a", Err: cause}
	require.ErrorIs(t, err, cause)
	require.EqualError(t, err, "a: x")
	require.EqualError(t, &fault.FieldError{Err: cause}, "x")
}
