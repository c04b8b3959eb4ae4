package subscription

import (
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// status answers the status at t, which lies in span i.
func (c *core) status(i int, t time.Time) lifecycle.Status {
	s := &c.spans[i]
	switch s.kind {
	case future:
		return lifecycle.Future
	case trial:
		return lifecycle.InTrial
	case paused:
		return lifecycle.Paused
	case ended:
		return lifecycle.Cancelled
	}
	if s.endless() {
		return lifecycle.Active
	}
	cur, err := s.at(t, false)
	if err != nil {
		return "" // an instant that no calendar holds
	}
	if cur.endings() != 0 {
		return lifecycle.NonRenewing
	}
	return lifecycle.Active
}

// endless reports whether the span can have no ending ahead, without computing any.
func (s *span) endless() bool {
	if s.is(noRenewal) || s.pending != nil && (s.pending.cancel != nil || !s.pending.endDate.IsZero()) {
		return false
	}
	_, bounded := s.terms.version.Length()
	return !bounded
}

// runsUntil answers the end of what runs in the span: a period, the trial, the
// wait for the start. Zero: it has none.
func (s *span) runsUntil() time.Time {
	switch s.kind {
	case future:
		return s.waits().start
	case trial:
		return s.waits().trialEnd
	}
	return s.periodEnd
}

// endings answers the causes of the endings that fall into what runs at the
// span's beginning.
func (s *span) endings() lifecycle.Causes {
	var set lifecycle.Causes
	for _, e := range s.foreseen() {
		limit := s.runsUntil()
		if e.at.IsZero() || !limit.IsZero() && !e.at.After(limit) {
			set = set.With(e.cause)
		}
	}
	return set
}

// An ending that is foreseen; at is zero where nothing recurs and auto-renewal
// is off, which ends nothing by itself.
type foreseen struct {
	at    time.Time
	cause lifecycle.EndingCause
}

// foreseen answers every ending that is foreseen, at whatever distance.
func (s *span) foreseen() []foreseen {
	if s.kind == ended {
		return nil
	}
	var all []foreseen
	p := s.waits()
	if p.cancel != nil {
		all = append(all, foreseen{s.resolve(p.cancel), lifecycle.CauseCancel})
	}
	if !p.endDate.IsZero() {
		all = append(all, foreseen{p.endDate, lifecycle.CauseEndDate})
	}
	opened := (s.kind == running || s.kind == paused) && !s.is(unopened)
	if s.is(noRenewal) && opened && (s.kind == running || s.periodEnd.After(s.from)) {
		all = append(all, foreseen{s.periodEnd, lifecycle.CauseNoRenewal})
	}
	if !opened {
		return all
	}
	end, err := s.lengthEnds()
	if err != nil || end.IsZero() || end.Before(s.from) {
		return all
	}
	for _, ch := range p.changes {
		if at := s.resolve(ch); ch.command.version != nil && !at.After(end) {
			return all // the new plan counts its length anew
		}
	}
	return append(all, foreseen{end, lifecycle.CauseLength})
}

// State answers what the lifecycle table needs to know of the subscription at t;
// the zero State before it was made.
func (s Subscription) State(t time.Time) (lifecycle.State, error) {
	if s.c == nil {
		return lifecycle.State{}, ErrZero
	}
	i := s.c.index(t)
	if i < 0 {
		return lifecycle.State{}, nil
	}
	return s.c.state(i, t)
}

func (c *core) state(i int, t time.Time) (lifecycle.State, error) {
	cur, err := c.spans[i].at(t, false)
	if err != nil {
		return lifecycle.State{}, err
	}
	p := cur.waits()
	var flags lifecycle.Flags
	put := func(on bool, f lifecycle.Flags) {
		if on {
			flags |= f
		}
	}
	put(cur.is(held), lifecycle.Held)
	put(cur.is(noRenewal), lifecycle.RenewalOff)
	put(!p.endDate.IsZero(), lifecycle.EndDateSet)
	put(cur.is(closedFlag), lifecycle.Closed)
	put(cur.is(held) && cur.kind == paused && cur.is(ownPause), lifecycle.OwnPause)
	put(cur.is(held) && cur.kind == paused && cur.is(unopened) && !cur.is(ownPause), lifecycle.TrialLapsed)
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
	endings := cur.endings()
	status := c.status(i, t)
	if cur.kind == ended && cur.opened.Cause != "" && !cur.opened.atOnce {
		endings = lifecycle.CausesOf(cur.opened.Cause)
	}
	return lifecycle.NewState(status, flags, endings, waiting)
}

// facts answers what the table asks beside the state.
func (c *core) facts(cur *span, state lifecycle.State, cmd *Command) lifecycle.Facts {
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
	p := cur.waits()
	put(cur.every().IsZero(), lifecycle.NoPeriods)
	put(cur.is(trialUsed), lifecycle.TrialUsed)
	put(cur.kind == future && !p.start.After(cmd.At), lifecycle.StartPassed)
	put(cur.kind == paused && (cur.is(unopened) || !cmd.At.Before(cur.periodEnd)), lifecycle.PausedPeriodPassed)
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
	switch cmd.Action {
	case lifecycle.Reactivate:
		put(!cmd.EndDate.IsZero() && !cmd.EndDate.After(cmd.At) || !cmd.TrialEnd.IsZero() && !cmd.TrialEnd.After(cmd.At), lifecycle.DatePast)
	case lifecycle.SetEndDate:
		given = cmd.EndDate
		put(given.IsZero(), lifecycle.ClearsEndDate)
	case lifecycle.ExtendTrial:
		given = cmd.TrialEnd
		put(!given.After(cmd.At), lifecycle.DatePast)
		put(cur.kind == future && !given.After(p.start), lifecycle.DatesInvalid)
	case lifecycle.ResumeOnDate:
		given = cmd.ResumeAt
	}
	if !given.IsZero() {
		put(given.Before(cmd.At), lifecycle.DatePast)
		put(cur.kind == future && given.Before(p.start), lifecycle.DatesInvalid)
		if limit := cur.runsUntil(); !limit.IsZero() {
			put(given.Before(limit), lifecycle.EndsEarly)
			put(!given.After(limit), lifecycle.EndsInPeriod)
		}
	}
	put(cmd.Replace, lifecycle.Replaces)
	c.changeFacts(cur, cmd, put)
	return set
}

// changeFacts adds what the table asks of changes and of what else is scheduled.
func (c *core) changeFacts(cur *span, cmd *Command, put func(bool, lifecycle.Facts)) {
	for _, ch := range cur.waits().changes {
		put(ch.command.repeatedBy(cmd), lifecycle.ChangeRepeats)
	}
	at := cmd.On
	switch cmd.Action {
	case lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangePriceAtPeriodEnd, lifecycle.PauseAtPeriodEnd:
		at = cur.runsUntil()
	case lifecycle.ChangePlanOnDate, lifecycle.ChangeQuantityOnDate, lifecycle.ChangePriceOnDate, lifecycle.PauseOnDate:
	case lifecycle.ResumeOnDate:
		at = cmd.ResumeAt
	default:
		at = time.Time{}
	}
	if !at.IsZero() {
		replan := cmd.version != nil
		for _, e := range cur.foreseen() {
			if e.at.IsZero() || at.Before(e.at) || replan && e.cause == lifecycle.CauseLength && at.Equal(e.at) {
				continue
			}
			put(true, lifecycle.FallsAfterEnding)
		}
	}
	if cmd.Action == lifecycle.ChangeQuantityNow && cmd.Quantity != nil && cmd.Policy.ChangeCredit == "" {
		put(cur.lowers(cmd), lifecycle.CreditUnchosen)
	}
}

// lowers reports whether the command lowers a quantity.
func (s *span) lowers(cmd *Command) bool {
	if cmd.Charge == "" {
		return cmd.Quantity.LessThan(s.terms.quantity)
	}
	if item, ok := s.terms.stage(s.stage).Item(cmd.Charge); ok {
		return cmd.Quantity.LessThan(s.terms.of(item))
	}
	return false
}

// repeatedBy reports whether another scheduled change is of the same thing at the
// same time: two steps of a price on two dates are two changes.
func (c *Command) repeatedBy(o *Command) bool { return c.sameThing(o) && c.On.Equal(o.On) }

// sameThing reports whether two changes are of the same thing: the plan, or the
// quantity or the price of the same charge.
func (c *Command) sameThing(o *Command) bool {
	switch {
	case c.version != nil || o.version != nil:
		return c.version != nil && o.version != nil
	case c.table != nil || o.table != nil:
		return c.table != nil && o.table != nil && c.Charge == o.Charge
	}
	return c.Quantity != nil && o.Quantity != nil && c.Charge == o.Charge
}
