package subscription

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// A Snapshot is a subscription as it was at an instant, or as it will be without
// further commands. Commands given later do not count, except corrections that lie
// before the instant. It is a result: only this package creates snapshots.
type Snapshot struct {
	// At is the instant.
	At time.Time
	// State is the status with its flags, what is scheduled, and the endings expected
	// in the current period or trial.
	State lifecycle.State
	// Entitled and Billable say whether the owner may use what the plan grants, and
	// whether time is billed.
	Entitled, Billable bool
	// Start is when service began or will begin. After a reactivation into a new period
	// it is still the first start. If the subscription was cancelled before its start,
	// it is the agreed one.
	Start time.Time
	// Plan is the plan in force, Stage the number of its phase from 0, Phase the
	// phase's id.
	Plan  plan.Ref
	Stage int
	Phase string
	// Quantity is the quantity of the charges that have none of their own, Quantities
	// are those set for single charges.
	Quantity   decimal.Decimal
	Quantities map[string]decimal.Decimal
	// Prices are the negotiated prices, where they differ from the plan's.
	Prices map[string]plan.Price
	// Increases is how often prices increased by themselves (plan.Increase), and NextIncrease
	// when they do next; zero: never, or not before the first period.
	Increases    int
	NextIncrease time.Time
	// Minimum is the negotiated minimum of a period, one of zero for none; nil: the plan's.
	Minimum *plan.Minimum
	// Attached are the add-ons, in the order of the ids of their attachments.
	Attached []Attached
	// Policy holds every choice in force, none of them empty.
	Policy plan.Policy
	// Period is the current period; in a pause and after the end the last one. Zero
	// before the first one and if nothing recurs.
	Period calendar.Period
	// Anchor is boundary 0 of the grid of periods; before the first period the one that
	// was requested. Zero if there is neither.
	Anchor time.Time
	// Cycle is the number of the period within the plan's length, from 1; 0 before
	// the first one.
	Cycle int
	// TrialEnd is when the current trial ends, or the one ahead if its end was moved;
	// otherwise zero. TrialUsed reports that a trial has begun.
	TrialEnd  time.Time
	TrialUsed bool
	// AutoRenewal reports that the subscription renews at the end of a period.
	AutoRenewal bool
	// EndDate is the end date; zero if there is none.
	EndDate time.Time
	// Endings are all endings ahead, the earliest first; of a cancelled subscription
	// the one that took effect.
	Endings []Ending
	// Scheduled are the scheduled effects, in order of call.
	Scheduled []Waiting
	// CanceledAt is when the cancellation in force, ahead or past, was requested; zero
	// if there is none. PausedAt and ResumedAt are when a pause and a resume were last
	// requested and not undone.
	CanceledAt, PausedAt, ResumedAt time.Time
	// LastCommand is the highest number of a command given at or before the instant.
	LastCommand int
}

// An Ending is when and why a subscription ends.
type Ending struct {
	// At is the instant; zero if auto-renewal is off and nothing recurs, which ends
	// nothing by itself.
	At time.Time
	// Cause is why; empty after a close.
	Cause lifecycle.EndingCause
	// Command is the number of the command that requested it; 0 for an ending by the
	// plan's length, by auto-renewal or by the end date.
	Command int
}

// Waiting is a scheduled effect.
type Waiting struct {
	// Action is what was requested. If a pause was given an end, the resume has the
	// action of the pause, and Resumes is set.
	Action  lifecycle.Action
	Resumes bool
	// When is what was requested, At the instant at which it is expected to take
	// effect: "at period end" moves with the boundary.
	When When
	At   time.Time
	// Command is the number of the command that scheduled it.
	Command int
	// Plan, Attachment, AddOn, Prices, Charge, Quantity and Price are what changes, as in the
	// command.
	Plan       plan.Ref
	Attachment string
	AddOn      plan.Ref
	Prices     map[string]plan.Price
	Charge     string
	Quantity   *decimal.Decimal
	Price      plan.Price
}

// At returns the subscription as it is at t. It fails with [ErrZero] for the zero
// Subscription, and outside the calendar. Before the subscription was created the
// snapshot holds only t.
func (s Subscription) At(t time.Time) (Snapshot, error) {
	t = micro.Floor(t)
	if s.c == nil {
		return Snapshot{}, ErrZero
	}
	i := s.c.index(t)
	if i < 0 {
		return Snapshot{At: t}, nil
	}
	cur, err := s.c.span(i).at(t, after)
	if err != nil {
		return Snapshot{}, err
	}
	state, err := cur.state()
	if err != nil {
		return Snapshot{}, err
	}
	p := cur.pendingFacts()
	snap := Snapshot{
		At: t, State: state, Entitled: state.Entitled(), Billable: state.Billable(), Start: s.c.started(&cur),
		Plan: cur.terms.version.Ref(), Stage: int(cur.phase), Phase: cur.terms.phase(cur.phase).ID(),
		Quantity: cur.terms.quantity, Policy: cur.terms.policy(),
		Anchor: cur.grid.Anchor(), TrialUsed: cur.is(trialUsed),
		AutoRenewal: !cur.is(noRenewal), EndDate: p.endDate, Endings: cur.ends(), Scheduled: cur.scheduled(),
		LastCommand: s.LastCommand(t),
	}
	if snap.Anchor.IsZero() {
		snap.Anchor = p.anchor
	}
	if !cur.periodEnd.IsZero() {
		snap.Period = calendar.Period{Start: cur.periodFrom, End: cur.periodEnd}
		snap.Cycle = int(cur.cycle)
	}
	if cur.kind != ended {
		snap.TrialEnd = p.trialEnd
	}
	if cur.kind == ended {
		snap.Endings = []Ending{s.c.endedBy(i)}
	}
	if i := p.increase; i != nil && cur.kind != ended {
		snap.Increases, snap.NextIncrease = i.made, cur.increasesAt()
	}
	cur.terms.showOverrides(&snap)
	if snap.Attached, err = cur.attached(); err != nil {
		return Snapshot{}, err
	}
	s.c.requests(&snap)
	return snap, nil
}

// showOverrides adds the overrides to a snapshot.
func (t *terms) showOverrides(snap *Snapshot) {
	for id, q := range t.quantities.all() {
		if snap.Quantities == nil {
			snap.Quantities = map[string]decimal.Decimal{}
		}
		snap.Quantities[id] = q
	}
	for id, table := range t.prices.all() {
		if snap.Prices == nil {
			snap.Prices = map[string]plan.Price{}
		}
		snap.Prices[id] = table.Price()
	}
	if t.minimum != nil {
		m := t.minimum.Clone()
		snap.Minimum = &m
	}
}

// started returns when service began: at the first change that is one of a start;
// ahead of it, and of what was cancelled before it, what was agreed.
func (c *core) started(cur *span) time.Time {
	if at := cur.pendingFacts().start; cur.kind == future || !at.IsZero() {
		return at
	}
	for i := range c.count() {
		switch {
		case c.span(i).from.After(cur.from):
			return time.Time{}
		case c.span(i).kind == trial || c.span(i).kind == running:
			return c.span(i).from
		}
	}
	return time.Time{}
}

// ends returns the endings ahead, the earliest first.
func (s *span) ends() []Ending {
	var all []Ending
	for _, f := range s.expectedEndings() {
		e := Ending{At: f.at, Cause: f.cause}
		if f.cause == lifecycle.CauseCancel {
			e.Command = s.pendingFacts().cancel.command.Number
		}
		i := len(all)
		for i > 0 && !f.at.IsZero() && (all[i-1].At.IsZero() || all[i-1].At.After(f.at)) {
			i--
		}
		all = append(all[:i], append([]Ending{e}, all[i:]...)...)
	}
	return all
}

// scheduled returns the scheduled effects as a snapshot shows them.
func (s *span) scheduled() []Waiting {
	p := s.pendingFacts()
	var all []Waiting
	add := func(c *scheduled, resumes bool) {
		if c == nil {
			return
		}
		cmd := c.command.clone()
		w := Waiting{
			Action: cmd.Action, Resumes: resumes, When: AtPeriodEnd(), At: s.resolve(c), Command: cmd.Number,
			Plan: cmd.Plan, Attachment: cmd.Attachment, AddOn: cmd.AddOn, Prices: cmd.Prices, Charge: cmd.Charge, Quantity: cmd.Quantity, Price: cmd.Price,
		}
		if !c.at.IsZero() {
			w.When = On(c.at)
		}
		i := len(all)
		for i > 0 && all[i-1].Command > w.Command {
			i--
		}
		all = append(all[:i], append([]Waiting{w}, all[i:]...)...)
	}
	add(p.cancel, false)
	if p.cancel != nil {
		all[0].At = s.cancelsAt(p.cancel)
	}
	add(p.pause, false)
	add(p.resume, true)
	for _, c := range p.changes {
		add(c, false)
	}
	return all
}

// requests adds when a cancellation, a pause and a resume were last requested.
func (c *core) requests(snap *Snapshot) {
	for _, cmd := range c.byInstant() {
		if cmd.At.After(snap.At) {
			return
		}
		switch a := cmd.Action; {
		case cancels(a):
			snap.CanceledAt = cmd.At
		case a == lifecycle.RemoveScheduledCancel || a == lifecycle.Reactivate:
			snap.CanceledAt = time.Time{}
		case pauses(a):
			snap.PausedAt = cmd.At
		case a == lifecycle.RemoveScheduledPause:
			snap.PausedAt = time.Time{}
		case resumes(a):
			snap.ResumedAt = cmd.At
		case a == lifecycle.RemoveScheduledResume:
			snap.ResumedAt = time.Time{}
		}
	}
}

// Each accessor below returns one part of a [Snapshot] without computing the rest.
// Before the subscription was created, outside the calendar, and for the zero
// Subscription they return zero values.

// moment returns the span as it stands at t.
func (s Subscription) moment(t time.Time) (span, bool) {
	i := s.SegmentAt(t)
	if i < 0 {
		return span{}, false
	}
	cur, err := s.c.span(i).at(t, after)
	return cur, err == nil
}

// Plan returns the plan version in force at t; nil if there is none.
func (s Subscription) Plan(t time.Time) *plan.Version {
	if i := s.SegmentAt(t); i >= 0 {
		return s.c.span(i).terms.version
	}
	return nil
}

// Period returns the period that runs at t. It is false if none does: before the first
// one, in a pause, after the end, and if nothing recurs.
func (s Subscription) Period(t time.Time) (calendar.Period, bool) {
	cur, ok := s.moment(t)
	if !ok || cur.kind != running || cur.periodEnd.IsZero() {
		return calendar.Period{}, false
	}
	return calendar.Period{Start: cur.periodFrom, End: cur.periodEnd}, true
}

// TrialEnd returns the end of the trial that runs at t; false if none runs.
func (s Subscription) TrialEnd(t time.Time) (time.Time, bool) {
	i := s.SegmentAt(t)
	if i < 0 || s.c.span(i).kind != trial {
		return time.Time{}, false
	}
	return s.c.span(i).pendingFacts().trialEnd, true
}

// HasUsedTrial reports whether a trial has begun by t, or was used before the
// subscription was made.
func (s Subscription) HasUsedTrial(t time.Time) bool {
	i := s.SegmentAt(t)
	return i >= 0 && s.c.span(i).is(trialUsed)
}

// AutoRenewal reports whether it renews at the end of a period, as set by t.
func (s Subscription) AutoRenewal(t time.Time) bool {
	i := s.SegmentAt(t)
	return i >= 0 && !s.c.span(i).is(noRenewal)
}

// Entitled reports whether the owner may use what the plan grants at t.
func (s Subscription) Entitled(t time.Time) bool {
	i := s.SegmentAt(t)
	return i >= 0 && s.Segment(i).Entitled()
}

// Live reports whether the subscription exists at t and is not cancelled.
func (s Subscription) Live(t time.Time) bool {
	i := s.SegmentAt(t)
	return i >= 0 && s.c.span(i).kind != ended
}

// EndsAt returns the earliest ending expected at t or, after the end, the one that took
// effect; false if there is none.
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

// CancelAt returns when a cancellation requested at or before t takes or took effect;
// false if there is none.
func (s Subscription) CancelAt(t time.Time) (time.Time, bool) {
	cur, ok := s.moment(t)
	if !ok {
		return time.Time{}, false
	}
	if cur.kind == ended {
		e := s.c.endedBy(s.c.index(t))
		return e.At, e.Cause == lifecycle.CauseCancel
	}
	if c := cur.pendingFacts().cancel; c != nil {
		return cur.cancelsAt(c), true
	}
	return time.Time{}, false
}

// Scheduled returns the effects that are scheduled at t, in order of call.
func (s Subscription) Scheduled(t time.Time) []Waiting {
	cur, ok := s.moment(t)
	if !ok {
		return nil
	}
	return cur.scheduled()
}

// CancelReason returns why it was or will be cancelled, as known at t: the reason of
// the details or of the cancellation in force, whichever came last.
func (s Subscription) CancelReason(t time.Time) string {
	if s.SegmentAt(t) < 0 {
		return ""
	}
	reason := s.c.origin().Details.CancelReason
	for _, cmd := range s.c.byInstant() {
		if cmd.At.After(t) {
			break
		}
		switch a := cmd.Action; {
		case cancels(a):
			if cmd.Reason != "" {
				reason = cmd.Reason
			}
		case a == lifecycle.RemoveScheduledCancel || a == lifecycle.Reactivate:
			reason = ""
		case a == lifecycle.Update:
			if cmd.Patch.CancelReason != nil {
				reason = *cmd.Patch.CancelReason
			}
		}
	}
	return reason
}

// endedBy returns what ended the subscription that is cancelled in span i. What was
// recorded since, such as a close, opened further spans.
func (c *core) endedBy(i int) Ending {
	for i > 0 && c.span(i-1).kind == ended {
		i--
	}
	o := c.span(i).opening()
	return Ending{At: o.At, Cause: o.Cause, Command: o.Command}
}
