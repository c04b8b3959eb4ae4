package document_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func call(t time.Time) subscription.Call {
	return subscription.Call{At: t, Actor: lifecycle.Operator}
}

// team has a base fee, seats and metered calls below a cent each.
func team(t require.TestingT, policy plan.Policy) *plan.Version {
	p, err := plan.Compile(plan.Plan{
		ID: "team", Version: 1, Currency: money.EUR, Every: calendar.Months(1), Policy: policy,
		Charges: []plan.Charge{
			{ID: "base", Name: "Base fee", Price: plan.FlatFee{Amount: dec("49")}},
			{ID: "seats", Name: "Seats", Price: plan.PerUnit{UnitAmount: dec("12.40")}},
			{ID: "calls", Name: "API calls", Metric: "calls", Price: plan.PerUnit{UnitAmount: dec("0.00125")}},
		},
	})
	require.NoError(t, err)
	return p
}

func sold(t require.TestingT, policy plan.Policy) subscription.Subscription {
	sub, err := subscription.New(subscription.Params{ID: "s-1", Plan: team(t, policy), Start: day(3, 1), Quantity: subscription.Units(4)})
	require.NoError(t, err)
	return sub
}

var vat = billing.TaxRate{ID: "vat", Name: "VAT", Percent: decimal.NewFromInt(19)}

// taxed adds one rate to every line.
func taxed(rate billing.TaxRate) billing.Option {
	return billing.WithTax(func(billing.Line) []billing.TaxRate { return []billing.TaxRate{rate} })
}

func details() document.Details {
	return document.Details{
		Seller: document.Party{Name: "Perennial GmbH", VATID: "DE123456789", Street: "Gartenweg 1", City: "Berlin", PostCode: "10115", Country: "DE"},
		Buyer:  document.Party{Name: "Acme", ID: "C-7", Country: "DE"},
		Terms:  document.Terms{Net: 30},
	}
}

var series = document.Numbering{Prefix: "R-", Digits: 3}

// run bills up to an instant and issues every document on its day.
func run(t require.TestingT, sub subscription.Subscription, usage billing.Usage, c billing.Checkpoint, to time.Time, issued []document.Document, options ...billing.Option) ([]document.Document, billing.Checkpoint) {
	made, next, err := billing.Invoices(sub, usage, c, to, options...)
	require.NoError(t, err)
	for _, inv := range made {
		d, err := document.New(inv, details(), issued...)
		require.NoError(t, err)
		issued = append(issued, issue(t, d, inv.At, issued))
	}
	return issued, next
}

// items are the documents that one refers to, with what corrects each.
func items(d document.Document, issued []document.Document, paid money.Money) []document.OpenItem {
	var all []document.OpenItem
	for _, r := range d.References {
		for _, o := range issued {
			if o.Number == r.Number {
				all = append(all, document.OpenItem{Document: o, Notes: issued, Paid: paid})
			}
		}
	}
	return all
}

func issue(t require.TestingT, d document.Document, at time.Time, issued []document.Document) document.Document {
	last := ""
	if len(issued) > 0 {
		last = issued[len(issued)-1].Number
	}
	number, err := series.Next(last, document.DateOf(at, d.Zone))
	require.NoError(t, err)
	out, err := d.Issue(document.Issuance{Number: number, At: at, Numbering: &series, Items: items(d, issued, money.Money{})})
	require.NoError(t, err)
	return out
}

func TestAnInvoiceBecomesADocument(t *testing.T) {
	t.Parallel()
	sub := sold(t, plan.Policy{})
	ten := decimal.NewFromInt(10)
	sub, err := sub.AddDiscount(call(day(3, 1)), plan.Discount{ID: "welcome", Name: "Welcome", Percent: &ten, Duration: plan.Forever, Charges: []string{"seats"}})
	require.NoError(t, err)
	usage := billing.Usage{{Metric: "calls", At: day(3, 9), Quantity: decimal.NewFromInt(1001)}}
	issued, _ := run(t, sub, usage, billing.Checkpoint{}, day(4, 1), nil, taxed(vat))
	require.Len(t, issued, 2)
	d := issued[1]
	require.NoError(t, d.EN16931())
	require.Equal(t, "R-002", d.Number)
	require.Equal(t, "2026-04-01", d.Date.String())
	require.Equal(t, "2026-05-01", d.Due.String())
	calls, seats := d.Lines[0], d.Lines[2]
	require.Equal(t, "API calls", calls.Name)
	require.Equal(t, "2026-03-01 2026-03-31", calls.First.String()+" "+calls.Last.String(), "the last day is included")
	require.Equal(t, "1001 1.25 1000", calls.Quantity.String()+" "+calls.Price.String()+" "+calls.BaseQuantity.String(), calls.Explanation)
	require.Equal(t, "44.64 EUR", seats.Net.String())
	require.Equal(t, "4.96 EUR", seats.Allowances[0].Amount.String())
	require.Equal(t, "4 12.4", seats.Quantity.String()+" "+seats.Price.String())
	require.Equal(t, "94.89 EUR 18.03 EUR 112.92 EUR", d.Totals.Net.String()+" "+d.Totals.Tax.String()+" "+d.Totals.Due.String())
	text, err := d.Explain()
	require.NoError(t, err)
	require.Contains(t, text, "Invoice \"R-002\" of 2026-04-01\n")
	require.Contains(t, text, "Amount due: 112.92 EUR by 2026-05-01 (net 30 days)\n")
}
