package subscription

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"time"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/lifecycle"
)

// told is what is known of a command beside what is recorded of it. When it is
// played again, the facts that only its caller knew are no question any more.
type told struct {
	facts    lifecycle.Facts
	features feature.Assignment
	// kept: it is recorded even if it changes nothing.
	kept bool
	// owned: the slices of the core belong to nobody else and may grow in place, so
	// that playing n commands does not copy n times n.
	owned bool
}

// do records a command and plays the subscription on from it. It is the only way
// in which a subscription changes, decoding apart.
func (s Subscription) do(call Call, cmd Command) (Subscription, error) {
	if s.c == nil {
		return Subscription{}, ErrZero
	}
	if err := call.fill(&cmd); err != nil {
		return s, err
	}
	if err := cmd.shape(); err != nil {
		return s, err
	}
	if call.part.lists(&cmd) {
		return s, nil
	}
	if cmd.Key != "" && call.part == nil {
		if group := s.keyed(cmd.Key); len(group) > 0 {
			return s, repeats(group, []*Command{&cmd})
		}
	}
	if cmd.Quantity != nil && cmd.Quantity.LessThan(call.InUse) {
		return s, fmt.Errorf("%w: %s, %s in use", ErrQuantityBelowUse, dec.String(*cmd.Quantity), dec.String(call.InUse))
	}
	if len(s.c.commands) >= MaxCommands {
		return s, invalid("more than %d commands", MaxCommands)
	}
	cmd.Number = s.Version() + 1
	known := told{kept: call.part != nil && cmd.Key != ""}
	if call.Dependents > 0 && !call.Cascade {
		known.facts |= lifecycle.DependentsLive
	}
	if call.features != nil {
		known.features = *call.features
	}
	if last := s.lastAt(); cmd.At.Before(last) {
		if !call.Correction {
			return s, fmt.Errorf("%w: %s is before %s", ErrBackdated, stamp(cmd.At), stamp(last))
		}
		cmd.Correction = true
		return s.correct(&cmd, known)
	}
	next, changed, err := s.c.apply(&cmd, known)
	switch {
	case err != nil:
		return s, err
	case changed:
		return Subscription{next}, nil
	case known.kept:
		return Subscription{s.c.recorded(&cmd, false)}, nil
	}
	return s, nil
}

// recorded answers the core with one command more, and nothing else changed.
func (c *core) recorded(cmd *Command, owned bool) *core {
	n := c.next()
	n.commands = grown(c.commands, cmd, owned)
	return n
}

// grown appends to a slice; to a copy, unless the slice is the caller's own.
func grown[T any](list []T, x T, owned bool) []T {
	if !owned {
		list = slices.Clip(list)
	}
	return append(list, x)
}

func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }

// fill puts the call's own facts into the command, checked.
func (call Call) fill(cmd *Command) error {
	if call.At.IsZero() {
		return invalid("at: missing")
	}
	for _, given := range []struct {
		name string
		t    *time.Time
	}{{"at", &call.At}, {"on", &cmd.On}, {"resume at", &cmd.ResumeAt}, {"anchor", &cmd.Anchor}, {"trial end", &cmd.TrialEnd}, {"end date", &cmd.EndDate}} {
		if err := instant(given.t); err != nil {
			return invalid("%s: %w", given.name, err)
		}
	}
	if !call.Actor.IsValid() {
		return invalid("actor: %q", call.Actor.String())
	}
	if len(call.Reason) > MaxText || len(call.Key) > MaxID {
		return invalid("reason must be at most %d bytes, key at most %d", MaxText, MaxID)
	}
	if call.Dependents < 0 {
		return invalid("dependents: must not be negative")
	}
	if err := quantity(call.InUse); err != nil {
		return invalid("in use: %w", err)
	}
	if err := call.Policy.Validate(); err != nil {
		return invalid("policy: %w", err)
	}
	cmd.At, cmd.Actor, cmd.Reason, cmd.Key, cmd.Policy, cmd.Replace = call.At, call.Actor, call.Reason, call.Key, call.Policy, call.Replace
	return nil
}

// lastAt answers the instant before which a verb is back-dated.
func (s Subscription) lastAt() time.Time {
	at := s.c.at
	for _, cmd := range s.c.commands {
		at = later(at, cmd.At)
	}
	return at
}

// keyed answers the commands that were recorded under an idempotency key: none, one,
// or the parts of one edit.
func (s Subscription) keyed(key string) []*Command {
	for i, cmd := range s.c.commands {
		if cmd.Key == key {
			end := i + 1
			for end < len(s.c.commands) && s.c.commands[end].Key == key {
				end++
			}
			return s.c.commands[i:end]
		}
	}
	return nil
}

// repeats reports commands that reuse the key of others than themselves.
func repeats(recorded, given []*Command) error {
	same := func(a, b *Command) bool { return a.sameOptions(b) }
	if !slices.EqualFunc(recorded, given, same) {
		return fmt.Errorf("%w: %q", ErrKeyReused, recorded[0].Key)
	}
	return nil
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
func (c *core) apply(cmd *Command, known told) (next *core, changed bool, err error) {
	i := c.index(cmd.At)
	if i < 0 {
		return nil, false, fmt.Errorf("%w: %s is before the subscription was made", ErrBackdated, stamp(cmd.At))
	}
	cur, err := c.spans[i].at(cmd.At, false)
	if err != nil {
		return nil, false, err
	}
	cur.set(crossing, false)
	e, ok := effects[cmd.Action]
	if !ok {
		return nil, false, invalid("action %q", cmd.Action.String())
	}
	state, err := c.state(i, cmd.At)
	if err != nil {
		return nil, false, err
	}
	outcome, err := lifecycle.Decide(state, cmd.Action, cmd.Actor, known.facts|c.facts(&cur, state, cmd))
	if err != nil {
		return nil, false, err
	}
	if outcome.Effect == lifecycle.Unchanged {
		return c, false, nil
	}
	if err := c.admit(&cur, cmd); err != nil {
		return nil, false, err
	}
	if e.grant != nil {
		switch err := e.grant(&cur, cmd, known.features); {
		case errors.Is(err, errUnchanged):
			return c, false, nil
		case err != nil:
			return nil, false, err
		}
	}
	n := c.recorded(cmd, known.owned)
	if e.attach != nil {
		if err := e.attach(n, &cur, cmd, known.owned); err != nil {
			return nil, false, err
		}
		return n, true, nil
	}
	policy := cmd.Policy.Or(*cur.terms.choices())
	ch := &Change{Kind: Noted, At: cmd.At, Dropped: outcome.Drops & state.Scheduled() &^ cmd.replaces()}
	ch.by(cmd, &policy)
	cur.opened = ch
	if e.effect != nil {
		if err := e.effect(&cur, cmd, ch); err != nil {
			return nil, false, err
		}
	}
	cur.settle()
	var until time.Time
	if known.owned {
		until = cmd.At // what falls due later is played when the next command is
	}
	if n.spans, err = project(grown(c.spans[:i+1], cur, known.owned), until); err != nil {
		return nil, false, err
	}
	return n, true, nil
}

// correct records a command before others and replays all of them.
func (s Subscription) correct(cmd *Command, known told) (Subscription, error) {
	next, err := replay(s.c.params(), append(slices.Clip(s.c.commands), cmd), cmd.Number, known)
	switch {
	case errors.Is(err, errUnchanged):
		return s, nil
	case err != nil:
		return s, err
	}
	return next, nil
}

// replay plays commands, given in the order of their numbers, in the order of
// their instants. The facts that only the caller knew count for one of them.
func replay(p Params, commands []*Command, number int, told told) (Subscription, error) {
	s, err := New(p)
	if err != nil {
		return s, err
	}
	ordered := slices.Clone(commands)
	sort.SliceStable(ordered, func(i, j int) bool { return ordered[i].At.Before(ordered[j].At) })
	corrected := slices.ContainsFunc(commands, func(c *Command) bool { return c.Correction })
	c := s.c
	for _, cmd := range ordered {
		if c.spans, err = project(c.spans, cmd.At); err != nil {
			return Subscription{}, fmt.Errorf("subscription: %w", err)
		}
		known := again
		if cmd.Number == number {
			known = told
		}
		known.owned = true
		next, changed, err := c.apply(cmd, known)
		switch {
		case err != nil && cmd.Number != number && number != 0:
			return Subscription{}, fmt.Errorf("%w: command %d: %w", ErrHistory, cmd.Number, err)
		case err != nil && number == 0:
			return Subscription{}, &FieldError{Path: fmt.Sprintf("commands[%d]", cmd.Number-2), Err: err}
		case err != nil:
			return Subscription{}, err
		case !changed && cmd.Number == number && !known.kept:
			return Subscription{}, errUnchanged
		case !changed && !corrected && !inGroup(commands, cmd):
			return Subscription{}, &FieldError{Path: fmt.Sprintf("commands[%d]", cmd.Number-2), Err: errUnchanged}
		case !changed:
			// What was a change is none any more, or it is a part of an edit; the record
			// of it stays.
			next = c.recorded(cmd, true)
		}
		c = next
	}
	n := c.next()
	if n.spans, err = project(c.spans, time.Time{}); err != nil {
		return Subscription{}, fmt.Errorf("subscription: %w", err)
	}
	n.commands, n.spans, n.feeds = slices.Clone(commands), slices.Clone(n.spans), slices.Clone(c.feeds)
	return Subscription{n}, nil
}

// again answers what is told of a command that was recorded.
var again = told{features: feature.Assignment{Open: true, Force: true}}

// inGroup reports whether the command is a part of an edit with others; commands
// are in the order of their numbers, from 2.
func inGroup(commands []*Command, cmd *Command) bool {
	i := cmd.Number - 2
	return cmd.Key != "" && (i > 0 && commands[i-1].Key == cmd.Key || i+1 < len(commands) && commands[i+1].Key == cmd.Key)
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
