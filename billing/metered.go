package billing

import (
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A count is what was used of a metered charge under one price within one period,
// whatever cut the period: after each part the charge owes the price of all units so
// far, and the part's line is what earlier parts have not billed of that.
type count struct {
	table   *plan.CompiledPrice
	charge  *plan.CompiledCharge
	metric  string
	key     string // of the combination; see keyOf
	how     plan.Aggregation
	ordinal int
	whole   calendar.Period
	since   time.Time // from when its first part counts
	origin  time.Time // from when a level counts in the period
	// units are those of all parts so far; with a count across prices, owed is the sum
	// of what the parts added to the price.
	units, owed decimal.Decimal
	events      plan.EventRating // of a price that rates single events
	aggregated  *aggregated      // of what reads single records
	before      decimal.Decimal  // how long its price was in force before it was used, in seconds
	// num/den is the share of the period that was lived under the price.
	num, den int64
	billed   money.Money // what the parts amounted to, before the spend cap and discounts
	over     money.Money // what of that the spend cap took off
	discount money.Money // what discounts took off; not positive
	drawn    []*draw
	early    bool // an interim invoice has billed of it
}

// count returns the count that a part of the period continues.
func (f *fold) count(a *accrual, ordinal int, whole calendar.Period) (*count, error) {
	c, err := f.counted(a, ordinal, whole)
	if err == nil && !slices.Contains(f.counts, c) {
		f.counts = append(f.counts, c)
	}
	return c, err
}

// counted is count, without remembering one that begins.
func (f *fold) counted(a *accrual, ordinal int, whole calendar.Period) (*count, error) {
	for _, c := range f.counts {
		if c.goesWith(a, ordinal, whole) {
			return c, nil
		}
	}
	zero := money.FromMinor(0, a.table.Currency())
	c := &count{
		table: a.table, charge: a.charge, metric: a.charge.Metric(), key: a.by.key, how: a.charge.Aggregation(), ordinal: ordinal, whole: whole,
		since: a.since, origin: a.origin, den: 1, billed: zero, over: zero, discount: zero,
	}
	var err error
	c.num, c.den, c.before, err = f.livedUnder(a.by, a.table, ordinal, whole)
	return c, err
}

// goesWith reports whether a part of the period continues the count.
func (c *count) goesWith(a *accrual, ordinal int, whole calendar.Period) bool {
	how := a.charge.Aggregation()
	return c.metric == a.charge.Metric() && c.charge.CountOver().IsZero() == a.charge.CountOver().IsZero() && c.key == a.by.key && (c.how == how || isOne(c.how) && isOne(how)) &&
		(c.ordinal == ordinal || c.whole.Equal(whole)) && (c.table == a.table || c.table.Equal(a.table))
}

// countsIn returns the period of the grid that holds the counts of a period: that by which it
// began, also if an anchor moved its end to another grid since. So a part behind the anchor
// goes on from all that one before it went on from.
func (r *run) countsIn(ordinal int, whole calendar.Period) calendar.Period {
	if began, ok := r.wholes[ordinal]; ok {
		return began
	}
	if r.wholes == nil {
		r.wholes = map[int]calendar.Period{}
	}
	r.wholes[ordinal] = whole
	return whole
}

// countedSince returns the instant from which usage of the metric, or of a combination of it, counts
// in the period: that from which the first part that has a line does. False if none has.
func (r *run) countedSince(metric, key string, ordinal int, whole calendar.Period) (since time.Time, ok bool) {
	for _, f := range r.folds {
		for _, c := range f.counts {
			if c.metric != metric || c.key != key || c.ordinal != ordinal && !c.whole.Equal(whole) {
				continue
			}
			if !ok || c.since.Before(since) {
				since = c.since
			}
			ok = true
		}
	}
	return since, ok
}

// billUsage adds the line for what was used up to the cut. A part of no length has
// none: its usage passes to what follows.
func (r *run) billUsage(d *draft, tr *transition, f *fold, a *accrual, until time.Time) error {
	a.until = until
	s := &a.side
	if tr.was.billable() {
		s = &tr.was // an anchor may have moved its grid
	}
	measured, err := s.measure.hasLength(a.from.Time, tr.cut.Time)
	if err != nil {
		return err
	}
	if !measured {
		f.stray = a
		return nil
	}
	num, den, err := s.measure.share(a.from.Time, tr.cut.Time)
	if err != nil {
		return err
	}
	whole, err := a.side.measure.holding(calendar.Period{Start: a.from.Time, End: tr.cut.Time})
	if err != nil {
		return err
	}
	in := r.countsIn(s.ordinal, whole)
	parts, err := r.divide(f, a, until, s.ordinal, in)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := r.billCount(d, tr, f, part, tr.cut); err != nil {
			return err
		}
	}
	if isMatrix(a.table) {
		f.lived = append(f.lived, livedPriced{a.table, s.ordinal, in, num, den, seconds(until.Sub(a.since))})
	}
	if tr.ends == endsPeriod {
		f.lived = keep(f.lived, func(l livedPriced) bool { return l.whole.End.After(tr.at) })
		f.counts = keep(f.counts, func(c *count) bool { return c.whole.End.After(tr.at) })
	}
	return nil
}

// countSince returns the instant from which usage of a metric that begins to accrue
// at t counts: later, if what was used at t stands on a line already; earlier, if parts
// of no length passed theirs on.
func (r *run) countSince(metric string, t time.Time) time.Time {
	t = later(t, r.counted[metric])
	for _, f := range r.folds {
		if f.stray != nil && f.stray.charge.Metric() == metric {
			t = earlier(t, f.stray.since)
		}
	}
	return t
}

// settleStrays bills usage of parts of no length that nothing follows, on lines
// without length, and forgets what has passed on.
func (r *run) settleStrays(d *draft, tr *transition) error {
	for _, f := range r.folds {
		a := f.stray
		switch {
		case a == nil || a.side.every != tr.was.every:
			continue
		case tr.is.billable() && metered(&tr.is, a.charge.Metric()):
			continue // it has passed on, or is about to
		case !tr.is.billable() && !tr.is.seg.Ended():
			continue // it waits for the resume
		}
		f.stray = nil
		parts, err := r.parts(f, a, a.until)
		if err != nil {
			return err
		}
		for _, part := range parts {
			if err := r.settleStray(d, tr, f, part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) settleStray(d *draft, tr *transition, f *fold, a *accrual) error {
	used, _, err := r.comesTo(a, a.until)
	if err != nil {
		return err
	}
	some := r.hasUsage(a, used, a.until)
	bills := used.IsPositive() || some && (a.table.RatesEvents() || !isOne(a.charge.Aggregation()))
	if !some {
		if bills, err = r.remembers(a); err != nil {
			return err
		}
	}
	if bills {
		return r.billCount(d, tr, f, a, a.from)
	}
	return nil
}

// dropStrays forgets usage that passed on to what the side bills.
func (r *run) dropStrays(s *side) {
	if !s.billable() {
		return
	}
	for _, f := range r.folds {
		if f.stray != nil && metered(s, f.stray.charge.Metric()) && s.bills(rating(s.seg.Phase(), f.stray.charge.Metric())) {
			f.stray = nil
		}
	}
}

// metered reports whether some charge of the side rates the metric.
func metered(s *side, metric string) bool {
	for charge := range s.charges() {
		if charge.Metric() == metric {
			return true
		}
	}
	return false
}

// billCount adds the line for a part that ends at `to`.
func (r *run) billCount(d *draft, tr *transition, f *fold, a *accrual, to point) error {
	s := &a.side
	if tr.was.billable() {
		s = &tr.was // an anchor may have moved its grid
	}
	num, den, err := s.measure.share(a.from.Time, to.Time)
	if err != nil {
		return err
	}
	whole, err := a.side.measure.holding(calendar.Period{Start: a.from.Time, End: to.Time}) // that of its period, wherever an anchor moved the end
	if err != nil {
		return err
	}
	in := r.countsIn(s.ordinal, whole)
	first, goesOn := r.countedSince(a.charge.Metric(), a.by.key, s.ordinal, in)
	if !goesOn {
		first = a.since
	}
	var term time.Time
	over := !a.charge.CountOver().IsZero()
	if over {
		if first, goesOn, term, err = r.countedOver(a, whole, to.Time); err != nil {
			return err
		}
	}
	c, err := f.count(a, s.ordinal, in)
	if err != nil {
		return err
	}
	line := d.line(UsageLine, a.charge, a.table, s.policy)
	from := a.from
	if !a.shown.IsZero() {
		from = earlierGiven(a.shown, to)
	}
	line.span(from, to)
	line.Dimensions = maps.Clone(a.by.named)
	line.cycle, line.regular, line.partNum, line.partDen = s.closesIn(), true, num, den
	before, billed, discount := c.units, c.billed, c.discount
	if err := r.because(r.extend(c, s, a, line, whole, first, goesOn), d, line, a); err != nil {
		return err
	}
	if c.num != 0 || num != den || s.free || c.early || over && goesOn {
		line.derivation = &derivation{before: before, net: billed, discount: discount, units: c.units}
	}
	if c.num, c.den, err = addFractions(c.num, c.den, num, den); err != nil {
		return err
	}
	owed, err := c.rate(s)
	if err != nil {
		return r.because(err, d, line, a)
	}
	if from := line.derivation; from != nil {
		from.owed, from.across, from.unbounded = owed, c.countsAcross(s), c.owed
		from.least, from.most, from.den = c.bounds(s)
		if over && goesOn {
			from.term, from.counted = utc(term), r.countedBefore(a, first, c.since)
		}
	}
	return r.addPart(d, line, c, s, a, owed)
}

// extend adds what was used in a part to its count. It fills in the line.
func (r *run) extend(c *count, s *side, a *accrual, line *draftLine, whole calendar.Period, first time.Time, goesOn bool) (err error) {
	if c.table.RatesEvents() {
		if c.events, err = r.of(a).rateEvents(c.table, c.events, c.metric, a.since, a.until); err != nil {
			return err
		}
		so := c.events
		line.Events = &so
	}
	if !isOne(c.how) {
		return r.extendAggregated(c, s, a, line, whole, first, goesOn)
	}
	line.Quantity = r.of(a).total(a.charge, a.since, a.until)
	return r.extendCount(c, s, a, line.Quantity, first, goesOn)
}

// addPart adds the line of a part with which the count owes so much.
func (r *run) addPart(d *draft, line *draftLine, c *count, s *side, a *accrual, owed money.Money) (err error) {
	if line.Amount, err = owed.Sub(c.billed); err != nil {
		return err
	}
	if err := r.livesOn(line.Amount, c, s, a); err != nil {
		return err
	}
	over := c.over
	if line.derivation != nil && over.Sign() != 0 {
		line.derivation.over = over
	}
	if err := r.underCap(line, c, s); err != nil {
		return err
	}
	gross := line.Amount
	if line.Amount.IsNegative() && c.discount.Sign() != 0 {
		if err := c.netOfDiscount(line, over, s.policy.Rounding); err != nil {
			return err
		}
	}
	c.billed = owed
	if r.counted == nil {
		r.counted = map[string]time.Time{}
	}
	r.counted[c.metric] = later(r.counted[c.metric], a.until)
	line.count, line.part = c, a
	r.spends(line, gross, a.charge, s)
	d.add(line)
	return nil
}

// extendCount adds the usage of a part. goesOn says that another part of the period is
// billed, and first from when usage counts in it.
func (r *run) extendCount(c *count, s *side, a *accrual, used decimal.Decimal, first time.Time, goesOn bool) error {
	switch a.charge.Aggregation() {
	case plan.Sum:
		c.units = c.units.Add(used)
	case plan.Max:
		c.units = decimal.Max(c.units, used)
	case plan.Last:
		if r.of(a).any(a.charge.Metric(), a.since, a.until) {
			c.units = used
		}
	case plan.RecordCount, plan.UniqueCount, plan.Average, plan.WeightedSum, plan.TimeAverage:
		return unknownAggregation(a.charge.Aggregation())
	}
	if !countsPrices(s, a.charge) {
		return nil
	}
	// The price goes on from what was used of the metric in the period before the part.
	all, err := r.unbounded(a, first, a.until)
	if err != nil {
		return err
	}
	if goesOn {
		before, err := r.unbounded(a, first, a.since)
		if err != nil {
			return err
		}
		all = all.Sub(before)
	}
	c.owed = c.owed.Add(all)
	return nil
}

// rate returns what the count owes for the period so far, rounded once.
func (c *count) rate(s *side) (money.Money, error) {
	least, most, den := c.bounds(s)
	return c.rateWithin(s, least, most, den)
}

// rateWithin is rate with least/den of the price's minimum and most/den of its maximum.
func (c *count) rateWithin(s *side, least, most, den int64) (money.Money, error) {
	switch {
	case c.aggregated != nil && c.countsAcross(s):
		return prices.AmountOf(c.table, c.aggregated.owed, least, most, den, s.policy.Rounding)
	case c.aggregated != nil:
		amount, err := prices.UnboundedOf(c.table, c.aggregated.quantity())
		if err != nil {
			return money.Money{}, err
		}
		return prices.AmountOf(c.table, amount, least, most, den, s.policy.Rounding)
	case countsPrices(s, c.charge):
		return prices.Amount(c.table, c.owed, least, most, den, s.policy.Rounding)
	case c.table.RatesEvents():
		return rateEvents(c.table, c.events, least, most, den, s.policy.Rounding)
	}
	if least == den {
		return c.table.Rate(c.units, s.policy.Rounding)
	}
	amount, err := prices.Unbounded(c.table, c.units)
	if err != nil {
		return money.Money{}, err
	}
	return prices.Amount(c.table, amount, least, most, den, s.policy.Rounding)
}

// bounds returns the shares least/den and most/den of the price's minimum and maximum
// that hold for the period so far.
func (c *count) bounds(s *side) (least, most, den int64) {
	least, most, den = c.num, c.num, c.den
	if s.policy.UsageBounds == plan.BoundsWhole {
		least, most, den = 1, 1, 1
	}
	if s.free {
		least = 0
	}
	return least, most, den
}

// netOfDiscount takes off a part below zero its share of what discounts took off the
// parts before it, of which the spend cap took off so much.
func (c *count) netOfDiscount(line *draftLine, over money.Money, rounding money.Rounding) error {
	billed, err := c.billed.Sub(over)
	if err != nil {
		return err
	}
	net, err := billed.Add(c.discount)
	if err != nil {
		return err
	}
	gross := line.Amount
	// Under a spend cap a part may take off what was billed of other charges.
	back := min(-gross.Minor(), billed.Minor())
	if back <= 0 {
		return nil
	}
	rest, err := gross.Add(money.FromMinor(back, gross.Currency()))
	if err != nil {
		return err
	}
	if line.Amount, err = net.Prorate(-back, billed.Minor(), rounding); err != nil {
		return err
	}
	if line.Amount, err = line.Amount.Add(rest); err != nil {
		return err
	}
	kept, err := line.Amount.Sub(gross) // of the discount, not given back
	if err != nil {
		return err
	}
	for _, draw := range c.drawn {
		draw.giveBack(back, billed.Minor())
	}
	c.discount, err = c.discount.Add(kept)
	return err
}
