package billing_test

import (
	"strings"

	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
)

// taxMenu are rates to draw from: on top and held by prices, round ones and others.
func taxMenu() []billing.TaxRate {
	return []billing.TaxRate{
		onTop("a", "20"), onTop("b", "7.7"), onTop("c", "9.975"), onTop("d", "0.000001"), onTop("e", "0"),
		within("f", "20"), within("g", "5"), within("h", "2.5"), within("i", "7.125"), within("j", "1000"),
	}
}

// drawTaxes draws no tax, or rates for each charge, and how they are rounded.
func drawTaxes(t *rapid.T) []billing.Option {
	how := rapid.SampledFrom([]plan.TaxRounding{"", plan.TaxPerLine, plan.TaxPerInvoice}).Draw(t, "tax")
	if how == "" {
		return nil
	}
	rates := map[string][]billing.TaxRate{}
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(taxMenu()), 0, 3, func(r billing.TaxRate) string { return r.ID })
	for _, kind := range []string{"fee0", "fee1", "calls", ""} {
		rates[kind] = some.Draw(t, "rates of "+kind)
	}
	return []billing.Option{
		billing.WithPolicy(plan.Policy{TaxRounding: how}),
		billing.WithTax(func(l billing.Line) []billing.TaxRate {
			for kind, list := range rates {
				if kind != "" && strings.HasPrefix(l.Charge, kind) {
					return list
				}
			}
			return rates[""]
		}),
	}
}
