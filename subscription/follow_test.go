package subscription_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// editions are versions of a plan by the month whose second applies to existing subscriptions
// from 10 March 2026.
func editions(change func(*plan.Plan)) *plan.Catalog {
	first := plan.Plan{ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{
		{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(10)}},
		{ID: "seats", Price: plan.PerUnit{UnitAmount: decimal.NewFromInt(3)}},
	}}
	second := first.Clone()
	second.Version, second.Charges[0].Price = 2, plan.FlatFee{Amount: decimal.NewFromInt(12)}
	change(&second)
	return plan.MustCatalog(first, plan.Release{Plan: second, AppliesToExistingFrom: at("2026-03-10")})
}

func soldFrom(t *testing.T, catalog *plan.Catalog, change func(*subscription.Params)) subscription.Subscription {
	t.Helper()
	v, err := catalog.Lookup(plan.Ref{ID: "pro", Version: 1})
	require.NoError(t, err)
	p := subscription.Params{ID: "s", Plan: v, Start: at("2026-01-15"), Quantity: subscription.Units(5)}
	change(&p)
	sub, err := subscription.New(p)
	require.NoError(t, err)
	return sub
}

func planAt(t *testing.T, sub subscription.Subscription, when string) string {
	t.Helper()
	snap, err := sub.At(at(when))
	require.NoError(t, err)
	return snap.Plan.String()
}

func TestASubscriptionFollowsTheCatalogAtTheFirstBoundary(t *testing.T) {
	t.Parallel()
	catalog := editions(func(*plan.Plan) {})
	sub := soldFrom(t, catalog, func(*subscription.Params) {})

	early, err := sub.Follow(operator("2026-02-01"), catalog)
	require.NoError(t, err)
	require.Equal(t, sub.Version(), early.Version(), "the period ends before the date")

	next, err := sub.Follow(operator("2026-02-20"), catalog)
	require.NoError(t, err)
	require.Equal(t, "pro@1", planAt(t, next, "2026-03-14"))
	require.Equal(t, "pro@2", planAt(t, next, "2026-03-15"))

	again, err := next.Follow(operator("2026-02-21"), catalog)
	require.NoError(t, err)
	require.Equal(t, next.Version(), again.Version(), "twice is once")
	moved, err := next.Follow(operator("2026-03-20"), catalog)
	require.NoError(t, err)
	require.Equal(t, next.Version(), moved.Version(), "it is there already")

	late, err := sub.Follow(operator("2026-06-20"), catalog)
	require.NoError(t, err)
	require.Equal(t, "pro@1", planAt(t, late, "2026-07-14"))
	require.Equal(t, "pro@2", planAt(t, late, "2026-07-15"))

	data, err := next.MarshalJSON()
	require.NoError(t, err)
	read, err := subscription.Decode(data, catalog)
	require.NoError(t, err)
	require.Equal(t, "pro@2", planAt(t, read, "2026-03-15"))
}

func TestNegotiatedPricesEndWithTheVersionOrAreKept(t *testing.T) {
	t.Parallel()
	catalog := editions(func(p *plan.Plan) { p.Charges = append(p.Charges, plan.Charge{ID: "support", Price: plan.FlatFee{}}) })
	sub := soldFrom(t, catalog, func(p *subscription.Params) {
		p.Prices = map[string]plan.Price{"fee": plan.FlatFee{Amount: decimal.NewFromInt(8)}}
	})
	for choice, want := range map[plan.PriceChange]string{"": "12.00 USD", plan.DropPrices: "12.00 USD", plan.KeepPrices: "8.00 USD"} {
		call := operator("2026-02-20")
		call.Policy.ChangePrices = choice
		next, err := sub.Follow(call, catalog)
		require.NoError(t, err)
		seg := next.Segment(next.SegmentAt(at("2026-03-15")))
		charge, ok := seg.Phase().Charge("fee")
		require.True(t, ok)
		amount, err := seg.Price(charge).Rate(decimal.NewFromInt(1), money.HalfUp)
		require.NoError(t, err)
		require.Equal(t, want, amount.String(), choice)
	}
}

func TestANegotiatedPriceKeepsItsRatioToThePlansPrice(t *testing.T) {
	t.Parallel()
	scale := func(when string) subscription.Call {
		call := operator(when)
		call.Policy.ChangePrices = plan.ScalePrices
		return call
	}
	flat := func(amount string) plan.Price {
		return plan.FlatFee{Amount: decimal.RequireFromString(amount)}
	}
	tiers := func(flat, unit string) plan.Price {
		return plan.Tiered{Zero: plan.ZeroFree, Tiers: []plan.Tier{
			{UpTo: plan.Bound(decimal.NewFromInt(3)), FlatAmount: decimal.RequireFromString(flat)}, {UnitAmount: decimal.RequireFromString(unit)},
		}}
	}
	for _, row := range []struct {
		name          string
		was, own, is  plan.Price
		want, refused string
	}{
		{name: "80 of 100 is 96 of 120", was: flat("100"), own: flat("80"), is: flat("120"), want: `{"model":"flat_fee","amount":"96"}`},
		{name: "to the cent, half away from zero", was: flat("10"), own: flat("8.35"), is: flat("10.50"), want: `{"model":"flat_fee","amount":"8.77"}`},
		{name: "to the decimals of what was agreed", was: flat("3"), own: flat("1.0000"), is: flat("4"), want: `{"model":"flat_fee","amount":"1.33"}`},
		{name: "which are those that it has", was: flat("3"), own: flat("1.0001"), is: flat("4"), want: `{"model":"flat_fee","amount":"1.3335"}`},
		{name: "free stays free", was: flat("10"), own: flat("0"), is: flat("12"), want: `{"model":"flat_fee","amount":"0"}`},
		{name: "what was free costs what it costs now", was: flat("0"), own: flat("0"), is: flat("12"), want: `{"model":"flat_fee","amount":"12"}`},
		{
			name: "each amount by its own ratio", was: tiers("10", "2"), own: tiers("9", "1"), is: tiers("20", "3"),
			want: `{"model":"tiered","tiers":[{"up_to":"3","flat_amount":"18"},{"unit_amount":"1.5"}],"zero":"free"}`,
		},
		{name: "no ratio to nothing", was: flat("0"), own: flat("1"), is: flat("12"), refused: "1 has no ratio to a list price of 0"},
		{name: "another model", was: flat("10"), own: plan.PerUnit{UnitAmount: decimal.NewFromInt(2)}, is: flat("12"), refused: "its price, that of the plan and that of the next one have not the same parts"},
		{
			name: "other tiers", was: tiers("10", "2"), is: tiers("20", "3"), refused: "its price, that of the plan and that of the next one have not the same parts",
			own: plan.Tiered{Zero: plan.ZeroFree, Tiers: []plan.Tier{{UpTo: plan.Bound(decimal.NewFromInt(4)), FlatAmount: decimal.NewFromInt(9)}, {UnitAmount: decimal.NewFromInt(1)}}},
		},
	} {
		first := plan.Plan{ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "fee", Price: row.was}}}
		second := first.Clone()
		second.Version, second.Charges[0].Price = 2, row.is
		catalog := plan.MustCatalog(first, plan.Release{Plan: second, AppliesToExistingFrom: at("2026-03-10")})
		sub := soldFrom(t, catalog, func(p *subscription.Params) { p.Prices = map[string]plan.Price{"fee": row.own} })
		next, err := sub.Follow(scale("2026-02-20"), catalog)
		if row.refused != "" {
			require.ErrorIs(t, err, subscription.ErrCannotMove, row.name)
			require.ErrorIs(t, err, plan.ErrScale, row.name)
			require.ErrorContains(t, err, `charge "fee": `+row.refused, row.name)
			require.Equal(t, sub.Version(), next.Version(), row.name)
			continue
		}
		require.NoError(t, err, row.name)
		for _, instant := range []string{"2026-03-14", "2026-03-15"} { // the old period goes on at the old price
			seg := next.Segment(next.SegmentAt(at(instant)))
			charge, ok := seg.Phase().Charge("fee")
			require.True(t, ok)
			price, err := seg.Price(charge).AppendJSON(nil)
			require.NoError(t, err)
			want := row.want
			if instant == "2026-03-14" {
				own, err := plan.CompilePrice(row.own, money.USD)
				require.NoError(t, err)
				before, err := own.AppendJSON(nil)
				require.NoError(t, err)
				want = string(before)
			}
			require.JSONEq(t, want, string(price), row.name)
		}
	}
}

func TestARatioCountsFromThePricesThatIncreasesHaveMadeOfBoth(t *testing.T) {
	t.Parallel()
	for keeps, want := range map[bool]string{false: "16.00 USD", true: "8.00 USD"} { // 16 of 20, or 8 of 20, and 20 is listed
		first := plan.Plan{
			ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1), Increase: &plan.Increase{Percent: decimal.NewFromInt(100), Every: calendar.Months(1), Times: 1, KeepNegotiated: keeps},
			Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(10)}}},
		}
		second := first.Clone()
		second.Version, second.Charges[0].Price, second.Increase = 2, plan.FlatFee{Amount: decimal.NewFromInt(20)}, nil
		catalog := plan.MustCatalog(first, plan.Release{Plan: second, AppliesToExistingFrom: at("2026-03-10")})
		sub := soldFrom(t, catalog, func(p *subscription.Params) {
			p.Prices = map[string]plan.Price{"fee": plan.FlatFee{Amount: decimal.NewFromInt(8)}}
		})
		call := operator("2026-02-20")
		call.Policy.ChangePrices = plan.ScalePrices
		next, err := sub.Follow(call, catalog)
		require.NoError(t, err)
		seg := next.Segment(next.SegmentAt(at("2026-03-15")))
		charge, ok := seg.Phase().Charge("fee")
		require.True(t, ok)
		amount, err := seg.Price(charge).Rate(decimal.NewFromInt(1), money.HalfUp)
		require.NoError(t, err)
		require.Equal(t, want, amount.String())
	}
}

func TestASetFollowsTheCatalogAndNamesWhoCannot(t *testing.T) {
	t.Parallel()
	catalog := editions(func(p *plan.Plan) { p.Charges[1].Price = plan.FlatFee{} })
	moves := editions(func(*plan.Plan) {})
	named := func(id subscription.ID, catalog *plan.Catalog) subscription.Subscription {
		return soldFrom(t, catalog, func(p *subscription.Params) { p.ID = id })
	}
	set := subscription.Set{named("b", moves), named("a", moves), {}}
	next, skipped, err := set.Follow(operator("2026-02-20"), moves)
	require.NoError(t, err)
	require.Empty(t, skipped)
	require.Len(t, next, 2)
	require.Equal(t, subscription.ID("a"), next[0].ID())
	require.Equal(t, "pro@2", planAt(t, next[1], "2026-03-15"))

	again, skipped, err := set.With(next...).Follow(operator("2026-02-21"), moves)
	require.NoError(t, err)
	require.Empty(t, skipped)
	require.Empty(t, again, "twice is once")

	next, skipped, err = subscription.Set{named("a", catalog)}.Follow(operator("2026-02-20"), catalog)
	require.NoError(t, err)
	require.Empty(t, next)
	require.Len(t, skipped, 1)
	require.Equal(t, subscription.ID("a"), skipped[0].Subscription.ID())
	require.ErrorIs(t, skipped[0].Err, subscription.ErrCannotMove)

	_, _, err = set.Follow(operator("2026-02-20"), nil)
	require.ErrorIs(t, err, subscription.ErrInvalidCall)
}

func TestWhatCannotMoveIsNamed(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(*plan.Plan)
		want   string
	}{
		{"another interval", func(p *plan.Plan) { p.Every = calendar.Years(1) }, `subscription: cannot move: "pro@2": the interval is P1Y`},
		{"phases", func(p *plan.Plan) { p.Phases = []plan.Phase{{Cycles: 1}} }, `subscription: cannot move: "pro@2": its phases would begin anew`},
		{"a length", func(p *plan.Plan) { p.Length = &plan.Length{Cycles: 12} }, `subscription: cannot move: "pro@2": its length would begin anew`},
		{
			"a charge that has gone, and one of another kind", func(p *plan.Plan) {
				p.Charges = []plan.Charge{{ID: "seats", Price: plan.FlatFee{}}}
			},
			"subscription: cannot move: \"pro@2\": charge \"fee\": it has gone\nsubscription: cannot move: \"pro@2\": charge \"seats\": the price is flat_fee",
		},
		{"another metric", func(p *plan.Plan) { p.Charges[1].Metric = "calls" }, `subscription: cannot move: "pro@2": charge "seats": it rates another metric`},
		{"another timing", func(p *plan.Plan) { p.Charges[1].Timing = plan.Arrears }, `subscription: cannot move: "pro@2": charge "seats": it is due at other times`},
	} {
		catalog := editions(row.change)
		sub := soldFrom(t, catalog, func(*subscription.Params) {})
		same, err := sub.Follow(operator("2026-02-20"), catalog)
		require.ErrorIs(t, err, subscription.ErrCannotMove, row.name)
		require.EqualError(t, err, row.want, row.name)
		require.Equal(t, sub.Version(), same.Version(), row.name)
	}
	tiers := func(upTo int64) plan.Price {
		return plan.Tiered{Closed: true, Tiers: []plan.Tier{{UpTo: plan.Bound(decimal.NewFromInt(upTo)), UnitAmount: decimal.NewFromInt(1)}}}
	}
	first := plan.Plan{ID: "pro", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "seats", Price: tiers(10)}}}
	second := first.Clone()
	second.Version, second.Charges[0].Price = 2, tiers(4)
	catalog := plan.MustCatalog(first, plan.Release{Plan: second, AppliesToExistingFrom: at("2026-03-10")})
	_, err := soldFrom(t, catalog, func(*subscription.Params) {}).Follow(operator("2026-02-20"), catalog)
	require.ErrorIs(t, err, subscription.ErrCannotMove)
	require.ErrorIs(t, err, plan.ErrNoTier)
	require.ErrorContains(t, err, `charge "seats"`)
}

func TestWhereNothingIsToFollowNothingChanges(t *testing.T) {
	t.Parallel()
	catalog := editions(func(*plan.Plan) {})
	sub := soldFrom(t, catalog, func(*subscription.Params) {})

	_, err := subscription.Subscription{}.Follow(operator("2026-02-20"), catalog)
	require.ErrorIs(t, err, subscription.ErrZero)
	_, err = sub.Follow(operator("2026-02-20"), nil)
	require.ErrorIs(t, err, subscription.ErrInvalidCall)
	_, err = sub.Follow(operator("2026-02-20"), plan.MustCatalog())
	require.ErrorIs(t, err, plan.ErrNotFound)
	_, err = sub.Follow(subscription.Call{}, catalog)
	require.ErrorIs(t, err, subscription.ErrInvalidCall)

	ended, err := sub.Cancel(operator("2026-02-01"), subscription.Immediately())
	require.NoError(t, err)
	same, err := ended.Follow(operator("2026-02-20"), catalog)
	require.NoError(t, err)
	require.Equal(t, ended.Version(), same.Version())

	future := soldFrom(t, catalog, func(p *subscription.Params) { p.At, p.Start = at("2026-01-15"), at("2026-04-01") })
	next, err := future.Follow(operator("2026-02-20"), catalog)
	require.NoError(t, err)
	require.Equal(t, "pro@2", planAt(t, next, "2026-04-01"))
}
