package billing_test

import (
	"math/big"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/plan"
)

// A tally is one count of a metered charge (rule 17): all of its parts in one period
// under one price.
type tally struct {
	price      talePrice
	start, end time.Time // the period
	from       time.Time // where its first part begins
	number     int       // of the period
	free       bool
	lived      *big.Rat // the share of the period
	long       bool     // some part has a length
	units      *big.Rat
	events     []*big.Rat
	counted    bool
	how        string
	keys       map[string]bool
	sum        *big.Rat
	across     *big.Rat // what the parts owe of a count that goes on across prices
}

// A part is a stretch of time in which a metered charge is not divided.
type part struct {
	tally    *tally
	metric   string
	charge   string
	from, to time.Time // by the cuts
	since    time.Time // by the instants of what divides it
	until    time.Time
	seg      int              // where it ends
	records  []billing.Record // that it holds
}

// metered are the parts of all metered charges and what they count, by charge.
func (o *oracle) metered() map[string][]*tally {
	tallies := map[string][]*tally{}
	var parts []*part
	running := map[string]*part{}
	for k, span := range o.spans {
		seg := o.segs[span.seg]
		first := k == 0 || o.spans[k-1].seg != span.seg
		for item := range seg.Phase().Charges() {
			if item.Metric() == "" {
				continue
			}
			until := seg.To()
			opens := k+1 < len(o.spans) && o.spans[k+1].seg == span.seg // another period does
			if (opens || span.to.Equal(span.end)) && (until.IsZero() || span.end.Before(until)) {
				until = span.end
			}
			if until.IsZero() {
				until = o.until.AddDate(10, 0, 0)
			}
			was := running[item.ID()]
			alone := first && was != nil && o.leaves(was.seg, span.seg, item.ID())
			if alone && was.tally.end.Equal(span.end) { // what divides the segment leaves this charge alone
				was.to, was.until, was.seg = span.to, until, span.seg
				was.tally.live(o, span)
				continue
			}
			since := seg.From()
			switch {
			case !first:
				since = o.spans[k-1].end
			case alone && was.to.Equal(was.tally.end) && since.Before(was.to): // it was done on the last day of the period
				since = was.to
			}
			price := taleOf(seg.Price(item).Price())
			list := tallies[item.ID()]
			i := slices.IndexFunc(list, func(t *tally) bool {
				return t.number == span.number && samePrice(t.price, price)
			})
			if i < 0 {
				i = len(list)
				list = append(list, &tally{price: price, start: span.start, end: span.end, from: span.from, number: span.number, free: span.free, units: new(big.Rat), lived: new(big.Rat), how: string(item.Aggregation())})
				tallies[item.ID()] = list
			}
			list[i].live(o, span)
			p := &part{tally: list[i], metric: item.Metric(), charge: item.ID(), from: span.from, to: span.to, since: since, until: until, seg: span.seg}
			running[item.ID()] = p
			parts = append(parts, p)
		}
	}
	for _, p := range parts { // also those segments hold its records that leave it alone up to its period's end
		end := p.tally.end
		for j := p.seg + 1; p.to.Equal(end) && j < len(o.segs) && o.segs[j].From().Before(end) && o.leaves(p.seg, j, p.charge); j++ {
			p.seg, p.until = j, end
			if to := o.segs[j].To(); !to.IsZero() && to.Before(end) {
				p.until = to
			}
		}
	}
	strays := map[string]*tally{}
	for _, record := range o.p.usage {
		switch stray, charge := o.count(parts, record); {
		case stray == nil:
		case strays[charge] == nil:
			strays[charge] = stray
			tallies[charge] = append(tallies[charge], stray)
		default:
			strays[charge].add(record)
		}
	}
	if o.s.Policy.UsageCount == "across" {
		o.goOn(parts)
	}
	return tallies
}

// goOn adds up what the parts owe of counts that go on across prices: each the difference
// that its units make to those of the metric in the period before it.
func (o *oracle) goOn(parts []*part) {
	type key struct {
		metric string
		number int
	}
	counts := map[key]*tally{}
	for _, p := range parts {
		k := key{p.metric, p.tally.number}
		if counts[k] == nil {
			counts[k] = &tally{units: new(big.Rat), how: p.tally.how}
		}
		c := counts[k]
		if !o.long(p.from, p.to) && len(p.records) == 0 {
			continue
		}
		owed := new(big.Rat)
		if c.counted {
			owed.Neg(p.tally.price.due(c.units, c.events))
		}
		for _, record := range p.records {
			c.add(record)
		}
		c.counted = true
		if owed.Add(owed, p.tally.price.due(c.units, c.events)); p.tally.across != nil {
			owed.Add(owed, p.tally.across)
		}
		p.tally.across = owed
	}
}

// leaves reports whether all that opened the segments after one up to another leaves the
// charge alone.
func (o *oracle) leaves(after, upTo int, charge string) bool {
	for i := after + 1; i <= upTo; i++ {
		if !o.segs[i-1].Billable() || o.segs[i].boundary || o.cuts(i, charge) {
			return false
		}
	}
	return true
}

func samePrice(a, b talePrice) bool {
	same := func(x, y string) bool { return (x == "") == (y == "") && naiveRat(x, "0").Cmp(naiveRat(y, "0")) == 0 }
	zero := func(x, y string) bool { return naiveRat(x, "0").Cmp(naiveRat(y, "0")) == 0 }
	return a.Model == b.Model && a.Zero == b.Zero && same(a.Minimum, b.Minimum) && same(a.Maximum, b.Maximum) &&
		zero(a.Amount, b.Amount) && zero(a.UnitAmount, b.UnitAmount) && zero(a.FreeUnits, b.FreeUnits) &&
		zero(a.PackageSize, b.PackageSize) && zero(a.PackageAmount, b.PackageAmount) &&
		zero(a.Rate, b.Rate) && zero(a.FixedAmount, b.FixedAmount) && zero(a.FreeEvents, b.FreeEvents) && zero(a.FreeAmount, b.FreeAmount) &&
		a.FreeBy == b.FreeBy && same(a.EventMinimum, b.EventMinimum) && same(a.EventMaximum, b.EventMaximum) &&
		slices.EqualFunc(a.Tiers, b.Tiers, func(x, y taleTier) bool {
			return same(x.UpTo, y.UpTo) && zero(x.UnitAmount, y.UnitAmount) && zero(x.FlatAmount, y.FlatAmount) && zero(x.Amount, y.Amount) && zero(x.Rate, y.Rate) && zero(x.PackageSize, y.PackageSize)
		})
}

// count adds a record to the part that holds its instant. One at the instant of a command
// by which the metric is none any more belongs to what ended. What a part of no length
// holds passes to what follows in the same metric; where nothing does it stays there. It
// returns a count of its own where the story has no such part.
func (o *oracle) count(parts []*part, record billing.Record) (stray *tally, charge string) {
	for _, p := range parts { // what is used at the instant of a pause comes before it, also if a resume follows at once
		stops := o.p.sub.Segment(min(p.seg+1, o.p.sub.Segments()-1))
		stopped := stops.From().Equal(record.At) && !stops.Entitled() && !record.At.Equal(p.tally.end)
		if stopped && p.metric == record.Metric && p.since.Before(record.At) && p.until.Equal(record.At) && o.long(p.from, p.to) {
			p.add(record)
			return nil, ""
		}
	}
	for _, p := range parts {
		if p.metric == record.Metric && !record.At.Before(p.since) && record.At.Before(p.until) && o.long(p.from, p.to) {
			p.add(record)
			return nil, ""
		}
	}
	i, left := o.p.sub.SegmentAt(record.At), false
	for ; i > 0; i-- {
		seg := o.p.sub.Segment(i)
		if _, known := seg.Version().Metric(record.Metric); seg.Entitled() && known {
			break
		}
		left = true
	}
	seg := o.p.sub.Segment(i)
	charges := slices.Collect(seg.Phase().Charges())
	k := slices.IndexFunc(charges, func(c *plan.CompiledCharge) bool { return c.Metric() == record.Metric })
	if k < 0 || !seg.Billable() {
		return nil, "" // it is free
	}
	var home *part
	for _, p := range parts {
		holds := !record.At.Before(p.since) && (record.At.Before(p.until) || record.At.Equal(p.until) && left && p.seg >= i && !record.At.Equal(p.tally.end))
		if p.charge != charges[k].ID() || !holds {
			continue
		}
		home = p
		if o.long(p.from, p.to) {
			p.add(record)
			return nil, ""
		}
	}
	after, closed := o.follows(parts, record, i)
	switch {
	case after != nil:
		after.add(record)
	case !closed: // it waits for a resume
	case home != nil:
		home.add(record)
	default:
		stray = &tally{price: taleOf(seg.Price(charges[k]).Price()), start: record.At, end: record.At, from: o.segs[i].cut, number: -1, units: new(big.Rat), lived: new(big.Rat), how: string(charges[k].Aggregation())}
		stray.add(record)
		return stray, charges[k].ID()
	}
	return nil, ""
}

// follows is the part to which a record in segment i passes on: not over an ending, which
// closes the bill, nor over terms without the metric.
func (o *oracle) follows(parts []*part, record billing.Record, i int) (next *part, closed bool) {
	until := len(o.segs)
	for j := i + 1; j < len(o.segs) && !closed; j++ {
		seg := o.segs[j]
		rated := slices.ContainsFunc(slices.Collect(seg.Phase().Charges()), func(c *plan.CompiledCharge) bool { return c.Metric() == record.Metric })
		if closed = seg.Ended() || seg.Billable() && !rated; closed {
			until = j
		}
	}
	for _, next := range parts {
		if next.metric == record.Metric && !next.since.Before(record.At) && next.seg < until && o.long(next.from, next.to) {
			return next, closed
		}
	}
	return nil, closed
}

// long reports whether a part has a length: a day, also one without a share by months of
// thirty, or by the second any.
func (o *oracle) long(from, to time.Time) bool {
	if o.s.Policy.Basis == "second" {
		return to.After(from)
	}
	return naiveDay(to, o.loc).After(naiveDay(from, o.loc))
}

func (t *tally) live(o *oracle, span stretch) {
	t.long = t.long || o.long(span.from, span.to)
	if whole := o.length(span.start, span.end); whole > 0 {
		t.lived.Add(t.lived, big.NewRat(o.length(span.from, span.to), whole))
	}
}

func (p *part) add(record billing.Record) {
	p.records = append(p.records, record)
	p.tally.add(record)
}

func (t *tally) add(record billing.Record) {
	units := record.Quantity.Rat()
	t.counted = true
	t.events = append(t.events, units)
	switch {
	case t.how == "count":
		t.units = big.NewRat(int64(len(t.events)), 1)
	case t.how == "unique":
		if t.keys == nil {
			t.keys = map[string]bool{}
		}
		if t.keys[record.Key] = true; units.Sign() < 0 {
			delete(t.keys, record.Key)
		}
		t.units = big.NewRat(int64(len(t.keys)), 1)
	case t.how == "average":
		if t.sum == nil {
			t.sum = new(big.Rat)
		}
		t.sum.Add(t.sum, units)
		t.units = new(big.Rat).Quo(t.sum, big.NewRat(int64(len(t.events)), 1))
	case t.how == "last", t.how == "max" && units.Cmp(t.units) > 0:
		t.units = units
	case t.how == "max":
	default:
		t.units = new(big.Rat).Add(t.units, units)
	}
}

// owes is what the count comes to, rounded once, in minor units.
func (o *oracle) owes(t *tally, digits int) int64 {
	if !t.long && !t.counted {
		return 0
	}
	amount, lived := t.price.due(t.units, t.events), t.lived
	if t.across != nil && t.how != "average" { // a mean does not go on
		amount = t.across
	}
	if o.s.Policy.UsageBounds == "whole" {
		lived = big.NewRat(1, 1)
	}
	least := new(big.Rat).Mul(naiveRat(t.price.Minimum, "0"), lived)
	if t.price.Minimum != "" && !t.free && amount.Cmp(least) < 0 {
		amount = least
	}
	most := new(big.Rat).Mul(naiveRat(t.price.Maximum, "0"), lived)
	if t.price.Maximum != "" && amount.Cmp(most) > 0 {
		amount = most
	}
	return naiveRound(amount, digits, o.s.Rounding)
}
