package billing

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// opening says how the charges of a segment begin.
type opening struct {
	from     time.Time      // what begins is billed from here
	since    time.Time      // and its usage counted from here
	end      time.Time      // the end of the running period; zero where nothing recurs
	mode     plan.ChargeNew // what the part up to end costs
	whole    bool           // the part is a whole period: nothing to divide
	keepGap  bool           // what is uncovered before from stays unbilled
	later    bool           // what is paid beyond now is billed on when its time comes
	onceToo  bool           // one-time charges are due
	segments int            // the number of the segment that opens
	was      subscription.Segment
}

// open makes segment k the present one and bills what begins with it.
func (r *run) open(b *bill, k int, boundary bool) error {
	was, first := r.seg, r.i < 0
	r.i, r.seg = k, r.sub.Segment(k)
	r.policy = r.options.policy.Or(r.seg.Policy())
	ch := r.seg.Opened()
	if end, ok := r.seg.Trial(); ok && ch.Kind == subscription.TrialBegan {
		return r.openTrial(b, end)
	}
	if !r.seg.Billable() {
		return nil
	}
	from, end := b.at, r.seg.Period().End
	o := opening{from: from, since: from, end: end, mode: plan.ChargeProrate, segments: k}
	fresh := first || !was.Billable()
	o.was, o.later = was, !fresh
	o.onceToo = !first && (!was.SameVersion(r.seg) || was.Stage() != r.seg.Stage())
	switch {
	case fresh && (ch.Kind == subscription.Started || ch.Kind == subscription.TrialEnded || ch.NewGrid || !r.hasBegun(k)):
		o.onceToo, b.regular, b.flush = true, r.bills(), true
		stub, err := r.stub(from)
		if err != nil {
			return err
		}
		if stub {
			o.mode = firstMode(r.policy.FirstPeriod)
		}
	case fresh:
		// A pause or an ending is over: what is paid still runs, the rest is a part.
		o.keepGap = true
		if !r.covered(from) {
			b.flush = true
		}
		// Another period begins than the one that was left.
		b.regular = !r.seg.Period().Start.Before(was.Period().End) && r.bills()
	case ch.Kind == subscription.Noted && !boundary:
		return nil
	case ch.Kind == subscription.AnchorSet:
		return r.moveAnchor(b, was, ch)
	case ch.Kind == subscription.PhaseBegan:
		o.onceToo, b.flush = true, true
		b.regular = b.regular || boundary && r.bills()
	case ch.Kind == subscription.Changed:
		o.onceToo = !was.SameVersion(r.seg) || was.Stage() != r.seg.Stage()
		o.keepGap = true
		if boundary {
			b.regular = b.regular || r.bills()
			break
		}
		cut, err := ch.Cut(r.seg.Zone(), false)
		if err != nil {
			return err
		}
		o.from = r.within(cut, was, b.at)
		o.mode = ch.Policy.ChargeNew
		if ch.NewGrid {
			o.from = cut
			if o.mode == plan.ChargeFull {
				o.mode = plan.ChargeProrate
			}
		}
		b.wait = ch.Policy.Collect == plan.CollectNextInvoice
	}
	return r.begins(b, o)
}

// within keeps a cut inside the period that was running.
func (r *run) within(cut time.Time, was subscription.Segment, at time.Time) time.Time {
	p, err := r.running(was, at)
	if err != nil || p.IsZero() {
		return cut
	}
	cut = later(cut, p.Start)
	if !p.IsOpen() && cut.After(p.End) {
		cut = p.End
	}
	return cut
}

// stub reports whether a period that is opened at t began before it on the grid:
// only a part of it is left.
func (r *run) stub(t time.Time) (bool, error) {
	if r.seg.Grid().IsZero() {
		return false, nil
	}
	p, err := r.seg.Grid().PeriodAt(t)
	return p.Start.Before(t), err
}

func firstMode(f plan.FirstPeriod) plan.ChargeNew {
	switch f {
	case plan.FirstFull:
		return plan.ChargeFull
	case plan.FirstFree:
		return plan.ChargeNone
	}
	return plan.ChargeProrate
}

// hasBegun reports whether a period was opened before segment k.
func (r *run) hasBegun(k int) bool {
	for i := range k {
		if seg := r.sub.Segment(i); seg.Billable() && !passed(seg) {
			return true
		}
	}
	return false
}

// passed reports whether a segment never came to billing: what was due by itself
// at its beginning replaced it at once.
func passed(seg subscription.Segment) bool {
	closed, ok := seg.Closed()
	return ok && seg.To().Equal(seg.From()) && (closed.Scheduled() || closed.Command < seg.Opened().Command)
}

// bills reports whether the opening of a period makes an invoice: some recurring
// charge is due in advance.
func (r *run) bills() bool {
	for _, item := range r.seg.Stage().Items() {
		if item.Timing() == plan.Advance && !item.Once() {
			return true
		}
	}
	return false
}

// renew opens the period that begins at the boundary t of the present segment.
func (r *run) renew(b *bill, t time.Time) error {
	p, err := r.seg.Grid().PeriodAt(t)
	if err != nil {
		return err
	}
	b.regular = b.regular || r.bills()
	b.flush = true
	return r.begins(b, opening{from: t, since: t, end: p.End, mode: plan.ChargeProrate, whole: true, segments: r.i})
}

// begins bills the present segment's charges that are neither running nor paid.
func (r *run) begins(b *bill, o opening) error {
	for _, item := range r.seg.Stage().Items() {
		switch {
		case item.Once():
			if o.onceToo && !r.charged(o.segments, item) {
				if err := r.once(b, item); err != nil {
					return err
				}
			}
		case item.Timing() == plan.Arrears:
			if !r.accrues(item) {
				r.accrual = append(r.accrual, accrual{item: item, seg: r.seg, from: o.from, since: o.since, mode: o.mode})
			}
		case !o.end.IsZero():
			if err := r.advance(b, item, o); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) accrues(item *plan.Item) bool {
	for i := range r.accrual {
		if r.accrual[i].item.ID() == item.ID() {
			r.accrual[i].item = item
			return true
		}
	}
	return false
}

// charged reports whether a one-time charge of the plan was due in an earlier segment.
func (r *run) charged(k int, item *plan.Item) bool {
	id := r.sub.Segment(k).Version().ID()
	for i := range k {
		seg := r.sub.Segment(i)
		if !seg.Billable() || seg.Version().ID() != id || passed(seg) {
			continue
		}
		if old, ok := seg.Stage().Item(item.ID()); ok && old.Once() {
			return true
		}
	}
	return false
}

func (r *run) once(b *bill, item *plan.Item) error {
	line := Line{
		Kind: ChargeLine, Charge: item.ID(), Name: item.Name(), From: b.at, Quantity: r.seg.Quantity(item),
		Num: 1, Den: 1, Command: b.command, Basis: r.policy.Basis, Rounding: r.policy.Rounding, table: r.seg.Price(item),
	}
	var err error
	line.Amount, err = line.table.Rate(line.Quantity, r.policy.Rounding)
	b.lines = append(b.lines, line)
	return err
}

// advance bills a charge from where it is not paid to the end of the period, or
// to a cut that is known already.
func (r *run) advance(b *bill, item *plan.Item, o opening) error {
	from := o.from
	if paid, ok := r.paidUntil(item); ok {
		free := o.mode == plan.ChargeNone && affected(o.was, r.seg, item) // the change leaves nothing to bill
		if !paid.Before(o.end) || o.later && paid.After(b.at) && !free {
			return nil // paid, or billed where it is paid up to: see uncovered
		}
		if !o.keepGap || paid.After(from) {
			from = later(paid, r.seg.Period().Start)
		}
		o.whole = false
	}
	to, err := r.horizon(item, from, o.end)
	if err != nil {
		return err
	}
	if to.Before(o.end) && o.mode == plan.ChargeProrate {
		o.whole = false
	} else {
		to = o.end
	}
	if !to.After(from) {
		return nil
	}
	line := Line{
		Kind: ChargeLine, Charge: item.ID(), Name: item.Name(), From: from, To: to, Quantity: r.seg.Quantity(item),
		Num: 1, Den: 1, Command: b.command, Basis: r.policy.Basis, Rounding: r.policy.Rounding, table: r.seg.Price(item),
	}
	if o.mode == plan.ChargeProrate && !o.whole {
		if line.Num, line.Den, err = share(r.seg.Grid(), r.policy.Basis, from, to); err != nil {
			return err
		}
	}
	zero := money.FromMinor(0, r.sub.Currency())
	l := &live{item: item, from: from, to: to, whole: calendar.Period{Start: from, End: to}, amount: zero, discount: zero, credited: zero}
	r.live = append(r.live, l)
	if o.mode == plan.ChargeNone {
		return nil
	}
	if line.Amount, err = line.table.RatePart(line.Quantity, line.Num, line.Den, r.policy.Rounding); err != nil {
		return err
	}
	l.amount = line.Amount
	l.origin = Origin{Kind: ChargeLine, Charge: line.Charge, From: from, To: to, Command: line.Command}
	line.live = l
	b.lines = append(b.lines, line)
	return nil
}

// paidUntil answers up to where a charge is paid in the present period.
func (r *run) paidUntil(item *plan.Item) (time.Time, bool) {
	var until time.Time
	for _, l := range r.live {
		if l.item.ID() == item.ID() {
			until = later(until, l.to)
		}
	}
	return until, !until.IsZero()
}

// covered reports whether everything that is due in advance is paid at t.
func (r *run) covered(t time.Time) bool {
	for _, item := range r.seg.Stage().Items() {
		if item.Timing() != plan.Advance || item.Once() {
			continue
		}
		if until, ok := r.paidUntil(item); !ok || !until.After(t) {
			return false
		}
	}
	return true
}

// horizon answers up to where a charge is billed in advance: to the end of the
// period, or to a cut that is known and credited by the share.
func (r *run) horizon(item *plan.Item, from, end time.Time) (time.Time, error) {
	ahead, err := r.seg.Ahead(end)
	if err != nil {
		return time.Time{}, err
	}
	for _, next := range ahead {
		if !affected(r.seg, next, item) {
			continue
		}
		ch := next.Opened()
		if !cuts(next, ch) {
			return end, nil
		}
		cut := ch.At
		if ch.Kind != subscription.PhaseBegan {
			if cut, err = ch.Cut(r.seg.Zone(), false); err != nil {
				return time.Time{}, err
			}
		}
		cut = later(cut, from)
		if cut.After(end) {
			cut = end
		}
		return cut, nil
	}
	return end, nil
}

// cuts reports whether a change that is known beforehand divides what is billed
// in advance: the unused part would be credited by its share.
func cuts(next subscription.Segment, ch subscription.Change) bool {
	switch {
	case ch.Kind == subscription.PhaseBegan:
		return true
	case ch.EndsLength():
		length, _ := next.Version().Length()
		return length.LastPeriod == plan.LastProrate
	}
	return ch.Credit() == plan.CreditProrate
}

// uncovered answers the next instant in the present segment at which a charge
// that is due in advance is not paid although its period runs: a cut was known
// when it was billed, and was taken back since.
func (r *run) uncovered() (time.Time, error) {
	var best time.Time
	if r.seg.Grid().IsZero() {
		return best, nil
	}
	for _, l := range r.live {
		p, err := r.seg.PeriodEndingAt(later(r.at.Add(1), r.seg.From()))
		if err != nil {
			return best, err
		}
		if !l.to.Before(p.End) || !l.to.After(r.at) {
			continue
		}
		if paid, _ := r.paidUntil(l.item); paid.After(l.to) {
			continue
		}
		until, err := r.horizon(l.item, l.to, p.End)
		if err != nil {
			return best, err
		}
		if until.After(l.to) && (best.IsZero() || l.to.Before(best)) {
			best = l.to
		}
	}
	return best, nil
}

// rebill bills what is not covered at t.
func (r *run) rebill(b *bill, t time.Time) error {
	if r.i < 0 || !r.seg.Billable() || len(r.live) == 0 || r.seg.Grid().IsZero() {
		return nil
	}
	p, err := r.seg.PeriodEndingAt(t)
	if err != nil {
		return err
	}
	for _, item := range r.seg.Stage().Items() {
		if item.Once() || item.Timing() != plan.Advance {
			continue
		}
		if paid, ok := r.paidUntil(item); ok && !paid.After(t) && paid.Before(p.End) {
			if err := r.advance(b, item, opening{from: paid, end: p.End, mode: plan.ChargeProrate}); err != nil {
				return err
			}
		}
	}
	return nil
}

// openTrial bills nothing; where zero invoices are wanted, it says so per charge.
func (r *run) openTrial(b *bill, end time.Time) error {
	if r.policy.ZeroInvoices != plan.EmitZeroInvoices {
		return nil
	}
	for _, item := range r.seg.Stage().Items() {
		if item.Timing() == plan.Advance && !item.Once() {
			b.lines = append(b.lines, Line{
				Kind: ChargeLine, Charge: item.ID(), Name: item.Name(), From: b.at, To: end, Quantity: r.seg.Quantity(item),
				Num: 0, Den: 1, Amount: money.FromMinor(0, r.sub.Currency()), Command: b.command, table: r.seg.Price(item),
			})
		}
	}
	return nil
}

// moveAnchor adjusts what was paid for the running period to its new end: what
// was paid beyond it is credited, what is missing up to it is charged.
func (r *run) moveAnchor(b *bill, was subscription.Segment, ch subscription.Change) error {
	p, err := r.running(was, b.at)
	if err != nil {
		return err
	}
	old, end := p.End, r.seg.Period().End
	b.wait = ch.Policy.Collect == plan.CollectNextInvoice
	for _, l := range append([]*live(nil), r.live...) {
		switch {
		case end.Before(old):
			if !l.to.After(end) {
				continue
			}
			if ch.Policy.ChangeCredit != plan.CreditNone {
				if err := r.giveBack(b, l, end, l.to, plan.CreditProrate, *ch.Policy); err != nil {
					return err
				}
			}
			l.to = end
		case !l.to.Equal(old):
		case ch.Policy.ChargeNew == plan.ChargeNone:
			l.to = end
		default:
			if err := r.advance(b, l.item, opening{from: old, end: end, mode: plan.ChargeProrate}); err != nil {
				return err
			}
		}
	}
	// What begins after the new end was given back whole.
	r.live = keep(r.live, func(l *live) bool { return l.to.After(l.from) })
	return nil
}
