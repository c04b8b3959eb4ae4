package prepaid_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/prepaid"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func TestWhatCannotBeDrawnForIsRefused(t *testing.T) {
	t.Parallel()
	sub := seller(plan.Policy{TaxRounding: plan.TaxPerInvoice}, "10", "20")
	made := invoices(t, sub, nil, "2026-02-01")
	own := invoices(t, sub, nil, "2026-01-01")
	own[0].CreditApplied = usd("1.00")
	mixed := invoices(t, sub, nil, "2026-01-01", billing.WithTax(func(l billing.Line) []billing.TaxRate {
		if l.Charge == "fee1" {
			return nil
		}
		return []billing.TaxRate{{ID: "vat", Percent: num("10")}}
	}))
	held := invoices(t, sub, nil, "2026-01-01", vat("10", true))
	seen := granted(t, "a 100")
	_, seen, err := prepaid.Draw(seen, made[1:], prepaid.Terms{})
	require.NoError(t, err)
	usage := invoices(t, seller(plan.Policy{}), billing.Usage{used("2026-01-05", "30")}, "2026-02-01")
	euro := must(prepaid.Add(prepaid.Checkpoint{}, prepaid.Grant{ID: "a", Amount: money.MustParse("5.00 EUR"), From: date("2026-01-01")}))
	bad := granted(t, "a 100")
	bad.Grants[0].Left = usd("99")
	for _, row := range []struct {
		name       string
		checkpoint prepaid.Checkpoint
		invoices   []billing.Invoice
		terms      prepaid.Terms
		is         error
		want       string
	}{
		{"another currency", euro, made[:1], prepaid.Terms{}, prepaid.ErrInvoice, "prepaid: subscription \"s\" at 2026-01-01T00:00:00Z: prepaid: invalid invoice: currencies differ: USD and EUR"},
		{"credit of its own", granted(t, "a 1"), own, prepaid.Terms{}, prepaid.ErrInvoice, "prepaid: subscription \"s\" at 2026-01-01T00:00:00Z: prepaid: invalid invoice: account credit was applied before"},
		{"late", seen, made[:1], prepaid.Terms{}, prepaid.ErrLate, "prepaid: subscription \"s\" at 2026-01-01T00:00:00Z: prepaid: invoice before those that were seen: " + made[0].ID().String()},
		{"tax of some lines on the rest", granted(t, "a 1"), mixed, prepaid.Terms{Tax: prepaid.TaxOnRest}, prepaid.ErrInvoice, "prepaid: subscription \"s\" at 2026-01-01T00:00:00Z: prepaid: invalid invoice: tax on the rest: the tax \"vat\" is not on all lines alike: round it line by line"},
		{"a held tax on the rest", granted(t, "a 1"), held, prepaid.Terms{Tax: prepaid.TaxOnRest}, prepaid.ErrInvoice, "prepaid: subscription \"s\" at 2026-01-01T00:00:00Z: prepaid: invalid invoice: tax on the rest: prices hold \"vat\""},
		{"an unknown metric", granted(t, "a 1 metric call"), usage, prepaid.Terms{}, nil, "prepaid: subscription \"s\" at 2026-02-01T00:00:00Z: prepaid: terms: the metric of charge \"calls\" is missing"},
		{"a checkpoint that contradicts itself", bad, made, prepaid.Terms{}, prepaid.ErrCheckpoint, "prepaid: invalid checkpoint: grants[0].left: must be what the draws left, 100.00 USD"},
		{"an unknown word", granted(t, "a 1"), made, prepaid.Terms{Tax: "half"}, nil, `prepaid: terms: tax: must be one of ["all" "rest"]`},
	} {
		drawn, next, err := prepaid.Draw(row.checkpoint, row.invoices, row.terms)
		require.EqualError(t, err, row.want, row.name)
		if row.is != nil {
			require.ErrorIs(t, err, row.is)
		}
		require.Empty(t, drawn)
		require.True(t, next.Equal(row.checkpoint))
	}
	require.Equal(t, map[string]string{"calls": "call"}, prepaid.Metrics(sub))
}
