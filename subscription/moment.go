package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// The accessors below answer one question of a [Snapshot] each, without the rest.
// Before the agreement was made, where the calendar ends, and for the zero
// Subscription they answer zero values.

// moment answers the span as it stands at t.
func (s Subscription) moment(t time.Time) (span, bool) {
	i := s.SegmentAt(t)
	if i < 0 {
		return span{}, false
	}
	cur, err := s.c.spans[i].at(t, false)
	return cur, err == nil
}

// Plan returns the plan version in force at t; nil where there is none.
func (s Subscription) Plan(t time.Time) *plan.Version {
	if i := s.SegmentAt(t); i >= 0 {
		return s.c.spans[i].terms.version
	}
	return nil
}

// Period returns the period that runs at t, false where none does: before the
// first one, in a pause, after the end, and where nothing recurs.
func (s Subscription) Period(t time.Time) (calendar.Period, bool) {
	cur, ok := s.moment(t)
	if !ok || cur.kind != running || cur.periodEnd.IsZero() {
		return calendar.Period{}, false
	}
	return calendar.Period{Start: cur.periodFrom, End: cur.periodEnd}, true
}

// TrialEnd returns when the trial that runs at t ends, false if none runs.
func (s Subscription) TrialEnd(t time.Time) (time.Time, bool) {
	i := s.SegmentAt(t)
	if i < 0 || s.c.spans[i].kind != trial {
		return time.Time{}, false
	}
	return s.c.spans[i].waits().trialEnd, true
}

// HasUsedTrial reports whether a trial has begun by t, or was used before the
// subscription was made.
func (s Subscription) HasUsedTrial(t time.Time) bool {
	i := s.SegmentAt(t)
	return i >= 0 && s.c.spans[i].is(trialUsed)
}

// AutoRenewal reports whether it renews at the end of a period, as set by t.
func (s Subscription) AutoRenewal(t time.Time) bool {
	i := s.SegmentAt(t)
	return i >= 0 && !s.c.spans[i].is(noRenewal)
}

// Entitled reports whether the owner may use what the plan grants at t.
func (s Subscription) Entitled(t time.Time) bool {
	i := s.SegmentAt(t)
	return i >= 0 && s.Segment(i).Entitled()
}

// Live reports whether the subscription exists at t and is not cancelled.
func (s Subscription) Live(t time.Time) bool {
	i := s.SegmentAt(t)
	return i >= 0 && s.c.spans[i].kind != ended
}

// EndsAt returns the earliest ending foreseen at t, or, once cancelled, the one that
// took effect; false if none is.
func (s Subscription) EndsAt(t time.Time) (Ending, bool) {
	cur, ok := s.moment(t)
	if !ok {
		return Ending{}, false
	}
	all := cur.ends()
	if cur.kind == ended {
		all = []Ending{s.c.endedBy(s.c.index(t))}
	}
	if len(all) == 0 || all[0].At.IsZero() {
		return Ending{}, false
	}
	return all[0], true
}

// CancelAt returns when a cancellation that was asked for by t takes effect, or
// took; false if none stands.
func (s Subscription) CancelAt(t time.Time) (time.Time, bool) {
	cur, ok := s.moment(t)
	if !ok {
		return time.Time{}, false
	}
	if cur.kind == ended {
		e := s.c.endedBy(s.c.index(t))
		return e.At, e.Cause == lifecycle.CauseCancel
	}
	if c := cur.waits().cancel; c != nil {
		return cur.resolve(c), true
	}
	return time.Time{}, false
}

// Scheduled returns the effects that wait at t, in order of call.
func (s Subscription) Scheduled(t time.Time) []Waiting {
	cur, ok := s.moment(t)
	if !ok {
		return nil
	}
	return cur.scheduled()
}

// CancelReason returns why it was or will be cancelled, as known by t: the reason
// that was set, or the one of the cancellation that stands, whichever came last.
func (s Subscription) CancelReason(t time.Time) string {
	if s.SegmentAt(t) < 0 {
		return ""
	}
	reason := s.c.params().Details.CancelReason
	for _, cmd := range s.c.byInstant() {
		if cmd.At.After(t) {
			break
		}
		switch cmd.Action {
		case lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate:
			if cmd.Reason != "" {
				reason = cmd.Reason
			}
		case lifecycle.RemoveScheduledCancel, lifecycle.Reactivate:
			reason = ""
		case lifecycle.Update:
			if cmd.Patch.CancelReason != nil {
				reason = *cmd.Patch.CancelReason
			}
		}
	}
	return reason
}

// endedBy answers what ended the subscription that is cancelled in span i. What was
// noted since, such as a close, opened spans of its own.
func (c *core) endedBy(i int) Ending {
	for i > 0 && c.spans[i-1].kind == ended {
		i--
	}
	o := c.spans[i].opening()
	return Ending{At: o.At, Cause: o.Cause, Command: o.Command}
}
