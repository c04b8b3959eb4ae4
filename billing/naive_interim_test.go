package billing_test

import (
	"math/big"
	"slices"
	"strings"
	"time"
)

// naiveInterim is an interim invoice: what the usage of its period came to.
type naiveInterim struct {
	whole [2]time.Time
	sum   int64
	over  bool // of all life
}

// step is the smallest amount above what was reached already.
func (n *naive) step(t *taleThresholds, reached int64) (int64, bool) {
	last := int64(0)
	for _, amount := range t.Amounts {
		if last = n.minor(amount); last > reached {
			return last, true
		}
	}
	if t.Recurring == "" {
		return 0, false
	}
	for last <= reached {
		last += n.minor(t.Recurring)
	}
	return last, true
}

// billsEarly reports whether usage at a price makes interim invoices.
func (n *naive) billsEarly(usage string, price talePrice) bool {
	if usage == "" || n.plan.Thresholds == nil {
		return false
	}
	if n.plan.Thresholds.Volume == "difference" {
		return true
	}
	return !slices.Contains([]string{"max", "last", "unique", "average"}, n.s.Aggregations[usage]) && price.Model != "volume" && price.Model != "stairstep"
}

// interim makes the invoice of what was used so far, if that reaches a threshold at t.
func (n *naive) interim(t time.Time) {
	if n.kind != "running" || n.plan.Thresholds == nil {
		return
	}
	until := t.Add(time.Microsecond)
	var runs []*naiveRun
	for _, r := range n.runs {
		if n.billsEarly(r.usage, r.price) {
			runs = append(runs, r)
		}
	}
	if !slices.ContainsFunc(runs, func(r *naiveRun) bool { return len(n.events(r.usage, r.since, until)) > 0 }) {
		return
	}
	whole := runs[0].whole
	counts := map[*naiveRun]*naiveCount{}
	owes := map[*naiveRun]int64{}
	billed, sum := int64(0), int64(0)
	for _, c := range n.counts {
		if c.whole != whole || !n.billsEarly(c.usage, c.price) {
			continue
		}
		billed += c.billed
		if !slices.ContainsFunc(runs, func(r *naiveRun) bool { return r.id == c.id && r.usage == c.usage && samePrice(r.price, c.price) }) {
			sum += c.billed
		}
	}
	for _, r := range runs {
		c, owed := n.soFar(r, until)
		counts[r], owes[r] = c, owed
		sum += owed
	}
	over := n.plan.Thresholds.Over == "life"
	if over {
		billed, sum = n.life, sum+n.life-billed
	}
	reached := billed
	for _, i := range n.interims {
		if i.whole == whole && i.over == over {
			reached = max(reached, i.sum)
		}
	}
	step, ok := n.step(n.plan.Thresholds, reached)
	if !ok || sum < step {
		return
	}
	b := &naiveBill{interim: true}
	for _, r := range runs {
		if r.since.After(t) {
			continue
		}
		n.odd = n.odd || !r.from.Before(n.end) // it has no length, and whether what was used is of the period that follows is not told
		c := counts[r]
		i := slices.IndexFunc(n.counts, func(o *naiveCount) bool {
			return o.id == c.id && o.usage == c.usage && o.whole == c.whole && samePrice(o.price, c.price)
		})
		if i < 0 {
			n.counts = append(n.counts, c)
		} else {
			n.counts[i] = c
		}
		from := naiveLater(r.from, r.shown)
		if from.After(t) {
			from = t
		}
		n.addPart(b, c, r.most, &naiveLine{
			from: from, to: t, amount: owes[r] - c.billed, charge: r.id, kind: "usage", cycle: r.number + 1, uses: true, part: n.share(r.stub, r.from, n.end), count: c,
		}, owes[r])
		r.since = until
		if t.After(r.from) {
			r.shown = t
		}
		n.counted[r.usage] = naiveLater(n.counted[r.usage], until)
	}
	n.interims = append(n.interims, naiveInterim{whole, sum, over})
	n.finish(b, t)
}

// soFar is what a charge owes of the period that runs, with a copy of its count.
func (n *naive) soFar(r *naiveRun, until time.Time) (*naiveCount, int64) {
	first, later := r.since, false
	for _, c := range n.counts {
		if c.usage == r.usage && c.whole == r.whole {
			if later = true; c.since.Before(first) {
				first = c.since
			}
		}
	}
	c := &naiveCount{id: r.id, usage: r.usage, price: r.price, whole: r.whole, since: r.since, units: new(big.Rat), owed: new(big.Rat), share: new(big.Rat)}
	for _, o := range n.counts {
		if o.id == r.id && o.usage == r.usage && o.whole == r.whole && samePrice(o.price, r.price) {
			same := *o
			same.units, same.owed, same.share = new(big.Rat).Set(o.units), new(big.Rat).Set(o.owed), new(big.Rat).Set(o.share)
			same.events, same.windows = slices.Clone(o.events), slices.Clone(o.windows)
			c = &same
		}
	}
	if !r.since.Before(until) {
		return c, c.billed
	}
	c.windows = append(c.windows, naiveWindow{r.since, until, r.long})
	if n.reads(r.usage) {
		c.units = n.single(r, c.windows...)
	} else {
		n.extend(c.units, r.usage, r.since, until)
	}
	c.events = append(c.events, n.events(r.usage, r.since, until)...)
	amount := r.price.due(c.units, c.events)
	across := n.s.Policy.UsageCount == "across"
	switch {
	case across && n.reads(r.usage) && !strings.Contains(n.s.Aggregations[r.usage], "average"):
		c.owed.Add(c.owed, r.price.unbounded(n.single(r, naiveWindow{first, until, r.long})))
		if later {
			c.owed.Sub(c.owed, r.price.unbounded(n.single(r, naiveWindow{first, r.since, r.long})))
		}
		amount = new(big.Rat).Set(c.owed)
	case across && !n.reads(r.usage):
		c.owed.Add(c.owed, r.price.due(n.used(r.usage, first, until), n.events(r.usage, first, until)))
		if later {
			c.owed.Sub(c.owed, r.price.due(n.used(r.usage, first, r.since), n.events(r.usage, first, r.since)))
		}
		amount = new(big.Rat).Set(c.owed)
	}
	lived := new(big.Rat).Add(c.share, n.share(r.stub, r.from, n.end))
	if n.s.Policy.UsageBounds == "whole" {
		lived = big.NewRat(1, 1)
	}
	if most := new(big.Rat).Mul(naiveRat(r.price.Maximum, "0"), lived); r.price.Maximum != "" && amount.Cmp(most) > 0 {
		amount = most
	}
	return c, n.round(amount)
}
