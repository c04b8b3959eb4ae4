package subscription

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// status returns the status at t, which lies in the span.
func (s *span) status(t time.Time) lifecycle.Status {
	switch s.kind {
	case future:
		return lifecycle.Future
	case trial:
		return lifecycle.InTrial
	case paused:
		return lifecycle.Paused
	case ended:
		return lifecycle.Cancelled
	case running:
	}
	if s.endless() {
		return lifecycle.Active
	}
	cur, err := s.at(t, after)
	if err != nil {
		return "" // outside the calendar
	}
	if cur.endings() != 0 {
		return lifecycle.NonRenewing
	}
	return lifecycle.Active
}

// endless reports whether no ending is possible in the span, without computing any.
func (s *span) endless() bool {
	if s.is(noRenewal) || s.pending != nil && (s.pending.cancel != nil || !s.pending.endDate.IsZero()) {
		return false
	}
	if term, ok := s.terms.version.Term(); ok && (term.Renewal == plan.RenewOnce || term.Renewal == plan.RenewNever) {
		return false
	}
	_, bounded := s.terms.version.Length()
	return !bounded
}

// runsUntil returns the end of what runs in the span: the period, the trial, or the
// time before the start. Zero: it has none.
func (s *span) runsUntil() time.Time {
	switch s.kind {
	case future:
		return s.pendingFacts().start
	case trial:
		return s.pendingFacts().trialEnd
	case running, paused, ended:
	}
	return s.periodEnd
}

// endings returns the causes of the endings expected within what runs at the span's
// beginning.
func (s *span) endings() lifecycle.Causes {
	var set lifecycle.Causes
	for _, e := range s.expectedEndings() {
		limit := s.bindsUntil()
		if c := s.pendingFacts().cancel; e.cause == lifecycle.CauseCancel && c.at.IsZero() && s.outlasts(c.command, c.policy) {
			limit = e.at // of the longest period, which is the one that ends
		}
		if e.at.IsZero() || !limit.IsZero() && !e.at.After(limit) {
			set = set.With(e.cause)
		}
	}
	return set
}

// An expectedEnding is an ending ahead. at is zero if auto-renewal is off and nothing
// recurs, which ends nothing by itself.
type expectedEnding struct {
	at    time.Time
	cause lifecycle.EndingCause
}

// expectedEndings returns every ending ahead, however far.
func (s *span) expectedEndings() []expectedEnding {
	if s.kind == ended {
		return nil
	}
	var all []expectedEnding
	p := s.pendingFacts()
	if p.cancel != nil {
		all = append(all, expectedEnding{s.cancelsAt(p.cancel), lifecycle.CauseCancel})
	}
	if !p.endDate.IsZero() {
		all = append(all, expectedEnding{p.endDate, lifecycle.CauseEndDate})
	}
	opened := (s.kind == running || s.kind == paused) && !s.is(noPeriodYet)
	if s.is(noRenewal) && opened {
		switch end, bound := s.noticed(p.renewalOff); {
		case bound:
			all = append(all, expectedEnding{end, lifecycle.CauseNoRenewal})
		case s.kind == running || s.periodEnd.After(s.from):
			all = append(all, expectedEnding{s.periodEnd, lifecycle.CauseNoRenewal})
		}
	}
	if !opened {
		return all
	}
	end, err := s.lengthEnds()
	if err == nil && end.IsZero() {
		end, err = s.lastTermEnds()
	}
	if err != nil || end.IsZero() || end.Before(s.from) {
		return all
	}
	for _, ch := range p.changes {
		if at := s.resolve(ch); ch.command.version != nil && !at.After(end) {
			return all // the new plan's length starts over
		}
	}
	return append(all, expectedEnding{end, lifecycle.CauseLength})
}

// State returns what the lifecycle table needs to know about the subscription at t;
// the zero State before it was created. The zero Subscription returns ErrZero.
func (s Subscription) State(t time.Time) (lifecycle.State, error) {
	if s.c == nil {
		return lifecycle.State{}, ErrZero
	}
	i := s.c.index(t)
	if i < 0 {
		return lifecycle.State{}, nil
	}
	cur, err := s.c.span(i).at(t, after)
	if err != nil {
		return lifecycle.State{}, err
	}
	return cur.state()
}

// state returns the state at the beginning of the span.
func (s *span) state() (lifecycle.State, error) {
	p := s.pendingFacts()
	var flags lifecycle.Flags
	put := func(on bool, f lifecycle.Flags) {
		if on {
			flags |= f
		}
	}
	put(s.is(held), lifecycle.Held)
	put(s.is(suspended), lifecycle.Suspended)
	put(s.is(noRenewal), lifecycle.RenewalOff)
	put(!p.endDate.IsZero(), lifecycle.EndDateSet)
	put(s.is(closedFlag), lifecycle.Closed)
	put(s.is(held) && s.kind == paused && s.is(ownPause), lifecycle.OwnPause)
	put(s.is(held) && s.kind == paused && s.is(noPeriodYet) && !s.is(ownPause), lifecycle.TrialLapsed)
	var waiting lifecycle.Scheduled
	schedule := func(on bool, x lifecycle.Scheduled) {
		if on {
			waiting |= x
		}
	}
	schedule(p.cancel != nil, lifecycle.ScheduledCancel)
	schedule(p.pause != nil, lifecycle.ScheduledPause)
	schedule(p.resume != nil || p.pause != nil && p.pause.resumes(), lifecycle.ScheduledResume)
	schedule(len(p.changes) > 0, lifecycle.ScheduledChange)
	endings := s.endings()
	status := s.status(s.from)
	if s.kind == ended && s.opened.Cause != "" && !s.opened.atOnce {
		endings = lifecycle.CausesOf(s.opened.Cause)
	}
	return lifecycle.NewState(status, flags, endings, waiting)
}

// facts returns what the table asks in addition to the state.
func (c *core) facts(cur *span, state lifecycle.State, cmd *record) lifecycle.Facts {
	var set lifecycle.Facts
	put := func(on bool, f lifecycle.Facts) {
		if on {
			set |= f
		}
	}
	rules := cur.terms.version.Rules()
	denied := func(p plan.Permission) bool {
		return p == plan.Nobody || p == plan.Operator && cmd.Actor == lifecycle.Subscriber
	}
	put(denied(rules.Cancel), lifecycle.CancelDenied)
	put(denied(rules.CancelNow), lifecycle.ImmediateCancelDenied)
	put(denied(rules.Pause), lifecycle.PauseDenied)
	put(denied(rules.Resume), lifecycle.ResumeDenied)
	put(denied(rules.Quantity), lifecycle.QuantityLocked)
	p := cur.pendingFacts()
	put(cur.every().IsZero(), lifecycle.NoPeriods)
	put(cur.is(trialUsed), lifecycle.TrialUsed)
	put(cur.kind == future && !p.start.After(cmd.At), lifecycle.StartPassed)
	_, bound := cur.noticed(cmd.At)
	put(cur.kind == paused && !bound && (cur.is(noPeriodYet) || !cmd.At.Before(cur.periodEnd)), lifecycle.PausedPeriodPassed)
	if bound {
		put(cur.late(cmd.At), lifecycle.NoticeLate)
	}
	if bound || !cur.grid.IsZero() && len(cur.terms.phase(cur.phase).OwnIntervals()) > 0 {
		put(cur.renews(cmd), lifecycle.PeriodRenews)
	}
	if cur.kind == future && !cur.is(trialUsed) {
		at := later(p.start, cmd.At)
		if cmd.Action == lifecycle.Start {
			at = cmd.At
		}
		end := p.trialEnd
		if end.IsZero() {
			end, _ = trialEnd(cur.terms, at)
		}
		put(end.After(at), lifecycle.TrialAhead)
	}
	if cmd.Action == lifecycle.Reactivate {
		put(!cmd.TrialEnd.IsZero(), lifecycle.TrialAhead)
		put(!p.endDate.IsZero() && !p.endDate.After(cmd.At) && !cmd.EndDate.After(cmd.At), lifecycle.EndPassed)
	}
	given := cmd.On
	switch a := cmd.Action; {
	case a == lifecycle.Reactivate:
		put(cur.kind == ended && p.start.After(cmd.At), lifecycle.StartAhead)
		put(!cmd.EndDate.IsZero() && !cmd.EndDate.After(cmd.At) || !cmd.TrialEnd.IsZero() && !cmd.TrialEnd.After(cmd.At), lifecycle.DatePast)
	case a == lifecycle.SetEndDate:
		given = cmd.EndDate
		put(given.IsZero(), lifecycle.ClearsEndDate)
	case a == lifecycle.ExtendTrial:
		given = cmd.TrialEnd
		put(!given.After(cmd.At), lifecycle.DatePast)
		put(cur.kind == future && !given.After(p.start), lifecycle.DatesInvalid)
	case a == lifecycle.SetNextBilling:
		given = cmd.NextBilling
		put(!given.After(cmd.At), lifecycle.DatePast)
	case a == lifecycle.ResumeOnDate:
		given = cmd.ResumeAt
	}
	if !given.IsZero() {
		put(given.Before(cmd.At), lifecycle.DatePast)
		put(cur.kind == future && given.Before(p.start), lifecycle.DatesInvalid)
		if limit := cur.runsUntil(); !limit.IsZero() {
			put(given.Before(limit) && cmd.Action != lifecycle.CancelOnDate, lifecycle.EndsEarly)
			put(!given.After(cur.bindsUntil()), lifecycle.EndsInPeriod)
		}
		if cmd.Action == lifecycle.CancelOnDate && !given.Before(cmd.At) {
			put(cur.cutsTerm(given), lifecycle.EndsEarly)
		}
	}
	put(cmd.Replace, lifecycle.Replaces)
	c.changeFacts(cur, cmd, put)
	return set
}

// changeFacts adds what the table asks about changes and other scheduled effects.
func (c *core) changeFacts(cur *span, cmd *record, put func(bool, lifecycle.Facts)) {
	for _, ch := range cur.pendingFacts().changes {
		put(ch.command.repeatedBy(cmd), lifecycle.ChangeRepeats)
	}
	at := cur.takesEffect(cmd)
	if !at.IsZero() {
		replan := cmd.version != nil
		for _, e := range cur.expectedEndings() {
			if e.at.IsZero() || at.Before(e.at) || replan && e.cause == lifecycle.CauseLength && at.Equal(e.at) {
				continue
			}
			put(true, lifecycle.FallsAfterEnding)
		}
	}
	if cmd.Action == lifecycle.ChangeQuantityNow && cmd.Quantity != nil && cmd.choices().ChangeCredit == "" {
		put(cur.lowers(cmd), lifecycle.CreditUnchosen)
	}
}

// takesEffect returns when a change, a pause or a resume that is scheduled takes effect.
// Zero for any other command.
func (s *span) takesEffect(cmd *record) time.Time {
	switch a := cmd.Action; {
	case a == lifecycle.ChangePlanAtPeriodEnd || a == lifecycle.ChangeQuantityAtPeriodEnd || a == lifecycle.ChangePriceAtPeriodEnd ||
		a == lifecycle.AttachAtPeriodEnd || a == lifecycle.DetachAtPeriodEnd || a == lifecycle.PauseAtPeriodEnd:
		return s.runsUntil()
	case a == lifecycle.ChangePlanOnDate || a == lifecycle.ChangeQuantityOnDate || a == lifecycle.ChangePriceOnDate ||
		a == lifecycle.AttachOnDate || a == lifecycle.DetachOnDate || a == lifecycle.PauseOnDate:
		return cmd.On
	case a == lifecycle.ResumeOnDate:
		return cmd.ResumeAt
	}
	return time.Time{}
}

// cutsTerm reports whether an ending at t would cut off a part of what is expected to
// run then: a trial, a period, or the period in which a pause began. t must not lie
// before the span.
func (s *span) cutsTerm(t time.Time) bool {
	spans, err := project([]span{*s}, t)
	if err != nil {
		return false // the command itself will fail
	}
	i := len(spans) - 1
	for i > 0 && !spans[i].from.Before(t) {
		i--
	}
	var end time.Time
	switch last := &spans[i]; last.kind {
	case trial:
		end = last.pendingFacts().trialEnd
	case running:
		if _, end, _, err = last.period(t, before); err != nil {
			return false
		}
	case paused:
		end = last.periodEnd
	case future, ended:
	}
	return t.Before(end)
}

// withdraw removes what the command replaces: the command is checked as if that had
// been undone first.
func (s *span) withdraw(cmd *record) {
	if !cmd.Replace {
		return
	}
	p := s.pendingFacts()
	switch {
	case cancels(cmd.Action) && p.cancel != nil:
		s.mutablePending().cancel = nil
	case pauses(cmd.Action) && p.pause != nil:
		s.mutablePending().pause = nil
	case cmd.changesLater() && (s.kind != future || !cmd.On.IsZero()):
		same := func(c *scheduled) bool { return c.command.sameThing(cmd) }
		if slices.ContainsFunc(p.changes, same) {
			p = s.mutablePending()
			p.changes = slices.DeleteFunc(slices.Clone(p.changes), same)
		}
	}
}

// changesLater reports whether the command schedules a change of plan, quantity, price or
// add-ons.
func (c *record) changesLater() bool {
	a := c.Action
	return a == lifecycle.ChangePlanAtPeriodEnd || a == lifecycle.ChangeQuantityAtPeriodEnd || a == lifecycle.ChangePriceAtPeriodEnd ||
		a == lifecycle.ChangePlanOnDate || a == lifecycle.ChangeQuantityOnDate || a == lifecycle.ChangePriceOnDate ||
		a == lifecycle.AttachAtPeriodEnd || a == lifecycle.AttachOnDate || a == lifecycle.DetachAtPeriodEnd || a == lifecycle.DetachOnDate
}

// detaches reports whether the command gives up an add-on.
func (c *record) detaches() bool {
	return c.Action == lifecycle.DetachNow || c.Action == lifecycle.DetachAtPeriodEnd || c.Action == lifecycle.DetachOnDate
}

// lowers reports whether the command lowers a quantity.
func (s *span) lowers(cmd *record) bool {
	if cmd.Attachment != "" {
		a, ok := s.terms.attached.value(cmd.Attachment)
		return ok && cmd.Quantity.LessThan(a.quantity)
	}
	if cmd.Charge == "" {
		return cmd.Quantity.LessThan(s.terms.quantity)
	}
	if item, ok := s.terms.phase(s.phase).Charge(cmd.Charge); ok {
		return cmd.Quantity.LessThan(s.terms.quantityOf(item))
	}
	return false
}

// repeatedBy reports whether another scheduled change is of the same thing for the
// same date: two steps of a price on two dates are two changes.
func (c *record) repeatedBy(o *record) bool { return c.sameThing(o) && c.On.Equal(o.On) }

// sameThing reports whether two changes are of the same thing: the plan, whether an add-on is
// attached, or the quantity or the price of the same charge or attachment.
func (c *record) sameThing(o *record) bool {
	switch {
	case c.addOn != nil || o.addOn != nil || c.detaches() || o.detaches():
		return (c.addOn != nil) == (o.addOn != nil) && c.detaches() == o.detaches() && c.Attachment == o.Attachment
	case c.version != nil || o.version != nil:
		return c.version != nil && o.version != nil
	case c.table != nil || o.table != nil:
		return c.table != nil && o.table != nil && c.Charge == o.Charge
	}
	return c.Quantity != nil && o.Quantity != nil && c.Charge == o.Charge && c.Attachment == o.Attachment
}

// entitled reports whether the owner may use what the plan grants.
func (s *span) entitled() bool { return s.serves() && !s.is(suspended) }

// serves is [seam.Timeline.Serves].
func (s *span) serves() bool { return (s.kind == running || s.kind == trial) && !s.is(held) }
