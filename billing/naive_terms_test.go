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
	if n.stage < len(n.plan.Phases) {
		return n.plan.Phases[n.stage].Charges
	}
	return n.plan.Charges
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
		return p
	}
	return c.Price
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
	anchor := t
	if !n.anchor.IsZero() {
		anchor = n.anchor
	}
	n.anchor = time.Time{}
	n.kind, n.began, n.credited = "running", true, false
	n.stage, n.stageCycle, n.cycle = 0, 1, 1
	n.paid, n.runs, n.trialEnd = nil, nil, time.Time{}
	n.boundStage(t)
	n.lay(anchor, t)
	mode := "prorate"
	if began, _ := n.grid.period(t); began.Before(t) { // a stub before the first boundary
		mode = map[string]string{"full": "full", "free": "none"}[n.s.Sub.FirstPeriod]
	}
	n.charge(b, t, t, mode, true)
	b.regular, b.last = n.advances(), true
}

// lay lays the grid and finds the period that holds t, from t on.
func (n *naive) lay(anchor, t time.Time) {
	n.grid = naiveGrid{anchor: anchor, every: n.every(), lastDay: n.s.Policy.MonthEnd == "last_day", loc: n.loc}
	_, n.end = n.grid.period(t)
	n.start = t
}

func (n *naive) boundStage(t time.Time) {
	n.stageEnd = time.Time{}
	if n.stage < len(n.plan.Phases) {
		if l := n.plan.Phases[n.stage].Length; l != nil {
			n.stageEnd = naiveWall(naiveStep(naiveClock(t, n.loc), l.Count, l.Unit, n.s.Policy.MonthEnd == "last_day"), n.loc)
		}
	}
}

func (n *naive) nextStage(t time.Time, boundary bool) {
	old := n.every()
	n.stage++
	n.stageCycle = 1
	n.boundStage(t)
	if n.kind == "paused" {
		n.odd = true // how its cycles count is not said
	}
	if n.every() == old || n.kind == "paused" {
		return
	}
	anchor := n.grid.anchor
	if boundary {
		anchor = t
	} else {
		n.cycle++ // the period is cut, and a part of one counts
	}
	n.lay(anchor, t)
}
