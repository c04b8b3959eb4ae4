package subscription_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// withPacks sells ten credits for good, fifty for a year, and seven for a year that
// the others are to be good for too.
func withPacks(t *testing.T) *plan.Version {
	t.Helper()
	ten := decimal.NewFromInt(10)
	return scanner(t, func(p *plan.Plan) {
		p.CreditPacks = []plan.CreditPack{
			{ID: "good", Credits: 10, ListPrice: ten},
			{ID: "year", Credits: 50, ListPrice: ten, PercentOff: ten, ValidFor: calendar.Years(1)},
			{ID: "latest", Credits: 7, ListPrice: ten, ValidFor: calendar.Years(1), ExtendsPaid: true},
			{ID: "gift", Credits: 1, ValidFor: calendar.Days(30)},
		}
	})
}

func buy(pack string) func(subscription.Subscription, subscription.Call) (subscription.Subscription, error) {
	return func(s subscription.Subscription, c subscription.Call) (subscription.Subscription, error) {
		return s.AddCreditPack(c, pack)
	}
}

func TestACreditPackIsChargedAndGranted(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: withPacks(t), Start: instantOf(t, "2026-01-15T10:00:00Z")})
	s = having(t, s, stepAt{"2026-01-20T12:00:00Z", buy("year")})
	require.Equal(t, 1, s.PendingItems())
	price, ok := s.PendingItem(0).OneOff()
	require.True(t, ok)
	require.Equal(t, "450.00 USD", price.Amount.String())
	require.Equal(t, plan.CollectNextInvoice, price.Collect)

	g, err := s.PackGrant(s.Version())
	require.NoError(t, err)
	require.Equal(t, "50", g.Amount.String())
	require.Equal(t, plan.PaidCredits, g.Class)
	require.Equal(t, "2026-01-20T12:00:00Z", calendar.FormatInstant(g.From))
	require.Equal(t, "2027-01-20T12:00:00Z", calendar.FormatInstant(g.Until))

	c, err := s.GrantPack(feature.Credits{}, s.Version())
	require.NoError(t, err)
	require.Equal(t, "50", c.Balance().String())
	again, err := s.GrantPack(c, s.Version())
	require.ErrorIs(t, err, feature.ErrDuplicateGrant)
	require.True(t, c.Equal(again))

	// A pack that costs nothing is granted, and nothing is charged.
	s = having(t, s, stepAt{"2026-01-21T12:00:00Z", buy("gift")})
	require.Equal(t, 1, s.PendingItems())
	c, err = s.GrantPack(c, s.Version())
	require.NoError(t, err)
	require.Equal(t, "51", c.Balance().String())
}

func TestEveryPurchaseExtendsAllPaidCreditsIfThePackSaysSo(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: withPacks(t), Start: instantOf(t, "2026-01-15T10:00:00Z")})
	s = having(
		t, s,
		stepAt{"2026-01-20T00:00:00Z", buy("good")},
		stepAt{"2026-02-20T00:00:00Z", buy("year")},
		stepAt{"2026-03-20T00:00:00Z", buy("year")},
		stepAt{"2026-04-20T00:00:00Z", buy("latest")},
	)
	welcome := feature.CreditGrant{ID: "welcome", Class: "gift", Amount: decimal.NewFromInt(5), Until: instantOf(t, "2026-12-31T00:00:00Z")}
	c, err := feature.Credits{}.Grant(welcome, instantOf(t, "2026-01-15T10:00:00Z"))
	require.NoError(t, err)
	for n := 2; n <= 4; n++ {
		c, err = s.GrantPack(c, n)
		require.NoError(t, err)
	}
	until := func(c feature.Credits) (list []string) {
		for _, h := range c.Grants() {
			text := "never"
			if !h.Grant.Until.IsZero() {
				text = calendar.FormatInstant(h.Grant.Until)
			}
			list = append(list, h.Grant.ID+" "+h.Left.String()+" "+text)
		}
		return list
	}
	require.Equal(t, []string{
		"welcome 5 2026-12-31T00:00:00Z", "purchase-2 10 never", "purchase-3 50 2027-02-20T00:00:00Z", "purchase-4 50 2027-03-20T00:00:00Z",
	}, until(c), "one pack does not touch another")
	c, err = s.GrantPack(c, 5)
	require.NoError(t, err)
	require.Equal(t, []string{
		"welcome 5 2026-12-31T00:00:00Z", "purchase-2 10 never", "purchase-3 50 2027-04-20T00:00:00Z", "purchase-4 50 2027-04-20T00:00:00Z",
		"purchase-5 7 2027-04-20T00:00:00Z",
	}, until(c))

	// What has expired at the purchase is not brought back.
	late := having(t, s, stepAt{"2027-04-20T00:00:00Z", buy("latest")})
	c, err = late.GrantPack(c, 6)
	require.NoError(t, err)
	require.Equal(t, "17", c.Balance().String())
	var sum decimal.Decimal
	for _, e := range c.Entries() {
		sum = sum.Add(e.Amount)
	}
	require.Equal(t, "17", sum.String())
}

func TestAPurchaseIsGrantedToABalanceThatHasMovedOn(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: withPacks(t), Start: instantOf(t, "2026-01-15T10:00:00Z")})
	s = having(t, s, stepAt{"2026-01-20T00:00:00Z", buy("year")})
	c, err := feature.Credits{}.At(instantOf(t, "2026-01-20T00:00:03Z"))
	require.NoError(t, err)
	c, err = s.GrantPack(c, 2)
	require.NoError(t, err)
	require.Equal(t, "2026-01-20T00:00:03Z", calendar.FormatInstant(c.Grants()[0].Grant.From))
	require.Equal(t, "2027-01-20T00:00:00Z", calendar.FormatInstant(c.Grants()[0].Grant.Until))

	c, err = feature.Credits{}.At(instantOf(t, "2027-01-20T00:00:00Z"))
	require.NoError(t, err)
	got, err := s.GrantPack(c, 2)
	require.ErrorContains(t, err, "until: must be after from", "it has expired by then")
	require.True(t, c.Equal(got))
}

func TestAPackIsThatOfThePlanItWasBoughtUnder(t *testing.T) {
	t.Parallel()
	cheap := withPacks(t)
	other := scanner(t, func(p *plan.Plan) {
		p.ID = "other"
		p.CreditPacks = []plan.CreditPack{{ID: "year", Credits: 60, ListPrice: decimal.NewFromInt(10)}}
	})
	const at = "2026-01-20T00:00:00Z"
	s := begun(t, subscription.Params{Plan: cheap, Start: instantOf(t, "2026-01-15T10:00:00Z")})
	s = having(
		t, s,
		stepAt{at, buy("year")},
		stepAt{at, changeTo(other, subscription.Immediately(), plan.Policy{})},
		stepAt{at, buy("year")},
		stepAt{"2026-01-21T00:00:00Z", buy("year")},
	)
	for _, sub := range []subscription.Subscription{s, readBack(t, s, cheap, other)} {
		for command, want := range map[int]string{2: "50", 4: "60", 5: "60"} {
			g, err := sub.PackGrant(command)
			require.NoError(t, err)
			require.Equal(t, want, g.Amount.String(), command)
		}
	}

	// A purchase that is put in before the others is granted under what held then.
	call := subscription.Call{At: instantOf(t, "2026-01-19T00:00:00Z"), Actor: lifecycle.Operator, Correction: true}
	s, err := s.AddCreditPack(call, "latest")
	require.NoError(t, err)
	g, err := s.PackGrant(s.Version())
	require.NoError(t, err)
	require.Equal(t, "7", g.Amount.String())
}

func readBack(t *testing.T, s subscription.Subscription, versions ...*plan.Version) subscription.Subscription {
	t.Helper()
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var plans []plan.CatalogEntry
	for _, v := range versions {
		plans = append(plans, v.Plan())
	}
	got, err := subscription.Decode(data, plan.MustCatalog(plans...))
	require.NoError(t, err)
	return got
}

func TestWhatIsNoPurchaseGrantsNothing(t *testing.T) {
	t.Parallel()
	s := begun(t, subscription.Params{Plan: withPacks(t), Start: instantOf(t, "2026-01-15T10:00:00Z")})
	s = having(t, s, stepAt{"2026-01-20T00:00:00Z", now(pause)})
	call := subscription.Call{At: instantOf(t, "2026-01-21T00:00:00Z"), Actor: lifecycle.Subscriber}
	_, err := s.AddCreditPack(call, "thousand")
	require.ErrorIs(t, err, subscription.ErrPackNotAllowed)
	for command, text := range map[int]string{-1: "there is none", 1: "there is none", 2: "buys no credit pack", 3: "there is none"} {
		_, err := s.PackGrant(command)
		require.ErrorIs(t, err, subscription.ErrInvalidCall)
		require.ErrorContains(t, err, text)
		c, err := s.GrantPack(feature.Credits{}, command)
		require.ErrorIs(t, err, subscription.ErrInvalidCall)
		require.True(t, c.Equal(feature.Credits{}))
	}
	over := having(t, s, stepAt{"2026-01-21T00:00:00Z", now(subscription.Subscription.Cancel)})
	_, err = over.AddCreditPack(call, "year")
	require.ErrorIs(t, err, lifecycle.ErrCancelled)
}
