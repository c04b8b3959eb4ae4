package subscription

import (
	"cmp"
	"iter"
	"slices"
	"sort"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// An Event is something that happened to a subscription or is expected to happen: a
// command, the effect of a scheduled one, or something that falls due by itself. It is
// a result: only this package creates events.
type Event struct {
	// ID names it: see [EventNamespace].
	ID uuid.UUID
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
	// Detached are the ids of the attachments that it ended; see [Change.Detached].
	Detached []string
	// Status is the status right after it.
	Status lifecycle.Status
	// Plan is the plan in force right after it, Phase the id of its phase.
	Plan  plan.Ref
	Phase string
	// Period is the period that runs right after it: with Renewed, the new one. Zero
	// where none runs.
	Period calendar.Period
}

// Events yields what happened and what will happen without further commands, from since
// on and before until, in the order in which it takes effect: at one instant first what
// was scheduled or falls due, then pending items, then the renewal, then all other
// commands in order of call. A zero since is the creation, and a zero until the end of
// the calendar, in the year 9999. Nothing is stored, and nothing is computed before it is
// needed; the cost of an event does not depend on how far it lies ahead or behind.
//
// Spans of time that follow one another tell each event once: a service that asked until
// t goes on since t. Let until be no later than now: an event after it is expected, and
// a command may prevent it. A correction, dated before since, is not told, nor is what it
// changed before since: whoever records one asks again since the instant of the
// correction, and tells the events whose ids are new. What was told and is no more there
// did not happen after all.
func (s Subscription) Events(since, until time.Time) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		if s.c == nil {
			return
		}
		since, until := micro.Floor(since), micro.Floor(until) // as the calls were
		w := eventMerger{sub: s, c: s.c, since: since, until: until, yield: yield, commands: s.c.byInstant()}
		w.commands = w.commands[sort.Search(len(w.commands), func(i int) bool { return !w.commands[i].At.Before(since) }):]
		w.merge()
	}
}

// byInstant returns the commands in the order in which they take effect.
func (c *core) byInstant() []*record {
	turn := func(c *record) int {
		if c.feeds() {
			return 0
		}
		return 1
	}
	inOrder := func(a, b *record) int { return cmp.Or(a.At.Compare(b.At), turn(a)-turn(b)) }
	commands := c.commands.Slice()
	if slices.IsSortedFunc(commands, inOrder) {
		return commands
	}
	ordered := slices.Clone(commands)
	slices.SortStableFunc(ordered, inOrder)
	return ordered
}

// An eventMerger merges spans, commands that opened no span, and renewals into one
// sequence.
type eventMerger struct {
	atOnce   bool // the next event is the end of an attachment where it began
	sub      Subscription
	c        *core
	since    time.Time
	until    time.Time // zero: no bound
	yield    func(Event) bool
	commands []*record // those not yet yielded
}

// over reports whether t is beyond what was asked for.
func (w *eventMerger) over(t time.Time) bool { return !w.until.IsZero() && !t.Before(w.until) }

// merge yields instant by instant.
func (w *eventMerger) merge() {
	n := w.c.count()
	first := sort.Search(n, func(i int) bool { return !w.c.span(i).from.Before(w.since) })
	for i := first; i < n; {
		at := w.c.span(i).from
		if i > 0 && !w.between(i-1, at) {
			return
		}
		if w.over(at) {
			return
		}
		end := i + 1
		for end < n && w.c.span(end).from.Equal(at) {
			end++
		}
		if !w.instant(i, end) {
			return
		}
		i = end
	}
	w.between(n-1, time.Time{})
}

// between yields what happens in span i after its beginning and before to, or before
// the end of the calendar if to is zero: renewals, and commands that opened no span.
func (w *eventMerger) between(i int, to time.Time) bool {
	s := w.c.span(i)
	renewal := s.periodEnd
	if s.kind != running {
		renewal = time.Time{}
	}
	if !renewal.IsZero() && renewal.Equal(s.from) { // a period ended where this span begins
		renewal = w.following(s, renewal)
	}
	if !renewal.IsZero() && renewal.Before(w.since) {
		renewal = w.following(s, w.since.Add(-1))
	}
	for {
		next, command := renewal, false
		if len(w.commands) > 0 && (next.IsZero() || !w.commands[0].At.After(next)) {
			next, command = w.commands[0].At, true
		}
		if next.IsZero() || !to.IsZero() && !next.Before(to) || w.over(next) {
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
			if !w.noted(i, func(c *record) bool { return c.At.Equal(next) && c.feeds() }) || !w.renew(i, next) {
				return false
			}
			renewal = w.following(s, next)
		}
		if !w.noted(i, func(c *record) bool { return c.At.Equal(next) }) {
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
	at := w.c.span(from).from
	i := from
	for i < end && (w.c.span(i).opening().due() || w.c.span(i).opening().Command == 1) {
		if !w.opened(i) {
			return false
		}
		i++
	}
	state := max(i-1, 0) // the span whose state is in force at that point
	if !w.noted(state, func(c *record) bool { return c.At.Equal(at) && c.feeds() }) {
		return false
	}
	if from > 0 && w.c.span(from-1).kind == running && w.c.span(state).kind == running {
		if _, end, _, err := w.c.span(from-1).period(at, before); err == nil && end.Equal(at) && !w.renew(state, at) {
			return false
		}
	}
	for ; i < end; i++ {
		number := w.c.span(i).opening().Command
		if w.c.span(i).opening().due() {
			number = 0
		}
		if !w.noted(max(i-1, 0), func(c *record) bool { return c.At.Equal(at) && c.Number < number }) || !w.opened(i) {
			return false
		}
		if len(w.commands) > 0 && w.commands[0].Number == number {
			w.commands = w.commands[1:]
		}
	}
	return w.noted(end-1, func(c *record) bool { return c.At.Equal(at) })
}

// due reports whether the change took effect later than the call that caused it.
func (c *Change) due() bool { return c.Kind != Created && c.Scheduled() }

// feeds reports whether the command only adds to an invoice.
func (c *record) feeds() bool {
	return c.Action == lifecycle.AddDiscount || c.Action == lifecycle.AddOneOff || c.Action == lifecycle.AddCreditPack ||
		c.Action == lifecycle.AddAccountCredit
}

// opened yields the event that opened span i.
func (w *eventMerger) opened(i int) bool {
	o := w.c.span(i).opening()
	e := w.event(i, o.At)
	e.Kind, e.Derived, e.Command, e.Recorded, e.Cause, e.Dropped = o.Kind, o.due(), o.Command, o.Recorded, o.Cause, o.Dropped
	e.Detached = o.Detached()
	c := w.c.numbered(o.Command)
	if o.lapsed != nil {
		c = o.lapsed
		e.Command, e.Recorded = c.Number, c.At
	}
	if c != nil {
		e.Action, e.Actor = c.Action, c.Actor
	}
	w.atOnce = w.endsAtOnce(i)
	switch {
	case !e.Derived && c != nil:
		return w.named(e, c.Recorded())
	case !e.Derived || o.given(c):
		return w.named(e, w.sub.recorded(e.At))
	}
	return w.named(e, time.Time{})
}

// endsAtOnce reports whether span i ends an attachment at the instant at which its own command
// attached it: another period began there.
func (w *eventMerger) endsAtOnce(i int) bool {
	o := w.c.span(i).opening()
	if o.Kind != Changed || len(o.detached) == 0 {
		return false
	}
	for i--; i >= 0 && w.c.span(i).from.Equal(o.At); i-- {
		if was := w.c.span(i).opening(); was.Kind == Changed && was.Command == o.Command {
			return true
		}
	}
	return false
}

// noted yields and removes the next commands that opened no span, as long as they are
// selected.
func (w *eventMerger) noted(i int, selected func(*record) bool) bool {
	for len(w.commands) > 0 && selected(w.commands[0]) {
		c := w.commands[0]
		w.commands = w.commands[1:]
		e := w.event(i, c.At)
		e.Kind, e.Command, e.Action, e.Actor, e.Recorded = Recorded, c.Number, c.Action, c.Actor, c.At
		if !w.named(e, c.Recorded()) {
			return false
		}
	}
	return true
}

// renew yields the renewal at t, which lies in span i.
func (w *eventMerger) renew(i int, t time.Time) bool {
	e := w.event(i, t)
	e.Kind, e.Derived = Renewed, true
	return w.named(e, time.Time{})
}

// named yields an event with its id; given is its instant as it was recorded, zero if
// it follows from the calendar.
func (w *eventMerger) named(e Event, given time.Time) bool {
	e.ID = w.sub.eventID(&e, given, w.atOnce)
	w.atOnce = false
	return w.yield(e)
}

// event returns the fields that every event at t in span i has.
func (w *eventMerger) event(i int, t time.Time) Event {
	s := w.c.span(i)
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
func (c *core) numbered(n int) *record {
	if n < 2 || n-2 >= c.commands.Len() {
		return nil
	}
	return (*c.commands.At(n - 2))
}
