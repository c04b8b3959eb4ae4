package document

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// attribute divides what a document comes to among the documents whose lines it changes: the
// empty number is the document itself. Each line counts where the line stands that it
// changes in the end; an exclusive tax that was rounded for lines of several documents is
// divided by their amounts, what rounding leaves last.
func (b *builder) attribute() (map[string]money.Money, error) {
	parts := map[string]money.Money{}
	add := func(number string, m money.Money) error {
		sum, ok := parts[number]
		if !ok {
			sum = money.FromMinor(0, b.currency)
		}
		sum, err := sum.Add(m)
		parts[number] = sum
		return err
	}
	numbers := make([]string, len(b.lines))
	for i, l := range b.lines {
		numbers[i] = b.origin(lineOf{l.Number, l.Of}).number
		if err := add(numbers[i], l.gross); err != nil {
			return nil, err
		}
		if l.taxed.IsValid() {
			if err := add(numbers[i], l.taxed); err != nil {
				return nil, err
			}
		}
	}
	for n := range b.taxes {
		rest := b.pooled[n]
		if !rest.IsValid() || rest.Sign() == 0 {
			continue
		}
		nets, order := b.netsOf(n, numbers)
		for i, number := range order {
			part := rest
			if i < len(order)-1 {
				var err error
				if part, err = nets[number].Prorate(b.taxes[n].millionths(), hundred, money.HalfUp); err != nil {
					return nil, err
				}
			}
			var err error
			if rest, err = rest.Sub(part); err != nil {
				return nil, err
			}
			if err := add(number, part); err != nil {
				return nil, err
			}
		}
	}
	return parts, nil
}

// netsOf returns what the lines with a tax come to by the documents to which they belong, and the order in
// which these are served: the document itself, or that which it corrects, and the largest
// last, which bears what rounding leaves. Lines with a tax of their own do not share it, unless
// there are no others. Tax without lines belongs to the first document.
func (b *builder) netsOf(n int, numbers []string) (map[string]money.Money, []string) {
	nets := map[string]money.Money{}
	var order []string
	shares := func(l *line) bool { return slices.Contains(l.taxes, n) && !l.taxed.IsValid() }
	if !slices.ContainsFunc(b.lines, shares) {
		shares = func(l *line) bool { return slices.Contains(l.taxes, n) }
	}
	for i, l := range b.lines {
		if !shares(l) {
			continue
		}
		sum, ok := nets[numbers[i]]
		if !ok {
			sum, order = money.FromMinor(0, b.currency), append(order, numbers[i])
		}
		var err error
		nets[numbers[i]], err = sum.Add(l.Net)
		b.f.Wrap(l.path+".net", err)
	}
	first := b.of.number()
	if len(order) == 0 {
		return nets, []string{first}
	}
	slices.SortStableFunc(order, func(x, y string) int {
		return cmp.Or(-cmp.Compare(truth(x == first), truth(y == first)), cmp.Compare(size(nets[x]), size(nets[y])))
	})
	return nets, order
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// origin returns the line that one changes in the end: a credit that is corrected gives back
// less of the line that it credited.
func (b *builder) origin(of lineOf) lineOf {
	for range b.issued { // no further, should they go round
		_, l := b.find(of.number, of.id)
		if l == nil || l.Of == uuid.Nil {
			break
		}
		of = lineOf{l.Number, l.Of}
	}
	return of
}

// find returns an issued document and its line; nil where it was not given.
func (b *builder) find(number string, line uuid.UUID) (*Document, *Line) {
	for i := range b.issued {
		d := &b.issued[i]
		if d.Number != number || !d.out() {
			continue
		}
		for n := range d.Lines {
			if d.Lines[n].ID == line {
				return d, &d.Lines[n]
			}
		}
		return d, nil
	}
	return nil, nil
}

// reference lists the documents whose lines a document changes, with what falls on each, and
// reports a line that gives back what is on no document.
func (b *builder) reference() error {
	parts, err := b.attribute()
	if err != nil {
		return err
	}
	refer := func(number string, on Date, corrects bool) {
		if !slices.ContainsFunc(b.d.References, func(r Reference) bool { return r.Number == number }) {
			b.d.References = append(b.d.References, Reference{Number: number, Date: on, Corrects: corrects, Amount: money.FromMinor(0, b.currency)})
		}
	}
	if b.of != nil {
		for _, of := range append([]*Document{b.of}, b.also...) {
			refer(of.Number, of.Date, true)
		}
	}
	for i, l := range b.d.Lines {
		if b.d.Kind == CreditNote && l.Kind == billing.CreditLine && l.Of == uuid.Nil && !b.holds(b.lines[i].source.Of) {
			b.f.Add(strictjson.Index("lines", i)+".of", fault.NotFound, "gives back a line that is on no issued document that was given")
		}
		for number, of := l.Number, l.Of; number != ""; {
			d, was := b.find(number, of)
			if d == nil {
				break
			}
			refer(number, d.Date, false)
			if was == nil || was.Number == number {
				break
			}
			for _, r := range d.References { // that document may not be given
				if r.Number == was.Number {
					refer(r.Number, r.Date, false)
				}
			}
			number, of = was.Number, was.Of
		}
	}
	for i := range b.d.References {
		r := &b.d.References[i]
		part, ok := parts[r.Number]
		if ok && b.d.Kind == CreditNote {
			if part, err = part.Neg(); err != nil {
				return err
			}
		}
		if ok {
			r.Amount = part
		}
	}
	return nil
}

// own returns what of a document falls on itself: all that does not on others.
func (d Document) own() (money.Money, error) {
	own := d.Totals.Total
	for _, r := range d.References {
		var err error
		if own, err = own.Sub(r.Amount); err != nil {
			return own, err
		}
	}
	return own, nil
}

// gives returns an amount of the document as what it gives back: above zero.
func (d Document) gives(m money.Money) (money.Money, error) {
	if d.Kind == CreditNote {
		return m, nil
	}
	return m.Neg()
}

// bound makes what the document gives back of each other one no more than is left of that.
// What is too much, as a minor unit of a tax that was rounded for several documents, is borne by
// what the document charges itself, or given back of others that have so much left.
func (d *Document) bound(i Issuance) error {
	over := money.FromMinor(0, d.Currency())
	for n := range d.References {
		r := &d.References[n]
		given, err := d.gives(r.Amount)
		if err != nil {
			return wrap(err)
		}
		if given.Sign() <= 0 {
			continue
		}
		left, err := i.item(r.Number).Left()
		if err != nil {
			return err
		}
		if left = most(left); given.Minor() <= left.Minor() {
			continue
		}
		more, err := given.Sub(left)
		if err != nil {
			return wrap(err)
		}
		if over, err = over.Add(more); err != nil {
			return wrap(err)
		}
		if r.Amount, err = d.gives(left); err != nil { // its own inverse
			return wrap(err)
		}
	}
	if over.Sign() == 0 {
		return nil
	}
	own, err := d.own() // with what is too much
	if err != nil {
		return wrap(err)
	}
	if own, err = d.gives(own); err != nil {
		return wrap(err)
	}
	over = least(over, most(own))
	for _, item := range i.Items {
		if over, err = d.bear(item, over); err != nil {
			return err
		}
	}
	if over.Sign() > 0 {
		return fmt.Errorf("%w: %s more is given back than is left of the documents to which it refers", ErrExceeds, over)
	}
	return nil
}

// bear gives back as much of a document as is left of it, and returns what is too much after that.
func (d *Document) bear(item OpenItem, over money.Money) (money.Money, error) {
	of := item.Document
	if over.Sign() <= 0 || !of.out() || of.Currency() != d.Currency() || of.Date.Compare(d.Date) > 0 {
		return over, nil
	}
	left, err := item.Left()
	if err != nil {
		return over, err
	}
	n := slices.IndexFunc(d.References, func(r Reference) bool { return r.Number == of.Number })
	given := money.FromMinor(0, d.Currency())
	if n >= 0 {
		if given, err = d.gives(d.References[n].Amount); err != nil {
			return over, wrap(err)
		}
	}
	if left, err = left.Sub(given); err != nil {
		return over, wrap(err)
	}
	part := least(over, left)
	if part.Sign() <= 0 {
		return over, nil
	}
	if n < 0 {
		n = len(d.References)
		d.References = append(d.References, Reference{Number: of.Number, Date: of.Date})
	}
	if given, err = given.Add(part); err != nil {
		return over, wrap(err)
	}
	if d.References[n].Amount, err = d.gives(given); err != nil {
		return over, wrap(err)
	}
	if over, err = over.Sub(part); err != nil {
		return over, wrap(err)
	}
	return over, nil
}

// item is the one of a number; the zero one if it was not given.
func (i Issuance) item(number string) OpenItem {
	at := slices.IndexFunc(i.Items, func(o OpenItem) bool { return o.Document.Number == number })
	if at < 0 {
		return OpenItem{}
	}
	return i.Items[at]
}
