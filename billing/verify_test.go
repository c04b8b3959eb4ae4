package billing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func TestAnInvoiceThatDoesNotAddUpIsAnError(t *testing.T) {
	t.Parallel()
	one := money.MustParse("1.00 USD")
	for _, row := range []struct {
		name  string
		spoil func(inv *billing.Invoice)
		want  string
	}{
		{"as it was made", func(*billing.Invoice) {}, ""},
		{"a line that changed", func(inv *billing.Invoice) { inv.Lines[1].Amount = one }, "the lines sum to -10.76 USD, the total is 17.27 USD"},
		{"a line that is missing", func(inv *billing.Invoice) { inv.Lines = inv.Lines[:1] }, "the lines sum to -14.52 USD, the total is 17.27 USD"},
		{"another total", func(inv *billing.Invoice) { inv.Total = one }, "the lines sum to 17.27 USD, the total is 1.00 USD"},
		{"more due", func(inv *billing.Invoice) { inv.AmountDue = one }, "of 17.27 USD, 5.00 USD is applied, 1.00 USD due and 0.00 USD refunded"},
		{"more applied than there is", func(inv *billing.Invoice) { inv.CreditApplied = money.MustParse("20.00 USD") }, "20.00 USD is applied"},
		{"credit that is not applied", func(inv *billing.Invoice) { inv.CreditApplied = money.MustParse("-1.00 USD") }, "-1.00 USD is applied"},
		{"a refund of what is due", func(inv *billing.Invoice) { inv.Refund = one }, "1.00 USD refunded"},
		{"a credit that charges", func(inv *billing.Invoice) { inv.Lines[0].Amount = one }, `line 0, a credit of "fee", is 1.00 USD`},
		{"another tax", func(inv *billing.Invoice) { inv.Taxes[0].Amount = one }, "the lines of taxes sum to 2.76 USD, the taxes to 1.00 USD"},
		{"another currency", func(inv *billing.Invoice) { inv.Lines[0].Amount = money.MustParse("-14.52 EUR") }, "line 0 is of EUR, the invoice of USD"},
		{"a line that ends before it begins", func(inv *billing.Invoice) { inv.Lines[1].To = date("2026-01-01") }, "line 1 of \"fee\" ends before it begins"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			v := plan.MustCompile(plan.Plan{ID: "p", Version: 1, Currency: money.USD, Every: calendar.Months(1), Charges: []plan.Charge{{ID: "fee", Price: plan.PerUnit{UnitAmount: num("30")}}}})
			sub := must(subscription.New(subscription.Params{ID: "s", Plan: v, Start: date("2026-01-01")}))
			sub = must(sub.AddAccountCredit(byOperator(date("2026-01-17")), money.MustParse("5.00 USD")))
			sub = must(sub.ChangeQuantity(byOperator(date("2026-01-17")), subscription.Immediately(), "", num("2")))
			all, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, date("2026-01-17"), billing.WithTax(func(billing.Line) []billing.TaxRate {
				return []billing.TaxRate{{ID: "vat", Percent: num("19")}}
			}), billing.WithPolicy(plan.Policy{TaxRounding: plan.TaxPerInvoice}))
			require.NoError(t, err)
			inv := all[1]
			row.spoil(&inv)
			err = billing.Verify(inv)
			if row.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, billing.ErrUnbalanced)
			require.ErrorContains(t, err, row.want)
			require.Equal(t, fault.Internal, fault.Kind(err))
		})
	}
}
