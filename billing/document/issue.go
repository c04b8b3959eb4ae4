package document

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
)

// Settlement says what becomes of the amount of a credit note. The zero word is
// [ReduceOpen] where nothing was paid on the documents that it corrects, otherwise
// [ToAccount].
type Settlement string

// The words of Settlement.
const (
	// ReduceOpen: it reduces what is open of the documents; what is more becomes account
	// credit.
	ReduceOpen Settlement = "reduce_open"
	// ToAccount: it becomes account credit.
	ToAccount Settlement = "to_account"
	// Refund: it is paid back; more than was paid is [ErrExceeds].
	Refund Settlement = "refund"
)

func settlements() []Settlement { return []Settlement{ReduceOpen, ToAccount, Refund} }

// An Issuance is what issuing needs.
type Issuance struct {
	// Number is the number, a line of at most [MaxText] bytes; At the instant of issue, whose
	// day in the zone of the document is the date of issue.
	Number string
	At     time.Time
	// Numbering is the series of which the number must be, with the date of issue in it;
	// nil is any.
	Numbering *Numbering
	// BusinessDay moves the due date, see [Terms.Due]; nil leaves it.
	BusinessDay func(Date) Date
	// Items are the documents to which this one refers, as they stand at that instant, required
	// where it gives something back; others of the subscription may stand beside them, see
	// [Document.Issue]. Read them in the transaction that stores the document: two notes that
	// were drafted at once must not both be issued for the same amount.
	Items []OpenItem
	// Settle says what becomes of the amount of a credit note.
	Settle Settlement
}

// Issue returns the document with its number, its date and its due date, for good. A
// document that is not a draft is [ErrState]; one whose window is open at that instant
// [ErrWindow].
//
// What it gives back is bounded by what is left of each line, if it is a credit note, and of each
// document to which it refers: above that is [ErrExceeds]. Tax that was rounded once for lines of
// several documents has no exact share in each. Where that, or a line of usage below zero, makes more
// fall on a document than is left of it, the difference is borne by what this document charges
// itself, or given back of the other Items, which then are references too.
func (d Document) Issue(i Issuance) (Document, error) {
	on := DateOf(i.At, d.Zone)
	if d.State != Draft {
		return Document{}, fmt.Errorf("%w: %q is %s", ErrState, d.Number, d.State)
	}
	if closes := DateOf(d.At, d.Zone).plus(d.Window); d.Window > 0 && on.Compare(closes) < 0 {
		return Document{}, fmt.Errorf("%w until %s", ErrWindow, closes)
	}
	var f faults.List
	f.Wrap("number", text.ID(i.Number, MaxText))
	if !on.exists() {
		f.Add("at", fault.Required, "missing, or not in the years 1 to 9999")
	}
	if i.Settle != "" && !slices.Contains(settlements(), i.Settle) {
		f.Add("settle", fault.UnknownWord, "unknown word %q: must be one of %q", string(i.Settle), settlements())
	}
	if i.Numbering != nil && len(f) == 0 {
		f.Wrap("number", i.Numbering.dated(i.Number, on))
	}
	if err := f.Err(); err != nil {
		return Document{}, fmt.Errorf("document: issue: %w", err)
	}
	d = d.clone()
	d.State, d.Number, d.Date = Issued, i.Number, on
	if err := d.items(i); err != nil {
		return Document{}, err
	}
	if d.Kind == CreditNote {
		if err := d.settle(i); err != nil {
			return Document{}, err
		}
		return d, d.Validate()
	}
	var err error
	if d.Due, err = d.Terms.Due(on, i.BusinessDay); err != nil {
		return Document{}, err
	}
	return d, d.Validate()
}

// dated reports a number that is not of the series, or shows another date.
func (n Numbering) dated(number string, on Date) error {
	c, err := n.read(number)
	if err != nil {
		return err
	}
	if want := n.at(on); c.year != want.year || c.month != want.month {
		return fault.Inconsistent.Errorf("%q does not show the date of issue, %s", clip(number), on)
	}
	return nil
}

// items checks those of the documents to which this one refers, and what it gives back of
// each. They are asked for where it gives back something.
func (d *Document) items(i Issuance) error {
	gives := d.Kind == CreditNote
	for _, r := range d.References {
		gives = gives || r.Amount.IsNegative()
	}
	if !gives {
		return nil
	}
	for n, r := range d.References {
		path := strictjson.Index("references", n)
		item := i.item(r.Number)
		switch of := item.Document; {
		case of.Number == "":
			return fmt.Errorf("document: issue: %w", fault.At(path, fault.Required.Errorf("the item %q is missing", r.Number)))
		case !of.out():
			return fmt.Errorf("%w: %q is %s", ErrState, of.Number, of.State)
		case of.Currency() != d.Currency():
			return fmt.Errorf("document: issue: %w", fault.At(path, fault.Inconsistent.Errorf("%q is in %s", of.Number, of.Currency())))
		case of.Date.Compare(d.Date) > 0:
			return fmt.Errorf("document: issue: %w", fault.At("at", fault.OutOfOrder.Errorf("%s lies before the date of %q, %s", d.Date, of.Number, of.Date)))
		}
		if d.Kind != CreditNote {
			continue // its own charges bear what a line by the list basis gives back too much
		}
		if err := d.bounded(item); err != nil {
			return err
		}
	}
	return d.bound(i)
}

// settle says what becomes of the amount of a credit note.
func (d *Document) settle(i Issuance) error {
	how, unpaid := i.Settle, true
	for _, r := range d.References {
		paid := i.item(r.Number).Paid
		unpaid = unpaid && (!paid.IsValid() || paid.Sign() == 0)
	}
	if how == "" {
		how = ToAccount
		if unpaid {
			how = ReduceOpen
		}
	}
	left := d.Totals.Total
	for n := range d.References {
		r := &d.References[n]
		r.Reduced, r.Refunded = money.FromMinor(0, d.Currency()), money.FromMinor(0, d.Currency())
		amount := least(r.Amount, left)
		switch how {
		case ToAccount:
			continue
		case ReduceOpen:
			open, err := i.item(r.Number).Open()
			if err != nil {
				return err
			}
			r.Reduced = most(least(amount, open))
			left, err = less(left, r.Reduced)
			if err != nil {
				return wrap(err)
			}
		case Refund:
			paid, err := i.item(r.Number).Refundable()
			if err != nil {
				return err
			}
			if amount.Minor() > paid.Minor() {
				return fmt.Errorf("%w: %q: a refund of %s, and %s was paid and not refunded", ErrExceeds, r.Number, amount, paid)
			}
			r.Refunded = most(amount)
			left, err = less(left, r.Refunded)
			if err != nil {
				return wrap(err)
			}
		}
	}
	return nil
}

// least returns the smaller of two amounts of one currency, most no less than zero.
func least(m, o money.Money) money.Money {
	if o.Minor() < m.Minor() {
		return o
	}
	return m
}

func most(m money.Money) money.Money {
	if m.IsNegative() {
		return money.FromMinor(0, m.Currency())
	}
	return m
}

// bounded reports a line of which a credit note gives back more than is left. What it
// corrects of an earlier credit of the line counts too: it takes back what was given.
func (d *Document) bounded(o OpenItem) error {
	given, origin := map[uuid.UUID]money.Money{}, o.origins()
	for _, l := range d.Lines {
		if l.Of == uuid.Nil {
			continue
		}
		of := origin(l)
		if l.Number == o.Document.Number && of.number != l.Number {
			of = lineOf{l.Number, l.Of} // a credit that is corrected here
		}
		if of.number != o.Document.Number {
			continue
		}
		if !slices.ContainsFunc(o.Document.Lines, func(was Line) bool { return was.ID == of.id }) {
			return fault.NotFound.Errorf("document: %q has no line %s", o.Document.Number, of.id)
		}
		sum, ok := given[of.id]
		if !ok {
			sum = money.FromMinor(0, d.Currency())
		}
		sum, err := sum.Add(l.Amount)
		if err != nil {
			return wrap(err)
		}
		given[of.id] = sum
	}
	for _, l := range o.Document.Lines {
		sum, ok := given[l.ID]
		if !ok || sum.Sign() <= 0 || l.Amount.Sign() == 0 || l.Amount.IsNegative() != (o.Document.Kind == CreditNote) {
			continue // a credit that should have been larger is bounded where it gives back
		}
		left, err := o.LeftOf(l.ID)
		if err != nil {
			return err
		}
		if sum.Minor() > left.Minor() {
			return fmt.Errorf("%w: %q: line %s: %s given back, and %s is left", ErrExceeds, o.Document.Number, l.ID, sum, left)
		}
	}
	return nil
}

// Settle returns the checkpoint of a run or a reconciliation with the account credit that
// its issued documents really give. Billing makes a total below zero account credit, or a
// refund, as the policy says; credit notes say it document by document, and one that
// reduces an invoice or is refunded must not be credited as well. Total and refund are
// those of the [billing.Invoice] or the [billing.Reconciliation]. Credit that is used up already
// is [ErrExceeds]. With [billing.WithoutCredit] billing credits nothing, and there is nothing to
// settle: [Document.AccountCredit] is the credit.
func Settle(c billing.Checkpoint, total, refund money.Money, notes ...Document) (billing.Checkpoint, error) {
	if !total.IsValid() {
		return c, wrap(money.ErrInvalid)
	}
	credit := c.CreditBalance
	if !credit.IsValid() {
		credit = money.FromMinor(0, total.Currency())
	}
	var err error
	if total.IsNegative() {
		if credit, err = credit.Add(total); err != nil {
			return c, wrap(err)
		}
		if refund.IsValid() {
			if credit, err = credit.Add(refund); err != nil {
				return c, wrap(err)
			}
		}
	}
	for _, note := range notes {
		if note.Kind != CreditNote {
			continue
		}
		if note.State == Draft {
			return c, fmt.Errorf("%w: a credit note is a draft", ErrState)
		}
		amount, err := note.AccountCredit()
		if err != nil {
			return c, wrap(err)
		}
		if credit, err = credit.Add(amount); err != nil {
			return c, wrap(err)
		}
	}
	if credit.IsNegative() {
		return c, fmt.Errorf("%w: account credit of %s that the notes do not give was used already", ErrExceeds, credit)
	}
	c.CreditBalance = money.Money{}
	if credit.Sign() > 0 {
		c.CreditBalance = credit
	}
	return c, nil
}
