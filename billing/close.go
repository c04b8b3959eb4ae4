package billing

import (
	"errors"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// close ends what the change that opens the segment `to` ends: what ran up is
// billed, what was paid in advance and is not used is credited.
func (r *run) close(b *bill, to subscription.Segment, boundary bool) error {
	ch := to.Opened()
	if !boundary {
		// What a boundary closes and opens falls due by itself, whatever was scheduled
		// for it: it keeps its id when that is taken back.
		b.command = ch.Command
	}
	if to.Ended() {
		b.flush = true
	}
	if r.i < 0 {
		return nil
	}
	switch {
	case ch.Extended:
		r.extend(to)
	case !r.seg.Billable() && to.Billable() && ch.NewGrid:
		r.live, r.accrual = nil, nil
	}
	if !r.seg.Billable() {
		return nil
	}
	if ch.Kind == subscription.AnchorSet && to.Billable() {
		return nil
	}
	if boundary {
		// The period is over: everything in it is closed in full.
		return r.closePeriod(b, b.at)
	}
	if !to.Billable() {
		b.flush = true
	}
	cut := b.at
	if ch.Kind != subscription.PhaseBegan {
		var err error
		if cut, err = ch.Cut(r.seg.Zone(), false); err != nil {
			return err
		}
	}
	period, err := r.running(r.seg, b.at)
	if err != nil {
		return err
	}
	if end := period.End; !end.IsZero() && cut.After(end) {
		cut = end
	}
	if err := r.closeAccruals(b, to, cut); err != nil {
		return err
	}
	return r.closeLive(b, to, cut)
}

// running answers the period of a segment that runs at t, that begins there if
// one does: what a command at a boundary finds, which comes after the renewal.
func (r *run) running(seg subscription.Segment, t time.Time) (calendar.Period, error) {
	return seg.PeriodEndingAt(t.Add(1))
}

// affected reports whether the change to the segment `to` ends a charge of the
// present one, so that it is billed anew there.
func affected(from, to subscription.Segment, item *plan.Item) bool {
	ch := to.Opened()
	if !to.Billable() || ch.NewGrid || ch.Kind == subscription.PhaseBegan {
		return true
	}
	if present, ok := from.Stage().Item(item.ID()); ok { // it may have been billed under another plan
		item = present
	}
	return !from.SameTerms(to, item)
}

// runsUp reports whether some charge of the present segment is due in arrears.
func (r *run) runsUp() bool {
	return slices.ContainsFunc(r.seg.Stage().Items(), func(item *plan.Item) bool {
		return item.Timing() == plan.Arrears && !item.Once()
	})
}

// closePeriod bills everything that ran up in the period that ends at t.
func (r *run) closePeriod(b *bill, t time.Time) error {
	for _, a := range r.accrual {
		if err := r.bill(b, a, t, t); err != nil {
			return err
		}
	}
	if len(r.accrual) > 0 || t.Equal(r.resumed) && r.runsUp() {
		b.regular = true
	}
	r.accrual = r.accrual[:0]
	r.live = keep(r.live, func(l *live) bool { return l.to.After(t) })
	b.flush = true
	return nil
}

func keep[T any](all []T, want func(T) bool) []T {
	kept := all[:0]
	for _, x := range all {
		if want(x) {
			kept = append(kept, x)
		}
	}
	return kept
}

func (r *run) closeAccruals(b *bill, to subscription.Segment, cut time.Time) error {
	var err error
	ch := to.Opened()
	r.accrual = keep(r.accrual, func(a accrual) bool {
		if !affected(a.seg, to, a.item) {
			return true
		}
		until := b.at
		if !ch.Scheduled() && (!to.Entitled() || !rates(to.Version(), a.item.Metric())) {
			until = until.Add(1) // what is used at the very instant comes before the command
		}
		err = errors.Join(err, r.bill(b, a, cut, until))
		return false
	})
	return err
}

// bill adds the line for what ran up until the cut; usage counts until the instant.
func (r *run) bill(b *bill, a accrual, cut, instant time.Time) error {
	if !cut.After(a.from) && a.item.Metric() == "" {
		return nil
	}
	line := Line{
		Kind: ChargeLine, Charge: a.item.ID(), Name: a.item.Name(), From: a.from, To: later(cut, a.from),
		Command: b.command, Num: 1, Den: 1, Basis: r.policy.Basis, Rounding: r.policy.Rounding, table: a.seg.Price(a.item),
	}
	var err error
	if a.item.Metric() != "" {
		line.Kind = UsageLine
		line.Quantity = r.usage.total(a.item, a.since, instant)
	} else {
		line.Quantity = a.seg.Quantity(a.item)
		switch a.mode {
		case plan.ChargeNone:
			return nil
		case plan.ChargeProrate:
			if line.Num, line.Den, err = share(r.grid(a), r.policy.Basis, a.from, cut); err != nil {
				return err
			}
		}
	}
	if line.Amount, err = line.table.RatePart(line.Quantity, line.Num, line.Den, r.policy.Rounding); err != nil {
		return err
	}
	b.lines = append(b.lines, line)
	return nil
}

// grid answers the grid that an accrual is measured on: the present one, which an
// anchor may have moved since it began.
func (r *run) grid(a accrual) calendar.Schedule {
	if g := r.seg.Grid(); !g.IsZero() {
		return g
	}
	return a.seg.Grid()
}

// closeLive credits what was billed in advance beyond the cut, by the change's choice.
func (r *run) closeLive(b *bill, to subscription.Segment, cut time.Time) error {
	ch := to.Opened()
	credit, again := ch.Credit(), ch.Kind == subscription.Changed || ch.Kind == subscription.PhaseBegan
	var choices plan.Policy
	if ch.Policy != nil {
		choices = *ch.Policy
	} else {
		choices = r.policy
	}
	var err error
	r.live = keep(r.live, func(l *live) bool {
		if err != nil || !affected(r.seg, to, l.item) || !l.to.After(cut) && again {
			return err == nil && !(again && affected(r.seg, to, l.item))
		}
		if !l.to.After(cut) {
			return true
		}
		switch credit {
		case plan.CreditNone:
			// What a change does not bill anew goes on; what a pause or a cancellation
			// leaves paid is there to come back to.
			return !again || choices.ChargeNew == plan.ChargeNone
		default:
			err = r.giveBack(b, l, cut, l.to, credit, choices)
			return false
		}
	})
	return err
}

// giveBack adds the credit line for [from, to) of what was billed in advance.
func (r *run) giveBack(b *bill, l *live, from, to time.Time, credit plan.Credit, choices plan.Policy) error {
	from = later(from, l.from)
	line := Line{
		Kind: CreditLine, Charge: l.item.ID(), Name: l.item.Name(), From: from, To: to,
		Command: b.command, Num: 1, Den: 1, Basis: r.policy.Basis, Rounding: r.policy.Rounding, Of: l.origin, ground: &ground{},
	}
	held, err := r.held(l)
	if err != nil {
		return err
	}
	switch {
	case credit == plan.CreditFull:
		line.Amount, err = held.Neg()
	case choices.CreditBasis == plan.CreditList:
		item, ok := r.seg.Stage().Item(l.item.ID())
		if !ok {
			// It was left running when its plan was changed, and has no price any more.
			return nil
		}
		if line.Num, line.Den, err = share(r.seg.Grid(), r.policy.Basis, from, to); err != nil {
			return err
		}
		line.table, line.Quantity = r.seg.Price(item), r.seg.Quantity(item)
		line.Amount, err = line.table.RatePart(line.Quantity, -line.Num, line.Den, r.policy.Rounding)
	default:
		part := calendar.Period{Start: from, End: to}
		whole := l.whole
		if part.End.After(whole.End) { // the period's end moved with a pause
			shift := part.End.Sub(whole.End)
			part = calendar.Period{Start: part.Start.Add(-shift), End: whole.End}
			part.Start = later(part.Start, whole.Start)
		}
		if line.Num, line.Den, err = fraction(r.policy.Basis, part, whole, r.seg.Zone()); err != nil {
			return err
		}
		var net money.Money
		if net, err = l.amount.Add(l.discount); err != nil {
			return err
		}
		line.ground.net = net
		if line.Amount, err = net.Prorate(-line.Num, line.Den, r.policy.Rounding); err != nil {
			return err
		}
		if line.Amount.Minor() < -held.Minor() {
			line.ground.capped = true
			line.Amount, err = held.Neg()
		}
	}
	if err != nil || line.Amount.Sign() == 0 {
		return err
	}
	back, err := line.Amount.Neg()
	if err != nil {
		return err
	}
	if l.credited, err = l.credited.Add(back); err != nil {
		return err
	}
	b.lines = append(b.lines, line)
	return nil
}

// held is what the billed line still holds: net of discounts, of earlier credits
// and of what the service took off it; not negative.
func (r *run) held(l *live) (money.Money, error) {
	net, err := l.amount.Add(l.discount)
	if err != nil {
		return net, err
	}
	if net, err = net.Sub(l.credited); err != nil || r.options.adjusted == nil {
		return net, err
	}
	if off, ok := r.options.adjusted[l.origin.id(r.sub.ID())]; ok {
		if net, err = net.Add(off); err == nil && net.IsNegative() {
			net = money.FromMinor(0, net.Currency())
		}
	}
	return net, err
}

// extend moves the end of what was billed along with the period's end.
func (r *run) extend(to subscription.Segment) {
	old, end := r.seg.Period().End, to.Period().End
	for _, l := range r.live {
		if l.to.Equal(old) {
			l.to = end
		}
	}
}
