package prepaid

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
)

// Unused says what becomes of what is left when a customer leaves.
type Unused string

// What may become of it.
const (
	// KeepUnused leaves it until it expires.
	KeepUnused Unused = "keep"
	// RefundUnused pays back what was paid for it; what was given away is lost.
	RefundUnused Unused = "refund"
	// LoseUnused drops it.
	LoseUnused Unused = "lose"
)

// Add returns the checkpoint with a grant more: when it was bought, when the service says that
// it was paid, or when its period begins. A grant that is there already is not added again;
// another one of its id is [ErrTaken].
func Add(c Checkpoint, g Grant) (Checkpoint, error) {
	return add(c, Balance{Grant: g})
}

func add(c Checkpoint, b Balance) (Checkpoint, error) {
	if err := b.Grant.Validate(); err != nil {
		return c, fmt.Errorf("prepaid: grant %q: %w", b.Grant.ID, err)
	}
	i, ok := c.find(b.Grant.ID)
	if ok {
		if c.Grants[i].Grant.Equal(b.Grant) && c.Grants[i].RolledFrom == b.RolledFrom {
			return c, nil
		}
		return c, fmt.Errorf("%w: %q", ErrTaken, b.Grant.ID)
	}
	currency := b.Grant.Amount.Currency()
	switch {
	case len(c.Grants) > 0 && c.Grants[0].Grant.Amount.Currency() != currency:
		return c, wrap(&money.MismatchError{A: c.Grants[0].Grant.Amount.Currency(), B: currency})
	case len(c.Grants) >= MaxGrants:
		return c, fault.TooMany.Errorf("prepaid: must be at most %d grants", MaxGrants)
	}
	b.Grant = b.Grant.clone()
	b.Grant.From, b.Grant.Until = utc(b.Grant.From), utc(b.Grant.Until)
	var err error
	if b.Left, err = b.Grant.Amount.Add(orZero(b.Rolled, currency)); err != nil {
		return c, wrap(err)
	}
	c = c.clone()
	c.Grants = slices.Insert(c.Grants, i, b)
	c.Revision++
	return c, nil
}

// utc drops what is finer than a microsecond, towards the past.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Roll adds a grant and moves into it what rolls over from one that ends, by that one's
// Rollover: its share of what is left, rounded down, and no more than its cap. It is called
// once what was used until then was drawn: what rolled over is gone from the old grant, and
// only what is left there draws for what comes late. Rolling twice rolls once. The new grant
// must not begin before the old one ends.
func Roll(c Checkpoint, from string, into Grant) (Checkpoint, error) {
	i, ok := c.find(from)
	if !ok {
		return c, fmt.Errorf("%w: %q", ErrGrant, from)
	}
	old := c.Grants[i]
	if old.Grant.Until.IsZero() || into.From.Before(old.Grant.Until) {
		return c, fault.OutOfOrder.Errorf("prepaid: grant %q: must not begin before %q ends", into.ID, from)
	}
	if n, there := c.find(into.ID); there && c.Grants[n].RolledFrom == from {
		return add(c, Balance{Grant: into, RolledFrom: from})
	}
	b := Balance{Grant: into, RolledFrom: from}
	rolled, err := old.rolls()
	if err == nil && rolled.Sign() > 0 {
		b.Rolled = rolled
		b.RolledCost, err = old.worth(rolled)
	}
	if err != nil {
		return c, wrap(err)
	}
	next, err := add(c, b)
	if err != nil || rolled.Sign() == 0 {
		return next, err
	}
	i, _ = next.find(from)
	return next, next.Grants[i].take(rolled)
}

// rolls returns what rolls over.
func (b *Balance) rolls() (money.Money, error) {
	none := money.FromMinor(0, b.Grant.Amount.Currency())
	r := b.Grant.Rollover
	if r == nil || !b.Ended.IsZero() {
		return none, nil
	}
	rolled, err := money.FromDecimal(b.Left.Decimal().Mul(r.Share), b.Left.Currency(), money.Down)
	if err == nil && r.Cap.IsValid() {
		rolled = smaller(rolled, r.Cap)
	}
	return rolled, err
}

// worth returns what was paid for a part of the grant, rounded down.
func (b *Balance) worth(part money.Money) (money.Money, error) {
	currency := part.Currency()
	cost, err := b.Grant.cost().Add(orZero(b.RolledCost, currency))
	if err != nil {
		return part, err
	}
	amount, err := b.Grant.Amount.Add(orZero(b.Rolled, currency))
	if err != nil {
		return part, err
	}
	return cost.Prorate(part.Minor(), amount.Minor(), money.Down)
}

// take removes what is not drawn.
func (b *Balance) take(part money.Money) error {
	var sum sums
	gone := orZero(b.Gone, part.Currency())
	sum.add(&gone, part)
	left := b.Left
	sum.sub(&left, part)
	if sum.err != nil {
		return wrap(sum.err)
	}
	b.Gone, b.Left = gone, left
	return nil
}

// Revoke ends a grant at an instant: what it drew stays, what is left is lost. One that has
// ended already stays as it is.
func Revoke(c Checkpoint, id string, at time.Time) (Checkpoint, error) {
	if _, ok := c.find(id); !ok {
		return c, fmt.Errorf("%w: %q", ErrGrant, id)
	}
	next, _, err := End(c, at, LoseUnused, id)
	return next, err
}

// End ends grants, of these ids or all, because their owner leaves, and returns what is to be
// refunded: of a paid grant the share of its cost that is left of it, rounded down; the zero
// Money if there are no grants. Grants that have expired or ended are left as they are. It is
// called once what was used until then was drawn.
func End(c Checkpoint, at time.Time, unused Unused, ids ...string) (Checkpoint, money.Money, error) {
	if !slices.Contains([]Unused{KeepUnused, RefundUnused, LoseUnused}, unused) {
		return c, money.Money{}, fault.UnknownWord.Errorf("prepaid: unused: %q", string(unused))
	}
	for _, id := range ids {
		if _, ok := c.find(id); !ok {
			return c, money.Money{}, fmt.Errorf("%w: %q", ErrGrant, id)
		}
	}
	if len(c.Grants) == 0 {
		return c, money.Money{}, nil
	}
	at = utc(at)
	refund := money.FromMinor(0, c.Grants[0].Grant.Amount.Currency())
	if unused == KeepUnused {
		return c, refund, nil
	}
	next := c.clone()
	changed := false
	for i := range next.Grants {
		b := &next.Grants[i]
		over := !b.Ended.IsZero() || !b.Grant.Until.IsZero() && !at.Before(b.Grant.Until)
		if over || len(ids) > 0 && !slices.Contains(ids, b.Grant.ID) {
			continue
		}
		if unused == RefundUnused {
			worth, err := b.worth(b.Left)
			if err == nil {
				refund, err = refund.Add(worth)
			}
			if err != nil {
				return c, money.Money{}, wrap(err)
			}
		}
		if err := b.take(b.Left); err != nil {
			return c, money.Money{}, err
		}
		b.Ended, changed = at, true
	}
	if changed {
		next.Revision++
	}
	return next, refund, nil
}

// Return gives back to the grants that live at an instant what they paid of a line, up to an
// amount, and returns what that was: the rest is account credit. It is for what corrects a
// line outside an invoice, as a correction that [billing.Reconcile] found or a credit note: by
// names that, so that returning twice returns once; account.Settle takes what was returned. A grant
// gets back at most what it paid of the line and did not get back yet, the last that paid first.
func Return(c Checkpoint, line uuid.UUID, amount money.Money, at time.Time, by uuid.UUID) (Checkpoint, money.Money, error) {
	if by == uuid.Nil || line == uuid.Nil {
		return c, money.Money{}, fault.Required.Errorf("prepaid: return: the line or what corrects it is missing")
	}
	if amount.Sign() < 0 || !amount.IsValid() {
		return c, money.Money{}, fault.OutOfRange.Errorf("prepaid: return: the amount must not be negative")
	}
	if len(c.Grants) > 0 && c.Grants[0].Grant.Amount.Currency() != amount.Currency() {
		return c, money.Money{}, wrap(&money.MismatchError{A: c.Grants[0].Grant.Amount.Currency(), B: amount.Currency()})
	}
	if draws := c.drawn(by); len(draws) > 0 {
		back, err := total(draws, amount.Currency())
		if err == nil {
			back, err = back.Neg()
		}
		return c, back, wrap(err)
	}
	next := c.clone()
	back, err := next.giveBack(line, amount, Drawdown{Invoice: by, At: utc(at), Line: line})
	if err != nil {
		return c, money.Money{}, wrap(err)
	}
	if back.Sign() > 0 {
		next.Revision++
	}
	return next, back, nil
}

// drawn returns the draws of an invoice, in the order in which grants are drawn on.
func (c Checkpoint) drawn(invoice uuid.UUID) []Drawdown {
	var all []Drawdown
	for _, i := range c.order() {
		for _, d := range c.Grants[i].Draws {
			if d.Invoice == invoice {
				all = append(all, d)
			}
		}
	}
	return all
}

func total(draws []Drawdown, c money.Currency) (money.Money, error) {
	var sum sums
	all := money.FromMinor(0, c)
	for _, d := range draws {
		sum.add(&all, d.Amount)
	}
	return all, sum.err
}

// giveBack gives back what live grants paid of a line, up to an amount: to the one that comes
// last in the order of drawing first. as says what the returns are.
func (c Checkpoint) giveBack(line uuid.UUID, amount money.Money, as Drawdown) (money.Money, error) {
	var sum sums
	back := money.FromMinor(0, amount.Currency())
	order := c.order()
	slices.Reverse(order)
	for _, i := range order {
		b := &c.Grants[i]
		if !b.lives(as.At) || amount.Sign() == 0 {
			continue
		}
		paid := money.FromMinor(0, amount.Currency())
		for _, d := range b.Draws {
			if d.Line == line {
				sum.add(&paid, d.Amount)
				as.Charge = d.Charge
				as.Tax = d.Tax
			}
		}
		if sum.err != nil {
			return back, sum.err
		}
		part := smaller(paid, amount)
		if part.Sign() <= 0 {
			continue
		}
		minus, err := part.Neg()
		if err != nil {
			return back, err
		}
		sum.add(&back, part)
		sum.sub(&amount, part)
		sum.add(&b.Left, part)
		as.Grant, as.Line, as.Amount, as.Left = b.Grant.ID, line, minus, b.Left
		b.Draws = append(b.Draws, as)
	}
	return back, sum.err
}

// order returns the grants in the order in which they are drawn on: by priority, the soonest
// to expire, promotional before paid, id.
func (c Checkpoint) order() []int {
	all := make([]int, len(c.Grants))
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(i, j int) int { return c.Grants[i].Grant.compare(c.Grants[j].Grant) })
	return all
}

func (g Grant) compare(o Grant) int {
	switch {
	case g.Priority != o.Priority:
		return cmp.Compare(g.Priority, o.Priority)
	case g.Until.Equal(o.Until):
	case g.Until.IsZero():
		return 1
	case o.Until.IsZero():
		return -1
	default:
		return g.Until.Compare(o.Until)
	}
	if g.class() != o.class() {
		if g.class() == Promotional {
			return -1
		}
		return 1
	}
	return 0 // they are in order of id
}
