package subscription

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
)

// do records a command and plays the subscription on from it. It is the only way
// in which a subscription changes, decoding included.
func (s Subscription) do(call Call, cmd Command) (Subscription, error) {
	if s.c == nil {
		return Subscription{}, ErrZero
	}
	if err := call.fill(&cmd); err != nil {
		return s, err
	}
	if cmd.Key != "" {
		if old, ok := s.keyed(cmd.Key); ok {
			if old.Action != cmd.Action || !old.sameOptions(&cmd) {
				return s, fmt.Errorf("%w: %q", ErrKeyReused, cmd.Key)
			}
			return s, nil
		}
	}
	if len(s.c.commands) >= MaxCommands {
		return s, invalid("more than %d commands", MaxCommands)
	}
	cmd.Number = s.Version() + 1
	facts := lifecycle.Facts(0)
	if call.Dependents > 0 && !call.Cascade {
		facts |= lifecycle.DependentsLive
	}
	if last := s.lastAt(); cmd.At.Before(last) {
		if !call.Correction {
			return s, fmt.Errorf("%w: %s is before %s", ErrBackdated, stamp(cmd.At), stamp(last))
		}
		cmd.Correction = true
		return s.correct(&cmd, facts)
	}
	next, changed, err := s.c.apply(&cmd, facts)
	if err != nil || !changed {
		return s, err
	}
	return Subscription{next}, nil
}

func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }

// fill puts the call's own facts into the command, checked.
func (call Call) fill(cmd *Command) error {
	if call.At.IsZero() {
		return invalid("at: missing")
	}
	for _, t := range []*time.Time{&call.At, &cmd.On, &cmd.ResumeAt, &cmd.Anchor, &cmd.TrialEnd, &cmd.EndDate} {
		if err := instant(t); err != nil {
			return invalid("%w", err)
		}
	}
	if !call.Actor.IsValid() {
		return invalid("actor: %q", string(call.Actor))
	}
	if len(call.Reason) > MaxText || len(call.Key) > MaxID {
		return invalid("reason must be at most %d bytes, key at most %d", MaxText, MaxID)
	}
	if call.Dependents < 0 {
		return invalid("dependents: must not be negative")
	}
	if err := call.Policy.Validate(); err != nil {
		return invalid("policy: %w", err)
	}
	cmd.At, cmd.Actor, cmd.Reason, cmd.Key, cmd.Policy, cmd.Replace = call.At, call.Actor, call.Reason, call.Key, call.Policy, call.Replace
	return nil
}

// lastAt answers the instant before which a verb is back-dated.
func (s Subscription) lastAt() time.Time {
	at := s.c.born.params.At
	for _, cmd := range s.c.commands {
		at = later(at, cmd.At)
	}
	return at
}

func (s Subscription) keyed(key string) (*Command, bool) {
	for _, cmd := range s.c.commands {
		if cmd.Key == key {
			return cmd, true
		}
	}
	return nil, false
}

// sameOptions reports whether two commands ask for the same, their instants,
// numbers and reasons apart.
func (c *Command) sameOptions(o *Command) bool {
	a, b := *c, *o
	for _, x := range []*Command{&a, &b} {
		x.Number, x.At, x.Reason, x.Correction = 0, time.Time{}, "", false
		x.version, x.table = nil, nil
	}
	return equalCommands(&a, &b)
}

// apply answers the core after the command, or the reason why not. changed is
// false where the table says that nothing changes.
func (c *core) apply(cmd *Command, facts lifecycle.Facts) (next *core, changed bool, err error) {
	i := c.index(cmd.At)
	if i < 0 {
		return nil, false, fmt.Errorf("%w: %s is before the subscription was made", ErrBackdated, stamp(cmd.At))
	}
	cur, err := c.spans[i].at(cmd.At, false)
	if err != nil {
		return nil, false, err
	}
	e, ok := effects[cmd.Action]
	if !ok {
		return nil, false, invalid("action %q", cmd.Action.String())
	}
	state, err := c.state(i, cmd.At)
	if err != nil {
		return nil, false, err
	}
	facts |= c.facts(&cur, state, cmd)
	outcome, err := lifecycle.Decide(state, cmd.Action, cmd.Actor, facts)
	if err != nil {
		return nil, false, err
	}
	if outcome.Effect == lifecycle.Unchanged {
		return c, false, nil
	}
	n := *c
	n.commands = append(slices.Clip(c.commands), cmd)
	if e.attach != nil {
		if err := e.attach(&n, &cur, cmd); err != nil {
			return nil, false, err
		}
		return &n, true, nil
	}
	policy := cmd.Policy.Or(*cur.terms.choices())
	ch := &Change{Kind: Noted, At: cmd.At}
	ch.by(cmd, &policy)
	cur.opened = ch
	if err := e.effect(&cur, cmd, ch); err != nil {
		return nil, false, err
	}
	cur.settle()
	spans := append(slices.Clip(c.spans[:i+1]), cur)
	if n.spans, err = project(spans); err != nil {
		return nil, false, err
	}
	n.spans = slices.Clip(n.spans)
	return &n, true, nil
}

// correct records a command before others and replays all of them.
func (s Subscription) correct(cmd *Command, facts lifecycle.Facts) (Subscription, error) {
	all := append(slices.Clone(s.c.commands), cmd)
	next, err := replay(s.c.born.params, all, cmd.Number, facts)
	if err != nil {
		return s, err
	}
	return next, nil
}

// replay plays commands, given in the order of their numbers, in the order of
// their instants. The facts that only the caller knew count for one of them.
func replay(p Params, commands []*Command, number int, facts lifecycle.Facts) (Subscription, error) {
	s, err := New(p)
	if err != nil {
		return s, err
	}
	ordered := slices.Clone(commands)
	sort.SliceStable(ordered, func(i, j int) bool { return ordered[i].At.Before(ordered[j].At) })
	corrected := slices.ContainsFunc(commands, func(c *Command) bool { return c.Correction })
	c := s.c
	for _, cmd := range ordered {
		known := lifecycle.Facts(0)
		if cmd.Number == number {
			known = facts
		}
		next, changed, err := c.apply(cmd, known)
		switch {
		case err != nil && cmd.Number != number && number != 0:
			return Subscription{}, fmt.Errorf("%w: command %d: %w", ErrHistory, cmd.Number, err)
		case err != nil && number == 0:
			return Subscription{}, fmt.Errorf("subscription: command %d: %w", cmd.Number, err)
		case err != nil:
			return Subscription{}, err
		case !changed && cmd.Number == number:
			return s, nil
		case !changed && !corrected:
			return Subscription{}, invalid("command %d changes nothing", cmd.Number)
		case !changed:
			// What was a change is none any more; the record of it stays.
			n := *c
			n.commands = append(slices.Clip(c.commands), cmd)
			next = &n
		}
		c = next
	}
	n := *c
	n.commands = slices.Clone(commands)
	return Subscription{&n}, nil
}

// equalCommands compares what two commands ask for, decimals and prices by value.
func equalCommands(a, b *Command) bool {
	x, y := *a, *b
	if (x.Quantity == nil) != (y.Quantity == nil) || x.Quantity != nil && !x.Quantity.Equal(*y.Quantity) {
		return false
	}
	if (x.Price == nil) != (y.Price == nil) || x.Price != nil && !x.Price.Equal(y.Price) {
		return false
	}
	if (x.Discount == nil) != (y.Discount == nil) || x.Discount != nil && !x.Discount.Equal(*y.Discount) {
		return false
	}
	if !x.Features.Equal(y.Features) {
		return false
	}
	for _, c := range []*Command{&x, &y} {
		c.Quantity, c.Price, c.Discount, c.Features = nil, nil, nil, nil
		c.version, c.table = nil, nil
	}
	return reflect.DeepEqual(x, y)
}
