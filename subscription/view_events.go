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

// An Event is something that happened to a subscription or is expected to happen: a
// command, the effect of a scheduled one, or something that falls due by itself. It is
// a result: only this package creates events.
type Event struct {
	// At is the instant at which it happens.
	At time.Time
	// Kind says what happens. It is Recorded for a command that only schedules, undoes
	// or flags something, adds a pending item or carries data; see Action.
	Kind ChangeKind
	// Derived reports that it happens by itself or was scheduled, and is not recorded.
	Derived bool
	// Command is the number of the command that caused it, 0 if none did; Action, Actor
	// and Recorded are that command's. The creation of the subscription is command 1
	// and has neither action nor actor.
	Command  int
	Action   lifecycle.Action
	Actor    lifecycle.Actor
	Recorded time.Time
	// Cause is why the subscription ended; set if Kind is Ended, empty after a close.
	Cause lifecycle.EndingCause
	// Dropped holds what was scheduled and was removed by it; see Change.Dropped.
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

// Events yields what happened and what will happen without further commands, up to
// and including until, in the order in which it takes effect: at one instant first
// what was scheduled or falls due, then pending items, then the renewal, then all
// other commands in order of call. Nothing is stored, and nothing is computed before
// it is needed; the cost of a renewal does not depend on how far it lies ahead. The
// sequence ends with the year 9999.
func (s Subscription) Events(until time.Time) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		if s.c == nil {
			return
		}
		w := eventMerger{c: s.c, until: until, yield: yield, commands: s.c.byInstant()}
		w.merge()
	}
}

// byInstant returns the commands in the order in which they take effect.
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

// An eventMerger merges spans, commands that opened no span, and renewals into one
// sequence.
type eventMerger struct {
	c        *core
	until    time.Time
	yield    func(Event) bool
	commands []*Command // those not yet yielded
}

// merge yields instant by instant.
func (w *eventMerger) merge() {
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

// between yields what happens in span i after its beginning, up to to, which is
// excluded if it is open: renewals, and commands that opened no span.
func (w *eventMerger) between(i int, to time.Time, open bool) bool {
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
		if next.IsZero() || next.After(to) || open && next.Equal(to) || next.After(w.until) {
			return true
		}
		if !command {
			if !w.renew(i, next) {
				return false
			}
			renewal = w.following(s, next)
			continue
		}
		// Pending items come before a renewal at their instant, other commands after.
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

// following returns the boundary after t; zero if the calendar ends before it.
func (w *eventMerger) following(s *span, t time.Time) time.Time {
	next, err := s.grid.NextAfter(t)
	if err != nil {
		return time.Time{}
	}
	return next
}

// instant yields what happens where the spans from to end-1 begin.
func (w *eventMerger) instant(from, end int) bool {
	spans, at := w.c.spans, w.c.spans[from].from
	i := from
	for i < end && (spans[i].opening().due() || spans[i].opening().Command == 1) {
		if !w.opened(i) {
			return false
		}
		i++
	}
	state := max(i-1, 0) // the span whose state is in force at that point
	if !w.noted(state, func(c *Command) bool { return c.At.Equal(at) && c.feeds() }) {
		return false
	}
	if from > 0 && spans[from-1].kind == running && spans[state].kind == running {
		if _, end, _, err := spans[from-1].period(at, before); err == nil && end.Equal(at) && !w.renew(state, at) {
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

// due reports whether the change took effect later than the call that caused it.
func (c *Change) due() bool { return c.Kind != Created && c.Scheduled() }

// feeds reports whether the command only adds to an invoice.
func (c *Command) feeds() bool {
	return c.Action == lifecycle.AddDiscount || c.Action == lifecycle.AddOneOff || c.Action == lifecycle.AddCreditPack ||
		c.Action == lifecycle.AddAccountCredit
}

// yieldOpened yields the event that opened span i.
func (w *eventMerger) opened(i int) bool {
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

// noted yields and removes the next commands that opened no span, as long as they are
// selected.
func (w *eventMerger) noted(i int, selected func(*Command) bool) bool {
	for len(w.commands) > 0 && selected(w.commands[0]) {
		c := w.commands[0]
		w.commands = w.commands[1:]
		e := w.event(i, c.At)
		e.Kind, e.Command, e.Action, e.Actor, e.Recorded = Recorded, c.Number, c.Action, c.Actor, c.At
		if !w.yield(e) {
			return false
		}
	}
	return true
}

// yieldRenewal yields the renewal at t, which lies in span i.
func (w *eventMerger) renew(i int, t time.Time) bool {
	e := w.event(i, t)
	e.Kind, e.Derived = Renewed, true
	return w.yield(e)
}

// event returns the fields that every event at t in span i has.
func (w *eventMerger) event(i int, t time.Time) Event {
	s := &w.c.spans[i]
	e := Event{At: t, Status: s.status(t), Plan: s.terms.version.Ref()}
	if s.kind == running {
		e.Phase = s.terms.phase(s.phase).ID()
		if from, end, _, err := s.period(t, after); err == nil && !end.IsZero() {
			e.Period = calendar.Period{Start: from, End: end}
		}
	}
	return e
}

// numbered returns the command with the number n, from 2.
func (c *core) numbered(n int) *Command {
	if n < 2 || n-2 >= len(c.commands) {
		return nil
	}
	return c.commands[n-2]
}
