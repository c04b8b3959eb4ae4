package billing

import (
	"math"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/plan"
)

// A usageIndex is the usage of a run, with what is needed to total it over any stretch
// without reading all of it again, and without sorting it. Records in order of their
// instants are summed in blocks of as many; others in buckets of as much time, linked to
// the records in them.
type usageIndex struct {
	records Usage
	// unordered says that they are not in order of their instants; sorted is a copy that
	// is, made when something needs it.
	unordered bool
	sorted    Usage
	latest    time.Time
	divided   map[string]map[string]*dimensional // see by

	// summed says that there are sums; they begin at from.
	summed  bool
	from    time.Time
	metrics []*metricSums
	scans   int // readings of records in no order

	// Of buckets: the first microsecond, how many bits of one more are dropped, the first
	// record of each bucket, and after each record the next.
	low        int64
	shift      uint
	head, next []int32
}

// metricSums are the sums of one metric, in units of 10^exp.
type metricSums struct {
	// alike has the metric and the exponent, and bounds where the subscription is known to
	// be entitled to what the metric measures.
	alike
	limit int64 // the largest quantity there that surely can be rated
	sums  []blockSum
	// incomplete says that some quantity is in no sum: the records must be read.
	incomplete bool
}

// A blockSum is the sum of a block or bucket, and which exponents its quantities have: bit
// n is for 10^-n. No bit: there is no record.
type blockSum struct {
	sum  int64
	exps uint32
}

const (
	blockBits  = 8
	blockSize  = 1 << blockBits
	maxMetrics = 32
	// maxDigits of a quantity stay in whole numbers.
	maxDigits = 17
)

// pow10 are the powers of ten that an int64 holds.
var pow10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// find returns the sums of a metric; nil if there are none.
func (x *usageIndex) find(metric string) *metricSums {
	for _, m := range x.metrics {
		if m.metric == metric {
			return m
		}
	}
	return nil
}

// of returns the sums of a metric, and makes them; nil if there are too many metrics.
func (x *usageIndex) of(metric string) *metricSums {
	if m := x.find(metric); m != nil || len(x.metrics) == maxMetrics {
		return m
	}
	n := len(x.records)>>blockBits + 1
	if x.unordered {
		n = len(x.head)
	}
	m := &metricSums{alike: alike{metric: metric, after: math.MaxInt64}, sums: make([]blockSum, n)}
	x.metrics = append(x.metrics, m)
	return m
}

// add sums a quantity; counts is false if it is in no sum, and sure if it surely can be
// billed where the metric's limit holds.
func (m *metricSums) add(block int, q *decimal.Decimal) (counts, sure bool) {
	exp := q.Exponent()
	if exp > 0 || exp < -18 || q.NumDigits() > maxDigits {
		return false, false
	}
	c := q.CoefficientInt64()
	if c < 0 || m.incomplete || exp < m.exp && !m.rescale(exp) {
		return c >= 0, c >= 0 && c <= coefficient(m.limit, exp)
	}
	b := &m.sums[block]
	c, ok := scaled(c, exp-m.exp)
	if b.sum += c; !ok || b.sum < 0 {
		m.incomplete = true
	}
	b.exps |= 1 << -exp
	return true, ok && c <= m.most
}

// rescale changes the unit to a finer one.
func (m *metricSums) rescale(exp int32) bool {
	for i := range m.sums {
		var ok bool
		if m.sums[i].sum, ok = scaled(m.sums[i].sum, m.exp-exp); !ok {
			m.incomplete = true
			return false
		}
	}
	m.exp, m.most = exp, coefficient(m.limit, exp)
	return true
}

// scaled returns n, which is not negative, times 10^places; false if that does not fit.
func scaled(n int64, places int32) (int64, bool) {
	if places == 0 {
		return n, true
	}
	if int(places) >= len(pow10) {
		return 0, false
	}
	p := pow10[places]
	return n * p, n <= math.MaxInt64/p
}

// inOrder returns the records in order of their instants.
func (x *usageIndex) inOrder() Usage {
	if !x.unordered {
		return x.records
	}
	if x.sorted == nil {
		x.sorted = x.records.sorted()
	}
	return x.sorted
}

// total aggregates the usage of a charge's metric in [from, to).
func (x *usageIndex) total(item *plan.CompiledCharge, from, to time.Time) decimal.Decimal {
	if how := item.Aggregation(); how != plan.Sum {
		return x.pick(item.Metric(), how, from, to)
	}
	m, known := x.known(item.Metric(), from)
	switch {
	case !known:
		return x.inOrder().total(item, from, to)
	case m == nil:
		return decimal.Decimal{}
	}
	var all blockSum
	var carried decimal.Decimal
	add := func(b blockSum) {
		if all.exps |= b.exps; all.sum+b.sum < 0 {
			carried, all.sum = carried.Add(decimal.New(all.sum, m.exp)), 0
		}
		all.sum += b.sum
	}
	x.each(m, from, to, add)
	if all.exps == 0 {
		return decimal.Decimal{}
	}
	// As many decimal places as the quantities have.
	exp := m.exp
	for ; exp < 0 && all.exps&(1<<-exp) == 0; exp++ {
		all.sum /= 10
	}
	if !carried.IsZero() {
		return carried.Add(decimal.New(all.sum, exp))
	}
	return decimal.New(all.sum, exp)
}

// any reports whether something was recorded of a metric in [from, to).
func (x *usageIndex) any(metric string, from, to time.Time) bool {
	m, known := x.known(metric, from)
	if !known || m == nil {
		return !known && x.inOrder().any(metric, from, to)
	}
	found := false
	x.each(m, from, to, func(b blockSum) { found = found || b.exps != 0 })
	return found
}

// known returns the sums of a metric, nil if it has none; false if they do not tell.
func (x *usageIndex) known(metric string, from time.Time) (*metricSums, bool) {
	if !x.summed || from.Before(x.from) {
		return nil, false
	}
	if m := x.find(metric); m != nil {
		return m, !m.incomplete
	}
	return nil, len(x.metrics) < maxMetrics
}

// pick returns the largest or the last quantity of a metric in [from, to). Records in no
// order are read as they are, as long as few ask: that costs less than to sort them.
func (x *usageIndex) pick(metric string, how plan.Aggregation, from, to time.Time) decimal.Decimal {
	if m, known := x.known(metric, from); known && m == nil {
		return decimal.Decimal{}
	}
	const few = 6
	if x.scans++; x.unordered && x.sorted == nil && x.scans <= few {
		return x.records.aggregate(metric, how, from, to)
	}
	return x.inOrder().within(from, to).aggregate(metric, how, from, to)
}

// reaches reports whether some record is at t or after it.
func (x *usageIndex) reaches(t time.Time) bool {
	if x.unordered {
		return !x.latest.Before(t)
	}
	n := len(x.records)
	return n > 0 && !x.records[n-1].At.Before(t)
}

// each passes on the sums that make up [from, to).
func (x *usageIndex) each(m *metricSums, from, to time.Time, add func(blockSum)) {
	one := func(i int) {
		r := &x.records[i]
		if r.Metric != m.metric || r.At.Before(from) || !r.At.Before(to) {
			return
		}
		exp := r.Quantity.Exponent()
		c, _ := scaled(r.Quantity.CoefficientInt64(), exp-m.exp)
		add(blockSum{c, 1 << -exp})
	}
	if x.unordered {
		first, last := x.bucket(from), x.bucket(to)
		for b := first; b <= last; b++ {
			if b != first && b != last {
				add(m.sums[b])
				continue
			}
			for i := x.head[b]; i >= 0; i = x.next[i] {
				one(int(i))
			}
		}
		return
	}
	i, end := x.records.since(from), x.records.since(to)
	for i < end {
		if block := i >> blockBits; i&(blockSize-1) == 0 && i+blockSize <= end {
			add(m.sums[block])
			i += blockSize
			continue
		}
		one(i)
		i++
	}
}

// bucket returns the bucket of an instant; the first or the last for one beyond them.
func (x *usageIndex) bucket(t time.Time) int {
	n := t.UnixMicro() - x.low
	if n < 0 {
		return 0
	}
	return min(int(n>>x.shift), len(x.head)-1)
}

// byTime makes buckets of time for the sums, instead of blocks.
func (x *usageIndex) byTime() {
	from := x.from.UnixMicro()
	first, last := int64(math.MaxInt64), from-1
	for i := range x.records {
		r := &x.records[i]
		if r.At.Unix() >= calendarEnd { // these share the last bucket
			x.latest = later(x.latest, r.At)
			continue
		}
		if us := r.At.UnixMicro(); us >= from {
			first, last = min(first, us), max(last, us)
		}
	}
	if first > last {
		first = last
	}
	x.latest = later(x.latest, time.UnixMicro(last))
	x.unordered = true
	buckets := len(x.records)>>blockBits<<2 + 1
	for x.low = first; (last-first)>>x.shift >= int64(buckets); {
		x.shift++
	}
	x.head, x.next = make([]int32, buckets), make([]int32, len(x.records))
	for i := range x.head {
		x.head[i] = -1
	}
	for _, m := range x.metrics {
		m.sums, m.incomplete = make([]blockSum, buckets), false
	}
}

// place returns the block or the bucket of record i, and puts it there.
func (x *usageIndex) place(i int) int {
	if !x.unordered {
		return i >> blockBits
	}
	b := x.bucket(x.records[i].At)
	x.next[i], x.head[b] = x.head[b], int32(i)
	return b
}

// sum adds the records from i on that are alike those of a metric that were added before,
// and returns the number of the first one that is not.
func (x *usageIndex) sum(p *reader, m *metricSums, i int) int {
	if m.incomplete {
		return i
	}
	u := x.records
	if !x.unordered {
		for i < len(u) {
			b, end := &m.sums[i>>blockBits], min(i|(blockSize-1)+1, len(u))
			n, sum := p.sum(u, i, end, m.alike, b.sum)
			if n > i {
				b.sum = sum
				b.exps |= 1 << -m.exp
			}
			if i = n; n < end {
				break
			}
		}
		return i
	}
	for ; i < len(u); i++ {
		p.touch(u, i)
		r := &u[i]
		sec, nsec := r.At.Unix(), r.At.Nanosecond()
		if !m.has(r, sec, nsec) || r.Quantity.NumDigits() > maxDigits {
			break
		}
		c, n := r.Quantity.CoefficientInt64(), (sec*1_000_000+int64(nsec/1000)-x.low)>>x.shift
		b := &m.sums[n]
		if uint64(c) > uint64(m.most) || b.sum+c < 0 {
			break
		}
		b.sum += c
		b.exps |= 1 << -m.exp
		x.next[i], x.head[n] = x.head[n], int32(i)
	}
	return i
}
