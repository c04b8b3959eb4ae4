package subscription

import (
	"fmt"
	"math"
	"sort"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A PendingItem is a command that waits for an invoice: a discount, a one-off charge or
// account credit. Exactly one of [PendingItem.Discount], [PendingItem.OneOff] and
// AccountCredit is there.
type PendingItem struct {
	// Command is the number of the command.
	Command int
	// At is the instant of the call.
	At time.Time
	// AccountCredit is account credit that was given; the zero Money for the others.
	AccountCredit money.Money

	command *record
}

// Discount returns a copy of the discount, which applies to invoices from At on; false if
// the item is none.
func (p PendingItem) Discount() (plan.Discount, bool) {
	if p.command == nil || p.command.Discount == nil {
		return plan.Discount{}, false
	}
	return p.command.Discount.Clone(), true
}

// OneOff returns a charge outside the plan; false if the item is none.
func (p PendingItem) OneOff() (OneOff, bool) {
	if p.command == nil || p.command.OneOff == nil {
		return OneOff{}, false
	}
	return *p.command.OneOff, true
}

// PendingItems returns the number of pending items. [Subscription.PendingItem] numbers
// them from 0 in order of their instants.
func (s Subscription) PendingItems() int {
	if s.c == nil {
		return 0
	}
	return s.c.feeds.Len()
}

// PendingItem returns pending item i. Like a slice, it panics if there is none.
func (s Subscription) PendingItem(i int) PendingItem { return (*s.c.feeds.At(i)).pendingItem() }

// pendingItemsBefore is [seam.Timeline.PendingItemsBefore].
func (s Subscription) pendingItemsBefore(t time.Time) int {
	if s.c == nil {
		return 0
	}
	return sort.Search(s.c.feeds.Len(), func(i int) bool { return !(*s.c.feeds.At(i)).At.Before(t) })
}

// Discounts returns how many of the pending items are discounts.
// [Subscription.Discount] numbers them from 0 in order of their instants.
func (s Subscription) Discounts() int {
	if s.c == nil {
		return 0
	}
	return s.c.discounts.Len()
}

// Discount returns discount i. Like a slice, it panics if there is none.
func (s Subscription) Discount(i int) PendingItem { return (*s.c.discounts.At(i)).pendingItem() }

// discountUses is [seam.Timeline.DiscountUses].
func (s Subscription) discountUses(i int) (command, uses int, until time.Time, fixed bool) {
	c := *s.c.discounts.At(i)
	switch c.Discount.Duration {
	case plan.OnceOnly:
	case plan.ForCycles:
		uses = c.Discount.Cycles
	case plan.Forever:
		uses = math.MaxInt
	case plan.ForTime:
		uses = math.MaxInt
		// Beyond the calendar nothing is billed: there it has no end.
		until, _ = s.Zone().Add(c.At, c.Discount.For, calendar.Clamp)
	}
	return c.Number, uses, until, c.Discount.Amount != nil
}

func (c *record) pendingItem() PendingItem {
	return PendingItem{Command: c.Number, At: c.At, AccountCredit: c.AccountCredit, command: c}
}

// PackGrant returns what the purchase of a credit pack grants. command is the number
// of the purchase, the subscription's last command after [Subscription.AddCreditPack].
// The pack is that of the plan in force at the purchase, the calendar is the
// subscription's, and the id of the grant is derived from the number, so that no
// purchase is granted twice in one balance. For any other command the error is
// [ErrInvalidCall].
func (s Subscription) PackGrant(command int) (feature.CreditGrant, error) {
	cmd, pack, err := s.purchase(command)
	if err != nil {
		return feature.CreditGrant{}, err
	}
	return pack.Grant(fmt.Sprintf("purchase-%d", command), cmd.At, s.Zone())
}

// GrantPack adds the credits of a purchase, as [Subscription.PackGrant] returns them,
// to a balance. If the pack extends paid credits, all paid credits that the balance
// still holds at the purchase expire no sooner than those of the pack. If the balance
// has advanced beyond the purchase, the credits start at its last instant; their
// expiry does not change.
//
// The errors are those of [Subscription.PackGrant] and [feature.Credits.Grant]; a
// purchase that was granted before is feature.ErrDuplicateGrant. With an error the
// balance is returned unchanged.
func (s Subscription) GrantPack(balance feature.Credits, command int) (feature.Credits, error) {
	_, pack, err := s.purchase(command)
	if err != nil {
		return balance, err
	}
	g, err := s.PackGrant(command)
	if err != nil {
		return balance, err
	}
	g.From = later(g.From, balance.AsOf())
	next, err := balance.Grant(g, g.From)
	if err == nil && pack.ExtendsPaid {
		next, err = next.Extend(plan.PaidCredits, g.Until, g.From)
	}
	if err != nil {
		return balance, err
	}
	return next, nil
}

// purchase returns the command that bought a credit pack, and the pack.
func (s Subscription) purchase(command int) (*record, plan.CreditPack, error) {
	if s.c == nil {
		return nil, plan.CreditPack{}, ErrZero
	}
	if command < 2 || command > s.Version() {
		return nil, plan.CreditPack{}, invalid("command %d: there is none", command)
	}
	cmd := (*s.c.commands.At(command - 2))
	if cmd.Action != lifecycle.AddCreditPack {
		return nil, plan.CreditPack{}, invalid("command %d: buys no credit pack", command)
	}
	i := s.c.index(cmd.At)
	for i > 0 && s.c.follows(s.c.span(i), cmd) {
		i--
	}
	pack, ok := s.c.span(i).terms.version.CreditPack(cmd.Pack)
	if !ok {
		return nil, plan.CreditPack{}, fmt.Errorf("%w: %q", ErrPackNotAllowed, cmd.Pack)
	}
	return cmd, pack, nil
}

// follows reports whether a span was opened at the instant of a command by a command
// given after it.
func (c *core) follows(s *span, cmd *record) bool {
	by := s.opening().Command
	return s.from.Equal(cmd.At) && by > cmd.Number && (*c.commands.At(by - 2)).At.Equal(cmd.At)
}
