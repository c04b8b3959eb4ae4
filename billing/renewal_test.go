package billing_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// What renews and nothing else is answered without a run: the answers are the same.
func TestTheShortWaySaysWhatARunSays(t *testing.T) {
	t.Parallel()
	short, told := 0, 0
	property := func(t *rapid.T) {
		s := newStory(t, rapid.SampledFrom([]int{0, 0, 0, 1, 4}).Draw(t, "verbs"))
		at := s.now.AddDate(0, 0, rapid.IntRange(0, 100).Draw(t, "days on"))
		faulty := rapid.IntRange(0, 5).Draw(t, "faulty") == 0
		checkpoint := billing.Checkpoint{ChargedThrough: at, LastCommand: s.sub.LastCommand(at)}
		if rapid.Bool().Draw(t, "credit") {
			checkpoint.CreditBalance = money.FromMinor(rapid.Int64Range(0, 20000).Draw(t, "account credit"), money.EUR)
			if faulty {
				checkpoint.CreditBalance = rapid.SampledFrom([]money.Money{money.FromMinor(-1, money.EUR), money.FromMinor(1, money.USD)}).Draw(t, "no credit")
			}
		}
		for range rapid.IntRange(0, 12).Draw(t, "records") {
			r := billing.Record{
				Metric:   "calls",
				At:       at.Add(time.Duration(rapid.IntRange(-40*24, 40*24).Draw(t, "used")) * time.Hour),
				Quantity: decimal.New(rapid.Int64Range(0, 100_000).Draw(t, "quantity"), rapid.Int32Range(-3, 1).Draw(t, "exponent")),
			}
			if faulty {
				r.Metric = rapid.SampledFrom([]string{"calls", "other"}).Draw(t, "metric")
				r.Quantity = r.Quantity.Neg()
			}
			s.usage = append(s.usage, r)
		}
		if !faulty {
			s.usage = s.still(s.sub, at.AddDate(1, 0, 0))
			slices.SortStableFunc(s.usage, func(a, b billing.Record) int { return a.At.Compare(b.At) })
		}
		var options []billing.Option
		if rapid.Bool().Draw(t, "policy") {
			options = append(options, billing.WithPolicy(drawPolicy(t, "call")))
		}
		told++
		if billing.IsRenewalOnly(s.sub, s.usage, checkpoint, options...) {
			short++
		}

		asked := at.Add(time.Duration(rapid.IntRange(0, 90*24).Draw(t, "asked")) * time.Hour)
		next, err := billing.Next(s.sub, s.usage, checkpoint, asked, options...)
		want, wantErr := billing.NextByRun(s.sub, s.usage, checkpoint, asked, options...)
		same(t, wantErr, err)
		require.Equal(t, want, next, "%s", shown(s))

		made, mark, err := billing.Invoices(s.sub, s.usage, checkpoint, asked, options...)
		all, wantMark, wantErr := billing.InvoicesByRun(s.sub, s.usage, checkpoint, asked, options...)
		same(t, wantErr, err)
		require.Equal(t, wantMark, mark)
		require.Equal(t, len(all), len(made))
		for i := range all {
			require.Equal(t, explanation(t, all[i]), explanation(t, made[i]))
			require.True(t, billing.SameInvoice(all[i], made[i]), "%+v\n%+v", all[i], made[i])
		}
	}
	covering(t, 1, property, func() bool { return short > told/5 })
}

func same(t require.TestingT, want, got error) {
	if want == nil {
		require.NoError(t, got)
		return
	}
	require.EqualError(t, got, want.Error())
}

func explanation(t require.TestingT, inv billing.Invoice) string {
	text, err := inv.Explain()
	require.NoError(t, err)
	return text
}

// A reset later on the day of its cut has counted what was used before it on that day, but
// its period begins with the day. Next computes the renewal directly here: the week ends
// where the month did, so that nothing paid reaches beyond it.
func TestUseBeforeAResetOnItsDayIsCountedOnce(t *testing.T) {
	t.Parallel()
	p := replayed(t, tale{
		Plans: []talePlan{rulePlan(t, "p month: calls 1 per calls"), rulePlan(t, "q week: calls 1 per calls")}, Sub: taleSub{Plan: "p", Start: "2026-04-01"},
		Actions: []taleAction{
			{At: "2026-04-24T06:00:00Z", Do: "usage", Of: "calls", Quantity: "5"},
			{At: "2026-04-24T12:00:00Z", Do: "change_plan", To: "q", Anchor: "reset"},
			{At: "2026-04-24T18:00:00Z", Do: "usage", Of: "calls", Quantity: "30"},
		},
		Until: "2026-05-01",
	})
	all, _, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, date("2026-05-01"))
	require.NoError(t, err)
	require.Equal(t, []string{"04-24T12:00Z: 04-01>04-24 5.00", "05-01: 04-24>05-01 30.00"}, ruleShow(p.s, all))
	at := date("2026-04-25")
	next, err := billing.Next(p.sub, p.usage, billing.Checkpoint{ChargedThrough: at, LastCommand: p.sub.LastCommand(at)}, at)
	require.NoError(t, err)
	require.Equal(t, date("2026-05-01"), next.At)
	require.Equal(t, "30.00 USD", next.Amount.String())
}

func TestAMillionYearsOldSubscriptionIsAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	sub := office(plan.Policy{})
	at := date("9998-06-15")
	next, err := billing.Next(sub, nil, billing.Checkpoint{ChargedThrough: at, LastCommand: 1}, at)
	require.NoError(t, err)
	require.Equal(t, date("9998-07-01"), next.At)
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{ChargedThrough: at, LastCommand: 1}, date("9998-07-01"))
	require.NoError(t, err)
	require.Len(t, made, 1)
	require.Equal(t, subscription.ID("office"), made[0].Subscription)
}

// shown is a story as its document, with the plans.
func shown(s *story) string {
	out := ""
	for _, v := range s.plans {
		data, err := json.Marshal(v.Plan())
		out += fmt.Sprintf("%s %v\n", data, err)
	}
	data, err := json.Marshal(s.sub)
	return out + fmt.Sprintf("%s %v", data, err)
}

func TestOfTwoRecordsOfOneMicrosecondTheLastGivenCounts(t *testing.T) {
	t.Parallel()
	v := plan.MustCompile(plan.Plan{
		ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Metrics: []plan.Metric{{ID: "level", Aggregation: plan.Last}},
		Charges: []plan.Charge{{ID: "level", Metric: "level", Price: plan.PerUnit{UnitAmount: num("1")}}},
	})
	sub, err := subscription.New(subscription.Params{ID: "s", Plan: v, Start: date("2026-01-01")})
	require.NoError(t, err)
	at := date("2026-02-05")
	usage := billing.Usage{
		{Metric: "level", At: at.Add(700 * time.Nanosecond), Quantity: decimal.NewFromInt(7)},
		{Metric: "level", At: at.Add(300 * time.Nanosecond), Quantity: decimal.NewFromInt(3)},
	}
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-02"))
	require.NoError(t, err)
	fast, _, err := billing.Invoices(sub, usage, checkpoint, date("2026-03-02"))
	require.NoError(t, err)
	whole, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-03-02"))
	require.NoError(t, err)
	next, err := billing.Next(sub, usage, checkpoint, date("2026-02-06"))
	require.NoError(t, err)
	for _, amount := range []money.Money{fast[0].Total, whole[len(whole)-1].Total, next.Amount} {
		require.Equal(t, "3.00 USD", amount.String())
	}
}

// A subscription that only renews, without usage, may have had some under terms to which a run
// still looks back.
func TestARepeatedRunRemembersFromWhenUsageIsKnown(t *testing.T) {
	t.Parallel()
	sub, _ := meteredFrom("2026-01-01")
	sub = must(sub.ChangePlan(byOperator(date("2026-01-01")), subscription.On(date("2026-01-02")), flatPlan("quiet", "0", calendar.Months(1))))
	sub = must(sub.ChangeQuantity(byOperator(date("2026-02-01")), subscription.Immediately(), "", num("2")))
	_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-04"))
	require.NoError(t, err)
	require.Equal(t, date("2026-01-01"), checkpoint.MeteredFrom)
	_, same, err := billing.Invoices(sub, nil, checkpoint, date("2026-02-04"))
	require.NoError(t, err)
	require.Equal(t, checkpoint, same)
	_, _, err = billing.Invoices(sub, billing.Usage{used("2026-01-01", 7)}, same, date("2026-02-04"))
	require.ErrorIs(t, err, billing.ErrLateUsage)
	_, next, err := billing.Invoices(sub, nil, checkpoint, date("2026-04-04"))
	require.NoError(t, err)
	require.Zero(t, next.MeteredFrom)
}
