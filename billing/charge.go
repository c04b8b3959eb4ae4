package billing

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A fold follows one charge, by its id, through all transitions: what was billed of
// it in advance, and what accrues to be billed in arrears. No fold sees another.
type fold struct {
	id string
	// through is up to where the charge is dealt with: nothing is billed again
	// behind it.
	through point
	// ahead is where the last line in advance begins.
	ahead point
	// pieces are the lines of the running period that are divided by smaller whole periods: each
	// must have an id of its own.
	pieces  []piece
	paid    []*prepaid
	accrual *accrual
	// stray is a metered part of no length, whose usage passes to what follows.
	stray  *accrual
	counts []*count
	lived  []livedPriced // of a charge that is priced by dimensions
}

// A prepaid part is what was billed in advance and may still be given back.
type prepaid struct {
	charge *plan.CompiledCharge
	every  calendar.Interval // of its own, by which it was billed; else zero
	// from and to are what it covers: to moves with an anchor or a pause.
	from, to point
	// billed is the span that amount was billed for.
	billed  calendar.Period
	measure measure
	// charged says that something was billed; what was free is never given back.
	charged bool
	piece   bool // of several lines that bill a period together
	// stands says that nothing was billed because what was billed before the change
	// stands: by the list basis a later change gives that back.
	stands   bool
	listed   bool   // a change gave back of the list price, whatever the line held
	spend    *spend // that of its minimum; nil if it counts towards none
	amount   money.Money
	discount money.Money // what discounts took off; not positive
	credited money.Money // what was given back; not negative
	drawn    []*draw
	origin   LineRef
	tax      *lineTax // once it is on an invoice
	// worth is what share of whole periods it is, once its end was moved by another next bill;
	// zero before.
	worthNum, worthDen int64
}

// An accrual is a charge in arrears that runs.
type accrual struct {
	charge *plan.CompiledCharge
	table  *plan.CompiledPrice
	by     combination // of a charge that is priced by dimensions, where it is divided
	usage  *usageIndex // of the combination; nil: all
	side   side        // whose terms it follows
	from   point       // where the fee runs from
	// since is the instant from which usage counts; until, once closed, that up to which.
	since, until time.Time
	shown        point     // where the last interim line ended; zero: none did
	origin       time.Time // from when a level counts in the period
	mode         plan.ChargeNew
	// command is the number of the command with which it began, if what follows from its
	// beginning was billed in advance before; else 0.
	command int
}

// fold returns the fold of a charge.
func (r *run) fold(id string) *fold {
	if f, ok := r.foldOf[id]; ok {
		return f
	}
	for i := 0; i < len(r.folds) && r.foldOf == nil; i++ {
		if f := r.folds[i]; f.id == id {
			return f
		}
	}
	f := &fold{id: id}
	r.folds = append(r.folds, f)
	switch {
	case r.foldOf != nil:
		r.foldOf[id] = f
	case len(r.folds) > fewFolds:
		r.foldOf = make(map[string]*fold, 2*len(r.folds))
		for _, f := range r.folds {
			r.foldOf[f.id] = f
		}
	}
	return f
}

// fewFolds are found soonest one after the other.
const fewFolds = 8

// began moves a fold behind the others: the lines that an invoice closes stand in the
// order in which what they bill began.
func (r *run) began(f *fold) {
	i := slices.Index(r.folds, f)
	if i == 0 { // as where a period begins: the charges of the plan follow one another
		r.folds = append(r.folds[1:], f)
		return
	}
	r.folds = append(slices.Delete(r.folds, i, i+1), f)
}

// close ends what the transition ends: what accrued is billed, what was paid in
// advance and is not used is credited.
func (r *run) close(d *draft, tr *transition) error {
	switch {
	case tr.forgets:
		for _, f := range r.folds {
			f.forget(tr)
		}
		if tr.is.every.IsZero() {
			r.lived.through = point{}
			if r.spend != nil && r.spend.cycles() == 1 {
				r.spend = nil
			}
		}
	case tr.effects.Extended && tr.is.ordinal == tr.was.ordinal:
		for _, f := range r.folds {
			if err := f.extend(tr); err != nil {
				return err
			}
		}
	}
	if tr.ends == endsNothing {
		if err := r.closeLeft(d, tr); err != nil {
			return err
		}
		if tr.is.seg.Ended() {
			if err := r.settleStrays(d, tr); err != nil {
				return err
			}
			return r.liveUntil(d, tr)
		}
		return r.liveUntil(d, tr)
	}
	for _, f := range r.folds {
		if err := r.closeAccrual(d, tr, f); err != nil {
			return err
		}
	}
	if err := r.settleStrays(d, tr); err != nil {
		return err
	}
	for _, f := range slices.Clone(r.folds) { // which move when a rest is billed
		if tr.ends == endsPart {
			if err := r.billRest(d, tr, f); err != nil {
				return err
			}
		}
		if err := r.closePaid(d, tr, f); err != nil {
			return err
		}
	}
	return r.liveUntil(d, tr)
}

func (r *run) closeAccrual(d *draft, tr *transition, f *fold) error {
	a := f.accrual
	if a == nil || a.side.every != tr.was.every || tr.ends == endsPart && !tr.affects(a.charge) {
		return nil
	}
	f.accrual = nil
	until := tr.until
	if tr.ends == endsPart && !tr.opened.Scheduled() && !isLevel(a.charge.Aggregation()) && (!inside.Serves(tr.is.seg) || !rates(tr.is.seg, a.charge.Metric())) {
		// What is used at the very instant comes before the command; a level of no time is nothing.
		until = until.Add(micro.Second)
	}
	var err error
	if a.charge.Metric() != "" {
		r.metered = true
		err = tooMuch(r.billUsage(d, tr, f, a, until), "usage of charge %q at %s", a.charge.ID(), d.at.Format(time.RFC3339))
	} else {
		err = r.billAccrued(d, tr, f, a)
	}
	f.through = laterPoint(f.through, laterPoint(tr.cut, a.from))
	if tr.wholeDay(f.through) {
		f.through = tr.from
	}
	return err
}

// billAccrued adds the line for a fee in arrears up to the cut.
func (r *run) billAccrued(d *draft, tr *transition, f *fold, a *accrual) error {
	if !tr.cut.after(a.from) || a.mode == plan.ChargeNone {
		return nil
	}
	m := a.side.measure
	if g := tr.was.measure.grid; !g.IsZero() {
		m.grid = g // an anchor may have moved it
	}
	m.basis = tr.was.policy.Basis
	billed, of := m, calendar.Period{}
	m, ends, err := a.side.piecesOf(a.charge, m, a.from, tr.cut)
	if err != nil {
		return err
	}
	if m.grid != billed.grid {
		of = calendar.Period{Start: a.from.Time, End: tr.cut.Time}
	}
	from := a.from
	for _, to := range ends {
		line := d.line(ChargeLine, a.charge, a.table, tr.was.policy)
		line.span(from, to)
		if a.command != 0 {
			line.Command = a.command
		}
		line.Quantity = a.side.seg.Quantity(a.charge)
		line.cycle, line.regular = tr.was.closesIn(), true
		if a.mode == plan.ChargeProrate {
			num, den, err := m.share(from.Time, to.Time)
			if err != nil {
				return err
			}
			if err := line.shareOf(num, den, billed, of); err != nil {
				return err
			}
		}
		if a.side.divides(a.charge) {
			r.tellApart(f, line, d.at)
		}
		if err := d.rate(line); err != nil {
			return err
		}
		r.spends(line, line.Amount, a.charge, &tr.was)
		d.add(line)
		from = to
	}
	return nil
}

// closePaid credits what was billed in advance beyond the cut, by the change's
// choice, and forgets what is over.
func (r *run) closePaid(d *draft, tr *transition, f *fold) error {
	if tr.ends == endsPeriod {
		f.pieces = nil
		f.paid = keep(f.paid, func(p *prepaid) bool { return p.to.After(tr.at) })
		return nil
	}
	credit, again := tr.credit(), tr.recharges()
	var kept []*prepaid
	for _, p := range f.paid {
		switch {
		case p.every != tr.was.every || !tr.affects(p.charge):
			kept = append(kept, p)
		case !p.to.after(tr.cut): // used up
		case credit == plan.CreditNone && (!again || tr.choices().ChargeNew == plan.ChargeNone):
			// What a change does not charge again goes on; what a pause or a cancellation
			// leaves paid is there to come back to.
			kept = append(kept, p)
		default:
			f.through = tr.cut
			if credit == plan.CreditNone {
				continue // forfeited
			}
			if err := r.giveBack(d, tr, p, laterPoint(tr.cut, p.from), p.to, credit); err != nil {
				return err
			}
		}
	}
	f.paid = kept
	return nil
}

// closeLeft credits what was billed in advance for a phase that was over before billing goes on: it
// gives way where another one begins to be billed, as it does while all is billed.
func (r *run) closeLeft(d *draft, tr *transition) error {
	if tr.left == (subscription.Segment{}) {
		return nil
	}
	paid := *tr
	paid.was.seg = tr.left
	for _, f := range r.folds {
		var kept []*prepaid
		for _, p := range f.paid {
			if p.every != tr.was.every || p.charge.Attachment() != "" || !p.to.after(tr.cut) {
				kept = append(kept, p)
				continue
			}
			f.through = tr.cut
			if err := r.giveBack(d, &paid, p, laterPoint(tr.cut, p.from), p.to, plan.CreditProrate); err != nil {
				return err
			}
		}
		f.paid = kept
	}
	return nil
}

// open bills what begins with the transition.
func (r *run) open(d *draft, tr *transition) error {
	r.keepTerms(tr)
	switch tr.begins {
	case beginsNothing:
		return nil
	case beginsTrial:
		return r.openTrial(d, tr)
	case beginsAnchor:
		for _, f := range slices.Clone(r.folds) {
			if err := r.moveAnchor(d, tr, f); err != nil {
				return err
			}
		}
		return nil
	case beginsPeriod, beginsPart:
	}
	if err := r.live(tr); err != nil {
		return err
	}
	r.noteLife(tr)
	for charge := range tr.is.charges() {
		if err := r.openCharge(d, tr, charge); err != nil {
			return err
		}
	}
	r.dropStrays(&tr.is)
	r.forgetDetached(&tr.is)
	return nil
}

func (r *run) openCharge(d *draft, tr *transition, charge *plan.CompiledCharge) error {
	switch {
	case charge.Once():
		if (tr.once || tr.attaches(charge)) && !r.chargedOnce(tr.number, charge) {
			return r.billOnce(d, tr, charge)
		}
	case charge.Timing() == plan.Arrears:
		r.accrue(tr, charge)
	case tr.is.recurs():
		return r.billOpening(d, tr, charge)
	}
	return nil
}

// forgetDetached forgets what was paid of add-ons that are no longer there: an attachment
// does not come back.
func (r *run) forgetDetached(s *side) {
	for _, f := range r.folds {
		f.paid = keep(f.paid, func(p *prepaid) bool {
			if p.charge.Attachment() == "" {
				return true
			}
			_, ok := s.seg.Phase().Charge(p.charge.ID())
			return ok
		})
	}
}

// accrue begins a charge in arrears that does not run already.
func (r *run) accrue(tr *transition, charge *plan.CompiledCharge) {
	f := r.fold(charge.ID())
	if f.accrual != nil {
		f.accrual.charge = charge
		return
	}
	a := &accrual{charge: charge, table: tr.is.seg.Price(charge), side: tr.is, from: tr.opening(f), since: r.timeline.actual(tr.at), mode: r.modeOf(tr, charge)}
	if tr.is.free && charge.Metric() == "" {
		// A free first period charges nothing but usage, and fees in arrears of a plan
		// that it is changed to.
		if tr.is.replanned {
			a.side.measure.first = calendar.Period{}
		} else {
			a.mode = plan.ChargeNone
		}
	}
	if metric := charge.Metric(); metric != "" {
		a.since = r.countSince(metric, a.since)
		if isLevel(charge.Aggregation()) {
			a.origin = r.origin(a)
		}
	}
	if f.ahead.Equal(a.from.Time) || f.hasPieceFrom(a.from) {
		a.command = tr.command
	}
	f.accrual = a
	r.began(f)
}

// modeOf returns what a charge costs that the transition begins: what the change asks
// for, or a part as any if only a phase begins it.
func (r *run) modeOf(tr *transition, charge *plan.CompiledCharge) plan.ChargeNew {
	if tr.phased > 0 {
		is := r.sub.Segment(tr.phased)
		if ch := is.Opened(); !affects(r.sub.Segment(tr.phased-1), is, &ch, inside.Effects(&ch), false, charge) {
			return plan.ChargeProrate
		}
	}
	return tr.mode
}

// billOpening bills a charge in advance for the part of the period that nothing
// covers yet.
func (r *run) billOpening(d *draft, tr *transition, charge *plan.CompiledCharge) error {
	f := r.fold(charge.ID())
	mode := r.modeOf(tr, charge)
	if tr.is.free {
		mode = plan.ChargeNone
	}
	waived := mode == plan.ChargeNone && tr.was.exists() && tr.affects(charge)
	if tr.begins == beginsPart && !waived && (f.through.after(tr.cut) || tr.spares(charge)) {
		return nil // paid; what is missing is billed where that ends: see billGaps
	}
	n, through := len(f.paid), f.through
	err := r.billAdvance(d, &tr.is, f, charge, tr.opening(f), mode, tr.begins == beginsPeriod)
	if len(f.paid) > n && tr.mode == plan.ChargeNone && tr.ends == endsPart {
		f.paid[n].stands = tr.choices().ChangeCredit == plan.CreditNone && r.paidBeyond(laterPoint(f.paid[n].from, through), f.paid[n])
	}
	return err
}

// paidBeyond reports whether anything else that was billed in advance beyond the cut stands.
func (r *run) paidBeyond(cut point, but *prepaid) bool {
	return slices.ContainsFunc(r.folds, func(f *fold) bool {
		return slices.ContainsFunc(f.paid, func(p *prepaid) bool { return p != but && (p.charged || p.stands) && p.to.after(cut) })
	})
}
