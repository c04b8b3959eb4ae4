package plan_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// ofIntervals is a plan whose charges bill by the intervals given; "" is none of their own.
func ofIntervals(every string, own ...string) plan.Plan {
	p := plan.Plan{ID: "p", Version: 1, Currency: money.USD}
	if every != "" {
		p.Every = calendar.MustParseInterval(every)
	}
	for i, text := range own {
		c := plan.Charge{ID: string(rune('a' + i)), Price: plan.FlatFee{Amount: decimal.NewFromInt(10)}}
		if text != "" {
			c.Every = calendar.MustParseInterval(text)
		}
		p.Charges = append(p.Charges, c)
	}
	return p
}

func TestIntervalsOfChargesDivideOneAnother(t *testing.T) {
	t.Parallel()
	const common = " have no common boundaries: one must be a whole number of the other"
	for _, row := range []struct {
		what, every string
		own         []string
		fault       string
	}{
		{"a year in months", "P1M", []string{"", "P3M", "P1Y"}, ""},
		{"months in a year", "P1Y", []string{"", "P1M", "P6M"}, ""},
		{"weeks in days", "P28D", []string{"P1W", "P2W", "P14D", "P1D"}, ""},
		{"the plan's own", "P1Y", []string{"P12M"}, ""},
		{"months that do not divide the plan's", "P3M", []string{"", "P2M"}, "charges[1].every: P2M and P3M" + common},
		{"months that divide the plan's and not one another", "P6M", []string{"P2M", "P3M"}, "charges[1].every: P3M and P2M" + common},
		{"weeks and months", "P1M", []string{"P1W"}, "charges[0].every: P1W and P1M" + common},
		{"days and weeks", "P1W", []string{"P10D"}, "charges[0].every: P10D and P1W" + common},
		{"where nothing recurs", "", []string{"P1M"}, "charges[0].every: nothing recurs in the plan"},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			err := ofIntervals(row.every, row.own...).Validate()
			if row.fault == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, row.fault)
		})
	}
}

func TestTheIntervalOfAChargeHasItsPlace(t *testing.T) {
	t.Parallel()
	p := ofIntervals("P1M", "P1Y", "P1Y", "")
	p.Charges[0].Once = true
	p.Charges[1].Metric, p.Charges[2].Metric = "calls", "calls"
	require.EqualError(t, p.Validate(), "charges[0].every: a charge that is due once has no interval\ncharges[2].every: another charge rates the metric by another interval")

	p = ofIntervals("P1Y", "P1M")
	p.Phases = []plan.Phase{{Every: calendar.Weeks(1), Cycles: 2, Charges: p.Charges}}
	require.EqualError(t, p.Validate(), "phases[0].charges[0].every: P1M and P1W have no common boundaries: one must be a whole number of the other")
}

func TestACompiledPhaseKnowsTheIntervalsOfItsCharges(t *testing.T) {
	t.Parallel()
	v := plan.MustCompile(ofIntervals("P1M", "", "P12M", "P3M", "P1Y", "P1M"))
	phase := v.Phase(0)
	require.Equal(t, []calendar.Interval{calendar.Months(3), calendar.Years(1)}, phase.OwnIntervals(), "shortest first, P12M and P1Y are one")
	var all []string
	for c := range phase.Charges() {
		all = append(all, phase.Interval(c).String())
	}
	require.Equal(t, []string{"P1M", "P1Y", "P3M", "P1Y", "P1M"}, all)
	require.Empty(t, plan.MustCompile(ofIntervals("P1M", "")).Phase(0).OwnIntervals())
}

func TestAnAddOnFitsAPlanWhoseIntervalsItsChargesFit(t *testing.T) {
	t.Parallel()
	addOn := func(every string) *plan.CompiledAddOn {
		a, err := plan.CompileAddOn(plan.AddOn{ID: "x", Version: 1, Currency: money.USD, Charges: ofIntervals("", every).Charges})
		require.NoError(t, err)
		return a
	}
	for _, row := range []struct {
		plan, own, addOn string
		fits             bool
	}{
		{"P1M", "", "P1Y", true},
		{"P1Y", "", "P1M", true},
		{"P1M", "", "P1W", false},
		{"P1M", "P3M", "P2M", false},
		{"P1M", "P3M", "P6M", true},
		{"", "", "P1M", false},
	} {
		v := plan.MustCompile(ofIntervals(row.plan, row.own))
		require.Equal(t, row.fits, addOn(row.addOn).Fits(v), "%+v", row)
	}
}

func TestAChargeKeepsItsIntervalAsJSON(t *testing.T) {
	t.Parallel()
	p := ofIntervals("P1M", "P1Y")
	data, err := p.MarshalJSON()
	require.NoError(t, err)
	require.Contains(t, string(data), `"every":"P1Y"`)
	var q plan.Plan
	require.NoError(t, q.UnmarshalJSON(data))
	require.True(t, p.Equal(q))
	q.Charges[0].Every = calendar.Months(12)
	require.False(t, p.Equal(q))
}
