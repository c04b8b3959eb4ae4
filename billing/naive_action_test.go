package billing_test

import (
	"maps"
	"math/big"
	"slices"
	"time"
)

// feeds reports whether an action only feeds an invoice.
func feeds(a taleAction) bool {
	return slices.Contains([]string{"usage", "discount", "one_off", "account_credit"}, a.Do)
}

func (n *naive) minor(text string) int64 { return naiveRound(naiveRat(text, "0"), n.digits, "") }

// feed notes what only feeds an invoice.
func (n *naive) feed(t time.Time, actions []taleAction) {
	for _, a := range actions {
		switch a.Do {
		case "discount":
			d := &naiveDiscount{a: a, used: map[int]bool{}, given: map[int]*big.Rat{}}
			if a.For != nil {
				d.until = naiveWall(naiveStep(naiveClock(t, n.loc), a.For.Count, a.For.Unit, false), n.loc)
			}
			n.discounts = append(n.discounts, d)
		case "one_off":
			n.waiting = append(n.waiting, &naiveLine{from: t, amount: n.minor(a.Amount), kind: "one_off", now: a.Collect == "now", cycle: n.number})
		case "account_credit":
			n.balance += n.minor(a.Amount)
		}
	}
}

// act does one of the other actions.
func (n *naive) act(b *naiveBill, t time.Time, a taleAction) {
	now := a.Effective == "" || a.Effective == "now"
	due := &naiveDue{a: a}
	if !now && a.Effective != "period_end" {
		due.at = n.s.instant(a.Effective)
		now = due.at.Equal(t)
	}
	switch a.Do {
	case "change_plan", "change_quantity", "change_price", "attach", "detach":
		n.odd = n.odd || a.Do == "change_plan" && a.To == n.plan.ID
		if a.Effective != "" && a.Effective != "now" { // it replaces one that waits
			n.changes = slices.DeleteFunc(n.changes, func(d *naiveDue) bool {
				return d.a.Do == a.Do && d.a.Charge == a.Charge && d.a.ID == a.ID && d.a.Attachment == a.Attachment
			})
		}
		switch {
		case !now && (n.kind != "future" || !due.at.IsZero()):
			n.changes = append(n.changes, due)
		default:
			if a.Do == "change_plan" {
				n.leaves = n.s.plan(a.To)
			}
			n.change(b, t, a, false)
			n.leaves = nil
		}
	case "cancel":
		if now || a.Effective == "period_end" && (n.kind == "future" || n.kind == "paused" && !n.end.After(t)) {
			// Whether a pause that is ended has something left to give back is not told.
			n.odd = n.odd || n.kind == "paused" && naiveOr(a.Credit, "none") != "none"
			n.stopping = true
			n.stop(b, t, "ended", a, false)
			n.stopping = false
			return
		}
		n.odd = n.odd || n.pause != nil // whether a pause before an ending stands, the rules do not say
		n.cancel = due
		if a.Effective == "period_end" && n.kind == "running" {
			n.pause = nil
		}
	case "undo_cancel":
		n.cancel = nil
	case "pause":
		if now {
			n.stopping = true
			n.stop(b, t, "paused", a, false)
			n.stopping = false
			return
		}
		n.pause = due
	case "resume":
		n.resume(b, t, naiveOr(a.Anchor, "keep"))
	case "reactivate":
		n.reactivate(b, t)
	case "end_trial":
		n.trialEnd = t
		for _, c := range slices.Clone(n.changes) {
			if c.at.IsZero() { // it waited for this end
				n.changes = slices.DeleteFunc(n.changes, func(x *naiveDue) bool { return x == c })
				n.change(b, t, c.a, false)
			}
		}
		if n.cancel != nil && n.cancel.at.IsZero() {
			n.odd = true
		}
		n.open(b, t)
	case "extend_trial":
		n.trialEnd = n.s.instant(a.To)
	case "set_anchor":
		// Of which whole the days are a share that an anchor adds to a first period of its own is not told.
		n.odd = n.odd || n.stub != nil && n.kind == "running"
		n.setAnchor(b, t, a)
	case "set_next_billing":
		n.odd = n.odd || n.stub != nil || n.plan.Thresholds != nil
		to := n.s.instant(a.To)
		if a.Difference != "share" {
			n.spread(t, to)
			return
		}
		old := n.end
		n.stay(t)
		n.grid.anchor, n.moved, n.end = to, t, to
		_, end := n.grid.period(old)
		n.odd = n.odd || n.s.Policy.CreditBasis == "list" && old.Before(to) && !end.Equal(to) // a list price of several periods
		n.moveEnd(b, old, "prorate")
	}
}

// spread gives the running period another end: what is left of it costs what it did.
func (n *naive) spread(t, to time.Time) {
	was, old := n.grid, n.end
	basis := n.basis()
	before := func(from, to time.Time) *big.Rat { return was.share(from, to, basis) }
	n.stub = &naiveStub{from: t, to: to, worth: before(t, old), before: before}
	start, _ := was.period(t)
	n.odd = n.odd || !start.Equal(n.whole[0]) // of a period whose anchor moved, the whole is not told
	n.stub.long = to.Sub(start)
	for _, r := range n.runs {
		r.stub, r.long = n.stub, n.stub.long
	}
	for _, p := range n.paid {
		if p.to.Equal(old) || p.to.After(to) {
			p.worth, p.stub = before(p.from, p.to), n.stub
			if p.worth.Sign() == 0 {
				p.worth = big.NewRat(1, 1)
			}
			p.to = to
		}
	}
	n.stay(t)
	n.grid.anchor, n.moved, n.end = to, t, to
}

// all are the plan's charges and those of its phases.
func (p *talePlan) all() []taleCharge {
	all := slices.Clone(p.Charges)
	for _, phase := range p.Phases {
		all = append(all, phase.Charges...)
	}
	return all
}

// moot reports that the plan changed and lacks the charge: nothing is left to change.
func (n *naive) moot(a taleAction) bool {
	if n.gone(a) {
		return true
	}
	return a.Do != "change_plan" && n.holder(a.Charge) < 0 && a.Charge != "" && !slices.ContainsFunc(n.plan.all(), func(c taleCharge) bool { return c.ID == a.Charge })
}

// foreseen is a copy on which changes that are known can be put beforehand.
func (n *naive) foreseen() *naive {
	return &naive{
		s: n.s, plan: n.plan, stage: n.stage, quantity: n.quantity, quantities: maps.Clone(n.quantities), prices: maps.Clone(n.prices), attached: slices.Clone(n.attached), once: n.once,
		digits: n.digits, rising: naiveIncrease{times: n.rising.times, since: maps.Clone(n.rising.since)},
	}
}

// put puts the terms of a change in force.
func (n *naive) put(a taleAction) {
	if a.Do == "attach" || a.Do == "detach" || a.Attachment != "" {
		n.attach(a)
		return
	}
	switch a.Do {
	case "change_plan":
		kept := map[string]talePrice{}
		if how := n.s.Policy.ChangePrices; how == "keep" || how == "scale" {
			for id, price := range n.prices {
				same := func(c taleCharge) bool { return c.ID == id }
				to := n.s.plan(a.To).all()
				k := slices.IndexFunc(to, same)
				if k < 0 {
					continue
				}
				kept[id] = n.risen(id, price, true)
				if from := n.plan.all(); how == "scale" {
					listed := n.risen(id, from[slices.IndexFunc(from, same)].Price, false)
					kept[id] = n.scaled(kept[id], listed, to[k].Price)
				}
			}
		}
		defer func() { maps.Copy(n.prices, kept) }()
		n.plan = n.s.plan(a.To)
		n.stage, n.stageCycle, n.cycle = 0, 1, 1
		n.detach(n.leftBehind(n.plan))
		maps.DeleteFunc(n.prices, func(id string, _ talePrice) bool { return n.holder(id) < 0 })
		maps.DeleteFunc(n.quantities, func(id string, _ *big.Rat) bool {
			return n.holder(id) < 0 && !slices.ContainsFunc(n.plan.all(), func(c taleCharge) bool { return c.ID == id })
		})
		if a.Quantity != "" {
			n.quantity = naiveRat(a.Quantity, "1")
		}
	case "change_quantity":
		if a.Charge != "" {
			n.quantities[a.Charge] = naiveRat(a.Quantity, "1")
		} else {
			n.quantity = naiveRat(a.Quantity, "1")
		}
	case "change_price":
		n.prices[a.Charge] = *a.Price
		if n.rising.since != nil {
			n.rising.since[a.Charge] = n.rising.times
		}
	}
}

// unbegun says that no period of a plan changed to in a pause has begun: the resume
// opens its first.
func (n *naive) unbegun() { n.cycle, n.stageCycle = 0, 0 }

// change puts other terms in force.
func (n *naive) change(b *naiveBill, t time.Time, a taleAction, boundary bool) {
	if a.Do == "change_plan" && a.To == n.plan.ID {
		n.odd = true
	}
	credit, mode := naiveOr(a.Credit, "prorate"), naiveOr(a.ChargeNew, "prorate")
	inside := n.kind == "running" && !boundary
	started := n.start
	cut := t
	runs := inside && len(n.runs) > 0
	if inside {
		if cut = n.cut(t); a.Anchor == "reset" {
			cut = n.resetCut(t)
		}
		n.floor = n.resetCut(t)
		how := credit
		if credit == "none" && mode == "none" {
			how = "keep"
		}
		n.closeFor(b, t, cut, n.affects(a), how, true)
		if a.Do == "change_plan" || a.Anchor == "reset" {
			n.livedUntil(cut)
		}
	}
	moves := inside && cut.Before(n.end) && n.paysAhead(n.affects(a))
	replan := a.Do == "change_plan"
	n.left = map[string]bool{} // what the change leaves alone
	for _, c := range n.charges() {
		n.left[c.ID] = inside && !n.affects(a)(c.ID)
	}
	defer func() { n.left = nil }()
	every := n.every()
	n.put(a)
	if replan {
		n.odd = n.odd || slices.ContainsFunc(n.changes, func(d *naiveDue) bool { return d.a.To == a.To })
		if n.kind == "paused" {
			n.unbegun()
		}
		if n.began {
			begins := cut
			if inside && a.Anchor != "reset" {
				begins = naiveLater(cut, started)
			}
			n.boundStage(begins)
			n.beginIncreases(begins)
		}
		if n.stub != nil {
			again := *n.stub
			again.replanned = true
			n.stub = &again
		}
	}
	if n.kind != "running" {
		n.odd = n.odd || n.kind == "paused" && n.every() != every // the grid of a pause is not told
		if a.Anchor == "reset" && n.kind == "trial" && t.Equal(n.trialEnd) {
			n.anchor = t
			n.odd = n.odd || !n.cut(t).Equal(t) // a boundary, or a reset at a midnight
		}
		return
	}
	if credit != "none" && mode == "none" && moves {
		n.credited = true
	}
	if a.Anchor == "reset" {
		n.resumed = time.Time{}
		if !boundary {
			if !replan && t.After(n.start) {
				n.cycle++
				n.stageCycle++
				// Whether the last cycle may be cut in two is not said.
				n.odd = n.odd || n.stage < len(n.plan.Phases) && n.plan.Phases[n.stage].Cycles > 0 && n.stageCycle > n.plan.Phases[n.stage].Cycles ||
					n.plan.Cycles > 0 && n.cycle > n.plan.Cycles
			}
		}
		n.lay(cut, cut, t)
		b.opens, b.regular = true, b.regular || runs || n.advances()
		if mode == "full" {
			mode = "prorate"
		}
	} else if n.every() != every {
		credited := n.credited
		n.lay(n.grid.anchor, naiveLater(cut, started), t)
		n.odd = n.odd || cut.After(t) && n.whole[0].Equal(cut) // whether the change bills the period that begins at its cut
		n.credited = credited
		b.opens, b.regular = true, b.regular || runs || n.advances()
	}
	for _, p := range n.paid {
		// What was paid beyond the new period's end, and not credited: what becomes of
		// it is not said.
		n.odd = n.odd || p.to.After(n.end)
		// Nor of what was paid for a charge that now accrues.
		n.odd = n.odd || inside && slices.ContainsFunc(n.charges(), func(c taleCharge) bool { return c.ID == p.id && c.timing() == "arrears" })
	}
	if inside {
		if cut.Before(started) && a.Anchor != "reset" {
			cut = started
		}
		n.covered = credit == "none"
		n.charge(b, cut, t, mode, replan)
		n.covered = false
		b.wait = a.Collect == "next_invoice"
	}
}

// stop ends or pauses what runs.
func (n *naive) stop(b *naiveBill, t time.Time, kind string, a taleAction, boundary bool) {
	credit := naiveOr(a.Credit, "none")
	if n.kind == "running" && !boundary {
		cut := n.cut(t)
		n.floor, n.pausedCut = n.resetCut(t), cut // no part before it holds the day of a start inside it
		how := credit
		if credit == "none" {
			how = "keep"
		}
		n.closeFor(b, t, cut, func(string) bool { return true }, how, false)
		n.livedUntil(cut)
		if n.min != nil && (n.min.term == nil || n.min.term.Instalments && kind == "paused") {
			n.trueUp(b, n.min, n.min.term == nil)
		}
		n.credited = n.credited || credit != "none" && cut.Before(n.end) && n.paysAhead(func(string) bool { return true })
	} else if n.kind == "running" {
		n.pausedCut = t
	}
	if s := n.min; s != nil && s.term != nil && n.kind == "running" && boundary && kind == "paused" {
		if full := s.periods >= s.term.Cycles; full || s.term.Instalments {
			n.trueUp(b, s, full)
			s.over = full
		}
	}
	n.kind, b.last = kind, true
	n.pause, n.resumeAt = nil, time.Time{}
	if kind == "ended" {
		n.cancel, n.changes = nil, nil
		lines := len(b.lines)
		if n.leave(b); len(b.lines) > lines || n.min != nil && n.min.term != nil && !n.min.over {
			n.trueUp(b, n.min, true)
			n.min.over = true
		}
		return
	}
	n.resumeAt = n.s.instant(a.ResumeAt)
	n.odd = n.odd || !n.resumeAt.IsZero() && !n.resumeAt.After(t) // the boundary moved beyond the pause's own end
	if a.Cycles > 0 {
		first, next := n.grid.period(t)
		if !first.Equal(t) {
			first = next
		}
		for range a.Cycles {
			_, first = n.grid.period(first)
		}
		n.resumeAt = first
	}
}

func (n *naive) resume(b *naiveBill, t time.Time, how string) {
	n.kind, n.resumeAt = "running", time.Time{}
	from := naiveLater(t, n.floor)
	n.resumed = from
	switch how {
	case "reset":
		n.paid, n.runs = nil, nil
		n.lay(from, from, t)
		n.turn(t)
		b.opens = true
		n.charge(b, from, t, "prorate", true)
		b.regular, b.last = n.advances(), true
		return
	case "extend":
		old := n.end
		if n.basis() == "second" {
			n.end = n.end.Add(from.Sub(n.pausedCut))
		} else {
			days := int(naiveDays(n.pausedCut, from, "day", n.loc))
			n.end = naiveWall(naiveClock(n.end, n.loc).AddDate(0, 0, days), n.loc)
		}
		if !n.end.Equal(old) {
			n.moveGrid(old, t)
			n.odd = n.odd || n.stub != nil && n.stub.worth != nil // two moves of one period
			if n.stub != nil {
				moved := *n.stub
				moved.from, moved.to = from, n.end
				days := int(naiveDays(old, n.end, "day", n.loc))
				if first := naiveWall(naiveClock(n.stub.from, n.loc).AddDate(0, 0, days), n.loc); n.basis() != "second" && first.Before(from) {
					moved.from = first
				} else if n.basis() == "second" {
					moved.from = n.stub.from.Add(n.end.Sub(old))
				}
				n.stub = &moved
			}
		}
		if n.stub != nil && n.stub.joined {
			n.odd = true
		}
		n.movePieces(old)
		for _, p := range n.paid {
			if p.to.Equal(old) {
				p.to = n.end
			}
		}
	}
	if t.Before(n.end) {
		n.cycle, n.stageCycle = max(n.cycle, 1), max(n.stageCycle, 1)
	} else {
		n.begin(t, t)
		n.start, n.paid = from, nil
		n.turn(t)
		b.regular, b.opens = n.advances(), true
	}
	b.last = slices.ContainsFunc(n.charges(), func(c taleCharge) bool {
		return !c.Once && c.timing() == "advance" && !n.paidUntil(c.ID).After(t)
	})
	n.goOn(b, from, t)
}

// movePieces moves the boundaries between lines that bill a period together, behind the pause that a
// resume ends, so that as many lie before the end of the period as did.
func (n *naive) movePieces(old time.Time) {
	for _, p := range n.paid {
		c, ok := n.find(p.id)
		if !ok || !n.joined && c.PriceEvery == nil {
			continue
		}
		grid, _ := n.priceGrid(c.PriceEvery, nil)
		was, is, last := old, n.end, p.grid
		for was.After(n.pausedCut) {
			if was, _ = last.period(was.Add(-1)); !was.After(n.pausedCut) {
				break
			}
			is, _ = grid.period(is.Add(-1))
			if p.from.Equal(was) {
				p.from = is
			}
			if p.to.Equal(was) {
				p.to = is
				break
			}
		}
	}
}

// goOn charges for the running period again. What follows what was billed up to a cut is
// billed where that cut was.
func (n *naive) goOn(b *naiveBill, from, t time.Time) {
	n.giveWay(b, from)
	n.left = map[string]bool{}
	for _, p := range n.paid {
		n.left[p.id] = n.left[p.id] || p.to.After(from)
	}
	n.charge(b, from, t, "prorate", true)
	n.left = nil
}

// giveWay gives back what was paid for a phase that is over.
func (n *naive) giveWay(b *naiveBill, from time.Time) {
	for _, p := range n.paid {
		if p.over {
			n.credit(b, p, from, p.to, "prorate", true)
		}
	}
	n.paid = slices.DeleteFunc(n.paid, func(p *naivePaid) bool { return p.over })
}

// turn counts a period that begins out of turn.
func (n *naive) turn(t time.Time) {
	n.cycle++
	n.stageCycle++
	n.credited = false
	if n.stage < len(n.plan.Phases) && n.plan.Phases[n.stage].Cycles > 0 && n.stageCycle > n.plan.Phases[n.stage].Cycles {
		n.nextStage(t, true)
	}
}

func (n *naive) reactivate(b *naiveBill, t time.Time) {
	// Whether a period is billed twice that was begun, ended and begun again at one instant is not told.
	n.odd = n.odd || n.began && t.Equal(n.start)
	if n.began && t.Before(n.end) && !n.credited && n.advances() {
		n.kind = "running"
		n.cycle, n.stageCycle = max(n.cycle, 1), max(n.stageCycle, 1)
		if !n.stageEnd.IsZero() && !n.stageEnd.After(t) { // it ended in the meantime, and what was paid for it gives way
			for _, p := range n.paid {
				p.over = n.phased(p.id)
			}
			n.giveWay(b, naiveLater(t, n.floor))
			n.runs = nil
			n.nextStage(t, false)
		}
		n.resumed = naiveLater(t, n.floor)
		n.goOn(b, n.resumed, t)
		return
	}
	if !n.began && t.Before(n.s.instant(n.s.Sub.Start)) {
		n.kind = "future"
		return
	}
	n.open(b, t)
}

func (n *naive) setAnchor(b *naiveBill, t time.Time, a taleAction) {
	anchor := n.s.instant(a.Anchor)
	if n.kind != "running" {
		n.anchor = anchor
		return
	}
	old := n.end
	n.stay(t)
	n.grid.anchor, n.moved = anchor, t
	_, n.end = n.grid.period(naiveLater(t, n.start)) // a period that begins at a cut still ahead ends behind it
	n.moveEnd(b, old, a.Proration)
}

// moveEnd makes what was paid up to the old end of the period reach to the present one.
func (n *naive) moveEnd(b *naiveBill, old time.Time, proration string) {
	a := taleAction{Proration: proration}
	for _, p := range slices.Clone(n.paid) {
		if beyond := p.to.After(n.end); !p.to.Equal(old) && !(beyond && n.end.Before(old)) {
			n.odd = n.odd || beyond
			continue
		}
		switch {
		case n.end.Before(old):
			if a.Proration != "none" {
				n.credit(b, p, naiveLater(n.end, p.from), p.to, "prorate", true)
			}
			p.to = n.end
		case n.paidUntil(p.id).After(old): // charged
		case a.Proration == "none" && n.end.After(old): // what follows is neither charged nor ever credited
			n.paid = append(n.paid, &naivePaid{id: p.id, from: old, to: n.end, number: n.number, never: true})
		case a.Proration == "none":
			p.to = n.end
		default:
			if c, ok := n.find(p.id); ok { // not of a plan that was left
				n.advance(b, c, old, "prorate")
			}
		}
	}
	n.paid = slices.DeleteFunc(n.paid, func(p *naivePaid) bool { return !p.to.After(p.from) })
}
