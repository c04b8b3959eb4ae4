package billing_test

import (
	"math/big"
	"slices"
	"time"
)

// naive is a subscription and its bills while its story is told forward, instant
// by instant.
type naive struct {
	s      tale
	loc    *time.Location
	digits int

	kind              string // future, trial, running, paused, ended
	plan              *talePlan
	stage             int // the phase; the plan's own charges come after the last one
	cycle, stageCycle int
	stageEnd          time.Time // of a phase with a length
	quantity          *big.Rat
	quantities        map[string]*big.Rat
	prices            map[string]talePrice
	grid              naiveGrid
	start, end        time.Time    // of the running period
	number            int          // of the running period, from 0; a billing cycle begins with each
	since             time.Time    // from which usage of the running period counts
	whole             [2]time.Time // what its days are a share of
	stub              *naiveStub   // a first period with a length of its own
	joined            bool         // the running period is a part and the whole period behind it
	floor             time.Time    // up to where time is divided already
	trialEnd          time.Time
	anchor            time.Time // asked for
	began             bool
	credited          bool // something of the running period was given back
	renews            bool
	pausedCut         time.Time // where the pause divides what is billed
	resumed           time.Time // from when service goes on: its line shows it
	cancel, pause     *naiveDue
	resumeAt          time.Time
	changes           []*naiveDue

	now    time.Time
	min    *naiveSpend   // of the running period
	closed []naiveClosed // of periods that are over, not trued up
	meets  bool          // changes meet at a boundary, whose period has not begun

	paid      []*naivePaid
	runs      []*naiveRun
	counts    []*naiveCount
	strays    []*naiveStray
	over      []naiveOver
	moved     time.Time // when an anchor was moved last
	caps      []*naiveCapped
	tables    []naiveTable
	counted   map[string]time.Time // up to which usage of a metric stands on lines
	waiting   []*naiveLine
	discounts []*naiveDiscount
	once      map[string]bool
	balance   int64
	interims  []naiveInterim
	life      int64 // what usage came to under thresholds over all life
	invoices  []naiveInvoice

	attached []naiveAttached
	rising   naiveIncrease

	// odd: the story did what the format has no rule for.
	odd bool
	// left are the charges that a change under way leaves alone.
	left map[string]bool
	// covered: a change under way credits nothing and charges nothing.
	covered bool
	// staged is where the present phase began, within a period.
	staged time.Time
	// stopping: an action ends or pauses service now.
	stopping bool
	// leaves is the plan that an action changes to now.
	leaves *talePlan
}

// naiveDue is an action that waits; at is zero for the period's end.
type naiveDue struct {
	at time.Time
	a  taleAction
}

// naivePaid is what was billed in advance, and naiveRun what accrues.
type naivePaid struct {
	id                   string
	from, to             time.Time
	whole                int64     // days (or seconds) that amount was billed for
	periodFrom, periodTo time.Time // by which it was
	grid                 naiveGrid // of these
	number               int
	stub                 *naiveStub
	amount, off, given   int64
	never                bool     // it was never charged
	over                 bool     // the phase that it was paid for is over
	worth                *big.Rat // of whole periods, once the next bill was moved
	draws                []naiveDraw
	min                  *naiveSpend // what the line counts towards
	line                 *taleMinimum
}

// naiveStub is a first period that is full or free.
type naiveStub struct {
	from, to  time.Time
	free      bool
	joined    bool // with the whole period behind it
	replanned bool // a plan was changed to in it
	// worth is what it costs, of whole periods, if it is what was left when the next bill was moved;
	// nil: one. before measures the time before it.
	worth  *big.Rat
	before func(from, to time.Time) *big.Rat
	long   time.Duration // the whole period, as it then is
}

type naiveRun struct {
	id          string
	from, since time.Time
	price       talePrice
	quantity    *big.Rat
	usage       string
	over        *taleEvery
	term        time.Time // from which its usage counts over a term
	values      []string  // of the dimensions of its price
	mode        string
	stub        *naiveStub
	joined      bool
	each        *taleEvery // what its price is for
	shown       time.Time  // where the last interim invoice ended
	number      int        // of its period
	whole       [2]time.Time
	long        time.Duration // the whole period of which a level is a share
	min         *naiveSpend   // what its lines count towards, by
	by          *taleMinimum
	most        *taleCap // of the plan
}

type naiveLine struct {
	from, to time.Time // to is zero for no period
	amount   int64
	charge   string
	kind     string
	paid     *naivePaid
	gives    *naivePaid // what a credit gives back of
	now      bool
	of       *naiveLine
	cycle    int      // the billing cycle that it belongs to
	uses     bool     // and may use
	part     *big.Rat // of its period that it bills; nil: one
	count    *naiveCount

	off        int64 // what discounts took off it
	discounted bool  // of a true-up: discounts reduce it
	over       bool  // something of it lies above a cap
	due        *naiveTrueUp
}

type naiveInvoice struct {
	at                  time.Time
	lines               []*naiveLine
	total, applied, due int64
}

type naiveBill struct {
	lines               []*naiveLine
	regular, wait, last bool
	opens               bool // a period opens with it
	interim             bool // of what was used so far
}

func tell(s tale) *naive {
	s.Plans = slices.Clone(s.Plans)
	for i := range s.Plans {
		s.Plans[i].commit(s.Sub)
		s.Plans[i].wholePrices()
	}
	n := &naive{
		s: s, loc: s.location(), digits: 2, kind: "future", plan: s.plan(s.Sub.Plan), quantity: naiveRat(s.Sub.Quantity, "1"),
		quantities: map[string]*big.Rat{}, prices: map[string]talePrice{}, once: map[string]bool{}, counted: map[string]time.Time{},
		anchor: s.instant(s.Sub.Anchor), number: -1, renews: s.Sub.AutoRenew == nil || *s.Sub.AutoRenew,
	}
	if s.Currency == "JPY" {
		n.digits = 0
	}
	n.odd = s.hasOwn() // it knows of one grid only: see own_property_test.go
	until := s.instant(s.Until)
	actions := s.Actions
	for steps := 0; ; steps++ {
		if steps > 2000 {
			panic("no end: " + s.String())
		}
		at := n.next()
		if len(actions) > 0 {
			if a := s.instant(actions[0].At); at.IsZero() || a.Before(at) {
				at = a
			}
		}
		if at.IsZero() || at.After(until) {
			return n
		}
		var now []taleAction
		for len(actions) > 0 && s.instant(actions[0].At).Equal(at) {
			now, actions = append(now, actions[0]), actions[1:]
		}
		n.instant(at, now)
	}
}

// resolve returns when a due action falls due.
func (n *naive) resolve(d *naiveDue) time.Time {
	switch {
	case !d.at.IsZero():
		return d.at
	case n.kind == "trial":
		return n.trialEnd
	}
	return n.end
}

// next returns the next instant at which something happens by itself.
func (n *naive) next() time.Time {
	var all []time.Time
	switch n.kind {
	case "future":
		all = append(all, n.s.instant(n.s.Sub.Start))
	case "trial":
		all = append(all, n.trialEnd)
	case "running":
		all = append(all, n.end, n.stageEnd)
		for _, p := range n.paid {
			if _, ok := n.find(p.id); !ok {
				continue
			}
			if until := n.paidUntil(p.id); until.Before(n.end) && n.known(p.id, until).After(until) {
				all = append(all, until)
			}
		}
		if n.pause != nil {
			all = append(all, n.resolve(n.pause))
		}
	case "paused":
		all = append(all, n.resumeAt, n.stageEnd)
		if n.began {
			all = append(all, n.increasesAt())
		}
		if n.runsOut() {
			all = append(all, n.end)
		}
	}
	if n.kind != "ended" && n.cancel != nil {
		all = append(all, n.resolve(n.cancel))
	}
	for _, c := range n.changes {
		all = append(all, n.resolve(c))
	}
	var first time.Time
	for _, t := range all {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// runsOut reports whether the running period is the last one.
func (n *naive) runsOut() bool {
	return n.began && (!n.renews || n.plan.Cycles > 0 && n.plan.AtEnd != "renew" && n.cycle >= n.plan.Cycles)
}

func (n *naive) instant(t time.Time, actions []taleAction) {
	raised := n.kind == "paused" && n.began && t.Equal(n.increasesAt())
	n.now = t
	b := &naiveBill{}
	boundary := n.kind == "running" && t.Equal(n.end)
	n.meets = boundary
	before := n.kind
	fresh := false
	if boundary {
		b.regular = b.regular || len(n.runs) > 0
		for _, r := range n.runs {
			n.bill(b, r, t, t)
		}
		n.runs, n.paid, b.last = nil, nil, true
		n.livedUntil(t)
		if n.min.term == nil {
			n.trueUp(b, n.min, true)
		}
	}
	number, waiting := n.number, len(n.waiting)
	given := func() { // at this instant
		for _, l := range n.waiting[min(waiting, len(n.waiting)):] {
			l.cycle = n.present(b)
		}
	}
	// What was scheduled, by the period's end as it is before anything moves it.
	var due []*naiveDue
	for _, c := range n.changes {
		if n.resolve(c).Equal(t) {
			due = append(due, c)
		}
	}
	apartFrom := func(due []*naiveDue) { // a change that waits: what was billed before it does not
		if (len(b.lines) > 0 || b.last) && len(due) > 0 && due[0].a.Collect == "next_invoice" {
			n.feed(t, actions)
			given()
			n.finish(b, t)
			b = &naiveBill{}
			actions = slices.DeleteFunc(slices.Clone(actions), feeds)
		}
	}
	if n.kind == "running" && !boundary {
		n.topKnown(b, t)
		apartFrom(due)
	}
	pauses := n.kind == "running" && n.pause != nil && n.resolve(n.pause).Equal(t)
	if n.cancel != nil && n.kind != "ended" && n.resolve(n.cancel).Equal(t) {
		if n.kind == "running" && !boundary && t.Equal(n.stageEnd) && n.cut(t).After(t) { // the phase has the day before the cut
			n.closeFor(b, t, naiveLater(t, n.floor), n.phased, "prorate", true)
			n.nextStage(t, boundary)
			b.opens = n.number > number
			n.charge(b, naiveLater(t, n.floor), t, "prorate", true)
		}
		n.stop(b, t, "ended", n.cancel.a, boundary)
	}
	switch {
	case n.kind == "future" && t.Equal(n.s.instant(n.s.Sub.Start)):
		if trial := n.plan.Trial; trial != nil {
			n.kind = "trial"
			n.trialEnd = naiveWall(naiveStep(naiveClock(t, n.loc), trial.Count, trial.Unit, false), n.loc)
			if n.s.Policy.Zero == "emit" {
				for _, c := range n.charges() {
					if !c.Once && c.timing() == "advance" {
						b.lines = append(b.lines, &naiveLine{from: t, to: n.trialEnd, kind: "charge", charge: c.ID})
					}
				}
			}
			break
		}
		fresh = true
	case n.kind == "trial" && t.Equal(n.trialEnd):
		fresh = true
	}
	staged := false
	if n.stage < len(n.plan.Phases) && n.began && (n.kind == "running" || n.kind == "paused") {
		ends := boundary && n.runsOut() && len(n.changes) == 0
		n.odd = n.odd || pauses && boundary // which of the two comes first, the rules do not say
		byCycles := boundary && !ends && !pauses && n.stageEnd.IsZero() && n.stageCycle >= n.plan.Phases[n.stage].Cycles
		if byCycles || t.Equal(n.stageEnd) && !ends {
			staged = true
			if n.kind == "running" && !boundary {
				n.closeFor(b, t, naiveLater(t, n.floor), n.phased, "prorate", true)
			}
			n.nextStage(t, boundary)
		}
	}
	if boundary && n.kind == "running" || n.kind == "paused" && raised {
		n.increase(t)
	}
	var changed *taleAction
	replanned := false
	// Nor where a change is cut that falls due where a reset begins its period later.
	n.odd = n.odd || len(due) > 0 && !boundary && n.kind == "running" && t.Equal(n.start)
	n.odd = n.odd || len(due) > 0 && !boundary && pauses
	// A phase that begins where a change or a pause falls due that is cut later has days of
	// its own.
	apart := staged && !boundary && n.kind == "running" && (len(due) == 1 && !pauses || len(due) == 0 && pauses) && n.cut(t).After(t)
	if apart {
		b.opens = n.number > number
		n.charge(b, naiveLater(t, n.floor), t, "prorate", true)
		b.last = true
		apartFrom(due)
	}
	if len(due) > 1 && n.kind == "running" && !boundary || len(due) > 0 && staged && !boundary && !apart {
		n.odd = true // whether each has lines of its own is not said
	}
	for _, c := range due {
		if slices.Contains(n.changes, c) {
			n.changes = slices.DeleteFunc(n.changes, func(x *naiveDue) bool { return x == c })
			if n.moot(c.a) {
				continue
			}
			changed = &c.a
			replanned = replanned || c.a.Do == "change_plan"
			n.change(b, t, c.a, boundary)
		}
	}
	if n.kind == "running" && pauses {
		a := n.pause.a
		n.stop(b, t, "paused", a, boundary)
		if boundary && replanned {
			n.unbegun()
		}
	}
	if n.kind == "paused" && before == "paused" && t.Equal(n.resumeAt) && !(t.Equal(n.end) && n.runsOut()) {
		n.feed(t, actions)
		n.resume(b, t, "keep")
		given()
		n.finish(b, t)
		b = &naiveBill{}
		actions = slices.DeleteFunc(slices.Clone(actions), feeds)
	}
	if (boundary && n.kind == "running" || n.kind == "paused" && before == "paused" && t.Equal(n.end)) && changed == nil && n.runsOut() ||
		boundary && changed != nil && (!replanned || !n.renews) && n.runsOut() {
		n.stop(b, t, "ended", taleAction{}, true)
	}
	if boundary && n.kind != "running" {
		n.odd = n.odd || n.min != nil && n.min.term != nil && n.number != number // which period of a term that counts as is not told
		n.number, n.end = number, t                                              // no period began, whatever changed there
	}
	n.feed(t, actions)
	switch {
	case fresh && (n.kind == "trial" || n.kind == "future"):
		n.open(b, t)
	case boundary && n.kind == "running":
		if changed == nil && !staged {
			n.cycle++
			n.stageCycle++
		} else if !replanned {
			n.cycle++
			if !staged {
				n.stageCycle++
			}
		}
		n.meets = false
		if n.number == number {
			n.begin(t, t)
		} else {
			n.number = number + 1 // one period begins, however many changes met there
			n.begun()
		}
		n.credited = false
		b.opens = true
		n.charge(b, t, t, "prorate", staged || replanned)
		b.regular, b.last = b.regular || n.advances(), true
	case staged && n.kind == "running" && !apart:
		b.opens = n.number > number
		n.charge(b, naiveLater(t, n.floor), t, "prorate", true)
		b.last = true
	case n.kind == "running" && before == "running":
		n.top(b, t)
	}
	given()
	n.finish(b, t)
	n.collect(t)
	n.meets = false
	for _, a := range actions {
		if feeds(a) {
			continue
		}
		b := &naiveBill{}
		n.act(b, t, a)
		n.topPast(b, t)
		n.finish(b, t)
	}
	n.interim(t)
}
