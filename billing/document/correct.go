package document

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// Correct returns the drafts of the documents of a reconciliation: one for each invoice
// that it corrects, in the order in which they are given, with the lines that are missing on
// it, and one of the lines whose invoice was not issued, which is an [Invoice], or a
// [CreditNote] below zero as of [New]. What corrects a
// document below zero is a [CreditNote], else a [SupplementaryInvoice]. They are to be issued
// in the order in which they are returned: those above zero come first, and what takes back a
// credit of a line before what gives back that line. A line names the document and the line that it
// corrects, if there is one, and is taxed as that one. A discount that changed is part of its line.
//
// A reconciliation with lines must be as [billing.Reconcile] returned it: its JSON does not
// say on which invoice each should have been.
//
// Issued must hold every document with a line that is corrected; a draft among them is
// made again instead ([Document.Redraft]), and a void one cannot be corrected. What the
// drafts come to together is the total of the reconciliation; credit that it applied
// is prepaid on those above zero, in order. An empty reconciliation has none.
func Correct(r billing.Reconciliation, details Details, issued ...Document) ([]Document, error) {
	c := correcting{r: &r, details: details, issued: issued, builders: map[string]*builder{}, places: map[uuid.UUID]place{}, with: map[string]*Document{}}
	c.index()
	c.unite()
	for i, correction := range r.Corrections {
		c.correction(strictjson.Index("corrections", i), correction)
	}
	ids := r.StoredLines()
	for _, pass := range []func(billing.LineKind) bool{
		func(k billing.LineKind) bool { return k != billing.DiscountLine && k != billing.TaxLine },
		func(k billing.LineKind) bool { return k == billing.DiscountLine },
		func(k billing.LineKind) bool { return k == billing.TaxLine },
	} {
		for i, l := range r.Lines {
			if pass(l.Kind) {
				c.line(i, ids[i].ID, l)
			}
		}
	}
	if err := c.f.Err(); err != nil {
		return nil, fmt.Errorf("document: reconciliation: %w", err)
	}
	return c.documents()
}

// A place is where a line of billing stands on an issued document: a line, of its own or as
// a discount, or a tax.
type place struct {
	of  *Document
	n   int
	tax bool
}

type correcting struct {
	r        *billing.Reconciliation
	details  Details
	issued   []Document
	places   map[uuid.UUID]place
	builders map[string]*builder
	// With has the number of the document with whose correction that of another one is made,
	// the empty number for what was on none.
	with map[string]*Document
	f    faults.List
}

// index notes where each line stands. The first document that has a line is the one that
// billed it.
func (c *correcting) index() {
	put := func(id uuid.UUID, p place) {
		if _, ok := c.places[id]; !ok || c.places[id].of.State == Void {
			c.places[id] = p
		}
	}
	for i := range c.issued {
		d := &c.issued[i]
		for n, t := range d.Taxes { // first: a line of nothing has the id of the tax that it stands for
			for _, id := range t.Lines {
				put(id, place{of: d, n: n, tax: true})
			}
		}
		for n, l := range d.Lines {
			put(l.ID, place{of: d, n: n})
			for _, a := range l.Allowances {
				put(a.ID, place{of: d, n: n})
			}
			for _, id := range l.Merged {
				put(id, place{of: d, n: n})
			}
		}
	}
}

// builder returns the builder of what corrects a document; nil is none.
func (c *correcting) builder(of *Document) *builder {
	own := of
	of = c.together(of)
	number := of.number()
	if b, ok := c.builders[number]; ok {
		if own != nil && own != of && !slices.Contains(b.also, own) {
			b.also = append(b.also, own)
		}
		return b
	}
	d := c.details.document()
	d.Subscription, d.Zone = inside.Origin(c.r)
	d.At, d.Window = c.r.At, 0
	b := newBuilder(&d, c.details, c.issued, c.r.Total.Currency())
	b.of = of
	if own != nil && own != of {
		b.also = append(b.also, own)
	}
	c.builders[number] = b
	return b
}

// number is the number of a document, the empty one of none.
func (d *Document) number() string {
	if d == nil {
		return ""
	}
	return d.Number
}

// together returns the document with whose correction that of a document is made.
func (c *correcting) together(of *Document) *Document {
	for range len(c.with) {
		next, ok := c.with[of.number()]
		if !ok {
			break
		}
		of = next
	}
	return of
}

func (c *correcting) correction(path string, correction billing.Correction) {
	p, ok := c.places[correction.Of]
	switch {
	case !ok:
		c.f.Add(path+".of", fault.NotFound, "no document that was given has the line %s", correction.Of)
		return
	case p.of.State == Draft:
		c.f.Add(path+".of", fault.Inconsistent, "the document with the line is a draft, which is made again")
		return
	case p.of.State == Void:
		c.f.Add(path+".of", fault.Inconsistent, "the document with the line, %q, is void", p.of.Number)
		return
	}
	b := c.builder(c.root(p.of))
	if p.tax {
		tax := p.of.Taxes[p.n]
		b.owe(correction.ID, billing.Line{Kind: billing.TaxLine, Charge: tax.ID, Name: tax.Name, Percent: tax.Percent, Amount: correction.Amount}, b.tax(tax))
		return
	}
	l := b.corrects(p, correction.ID, correction.Amount)
	if p.of.Lines[p.n].ID == correction.Of {
		l.Explanation = fmt.Sprintf("Corrected from %s to %s.", correction.Was, correction.Is)
	}
}

// line adds a line that was not billed before: to the correction of the document of its
// invoice, beside the tax that it changed there, and if there is none to the new one.
func (c *correcting) line(i int, id uuid.UUID, l billing.Line) {
	if inside.Invoice(c.r, i) == uuid.Nil {
		c.f.Add(strictjson.Index("lines", i), fault.Required, "its invoice is not known, as of a reconciliation that was read from JSON: reconcile again")
		return
	}
	of := c.billedOn(i)
	if of == nil {
		c.builder(nil).first(inside.Invoice(c.r, i))
	}
	if l.Kind == billing.TaxLine {
		c.builder(of).owe(id, l, -1)
		return
	}
	if l.Kind == billing.DiscountLine && l.Of != (billing.LineRef{}) {
		sub, zone := inside.Origin(c.r)
		if p, ok := c.places[inside.ID(l.Of, sub, zone)]; ok && p.of.out() && !p.tax {
			c.builder(c.root(p.of)).corrects(p, id, l.Amount)
			return
		}
	}
	// Credits too: they belong to what is charged beside them, and are taxed with it.
	c.builder(of).addTo(id, l)
}

// standsOn returns the document of the invoice on which a line should have been, if one was
// issued: of the run, or of the reconciliation that billed it first.
func (c *correcting) standsOn(i int) *Document {
	id := inside.Invoice(c.r, i)
	for n := range c.issued {
		if d := &c.issued[n]; id != uuid.Nil && d.out() && (d.ID == id || slices.Contains(d.Invoices, id)) {
			return d
		}
	}
	return nil
}

// billedOn is the root of that document.
func (c *correcting) billedOn(i int) *Document {
	if d := c.standsOn(i); d != nil {
		return c.root(d)
	}
	return nil
}

// root returns the document of the invoice that a correction corrects: the tax of a line
// that was first billed on the latter stands on the former.
func (c *correcting) root(d *Document) *Document {
	for range c.issued { // no further, should they go round
		to := slices.IndexFunc(d.References, func(r Reference) bool { return r.Corrects })
		if to < 0 {
			break
		}
		at := slices.IndexFunc(c.issued, func(o Document) bool { return o.Number == d.References[to].Number && o.out() })
		if at < 0 {
			break
		}
		d = &c.issued[at]
	}
	return d
}

// out reports whether a document was issued and stands.
func (d *Document) out() bool { return d.State != Draft && d.State != Void }

// documents builds them.
func (c *correcting) documents() ([]Document, error) {
	applied, sum := c.r.CreditApplied, money.FromMinor(0, c.r.Total.Currency())
	var all []Document
	order := make([]string, 0, len(c.issued)+1)
	for _, d := range c.issued {
		if !slices.Contains(order, d.Number) {
			order = append(order, d.Number)
		}
	}
	for _, number := range append(slices.DeleteFunc(order, func(n string) bool { return n == "" }), "") {
		b := c.builders[number]
		if b == nil {
			continue
		}
		d, err := c.document(b, &applied)
		if err != nil {
			return nil, err
		}
		signed := d.Totals.Total
		if d.Kind == CreditNote {
			if signed, err = signed.Neg(); err != nil {
				return nil, err
			}
		}
		if sum, err = sum.Add(signed); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	all, err := c.ordered(all)
	if err != nil {
		return nil, err
	}
	if sum != c.r.Total {
		return nil, fault.Inconsistent.Errorf("document: reconciliation: total: the documents come to %s, and it is %s", sum, c.r.Total)
	}
	return all, nil
}

// document builds one of them, and takes what is prepaid from the credit that was applied.
func (c *correcting) document(b *builder, applied *money.Money) (Document, error) {
	total := money.FromMinor(0, b.currency)
	var err error
	for _, part := range b.parts {
		if total, err = total.Add(part); err != nil {
			return Document{}, err
		}
	}
	prepaid := money.FromMinor(0, b.currency)
	switch {
	case total.IsNegative():
		b.d.Kind = CreditNote
	default:
		b.d.Kind = SupplementaryInvoice
		if b.of == nil {
			b.d.Kind = Invoice
		}
		if applied.IsValid() {
			prepaid = *applied
			if prepaid.Minor() > total.Minor() {
				prepaid = total
			}
			if *applied, err = applied.Sub(prepaid); err != nil {
				return Document{}, err
			}
		}
	}
	name := []byte("document")
	for _, id := range b.ids {
		name = append(name, id[:]...)
	}
	b.d.ID = uuid.NewSHA1(billing.Namespace(), name)
	if err := b.build(prepaid); err != nil {
		return Document{}, err
	}
	return *b.d, b.d.Validate()
}

// addTo adds a line of billing and what it comes to.
func (b *builder) addTo(id uuid.UUID, l billing.Line) {
	b.add(id, l)
	b.note(id, l.Amount)
}

func (b *builder) note(id uuid.UUID, amount money.Money) {
	b.ids, b.parts = append(b.ids, id), append(b.parts, amount)
}

// first notes an invoice of which the document is the first to have lines.
func (b *builder) first(invoice uuid.UUID) {
	if !slices.Contains(b.d.Invoices, invoice) {
		b.d.Invoices = append(b.d.Invoices, invoice)
	}
}

// owe adds an amount of tax; n is the place of its tax, -1 if it is found by its rate.
func (b *builder) owe(id uuid.UUID, l billing.Line, n int) {
	b.owed = append(b.owed, owedTax{id: id, source: l, amount: l.Amount, n: n})
	b.note(id, l.Amount)
}

// corrects adds an amount to what corrects a line of a document.
func (b *builder) corrects(p place, id uuid.UUID, amount money.Money) *line {
	b.note(id, amount)
	was := p.of.Lines[p.n]
	for range b.issued { // what was corrected before is corrected itself, but for a credit
		if was.Of == uuid.Nil || was.Kind == billing.CreditLine {
			break
		}
		d, l := b.find(was.Number, was.Of)
		if l == nil {
			break
		}
		p.of, was = d, *l
	}
	if l, ok := b.byID[was.ID]; ok {
		gross, err := l.gross.Add(amount)
		b.f.Wrap(l.path+".amount", err)
		l.gross, l.Merged = gross, append(l.Merged, id)
		return l
	}
	l := &line{gross: amount, path: strictjson.Index("lines", len(b.lines))}
	l.ID, l.Kind, l.TaxCode, l.Name, l.First, l.Last = id, was.Kind, was.TaxCode, was.Name, was.First, was.Last
	l.Number, l.Of = p.of.Number, was.ID
	for _, n := range was.Taxes {
		l.taxes = append(l.taxes, b.tax(p.of.Taxes[n]))
	}
	b.lines, b.byID[was.ID] = append(b.lines, l), l
	return l
}
