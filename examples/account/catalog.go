package main

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/collection"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

func euros(text string) decimal.Decimal { return decimal.RequireFromString(text) }

// sold is what the vendor sells: three plans and an add-on.
func sold() (*plan.Catalog, error) {
	flat := func(id, name, price string) plan.Charge {
		return plan.Charge{ID: id, Name: name, Price: plan.FlatFee{Amount: euros(price)}}
	}
	return plan.NewCatalog(
		plan.Plan{
			ID: "platform", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
			Term:    &plan.Term{Interval: calendar.Months(12), Notice: calendar.Days(30)},
			Charges: []plan.Charge{flat("platform", "Platform", "200")},
		},
		plan.Plan{
			ID: "shop", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
			Charges: []plan.Charge{flat("shop", "Web shop", "49")},
		},
		plan.Plan{
			ID: "api", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
			Charges: []plan.Charge{{ID: "calls", Name: "API calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: euros("0.002")}}},
		},
		plan.AddOn{
			ID: "storage", Version: 1, Currency: money.EUR,
			Charges: []plan.Charge{{ID: "storage", Name: "Storage", Price: plan.PerUnit{UnitAmount: euros("10")}}},
		},
	)
}

// vat is the tax on everything.
func vat() billing.Option {
	return billing.WithTax(func(billing.Line) []billing.TaxRate {
		return []billing.TaxRate{{ID: "vat", Name: "VAT", Percent: decimal.NewFromInt(19)}}
	})
}

// details are what stands on every document.
func details() document.Details {
	return document.Details{
		Seller: document.Party{Name: "Perennial GmbH", VATID: "DE123456789", Country: "DE"},
		Buyer:  document.Party{Name: "Bäckerei Brot & Salz", ID: "C-7", Country: "DE"},
		Terms:  document.Terms{Net: 14},
	}
}

// numbers are those of all documents: a series that begins anew each year.
func numbers() document.Numbering {
	return document.Numbering{Prefix: "R-", Dated: document.DatedByYear, Digits: 3, Restart: document.YearlyRestart}
}

// dunning is what follows when an invoice is not paid.
func dunning() collection.Policy {
	return collection.Policy{Steps: []collection.Step{
		{ID: "suspend", Days: 14, Do: []collection.Action{collection.Suspend}},
		{ID: "remind", Days: 3, Do: []collection.Action{collection.Notify}},
	}}
}

func on(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}
