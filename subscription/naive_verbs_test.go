package subscription_test

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A verb is one call, in the words of the table, for both implementations.
type verb struct {
	action     lifecycle.Action
	actor      lifecycle.Actor
	at         time.Time
	policy     plan.Policy
	replace    bool
	dependents int
	cascade    bool

	on                        time.Time
	plan                      *plan.Plan
	quantity                  *int64
	charge                    string
	price                     string
	feature                   *bool
	resumeAt                  time.Time
	cycles                    int
	anchor, trialEnd, endDate time.Time
	nextBilling               time.Time

	addOn      *plan.AddOn
	attachment string
}

// shelf holds the plans of the walks, compiled once.
type shelf struct {
	plans    []plan.Plan
	versions map[plan.Ref]*plan.Version
	catalog  *plan.Catalog
}

// call does the verb on the package's subscription.
func (v verb) call(s subscription.Subscription, on *shelf) (subscription.Subscription, error) {
	c := subscription.Call{At: v.at, Actor: v.actor, Policy: v.policy, Replace: v.replace, Dependents: v.dependents, Cascade: v.cascade}
	return v.with(c, s, on)
}

func (v verb) with(c subscription.Call, s subscription.Subscription, on *shelf) (subscription.Subscription, error) {
	switch v.action {
	case lifecycle.Start:
		return s.StartNow(c)
	case lifecycle.EndTrial:
		return s.EndTrial(c)
	case lifecycle.ExtendTrial:
		return s.ExtendTrial(c, v.trialEnd)
	case lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate:
		return s.Cancel(c, v.when())
	case lifecycle.RemoveScheduledCancel:
		return s.UndoCancel(c)
	case lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate:
		return s.Pause(c, v.when(), subscription.Pause{Until: v.resumeAt, Cycles: v.cycles})
	case lifecycle.RemoveScheduledPause:
		return s.UndoPause(c)
	case lifecycle.ResumeNow:
		return s.Resume(c, subscription.Immediately())
	case lifecycle.ResumeOnDate:
		return s.Resume(c, subscription.On(v.resumeAt))
	case lifecycle.RemoveScheduledResume:
		return s.UndoResume(c)
	case lifecycle.Reactivate:
		return s.Reactivate(c, subscription.Reactivation{TrialEnd: v.trialEnd, EndDate: v.endDate})
	case lifecycle.ChangePlanNow, lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangePlanOnDate:
		if v.quantity != nil {
			return s.ChangePlanAndQuantity(c, v.when(), on.versions[v.plan.Ref()], decimal.NewFromInt(*v.quantity))
		}
		return s.ChangePlan(c, v.when(), on.versions[v.plan.Ref()])
	case lifecycle.ChangeQuantityNow, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangeQuantityOnDate:
		if v.attachment != "" {
			return s.ChangeAddOnQuantity(c, v.when(), v.attachment, decimal.NewFromInt(*v.quantity))
		}
		return s.ChangeQuantity(c, v.when(), v.charge, decimal.NewFromInt(*v.quantity))
	case lifecycle.AttachNow, lifecycle.AttachAtPeriodEnd, lifecycle.AttachOnDate:
		addOn, err := on.catalog.AddOn(v.addOn.Ref())
		if err != nil {
			return s, err
		}
		return s.Attach(c, v.when(), subscription.Attachment{ID: v.attachment, AddOn: addOn, Quantity: subscription.Units(*v.quantity), Until: v.endDate, Cycles: v.cycles})
	case lifecycle.DetachNow, lifecycle.DetachAtPeriodEnd, lifecycle.DetachOnDate:
		return s.Detach(c, v.when(), v.attachment)
	case lifecycle.ChangePriceNow, lifecycle.ChangePriceAtPeriodEnd, lifecycle.ChangePriceOnDate:
		return s.ChangePrice(c, v.when(), v.charge, plan.PerUnit{UnitAmount: decimal.RequireFromString(v.price)})
	case lifecycle.RemoveScheduledChange:
		return s.UndoChange(c)
	case lifecycle.SetAnchor:
		return s.SetAnchor(c, v.anchor)
	case lifecycle.SetNextBilling:
		return s.SetNextBilling(c, v.nextBilling, subscription.Free)
	case lifecycle.AutoRenewalOff:
		return s.SetAutoRenewal(c, false)
	case lifecycle.AutoRenewalOn:
		return s.SetAutoRenewal(c, true)
	case lifecycle.SetEndDate:
		return s.SetEndDate(c, v.endDate)
	case lifecycle.AddDiscount:
		return s.AddDiscount(c, plan.Discount{ID: "loyal", Percent: plan.Bound(decimal.NewFromInt(10)), Duration: plan.Forever})
	case lifecycle.AddOneOff:
		return s.AddOneOff(c, subscription.OneOff{ID: "setup", Amount: money.FromMinor(100, money.USD)})
	case lifecycle.AddAccountCredit:
		return s.AddAccountCredit(c, money.FromMinor(100, money.USD))
	case lifecycle.AddCreditPack:
		return s.AddCreditPack(c, "ten")
	case lifecycle.AssignFeatures:
		return s.AssignFeatures(c, feature.Overrides{"sso": feature.Turn(*v.feature)}, feature.Assignment{})
	case lifecycle.RevokeFeatures:
		return s.RevokeFeatures(c, []feature.Key{"sso"}, feature.Assignment{})
	case lifecycle.Update:
		name := "another name"
		return s.Update(c, subscription.Patch{Name: &name})
	case lifecycle.Hold:
		return s.Hold(c)
	case lifecycle.Release:
		return s.Release(c)
	case lifecycle.Suspend:
		return s.Suspend(c)
	case lifecycle.Restore:
		return s.Restore(c)
	case lifecycle.Close:
		return s.Close(c)
	}
	panic("no verb for " + v.action.String())
}

func (v verb) when() subscription.When {
	switch v.action {
	case lifecycle.CancelNow, lifecycle.PauseNow, lifecycle.ChangePlanNow, lifecycle.ChangeQuantityNow, lifecycle.ChangePriceNow,
		lifecycle.AttachNow, lifecycle.DetachNow:
		return subscription.Immediately()
	case lifecycle.CancelAtPeriodEnd, lifecycle.PauseAtPeriodEnd, lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangePriceAtPeriodEnd,
		lifecycle.AttachAtPeriodEnd, lifecycle.DetachAtPeriodEnd:
		return subscription.AtPeriodEnd()
	}
	return subscription.On(v.on)
}

// schedules reports that the verb puts a change off.
func (v verb) schedules() bool {
	switch v.action {
	case lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangePriceAtPeriodEnd,
		lifecycle.ChangePlanOnDate, lifecycle.ChangeQuantityOnDate, lifecycle.ChangePriceOnDate,
		lifecycle.AttachAtPeriodEnd, lifecycle.AttachOnDate, lifecycle.DetachAtPeriodEnd, lifecycle.DetachOnDate:
		return true
	}
	return false
}

// facts finds out, for a call, what the lifecycle table asks beside the state.
func (m *machine) facts(v verb) lifecycle.Facts {
	var set lifecycle.Facts
	put := func(on bool, f lifecycle.Facts) {
		if on {
			set |= f
		}
	}
	barred := func(p plan.Permission) bool {
		return p == plan.Nobody || p == plan.Operator && v.actor == lifecycle.Subscriber
	}
	rules := m.plan.Rules
	put(barred(rules.Cancel), lifecycle.CancelDenied)
	put(v.dependents > 0 && !v.cascade, lifecycle.DependentsLive)
	put(barred(rules.CancelNow), lifecycle.ImmediateCancelDenied)
	put(barred(rules.Pause), lifecycle.PauseDenied)
	put(barred(rules.Resume), lifecycle.ResumeDenied)
	put(barred(rules.Quantity), lifecycle.QuantityLocked)
	put(m.every().IsZero(), lifecycle.NoPeriods)
	put(m.trialUsed, lifecycle.TrialUsed)
	put(v.replace, lifecycle.Replaces)
	put(m.life == "future" && !m.start.After(m.now), lifecycle.StartPassed)
	put(m.life == "paused" && !m.isBound() && (!m.begun || m.untilPassed), lifecycle.PausedPeriodPassed)
	put(m.late(), lifecycle.NoticeLate)
	put(m.renews(v), lifecycle.PeriodRenews)
	if m.life == "future" {
		from := laterOf(m.start, m.now)
		if v.action == lifecycle.Start {
			from = m.now
		}
		end := m.trialEnd
		if end.IsZero() && !m.trialUsed {
			end = m.grantedTrial(from)
		}
		put(end.After(from), lifecycle.TrialAhead)
	}
	given := v.on
	switch v.action {
	case lifecycle.Reactivate:
		put(!v.trialEnd.IsZero(), lifecycle.TrialAhead)
		put(m.start.After(m.now), lifecycle.StartAhead)
		put(!m.endDate.IsZero() && !m.endDate.After(m.now) && v.endDate.IsZero(), lifecycle.EndPassed)
	case lifecycle.SetEndDate:
		given = v.endDate
		put(given.IsZero(), lifecycle.ClearsEndDate)
	case lifecycle.ExtendTrial:
		given = v.trialEnd
		put(given.Equal(m.now), lifecycle.DatePast)
		put(m.life == "future" && !given.After(m.start), lifecycle.DatesInvalid)
	case lifecycle.SetNextBilling:
		given = v.nextBilling
		put(given.Equal(m.now), lifecycle.DatePast)
	case lifecycle.ResumeOnDate:
		given = v.resumeAt
	}
	if !given.IsZero() {
		put(given.Before(m.now), lifecycle.DatePast)
		put(m.life == "future" && given.Before(m.start), lifecycle.DatesInvalid)
		if limit := m.runsUntil(); !limit.IsZero() {
			put(given.Before(limit) && v.action != lifecycle.CancelOnDate, lifecycle.EndsEarly)
			put(!given.After(m.bindsUntil()), lifecycle.EndsInPeriod)
		}
	}
	if v.action == lifecycle.CancelOnDate && !v.on.Before(m.now) {
		put(m.cutsTerm(v.on), lifecycle.EndsEarly)
	}
	falls := time.Time{}
	switch v.action {
	case lifecycle.ChangePlanOnDate, lifecycle.ChangeQuantityOnDate, lifecycle.ChangePriceOnDate, lifecycle.PauseOnDate,
		lifecycle.AttachOnDate, lifecycle.DetachOnDate:
		falls = v.on
	case lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangeQuantityAtPeriodEnd, lifecycle.ChangePriceAtPeriodEnd, lifecycle.PauseAtPeriodEnd,
		lifecycle.AttachAtPeriodEnd, lifecycle.DetachAtPeriodEnd:
		falls = m.runsUntil()
	case lifecycle.ResumeOnDate:
		falls = v.resumeAt
	}
	if !falls.IsZero() {
		for cause, at := range m.foreseen() {
			goesOn := cause == lifecycle.CauseLength && v.plan != nil && falls.Equal(at)
			put(!at.IsZero() && !falls.Before(at) && !goesOn, lifecycle.FallsAfterEnding)
		}
	}
	for _, d := range m.changes {
		put(d.sameThing(v) && d.on.Equal(v.on), lifecycle.ChangeRepeats)
	}
	if v.action == lifecycle.ChangeQuantityNow {
		had := m.quantity
		if v.attachment != "" {
			had = 0
			if i := m.attachment(v.attachment); i >= 0 {
				had = m.attached[i].quantity
			}
		}
		put(*v.quantity < had && v.policy.ChangeCredit == "", lifecycle.CreditUnchosen)
	}
	return set
}

// cutsTerm lives on to an instant and reports whether something runs then that would
// end later.
func (m *machine) cutsTerm(at time.Time) bool {
	then := m.clone()
	if before := at.Add(-1); before.After(then.now) {
		then.run(before)
	}
	switch then.life {
	case "trial":
		return at.Before(then.trialEnd)
	case "running":
		return at.Before(then.until)
	case "paused":
		return !then.untilPassed && at.Before(then.until)
	}
	return false
}

// withdrawn is the machine without what a verb replaces.
func (m *machine) withdrawn(v verb) *machine {
	c := m.clone()
	switch v.action {
	case lifecycle.CancelNow, lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate:
		c.cancel = nil
	case lifecycle.PauseNow, lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate:
		c.pause = nil
	}
	if v.schedules() && (m.life != "future" || !v.on.IsZero()) {
		c.changes = slices.DeleteFunc(c.changes, func(d *due) bool { return d.sameThing(v) })
	}
	return c
}

func (d *due) sameThing(v verb) bool {
	switch {
	case d.addOn != nil || v.addOn != nil || d.detach || detaches(v.action):
		return (d.addOn != nil) == (v.addOn != nil) && d.detach == detaches(v.action) && d.attachment == v.attachment
	case d.plan != nil:
		return v.plan != nil
	case d.price != "":
		return v.price != ""
	}
	return v.plan == nil && v.quantity != nil && d.attachment == v.attachment
}

// repeats reports that a feature is given, or taken back, that is so already.
func (m *machine) repeats(v verb) bool {
	switch v.action {
	case lifecycle.AssignFeatures:
		return m.feature != nil && *m.feature == *v.feature
	case lifecycle.RevokeFeatures:
		return m.feature == nil
	}
	return false
}

// do does what the table has allowed. ok is false for what has no effect beyond
// it: the value refuses.
func (m *machine) do(v verb) (ok bool) {
	p := m.choices(v.policy)
	later := &due{on: v.on, asked: m.now, plan: v.plan, quantity: v.quantity, price: v.price, policy: p, resumeAt: v.resumeAt, cycles: v.cycles}
	later.ofAddOns(v)
	if v.plan != nil && v.plan.Ref() == m.plan.Ref() && v.quantity == nil || m.refuses(later) != nil {
		return false
	}
	switch v.action {
	case lifecycle.Start:
		m.start = m.now
		m.begin()
	case lifecycle.EndTrial:
		m.trialEnd = m.now
	case lifecycle.ExtendTrial:
		m.trialEnd = v.trialEnd
	case lifecycle.CancelNow:
		m.end("", p)
	case lifecycle.CancelAtPeriodEnd, lifecycle.CancelOnDate:
		if v.on.IsZero() && (m.life == "future" || m.life == "paused" && !m.isBound() && (!m.begun || m.untilPassed)) {
			m.end("", p)
			break
		}
		drops := m.life == "running" && (v.on.IsZero() || !m.until.IsZero() && !v.on.After(m.bindsUntil())) && !m.renews(v) && !(v.on.IsZero() && m.late())
		m.cancel = later
		if drops {
			m.pause = nil
		}
	case lifecycle.RemoveScheduledCancel:
		m.cancel = nil
	case lifecycle.PauseNow:
		m.pauseNow(later)
	case lifecycle.PauseAtPeriodEnd, lifecycle.PauseOnDate:
		m.pause = later
	case lifecycle.RemoveScheduledPause:
		m.pause = nil
	case lifecycle.ResumeNow:
		if m.held {
			m.ownPause, m.resume = false, nil
			break
		}
		m.resumeNow(p)
	case lifecycle.ResumeOnDate:
		m.resume = &due{on: v.resumeAt, asked: m.now, policy: p}
	case lifecycle.RemoveScheduledResume:
		m.resume = nil
		if m.pause != nil {
			forGood := *m.pause
			forGood.resumeAt, forGood.cycles = time.Time{}, 0
			m.pause = &forGood
		}
	case lifecycle.Reactivate:
		if !m.reactivate(v) {
			return false
		}
	case lifecycle.ChangePlanNow, lifecycle.ChangeQuantityNow, lifecycle.ChangePriceNow, lifecycle.AttachNow, lifecycle.DetachNow:
		m.change(later)
	case lifecycle.ChangePlanAtPeriodEnd, lifecycle.ChangePlanOnDate, lifecycle.ChangeQuantityAtPeriodEnd,
		lifecycle.ChangeQuantityOnDate, lifecycle.ChangePriceAtPeriodEnd, lifecycle.ChangePriceOnDate,
		lifecycle.AttachAtPeriodEnd, lifecycle.AttachOnDate, lifecycle.DetachAtPeriodEnd, lifecycle.DetachOnDate:
		if v.on.IsZero() && m.life == "future" {
			m.change(later)
			break
		}
		m.changes = append(m.changes, later)
	case lifecycle.RemoveScheduledChange:
		m.changes = nil
	case lifecycle.SetAnchor:
		if m.life != "running" {
			m.askedAnchor = v.anchor
			break
		}
		m.layGrid(v.anchor)
		m.until = m.grid.next(m.now)
		if m.from.After(m.now) { // the period begins at a cut that is still ahead
			m.until = m.grid.next(m.from)
		}
	case lifecycle.SetNextBilling:
		if !v.nextBilling.After(m.from) {
			return false
		}
		m.layGrid(v.nextBilling)
		m.until = v.nextBilling
	case lifecycle.AutoRenewalOff, lifecycle.AutoRenewalOn:
		m.renewalOff, m.bond.noticed = v.action == lifecycle.AutoRenewalOff, time.Time{}
		if m.renewalOff {
			m.bond.noticed = m.now
		}
	case lifecycle.AssignFeatures, lifecycle.RevokeFeatures:
		m.feature = v.feature
	case lifecycle.SetEndDate:
		m.endDate = v.endDate
	case lifecycle.Hold:
		m.hold(p)
	case lifecycle.Release:
		m.release(p)
	case lifecycle.Suspend, lifecycle.Restore:
		m.suspended = v.action == lifecycle.Suspend
	case lifecycle.Close:
		if m.life != "ended" {
			m.end("", p)
		}
		m.closed, m.held, m.suspended, m.endedBy = true, false, false, ""
	}
	m.settle()
	m.watch()
	m.run(m.now) // what was scheduled for this very instant
	return true
}

func (m *machine) hold(p plan.Policy) {
	m.held = true
	switch m.life {
	case "running":
		m.stop("paused", p, p.PauseCredit, false)
		m.untilPassed = false
	case "paused":
		m.ownPause = true
	}
}

func (m *machine) release(p plan.Policy) {
	m.held = false
	m.pausedOut = m.resume != nil && m.isDue(m.resume.on)
	own := m.ownPause
	m.ownPause = false
	if m.life == "paused" && !own {
		m.resumeNow(p)
	}
}

// reactivate comes back into the period that was left, if it is paid, still runs
// and nothing of it was given back; else begins anew.
func (m *machine) reactivate(v verb) bool {
	if m.start.After(m.now) && (!v.trialEnd.IsZero() && !v.trialEnd.After(m.start) || !v.endDate.IsZero() && v.endDate.Before(m.start)) {
		return false
	}
	if !v.endDate.IsZero() {
		m.endDate = v.endDate
	}
	over := func(t time.Time) bool { return !t.IsZero() && !t.After(m.now) }
	if m.start.After(m.now) {
		m.life, m.closed, m.endedBy, m.held, m.suspended = "future", false, "", false, false
		if !v.trialEnd.IsZero() {
			m.trialEnd = v.trialEnd
		}
		return true
	}
	m.start, m.trialEnd = time.Time{}, time.Time{}
	same := m.begun && m.paidAhead() && m.now.Before(m.until) && !m.credited && !over(m.lengthUntil) &&
		!(m.plan.Term != nil && !m.bond.from.IsZero() && m.lastTerm() > 0 && over(m.termEnd(m.lastTerm())))
	m.closed, m.endedBy, m.held, m.suspended = false, "", false, false
	if !same || !v.trialEnd.IsZero() && !m.trialUsed {
		m.bond.from, m.bond.owed = time.Time{}, time.Time{}
	}
	if m.renewalOff {
		m.bond.noticed = m.now
	}
	at := laterOf(m.now, m.stopped)
	m.stopped = time.Time{}
	switch {
	case !v.trialEnd.IsZero() && !m.trialUsed:
		m.life, m.trialUsed, m.trialEnd, m.begun = "trial", true, v.trialEnd, false
		m.stage, m.stageUntil, m.lengthUntil, m.until = 0, time.Time{}, time.Time{}, time.Time{}
		m.countFrom(at)
	case same:
		m.life, m.untilPassed = "running", false
		m.cycle, m.stageCycle = max(m.cycle, 1), max(m.stageCycle, 1)
	default:
		m.countFrom(at)
		m.open(at)
	}
	return true
}

// countFrom notes a new beginning, for a length that counts from the start.
func (m *machine) countFrom(at time.Time) {
	m.lengthFrom = time.Time{}
	if l := m.plan.Length; l != nil && l.From == plan.FromStart {
		m.lengthFrom = at
	}
	if t := m.plan.Term; t != nil && t.From == plan.FromStart {
		m.lengthFrom = at
	}
}

// paidAhead reports whether something of the period is due in advance.
func (m *machine) paidAhead() bool {
	return m.planAhead() || slices.ContainsFunc(m.attached, func(a attachedHere) bool { return a.addOn.Charges[0].Timing == plan.Advance })
}

func (m *machine) planAhead() bool {
	charges := m.plan.Charges
	if p, ok := m.phase(); ok {
		charges = p.Charges
	}
	return slices.ContainsFunc(charges, func(c plan.Charge) bool {
		return !c.Once && c.Metric == "" && c.Timing != plan.Arrears
	})
}
