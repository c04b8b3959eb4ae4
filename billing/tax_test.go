package billing_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// fees sells flat fees by the month, charges "1", "2" and so on.
func fees(c money.Currency, policy plan.Policy, amounts ...string) subscription.Subscription {
	p := plan.Plan{ID: "fees", Version: 1, Currency: c, Every: calendar.Months(1), Policy: policy}
	for i, amount := range amounts {
		p.Charges = append(p.Charges, plan.Charge{ID: fmt.Sprint(i + 1), Price: plan.FlatFee{Amount: num(amount)}})
	}
	return must(subscription.New(subscription.Params{ID: "fees", Plan: plan.MustCompile(p), Start: date("2026-01-01")}))
}

func onTop(id, percent string) billing.TaxRate { return billing.TaxRate{ID: id, Percent: num(percent)} }

func within(id, percent string) billing.TaxRate {
	return billing.TaxRate{ID: id, Percent: num(percent), Inclusive: true}
}

func TestTaxes(t *testing.T) {
	t.Parallel()
	all := func(rates ...billing.TaxRate) func(billing.Line) []billing.TaxRate {
		return func(billing.Line) []billing.TaxRate { return rates }
	}
	by := func(charge string, some, others []billing.TaxRate) func(billing.Line) []billing.TaxRate {
		return func(l billing.Line) []billing.TaxRate {
			if l.Charge == charge {
				return some
			}
			return others
		}
	}
	type rates = []billing.TaxRate
	for _, row := range []struct {
		name     string
		currency money.Currency
		amounts  []string
		percent  string // of a discount
		rates    func(billing.Line) []billing.TaxRate
		// Total, and each tax with its base: once rounded by line, once by invoice.
		line, invoice string
	}{
		{"held by prices", money.USD, []string{"1000", "50"}, "", all(within("vat", "10")), "1050.00: vat 95.46 of 954.54", "1050.00: vat 95.45 of 954.55"},
		{"on top", money.USD, []string{"0.12", "0.12", "0.12"}, "", all(onTop("vat", "20")), "0.42: vat 0.06 of 0.36", "0.43: vat 0.07 of 0.36"},
		{"none is owed", money.USD, []string{"10"}, "", all(), "10.00:", "10.00:"},
		{"a rate of zero is shown and adds no line", money.USD, []string{"10"}, "", all(onTop("reverse", "0")), "10.00: reverse 0.00 of 10.00", "10.00: reverse 0.00 of 10.00"},
		{"discounts come before", money.USD, []string{"100"}, "10", all(onTop("vat", "19")), "107.10: vat 17.10 of 90.00", "107.10: vat 17.10 of 90.00"},
		{"what prices hold is counted on what discounts left", money.USD, []string{"119"}, "50", all(within("vat", "19")), "59.50: vat 9.50 of 50.00", "59.50: vat 9.50 of 50.00"},
		{"all is discounted", money.USD, []string{"10"}, "100", all(onTop("vat", "19")), "", ""},
		{"one on top of one that is held", money.USD, []string{"110"}, "", all(within("gst", "10"), onTop("pst", "7")), "117.00: gst 10.00 of 100.00 pst 7.00 of 100.00", "117.00: gst 10.00 of 100.00 pst 7.00 of 100.00"},
		{"two held", money.USD, []string{"100"}, "", all(within("a", "5"), within("b", "2.5")), "100.00: a 4.65 of 93.02 b 2.33 of 93.02", "100.00: a 4.65 of 93.02 b 2.33 of 93.02"},
		{"two on top, neither on the other", money.USD, []string{"100"}, "", all(onTop("gst", "5"), onTop("qst", "9.975")), "114.98: gst 5.00 of 100.00 qst 9.98 of 100.00", "114.98: gst 5.00 of 100.00 qst 9.98 of 100.00"},
		{
			"one rate on lines that hold another and lines that do not", money.USD,
			[]string{"0.11", "0.11"},
			"",
			by("1", rates{within("gst", "10"), onTop("pst", "5")}, rates{onTop("pst", "5")}),
			"0.24: gst 0.01 of 0.10 pst 0.02 of 0.21", "0.23: gst 0.01 of 0.10 pst 0.01 of 0.21",
		},
		{"by line kind", money.USD, []string{"10", "20"}, "", by("2", rates{onTop("vat", "7")}, rates{onTop("std", "19")}), "33.30: std 1.90 of 10.00 vat 1.40 of 20.00", "33.30: std 1.90 of 10.00 vat 1.40 of 20.00"},
		{"yen", money.JPY, []string{"105", "105"}, "", all(onTop("ct", "10")), "232: ct 22 of 210", "231: ct 21 of 210"},
		{"yen that hold it", money.JPY, []string{"105", "105"}, "", all(within("ct", "10")), "210: ct 20 of 190", "210: ct 19 of 191"},
		{"a thousandth of a percent", money.USD, []string{"1000000"}, "", all(onTop("levy", "0.000001")), "1000000.01: levy 0.01 of 1000000.00", "1000000.01: levy 0.01 of 1000000.00"},
		{"ten times the price", money.USD, []string{"1"}, "", all(onTop("luxury", "1000")), "11.00: luxury 10.00 of 1.00", "11.00: luxury 10.00 of 1.00"},
	} {
		for how, want := range map[plan.TaxRounding]string{plan.TaxPerLine: row.line, plan.TaxPerInvoice: row.invoice} {
			t.Run(row.name+", by "+string(how), func(t *testing.T) {
				t.Parallel()
				sub := fees(row.currency, plan.Policy{TaxRounding: how}, row.amounts...)
				if row.percent != "" {
					sub = must(sub.AddDiscount(operator(date("2026-01-02")), plan.Discount{ID: "off", Percent: plan.Bound(num(row.percent)), Duration: plan.Forever}))
				}
				_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-31"), billing.WithTax(row.rates))
				require.NoError(t, err)
				made, _, err := billing.Invoices(sub, nil, checkpoint, date("2026-02-01"), billing.WithTax(row.rates))
				require.NoError(t, err)
				if want == "" {
					require.Empty(t, made)
					return
				}
				require.Len(t, made, 1)
				require.Equal(t, want, taxes(made[0]))
				sumsUp(t, made[0])
				next, err := billing.Next(sub, nil, checkpoint, date("2026-01-31"), billing.WithTax(row.rates))
				require.NoError(t, err)
				require.Equal(t, made[0].Total, next.Amount)
			})
		}
	}
}

func taxes(inv billing.Invoice) string {
	out := inv.Total.Amount() + ":"
	for _, tax := range inv.Taxes {
		out += fmt.Sprintf(" %s %s of %s", tax.Rate.ID, tax.Amount.Amount(), tax.Base.Amount())
	}
	return out
}

// sumsUp holds an invoice to its totals: the lines, and the taxes that are lines.
func sumsUp(t require.TestingT, inv billing.Invoice) {
	var sum int64
	byRate := map[string]int64{}
	for _, line := range inv.Lines {
		sum += line.Amount.Minor()
		if line.Kind == billing.TaxLine {
			byRate[line.Charge] += line.Amount.Minor()
		}
	}
	require.Equal(t, inv.Total.Minor(), sum)
	for _, tax := range inv.Taxes {
		if !tax.Rate.Inclusive {
			require.Equal(t, tax.Amount.Minor(), byRate[tax.Rate.ID])
		}
	}
}

func TestCreditsGiveBackTheirTax(t *testing.T) {
	t.Parallel()
	vat := billing.WithTax(func(billing.Line) []billing.TaxRate { return []billing.TaxRate{onTop("vat", "19")} })
	for how, want := range map[plan.TaxRounding]string{plan.TaxPerLine: "-249.90: vat -39.90 of -210.00", plan.TaxPerInvoice: "-249.90: vat -39.90 of -210.00"} {
		sub := office(plan.Policy{CancelCredit: plan.CreditProrate, TaxRounding: how})
		sub = must(sub.Cancel(operator(date("2026-01-11")), subscription.Immediately()))
		made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-11"), vat)
		require.NoError(t, err)
		require.Len(t, made, 2)
		require.Equal(t, want, taxes(made[1]))
		sumsUp(t, made[1])
		for i, line := range made[1].Lines[1:] {
			require.Equal(t, billing.TaxLine, line.Kind)
			require.True(t, line.Amount.IsNegative())
			require.Equal(t, num("19"), line.Percent, "line %d", i)
		}
	}
}

func TestTaxRatesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rates []billing.TaxRate
		want  string
	}{
		{[]billing.TaxRate{{Percent: num("19")}}, `billing: invalid tax rate: rates[""].id: missing`},
		{[]billing.TaxRate{onTop("vat", "-1")}, `billing: invalid tax rate: rates.vat.percent: must be from 0 to 1000`},
		{[]billing.TaxRate{onTop("vat", "1000.1")}, `billing: invalid tax rate: rates.vat.percent: must be from 0 to 1000`},
		{[]billing.TaxRate{onTop("vat", "0.0000001")}, `billing: invalid tax rate: rates.vat.percent: must have at most 6 decimals`},
		{[]billing.TaxRate{{ID: "vat", Percent: decimal.New(1, 1_000_000_000)}}, `billing: invalid tax rate: rates.vat.percent: too many digits`},
		{[]billing.TaxRate{onTop("vat\n", "19")}, `billing: invalid tax rate: rates["vat\n"].id: must be on one line, without control characters`},
		{
			[]billing.TaxRate{{ID: "vat", Name: "VAT\u202e", Percent: num("-1")}},
			"billing: invalid tax rate: rates.vat.name: must not hold characters that change the direction of text\nrates.vat.percent: must be from 0 to 1000",
		},
		{[]billing.TaxRate{onTop("vat", "19"), onTop("vat", "19.0")}, `billing: invalid tax rate: "vat": is there twice for one line`},
		{[]billing.TaxRate{onTop("vat", "19"), onTop("vat", "7")}, `billing: invalid tax rate: "vat": stands for two rates on one invoice`},
		{[]billing.TaxRate{onTop("vat", "19"), within("vat", "19")}, `billing: invalid tax rate: "vat": stands for two rates on one invoice`},
	} {
		sub, rates := fees(money.USD, plan.Policy{}, "10"), billing.WithTax(func(billing.Line) []billing.TaxRate { return row.rates })
		_, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-01"), rates)
		require.ErrorIs(t, err, billing.ErrTaxRate)
		require.EqualError(t, err, row.want)
		require.True(t, checkpoint.IsZero())
		_, err = billing.Next(sub, nil, billing.Checkpoint{}, date("2026-01-05"), rates)
		require.EqualError(t, err, row.want)
		for _, err := range billing.Forecast(sub, nil, billing.Checkpoint{}, rates) {
			require.EqualError(t, err, row.want)
		}
		_, err = billing.Reconcile(sub, nil, nil, billing.Checkpoint{}, date("2026-01-05"), rates)
		require.EqualError(t, err, row.want)
	}
}

func TestTheHookIsNotAskedForDiscounts(t *testing.T) {
	t.Parallel()
	sub := fees(money.USD, plan.Policy{}, "10", "20")
	call := operator(date("2026-01-01"))
	sub = must(sub.AddDiscount(call, plan.Discount{ID: "off", Percent: plan.Bound(num("10")), Duration: plan.Forever}))
	sub = must(sub.AddOneOff(call, subscription.OneOff{ID: "visit", Amount: money.MustParse("5.00 USD")}))
	asked := map[billing.LineKind]int{}
	made, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-02-01"), billing.WithTax(func(l billing.Line) []billing.TaxRate {
		asked[l.Kind]++
		return []billing.TaxRate{onTop("vat", "10")}
	}))
	require.NoError(t, err)
	require.Len(t, made, 2)
	require.Equal(t, map[billing.LineKind]int{billing.ChargeLine: 4, billing.OneOffLine: 1}, asked)
	require.Equal(t, "34.65: vat 3.15 of 31.50", taxes(made[0]))
}
