package plan_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// rising is a monthly plan whose prices increase.
func rising(i plan.Increase, charges ...plan.Charge) plan.Plan {
	return plan.Plan{ID: "rising", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: charges, Increase: &i}
}

func TestAnIncreaseThatAPlanCannotHaveIsAFault(t *testing.T) {
	t.Parallel()
	fee := plan.Charge{ID: "fee", Price: plan.FlatFee{Amount: d("10")}}
	many := -1
	for _, row := range []struct {
		name  string
		plan  plan.Plan
		fault string
	}{
		{"of nothing", rising(plan.Increase{}, fee), "increase.percent: must be above 0 and at most 100"},
		{"of too much", rising(plan.Increase{Percent: d("100.01")}, fee), "increase.percent: must be above 0 and at most 100"},
		{
			"of bad parts", rising(plan.Increase{Percent: d("7"), Every: calendar.Years(101), First: calendar.Days(-1), Charges: []string{"fee", "fee"}, Decimals: &many, Times: 101}, fee),
			"increase.every: must be at most 100 years\nincrease.first: must be 1 to 10000 days, weeks, months or years\n" +
				"increase.charges[1]: \"fee\" is used more than once\nincrease.decimals: must be from 0 to 12\nincrease.times: must be from 1 to 100",
		},
		{
			"where nothing recurs",
			plan.Plan{ID: "once", Version: 1, Currency: money.USD, Increase: &plan.Increase{Percent: d("7")}},
			"increase: nothing recurs at whose beginning prices could increase",
		},
		{
			"by weeks in a monthly plan", rising(plan.Increase{Percent: d("7"), Every: calendar.Weeks(52)}, fee),
			"increase.every: P52W and P1M have no common boundaries: one must be a whole number of the other",
		},
		{"of a charge that is not there", rising(plan.Increase{Percent: d("7"), Charges: []string{"seats"}}, fee), "increase.charges[0]: there is no charge of this id"},
		{
			"of a charge that is due once", rising(plan.Increase{Percent: d("7"), Charges: []string{"setup"}}, plan.Charge{ID: "setup", Once: true, Price: plan.FlatFee{Amount: d("10")}}),
			"increase.charges[0]: a charge that is due once does not increase",
		},
		{
			"of a share of an amount", rising(plan.Increase{Percent: d("7")}, fee, plan.Charge{ID: "share", Metric: "sales", Price: plan.Percentage{Rate: d("2.9")}}),
			"increase.charges: the price of \"share\" is a share of an amount, which does not increase: name those that do",
		},
		{
			"of a charge with a longer interval", rising(plan.Increase{Percent: d("7")}, fee, plan.Charge{ID: "yearly", Every: calendar.Years(1), Price: plan.FlatFee{Amount: d("10")}}),
			"increase.charges: \"yearly\" bills by a longer interval than the plan: name those that increase",
		},
		{
			"beyond what a price can be", rising(plan.Increase{Percent: d("100")}, fee),
			"increase.times: the price of \"fee\" grows beyond what a price can be",
		},
	} {
		err := row.plan.Validate()
		require.EqualError(t, err, row.fault, row.name)
	}
	require.NoError(t, rising(plan.Increase{Percent: d("7"), Charges: []string{"fee"}}, fee, plan.Charge{ID: "share", Metric: "sales", Price: plan.Percentage{Rate: d("2.9")}}).Validate())
	tiers := make([]plan.Tier, 600)
	for i := range tiers {
		tiers[i] = plan.Tier{UnitAmount: d("1")}
		if i < len(tiers)-1 {
			tiers[i].UpTo = plan.Bound(decimal.NewFromInt(int64(i + 1)))
		}
	}
	require.EqualError(t, rising(plan.Increase{Percent: d("7")}, plan.Charge{ID: "seats", Price: plan.Tiered{Tiers: tiers}}).Validate(), "increase.times: so many prices may not increase so often")
}

func TestAVersionSaysWhatItsPricesIncreaseBy(t *testing.T) {
	t.Parallel()
	_, ok := plan.MustCompile(plan.Plan{ID: "flat", Version: 1, Currency: money.USD}).Increase()
	require.False(t, ok)
	i, ok := plan.MustCompile(rising(plan.Increase{Percent: d("7.0")})).Increase()
	require.True(t, ok)
	require.Equal(t, plan.Increase{Percent: d("7"), Every: calendar.Years(1), First: calendar.Years(1), Times: plan.MaxIncreases}, i)
}

func TestAMinimumNeverRisesAboveItsMaximum(t *testing.T) {
	t.Parallel()
	least, most := d("10.365"), d("10.37")
	price := plan.PerUnit{UnitAmount: d("1"), Bounds: plan.Bounds{Minimum: &least, Maximum: &most}}
	v, err := plan.Compile(rising(plan.Increase{Percent: d("0.04"), Times: 3}, plan.Charge{ID: "seats", Price: price}))
	require.NoError(t, err) // by itself 10.365 is 10.373 after two, and 10.37 stays
	i, ok := v.Increase()
	require.True(t, ok)
	require.Equal(t, 3, i.Times)
}
