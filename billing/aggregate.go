package billing

import (
	"fmt"
	"maps"
	"math/big"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/plan"
)

// Sums, the largest and the last record are one number that a later record only moves. All other
// aggregations read the records one by one, and what they make is a fraction: it is rated as one,
// and only shown as a decimal.

// An Aggregate is what the records of a part come to under an aggregation that reads them one by
// one: their number, the distinct keys, a mean, a level over time. The quantity of the line is Sum
// / Over, exactly that when it is rated, and rounded to ten decimal places where it is shown.
type Aggregate struct {
	// Aggregation is how the quantity was made: none of [plan.Sum], [plan.Max] and [plan.Last].
	Aggregation plan.Aggregation
	// Records is how many records lie in the part.
	Records int64
	// Level is the level at the start of the part, of a [plan.WeightedSum] or a
	// [plan.TimeAverage].
	Level decimal.Decimal
	// Sum is the number of records; the number of keys that are present at the end; the sum of
	// the records; the level in each second of the part, added up.
	Sum decimal.Decimal
	// Over is 1 of a number, the number of records of a mean, and of a level the seconds of the
	// whole period or, of a [plan.TimeAverage], of the part. 0: there is nothing, and the
	// quantity is 0.
	Over decimal.Decimal

	// earlier is how many records before the part made the level with which it begins, since
	// the period began.
	earlier int64
}

// Equal reports whether both say the same, the numbers compared by value.
func (g Aggregate) Equal(o Aggregate) bool {
	return g.Aggregation == o.Aggregation && g.Records == o.Records && g.Level.Equal(o.Level) && g.Sum.Equal(o.Sum) && g.Over.Equal(o.Over)
}

func sameAggregate(a, b *Aggregate) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// isOne reports an aggregation whose result is one number that a later record only moves.
func isOne(how plan.Aggregation) bool {
	switch how {
	case plan.Sum, plan.Max, plan.Last:
		return true
	case plan.RecordCount, plan.UniqueCount, plan.Average, plan.WeightedSum, plan.TimeAverage:
	}
	return false
}

// isMean reports an aggregation whose parts do not add up: each price has a count of its own.
func isMean(how plan.Aggregation) bool { return how == plan.Average || how == plan.TimeAverage }

// isLevel reports an aggregation that weighs a level by time.
func isLevel(how plan.Aggregation) bool { return how == plan.WeightedSum || how == plan.TimeAverage }

// fraction is Sum / Over.
func (g *Aggregate) fraction() *big.Rat {
	if g.Over.IsZero() {
		return new(big.Rat)
	}
	return new(big.Rat).Quo(g.Sum.Rat(), g.Over.Rat())
}

// aggregate reads the records of a part in [from, to). The keys that are present in it are
// added to those given, or removed.
func (r *run) aggregate(a *accrual, from, to time.Time, whole calendar.Period, keys map[string]struct{}) (Aggregate, error) {
	how, metric := a.charge.Aggregation(), a.charge.Metric()
	g := Aggregate{Aggregation: how, Over: one}
	if r.probe != nil {
		return g, nil // one record alone tells nothing of what there is
	}
	records := r.of(a).inOrder().within(from, to)
	each := func(take func(*Record)) {
		for i := range records {
			if rec := &records[i]; rec.Metric == metric && !rec.At.Before(from) && rec.At.Before(to) {
				g.Records++
				take(rec)
			}
		}
	}
	switch how {
	case plan.RecordCount:
		each(func(*Record) {})
		g.Sum = decimal.NewFromInt(g.Records)
		return g, nil
	case plan.UniqueCount:
		each(func(rec *Record) { rec.present(keys) })
		g.Sum = decimal.NewFromInt(int64(len(keys)))
		return g, nil
	case plan.Average:
		each(func(rec *Record) { g.Sum = g.Sum.Add(rec.Quantity) })
		g.Over = decimal.NewFromInt(g.Records)
	case plan.WeightedSum, plan.TimeAverage:
		if err := r.weigh(&g, a, from, to, each); err != nil {
			return g, err
		}
		over := calendar.Period{Start: from, End: to}
		if how == plan.WeightedSum {
			over = a.side.measure.lasting(whole)
		}
		g.Over = seconds(over.End.Sub(over.Start))
	case plan.Sum, plan.Max, plan.Last:
		return g, unknownAggregation(how)
	}
	if err := dec.Check(g.Sum); err != nil {
		return g, fmt.Errorf("%w: %q: the %s since %s: %w", ErrUsage, metric, how, from.UTC().Format(time.RFC3339Nano), err)
	}
	if how != plan.Average && !isLevel(how) {
		return g, unknownAggregation(how)
	}
	return g, nil
}

func unknownAggregation(how plan.Aggregation) error {
	return fault.New(fault.Internal, fmt.Sprintf("billing: usage cannot be aggregated by %q", string(how)))
}

// present notes that the record's key is there, or no longer.
func (r *Record) present(keys map[string]struct{}) {
	if r.Quantity.IsNegative() {
		delete(keys, r.Key)
	} else {
		keys[r.Key] = struct{}{}
	}
}

// seconds returns a length in seconds, exactly: instants have microseconds.
func seconds(d time.Duration) decimal.Decimal { return decimal.New(d.Microseconds(), -6) }

// An aggregated count is what a count holds of an aggregation that reads single records.
type aggregated struct {
	sum, over *big.Rat
	keys      map[string]struct{}
	owed      *big.Rat // of a count across prices
}

// add adds a part to the count.
func (c *aggregated) add(g *Aggregate) {
	switch g.Aggregation {
	case plan.Average, plan.TimeAverage:
		c.sum.Add(c.sum, g.Sum.Rat())
		c.over.Add(c.over, g.Over.Rat())
	case plan.RecordCount, plan.WeightedSum:
		c.sum.Add(c.sum, g.fraction())
		c.over.SetInt64(1)
	case plan.UniqueCount:
		c.sum.SetInt64(int64(len(c.keys)))
		c.over.SetInt64(1)
	case plan.Sum, plan.Max, plan.Last:
	}
}

// quantity is what the parts so far come to.
func (c *aggregated) quantity() *big.Rat {
	if c.over.Sign() == 0 {
		return new(big.Rat)
	}
	return new(big.Rat).Quo(c.sum, c.over)
}

// extendAggregated is extendCount for what reads single records. It fills in the line.
func (r *run) extendAggregated(c *count, s *side, a *accrual, line *draftLine, whole calendar.Period, first time.Time, goesOn bool) error {
	if c.aggregated == nil {
		c.aggregated = &aggregated{sum: new(big.Rat), over: new(big.Rat), keys: map[string]struct{}{}, owed: new(big.Rat)}
		if c.how == plan.TimeAverage {
			c.aggregated.over.Set(c.before.Rat()) // at a level of zero
		}
	}
	g, err := r.aggregate(a, a.since, a.until, whole, map[string]struct{}{})
	if err != nil {
		return err
	}
	if g.Aggregation == plan.UniqueCount {
		if _, err := r.aggregate(a, a.since, a.until, whole, c.aggregated.keys); err != nil {
			return err
		}
	}
	c.aggregated.add(&g)
	line.Aggregate, line.Quantity, c.units = &g, dec.Shown(g.fraction()), dec.Shown(c.aggregated.quantity())
	if !c.countsAcross(s) {
		return nil
	}
	all, before, err := r.amounts(c, a, whole, first, goesOn)
	if err != nil {
		return err
	}
	c.aggregated.owed.Add(c.aggregated.owed, all.Sub(all, before))
	c.owed = dec.Shown(c.aggregated.owed)
	return nil
}

// amounts returns what all usage of the metric in the period comes to under the price, with the
// part and before it.
func (r *run) amounts(c *count, a *accrual, whole calendar.Period, first time.Time, goesOn bool) (all, before *big.Rat, err error) {
	keys, before := map[string]struct{}{}, new(big.Rat)
	var g Aggregate
	if goesOn {
		if g, err = r.aggregate(a, first, a.since, whole, keys); err != nil {
			return nil, nil, err
		}
		if before, err = prices.UnboundedOf(c.table, g.fraction()); err != nil {
			return nil, nil, err
		}
	}
	next, err := r.aggregate(a, a.since, a.until, whole, maps.Clone(keys))
	if err != nil {
		return nil, nil, err
	}
	so := next.fraction()
	if g.Aggregation != plan.UniqueCount { // keys are counted with those before
		so.Add(so, g.fraction())
	}
	all, err = prices.UnboundedOf(c.table, so)
	return all, before, err
}

// countsAcross reports whether the count goes on from what other prices rated in the period.
func (c *count) countsAcross(s *side) bool {
	return countsPrices(s, c.charge) && !isMean(c.how)
}

// comesTo returns what is remembered of a part up to an instant: what its records come to, and
// how many they are if that tells more.
func (r *run) comesTo(a *accrual, until time.Time) (q decimal.Decimal, records int64, err error) {
	how := a.charge.Aggregation()
	if isOne(how) {
		return r.of(a).total(a.charge, a.since, until), r.eventsOf(a, until), nil
	}
	g, err := r.aggregate(a, a.since, until, calendar.Period{}, map[string]struct{}{})
	return g.Sum, g.remembered(), err
}

// remembered is the number of records that a checkpoint holds, those included that made a level
// before the part: none where that is the quantity.
func (g *Aggregate) remembered() int64 {
	if g.Aggregation == plan.RecordCount {
		return 0
	}
	return g.earlier + g.Records
}

// faults reports what does not come from a run.
func (g *Aggregate) faults() faults.List {
	var f faults.List
	switch g.Aggregation {
	case "":
		f.Wrap("aggregation", faults.ErrMissing)
		return f
	case plan.Sum, plan.Max, plan.Last:
		f.Add("aggregation", fault.Excluded, "must be one that reads single records")
		return f
	case plan.RecordCount, plan.UniqueCount, plan.Average, plan.WeightedSum, plan.TimeAverage:
	}
	if g.Records < 0 {
		f.Add("records", fault.OutOfRange, "must not be negative")
	}
	if !isLevel(g.Aggregation) && !g.Level.IsZero() {
		f.Add("level", fault.Excluded, "must be left out unless a level is weighed by time")
	}
	for _, d := range []struct {
		name string
		n    decimal.Decimal
	}{{"level", g.Level}, {"sum", g.Sum}, {"over", g.Over}} {
		f.Wrap(d.name, dec.Check(d.n))
	}
	if len(f) == 0 && g.Over.IsNegative() {
		f.Add("over", fault.OutOfRange, "must not be negative")
	}
	return f
}

// aggregateFaults reports an aggregate that does not fit the line.
func (l Line) aggregateFaults() faults.List {
	var f faults.List
	g := l.Aggregate
	switch {
	case g == nil:
		return nil
	case l.Kind != UsageLine || l.Events != nil:
		f.Add("", fault.Excluded, "must be left out unless usage is aggregated")
		return f
	}
	if f = g.faults(); len(f) == 0 && !dec.Shown(g.fraction()).Equal(l.Quantity) {
		f.Add("sum", fault.Inconsistent, "must make the quantity, divided by over")
	}
	return f
}
