package subscription_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func inEuros(usd, eur int64) plan.Charge {
	return plan.Charge{
		ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(usd)},
		Prices: map[money.Currency]plan.Price{money.EUR: plan.FlatFee{Amount: decimal.NewFromInt(eur)}},
	}
}

// What a subscription is sold in stays: a plan and an add-on that it takes on later are taken
// in its currency, whichever they are given in.
func TestASubscriptionKeepsTheCurrencyInWhichItIsSold(t *testing.T) {
	t.Parallel()
	two := []money.Currency{money.EUR}
	sold := func(id string, usd, eur int64) plan.Plan {
		return plan.Plan{ID: id, Version: 1, Currency: money.USD, Currencies: two, Every: calendar.Months(1), Charges: []plan.Charge{inEuros(usd, eur)}}
	}
	dollars := sold("dollars", 1, 1)
	dollars.Currencies, dollars.Charges[0].Prices = nil, nil
	catalog := plan.MustCatalog(
		sold("pro", 100, 90), sold("max", 200, 180), dollars,
		plan.AddOn{ID: "extra", Version: 1, Currency: money.USD, Currencies: two, Charges: []plan.Charge{inEuros(10, 9)}},
	)
	version := func(id string) *plan.Version {
		v, err := catalog.Lookup(plan.Ref{ID: id, Version: 1})
		require.NoError(t, err)
		return v
	}
	euro, ok := version("pro").In(money.EUR)
	require.True(t, ok)
	day := func(n int) subscription.Call {
		return subscription.Call{At: time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC), Actor: lifecycle.Operator}
	}
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: euro, Start: day(1).At})
	require.NoError(t, err)
	require.Equal(t, money.EUR, sub.Currency())
	extra, err := catalog.AddOn(plan.MustParseRef("extra@1"))
	require.NoError(t, err)
	sub, err = sub.Attach(day(2), subscription.Immediately(), subscription.Attachment{ID: "x", AddOn: extra})
	require.NoError(t, err)
	sub, err = sub.ChangePlan(day(3), subscription.Immediately(), version("max"))
	require.NoError(t, err)
	costs := func(s subscription.Subscription) []string {
		var all []string
		seg := s.Segment(s.Segments() - 1)
		for charge := range seg.Phase().Charges() {
			amount, err := seg.Price(charge).Rate(decimal.NewFromInt(1), money.HalfUp)
			require.NoError(t, err)
			all = append(all, charge.ID()+" "+amount.String())
		}
		return all
	}
	require.Equal(t, []string{"fee 180.00 EUR", "x/fee 9.00 EUR"}, costs(sub))
	require.Equal(t, money.EUR, sub.Currency())
	_, err = sub.ChangePlan(day(4), subscription.Immediately(), version("dollars"))
	require.ErrorIs(t, err, subscription.ErrCurrency)

	data, err := sub.MarshalJSON()
	require.NoError(t, err)
	require.Contains(t, string(data), `"plan":"pro@1","currency":"EUR",`)
	back, err := subscription.Decode(data, catalog)
	require.NoError(t, err)
	require.True(t, sub.Equal(back))
	require.Equal(t, costs(sub), costs(back))

	own, err := subscription.New(subscription.Params{ID: "s", Plan: version("pro"), Start: day(1).At})
	require.NoError(t, err)
	data, err = own.MarshalJSON()
	require.NoError(t, err)
	require.NotContains(t, string(data), "currency")
	for currency, want := range map[string]string{"USD": "currency: it is the plan's own", "GBP": "currency: subscription: currency differs: the plan is not sold in GBP"} {
		_, err = subscription.Decode([]byte(`{"format":1,"id":"s","plan":"pro@1","currency":"`+currency+`","start":"2026-01-01T00:00:00Z"}`), catalog)
		require.EqualError(t, err, want)
	}
}
