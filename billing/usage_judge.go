package billing

import (
	"fmt"
	"math"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// UsageFrom returns the instant from which usage is needed by a run after the checkpoint,
// and by [Next], [Preview] and [Forecast]: a run that is given the records at or after it
// makes the same invoices, and the same next checkpoint, as one that is given all. It is
// the beginning of the period in which the checkpoint lies; the beginning of the period
// before, if a discount of a fixed amount was added, which both share; and where nothing is
// billed at the checkpoint, as in a pause, the beginning of the last period that was. Where usage is
// counted over a term (plan.Charge.CountOver), it is the beginning of the term. With
// the zero checkpoint it is the beginning of the subscription.
//
// Errors are those of [Invoices] for the subscription and the checkpoint.
func UsageFrom(sub subscription.Subscription, checkpoint Checkpoint) (time.Time, error) {
	checkpoint.floor()
	r, err := startingRun(sub, nil, checkpoint, &noOptions)
	if err != nil {
		return time.Time{}, wrap(err)
	}
	if r.resumed.IsZero() || r.needsAll() {
		return sub.Segment(0).From(), nil
	}
	return r.timeline.actual(r.resumed), nil
}

// CheckUsage judges one record, as when it arrives: nil if a run after the checkpoint
// accepts it and bills it where it belongs, or counts it as free, as in a trial. The
// errors are
//
//   - [ErrUsage] if it is invalid in itself; if it is below zero, and no charge in force at its
//     instant rates single events of its metric; if a charge in force prices its metric by properties,
//     and has no price for its values, which is plan.ErrNoRow; or if a charge in force at its instant rates its
//     metric, and cannot rate its quantity alone: above the last tier of a closed price, which
//     is plan.ErrNoTier, or for an amount that does not fit, which is money.ErrOverflow;
//   - [ErrNotEntitled] if the subscription grants nothing at its instant. While it is suspended it is
//     billed, and so is what was used all the same;
//   - [ErrUnknownMetric] if no charge rates it, and the plan does not declare it;
//   - [ErrLateUsage], a [UsageError] with the part and the instant of its invoice, if an
//     invoice was made of the part of the period to which it belongs, or of one after it to
//     which its level lasts; and without an instant if it lies before those records from which
//     the next run knows a level that is carried. Keep it, and call [Reconcile] to bill it; or
//     drop it.
//
// A record of a part that runs on is never late, however old.
//
// Each record is judged alone. Records that only together are more than the price can rate
// pass, and are an error of the run that bills them. So are those that a later change brings
// under a price that cannot rate them: a price that counts on from the one before it
// (Policy.UsageCount), and the usage of a part without length. A last quantity is judged
// though another one may follow it.
func CheckUsage(sub subscription.Subscription, checkpoint Checkpoint, record Record) error {
	if sub.IsZero() {
		return ErrZero
	}
	record.At = utc(record.At)
	checkpoint.floor()
	if err := judge(sub, "", "", record); err != nil {
		return err
	}
	if record.At.After(checkpoint.ChargedThrough) {
		return nil
	}
	var m mark
	if err := m.from(sub, &checkpoint); err != nil {
		return err
	}
	if seg, _, _ := holds(sub, record); declared(seg, record.Metric).Carry && record.At.Before(m.MeteredFrom) {
		// What it makes of the level is not in the checkpoint.
		return &UsageError{Err: ErrLateUsage, Metric: record.Metric, From: sub.Segment(0).From(), To: m.MeteredFrom, Given: record.Quantity}
	}
	r, err := newRun(sub, Usage{record}, m, &noOptions)
	if err != nil {
		return err
	}
	r.trusts, r.probe = true, &probe{record: record}
	if err := r.start(); err != nil {
		return wrap(err)
	}
	r.emit = func(Invoice) bool { return true }
	if err := r.play(m.ChargedThrough); err != nil {
		return err
	}
	return r.probe.late
}

// A probe looks for the invoice on which a record stands.
type probe struct {
	record Record
	late   error
}

// finds reports whether the line holds the record.
func (p *probe) finds(r *run, d *draft, line *draftLine) bool {
	a := line.part
	since := a.since
	if isLevel(a.charge.Aggregation()) {
		since = a.origin // it lasts
	}
	if a.charge.Metric() != p.record.Metric || p.record.At.Before(since) && !a.charge.Carry() || !p.record.At.Before(a.until) {
		return false
	}
	if r.saw(d) {
		p.late = &UsageError{
			Err: ErrLateUsage, Metric: p.record.Metric, From: a.since, To: a.until,
			InvoiceAt: r.shown(d.at, d.wall), Given: p.record.Quantity,
		}
	}
	return true
}

// judge says why a record cannot be billed by any run; nil if it can.
func (r *run) judge(path string, record Record) error {
	return judge(r.sub, r.options.policy.Rounding, path, record)
}

// judge says why a record cannot be billed at any time; nil if it can. The path leads to
// it. Without a rounding the policy's applies.
func judge(sub subscription.Subscription, rounding money.Rounding, path string, r Record) error {
	var f faults.List
	if f.Below(path, r.faults()); len(f) > 0 {
		return fmt.Errorf("%w: %w", ErrUsage, f.Err())
	}
	seg, entitled, rated := holds(sub, r)
	if r.Quantity.IsNegative() && !(rated && takesNegative(seg, r.Metric)) {
		if path != "" {
			path += "."
		}
		f.Add(path+"quantity", fault.OutOfRange, "must not be negative")
		return fmt.Errorf("%w: %w", ErrUsage, f.Err())
	}
	if rated {
		if f.Below(path, unreadable(seg, &r)); len(f) > 0 {
			return fmt.Errorf("%w: %w", ErrUsage, f.Err())
		}
		if f.Below(path, unrated(seg, rounding, &r)); len(f) > 0 {
			return fmt.Errorf("%w: %w", ErrUsage, f.Err())
		}
		return nil
	}
	if path != "" {
		path += ": "
	}
	if !entitled {
		return fmt.Errorf("%w: %s%q at %s", ErrNotEntitled, path, r.Metric, r.At.UTC().Format(time.RFC3339Nano))
	}
	return fmt.Errorf("%w: %s%q", ErrUnknownMetric, path, r.Metric)
}

// holds reports whether the subscription is entitled at a record's instant, but for a
// suspension, and to what the record measures, and by which segment. What is used at the exact instant of a
// command that ends service, or changes the plan, may have been used before it.
func holds(sub subscription.Subscription, r Record) (seg subscription.Segment, entitled, rated bool) {
	at := inside.Placed(sub, r.At)
	for n := sub.SegmentAt(at); n >= 0 && !rated; n-- {
		seg = sub.Segment(n)
		if inside.Serves(seg) {
			entitled, rated = true, rates(seg, r.Metric)
		}
		if opened := seg.Opened(); !seg.From().Equal(at) || opened.Scheduled() {
			break
		}
	}
	return seg, entitled, rated
}

// takesNegative reports whether a record below zero can mean something for the metric: a refund,
// a change of a level, a key that is removed.
func takesNegative(seg subscription.Segment, metric string) bool {
	if ratesEvents(seg, metric) {
		return true
	}
	m := declared(seg, metric)
	return m.Aggregation == plan.UniqueCount || m.Records == plan.ReadChange
}

// unreadable says why a record is none of its metric, by the way in which a charge reads it, or
// the plan where none does.
func unreadable(seg subscription.Segment, r *Record) (f faults.List) {
	rated := false
	for charge := range seg.Phase().Charges() {
		if charge.Metric() != r.Metric {
			continue
		}
		rated = true
		if f = unreadableAs(charge.Aggregation(), charge.Records(), r); len(f) > 0 {
			return f
		}
		if _, err := r.rowFor(seg.Price(charge)); err != nil {
			f.Wrap("properties", fmt.Errorf("charge %q: %w", charge.ID(), err))
			return f
		}
	}
	if rated {
		return nil
	}
	m := declared(seg, r.Metric)
	return unreadableAs(m.Aggregation, m.Records, r)
}

func unreadableAs(how plan.Aggregation, reading plan.Reading, r *Record) (f faults.List) {
	switch how {
	case plan.Sum, plan.Max, plan.Last:
		// Whether these can be below zero is up to the price.
	case plan.UniqueCount:
		if r.Key == "" {
			f.Add("key", fault.Required, "missing: distinct keys are counted")
		}
		if !r.Quantity.IsPositive() && !r.Quantity.Equal(minusOne) {
			f.Add("quantity", fault.OutOfRange, "must be above zero, or -1 to remove the key")
		}
	case plan.RecordCount, plan.Average, plan.WeightedSum, plan.TimeAverage:
		if r.Quantity.IsNegative() && reading != plan.ReadChange {
			f.Add("quantity", fault.OutOfRange, "must not be negative")
		}
	}
	return f
}

var minusOne = decimal.NewFromInt(-1)

// unrated says which charges of a segment cannot rate the quantity of a record, even if
// nothing else was used.
func unrated(seg subscription.Segment, rounding money.Rounding, r *Record) (f faults.List) {
	if !seg.Billable() {
		return nil
	}
	for charge := range seg.Phase().Charges() {
		if charge.Metric() != r.Metric || !isOne(charge.Aggregation()) {
			continue
		}
		price, err := r.rowFor(seg.Price(charge))
		if err != nil {
			continue // it is unreadable
		}
		if isUpTo(&r.Quantity, prices.Limit(price)) {
			continue
		}
		if rounding == "" {
			rounding = inside.Rounding(seg)
		}
		if _, err := rateOne(price, r.Quantity, rounding); err != nil {
			f.Wrap("quantity", fmt.Errorf("charge %q: %w", charge.ID(), err))
		}
	}
	return f
}

// rateOne rates a record as if nothing else was used.
func rateOne(price *plan.CompiledPrice, q decimal.Decimal, rounding money.Rounding) (money.Money, error) {
	if !price.RatesEvents() {
		return price.Rate(q, rounding)
	}
	events, err := price.RateEvents(plan.EventRating{}, q)
	if err != nil {
		return money.Money{}, err
	}
	return rateEvents(price, events, 1, 1, 1, rounding)
}

// A ratedMetric has the first charge that rates it, and a quantity up to which every charge
// of its segment surely can rate it: one for all records, so that most need not be rated.
type ratedMetric struct {
	metric string
	charge *plan.CompiledCharge
	limit  int64
	// byDimensions says that the price depends on the record.
	byDimensions bool
}

// ratedBy says what rates a metric in a segment.
func ratedBy(seg subscription.Segment, metric string) ratedMetric {
	by := ratedMetric{metric: metric, limit: math.MaxInt64}
	for charge := range seg.Phase().Charges() {
		if charge.Metric() != metric {
			continue
		}
		if by.charge == nil {
			by.charge = charge
		}
		price := seg.Price(charge)
		if seg.Billable() {
			by.limit = min(by.limit, prices.Limit(price))
		}
		by.byDimensions = by.byDimensions || isMatrix(price)
	}
	return by
}

// isUpTo reports that a quantity surely can be billed where the limit holds.
func isUpTo(q *decimal.Decimal, limit int64) bool {
	return isPlain(q) && q.CoefficientInt64() <= coefficient(limit, q.Exponent())
}

// coefficient returns a limit in units of 10^exp, which are not larger than one.
func coefficient(limit int64, exp int32) int64 {
	if c, ok := scaled(limit, -exp); ok {
		return c
	}
	return math.MaxInt64
}
