package subscription

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// An Event is one thing that happened to a subscription or will happen: a command,
// the effect of one that was scheduled, or something that fell due by itself. It
// is a result: the engine makes it.
type Event struct {
	// At is when it happens.
	At time.Time
	// Kind says what happens. A command that only schedules, undoes, flags, feeds
	// an invoice or carries data is Noted; its Action says which.
	Kind ChangeKind
	// Derived reports that it happens by itself or was scheduled: it is not
	// recorded. The zero Action beside a Command of 0 is one that nobody asked for.
	Derived bool
	// Command is the number of the command that caused it, or 0; Action, Actor and
	// Recorded are that command's. The making of the subscription is command 1 and
	// has neither action nor actor.
	Command  int
	Action   lifecycle.Action
	Actor    lifecycle.Actor
	Recorded time.Time
	// Cause is why the subscription ended; set with Ended, empty with a close.
	Cause lifecycle.EndingCause
	// Dropped holds what was scheduled and fell away with it.
	Dropped lifecycle.Scheduled
	// Status is the status right after it.
	Status lifecycle.Status
	// Plan is the plan in force right after it, Phase the id of its phase.
	Plan  plan.Ref
	Phase string
	// Period is the period that runs right after it: with Renewed, the new one. Zero
	// where none runs.
	Period calendar.Period
}

// Events yields what happened and what will happen if nothing more is done, up to
// and including until, in the order in which it takes effect: at one instant what
// was scheduled or falls due, then what only feeds an invoice, then the renewal,
// then all other commands in order of call. Nothing is stored and nothing is
// computed before it is asked for; between two changes a renewal costs the same at
// any distance. The sequence ends early where the calendar does, with the year
// 9999.
func (s Subscription) Events(until time.Time) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		if s.c == nil {
			return
		}
		w := weaver{c: s.c, until: until, yield: yield, commands: s.c.byInstant()}
		w.weave()
	}
}

// byInstant answers the commands in the order in which they take their turn.
func (c *core) byInstant() []*Command {
	turn := func(c *Command) int {
		if c.feeds() {
			return 0
		}
		return 1
	}
	inOrder := func(a, b *Command) int { return cmp.Or(a.At.Compare(b.At), turn(a)-turn(b)) }
	if slices.IsSortedFunc(c.commands, inOrder) {
		return c.commands
	}
	ordered := slices.Clone(c.commands)
	slices.SortStableFunc(ordered, inOrder)
	return ordered
}

// A weaver brings the spans, the commands that opened none, and the renewals into
// one order.
type weaver struct {
	c        *core
	until    time.Time
	yield    func(Event) bool
	commands []*Command // those that are still to come
}

// weave yields instant by instant.
func (w *weaver) weave() {
	spans := w.c.spans
	for i := 0; i < len(spans); {
		at := spans[i].from
		if i > 0 && !w.between(i-1, at, true) {
			return
		}
		if at.After(w.until) {
			return
		}
		end := i + 1
		for end < len(spans) && spans[end].from.Equal(at) {
			end++
		}
		if !w.instant(i, end) {
			return
		}
		i = end
	}
	w.between(len(spans)-1, w.until, false)
}

// between yields what happens in span i after its beginning and before to, or up
// to it without a next span: renewals, and commands that opened no span.
func (w *weaver) between(i int, to time.Time, before bool) bool {
	s := &w.c.spans[i]
	renewal := s.periodEnd
	if s.kind != running {
		renewal = time.Time{}
	}
	if !renewal.IsZero() && renewal.Equal(s.from) { // a period ended where this span begins
		renewal = w.following(s, renewal)
	}
	for {
		next, command := renewal, false
		if len(w.commands) > 0 && (next.IsZero() || !w.commands[0].At.After(next)) {
			next, command = w.commands[0].At, true
		}
		if next.IsZero() || next.After(to) || before && next.Equal(to) || next.After(w.until) {
			return true
		}
		if !command {
			if !w.renew(i, next) {
				return false
			}
			renewal = w.following(s, next)
			continue
		}
		// What feeds an invoice comes before a renewal at its instant, all else after.
		if next.Equal(renewal) {
			if !w.noted(i, func(c *Command) bool { return c.At.Equal(next) && c.feeds() }) || !w.renew(i, next) {
				return false
			}
			renewal = w.following(s, next)
		}
		if !w.noted(i, func(c *Command) bool { return c.At.Equal(next) }) {
			return false
		}
	}
}

// following answers the boundary after t; zero where the calendar ends.
func (w *weaver) following(s *span, t time.Time) time.Time {
	next, err := s.grid.NextAfter(t)
	if err != nil {
		return time.Time{}
	}
	return next
}

// instant yields what happens where the spans from to end-1 begin.
func (w *weaver) instant(from, end int) bool {
	spans, at := w.c.spans, w.c.spans[from].from
	i := from
	for i < end && (spans[i].opening().due() || spans[i].opening().Command == 1) {
		if !w.opened(i) {
			return false
		}
		i++
	}
	state := max(i-1, 0) // the span whose state holds when its turn comes
	if !w.noted(state, func(c *Command) bool { return c.At.Equal(at) && c.feeds() }) {
		return false
	}
	if from > 0 && spans[from-1].kind == running && spans[state].kind == running {
		if _, end, _, err := spans[from-1].period(at, true); err == nil && end.Equal(at) && !w.renew(state, at) {
			return false
		}
	}
	for ; i < end; i++ {
		number := spans[i].opening().Command
		if spans[i].opening().due() {
			number = 0
		}
		if !w.noted(max(i-1, 0), func(c *Command) bool { return c.At.Equal(at) && c.Number < number }) || !w.opened(i) {
			return false
		}
		if len(w.commands) > 0 && w.commands[0].Number == number {
			w.commands = w.commands[1:]
		}
	}
	return w.noted(end-1, func(c *Command) bool { return c.At.Equal(at) })
}

// due reports a change that did not take effect with the call that caused it.
func (c *Change) due() bool { return c.Kind != Created && c.Scheduled() }

// feeds reports whether the command only feeds an invoice.
func (c *Command) feeds() bool {
	return c.Action == lifecycle.AddDiscount || c.Action == lifecycle.AddOneOff || c.Action == lifecycle.AddCreditPack ||
		c.Action == lifecycle.AddAccountCredit
}

// opened yields the event that opened span i.
func (w *weaver) opened(i int) bool {
	o := w.c.spans[i].opening()
	e := w.event(i, o.At)
	e.Kind, e.Derived, e.Command, e.Recorded, e.Cause, e.Dropped = o.Kind, o.due(), o.Command, o.Recorded, o.Cause, o.Dropped
	if o.Command > 1 {
		if c := w.c.numbered(o.Command); c != nil {
			e.Action, e.Actor = c.Action, c.Actor
		}
	}
	return w.yield(e)
}

// noted yields, and takes away, the commands at hand that opened no span, as long
// as they are meant.
func (w *weaver) noted(i int, meant func(*Command) bool) bool {
	for len(w.commands) > 0 && meant(w.commands[0]) {
		c := w.commands[0]
		w.commands = w.commands[1:]
		e := w.event(i, c.At)
		e.Kind, e.Command, e.Action, e.Actor, e.Recorded = Noted, c.Number, c.Action, c.Actor, c.At
		if !w.yield(e) {
			return false
		}
	}
	return true
}

// renew yields the renewal at t, which lies in span i.
func (w *weaver) renew(i int, t time.Time) bool {
	e := w.event(i, t)
	e.Kind, e.Derived = Renewed, true
	return w.yield(e)
}

// event answers what every event at t in span i says.
func (w *weaver) event(i int, t time.Time) Event {
	s := &w.c.spans[i]
	e := Event{At: t, Status: w.c.status(i, t), Plan: s.terms.version.Ref()}
	if s.kind == running {
		e.Phase = s.terms.stage(s.stage).ID()
		if from, end, _, err := s.period(t, false); err == nil && !end.IsZero() {
			e.Period = calendar.Period{Start: from, End: end}
		}
	}
	return e
}

// numbered answers the command with the number n, from 2.
func (c *core) numbered(n int) *Command {
	if n < 2 || n-2 >= len(c.commands) {
		return nil
	}
	return c.commands[n-2]
}
