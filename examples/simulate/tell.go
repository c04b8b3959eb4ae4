package main

import (
	"slices"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/cases"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// telling is a story that was played, with all that is printed of it.
type telling struct {
	cases.Story
	played   cases.Played
	end      subscription.Snapshot
	next     billing.NextInvoice
	timeline []happening

	billed, due, refunded money.Money // of all invoices
}

// happening is one line of the timeline: an event of the subscription, or an action
// that is none, such as usage.
type happening struct {
	subscription.Event
	action int   // from 1: of the file's actions; 0: it fell due by itself
	bills  []int // from 1: the invoices that it led to
	first  bool  // it is the first line
	turned bool  // its status is not the one of the line before
	moved  bool  // another period runs than in the line before
}

// tell plays a story. Its faults are what the engine refuses.
func tell(story cases.Story, until cases.Moment) (telling, []strict.Fault) {
	var limit time.Time
	if !until.IsZero() {
		limit = until.In(story.Zone)
	}
	t := telling{Story: story}
	var faults []strict.Fault
	if t.played, faults = story.Play(limit); len(faults) > 0 {
		return t, faults
	}
	var err error
	if t.end, err = t.played.Subscription.At(t.played.Until); err == nil {
		t.next, err = t.played.Next()
	}
	if err == nil {
		err = t.sum()
	}
	if err != nil {
		return t, []strict.Fault{{Err: err}}
	}
	t.weave()
	t.bill()
	return t, nil
}

// sum adds up the invoices.
func (t *telling) sum() (err error) {
	var billed, due, refunded []money.Money
	for _, inv := range t.played.Invoices {
		billed, due = append(billed, inv.Total), append(due, inv.AmountDue)
		if inv.Refund.IsValid() {
			refunded = append(refunded, inv.Refund)
		}
	}
	for _, of := range []struct {
		sum *money.Money
		all []money.Money
	}{{&t.billed, billed}, {&t.due, due}, {&t.refunded, refunded}} {
		if *of.sum, err = money.Sum(t.Currency, of.all...); err != nil {
			return err
		}
	}
	return nil
}

// weave brings the events and the actions that are none into one order.
func (t *telling) weave() {
	actions := map[int]int{} // by command
	var beside []int
	for i, number := range t.played.Commands {
		switch {
		case number > 0:
			actions[number] = i + 1
		case number == 0:
			beside = append(beside, i)
		}
	}
	for e := range t.played.Subscription.Events(time.Time{}, t.played.Until.Add(time.Microsecond)) {
		for len(beside) > 0 && t.precedes(beside[0], e) {
			t.beside(beside[0])
			beside = beside[1:]
		}
		t.timeline = append(t.timeline, happening{Event: e, action: actions[e.Command]})
	}
	for _, i := range beside {
		t.beside(i)
	}
	var before happening
	for i := range t.timeline {
		h := &t.timeline[i]
		h.first, h.turned = i == 0, h.Status != before.Status
		h.moved = !h.Period.Start.IsZero() && !h.Period.Equal(before.Period) && !t.renews(i)
		before = *h
	}
}

// renews reports whether a renewal at the same instant follows line i: it will say
// which period runs.
func (t *telling) renews(i int) bool {
	for _, h := range t.timeline[i+1:] {
		if !h.At.Equal(t.timeline[i].At) {
			return false
		}
		if h.Kind == subscription.Renewed {
			return true
		}
	}
	return false
}

// precedes reports whether an action that is no event comes before an event. At one
// instant usage comes, as all that only feeds an invoice, after what was due and
// before the renewal; another action, which changed nothing, comes last.
func (t *telling) precedes(i int, e subscription.Event) bool {
	at := t.Actions[i].At.In(t.Zone)
	if !at.Equal(e.At) {
		return at.Before(e.At)
	}
	if _, ok := t.Actions[i].Verb.(*cases.Usage); !ok {
		return false
	}
	asked := !e.Derived && e.Command > 1 && !happening{Event: e}.feeds()
	return e.Kind == subscription.Renewed || asked
}

// beside adds an action that is no event: it leaves everything as it was.
func (t *telling) beside(i int) {
	h := happening{action: i + 1, Event: subscription.Event{At: t.Actions[i].At.In(t.Zone), Kind: subscription.Recorded}}
	if n := len(t.timeline); n > 0 {
		last := t.timeline[n-1]
		h.Status, h.Plan, h.Phase, h.Period = last.Status, last.Plan, last.Phase, last.Period
	}
	t.timeline = append(t.timeline, h)
}

// bill puts each invoice where it is told: below the last line at its instant that
// the same command caused, or nobody did, and below what is noted there to feed it.
func (t *telling) bill() {
	for n, inv := range t.played.Invoices {
		cause := -1
		for i, h := range t.timeline {
			if h.At.Equal(inv.At) && (cause < 0 || h.Command == inv.Command && !h.feeds() || t.timeline[cause].Command != inv.Command) {
				cause = i
			}
		}
		if cause < 0 {
			cause = t.unmoved(inv.At)
		}
		for cause+1 < len(t.timeline) && t.timeline[cause+1].At.Equal(inv.At) && t.timeline[cause+1].feeds() {
			cause++
		}
		h := &t.timeline[cause]
		h.bills = append(h.bills, n+1)
	}
}

// unmoved adds a line for an invoice at an instant at which nothing happened, such as
// one for the rest of a period that a withdrawn cancellation would have ended, and
// returns its place.
func (t *telling) unmoved(at time.Time) int {
	i := 0
	for i < len(t.timeline) && t.timeline[i].At.Before(at) {
		i++
	}
	h := happening{Event: subscription.Event{At: at, Kind: subscription.Recorded}}
	if i > 0 {
		last := t.timeline[i-1]
		h.Status, h.Plan, h.Phase, h.Period = last.Status, last.Plan, last.Phase, last.Period
	}
	t.timeline = slices.Insert(t.timeline, i, h)
	return i
}

// feeds reports whether a line is of something that only feeds an invoice.
func (h happening) feeds() bool {
	if a := h.Action; a == lifecycle.AddDiscount || a == lifecycle.AddOneOff || a == lifecycle.AddAccountCredit {
		return h.Kind == subscription.Recorded
	}
	return h.Command == 0 && h.action > 0
}

// dayIn returns the civil day that holds an instant, as its midnight in UTC: to be written only.
func dayIn(at time.Time, z calendar.Zone) time.Time {
	year, month, day := z.Date(at)
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// stamp writes an instant for a column, as the wall clock of the zone shows it: a midnight as its
// day, any other instant with its time and the zone's name for it.
func stamp(at time.Time, z calendar.Zone) string {
	if at.IsZero() {
		return "-"
	}
	if z.Midnight(at, 0).Equal(at) {
		return dayIn(at, z).Format(time.DateOnly)
	}
	layout := "2006-01-02 15:04"
	switch {
	case at.Nanosecond() != 0:
		layout += ":05.999999999"
	case at.Second() != 0:
		layout += ":05"
	}
	return at.In(z.Location()).Format(layout + " MST")
}

func (t *telling) stamp(at time.Time) string { return stamp(at, t.Zone) }

// when writes an instant for a sentence: its date, and its time unless it is a
// midnight.
func (t *telling) when(at time.Time) string {
	text := at.In(t.Zone.Location()).Format("2 January 2006")
	if _, clock, ok := strings.Cut(t.stamp(at), " "); ok {
		text += ", " + clock
	}
	return text
}

// span writes a period for a sentence; one of whole days with its last day.
func (t *telling) span(p calendar.Period) string {
	if !t.Zone.Midnight(p.Start, 0).Equal(p.Start) || !t.Zone.Midnight(p.End, 0).Equal(p.End) {
		return t.when(p.Start) + " to " + t.when(p.End)
	}
	first, last := dayIn(p.Start, t.Zone), dayIn(p.End, t.Zone).AddDate(0, 0, -1)
	if first.Year() == last.Year() {
		return first.Format("2 January") + " to " + last.Format("2 January 2006")
	}
	return first.Format("2 January 2006") + " to " + last.Format("2 January 2006")
}
