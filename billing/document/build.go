package document

import (
	"slices"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// A rateKey tells taxes of a document apart: the percentage of an id may have changed.
type rateKey struct {
	id        string
	percent   string
	inclusive bool
	category  Category
}

// A builder makes the lines, taxes and totals of one document. Its amounts are those of
// billing, below zero for what is given back; only at the end a credit note turns them.
type builder struct {
	d        *Document
	details  Details
	issued   []Document
	currency money.Currency

	f      faults.List
	lines  []*line
	byID   map[uuid.UUID]*line
	taxes  []Tax
	pooled []money.Money // of taxes, the exclusive tax that is of several lines
	byRate map[rateKey]int
	stated []billing.Tax // what billing says the taxes come to
	wholly bool          // stated are all taxes, with their amounts
	off    []discount
	owed   []owedTax

	// Of a correction: the document that it corrects, the lines of billing that it is made
	// of, and their amounts.
	of    *Document
	also  []*Document // corrected with it
	ids   []uuid.UUID
	parts []money.Money
}

// A line is one to come.
type line struct {
	Line
	source billing.Line
	gross  money.Money // with discounts and inclusive taxes
	taxed  money.Money // the exclusive tax that is of this line alone; none if it is invalid
	path   string
	taxes  []int // of the builder
}

type discount struct {
	id     uuid.UUID
	source billing.Line
}

type owedTax struct {
	id     uuid.UUID
	source billing.Line
	amount money.Money
	n      int // its place among the taxes, -1 if it is found by its rate
}

func newBuilder(d *Document, details Details, issued []Document, c money.Currency) *builder {
	return &builder{d: d, details: details, issued: issued, currency: c, byID: map[uuid.UUID]*line{}, byRate: map[rateKey]int{}}
}

// add adds a line of billing.
func (b *builder) add(id uuid.UUID, l billing.Line) {
	switch l.Kind {
	case billing.DiscountLine:
		b.off = append(b.off, discount{id, l})
	case billing.TaxLine:
		b.owed = append(b.owed, owedTax{id, l, l.Amount, -1})
	case billing.ChargeLine, billing.UsageLine, billing.CreditLine, billing.OneOffLine, billing.TrueUpLine, billing.OverageLine:
		b.put(id, l)
	}
}

func (b *builder) put(id uuid.UUID, l billing.Line) *line {
	made := &line{source: l, gross: l.Amount, path: strictjson.Index("lines", len(b.lines))}
	made.ID, made.Kind, made.TaxCode = id, l.Kind, l.TaxCode
	made.Name = l.Name
	if made.Name == "" {
		made.Name = l.Charge
	}
	made.First, made.Last = b.days(l)
	if text, err := l.Explain(b.d.Zone); err == nil {
		made.Explanation = text
	}
	if l.Kind == billing.CreditLine && l.Of != (billing.LineRef{}) {
		b.refer(made, inside.ID(l.Of, b.d.Subscription, b.d.Zone))
	}
	b.lines, b.byID[id] = append(b.lines, made), made
	return made
}

// days returns the first and the last day of a line; both are the same for usage of a part
// without length.
func (b *builder) days(l billing.Line) (first, last Date) {
	first = DateOf(l.From, b.d.Zone)
	switch {
	case l.To.IsZero():
	case l.To.After(l.From):
		last = DateOf(l.To.Add(-1), b.d.Zone)
	default:
		last = first
	}
	return first, last
}

// refer makes a line refer to one that stands on an issued document, and be taxed as it.
func (b *builder) refer(made *line, of uuid.UUID) bool {
	for _, o := range b.issued {
		if o.State == Draft || o.State == Void {
			continue
		}
		for _, l := range o.Lines {
			if l.ID == of {
				made.Number, made.Of = o.Number, of
				for _, n := range l.Taxes {
					made.taxes = append(made.taxes, b.tax(o.Taxes[n]))
				}
				return true
			}
		}
	}
	return false
}

// tax returns the place of a tax, which it adds without amounts if it is new.
func (b *builder) tax(t Tax) int {
	key := rateKey{t.ID, dec.String(t.Percent), t.Inclusive, t.Category}
	if n, ok := b.byRate[key]; ok {
		return n
	}
	t.Base, t.Amount, t.Lines = money.FromMinor(0, b.currency), money.FromMinor(0, b.currency), nil
	b.taxes, b.pooled = append(b.taxes, t), append(b.pooled, money.Money{})
	b.byRate[key] = len(b.taxes) - 1
	return len(b.taxes) - 1
}

// treat finds the taxes of each line that does not have those of the line it refers to.
func (b *builder) treat() {
	rates := b.rates()
	for _, l := range b.lines {
		if l.Of != uuid.Nil {
			continue
		}
		var treatments []Treatment
		switch {
		case b.details.Tax != nil:
			treatments = b.details.Tax(l.source)
		case b.of != nil && len(b.of.Taxes) == 1:
			l.taxes = append(l.taxes, b.tax(b.of.Taxes[0]))
		case len(rates) == 1:
			treatments = []Treatment{{Rate: rates[0]}}
		case len(rates) > 1:
			b.f.Add(l.path+".taxes", fault.Required, "must be told by Details.Tax, since there are several rates")
			continue
		}
		for _, t := range treatments {
			l.taxes = append(l.taxes, b.treatment(t))
		}
	}
}

// rates are those that a line without a treatment may have: of the invoice, or of the tax
// lines of a correction.
func (b *builder) rates() []billing.TaxRate {
	var rates []billing.TaxRate
	note := func(r billing.TaxRate) {
		if !slices.ContainsFunc(rates, func(o billing.TaxRate) bool { return o.ID == r.ID && o.Percent.Equal(r.Percent) }) {
			rates = append(rates, r)
		}
	}
	for _, s := range b.stated {
		note(s.Rate)
	}
	for _, owed := range b.owed {
		if !b.wholly {
			note(billing.TaxRate{ID: owed.source.Charge, Name: owed.source.Name, Percent: owed.source.Percent})
		}
	}
	return rates
}

func (b *builder) treatment(t Treatment) int {
	tax := Tax{
		ID: t.Rate.ID, Name: t.Rate.Name, Percent: t.Rate.Percent, Inclusive: t.Rate.Inclusive,
		Category: t.Category, Reason: t.Reason, ReasonCode: t.ReasonCode,
	}
	if tax.Category == "" && tax.Percent.IsPositive() {
		tax.Category = Standard
	}
	return b.tax(tax)
}
