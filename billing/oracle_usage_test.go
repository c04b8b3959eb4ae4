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
	units      *big.Rat
	counted    bool
	how        string
}

// A part is a stretch of time in which a metered charge is not divided.
type part struct {
	tally    *tally
	metric   string
	charge   string
	from, to time.Time // by the cuts
	since    time.Time // by the instants of what divides it
	until    time.Time
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
			if span.to.Equal(span.end) && (until.IsZero() || span.end.Before(until)) {
				until = span.end
			}
			if until.IsZero() {
				until = o.until.AddDate(10, 0, 0)
			}
			was := running[item.ID()]
			whole := first && was != nil && span.seg > 0 && o.segs[span.seg-1].Billable() && !o.segs[span.seg].boundary && !o.cuts(span.seg, item.ID()) && was.tally.end.Equal(span.end)
			if whole { // what divides the segment leaves this charge alone
				was.to, was.until = span.to, until
				was.tally.live(o, span)
				continue
			}
			since := seg.From()
			if !first {
				since = span.from
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
			p := &part{tally: list[i], metric: item.Metric(), charge: item.ID(), from: span.from, to: span.to, since: since, until: until}
			running[item.ID()] = p
			parts = append(parts, p)
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
			strays[charge].add(record.Quantity.Rat())
		}
	}
	return tallies
}

func samePrice(a, b talePrice) bool {
	same := func(x, y string) bool { return (x == "") == (y == "") && naiveRat(x, "0").Cmp(naiveRat(y, "0")) == 0 }
	zero := func(x, y string) bool { return naiveRat(x, "0").Cmp(naiveRat(y, "0")) == 0 }
	return a.Model == b.Model && a.Zero == b.Zero && same(a.Minimum, b.Minimum) && same(a.Maximum, b.Maximum) &&
		zero(a.Amount, b.Amount) && zero(a.UnitAmount, b.UnitAmount) && zero(a.FreeUnits, b.FreeUnits) &&
		zero(a.PackageSize, b.PackageSize) && zero(a.PackageAmount, b.PackageAmount) &&
		slices.EqualFunc(a.Tiers, b.Tiers, func(x, y taleTier) bool {
			return same(x.UpTo, y.UpTo) && zero(x.UnitAmount, y.UnitAmount) && zero(x.FlatAmount, y.FlatAmount) && zero(x.Amount, y.Amount) && zero(x.PackageSize, y.PackageSize)
		})
}

// count adds a record to the part that holds its instant; one at the instant of what ends
// a charge belongs to what ended. What a part of no length holds passes to what follows
// in the same metric; where nothing does it returns a count of its own.
func (o *oracle) count(parts []*part, record billing.Record) (stray *tally, charge string) {
	for _, p := range parts {
		if p.metric == record.Metric && !record.At.Before(p.since) && record.At.Before(p.until) && o.length(p.from, p.to) > 0 {
			p.tally.add(record.Quantity.Rat())
			return nil, ""
		}
	}
	i := o.p.sub.SegmentAt(record.At)
	var item *plan.CompiledCharge
	for ; item == nil && i >= 0; i-- {
		seg := o.p.sub.Segment(i)
		charges := slices.Collect(seg.Phase().Charges())
		if k := slices.IndexFunc(charges, func(c *plan.CompiledCharge) bool { return c.Metric() == record.Metric }); k >= 0 && seg.Billable() {
			item = charges[k]
			for _, p := range parts {
				if p.charge == item.ID() && record.At.Equal(p.until) && !record.At.Equal(p.tally.end) && o.length(p.from, p.to) > 0 && !o.p.sub.Segment(o.p.sub.SegmentAt(record.At)).Billable() {
					p.tally.add(record.Quantity.Rat())
					return nil, ""
				}
			}
			if after := o.follows(parts, record); after != nil {
				after.tally.add(record.Quantity.Rat())
				return nil, ""
			}
			if !slices.ContainsFunc(o.segs, func(seg segment) bool { return seg.Ended() && !seg.From().Before(record.At) }) {
				return nil, "" // it waits for the resume
			}
			stray = &tally{price: taleOf(seg.Price(item).Price()), start: record.At, end: record.At, from: record.At, number: -1, units: new(big.Rat), lived: new(big.Rat), how: string(item.Aggregation())}
			stray.add(record.Quantity.Rat())
			return stray, item.ID()
		}
		if !seg.From().Equal(record.At) || seg.Opened().Scheduled() { // a command at the very instant comes after
			break
		}
	}
	return nil, ""
}

// follows is the part to which a record passes on: not over an ending, which closes the
// bill.
func (o *oracle) follows(parts []*part, record billing.Record) *part {
	for _, next := range parts {
		ends := slices.ContainsFunc(o.segs, func(seg segment) bool {
			return seg.Ended() && !seg.From().Before(record.At) && seg.From().Before(next.since)
		})
		if ends {
			return nil
		}
		if next.metric == record.Metric && !next.since.Before(record.At) && o.length(next.from, next.to) > 0 {
			return next
		}
	}
	return nil
}

func (t *tally) live(o *oracle, span stretch) {
	if whole := o.length(span.start, span.end); whole > 0 {
		t.lived.Add(t.lived, big.NewRat(o.length(span.from, span.to), whole))
	}
}

func (t *tally) add(units *big.Rat) {
	t.counted = true
	switch {
	case t.how == "last", t.how == "max" && units.Cmp(t.units) > 0:
		t.units = units
	case t.how == "max":
	default:
		t.units = new(big.Rat).Add(t.units, units)
	}
}

// owes is what the count comes to, rounded once, in minor units.
func (o *oracle) owes(t *tally, digits int) int64 {
	if t.lived.Sign() == 0 && !t.counted {
		return 0
	}
	amount := t.price.unbounded(t.units)
	least := new(big.Rat).Mul(naiveRat(t.price.Minimum, "0"), t.lived)
	if t.price.Minimum != "" && !t.free && amount.Cmp(least) < 0 {
		amount = least
	}
	most := new(big.Rat).Mul(naiveRat(t.price.Maximum, "0"), t.lived)
	if t.price.Maximum != "" && amount.Cmp(most) > 0 {
		amount = most
	}
	return naiveRound(amount, digits, o.s.Rounding)
}
