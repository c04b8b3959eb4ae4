package prepaid_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/prepaid"
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

// grant reads "a 100 until 2026-02-01 priority 2 promotional of calls lapse".
func grant(s string) prepaid.Grant {
	words := strings.Fields(s)
	g := prepaid.Grant{ID: words[0], Amount: usd(words[1]), From: date("2026-01-01")}
	for i := 2; i < len(words); i++ {
		next := func() string { i++; return words[i] }
		switch words[i] {
		case "from":
			g.From = date(next())
		case "until":
			g.Until = date(next())
		case "priority":
			g.Priority = int(num(next()).IntPart())
		case "promotional":
			g.Class = prepaid.Promotional
		case "cost":
			g.Cost = usd(next())
		case "of":
			g.Scope.Charges = append(g.Scope.Charges, next())
		case "metric":
			g.Scope.Metrics = append(g.Scope.Metrics, next())
		case "lapse":
			g.Late = prepaid.LapseLate
		case "rolls":
			g.Rollover = &prepaid.Rollover{Share: num(next())}
		case "cap":
			g.Rollover.Cap = usd(next())
		case "bought":
			g.Source = prepaid.Source{Subscription: "s", Command: int(num(next()).IntPart())}
		default:
			panic(words[i])
		}
	}
	return g
}

func granted(t require.TestingT, grants ...string) prepaid.Checkpoint {
	var c prepaid.Checkpoint
	for _, g := range grants {
		var err error
		c, err = prepaid.Add(c, grant(g))
		require.NoError(t, err)
	}
	return c
}

// left writes what each grant has left.
func left(c prepaid.Checkpoint) string {
	var out []string
	for _, b := range c.Grants {
		out = append(out, b.Grant.ID+" "+b.Left.Amount())
	}
	return strings.Join(out, ", ")
}

// show writes a drawing: the draws, and what is due.
func show(d prepaid.Drawing) string {
	var out []string
	for _, draw := range d.Draws {
		out = append(out, fmt.Sprintf("%s<%s %s", draw.Charge, draw.Grant, draw.Amount.Amount()))
	}
	line := strings.Join(out, ", ") + ": due " + d.AmountDue.Amount()
	for _, part := range []struct {
		what string
		m    money.Money
	}{{"credited", d.Credited}, {"refund", d.Refund}, {"untaxed", d.Untaxed}} {
		if part.m.Sign() != 0 {
			line += " " + part.what + " " + part.m.Amount()
		}
	}
	return line
}

// seller sells two fees in advance and calls by the unit.
func seller(policy plan.Policy, fees ...string) subscription.Subscription {
	p := plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Policy: policy}
	for i, fee := range fees {
		p.Charges = append(p.Charges, plan.Charge{ID: fmt.Sprint("fee", i+1), Price: plan.FlatFee{Amount: num(fee)}})
	}
	p.Charges = append(p.Charges, plan.Charge{ID: "calls", Metric: "call", Price: plan.PerUnit{UnitAmount: num("1")}})
	return must(subscription.New(subscription.Params{ID: "s", Plan: plan.MustCompile(p), At: date("2026-01-01"), Start: date("2026-01-01")}))
}

func used(day, quantity string) billing.Record {
	return billing.Record{Metric: "call", At: date(day), Quantity: num(quantity)}
}

func vat(percent string, inclusive bool) billing.Option {
	return billing.WithTax(func(billing.Line) []billing.TaxRate {
		return []billing.TaxRate{{ID: "vat", Percent: num(percent), Inclusive: inclusive}}
	})
}

func invoices(t require.TestingT, sub subscription.Subscription, usage billing.Usage, to string, options ...billing.Option) []billing.Invoice {
	made, _, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date(to), append(options, billing.WithoutCredit())...)
	require.NoError(t, err)
	return made
}

func TestWhatIsDrawnOfInvoices(t *testing.T) {
	t.Parallel()
	byInvoice, byLine := plan.Policy{TaxRounding: plan.TaxPerInvoice}, plan.Policy{TaxRounding: plan.TaxPerLine}
	discounted := must(seller(plan.Policy{}, "100").AddDiscount(operator(date("2026-01-01")), plan.Discount{ID: "off", Percent: plan.Bound(num("25")), Duration: plan.Forever}))
	cancelled := func(policy plan.Policy, fees ...string) subscription.Subscription {
		policy.CancelCredit = plan.CreditProrate
		return must(seller(policy, fees...).Cancel(operator(date("2026-01-11")), subscription.Immediately()))
	}
	bought := must(seller(plan.Policy{}, "10").AddOneOff(operator(date("2026-01-02")), subscription.OneOff{ID: "credits", Amount: usd("500"), Collect: plan.CollectNow}))
	for _, row := range []struct {
		name    string
		grants  []string
		sub     subscription.Subscription
		usage   billing.Usage
		to      string
		options []billing.Option
		terms   prepaid.Terms
		want    []string
		left    string
	}{
		{"the rest is overage", []string{"a 200"}, seller(plan.Policy{}, "300"), nil, "2026-01-01", nil, prepaid.Terms{}, []string{"fee1<a 200.00: due 100.00"}, "a 0.00"},
		{"a tax line by line is paid with its line", []string{"a 100"}, seller(byLine, "14.29"), nil, "2026-01-01", []billing.Option{vat("24", false)}, prepaid.Terms{}, []string{"fee1<a 17.72: due 0.00"}, "a 82.28"},
		{"a tax by invoice is paid beside the lines", []string{"a 100"}, seller(byInvoice, "14.29"), nil, "2026-01-01", []billing.Option{vat("24", false)}, prepaid.Terms{}, []string{"fee1<a 14.29, vat<a 3.43: due 0.00"}, "a 82.28"},
		{"a tax by invoice has no scope", []string{"a 100 of fee1"}, seller(byInvoice, "14.29"), nil, "2026-01-01", []billing.Option{vat("24", false)}, prepaid.Terms{}, []string{"fee1<a 14.29: due 3.43"}, "a 85.71"},
		{"a tax that prices hold is in the line", []string{"a 100"}, seller(byInvoice, "14.29"), nil, "2026-01-01", []billing.Option{vat("24", true)}, prepaid.Terms{}, []string{"fee1<a 14.29: due 0.00"}, "a 85.71"},
		{"tax on the rest, line by line", []string{"a 10"}, seller(byLine, "14.29"), nil, "2026-01-01", []billing.Option{vat("24", false)}, prepaid.Terms{Tax: prepaid.TaxOnRest}, []string{"fee1<a 10.00: due 5.32 untaxed 2.40"}, "a 0.00"},
		{"tax on the rest, by invoice", []string{"a 10"}, seller(byInvoice, "14.29"), nil, "2026-01-01", []billing.Option{vat("24", false)}, prepaid.Terms{Tax: prepaid.TaxOnRest}, []string{"fee1<a 10.00: due 5.32 untaxed 2.40"}, "a 0.00"},
		{"tax on nothing", []string{"a 100"}, seller(byInvoice, "14.29"), nil, "2026-01-01", []billing.Option{vat("24", false)}, prepaid.Terms{Tax: prepaid.TaxOnRest}, []string{"fee1<a 14.29: due 0.00 untaxed 3.43"}, "a 85.71"},
		{"by priority", []string{"a 10 priority 2", "b 10 priority 1"}, seller(plan.Policy{}, "15"), nil, "2026-01-01", nil, prepaid.Terms{}, []string{"fee1<b 10.00, fee1<a 5.00: due 0.00"}, "a 5.00, b 0.00"},
		{"then the soonest to expire", []string{"a 10", "b 10 until 2026-03-01", "c 10 until 2026-02-01"}, seller(plan.Policy{}, "25"), nil, "2026-01-01", nil, prepaid.Terms{}, []string{"fee1<c 10.00, fee1<b 10.00, fee1<a 5.00: due 0.00"}, "a 5.00, b 0.00, c 0.00"},
		{"then promotional ones, then by id", []string{"a 10", "b 10", "c 10 promotional"}, seller(plan.Policy{}, "15"), nil, "2026-01-01", nil, prepaid.Terms{}, []string{"fee1<c 10.00, fee1<a 5.00: due 0.00"}, "a 5.00, b 10.00, c 0.00"},
		{"by charge", []string{"a 100 of fee2"}, seller(plan.Policy{}, "10", "20"), nil, "2026-01-01", nil, prepaid.Terms{}, []string{"fee2<a 20.00: due 10.00"}, "a 80.00"},
		{"by metric", []string{"a 100 metric call"}, seller(plan.Policy{}, "10"), billing.Usage{used("2026-01-05", "30")}, "2026-02-01", nil, prepaid.Terms{Metrics: map[string]string{"calls": "call"}}, []string{": due 10.00", "calls<a 30.00: due 10.00"}, "a 70.00"},
		{"by another metric", []string{"a 100 metric mail"}, seller(plan.Policy{}), billing.Usage{used("2026-01-05", "30")}, "2026-02-01", nil, prepaid.Terms{Metrics: map[string]string{"calls": "call"}}, []string{": due 30.00"}, "a 100.00"},
		{"no more than discounts left", []string{"a 100"}, discounted, nil, "2026-01-01", nil, prepaid.Terms{}, []string{"fee1<a 75.00: due 0.00"}, "a 25.00"},
		{"not before it begins", []string{"a 100 from 2026-01-02"}, seller(plan.Policy{}, "10"), nil, "2026-02-01", nil, prepaid.Terms{}, []string{": due 10.00", "fee1<a 10.00: due 0.00"}, "a 90.00"},
		{"usage before it began is invoiced while it lives", []string{"a 100 from 2026-02-01"}, seller(plan.Policy{}), billing.Usage{used("2026-01-05", "30")}, "2026-02-01", nil, prepaid.Terms{}, []string{"calls<a 30.00: due 0.00"}, "a 70.00"},
		{"not after it ends", []string{"a 100 until 2026-02-01"}, seller(plan.Policy{}, "10"), nil, "2026-02-01", nil, prepaid.Terms{}, []string{"fee1<a 10.00: due 0.00", ": due 10.00"}, "a 90.00"},
		{"usage before its end is billed later", []string{"a 100 until 2026-02-01"}, seller(plan.Policy{}), billing.Usage{used("2026-01-05", "30")}, "2026-02-01", nil, prepaid.Terms{}, []string{"calls<a 30.00: due 0.00"}, "a 70.00"},
		{"usage before its end has lapsed", []string{"a 100 until 2026-02-01 lapse"}, seller(plan.Policy{}), billing.Usage{used("2026-01-05", "30")}, "2026-02-01", nil, prepaid.Terms{}, []string{": due 30.00"}, "a 100.00"},
		{"usage that its end divides: 10 of 31 days", []string{"a 100 until 2026-01-11"}, seller(plan.Policy{}), billing.Usage{used("2026-01-05", "31")}, "2026-02-01", nil, prepaid.Terms{}, []string{"calls<a 10.00: due 21.00"}, "a 90.00"},
		{"a credit goes back: 21 of 31 days", []string{"a 100"}, cancelled(plan.Policy{}, "31"), nil, "2026-02-01", nil, prepaid.Terms{}, []string{"fee1<a 31.00: due 0.00", "fee1<a -21.00: due 0.00"}, "a 90.00"},
		{"a credit with its tax goes back", []string{"a 100"}, cancelled(byLine, "31"), nil, "2026-02-01", []billing.Option{vat("10", false)}, prepaid.Terms{}, []string{"fee1<a 34.10: due 0.00", "fee1<a -23.10: due 0.00"}, "a 89.00"},
		{"a credit with a tax by invoice goes back", []string{"a 100"}, cancelled(byInvoice, "31"), nil, "2026-02-01", []billing.Option{vat("10", false)}, prepaid.Terms{}, []string{"fee1<a 31.00, vat<a 3.10: due 0.00", "fee1<a -21.00, vat<a -2.10: due 0.00"}, "a 89.00"},
		{"a credit without tax goes back", []string{"a 100"}, cancelled(byLine, "31"), nil, "2026-02-01", []billing.Option{vat("10", false)}, prepaid.Terms{Tax: prepaid.TaxOnRest}, []string{"fee1<a 31.00: due 0.00 untaxed 3.10", "fee1<a -21.00: due 0.00 untaxed -2.10"}, "a 90.00"},
		{"no more goes back than was paid", []string{"a 15"}, cancelled(plan.Policy{}, "31"), nil, "2026-02-01", nil, prepaid.Terms{}, []string{"fee1<a 15.00: due 16.00", "fee1<a -15.00: due 0.00 credited 6.00"}, "a 15.00"},
		{"the last that paid first", []string{"a 15", "b 16"}, cancelled(plan.Policy{}, "31"), nil, "2026-02-01", nil, prepaid.Terms{}, []string{"fee1<a 15.00, fee1<b 16.00: due 0.00", "fee1<a -5.00, fee1<b -16.00: due 0.00"}, "a 5.00, b 16.00"},
		{"a grant that has ended gets nothing back", []string{"a 100 until 2026-01-11"}, cancelled(plan.Policy{}, "31"), nil, "2026-02-01", nil, prepaid.Terms{}, []string{"fee1<a 31.00: due 0.00", ": due 0.00 credited 21.00"}, "a 69.00"},
		{"a credit that is refunded", []string{"a 15"}, cancelled(plan.Policy{Negative: plan.RefundNegative}, "31"), nil, "2026-02-01", nil, prepaid.Terms{}, []string{"fee1<a 15.00: due 16.00", "fee1<a -15.00: due 0.00 refund 6.00"}, "a 15.00"},
		{"no grant pays for buying one", []string{"a 500 from 2026-01-02 bought 2", "b 400"}, bought, nil, "2026-01-02", nil, prepaid.Terms{}, []string{"fee1<b 10.00: due 0.00", ": due 500.00"}, "a 500.00, b 390.00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			made := invoices(t, row.sub, row.usage, row.to, row.options...)
			drawn, next, err := prepaid.Draw(granted(t, row.grants...), made, row.terms)
			require.NoError(t, err)
			var got []string
			for _, d := range drawn {
				got = append(got, show(d))
			}
			require.Equal(t, row.want, got)
			require.Equal(t, row.left, left(next))
			again, same, err := prepaid.Draw(next, made[len(made)-1:], row.terms)
			require.NoError(t, err)
			require.True(t, next.Equal(same))
			last := drawn[len(drawn)-1]
			last.Known = true
			if len(made) == 1 {
				require.True(t, last.Equal(again[0]))
			}
		})
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	c := granted(t, "a 100 until 2026-02-01", "b 50 promotional", "c 30 cost 24")
	same, err := prepaid.Add(c, grant("a 100 until 2026-02-01"))
	require.NoError(t, err)
	require.True(t, c.Equal(same))
	_, err = prepaid.Add(c, grant("a 101 until 2026-02-01"))
	require.ErrorIs(t, err, prepaid.ErrTaken)
	_, err = prepaid.Add(c, prepaid.Grant{ID: "x", Amount: money.MustParse("1.00 EUR"), From: date("2026-01-01")})
	require.ErrorIs(t, err, money.ErrCurrencyMismatch)
	_, err = prepaid.Add(c, prepaid.Grant{ID: "x", Amount: usd("0")})
	require.EqualError(t, err, "prepaid: grant \"x\": amount: must be above zero\nfrom: missing")

	for _, row := range []struct {
		day, want string
	}{{"2025-12-31", "0.00"}, {"2026-01-01", "180.00"}, {"2026-01-31", "180.00"}, {"2026-02-01", "80.00"}} {
		require.Equal(t, row.want, must(c.Balance(date(row.day))).Amount(), row.day)
	}

	revoked, err := prepaid.Revoke(c, "b", date("2026-01-10"))
	require.NoError(t, err)
	require.Equal(t, "130.00", must(revoked.Balance(date("2026-01-10"))).Amount())
	again, err := prepaid.Revoke(revoked, "b", date("2026-01-11"))
	require.NoError(t, err)
	require.True(t, revoked.Equal(again))
	_, err = prepaid.Revoke(c, "z", date("2026-01-10"))
	require.ErrorIs(t, err, prepaid.ErrGrant)
	require.Equal(t, "b 50.00, c 30.00", left(c.Forget(date("2026-02-01"))))
}

func TestWhatBecomesOfWhatIsLeftWhenACustomerLeaves(t *testing.T) {
	t.Parallel()
	c := granted(t, "a 100 until 2026-02-01 of other", "b 50 promotional of other", "c 30 cost 25")
	_, c, err := prepaid.Draw(c, invoices(t, seller(plan.Policy{}, "20"), nil, "2026-01-01"), prepaid.Terms{})
	require.NoError(t, err)
	require.Equal(t, "a 100.00, b 50.00, c 10.00", left(c))
	for _, row := range []struct {
		unused     prepaid.Unused
		at, refund string
		left       string
	}{
		// 10 of 30 are left of c, which cost 25: 8.33. Nothing was paid for b.
		{prepaid.RefundUnused, "2026-01-15", "108.33", "a 0.00, b 0.00, c 0.00"},
		{prepaid.RefundUnused, "2026-02-01", "8.33", "a 100.00, b 0.00, c 0.00"},
		{prepaid.KeepUnused, "2026-01-15", "0.00", "a 100.00, b 50.00, c 10.00"},
		{prepaid.LoseUnused, "2026-01-15", "0.00", "a 0.00, b 0.00, c 0.00"},
	} {
		next, refund, err := prepaid.End(c, date(row.at), row.unused)
		require.NoError(t, err)
		require.Equal(t, row.refund, refund.Amount())
		require.Equal(t, row.left, left(next))
		again, refund, err := prepaid.End(next, date(row.at), row.unused)
		require.NoError(t, err)
		require.Equal(t, "0.00", refund.Amount())
		require.True(t, next.Equal(again))
	}
	_, _, err = prepaid.End(c, date("2026-01-15"), "burn")
	require.EqualError(t, err, `prepaid: unused: "burn"`)
	_, _, err = prepaid.End(c, date("2026-01-15"), prepaid.KeepUnused, "z")
	require.ErrorIs(t, err, prepaid.ErrGrant)
}

func TestACorrectionGoesBackToWhatPaid(t *testing.T) {
	t.Parallel()
	c := granted(t, "a 100 until 2026-02-01 priority 9", "b 15")
	_, c, err := prepaid.Draw(c, invoices(t, seller(plan.Policy{}, "20"), nil, "2026-01-01"), prepaid.Terms{})
	require.NoError(t, err)
	line := c.Grants[0].Draws[0].Line
	for i, row := range []struct{ at, amount, back, left string }{
		{"2026-01-05", "3", "3.00", "a 98.00, b 0.00"},
		{"2026-01-05", "4", "4.00", "a 100.00, b 2.00"},
		{"2026-02-01", "30", "13.00", "a 100.00, b 15.00"},
		{"2026-02-01", "1", "0.00", "a 100.00, b 15.00"},
	} {
		for range 2 {
			var back money.Money
			c, back, err = prepaid.Return(c, line, usd(row.amount), date(row.at), uuid.UUID{byte(i + 1)})
			require.NoError(t, err)
			require.Equal(t, row.back, back.Amount())
			require.Equal(t, row.left, left(c))
		}
	}
	_, _, err = prepaid.Return(c, line, usd("-1"), date("2026-02-01"), uuid.UUID{9})
	require.EqualError(t, err, "prepaid: return: the amount must not be negative")
	_, _, err = prepaid.Return(c, line, money.MustParse("1 EUR"), date("2026-02-01"), uuid.UUID{9})
	require.ErrorIs(t, err, money.ErrCurrencyMismatch)
	_, _, err = prepaid.Return(c, line, usd("1"), date("2026-02-01"), uuid.Nil)
	require.Error(t, err)
}

func TestWhatIsLeftRollsOver(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, old, used, want, total string
	}{
		{"all", "old 1000 until 2026-02-01 rolls 1", "800", "new 1200.00, old 0.00", "1200.00"},
		{"a half", "old 1000 until 2026-02-01 rolls 0.5", "800", "new 1100.00, old 100.00", "1100.00"},
		{"a cap", "old 1000 until 2026-02-01 rolls 1 cap 150", "800", "new 1150.00, old 50.00", "1150.00"},
		{"nothing", "old 1000 until 2026-02-01", "800", "new 1000.00, old 200.00", "1000.00"},
		{"nothing is left", "old 1000 until 2026-02-01 rolls 1", "1000", "new 1000.00, old 0.00", "1000.00"},
		{"a share is rounded down", "old 1000 until 2026-02-01 rolls 0.333", "999.99", "new 1000.00, old 0.01", "1000.00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := granted(t, row.old)
			_, c, err := prepaid.Draw(c, invoices(t, seller(plan.Policy{}, row.used), nil, "2026-01-01"), prepaid.Terms{})
			require.NoError(t, err)
			next := grant("new 1000 from 2026-02-01 until 2026-03-01 rolls 1")
			rolled, err := prepaid.Roll(c, "old", next)
			require.NoError(t, err)
			require.Equal(t, row.want, left(rolled))
			require.Equal(t, row.total, must(rolled.Balance(date("2026-02-01"))).Amount())
			again, err := prepaid.Roll(rolled, "old", next)
			require.NoError(t, err)
			require.True(t, rolled.Equal(again))
			require.NoError(t, rolled.Validate())
			_, err = prepaid.Roll(c, "old", grant("new 1000 from 2026-01-31"))
			require.EqualError(t, err, `prepaid: grant "new": must not begin before "old" ends`)
		})
	}
}

func TestAGrantForEachPeriod(t *testing.T) {
	t.Parallel()
	january := calendar.Period{Start: date("2026-01-01"), End: date("2026-02-01")}
	part := calendar.Period{Start: date("2026-01-11"), End: date("2026-02-01")}
	r := prepaid.Recurring{Grant: prepaid.Grant{ID: "monthly", Amount: usd("31.00"), Cost: usd("15.50")}}
	g, err := r.For(part, january, calendar.UTC())
	require.NoError(t, err)
	require.Equal(t, "monthly/2026-01-11T00:00:00Z 21.00 USD 10.50 USD", fmt.Sprint(g.ID, " ", g.Amount, " ", g.Cost))
	r.Whole = true
	g, err = r.For(part, january, calendar.UTC())
	require.NoError(t, err)
	require.Equal(t, "31.00", g.Amount.Amount())
	require.True(t, g.Until.Equal(part.End))
	_, err = r.For(january, part, calendar.UTC())
	require.EqualError(t, err, "prepaid: the part must lie in the whole period")
}

func TestUsageSoFarIsAvailableNoMore(t *testing.T) {
	t.Parallel()
	sub := seller(plan.Policy{}, "10")
	usage := billing.Usage{used("2026-01-05", "30")}
	made, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, date("2026-01-10"), billing.WithoutCredit())
	require.NoError(t, err)
	_, c, err := prepaid.Draw(granted(t, "a 100"), made, prepaid.Terms{})
	require.NoError(t, err)
	require.Equal(t, "90.00", must(c.Balance(date("2026-01-10"))).Amount())
	var drafts []billing.Invoice
	for inv, err := range billing.Forecast(sub, usage, checkpoint, billing.WithoutCredit()) {
		require.NoError(t, err)
		drafts = append(drafts, inv)
		break
	}
	require.Equal(t, "60.00", must(c.Available(date("2026-01-10"), drafts, prepaid.Terms{})).Amount())
	require.Equal(t, "a 90.00", left(c))
}
