package subscription

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/grow"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// callFacts is what is known about a command beyond what is recorded. When the
// command is replayed, what only its caller knew has been decided already.
type callFacts struct {
	facts    lifecycle.Facts
	features feature.Assignment
	// always says that it is recorded even if it changes nothing.
	always bool
	// inPlace says that nobody else holds the slices of the core, which may then grow
	// in place: otherwise a replay of n commands would copy n times n.
	inPlace bool
	// scratch is where the command is worked out; nil: nowhere yet.
	scratch *scratch
}

// scratch holds the span that a command makes, and the one before it as it stood there.
type scratch struct {
	cur, standing span
	changes       []Change     // room for more
	policy        *plan.Policy // of the last command that has choices of its own
}

// change returns a change, in the room that there is.
func (w *scratch) change() *Change {
	if len(w.changes) == cap(w.changes) {
		return new(Change)
	}
	w.changes = w.changes[:len(w.changes)+1]
	return &w.changes[len(w.changes)-1]
}

// do records a command and projects the subscription from it. Apart from decoding,
// it is the only way in which a subscription changes.
func (s Subscription) do(call Call, given Command) (Subscription, error) {
	if s.c == nil {
		return Subscription{}, ErrZero
	}
	if given.version != nil {
		given.version = inCurrency(given.version, s.Currency())
	}
	cmd := recordOf(&given)
	if err := call.fill(&cmd); err != nil {
		return s, err
	}
	if err := cmd.checkFields(); err != nil {
		return s, err
	}
	if call.part.lists(&cmd) {
		return s, nil
	}
	if cmd.Key != "" && call.part == nil {
		if group := s.keyed(cmd.Key); len(group) > 0 {
			return s, repeats(group, []*record{&cmd})
		}
	}
	if cmd.Quantity != nil && cmd.Quantity.LessThan(call.InUse) {
		return s, fmt.Errorf("%w: %s, %s in use", ErrQuantityBelowUse, dec.String(*cmd.Quantity), dec.String(call.InUse))
	}
	if s.c.commands.Len() >= MaxCommands {
		return s, fmt.Errorf("%w: more than %d commands: end the subscription and go on with a new one", ErrFull, MaxCommands)
	}
	cmd.Number = s.Version() + 1
	if call.part != nil {
		cmd.Set = call.part.set
	}
	known := callFacts{always: call.part != nil && cmd.Key != ""}
	if call.Dependents > 0 && !call.Cascade {
		known.facts |= lifecycle.DependentsLive
	}
	if call.features != nil {
		known.features = *call.features
	}
	last := s.c.lastAt()
	switch before := cmd.At.Before(last); {
	case before && call.Correction:
		cmd.Correction = true
		return s.correct(&cmd, known)
	case before && s.hasMoved() && !cmd.At.Before(s.c.lastRecorded()):
		cmd.notBefore(last, s.Zone()) // only new zone data put something after it
	case before:
		return s, fmt.Errorf("%w: %s is before %s", ErrBackdated, stamp(cmd.At), stamp(last))
	}
	next, changed, err := s.c.apply(&cmd, known)
	switch {
	case err != nil:
		return s, err
	case changed:
	case known.always:
		next = s.c.recorded(&cmd, false)
	default:
		return s, nil
	}
	if err := next.affords(&cmd); err != nil {
		return s, err
	}
	full, err := Subscription{next}.fitting()
	if err != nil {
		return s, err
	}
	return full, nil
}

// recorded returns the core with one more command and nothing else changed; in place, it
// is the same core.
func (c *core) recorded(cmd *record, inPlace bool) *core {
	n := c
	if !inPlace {
		n = c.next()
		n.keys = n.keys.with(&c.commands)
	}
	n.moved = c.moved || len(cmd.kept) > 0
	if inPlace {
		n.commands.Append(cmd)
	} else {
		n.commands = n.commands.With(cmd)
	}
	n.size = max(n.size, plainSize) + cmd.sizeBound()
	return n
}

func stamp(t time.Time) string { return t.Format(time.RFC3339Nano) }

// fill copies the call's options into the command and checks them.
func (call Call) fill(cmd *record) error {
	if call.Dependents < 0 {
		return invalidAt("dependents", fault.OutOfRange.Errorf("must not be negative"))
	}
	if err := quantity(call.InUse); err != nil {
		return invalidAt("in_use", err)
	}
	cmd.At, cmd.Actor, cmd.Reason, cmd.Key, cmd.Replace = call.At, call.Actor, call.Reason, call.Key, call.Replace
	if call.Policy != (plan.Policy{}) {
		cmd.policy = copied(&call.Policy)
	}
	return cmd.checkCall()
}

// checkCall reports faults of the fields that every command has, and converts all
// instants to UTC.
func (c *record) checkCall() error {
	if c.At.IsZero() {
		return invalidAt("at", errMissing)
	}
	if err := instant(&c.At); err != nil {
		return invalidAt("at", err)
	}
	for i := range fields {
		f := &fields[i]
		if f.instant == nil || c.rare == noRare {
			continue
		}
		if err := instant(f.instant(c)); err != nil {
			return invalidAt(f.name, err)
		}
	}
	if !c.Actor.IsValid() {
		code := fault.UnknownWord
		if c.Actor == 0 {
			code = fault.Required
		}
		return invalidAt("actor", code.Errorf("%q", c.Actor.String()))
	}
	var f faults
	f.wrap("reason", text.Note(c.Reason, MaxText))
	f.wrap("key", text.Name(c.Key, MaxID))
	if err := f.invalid(); err != nil {
		return err
	}
	if c.policy != nil {
		if err := c.policy.Validate(); err != nil {
			return invalidAt("policy", err)
		}
	}
	return nil
}

// lastAt returns the instant before which a verb is back-dated.
func (c *core) lastAt() time.Time {
	switch n := c.commands.Len(); {
	case n == 0:
		return c.createdAt()
	case c.latest.IsZero():
		return (*c.commands.At(n - 1)).At
	}
	return later(c.latest, (*c.commands.At(c.commands.Len() - 1)).At)
}

// keyed returns the commands that were recorded under an idempotency key: none, one,
// or all of one edit.
func (s Subscription) keyed(key string) []*record {
	i := s.c.keys.find(&s.c.commands, key)
	if i < 0 {
		return nil
	}
	var group []*record
	for ; i < s.c.commands.Len() && s.c.numbered(i+2).Key == key; i++ {
		group = append(group, s.c.numbered(i+2))
	}
	return group
}

// repeats returns ErrKeyReused unless the commands given are those recorded under
// the key.
func repeats(recorded, given []*record) error {
	same := func(a, b *record) bool { return a.sameOptions(b) }
	if !slices.EqualFunc(recorded, given, same) {
		return fmt.Errorf("%w: %q", ErrKeyReused, recorded[0].Key)
	}
	return nil
}

// apply returns the core after the command, or why it is refused. changed is false
// where the table says that nothing changes.
func (c *core) apply(cmd *record, known callFacts) (next *core, changed bool, err error) {
	i := c.index(cmd.At)
	if i < 0 {
		return nil, false, fmt.Errorf("%w: %s is before the subscription was made", ErrBackdated, stamp(cmd.At))
	}
	work := known.scratch
	if work == nil {
		work = new(scratch)
	}
	cur := &work.cur
	if *cur, err = c.span(i).at(cmd.At, after); err != nil {
		return nil, false, err
	}
	cur.setBoundary(false, time.Time{})
	e, ok := effectOf(cmd.Action)
	if !ok {
		return nil, false, invalid("action %q", cmd.Action.String())
	}
	work.standing = *cur
	cur.withdraw(cmd)
	state, err := cur.state()
	if err != nil {
		return nil, false, err
	}
	outcome, err := lifecycle.Decide(state, cmd.Action, cmd.Actor, known.facts|c.facts(cur, state, cmd))
	if err != nil {
		return nil, false, err
	}
	if outcome.Effect == lifecycle.Unchanged {
		return c, false, nil
	}
	if err := c.checkAgainst(cur, cmd); err != nil {
		return nil, false, err
	}
	if err := cur.checkTerm(cmd); err != nil {
		return nil, false, err
	}
	if e.grant != nil {
		switch err := e.grant(cur, cmd, known.features); {
		case errors.Is(err, errUnchanged):
			return c, false, nil
		case err != nil:
			return nil, false, err
		}
	}
	n := c.recorded(cmd, known.inPlace)
	if e.attach != nil {
		if err := e.attach(n, cur, cmd, known.inPlace); err != nil {
			return nil, false, err
		}
		return n, true, nil
	}
	ch := work.change()
	*ch = Change{Kind: Recorded, At: cmd.At, Dropped: outcome.Drops & state.Scheduled() &^ cmd.replaces()}
	policy := cur.policyOf(cmd, work.policy)
	if cmd.policy != nil {
		work.policy = policy
	}
	ch.causedBy(cmd, policy)
	cur.opened = ch
	if e.effect != nil {
		if err := e.effect(cur, cmd, ch); err != nil {
			return nil, false, err
		}
	}
	cur.opened.Set = cmd.Set
	cur.dropEmpty()
	cur.reachesTo(c.span(i), c.span(i).ownReach(cmd.At, after, work.standing.periodEnd))
	cur.mixes(&work.standing, false)
	if known.inPlace {
		// What falls due later is projected before the next command.
		err = n.projectTo(append(n.spans.Slice()[:i+1], *cur), cmd.At)
	} else {
		err = n.goOn(i, *cur)
	}
	if err != nil {
		return nil, false, err
	}
	return n, true, nil
}

// goOn lets a span follow span i, and what is expected after it.
func (c *core) goOn(i int, next span) error {
	expected, err := project([]span{next}, time.Time{})
	if err != nil {
		return err
	}
	known, last := c.spans.Len(), c.last()
	real := known + len(c.ahead)
	c.spans = c.spans.First(min(i+1, known))
	for _, begun := range c.ahead[:min(max(i+1-known, 0), len(c.ahead))] {
		c.spans = c.spans.With(begun)
	}
	for n := range max(i+1-real, 0) {
		c.spans = c.spans.With(*last.tail(n))
	}
	c.spans = c.spans.With(expected[0])
	c.ahead = nil
	if len(expected) > 1 {
		c.ahead = expected[1:]
	}
	c.increases = expected[len(expected)-1].tailLength()
	return nil
}

// projectTo projects spans that nobody else holds, up to an instant.
func (c *core) projectTo(spans []span, until time.Time) error {
	spans, err := project(spans, until)
	if err != nil {
		return err
	}
	c.spans, c.increases = grow.Own(spans), 0
	if until.IsZero() {
		c.increases = spans[len(spans)-1].tailLength()
	}
	return nil
}
