package billing_test

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// closeFor ends the charges that something ends at the cut. again says that what it
// credits is charged anew.
func (n *naive) closeFor(b *naiveBill, t, cut time.Time, ends func(id string) bool, credit string, again bool) {
	var runs []*naiveRun
	for _, r := range n.runs {
		if !ends(r.id) {
			runs = append(runs, r)
			continue
		}
		until := t
		if n.stopping || n.leaves != nil && n.s.Aggregations[baseOf(r.usage)] == "" && !slices.ContainsFunc(n.leaves.all(), func(c taleCharge) bool { return c.Usage == r.usage }) {
			until = t.Add(1) // what is used at the very instant comes before the action
			if strings.Contains(n.s.Aggregations[baseOf(r.usage)], " ") {
				until = t // a level of no time is nothing
			}
		}
		n.bill(b, r, cut, until)
	}
	n.runs = runs
	for _, c := range n.charges() { // the rest of a day on which a phase was to begin later
		if until := n.paidUntil(c.ID); ends(c.ID) && c.timing() == "advance" && !c.Once && until.After(t) && naiveDays(until, cut, n.basis(), n.loc) > 0 {
			n.prepay(b, c, until, cut, "prorate")
		}
	}
	var paid []*naivePaid
	for _, p := range n.paid {
		switch {
		case !ends(p.id) || credit == "keep":
			paid = append(paid, p)
		case credit == "prorate" || credit == "full":
			n.credit(b, p, cut, p.to, credit, again)
		}
	}
	n.paid = paid
}

// credit gives back [from, to) of what was billed in advance.
func (n *naive) credit(b *naiveBill, p *naivePaid, from, to time.Time, how string, again bool) {
	from = naiveLater(from, p.from)
	if !from.Before(to) || p.never {
		return
	}
	held := max(0, p.amount+p.off-p.given) // a moved anchor may have given back more, by the list price
	back := held
	days := naiveDays(from, to, n.basis(), n.loc)
	lasts := big.NewRat(int64(to.Sub(from)), int64(p.to.Sub(p.from))) // within one civil day
	if p.whole > 0 {
		lasts = big.NewRat(days, p.whole)
	}
	if p.worth != nil {
		lasts = n.share(p.stub, from, to)
		if p.worth.Sign() > 0 {
			lasts.Quo(lasts, p.worth)
		}
	}
	list := n.s.Policy.CreditBasis == "list"
	switch {
	case how == "full":
	case list:
		c, ok := n.find(p.id)
		if !ok {
			return
		}
		amount := n.price(c).amount(n.of(c))
		amount.Mul(amount, n.billedBy(p, from, to))
		back = -n.round(amount.Neg(amount))
		if !again {
			back = min(back, held)
		}
	default:
		share := new(big.Rat).Mul(big.NewRat(-(p.amount+p.off), 1), lasts)
		back = min(held, -naiveRound(share, 0, n.s.Rounding))
	}
	if !(list && again) {
		for _, draw := range p.draws {
			draw.giveBack(lasts)
		}
	}
	if back == 0 {
		return
	}
	p.given += back
	line := &naiveLine{from: from, to: to, amount: -back, charge: p.id, kind: "credit", gives: p, cycle: p.number}
	n.countsLess(p, line, how == "full" || !list)
	b.lines = append(b.lines, line)
}

// billedBy is what share [from, to) is of the period by which a line was billed.
func (n *naive) billedBy(p *naivePaid, from, to time.Time) *big.Rat {
	if p.stub != nil {
		return n.shareOn(p.grid, p.stub, from, to)
	}
	whole := naiveDays(p.periodFrom, p.periodTo, n.basis(), n.loc)
	if whole == 0 {
		return new(big.Rat)
	}
	return big.NewRat(naiveDays(from, to, n.basis(), n.loc), whole)
}

// present is the billing cycle that runs at an invoice, or begins with it though no
// period opens.
func (n *naive) present(b *naiveBill) int {
	if b.regular && n.kind != "running" {
		return n.number + 1
	}
	return n.number
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
	lines := b.lines
	if !b.interim {
		lines = append(n.waiting, b.lines...)
		n.waiting = nil
	}
	for _, l := range lines {
		l.uses = l.uses || l.kind == "one_off" && b.regular && l.cycle == n.present(b)
	}
	lines = n.settleAll(n.discount(lines))
	inv := naiveInvoice{at: t}
	for _, l := range lines {
		inv.total += l.amount
	}
	for _, l := range lines {
		if l.amount != 0 || l.over || inv.total == 0 {
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
