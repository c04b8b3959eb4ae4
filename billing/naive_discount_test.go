package billing_test

import (
	"math/big"
	"slices"
	"time"
)

// naiveDiscount is one that was given: the billing cycles that it used, and what each
// cycle was given of a fixed amount.
type naiveDiscount struct {
	a     taleAction
	until time.Time // of one for a time; else zero
	gone  bool
	used  map[int]bool
	given map[int]*big.Rat
}

// naiveDraw is what a discount took off a line.
type naiveDraw struct {
	d     *naiveDiscount
	cycle int
	off   int64
}

// giveBack gives a cycle a share of what a line drew of it.
func (w naiveDraw) giveBack(share *big.Rat) {
	if given := w.d.given[w.cycle]; given != nil {
		given.Sub(given, new(big.Rat).Mul(big.NewRat(w.off, 1), share))
	}
}

// naiveFit is a line that a discount may reduce, and what is left of it.
type naiveFit struct {
	*naiveLine
	left, off int64
}

// discount adds the lines of the discounts that are in force.
func (n *naive) discount(lines []*naiveLine) []*naiveLine {
	for _, d := range n.discounts {
		if d.gone || !d.until.IsZero() && !n.now.Before(d.until) {
			continue
		}
		var fits []*naiveFit
		for _, l := range lines {
			if spent := l.kind == "true_up" || l.kind == "overage"; spent && (!l.discounted || d.a.Charge != "" || len(d.a.Charges)+len(d.a.Kinds) > 0) || !spent && l.kind != "charge" && l.kind != "usage" && l.kind != "one_off" || d.a.Charge != "" && l.charge != d.a.Charge || len(d.a.Charges) > 0 && !slices.Contains(d.a.Charges, l.charge) ||
				len(d.a.Kinds) > 0 && !slices.Contains(d.a.Kinds, l.kind) {
				continue
			}
			rest := l.amount
			for _, other := range lines {
				// What waited for this invoice may have been given back meanwhile.
				if other.of == l || other.gives != nil && other.gives == l.paid {
					rest += other.amount
				}
			}
			if rest > 0 {
				fits = append(fits, &naiveFit{naiveLine: l, left: rest})
			}
		}
		var cycles []int
		for _, f := range fits {
			cycles = append(cycles, f.cycle)
		}
		slices.Sort(cycles)
		for _, cycle := range slices.Compact(cycles) {
			var on []*naiveFit
			for _, f := range fits {
				if f.cycle == cycle {
					on = append(on, f)
				}
			}
			n.reduce(d, cycle, on)
		}
		if d.a.Duration == "once" {
			n.spend(d, fits)
		}
		for _, f := range fits {
			if f.off == 0 {
				continue
			}
			draw := naiveDraw{d, f.cycle, f.off}
			switch {
			case f.paid != nil:
				f.paid.off -= f.off
				f.paid.draws = append(f.paid.draws, draw)
			case f.count != nil:
				f.count.off += f.off
				f.count.draws = append(f.count.draws, draw)
			}
			lines = append(lines, &naiveLine{from: f.from, to: f.to, amount: -f.off, kind: "discount", of: f.naiveLine})
		}
	}
	return lines
}

// reduce finds what a discount of several cycles takes off the lines of one.
func (n *naive) reduce(d *naiveDiscount, cycle int, on []*naiveFit) {
	if d.a.Duration == "once" || d.a.Duration == "cycles" && !d.used[cycle] && len(d.used) >= d.a.Cycles {
		return
	}
	if d.a.Percent != "" {
		n.percent(d, on)
	} else {
		n.fixed(d, cycle, on)
	}
	for _, f := range on {
		if f.off > 0 && f.uses {
			d.used[cycle] = true
		}
	}
}

func (n *naive) percent(d *naiveDiscount, on []*naiveFit) {
	for _, f := range on {
		share := new(big.Rat).Mul(big.NewRat(-f.left, 1), new(big.Rat).Mul(naiveRat(d.a.Percent, "0"), big.NewRat(1, 100)))
		f.off = min(f.left, -naiveRound(share, 0, n.s.Rounding))
	}
}

// spend spends a discount of one invoice.
func (n *naive) spend(d *naiveDiscount, on []*naiveFit) {
	if d.a.Percent != "" {
		n.percent(d, on)
	} else {
		sum := int64(0)
		var shares []*big.Rat
		for _, f := range on {
			sum += f.left
		}
		amount := min(sum, n.minor(d.a.Amount))
		for _, f := range on {
			shares = append(shares, big.NewRat(amount*f.left, sum))
		}
		split(on, shares, amount)
	}
	d.gone = slices.ContainsFunc(on, func(f *naiveFit) bool { return f.off > 0 })
}

// fixed shares out the amount of one cycle: to each line its proportion, multiplied by
// the part of its period that it bills, and to all no more than is left of the amount.
func (n *naive) fixed(d *naiveDiscount, cycle int, on []*naiveFit) {
	if d.given[cycle] == nil {
		d.given[cycle] = new(big.Rat)
	}
	sum, total := int64(0), new(big.Rat)
	for _, f := range on {
		sum += f.left
	}
	var shares []*big.Rat
	for _, f := range on {
		share := big.NewRat(n.minor(d.a.Amount)*f.left, sum)
		if f.part != nil {
			share.Mul(share, f.part)
		}
		shares = append(shares, share)
		total.Add(total, share)
	}
	room := new(big.Rat).Sub(big.NewRat(n.minor(d.a.Amount), 1), d.given[cycle])
	if total.Cmp(room) > 0 {
		for _, share := range shares {
			share.Mul(share, room).Quo(share, total)
		}
		total = room
	}
	if total.Sign() <= 0 {
		return
	}
	amount := -naiveRound(new(big.Rat).Neg(total), 0, n.s.Rounding)
	split(on, shares, min(amount, naiveRound(room, 0, "floor")))
	for _, f := range on {
		d.given[cycle].Add(d.given[cycle], big.NewRat(f.off, 1))
	}
}

// split gives each line its share rounded towards zero, the last one the rest; what
// exceeds a line goes back to the earlier ones.
func split(on []*naiveFit, shares []*big.Rat, amount int64) {
	rest := amount
	for i, f := range on {
		f.off = min(f.left, naiveRound(shares[i], 0, "down"))
		if i == len(on)-1 {
			f.off = rest
		}
		rest -= f.off
	}
	over := int64(0)
	for i := len(on) - 1; i >= 0; i-- {
		f := on[i]
		f.off += over
		over = max(0, f.off-f.left)
		f.off -= over
	}
}
