package billing

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// billAdvance bills a charge in advance from `from` to the end of the period that
// runs, or to a cut that is known already. opens says that it opens its period.
func (r *run) billAdvance(d *draft, s *side, f *fold, charge *plan.CompiledCharge, from point, mode plan.ChargeNew, opens bool) error {
	to := boundary(s.period.End)
	f.through = laterPoint(f.through, from)
	if !to.after(from) {
		return nil
	}
	if mode == plan.ChargeProrate {
		var err error
		if to, err = r.billThrough(s, charge, from); err != nil {
			return err
		}
	}
	f.through = to
	if !to.after(from) {
		return nil // it is billed when the cut that is known comes, or is undone
	}
	return r.prepay(d, s, f, charge, from, to, mode, opens)
}

// billRest bills a charge in advance up to the cut of the transition, where it was left
// open by a cut that was known: a phase was to begin later on the civil day that this one
// divides otherwise.
func (r *run) billRest(d *draft, tr *transition, f *fold) error {
	s := &tr.was
	if !f.through.After(tr.at) || s.seg.Zone().DaysBetween(f.through.Time, tr.cut.Time) <= 0 {
		return nil
	}
	charge, ok := s.seg.Phase().Charge(f.id)
	if !ok || charge.Once() || charge.Timing() != plan.Advance || s.free || !tr.affects(charge) || !s.bills(charge) {
		return nil
	}
	from := f.through
	f.through = tr.cut
	return r.prepay(d, s, f, charge, from, tr.cut, plan.ChargeProrate, false)
}

// prepay bills a charge in advance for the time between two points.
func (r *run) prepay(d *draft, s *side, f *fold, charge *plan.CompiledCharge, from, to point, mode plan.ChargeNew, opens bool) error {
	m, ends, err := s.piecesOf(charge, s.measure, from, to)
	if err != nil {
		return err
	}
	if mode == plan.ChargeNone {
		ends = []point{to}
	}
	first := from
	for _, end := range ends {
		part := payment{s: s, measure: m, from: from, to: end, mode: mode, opens: opens, several: s.divides(charge)}
		if m.grid != s.measure.grid {
			part.of = calendar.Period{Start: first.Time, End: to.Time}
		}
		if err := r.prepayPiece(d, f, charge, part); err != nil {
			return err
		}
		from = end
	}
	if mode != plan.ChargeNone {
		f.ahead = first
	}
	return nil
}

// A payment is what one line bills in advance.
type payment struct {
	s        *side
	measure  measure
	from, to point
	mode     plan.ChargeNew
	opens    bool            // it opens its period
	several  bool            // it is one of several lines that bill a period together
	of       calendar.Period // what these bill, where they are periods of their price
}

// prepayPiece bills what one line does.
func (r *run) prepayPiece(d *draft, f *fold, charge *plan.CompiledCharge, part payment) error {
	s, from, to, mode := part.s, part.from, part.to, part.mode
	zero := money.FromMinor(0, r.sub.Currency())
	p := &prepaid{
		charge: charge, every: s.every, from: from, to: to, billed: calendar.Period{Start: from.Time, End: to.Time}, measure: part.measure,
		amount: zero, discount: zero, credited: zero,
	}
	f.paid = append(f.paid, p)
	r.began(f)
	if mode == plan.ChargeNone {
		return nil
	}
	num, den, err := part.measure.share(from.Time, to.Time)
	if err != nil {
		return err
	}
	line := d.line(ChargeLine, charge, s.seg.Price(charge), s.policy)
	line.span(from, to)
	line.Quantity = s.seg.Quantity(charge)
	line.cycle, line.regular = s.opensIn(), part.opens
	if mode == plan.ChargeProrate {
		if err := line.shareOf(num, den, s.measure, part.of); err != nil {
			return err
		}
	}
	if p.piece = part.several; part.several {
		r.tellApart(f, line, d.at)
	}
	if err := d.rate(line); err != nil {
		return err
	}
	p.charged, p.amount, p.origin = true, line.Amount, line.Ref()
	// As the line will be shown: what refers to it has an id of that.
	p.origin.From, p.origin.To = r.shown(line.From, line.wallFrom), r.shown(line.To, line.wallTo)
	line.prepaid = p
	p.spend = r.spends(line, line.Amount, charge, s)
	d.add(line)
	return nil
}

// billThrough returns up to where a charge is billed in advance from `from` on: to
// the end of the period, or to the first cut that is known and whose unused part
// would be given back by its share.
func (r *run) billThrough(s *side, charge *plan.CompiledCharge, from point) (point, error) {
	end := boundary(s.period.End)
	ahead, err := inside.Ahead(s.seg, end.Time)
	if err != nil {
		return end, err
	}
	was := s.seg
	// The end of the phase is a known cut also where a change of plan comes before it.
	phase := earlierPoint(end, laterPoint(point{Time: inside.PhaseEnd(s.seg), wall: true}, from))
	if inside.PhaseEnd(s.seg).IsZero() || charge.Attachment() != "" {
		phase = end
	}
	for _, is := range ahead {
		ch := is.Opened()
		if phase.Before(ch.At) {
			return phase, nil
		}
		ends := affects(was, is, &ch, inside.Effects(&ch), false, charge)
		// How another plan or phase goes on by itself is no cut of what this one bills.
		other := !inside.SamePhase(was, s.seg)
		was = is
		if derived := ch.Kind == subscription.PhaseBegan || inside.EndsLength(&ch) || inside.AtPeriodEnd(r.sub, ch.Command); !ends || derived && other {
			continue
		}
		cuts, last := knownCut(is, &ch)
		// A phase that ends where it begins has only the day before that ending's cut.
		cuts = cuts || ch.Kind == subscription.Ended && ch.At.Equal(s.seg.From())
		if cuts {
			cut := point{Time: ch.At, wall: inside.Derived(&ch)}
			if ch.Kind != subscription.PhaseBegan {
				t, err := ch.Cut(s.seg.Zone(), !s.every.IsZero() && inside.OnBoundary(&ch))
				if err != nil {
					return end, err
				}
				if !t.Equal(ch.At) {
					cut = boundary(t)
				}
			}
			return earlierPoint(laterPoint(cut, from), end), nil
		}
		if last {
			return end, nil
		}
	}
	return phase, nil
}

// knownCut reports whether a change that is known beforehand divides what is billed
// in advance, and whether nothing behind it can: an ending that gives nothing back
// stands. What a pause or a change without credit leaves running, a later cut still
// divides.
func knownCut(is subscription.Segment, ch *subscription.Change) (cuts, last bool) {
	switch {
	case ch.Kind == subscription.PhaseBegan:
		return true, true
	case inside.EndsLength(ch):
		length, _ := is.Version().Length() // none where it is the last contract term that ends
		return length.LastPeriod != plan.LastFull, true
	case inside.UnusedCredit(ch) == plan.CreditProrate:
		return true, true
	}
	return false, ch.Kind == subscription.Ended
}

// nextGap returns the next instant at which a charge in advance is not covered
// although its period runs: a cut was known when it was billed, and was undone since.
func (r *run) nextGap() (time.Time, error) {
	var next time.Time
	if s := &r.timeline.now; !s.billable() || !s.recurs() {
		return next, nil
	}
	for _, f := range r.folds {
		s := r.sideOf(f)
		if !f.through.After(r.timeline.at) || !f.through.Before(s.period.End) || !next.IsZero() && !f.through.Before(next) {
			continue
		}
		missing, err := r.missing(s, f)
		if err != nil {
			return next, err
		}
		if missing {
			next = f.through.Time
		}
	}
	return next, nil
}

// missing reports whether the fold's charge is to be billed in advance from where it
// is dealt with.
func (r *run) missing(s *side, f *fold) (bool, error) {
	charge, ok := s.seg.Phase().Charge(f.id)
	if !ok || charge.Once() || charge.Timing() != plan.Advance || f.through.IsZero() || !f.through.Before(s.period.End) {
		return false, nil
	}
	to, err := r.billThrough(s, charge, f.through)
	return err == nil && to.after(f.through), err
}

// billGaps bills what is not covered at t. Before what falls due there it bills only up to
// a cut that is known, because that has days left before its cut.
func (r *run) billGaps(d *draft, t time.Time, before bool) error {
	if s := &r.timeline.now; !s.billable() || !s.recurs() {
		return nil
	}
	for _, f := range slices.Clone(r.folds) {
		s := r.sideOf(f)
		if f.through.After(t) {
			continue
		}
		missing, err := r.missing(s, f)
		if err != nil {
			return err
		}
		if !missing {
			continue
		}
		charge, _ := s.seg.Phase().Charge(f.id)
		if before {
			to, err := r.billThrough(s, charge, f.through)
			if err != nil {
				return err
			}
			if !to.Before(s.period.End) {
				continue
			}
		}
		if err := r.billAdvance(d, s, f, charge, f.through, plan.ChargeProrate, false); err != nil {
			return err
		}
	}
	return nil
}

// openTrial bills nothing; where invoices of zero are wanted, it says so per charge.
func (r *run) openTrial(d *draft, tr *transition) error {
	if tr.is.policy.ZeroInvoices != plan.EmitZeroInvoices || !tr.is.every.IsZero() {
		return nil
	}
	end, _ := tr.is.seg.Trial()
	for charge := range tr.is.charges() {
		if charge.Timing() != plan.Advance || charge.Once() {
			continue
		}
		line := d.line(ChargeLine, charge, tr.is.seg.Price(charge), tr.is.policy)
		line.span(given(tr.at), boundary(end))
		line.Quantity = tr.is.seg.Quantity(charge)
		line.Num, line.Den, line.Basis, line.Rounding = 0, 1, "", ""
		line.Amount = money.FromMinor(0, r.sub.Currency())
		d.add(line)
	}
	return nil
}

// billOnce bills a one-time charge.
func (r *run) billOnce(d *draft, tr *transition, charge *plan.CompiledCharge) error {
	line := d.line(ChargeLine, charge, tr.is.seg.Price(charge), tr.is.policy)
	line.span(point{Time: tr.at, wall: tr.wall}, point{})
	line.Quantity = tr.is.seg.Quantity(charge)
	line.cycle, line.regular = tr.is.ordinal, tr.begins == beginsPeriod
	if err := d.rate(line); err != nil {
		return err
	}
	d.add(line)
	return nil
}

// chargedOnce reports whether a one-time charge of the plan was due in a segment
// before segment k.
func (r *run) chargedOnce(k int, charge *plan.CompiledCharge) bool {
	id := r.sub.Segment(k).Version().ID()
	for i := range k {
		seg := r.sub.Segment(i)
		if !seg.Billable() || charge.Attachment() == "" && seg.Version().ID() != id || superseded(r.sub, i) {
			continue
		}
		if old, ok := seg.Phase().Charge(charge.ID()); ok && old.Once() {
			return true
		}
	}
	return false
}

// superseded reports whether segment i was never billed: what was due by itself at its
// beginning, or waited for the same command, replaced it at once.
func superseded(sub subscription.Subscription, i int) bool {
	at, first := sub.Segment(i).From(), i
	if i+1 >= sub.Segments() || !sub.Segment(i+1).From().Equal(at) || hadDays(sub, i) {
		return false
	}
	for first > 0 && sub.Segment(first-1).From().Equal(at) {
		first--
	}
	cause, joins := sub.Segment(first).Opened(), false
	for n := first + 1; n <= i+1; n++ {
		opened := sub.Segment(n).Opened()
		joins = opened.Scheduled() || !cause.Scheduled() && opened.Command < cause.Command
		if !joins {
			cause = opened
		}
	}
	return joins
}

// hadDays reports whether segment i is a phase that was billed though something replaced it at
// once, because that was cut later: see timeline.leavesDays.
func hadDays(sub subscription.Subscription, i int) bool {
	closed := sub.Segment(i + 1).Opened()
	if i == 0 || !closed.Scheduled() || !sub.Segment(i).Opened().Scheduled() {
		return false
	}
	tl := timeline{sub: sub}
	if apart, err := tl.leavesDays(i, &closed); err != nil || !apart {
		return false
	}
	for k := i - 1; k >= 0; k-- {
		if was := sub.Segment(k); !was.From().Equal(sub.Segment(i).From()) {
			if !was.Billable() || was.Grid().IsZero() {
				return was.Billable()
			}
			p, err := inside.PeriodEndingAt(was, sub.Segment(i).From())
			return err == nil && !p.End.Equal(sub.Segment(i).From()) // a boundary closes what ends there
		}
	}
	return false
}

// stretch moves the end of what was paid for the running period, and of what accrues in it, to the
// new one: it is worth what it was.
func (f *fold) stretch(tr *transition, old, end point) (err error) {
	grid := tr.is.measure.grid
	for _, p := range f.paid {
		if p.every != tr.was.every || p.to.Before(old.Time) && !p.to.after(end) {
			continue
		}
		if p.worthDen == 0 {
			if p.worthNum, p.worthDen, err = p.measure.share(p.billed.Start, p.billed.End); err != nil {
				return err
			}
			if p.worthNum == 0 {
				p.worthNum, p.worthDen = 1, 1
			}
		}
		whole, err := p.measure.holding(calendar.Period{Start: tr.at, End: p.to.Time})
		if err != nil {
			return err
		}
		if p.measure, err = p.measure.stretched(whole, tr.at, p.to.Time, end.Time, tr.divided, grid); err != nil {
			return err
		}
		p.to = end
	}
	if a := f.accrual; a != nil && a.side.every == tr.was.every {
		m := a.side.measure
		whole, err := m.holding(calendar.Period{Start: a.from.Time, End: old.Time})
		if err != nil {
			return err
		}
		m.grid = tr.was.measure.grid // an anchor may have moved it
		if a.side.measure, err = m.stretched(whole, tr.at, old.Time, end.Time, tr.divided, grid); err != nil {
			return err
		}
	}
	if !f.through.Before(old.Time) || f.through.after(end) {
		f.through = end
	}
	return nil
}

// moveAnchor adjusts what was paid for the running period to its new end: what was
// paid beyond it is credited, what is missing up to it is charged.
func (r *run) moveAnchor(d *draft, tr *transition, f *fold) error {
	old, end := boundary(tr.was.period.End), boundary(tr.is.period.End)
	if !f.isOf(tr) {
		return nil
	}
	if tr.effects.Stretched {
		return f.stretch(tr, old, end)
	}
	switch {
	case old.after(end):
		var kept []*prepaid
		for _, p := range f.paid {
			if p.to.after(end) && p.every == tr.was.every {
				if followed(&tr.opened).ChangeCredit != plan.CreditNone {
					if err := r.giveBack(d, tr, p, laterPoint(end, p.from), p.to, plan.CreditProrate); err != nil {
						return err
					}
				}
				p.to = end
			}
			if p.to.after(p.from) {
				kept = append(kept, p)
			}
		}
		f.paid, f.through = kept, earlierPoint(f.through, end)
	case end.after(old) && f.through.Equal(old.Time):
		charge, ok := tr.is.seg.Phase().Charge(f.id)
		if !ok || charge.Once() || charge.Timing() != plan.Advance {
			return nil
		}
		mode := plan.ChargeProrate
		if followed(&tr.opened).ChargeNew == plan.ChargeNone || tr.is.free {
			mode = plan.ChargeNone
		}
		return r.billAdvance(d, &tr.is, f, charge, old, mode, false)
	}
	return nil
}
