package document

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
)

// An OpenItem is an issued document with what has happened to it since: what bounds its
// credit notes. Notes that are drafts or void, or that do not refer to it, do not count.
type OpenItem struct {
	Document Document
	// Notes are the documents that refer to it, all of them: credit notes, supplementary
	// invoices, and invoices with a line that gives back one of its lines.
	Notes []Document
	// Paid is what was paid on it, account credit not included, and refunds not taken off;
	// the zero Money is nothing.
	Paid money.Money
}

// Left returns how much of the document can still be credited, with tax: what its own lines
// come to, and what documents that refer to it add to them, less what they give back
// ([Reference.Amount]). What is left of all documents of a subscription together is what was
// charged less what was given back, to the minor unit. It is not below zero, but where lines
// gave back from the beginning without saying of what: those of usage that came to less than
// was billed before.
func (o OpenItem) Left() (money.Money, error) {
	own, err := o.Document.own()
	if err != nil {
		return money.Money{}, wrap(err)
	}
	left, err := signed(money.FromMinor(0, o.Document.Currency()), o.Document.Kind, own)
	if err != nil {
		return money.Money{}, wrap(err)
	}
	err = o.each(func(note Document) error {
		for _, r := range note.References {
			if r.Number != o.Document.Number {
				continue
			}
			var err error
			if left, err = signed(left, note.Kind, r.Amount); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return money.Money{}, wrap(err)
	}
	return left, nil
}

// LeftOf is Left of one of its lines, with the taxes that its price includes and without
// others: below zero of one that gives back. A line that is not there is an error.
func (o OpenItem) LeftOf(line uuid.UUID) (money.Money, error) {
	i := slices.IndexFunc(o.Document.Lines, func(l Line) bool { return l.ID == line })
	if i < 0 {
		return money.Money{}, fault.NotFound.Errorf("document: %q has no line %s", o.Document.Number, line)
	}
	left, err := signed(money.FromMinor(0, o.Document.Currency()), o.Document.Kind, o.Document.Lines[i].Amount)
	if err != nil {
		return money.Money{}, wrap(err)
	}
	origin := o.origins()
	err = o.each(func(note Document) error {
		for _, l := range note.Lines {
			if origin(l) != (lineOf{o.Document.Number, line}) {
				continue
			}
			var err error
			if left, err = signed(left, note.Kind, l.Amount); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return money.Money{}, wrap(err)
	}
	return left, nil
}

// Open returns what is still to be paid: what is due, less what was paid and what credit
// notes have reduced. Of a credit note nothing is.
func (o OpenItem) Open() (money.Money, error) {
	if o.Document.Kind == CreditNote {
		return money.FromMinor(0, o.Document.Currency()), nil
	}
	return o.rest(o.Document.Totals.Due, func(r Reference) money.Money { return r.Reduced }, o.Paid)
}

// Refundable returns what was paid and not refunded yet.
func (o OpenItem) Refundable() (money.Money, error) {
	paid := o.Paid
	if !paid.IsValid() {
		paid = money.FromMinor(0, o.Document.Currency())
	}
	return o.rest(paid, func(r Reference) money.Money { return r.Refunded }, money.Money{})
}

func (o OpenItem) rest(of money.Money, taken func(Reference) money.Money, more money.Money) (money.Money, error) {
	rest, err := less(of, more)
	if err != nil {
		return money.Money{}, wrap(err)
	}
	err = o.each(func(note Document) error {
		for _, r := range note.References {
			if r.Number != o.Document.Number {
				continue
			}
			var err error
			if rest, err = less(rest, taken(r)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return money.Money{}, wrap(err)
	}
	return rest, nil
}

// each calls a function with every note that counts, each number once.
func (o OpenItem) each(f func(note Document) error) error {
	var seen []string
	for _, note := range o.Notes {
		if note.State == Draft || note.State == Void || slices.Contains(seen, note.Number) {
			continue
		}
		seen = append(seen, note.Number)
		if err := f(note); err != nil {
			return err
		}
	}
	return nil
}

// signed adds what a document of a kind states to what is left.
func signed(left money.Money, k Kind, amount money.Money) (money.Money, error) {
	if k == CreditNote {
		return left.Sub(amount)
	}
	return left.Add(amount)
}

// lineOf is a line of a document.
type lineOf struct {
	number string
	id     uuid.UUID
}

// origins returns a function that follows what a line corrects to the first line: a credit
// that was corrected gives back less of the line that it credited.
func (o OpenItem) origins() func(Line) lineOf {
	next := map[lineOf]lineOf{}
	for _, note := range o.Notes {
		for _, l := range note.Lines {
			if l.Of != uuid.Nil {
				next[lineOf{note.Number, l.ID}] = lineOf{l.Number, l.Of}
			}
		}
	}
	return func(l Line) lineOf {
		at := lineOf{l.Number, l.Of}
		for range len(next) { // no further, should they go round
			further, ok := next[at]
			if !ok {
				break
			}
			at = further
		}
		return at
	}
}

// Void withdraws an invoice or a supplementary invoice on the day of an instant: whole, so
// that nothing of it was corrected, and unpaid, by account credit neither; anything else is
// [ErrState], and is credited instead. It keeps its number, which is not given again.
// What it billed stays billed: to bill it anew, take its lines from those given to
// [billing.Reconcile].
func (o OpenItem) Void(at time.Time, reason string) (Document, error) {
	d := o.Document
	corrected := d.State == Corrected
	if err := o.each(func(Document) error { corrected = true; return nil }); err != nil {
		return Document{}, err
	}
	on := DateOf(at, d.Zone)
	switch {
	case d.Kind == CreditNote:
		return Document{}, fmt.Errorf("%w: %q is a credit note", ErrState, d.Number)
	case d.State == Draft || d.State == Void:
		return Document{}, fmt.Errorf("%w: %q is %s", ErrState, d.Number, d.State)
	case corrected:
		return Document{}, fmt.Errorf("%w: %q was corrected", ErrState, d.Number)
	case d.Totals.Prepaid.Sign() != 0 || o.Paid.IsValid() && o.Paid.Sign() != 0:
		return Document{}, fmt.Errorf("%w: %q was paid, at least in part", ErrState, d.Number)
	case on.Compare(d.Date) < 0:
		return Document{}, fault.OutOfOrder.Errorf("document: voided: %s lies before the date of %q, %s", on, d.Number, d.Date)
	}
	if err := text.ID(reason, MaxText); err != nil {
		return Document{}, fmt.Errorf("document: %w", fault.At("reason", err))
	}
	d = d.clone()
	d.State, d.Voided, d.Reason = Void, on, reason
	return d, d.Validate()
}

// MarkCorrected returns the document with the number of an issued one that refers to it,
// in the state [Corrected]. A number that is there already changes nothing.
func (d Document) MarkCorrected(note Document) (Document, error) {
	switch {
	case d.State == Draft || d.State == Void:
		return Document{}, fmt.Errorf("%w: %q is %s", ErrState, d.Number, d.State)
	case note.State == Draft || note.State == Void:
		return Document{}, fmt.Errorf("%w: the note %q is %s", ErrState, note.Number, note.State)
	case !slices.ContainsFunc(note.References, func(r Reference) bool { return r.Number == d.Number }):
		return Document{}, fault.Inconsistent.Errorf("document: %q does not refer to %q", note.Number, d.Number)
	}
	d = d.clone()
	d.State = Corrected
	if !slices.Contains(d.CorrectedBy, note.Number) {
		d.CorrectedBy = append(d.CorrectedBy, note.Number)
	}
	return d, d.Validate()
}

func wrap(err error) error { return fmt.Errorf("document: %w", err) }
