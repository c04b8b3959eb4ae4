package billing

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A MeteredLevel is the level of a metric that goes on from one period into the next
// (plan.Metric.Carry), as it was at one instant.
type MeteredLevel struct {
	// Metric is what has the level.
	Metric string `json:"metric"`
	// Level may be below zero.
	Level decimal.Decimal `json:"level"`
	// Records is how many records lie from that instant to the checkpoint's, inclusive, whatever
	// they are billed with: they may only become more.
	Records int64 `json:"records,omitempty"`
}

// Equal compares the levels by value.
func (l MeteredLevel) Equal(o MeteredLevel) bool {
	return l.Metric == o.Metric && sameQuantity(l.Level, o.Level) && l.Records == o.Records
}

// holdLevels compares how many records make the levels with what the checkpoint remembers.
func (r *run) holdLevels() error {
	if r.trusts {
		return nil
	}
	for _, was := range r.mark.Levels {
		if n := r.usage.events(was.Metric, r.mark.MeteredFrom, r.mark.given.Add(micro.Second)); n < was.Records {
			return &UsageError{
				Err: ErrMissingUsage, Metric: was.Metric, From: r.mark.MeteredFrom, Counted: was.Level, Given: was.Level,
				CountedEvents: was.Records, GivenEvents: n,
			}
		}
	}
	return nil
}

// A levelAt is the level of a metric at an instant: where to go on to later ones.
type levelAt struct {
	of          *usageIndex
	metric      string
	from, until time.Time
	level       decimal.Decimal
}

// weigh adds up a level in each second of [from, to).
func (r *run) weigh(g *Aggregate, a *accrual, from, to time.Time, each func(func(*Record))) error {
	level, err := r.level(a, from)
	if err != nil {
		return err
	}
	g.Level, g.earlier = level, r.of(a).events(a.charge.Metric(), a.origin, from)
	at := from
	each(func(rec *Record) {
		g.Sum = g.Sum.Add(level.Mul(seconds(rec.At.Sub(at))))
		level, at = following(a.charge.Records(), level, rec.Quantity), rec.At
	})
	g.Sum = g.Sum.Add(level.Mul(seconds(to.Sub(at))))
	return nil
}

// following returns the level after a record; without a reading it says nothing of a level.
func following(how plan.Reading, level, q decimal.Decimal) decimal.Decimal {
	switch how {
	case plan.ReadChange:
		return level.Add(q)
	case plan.ReadLevel:
		return q
	}
	return level
}

// level returns the level at t: what is known at the start of the run and what was recorded
// since, if it goes on from period to period; else what was recorded since the period began.
func (r *run) level(a *accrual, t time.Time) (decimal.Decimal, error) {
	metric := a.charge.Metric()
	if !a.charge.Carry() {
		return r.since(r.of(a), metric, a.origin, t, decimal.Decimal{})
	}
	known, from, err := r.opening(metric)
	if err != nil {
		return known, err
	}
	return r.since(r.usage, metric, from, t, known)
}

// since adds the records in [from, t) to a level. It goes on from what it was asked last, so that
// the periods of a long run cost what they hold.
func (r *run) since(of *usageIndex, metric string, from, t time.Time, level decimal.Decimal) (decimal.Decimal, error) {
	i := slices.IndexFunc(r.levels, func(l levelAt) bool { return l.of == of && l.metric == metric && l.from.Equal(from) })
	if i < 0 {
		i = len(r.levels)
		r.levels = append(r.levels, levelAt{of: of, metric: metric, from: from, until: from, level: level})
	}
	known := &r.levels[i]
	begin := known.until
	if t.Before(begin) {
		begin = from
	} else {
		level = known.level
	}
	level = r.read(of.inOrder().within(begin, t), metric, begin, t, level)
	if err := dec.Check(level); err != nil {
		return level, fmt.Errorf("%w: %q: the level at %s: %w", ErrUsage, metric, t.UTC().Format(time.RFC3339Nano), err)
	}
	if !t.Before(known.until) {
		known.until, known.level = t, level
	}
	return level, nil
}

// read adds the records of a metric in [from, to) to a level, each as it was read at its instant.
func (r *run) read(records Usage, metric string, from, to time.Time, level decimal.Decimal) decimal.Decimal {
	var seg subscription.Segment
	var how plan.Reading
	found := false
	for i := range records {
		rec := &records[i]
		if rec.Metric != metric || rec.At.Before(from) || !rec.At.Before(to) {
			continue
		}
		if !found || !seg.From().Before(rec.At) || !seg.To().IsZero() && !rec.At.Before(seg.To()) {
			seg, _, found = holds(r.sub, *rec)
			how = declared(seg, metric).Records
		}
		level = following(how, level, rec.Quantity)
	}
	return level
}

// opening returns the level of a metric that is carried where the run begins, and that instant: from
// the checkpoint, or from the records before it if the checkpoint does not know.
func (r *run) opening(metric string) (level decimal.Decimal, from time.Time, err error) {
	if r.resumed.IsZero() {
		return level, r.sub.Segment(0).From(), nil
	}
	from = r.timeline.actual(r.resumed)
	if r.knowsLevels() {
		for _, l := range r.mark.Levels {
			if l.Metric == metric {
				level = l.Level
			}
		}
		return level, from, nil
	}
	if known, ok := r.older[metric]; ok {
		return known, from, nil
	}
	records := r.before
	if records == nil {
		records = r.usage.inOrder()
	}
	var good Usage
	for _, rec := range records {
		if rec.Metric == metric && rec.At.Before(from) && r.judge("", rec) == nil {
			good = append(good, rec)
		}
	}
	level = r.read(good, metric, time.Time{}, from, level)
	if r.older == nil {
		r.older = map[string]decimal.Decimal{}
	}
	r.older[metric] = level
	return level, from, nil
}

// knowsLevels reports whether the checkpoint holds the levels at the instant at which the run
// begins. One that was made by hand does not, nor does any after a discount of a fixed amount was
// added, for which a run begins earlier.
func (r *run) knowsLevels() bool {
	return !r.mark.MeteredFrom.IsZero() && r.mark.MeteredFrom.Equal(utc(r.timeline.actual(r.resumed)))
}

// needsAll reports whether the run needs all records before its beginning as well.
func (r *run) needsAll() bool {
	if r.knowsLevels() {
		return false
	}
	for i := max(0, r.sub.SegmentAt(r.resumed)); i < r.sub.Segments(); i++ {
		for charge := range r.sub.Segment(i).Phase().Charges() {
			if charge.Carry() {
				return true
			}
		}
	}
	return false
}

// carriedAt returns the levels that are carried, at an instant, in order of the metrics, with the
// number of their records from then until another.
func (r *run) carriedAt(t, until time.Time) ([]MeteredLevel, error) {
	all := maps.Clone(r.carries)
	if all == nil {
		all = map[string]bool{}
	}
	for _, l := range r.mark.Levels {
		all[l.Metric] = true
	}
	for metric := range r.older {
		all[metric] = true
	}
	var out []MeteredLevel
	for _, metric := range slices.Sorted(maps.Keys(all)) {
		known, from, err := r.opening(metric)
		if err != nil {
			return nil, err
		}
		level, err := r.since(r.usage, metric, from, t, known)
		if err != nil {
			return nil, err
		}
		if n := r.usage.events(metric, t, until); n > 0 || !level.IsZero() {
			out = append(out, MeteredLevel{Metric: metric, Level: level, Records: n})
		}
	}
	return out, nil
}

// notes remembers that a metric is carried where a record lies.
func (r *run) notes(rec *Record) {
	if r.carries[rec.Metric] {
		return
	}
	seg, _, _ := holds(r.sub, *rec)
	if declared(seg, rec.Metric).Carry {
		if r.carries == nil {
			r.carries = map[string]bool{}
		}
		r.carries[rec.Metric] = true
	}
}

// declared says how a segment aggregates a metric: as the first charge does that rates it, or as
// the plan declares it.
func declared(seg subscription.Segment, metric string) plan.Metric {
	if charge := rating(seg.Phase(), metric); charge != nil {
		return plan.Metric{ID: metric, Aggregation: charge.Aggregation(), Records: charge.Records(), Carry: charge.Carry()}
	}
	m, _ := seg.Version().Metric(metric)
	return m
}

// origin returns the instant from which the level of a metric counts in the period of an accrual
// that begins.
func (r *run) origin(a *accrual) time.Time {
	origin, metric := a.since, a.charge.Metric()
	// A period that cannot be found fails where its part is billed.
	whole, _ := a.side.measure.holding(calendar.Period{Start: a.from.Time, End: a.side.period.End})
	whole = r.countsIn(a.side.ordinal, whole)
	for _, f := range r.folds {
		if o := f.accrual; o != nil && o.charge.Metric() == metric && o.side.ordinal == a.side.ordinal {
			origin = earlier(origin, o.origin)
		}
		for _, c := range f.counts {
			if c.metric == metric && (c.ordinal == a.side.ordinal || c.whole.Equal(whole)) {
				origin = earlier(origin, c.origin)
			}
		}
	}
	return micro.Floor(origin)
}
