package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func ExampleCompile() {
	team := plan.Plan{
		ID: "team", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "base", Price: plan.FlatFee{Amount: decimal.RequireFromString("30.15")}},
			{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(12)}},
		},
	}
	v, err := plan.Compile(team)
	if err != nil {
		fmt.Println(err)
		return
	}
	for charge := range v.Phase(0).Charges() {
		amount, err := charge.Price().Rate(decimal.NewFromInt(3), v.Policy().Rounding)
		fmt.Println(v, charge.ID(), charge.Timing(), amount, err)
	}
	// Output:
	// team@1 base advance 30.15 USD <nil>
	// team@1 seats advance 36.00 USD <nil>
}

func ExamplePlan_Validate() {
	ten := decimal.NewFromInt(10)
	p := plan.Plan{
		ID: "calls", Version: 1, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "base"},
			{ID: "calls", Metric: "api_calls", Timing: plan.Advance, Price: plan.Tiered{Tiers: []plan.Tier{
				{UpTo: &ten}, {UpTo: &ten}, {UnitAmount: decimal.NewFromInt(1)},
			}}},
		},
		Length: &plan.Length{},
	}
	fmt.Println(p.Validate())
	// Output:
	// currency: missing
	// charges[0].price: missing
	// charges[1].price.tiers[1].up_to: must exceed 10
	// charges[1].timing: usage cannot be rated in advance
	// length: must have either cycles or an interval
}

func ExamplePlan_UnmarshalJSON() {
	var p plan.Plan
	err := json.Unmarshal([]byte(`{
		"id": "team", "version": 1, "currency": "USD", "every": "P1M",
		"charges": [{"id": "seats", "price": {"model": "per_unit", "unit_amount": "12.00"}}],
		"trial": {"length": "P14D"}
	}`), &p)
	fmt.Println(p.Ref(), p.Every, p.Trial.Length, err)
	// Output: team@1 P1M P14D <nil>
}

func ExamplePolicy_Or() {
	own := plan.Policy{CancelCredit: plan.CreditProrate}
	effective := own.Or(plan.DefaultPolicy())
	fmt.Println(effective.CancelCredit, effective.PauseCredit, effective.Rounding)
	// Output: prorate none half_up
}

func ExampleCatalog_Current() {
	from := time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)
	catalog, err := plan.NewCatalog(
		plan.Plan{ID: "pro", Version: 1, Currency: money.USD},
		plan.Release{Plan: plan.Plan{ID: "pro", Version: 2, Currency: money.USD}, AvailableFrom: from},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	before, _ := catalog.Current("pro", from.Add(-time.Second))
	after, _ := catalog.Current("pro", from)
	sold, _ := catalog.Existing(before.Ref(), from)
	fmt.Println(before, after, sold)

	_, err = catalog.Current("basic", from)
	fmt.Println(err, errors.Is(err, plan.ErrNotFound))
	// Output:
	// pro@1 pro@2 pro@1
	// plan: catalog: "basic" not found true
}

func ExampleCatalog_Existing() {
	june := time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)
	catalog := plan.MustCatalog(
		plan.Plan{ID: "pro", Version: 1, Currency: money.USD},
		plan.Release{Plan: plan.Plan{ID: "pro", Version: 2, Currency: money.USD}, AppliesToExistingFrom: june},
	)
	sold := plan.MustParseRef("pro@1")
	may, _ := catalog.Existing(sold, june.AddDate(0, -1, 0))
	then, _ := catalog.Existing(sold, june)
	fmt.Println(may, then)
	// Output: pro@1 pro@2
}

func ExampleDecodeCatalog() {
	_, err := plan.DecodeCatalog([]byte(`{
		"plans": [{"plan": {"id": "pro", "version": 1, "currency": "USD", "product": "web"}}],
		"offerings": [{"id": "all", "plans": ["pro@2"]}]
	}`))
	fmt.Println(err)
	// Output:
	// plan: catalog: plans[0].plan.product: there is no product "web"
	// offerings[0].plans[0]: there is no plan "pro@2"
}

func ExampleVersion_PackPrice() {
	v := plan.MustCompile(plan.Plan{
		ID: "pro", Version: 1, Currency: money.USD,
		CreditPacks: []plan.CreditPack{{
			ID: "seven", Credits: 7, ListPrice: decimal.RequireFromString("3.33"), PercentOff: decimal.NewFromInt(15),
		}},
	})
	pack, _ := v.PackPrice("seven")
	fmt.Println(pack.List, pack.Price, pack.Savings, pack.Discount)
	// Output: 23.31 USD 19.81 USD 3.50 USD 15
}

func ExampleVersion_SavingsOver() {
	perTarget := func(id string, every calendar.Interval, price int64) *plan.Version {
		return plan.MustCompile(plan.Plan{
			ID: id, Version: 1, Currency: money.USD, Every: every,
			Charges: []plan.Charge{{ID: "targets", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(price)}}},
		})
	}
	monthly, yearly := perTarget("monthly", calendar.Months(1), 99), perTarget("yearly", calendar.Years(1), 990)
	savings, err := yearly.SavingsOver(monthly, decimal.NewFromInt(1))
	fmt.Println(savings.Reference, savings.Price, savings.Saved, savings.Percent, err)
	// Output: 1188.00 USD 990.00 USD 198.00 USD 17 <nil>
}

func ExampleDiscount_Validate() {
	percent := decimal.NewFromInt(120)
	fmt.Println(plan.Discount{ID: "spring", Percent: &percent, Duration: plan.OnceOnly, Cycles: 3}.Validate())
	// Output:
	// percent: must be above 0 and at most 100
	// cycles: must be left out unless the duration is "cycles"
}

func ExampleParseRef() {
	r, err := plan.ParseRef("pro@3")
	fmt.Println(r.ID, r.Version, err)
	_, err = plan.ParseRef("pro")
	fmt.Println(err)
	// Output:
	// pro 3 <nil>
	// plan: reference "pro": must be a plan and its version, such as "pro@3"
}
