package billing_test

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// naiveCount is what was used of a metered charge in one period under one price.
type naiveCount struct {
	id, usage string
	price     talePrice
	over      *taleEvery
	whole     [2]time.Time
	since     time.Time // from when its first part counts
	units     *big.Rat
	events    []*big.Rat // of its parts
	windows   []naiveWindow
	owed      *big.Rat // of a count across prices
	share     *big.Rat // of the period that was lived
	billed    int64
	above     int64 // what of that a cap took off
	off       int64 // what discounts took off the parts
	draws     []naiveDraw
}

// naiveStray is usage in a part of no length: it passes to what follows in the metric.
type naiveStray struct {
	run   *naiveRun
	until time.Time
}

// billUsage adds the line for a part of a metered charge.
func (n *naive) billUsage(b *naiveBill, r *naiveRun, cut, t time.Time) {
	if !cut.After(r.from) {
		n.strays = append(n.strays, &naiveStray{r, t})
		return
	}
	// Whether hours within one civil day are a part of their own is not told.
	n.odd = n.odd || n.basis() != "second" && naiveDays(r.from, cut, "day", n.loc) == 0
	for _, part := range n.combinations(r, t) {
		n.billPart(b, part, cut, t)
	}
	n.tables = append(n.tables, naiveTable{r, n.share(r.stub, r.from, cut), naiveWindow{r.since, t, r.long}})
}

func (n *naive) billPart(b *naiveBill, r *naiveRun, cut, t time.Time) {
	// A count across prices begins with the first part of the metric in the period.
	first, later := r.since, false
	for _, c := range n.counts {
		if c.usage == r.usage && c.whole == r.whole {
			if later = true; c.since.Before(first) {
				first = c.since
			}
		}
	}
	if r.over != nil {
		first, later = n.countedOver(r, cut)
	}
	i := slices.IndexFunc(n.counts, func(c *naiveCount) bool {
		return c.id == r.id && (c.over == nil) == (r.over == nil) && c.usage == r.usage && c.whole == r.whole && samePrice(c.price, r.price)
	})
	if i < 0 {
		i = len(n.counts)
		n.counts = append(n.counts, &naiveCount{id: r.id, usage: r.usage, price: r.price, over: r.over, whole: r.whole, since: r.since, units: new(big.Rat), owed: new(big.Rat), share: new(big.Rat)})
		n.livedBefore(n.counts[i], r)
	}
	c := n.counts[i]
	c.windows = append(c.windows, naiveWindow{r.since, t, r.long})
	if n.reads(r.usage) {
		c.units = n.single(r, c.windows...)
	} else {
		n.extend(c.units, r.usage, r.since, t)
	}
	c.events = append(c.events, n.events(r.usage, r.since, t)...)
	part := n.share(r.stub, r.from, cut)
	c.share.Add(c.share, part)
	amount := r.price.due(c.units, c.events)
	across := n.s.Policy.UsageCount == "across" || r.over != nil
	if across && n.reads(r.usage) && !strings.Contains(n.s.Aggregations[baseOf(r.usage)], "average") {
		c.owed.Add(c.owed, r.price.unbounded(n.single(r, naiveWindow{first, t, r.long})))
		if later {
			c.owed.Sub(c.owed, r.price.unbounded(n.single(r, naiveWindow{first, r.since, r.long})))
		}
		amount = new(big.Rat).Set(c.owed)
	} else if across && !n.reads(r.usage) {
		c.owed.Add(c.owed, r.price.due(n.used(r.usage, first, t), n.events(r.usage, first, t)))
		if later {
			c.owed.Sub(c.owed, r.price.due(n.used(r.usage, first, r.since), n.events(r.usage, first, r.since)))
		}
		amount = new(big.Rat).Set(c.owed)
	}
	lived := c.share
	if n.s.Policy.UsageBounds == "whole" {
		lived = big.NewRat(1, 1)
	}
	least := new(big.Rat).Mul(naiveRat(r.price.Minimum, "0"), lived)
	if r.price.Minimum != "" && (r.stub == nil || !r.stub.free) && amount.Cmp(least) < 0 {
		amount = least
	}
	most := new(big.Rat).Mul(naiveRat(r.price.Maximum, "0"), lived)
	if r.price.Maximum != "" && amount.Cmp(most) > 0 {
		amount = most
	}
	owed := n.round(amount)
	from := r.from
	if from = naiveLater(from, r.shown); from.After(cut) {
		from = cut
	}
	line := &naiveLine{from: from, to: cut, amount: owed - c.billed, charge: r.id, kind: "usage", cycle: r.number + 1, uses: true, part: part, count: c}
	whole := n.addPart(b, c, r.most, line, owed)
	n.counted[baseOf(r.usage)] = naiveLater(n.counted[baseOf(r.usage)], t)
	r.min.counts(r.by, line, baseOf(r.usage), whole)
}

// addPart adds the line of a part with which the count owes so much. It returns what that comes to
// before discounts.
func (n *naive) addPart(b *naiveBill, c *naiveCount, most *taleCap, line *naiveLine, owed int64) int64 {
	if n.billsEarly(c.usage, c.price) && n.plan.Thresholds.Over == "life" {
		n.life += line.amount
	}
	billed := c.billed - c.above
	n.underCap(c, most, line)
	gross := line.amount
	if back := min(-gross, billed); back > 0 && c.off != 0 {
		// What discounts took off the earlier parts is not given back.
		share := big.NewRat(back, billed)
		net := new(big.Rat).Mul(big.NewRat(-(billed-c.off), 1), share)
		line.amount = naiveRound(net, 0, n.s.Rounding) + gross + back
		c.off -= line.amount - gross
		for _, draw := range c.draws {
			draw.giveBack(share)
		}
	}
	c.billed = owed
	b.lines = append(b.lines, line)
	return gross
}

// strayed is from when usage of a metric counts that begins to at t.
func (n *naive) strayed(usage string, t time.Time) time.Time {
	for _, s := range n.strays {
		if s.run.usage == usage && s.run.since.Before(t) {
			t = s.run.since
		}
	}
	n.strays = slices.DeleteFunc(n.strays, func(s *naiveStray) bool { return s.run.usage == usage })
	return t
}

// leave bills usage in parts of no length that nothing follows.
func (n *naive) leave(b *naiveBill) {
	n.strays = slices.DeleteFunc(n.strays, func(s *naiveStray) bool {
		follows := n.kind != "ended" && slices.ContainsFunc(n.charges(), func(c taleCharge) bool { return c.Usage == s.run.usage })
		if follows {
			return false
		}
		for _, r := range n.combinations(s.run, s.until) {
			recorded := (r.price.ratesEvents() || n.reads(r.usage)) && len(n.events(r.usage, r.since, s.until)) > 0
			used := n.used(r.usage, r.since, s.until)
			if n.reads(r.usage) {
				used = n.single(r, naiveWindow{r.since, s.until, r.long})
			}
			if recorded || used.Sign() > 0 {
				n.billPart(b, r, r.from, s.until)
			}
		}
		return true
	})
}

// used goes through the records of a metric.
func (n *naive) used(of string, from, to time.Time) *big.Rat {
	return n.extend(new(big.Rat), of, from, to)
}

// extend adds the records of a metric to what was counted before.
func (n *naive) extend(total *big.Rat, of string, from, to time.Time) *big.Rat {
	for _, a := range n.s.Actions {
		at := n.s.instant(a.At)
		if !a.uses(of) || at.Before(from) || !at.Before(to) {
			continue
		}
		q := naiveRat(a.Quantity, "0")
		switch n.s.Aggregations[baseOf(of)] {
		case "max":
			if q.Cmp(total) > 0 {
				total.Set(q)
			}
		case "last":
			total.Set(q)
		default:
			total.Add(total, q)
		}
	}
	return total
}

// events are the records of a metric, in their order.
func (n *naive) events(of string, from, to time.Time) []*big.Rat {
	var all []*big.Rat
	for _, a := range n.s.Actions {
		if at := n.s.instant(a.At); a.uses(of) && !at.Before(from) && at.Before(to) {
			all = append(all, naiveRat(a.Quantity, "0"))
		}
	}
	return all
}
