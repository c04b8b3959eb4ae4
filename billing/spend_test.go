package billing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// spender has a fee of 50 in advance and calls at 10, and comes to 100 every month.
func spender(m *plan.Minimum, policy plan.Policy) subscription.Subscription {
	return must(subscription.New(subscription.Params{
		ID: "spender", Start: date("2026-04-01"),
		Plan: plan.MustCompile(plan.Plan{
			ID: "committed", Version: 1, Currency: money.USD, Every: calendar.Months(1), Minimum: m, Policy: policy,
			Charges: []plan.Charge{
				{ID: "base", Name: "Base", Price: plan.FlatFee{Amount: num("50")}},
				{ID: "calls", Name: "Calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num("10")}},
			},
		}),
	}))
}

func hundred() *plan.Minimum { return &plan.Minimum{Amount: money.MustParse("100.00 USD")} }

func callsOn(at string, n int64) billing.Record {
	return billing.Record{Metric: "calls", At: date(at), Quantity: decimal.NewFromInt(n)}
}

// linesOf is each line of the invoices, as kind, span and amount.
func linesOf(all []billing.Invoice) string {
	var b strings.Builder
	for _, inv := range all {
		for _, l := range inv.Lines {
			b.WriteString(strings.Join([]string{inv.At.Format("01-02"), string(l.Kind), l.From.Format("01-02"), l.To.Format("01-02"), l.Amount.Amount()}, " ") + "\n")
		}
	}
	return b.String()
}

func TestATrueUpThatLateUsageChangesIsCorrected(t *testing.T) {
	t.Parallel()
	sub := spender(hundred(), plan.Policy{})
	usage := billing.Usage{callsOn("2026-04-05", 3)}
	made, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-05-02"))
	require.NoError(t, err)
	require.Equal(t, "04-01 charge 04-01 05-01 50.00\n05-01 usage 04-01 05-01 30.00\n05-01 true_up 04-01 05-01 20.00\n05-01 charge 05-01 06-01 50.00\n", linesOf(made))
	trueUp := made[1].LineID(1)

	for _, row := range []struct {
		name        string
		late        int64
		total       string
		corrections string
	}{
		{"a part of it", 1, "0.00", "30.00 -> 40.00, 20.00 -> 10.00"},
		{"all of it", 2, "0.00", "30.00 -> 50.00, 20.00 -> 0.00"},
		{"more than it", 9, "70.00", "30.00 -> 120.00, 20.00 -> 0.00"},
	} {
		late := append(billing.Usage{callsOn("2026-04-20", row.late)}, usage...)
		require.ErrorIs(t, billing.CheckUsage(sub, checkpoint, late[0]), billing.ErrLateUsage, row.name)
		r, err := billing.Reconcile(sub, late, stored(made), checkpoint, date("2026-05-03"))
		require.NoError(t, err, row.name)
		require.Empty(t, r.Lines, row.name)
		var changes []string
		for _, c := range r.Corrections {
			changes = append(changes, c.Was.Amount()+" -> "+c.Is.Amount())
		}
		require.Equal(t, row.corrections, strings.Join(changes, ", "), row.name)
		require.Equal(t, trueUp, r.Corrections[1].Of, row.name)
		require.Equal(t, row.total, r.Total.Amount(), row.name)
		again, err := billing.Reconcile(sub, late, append(stored(made), r.StoredLines()...), r.Checkpoint, date("2026-05-03"))
		require.NoError(t, err, row.name)
		require.True(t, again.IsEmpty(), row.name)
	}
}

func TestAMinimumIsInEveryAnswer(t *testing.T) {
	t.Parallel()
	sub := spender(hundred(), plan.Policy{})
	usage := billing.Usage{callsOn("2026-04-05", 3)}
	_, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-04-10"))
	require.NoError(t, err)

	for _, at := range []billing.Checkpoint{checkpoint, {}} {
		next, err := billing.Next(sub, usage, at, date("2026-04-10"))
		require.NoError(t, err)
		require.Equal(t, []any{date("2026-05-01"), "100.00", "50.00", true}, []any{next.At, next.Amount.Amount(), next.PlanAmount.Amount(), next.Estimate})
	}
	wake, err := billing.WakeAt(sub, checkpoint)
	require.NoError(t, err)
	require.Equal(t, date("2026-05-01"), wake)

	var forecast []billing.Invoice
	for inv, err := range billing.Forecast(sub, usage, checkpoint) {
		require.NoError(t, err)
		if forecast = append(forecast, inv); len(forecast) == 2 {
			break
		}
	}
	require.Equal(t, "05-01 usage 04-01 05-01 30.00\n05-01 true_up 04-01 05-01 20.00\n05-01 charge 05-01 06-01 50.00\n06-01 true_up 05-01 06-01 50.00\n06-01 charge 06-01 07-01 50.00\n", linesOf(forecast))

	// An ending at once, with the fee given back: what ten days owe, and no more.
	call := operator(date("2026-04-11"))
	call.Policy.CancelCredit = plan.CreditProrate
	ended := must(sub.Cancel(call, subscription.Immediately()))
	p, err := billing.Preview(sub, ended, nil, checkpointOf(t, sub, "2026-04-10"))
	require.NoError(t, err)
	require.Equal(t, "04-11 credit 04-11 05-01 -33.33\n04-11 true_up 04-01 04-11 16.66\n", linesOf(p.Invoices))
}

func checkpointOf(t *testing.T, sub subscription.Subscription, at string) billing.Checkpoint {
	t.Helper()
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date(at))
	require.NoError(t, err)
	return checkpoint
}

func TestATrueUpExplainsItself(t *testing.T) {
	t.Parallel()
	factor := func(m *plan.Minimum) *plan.Minimum {
		m.OverageFactor = plan.Bound(num("1.5"))
		return m
	}
	pause := func(sub subscription.Subscription) subscription.Subscription {
		paused := must(sub.Pause(operator(date("2026-04-11")), subscription.Immediately(), subscription.Pause{}))
		return must(paused.Resume(operator(date("2026-04-21")), subscription.Immediately()))
	}
	as := func(sub subscription.Subscription) subscription.Subscription { return sub }
	for _, row := range []struct {
		name  string
		sub   subscription.Subscription
		then  func(subscription.Subscription) subscription.Subscription
		usage billing.Usage
		want  []string
	}{
		{"of a whole period", spender(hundred(), plan.Policy{}), as, billing.Usage{callsOn("2026-04-05", 3)}, []string{
			"Minimum spend, 1 April to 30 April 2026: minimum 100.00 USD, billed 80.00 USD, true-up 20.00 USD",
		}},
		{"of parts", spender(&plan.Minimum{Amount: money.MustParse("180.00 USD")}, plan.Policy{}), pause, billing.Usage{callsOn("2026-04-25", 5)}, []string{
			"Minimum spend, 1 April to 10 April 2026: minimum 60.00 USD, for 10 of 30 days of 180.00 USD, billed 50.00 USD, true-up 10.00 USD",
			"Minimum spend, 21 April to 30 April 2026: minimum 120.00 USD, billed 100.00 USD, less 10.00 USD of it billed before, true-up 10.00 USD",
		}},
		{"above it", spender(factor(hundred()), plan.Policy{}), as, billing.Usage{callsOn("2026-04-05", 9)}, []string{
			"Spend above the minimum, 1 April to 30 April 2026: minimum 100.00 USD, billed 140.00 USD, 50% more for what exceeds it, overage 20.00 USD",
		}},
	} {
		all, _, err := billing.Invoices(row.then(row.sub), row.usage, billing.Checkpoint{}, date("2026-05-01"))
		require.NoError(t, err, row.name)
		var lines []string
		for _, inv := range all {
			for _, l := range inv.Lines {
				if l.Kind != billing.TrueUpLine && l.Kind != billing.OverageLine {
					continue
				}
				text, err := l.Explain(calendar.Zone{})
				require.NoError(t, err, row.name)
				lines = append(lines, text)

				data, err := l.MarshalJSON()
				require.NoError(t, err, row.name)
				var back billing.Line
				require.NoError(t, back.UnmarshalJSON(data), "%s", data)
				require.True(t, l.Equal(back), "%s", data)
				same, err := back.Explain(calendar.Zone{})
				require.NoError(t, err)
				require.Equal(t, text, same)
			}
		}
		require.Equal(t, row.want, lines, row.name)
	}
	text, err := billing.Line{Kind: billing.TrueUpLine, From: date("2026-04-01"), To: date("2026-05-01"), Amount: money.MustParse("5.00 USD"), Basis: calendar.ByDay}.Explain(calendar.Zone{})
	require.NoError(t, err)
	require.Equal(t, "Minimum spend, 1 April to 30 April 2026: true-up 5.00 USD", text)
}

// A true-up is taxed by the code of its minimum, and reduced by a coupon only where it says so.
func TestATrueUpIsTaxedAndDiscountedAsItSays(t *testing.T) {
	t.Parallel()
	off := func(sub subscription.Subscription, d plan.Discount) subscription.Subscription {
		d.ID, d.Duration = "coupon", plan.Forever
		return must(sub.AddDiscount(operator(date("2026-04-01")), d))
	}
	half, ten := num("50"), money.MustParse("10.00 USD")
	with := func(change func(*plan.Minimum)) *plan.Minimum {
		m := hundred()
		m.TaxCode = "commitment"
		change(m)
		return m
	}
	for _, row := range []struct {
		name    string
		minimum *plan.Minimum
		coupon  plan.Discount
		want    string
	}{
		{"after: none", with(func(*plan.Minimum) {}), plan.Discount{Percent: &half}, "true_up 50.00, charge 50.00, discount -25.00, tax 10.00, tax 5.00"},
		{"after, discounted", with(func(m *plan.Minimum) { m.Discounted = true }), plan.Discount{Percent: &half}, "true_up 50.00, charge 50.00, discount -25.00, discount -25.00, tax 5.00, tax 5.00"},
		{"a fixed amount", with(func(m *plan.Minimum) { m.Discounted = true }), plan.Discount{Amount: &ten}, "true_up 50.00, charge 50.00, discount -5.00, discount -5.00, tax 9.00, tax 9.00"},
		{"of one charge", with(func(m *plan.Minimum) { m.Discounted = true }), plan.Discount{Percent: &half, Charges: []string{"base"}}, "true_up 50.00, charge 50.00, discount -25.00, tax 10.00, tax 5.00"},
		{"of a kind", with(func(m *plan.Minimum) { m.Discounted = true }), plan.Discount{Percent: &half, Kinds: []plan.DiscountedKind{plan.DiscountUsage, plan.DiscountCharges}}, "true_up 50.00, charge 50.00, discount -25.00, tax 10.00, tax 5.00"},
		{"before", with(func(m *plan.Minimum) { m.Discounts = plan.DiscountBefore }), plan.Discount{Percent: &half}, "true_up 75.00, charge 50.00, discount -25.00, tax 15.00, tax 5.00"},
	} {
		sub := off(spender(row.minimum, plan.Policy{}), row.coupon)
		vat := billing.WithTax(func(line billing.Line) []billing.TaxRate {
			if line.Kind == billing.TrueUpLine {
				require.Equal(t, "commitment", line.TaxCode)
			}
			return []billing.TaxRate{{ID: "vat", Percent: decimal.NewFromInt(20)}}
		})
		all, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-05-01"), vat)
		require.NoError(t, err, row.name)
		var got []string
		for _, l := range all[len(all)-1].Lines {
			got = append(got, string(l.Kind)+" "+l.Amount.Amount())
		}
		require.Equal(t, row.want, strings.Join(got, ", "), row.name)
	}
}

// A run from any checkpoint bills what one run does, and remembers no more for a minimum.
func TestACheckpointHoldsNothingOfAMinimum(t *testing.T) {
	t.Parallel()
	sub := spender(hundred(), plan.Policy{})
	sub = must(sub.Pause(operator(date("2026-04-11")), subscription.Immediately(), subscription.Pause{}))
	sub = must(sub.Resume(operator(date("2026-04-21")), subscription.Immediately()))
	sub = must(sub.Cancel(operator(date("2026-08-10")), subscription.Immediately()))
	usage := billing.Usage{callsOn("2026-04-05", 1), callsOn("2026-04-25", 2), callsOn("2026-06-03", 9)}
	whole, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-09-01"))
	require.NoError(t, err)

	var pieces []billing.Invoice
	var checkpoint billing.Checkpoint
	for day := date("2026-04-01"); day.Before(date("2026-09-02")); day = day.AddDate(0, 0, 1) {
		from, err := billing.UsageFrom(sub, checkpoint)
		require.NoError(t, err)
		var since billing.Usage
		for _, r := range usage {
			if !r.At.Before(from) {
				since = append(since, r)
			}
		}
		made, next, err := billing.Invoices(sub, since, checkpoint, day)
		require.NoError(t, err)
		data, err := next.MarshalJSON()
		require.NoError(t, err)
		require.NotContains(t, string(data), "spend")
		require.Less(t, len(data), 600)
		pieces, checkpoint = append(pieces, made...), next
	}
	require.Equal(t, linesOf(whole), linesOf(pieces))
	for i := range whole {
		require.Equal(t, whole[i].StoredLines(), pieces[i].StoredLines())
	}
}

func TestMinimumsInTheZonesOfTheirSubscriptions(t *testing.T) {
	t.Parallel()
	// Ten of the 31 days of March in Paris, one of which has 23 hours.
	sub := must(subscription.New(subscription.Params{
		ID: "paris", Start: time.Date(2026, 2, 28, 23, 0, 0, 0, time.UTC), Zone: calendar.MustLoadZone("Europe/Paris"),
		Plan: plan.MustCompile(plan.Plan{ID: "p", Version: 1, Currency: money.EUR, Every: calendar.Months(1), Minimum: &plan.Minimum{Amount: money.MustParse("310.00 EUR")}}),
	}))
	sub = must(sub.Cancel(operator(time.Date(2026, 3, 30, 10, 0, 0, 0, time.UTC)), subscription.Immediately()))
	all, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-05-01"))
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, "290.00 EUR", all[0].Total.String()) // 1 to 29 March
}

func TestAMinimumThatDoesNotFitIsAnError(t *testing.T) {
	t.Parallel()
	most := plan.Bound(num("1000"))
	sub := spender(&plan.Minimum{Amount: money.MustParse("0.01 USD"), OverageFactor: most}, plan.Policy{})
	_, _, err := billing.Invoices(sub, billing.Usage{callsOn("2026-04-05", 900_000_000_000_000)}, billing.Checkpoint{}, date("2026-05-01"))
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestTheMinimumOfASubscriptionIsRefusedWithItsPath(t *testing.T) {
	t.Parallel()
	v := plan.MustCompile(plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "base", Price: plan.FlatFee{Amount: num("1")}}}})
	for _, row := range []struct {
		minimum plan.Minimum
		want    string
	}{
		{plan.Minimum{}, "minimum.amount: missing"},
		{plan.Minimum{Amount: money.MustParse("1.00 EUR")}, "minimum.amount: must be in the currency of the plan"},
		{plan.Minimum{Amount: money.MustParse("1.00 USD"), Charges: []string{"calls"}}, "minimum.charges[0]: there is no charge of this id"},
		{plan.Minimum{Amount: money.MustParse("0.00 USD"), Part: plan.PartWhole}, "minimum.amount: must be above zero"},
	} {
		_, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: date("2026-01-01"), Minimum: &row.minimum})
		require.ErrorContains(t, err, row.want)
	}
	// Of its own in a document, and until its plan changes.
	sub := must(subscription.New(subscription.Params{ID: "s", Plan: v, Start: date("2026-01-01"), Minimum: &plan.Minimum{Amount: money.MustParse("7.00 USD")}}))
	data := must(sub.MarshalJSON())
	require.Contains(t, string(data), `"minimum":{"amount":{"amount":"7.00","currency":"USD"}}`)
	catalog := must(plan.NewCatalog(plan.Release{Plan: v.Plan()}))
	back := must(subscription.Decode(data, catalog))
	m, ok := back.Segment(0).Minimum()
	require.True(t, ok)
	require.Equal(t, "7.00 USD", m.Amount.String())
	snap := must(back.At(date("2026-01-02")))
	require.Equal(t, "7.00 USD", snap.Minimum.Amount.String())
	var read subscription.Snapshot
	require.NoError(t, read.UnmarshalJSON(must(snap.MarshalJSON())))
	require.True(t, snap.Equal(read))
}

// A plan whose charges bill by intervals of their own has no minimum, but one before it or after
// it may: that is owed as beside a plan without such intervals, in one run and in pieces.
func TestAMinimumIsOwedBesideAPlanOfOtherIntervals(t *testing.T) {
	t.Parallel()
	trueUps := func(invoices []billing.Invoice) string {
		var b strings.Builder
		for line := range strings.Lines(linesOf(invoices)) {
			if strings.Contains(line, "true_up") {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	// The fee is 5 a month. The 21 of 31 days of May from the change on owe 67.74 and come to 3.39,
	// the 10 before it owe 32.26 and come to 1.61.
	for _, row := range []struct {
		name string
		when subscription.When
		back bool // from the minimum to the intervals
		want string
	}{
		{"to the minimum at once", subscription.Immediately(), false, "06-01 true_up 05-01 06-01 64.35\n07-01 true_up 06-01 07-01 95.00\n08-01 true_up 07-01 08-01 95.00\n"},
		{"to the minimum later", subscription.AtPeriodEnd(), false, "07-01 true_up 06-01 07-01 95.00\n08-01 true_up 07-01 08-01 95.00\n"},
		{"from the minimum at once", subscription.Immediately(), true, "05-01 true_up 04-01 05-01 95.00\n06-01 true_up 05-01 06-01 30.65\n"},
		{"from the minimum later", subscription.AtPeriodEnd(), true, "05-01 true_up 04-01 05-01 95.00\n06-01 true_up 05-01 06-01 95.00\n"},
	} {
		for _, own := range []string{"", "P3M", "P1Y"} {
			plans := [2]*plan.Version{ofFee("own", own, nil), ofFee("committed", "", hundred())}
			if row.back {
				plans[0], plans[1] = plans[1], plans[0]
			}
			sub := must(subscription.New(subscription.Params{ID: "s", Start: date("2026-04-01"), Plan: plans[0]}))
			sub = must(sub.ChangePlan(operator(date("2026-05-11")), row.when, plans[1]))
			all, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-08-02"))
			require.NoError(t, err)
			require.Equal(t, row.want, trueUps(all), "%s, %q", row.name, own)
			var pieces, more []billing.Invoice
			var checkpoint billing.Checkpoint
			for _, until := range []string{"2026-04-20", "2026-05-20", "2026-06-01", "2026-06-20", "2026-08-02"} {
				more, checkpoint, err = billing.Invoices(sub, nil, checkpoint, date(until))
				require.NoError(t, err)
				pieces = append(pieces, more...)
			}
			require.Equal(t, linesOf(all), linesOf(pieces), "%s, %q", row.name, own)
		}
	}
}

// ofFee bills a fee in arrears, by an interval of its own unless that is empty, and calls.
func ofFee(id, own string, m *plan.Minimum) *plan.Version {
	fee := plan.Charge{ID: "fee", Price: plan.FlatFee{Amount: num("5")}, Timing: plan.Arrears}
	if own != "" {
		fee.Every = calendar.MustParseInterval(own)
	}
	return plan.MustCompile(plan.Plan{
		ID: id, Version: 1, Currency: money.USD, Every: calendar.Months(1), Minimum: m,
		Charges: []plan.Charge{fee, {ID: "calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: num("10")}}},
	})
}
