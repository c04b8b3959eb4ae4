package billing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/plan"
)

// A charge may be priced by properties of the records (plan.Matrix). It accrues as one, and is divided
// where it is billed: each combination of values has a price, a count and a line of its own, made of
// its own records, as if it were a charge.

// MaxProperties is the largest number of properties of a record.
const MaxProperties = 20

// A combination is one of the values of the dimensions by which a price is chosen.
type combination struct {
	values []string // in the order of the dimensions
	named  map[string]string
	key    string // see keyOf
}

// A dimensional usage is that of one combination.
type dimensional struct {
	combination
	usage *usageIndex
}

// keyOf names what is said of dimensions, in any order; "" if nothing is. Neither names nor values
// have control characters.
func keyOf(named map[string]string) string {
	if len(named) == 0 {
		return ""
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(named)) {
		b.WriteString(name + "\x00" + named[name] + "\x00")
	}
	return b.String()
}

// namedBy is the inverse of keyOf.
func namedBy(key string) map[string]string {
	if key == "" {
		return nil
	}
	named, parts := map[string]string{}, strings.Split(key, "\x00")
	for i := 0; i+1 < len(parts); i += 2 {
		named[parts[i]] = parts[i+1]
	}
	return named
}

// combined returns the combination of values of the dimensions.
func combined(dimensions, values []string) combination {
	c := combination{values: values, named: make(map[string]string, len(dimensions))}
	for i, name := range dimensions {
		c.named[name] = values[i]
	}
	c.key = keyOf(c.named)
	return c
}

// valuesOf returns the values that the record has of dimensions.
func (r *Record) valuesOf(dimensions []string) []string {
	values := make([]string, len(dimensions))
	for i, name := range dimensions {
		values[i] = r.Properties[name]
	}
	return values
}

// isMatrix reports whether a price is chosen by the properties of records.
func isMatrix(p *plan.CompiledPrice) bool { return p.Model() == plan.MatrixModel }

// rowFor returns the price by which a charge rates the record.
func (r *Record) rowFor(p *plan.CompiledPrice) (*plan.CompiledPrice, error) {
	if !isMatrix(p) {
		return p, nil
	}
	return p.ByValues(r.valuesOf(p.Dimensions())...)
}

// by returns the usage of a metric for each combination that its records have, in no order.
func (x *usageIndex) by(metric string, dimensions []string) map[string]*dimensional {
	id := strings.Join(append([]string{metric}, dimensions...), "\x00")
	if found, ok := x.divided[id]; ok {
		return found
	}
	all, keys := map[string]*dimensional{}, map[string]*dimensional{}
	records := x.inOrder()
	for i := range records {
		rec := &records[i]
		if rec.Metric != metric {
			continue
		}
		values := rec.valuesOf(dimensions)
		quick := strings.Join(values, "\x00")
		d := keys[quick]
		if d == nil {
			d = &dimensional{combination: combined(dimensions, values), usage: &usageIndex{}}
			keys[quick], all[d.key] = d, d
		}
		d.usage.records = append(d.usage.records, *rec)
	}
	if x.divided == nil {
		x.divided = map[string]map[string]*dimensional{}
	}
	x.divided[id] = all
	return all
}

// of returns the usage that an accrual rates.
func (r *run) of(a *accrual) *usageIndex {
	if a.usage != nil {
		return a.usage
	}
	return r.usage
}

// divide returns the accruals of the combinations of a charge that is priced by dimensions, in order
// of their values: of those that were used from its beginning up to an instant, or that have a count
// that goes on. Any other charge is the only one.
func (r *run) divide(f *fold, a *accrual, until time.Time, ordinal int, whole calendar.Period) ([]*accrual, error) {
	if !isMatrix(a.table) {
		return []*accrual{a}, nil
	}
	since := a.since
	if isLevel(a.charge.Aggregation()) {
		since = earlier(since, a.origin) // it lasts
	}
	dimensions, metric := a.table.Dimensions(), a.charge.Metric()
	found := r.usage.by(metric, dimensions)
	var all []*accrual
	add := func(c combination, usage *usageIndex) error {
		if slices.ContainsFunc(all, func(o *accrual) bool { return o.by.key == c.key }) {
			return nil
		}
		part := *a
		part.by, part.usage = c, usage
		var err error
		if part.table, err = a.table.ByValues(c.values...); err != nil {
			return fmt.Errorf("%w: %q: charge %q: %w", ErrUsage, metric, a.charge.ID(), err)
		}
		all = append(all, &part)
		return nil
	}
	// What a key names is of these dimensions, unused if there are no records.
	known := func(key string) (combination, *usageIndex, bool) {
		if d := found[key]; d != nil {
			return d.combination, d.usage, true
		}
		named := namedBy(key)
		c := combination{named: named, key: key}
		for _, name := range dimensions {
			value, ok := named[name]
			if !ok {
				return c, nil, false
			}
			c.values = append(c.values, value)
		}
		return c, &usageIndex{}, len(named) == len(dimensions)
	}
	for _, key := range slices.Sorted(maps.Keys(found)) {
		d := found[key]
		if d.usage.inOrder().any(metric, since, until) {
			if err := add(d.combination, d.usage); err != nil {
				return nil, err
			}
		}
	}
	for _, c := range f.counts {
		if c.key == "" || c.ordinal != ordinal && !c.whole.Equal(whole) {
			continue
		}
		of, usage, ok := known(c.key)
		if !ok {
			continue
		}
		if row, err := a.table.ByValues(of.values...); err == nil && row.Equal(c.table) {
			if err := add(of, usage); err != nil {
				return nil, err
			}
		}
	}
	if !r.trusts {
		for _, was := range r.mark.Metered {
			if was.Metric != metric || !was.From.Equal(utc(a.since)) || len(was.Dimensions) == 0 {
				continue
			}
			of, usage, ok := known(keyOf(was.Dimensions))
			if !ok || slices.ContainsFunc(all, func(o *accrual) bool { return o.by.key == of.key }) {
				continue
			}
			part := *a
			part.by, part.usage = of, usage
			if passed, err := r.passedOn(&part, &was, until); passed || err != nil {
				if err != nil {
					return nil, err
				}
				continue
			}
			if err := add(of, usage); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(all, func(a, b *accrual) int { return slices.Compare(a.by.values, b.by.values) })
	return all, nil
}

// parts is divide for a part that ends at an instant, in the period of its own side.
func (r *run) parts(f *fold, a *accrual, until time.Time) ([]*accrual, error) {
	if !isMatrix(a.table) {
		return []*accrual{a}, nil
	}
	whole, _ := a.side.measure.holding(calendar.Period{Start: a.from.Time, End: a.side.period.End})
	return r.divide(f, a, until, a.side.ordinal, r.countsIn(a.side.ordinal, whole))
}

// A lived part is a part of a period in which a table of prices was in force: also a combination that
// is used later has lived under its price since then.
type livedPriced struct {
	table    *plan.CompiledPrice
	ordinal  int
	whole    calendar.Period
	num, den int64
	long     decimal.Decimal // in seconds, for a mean over time
}

// livedUnder adds up the parts of a period in which a combination had a price: their shares of the
// period and their seconds.
func (f *fold) livedUnder(by combination, price *plan.CompiledPrice, ordinal int, whole calendar.Period) (num, den int64, long decimal.Decimal, err error) {
	den = 1
	for _, l := range f.lived {
		if l.ordinal != ordinal && !l.whole.Equal(whole) {
			continue
		}
		names := l.table.Dimensions()
		values := make([]string, len(names))
		for i, name := range names {
			values[i] = by.named[name]
		}
		if len(names) != len(by.named) {
			continue
		}
		if row, none := l.table.ByValues(values...); none != nil || !row.Equal(price) {
			continue
		}
		if num, den, err = addFractions(num, den, l.num, l.den); err != nil {
			return num, den, long, err
		}
		long = long.Add(l.long)
	}
	return num, den, long, nil
}

// dimensionFaults reports names and values that no price can have.
func dimensionFaults(named map[string]string, most int) faults.List {
	var f faults.List
	if len(named) > most {
		f.Add("", fault.TooMany, "must not have more than %d elements", most)
		return f
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		path := strictjson.Key("", name)
		f.Wrap(path, cmp.Or(text.ID(name, plan.MaxIDLen), text.Name(named[name], plan.MaxIDLen)))
	}
	return f
}

// titled adds to the name of a charge the values by which it is priced.
func titled(name string, by map[string]string) string {
	if len(by) == 0 {
		return name
	}
	var b strings.Builder
	b.WriteString(name)
	for i, dimension := range slices.Sorted(maps.Keys(by)) {
		if b.WriteString(", "); i == 0 {
			b.Reset()
			b.WriteString(name + " (")
		}
		b.WriteString(dimension + " " + printable(by[dimension]))
	}
	return b.String() + ")"
}
