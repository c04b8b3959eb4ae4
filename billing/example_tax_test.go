package billing_test

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A table of rates by tax code; one that is missing ends the run.
func ExampleWithTaxes() {
	books, err := plan.Compile(plan.Plan{
		ID: "books", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "ebooks", Name: "E-books", TaxCode: "ebook", Price: plan.FlatFee{Amount: decimal.NewFromInt(10)}},
			{ID: "films", Name: "Films", TaxCode: "video", Price: plan.FlatFee{Amount: decimal.NewFromInt(20)}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	sub, err := subscription.New(subscription.Params{ID: "s-9", Plan: books, Start: day(3, 1)})
	if err != nil {
		fmt.Println(err)
		return
	}
	percent := map[string]int64{"ebook": 7, "video": 19}
	byTable := billing.WithTaxes(func(inv billing.TaxableInvoice) ([][]billing.TaxRate, error) {
		rates := make([][]billing.TaxRate, len(inv.Lines))
		for i, line := range inv.Lines {
			p, ok := percent[line.TaxCode]
			if !ok {
				return nil, fmt.Errorf("no rate for %q", line.TaxCode)
			}
			rates[i] = []billing.TaxRate{{ID: fmt.Sprint("vat-", p), Name: "VAT", Percent: decimal.NewFromInt(p)}}
		}
		return rates, nil
	})
	made, checkpoint, err := billing.Invoices(sub, nil, billing.Checkpoint{}, day(3, 1), byTable)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, tax := range made[0].Taxes {
		fmt.Println(tax.Rate.ID, tax.Amount, "of", tax.Base)
	}
	delete(percent, "video")
	_, _, err = billing.Invoices(sub, nil, checkpoint, day(4, 1), byTable)
	fmt.Println(err)
	// Output:
	// vat-7 0.70 EUR of 10.00 EUR
	// vat-19 3.80 EUR of 20.00 EUR
	// billing: taxes of the invoice at 2026-04-01T00:00:00Z: no rate for "video"
}
