package document

import (
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
)

// Validate returns nil, or every fault as a [fault.FieldError], joined: what no verb of this
// package makes. Among them are the sums of EN 16931: BR-CO-10 and 13, Net is the sum of the
// lines (there are neither allowances nor charges of the whole document, BR-CO-11 and 12);
// BR-CO-14, Tax is the sum of the taxes, and the base of each the sum of its lines;
// BR-CO-15, Total is both; BR-CO-16, Due is what is left of it. What an electronic invoice
// needs beyond this is in [Document.EN16931].
func (d Document) Validate() error { return d.faults().Err() }

func (d Document) faults() faults.List {
	var f faults.List
	if !slices.Contains(kinds(), d.Kind) {
		word(&f, "kind", string(d.Kind), kinds())
	}
	d.standing(&f)
	if d.ID == uuid.Nil {
		f.Wrap("id", faults.ErrMissing)
	}
	for i, id := range d.Invoices {
		if id == uuid.Nil {
			f.Wrap(strictjson.Index("invoices", i), faults.ErrMissing)
		}
	}
	f.Wrap("subscription", text.ID(d.Subscription, MaxText))
	if y := d.At.UTC().Year(); d.At.IsZero() {
		f.Wrap("at", faults.ErrMissing)
	} else if y < 1 || y > 9999 {
		f.Add("at", fault.OutOfRange, "must lie in the years 1 to 9999")
	}
	if d.Command < 0 {
		f.Add("command", fault.OutOfRange, "must not be negative")
	}
	switch {
	case d.Window < 0 || d.Window > MaxWindow:
		f.Add("window", fault.OutOfRange, "must be 0 to %d", MaxWindow)
	case d.Window > 0 && d.Kind != Invoice:
		f.Add("window", fault.Excluded, "must be left out of what is no invoice")
	}
	f.Below("terms", d.Terms.faults())
	f.Below("seller", d.Seller.faults())
	f.Below("buyer", d.Buyer.faults())
	f.Wrap("buyer_reference", text.Name(d.BuyerReference, MaxText))
	f.Wrap("purchase_order", text.Name(d.PurchaseOrder, MaxText))
	f.Wrap("note", text.Note(d.Note, MaxNote))
	for i, l := range d.Lines {
		f.Below(strictjson.Index("lines", i), l.faults(len(d.Taxes)))
	}
	for i, t := range d.Taxes {
		f.Below(strictjson.Index("taxes", i), t.faults())
	}
	if len(f) == 0 { // sums of what is wrong say nothing
		d.sums(&f)
	}
	return f
}

// word reports a text that is none of the words.
func word(f *faults.List, path, word string, words any) {
	if word == "" {
		f.Wrap(path, faults.ErrMissing)
		return
	}
	f.Add(path, fault.UnknownWord, "unknown word %q: must be one of %q", word, words)
}

// standing checks the state and what belongs to it.
func (d Document) standing(f *faults.List) {
	given := func(path string, there, must bool) {
		switch {
		case must && !there:
			f.Wrap(path, faults.ErrMissing)
		case there && !must:
			f.Add(path, fault.Excluded, "must be left out of a document that is %s", d.State)
		}
	}
	date := func(path string, day Date) {
		if !day.IsZero() && !day.exists() {
			f.Add(path, fault.OutOfRange, "no such day")
		}
	}
	if !slices.Contains(states(), d.State) {
		word(f, "state", string(d.State), states())
		return
	}
	out := d.State != Draft
	given("number", d.Number != "", out)
	f.Wrap("number", text.Name(d.Number, MaxText))
	given("date", !d.Date.IsZero(), out)
	date("date", d.Date)
	given("due", !d.Due.IsZero(), out && d.Kind != CreditNote)
	date("due", d.Due)
	if !d.Due.IsZero() && d.Due.Compare(d.Date) < 0 {
		f.Add("due", fault.OutOfOrder, "must not lie before the date")
	}
	given("voided", !d.Voided.IsZero(), d.State == Void)
	date("voided", d.Voided)
	given("reason", d.Reason != "", d.State == Void)
	f.Wrap("reason", text.Name(d.Reason, MaxText))
	given("corrected_by", len(d.CorrectedBy) > 0, d.State == Corrected)
	for i, number := range d.CorrectedBy {
		path := strictjson.Index("corrected_by", i)
		f.Wrap(path, text.ID(number, MaxText))
		if slices.Contains(d.CorrectedBy[:i], number) {
			f.Add(path, fault.Duplicate, "is there twice")
		}
	}
	for i, r := range d.References {
		path := strictjson.Index("references", i)
		f.Wrap(path+".number", text.ID(r.Number, MaxText))
		if r.Date.IsZero() {
			f.Wrap(path+".date", faults.ErrMissing)
		}
		date(path+".date", r.Date)
		if !r.Amount.IsValid() {
			f.Wrap(path+".amount", faults.ErrMissing)
		}
		for _, part := range []struct {
			path string
			m    money.Money
		}{{".reduced", r.Reduced}, {".refunded", r.Refunded}} {
			given(path+part.path, part.m.IsValid(), out && d.Kind == CreditNote)
			if part.m.IsValid() && part.m.IsNegative() {
				f.Add(path+part.path, fault.OutOfRange, "must not be negative")
			}
		}
		if slices.ContainsFunc(d.References[:i], func(o Reference) bool { return o.Number == r.Number }) {
			f.Add(path+".number", fault.Duplicate, "is there twice")
		}
	}
	switch {
	case d.Kind == SupplementaryInvoice && len(d.References) == 0:
		f.Wrap("references", faults.ErrMissing)
	case d.Kind == CreditNote && d.State == Void:
		f.Add("state", fault.Inconsistent, "must not be void: a credit note is not")
	}
}

func (p Party) faults() faults.List {
	var f faults.List
	f.Wrap("name", text.ID(p.Name, MaxText))
	for _, field := range []struct{ path, value string }{
		{"id", p.ID},
		{"vat_id", p.VATID},
		{"tax_id", p.TaxID},
		{"registration", p.Registration},
		{"electronic_address.scheme", p.Electronic.Scheme},
		{"electronic_address.id", p.Electronic.ID},
		{"street", p.Street},
		{"more_street", p.MoreStreet},
		{"city", p.City},
		{"post_code", p.PostCode},
	} {
		f.Wrap(field.path, text.Name(field.value, MaxText))
	}
	if (p.Electronic.Scheme == "") != (p.Electronic.ID == "") {
		f.Add("electronic_address", fault.Inconsistent, "must have both a scheme and an id")
	}
	switch {
	case p.Country == "":
		f.Wrap("country", faults.ErrMissing)
	case len(p.Country) != 2 || !letter(p.Country[0]) || !letter(p.Country[1]):
		f.Add("country", fault.Malformed, "must be two letters of ISO 3166-1")
	}
	return f
}

func letter(c byte) bool { return 'A' <= c && c <= 'Z' }

func (l Line) faults(taxes int) faults.List {
	var f faults.List
	if l.ID == uuid.Nil {
		f.Wrap("id", faults.ErrMissing)
	}
	for i, id := range l.Merged {
		if id == uuid.Nil {
			f.Wrap(strictjson.Index("merged", i), faults.ErrMissing)
		}
	}
	f.Wrap("number", text.Name(l.Number, MaxText))
	if (l.Number == "") != (l.Of == uuid.Nil) {
		f.Add("of", fault.Inconsistent, "must stand beside the number of its document")
	}
	f.Wrap("name", text.ID(l.Name, MaxText))
	if !slices.Contains(billing.LineKinds(), l.Kind) {
		word(&f, "kind", string(l.Kind), billing.LineKinds())
	}
	f.Wrap("tax_code", text.Name(l.TaxCode, MaxText))
	f.Wrap("explanation", text.Note(l.Explanation, MaxNote))
	switch {
	case !l.First.IsZero() && !l.First.exists():
		f.Add("first", fault.OutOfRange, "no such day")
	case !l.Last.IsZero() && !l.Last.exists():
		f.Add("last", fault.OutOfRange, "no such day")
	case !l.Last.IsZero() && l.Last.Compare(l.First) < 0:
		f.Add("last", fault.OutOfOrder, "must not lie before the first day")
	}
	for _, q := range []struct {
		path string
		d    decimal.Decimal
	}{{"quantity", l.Quantity}, {"price", l.Price}, {"base_quantity", l.BaseQuantity}} {
		f.Wrap(q.path, dec.Check(q.d))
	}
	if len(f) == 0 {
		if l.Price.IsNegative() {
			f.Add("price", fault.OutOfRange, "must not be negative")
		}
		if !powerOfTen(l.BaseQuantity) {
			f.Add("base_quantity", fault.OutOfRange, "must be a power of ten, 1 to %s", decimal.New(1, maxBase))
		}
	}
	for i, n := range l.Taxes {
		path := strictjson.Index("taxes", i)
		switch {
		case n < 0 || n >= taxes:
			f.Add(path, fault.OutOfRange, "must be the place of a tax of the document")
		case slices.Contains(l.Taxes[:i], n):
			f.Add(path, fault.Duplicate, "is there twice")
		}
	}
	for i, a := range l.Allowances {
		path := strictjson.Index("allowances", i)
		if a.ID == uuid.Nil {
			f.Wrap(path+".id", faults.ErrMissing)
		}
		f.Wrap(path+".name", text.ID(a.Name, MaxText))
		if !a.Amount.IsValid() {
			f.Wrap(path+".amount", faults.ErrMissing)
		}
	}
	if !l.Net.IsValid() {
		f.Wrap("net", faults.ErrMissing)
	}
	if !l.Amount.IsValid() {
		f.Wrap("amount", faults.ErrMissing)
	}
	return f
}

// maxBase is the exponent of the largest base quantity.
const maxBase = 18

func powerOfTen(d decimal.Decimal) bool {
	for k := range int32(maxBase + 1) {
		if d.Equal(decimal.New(1, k)) {
			return true
		}
	}
	return false
}

func (t Tax) faults() faults.List {
	var f faults.List
	f.Wrap("id", text.ID(t.ID, MaxText))
	f.Wrap("name", text.Name(t.Name, MaxText))
	f.Wrap("reason", text.Name(t.Reason, MaxText))
	f.Wrap("reason_code", text.Name(t.ReasonCode, MaxText))
	if err := dec.Check(t.Percent); err != nil {
		f.Wrap("percent", err)
	} else if t.Percent.IsNegative() || t.Percent.GreaterThan(decimal.NewFromInt(1000)) {
		f.Add("percent", fault.OutOfRange, "must be from 0 to 1000")
	} else if !t.Percent.Shift(taxPlaces).IsInteger() {
		f.Add("percent", fault.TooPrecise, "must have at most %d decimals", taxPlaces)
	} else if t.Percent.IsPositive() && t.Category != "" && !t.Category.rated() {
		f.Add("percent", fault.Inconsistent, "must be 0 in the category %q", string(t.Category))
	}
	if t.Category != "" && !slices.Contains(categories(), t.Category) {
		word(&f, "category", string(t.Category), categories())
	}
	if !t.Base.IsValid() {
		f.Wrap("base", faults.ErrMissing)
	}
	if !t.Amount.IsValid() {
		f.Wrap("amount", faults.ErrMissing)
	}
	for i, id := range t.Lines {
		if id == uuid.Nil {
			f.Wrap(strictjson.Index("lines", i), faults.ErrMissing)
		}
	}
	return f
}

// sums checks that all amounts are of one currency and add up.
func (d Document) sums(f *faults.List) {
	t := d.Totals
	c := d.Currency()
	one := func(path string, m money.Money) {
		switch {
		case !m.IsValid():
			f.Wrap(path, faults.ErrMissing)
		case m.Currency() != c:
			f.Add(path, fault.Inconsistent, "must be in the currency of the total, %s", c)
		}
	}
	one("totals.total", t.Total)
	if len(*f) > 0 {
		return
	}
	one("totals.net", t.Net)
	one("totals.tax", t.Tax)
	one("totals.prepaid", t.Prepaid)
	one("totals.due", t.Due)
	for i, l := range d.Lines {
		one(strictjson.Index("lines", i)+".amount", l.Amount)
		one(strictjson.Index("lines", i)+".net", l.Net)
		for j, a := range l.Allowances {
			one(strictjson.Index(strictjson.Index("lines", i)+".allowances", j)+".amount", a.Amount)
		}
	}
	for i, tax := range d.Taxes {
		one(strictjson.Index("taxes", i)+".base", tax.Base)
		one(strictjson.Index("taxes", i)+".amount", tax.Amount)
	}
	for i, r := range d.References {
		one(strictjson.Index("references", i)+".amount", r.Amount)
		if d.Kind == CreditNote && d.State != Draft {
			one(strictjson.Index("references", i)+".reduced", r.Reduced)
			one(strictjson.Index("references", i)+".refunded", r.Refunded)
		}
	}
	if len(*f) > 0 {
		return
	}
	net, held, bases := newSum(c), newSum(c), make([]sum, len(d.Taxes))
	for n, t := range d.Taxes {
		bases[n] = newSum(c)
		if t.Inclusive {
			held.add(t.Amount)
		}
	}
	for i, l := range d.Lines {
		net.add(l.Net)
		held.add(l.Net)
		if l.Amount != l.Net && !slices.ContainsFunc(l.Taxes, func(n int) bool { return d.Taxes[n].Inclusive }) {
			f.Add(strictjson.Index("lines", i)+".amount", fault.Inconsistent, "must be the net amount: no tax is included")
		}
		for _, n := range l.Taxes {
			bases[n].add(l.Net)
		}
		if !l.comes() {
			f.Add(strictjson.Index("lines", i)+".net", fault.Inconsistent, "must be the quantity times the price, less the allowances")
		}
	}
	tax := newSum(c)
	for i, line := range d.Taxes {
		tax.add(line.Amount)
		bases[i].is(f, strictjson.Index("taxes", i)+".base", line.Base, "the sum of the lines with this tax (BR-CO-10)")
	}
	amounts := newSum(c)
	for _, l := range d.Lines {
		amounts.add(l.Amount)
	}
	f.Wrap("lines", amounts.err)
	held.is(f, "lines", amounts.m, "in all, the net amounts and the taxes that are included")
	net.is(f, "totals.net", t.Net, "the sum of the lines (BR-CO-10, BR-CO-13)")
	tax.is(f, "totals.tax", t.Tax, "the sum of the taxes (BR-CO-14)")
	total := newSum(c)
	total.add(t.Net)
	total.add(t.Tax)
	total.is(f, "totals.total", t.Total, "the net and the tax (BR-CO-15)")
	due := newSum(c)
	due.add(t.Due)
	due.add(t.Prepaid)
	due.is(f, "totals.due", t.Total, "what is left of the total after what was prepaid (BR-CO-16)")
	switch {
	case t.Prepaid.IsNegative() || t.Total.IsNegative() || t.Due.IsNegative():
		f.Add("totals.due", fault.OutOfRange, "must not be negative, nor the total or what was prepaid")
	case d.Kind == CreditNote && t.Prepaid.Sign() != 0:
		f.Add("totals.prepaid", fault.Inconsistent, "must be zero on a credit note")
	}
	if credit, err := d.AccountCredit(); err != nil || credit.IsNegative() {
		f.Add("references", fault.Inconsistent, "must not reduce and refund more than the total")
	}
}
