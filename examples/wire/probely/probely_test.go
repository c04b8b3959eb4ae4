package probely_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/wire/probely"
	"github.com/perennial-billing/perennial/examples/wire/wire"
	"github.com/perennial-billing/perennial/examples/wire/wiretest"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

var (
	at         = wiretest.MustAt
	dec        = decimal.RequireFromString
	operator   = wiretest.MustOperator
	subscriber = wiretest.MustSubscriber
)

// perUnit is a plan of one charge for each target.
func perUnit(id, every, price string) plan.Plan {
	return priced(id, every, plan.PerUnit{UnitAmount: dec(price)})
}

func priced(id, every string, price plan.Price) plan.Plan {
	return plan.Plan{
		ID: id, Version: 1, Currency: money.USD, Every: calendar.MustParseInterval(every),
		Charges: []plan.Charge{{ID: "targets", Price: price}},
	}
}

// table is the tiers of the worked examples: 1-5, 6-20, 21 and more.
func table() []plan.Tier {
	return []plan.Tier{
		{UpTo: plan.Bound(dec("5")), UnitAmount: dec("49")},
		{UpTo: plan.Bound(dec("20")), UnitAmount: dec("39")},
		{UnitAmount: dec("29")},
	}
}

// sold is a subscription to a plan.
func sold(t *testing.T, p plan.Plan, start string, quantity int64) subscription.Subscription {
	t.Helper()
	v, err := plan.Compile(p)
	require.NoError(t, err)
	return wiretest.Sold(t, subscription.Params{ID: "harbor", Plan: v, Start: at(start), Quantity: subscription.Units(quantity)})
}

// pro is the first of the worked examples, and what is kept beside it.
func pro(t *testing.T) (subscription.Subscription, probely.Facts) {
	t.Helper()
	p := perUnit("pro-monthly", "P1M", "99")
	p.CreditPacks = []plan.CreditPack{{ID: "credits-50", Credits: 50, ListPrice: dec("10"), PercentOff: dec("10")}}
	return sold(t, p, "2026-01-15T10:00:00Z", 10), probely.Facts{
		Seats:         feature.Seats{Free: 2, Used: 7, Teams: map[string]feature.Team{"a": {Quota: 3, Used: 1}, "b": {Quota: 2, Used: 2}}},
		CreditTargets: feature.CreditTargets{Max: 5, Used: 1},
	}
}

func shown(t *testing.T, sub subscription.Subscription, facts probely.Facts, now string) probely.Subscription {
	t.Helper()
	doc, err := probely.Encode(sub, facts, at(now), wire.Strict)
	require.NoError(t, err)
	return doc
}

func TestEveryFieldOfThePageIsInTheTable(t *testing.T) {
	t.Parallel()
	wiretest.Fields(t, probely.Fields())
}

func TestADocumentWithEveryFieldIsReadAndWrittenWithNothingLost(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		file, now string
		origin    probely.Origin
	}{
		{"testdata/account.json", "2026-01-20T00:00:00Z", probely.Origin{ID: "a", Start: at("2026-01-01T10:00:00Z")}},
		{"testdata/tiers.json", "2026-10-01T00:00:00Z", probely.Origin{ID: "b", Start: at("2026-02-10T08:30:00Z")}},
	} {
		data := wiretest.File(t, tc.file)

		doc, err := probely.Read(data)
		require.NoError(t, err)
		again, err := json.Marshal(doc)
		require.NoError(t, err)
		require.JSONEq(t, string(data), string(again))

		account, err := probely.Decode(data, at(tc.now), nil)
		require.NoError(t, err)
		sub, facts, err := account.Adopt(tc.origin)
		require.NoError(t, err)
		again, err = json.Marshal(shown(t, sub, facts, tc.now))
		require.NoError(t, err)
		require.JSONEq(t, string(data), string(again))
	}
}

func TestEveryFaultOfADocumentIsReportedAtItsPath(t *testing.T) {
	t.Parallel()
	sub, facts := pro(t)
	doc := shown(t, sub, facts, "2026-01-20T00:00:00Z")
	planWith := func(replace map[string]any) map[string]any {
		var members map[string]any
		data, err := json.Marshal(doc.Plan)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &members))
		for name, value := range replace {
			members[name] = value
		}
		return map[string]any{"plan": members}
	}
	pack := func(replace map[string]any) map[string]any {
		members := map[string]any{"id": "p", "price": 9500, "currency_code": "", "pack_amount": 10, "discount": 5, "savings": 500}
		for name, value := range replace {
			members[name] = value
		}
		return planWith(map[string]any{"allowed_credits_packs": []any{members}})
	}
	for _, tc := range []struct {
		replace map[string]any
		want    string
	}{
		{map[string]any{"subscription_status": "paused"}, `subscription_status: unknown word "paused"`},
		{map[string]any{"subscription_status": "canceled"}, `subscription_status: unknown word "canceled"`},
		{map[string]any{"channel": "shop"}, `channel: unknown word "shop"`},
		{map[string]any{"next_billing_at": wiretest.Null}, "next_billing_amount: must be 0, for there is no next billing"},
		{map[string]any{"next_billing_at": "tomorrow"}, "next_billing_at: must be an instant such as 2026-01-31T09:00:00Z"},
		{map[string]any{"next_billing_amount": 4294967296}, "next_billing_amount: must be between 0 and 4294967295"},
		{map[string]any{"number_available_ultd_targets": 6}, "number_available_ultd_targets: must be 5: 12 at most, 7 used"},
		{map[string]any{"number_available_ultd_targets_minus_team_quotas": 6}, "number_available_ultd_targets_minus_team_quotas: exceeds the available targets"},
		{map[string]any{"next_allowed_ultd_target_change": "2026-12-05T00:00:00Z"}, "next_allowed_ultd_target_change: must be there exactly where the maximum is reached"},
		{map[string]any{"number_used_credit_targets": -1}, "number_used_credit_targets: must not be negative"},
		{map[string]any{"owner": "x"}, "owner: unknown field"},
		{planWith(map[string]any{"price": -1}), "plan.price: must not be negative"},
		{planWith(map[string]any{"price": 99.5}), "plan.price: must be a whole number"},
		{planWith(map[string]any{"currency_code": "JPY"}), `plan.currency_code: unknown word "JPY"`},
		{planWith(map[string]any{"period": 0}), "plan.period: must be from 1 to 10000, in weeks, months or years"},
		{planWith(map[string]any{"period_unit": "day"}), "plan.period: must be from 1 to 10000, in weeks, months or years"},
		{planWith(map[string]any{"charge_model": "stairstep"}), `plan.charge_model: unknown word "stairstep"`},
		{planWith(map[string]any{"charge_model": "volume"}), "plan.tiers: must be there exactly where the charge model is volume or tiered"},
		{planWith(map[string]any{"tiers": map[string]any{"2": 4900}}), "plan.tiers: the first tier must begin with 1"},
		{planWith(map[string]any{"tiers": map[string]any{"up to 5": 4900}}), `plan.tiers["up to 5"]: the name of a tier is its first unit, from 1`},
		{planWith(map[string]any{"tiers": map[string]any{"1": nil}}), "plan.tiers.1: must not be null"},
		{pack(map[string]any{"price": -1}), "plan.allowed_credits_packs[0].price: must not be negative"},
		{pack(map[string]any{"discount": 9}), "plan.allowed_credits_packs[0].discount: is 5 by the price and what it saves"},
		{pack(map[string]any{"currency_code": "EUR"}), "plan.allowed_credits_packs[0].currency_code: must be that of the plan: currencies differ"},
		{pack(map[string]any{"pack_amount": 0}), "plan.allowed_credits_packs[0].pack_amount: must be at least 1"},
	} {
		_, err := probely.Decode(wiretest.With(t, doc, tc.replace), at("2026-01-20T00:00:00Z"), nil)
		require.EqualError(t, err, tc.want)
		require.ErrorIs(t, err, wire.ErrMalformed)
	}
	_, err := probely.Read([]byte(`{"plan":{"id":"p","charge_model":"flat_fee","price":0,"currency_code":"USD","allowed_builtin_scan_profiles":[],"allowed_credits_packs":[{"id":"c"}],"discount":0}}`))
	require.EqualError(t, err, `max_ultd_targets: missing
number_used_credit_targets: missing
number_available_credit_targets: missing
past_year_ultd_target_changes: missing
max_yearly_ultd_target_changes: missing
next_allowed_ultd_target_change: missing
plan.savings: missing
plan.allowed_credits_packs[0].discount: missing
plan.allowed_credits_packs[0].savings: missing
plan.allowed_credits_packs[0].pack_amount: must be at least 1`)
}

func TestWhatTheDocumentCannotSayIsRefusedOrLost(t *testing.T) {
	t.Parallel()
	const start, now = "2026-01-15T10:00:00Z", "2026-01-20T00:00:00Z"
	three := decimal.NewFromInt(3)
	for _, tc := range []struct {
		name   string
		plan   plan.Plan
		do     func(subscription.Subscription) (subscription.Subscription, error)
		refuse string
		lossy  func(*testing.T, probely.Subscription)
	}{
		{
			"a pause", perUnit("p", "P1M", "99"),
			func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.Pause(operator("2026-01-18T00:00:00Z"), subscription.Immediately(), subscription.Pause{})
			},
			"probely: subscription_status: cannot say that it is paused",
			func(t *testing.T, doc probely.Subscription) { require.Empty(t, doc.Status) },
		},
		{
			"a hold", perUnit("p", "P1M", "99"),
			func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.Hold(operator("2026-01-18T00:00:00Z"))
			},
			"probely: subscription_status: cannot say that it is paused",
			func(t *testing.T, doc probely.Subscription) { require.Empty(t, doc.Status) },
		},
		{
			"a trial that is held",
			func() plan.Plan {
				p := perUnit("p", "P1M", "99")
				p.Trial = &plan.Trial{Length: calendar.Days(14)}
				return p
			}(),
			func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.Hold(operator("2026-01-18T00:00:00Z"))
			},
			"probely: subscription_status: cannot say that the trial is held",
			func(t *testing.T, doc probely.Subscription) { require.Equal(t, "in_trial", doc.Status) },
		},
		{
			"days", perUnit("p", "P10D", "99"), nil,
			"probely: plan.period_unit: cannot say an interval of 10 days",
			func(t *testing.T, doc probely.Subscription) { require.Nil(t, doc.Plan.Period) },
		},
		{
			"a fraction of a cent", perUnit("p", "P1M", "0.0299"), nil,
			"probely: plan.price: cannot say a fraction of a cent: 0.0299",
			func(t *testing.T, doc probely.Subscription) { require.EqualValues(t, 3, doc.Plan.Price) },
		},
		{
			"a model without a word", priced("p", "P1M", plan.Package{PackageSize: dec("10"), PackageAmount: dec("5")}), nil,
			`probely: plan.charge_model: cannot say "package"`,
			func(t *testing.T, doc probely.Subscription) { require.Equal(t, "flat_fee", doc.Plan.ChargeModel) },
		},
		{
			"free units and a minimum", priced("p", "P1M", plan.PerUnit{UnitAmount: dec("1"), FreeUnits: dec("2"), Bounds: plan.Bounds{Minimum: plan.Bound(dec("1"))}}), nil,
			"probely: plan.price: cannot say a minimum or a maximum\nprobely: plan.price: cannot say free units of the price; free targets are no part of it",
			func(t *testing.T, doc probely.Subscription) { require.EqualValues(t, 100, doc.Plan.Price) },
		},
		{
			"tiers that close, with fractions and packages",
			priced("p", "P1M", plan.Tiered{Closed: true, Zero: plan.ZeroFree, Tiers: []plan.Tier{
				{UpTo: plan.Bound(dec("0.5")), UnitAmount: dec("9"), FlatAmount: dec("1")},
				{UpTo: plan.Bound(dec("20")), UnitAmount: dec("8"), PackageSize: dec("2")},
			}}),
			nil,
			"probely: plan.tiers: cannot say a last tier that ends\nprobely: plan.tiers: cannot say that no target costs nothing\nprobely: plan.tiers.1: cannot say a tier that ends at 0.5\nprobely: plan.tiers.1: cannot say started packages",
			func(t *testing.T, doc probely.Subscription) {
				require.Equal(t, probely.Tiers{{First: 1, Price: 800}}, doc.Plan.Tiers)
			},
		},
		{
			"several charges, in arrears, once, for usage",
			plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{
				{ID: "setup", Once: true, Price: plan.FlatFee{Amount: dec("1")}},
				{ID: "base", Timing: plan.Arrears, Quantity: &three, Price: plan.PerUnit{UnitAmount: dec("2")}},
				{ID: "more", Price: plan.FlatFee{Amount: dec("3")}},
				{ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: dec("4")}},
			}},
			nil,
			"probely: plan.charge_model: cannot say a charge that is due once: \"setup\"\nprobely: plan.charge_model: cannot say another charge: \"more\"\nprobely: plan.charge_model: cannot say a charge for usage: \"calls\"\nprobely: plan.charge_model: cannot say a charge in arrears",
			func(t *testing.T, doc probely.Subscription) {
				require.EqualValues(t, 200, doc.Plan.Price)
				require.EqualValues(t, 3, doc.PaidTargets)
			},
		},
		{
			"half a target", perUnit("p", "P1M", "99"),
			func(s subscription.Subscription) (subscription.Subscription, error) {
				return s.ChangeQuantity(operator("2026-01-18T00:00:00Z"), subscription.Immediately(), "", dec("2.5"))
			},
			"probely: number_paid_ultd_targets: cannot say a fraction of a target: 2.5",
			func(t *testing.T, doc probely.Subscription) { require.EqualValues(t, 2, doc.PaidTargets) },
		},
		{
			"a channel and a long name",
			func() plan.Plan {
				p := perUnit("p", "P1M", "99")
				p.Name = "Ünlimited scans of every target that an account can have"
				return p
			}(),
			func(s subscription.Subscription) (subscription.Subscription, error) {
				shop := "shop"
				return s.Update(operator("2026-01-18T00:00:00Z"), subscription.Patch{Channel: &shop})
			},
			"probely: channel: cannot say \"shop\"\nprobely: plan.name: cannot say more than 50 characters",
			func(t *testing.T, doc probely.Subscription) {
				require.Nil(t, doc.Channel)
				require.Equal(t, "Ünlimited scans of every target that an account ca", doc.Plan.Name)
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			sub := sold(t, tc.plan, start, 4)
			if tc.do != nil {
				var err error
				sub, err = tc.do(sub)
				require.NoError(t, err)
			}
			_, err := probely.Encode(sub, probely.Facts{}, at(now), wire.Strict)
			require.ErrorIs(t, err, wire.ErrNotRepresentable)
			require.EqualError(t, err, tc.refuse)
			doc, err := probely.Encode(sub, probely.Facts{}, at(now), wire.Lossy)
			require.NoError(t, err)
			tc.lossy(t, doc)
			_, err = json.Marshal(doc)
			require.NoError(t, err)
		})
	}
}

func TestWhatHasNothingNearItIsAnErrorInBothModes(t *testing.T) {
	t.Parallel()
	yen := perUnit("p", "P1M", "99")
	yen.Currency = money.JPY
	for _, mode := range wire.Modes() {
		_, err := probely.Encode(sold(t, yen, "2026-01-15T10:00:00Z", 1), probely.Facts{}, at("2026-01-20T00:00:00Z"), mode)
		require.ErrorIs(t, err, wire.ErrNotRepresentable)
		_, err = probely.Encode(sold(t, perUnit("p", "P1M", "9"), "2026-01-15T10:00:00Z", 1), probely.Facts{}, at("2026-01-10T00:00:00Z"), mode)
		require.ErrorIs(t, err, probely.ErrNoSubscription)
		_, err = probely.Encode(subscription.Subscription{}, probely.Facts{}, at("2026-01-10T00:00:00Z"), mode)
		require.ErrorIs(t, err, probely.ErrNoSubscription)
	}
}

func account(t *testing.T, amount string) money.Money {
	t.Helper()
	m, err := money.Parse(amount)
	require.NoError(t, err)
	return m
}
