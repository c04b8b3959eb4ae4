package billing

import (
	"fmt"
	"sort"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A Record is one measured use.
type Record struct {
	// Metric names what was used, as in the plan's charges.
	Metric string `json:"metric"`
	// At is the instant of the use. A record belongs to the period, and the side of a
	// change, that holds its instant.
	At time.Time `json:"at"`
	// Quantity is how much was used; not negative.
	Quantity decimal.Decimal `json:"quantity"`
}

// Usage is what was used, in any order: every record since some time before the
// checkpoint's mark; see [Invoices].
type Usage []Record

// check reports records that cannot be billed: of a metric that is unknown to every
// plan that the subscription has had by then, negative, or at an instant without
// entitlement.
func (u Usage) check(sub subscription.Subscription, from time.Time) error {
	for i, r := range u {
		if r.At.Before(from) {
			continue
		}
		if err := dec.Check(r.Quantity); err != nil {
			return fmt.Errorf("%w: usage[%d]: quantity: %w", ErrUsage, i, err)
		}
		if r.Quantity.IsNegative() {
			return fmt.Errorf("%w: usage[%d]: quantity: must not be negative", ErrUsage, i)
		}
		switch entitled, rated := holds(sub, r); {
		case !entitled:
			return fmt.Errorf("%w: usage[%d]: %q at %s", ErrNotEntitled, i, r.Metric, r.At.UTC().Format(time.RFC3339Nano))
		case !rated:
			return fmt.Errorf("%w: usage[%d]: %q", ErrUnknownMetric, i, r.Metric)
		}
	}
	return nil
}

// holds reports whether the subscription is entitled at a record's instant, and to
// what the record measures. What is used at the exact instant of a command that ends
// service, or changes the plan, may have been used before it.
func holds(sub subscription.Subscription, r Record) (entitled, rated bool) {
	at := sub.Placed(r.At)
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
