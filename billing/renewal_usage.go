package billing

import (
	"math"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/plan"
)

// acceptsAll reports that every record since the period began can surely be billed, and
// sums those of the period; a run finds out about others.
func (s *renewalOnly) acceptsAll(usage Usage, checkpoint *Checkpoint) bool {
	since := s.start
	if s.first {
		// What is before that, a change or a reset later on the day of its cut has counted.
		since = later(since, s.seg.From())
	}
	if s.options.ordered {
		usage = usage[usage.since(s.start):]
	}
	t := &s.tally
	var mark time.Time // unless something was counted
	if len(checkpoint.Metered) > 0 {
		mark = checkpoint.ChargedThrough.Add(micro.Second)
	}
	p := reader{sec: math.MinInt64}
	var other ratedMetric // besides that of the tally
	s.unused = s.end
	for i := p.skip(usage, s.start.Unix()); i < len(usage); i++ {
		if t.first != nil && !t.other {
			// On to the mark, and then to the end of the period.
			a := alike{t.metric, t.exp, coefficient(t.limit, t.exp), since.Unix(), s.end.Unix()}
			toMark := !p.unordered && p.sec < mark.Unix()
			switch {
			case p.unordered:
				t.uncounted = true
			case toMark:
				a.before = min(a.before, mark.Unix())
			default:
				a.after = max(a.after, mark.Unix())
			}
			n, sum := p.sum(usage, i, len(usage), a, t.sum)
			if toMark {
				t.counted += sum - t.sum
			}
			if t.sum, i = sum, n; i == len(usage) {
				break
			}
		}
		r := &usage[i]
		p.reads(r.At.Unix(), r.At.Nanosecond())
		if r.At.Before(s.start) {
			continue
		}
		if r.At.Before(since) || r.Metric == "" || !isPlain(&r.Quantity) {
			return false
		}
		by := &t.ratedMetric
		if t.first == nil || t.metric != r.Metric {
			if by = &other; other.metric != r.Metric {
				other = ratedBy(s.seg, r.Metric)
			}
		}
		if by.charge == nil || by.byDimensions || r.Quantity.CoefficientInt64() > coefficient(by.limit, r.Quantity.Exponent()) && len(unrated(s.seg, s.rounding, r)) > 0 {
			return false
		}
		switch {
		case r.At.Before(s.end):
			t.add(by, r, r.At.Before(mark))
		case r.At.Unix() >= calendarEnd:
			return false
		default:
			s.unused = time.Time{}
		}
	}
	s.unordered = p.unordered
	return !s.unordered || !s.options.ordered
}

// isPlain reports that a quantity surely can be billed.
func isPlain(q *decimal.Decimal) bool {
	exp := q.Exponent()
	return exp >= -18 && exp <= 0 && q.NumDigits() <= 18 && q.CoefficientInt64() >= 0
}

// total is that of the usage, in order or not.
func (s *renewalOnly) total(usage Usage, charge *plan.CompiledCharge, from, to time.Time) decimal.Decimal {
	if s.unordered {
		return usage.aggregate(charge.Metric(), charge.Aggregation(), from, to)
	}
	return usage.total(charge, from, to)
}

// any is that of the usage, in order or not.
func (s *renewalOnly) any(usage Usage, metric string, from, to time.Time) bool {
	if s.unordered {
		return slices.ContainsFunc(usage, func(r Record) bool { return r.Metric == metric && !r.At.Before(from) && r.At.Before(to) })
	}
	return usage.any(metric, from, to)
}

// A tally is what was used of one charge in the period, the one that was used first.
type tally struct {
	ratedMetric
	first *Record
	// sum is in units of 10^exp; counted is of records up to the checkpoint, unless they
	// are in no order.
	sum, counted int64
	uncounted    bool
	exp          int32
	// other says that the tally does not hold: quantities of several exponents, a sum
	// that is too large, or an aggregation that is no sum.
	other bool
}

func (t *tally) add(by *ratedMetric, r *Record, counts bool) {
	exp := r.Quantity.Exponent()
	switch {
	case t.charge == nil:
		t.ratedMetric, t.first, t.exp, t.other = *by, r, exp, by.charge.Aggregation() != plan.Sum
	case t.charge != by.charge:
		return
	}
	c := r.Quantity.CoefficientInt64()
	if t.sum += c; counts {
		t.counted += c
	}
	t.other = t.other || t.exp != exp || t.sum < 0
}

// of reports whether the tally is what was used of the charge.
func (t *tally) of(charge *plan.CompiledCharge) bool { return t.charge == charge && !t.other }

// quantity returns what the renewal rates of a charge.
func (s *renewalOnly) quantity(charge *plan.CompiledCharge, usage Usage) decimal.Decimal {
	switch {
	case charge.Metric() == "":
		return s.seg.Quantity(charge)
	case !s.tally.of(charge):
		return s.total(usage, charge, s.start, s.end)
	case s.tally.sum == s.tally.first.Quantity.CoefficientInt64():
		return s.tally.first.Quantity
	}
	return decimal.New(s.tally.sum, s.tally.exp)
}
