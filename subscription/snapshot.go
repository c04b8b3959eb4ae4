package subscription

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// A Snapshot is a subscription as it was at an instant, or as it will be if nothing
// more is done. Commands given later are not in it, but for corrections that lie
// before it. It is a result: the engine makes it.
type Snapshot struct {
	// At is the instant.
	At time.Time
	// State is the status with its flags, what is scheduled, and the endings that
	// fall into what runs.
	State lifecycle.State
	// Entitled and Billable say whether the owner may use what the plan grants, and
	// whether time is billed.
	Entitled, Billable bool
	// Start is when service began, or will; after a reactivation into a new period
	// it is still the first start. Zero if it was cancelled before.
	Start time.Time
	// Plan is the plan in force, Stage the number of its phase from 0, Phase its id.
	Plan  plan.Ref
	Stage int
	Phase string
	// Quantity is the quantity of the charges that have none of their own,
	// Quantities those that were set by charge.
	Quantity   decimal.Decimal
	Quantities map[string]decimal.Decimal
	// Prices are the negotiated prices, where they differ from the plan's.
	Prices map[string]plan.Price
	// Policy holds every choice in force, none of them empty.
	Policy plan.Policy
	// Period is the period that runs; in a pause and after an end the one that was
	// left. Zero before the first one and where nothing recurs.
	Period calendar.Period
	// Anchor is boundary 0 of the grid of periods; the one asked for before there is
	// a grid; zero if there is neither.
	Anchor time.Time
	// Cycle is the number of the period within the plan's length, from 1; 0 before
	// the first one.
	Cycle int
	// TrialEnd is when the running trial ends, or the one ahead if that was moved;
	// else zero. TrialUsed reports that a trial began at some time.
	TrialEnd  time.Time
	TrialUsed bool
	// AutoRenewal reports that the subscription renews at the end of a period.
	AutoRenewal bool
	// EndDate is the date at which it ends in any case, or zero.
	EndDate time.Time
	// Endings are all endings foreseen, the earliest first; of a cancelled
	// subscription the one that took effect.
	Endings []Ending
	// Scheduled are the effects that wait, in order of call.
	Scheduled []Waiting
	// CanceledAt is when the cancellation that stands, ahead or past, was asked for;
	// zero if none does. PausedAt and ResumedAt are when a pause and a resume were
	// last asked for, those taken back left out.
	CanceledAt, PausedAt, ResumedAt time.Time
	// LastCommand is the highest number of a command given by then.
	LastCommand int
}

// An Ending is when and why a subscription ends.
type Ending struct {
	// At is the instant; zero where auto-renewal is off and nothing recurs, which
	// ends nothing by itself.
	At time.Time
	// Cause is why; empty after a close.
	Cause lifecycle.EndingCause
	// Command is the number of the command that asked for it; 0 for what ends by the
	// plan's length, by auto-renewal or by the end date.
	Command int
}

// Waiting is an effect that was scheduled and waits for its time.
type Waiting struct {
	// Action is what was asked for. The end of a running pause is the action of the
	// pause itself, if it came with it, with Resumes set.
	Action  lifecycle.Action
	Resumes bool
	// When is what was asked for, At the instant at which it takes effect as things
	// stand: "at period end" moves with the boundary.
	When When
	At   time.Time
	// Command is the number of the command that scheduled it.
	Command int
	// Plan, Charge, Quantity and Price are what changes, as in the command.
	Plan     plan.Ref
	Charge   string
	Quantity *decimal.Decimal
	Price    plan.Price
}

// At returns the subscription as it is at t. It fails with [ErrZero] for the zero
// Subscription, and where the calendar ends. Before the agreement was made the
// snapshot holds nothing but t.
func (s Subscription) At(t time.Time) (Snapshot, error) {
	t = t.UTC().Round(0)
	if s.c == nil {
		return Snapshot{}, ErrZero
	}
	i := s.c.index(t)
	if i < 0 {
		return Snapshot{At: t}, nil
	}
	cur, err := s.c.spans[i].at(t, false)
	if err != nil {
		return Snapshot{}, err
	}
	state, err := s.c.state(i, t)
	if err != nil {
		return Snapshot{}, err
	}
	p := cur.waits()
	snap := Snapshot{
		At: t, State: state, Entitled: state.Entitled(), Billable: state.Billable(), Start: s.c.started(&cur),
		Plan: cur.terms.version.Ref(), Stage: int(cur.stage), Phase: cur.terms.stage(cur.stage).ID(),
		Quantity: cur.terms.quantity, Policy: cur.terms.policy(),
		Anchor: cur.grid.Anchor(), TrialEnd: p.trialEnd, TrialUsed: cur.is(trialUsed),
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
	if cur.kind == ended {
		snap.Endings = []Ending{s.c.endedBy(i)}
	}
	cur.terms.depart(&snap)
	s.c.requests(&snap)
	return snap, nil
}

// depart notes what departs from the plan.
func (t *terms) depart(snap *Snapshot) {
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
}

// started answers when service began: at the first change that is one of a start;
// ahead of it, what the span waits for.
func (c *core) started(cur *span) time.Time {
	if cur.kind == future {
		return cur.waits().start
	}
	for i := range c.spans {
		switch {
		case c.spans[i].from.After(cur.from):
			return time.Time{}
		case c.spans[i].kind == trial || c.spans[i].kind == running:
			return c.spans[i].from
		}
	}
	return time.Time{}
}

// ends answers the endings foreseen, the earliest first.
func (s *span) ends() []Ending {
	var all []Ending
	for _, f := range s.foreseen() {
		e := Ending{At: f.at, Cause: f.cause}
		if f.cause == lifecycle.CauseCancel {
			e.Command = s.waits().cancel.command.Number
		}
		i := len(all)
		for i > 0 && !f.at.IsZero() && (all[i-1].At.IsZero() || all[i-1].At.After(f.at)) {
			i--
		}
		all = append(all[:i], append([]Ending{e}, all[i:]...)...)
	}
	return all
}

// scheduled answers what waits as a snapshot shows it.
func (s *span) scheduled() []Waiting {
	p := s.waits()
	var all []Waiting
	add := func(c *scheduled, resumes bool) {
		if c == nil {
			return
		}
		cmd := c.command.clone()
		w := Waiting{
			Action: cmd.Action, Resumes: resumes, When: AtPeriodEnd(), At: s.resolve(c), Command: cmd.Number,
			Plan: cmd.Plan, Charge: cmd.Charge, Quantity: cmd.Quantity, Price: cmd.Price,
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
	add(p.pause, false)
	add(p.resume, true)
	for _, c := range p.changes {
		add(c, false)
	}
	return all
}

// requests notes when cancel, pause and resume were last asked for.
func (c *core) requests(snap *Snapshot) {
	for _, cmd := range c.byInstant() {
		if cmd.At.After(snap.At) {
			return
		}
		switch cmd.Action {
		case lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate:
			snap.CanceledAt = cmd.At
		case lifecycle.RemoveScheduledCancel, lifecycle.Reactivate:
			snap.CanceledAt = time.Time{}
		case lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate:
			snap.PausedAt = cmd.At
		case lifecycle.RemoveScheduledPause:
			snap.PausedAt = time.Time{}
		case lifecycle.ResumeNow, lifecycle.ResumeOnDate:
			snap.ResumedAt = cmd.At
		case lifecycle.RemoveScheduledResume:
			snap.ResumedAt = time.Time{}
		}
	}
}
