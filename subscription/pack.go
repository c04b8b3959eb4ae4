package subscription

import (
	"fmt"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// PackGrant returns what the purchase of a credit pack grants: the number is that of
// its command, the last one after [Subscription.AddCreditPack]. The pack is that of
// the plan in force when it was bought, the calendar the subscription's, and the id
// of the grant is made of the number, so that no purchase can be granted twice in
// one balance. With another command it is [ErrInvalidCall].
func (s Subscription) PackGrant(command int) (feature.CreditGrant, error) {
	cmd, pack, err := s.purchase(command)
	if err != nil {
		return feature.CreditGrant{}, err
	}
	return pack.Grant(fmt.Sprintf("purchase-%d", command), cmd.At, s.Zone())
}

// GrantPack adds the credits of a purchase, as [Subscription.PackGrant] tells them,
// to a balance. If the pack extends paid credits, all paid ones that the balance
// still holds, at the purchase, expire no sooner than those of the pack. Where the
// balance has moved on since the purchase, the credits begin at its last instant;
// they expire as they would have.
//
// The errors are those of [Subscription.PackGrant] and [feature.Credits.Grant]; a
// purchase that was granted before is feature.ErrDuplicateGrant. Then the balance is
// the one given.
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

// purchase answers the command that bought a credit pack, and the pack.
func (s Subscription) purchase(command int) (*Command, plan.CreditPack, error) {
	if s.c == nil {
		return nil, plan.CreditPack{}, ErrZero
	}
	if command < 2 || command > s.Version() {
		return nil, plan.CreditPack{}, invalid("command %d: there is none", command)
	}
	cmd := s.c.commands[command-2]
	if cmd.Action != lifecycle.AddCreditPack {
		return nil, plan.CreditPack{}, invalid("command %d: buys no credit pack", command)
	}
	i := s.c.index(cmd.At)
	for i > 0 && s.c.follows(&s.c.spans[i], cmd) {
		i--
	}
	pack, ok := s.c.spans[i].terms.version.CreditPack(cmd.Pack)
	if !ok {
		return nil, plan.CreditPack{}, fmt.Errorf("%w: %q", ErrPackNotAllowed, cmd.Pack)
	}
	return cmd, pack, nil
}

// follows reports whether a span was opened at the instant of a command by one that
// was given after it.
func (c *core) follows(s *span, cmd *Command) bool {
	by := s.opening().Command
	return s.from.Equal(cmd.At) && by > cmd.Number && c.commands[by-2].At.Equal(cmd.At)
}
