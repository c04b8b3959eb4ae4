package billing

import (
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A meter reads what the usage of the period that runs comes to, without billing it.
type meter struct {
	gauges []gauge
	whole  calendar.Period
	rest   money.Money // what was billed of charges that no longer run, or in earlier periods where these count
}

// A gauge reads one charge.
type gauge struct {
	fold      *fold
	part      accrual // what is read next: its since moves
	count     *count  // a copy
	side      *side
	whole     calendar.Period
	in        calendar.Period // see countsIn
	first     time.Time
	goesOn    bool
	num, den  int64 // the share of the period of the charge, if nothing divides it any more
	most, all int64 // the share most/all of the maximum
	owed      money.Money
}

// meter returns a meter at what was billed.
func (r *run) meter(folds []*fold) (*meter, error) {
	s := &r.timeline.now
	m := &meter{rest: money.FromMinor(0, r.sub.Currency())}
	for _, f := range folds {
		a := f.accrual
		g := gauge{fold: f, part: *a, side: s}
		var err error
		if g.num, g.den, err = s.measure.share(a.from.Time, s.period.End); err != nil {
			return nil, err
		}
		if g.whole, err = a.side.measure.holding(calendar.Period{Start: a.from.Time, End: s.period.End}); err != nil {
			return nil, err
		}
		g.in = r.countsIn(s.ordinal, g.whole)
		if g.first, g.goesOn = r.countedSince(a.charge.Metric(), a.by.key, s.ordinal, g.in); !g.goesOn {
			g.first = a.since
		}
		for _, o := range m.gauges {
			if o.part.charge.Metric() == a.charge.Metric() { // it is billed before
				g.first, g.goesOn = earlier(g.first, o.first), true
			}
		}
		counted, err := f.counted(a, s.ordinal, g.in)
		if err != nil {
			return nil, err
		}
		g.count = counted.clone()
		if g.most, g.all, err = addFractions(g.count.num, g.count.den, g.num, g.den); err != nil {
			return nil, err
		}
		g.owed = g.count.billed
		m.gauges = append(m.gauges, g)
	}
	m.whole = m.gauges[0].in
	for _, f := range r.folds {
		for _, c := range f.counts {
			runs := slices.ContainsFunc(m.gauges, func(g gauge) bool { return g.fold == f && c.goesWith(&g.part, s.ordinal, g.in) })
			if runs || c.ordinal >= manyPeriods || c.ordinal != s.ordinal && !c.whole.Equal(m.whole) || !s.seg.Version().BilledEarly(c.charge, c.table) {
				continue
			}
			var err error
			if m.rest, err = m.rest.Add(c.billed); err != nil {
				return nil, err
			}
		}
	}
	if s.seg.Version().CountsLife() {
		sum, err := m.billed()
		if err != nil {
			return nil, err
		}
		before, err := r.life.Sub(sum)
		if err != nil {
			return nil, err
		}
		if m.rest, err = m.rest.Add(before); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// billed is what the meter shows.
func (m *meter) billed() (money.Money, error) {
	sum, err := m.rest, error(nil)
	for i := range m.gauges {
		if sum, err = sum.Add(m.gauges[i].owed); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// readTo reads on up to an instant, inclusive, and returns what the usage of the period comes to.
func (m *meter) readTo(r *run, at time.Time) (money.Money, error) {
	until := micro.Floor(at).Add(micro.Second)
	for i := range m.gauges {
		g := &m.gauges[i]
		if !g.part.since.Before(until) {
			continue
		}
		g.part.until = until
		var line draftLine
		if err := r.extend(g.count, g.side, &g.part, &line, g.whole, g.first, g.goesOn); err != nil {
			return money.Money{}, err
		}
		var err error
		if g.owed, err = g.early(); err != nil {
			return money.Money{}, err
		}
		g.part.since, g.goesOn = until, true
	}
	return m.billed()
}

// early is what the count owes before the period ends: no minimum, and the maximum of all of the
// charge's time in the period.
func (g *gauge) early() (money.Money, error) {
	least, most, den := g.bounds()
	return g.count.rateWithin(g.side, least, most, den)
}

func (g *gauge) bounds() (least, most, den int64) {
	if g.side.policy.UsageBounds == plan.BoundsWhole {
		return 0, 1, 1
	}
	return 0, g.most, g.all
}

// clone returns a copy to count on with.
func (c *count) clone() *count {
	o := *c
	if a := c.aggregated; a != nil {
		o.aggregated = &aggregated{sum: new(big.Rat).Set(a.sum), over: new(big.Rat).Set(a.over), keys: maps.Clone(a.keys), owed: new(big.Rat).Set(a.owed)}
	}
	return &o
}

// interimSpan is the span of an interim line: from where the last one ended.
func (a *accrual) interimSpan(at time.Time) (from, to point) {
	from, to = a.from, given(at)
	if !a.shown.IsZero() {
		from = a.shown
	}
	return earlierGiven(from, to), to
}

// earlierGiven is the point, or the other one where that is earlier.
func earlierGiven(p, end point) point {
	if p.after(end) {
		return end
	}
	return p
}

// billInterims makes the interim invoices that fall due at t or before. With onlyMade they are those that
// an earlier run made, before a command of a number.
func (r *run) billInterims(t time.Time, onlyMade bool, command int) error {
	for !r.done {
		before := r.usageEnds()
		if onlyMade {
			before = t.Add(micro.Second)
		}
		at, made, ok, err := r.nextInterim(before, onlyMade, command)
		if err != nil || !ok || at.After(t) {
			return err
		}
		if err := r.billInterim(at, made); err != nil {
			return err
		}
	}
	return nil
}

// usageEnds is the instant before which usage belongs to what runs.
func (r *run) usageEnds() time.Time {
	t, ok := r.timeline.next()
	if !ok {
		return time.Time{}
	}
	return r.timeline.actual(t)
}

// billInterim makes the interim invoice of the records up to an instant, inclusive.
func (r *run) billInterim(at time.Time, made bool) error {
	d := &draft{at: at, policy: r.timeline.now.policy, interim: true, made: made, behind: r.behind(at)}
	if slices.ContainsFunc(r.interims, func(i interim) bool { return i.at.Equal(at) }) {
		d.command = d.behind // the second one of the instant
	}
	for i := range r.interimsMade {
		m := &r.interimsMade[i]
		m.played = m.played || m.at.Equal(at) && m.command == d.behind
	}
	r.metered = true
	m, err := r.meter(r.billsEarly())
	if err != nil {
		return err
	}
	for i := range m.gauges {
		g := &m.gauges[i]
		if g.part.since.After(at) {
			continue
		}
		if err := r.billGauge(d, g, at); err != nil {
			return err
		}
	}
	comesTo, err := m.billed()
	if err != nil {
		return err
	}
	r.interims = append(r.interims, interim{at: at, ordinal: r.timeline.now.ordinal, whole: m.whole, comesTo: comesTo, life: r.timeline.now.seg.Version().CountsLife()})
	return r.finish(d)
}

// billGauge adds the line of a charge to an interim invoice.
func (r *run) billGauge(d *draft, g *gauge, at time.Time) error {
	a, s := g.fold.accrual, g.side
	c, err := g.fold.count(a, s.ordinal, g.in)
	if err != nil {
		return err
	}
	part := g.part
	part.until = at.Add(micro.Second)
	line := d.line(UsageLine, a.charge, a.table, s.policy)
	line.span(a.interimSpan(at))
	line.cycle, line.regular, line.partNum, line.partDen = s.ordinal+1, true, g.num, g.den
	before, billed, discount := c.units, c.billed, c.discount
	if err := r.because(r.extend(c, s, &part, line, g.whole, g.first, g.goesOn), d, line, &part); err != nil {
		return err
	}
	g.count, c.early = c, true
	if g.owed, err = g.early(); err != nil {
		return r.because(err, d, line, &part)
	}
	line.derivation = &derivation{before: before, net: billed, discount: discount, units: c.units, owed: g.owed, across: c.countsAcross(s), unbounded: c.owed}
	line.derivation.least, line.derivation.most, line.derivation.den = g.bounds()
	if err := r.addPart(d, line, c, s, &part, g.owed); err != nil {
		return err
	}
	if a.since = part.until; at.After(a.from.Time) {
		a.shown = given(at)
	}
	return nil
}
