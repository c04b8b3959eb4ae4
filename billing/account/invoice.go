package account

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/seam"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// inside is what package billing lends; nothing changes it.
var inside = seam.Borrow[seam.Invoicing[billing.Invoice, money.Money, calendar.Zone]]()

// A Section is the invoice of one subscription on that of its account.
type Section struct {
	// Invoice is as billing made it: its lines, ids, taxes and total stay.
	Invoice billing.Invoice
	// Drawn is what prepaid grants paid of it, less what went back to them (package prepaid);
	// the zero Money if there is nothing.
	Drawn money.Money
	// CreditApplied is how much of the account's credit was applied to it; the zero Money
	// before [Combine]. Of a member with OwnCredit it is what its invoice says.
	CreditApplied money.Money
}

// An Adjustment is the difference that a tax makes which is rounded once for the whole
// invoice of the account, and not for each section.
type Adjustment struct {
	// ID names it.
	ID uuid.UUID
	// Subscription and Of are the section that bears it, and the tax line of that section.
	Subscription subscription.ID
	Of           uuid.UUID
	// Rate is the tax, and Base what it is counted on in all sections that were rounded anew.
	Rate billing.TaxRate
	Base money.Money
	// Tax is what all of it comes to, and Amount that less the sections' own: it is added to
	// the total.
	Tax, Amount money.Money
}

// An Invoice is what the members of an account owe together. It is a result: Total =
// AmountDue + Drawn + CreditApplied - Credited - Refund.
type Invoice struct {
	// Account is the id of the account.
	Account string
	// At is when it falls due: the instant of its last section, or the beginning of the
	// billing day if that is later.
	At time.Time
	// Zone is the zone of all sections.
	Zone calendar.Zone
	// Payer, PurchaseOrder and Entity are those of its members by which they were grouped;
	// what the rule does not group by is empty.
	Payer, PurchaseOrder, Entity string
	// Sections are the invoices of the subscriptions: by the start of the member, then by
	// subscription, instant and id. One subscription may have several.
	Sections []Section
	// Adjustments are the taxes that were rounded anew and came to another amount, in the
	// order of their rates.
	Adjustments []Adjustment
	// Taxes are the taxes of all sections by rate, adjustments included, in the order in which
	// the rates first appear.
	Taxes []billing.Tax
	// Total is the sum of the sections' totals and of the adjustments.
	Total money.Money
	// Drawn is what prepaid grants paid, CreditApplied what account credit did.
	Drawn, CreditApplied money.Money
	// AmountDue is what remains to be paid; not negative.
	AmountDue money.Money
	// Credited is what was added to account credit, Refund what is to be paid back; not
	// negative.
	Credited, Refund money.Money
	// Draft says that a section is a draft of a forecast.
	Draft bool
}

// ID returns the invoice's id: a version 5 UUID in [billing.Namespace] over the account, the
// word "account invoice" and the ids of its sections in ascending order. An invoice of other
// sections has another id.
func (inv Invoice) ID() uuid.UUID {
	ids := make([]uuid.UUID, len(inv.Sections))
	for i := range inv.Sections {
		ids[i] = inv.Sections[i].Invoice.ID()
	}
	slices.SortFunc(ids, compareIDs)
	b := appendText(nil, inv.Account)
	b = appendText(b, "account invoice")
	for _, id := range ids {
		b = append(b, id[:]...)
	}
	return derived(b)
}

// derived returns the id over a name.
func derived(name []byte) uuid.UUID {
	namespace := billing.Namespace()
	sum := sha1.Sum(append(namespace[:], name...))
	var id uuid.UUID
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// waitingOrder orders sections by instant, subscription and id.
func waitingOrder(a, b Section) int {
	if c := a.Invoice.At.Compare(b.Invoice.At); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Invoice.Subscription, b.Invoice.Subscription); c != 0 {
		return c
	}
	return compareIDs(a.Invoice.ID(), b.Invoice.ID())
}

// StoredLines returns what to store of the sections of one subscription, for a later
// [billing.Reconcile] of it: the lines as billing made them, and the adjustments of their
// taxes as the service's own.
func (inv Invoice) StoredLines(sub subscription.ID) []billing.StoredLine {
	var all []billing.StoredLine
	for _, s := range inv.Sections {
		if s.Invoice.Subscription == sub {
			all = append(all, s.Invoice.StoredLines()...)
		}
	}
	for _, a := range inv.Adjustments {
		if a.Subscription == sub {
			all = append(all, billing.StoredLine{ID: a.ID, Of: a.Of, Adjusts: true, Amount: a.Amount})
		}
	}
	return all
}

// Equal reports whether two sections say the same.
func (s Section) Equal(o Section) bool {
	return s.Invoice.Equal(o.Invoice) && s.Drawn == o.Drawn && s.CreditApplied == o.CreditApplied
}

// Equal reports whether two invoices say the same, instants whatever their zones.
func (inv Invoice) Equal(o Invoice) bool {
	return inv.Account == o.Account && inv.At.Equal(o.At) && inv.Zone == o.Zone &&
		inv.Payer == o.Payer && inv.PurchaseOrder == o.PurchaseOrder && inv.Entity == o.Entity &&
		equalAll(inv.Sections, o.Sections, Section.Equal) && equalAll(inv.Adjustments, o.Adjustments, Adjustment.equal) && equalAll(inv.Taxes, o.Taxes, billing.Tax.Equal) &&
		inv.Total == o.Total && inv.Drawn == o.Drawn && inv.CreditApplied == o.CreditApplied && inv.AmountDue == o.AmountDue &&
		inv.Credited == o.Credited && inv.Refund == o.Refund && inv.Draft == o.Draft
}

func (a Adjustment) equal(o Adjustment) bool {
	return a.ID == o.ID && a.Subscription == o.Subscription && a.Of == o.Of && sameRate(a.Rate, o.Rate) && a.Rate.Name == o.Rate.Name &&
		a.Base == o.Base && a.Tax == o.Tax && a.Amount == o.Amount
}

// sameRate reports whether both are one rate.
func sameRate(a, b billing.TaxRate) bool {
	return a.ID == b.ID && a.Inclusive == b.Inclusive && a.Percent.Equal(b.Percent)
}

func (s Section) faults() faults.List {
	var f faults.List
	if s.Invoice.Subscription == "" || !s.Invoice.Total.IsValid() {
		f.Wrap("invoice", faults.ErrMissing)
		return f
	}
	f.Wrap("invoice.subscription", text.ID(string(s.Invoice.Subscription), MaxIDLen))
	if s.Invoice.At.IsZero() {
		f.Wrap("invoice.at", faults.ErrMissing)
	}
	currency := s.Invoice.Total.Currency()
	for _, m := range []struct {
		path string
		m    money.Money
	}{{"drawn", s.Drawn}, {"credit_applied", s.CreditApplied}} {
		if m.m.IsValid() && m.m.Currency() != currency {
			f.Add(m.path, fault.Inconsistent, "must be in the currency of the invoice, %s", currency)
			return f
		}
	}
	if s.Drawn.IsValid() && s.Drawn.Minor() > max(s.Invoice.Total.Minor(), 0) {
		f.Add("drawn", fault.OutOfRange, "must not be more than the invoice")
	}
	if s.CreditApplied.IsValid() && s.CreditApplied.IsNegative() {
		f.Add("credit_applied", fault.OutOfRange, "must not be negative")
	}
	return f
}

func (inv Invoice) faults() faults.List {
	var f faults.List
	f.Wrap("account", text.ID(inv.Account, MaxIDLen))
	f.Instant("at", inv.At, true)
	f.Wrap("payer", text.Name(inv.Payer, MaxIDLen))
	f.Wrap("purchase_order", text.Name(inv.PurchaseOrder, MaxIDLen))
	f.Wrap("entity", text.Name(inv.Entity, MaxIDLen))
	if len(inv.Sections) == 0 {
		f.Wrap("sections", faults.ErrMissing)
	}
	if !inv.Total.IsValid() {
		f.Wrap("total", faults.ErrMissing)
		return f
	}
	s := summing{f: &f, currency: inv.Total.Currency()}
	zero := money.FromMinor(0, s.currency)
	sum, applied, drawn := zero, zero, zero
	for i, section := range inv.Sections {
		path := strictjson.Index("sections", i)
		own := section.faults()
		f.Below(path, own)
		if len(own) == 0 {
			s.add(&sum, path+".invoice.total", section.Invoice.Total)
			s.add(&applied, path+".credit_applied", orZero(section.CreditApplied, zero))
			s.add(&drawn, path+".drawn", orZero(section.Drawn, zero))
		}
	}
	for i, a := range inv.Adjustments {
		path := strictjson.Index("adjustments", i)
		if a.ID == uuid.Nil || a.Of == uuid.Nil {
			f.Wrap(path+".id", faults.ErrMissing)
		}
		s.add(&sum, path+".amount", a.Amount)
		for _, m := range []money.Money{a.Base, a.Tax} {
			if !m.IsValid() || m.Currency() != s.currency {
				f.Add(path, fault.Inconsistent, "must be in the currency of the total, %s", s.currency)
			}
		}
	}
	for i, t := range inv.Taxes {
		if !t.Amount.IsValid() || t.Amount.Currency() != s.currency || !t.Base.IsValid() || t.Base.Currency() != s.currency {
			f.Add(strictjson.Index("taxes", i), fault.Inconsistent, "must be in the currency of the total, %s", s.currency)
		}
	}
	if len(f) > 0 {
		return f
	}
	for _, m := range []struct {
		path string
		m    money.Money
	}{{"drawn", inv.Drawn}, {"credit_applied", inv.CreditApplied}, {"amount_due", inv.AmountDue}, {"credited", inv.Credited}, {"refund", inv.Refund}} {
		switch {
		case !m.m.IsValid():
			f.Wrap(m.path, faults.ErrMissing)
		case m.m.Currency() != s.currency:
			f.Add(m.path, fault.Inconsistent, "must be in the currency of the total, %s", s.currency)
		case m.m.IsNegative() && m.path != "drawn":
			f.Add(m.path, fault.OutOfRange, "must not be negative")
		}
	}
	if len(f) > 0 {
		return f
	}
	switch {
	case sum != inv.Total:
		f.Add("total", fault.Inconsistent, "must be the sum of the sections and the adjustments, %s", sum)
	case applied != inv.CreditApplied:
		f.Add("credit_applied", fault.Inconsistent, "must be the sum of the sections', %s", applied)
	case drawn != inv.Drawn:
		f.Add("drawn", fault.Inconsistent, "must be the sum of the sections', %s", drawn)
	}
	left := zero
	for _, m := range []money.Money{inv.AmountDue, inv.Drawn, inv.CreditApplied} {
		s.add(&left, "amount_due", m)
	}
	for _, m := range []money.Money{inv.Credited, inv.Refund} {
		back, err := m.Neg()
		if err != nil {
			f.Wrap("amount_due", err)
			return f
		}
		s.add(&left, "amount_due", back)
	}
	if len(f) == 0 && left != inv.Total {
		f.Add("amount_due", fault.Inconsistent, "must be what is left of the total")
	}
	return f
}

// summing adds amounts of one currency and reports those that cannot be added.
type summing struct {
	f        *faults.List
	currency money.Currency
}

func (s *summing) add(to *money.Money, path string, m money.Money) {
	switch {
	case !m.IsValid():
		s.f.Wrap(path, faults.ErrMissing)
	case m.Currency() != s.currency:
		s.f.Add(path, fault.Inconsistent, "must be in the currency of the total, %s", s.currency)
	default:
		sum, err := to.Add(m)
		if err != nil {
			s.f.Wrap(path, err)
			return
		}
		*to = sum
	}
}

// orZero returns an amount, or zero for none.
func orZero(m, zero money.Money) money.Money {
	if m.IsValid() {
		return m
	}
	return zero
}
