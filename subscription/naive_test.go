package subscription_test

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
)

// A machine is the second implementation of a subscription's life: the rules of
// the lifecycle as a plain program that goes from instant to instant and does, at
// each, what is due, in the order that the rules give. It counts every period by
// living through it. It shares nothing with the package but the definitions of
// plans and the words for statuses.
type machine struct {
	loc *time.Location
	now time.Time

	life                     string // future, trial, running, paused, ended
	held, ownPause, closed   bool
	suspended                bool
	renewalOff, trialUsed    bool
	begun                    bool // a period has begun since the last new beginning
	credited                 bool // something of the running period was given back
	start, trialEnd, endDate time.Time
	askedAnchor              time.Time
	plan                     plan.Plan
	quantity                 int64
	feature                  *bool // given over the plan's own
	price                    string
	from, until              time.Time // the running period; in a pause the one in which it began
	untilPassed              bool      // in a pause: that period is over
	grid                     *grid
	stage, stageCycle, cycle int
	stageUntil, lengthUntil  time.Time
	lengthFrom               time.Time
	bond                     agreement
	stopped                  time.Time // the cut of the pause, or of the ending
	openedAt                 time.Time // the instant at which the running period was opened
	ordinal                  int       // the number of the running period over the whole life
	regridded                bool      // another grid came in the pause
	unopened                 time.Time // the boundary at which terms in which nothing recurs were counted
	endedBy                  lifecycle.EndingCause
	cancel, pause, resume    *due
	changes                  []*due
	policy                   plan.Policy // negotiated with the subscription
	pausedOut                bool        // a pause came to its own end under a hold
	closingPeriod            bool        // a period is over at the instant that is being done
	fresh                    bool        // a whole new period was opened at the instant that is being done
	meter                    meter
	agreed                   []agreed
	attached                 []attachedHere
}

// due is something scheduled: for an instant, or, with the zero instant, for the
// end of what runs.
type due struct {
	on       time.Time
	asked    time.Time
	plan     *plan.Plan
	quantity *int64
	price    string
	policy   plan.Policy
	resumeAt time.Time
	cycles   int

	addOn      *plan.AddOn // attached
	attachment string
	detach     bool
	until      time.Time // of what is attached
}

func (m *machine) clone() *machine {
	c := *m
	c.changes, c.attached = slices.Clone(m.changes), slices.Clone(m.attached)
	return &c
}

// stages returns the phases and then the plan itself.
func (m *machine) stages() int { return len(m.plan.Phases) + 1 }

func (m *machine) phase() (plan.Phase, bool) {
	if m.stage < len(m.plan.Phases) {
		return m.plan.Phases[m.stage], true
	}
	return plan.Phase{}, false
}

func (m *machine) every() calendar.Interval {
	if p, ok := m.phase(); ok && !p.Every.IsZero() {
		return p.Every
	}
	return m.plan.Every
}

func (m *machine) choices(p plan.Policy) plan.Policy {
	return p.Or(m.policy).Or(m.plan.Policy).Or(plan.DefaultPolicy())
}

// run does everything that is due up to and including t.
func (m *machine) run(t time.Time) {
	for {
		next := m.nextInstant()
		if next.IsZero() || next.After(t) {
			break
		}
		m.now = next
		m.instant()
		m.settle()
		m.watch()
	}
	if t.After(m.now) {
		m.now = t
	}
}

// nextInstant returns the instant at which something is due next.
func (m *machine) nextInstant() time.Time {
	var best time.Time
	consider := func(t time.Time) {
		if !t.IsZero() && (best.IsZero() || t.Before(best)) {
			best = t
		}
	}
	if m.life == "ended" {
		return best
	}
	consider(m.endDate)
	if m.isBound() {
		if m.cancel != nil && m.cancel.on.IsZero() {
			consider(m.leaves(m.cancel.asked))
		}
		if m.renewalOff {
			consider(m.leaves(m.bond.noticed))
		}
		if m.plan.Term != nil && m.lastTerm() > 0 {
			consider(m.termEnd(m.lastTerm()))
		}
	}
	for _, a := range m.attached {
		consider(a.until)
	}
	for _, d := range append(slices.Clone(m.changes), m.cancel) {
		if d != nil {
			consider(d.on)
		}
	}
	switch m.life {
	case "future":
		if !m.held {
			consider(m.start)
		}
	case "trial":
		consider(m.trialEnd)
	case "running":
		consider(m.until)
		if m.pause != nil {
			consider(m.pause.on)
		}
	case "paused":
		if !m.untilPassed {
			consider(m.until)
		}
		if m.resume != nil && !m.held {
			consider(m.resume.on)
		}
		if m.pause != nil && m.held {
			consider(m.pause.on)
		}
	}
	if m.inPeriods() {
		if m.stage < m.stages()-1 {
			consider(m.stageUntil)
		}
		if m.plan.Length != nil && m.plan.Length.AtEnd != plan.Roll {
			consider(m.lengthUntil)
		}
	}
	if best.Before(m.now) && !best.IsZero() {
		best = m.now
	}
	return best
}

// inPeriods reports whether periods pass: one has begun, and no trial or end has
// come since.
func (m *machine) inPeriods() bool {
	return m.begun && (m.life == "running" || m.life == "paused")
}

func (m *machine) isDue(t time.Time) bool { return !t.IsZero() && !t.After(m.now) }

// instant does what is due now.
func (m *machine) instant() {
	now := m.now
	inPeriod := m.inPeriods() && !(m.life == "paused" && m.untilPassed) && !m.until.IsZero()
	m.closingPeriod = inPeriod && !m.until.After(now)
	trialOver := m.life == "trial" && m.isDue(m.trialEnd)
	endsNow := m.closingPeriod || trialOver

	// Endings by cancel and by end date; before one that is cut at the end of the day the
	// phase that begins there, which has that day.
	if _, ok := m.phase(); ok && m.life == "running" && m.begun && !m.closingPeriod && m.isDue(m.stageUntil) {
		if m.cancel != nil && m.isDue(m.cancel.on) && m.cutLater(m.cancel.policy) || m.isDue(m.endDate) && m.cutLater(plan.Policy{}) {
			m.nextPhase()
		}
	}
	bound := m.wasBound()
	if m.cancel != nil && (m.isDue(m.cancel.on) || m.cancel.on.IsZero() && (!bound && endsNow || bound && m.isDue(m.leaves(m.cancel.asked)))) {
		m.end(lifecycle.CauseCancel, m.cancel.policy)
		return
	}
	if m.isDue(m.endDate) {
		m.end(lifecycle.CauseEndDate, plan.Policy{})
		return
	}
	// Start and trial end.
	switch {
	case m.life == "future" && !m.held && m.isDue(m.start):
		m.begin()
	case trialOver:
		m.endTrial()
		if m.life == "ended" {
			return
		}
	}
	// The next phase.
	if p, ok := m.phase(); ok && m.inPeriods() {
		byCycles := p.Cycles > 0 && m.closingPeriod && m.life == "running" && m.stageCycle >= p.Cycles
		if byCycles || m.isDue(m.stageUntil) {
			m.nextPhase()
		}
	}
	// Scheduled changes, in order of call.
	for _, d := range slices.Clone(m.changes) {
		if m.isDue(d.on) || d.on.IsZero() && endsNow {
			m.changes = slices.DeleteFunc(m.changes, func(x *due) bool { return x == d })
			m.change(d)
		}
	}
	m.settle()
	// Pause, then resume.
	if d := m.pause; m.life == "running" && d != nil && (m.isDue(d.on) || d.on.IsZero() && m.closingPeriod) {
		m.pauseNow(d)
	}
	if d := m.pause; m.life == "paused" && m.held && d != nil && (m.isDue(d.on) || d.on.IsZero() && m.closingPeriod) {
		m.ownPause = true // remembered under the hold
		m.pause = nil
		m.bound(d)
	}
	if m.life == "paused" && m.resume != nil && !m.held && m.isDue(m.resume.on) {
		m.resumeNow(m.resume.policy)
	}
	// Endings by renewal off and by length.
	if m.inPeriods() {
		if bound = m.wasBound(); m.renewalOff && (!bound && m.closingPeriod || bound && m.isDue(m.leaves(m.bond.noticed))) {
			m.end(lifecycle.CauseNoRenewal, plan.Policy{})
			return
		}
		if bound && m.plan.Term != nil && m.lastTerm() > 0 && m.isDue(m.termEnd(m.lastTerm())) {
			m.end(lifecycle.CauseLength, plan.Policy{})
			return
		}
		if l := m.plan.Length; l != nil && l.AtEnd != plan.Roll {
			if l.Cycles > 0 && m.closingPeriod && m.cycle >= l.Cycles || m.isDue(m.lengthUntil) {
				m.end(lifecycle.CauseLength, plan.Policy{})
				return
			}
		}
	}
	// Renewal.
	if m.closingPeriod {
		switch m.life {
		case "running":
			if m.grid != nil {
				m.openPeriod()
			}
		case "paused":
			m.untilPassed = true
		}
	}
	m.closingPeriod = false
}

// cutLater reports whether what happens now is cut later, within the period.
func (m *machine) cutLater(p plan.Policy) bool {
	c := m.choices(p)
	if c.Basis == calendar.BySecond {
		return false
	}
	y, month, d := m.now.In(m.loc).Date()
	begun, ends := time.Date(y, month, d, 0, 0, 0, 0, m.loc), time.Date(y, month, d+1, 0, 0, 0, 0, m.loc)
	return c.ChangeDay == calendar.OldSide || c.ChangeDay == calendar.MoreSide && m.now.Sub(begun) > ends.Sub(m.now)
}

// openPeriod begins the period that the grid has at this instant.
func (m *machine) openPeriod() {
	m.cycle++
	m.stageCycle++
	m.ordinal++
	m.credited = false
	m.from, m.until, m.openedAt = m.now, m.grid.next(m.now), m.now
}

func (m *machine) begin() {
	m.countFrom(m.now)
	end := m.trialEnd
	if end.IsZero() && !m.trialUsed {
		end = m.grantedTrial(m.now)
	}
	if end.After(m.now) {
		m.life, m.trialUsed, m.trialEnd = "trial", true, end
		return
	}
	m.trialEnd = time.Time{}
	m.open(m.now)
}

func (m *machine) grantedTrial(from time.Time) time.Time {
	tr := m.plan.Trial
	switch {
	case tr == nil:
		return time.Time{}
	case !tr.Until.IsZero():
		return tr.Until
	}
	return plus(from, tr.Length, 1, calendar.Clamp, m.loc)
}

func (m *machine) endTrial() {
	rule := plan.BillAtTrialEnd
	if m.plan.Trial != nil && m.plan.Trial.AtEnd != "" {
		rule = m.plan.Trial.AtEnd
	}
	m.trialEnd = time.Time{}
	switch {
	case rule == plan.CancelAtTrialEnd:
		m.end(lifecycle.CauseCancel, plan.Policy{})
	case rule == plan.PauseAtTrialEnd || m.held:
		m.life, m.begun, m.untilPassed = "paused", false, true
		m.ownPause = m.held && rule == plan.PauseAtTrialEnd
	default:
		m.open(m.now)
	}
}

// open begins the first period of a new beginning: cycles and phases count anew.
func (m *machine) open(at time.Time) {
	m.life, m.begun, m.credited, m.fresh = "running", true, false, true
	m.stopped, m.untilPassed, m.openedAt = time.Time{}, false, m.now
	m.ordinal, m.regridded = m.ordinal+1, false
	m.countAnew(at)
	m.contracts(at)
	m.closingPeriod = false
	anchor := at
	if !m.askedAnchor.IsZero() {
		anchor, m.askedAnchor = m.askedAnchor, time.Time{}
	}
	m.layGrid(anchor)
	m.cycle, m.stageCycle, m.from, m.until = 1, 1, time.Time{}, time.Time{}
	if m.grid != nil {
		m.from, m.until = at, m.grid.next(at)
	}
}

// countAnew begins the count of phases and of the length at an instant.
func (m *machine) countAnew(at time.Time) {
	m.stage, m.stageCycle, m.cycle = 0, 0, 0
	m.stageUntil, m.lengthUntil = time.Time{}, time.Time{}
	m.timePhase(at)
	if l := m.plan.Length; l != nil && !l.Interval.IsZero() {
		from := at
		if !m.lengthFrom.IsZero() {
			from = m.lengthFrom
		}
		m.lengthUntil = plus(from, l.Interval, 1, m.plan.MonthEnd, m.loc)
	}
}

func (m *machine) timePhase(from time.Time) {
	m.stageUntil = time.Time{}
	if p, ok := m.phase(); ok && !p.Length.IsZero() {
		m.stageUntil = plus(from, p.Length, 1, m.plan.MonthEnd, m.loc)
	}
}

func (m *machine) layGrid(anchor time.Time) {
	m.grid = nil
	if !m.every().IsZero() {
		m.grid = newGrid(anchor, m.every(), m.plan.MonthEnd, m.loc)
	}
}

// nextPhase goes on to the next phase. On a boundary a phase with another step
// has a grid of its own; inside a period it keeps the anchor.
func (m *machine) nextPhase() {
	before := m.every()
	m.stage++
	m.stageCycle = 0
	if !m.closingPeriod && m.life == "running" {
		m.stageCycle = 1
	}
	m.timePhase(m.now)
	if m.every() == before {
		return
	}
	anchor := m.now
	if m.grid != nil && !m.closingPeriod && !m.now.Equal(m.from) {
		anchor = m.grid.anchor
		if m.life == "running" {
			m.cycle++ // the period is cut, and a part of a period counts as one
		}
	}
	m.newStep(anchor, m.now, m.closingPeriod || m.now.Equal(m.from) && m.openedAt.Equal(m.now))
}

// newStep puts the present step in force. Inside a period, that one is cut short
// and another begins; at the end of one the renewal will see to it.
func (m *machine) newStep(anchor, at time.Time, opened bool) {
	m.layGrid(anchor)
	switch m.life {
	case "paused":
		m.regridded = true
	case "running":
		if !opened || m.closingPeriod && m.grid == nil {
			m.ordinal++
		}
		if opened && m.closingPeriod && m.grid == nil {
			m.unopened = m.now
		}
	}
	switch {
	case m.grid == nil:
		m.from, m.until = time.Time{}, time.Time{}
	case !m.closingPeriod:
		if !m.untilPassed {
			m.from, m.until, m.openedAt = at, m.grid.next(at), m.now
		}
	}
}

// cut is where a change, a pause or an ending divides the running period: an
// instant by the second, else a civil midnight, but never behind the period's end,
// and not at all where what was scheduled falls on a boundary.
func (m *machine) cut(p plan.Policy, scheduled bool) time.Time {
	onBoundary := m.closingPeriod || m.now.Equal(m.from)
	if p.Basis == calendar.BySecond || onBoundary && scheduled {
		return m.now
	}
	at := midnight(m.now, 0, m.loc)
	if p.ChangeDay == calendar.OldSide {
		at = midnight(m.now, 1, m.loc)
	}
	if !m.until.IsZero() && at.After(m.until) {
		at = m.until
	}
	return at
}

// stop ends what is billed.
func (m *machine) stop(life string, p plan.Policy, credit plan.UnusedCredit, scheduled bool) {
	if m.life == "running" {
		if m.closingPeriod && m.unopened.Equal(m.now) { // what stops where it would begin never began
			m.ordinal, m.regridded = m.ordinal-1, true
		}
		at := m.cut(p, scheduled)
		m.stopped = laterOf(at, m.from)
		if credit != plan.CreditNone && at.Before(m.until) && (m.planAhead() && m.quantity > 0 || len(m.soldAhead()) > 0) {
			m.credited = true
		}
	}
	m.life = life
}

// change puts a plan, a quantity or a price in force.
func (m *machine) change(d *due) {
	p := m.choices(d.policy)
	if d.plan != nil && d.plan.Ref() == m.plan.Ref() && d.quantity == nil || m.refuses(d) != nil {
		return
	}
	cut, scheduled := m.cut(p, d.asked.Before(m.now)), d.asked.Before(m.now)
	begins := laterOf(cut, m.from)
	if p.ChangeAnchor == plan.ResetAnchor {
		begins = cut
	}
	if m.life != "running" {
		cut, begins = m.now, m.now
	}
	opens := scheduled && (m.closingPeriod || m.now.Equal(m.from) && m.openedAt.Equal(m.now))
	paid, end, sold := m.planAhead() && m.quantity > 0, m.until, m.soldAhead()
	apart := m.attachOrDetach(d)
	divides := d.price != "" || !apart && d.quantity != nil && *d.quantity != m.quantity || p.ChangeAnchor == plan.ResetAnchor
	if d.price != "" {
		m.price = d.price
	}
	if d.quantity != nil && !apart {
		m.quantity = *d.quantity
	}
	every, monthEnd := m.every(), m.plan.MonthEnd
	replan := d.plan != nil && d.plan.Ref() != m.plan.Ref()
	if replan {
		m.owes(*d.plan)
		m.keepSold(*d.plan, p.ChangeAddOns)
		m.plan, m.price = *d.plan, ""
		m.lengthFrom = time.Time{}
		if m.plan.Term != nil && m.plan.Term.From == plan.FromStart {
			m.lengthFrom = begins
		}
		if (m.life == "trial" || m.life == "paused" && !m.begun) && m.plan.Length != nil && m.plan.Length.From == plan.FromStart {
			m.lengthFrom = m.now
		}
		if m.inPeriods() {
			m.countAnew(begins)
			m.contracts(begins)
			if m.life == "running" && !m.closingPeriod {
				m.cycle, m.stageCycle = 1, 1 // the rest of the period is a part one
			}
		} else {
			m.stage = 0
			m.until = time.Time{} // nothing of the old plan is left to come back to
		}
	}
	if !m.inPeriods() {
		return
	}
	step := m.every() != every || m.plan.MonthEnd != monthEnd
	if m.life == "running" && p.ChangeCredit != plan.CreditNone && p.ChargeNew == plan.ChargeNone && !opens {
		m.credited = m.credited || cut.Before(end) && (paid && (divides || replan || step) || m.dividesSold(sold, step || p.ChangeAnchor == plan.ResetAnchor))
	}
	if m.life == "running" && p.ChangeAnchor == plan.ResetAnchor {
		m.reset(cut, begins, replan, opens)
		return
	}
	if !step {
		return
	}
	anchor := m.now
	if m.grid != nil {
		anchor = m.grid.anchor
	}
	from := m.from
	m.newStep(anchor, laterOf(cut, m.now), opens)
	if m.life == "running" && !m.closingPeriod && m.grid != nil && !from.IsZero() {
		m.from = begins
	}
}

// reset begins a new period, and a new grid, at the cut of the change.
func (m *machine) reset(at, begins time.Time, replan, opens bool) {
	m.credited, m.fresh = false, true
	m.layGrid(at)
	if !opens || m.grid == nil && m.closingPeriod {
		m.ordinal++
	}
	if m.grid == nil {
		m.from, m.until = time.Time{}, time.Time{}
		return
	}
	switch {
	case m.closingPeriod && at.Equal(m.now):
		return // the renewal opens it
	case m.closingPeriod:
		m.closingPeriod = false
		m.cycle++
		m.stageCycle++
	case m.now.After(m.from) && !replan:
		m.countPeriod(begins)
		if m.layGrid(at); m.grid == nil {
			return
		}
	}
	m.from, m.openedAt = at, m.now
	m.until = m.grid.next(laterOf(at, m.now))
}

// countPeriod counts a period that begins out of turn, and goes on to the next
// phase if the present one has had all of its own.
func (m *machine) countPeriod(at time.Time) {
	m.cycle++
	m.stageCycle++
	if p, ok := m.phase(); ok && p.Cycles > 0 && m.stageCycle > p.Cycles {
		before := m.every()
		m.stage++
		m.stageCycle = 1
		m.timePhase(at)
		if m.every() != before {
			m.layGrid(at)
		}
	}
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (m *machine) pauseNow(d *due) {
	p := m.choices(d.policy)
	m.stop("paused", p, p.PauseCredit, d.asked.Before(m.now))
	m.pause, m.untilPassed = nil, false
	m.bound(d)
}

// bound notes when a pause that begins now ends by itself.
func (m *machine) bound(d *due) {
	on := d.resumeAt
	if !on.IsZero() {
		on = laterOf(on, m.now)
	}
	if d.cycles > 0 && m.grid != nil {
		on = m.grid.atOrAfter(m.now)
		for range d.cycles {
			on = m.grid.next(on)
		}
	}
	if !on.IsZero() {
		m.resume = &due{on: on, asked: d.asked, policy: d.policy}
	}
}

func (m *machine) resumeNow(policy plan.Policy) {
	p := m.choices(policy)
	since := m.stopped
	m.life, m.ownPause, m.resume, m.stopped = "running", false, nil, time.Time{}
	if !m.begun {
		m.open(m.now)
		return
	}
	if term := m.plan.Term; term != nil && term.Pause == plan.PauseExtends && !m.bond.from.IsZero() {
		if n := dayOf(m.now, m.loc) - dayOf(since, m.loc); n > 0 {
			m.bond.from = plus(m.bond.from, calendar.Days(n), 1, calendar.Clamp, m.loc)
		}
	}
	if m.grid == nil {
		if m.untilPassed = false; m.regridded {
			m.ordinal, m.regridded = m.ordinal+1, false
		}
		return
	}
	over, at := m.untilPassed, m.now
	m.untilPassed = false
	switch p.ResumeAnchor {
	case plan.ExtendAnchor:
		end := m.until
		if p.Basis == calendar.BySecond && m.now.After(since) {
			end = m.until.Add(m.now.Sub(since))
		}
		if p.Basis != calendar.BySecond {
			if n := dayOf(m.now, m.loc) - dayOf(since, m.loc); n > 0 {
				end = plus(m.until, calendar.Days(n), 1, calendar.Clamp, m.loc)
			}
		}
		if !end.Equal(m.until) {
			m.layGrid(end)
		}
		m.until = end
		if m.now.Before(m.until) {
			m.closingPeriod, over = false, false
		}
	case plan.ResetAnchor:
		at = laterOf(m.now, since)
		m.layGrid(at)
		over, m.fresh = true, true
	}
	if m.now.Before(m.until) && !over {
		if m.cycle == 0 { // another plan came in the pause
			m.cycle = 1
		}
		if m.stageCycle == 0 {
			m.stageCycle = 1
		}
		if m.regridded {
			m.ordinal, m.regridded = m.ordinal+1, false
		}
		return
	}
	m.regridded = false
	if m.closingPeriod {
		if p, ok := m.phase(); ok && p.Cycles > 0 && m.stageCycle >= p.Cycles {
			m.nextPhase()
		}
		return // the renewal opens it
	}
	m.countPeriod(at)
	m.credited = false
	m.ordinal++
	m.from, m.until, m.openedAt = at, m.grid.next(at), m.now
}

func (m *machine) end(cause lifecycle.EndingCause, p plan.Policy) {
	if m.life != "future" { // what was agreed and has not begun can still begin
		m.trialEnd, m.start = time.Time{}, time.Time{}
	}
	asked := cause == "" || m.cancel != nil && cause == lifecycle.CauseCancel && !m.cancel.asked.Before(m.now)
	m.stop("ended", m.choices(p), m.choices(p).CancelCredit, !asked)
	m.endedBy = cause
	m.closed = cause != "" && cause != lifecycle.CauseCancel
	m.ownPause = false
	m.cancel, m.pause, m.resume, m.changes = nil, nil, nil, nil
	m.closingPeriod = false
}

func (m *machine) status() lifecycle.Status {
	switch m.life {
	case "future":
		return lifecycle.Future
	case "trial":
		return lifecycle.InTrial
	case "paused":
		return lifecycle.Paused
	case "ended":
		return lifecycle.Cancelled
	}
	if m.endings() != 0 {
		return lifecycle.NonRenewing
	}
	return lifecycle.Active
}

func (m *machine) entitled() bool {
	return !m.held && !m.suspended && (m.life == "trial" || m.life == "running")
}

func (m *machine) billable() bool { return m.life == "running" }

// runsUntil returns the end of what runs: the wait, the trial, or the period.
func (m *machine) runsUntil() time.Time {
	switch m.life {
	case "future":
		return m.start
	case "trial":
		return m.trialEnd
	}
	return m.until
}

// foreseen returns every ending ahead by its cause.
func (m *machine) foreseen() map[lifecycle.EndingCause]time.Time {
	all := map[lifecycle.EndingCause]time.Time{}
	if m.life == "ended" {
		return all
	}
	if m.cancel != nil {
		all[lifecycle.CauseCancel] = m.cancel.on
		if m.cancel.on.IsZero() {
			all[lifecycle.CauseCancel] = m.runsUntil()
			if m.isBound() {
				all[lifecycle.CauseCancel] = m.leaves(m.cancel.asked)
			}
		}
	}
	if !m.endDate.IsZero() {
		all[lifecycle.CauseEndDate] = m.endDate
	}
	if !m.inPeriods() {
		return all
	}
	if m.renewalOff && m.isBound() {
		all[lifecycle.CauseNoRenewal] = m.leaves(m.bond.noticed)
	} else if m.renewalOff && !(m.life == "paused" && (m.untilPassed || m.until.IsZero())) {
		all[lifecycle.CauseNoRenewal] = m.until
	}
	if m.isBound() && m.plan.Term != nil && m.lastTerm() > 0 {
		return m.unlessReplanned(all, m.termEnd(m.lastTerm()))
	}
	l := m.plan.Length
	if l == nil || l.AtEnd == plan.Roll {
		return all
	}
	var at time.Time
	switch {
	case l.Cycles == 0:
		at = m.lengthUntil
	case m.grid == nil:
		return all
	case m.life == "paused":
		if m.cycle < l.Cycles || m.untilPassed {
			return all
		}
		at = m.until
	default:
		at = m.until
		for n := m.cycle; n < l.Cycles; n++ {
			at = m.grid.next(at)
		}
	}
	return m.unlessReplanned(all, at)
}

// unlessReplanned adds an ending by length, unless another plan comes before it, which counts
// its length anew.
func (m *machine) unlessReplanned(all map[lifecycle.EndingCause]time.Time, at time.Time) map[lifecycle.EndingCause]time.Time {
	for _, d := range m.changes {
		on := d.on
		if on.IsZero() {
			on = m.until
		}
		if d.plan != nil && !on.After(at) {
			return all
		}
	}
	all[lifecycle.CauseLength] = at
	return all
}

// endings returns the causes that fall into what runs.
func (m *machine) endings() lifecycle.Causes {
	var set lifecycle.Causes
	if m.life == "ended" {
		if m.endedBy != "" {
			set = set.With(m.endedBy)
		}
		return set
	}
	limit := m.bindsUntil()
	for cause, at := range m.foreseen() {
		if at.IsZero() || !limit.IsZero() && !at.After(limit) {
			set = set.With(cause)
		}
	}
	return set
}

// state returns what the lifecycle table asks.
func (m *machine) state() (lifecycle.State, error) {
	var flags lifecycle.Flags
	var waiting lifecycle.Scheduled
	set := func(on bool, f lifecycle.Flags) {
		if on {
			flags |= f
		}
	}
	wait := func(on bool, x lifecycle.Scheduled) {
		if on {
			waiting |= x
		}
	}
	set(m.held, lifecycle.Held)
	set(m.suspended, lifecycle.Suspended)
	set(m.closed, lifecycle.Closed)
	set(m.renewalOff, lifecycle.RenewalOff)
	set(!m.endDate.IsZero(), lifecycle.EndDateSet)
	set(m.held && m.life == "paused" && m.ownPause, lifecycle.OwnPause)
	set(m.held && m.life == "paused" && !m.ownPause && !m.begun, lifecycle.TrialLapsed)
	wait(m.cancel != nil, lifecycle.ScheduledCancel)
	wait(m.pause != nil, lifecycle.ScheduledPause)
	wait(m.resume != nil || m.pause != nil && (!m.pause.resumeAt.IsZero() || m.pause.cycles > 0), lifecycle.ScheduledResume)
	wait(len(m.changes) > 0, lifecycle.ScheduledChange)
	return lifecycle.NewState(m.status(), flags, m.endings(), waiting)
}
