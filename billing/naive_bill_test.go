package billing_test

import (
	"math/big"
	"slices"
	"time"
)

func (n *naive) round(amount *big.Rat) int64 { return naiveRound(amount, n.digits, n.s.Rounding) }

func (n *naive) basis() string { return naiveOr(n.s.Policy.Basis, "day") }

// cut is where something at t divides what is billed: not behind a start or a resume,
// which keep their instant.
func (n *naive) cut(t time.Time) time.Time { return naiveLater(n.resetCut(t), n.resumed) }

// resetCut is where a period begins that a reset at t opens: not behind what is divided
// already, and not beyond the period that runs.
func (n *naive) resetCut(t time.Time) time.Time {
	cut := naiveCut(t, n.basis(), n.s.Policy.ChangeDay, n.loc)
	if cut.After(n.end) {
		cut = n.end
	}
	return naiveLater(cut, n.floor)
}

func naiveLater(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// share is what share of its period [from, to) is.
func (n *naive) share(stub *naiveStub, from, to time.Time) *big.Rat {
	return n.shareOn(n.grid, stub, from, to)
}

// wholePrices forgets that prices are for the interval by which they are billed.
func (p *talePlan) wholePrices() {
	whole := func(all []taleCharge, every taleEvery) []taleCharge {
		all = slices.Clone(all)
		for i, c := range all {
			if c.PriceEvery != nil && *c.PriceEvery == every {
				all[i].PriceEvery = nil
			}
		}
		return all
	}
	p.Charges, p.Phases = whole(p.Charges, p.Every), slices.Clone(p.Phases)
	for i, phase := range p.Phases {
		p.Phases[i].Charges = whole(phase.Charges, phase.Every)
	}
}

// priceGrid is the grid of the periods that a price is for, and a first period of its own on it.
func (n *naive) priceGrid(each *taleEvery, stub *naiveStub) (naiveGrid, *naiveStub) {
	grid := n.grid
	if each == nil {
		return grid, stub
	}
	grid.every = *each
	if stub != nil {
		part := *stub
		if _, end := grid.period(stub.from); end.Before(stub.to) {
			part.to, part.joined = end, true
		}
		stub = &part
	}
	return grid, stub
}

func (n *naive) shareOn(grid naiveGrid, stub *naiveStub, from, to time.Time) *big.Rat {
	if stub == nil || stub.joined && !from.Before(stub.to) {
		return grid.share(from, to, n.basis())
	}
	if stub.joined && to.After(stub.to) {
		return new(big.Rat).Add(n.shareOn(grid, stub, from, stub.to), grid.share(stub.to, to, n.basis()))
	}
	if stub.worth != nil {
		sum := new(big.Rat)
		if from.Before(stub.from) {
			until := to
			if until.After(stub.from) {
				until = stub.from
			}
			sum.Add(sum, stub.before(from, until))
			from = stub.from
		}
		if from.Before(to) {
			sum.Add(sum, new(big.Rat).Mul(n.share(&naiveStub{from: stub.from, to: stub.to}, from, to), stub.worth))
		}
		return sum
	}
	whole := naiveDays(stub.from, stub.to, n.basis(), n.loc)
	if whole == 0 {
		return big.NewRat(int64(to.Sub(from)/time.Second), int64(stub.to.Sub(stub.from)/time.Second))
	}
	return big.NewRat(naiveDays(from, to, n.basis(), n.loc), whole)
}

// charge begins the present charges that neither run nor are paid.
func (n *naive) charge(b *naiveBill, from, since time.Time, mode string, onceToo bool) {
	if len(n.closed) > 0 {
		n.leave(b)
	}
	for _, c := range n.closed {
		n.trueUpOf(b, c)
	}
	n.closed = nil
	if n.kind == "running" {
		n.turns(b)
	}
	if n.min != nil && n.kind == "running" {
		n.min.begins(from, n.plan.Minimum)
	}
	n.outlive()
	n.keepTerms()
	for _, c := range n.charges() {
		price := n.price(c)
		switch {
		case n.left[c.ID]:
		case c.Once:
			if key := n.onceKey(c.ID); (onceToo || n.holder(c.ID) >= 0) && !n.once[key] {
				n.once[key] = true
				b.lines = append(b.lines, &naiveLine{from: since, amount: n.round(price.amount(n.of(c))), charge: c.ID, kind: "charge", cycle: n.number, uses: b.opens})
			}
		case c.timing() == "arrears":
			if !slices.ContainsFunc(n.runs, func(r *naiveRun) bool { return r.id == c.ID }) {
				r := &naiveRun{
					id: c.ID, from: from, since: since, price: price, quantity: n.of(c), usage: c.Usage, mode: mode,
					stub: n.stub, joined: n.joined, each: c.PriceEvery, number: n.number, whole: n.whole, min: n.min, by: n.plan.Minimum, most: n.plan.SpendCap,
				}
				if n.stub != nil && n.stub.free && c.Usage == "" {
					r.mode = "none"
					if n.stub.replanned { // arrears of a plan changed to cost their share of the grid's period
						r.mode, r.stub = mode, nil
					}
				}
				if c.CountOver != nil {
					r.over, r.term = c.CountOver, n.termOf(*c.CountOver)
				}
				if c.Usage != "" {
					r.since = n.strayed(c.Usage, naiveLater(since, n.counted[c.Usage]))
				}
				if r.long = n.whole[1].Sub(n.whole[0]); n.stub != nil && n.stub.worth != nil {
					r.long = n.stub.long
				} else if n.stub == nil {
					start, end := n.grid.period(from)
					if naiveDays(from, end, n.basis(), n.loc) == 0 { // its period begins later on the day
						// Whether a day that months of 30 days do not have is a part of its own is not told.
						n.odd = n.odd || naiveDays(from, end, "day", n.loc) > 0
						start, end = n.grid.period(end)
					}
					r.long = end.Sub(start)
				}
				n.runs = append(n.runs, r)
			}
		default:
			n.advance(b, c, naiveLater(from, n.paidUntil(c.ID)), mode)
		}
	}
	n.leave(b)
}

// advance bills a charge from there to the period's end or to a cut that is known.
func (n *naive) advance(b *naiveBill, c taleCharge, from time.Time, mode string) {
	to := n.known(c.ID, from)
	if mode == "full" || mode == "none" {
		to = n.end
	}
	if !to.After(from) {
		// The cut may yet be taken back, or the period's end move.
		n.paid = append(n.paid, &naivePaid{id: c.ID, from: from, to: from, number: n.number})
		return
	}
	n.prepay(b, c, from, to, mode)
}

func (n *naive) prepay(b *naiveBill, c taleCharge, from, to time.Time, mode string) {
	n.prepayIn(b, c, from, to, mode, nil)
}

// prepayIn bills what several lines bill together, of which that is the part of the period; nil: each
// line by itself.
func (n *naive) prepayIn(b *naiveBill, c taleCharge, from, to time.Time, mode string, together *big.Rat) {
	grid, stub := n.priceGrid(c.PriceEvery, n.stub)
	if c.PriceEvery != nil && together == nil {
		together = n.share(n.stub, from, to)
	}
	if (n.joined || c.PriceEvery != nil) && mode != "none" {
		if _, end := grid.period(from); end.Before(to) { // a line for each period
			n.prepayIn(b, c, from, end, mode, together)
			n.prepayIn(b, c, end, to, mode, together)
			return
		}
	}
	p := &naivePaid{id: c.ID, from: from, to: to, whole: naiveDays(from, to, n.basis(), n.loc), number: n.number, stub: stub, grid: grid}
	p.periodFrom, p.periodTo = grid.period(from)
	n.paid = append(n.paid, p)
	if mode == "none" || n.stub != nil && n.stub.free {
		p.never = !n.covered || !slices.ContainsFunc(n.paid, func(x *naivePaid) bool { return x != p && !x.never && x.to.After(from) }) // what was paid before and not credited pays for it
		return
	}
	amount, part := n.price(c).amount(n.of(c)), big.NewRat(1, 1)
	if mode != "full" {
		part = n.shareOn(grid, stub, from, to)
		amount.Mul(amount, part)
		if together != nil {
			part = together
		}
	}
	p.amount = n.round(amount)
	line := &naiveLine{from: from, to: to, amount: p.amount, charge: c.ID, kind: "charge", paid: p, cycle: n.number, uses: b.opens, part: part}
	if n.min.counts(n.plan.Minimum, line, "", line.amount) {
		p.min, p.line = n.min, n.plan.Minimum
	}
	b.lines = append(b.lines, line)
}

func (n *naive) paidUntil(id string) time.Time {
	var until time.Time
	for _, p := range n.paid {
		if p.id == id && p.to.After(until) {
			until = p.to
		}
	}
	return until
}

// known is up to where a charge is billed from there: the period's end, or the first cut
// that is known already and shares what it cuts. What lies behind a cancellation that
// credits nothing cuts nothing.
func (n *naive) known(id string, from time.Time) time.Time {
	stands := n.end
	if n.cancel != nil && !n.cancel.at.IsZero() && n.cancel.a.Credit != "prorate" && n.cancel.at.Before(stands) {
		stands = n.cancel.at
	}
	first := n.end
	see := func(t, where time.Time, shares bool) {
		if shares && !t.IsZero() && t.Before(n.end) && t.Before(stands) && where.Before(first) {
			first = where
		}
	}
	if n.cancel != nil && !n.cancel.at.IsZero() {
		see(n.cancel.at, n.cut(n.cancel.at), n.cancel.a.Credit == "prorate")
	}
	see(n.stageEnd, n.stageEnd, n.stageEnd.Before(stands) && n.phased(id))
	then := n.foreseen()
	for _, c := range slices.SortedStableFunc(slices.Values(n.changes), func(a, b *naiveDue) int { return a.at.Compare(b.at) }) {
		if c.at.IsZero() || then.moot(c.a) {
			continue
		}
		if then.affects(c.a)(id) {
			see(c.at, n.cut(c.at), naiveOr(c.a.Credit, "prorate") == "prorate")
		}
		then.put(c.a)
	}
	if n.pause != nil {
		see(n.pause.at, n.cut(n.pause.at), n.pause.a.Credit == "prorate")
	}
	if n.cancel != nil && !n.staged.IsZero() && n.cancel.at.Equal(n.staged) { // the phase has only the day before its cut
		first = n.cut(n.cancel.at)
	}
	return naiveLater(first, from)
}

// affects tells which charges a change ends.
func (n *naive) affects(a taleAction) func(id string) bool {
	return func(id string) bool {
		if n.holder(id) >= 0 {
			return n.touches(a, id)
		}
		c, ok := n.find(id)
		switch {
		case (a.Do == "attach" || a.Do == "detach" || a.Attachment != "") && a.Anchor != "reset":
			return false
		case a.Do == "change_plan" || a.Anchor == "reset":
			return true
		case !ok: // of a plan that was left: no terms of this one touch it
			return false
		case a.Do == "change_price":
			return id == a.Charge
		case n.price(c).Model == "flat_fee":
			return false
		case a.Charge != "":
			return id == a.Charge && n.of(c).Cmp(naiveRat(a.Quantity, "1")) != 0
		}
		_, own := n.quantities[id]
		return c.Usage == "" && c.Quantity == "" && !own && n.quantity.Cmp(naiveRat(a.Quantity, "1")) != 0
	}
}

// top bills what is not paid of the running period from t on.
func (n *naive) top(b *naiveBill, t time.Time) {
	for _, c := range n.charges() {
		if until := n.paidUntil(c.ID); until.Equal(t) && until.Before(n.end) {
			n.advance(b, c, t, "prorate")
		}
	}
}

// topPast bills what an action at t leaves unpaid behind t: it took back a cut that was known.
func (n *naive) topPast(b *naiveBill, t time.Time) {
	for _, c := range n.charges() {
		until := n.paidUntil(c.ID)
		if n.kind == "running" && until.Before(t) && !until.IsZero() && until.Before(n.end) && n.known(c.ID, until).After(until) {
			n.advance(b, c, until, "prorate")
		}
	}
}

// topKnown does so before what falls due at t and is cut later: up to that cut.
func (n *naive) topKnown(b *naiveBill, t time.Time) {
	for _, c := range n.charges() {
		if known := n.known(c.ID, t); n.paidUntil(c.ID).Equal(t) && known.After(t) && known.Before(n.end) {
			n.advance(b, c, t, "prorate")
		}
	}
}

// bill closes what accrued until the cut; usage counts until t.
func (n *naive) bill(b *naiveBill, r *naiveRun, cut, t time.Time) {
	cut = naiveLater(cut, r.from)
	if r.usage != "" {
		n.billUsage(b, r, cut, t)
		return
	}
	if r.mode == "none" || r.from.Equal(cut) {
		return
	}
	n.billIn(b, r, cut, nil)
}

func (n *naive) billIn(b *naiveBill, r *naiveRun, cut time.Time, together *big.Rat) {
	grid, stub := n.priceGrid(r.each, r.stub)
	if r.each != nil && together == nil {
		together = n.share(r.stub, r.from, cut)
	}
	if r.joined || r.each != nil {
		if _, end := grid.period(r.from); end.Before(cut) {
			first, rest := *r, *r
			rest.from = end
			n.billIn(b, &first, end, together)
			n.billIn(b, &rest, cut, together)
			return
		}
	}
	line := &naiveLine{from: r.from, to: cut, charge: r.id, kind: "charge", cycle: r.number + 1, uses: true, part: big.NewRat(1, 1)}
	amount := r.price.amount(r.quantity)
	if r.mode != "full" {
		line.part = n.shareOn(grid, stub, r.from, cut)
		amount.Mul(amount, line.part)
		if together != nil {
			line.part = together
		}
	}
	line.amount = n.round(amount)
	r.min.counts(r.by, line, "", line.amount)
	b.lines = append(b.lines, line)
}
