package plan_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/internal/golden"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func TestExplanationsReadAsTheyShould(t *testing.T) {
	t.Parallel()
	blocks := []plan.Tier{
		{UpTo: at("1000"), UnitAmount: d("1"), FlatAmount: d("7"), PackageSize: d("100")},
		{UpTo: at("2000"), FlatAmount: d("12")},
		{UnitAmount: d("0.5"), PackageSize: d("2.5")},
	}
	steps := []plan.Step{{UpTo: at("10"), Amount: d("99")}, {Amount: d("199.999")}}
	rates := []plan.PercentageTier{{UpTo: at("1000"), Rate: d("1"), FlatAmount: d("200")}, {UpTo: at("10000"), Rate: d("2"), FlatAmount: d("300")}, {Rate: d("3"), FlatAmount: d("400")}}
	band := plan.Bounds{Minimum: at("20"), Maximum: at("100")}
	var out bytes.Buffer
	for _, test := range []struct {
		price      plan.Price
		currency   money.Currency
		quantities []string
	}{
		{plan.PerUnit{UnitAmount: d("9.9"), FreeUnits: d("2")}, money.USD, []string{"0", "1", "2", "3", "12.5"}},
		{plan.PerUnit{UnitAmount: d("0.0299"), Bounds: band}, money.EUR, []string{"20", "1000", "123456.7"}},
		{plan.PerUnit{UnitAmount: d("100.5")}, money.JPY, []string{"1", "2"}},
		{plan.FlatFee{Amount: d("49")}, money.USD, []string{"0", "9"}},
		{plan.Volume{Tiers: flats(), FreeUnits: d("5")}, money.USD, []string{"0", "105", "106", "350"}},
		{plan.Volume{Tiers: flats(), Zero: plan.ZeroFree, Bounds: band}, money.USD, []string{"0", "101"}},
		{plan.Tiered{Tiers: tableV(), FreeUnits: d("2")}, money.BHD, []string{"1", "23"}},
		{plan.Tiered{Tiers: flats(), Zero: plan.ZeroFree, Bounds: band}, money.USD, []string{"0", "345.5"}},
		{plan.Tiered{Tiers: blocks}, money.USD, []string{"0", "1", "1000", "2001"}},
		{plan.Tiered{Tiers: []plan.Tier{{UnitAmount: d("0.0125"), FlatAmount: d("3")}}}, money.USD, []string{"1001"}},
		{plan.Package{PackageSize: d("10"), PackageAmount: d("15"), FreeUnits: d("1")}, money.USD, []string{"1", "2", "121"}},
		{plan.Stairstep{Steps: steps, Zero: plan.ZeroFree}, money.USD, []string{"0", "10", "11"}},
		{plan.Percentage{Rate: d("2.9")}, money.USD, []string{"0", "1234.56"}},
		{plan.Percentage{Rate: d("0.125"), FreeAmount: d("500"), Bounds: plan.Bounds{Minimum: at("1")}}, money.JPY, []string{"500", "501", "100000"}},
		{plan.GraduatedPercentage{Tiers: rates}, money.EUR, []string{"0", "500", "1050", "20000"}},
		{plan.GraduatedPercentage{Tiers: []plan.PercentageTier{{FlatAmount: d("3")}}, FreeAmount: d("10")}, money.EUR, []string{"12"}},
	} {
		table, err := plan.CompilePrice(test.price, test.currency)
		require.NoError(t, err)
		for _, quantity := range test.quantities {
			rating, err := table.Explain(d(quantity))
			require.NoError(t, err)
			exact, err := table.Exact(d(quantity))
			require.NoError(t, err)
			require.True(t, exact.Equal(rating.Amount))
			sum := decimal.Decimal{}
			for _, step := range rating.Steps {
				sum = sum.Add(step.Amount)
			}
			require.True(t, sum.Equal(rating.Subtotal), "the steps are all there is")
			fmt.Fprintf(&out, "%s\n\n", rating)
		}
	}
	golden.Equal(t, "testdata/explain.txt", out.Bytes())
}

func TestARatingHasTheNumbersOfItsText(t *testing.T) {
	t.Parallel()
	table, err := plan.CompilePrice(plan.Tiered{
		Tiers:     []plan.Tier{{UpTo: at("10.0"), UnitAmount: d("5.00")}, {UnitAmount: d("4"), FlatAmount: d("1"), PackageSize: d("3")}},
		FreeUnits: d("2"), Bounds: plan.Bounds{Maximum: at("55")},
	}, money.USD)
	require.NoError(t, err)
	rating, err := table.Explain(d("16.00"))
	require.NoError(t, err)
	require.Equal(t, plan.Rating{
		Model: plan.TieredModel, Currency: money.USD,
		Quantity: d("16"), FreeUnits: d("2"), Units: d("14"),
		Steps: []plan.RatingStep{
			{Tier: 0, UpTo: at("10"), Units: d("10"), UnitAmount: d("5"), Amount: d("50")},
			{
				Tier: 1, Above: d("10"), Units: d("4"), PackageSize: d("3"), Packages: d("2"),
				UnitAmount: d("4"), FlatAmount: d("1"), Amount: d("9"),
			},
		},
		Subtotal: d("59"), Maximum: at("55"), Amount: d("55"),
	}, rating)
}
