package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// seats is a tiered price: 5 seats at 49.00, 15 more at 39.00, the rest at 29.00.
func seats() plan.Tiered {
	return plan.Tiered{Tiers: []plan.Tier{
		{UpTo: plan.Bound(decimal.NewFromInt(5)), UnitAmount: decimal.NewFromInt(49)},
		{UpTo: plan.Bound(decimal.NewFromInt(20)), UnitAmount: decimal.NewFromInt(39)},
		{UnitAmount: decimal.NewFromInt(29)},
	}}
}

func ExampleCompilePrice() {
	table, err := plan.CompilePrice(seats(), money.USD)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, quantity := range []int64{5, 6, 21} {
		amount, _ := table.Rate(decimal.NewFromInt(quantity), money.HalfUp)
		fmt.Println(quantity, "seats:", amount)
	}
	// Output:
	// 5 seats: 245.00 USD
	// 6 seats: 284.00 USD
	// 21 seats: 859.00 USD
}

func ExampleCompilePrice_faults() {
	_, err := plan.CompilePrice(plan.Volume{Tiers: []plan.Tier{
		{UpTo: plan.Bound(decimal.NewFromInt(10)), UnitAmount: decimal.NewFromInt(-5)},
		{UpTo: plan.Bound(decimal.NewFromInt(9))},
		{},
	}}, money.USD)
	fmt.Println(err)
	// Output:
	// tiers[0].unit_amount: must not be negative
	// tiers[1].up_to: must exceed 10
}

func ExampleCompiledPrice_Rate() {
	perCall := plan.PerUnit{UnitAmount: decimal.RequireFromString("0.0005"), FreeUnits: decimal.NewFromInt(1000)}
	table, _ := plan.CompilePrice(perCall, money.USD)
	calls := decimal.NewFromInt(1010)
	up, _ := table.Rate(calls, money.HalfUp)
	even, _ := table.Rate(calls, money.HalfEven)
	fmt.Println(up, even) // 10 calls at 0.0005 are half a cent

	_, err := table.Rate(decimal.NewFromInt(-1), money.HalfUp)
	fmt.Println(err, errors.Is(err, plan.ErrNegativeQuantity))
	// Output:
	// 0.01 USD 0.00 USD
	// plan: negative quantity: -1 true
}

func ExampleCompiledPrice_RatePart() {
	table, _ := plan.CompilePrice(plan.FlatFee{Amount: decimal.RequireFromString("30.15")}, money.USD)
	one := decimal.NewFromInt(1)
	charge, _ := table.RatePart(one, 1, 30, money.HalfUp) // a day of 30, multiplied before it is divided
	credit, _ := table.RatePart(one, -12, 30, money.HalfUp)
	fmt.Println(charge, credit)
	// Output: 1.01 USD -12.06 USD
}

func ExampleCompiledPrice_Exact() {
	table, _ := plan.CompilePrice(plan.PerUnit{UnitAmount: decimal.RequireFromString("10.625")}, money.USD)
	exact, _ := table.Exact(decimal.RequireFromString("4.4556"))
	rounded, _ := table.Rate(decimal.RequireFromString("4.4556"), money.HalfUp)
	fmt.Println(exact, rounded)
	// Output: 47.34075 47.34 USD
}

func ExampleCompiledPrice_Marginal() {
	table, _ := plan.CompilePrice(plan.Volume{Tiers: seats().Tiers}, money.USD)
	more, _ := table.Marginal(decimal.NewFromInt(20), decimal.NewFromInt(1))
	fmt.Println("the 21st seat makes all of them cheaper:", more)
	// Output: the 21st seat makes all of them cheaper: -171
}

func ExampleCompiledPrice_Explain() {
	price := seats()
	price.FreeUnits = decimal.NewFromInt(2)
	price.Maximum = plan.Bound(decimal.NewFromInt(850))
	table, _ := plan.CompilePrice(price, money.USD)
	rating, _ := table.Explain(decimal.NewFromInt(23))
	fmt.Println(rating)
	// Output:
	// 23 units, 2 of them free:
	//   tier 1 (up to 5): 5 x 49.00 = 245.00
	//   tier 2 (above 5, up to 20): 15 x 39.00 = 585.00
	//   tier 3 (above 20): 1 x 29.00 = 29.00
	//   total: 859.00
	//   lowered to the maximum of 850.00 USD
}

func ExampleDecodePrice() {
	price, err := plan.DecodePrice([]byte(`{
		"model": "tiered",
		"tiers": [{"up_to": "100", "flat_amount": "10.00"}, {"unit_amount": "0.0700"}],
		"zero": "free"
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	document, _ := json.Marshal(price)
	fmt.Println(price.Model(), string(document))

	_, err = plan.DecodePrice([]byte(`{"model": "tiered", "tiers": [{"up_to": "100"}, {"unit_amount": 7}], "min": "1"}`))
	fmt.Println(err)
	// Output:
	// tiered {"model":"tiered","tiers":[{"up_to":"100","flat_amount":"10"},{"unit_amount":"0.07"}],"zero":"free"}
	// tiers[0]: missing: a tier has a unit_amount, a flat_amount or both
	// tiers[1].unit_amount: must be a string
	// min: unknown field
}

func ExamplePackage() {
	price := plan.Package{PackageSize: decimal.NewFromInt(100), PackageAmount: decimal.NewFromInt(5)}
	table, _ := plan.CompilePrice(price, money.EUR)
	for _, quantity := range []int64{0, 100, 101} {
		amount, _ := table.Rate(decimal.NewFromInt(quantity), money.HalfUp)
		fmt.Println(quantity, amount)
	}
	// Output:
	// 0 0.00 EUR
	// 100 5.00 EUR
	// 101 10.00 EUR
}

func ExamplePercentage() {
	price := plan.Percentage{Rate: decimal.RequireFromString("2.9"), FreeAmount: decimal.NewFromInt(1000)}
	table, _ := plan.CompilePrice(price, money.EUR)
	rating, _ := table.Explain(decimal.RequireFromString("4321.50"))
	fmt.Println(rating)
	// Output: 4321.50, 1000.00 of it free: 2.9% of 3321.50 = 96.3235 EUR before rounding
}

func ExampleGraduatedPercentage() {
	rate := decimal.NewFromInt
	table, _ := plan.CompilePrice(plan.GraduatedPercentage{Tiers: []plan.PercentageTier{
		{UpTo: plan.Bound(rate(1000)), Rate: rate(1), FlatAmount: rate(200)},
		{UpTo: plan.Bound(rate(10000)), Rate: rate(2), FlatAmount: rate(300)},
		{Rate: rate(3), FlatAmount: rate(400)},
	}}, money.EUR)
	for _, amount := range []int64{500, 1050, 5050} {
		due, _ := table.Rate(rate(amount), money.HalfUp)
		fmt.Println(amount, due)
	}
	// Output:
	// 500 205.00 EUR
	// 1050 511.00 EUR
	// 5050 591.00 EUR
}

func ExampleStairstep() {
	table, _ := plan.CompilePrice(plan.Stairstep{
		Steps:  []plan.Step{{UpTo: plan.Bound(decimal.NewFromInt(10)), Amount: decimal.NewFromInt(99)}},
		Closed: true,
	}, money.USD)
	_, err := table.Rate(decimal.NewFromInt(11), money.HalfUp)
	var above *plan.TierError
	fmt.Println(errors.As(err, &above), above.UpTo)
	fmt.Println(err)
	// Output:
	// true 10
	// plan: quantity above the last tier: 11 units, up to 10
}

func ExampleCompiledPrice_RateEvents() {
	num := decimal.RequireFromString
	price, _ := plan.CompilePrice(plan.Percentage{
		Rate: num("1.2"), FixedAmount: num("0.10"), FreeEvents: num("3"), FreeAmount: num("500"),
	}, money.USD)
	events, _ := price.RateEvents(plan.EventRating{}, num("200"), num("100"), num("100"))
	events, _ = price.RateEvents(events, num("50"))
	rating, _ := price.ExplainEvents(events)
	fmt.Println(rating)
	// Output:
	// 4 events, 450.00 in all, 3 free:
	//   1 charged: 1.2% of 50.00 = 0.60
	//   fees: 1 x 0.10 = 0.10
	//   total: 0.70 USD
}
