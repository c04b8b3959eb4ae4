package subscription

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/grow"
	"github.com/perennial-billing/perennial/lifecycle"
)

// correct inserts a command before others and replays all of them.
func (s Subscription) correct(cmd *record, known callFacts) (Subscription, error) {
	first, err := create(s.c.origin().owned())
	if err != nil {
		return s, err
	}
	all := s.c.commands.With(cmd)
	next, err := first.replay(all.Slice(), cmd.Number, known)
	switch {
	case errors.Is(err, errUnchanged):
		return s, nil
	case err != nil:
		return s, err
	}
	return next, nil
}

// replay applies commands, given in the order of their numbers, in the order of their
// instants, to a subscription that was just created: nobody else holds it. The facts
// count for the command of that number only; 0 is none.
func (s Subscription) replay(commands []*record, number int, facts callFacts) (Subscription, error) {
	if len(commands) == 0 {
		return s.fitting()
	}
	byInstant := func(a, b *record) int { return a.At.Compare(b.At) }
	ordered := commands
	sorted := slices.IsSortedFunc(commands, byInstant)
	if !sorted {
		ordered = slices.Clone(commands)
		slices.SortStableFunc(ordered, byInstant)
	}
	corrected := slices.ContainsFunc(commands, func(c *record) bool { return c.Correction })
	c := s.c
	if c.log == untouched {
		c.log = new(log)
	}
	if c.details != nil && slices.ContainsFunc(commands, func(c *record) bool { return c.Patch != nil }) {
		d := c.details.clone()
		c.details = &d
	}
	var work scratch
	opens, changes := 0, 0 // spans, without those that periods and phases open
	for _, cmd := range commands {
		e, _ := effectOf(cmd.Action)
		if e.effect != nil {
			changes++
		}
		switch {
		case e.attach != nil:
		case cmd.On.IsZero() && cmd.Action != lifecycle.ChangeQuantityAtPeriodEnd && cmd.Action != lifecycle.ChangePlanAtPeriodEnd:
			opens++
		default:
			opens += 2 // when it is given, and when it falls due
		}
	}
	if number == 0 && sorted { // nobody else holds them: they are recorded where they stand
		c.commands = grow.Own(commands[:0])
	} else {
		c.commands = grow.Own(make([]*record, 0, len(commands)))
	}
	c.spans = grow.Own(slices.Grow(c.spans.Slice(), opens))
	work.changes = make([]Change, 0, changes)
	for _, cmd := range ordered {
		if err := c.projectTo(c.spans.Slice(), cmd.At); err != nil {
			return Subscription{}, fmt.Errorf("subscription: %w", err)
		}
		known := again
		if cmd.Number == number {
			known = facts
		}
		known.inPlace, known.scratch = true, &work
		next, changed, err := c.apply(cmd, known)
		switch {
		case err != nil && cmd.Number != number && number != 0:
			return Subscription{}, fmt.Errorf("%w: command %d: %w", ErrHistory, cmd.Number, err)
		case err != nil && number == 0:
			return Subscription{}, fault.At(fmt.Sprintf("commands[%d]", cmd.Number-2), err)
		case err != nil:
			return Subscription{}, err
		case !changed && cmd.Number == number && !known.always:
			return Subscription{}, errUnchanged
		case !changed && !corrected && !inGroup(commands, cmd):
			return Subscription{}, fault.At(fmt.Sprintf("commands[%d]", cmd.Number-2), errUnchanged)
		case !changed:
			// It no longer changes anything, or it is a part of an edit that as a whole
			// did; it stays recorded.
			next = c.recorded(cmd, true)
		}
		c = next
	}
	if err := c.projectTo(c.spans.Slice(), time.Time{}); err != nil {
		return Subscription{}, fmt.Errorf("subscription: %w", err)
	}
	c.commands, c.spans = grow.Own(commands), grow.Own(compact(c.spans.Slice()))
	c.feeds, c.discounts = grow.Own(compact(c.feeds.Slice())), grow.Own(compact(c.discounts.Slice()))
	if !sorted {
		c.latest = ordered[len(ordered)-1].At
	}
	return Subscription{c}.fitting()
}

// compact returns a list without much room to grow.
func compact[T any](list []T) []T {
	if cap(list) > len(list)+len(list)/4 {
		return slices.Clone(list)
	}
	return slices.Clip(list)
}

// again are the facts of a command that is replayed: whatever it assigned was allowed.
var again = callFacts{features: feature.Assignment{Open: true, Force: true}}

// inGroup reports whether the command is a part of an edit with others; commands
// are in the order of their numbers, from 2.
func inGroup(commands []*record, cmd *record) bool {
	i := cmd.Number - 2
	return cmd.Key != "" && (i > 0 && commands[i-1].Key == cmd.Key || i+1 < len(commands) && commands[i+1].Key == cmd.Key)
}
