package document

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

const (
	taxPlaces = 6
	hundred   = 100 * 1_000_000 // percent in millionths
)

func (t Tax) millionths() int64 { return t.Percent.Shift(taxPlaces).IntPart() }

// build makes the document of what was added.
func (b *builder) build(applied money.Money) error {
	if b.of != nil && len(b.lines) == 0 && len(b.ids) > 0 { // tax alone: a document has a line (BR-16)
		b.nothing()
	}
	b.reduce()
	b.treat()
	if err := b.f.Err(); err != nil {
		return fmt.Errorf("document: %w", err)
	}
	if err := b.sum(applied); err != nil {
		return fmt.Errorf("document: %w", err)
	}
	if err := b.f.Err(); err != nil {
		return fmt.Errorf("document: %w", err)
	}
	return nil
}

// reduce takes the discounts off their lines. One whose line is not here is a line.
func (b *builder) reduce() {
	for _, off := range b.off {
		l, ok := b.byID[inside.ID(off.source.Of, b.d.Subscription, b.d.Zone)]
		if !ok {
			b.put(off.id, off.source)
			continue
		}
		gross, err := l.gross.Add(off.source.Amount)
		amount, negErr := off.source.Amount.Neg()
		b.f.Wrap(l.path+".net", cmp.Or(err, negErr))
		name := off.source.Name
		if name == "" {
			name = off.source.Charge
		}
		l.gross, l.Allowances = gross, append(l.Allowances, Allowance{ID: off.id, Name: name, Amount: amount})
	}
}

// sum computes nets, taxes and totals, and turns those of a credit note.
func (b *builder) sum(applied money.Money) error {
	zero := money.FromMinor(0, b.currency)
	if err := b.addOwed(); err != nil {
		return err
	}
	for _, l := range b.lines {
		l.Net, l.Amount = l.gross, l.gross
	}
	for n := range b.taxes {
		if err := b.include(n); err != nil {
			return err
		}
	}
	t := &b.d.Totals
	t.Net, t.Tax, t.Prepaid = zero, zero, zero
	var err error
	for _, l := range b.lines {
		if t.Net, err = t.Net.Add(l.Net); err != nil {
			return err
		}
		for _, n := range l.taxes {
			if b.taxes[n].Base, err = b.taxes[n].Base.Add(l.Net); err != nil {
				return err
			}
		}
		if err := b.price(l); err != nil {
			return err
		}
	}
	for _, tax := range b.taxes {
		if t.Tax, err = t.Tax.Add(tax.Amount); err != nil {
			return err
		}
	}
	b.agree()
	if t.Total, err = t.Net.Add(t.Tax); err != nil {
		return err
	}
	if t.Total.IsNegative() != (b.d.Kind == CreditNote) && t.Total.Sign() != 0 {
		return fault.Inconsistent.Errorf("totals.total: %s is not that of the kind %q", t.Total, string(b.d.Kind))
	}
	if b.d.Kind != CreditNote && applied.IsValid() {
		t.Prepaid = applied
	}
	if t.Due, err = t.Total.Sub(t.Prepaid); err != nil {
		return err
	}
	b.d.Taxes = b.taxes
	for _, l := range b.lines {
		l.Taxes = l.taxes
		b.d.Lines = append(b.d.Lines, l.Line)
	}
	if b.d.Kind == CreditNote {
		if err := b.d.turn(); err != nil {
			return err
		}
	}
	return b.reference()
}

// addOwed adds the lines of exclusive taxes to the taxes.
func (b *builder) addOwed() error {
	for _, owed := range b.owed {
		n := owed.n
		if n < 0 {
			n = slices.IndexFunc(b.taxes, func(t Tax) bool {
				return t.ID == owed.source.Charge && !t.Inclusive && t.Percent.Equal(owed.source.Percent)
			})
		}
		if n < 0 {
			n = b.tax(Tax{ID: owed.source.Charge, Name: owed.source.Name, Percent: owed.source.Percent, Category: Standard})
		}
		tax := &b.taxes[n]
		amount, err := tax.Amount.Add(owed.amount)
		if err != nil {
			return err
		}
		tax.Amount, tax.Lines = amount, append(tax.Lines, owed.id)
		if err := b.attach(n, owed); err != nil {
			return err
		}
	}
	return nil
}

// attach notes of which line the tax is: of one, or of all that have it.
func (b *builder) attach(n int, owed owedTax) error {
	sum := &b.pooled[n]
	if l := b.taxedLine(owed.source.Of); l != nil {
		sum = &l.taxed
	}
	if !sum.IsValid() {
		*sum = money.FromMinor(0, b.currency)
	}
	var err error
	*sum, err = sum.Add(owed.amount)
	return err
}

// taxedLine returns the one line that a tax line names; nil where there is none, or several.
func (b *builder) taxedLine(of billing.LineRef) *line {
	if of == (billing.LineRef{}) {
		return nil
	}
	id := inside.ID(of, b.d.Subscription, b.d.Zone)
	var found *line
	for _, l := range b.lines {
		if l.source.Kind == "" || inside.ID(l.source.Ref(), b.d.Subscription, b.d.Zone) != id {
			continue
		}
		if found != nil {
			return nil
		}
		found = l
	}
	if found == nil {
		found = b.byID[id]
	}
	return found
}

// include takes an inclusive tax out of its lines: line by line, and if billing has rounded
// it once for all of them, by as many minor units more or less as there are in the
// difference, from the largest line on.
func (b *builder) include(n int) error {
	tax := &b.taxes[n]
	if !tax.Inclusive {
		return nil
	}
	var with []*line
	parts := map[*line]money.Money{}
	for _, l := range b.lines {
		if !slices.Contains(l.taxes, n) {
			continue
		}
		part, err := l.gross.Prorate(tax.millionths(), b.held(l), l.rounding())
		if err != nil {
			return err
		}
		if tax.Amount, err = tax.Amount.Add(part); err != nil {
			return err
		}
		with, parts[l] = append(with, l), part
	}
	if stated, ok := b.statedOf(*tax); ok && b.wholly {
		diff, err := stated.Amount.Sub(tax.Amount)
		if err != nil {
			return err
		}
		slices.SortStableFunc(with, func(x, y *line) int { return cmp.Compare(size(y.gross), size(x.gross)) })
		step := money.FromMinor(int64(diff.Sign()), b.currency)
		for i := 0; diff.Sign() != 0 && i < len(with); i++ {
			if diff, err = diff.Sub(step); err != nil {
				return err
			}
			if parts[with[i]], err = parts[with[i]].Add(step); err != nil {
				return err
			}
			if tax.Amount, err = tax.Amount.Add(step); err != nil {
				return err
			}
		}
	}
	for _, l := range with {
		var err error
		if l.Net, err = l.Net.Sub(parts[l]); err != nil {
			return err
		}
	}
	return nil
}

// held is 100 and the inclusive percentages of a line, in millionths: what its amount is of
// its amount without tax.
func (b *builder) held(l *line) int64 {
	den := int64(hundred)
	for _, n := range l.taxes {
		if b.taxes[n].Inclusive {
			den += b.taxes[n].millionths()
		}
	}
	return den
}

func (l *line) rounding() money.Rounding {
	if l.source.Rounding.IsValid() {
		return l.source.Rounding
	}
	return money.HalfUp
}

func size(m money.Money) int64 {
	if m.IsNegative() {
		return -m.Minor()
	}
	return m.Minor()
}

func (b *builder) statedOf(t Tax) (billing.Tax, bool) {
	for _, s := range b.stated {
		if s.Rate.ID == t.ID && s.Rate.Percent.Equal(t.Percent) && s.Rate.Inclusive == t.Inclusive {
			return s, true
		}
	}
	return billing.Tax{}, false
}

// agree reports taxes that are not those of billing: then the treatments are not those of
// the rates.
func (b *builder) agree() {
	if !b.wholly {
		return
	}
	var some bool
	for _, t := range b.taxes {
		some = some || t.Inclusive
	}
	for _, s := range b.stated {
		base, amount := money.FromMinor(0, b.currency), money.FromMinor(0, b.currency)
		for i, t := range b.taxes {
			if t.ID != s.Rate.ID || !t.Percent.Equal(s.Rate.Percent) || t.Inclusive != s.Rate.Inclusive {
				continue
			}
			var err, amountErr error
			base, err = base.Add(t.Base)
			amount, amountErr = amount.Add(t.Amount)
			b.f.Wrap(strictjson.Index("taxes", i), cmp.Or(err, amountErr))
		}
		apart, err := base.Sub(s.Base)
		b.f.Wrap("taxes", err)
		far := size(apart)
		if some && far <= int64(len(b.lines)) {
			far = 0 // parts of a tax that was rounded once are rounded here by line
		}
		if far != 0 || amount != s.Amount {
			b.f.Add("taxes", fault.Inconsistent, "%q is %s of %s by the treatments of the lines, and %s of %s on the invoice", s.Rate.ID, amount, base, s.Amount, s.Base)
		}
	}
}

// price says a line as a quantity times a price.
func (b *builder) price(l *line) error {
	den := b.held(l)
	off := decimal.Zero
	for i := range l.Allowances {
		a := &l.Allowances[i]
		var err error
		if a.Amount, err = a.Amount.Prorate(hundred, den, l.rounding()); err != nil {
			return err
		}
		off = off.Add(a.Amount.Decimal())
	}
	l.BaseQuantity = decimal.NewFromInt(1)
	if unit, ok := inside.UnitPrice(&l.source); ok && den == hundred && l.Of == uuid.Nil {
		l.Quantity, l.Price = l.source.Quantity, unit
		places := int32(b.currency.Digits())
		for k := int32(1); l.Price.Exponent() < -places && !l.Price.Equal(l.Price.Truncate(places)); k++ {
			l.Price, l.BaseQuantity = unit.Shift(k), decimal.New(1, k)
		}
		return nil
	}
	l.Quantity, l.Price = decimal.NewFromInt(1), l.Net.Decimal().Add(off)
	if l.Price.IsNegative() {
		l.Quantity, l.Price = l.Quantity.Neg(), l.Price.Neg()
	}
	return nil
}

// turn makes the amounts of a credit note above zero.
func (d *Document) turn() error {
	var all []*money.Money
	for i := range d.Lines {
		l := &d.Lines[i]
		l.Quantity = l.Quantity.Neg()
		all = append(all, &l.Net, &l.Amount)
		for j := range l.Allowances {
			all = append(all, &l.Allowances[j].Amount)
		}
	}
	for i := range d.Taxes {
		all = append(all, &d.Taxes[i].Base, &d.Taxes[i].Amount)
	}
	all = append(all, &d.Totals.Net, &d.Totals.Tax, &d.Totals.Total, &d.Totals.Due)
	for _, m := range all {
		turned, err := m.Neg()
		if err != nil {
			return err
		}
		*m = turned
	}
	return nil
}

// holds reports whether a line that is given back stands on this very document.
func (b *builder) holds(of billing.LineRef) bool {
	_, ok := b.byID[inside.ID(of, b.d.Subscription, b.d.Zone)]
	return ok
}

// nothing adds a line of nothing: it corrects the first line with a tax that is corrected.
func (b *builder) nothing() {
	owed := b.owed[0]
	for n, l := range b.of.Lines {
		for _, at := range l.Taxes {
			if t := b.of.Taxes[at]; t.ID == owed.source.Charge && t.Percent.Equal(owed.source.Percent) {
				b.corrects(place{of: b.of, n: n}, owed.id, money.FromMinor(0, b.currency)).Explanation = "Tax alone is corrected."
				return
			}
		}
	}
}
