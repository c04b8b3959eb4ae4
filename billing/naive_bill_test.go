package billing_test

import (
	"math/big"
	"slices"
	"time"
)

func (n *naive) round(amount *big.Rat) int64 { return naiveRound(amount, n.digits, n.s.Rounding) }

func (n *naive) basis() string { return naiveOr(n.s.Policy.Basis, "day") }

func (n *naive) cut(t time.Time) time.Time {
	return naiveCut(t, n.basis(), n.s.Policy.ChangeDay, n.loc)
}

// charge begins the present charges that neither run nor are paid.
func (n *naive) charge(b *naiveBill, from, since time.Time, mode string, onceToo bool) {
	for _, c := range n.charges() {
		price := n.price(c)
		switch {
		case n.left[c.ID]:
		case c.Once:
			if key := n.plan.ID + "/" + c.ID; onceToo && !n.once[key] {
				n.once[key] = true
				b.lines = append(b.lines, &naiveLine{from: since, amount: n.round(price.amount(n.of(c))), charge: c.ID, kind: "charge"})
			}
		case c.timing() == "arrears":
			if !slices.ContainsFunc(n.runs, func(r *naiveRun) bool { return r.id == c.ID }) {
				n.runs = append(n.runs, &naiveRun{id: c.ID, from: from, since: since, price: price, quantity: n.of(c), usage: c.Usage, mode: mode})
			}
		default:
			start := from
			if until := n.paidUntil(c.ID); until.After(start) {
				start = until
			}
			n.advance(b, c, start, mode)
		}
	}
}

// advance bills a charge from there to the period's end or to a cut that is known.
func (n *naive) advance(b *naiveBill, c taleCharge, from time.Time, mode string) {
	to := n.known(c.ID, from)
	if mode == "full" || mode == "none" {
		to = n.end
	}
	if !to.After(from) {
		return
	}
	p := &naivePaid{id: c.ID, from: from, to: to, whole: naiveDays(from, to, n.basis(), n.loc)}
	n.paid = append(n.paid, p)
	amount := n.price(c).amount(n.of(c))
	switch mode {
	case "none":
		return
	case "full":
	default:
		amount.Mul(amount, n.grid.share(from, to, n.basis()))
	}
	p.amount = n.round(amount)
	b.lines = append(b.lines, &naiveLine{from: from, to: to, amount: p.amount, charge: c.ID, kind: "charge", paid: p})
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

// known answers up to where a charge is billed from there: the period's end, or
// the first cut that is known already and shares what it cuts.
func (n *naive) known(id string, from time.Time) time.Time {
	var at, cut time.Time
	see := func(t time.Time, where time.Time, shares bool) {
		if t.IsZero() || !t.Before(n.end) || !at.IsZero() && !t.Before(at) {
			return
		}
		at, cut = t, where
		if !shares {
			cut = n.end
		}
	}
	if n.cancel != nil && !n.cancel.at.IsZero() {
		see(n.cancel.at, n.cut(n.cancel.at), n.cancel.a.Credit == "prorate")
	}
	see(n.stageEnd, n.stageEnd, true)
	for _, c := range n.changes {
		if n.affects(c.a)(id) && !n.moot(c.a) {
			see(c.at, n.cut(c.at), naiveOr(c.a.Credit, "prorate") == "prorate")
		}
	}
	if n.pause != nil {
		see(n.pause.at, n.cut(n.pause.at), n.pause.a.Credit == "prorate")
	}
	switch {
	case at.IsZero() || cut.After(n.end):
		return n.end
	case cut.Before(from):
		return from
	}
	return cut
}

// affects answers which charges a change ends.
func (n *naive) affects(a taleAction) func(id string) bool {
	return func(id string) bool {
		c, ok := n.find(id)
		switch {
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

// bill closes what ran up until the cut; usage counts until t.
func (n *naive) bill(b *naiveBill, r *naiveRun, cut, t time.Time) {
	if cut.Before(r.from) {
		cut = r.from
	}
	line := &naiveLine{from: r.from, to: cut, charge: r.id, kind: "charge"}
	switch {
	case r.usage != "":
		line.kind, line.amount = "usage", n.round(r.price.amount(n.used(r.usage, r.since, t)))
	case r.mode == "none" || r.from.Equal(cut):
		return
	case r.mode == "full":
		line.amount = n.round(r.price.amount(r.quantity))
	default:
		amount := r.price.amount(r.quantity)
		line.amount = n.round(amount.Mul(amount, n.grid.share(r.from, cut, n.basis())))
	}
	b.lines = append(b.lines, line)
}

// used goes through all records of a metric.
func (n *naive) used(of string, from, to time.Time) *big.Rat {
	total := new(big.Rat)
	for _, a := range n.s.Actions {
		at := n.s.instant(a.At)
		if a.Do != "usage" || a.Of != of || at.Before(from) || !at.Before(to) {
			continue
		}
		q := naiveRat(a.Quantity, "0")
		switch n.s.Aggregations[of] {
		case "max":
			if q.Cmp(total) > 0 {
				total = q
			}
		case "last":
			total = q
		default:
			total.Add(total, q)
		}
	}
	return total
}

// closeFor ends the charges that something ends at the cut.
func (n *naive) closeFor(b *naiveBill, t, cut time.Time, ends func(id string) bool, credit string) {
	var runs []*naiveRun
	for _, r := range n.runs {
		if !ends(r.id) {
			runs = append(runs, r)
			continue
		}
		until := t
		if n.stopping || n.leaves != nil && n.s.Aggregations[r.usage] == "" && !slices.ContainsFunc(n.leaves.all(), func(c taleCharge) bool { return c.Usage == r.usage }) {
			until = t.Add(1) // what is used at the very instant comes before the action
		}
		n.bill(b, r, cut, until)
	}
	n.runs = runs
	var paid []*naivePaid
	for _, p := range n.paid {
		switch {
		case !ends(p.id) || credit == "keep":
			paid = append(paid, p)
		case credit == "prorate" || credit == "full":
			n.credit(b, p, cut, p.to, credit)
		}
	}
	n.paid = paid
}

// credit gives back [from, to) of what was billed in advance.
func (n *naive) credit(b *naiveBill, p *naivePaid, from, to time.Time, how string) {
	if from.Before(p.from) {
		from = p.from
	}
	if !from.Before(to) {
		return
	}
	held := p.amount + p.off - p.given
	back := held
	days := naiveDays(from, to, n.basis(), n.loc)
	switch {
	case how == "full":
	case n.s.Policy.CreditBasis == "list":
		c, ok := n.find(p.id)
		if !ok {
			return
		}
		amount := n.price(c).amount(n.of(c))
		amount.Mul(amount, n.grid.share(from, to, n.basis()))
		back = -n.round(amount.Neg(amount))
	case p.whole == 0:
		back = 0
	default:
		share := big.NewRat(-(p.amount+p.off)*days, p.whole)
		for range n.digits {
			share.Mul(share, big.NewRat(1, 10))
		}
		back = min(held, -n.round(share))
	}
	if back == 0 {
		return
	}
	p.given += back
	b.lines = append(b.lines, &naiveLine{from: from, to: to, amount: -back, charge: p.id, kind: "credit", gives: p})
}

// finish makes the invoice of the lines, if they come to one.
func (n *naive) finish(b *naiveBill, t time.Time) {
	if b.wait {
		n.waiting = append(n.waiting, b.lines...)
		return
	}
	if len(b.lines) == 0 && !b.last {
		return
	}
	lines := append(n.waiting, b.lines...)
	n.waiting = nil
	lines = n.discount(lines, b.regular)
	inv := naiveInvoice{at: t}
	for _, l := range lines {
		inv.total += l.amount
	}
	for _, l := range lines {
		if l.amount != 0 || inv.total == 0 {
			inv.lines = append(inv.lines, l)
		}
	}
	if len(inv.lines) == 0 || inv.total == 0 && n.s.Policy.Zero != "emit" {
		return
	}
	switch {
	case inv.total >= 0:
		inv.applied = min(inv.total, n.balance)
		inv.due = inv.total - inv.applied
		n.balance -= inv.applied
	case n.s.Policy.Negative != "refund":
		n.balance -= inv.total
	}
	n.invoices = append(n.invoices, inv)
}

// collect makes an invoice of a one-off that does not wait.
func (n *naive) collect(t time.Time) {
	if slices.ContainsFunc(n.waiting, func(l *naiveLine) bool { return l.now }) {
		n.finish(&naiveBill{last: true}, t)
	}
}
