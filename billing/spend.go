package billing

import (
	"math/big"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A spend is what one period owes of its minimum, and what it has come to: the lines that
// count towards it, whatever invoice they stand on. A run begins where no line of an earlier
// period is left, so it always sees all of the period that runs.
type spend struct {
	ordinal int
	term    *plan.Minimum // over several periods, all of which have it; nil: of one period
	periods int           // of the term that began
	base    money.Money   // what was spent in the term before the run
	over    bool          // what follows is of another spend
	lived   []livedPart   // what of the period was billed, part by part
	running *livedPart    // the part that runs; nil while nothing is billed
	from    point         // where the part that runs begins
	until   point         // where the part before it ended
	since   point         // from where the next true-up spans; zero: nothing was lived since the last
	counted []countedLine
	// trued and exceeded are what was billed of the period as true-ups and overages.
	trued, exceeded money.Money
}

// A livedPart is a share of the period, and the minimum that was in force in it; nil if none
// was.
type livedPart struct {
	minimum  *plan.Minimum
	num, den int64
	ordinal  int  // of its period; -1: of several, before the run
	trued    bool // a true-up was computed of it
}

// cycles is how many periods the spend is of.
func (s *spend) cycles() int {
	if s == nil || s.term == nil {
		return 1
	}
	return s.term.Cycles
}

// A countedLine counts towards a minimum: with an amount, or less what discounts take off it.
type countedLine struct {
	line   *draftLine
	amount money.Money
	net    bool
}

// seekMinimums says whether any minimum is in force from segment i on: without one nothing is
// noted, and nothing costs.
func (r *run) seekMinimums(i int) {
	for i = max(i, 0); i < r.sub.Segments() && !r.minimums; i++ {
		r.minimums = inside.HasMinimum(r.sub.Segment(i))
	}
}

// minimumOf returns the minimum of a segment; nil if it has none.
func (r *run) minimumOf(s *side) *plan.Minimum {
	if !r.minimums || !s.exists() {
		return nil
	}
	if r.minimumIn != s.seg {
		r.minimumIn, r.minimum = s.seg, nil
		if m, ok := s.seg.Minimum(); ok {
			r.minimum = &m
		}
	}
	return r.minimum
}

// spends notes a line of a charge that is billed on a side, if it counts. gross is what it
// amounts to before discounts.
func (r *run) spends(line *draftLine, gross money.Money, charge *plan.CompiledCharge, s *side) *spend {
	m := r.minimumOf(s)
	if m == nil || r.spend == nil || !m.Counts(charge) {
		return nil
	}
	c := countedLine{line: line, amount: gross, net: m.Discounts == plan.DiscountBefore}
	if c.net {
		c.amount = line.Amount
	}
	r.spend.counted = append(r.spend.counted, c)
	return r.spend
}

// spendsLess notes a credit of a line that counts. Where lines count before their discounts,
// a credit, which is a share of what the line came to, gives back the same share of all of it.
func (r *run) spendsLess(line *draftLine, p *prepaid) error {
	if p.spend == nil {
		return nil
	}
	i := slices.IndexFunc(p.spend.counted, func(c countedLine) bool { return c.line.prepaid == p })
	if i < 0 {
		return nil
	}
	c := countedLine{line: line, amount: line.Amount, net: p.spend.counted[i].net}
	net, err := p.amount.Add(p.discount)
	if err != nil {
		return err
	}
	if !c.net && p.discount.Sign() != 0 && net.Sign() != 0 && line.table == nil {
		if c.amount, err = line.Amount.Prorate(p.amount.Minor(), net.Minor(), line.Rounding); err != nil {
			return err
		}
	}
	p.spend.counted = append(p.spend.counted, c)
	return nil
}

// live begins a part of the period under the minimum of what begins. A minimum is of periods of
// the plan: the timeline of an own interval, which a plan before may have left, is no part of it.
func (r *run) live(tr *transition) error {
	if !r.minimums || !tr.is.every.IsZero() || !tr.is.billable() || !tr.is.recurs() {
		return nil
	}
	if r.spend == nil || r.spend.over || tr.begins == beginsPeriod && r.spend.term == nil {
		r.beginSpend(tr)
	}
	if s := r.spend; s.term != nil && (tr.begins == beginsPeriod || s.periods == 0) {
		s.ordinal, s.since = tr.is.ordinal, point{}
		if tr.begins == beginsPeriod {
			if err := r.noteTerm(s); err != nil {
				return err
			}
		}
		s.periods++
	}
	if r.spend.running == nil {
		r.spend.running = &livedPart{minimum: r.minimumOf(&tr.is), den: 1, ordinal: tr.is.ordinal}
		r.spend.from = tr.opening(&r.lived)
	}
	return nil
}

// liveUntil ends the part of the period that runs where its minimum ends, and adds the true-up
// if the period ends, or is no longer billed.
func (r *run) liveUntil(d *draft, tr *transition) error {
	if r.spend == nil || !tr.is.every.IsZero() {
		return nil
	}
	s, next := r.spend, r.minimumOf(&tr.is)
	ends := tr.ends == endsPeriod || tr.ends == endsPart && (!tr.is.billable() || tr.begins == beginsPeriod)
	if part := s.running; part != nil && (ends || tr.ends == endsPart && !sameMinimum(part.minimum, next)) {
		if err := r.endPart(tr, part); err != nil {
			return err
		}
	}
	ended := tr.is.seg.Ended()
	if s.term == nil {
		if tr.is.billable() && next != nil && next.Cycles > 1 && s.running == nil {
			ends, s.over = true, true // a term begins within the period
		}
		if ends || tr.ends == endsNothing && ended {
			return r.trueUp(d, tr, true)
		}
		return nil
	}
	full := s.periods >= s.term.Cycles && (tr.begins == beginsPeriod || tr.ends == endsPeriod)
	switch final := full || ended || tr.is.billable() && !sameMinimum(s.term, next); {
	case final:
		s.over = true
		return r.trueUp(d, tr, true)
	case s.term.Instalments && ends:
		return r.trueUp(d, tr, false)
	}
	return nil
}

func sameMinimum(a, b *plan.Minimum) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
}

// endPart measures the part that runs up to the cut, as a fee in arrears is.
func (r *run) endPart(tr *transition, part *livedPart) error {
	s := r.spend
	m := tr.was.measure
	if g := tr.was.seg.Grid(); !g.IsZero() {
		m.grid = g // an anchor may have moved it
	}
	m.basis = tr.was.policy.Basis
	if tr.cut.after(s.from) && !tr.was.free {
		var err error
		if part.num, part.den, err = m.share(s.from.Time, tr.cut.Time); err != nil {
			return err
		}
	}
	if s.since.IsZero() {
		s.since = s.from
	}
	s.until = laterPoint(tr.cut, s.from)
	s.lived, s.running = append(s.lived, *part), nil
	r.lived.through = laterPoint(r.lived.through, laterPoint(tr.cut, s.from))
	if tr.wholeDay(r.lived.through) {
		r.lived.through = tr.from
	}
	return nil
}

// An owing is what a period owes of its minimum so far.
type owing struct {
	exact *big.Rat // in minor units
	// whole is the minimum of a whole period, if one alone was in force; the zero Money else.
	whole money.Money
	// num/den is the share of the period that was not trued up yet.
	num, den int64
	last     *plan.Minimum // nil: none was in force
}

// owed returns what the period owes so far.
func (s *spend) owed(final bool) (owing, error) {
	o := owing{exact: new(big.Rat), den: 1}
	all, alone := new(big.Rat), true
	var err error
	for i := range s.lived {
		p := &s.lived[i]
		all.Add(all, big.NewRat(p.num, p.den))
		if s.term == nil && !p.trued || s.term != nil && p.ordinal == s.ordinal {
			if o.num, o.den, err = addFractions(o.num, o.den, p.num, p.den); err != nil {
				return o, err
			}
		}
		if p.minimum == nil {
			alone = false
			continue
		}
		alone = alone && (o.last == nil || sameMinimum(o.last, p.minimum))
		o.last = p.minimum
	}
	for i := range s.lived {
		p := &s.lived[i]
		if p.minimum == nil || p.num == 0 {
			continue
		}
		part := big.NewRat(p.num, p.den)
		switch {
		case p.minimum.Part == plan.PartWhole && final:
			part.Quo(part, all) // of what was billed of the period, however little that was
		case s.term != nil:
			part.Quo(part, big.NewRat(int64(s.term.Cycles), 1))
		}
		o.exact.Add(o.exact, part.Mul(part, new(big.Rat).SetInt64(p.minimum.Amount.Minor())))
	}
	if alone && o.last != nil && s.term == nil {
		o.whole = o.last.Amount
	}
	return o, nil
}

// rounded rounds a number of minor units, once.
func (r *run) rounded(exact *big.Rat, rounding money.Rounding) (money.Money, error) {
	minor := arith.RoundBig(exact.Num(), exact.Denom(), arith.Named(string(rounding)))
	if !minor.IsInt64() {
		return money.Money{}, money.ErrOverflow
	}
	return money.FromMinor(minor.Int64(), r.sub.Currency()), nil
}

// comesTo is what the lines that count amount to so far.
func (s *spend) comesTo(c money.Currency) (money.Money, error) {
	sum := money.FromMinor(0, c)
	if s.base.IsValid() {
		sum = s.base
	}
	var err error
	for _, counted := range s.counted {
		amount := counted.amount
		if counted.net {
			if amount, err = amount.Sub(money.FromMinor(counted.line.off, c)); err != nil {
				return sum, err
			}
		}
		if sum, err = sum.Add(amount); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// A dueSpend is a true-up that waits for the discounts of its invoice.
type dueSpend struct {
	spend   *spend
	final   bool
	trueUp  *draftLine
	overage *draftLine
}

// trueUp adds to a draft what the period has not come to of its minimum, less what was billed
// of that before: after a pause it may be below zero. Beside it stands the overage.
//
// final says that no more is to come of the period, or the term, which then owes what it does by
// its choice for a part, and is charged for what exceeds it.
func (r *run) trueUp(d *draft, tr *transition, final bool) error {
	s := r.spend
	o, err := s.owed(final)
	if err != nil || o.last == nil {
		return err
	}
	from, to := s.since, s.until
	if from.IsZero() {
		from, to = tr.cut, tr.cut // nothing was lived since
	}
	policy := tr.was.policy
	line := func(kind LineKind) *draftLine {
		l := &draftLine{Line: Line{
			Kind: kind, TaxCode: o.last.TaxCode, Quantity: one, Num: o.num, Den: o.den, Basis: policy.Basis, Rounding: policy.Rounding, Command: d.command,
			Amount: money.FromMinor(0, r.sub.Currency()),
		}, partNum: o.num, partDen: o.den, cycle: s.ordinal + 1, regular: true}
		l.span(from, to)
		return l
	}
	due := dueSpend{s, final, line(TrueUpLine), line(OverageLine)}
	late := slices.ContainsFunc(s.counted, func(c countedLine) bool { return c.net })
	due.trueUp.discounted, due.overage.discounted = o.last.Discounted && !late, o.last.Discounted && !late
	if late {
		d.spends = append(d.spends, due)
		d.add(due.trueUp)
		d.add(due.overage)
	} else if err := r.settleSpend(due); err != nil {
		return err
	} else {
		for _, l := range []*draftLine{due.trueUp, due.overage} {
			if l.Amount.Sign() != 0 {
				d.add(l)
			}
		}
	}
	for i := range s.lived {
		s.lived[i].trued = true
	}
	s.since = point{}
	return nil
}

// settleSpend computes what is due.
func (r *run) settleSpend(due dueSpend) error {
	s := due.spend
	o, err := s.owed(due.final)
	if err != nil {
		return err
	}
	owed, err := r.rounded(o.exact, due.trueUp.Rounding)
	if err != nil {
		return err
	}
	sum, err := s.comesTo(r.sub.Currency())
	if err != nil {
		return err
	}
	lacks, err := owed.Sub(sum)
	if err != nil {
		return err
	}
	zero := money.FromMinor(0, r.sub.Currency())
	shortfall, exceeds := lacks, zero
	if lacks.IsNegative() {
		if exceeds, err = lacks.Neg(); err != nil {
			return err
		}
		shortfall = zero
	}
	extra := o.last.OverageFactor.Sub(one)
	if o.exact.Sign() == 0 || !due.final {
		extra = decimal.Decimal{} // nothing of the period was under the minimum
	}
	overage, err := money.FromDecimal(exceeds.Decimal().Mul(extra), r.sub.Currency(), due.overage.Rounding)
	if err != nil {
		return err
	}
	for _, l := range []struct {
		line          *draftLine
		comes, before *money.Money
	}{{due.trueUp, &shortfall, &s.trued}, {due.overage, &overage, &s.exceeded}} {
		l.line.derivation = &derivation{whole: o.whole, owed: owed, gross: sum}
		if l.before.Sign() != 0 {
			l.line.derivation.net = *l.before
		}
		if l.line.Amount, err = l.comes.Sub(*l.before); err != nil {
			return err
		}
		*l.before = *l.comes
	}
	due.overage.Percent = extra.Shift(2)
	return nil
}

// settleSpends computes the true-ups of an invoice that waited for its discounts.
func (r *run) settleSpends(d *draft) error {
	if len(d.spends) == 0 {
		return nil
	}
	for _, due := range d.spends {
		if err := r.settleSpend(due); err != nil {
			return tooMuch(err, "the true-up of the invoice at %s", d.at.Format(time.RFC3339))
		}
	}
	d.lines = keep(d.lines, func(l *draftLine) bool { return l.Kind != TrueUpLine && l.Kind != OverageLine || l.Amount.Sign() != 0 })
	return nil
}
