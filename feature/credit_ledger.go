package feature

import (
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
)

// EntryKind says what an entry of a credit ledger records. The zero EntryKind is
// invalid.
type EntryKind string

const (
	// EntryGranted adds the amount of a grant, when it begins.
	EntryGranted EntryKind = "granted"
	// EntrySpent takes credits away for something.
	EntrySpent EntryKind = "spent"
	// EntryRefunded returns credits that were spent.
	EntryRefunded EntryKind = "refunded"
	// EntryExpired removes what remained of a grant when it expired.
	EntryExpired EntryKind = "expired"
	// EntryForfeited removes what a reset does not carry over.
	EntryForfeited EntryKind = "forfeited"
	// EntryToppedUp adds what a reset fills up.
	EntryToppedUp EntryKind = "topped_up"
	// EntryRevoked removes what remained of a grant that was revoked.
	EntryRevoked EntryKind = "revoked"
	// EntryCarried replaces the entries of a grant that were compacted.
	EntryCarried EntryKind = "carried"
)

func (EntryKind) words() []EntryKind {
	return []EntryKind{
		EntryGranted, EntrySpent, EntryRefunded, EntryExpired, EntryForfeited, EntryToppedUp, EntryRevoked, EntryCarried,
	}
}

// adds reports whether entries of the kind add credits rather than remove them.
func (k EntryKind) adds() bool {
	switch k {
	case EntryGranted, EntryRefunded, EntryToppedUp, EntryCarried:
		return true
	case EntrySpent, EntryExpired, EntryForfeited, EntryRevoked:
	}
	return false
}

// Entry is one line of a credit ledger. It is a result.
type Entry struct {
	// At is when it happened, in UTC.
	At time.Time
	// Kind is what happened.
	Kind EntryKind
	// Grant is the id of the grant that it concerns.
	Grant string
	// Amount is how many credits were added; negative if they were removed.
	Amount decimal.Decimal
	// Ref is what the caller named as the cause.
	Ref string
}

// Equal reports whether two entries are the same: amounts by value, instants by
// time.
func (e Entry) Equal(o Entry) bool {
	return e.At.Equal(o.At) && e.Kind == o.Kind && e.Grant == o.Grant && e.Amount.Equal(o.Amount) && e.Ref == o.Ref
}

// Grant adds a grant at an instant, at or before its From. It fails with
// [ErrDuplicateGrant] for an id that was already used, with the faults of the grant,
// with [ErrOutOfOrder] and with [ErrTooMany].
func (c Credits) Grant(g CreditGrant, at time.Time) (Credits, error) {
	at = instant(at)
	g = g.Clone()
	if g.From.IsZero() {
		g.From = at
	}
	g.From = instant(g.From)
	if !g.Until.IsZero() {
		g.Until = instant(g.Until)
	}
	next, err := c.change(at, func(next *Credits) error {
		if err := g.Validate(); err != nil {
			return fmt.Errorf("feature: credit grant: %w", err)
		}
		switch {
		case slices.ContainsFunc(next.held, func(h Held) bool { return h.Grant.ID == g.ID }):
			return fmt.Errorf("%w: %q", ErrDuplicateGrant, g.ID)
		case g.From.Before(at):
			return fmt.Errorf("%w: grant %q begins at %s", ErrOutOfOrder, g.ID, calendar.FormatInstant(g.From))
		case len(next.held) >= MaxCreditGrants:
			return fmt.Errorf("%w: %d credit grants", ErrTooMany, len(next.held))
		}
		h := Held{Grant: g, Left: g.Amount, Started: !g.From.After(at)}
		next.held = append(next.held, h)
		if h.Started {
			next.note(at, EntryGranted, &h, h.Left, "")
		}
		return nil
	})
	return next, err
}

// Spend takes credits from the grants that come first (see [Credits.Spendable]) and
// returns what was taken from each. The ref names what they were spent on, so that
// [Credits.Refund] can find it; it may be empty. More than the balance is
// [ErrInsufficientCredits], and nothing is taken. An amount of zero takes nothing.
func (c Credits) Spend(amount decimal.Decimal, at time.Time, ref string) (Credits, []Draw, error) {
	var draws []Draw
	next, err := c.change(at, func(next *Credits) error {
		n, err := countOf(amount)
		if err != nil {
			return err
		}
		if err := refFault(ref); err != nil {
			return err
		}
		if balance := next.Balance(); balance.LessThan(amount) {
			return fmt.Errorf("%w: %s to spend, %s left", ErrInsufficientCredits, n, dec.String(balance))
		}
		rest := n.decimal()
		for _, h := range next.Spendable() {
			if rest.IsZero() {
				break
			}
			take := decimal.Min(rest, h.Left)
			rest = rest.Sub(take)
			if err := next.move(h.Grant.ID, take.Neg(), EntrySpent, ref); err != nil {
				return err
			}
			draws = append(draws, Draw{Grant: h.Grant.ID, Amount: take})
		}
		return nil
	})
	if err != nil {
		return c, nil, err
	}
	return next, draws, nil
}

// Refund returns everything that was spent under a ref and not refunded yet, each
// part to the grant that it came from, and returns the parts. Credits refunded to a
// grant that has expired are lost at once. If there is nothing to refund it is
// [ErrNotInUse].
func (c Credits) Refund(ref string, at time.Time) (Credits, []Draw, error) {
	var draws []Draw
	next, err := c.change(at, func(next *Credits) error {
		if err := labelFault(ref); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, fault.At("ref", err))
		}
		for _, h := range next.held {
			var spent decimal.Decimal
			for _, e := range next.entries {
				if e.Grant == h.Grant.ID && e.Ref == ref && (e.Kind == EntrySpent || e.Kind == EntryRefunded) {
					spent = spent.Sub(e.Amount)
				}
			}
			if !spent.IsPositive() {
				continue
			}
			if err := next.move(h.Grant.ID, spent, EntryRefunded, ref); err != nil {
				return err
			}
			draws = append(draws, Draw{Grant: h.Grant.ID, Amount: spent})
			if !h.Grant.Until.IsZero() && !h.Grant.Until.After(next.asOf) {
				if err := next.move(h.Grant.ID, spent.Neg(), EntryExpired, ref); err != nil {
					return err
				}
			}
		}
		if len(draws) == 0 {
			return fmt.Errorf("%w: nothing spent on %q", ErrNotInUse, ref)
		}
		return nil
	})
	if err != nil {
		return c, nil, err
	}
	return next, draws, nil
}

// Revoke removes what remains of a grant; one that has not begun never will. It fails
// with [ErrUnknownGrant].
func (c Credits) Revoke(id string, at time.Time, ref string) (Credits, error) {
	return c.change(at, func(next *Credits) error {
		if err := refFault(ref); err != nil {
			return err
		}
		i := next.index(id)
		if i < 0 {
			return fmt.Errorf("%w: %q", ErrUnknownGrant, id)
		}
		h := &next.held[i]
		switch {
		case !h.Started:
			next.held = slices.Delete(next.held, i, i+1)
		case h.Left.IsPositive():
			return next.move(id, h.Left.Neg(), EntryRevoked, ref)
		}
		return nil
	})
}

// Extend moves the expiry of every grant of a class that has not expired to an
// instant, if that is later. Grants that never expire stay as they are. Credits that
// are valid for a year after the latest purchase are granted and then extended by a
// year, with all others of their class.
func (c Credits) Extend(class string, until, at time.Time) (Credits, error) {
	until = instant(until)
	return c.change(at, func(next *Credits) error {
		if err := yearFault(until); err != nil {
			return fmt.Errorf("%w: until: %w", ErrInvalid, err)
		}
		for i := range next.held {
			h := &next.held[i]
			if h.Grant.Class == class && h.Grant.Until.After(next.asOf) && h.Grant.Until.Before(until) {
				h.Grant.Until = until
			}
		}
		return nil
	})
}

// Reset applies the rollover of every grant that has begun and not expired, for
// example when a new period begins: what remains is filled up to Min and cut down to
// Max. Grants without a rollover stay as they are.
func (c Credits) Reset(at time.Time) (Credits, error) {
	return c.change(at, func(next *Credits) error {
		for _, h := range next.held {
			if h.Grant.Rollover == nil || !h.Started || !h.Grant.Until.IsZero() && !h.Grant.Until.After(next.asOf) {
				continue
			}
			kind, by := EntryToppedUp, h.Grant.Rollover.after(h.Left).Sub(h.Left)
			if by.IsNegative() {
				kind = EntryForfeited
			}
			if by.IsZero() {
				continue
			}
			if err := next.move(h.Grant.ID, by, kind, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// Compact replaces the entries before an instant, for each grant, by one with their
// sum, and drops the grants that have expired or been used up and have no later
// entries. The balance stays the same; what was spent before can no longer be
// refunded, and the ids of dropped grants can be used again.
func (c Credits) Compact(before time.Time) Credits {
	split, _ := slices.BinarySearchFunc(c.entries, instant(before), func(e Entry, t time.Time) int { return e.At.Compare(t) })
	if split == 0 {
		return c
	}
	cut := c.entries[split-1].At
	next := Credits{asOf: c.asOf}
	var late []Entry
	for _, h := range c.held {
		kept := slices.ContainsFunc(c.entries[split:], func(e Entry) bool { return e.Grant == h.Grant.ID })
		ends := !h.Grant.Until.IsZero() && !h.Grant.Until.After(c.asOf)
		refills := h.Grant.Rollover != nil && h.Grant.Rollover.Min.IsPositive()
		if h.Started && !kept && h.Left.IsZero() && (ends || !refills) {
			continue
		}
		next.held = append(next.held, h)
		var sum decimal.Decimal
		folded := false
		for _, e := range c.entries[:split] {
			if e.Grant == h.Grant.ID {
				sum, folded = sum.Add(e.Amount), true
			}
		}
		if folded {
			late = append(late, Entry{At: cut, Kind: EntryCarried, Grant: h.Grant.ID, Amount: sum})
		}
	}
	next.entries = append(late, c.entries[split:]...)
	return next
}

// change applies a change to a settled copy, or leaves the credits as they are.
func (c Credits) change(at time.Time, apply func(next *Credits) error) (Credits, error) {
	next, err := c.settled(at)
	if err == nil {
		err = apply(&next)
	}
	if err == nil && len(next.entries) > MaxCreditEntries {
		err = fmt.Errorf("%w: %d entries in a credit ledger", ErrTooMany, len(next.entries))
	}
	if err != nil {
		return c, err
	}
	return next, nil
}

func (c *Credits) index(id string) int {
	return slices.IndexFunc(c.held, func(h Held) bool { return h.Grant.ID == id })
}

// move adds to what remains of a grant, or subtracts from it, and records an entry.
func (c *Credits) move(id string, by decimal.Decimal, kind EntryKind, ref string) error {
	h := &c.held[c.index(id)]
	left, err := dec.Canonical(h.Left.Add(by))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalidAmount, err)
	}
	h.Left = left
	c.note(c.asOf, kind, h, by, ref)
	return nil
}

func refFault(ref string) error {
	if ref == "" {
		return nil
	}
	if err := labelFault(ref); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, fault.At("ref", err))
	}
	return nil
}
