package billing

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Most prices rate what a metric sums up. Some rate single events, as payments: then the records
// are read one by one, in order, and a count holds what they came to.

// ratesEvents reports whether some charge of a segment rates single events of a metric.
func ratesEvents(seg subscription.Segment, metric string) bool {
	for charge := range seg.Phase().Charges() {
		if charge.Metric() == metric && seg.Price(charge).RatesEvents() {
			return true
		}
	}
	return false
}

// eventsAtOnce is how many records are rated with one call.
const eventsAtOnce = 256

// rateEvents adds the events of a metric in [from, to) to what earlier ones came to: in order of
// their instants, and of one instant in the order in which they were given.
func (x *usageIndex) rateEvents(price *plan.CompiledPrice, e plan.EventRating, metric string, from, to time.Time) (plan.EventRating, error) {
	records := x.inOrder().within(from, to)
	events := make([]decimal.Decimal, 0, min(len(records), eventsAtOnce))
	for i := range records {
		if r := &records[i]; r.Metric == metric && !r.At.Before(from) && r.At.Before(to) {
			events = append(events, r.Quantity)
		}
		if len(events) < eventsAtOnce && i+1 < len(records) {
			continue
		}
		var err error
		if e, err = price.RateEvents(e, events...); err != nil {
			return e, err
		}
		events = events[:0]
	}
	return e, nil
}

// events returns how many records of a metric there are in [from, to).
func (x *usageIndex) events(metric string, from, to time.Time) (n int64) {
	for _, r := range x.inOrder().within(from, to) {
		if r.Metric == metric && !r.At.Before(from) && r.At.Before(to) {
			n++
		}
	}
	return n
}

// rateEvents returns what events cost, within the bounds of the price as [seam.Rating.Amount]
// multiplies them, rounded once.
func rateEvents(price *plan.CompiledPrice, e plan.EventRating, least, most, den int64, rounding money.Rounding) (money.Money, error) {
	rating, err := price.ExplainEvents(e)
	if err != nil {
		return money.Money{}, err
	}
	return prices.Amount(price, rating.Subtotal, least, most, den, rounding)
}

// unbounded returns what the usage of a metric in [from, to) comes to under the price of an
// accrual, without its minimum and maximum.
func (r *run) unbounded(a *accrual, from, to time.Time) (decimal.Decimal, error) {
	if !a.table.RatesEvents() {
		return prices.Unbounded(a.table, r.of(a).total(a.charge, from, to))
	}
	events, err := r.of(a).rateEvents(a.table, plan.EventRating{}, a.charge.Metric(), from, to)
	if err != nil {
		return decimal.Decimal{}, err
	}
	rating, err := a.table.ExplainEvents(events)
	return rating.Subtotal, err
}

// sameEvents compares what an invoice says of events.
func sameEvents(a, b *plan.EventRating) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// eventFaults reports numbers of events that do not come from a run, or that do not fit the
// price.
func (l Line) eventFaults() faults.List {
	var f faults.List
	e := l.Events
	switch rates := l.Kind == UsageLine && l.table != nil && l.table.RatesEvents(); {
	case !rates && e == nil:
		return nil
	case !rates:
		f.Add("", fault.Excluded, "must be left out unless the price rates single events")
		return f
	case e == nil:
		f.Wrap("", faults.ErrMissing)
		return f
	}
	for _, n := range []struct {
		name string
		n    int64
		of   int64
	}{
		{"free", e.Free, e.Events},
		{"refunds", e.Refunds, e.Events},
		{"charged", e.Charged, e.Events},
		{"raised", e.Raised, e.Charged},
		{"lowered", e.Lowered, e.Charged},
		{"capped", e.Capped, e.Refunds},
	} {
		if n.n < 0 || n.n > n.of {
			f.Add(n.name, fault.OutOfRange, "must be from 0 to %d", max(n.of, 0))
		}
	}
	if len(f) == 0 && e.Events != e.Free+e.Refunds+e.Charged {
		f.Add("events", fault.Inconsistent, "must be the sum of free, refunds and charged")
	}
	if own, ok := l.table.Price().(plan.Percentage); ok && !e.Fees.Equal(own.FixedAmount.Mul(decimal.NewFromInt(e.Charged))) {
		f.Add("fees", fault.Inconsistent, "must be the fixed amount for each event that was charged")
	}
	for _, d := range []struct {
		name   string
		amount decimal.Decimal
	}{
		{"charged_amount", e.ChargedAmount},
		{"raised_by", e.RaisedBy},
		{"lowered_by", e.LoweredBy},
		{"refunded_amount", e.RefundedAmount},
		{"capped_by", e.CappedBy},
	} {
		if d.amount.IsNegative() {
			f.Add(d.name, fault.OutOfRange, "must not be negative")
		}
	}
	return f
}
