package main

import (
	"fmt"
	"strings"

	"github.com/bojanz/currency"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing/document"
	"github.com/perennial-billing/perennial/money"
)

// A sheet is a document as it is shown: texts, with its amounts in a locale.
type sheet struct {
	Title, Number, Date string
	Due, Terms          string
	Corrects            []string
	Seller, Buyer       []string
	Order               string
	Lines               []row
	Sums                []sum
}

type row struct {
	Name, Days, Quantity, Price, Net string
	Allowances                       []sum
}

type sum struct{ Name, Amount string }

// sheets lays out documents in a locale. Amounts go as decimal text from one library to the
// other, so that none is rounded on the way.
func sheets(documents []document.Document, locale string) ([]sheet, error) {
	l := layout{format: currency.NewFormatter(currency.NewLocale(locale))}
	var all []sheet
	for _, d := range documents {
		all = append(all, l.sheet(d))
	}
	return all, l.err
}

type layout struct {
	format *currency.Formatter
	err    error
}

func (l *layout) amount(m money.Money) string { return l.price(m.Decimal(), m.Currency()) }

func (l *layout) price(d decimal.Decimal, c money.Currency) string {
	amount, err := currency.NewAmount(d.String(), c.String())
	if err != nil {
		l.err = err
		return ""
	}
	return l.format.Format(amount)
}

func (l *layout) sheet(d document.Document) sheet {
	s := sheet{
		Title: title(d.Kind), Number: d.Number, Date: d.Date.String(), Due: d.Due.String(),
		Seller: address(d.Seller), Buyer: address(d.Buyer), Order: d.PurchaseOrder,
	}
	if d.Kind != document.CreditNote {
		s.Terms = d.Terms.String()
	}
	for _, r := range d.References {
		s.Corrects = append(s.Corrects, fmt.Sprintf("%s of %s", r.Number, r.Date))
	}
	for _, line := range d.Lines {
		r := row{Name: line.Name, Days: days(line), Quantity: line.Quantity.String(), Price: l.price(line.Price, d.Currency()), Net: l.amount(line.Net)}
		if !line.BaseQuantity.Equal(decimal.NewFromInt(1)) {
			r.Price += " for " + line.BaseQuantity.String()
		}
		for _, a := range line.Allowances {
			r.Allowances = append(r.Allowances, sum{"less " + a.Name, l.amount(a.Amount)})
		}
		s.Lines = append(s.Lines, r)
	}
	t := d.Totals
	s.Sums = append(s.Sums, sum{"Net", l.amount(t.Net)})
	for _, tax := range d.Taxes {
		s.Sums = append(s.Sums, sum{fmt.Sprintf("%s %s%% of %s", tax.Name, tax.Percent, l.amount(tax.Base)), l.amount(tax.Amount)})
	}
	s.Sums = append(s.Sums, sum{"Total", l.amount(t.Total)})
	if t.Prepaid.Sign() != 0 {
		s.Sums = append(s.Sums, sum{"Paid from account credit", l.amount(t.Prepaid)})
	}
	for _, r := range d.References {
		if r.Reduced.Sign() != 0 {
			s.Sums = append(s.Sums, sum{"Reduces " + r.Number + " by", l.amount(r.Reduced)})
		}
	}
	if d.Kind != document.CreditNote {
		s.Sums = append(s.Sums, sum{"Amount due", l.amount(t.Due)})
	}
	return s
}

func title(k document.Kind) string {
	switch k {
	case document.Invoice:
		return "Invoice"
	case document.CreditNote:
		return "Credit note"
	case document.SupplementaryInvoice:
		return "Supplementary invoice"
	}
	return string(k)
}

func days(l document.Line) string {
	if l.Last.IsZero() || l.Last == l.First {
		return l.First.String()
	}
	return l.First.String() + " to " + l.Last.String()
}

func address(p document.Party) []string {
	var all []string
	for _, text := range []string{p.Name, p.Street, p.MoreStreet, strings.TrimSpace(p.PostCode + " " + p.City), p.Country, p.VATID} {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}
