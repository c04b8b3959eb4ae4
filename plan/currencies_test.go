package plan_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func flatIn(amounts map[money.Currency]string) map[money.Currency]plan.Price {
	prices := map[money.Currency]plan.Price{}
	for c, amount := range amounts {
		prices[c] = plan.FlatFee{Amount: decimal.RequireFromString(amount)}
	}
	return prices
}

func soldInThree() plan.Plan {
	fee := plan.Charge{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(10)}, Prices: flatIn(map[money.Currency]string{money.EUR: "9.50", money.JPY: "1500"})}
	intro := fee
	intro.Prices = flatIn(map[money.Currency]string{money.EUR: "1", money.JPY: "200"})
	return plan.Plan{
		ID: "pro", Version: 1, Currency: money.USD, Currencies: []money.Currency{money.EUR, money.JPY}, Every: calendar.Months(1),
		Charges: []plan.Charge{fee}, Phases: []plan.Phase{{Charges: []plan.Charge{intro}, Cycles: 1}},
	}
}

func TestAPlanIsSoldInSeveralCurrencies(t *testing.T) {
	t.Parallel()
	v := plan.MustCompile(soldInThree())
	require.Equal(t, []money.Currency{money.USD, money.EUR, money.JPY}, v.Currencies())
	for c, want := range map[money.Currency][2]string{money.USD: {"10.00 USD", "10.00 USD"}, money.EUR: {"1.00 EUR", "9.50 EUR"}, money.JPY: {"200 JPY", "1500 JPY"}} {
		in, ok := v.In(c)
		require.True(t, ok)
		require.Equal(t, c, in.Currency())
		require.Equal(t, v.Ref(), in.Ref())
		require.Equal(t, v.Currencies(), in.Currencies())
		require.True(t, soldInThree().Equal(in.Plan()), "the definition is that of all")
		for phase, amount := range want {
			charge, ok := in.Phase(phase).Charge("fee")
			require.True(t, ok)
			rated, err := charge.Price().Rate(decimal.NewFromInt(1), money.HalfUp)
			require.NoError(t, err)
			require.Equal(t, amount, rated.String())
		}
		again, ok := in.In(money.USD)
		require.True(t, ok)
		require.Same(t, v, again)
	}
	_, ok := v.In(money.GBP)
	require.False(t, ok)
}

func TestAPriceThatIsMissingInACurrencyIsAFaultOfThePlan(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(*plan.Plan)
		want   string
	}{
		{"a price is missing", func(p *plan.Plan) { delete(p.Charges[0].Prices, money.EUR) }, "charges[0].prices.EUR: missing"},
		{"a price is missing in a phase", func(p *plan.Plan) { p.Phases[0].Charges[0].Prices = nil }, "phases[0].charges[0].prices.EUR: missing\nphases[0].charges[0].prices.JPY: missing"},
		{"a price too many", func(p *plan.Plan) { p.Currencies = p.Currencies[:1] }, "charges[0].prices.JPY: is not among the currencies"},
		{"a price that is none", func(p *plan.Plan) { p.Charges[0].Prices[money.EUR] = nil }, "charges[0].prices.EUR: missing"},
		{"a bad price", func(p *plan.Plan) { p.Charges[0].Prices[money.EUR] = plan.FlatFee{Amount: decimal.NewFromInt(-1)} }, "charges[0].prices.EUR.amount: must not be negative"},
		{"its own currency again", func(p *plan.Plan) { p.Currencies[0] = money.USD }, `currencies[0]: "USD" is used more than once`},
		{"a currency twice", func(p *plan.Plan) { p.Currencies[1] = money.EUR }, `currencies[1]: "EUR" is used more than once`},
		{"no currency", func(p *plan.Plan) { p.Currencies[1] = 0 }, "currencies[1]: missing"},
		{"credit packs", func(p *plan.Plan) { p.CreditPacks = []plan.CreditPack{{ID: "x", Credits: 1}} }, "credit_packs: a plan that is sold in several currencies has none"},
	} {
		p := soldInThree()
		row.change(&p)
		require.ErrorContains(t, p.Validate(), row.want, row.name)
	}
}

func TestALaterVersionMovesSubscriptionsOnlyWithinTheirCurrencies(t *testing.T) {
	t.Parallel()
	next := soldInThree()
	next.Version = 2
	_, err := plan.NewCatalog(soldInThree(), plan.Release{Plan: next, AppliesToExistingFrom: instant("2026-02-01")})
	require.NoError(t, err)
	next.Currencies = next.Currencies[:1]
	for _, charges := range [][]plan.Charge{next.Charges, next.Phases[0].Charges} {
		delete(charges[0].Prices, money.JPY)
	}
	_, err = plan.NewCatalog(soldInThree(), plan.Release{Plan: next, AppliesToExistingFrom: instant("2026-02-01")})
	require.ErrorContains(t, err, `plans[1].applies_to_existing_from: "pro@1" is in another currency`)
	c := plan.MustCatalog(soldInThree())
	_, err = c.Add(plan.Release{Plan: next, AppliesToExistingFrom: instant("2026-02-01")})
	require.ErrorContains(t, err, "is in another currency")
}

func TestAnAddOnIsSoldInTheCurrencyOfThePlan(t *testing.T) {
	t.Parallel()
	a := plan.AddOn{
		ID: "extra", Version: 1, Currency: money.USD, Currencies: []money.Currency{money.EUR},
		Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(3)}, Prices: flatIn(map[money.Currency]string{money.EUR: "2"})}},
	}
	c, err := plan.CompileAddOn(a)
	require.NoError(t, err)
	v := plan.MustCompile(soldInThree())
	euro, _ := v.In(money.EUR)
	yen, _ := v.In(money.JPY)
	require.True(t, c.Fits(v))
	require.True(t, c.Fits(euro))
	require.False(t, c.Fits(yen))
	in, ok := c.In(money.EUR)
	require.True(t, ok)
	require.Equal(t, money.EUR, in.Currency())
	require.True(t, a.Equal(in.AddOn()))
	back, ok := in.In(money.USD)
	require.True(t, ok)
	require.Same(t, c, back)
}
