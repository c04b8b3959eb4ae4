package billing_test

import (
	"math/big"
	"slices"
	"time"
)

func (c taleCharge) timing() string {
	if c.Usage != "" {
		return "arrears"
	}
	return naiveOr(c.Timing, "advance")
}

func (n *naive) charges() []taleCharge {
	all := n.plan.Charges
	if n.stage < len(n.plan.Phases) {
		all = n.plan.Phases[n.stage].Charges
	}
	for _, a := range n.attached {
		all = append(slices.Clip(all), a.own()...)
	}
	return all
}

func (n *naive) every() taleEvery {
	if n.stage < len(n.plan.Phases) {
		return n.plan.Phases[n.stage].Every
	}
	return n.plan.Every
}

func (n *naive) advances() bool {
	return slices.ContainsFunc(n.charges(), func(c taleCharge) bool { return !c.Once && c.timing() == "advance" })
}

// paysAhead tells whether one of these charges is paid in advance: what costs nothing
// is never given back.
func (n *naive) paysAhead(these func(id string) bool) bool {
	return slices.ContainsFunc(n.charges(), func(c taleCharge) bool {
		return !c.Once && c.timing() == "advance" && these(c.ID) && n.round(n.price(c).amount(n.of(c))) > 0
	})
}

func (n *naive) find(id string) (taleCharge, bool) {
	for _, c := range n.charges() {
		if c.ID == id {
			return c, true
		}
	}
	return taleCharge{}, false
}

func (n *naive) price(c taleCharge) talePrice {
	if p, ok := n.prices[c.ID]; ok {
		return n.risen(c.ID, p, true)
	}
	return n.risen(c.ID, c.Price, false)
}

func (n *naive) of(c taleCharge) *big.Rat {
	if q, ok := n.quantities[c.ID]; ok {
		return q
	}
	if c.Quantity != "" {
		return naiveRat(c.Quantity, "1")
	}
	return n.quantity
}

// open begins the first period of a new beginning.
func (n *naive) open(b *naiveBill, t time.Time) {
	from := naiveLater(t, n.floor)
	anchor := from
	if !n.anchor.IsZero() {
		anchor = n.anchor
	}
	n.anchor = time.Time{}
	n.kind, n.began, n.credited = "running", true, false
	n.stage, n.stageCycle, n.cycle = 0, 1, 1
	n.paid, n.runs, n.trialEnd = nil, nil, time.Time{}
	n.resumed = from
	n.boundStage(from)
	n.beginIncreases(from)
	n.lay(anchor, from, t)
	first, boundary := n.s.Sub.FirstPeriod, n.end
	if n.whole[0].Before(from) && n.s.Policy.FirstInvoice == "with_period" && first != "free" {
		n.joined = true
		_, n.end = n.grid.period(n.end)
	}
	b.wait = n.whole[0].Before(from) && n.s.Policy.FirstInvoice == "next"
	// Whether what is given at that very instant uses a cycle of a discount is not told.
	n.odd = n.odd || b.wait && slices.ContainsFunc(n.waiting, func(l *naiveLine) bool { return l.from.Equal(t) })
	if n.whole[0].Before(from) && (first == "full" || first == "free") { // a period of its own
		n.stub = &naiveStub{from: from, to: boundary, free: first == "free", joined: n.joined}
		n.whole = [2]time.Time{from, boundary}
	}
	b.opens, b.last = true, true
	b.regular = n.advances() && (n.stub == nil || !n.stub.free)
	n.charge(b, from, t, "prorate", true)
}

// lay lays the grid and begins a period of it at the cut of what happens at t.
func (n *naive) lay(anchor, cut, t time.Time) {
	n.grid = naiveGrid{anchor: anchor, every: n.every(), lastDay: n.s.Policy.MonthEnd == "last_day", loc: n.loc}
	n.begin(naiveLater(cut, t), t)
	n.start = cut
}

// begin begins the period of the grid that holds from.
func (n *naive) begin(from, t time.Time) {
	start, end := n.grid.period(from)
	n.whole = [2]time.Time{start, end}
	n.start, n.end, n.since = from, end, t
	n.number++
	n.begun()
	n.stub, n.joined, n.credited = nil, false, false
}

func (n *naive) boundStage(t time.Time) {
	n.stageEnd = time.Time{}
	if n.stage < len(n.plan.Phases) {
		if l := n.plan.Phases[n.stage].Length; l != nil {
			// From when the length of a phase counts that is changed to on the day of a start inside it is not told.
			n.odd = n.odd || t.Before(n.s.instant(n.s.Sub.Start))
			n.stageEnd = naiveWall(naiveStep(naiveClock(t, n.loc), l.Count, l.Unit, n.s.Policy.MonthEnd == "last_day"), n.loc)
		}
	}
}

func (n *naive) nextStage(t time.Time, boundary bool) {
	old, started := n.every(), n.start
	for _, p := range n.paid { // what was paid for a phase that ends in a pause gives way at the resume
		p.over = p.over || n.kind == "paused" && n.phased(p.id)
	}
	n.stage++
	n.stageCycle = 1
	n.boundStage(t)
	if n.kind == "running" && !boundary {
		n.resumed, n.staged = t, t // no cut of its first day lies before it
	}
	if n.kind == "paused" {
		n.odd = true // how its cycles count is not said
	}
	if n.every() == old || n.kind == "paused" {
		return
	}
	anchor, from := n.grid.anchor, t
	if boundary {
		from = naiveLater(t, n.floor) // a reset on the day of its cut begins there
		anchor = from
	} else if t.After(started) {
		n.cycle++ // the period is cut, and a part of one counts
	}
	if n.kind == "running" && !boundary {
		n.livedUntil(naiveLater(t, n.floor)) // it ends here, also where its minimum ended before
	}
	n.lay(anchor, from, t)
}
