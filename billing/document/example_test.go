package document_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// exampleSold is a subscription to a plan with a base fee and API calls.
func exampleSold() (subscription.Subscription, error) {
	version, err := plan.Compile(plan.Plan{
		ID: "team", Version: 1, Currency: money.EUR, Every: calendar.Months(1),
		Charges: []plan.Charge{
			{ID: "base", Name: "Base fee", Price: plan.FlatFee{Amount: decimal.RequireFromString("49")}},
			{ID: "calls", Name: "API calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: decimal.RequireFromString("0.02")}},
		},
	})
	if err != nil {
		return subscription.Subscription{}, err
	}
	return subscription.New(subscription.Params{ID: "s-1", Plan: version, Start: exampleStart()})
}

func exampleStart() time.Time { return time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC) }

func exampleDetails() document.Details {
	return document.Details{
		Seller: document.Party{Name: "Perennial GmbH", VATID: "DE123456789", Country: "DE"},
		Buyer:  document.Party{Name: "Acme", Country: "DE"},
		Terms:  document.Terms{Net: 14},
	}
}

func exampleTax() billing.Option {
	return billing.WithTax(func(billing.Line) []billing.TaxRate {
		return []billing.TaxRate{{ID: "vat", Name: "VAT", Percent: decimal.NewFromInt(19)}}
	})
}

func ExampleNew() {
	sub, err := exampleSold()
	if err != nil {
		fmt.Println(err)
		return
	}
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, exampleStart(), exampleTax())
	if err != nil {
		fmt.Println(err)
		return
	}
	draft, err := document.New(invoices[0], exampleDetails())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(draft.State, draft.Kind, draft.Totals.Net, draft.Totals.Tax, draft.Totals.Due)
	// Output: draft invoice 49.00 EUR 9.31 EUR 58.31 EUR
}

func ExampleDocument_Issue() {
	sub, err := exampleSold()
	if err != nil {
		fmt.Println(err)
		return
	}
	invoices, _, err := billing.Invoices(sub, nil, billing.Checkpoint{}, exampleStart(), exampleTax())
	if err != nil {
		fmt.Println(err)
		return
	}
	draft, err := document.New(invoices[0], exampleDetails())
	if err != nil {
		fmt.Println(err)
		return
	}
	issued, err := draft.Issue(document.Issuance{Number: "R-001", At: invoices[0].At})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(issued.State, issued.Number, issued.Date, issued.Due)
	fmt.Println(issued.EN16931())
	// Output:
	// issued R-001 2026-03-01 2026-03-15
	// <nil>
}

// Calls that were counted twice are given back by a credit note.
func ExampleCorrect() {
	sub, err := exampleSold()
	if err != nil {
		fmt.Println(err)
		return
	}
	april := time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)
	usage := billing.Usage{{Metric: "calls", At: april.AddDate(0, 0, -9), Quantity: decimal.NewFromInt(2000)}}
	invoices, checkpoint, err := billing.Invoices(sub, usage, billing.Checkpoint{}, april, exampleTax())
	if err != nil {
		fmt.Println(err)
		return
	}
	var issued []document.Document
	var billed []billing.StoredLine
	for i, inv := range invoices {
		draft, err := document.New(inv, exampleDetails(), issued...)
		if err != nil {
			fmt.Println(err)
			return
		}
		d, err := draft.Issue(document.Issuance{Number: fmt.Sprintf("R-%03d", i+1), At: inv.At})
		if err != nil {
			fmt.Println(err)
			return
		}
		issued, billed = append(issued, d), append(billed, inv.StoredLines()...)
	}

	usage[0].Quantity = decimal.NewFromInt(1000)
	found, err := billing.Reconcile(sub, usage, billed, checkpoint, april.AddDate(0, 0, 5), exampleTax())
	if err != nil {
		fmt.Println(err)
		return
	}
	drafts, err := document.Correct(found, exampleDetails(), issued...)
	if err != nil {
		fmt.Println(err)
		return
	}
	note, err := drafts[0].Issue(document.Issuance{
		Number: "R-003", At: found.At, Items: []document.OpenItem{{Document: issued[1]}}, Settle: document.ReduceOpen,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(note.Kind, note.References[0].Number, note.Totals.Net, note.Totals.Tax, note.Totals.Total)
	open, err := document.OpenItem{Document: issued[1], Notes: []document.Document{note}}.Open()
	fmt.Println(issued[1].Totals.Due, open, err)
	// Output:
	// credit_note R-002 20.00 EUR 3.80 EUR 23.80 EUR
	// 105.91 EUR 82.11 EUR <nil>
}

func ExampleTerms_Due() {
	issued := document.Date{Year: 2026, Month: time.January, Day: 20}
	for _, terms := range []document.Terms{{}, {Net: 30}, {Net: 30, MonthEnd: document.NetThenMonthEnd}, {Net: 30, MonthEnd: document.MonthEndThenNet}} {
		due, err := terms.Due(issued, nil)
		fmt.Println(due, terms, err)
	}
	// Output:
	// 2026-01-20 due on receipt <nil>
	// 2026-02-19 net 30 days <nil>
	// 2026-02-28 net 30 days, end of month <nil>
	// 2026-03-02 end of month, then 30 days <nil>
}

func ExampleNumbering_Next() {
	series := document.Numbering{Prefix: "RE-", Dated: document.DatedByYear, Digits: 4, Restart: document.YearlyRestart}
	for _, last := range []string{"", "RE-2026-0041", "RE-2025-0977"} {
		next, err := series.Next(last, document.Date{Year: 2026, Month: time.March, Day: 1})
		fmt.Println(next, err)
	}
	// Output:
	// RE-2026-0001 <nil>
	// RE-2026-0042 <nil>
	// RE-2026-0001 <nil>
}
