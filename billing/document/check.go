package document

import (
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
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
func (d Document) Validate() error { return d.faults().err() }

func (d Document) faults() faults {
	var f faults
	if !slices.Contains(kinds(), d.Kind) {
		f.word("kind", string(d.Kind), kinds())
	}
	d.standing(&f)
	if d.ID == uuid.Nil {
		f.wrap("id", errMissing)
	}
	for i, id := range d.Invoices {
		if id == uuid.Nil {
			f.wrap(strictjson.Index("invoices", i), errMissing)
		}
	}
	f.wrap("subscription", text.ID(d.Subscription, MaxText))
	if y := d.At.UTC().Year(); d.At.IsZero() {
		f.wrap("at", errMissing)
	} else if y < 1 || y > 9999 {
		f.add("at", fault.OutOfRange, "must lie in the years 1 to 9999")
	}
	if d.Command < 0 {
		f.add("command", fault.OutOfRange, "must not be negative")
	}
	switch {
	case d.Window < 0 || d.Window > MaxWindow:
		f.add("window", fault.OutOfRange, "must be 0 to %d", MaxWindow)
	case d.Window > 0 && d.Kind != Invoice:
		f.add("window", fault.Excluded, "must be left out of what is no invoice")
	}
	f.below("terms", d.Terms.faults())
	f.below("seller", d.Seller.faults())
	f.below("buyer", d.Buyer.faults())
	f.wrap("buyer_reference", text.Name(d.BuyerReference, MaxText))
	f.wrap("purchase_order", text.Name(d.PurchaseOrder, MaxText))
	f.wrap("note", text.Note(d.Note, MaxNote))
	for i, l := range d.Lines {
		f.below(strictjson.Index("lines", i), l.faults(len(d.Taxes)))
	}
	for i, t := range d.Taxes {
		f.below(strictjson.Index("taxes", i), t.faults())
	}
	if len(f) == 0 { // sums of what is wrong say nothing
		d.sums(&f)
	}
	return f
}

// word reports a text that is none of the words.
func (f *faults) word(path, word string, words any) {
	if word == "" {
		f.wrap(path, errMissing)
		return
	}
	f.add(path, fault.UnknownWord, "unknown word %q: must be one of %q", word, words)
}

// standing checks the state and what belongs to it.
func (d Document) standing(f *faults) {
	given := func(path string, there, must bool) {
		switch {
		case must && !there:
			f.wrap(path, errMissing)
		case there && !must:
			f.add(path, fault.Excluded, "must be left out of a document that is %s", d.State)
		}
	}
	date := func(path string, day Date) {
		if !day.IsZero() && !day.exists() {
			f.add(path, fault.OutOfRange, "no such day")
		}
	}
	if !slices.Contains(states(), d.State) {
		f.word("state", string(d.State), states())
		return
	}
	out := d.State != Draft
	given("number", d.Number != "", out)
	f.wrap("number", text.Name(d.Number, MaxText))
	given("date", !d.Date.IsZero(), out)
	date("date", d.Date)
	given("due", !d.Due.IsZero(), out && d.Kind != CreditNote)
	date("due", d.Due)
	if !d.Due.IsZero() && d.Due.Compare(d.Date) < 0 {
		f.add("due", fault.OutOfOrder, "must not lie before the date")
	}
	given("voided", !d.Voided.IsZero(), d.State == Void)
	date("voided", d.Voided)
	given("reason", d.Reason != "", d.State == Void)
	f.wrap("reason", text.Name(d.Reason, MaxText))
	given("corrected_by", len(d.CorrectedBy) > 0, d.State == Corrected)
	for i, number := range d.CorrectedBy {
		path := strictjson.Index("corrected_by", i)
		f.wrap(path, text.ID(number, MaxText))
		if slices.Contains(d.CorrectedBy[:i], number) {
			f.add(path, fault.Duplicate, "is there twice")
		}
	}
	for i, r := range d.References {
		path := strictjson.Index("references", i)
		f.wrap(path+".number", text.ID(r.Number, MaxText))
		if r.Date.IsZero() {
			f.wrap(path+".date", errMissing)
		}
		date(path+".date", r.Date)
		if !r.Amount.IsValid() {
			f.wrap(path+".amount", errMissing)
		}
		for _, part := range []struct {
			path string
			m    money.Money
		}{{".reduced", r.Reduced}, {".refunded", r.Refunded}} {
			given(path+part.path, part.m.IsValid(), out && d.Kind == CreditNote)
			if part.m.IsValid() && part.m.IsNegative() {
				f.add(path+part.path, fault.OutOfRange, "must not be negative")
			}
		}
		if slices.ContainsFunc(d.References[:i], func(o Reference) bool { return o.Number == r.Number }) {
			f.add(path+".number", fault.Duplicate, "is there twice")
		}
	}
	switch {
	case d.Kind == SupplementaryInvoice && len(d.References) == 0:
		f.wrap("references", errMissing)
	case d.Kind == CreditNote && d.State == Void:
		f.add("state", fault.Inconsistent, "must not be void: a credit note is not")
	}
}

func (p Party) faults() faults {
	var f faults
	f.wrap("name", text.ID(p.Name, MaxText))
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
		f.wrap(field.path, text.Name(field.value, MaxText))
	}
	if (p.Electronic.Scheme == "") != (p.Electronic.ID == "") {
		f.add("electronic_address", fault.Inconsistent, "must have both a scheme and an id")
	}
	switch {
	case p.Country == "":
		f.wrap("country", errMissing)
	case len(p.Country) != 2 || !letter(p.Country[0]) || !letter(p.Country[1]):
		f.add("country", fault.Malformed, "must be two letters of ISO 3166-1")
	}
	return f
}

func letter(c byte) bool { return 'A' <= c && c <= 'Z' }

func (l Line) faults(taxes int) faults {
	var f faults
	if l.ID == uuid.Nil {
		f.wrap("id", errMissing)
	}
	for i, id := range l.Merged {
		if id == uuid.Nil {
			f.wrap(strictjson.Index("merged", i), errMissing)
		}
	}
	f.wrap("number", text.Name(l.Number, MaxText))
	if (l.Number == "") != (l.Of == uuid.Nil) {
		f.add("of", fault.Inconsistent, "must stand beside the number of its document")
	}
	f.wrap("name", text.ID(l.Name, MaxText))
	if !slices.Contains(billing.LineKinds(), l.Kind) {
		f.word("kind", string(l.Kind), billing.LineKinds())
	}
	f.wrap("tax_code", text.Name(l.TaxCode, MaxText))
	f.wrap("explanation", text.Note(l.Explanation, MaxNote))
	switch {
	case !l.First.IsZero() && !l.First.exists():
		f.add("first", fault.OutOfRange, "no such day")
	case !l.Last.IsZero() && !l.Last.exists():
		f.add("last", fault.OutOfRange, "no such day")
	case !l.Last.IsZero() && l.Last.Compare(l.First) < 0:
		f.add("last", fault.OutOfOrder, "must not lie before the first day")
	}
	for _, q := range []struct {
		path string
		d    decimal.Decimal
	}{{"quantity", l.Quantity}, {"price", l.Price}, {"base_quantity", l.BaseQuantity}} {
		f.wrap(q.path, dec.Check(q.d))
	}
	if len(f) == 0 {
		if l.Price.IsNegative() {
			f.add("price", fault.OutOfRange, "must not be negative")
		}
		if !powerOfTen(l.BaseQuantity) {
			f.add("base_quantity", fault.OutOfRange, "must be a power of ten, 1 to %s", decimal.New(1, maxBase))
		}
	}
	for i, n := range l.Taxes {
		path := strictjson.Index("taxes", i)
		switch {
		case n < 0 || n >= taxes:
			f.add(path, fault.OutOfRange, "must be the place of a tax of the document")
		case slices.Contains(l.Taxes[:i], n):
			f.add(path, fault.Duplicate, "is there twice")
		}
	}
	for i, a := range l.Allowances {
		path := strictjson.Index("allowances", i)
		if a.ID == uuid.Nil {
			f.wrap(path+".id", errMissing)
		}
		f.wrap(path+".name", text.ID(a.Name, MaxText))
		if !a.Amount.IsValid() {
			f.wrap(path+".amount", errMissing)
		}
	}
	if !l.Net.IsValid() {
		f.wrap("net", errMissing)
	}
	if !l.Amount.IsValid() {
		f.wrap("amount", errMissing)
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

func (t Tax) faults() faults {
	var f faults
	f.wrap("id", text.ID(t.ID, MaxText))
	f.wrap("name", text.Name(t.Name, MaxText))
	f.wrap("reason", text.Name(t.Reason, MaxText))
	f.wrap("reason_code", text.Name(t.ReasonCode, MaxText))
	if err := dec.Check(t.Percent); err != nil {
		f.wrap("percent", err)
	} else if t.Percent.IsNegative() || t.Percent.GreaterThan(decimal.NewFromInt(1000)) {
		f.add("percent", fault.OutOfRange, "must be from 0 to 1000")
	} else if !t.Percent.Shift(taxPlaces).IsInteger() {
		f.add("percent", fault.TooPrecise, "must have at most %d decimals", taxPlaces)
	} else if t.Percent.IsPositive() && t.Category != "" && !t.Category.rated() {
		f.add("percent", fault.Inconsistent, "must be 0 in the category %q", string(t.Category))
	}
	if t.Category != "" && !slices.Contains(categories(), t.Category) {
		f.word("category", string(t.Category), categories())
	}
	if !t.Base.IsValid() {
		f.wrap("base", errMissing)
	}
	if !t.Amount.IsValid() {
		f.wrap("amount", errMissing)
	}
	for i, id := range t.Lines {
		if id == uuid.Nil {
			f.wrap(strictjson.Index("lines", i), errMissing)
		}
	}
	return f
}

// sums checks that all amounts are of one currency and add up.
func (d Document) sums(f *faults) {
	t := d.Totals
	c := d.Currency()
	one := func(path string, m money.Money) {
		switch {
		case !m.IsValid():
			f.wrap(path, errMissing)
		case m.Currency() != c:
			f.add(path, fault.Inconsistent, "must be in the currency of the total, %s", c)
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
			f.add(strictjson.Index("lines", i)+".amount", fault.Inconsistent, "must be the net amount: no tax is included")
		}
		for _, n := range l.Taxes {
			bases[n].add(l.Net)
		}
		if !l.comes() {
			f.add(strictjson.Index("lines", i)+".net", fault.Inconsistent, "must be the quantity times the price, less the allowances")
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
	f.wrap("lines", amounts.err)
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
		f.add("totals.due", fault.OutOfRange, "must not be negative, nor the total or what was prepaid")
	case d.Kind == CreditNote && t.Prepaid.Sign() != 0:
		f.add("totals.prepaid", fault.Inconsistent, "must be zero on a credit note")
	}
	if credit, err := d.AccountCredit(); err != nil || credit.IsNegative() {
		f.add("references", fault.Inconsistent, "must not reduce and refund more than the total")
	}
}
