package account

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Combine takes in the invoices of an account's members and returns those of the account
// that are complete by `to`, in the order in which they were completed, and the next
// checkpoint. ready are what runs of the members made by `to`, in any order, and credits what
// [Credits] returns for each. What is not complete waits in the checkpoint.
//
// The result depends on neither order. What was taken in before is not taken in again: the
// same call with the checkpoint that it returned makes nothing. An invoice that is dated
// before others of its subscription that were taken in is [ErrLate].
//
// With drafts (billing.Forecast) it shows what is to come; the checkpoint is then not kept. With
// an error nothing was combined, and the checkpoint is the one that was given.
func Combine(a Account, checkpoint Checkpoint, ready []Section, credits []Credit, to time.Time) ([]Invoice, Checkpoint, error) {
	if err := a.Validate(); err != nil {
		return nil, checkpoint, fmt.Errorf("%w: %w", ErrAccount, err)
	}
	if err := checkpoint.Validate(); err != nil {
		return nil, checkpoint, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	if y := to.UTC().Year(); y < 1 || y > 9999 {
		return nil, checkpoint, fault.OutOfRange.Errorf("account: to: must lie in the years 1 to 9999")
	}
	c := &combining{account: a, next: checkpoint.clone(), to: to.UTC().Truncate(time.Microsecond), members: map[subscription.ID]Member{}}
	for _, m := range a.Members {
		c.members[m.Subscription] = m
	}
	out, err := c.run(ready, credits)
	if err != nil {
		return nil, checkpoint, err
	}
	if c.next.ClosedThrough.Before(c.to) {
		c.next.ClosedThrough = c.to
	}
	if !c.next.Equal(checkpoint) {
		c.next.Revision++
	}
	return out, c.next, nil
}

// combining is one call of Combine.
type combining struct {
	account Account
	members map[subscription.ID]Member
	to      time.Time
	next    Checkpoint
	balance money.Money
	credits []Credit // that were not added yet, in order of instant
	out     []Invoice
}

func (c *combining) run(ready []Section, credits []Credit) ([]Invoice, error) {
	var err error
	if c.balance, err = c.next.balance(c.account.Currency); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	for _, s := range c.next.Waiting {
		if err := c.check(s); err != nil {
			return nil, err
		}
	}
	if err := c.takeIn(ready); err != nil {
		return nil, err
	}
	if err := c.takeCredits(credits); err != nil {
		return nil, err
	}
	for _, g := range c.groups() {
		if err := c.give(g.closes); err != nil {
			return nil, err
		}
		inv, err := c.make(g)
		if err != nil {
			return nil, err
		}
		c.out = append(c.out, inv)
	}
	if err := c.give(c.to); err != nil {
		return nil, err
	}
	c.next.setBalance(c.balance)
	if len(c.next.Waiting) > MaxWaiting || len(c.next.Billed) > MaxMembers {
		return nil, fault.TooMany.Errorf("account: more than %d invoices wait, or more than %d subscriptions were billed", MaxWaiting, MaxMembers)
	}
	return c.out, nil
}

// WakeAt returns when the next invoice is complete of what waits: the instant for the next call
// of [Combine], if no member is billed before. It is zero where nothing waits, or only what
// waits for an invoice that no member was billed yet.
func WakeAt(a Account, checkpoint Checkpoint) (time.Time, error) {
	if err := a.Validate(); err != nil {
		return time.Time{}, fmt.Errorf("%w: %w", ErrAccount, err)
	}
	if err := checkpoint.Validate(); err != nil {
		return time.Time{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	var at time.Time
	for _, s := range checkpoint.Waiting {
		if t, _, waits := a.Rule.place(s.Invoice); !waits && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at, nil
}

// billed returns what was taken in of a subscription, to be changed.
func (c *combining) billed(sub subscription.ID) *Billed {
	i, ok := slices.BinarySearchFunc(c.next.Billed, sub, func(b Billed, id subscription.ID) int { return cmp.Compare(b.Subscription, id) })
	if !ok {
		c.next.Billed = slices.Insert(c.next.Billed, i, Billed{Subscription: sub})
	}
	return &c.next.Billed[i]
}

// takeIn adds what was not taken in before to what waits.
func (c *combining) takeIn(ready []Section) error {
	before := map[subscription.ID]Billed{}
	for _, b := range c.next.Billed {
		before[b.Subscription] = b
	}
	seen := map[uuid.UUID]bool{}
	for _, s := range slices.SortedFunc(slices.Values(ready), waitingOrder) {
		if err := c.check(s); err != nil {
			return err
		}
		id, sub := s.Invoice.ID(), s.Invoice.Subscription
		was := before[sub]
		if seen[id] || slices.Contains(was.Invoices, id) {
			continue
		}
		if s.Invoice.At.Before(was.Through) {
			return fmt.Errorf("%w: %s of subscription %q at %s", ErrLate, id, sub, s.Invoice.At.UTC().Format(time.RFC3339Nano))
		}
		seen[id] = true
		now := c.billed(sub)
		if slices.Equal(now.Invoices, was.Invoices) {
			now.Invoices = nil // of an earlier call
		}
		now.Invoices = append(now.Invoices, id)
		now.Through = s.Invoice.At.UTC()
		c.next.Waiting = append(c.next.Waiting, s)
	}
	for i := range c.next.Billed {
		slices.SortFunc(c.next.Billed[i].Invoices, compareIDs)
	}
	return nil
}

// check refuses a section that cannot be combined.
func (c *combining) check(s Section) error {
	inv := &s.Invoice
	m, ok := c.members[inv.Subscription]
	if !ok {
		return fmt.Errorf("%w: invoice of %q", ErrMember, inv.Subscription)
	}
	bad := func(err error) error {
		return fmt.Errorf("%w: subscription %q at %s: %w", ErrInvoice, inv.Subscription, inv.At.UTC().Format(time.RFC3339Nano), err)
	}
	if err := s.faults().Err(); err != nil {
		return bad(err)
	}
	switch {
	case s.CreditApplied.IsValid():
		return bad(fault.Excluded.Errorf("credit_applied: must be left to the account"))
	case m.OwnCredit && s.Drawn.IsValid() && (s.Drawn.IsNegative() || s.Drawn.Minor() > inv.AmountDue.Minor()):
		return bad(fault.OutOfRange.Errorf("drawn: must not be more than is due, nor negative"))
	case m.OwnCredit:
	case inv.Total.Currency() != c.account.Currency:
		return bad(&money.MismatchError{A: inv.Total.Currency(), B: c.account.Currency})
	case inv.CreditApplied.Sign() != 0:
		return bad(fault.Inconsistent.Errorf("made with the credit of its own checkpoint"))
	}
	return nil
}

// takeCredits keeps the credits that were not added yet.
func (c *combining) takeCredits(credits []Credit) error {
	order := func(a, b Credit) int {
		if by := a.At.Compare(b.At); by != 0 {
			return by
		}
		return cmp.Or(cmp.Compare(a.Subscription, b.Subscription), cmp.Compare(a.Command, b.Command))
	}
	for _, credit := range slices.SortedFunc(slices.Values(credits), order) {
		m, ok := c.members[credit.Subscription]
		switch {
		case !ok:
			return fmt.Errorf("%w: credit of %q", ErrMember, credit.Subscription)
		case m.OwnCredit:
			return fmt.Errorf("%w: credit of %q: it keeps its own", ErrMember, credit.Subscription)
		case credit.Amount.Sign() <= 0 || credit.Command < 1 || credit.At.IsZero():
			return fault.OutOfRange.Errorf("account: credit of %q: command, instant and amount must be above zero", credit.Subscription)
		case credit.Amount.Currency() != c.account.Currency:
			return wrap(&money.MismatchError{A: credit.Amount.Currency(), B: c.account.Currency})
		}
		was := c.billed(credit.Subscription)
		if credit.At.After(c.to) || credit.Command <= was.CreditCommand {
			continue
		}
		was.CreditCommand = credit.Command
		c.credits = append(c.credits, credit)
	}
	c.next.Billed = slices.DeleteFunc(c.next.Billed, func(b Billed) bool { return b.Through.IsZero() && b.CreditCommand == 0 })
	return nil
}

// give adds the credits up to an instant.
func (c *combining) give(t time.Time) error {
	for len(c.credits) > 0 && !c.credits[0].At.After(t) {
		var err error
		if c.balance, err = c.balance.Add(c.credits[0].Amount); err != nil {
			return wrap(err)
		}
		c.credits = c.credits[1:]
	}
	return nil
}

// A group are the sections of one invoice.
type group struct {
	key      groupKey
	at       time.Time // the beginning of the billing day; zero for none
	closes   time.Time
	apart    bool // it is made at once, of one section
	sections []Section
}

type groupKey struct {
	currency                     money.Currency
	zone                         calendar.Zone
	payer, purchaseOrder, entity string
}

func (k groupKey) compare(o groupKey) int {
	return cmp.Or(cmp.Compare(k.currency.String(), o.currency.String()), cmp.Compare(k.zone.Name(), o.zone.Name()),
		cmp.Compare(k.payer, o.payer), cmp.Compare(k.purchaseOrder, o.purchaseOrder), cmp.Compare(k.entity, o.entity))
}

// groups takes those out of what waits that are complete, in the order in which they are.
func (c *combining) groups() []*group {
	rule := c.account.Rule
	slices.SortFunc(c.next.Waiting, waitingOrder)
	var all []*group
	var actions, waiting []Section
	type slot struct {
		groupKey
		closes int64
	}
	open := map[slot]*group{}
	for _, s := range c.next.Waiting {
		g := &group{key: c.key(s), sections: []Section{s}, apart: rule.apart(s.Invoice)}
		var waits bool
		if g.closes, g.at, waits = rule.place(s.Invoice); waits {
			actions = append(actions, s)
			continue
		}
		at := slot{g.key, g.closes.UnixMicro()}
		switch {
		case g.closes.After(c.to):
			waiting = append(waiting, s)
		case g.apart:
			all = append(all, g)
		case open[at] != nil:
			open[at].sections = append(open[at].sections, s)
		default:
			open[at] = g
			all = append(all, g)
		}
	}
	slices.SortStableFunc(all, func(a, b *group) int {
		if by := a.closes.Compare(b.closes); by != 0 {
			return by
		}
		if by := a.key.compare(b.key); by != 0 {
			return by
		}
		return waitingOrder(a.sections[0], b.sections[0])
	})
	for _, s := range actions {
		i := slices.IndexFunc(all, func(g *group) bool { return !g.apart && g.key == c.key(s) && !g.closes.Before(s.Invoice.At) })
		if i < 0 {
			waiting = append(waiting, s)
			continue
		}
		all[i].sections = append(all[i].sections, s)
	}
	slices.SortFunc(waiting, waitingOrder)
	c.next.Waiting = slices.Clip(waiting)
	return all
}

func (c *combining) key(s Section) groupKey {
	k := groupKey{currency: s.Invoice.Total.Currency(), zone: s.Invoice.Zone}
	k.payer, k.purchaseOrder, k.entity = c.account.Rule.group(c.members[s.Invoice.Subscription])
	return k
}

// action reports whether a command caused the invoice at its instant. The first command is the
// start of the subscription.
func action(inv billing.Invoice) bool { return inv.Command > 1 && !inside.Planned(&inv) }

// apart reports whether the invoice is one of its own.
func (r Rule) apart(inv billing.Invoice) bool {
	return action(inv) && r.Collect != plan.CollectNextInvoice
}

// place returns when the group of an invoice is complete, and the beginning of the billing day
// if it moves there; or that it waits for the next of its group. An action waits for the
// billing day however long that is.
func (r Rule) place(inv billing.Invoice) (closes, at time.Time, waits bool) {
	if r.apart(inv) {
		return inv.At, time.Time{}, false
	}
	switch r.Merge {
	case ByInstant:
		return inv.At, time.Time{}, action(inv)
	case OnBillingDay:
		if days := daysUntil(inv.Zone, inv.At, r.BillingDay); action(inv) || days <= r.Within {
			return inv.Zone.Midnight(inv.At, days+1), inv.Zone.Midnight(inv.At, days), false
		}
		return inv.Zone.Midnight(inv.At, 1), time.Time{}, false
	case ByDay, "":
	}
	return inv.Zone.Midnight(inv.At, 1), time.Time{}, action(inv)
}

// daysUntil counts the civil days up to the next day of a month, from 0 to 30; in a month
// that is too short its last day counts.
func daysUntil(z calendar.Zone, t time.Time, day int) int {
	year, month, today := z.Date(t)
	last := func(m time.Month) int { return time.Date(year, m+1, 0, 0, 0, 0, 0, time.UTC).Day() }
	if here := min(day, last(month)); today <= here {
		return here - today
	}
	return last(month) - today + min(day, last(month+1))
}

// make makes the invoice of a group and applies the credit.
func (c *combining) make(g *group) (Invoice, error) {
	zero := money.FromMinor(0, g.key.currency)
	inv := Invoice{
		Account: c.account.ID, At: g.at, Zone: g.key.zone, Payer: g.key.payer, PurchaseOrder: g.key.purchaseOrder, Entity: g.key.entity,
		Sections: g.sections, Total: zero, Drawn: zero, CreditApplied: zero, AmountDue: zero, Credited: zero, Refund: zero,
	}
	slices.SortFunc(inv.Sections, func(a, b Section) int {
		if by := c.members[a.Invoice.Subscription].Start.Compare(c.members[b.Invoice.Subscription].Start); by != 0 {
			return by
		}
		if by := cmp.Compare(a.Invoice.Subscription, b.Invoice.Subscription); by != 0 {
			return by
		}
		return waitingOrder(a, b)
	})
	for _, s := range inv.Sections {
		inv.Draft = inv.Draft || s.Invoice.Draft
		if at := s.Invoice.At.UTC(); at.After(inv.At) {
			inv.At = at
		}
	}
	shared := func(i int) bool { return !c.members[inv.Sections[i].Invoice.Subscription].OwnCredit }
	if err := inv.tax(shared); err != nil {
		return inv, wrap(err)
	}
	if err := c.settle(&inv, shared); err != nil {
		return inv, fmt.Errorf("account: the invoice at %s: %w", inv.At.Format(time.RFC3339), err)
	}
	return inv, nil
}
