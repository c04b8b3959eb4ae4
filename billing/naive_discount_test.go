package billing_test

import "math/big"

type naiveDiscount struct {
	a    taleAction
	uses int
	gone bool
}

// discount adds the lines of the discounts that are in force.
func (n *naive) discount(lines []*naiveLine, regular bool) []*naiveLine {
	for _, d := range n.discounts {
		if d.gone || d.a.Duration == "cycles" && regular && d.uses >= d.a.Cycles {
			d.gone = true
			continue
		}
		var on []*naiveLine
		var left []int64
		sum := int64(0)
		for _, l := range lines {
			if l.kind != "charge" && l.kind != "usage" && l.kind != "one_off" || d.a.Charge != "" && l.charge != d.a.Charge {
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
				on, left = append(on, l), append(left, rest)
				sum += rest
			}
		}
		off := make([]int64, len(on))
		if d.a.Percent != "" {
			for i := range on {
				share := new(big.Rat).Mul(big.NewRat(-left[i], 1), new(big.Rat).Mul(naiveRat(d.a.Percent, "0"), big.NewRat(1, 100)))
				off[i] = min(left[i], -naiveRound(share, 0, n.s.Rounding))
			}
		} else if len(on) > 0 {
			amount := min(sum, n.minor(d.a.Amount))
			rest := amount
			for i := range on {
				off[i] = amount * left[i] / sum
				if i == len(on)-1 {
					off[i] = rest
				}
				rest -= off[i]
			}
			// One minor unit after the other goes back from the last line.
			for i := len(on) - 2; i >= 0; i-- {
				for off[len(on)-1] > left[len(on)-1] && off[i] < left[i] {
					off[len(on)-1]--
					off[i]++
				}
			}
		}
		used := false
		for i, l := range on {
			if off[i] == 0 {
				continue
			}
			used = true
			if l.paid != nil {
				l.paid.off -= off[i]
			}
			lines = append(lines, &naiveLine{from: l.from, to: l.to, amount: -off[i], kind: "discount", of: l})
		}
		if regular {
			d.uses++
		}
		d.gone = d.gone || used && d.a.Duration == "once"
	}
	return lines
}
