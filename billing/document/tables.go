package document

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// The JSON of documents: the fields of each value in the order in which they are written.
// The tables are made once and never change.

var (
	textCodec  = strictjson.Text[string]()
	zoneCodec  = strictjson.Marshaled[calendar.Zone, *calendar.Zone]("")
	dateCodec  = strictjson.Marshaled[Date, *Date](`^([0-9]{4}-[0-9]{2}-[0-9]{2})?$`)
	moneyCodec = strictjson.Amount(strictjson.Foreign[money.Money, *money.Money](strictjson.RefTo("money"), func(m *money.Money) bool { return !m.IsValid() }), money.ParseCurrency, money.ParseAmount)
	idsCodec   = strictjson.List[[]uuid.UUID](strictjson.UUID())
	wholeCodec = strictjson.Int[int]()
)

// words is a codec of an enumeration.
func words[W ~string](all []W) strictjson.Codec[W] {
	return strictjson.Word(all, func(s string) (W, error) {
		return "", fault.UnknownWord.Errorf("unknown word %q: must be one of %q", s, all)
	})
}

var termsCodec = strictjson.Struct(
	strictjson.Optional("net", func(v *Terms) *int { return &v.Net }, wholeCodec),
	strictjson.Optional("month_end", func(v *Terms) *MonthEnd { return &v.MonthEnd }, words(monthEnds())),
	strictjson.Optional("day", func(v *Terms) *int { return &v.Day }, wholeCodec),
	strictjson.Optional("months", func(v *Terms) *int { return &v.Months }, wholeCodec),
	strictjson.Optional("cut_off", func(v *Terms) *int { return &v.CutOff }, wholeCodec),
)

var numberingCodec = strictjson.Struct(
	strictjson.Optional("prefix", func(v *Numbering) *string { return &v.Prefix }, textCodec),
	strictjson.Optional("dated", func(v *Numbering) *Dated { return &v.Dated }, words(datedWords())),
	strictjson.Optional("digits", func(v *Numbering) *int { return &v.Digits }, wholeCodec),
	strictjson.Optional("restart", func(v *Numbering) *Restart { return &v.Restart }, words(restartWords())),
)

var electronicCodec = strictjson.Struct(
	strictjson.Optional("scheme", func(v *ElectronicAddress) *string { return &v.Scheme }, textCodec),
	strictjson.Optional("id", func(v *ElectronicAddress) *string { return &v.ID }, textCodec),
)

var partyCodec = strictjson.Struct(
	strictjson.Field("name", func(v *Party) *string { return &v.Name }, textCodec).Needed(),
	strictjson.Optional("id", func(v *Party) *string { return &v.ID }, textCodec),
	strictjson.Optional("vat_id", func(v *Party) *string { return &v.VATID }, textCodec),
	strictjson.Optional("tax_id", func(v *Party) *string { return &v.TaxID }, textCodec),
	strictjson.Optional("registration", func(v *Party) *string { return &v.Registration }, textCodec),
	strictjson.Optional("electronic_address", func(v *Party) *ElectronicAddress { return &v.Electronic }, electronicCodec),
	strictjson.Optional("street", func(v *Party) *string { return &v.Street }, textCodec),
	strictjson.Optional("more_street", func(v *Party) *string { return &v.MoreStreet }, textCodec),
	strictjson.Optional("city", func(v *Party) *string { return &v.City }, textCodec),
	strictjson.Optional("post_code", func(v *Party) *string { return &v.PostCode }, textCodec),
	strictjson.Field("country", func(v *Party) *string { return &v.Country }, textCodec).Needed(),
)

var allowanceCodec = strictjson.Struct(
	strictjson.Required("id", func(v *Allowance) *uuid.UUID { return &v.ID }, strictjson.UUID()),
	strictjson.Field("name", func(v *Allowance) *string { return &v.Name }, textCodec).Needed(),
	strictjson.Required("amount", func(v *Allowance) *money.Money { return &v.Amount }, moneyCodec),
)

var lineCodec = strictjson.Struct(
	strictjson.Required("id", func(v *Line) *uuid.UUID { return &v.ID }, strictjson.UUID()),
	strictjson.Optional("merged", func(v *Line) *[]uuid.UUID { return &v.Merged }, idsCodec),
	strictjson.Optional("number", func(v *Line) *string { return &v.Number }, textCodec),
	strictjson.Optional("of", func(v *Line) *uuid.UUID { return &v.Of }, strictjson.UUID()),
	strictjson.Field("name", func(v *Line) *string { return &v.Name }, textCodec).Needed(),
	strictjson.Required("kind", func(v *Line) *billing.LineKind { return &v.Kind }, words(billing.LineKinds())),
	strictjson.Optional("tax_code", func(v *Line) *string { return &v.TaxCode }, textCodec),
	strictjson.Optional("first", func(v *Line) *Date { return &v.First }, dateCodec),
	strictjson.Optional("last", func(v *Line) *Date { return &v.Last }, dateCodec),
	strictjson.Required("quantity", func(v *Line) *decimal.Decimal { return &v.Quantity }, strictjson.Exact()),
	strictjson.Required("price", func(v *Line) *decimal.Decimal { return &v.Price }, strictjson.Exact()),
	strictjson.Required("base_quantity", func(v *Line) *decimal.Decimal { return &v.BaseQuantity }, strictjson.Exact()),
	strictjson.Optional("allowances", func(v *Line) *[]Allowance { return &v.Allowances }, strictjson.List[[]Allowance](allowanceCodec)),
	strictjson.Required("amount", func(v *Line) *money.Money { return &v.Amount }, moneyCodec),
	strictjson.Required("net", func(v *Line) *money.Money { return &v.Net }, moneyCodec),
	strictjson.Optional("taxes", func(v *Line) *[]int { return &v.Taxes }, strictjson.List[[]int](wholeCodec)),
	strictjson.Optional("explanation", func(v *Line) *string { return &v.Explanation }, textCodec),
).Finally(func(l *Line) {
	l.Merged, l.Allowances, l.Taxes = orNil(l.Merged), orNil(l.Allowances), orNil(l.Taxes)
})

var taxCodec = strictjson.Struct(
	strictjson.Field("id", func(v *Tax) *string { return &v.ID }, textCodec).Needed(),
	strictjson.Optional("name", func(v *Tax) *string { return &v.Name }, textCodec),
	strictjson.Required("percent", func(v *Tax) *decimal.Decimal { return &v.Percent }, strictjson.Decimal()),
	strictjson.Optional("inclusive", func(v *Tax) *bool { return &v.Inclusive }, strictjson.Truth()),
	strictjson.Optional("category", func(v *Tax) *Category { return &v.Category }, words(categories())),
	strictjson.Optional("reason", func(v *Tax) *string { return &v.Reason }, textCodec),
	strictjson.Optional("reason_code", func(v *Tax) *string { return &v.ReasonCode }, textCodec),
	strictjson.Required("base", func(v *Tax) *money.Money { return &v.Base }, moneyCodec),
	strictjson.Required("amount", func(v *Tax) *money.Money { return &v.Amount }, moneyCodec),
	strictjson.Optional("lines", func(v *Tax) *[]uuid.UUID { return &v.Lines }, idsCodec),
).Finally(func(t *Tax) { t.Lines = orNil(t.Lines) })

var referenceCodec = strictjson.Struct(
	strictjson.Field("number", func(v *Reference) *string { return &v.Number }, textCodec).Needed(),
	strictjson.Required("date", func(v *Reference) *Date { return &v.Date }, dateCodec),
	strictjson.Optional("corrects", func(v *Reference) *bool { return &v.Corrects }, strictjson.Truth()),
	strictjson.Required("amount", func(v *Reference) *money.Money { return &v.Amount }, moneyCodec),
	strictjson.Optional("reduced", func(v *Reference) *money.Money { return &v.Reduced }, moneyCodec),
	strictjson.Optional("refunded", func(v *Reference) *money.Money { return &v.Refunded }, moneyCodec),
)

var totalsCodec = strictjson.Struct(
	strictjson.Required("net", func(v *Totals) *money.Money { return &v.Net }, moneyCodec),
	strictjson.Required("tax", func(v *Totals) *money.Money { return &v.Tax }, moneyCodec),
	strictjson.Required("total", func(v *Totals) *money.Money { return &v.Total }, moneyCodec),
	strictjson.Required("prepaid", func(v *Totals) *money.Money { return &v.Prepaid }, moneyCodec),
	strictjson.Required("due", func(v *Totals) *money.Money { return &v.Due }, moneyCodec),
)

var documentCodec = strictjson.Struct(
	strictjson.Version[Document](Version),
	strictjson.Required("state", func(v *Document) *State { return &v.State }, words(states())),
	strictjson.Required("kind", func(v *Document) *Kind { return &v.Kind }, words(kinds())),
	strictjson.Optional("number", func(v *Document) *string { return &v.Number }, textCodec),
	strictjson.Required("id", func(v *Document) *uuid.UUID { return &v.ID }, strictjson.UUID()),
	strictjson.Optional("invoices", func(v *Document) *[]uuid.UUID { return &v.Invoices }, idsCodec),
	strictjson.Field("subscription", func(v *Document) *string { return &v.Subscription }, textCodec).Needed(),
	strictjson.Required("at", func(v *Document) *time.Time { return &v.At }, strictjson.Instant()),
	strictjson.Optional("time_zone", func(v *Document) *calendar.Zone { return &v.Zone }, zoneCodec),
	strictjson.Optional("command", func(v *Document) *int { return &v.Command }, wholeCodec),
	strictjson.Optional("window", func(v *Document) *int { return &v.Window }, wholeCodec),
	strictjson.Optional("date", func(v *Document) *Date { return &v.Date }, dateCodec),
	strictjson.Optional("due", func(v *Document) *Date { return &v.Due }, dateCodec),
	strictjson.Field("terms", func(v *Document) *Terms { return &v.Terms }, termsCodec),
	strictjson.Required("seller", func(v *Document) *Party { return &v.Seller }, partyCodec),
	strictjson.Required("buyer", func(v *Document) *Party { return &v.Buyer }, partyCodec),
	strictjson.Optional("buyer_reference", func(v *Document) *string { return &v.BuyerReference }, textCodec),
	strictjson.Optional("purchase_order", func(v *Document) *string { return &v.PurchaseOrder }, textCodec),
	strictjson.Optional("note", func(v *Document) *string { return &v.Note }, textCodec),
	strictjson.Optional("references", func(v *Document) *[]Reference { return &v.References }, strictjson.List[[]Reference](referenceCodec)),
	strictjson.Optional("corrected_by", func(v *Document) *[]string { return &v.CorrectedBy }, strictjson.List[[]string](textCodec)),
	strictjson.Optional("voided", func(v *Document) *Date { return &v.Voided }, dateCodec),
	strictjson.Optional("reason", func(v *Document) *string { return &v.Reason }, textCodec),
	strictjson.Optional("lines", func(v *Document) *[]Line { return &v.Lines }, strictjson.List[[]Line](lineCodec)),
	strictjson.Optional("taxes", func(v *Document) *[]Tax { return &v.Taxes }, strictjson.List[[]Tax](taxCodec)),
	strictjson.Required("totals", func(v *Document) *Totals { return &v.Totals }, totalsCodec),
).Finally(func(d *Document) {
	d.Invoices, d.References, d.CorrectedBy, d.Lines, d.Taxes = orNil(d.Invoices), orNil(d.References), orNil(d.CorrectedBy), orNil(d.Lines), orNil(d.Taxes)
})

func orNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
