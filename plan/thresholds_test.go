package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func TestThresholdsAreRefusedWithTheirPaths(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, thresholds, price, metric, want string }{
		{"a list", `{"amounts":["5","20.50"],"recurring":"10"}`, "", "", ""},
		{"volume as difference", `{"amounts":["5"],"volume":"difference"}`, `{"model":"stairstep","tiers":[{"amount":"9"}]}`, "unique", ""},
		{"counted records", `{"amounts":["5"]}`, "", "count", ""},
		{"no amounts", `{"volume":"refuse"}`, "", "", "thresholds: needs amounts, or a recurring one"},
		{"a list that does not ascend", `{"amounts":["5","5"]}`, "", "", "thresholds.amounts[1]: must be above the amount before it"},
		{"an amount of zero", `{"amounts":["0"]}`, "", "", "thresholds.amounts[0]: must exceed 0"},
		{"an amount below zero that recurs", `{"recurring":"-1"}`, "", "", "thresholds.recurring: must not be negative"},
		{"half a cent", `{"amounts":["5.005"],"recurring":"0.001"}`, "", "", "thresholds.amounts[0]: must be an amount of USD\nthresholds.recurring: must be an amount of USD"},
		{"another word", `{"amounts":["5"],"volume":"some"}`, "", "", `thresholds.volume: unknown choice for volume "some": must be one of refuse, difference`},
		{"all life", `{"amounts":["5"],"over":"life"}`, "", "", ""},
		{"another span", `{"amounts":["5"],"over":"year"}`, "", "", `thresholds.over: unknown span of thresholds "year": must be one of period, life`},
		{"a span alone", `{"over":"life"}`, "", "", "thresholds: needs amounts, or a recurring one"},
		{"a volume price", `{"amounts":["5"]}`, `{"model":"volume","tiers":[{"unit_amount":"1"}]}`, "", "charges[0].price: thresholds refuse a price at which more may cost less, unless volume is difference"},
		{"the largest", `{"amounts":["5"]}`, "", "max", "charges[0].metric: thresholds refuse usage that a later record may take back, unless volume is difference"},
		{"a level", `{"amounts":["5"],"volume":"difference"}`, "", `weighted_sum","records":"change`, "charges[0].metric: a level over time reaches no threshold at a record: a plan with thresholds has none"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			price, metrics := row.price, ""
			if price == "" {
				price = `{"model":"per_unit","unit_amount":"1"}`
			}
			if row.metric != "" {
				metrics = `"metrics":[{"id":"calls","aggregation":"` + row.metric + `"}],`
			}
			var p plan.Plan
			err := p.UnmarshalJSON([]byte(`{"id":"api","version":1,"currency":"USD","every":"P1M","charges":[{"id":"calls","metric":"calls","price":` + price + `}],` + metrics + `"thresholds":` + row.thresholds + `}`))
			if row.want != "" {
				require.EqualError(t, err, row.want)
				return
			}
			require.NoError(t, err)
			data, err := p.MarshalJSON()
			require.NoError(t, err)
			var back plan.Plan
			require.NoError(t, back.UnmarshalJSON(data))
			require.True(t, p.Equal(back))
		})
	}
}

func TestTheNextThresholdIsTheSmallestAboveAnAmount(t *testing.T) {
	t.Parallel()
	var p plan.Plan
	require.NoError(t, p.UnmarshalJSON([]byte(`{"id":"api","version":1,"currency":"USD","every":"P1M","thresholds":{"amounts":["5","20"],"recurring":"10"}}`)))
	v := plan.MustCompile(p)
	for _, row := range [][2]string{{"0", "5"}, {"4.99", "5"}, {"5", "20"}, {"19", "20"}, {"20", "30"}, {"29.99", "30"}, {"30", "40"}, {"-3", "5"}} {
		next, ok := v.NextThreshold(money.MustParse(row[0] + " USD"))
		require.True(t, ok)
		require.Equal(t, money.MustParse(row[1]+" USD"), next, row[0])
	}
	_, ok := v.NextThreshold(money.FromMinor(1<<63-1, money.USD))
	require.False(t, ok)
	p.Thresholds = plan.Thresholds{}
	_, ok = plan.MustCompile(p).NextThreshold(money.MustParse("0 USD"))
	require.False(t, ok)
}

// A minimum over P12M of a plan that bills by the year is one of each period.
func TestAMinimumOverThePlansOwnIntervalIsThatOfAPeriod(t *testing.T) {
	t.Parallel()
	var p plan.Plan
	require.NoError(t, p.UnmarshalJSON([]byte(`{"id":"p","version":1,"currency":"USD","every":"P1Y","charges":[{"id":"fee","price":{"model":"flat_fee","amount":"1"}}],
		"minimum":{"amount":{"amount":"100.00","currency":"USD"},"interval":"P12M"}}`)))
	v, err := plan.Compile(p)
	require.NoError(t, err)
	m, ok := v.Minimum()
	require.True(t, ok)
	require.Equal(t, 1, m.Cycles)
}
