package billing

import (
	"fmt"
	"sort"
	"time"

	"github.com/shopspring/decimal"

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
	// Quantity is how much was used; not negative.
	Quantity decimal.Decimal `json:"quantity"`
}

// Usage is what was used, in any order: every record since some time before the
// checkpoint's mark; see [Invoices].
type Usage []Record

// accept refuses records that cannot be billed, or sets them aside: of a metric that is
// unknown to every plan that the subscription has had by then, invalid, or at an instant
// without entitlement. What lies before the run is of no interest.
func (r *run) accept(usage Usage) error {
	var kept Usage
	aside := false
	for i := range usage {
		err := error(nil)
		if !usage[i].At.Before(r.resumed) {
			err = judge(r.sub, strictjson.Index("usage", i), usage[i])
		}
		switch {
		case err != nil && r.options.unbillable == nil:
			return err
		case err != nil:
			if !aside {
				kept, aside = append(kept, usage[:i]...), true
			}
			r.options.unbillable(i, usage[i], err)
		case aside:
			kept = append(kept, usage[i])
		}
	}
	if aside {
		r.usage = kept.sorted()
	}
	return nil
}

// judge says why a record cannot be billed at any time; nil if it can. The path leads to
// it.
func judge(sub subscription.Subscription, path string, r Record) error {
	var f faults
	if f.below(path, r.faults()); len(f) > 0 {
		return fmt.Errorf("%w: %w", ErrUsage, f.err())
	}
	if path != "" {
		path += ": "
	}
	switch entitled, rated := holds(sub, r); {
	case !entitled:
		return fmt.Errorf("%w: %s%q at %s", ErrNotEntitled, path, r.Metric, r.At.UTC().Format(time.RFC3339Nano))
	case !rated:
		return fmt.Errorf("%w: %s%q", ErrUnknownMetric, path, r.Metric)
	}
	return nil
}

// holds reports whether the subscription is entitled at a record's instant, and to
// what the record measures. What is used at the exact instant of a command that ends
// service, or changes the plan, may have been used before it.
func holds(sub subscription.Subscription, r Record) (entitled, rated bool) {
	at := inside.Placed(sub, r.At)
	for n := sub.SegmentAt(at); n >= 0 && !rated; n-- {
		seg := sub.Segment(n)
		if seg.Entitled() {
			entitled, rated = true, rates(seg.Version(), r.Metric)
		}
		if opened := seg.Opened(); !seg.From().Equal(at) || opened.Scheduled() {
			break
		}
	}
	return entitled, rated
}

// rates reports whether some charge of the version rates the metric, or the
// version declares it.
func rates(v *plan.Version, metric string) bool {
	_, ok := v.Metric(metric)
	return ok
}

// sorted returns the records in order of their instants, without copying where
// they are in order already.
func (u Usage) sorted() Usage {
	before := func(i, j int) bool { return u[i].At.Before(u[j].At) }
	if sort.SliceIsSorted(u, before) {
		return u
	}
	u = append(Usage(nil), u...)
	sort.SliceStable(u, func(i, j int) bool { return u[i].At.Before(u[j].At) })
	return u
}

// total aggregates the usage of a charge's metric in [from, to).
func (u Usage) total(item *plan.CompiledCharge, from, to time.Time) decimal.Decimal {
	i := 0
	if len(u) > 8 {
		i = sort.Search(len(u), func(i int) bool { return !u[i].At.Before(from) })
	}
	if how := item.Aggregation(); how == plan.Max || how == plan.Last {
		return u[i:].pick(item.Metric(), how, from, to)
	}
	// Sums of quantities with the same number of decimals stay in whole numbers.
	var sum int64
	var exp int32
	var rest decimal.Decimal
	var first *decimal.Decimal
	for ; i < len(u) && u[i].At.Before(to); i++ {
		if u[i].Metric != item.Metric() || u[i].At.Before(from) {
			continue
		}
		q := &u[i].Quantity
		if first == nil {
			first = q
			if q.NumDigits() < 18 {
				sum, exp = q.CoefficientInt64(), q.Exponent()
				continue
			}
		}
		if q.Exponent() == exp && q.NumDigits() < 18 {
			if next := sum + q.CoefficientInt64(); next >= sum {
				sum = next
				continue
			}
		}
		rest = rest.Add(*q)
	}
	switch {
	case first == nil:
		return decimal.Decimal{}
	case sum == first.CoefficientInt64() && exp == first.Exponent() && rest.IsZero():
		return *first
	}
	return decimal.New(sum, exp).Add(rest)
}

// any reports whether something was recorded of a metric in [from, to).
func (u Usage) any(metric string, from, to time.Time) bool {
	i := sort.Search(len(u), func(i int) bool { return !u[i].At.Before(from) })
	for ; i < len(u) && u[i].At.Before(to); i++ {
		if u[i].Metric == metric {
			return true
		}
	}
	return false
}

// pick returns the largest or the last quantity of a metric in [from, to).
func (u Usage) pick(metric string, how plan.Aggregation, from, to time.Time) decimal.Decimal {
	var found decimal.Decimal
	for i := 0; i < len(u) && u[i].At.Before(to); i++ {
		if u[i].Metric != metric || u[i].At.Before(from) {
			continue
		}
		if how == plan.Last || u[i].Quantity.GreaterThan(found) {
			found = u[i].Quantity
		}
	}
	return found
}
