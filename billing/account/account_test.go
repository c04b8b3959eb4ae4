package account_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/account"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func date(s string) time.Time { return must(time.Parse("2006-01-02", s)) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func num(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func usd(s string) money.Money { return money.MustParse(s + " USD") }

func operator(at time.Time) subscription.Call {
	return subscription.Call{At: at, Actor: lifecycle.Operator}
}

// monthly sells one flat fee a month.
func monthly(id, fee, start string, policy plan.Policy) subscription.Subscription {
	p := plan.Plan{ID: "fee", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: policy, Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: num(fee)}}}}
	return must(subscription.New(subscription.Params{ID: subscription.ID(id), Plan: plan.MustCompile(p), At: date(start), Start: date(start)}))
}

// of is an account of subscriptions, by the payer "acme".
func of(rule account.Rule, subs ...subscription.Subscription) account.Account {
	a := account.Account{ID: "acme", Currency: money.USD, Rule: rule}
	for _, sub := range subs {
		a.Members = append(a.Members, account.Member{Subscription: sub.ID(), Payer: "acme", Start: sub.Segment(0).From()})
	}
	return a
}

// bills runs all subscriptions from their start.
func bills(to time.Time, options []billing.Option, subs ...subscription.Subscription) ([]account.Section, []account.Credit) {
	var ready []account.Section
	var credits []account.Credit
	for _, sub := range subs {
		made, next, err := billing.Invoices(sub, nil, billing.Checkpoint{}, to, append([]billing.Option{billing.WithoutCredit()}, options...)...)
		must(made, err)
		for _, inv := range made {
			ready = append(ready, account.Section{Invoice: inv})
		}
		credits = append(credits, account.Credits(sub, next)...)
	}
	return ready, credits
}

// show writes invoices in short: day, total, applied, due, and the sections.
func show(all []account.Invoice) []string {
	var out []string
	for _, inv := range all {
		line := fmt.Sprintf("%s total %s applied %s due %s", inv.At.Format("01-02"), inv.Total.Amount(), inv.CreditApplied.Amount(), inv.AmountDue.Amount())
		if inv.Credited.Sign() > 0 {
			line += " credited " + inv.Credited.Amount()
		}
		if inv.Refund.Sign() > 0 {
			line += " refund " + inv.Refund.Amount()
		}
		for _, s := range inv.Sections {
			line += fmt.Sprintf(" [%s %s-%s]", s.Invoice.Subscription, s.Invoice.Total.Amount(), s.CreditApplied.Amount())
		}
		for _, a := range inv.Adjustments {
			line += fmt.Sprintf(" {%s %s}", a.Rate.ID, a.Amount.Amount())
		}
		out = append(out, line)
	}
	return out
}

func TestInvoicesOfOneDayBecomeOne(t *testing.T) {
	t.Parallel()
	first := monthly("a", "24.95", "2021-09-17", plan.Policy{})
	other := monthly("b", "275.00", "2021-09-30", plan.Policy{})
	same := monthly("b", "275.00", "2021-09-17", plan.Policy{})
	credited := func(sub subscription.Subscription, day, amount string) subscription.Subscription {
		return must(sub.AddAccountCredit(operator(date(day)), usd(amount)))
	}
	upgraded := func(sub subscription.Subscription, day, price string, collect plan.Collect) subscription.Subscription {
		call := operator(date(day))
		call.Policy = plan.Policy{ChangeCredit: plan.CreditNone, ChargeNew: plan.ChargeFull, Collect: collect}
		return must(sub.ChangePrice(call, subscription.Immediately(), "fee", plan.FlatFee{Amount: num(price)}))
	}
	cancelled := func(sub subscription.Subscription, day string, negative plan.Negative) subscription.Subscription {
		call := operator(date(day))
		call.Policy = plan.Policy{CancelCredit: plan.CreditFull, Negative: negative}
		return must(sub.Cancel(call, subscription.Immediately()))
	}
	onDay := account.Rule{Merge: account.OnBillingDay, BillingDay: 30, Within: 14}
	for _, row := range []struct {
		name    string
		rule    account.Rule
		balance string
		to      string
		subs    []subscription.Subscription
		want    []string
		left    string
	}{
		{"two days, two invoices", account.Rule{}, "", "2021-10-01", []subscription.Subscription{first, other}, []string{
			"09-17 total 24.95 applied 0.00 due 24.95 [a 24.95-0.00]", "09-30 total 275.00 applied 0.00 due 275.00 [b 275.00-0.00]",
		}, ""},
		{"one day, one invoice", account.Rule{}, "", "2021-10-01", []subscription.Subscription{first, same}, []string{"09-17 total 299.95 applied 0.00 due 299.95 [a 24.95-0.00] [b 275.00-0.00]"}, ""},
		{"a common credit is applied once", account.Rule{}, "30.00", "2021-10-01", []subscription.Subscription{first, same}, []string{"09-17 total 299.95 applied 30.00 due 269.95 [a 24.95-24.95] [b 275.00-5.05]"}, ""},
		{"the oldest invoice has it first", account.Rule{}, "30.00", "2021-10-01", []subscription.Subscription{first, other}, []string{
			"09-17 total 24.95 applied 24.95 due 0.00 [a 24.95-24.95]", "09-30 total 275.00 applied 5.05 due 269.95 [b 275.00-5.05]",
		}, ""},
		{"the day is not over", account.Rule{}, "", "2021-09-17", []subscription.Subscription{first, same}, nil, ""},
		{"at one instant nothing waits", account.Rule{Merge: account.ByInstant}, "", "2021-09-17", []subscription.Subscription{first, same}, []string{"09-17 total 299.95 applied 0.00 due 299.95 [a 24.95-0.00] [b 275.00-0.00]"}, ""},
		{"moved onto the billing day", onDay, "", "2021-10-01", []subscription.Subscription{first, other}, []string{"09-30 total 299.95 applied 0.00 due 299.95 [a 24.95-0.00] [b 275.00-0.00]"}, ""},
		{"too far from the billing day", account.Rule{Merge: account.OnBillingDay, BillingDay: 30, Within: 12}, "", "2021-10-01", []subscription.Subscription{first, other}, []string{
			"09-17 total 24.95 applied 0.00 due 24.95 [a 24.95-0.00]", "09-30 total 275.00 applied 0.00 due 275.00 [b 275.00-0.00]",
		}, ""},
		{"a billing day that the month does not have is its last", account.Rule{Merge: account.OnBillingDay, BillingDay: 31, Within: 14}, "", "2021-10-01", []subscription.Subscription{first, other}, []string{"09-30 total 299.95 applied 0.00 due 299.95 [a 24.95-0.00] [b 275.00-0.00]"}, ""},
		{"an action stays apart", account.Rule{}, "", "2021-10-18", []subscription.Subscription{upgraded(first, "2021-09-20", "30.00", plan.CollectNow), same}, []string{
			"09-17 total 299.95 applied 0.00 due 299.95 [a 24.95-0.00] [b 275.00-0.00]", "09-20 total 30.00 applied 0.00 due 30.00 [a 30.00-0.00]",
			"10-17 total 305.00 applied 0.00 due 305.00 [a 30.00-0.00] [b 275.00-0.00]",
		}, ""},
		{"an action waits for the account's invoice", account.Rule{Collect: plan.CollectNextInvoice}, "", "2021-10-18", []subscription.Subscription{upgraded(first, "2021-09-20", "30.00", plan.CollectNow), same}, []string{
			"09-17 total 299.95 applied 0.00 due 299.95 [a 24.95-0.00] [b 275.00-0.00]",
			"10-17 total 335.00 applied 0.00 due 335.00 [a 30.00-0.00] [a 30.00-0.00] [b 275.00-0.00]",
		}, ""},
		{"the credit of a command is the account's", account.Rule{}, "", "2021-10-18", []subscription.Subscription{credited(first, "2021-09-20", "26.00"), other}, []string{
			"09-17 total 24.95 applied 0.00 due 24.95 [a 24.95-0.00]", "09-30 total 275.00 applied 26.00 due 249.00 [b 275.00-26.00]",
			"10-17 total 24.95 applied 0.00 due 24.95 [a 24.95-0.00]",
		}, ""},
		{"what is given back is the account's", account.Rule{}, "", "2021-10-01", []subscription.Subscription{cancelled(first, "2021-09-20", plan.CarryNegative), other}, []string{
			"09-17 total 24.95 applied 0.00 due 24.95 [a 24.95-0.00]", "09-20 total -24.95 applied 0.00 due 0.00 credited 24.95 [a -24.95-0.00]",
			"09-30 total 275.00 applied 24.95 due 250.05 [b 275.00-24.95]",
		}, ""},
		{"a section below zero reduces the others", account.Rule{Collect: plan.CollectNextInvoice}, "10.00", "2021-10-01", []subscription.Subscription{cancelled(first, "2021-09-20", plan.CarryNegative), other}, []string{
			"09-17 total 24.95 applied 10.00 due 14.95 [a 24.95-10.00]", "09-30 total 250.05 applied 0.00 due 250.05 [a -24.95-0.00] [b 275.00-0.00]",
		}, ""},
		{"what is left of the credit", account.Rule{}, "400.00", "2021-10-01", []subscription.Subscription{first, same}, []string{"09-17 total 299.95 applied 299.95 due 0.00 [a 24.95-24.95] [b 275.00-275.00]"}, "100.05"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var checkpoint account.Checkpoint
			if row.balance != "" {
				checkpoint = must(checkpoint.Give(usd(row.balance)))
			}
			ready, credits := bills(date(row.to), nil, row.subs...)
			made, next, err := account.Combine(of(row.rule, row.subs...), checkpoint, ready, credits, date(row.to))
			require.NoError(t, err)
			require.Equal(t, row.want, show(made))
			left := ""
			if next.Balance.IsValid() {
				left = next.Balance.Amount()
			}
			require.Equal(t, row.left, left)
			again, same, err := account.Combine(of(row.rule, row.subs...), next, ready, credits, date(row.to))
			require.NoError(t, err)
			require.Empty(t, again)
			require.True(t, next.Equal(same))
		})
	}
}
