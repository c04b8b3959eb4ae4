package main

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// story returns the invoice of April 1 and the credit note of April 9.
func story() ([]document.Document, error) {
	sub, err := sold()
	if err != nil {
		return nil, err
	}
	april := time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)
	usage := billing.Usage{{Metric: "calls", At: april.AddDate(0, 0, -10), Quantity: decimal.NewFromInt(1_840_000)}}
	invoices, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, april, vat())
	if err != nil {
		return nil, err
	}
	series := document.Numbering{Prefix: "R-", Dated: document.DatedByYear, Digits: 4, Restart: document.YearlyRestart}
	last := "R-2026-0118"
	var issued []document.Document
	var billed []billing.StoredLine
	issue := func(draft document.Document, at time.Time, items ...document.OpenItem) error {
		number, err := series.Next(last, document.DateOf(at, draft.Zone))
		if err != nil {
			return err
		}
		d, err := draft.Issue(document.Issuance{Number: number, At: at, Numbering: &series, Items: items})
		if err != nil {
			return err
		}
		if err := d.EN16931(); err != nil {
			return err
		}
		last, issued = number, append(issued, d)
		return nil
	}
	for _, inv := range invoices {
		draft, err := document.New(inv, details(), issued...)
		if err != nil {
			return nil, err
		}
		if err := issue(draft, inv.At); err != nil {
			return nil, err
		}
		billed = append(billed, inv.StoredLines()...)
	}

	usage[0].Quantity = decimal.NewFromInt(1_240_000) // 600,000 were counted twice
	found, err := billing.Reconcile(sub, usage, billed, checkpoint, april.AddDate(0, 0, 8), vat())
	if err != nil {
		return nil, err
	}
	drafts, err := document.Correct(found, details(), issued...)
	if err != nil {
		return nil, err
	}
	invoice := issued[len(issued)-1]
	if len(drafts) != 1 {
		return nil, fmt.Errorf("%d corrections, and not one", len(drafts))
	}
	if err := issue(drafts[0], found.At, document.OpenItem{Document: invoice}); err != nil {
		return nil, err
	}
	return issued[len(issued)-2:], nil
}

func sold() (subscription.Subscription, error) {
	version, err := plan.Compile(plan.Plan{
		ID: "team", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "base", Name: "Base fee", Price: plan.FlatFee{Amount: decimal.NewFromInt(490)}},
			{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("12.40")}},
			{ID: "calls", Name: "API calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("0.00125")}},
		},
	})
	if err != nil {
		return subscription.Subscription{}, err
	}
	start := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	sub, err := subscription.New(subscription.Params{ID: "s-1", Plan: version, Start: start, Quantity: subscription.Units(4)})
	if err != nil {
		return sub, err
	}
	ten := decimal.NewFromInt(10)
	return sub.AddDiscount(subscription.Call{At: start, Actor: lifecycle.Operator}, plan.Discount{
		ID: "welcome", Name: "Welcome", Percent: &ten, Duration: plan.Forever, Charges: []string{"seats"},
	})
}

func vat() billing.Option {
	return billing.WithTax(func(billing.Line) []billing.TaxRate {
		return []billing.TaxRate{{ID: "vat", Name: "VAT", Percent: decimal.NewFromInt(19)}}
	})
}

func details() document.Details {
	return document.Details{
		Seller: document.Party{
			Name: "Perennial GmbH", VATID: "DE123456789", Street: "Gartenweg 1", PostCode: "10115", City: "Berlin", Country: "DE",
		},
		Buyer:         document.Party{Name: "Bäckerei <Brot & Salz>", ID: "C-7", Street: "Marktplatz 3", PostCode: "80331", City: "München", Country: "DE"},
		PurchaseOrder: "PO-4711",
		Terms:         document.Terms{Net: 30},
	}
}
