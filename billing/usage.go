package billing

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A Record is one measured use.
type Record struct {
	// Metric names what was used, as in the plan's charges.
	Metric string `json:"metric"`
	// At is the instant of the use, to the microsecond. A record belongs to the period, and the side of a
	// change, that holds its instant.
	At time.Time `json:"at"`
	// Quantity is how much was used. It is not negative, but for an event below zero, as a refund,
	// of a metric that only prices of single events rate (plan.Percentage); a change that takes
	// off a level (plan.ReadChange); and -1, which removes a key (plan.UniqueCount).
	Quantity decimal.Decimal `json:"quantity"`
	// Key is what was used or who used it, where distinct keys are counted
	// (plan.UniqueCount), which need it. Elsewhere it may be there and is not read.
	Key string `json:"key,omitempty"`
	// Properties are what the use was of, by name: a region, a size, a model. Where a charge is priced
	// by some of them (plan.Matrix), they choose the price and the count; others may be there and are
	// not read. A property that is not there is empty. At most [MaxProperties]: names have the form
	// of an id, and values are names of one line. Runs only read the map.
	Properties map[string]string `json:"properties,omitempty"`
}

// Usage is what was used, in any order; of one instant, in the order in which it was used, if
// single events are rated: every record since some time before the checkpoint's mark; see
// [Invoices]. A record may be the total of others: the package
// documentation says which.
type Usage []Record

// accept refuses records that cannot be billed, or sets them aside: of a metric that is
// unknown to every plan that the subscription has had by then, invalid, at an instant
// without entitlement, or of a quantity that its price cannot rate. What lies before the run is of no
// interest. On the way it notes the order of the records, and sums them: see usageIndex.
func (r *run) accept(usage Usage) error {
	from, base := r.resumed.Add(-micro.Second), 0
	if r.options.ordered {
		base = usage.since(from)
		r.before, usage = usage[:base:base].whole(), usage[base:]
	}
	if r.options.unbillable != nil {
		usage = r.acceptable(usage.whole(), base)
	}
	return r.index(usage, base, from)
}

// index is accept for records of which the first has the number base. The first record
// that is out of order makes it begin again, by time.
func (r *run) index(usage Usage, base int, from time.Time) error {
	x := &usageIndex{records: usage, from: from, summed: len(usage) >= 2*blockSize}
	var m *metricSums
	p := reader{sec: math.MinInt64}
	start := p.skip(usage, from.Unix())
	for i := start; i < len(usage); i++ {
		rec := &usage[i]
		if m == nil || m.metric != rec.Metric {
			m = x.find(rec.Metric)
		}
		if m != nil {
			if i = x.sum(&p, m, i); i == len(usage) {
				break
			}
			rec = &usage[i]
		}
		if !micro.IsWhole(rec.At) {
			return r.index(usage.whole(), base, from)
		}
		sec := rec.At.Unix()
		p.reads(sec, rec.At.Nanosecond())
		if p.unordered && x.summed && !x.unordered && !r.options.ordered {
			x.byTime()
			i = start - 1
			continue
		}
		if m != nil && m.metric != rec.Metric {
			m = x.find(rec.Metric)
		}
		elsewhere := m == nil || sec <= m.after || sec >= m.before
		if elsewhere {
			if rec.At.Before(r.resumed) {
				if !rec.At.Before(x.from) {
					x.from = r.resumed
				}
				continue
			}
			if err := r.judge(strictjson.Index("usage", base+i), *rec); err != nil {
				return err
			}
			r.notes(rec)
			if !x.summed {
				continue
			}
			if m = x.of(rec.Metric); m == nil {
				continue
			}
			r.entitles(m, rec.At)
		}
		counts, sure := m.add(x.place(i), &rec.Quantity)
		m.incomplete = m.incomplete || !counts
		if !sure && !elsewhere {
			if err := r.judge(strictjson.Index("usage", base+i), *rec); err != nil {
				return err
			}
		}
	}
	switch {
	case p.unordered && r.options.ordered:
		return fmt.Errorf("%w: it is not in order of its instants", ErrUsage)
	case p.unordered && !x.unordered:
		x.records = usage.sorted()
	}
	r.usage = x
	return nil
}

// entitles notes where the subscription is entitled to a metric, around an instant at
// which it is.
func (r *run) entitles(m *metricSums, at time.Time) {
	if r.moved {
		return // records are placed one by one
	}
	seg := r.sub.Segment(r.sub.SegmentAt(at))
	if !inside.Serves(seg) || !rates(seg, m.metric) {
		return // what begins at the instant is not
	}
	if !isOne(declared(seg, m.metric).Aggregation) {
		return // each record is judged
	}
	by := ratedBy(seg, m.metric)
	if by.byDimensions {
		return // each record is judged
	}
	m.after, m.before = later(seg.From(), r.resumed).Unix(), calendarEnd
	if to := seg.To(); !to.IsZero() {
		m.before = min(m.before, to.Unix())
	}
	m.limit = by.limit
	m.most = coefficient(m.limit, m.exp)
}

// acceptable returns the records without those that cannot be billed, which it reports.
func (r *run) acceptable(usage Usage, base int) Usage {
	var kept Usage
	aside := false
	for i := range usage {
		err := error(nil)
		if !usage[i].At.Before(r.resumed) {
			err = r.judge(strictjson.Index("usage", base+i), usage[i])
		}
		switch {
		case err != nil:
			if !aside {
				kept, aside = append(kept, usage[:i]...), true
			}
			r.options.unbillable(base+i, usage[i], err)
		case aside:
			kept = append(kept, usage[i])
		}
	}
	if !aside {
		return usage
	}
	return kept
}

// rates reports whether some charge of the version or of an add-on rates the metric, or
// the version declares it.
func rates(seg subscription.Segment, metric string) bool {
	if _, ok := seg.Version().Metric(metric); ok {
		return true
	}
	return metric != "" && rating(seg.Phase(), metric) != nil
}

// sorted returns a copy in order of the instants; records of one instant stay in the
// order in which they were given.
func (u Usage) sorted() Usage {
	type place struct {
		sec     int64
		nsec, i int32
	}
	places := make([]place, len(u))
	for i := range u {
		places[i] = place{u[i].At.Unix(), int32(u[i].At.Nanosecond()), int32(i)}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.sec, b.sec), cmp.Compare(a.nsec, b.nsec), cmp.Compare(a.i, b.i))
	})
	sorted := make(Usage, len(u))
	for n, p := range places {
		sorted[n] = u[p.i]
	}
	return sorted
}

// since returns the number of the first record at or after t, of records in order.
func (u Usage) since(t time.Time) int {
	return sort.Search(len(u), func(i int) bool { return !u[i].At.Before(t) })
}

// within returns the records in [from, to), of records in order; some more of few.
func (u Usage) within(from, to time.Time) Usage {
	if len(u) <= 8 {
		return u
	}
	u = u[u.since(from):]
	return u[:u.since(to)]
}

// total aggregates the usage of a charge's metric in [from, to), of records in order.
func (u Usage) total(item *plan.CompiledCharge, from, to time.Time) decimal.Decimal {
	return u.within(from, to).aggregate(item.Metric(), item.Aggregation(), from, to)
}

// aggregate aggregates the usage of a metric in [from, to), of records in any order.
func (u Usage) aggregate(metric string, how plan.Aggregation, from, to time.Time) decimal.Decimal {
	if how != plan.Sum {
		return u.pick(metric, how, from, to)
	}
	// Sums that fit stay in whole numbers, of as many decimals as the quantities have.
	var sum int64
	var exp int32
	var rest decimal.Decimal
	var first *decimal.Decimal
	for i := range u {
		if u[i].Metric != metric || u[i].At.Before(from) || !u[i].At.Before(to) {
			continue
		}
		q := &u[i].Quantity
		c, e := q.CoefficientInt64(), q.Exponent()
		if c < 0 || q.NumDigits() > maxDigits {
			if first == nil {
				first = q
			}
			rest = rest.Add(*q)
			continue
		}
		if first == nil {
			first, sum, exp = q, c, e
			continue
		}
		next, common, ok := sum, exp, true
		switch {
		case e < exp:
			next, ok = scaled(sum, exp-e)
			common = e
		case e > exp:
			c, ok = scaled(c, e-exp)
		}
		if next += c; !ok || c < 0 || next < 0 {
			rest = rest.Add(*q)
			continue
		}
		sum, exp = next, common
	}
	switch {
	case first == nil:
		return decimal.Decimal{}
	case rest.IsZero() && exp == first.Exponent() && sum == first.CoefficientInt64():
		return *first
	}
	return decimal.New(sum, exp).Add(rest)
}

// any reports whether something was recorded of a metric in [from, to), of records in
// order.
func (u Usage) any(metric string, from, to time.Time) bool {
	for i := u.since(from); i < len(u) && u[i].At.Before(to); i++ {
		if u[i].Metric == metric {
			return true
		}
	}
	return false
}

// pick returns the largest quantity of a metric in [from, to), or the last: of several at
// one instant, the one given last.
func (u Usage) pick(metric string, how plan.Aggregation, from, to time.Time) decimal.Decimal {
	var found decimal.Decimal
	var at time.Time
	for i := range u {
		r := &u[i]
		if r.Metric != metric || r.At.Before(from) || !r.At.Before(to) {
			continue
		}
		t := micro.Floor(r.At) // records may hold finer digits, which do not count
		if how == plan.Last && t.Before(at) || how == plan.Max && !r.Quantity.GreaterThan(found) {
			continue
		}
		found, at = r.Quantity, t
	}
	return found
}
