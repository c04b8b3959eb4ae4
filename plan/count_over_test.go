package plan_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func TestAPlanSaysOverWhichTermUsageIsCounted(t *testing.T) {
	t.Parallel()
	const price = "a price of single events, or with a minimum or a maximum, is of a period: its usage is not counted over a term"
	for _, row := range []struct {
		what, every, charge string
		rest                string
		fault               string
	}{
		{"a year by the month", "P1M", `"metric": "calls", "count_over": "P1Y", "price": {"model": "per_unit", "unit_amount": "1", "free_units": "100"}`, "", ""},
		{"a year of quarters of its own", "P1M", `"metric": "calls", "every": "P3M", "count_over": "P1Y", "price": {"model": "per_unit", "unit_amount": "1"}`, "", ""},
		{"weeks", "P7D", `"metric": "calls", "count_over": "P4W", "price": {"model": "per_unit", "unit_amount": "1"}`, "", ""},
		{"no usage", "P1M", `"count_over": "P1Y", "price": {"model": "per_unit", "unit_amount": "1"}`, "", "charges[0].count_over: only usage is counted over a term"},
		{"no longer than a bill", "P1Y", `"metric": "calls", "count_over": "P12M", "price": {"model": "per_unit", "unit_amount": "1"}`, "", "charges[0].count_over: must be a whole number of the interval by which the charge bills, two or more"},
		{"no whole number", "P1M", `"metric": "calls", "every": "P2M", "count_over": "P3M", "price": {"model": "per_unit", "unit_amount": "1"}`, "", "charges[0].count_over: must be a whole number of the interval by which the charge bills, two or more\ncharges[0].count_over: P3M and P2M have no common boundaries: one must be a whole number of the other"},
		{"nothing recurs", "", `"metric": "calls", "count_over": "P1Y", "price": {"model": "per_unit", "unit_amount": "1"}`, "", "charges[0].count_over: nothing recurs in the plan"},
		{"a minimum", "P1M", `"metric": "calls", "count_over": "P1Y", "price": {"model": "per_unit", "unit_amount": "1", "minimum": "5"}`, "", "charges[0].price: " + price},
		{"a maximum in a row", "P1M", `"metric": "calls", "count_over": "P1Y", "price": {"model": "matrix", "dimensions": ["region"], "rows": [{"values": ["eu"], "price": {"model": "per_unit", "unit_amount": "1", "maximum": "5"}}]}`, "", "charges[0].price: " + price},
		{"single events", "P1M", `"metric": "calls", "count_over": "P1Y", "price": {"model": "percentage", "rate": "1", "fixed_amount": "0.1"}`, "", "charges[0].price: " + price},
		{"the largest record", "P1M", `"metric": "calls", "count_over": "P1Y", "price": {"model": "per_unit", "unit_amount": "1"}`, `, "metrics": [{"id": "calls", "aggregation": "max"}]`, "charges[0].count_over: only a sum and a count go on from bill to bill"},
		{"thresholds", "P1M", `"metric": "calls", "count_over": "P1Y", "price": {"model": "per_unit", "unit_amount": "1"}`, `, "thresholds": {"amounts": ["5"]}`, "charges[0].count_over: a plan with thresholds counts no usage over a term"},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			every := ""
			if row.every != "" {
				every = `"every": "` + row.every + `", `
			}
			var p plan.Plan
			err := p.UnmarshalJSON([]byte(`{"id": "p", "version": 1, "currency": "USD", ` + every + `"charges": [{"id": "c", ` + row.charge + `}]` + row.rest + `}`))
			if row.fault != "" {
				require.EqualError(t, err, row.fault)
				return
			}
			require.NoError(t, err)
			v := plan.MustCompile(p)
			charge, _ := v.Phase(0).Charge("c")
			require.Equal(t, p.Charges[0].CountOver, charge.CountOver())
			require.Equal(t, p.Charges[0].CountOver, v.Phase(0).CountOver())
		})
	}
}

func TestAnAddOnFitsWhereItsTermDoes(t *testing.T) {
	t.Parallel()
	addOn, err := plan.CompileAddOn(plan.AddOn{ID: "a", Version: 1, Currency: money.USD, Charges: []plan.Charge{{
		ID: "gb", Metric: "gb", CountOver: calendar.Months(6), Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(1)},
	}}})
	require.NoError(t, err)
	for _, row := range []struct {
		every string
		fits  bool
	}{{"P1M", true}, {"P3M", true}, {"P6M", false}, {"P1Y", false}, {"P4M", false}, {"P1W", false}} {
		require.Equal(t, row.fits, addOn.Fits(plan.MustCompile(ofIntervals(row.every, ""))), row.every)
	}
}
