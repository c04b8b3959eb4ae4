package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/account"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func vat(percent string, inclusive bool) []billing.Option {
	return []billing.Option{billing.WithTax(func(billing.Line) []billing.TaxRate {
		return []billing.TaxRate{{ID: "vat", Percent: num(percent), Inclusive: inclusive}}
	})}
}

func TestATaxRoundedByInvoiceIsRoundedOnceForTheWhole(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		policy  plan.TaxRounding
		taxes   []billing.Option
		want    string
		tax     string
		adjusts string
	}{
		// 20% of 0.12 is 0.024 and of 0.36 0.072.
		{"by invoice", plan.TaxPerInvoice, vat("20", false), "01-01 total 0.43 applied 0.00 due 0.43 [a 0.14-0.00] [b 0.14-0.00] [c 0.14-0.00] {vat 0.01}", "0.07 of 0.36", "0.01"},
		{"by line", plan.TaxPerLine, vat("20", false), "01-01 total 0.42 applied 0.00 due 0.42 [a 0.14-0.00] [b 0.14-0.00] [c 0.14-0.00]", "0.06 of 0.36", ""},
		{"held by prices", plan.TaxPerInvoice, vat("20", true), "01-01 total 0.36 applied 0.00 due 0.36 [a 0.12-0.00] [b 0.12-0.00] [c 0.12-0.00]", "0.06 of 0.30", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			policy := plan.Policy{TaxRounding: row.policy}
			subs := []subscription.Subscription{monthly("a", "0.12", "2026-01-01", policy), monthly("b", "0.12", "2026-01-01", policy), monthly("c", "0.12", "2026-01-01", policy)}
			ready, _ := bills(date("2026-01-02"), row.taxes, subs...)
			made, _, err := account.Combine(of(account.Rule{}, subs...), account.Checkpoint{}, ready, nil, date("2026-01-02"))
			require.NoError(t, err)
			require.Equal(t, []string{row.want}, show(made))
			require.Equal(t, row.tax, made[0].Taxes[0].Amount.Amount()+" of "+made[0].Taxes[0].Base.Amount())
			var adjusts []billing.StoredLine
			for _, line := range made[0].StoredLines("c") {
				if line.Adjusts {
					adjusts = append(adjusts, line)
				}
			}
			if row.adjusts == "" {
				require.Empty(t, adjusts)
				return
			}
			require.Len(t, adjusts, 1, "the last section bears it")
			require.Equal(t, row.adjusts, adjusts[0].Amount.Amount())
		})
	}
}

func TestACorrectionChangesALineOfItsSectionAndUsesTheCommonCredit(t *testing.T) {
	t.Parallel()
	a, b := monthly("a", "10.00", "2026-01-01", plan.Policy{}), monthly("b", "20.00", "2026-01-01", plan.Policy{})
	ready, _ := bills(date("2026-01-02"), nil, a, b)
	made, next, err := account.Combine(of(account.Rule{}, a, b), account.Checkpoint{}, ready, nil, date("2026-01-02"))
	require.NoError(t, err)
	next = must(next.Give(usd("1.50")))
	stored := made[0].StoredLines("a")
	for _, row := range []struct{ billed, returned, total, applied, due, balance string }{
		{"8.00", "", "2.00", "1.50", "0.50", ""},
		{"9.00", "", "1.00", "1.00", "0.00", "0.50"},
		{"12.00", "", "-2.00", "0.00", "0.00", "3.50"},
		{"12.00", "1.25", "-2.00", "0.00", "0.00", "2.25"},
		{"12.00", "2.00", "-2.00", "0.00", "0.00", "1.50"},
		{"10.00", "", "0.00", "0.00", "0.00", "1.50"},
	} {
		var returned money.Money
		if row.returned != "" {
			returned = usd(row.returned)
		}
		lines := []billing.StoredLine{{ID: stored[0].ID, Amount: usd(row.billed)}}
		r, err := billing.Reconcile(a, nil, lines, billing.Checkpoint{}, date("2026-01-02"), billing.WithoutCredit())
		require.NoError(t, err)
		settled, left, err := account.Settle(next, r, returned)
		require.NoError(t, err)
		require.Equal(t, row.total, settled.Total.Amount())
		require.Equal(t, row.applied, settled.CreditApplied.Amount())
		require.Equal(t, row.due, settled.AmountDue.Amount())
		if row.balance == "" {
			require.False(t, left.Balance.IsValid())
		} else {
			require.Equal(t, row.balance, left.Balance.Amount())
		}
		require.Equal(t, row.total == "0.00", left.Revision == next.Revision)
	}
	own, err := billing.Reconcile(a, nil, nil, billing.Checkpoint{ChargedThrough: date("2026-01-01"), LastCommand: 1, CreditBalance: usd("3.00")}, date("2026-01-02"))
	require.NoError(t, err)
	_, _, err = account.Settle(next, own, money.Money{})
	require.ErrorIs(t, err, account.ErrInvoice)
	r, err := billing.Reconcile(a, nil, nil, billing.Checkpoint{}, date("2026-01-02"), billing.WithoutCredit())
	require.NoError(t, err)
	for _, returned := range []money.Money{usd("-1.00"), money.MustParse("1.00 EUR")} {
		_, same, err := account.Settle(next, r, returned)
		require.ErrorContains(t, err, "is not a part of the difference")
		require.True(t, next.Equal(same))
	}
}

func TestASubscriptionMayKeepItsOwnCredit(t *testing.T) {
	t.Parallel()
	own := must(monthly("a", "10.00", "2026-01-01", plan.Policy{}).AddAccountCredit(operator(date("2026-01-05")), usd("4.00")))
	shared := monthly("b", "20.00", "2026-01-01", plan.Policy{})
	acme := of(account.Rule{}, own, shared)
	acme.Members[0].OwnCredit = true
	made, _, err := billing.Invoices(own, nil, billing.Checkpoint{}, date("2026-02-02"))
	require.NoError(t, err)
	ready, _ := bills(date("2026-02-02"), nil, shared)
	for _, inv := range made {
		ready = append(ready, account.Section{Invoice: inv})
	}
	checkpoint := must(account.Checkpoint{}.Give(usd("25.00")))
	all, next, err := account.Combine(acme, checkpoint, ready, nil, date("2026-02-02"))
	require.NoError(t, err)
	require.Equal(t, []string{
		"01-01 total 30.00 applied 20.00 due 10.00 [a 10.00-0.00] [b 20.00-20.00]",
		"02-01 total 30.00 applied 9.00 due 21.00 [a 10.00-4.00] [b 20.00-5.00]",
	}, show(all))
	require.False(t, next.Balance.IsValid())
}

func TestWhatGrantsPaidComesOffFirst(t *testing.T) {
	t.Parallel()
	a, b := monthly("a", "10.00", "2026-01-01", plan.Policy{}), monthly("b", "20.00", "2026-01-01", plan.Policy{})
	ready, _ := bills(date("2026-01-02"), nil, a, b)
	ready[1].Drawn = usd("18.00")
	checkpoint := must(account.Checkpoint{}.Give(usd("11.00")))
	made, _, err := account.Combine(of(account.Rule{}, a, b), checkpoint, ready, nil, date("2026-01-02"))
	require.NoError(t, err)
	require.Equal(t, []string{"01-01 total 30.00 applied 11.00 due 1.00 [a 10.00-10.00] [b 20.00-1.00]"}, show(made))
	require.Equal(t, "18.00", made[0].Drawn.Amount())
}

func TestAClosedDayIsNotOpenedAgain(t *testing.T) {
	t.Parallel()
	a, b := monthly("a", "10.00", "2026-01-01", plan.Policy{}), monthly("b", "20.00", "2026-01-01", plan.Policy{})
	ready, _ := bills(date("2026-01-02"), nil, a)
	made, next, err := account.Combine(of(account.Rule{}, a), account.Checkpoint{}, ready, nil, date("2026-01-02"))
	require.NoError(t, err)
	require.Equal(t, []string{"01-01 total 10.00 applied 0.00 due 10.00 [a 10.00-0.00]"}, show(made))
	ready, _ = bills(date("2026-01-02"), nil, a, b)
	made, _, err = account.Combine(of(account.Rule{}, a, b), next, ready, nil, date("2026-01-03"))
	require.NoError(t, err)
	require.Equal(t, []string{"01-01 total 20.00 applied 0.00 due 20.00 [b 20.00-0.00]"}, show(made))
}

func TestWhatIsGroupedApart(t *testing.T) {
	t.Parallel()
	a, b := monthly("a", "10.00", "2026-01-01", plan.Policy{}), monthly("b", "20.00", "2026-01-01", plan.Policy{})
	for _, row := range []struct {
		name string
		key  account.Key
		a, b account.Member
		want int
	}{
		{"other payers", "", account.Member{Payer: "x"}, account.Member{Payer: "y"}, 2},
		{"other purchase orders do not matter by payer", account.ByPayer, account.Member{PurchaseOrder: "x"}, account.Member{PurchaseOrder: "y"}, 1},
		{"other purchase orders", account.ByPurchaseOrder, account.Member{PurchaseOrder: "x"}, account.Member{PurchaseOrder: "y"}, 2},
		{"one purchase order, other payers", account.ByPurchaseOrder, account.Member{Payer: "x", PurchaseOrder: "x"}, account.Member{Payer: "y", PurchaseOrder: "x"}, 2},
		{"other entities", account.ByEntity, account.Member{Entity: "x"}, account.Member{Entity: "y"}, 2},
		{"one entity", account.ByEntity, account.Member{Entity: "x"}, account.Member{Entity: "x"}, 1},
	} {
		row.a.Subscription, row.b.Subscription = "a", "b"
		acme := account.Account{ID: "acme", Currency: money.USD, Rule: account.Rule{Key: row.key}, Members: []account.Member{row.a, row.b}}
		ready, _ := bills(date("2026-01-02"), nil, a, b)
		made, _, err := account.Combine(acme, account.Checkpoint{}, ready, nil, date("2026-01-02"))
		require.NoError(t, err)
		require.Len(t, made, row.want, row.name)
	}
}

func TestWhatCannotBeCombinedIsRefused(t *testing.T) {
	t.Parallel()
	sub := monthly("a", "10.00", "2026-01-01", plan.Policy{})
	all, _ := bills(date("2026-03-02"), nil, sub)
	acme, to := of(account.Rule{}, sub), date("2026-03-02")
	with := func(change func(*account.Section)) []account.Section {
		s := all[0]
		change(&s)
		return []account.Section{s}
	}
	for _, row := range []struct {
		name       string
		account    account.Account
		checkpoint account.Checkpoint
		ready      []account.Section
		credits    []account.Credit
		is         error
		want       string
	}{
		{"no account", account.Account{}, account.Checkpoint{}, nil, nil, account.ErrAccount, "account: invalid account: id: missing\ncurrency: missing"},
		{"no member", of(account.Rule{}), account.Checkpoint{}, all, nil, account.ErrMember, `account: no member: invoice of "a"`},
		{"credit of no member", acme, account.Checkpoint{}, nil, []account.Credit{{Subscription: "b", Command: 2, At: to, Amount: usd("1.00")}}, account.ErrMember, `account: no member: credit of "b"`},
		{"another currency", acme, must(account.Checkpoint{}.Give(money.MustParse("1.00 EUR"))), nil, nil, account.ErrCheckpoint, "account: invalid checkpoint: currencies differ: EUR and USD"},
		{"drawn in another currency", acme, account.Checkpoint{}, with(func(s *account.Section) { s.Drawn = money.MustParse("1.00 EUR") }), nil, account.ErrInvoice, `account: invalid invoice: subscription "a" at 2026-01-01T00:00:00Z: drawn: must be in the currency of the invoice, USD`},
		{"drawn more than there is", acme, account.Checkpoint{}, with(func(s *account.Section) { s.Drawn = usd("10.01") }), nil, account.ErrInvoice, `account: invalid invoice: subscription "a" at 2026-01-01T00:00:00Z: drawn: must not be more than the invoice`},
		{"credit of its own", acme, account.Checkpoint{}, with(func(s *account.Section) { s.Invoice.CreditApplied = usd("1.00") }), nil, account.ErrInvoice, `account: invalid invoice: subscription "a" at 2026-01-01T00:00:00Z: made with the credit of its own checkpoint`},
		{"late", acme, must2(account.Combine(acme, account.Checkpoint{}, all[1:], nil, to)), all[:1], nil, account.ErrLate, "account: invoice before those that were combined: " + all[0].Invoice.ID().String() + ` of subscription "a" at 2026-01-01T00:00:00Z`},
		{"a credit of nothing", acme, account.Checkpoint{}, nil, []account.Credit{{Subscription: "a", Command: 2, At: to, Amount: usd("0.00")}}, nil, `account: credit of "a": command, instant and amount must be above zero`},
	} {
		made, next, err := account.Combine(row.account, row.checkpoint, row.ready, row.credits, to)
		require.EqualError(t, err, row.want, row.name)
		if row.is != nil {
			require.ErrorIs(t, err, row.is)
		}
		require.Empty(t, made)
		require.True(t, next.Equal(row.checkpoint))
	}
	require.Equal(t, fault.Late, fault.Kind(errors.Join(account.ErrLate)))
	_, err := must(account.Checkpoint{}.Give(usd("1.00"))).Give(usd("-1.01"))
	require.EqualError(t, err, "account: balance: -1.01 USD is more than there is")
}

func must2(_ []account.Invoice, c account.Checkpoint, err error) account.Checkpoint {
	return must(c, err)
}

func TestARunWithoutCreditNeitherUsesNorKeepsIt(t *testing.T) {
	t.Parallel()
	sub := must(monthly("a", "10.00", "2026-01-01", plan.Policy{}).AddAccountCredit(operator(date("2026-01-05")), usd("4.00")))
	made, next, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-01"), billing.WithoutCredit())
	require.NoError(t, err)
	require.Equal(t, "10.00", made[1].AmountDue.Amount())
	require.False(t, next.CreditBalance.IsValid())
	upcoming, err := billing.Next(sub, nil, next, date("2026-02-01"), billing.WithoutCredit())
	require.NoError(t, err)
	require.Equal(t, "10.00", upcoming.AmountDue.Amount())
	next.CreditBalance = usd("1.00")
	_, _, err = billing.Invoices(sub, nil, next, date("2026-03-01"), billing.WithoutCredit())
	require.ErrorIs(t, err, billing.ErrCheckpoint)
}

func TestADayIsThatOfTheZone(t *testing.T) {
	t.Parallel()
	york := calendar.MustLoadZone("America/New_York")
	in := func(id, at string, zone calendar.Zone) subscription.Subscription {
		p := plan.Plan{ID: "fee", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "fee", Price: plan.FlatFee{Amount: num("10")}}}}
		start := must(time.Parse(time.RFC3339, at))
		return must(subscription.New(subscription.Params{ID: subscription.ID(id), Plan: plan.MustCompile(p), At: start, Start: start, Zone: zone}))
	}
	for _, row := range []struct {
		name string
		a, b subscription.Subscription
		want int
	}{
		{"one day there, two days in UTC", in("a", "2026-01-15T22:00:00Z", york), in("b", "2026-01-16T04:59:59Z", york), 1},
		{"two days there, one day in UTC", in("a", "2026-01-15T04:00:00Z", york), in("b", "2026-01-15T05:00:00Z", york), 2},
		{"two zones are apart", in("a", "2026-01-15T22:00:00Z", york), in("b", "2026-01-15T22:00:00Z", calendar.UTC()), 2},
	} {
		ready, _ := bills(date("2026-01-17"), nil, row.a, row.b)
		made, _, err := account.Combine(of(account.Rule{}, row.a, row.b), account.Checkpoint{}, ready, nil, date("2026-01-17"))
		require.NoError(t, err)
		require.Len(t, made, row.want, row.name)
	}
}

func TestTwoCallsFromOneCheckpointCannotBothBeSaved(t *testing.T) {
	t.Parallel()
	a, b := monthly("a", "10.00", "2026-01-01", plan.Policy{}), monthly("b", "20.00", "2026-01-01", plan.Policy{})
	acme, checkpoint := of(account.Rule{}, a, b), must(account.Checkpoint{}.Give(usd("10.00")))
	one, _ := bills(date("2026-01-02"), nil, a)
	other, _ := bills(date("2026-01-02"), nil, b)
	_, first, err := account.Combine(acme, checkpoint, one, nil, date("2026-01-02"))
	require.NoError(t, err)
	_, second, err := account.Combine(acme, checkpoint, other, nil, date("2026-01-02"))
	require.NoError(t, err)
	require.Equal(t, checkpoint.Revision+1, first.Revision)
	require.Equal(t, checkpoint.Revision+1, second.Revision)
	made, _, err := account.Combine(acme, first, other, nil, date("2026-01-02"))
	require.NoError(t, err)
	require.Equal(t, []string{"01-01 total 20.00 applied 0.00 due 20.00 [b 20.00-0.00]"}, show(made))
}

func TestWhenToWakeForWhatWaits(t *testing.T) {
	t.Parallel()
	a := monthly("a", "10.00", "2026-01-15", plan.Policy{})
	paid := must(a.AddOneOff(operator(date("2026-01-20")), subscription.OneOff{ID: "x", Amount: usd("1.00"), Collect: plan.CollectNow}))
	for _, row := range []struct {
		name string
		rule account.Rule
		sub  subscription.Subscription
		to   string
		want time.Time
	}{
		{"a day", account.Rule{}, a, "2026-01-15", date("2026-01-16")},
		{"nothing waits", account.Rule{}, a, "2026-01-16", time.Time{}},
		{"a billing day", account.Rule{Merge: account.OnBillingDay, BillingDay: 1, Within: 31}, a, "2026-01-16", date("2026-02-02")},
		{"an action waits for an invoice to come", account.Rule{Collect: plan.CollectNextInvoice}, paid, "2026-01-21", time.Time{}},
	} {
		ready, _ := bills(date(row.to), nil, row.sub)
		acme := of(row.rule, row.sub)
		_, next, err := account.Combine(acme, account.Checkpoint{}, ready, nil, date(row.to))
		require.NoError(t, err)
		at, err := account.WakeAt(acme, next)
		require.NoError(t, err)
		require.True(t, at.Equal(row.want), "%s: %s", row.name, at)
		if len(next.Waiting) > 0 {
			_, _, err = account.Combine(of(row.rule), next, nil, nil, date(row.to))
			require.ErrorIs(t, err, account.ErrMember)
		}
	}
}
