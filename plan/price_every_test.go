package plan_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// pricedFor is a plan of one charge that bills by an interval, "" for that of the plan, at a price for
// another.
func pricedFor(every, own, price string) plan.Plan {
	p := ofIntervals(every, own)
	p.Charges[0].PriceEvery = calendar.MustParseInterval(price)
	return p
}

func TestAPriceIsForAPartOfTheIntervalByWhichItIsBilled(t *testing.T) {
	t.Parallel()
	const whole = "charges[0].price_every: the interval by which the charge bills must be a whole number of it"
	for _, row := range []struct {
		what  string
		p     plan.Plan
		fault string
		each  string
		times int
	}{
		{"months of a quarter", pricedFor("P3M", "", "P1M"), "", "P1M", 3},
		{"months of a year", pricedFor("P1Y", "", "P1M"), "", "P1M", 12},
		{"quarters of a year of its own", pricedFor("P1M", "P1Y", "P3M"), "", "P3M", 4},
		{"a year in months", pricedFor("P2Y", "", "P12M"), "", "P1Y", 2},
		{"weeks", pricedFor("P28D", "", "P1W"), "", "P1W", 4},
		{"as long as it bills by", pricedFor("P1Y", "", "P12M"), "", "", 1},
		{"longer than it bills by", pricedFor("P1M", "", "P3M"), whole, "", 0},
		{"longer than its own interval", pricedFor("P1Y", "P1M", "P3M"), whole, "", 0},
		{"no part of it", pricedFor("P3M", "", "P2M"), whole, "", 0},
		{"days of a month", pricedFor("P1M", "", "P1D"), whole, "", 0},
		{"where nothing recurs", pricedFor("", "", "P1M"), "charges[0].price_every: nothing recurs in the plan", "", 0},
	} {
		err := row.p.Validate()
		if row.fault != "" {
			require.EqualError(t, err, row.fault, row.what)
			continue
		}
		require.NoError(t, err, row.what)
		v := plan.MustCompile(row.p)
		phase := v.Phase(v.Phases() - 1)
		c, _ := phase.Charge("a")
		require.Equal(t, row.each, phase.PriceInterval(c).String(), row.what)
		require.Equal(t, row.times, phase.PricePeriods(c), row.what)
		require.Equal(t, row.each != "", phase.PricesParts(), row.what)
	}
}

func TestWhatHasNoIntervalOfAPriceSaysWhy(t *testing.T) {
	t.Parallel()
	usage, once := pricedFor("P3M", "", "P1M"), pricedFor("P3M", "", "P1M")
	usage.Charges[0].Metric, once.Charges[0].Once = "calls", true
	require.EqualError(t, usage.Validate(), "charges[0].price_every: usage is rated over the interval in which it is counted: give the charge that interval")
	require.EqualError(t, once.Validate(), "charges[0].price_every: a charge that is due once has no interval")
	long := pricedFor("P3M", "", "P1M")
	long.Charges[0].PriceEvery = calendar.Months(10001)
	require.EqualError(t, long.Validate(), "charges[0].price_every: must be 1 to 10000 days, weeks, months or years")
	phase := pricedFor("P3M", "", "P1M")
	phase.Phases = []plan.Phase{{Every: calendar.Months(1), Cycles: 2, Charges: pricedFor("P3M", "", "P2M").Charges}}
	require.EqualError(t, phase.Validate(), "phases[0].charges[0].price_every: the interval by which the charge bills must be a whole number of it")
}

func TestAnAddOnThatPricesPartsFitsWhatTheyArePartsOf(t *testing.T) {
	t.Parallel()
	a, err := plan.CompileAddOn(plan.AddOn{
		ID: "x", Version: 1, Currency: money.USD,
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(1)}, PriceEvery: calendar.Months(1)}},
	})
	require.NoError(t, err)
	for every, fits := range map[string]bool{"P3M": true, "P1M": true, "P1Y": true, "P1W": false} {
		require.Equal(t, fits, a.Fits(plan.MustCompile(ofIntervals(every, ""))), every)
	}
}
