package lifecycle_test

import "github.com/perennial-billing/perennial/lifecycle"

// asked is a question as the second implementation reads it.
type asked struct {
	status     lifecycle.Status
	state      lifecycle.State
	action     lifecycle.Action
	subscriber bool
	facts      lifecycle.Facts
}

func (q asked) is(f lifecycle.Facts) bool               { return q.facts&f != 0 }
func (q asked) flag(f lifecycle.Flags) bool             { return q.state.Flags()&f != 0 }
func (q asked) scheduled(x lifecycle.Scheduled) bool    { return q.state.Scheduled()&x != 0 }
func (q asked) ends(c lifecycle.EndingCause) bool       { return q.state.Endings().Has(c) }
func (q asked) endsBeside(c lifecycle.EndingCause) bool { return q.state.Endings().Without(c) != 0 }

// answer is what the second implementation says: a reason, or an effect and the possible statuses.
type answer struct {
	err    error
	effect lifecycle.Effect
	to     lifecycle.StatusSet
}

func no(err error) answer { return answer{err: err} }

func yes(e lifecycle.Effect, to ...lifecycle.Status) answer {
	return answer{effect: e, to: lifecycle.SetOf(to...)}
}

// naive is the rules a second time, in plain words of code and in another order: first what the action
// is, then where the subscription stands.
func naive(q asked) answer {
	const (
		future      = lifecycle.Future
		inTrial     = lifecycle.InTrial
		active      = lifecycle.Active
		nonRenewing = lifecycle.NonRenewing
		paused      = lifecycle.Paused
		cancelled   = lifecycle.Cancelled
	)
	held := q.flag(lifecycle.Held)
	ownPause := q.flag(lifecycle.OwnPause)
	replaces := q.is(lifecycle.Replaces)
	past := q.is(lifecycle.DatePast)
	byCauses := yes(lifecycle.ByCauses, active, nonRenewing)
	stays := yes(lifecycle.Recorded, q.status)
	unchanged := yes(lifecycle.Unchanged, q.status)
	waits := yes(lifecycle.Deferred, q.status)
	gone := yes(lifecycle.Changed, cancelled)

	switch q.action {
	case lifecycle.Start:
		if q.status == cancelled {
			return no(lifecycle.ErrCancelled)
		}
		if q.status != future {
			return no(lifecycle.ErrAlreadyStarted)
		}
		if held {
			return no(lifecycle.ErrHeld)
		}
		if q.is(lifecycle.TrialAhead) {
			return yes(lifecycle.Changed, inTrial)
		}
		return byCauses

	case lifecycle.EndTrial, lifecycle.ExtendTrial:
		extend := q.action == lifecycle.ExtendTrial
		if q.status == cancelled {
			return no(lifecycle.ErrCancelled)
		}
		if q.status == future && !extend {
			return no(lifecycle.ErrNotStarted)
		}
		if q.status != inTrial && q.status != future {
			return no(lifecycle.ErrNotInTrial)
		}
		if !extend {
			if held {
				return yes(lifecycle.ByTrialRule, paused, cancelled)
			}
			return yes(lifecycle.ByTrialRule, active, nonRenewing, paused, cancelled)
		}
		if q.status == future && !q.is(lifecycle.TrialAhead) {
			return no(lifecycle.ErrNotInTrial)
		}
		if past {
			return no(lifecycle.ErrPast)
		}
		if q.status == future && q.is(lifecycle.DatesInvalid) {
			return no(lifecycle.ErrInvalidDates)
		}
		return stays

	case lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate:
		if q.status == cancelled {
			return no(lifecycle.ErrAlreadyCancelled)
		}
		if q.is(lifecycle.CancelDenied) {
			return no(lifecycle.ErrNotPermitted)
		}
		if q.is(lifecycle.DependentsLive) {
			return no(lifecycle.ErrHasDependents)
		}
		denied := q.subscriber && q.is(lifecycle.ImmediateCancelDenied)
		if q.action == lifecycle.CancelNow {
			if denied {
				return no(lifecycle.ErrImmediateCancel)
			}
			return gone
		}
		if q.action == lifecycle.CancelAtPeriodEnd {
			if q.status == future {
				return gone
			}
			if q.status != inTrial && q.is(lifecycle.NoPeriods) {
				return no(lifecycle.ErrNoPeriod)
			}
			if q.status != active && q.ends(lifecycle.CauseCancel) && !replaces {
				return no(lifecycle.ErrAlreadyScheduled)
			}
			if q.status == paused && q.is(lifecycle.PausedPeriodPassed) {
				return gone
			}
			if q.status == active && q.is(lifecycle.NoticeLate) {
				if q.scheduled(lifecycle.ScheduledCancel) && !replaces {
					return no(lifecycle.ErrAlreadyScheduled)
				}
				return waits
			}
			if q.status == active {
				return yes(lifecycle.Deferred, nonRenewing)
			}
			return waits
		}
		if past {
			return no(lifecycle.ErrPast)
		}
		if denied && q.is(lifecycle.EndsEarly) {
			return no(lifecycle.ErrImmediateCancel)
		}
		if q.scheduled(lifecycle.ScheduledCancel) && !replaces {
			return no(lifecycle.ErrAlreadyScheduled)
		}
		if q.status == active || q.status == nonRenewing {
			if q.is(lifecycle.EndsInPeriod) || q.endsBeside(lifecycle.CauseCancel) {
				return yes(lifecycle.Deferred, nonRenewing)
			}
			return yes(lifecycle.Deferred, active)
		}
		return waits

	case lifecycle.RemoveScheduledCancel:
		if q.status == cancelled {
			return no(lifecycle.ErrAlreadyCancelled)
		}
		if !q.scheduled(lifecycle.ScheduledCancel) {
			return no(lifecycle.ErrNothingScheduled)
		}
		if q.status == nonRenewing && !q.endsBeside(lifecycle.CauseCancel) {
			return yes(lifecycle.Changed, active)
		}
		return stays

	case lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate:
		switch q.status {
		case future:
			return no(lifecycle.ErrNotStarted)
		case inTrial:
			return no(lifecycle.ErrInTrial)
		case paused:
			return no(lifecycle.ErrAlreadyPaused)
		case cancelled:
			return no(lifecycle.ErrCancelled)
		case nonRenewing:
			if q.action != lifecycle.PauseNow && !q.is(lifecycle.PeriodRenews) && !(q.subscriber && q.is(lifecycle.PauseDenied)) &&
				!(q.action == lifecycle.PauseOnDate && past) {
				return no(lifecycle.ErrEnding)
			}
		}
		if q.subscriber && q.is(lifecycle.PauseDenied) {
			return no(lifecycle.ErrNotPermitted)
		}
		if q.action == lifecycle.PauseNow {
			return yes(lifecycle.Changed, paused)
		}
		if q.action == lifecycle.PauseAtPeriodEnd && q.is(lifecycle.NoPeriods) {
			return no(lifecycle.ErrNoPeriod)
		}
		if q.action == lifecycle.PauseOnDate {
			if past {
				return no(lifecycle.ErrPast)
			}
			if q.is(lifecycle.FallsAfterEnding) {
				return no(lifecycle.ErrEnding)
			}
		}
		if q.scheduled(lifecycle.ScheduledPause) && !replaces {
			return no(lifecycle.ErrAlreadyScheduled)
		}
		return waits

	case lifecycle.RemoveScheduledPause, lifecycle.RemoveScheduledResume:
		if q.status == cancelled {
			return no(lifecycle.ErrCancelled)
		}
		if q.status == future || q.status == inTrial {
			return no(lifecycle.ErrNothingScheduled)
		}
		what := lifecycle.ScheduledPause
		if q.action == lifecycle.RemoveScheduledResume {
			what = lifecycle.ScheduledResume
			if q.subscriber && q.is(lifecycle.PauseDenied) {
				return no(lifecycle.ErrNotPermitted)
			}
		}
		if !q.scheduled(what) {
			return no(lifecycle.ErrNothingScheduled)
		}
		return stays

	case lifecycle.ResumeNow, lifecycle.ResumeOnDate:
		if q.status == cancelled {
			return no(lifecycle.ErrCancelled)
		}
		if q.status != paused {
			return no(lifecycle.ErrNotPaused)
		}
		if q.subscriber && (q.is(lifecycle.ResumeDenied) || held) {
			return no(lifecycle.ErrNotPermitted)
		}
		if q.action == lifecycle.ResumeOnDate && past {
			return no(lifecycle.ErrPast)
		}
		if q.action == lifecycle.ResumeNow && q.is(lifecycle.EndPassed) {
			return gone
		}
		if held && !ownPause {
			return no(lifecycle.ErrNotPaused)
		}
		if q.action == lifecycle.ResumeOnDate {
			if q.is(lifecycle.FallsAfterEnding) {
				return no(lifecycle.ErrEnding)
			}
			return waits
		}
		if held {
			return stays
		}
		return byCauses

	case lifecycle.Reactivate:
		if q.status != cancelled {
			return no(lifecycle.ErrNotCancelled)
		}
		if q.subscriber {
			if q.flag(lifecycle.Closed) {
				return no(lifecycle.ErrClosed)
			}
			if q.is(lifecycle.ResumeDenied) || held || q.flag(lifecycle.Suspended) {
				return no(lifecycle.ErrNotPermitted)
			}
		}
		if past {
			return no(lifecycle.ErrPast)
		}
		if q.is(lifecycle.EndPassed) {
			return no(lifecycle.ErrEnded)
		}
		if q.is(lifecycle.TrialAhead) && q.is(lifecycle.TrialUsed) {
			return no(lifecycle.ErrTrialUsed)
		}
		if q.is(lifecycle.StartAhead) {
			return yes(lifecycle.Changed, future)
		}
		if q.is(lifecycle.TrialAhead) {
			return yes(lifecycle.Changed, inTrial)
		}
		return byCauses
	}

	// Everything below is refused when cancelled, except update, reactivate (above) and close; and
	// to a subscriber, if it is the operator's.
	switch q.action {
	case lifecycle.Hold, lifecycle.Release, lifecycle.Close, lifecycle.Suspend, lifecycle.Restore:
		if q.subscriber {
			return no(lifecycle.ErrNotPermitted)
		}
	}
	if q.status == cancelled {
		if q.action == lifecycle.Update {
			return stays
		}
		if q.action != lifecycle.Close {
			return no(lifecycle.ErrCancelled)
		}
		if q.flag(lifecycle.Closed) {
			return no(lifecycle.ErrClosed)
		}
		return stays
	}

	switch q.action {
	case lifecycle.ChangePlanNow, lifecycle.ChangeQuantityNow, lifecycle.ChangePriceNow,
		lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangePriceAtPeriodEnd,
		lifecycle.ChangePlanOnDate, lifecycle.ChangeQuantityOnDate, lifecycle.ChangePriceOnDate,
		lifecycle.AttachNow, lifecycle.AttachAtPeriodEnd, lifecycle.AttachOnDate,
		lifecycle.DetachNow, lifecycle.DetachAtPeriodEnd, lifecycle.DetachOnDate:
		return naiveChange(q)

	case lifecycle.RemoveScheduledChange:
		if !q.scheduled(lifecycle.ScheduledChange) {
			return no(lifecycle.ErrNothingScheduled)
		}
		if q.status == active || q.status == nonRenewing {
			return byCauses
		}
		return stays

	case lifecycle.SetAnchor:
		if q.status == paused {
			return no(lifecycle.ErrPaused)
		}
		if q.is(lifecycle.NoPeriods) {
			return no(lifecycle.ErrNoPeriod)
		}
		if q.status == active || q.status == nonRenewing {
			return byCauses
		}
		return stays

	case lifecycle.SetNextBilling:
		switch q.status {
		case future:
			return no(lifecycle.ErrNotStarted)
		case inTrial:
			return no(lifecycle.ErrInTrial)
		case paused:
			return no(lifecycle.ErrPaused)
		}
		if q.is(lifecycle.NoPeriods) {
			return no(lifecycle.ErrNoPeriod)
		}
		if past {
			return no(lifecycle.ErrPast)
		}
		return byCauses

	case lifecycle.AutoRenewalOff:
		if q.flag(lifecycle.RenewalOff) {
			return unchanged
		}
		if q.status == active && !q.is(lifecycle.NoticeLate) {
			return yes(lifecycle.Changed, nonRenewing)
		}
		return stays

	case lifecycle.AutoRenewalOn:
		if !q.flag(lifecycle.RenewalOff) {
			return unchanged
		}
		if q.status == nonRenewing && !q.endsBeside(lifecycle.CauseNoRenewal) {
			return yes(lifecycle.Changed, active)
		}
		return stays

	case lifecycle.SetEndDate:
		if past {
			return no(lifecycle.ErrPast)
		}
		if q.is(lifecycle.DatesInvalid) {
			return no(lifecycle.ErrInvalidDates)
		}
		if q.status != future && q.subscriber && q.is(lifecycle.EndsEarly) {
			if q.is(lifecycle.CancelDenied) {
				return no(lifecycle.ErrNotPermitted)
			}
			if q.is(lifecycle.ImmediateCancelDenied) {
				return no(lifecycle.ErrImmediateCancel)
			}
		}
		if q.is(lifecycle.ClearsEndDate) && !q.flag(lifecycle.EndDateSet) {
			return unchanged
		}
		if q.status == active && q.is(lifecycle.EndsInPeriod) {
			return yes(lifecycle.Changed, nonRenewing)
		}
		if q.status == nonRenewing && !q.is(lifecycle.EndsInPeriod) && !q.endsBeside(lifecycle.CauseEndDate) {
			return yes(lifecycle.Changed, active)
		}
		return stays

	case lifecycle.Hold:
		if held {
			return no(lifecycle.ErrHeld)
		}
		if q.status == active || q.status == nonRenewing {
			return yes(lifecycle.Changed, paused)
		}
		return stays

	case lifecycle.Release:
		if !held {
			return no(lifecycle.ErrNotHeld)
		}
		if q.status == future && q.is(lifecycle.StartPassed) {
			if q.is(lifecycle.TrialAhead) {
				return yes(lifecycle.Changed, inTrial)
			}
			return byCauses
		}
		if q.status == paused && !ownPause {
			if q.flag(lifecycle.TrialLapsed) {
				return yes(lifecycle.ByTrialRule, active, nonRenewing, paused, cancelled)
			}
			return byCauses
		}
		return stays

	case lifecycle.Suspend:
		if q.flag(lifecycle.Suspended) {
			return no(lifecycle.ErrSuspended)
		}
		return stays

	case lifecycle.Restore:
		if !q.flag(lifecycle.Suspended) {
			return no(lifecycle.ErrNotSuspended)
		}
		return stays

	case lifecycle.Close:
		if q.is(lifecycle.DependentsLive) {
			return no(lifecycle.ErrHasDependents)
		}
		return gone
	}
	return stays // features, discounts, one-offs, credits, update
}
