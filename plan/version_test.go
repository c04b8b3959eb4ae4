package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func TestACompiledPlanHasItsDefaultsFilledIn(t *testing.T) {
	t.Parallel()
	v, err := plan.Compile(plan.Plan{
		ID: "bare", Version: 1, Currency: money.USD, Every: calendar.Months(1),
		Trial: &plan.Trial{Length: calendar.Days(7)}, Length: &plan.Length{Cycles: 12},
		Charges: []plan.Charge{
			{ID: "seats", Price: plan.PerUnit{UnitAmount: d("5")}},
			{ID: "calls", Price: plan.PerUnit{UnitAmount: d("0.1")}, Metric: "calls"},
		},
	})
	require.NoError(t, err)
	require.Equal(t, plan.DefaultPolicy(), v.Policy())
	require.Equal(t, calendar.Clamp, v.MonthEnd())
	require.Equal(t, plan.Rules{plan.Anyone, plan.Anyone, plan.Anyone, plan.Anyone, plan.Anyone}, v.Rules())
	trial, ok := v.Trial()
	require.True(t, ok)
	require.Equal(t, plan.Trial{Length: calendar.Days(7), AtEnd: plan.BillAtTrialEnd}, trial)
	length, ok := v.Length()
	require.True(t, ok)
	require.Equal(t, plan.Length{Cycles: 12, From: plan.FromTrialEnd, LastPeriod: plan.LastProrate, AtEnd: plan.Close}, length)
	require.Equal(t, 1, v.Phases())
	items := slices.Collect(v.Phase(0).Charges())
	require.Equal(t, plan.Advance, items[0].Timing())
	require.Equal(t, plan.Aggregation(""), items[0].Aggregation())
	require.Equal(t, plan.Arrears, items[1].Timing())
	require.Equal(t, plan.Sum, items[1].Aggregation())
	metric, ok := v.Metric("calls")
	require.True(t, ok, "a metric that is named need not be declared")
	require.Equal(t, plan.Metric{ID: "calls", Aggregation: plan.Sum}, metric)
	for _, id := range []string{"", "nope"} {
		_, ok = v.Metric(id)
		require.False(t, ok)
	}

	free := plan.MustCompile(plan.Plan{ID: "free", Version: 1, Currency: money.USD})
	_, ok = free.Trial()
	require.False(t, ok)
	_, ok = free.Length()
	require.False(t, ok)
	require.True(t, free.Every().IsZero())
	require.Empty(t, slices.Collect(free.Phase(0).Charges()))
}

func TestACompiledPlanShowsWhatIsSold(t *testing.T) {
	t.Parallel()
	v := plan.MustCompile(team())
	require.Equal(t, "team@2", v.String())
	require.Equal(t, plan.Ref{ID: "team", Version: 2}, v.Ref())
	require.Equal(t, "team", v.ID())
	require.Equal(t, 2, v.Number())
	require.Equal(t, "Team", v.Name())
	require.Equal(t, "suite", v.Product())
	require.Equal(t, money.USD, v.Currency())
	require.Equal(t, calendar.LastDay, v.MonthEnd())
	require.True(t, v.Plan().Equal(team()))
	require.Equal(t, calendar.BySecond, v.Policy().Basis)
	require.Equal(t, money.HalfEven, v.Policy().Rounding)
	require.Equal(t, calendar.NewSide, v.Policy().ChangeDay)
	require.Equal(t, plan.Nobody, v.Rules().Quantity)
	require.True(t, v.Features().Equal(team().Features))
	grant, ok := v.Feature("rescan")
	require.True(t, ok)
	require.Equal(t, feature.Allowance, grant.Kind)
	_, ok = v.Feature("nope")
	require.False(t, ok)
	metric, ok := v.Metric("connections")
	require.True(t, ok)
	require.Equal(t, plan.Max, metric.Aggregation)
	metric, ok = v.Metric("spare")
	require.True(t, ok)
	require.Equal(t, plan.Sum, metric.Aggregation)

	require.Equal(t, 3, v.Phases())
	require.Nil(t, v.Phase(-1))
	require.Nil(t, v.Phase(3))
	intro, second, last := v.Phase(0), v.Phase(1), v.Phase(2)
	require.Equal(t, "intro", intro.ID())
	require.Equal(t, calendar.Weeks(2), intro.Every())
	require.Equal(t, 3, intro.Cycles())
	require.True(t, intro.Length().IsZero())
	require.Equal(t, calendar.Months(1), second.Every(), "a phase without an interval has the plan's")
	require.Equal(t, 0, second.Cycles())
	require.Equal(t, calendar.Days(45), second.Length())
	require.Empty(t, slices.Collect(second.Charges()))
	require.Equal(t, "", last.ID())
	require.Equal(t, 0, last.Cycles())
	require.True(t, last.Length().IsZero())
	require.Len(t, slices.Collect(last.Charges()), 6)
	_, ok = intro.Charge("seats")
	require.False(t, ok)

	base, ok := last.Charge("base")
	require.True(t, ok)
	require.Same(t, slices.Collect(last.Charges())[0], base)
	require.Equal(t, "base", base.ID())
	require.Equal(t, "Base fee", base.Name())
	amount, err := base.Price().Rate(d("9"), money.HalfUp)
	require.NoError(t, err)
	require.Equal(t, "30.15 USD", amount.String())
	support, _ := last.Charge("support")
	require.Equal(t, plan.Arrears, support.Timing())
	quantity, fixed := support.FixedQuantity()
	require.True(t, fixed)
	require.True(t, quantity.Equal(d("3.5")))
	_, fixed = base.FixedQuantity()
	require.False(t, fixed)
	setup, _ := last.Charge("setup")
	require.True(t, setup.Once())
	peak, _ := last.Charge("peak")
	require.Equal(t, plan.Arrears, peak.Timing())
	require.Equal(t, "connections", peak.Metric())
	require.Equal(t, plan.Max, peak.Aggregation())
}

func TestChangingADefinitionChangesNothingThatIsSold(t *testing.T) {
	t.Parallel()
	p := team()
	v := plan.MustCompile(p)
	p.Charges[0].ID, p.Phases[0].Charges[0].ID, p.Metrics[0].ID, p.CreditPacks[0].ID = "x", "x", "x", "x"
	*p.Charges[2].Quantity, *p.CreditPacks[1].Price = d("9"), d("9")
	p.Trial.AtEnd, p.Length.AtEnd, p.Metadata["crm"] = "x", "x", "x"
	tiers := p.Charges[4].Price.(plan.Tiered).Tiers
	*tiers[0].UpTo, tiers[1].UnitAmount = d("7"), d("7")
	p.Features["sso"] = feature.Grant{}
	require.True(t, v.Plan().Equal(team()))

	q := v.Plan()
	q.Charges[0].ID, q.Metadata["crm"], *q.Charges[2].Quantity, q.Trial.AtEnd = "x", "x", d("9"), "x"
	delete(q.Features, "sso")
	delete(v.Features(), "sso")
	require.True(t, v.Plan().Equal(team()))
}

func TestReadingACompiledPlanDoesNotAllocate(t *testing.T) {
	v := plan.MustCompile(team())
	require.Zero(t, testing.AllocsPerRun(100, func() {
		s := v.Phase(2)
		for item := range s.Charges() {
			_, _ = item.FixedQuantity()
			_, _ = s.Charge(item.ID())
		}
		_, _, _ = v.Policy(), v.Rules(), v.Ref()
		_, _ = v.Trial()
		_, _ = v.Length()
		_, _ = v.PackPrice("ten")
		_, _ = v.Metric("api_calls")
	}))
}

func TestEqualComparesPlansByValue(t *testing.T) {
	t.Parallel()
	p := team()
	p.Charges[2].Quantity = at("3.5000")
	p.Phases[1].Charges = []plan.Charge{}
	require.True(t, p.Equal(team()))
	require.False(t, plan.Charge{Price: plan.FlatFee{}}.Equal(plan.Charge{}))
	require.False(t, plan.Charge{}.Equal(plan.Charge{Price: plan.FlatFee{}}))
	for _, row := range badPlans {
		changed := team()
		row.change(&changed)
		require.False(t, changed.Equal(team()), row.name)
		require.False(t, team().Equal(changed), row.name)
		require.True(t, changed.Equal(changed.Clone()), row.name)
	}
}

func TestAPolicyInheritsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	full := plan.DefaultPolicy()
	require.NoError(t, full.Validate())
	require.NoError(t, plan.Policy{}.Validate())
	require.Equal(t, full, plan.Policy{}.Or(full))
	require.Equal(t, full, full.Or(plan.Policy{Basis: calendar.BySecond}))
	other := plan.Policy{
		Basis: calendar.ByDay30, ChangeDay: calendar.OldSide, ChangeCredit: plan.CreditFull, CancelCredit: plan.CreditFull,
		PauseCredit: plan.CreditProrate, CreditBasis: plan.CreditList, ChargeNew: plan.ChargeNone, Collect: plan.CollectNextInvoice,
		ChangeAnchor: plan.ResetAnchor, ResumeAnchor: plan.ExtendAnchor, FirstPeriod: plan.FirstFree, Rounding: money.Down,
		Negative: plan.RefundNegative, DiscountSplit: plan.SplitInOrder, ZeroInvoices: plan.EmitZeroInvoices, TaxRounding: plan.TaxPerInvoice,
		UsageBounds: plan.BoundsWhole, UsageCount: plan.CountAcross, ChangeAddOns: plan.RefuseAddOns, ChangePrices: plan.KeepPrices, PeriodEnd: plan.LongestPeriodEnd, FirstInvoice: plan.FirstWithNext,
	}
	require.NoError(t, other.Validate())
	require.Equal(t, other, other.Or(full))
	require.Equal(t, other, plan.Policy{}.Or(other))
	require.Equal(t, other, plan.Policy{}.Or(plan.Policy{}).Or(other).Or(full))
}

func TestBadDiscountsReportEveryFault(t *testing.T) {
	t.Parallel()
	usd := func(s string) *money.Money {
		m := money.MustParse(s + " USD")
		return &m
	}
	rows := []struct {
		discount plan.Discount
		faults   string
	}{
		{plan.Discount{}, "id: missing\nmust have either a percent or an amount\nduration: missing"},
		{plan.Discount{ID: "x", Percent: at("10"), Amount: usd("1.00"), Duration: plan.Forever}, "must have either a percent or an amount"},
		{plan.Discount{ID: "x", Percent: at("0"), Duration: plan.Forever}, "percent: must be above 0 and at most 100"},
		{plan.Discount{ID: "x", Percent: at("-1"), Duration: plan.Forever}, "percent: must be above 0 and at most 100"},
		{plan.Discount{ID: "x", Percent: at("100.01"), Duration: plan.Forever}, "percent: must be above 0 and at most 100"},
		{plan.Discount{ID: "x", Percent: at("0.000000000000000000001"), Duration: plan.Forever}, "percent: too many digits"},
		{plan.Discount{ID: "x", Amount: usd("0.00"), Duration: plan.Forever}, "amount: must be above zero"},
		{plan.Discount{ID: "x", Amount: usd("-5.00"), Duration: plan.Forever}, "amount: must be above zero"},
		{plan.Discount{ID: "x", Amount: new(money.Money), Duration: plan.Forever}, "amount: must be an amount of money"},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: "twice"}, `duration: unknown duration "twice": must be one of once, forever, cycles, time`},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.ForCycles}, "cycles: must be from 1 to 1000000"},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.ForCycles, Cycles: -2}, "cycles: must be from 1 to 1000000"},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.OnceOnly, Cycles: 2}, `cycles: must be left out unless the duration is "cycles"`},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.ForTime}, "for: missing"},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.ForTime, For: calendar.Months(10001)}, "for: must be 1 to 10000 days, weeks, months or years"},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.ForTime, For: calendar.Months(3), Cycles: 3}, `cycles: must be left out unless the duration is "cycles"`},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.ForCycles, Cycles: 3, For: calendar.Months(3)}, `for: must be left out unless the duration is "time"`},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.OnceOnly, Charges: []string{"a", "a"}, Kinds: []plan.DiscountedKind{"tax", "", "one_off"}}, "charges[1]: \"a\" is used more than once\nkinds[0]: unknown kind of line \"tax\": must be one of charge, usage, one_off\nkinds[1]: missing"},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.OnceOnly, Charges: []string{"a"}, Kinds: []plan.DiscountedKind{plan.DiscountOneOffs}}, "kinds: one-offs are of no charge"},
		{plan.Discount{ID: "x", Percent: at("1"), Duration: plan.OnceOnly, Charges: []string{" "}, Name: "\n"}, "name: must be on one line, without control characters\ncharges[0]: must not begin or end with a space"},
	}
	for _, row := range rows {
		err := row.discount.Validate()
		require.EqualError(t, err, row.faults)
		require.Len(t, fault.Faults(err), 1+strings.Count(row.faults, "\n"))
		_, err = row.discount.MarshalJSON()
		require.EqualError(t, err, row.faults)
		require.True(t, row.discount.Equal(row.discount.Clone()))
	}
	a := plan.Discount{ID: "x", Amount: usd("1.00"), Duration: plan.Forever}
	b := a.Clone()
	*b.Amount = *usd("2.00")
	require.False(t, a.Equal(b))
	require.Equal(t, "1.00 USD", a.Amount.String())
	require.Equal(t, "id: missing", (&fault.FieldError{Path: "id", Err: fault.Faults(plan.Discount{}.Validate())[0].Err}).Error())
}
