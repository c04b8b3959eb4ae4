package prepaid

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Bounds of a checkpoint.
const (
	// MaxGrants is the largest number of grants.
	MaxGrants = 10_000
	// MaxDraws is the largest number of draws of one grant.
	MaxDraws = 100_000
)

// A Checkpoint is everything that is kept of a customer's grants: what each has left and what
// drew on it. The service stores it, and saves the next one together with the invoices that
// were drawn for. All grants have one currency. The zero Checkpoint has none.
type Checkpoint struct {
	// Revision counts the checkpoints: every next one that says something else has a higher
	// number. Save a checkpoint only over the one that it was made from, by comparing it.
	Revision int `json:"revision,omitempty"`
	// Grants are the grants, by id.
	Grants []Balance `json:"grants,omitempty"`
	// Billed says which invoices were seen, by subscription.
	Billed []Billed `json:"billed,omitempty"`
}

// A Balance is a grant and what became of it. Left is always Grant.Amount and Rolled, less
// the draws and Gone.
type Balance struct {
	// Grant is the grant as it was added.
	Grant Grant `json:"grant"`
	// Rolled is what rolled over from the grant RolledFrom, RolledCost what of that grant's cost
	// came with it; the zero Money for nothing.
	Rolled     money.Money `json:"rolled,omitzero"`
	RolledCost money.Money `json:"rolled_cost,omitzero"`
	RolledFrom string      `json:"rolled_from,omitempty"`
	// Left is what is left of it; not negative. After Until only what was used before draws
	// on it.
	Left money.Money `json:"left"`
	// Gone is what rolled over, was revoked, lost or refunded; the zero Money for nothing.
	Gone money.Money `json:"gone,omitzero"`
	// Ended is when it was revoked or ended with the subscription; zero if it was not.
	Ended time.Time `json:"ended,omitzero"`
	// Draws are what drew on it and what went back to it, in order.
	Draws []Drawdown `json:"draws,omitempty"`
}

// A Drawdown is what a line of an invoice drew on a grant, or, below zero, what went back to the
// grant by a credit of that line.
type Drawdown struct {
	// Grant is the id of the grant.
	Grant string `json:"grant"`
	// Invoice is the invoice that drew or gave back, or what [Return] was called for; At is its
	// instant.
	Invoice uuid.UUID `json:"invoice"`
	At      time.Time `json:"at"`
	// Line is the line that was paid: with the taxes that were added to it line by line.
	Line uuid.UUID `json:"line"`
	// Charge names it: the id of its charge, one-off or tax.
	Charge string `json:"charge,omitempty"`
	// Tax says that it is a tax which was rounded once for the invoice.
	Tax bool `json:"tax,omitempty"`
	// Amount is what was drawn, Left what the grant then had left.
	Amount money.Money `json:"amount"`
	Left   money.Money `json:"left"`
}

// ID returns the id of the draw: a version 5 UUID in [billing.Namespace] over the invoice, the word
// "draw", the grant and the line; one that went back has the word "return".
func (d Drawdown) ID() uuid.UUID {
	what := "draw"
	if d.Amount.IsNegative() {
		what = "return"
	}
	namespace := billing.Namespace()
	b := append(namespace[:], d.Invoice[:]...)
	for _, s := range []string{what, d.Grant} {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	sum := sha1.Sum(append(b, d.Line[:]...))
	var id uuid.UUID
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Billed says which invoices of a subscription were seen.
type Billed struct {
	// Subscription is the subscription, Through the instant of the last of its invoices.
	Subscription subscription.ID `json:"subscription"`
	Through      time.Time       `json:"through"`
	// Invoices are the ids of those that the last call which had any saw, in order.
	Invoices []uuid.UUID `json:"invoices"`
}

// Errors of this package.
var (
	// ErrGrant: no grant of this id is there.
	ErrGrant = fault.New(fault.Missing, "prepaid: no such grant")
	// ErrTaken: another grant of this id is there.
	ErrTaken = fault.New(fault.Conflict, "prepaid: the id of the grant is taken")
	// ErrCheckpoint: the checkpoint contradicts itself.
	ErrCheckpoint = fault.New(fault.Internal, "prepaid: invalid checkpoint")
	// ErrInvoice: an invoice cannot be drawn for: it is in another currency, was made with
	// account credit of its own, or does not say what its tax on the rest would be.
	ErrInvoice = fault.New(fault.Internal, "prepaid: invalid invoice")
	// ErrLate: an invoice is dated before others of its subscription that were seen. The
	// invoices of one subscription are drawn for in their order.
	ErrLate = fault.New(fault.Late, "prepaid: invoice before those that were seen")
)

// lives reports whether the grant pays for what is invoiced at t.
func (b *Balance) lives(t time.Time) bool {
	g := &b.Grant
	return !t.Before(g.From) && (g.Until.IsZero() || t.Before(g.Until)) && (b.Ended.IsZero() || t.Before(b.Ended))
}

// Balance returns what the grants that live at an instant have left: what is settled. The
// zero Money if there are no grants.
func (c Checkpoint) Balance(at time.Time) (money.Money, error) {
	if len(c.Grants) == 0 {
		return money.Money{}, nil
	}
	sum := money.FromMinor(0, c.Grants[0].Grant.Amount.Currency())
	for i := range c.Grants {
		if c.Grants[i].lives(at) {
			var err error
			if sum, err = sum.Add(c.Grants[i].Left); err != nil {
				return money.Money{}, wrap(err)
			}
		}
	}
	return sum, nil
}

func (c Checkpoint) find(id string) (int, bool) {
	return slices.BinarySearchFunc(c.Grants, id, func(b Balance, id string) int { return cmp.Compare(b.Grant.ID, id) })
}

// clone returns a copy that shares no memory with c that anybody changes.
func (c Checkpoint) clone() Checkpoint {
	c.Grants, c.Billed = slices.Clone(c.Grants), slices.Clone(c.Billed)
	for i := range c.Grants {
		c.Grants[i].Draws = slices.Clip(c.Grants[i].Draws) // which only grow
	}
	for i := range c.Billed {
		c.Billed[i].Invoices = slices.Clone(c.Billed[i].Invoices)
	}
	return c
}

// Forget returns the checkpoint without the grants that had ended by an instant. Credits of
// lines that they paid are then account credit, which they are anyway; what was used before
// they expired and is billed later no longer draws on them.
func (c Checkpoint) Forget(before time.Time) Checkpoint {
	ended := func(b Balance) bool {
		return !b.Grant.Until.IsZero() && !b.Grant.Until.After(before) || !b.Ended.IsZero() && !b.Ended.After(before)
	}
	if !slices.ContainsFunc(c.Grants, ended) {
		return c
	}
	c = c.clone()
	c.Grants = slices.DeleteFunc(c.Grants, ended)
	c.Revision++
	return c
}

// Validate returns nil, or every fault as a [fault.FieldError], joined: whatever cannot come
// from this package, such as a grant that has less or more left than it should.
func (c Checkpoint) Validate() error { return c.faults().Err() }

func (c Checkpoint) faults() faults.List {
	var f faults.List
	if c.Revision < 0 {
		f.Add("revision", fault.OutOfRange, "must not be negative")
	}
	if len(c.Grants) > MaxGrants {
		f.Add("grants", fault.TooMany, "must be at most %d", MaxGrants)
		return f
	}
	for i := range c.Grants {
		path := strictjson.Index("grants", i)
		b := &c.Grants[i]
		f.Below(path, b.faults())
		if i > 0 && b.Grant.ID <= c.Grants[i-1].Grant.ID {
			f.Add(path+".grant.id", fault.OutOfOrder, "must be in ascending order, each once")
		}
		if amount := b.Grant.Amount; amount.IsValid() && amount.Currency() != c.Grants[0].Grant.Amount.Currency() {
			f.Add(path+".grant.amount", fault.Inconsistent, "must be in the currency of the first grant")
		}
	}
	for i, b := range c.Billed {
		path := strictjson.Index("billed", i)
		f.Wrap(path+".subscription", text.ID(string(b.Subscription), plan.MaxIDLen))
		f.Instant(path+".through", b.Through, true)
		if i > 0 && b.Subscription <= c.Billed[i-1].Subscription {
			f.Add(path+".subscription", fault.OutOfOrder, "must be in ascending order, each once")
		}
		if len(b.Invoices) == 0 {
			f.Wrap(path+".invoices", faults.ErrMissing)
		}
		for j, id := range b.Invoices {
			if j > 0 && compareIDs(b.Invoices[j-1], id) >= 0 {
				f.Add(strictjson.Index(path+".invoices", j), fault.OutOfOrder, "must be in ascending order, each once")
			}
		}
	}
	return f
}

func (b *Balance) faults() faults.List {
	var f faults.List
	f.Below("grant", b.Grant.faults())
	f.Instant("ended", b.Ended, false)
	f.Wrap("rolled_from", text.Name(b.RolledFrom, plan.MaxIDLen))
	if len(b.Draws) > MaxDraws {
		f.Add("draws", fault.TooMany, "must be at most %d", MaxDraws)
	}
	if len(f) > 0 {
		return f
	}
	currency := b.Grant.Amount.Currency()
	amount := func(path string, m money.Money, required, signed bool) bool {
		switch {
		case !m.IsValid() && required:
			f.Wrap(path, faults.ErrMissing)
		case !m.IsValid():
		case m.Currency() != currency:
			f.Add(path, fault.Inconsistent, "must be in the currency of the grant, %s", currency)
		case m.IsNegative() && !signed:
			f.Add(path, fault.OutOfRange, "must not be negative")
		default:
			return true
		}
		return false
	}
	var sum sums
	left := b.Grant.Amount
	if amount("rolled", b.Rolled, false, false) {
		sum.add(&left, b.Rolled)
	}
	amount("rolled_cost", b.RolledCost, false, false)
	if amount("gone", b.Gone, false, false) {
		sum.sub(&left, b.Gone)
	}
	for i, d := range b.Draws {
		path := strictjson.Index("draws", i)
		if d.Grant != b.Grant.ID {
			f.Add(path+".grant", fault.Inconsistent, "must be the grant, %q", b.Grant.ID)
		}
		if d.Invoice == uuid.Nil {
			f.Wrap(path+".invoice", faults.ErrMissing)
		}
		if d.Line == uuid.Nil {
			f.Wrap(path+".line", faults.ErrMissing)
		}
		f.Instant(path+".at", d.At, true)
		f.Wrap(path+".charge", text.Name(d.Charge, plan.MaxIDLen))
		amount(path+".left", d.Left, true, false)
		if amount(path+".amount", d.Amount, true, true) {
			sum.sub(&left, d.Amount)
		}
	}
	amount("left", b.Left, true, false)
	if len(f) == 0 {
		if sum.err != nil {
			f.Wrap("left", sum.err)
		} else if left != b.Left {
			f.Add("left", fault.Inconsistent, "must be what the draws left, %s", left)
		}
	}
	return f
}

// Equal reports whether two checkpoints say the same, instants whatever their zones.
func (c Checkpoint) Equal(o Checkpoint) bool {
	return c.Revision == o.Revision && equalAll(c.Grants, o.Grants, Balance.equal) && equalAll(c.Billed, o.Billed, func(a, b Billed) bool {
		return a.Subscription == b.Subscription && a.Through.Equal(b.Through) && slices.Equal(a.Invoices, b.Invoices)
	})
}

func (b Balance) equal(o Balance) bool {
	return b.Grant.Equal(o.Grant) && b.Rolled == o.Rolled && b.RolledCost == o.RolledCost && b.RolledFrom == o.RolledFrom &&
		b.Left == o.Left && b.Gone == o.Gone && b.Ended.Equal(o.Ended) && equalAll(b.Draws, o.Draws, Drawdown.equal)
}

func (d Drawdown) equal(o Drawdown) bool {
	same := d.At.Equal(o.At)
	d.At, o.At = time.Time{}, time.Time{}
	return same && d == o
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// sums adds amounts and keeps the first error.
type sums struct{ err error }

func (s *sums) add(to *money.Money, m money.Money) {
	if s.err == nil {
		*to, s.err = to.Add(m)
	}
}

func (s *sums) sub(from *money.Money, m money.Money) {
	if s.err == nil {
		*from, s.err = from.Sub(m)
	}
}

// smaller returns the smaller of two amounts of one currency.
func smaller(a, b money.Money) money.Money {
	if b.Minor() < a.Minor() {
		return b
	}
	return a
}

// orZero returns an amount, or zero for none.
func orZero(m money.Money, c money.Currency) money.Money {
	if m.IsValid() {
		return m
	}
	return money.FromMinor(0, c)
}
