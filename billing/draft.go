package billing

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A draft collects the lines of one invoice.
type draft struct {
	at      time.Time
	wall    bool // at follows from a calendar: see point
	command int
	policy  plan.Policy // of the invoice as a whole
	lines   []*draftLine
	waits   bool // its lines wait for the next invoice
	billed  bool // it was made by an earlier run, or comes to nothing
	interim bool // thresholds cause it
	made    bool // of an interim invoice: an earlier run made it
	behind  int  // of an interim invoice: the last command of its instant before it
	flush   bool // lines that wait are due with it even if it has none of its own
	// regular says that a billing cycle begins with it: a period opens that is due in
	// advance, or one closes that was billed in arrears.
	regular bool
	spends  []dueSpend // true-ups that are computed when its discounts are
}

// line returns a line for a charge, still without span and amount.
func (d *draft) line(kind LineKind, charge *plan.CompiledCharge, table *plan.CompiledPrice, policy plan.Policy) *draftLine {
	increases := 0
	if table != nil {
		increases = prices.Increases(table)
	}
	return &draftLine{Line: Line{
		Increases: increases, Kind: kind, Charge: charge.ID(), Name: charge.Name(), TaxCode: charge.TaxCode(), Metadata: charge.Metadata(), Num: 1, Den: 1,
		Basis: policy.Basis, Rounding: policy.Rounding, Command: d.command, table: table,
	}, partNum: 1, partDen: 1}
}

// A draftLine is a line while its invoice is made.
type draftLine struct {
	Line
	// cycle numbers the billing cycle that the line belongs to; regular says that a
	// discount uses that cycle by reducing the line.
	cycle   int
	regular bool
	// partNum/partDen is the part of its period that the line bills.
	partNum, partDen int64
	prepaid          *prepaid // what the line bills in advance
	credits          *prepaid // what the line gives back
	count            *count   // what the line is a part of
	part             *accrual // the usage that the line rates
	reduces          *draftLine
	off              int64 // what discounts take off it, in minor units
	discounted       bool  // of a true-up and an overage: discounts reduce it
	shown            bool  // see run.show
	open             bool  // it may still be credited after its invoice
	collect          plan.Collect
	undiscounted     bool // whatever discounts there are
}

// share says what share of a whole period's amount the line bills.
func (l *draftLine) share(num, den int64) {
	l.Num, l.Den, l.partNum, l.partDen = num, den, num, den
}

// shareOf is share of a line that bills a period of its price: the part that a fixed discount goes by is
// that of the periods by which the charge bills, which the lines together are. The zero of is none.
func (l *draftLine) shareOf(num, den int64, m measure, of calendar.Period) error {
	l.share(num, den)
	if of.IsZero() {
		return nil
	}
	var err error
	l.partNum, l.partDen, err = m.share(of.Start, of.End)
	return err
}

// span says where the line begins and ends.
func (l *draftLine) span(from, to point) {
	l.From, l.To, l.wallFrom, l.wallTo = from.Time, to.Time, from.wall, to.wall
}

func (d *draft) add(line *draftLine) { d.lines = append(d.lines, line) }

// rate rounds the amount of a charge, once.
func (d *draft) rate(line *draftLine) error {
	var err error
	line.Amount, err = line.table.RatePart(line.Quantity, line.Num, line.Den, line.Rounding)
	return tooMuch(err, "charge %q at %s", line.Charge, d.at.Format(time.RFC3339))
}

// collectPending takes in the pending items of the instant t: they count for what is
// billed there.
//
// Those that the checkpoint has not seen come after what it has: collectPending is
// then called again, with late, for those of commands before a number.
func (r *run) collectPending(t time.Time, late bool, before int) error {
	for ; r.pending < r.sub.PendingItems(); r.pending++ {
		item := r.sub.PendingItem(r.pending)
		if item.At.After(t) || item.Command >= before {
			return nil
		}
		billed := r.seen(item.At, item.Command)
		if !late && (slices.Contains(r.mark.CarriedOver, item.Command) || !billed && r.marked && !t.After(r.mark.ChargedThrough)) {
			return nil
		}
		if late && !slices.Contains(r.carried, item.Command) {
			r.carried = append(slices.Clip(r.carried), item.Command)
		}
		_, reduces := item.Discount()
		oneOff, charges := item.OneOff()
		switch {
		case reduces:
			r.attach(item)
		case charges:
			r.waiting = append(r.waiting, &draftLine{Line: Line{
				Kind: OneOffLine, Charge: oneOff.ID, Name: oneOff.Name, TaxCode: oneOff.TaxCode, From: item.At, Quantity: decimal.NewFromInt(1),
				Num: 1, Den: 1, Amount: oneOff.Amount, Command: item.Command,
			}, partNum: 1, partDen: 1, collect: oneOff.Collect, undiscounted: oneOff.NoDiscount, cycle: undecidedCycle})
		case !billed && !r.options.withoutCredit:
			sum, err := r.balance.Add(item.AccountCredit)
			if err != nil {
				return tooMuch(err, "account credit of command %d, %s", item.Command, item.AccountCredit)
			}
			r.balance = sum
		}
	}
	return nil
}

// collectLate takes in the items that were given at an instant when it was billed already, of
// commands before a number, and makes an invoice of those that do not wait.
func (r *run) collectLate(t time.Time, before int) error {
	if err := r.collectPending(t, true, before); err != nil {
		return err
	}
	r.decideCycles(false)
	return r.collectNow(t)
}

// collectBeforeCommand is collectLate for what was given before the next command of the instant,
// so that runs between the two bill no other than one after both.
func (r *run) collectBeforeCommand(t time.Time) error {
	k := r.timeline.i + 1
	if !r.marked || t.After(r.mark.ChargedThrough) || k >= r.sub.Segments() || !r.sub.Segment(k).From().Equal(t) {
		return nil
	}
	return r.collectLate(t, r.sub.Segment(k).Opened().Command)
}

// undecidedCycle marks an item whose instant is being played: a regular invoice at
// that very instant opens its cycle.
const undecidedCycle = -2

// decideCycles gives items that were taken in at this instant the cycle that runs, or
// that a regular invoice begins with which nothing opens. On their regular invoice they
// use that cycle.
func (r *run) decideCycles(regular bool) {
	cycle := r.timeline.now.ordinal
	if regular && !r.timeline.now.billable() {
		cycle++
	}
	for _, line := range r.waiting {
		if line.cycle == undecidedCycle {
			line.cycle = cycle
		}
		line.regular = line.regular || regular && line.Kind == OneOffLine && line.cycle == cycle
	}
}

// collectNow makes an invoice of the one-offs that do not wait. Where nothing
// recurs there is no next invoice to wait for.
func (r *run) collectNow(t time.Time) error {
	s := &r.timeline.now
	endless := s.billable() && !s.recurs()
	for _, line := range r.waiting {
		if line.collect == plan.CollectNow || endless {
			return r.finish(&draft{at: t, command: line.Command, policy: s.policy, flush: true})
		}
	}
	return nil
}

// finish makes the invoice of a draft, if its lines make one.
func (r *run) finish(d *draft) error {
	r.decideCycles(d.regular)
	if d.waits {
		r.waiting, r.waitingSpends = append(r.waiting, d.lines...), append(r.waitingSpends, d.spends...)
		return nil
	}
	if len(d.lines) == 0 && !d.flush {
		return nil
	}
	if !d.interim { // which bills what was used, and nothing else
		d.lines = append(r.waiting, d.lines...)
		d.spends = append(r.waitingSpends, d.spends...)
		r.waiting, r.waitingSpends = nil, nil
	}
	if err := r.countParts(d); err != nil || r.done {
		return err
	}
	r.show(d.lines)
	if err := r.discount(d); err != nil {
		return tooMuch(err, "discounts of the invoice at %s", d.at.Format(time.RFC3339))
	}
	if err := r.settleSpends(d); err != nil {
		return err
	}
	inv := Invoice{Subscription: r.sub.ID(), Zone: r.sub.Zone(), At: r.shown(d.at, d.wall), Command: d.command, Interim: d.interim, wall: d.wall}
	if err := r.settleTax(&inv, d); err != nil {
		return tooMuch(err, "taxes of the invoice at %s", d.at.Format(time.RFC3339))
	}
	if r.saw(d) {
		// What was billed before belongs to invoices that were made: only what it
		// leaves to later ones is of interest.
		return nil
	}
	inv.Total = money.FromMinor(0, r.sub.Currency())
	inv.Lines = make([]Line, len(d.lines))
	for i, line := range d.lines {
		var err error
		if inv.Total, err = inv.Total.Add(line.Amount); err != nil {
			return tooMuch(err, "the invoice at %s with line %d, %s %q of %s", d.at.Format(time.RFC3339), i, line.Kind, line.Charge, line.Amount)
		}
		inv.Lines[i] = line.Line
	}
	if !dropZeroLines(&inv, d.policy.ZeroInvoices) {
		return nil
	}
	if err := r.options.settle(&inv, &r.balance, d.policy.Negative); err != nil {
		return tooMuch(err, "account credit with the invoice at %s of %s", d.at.Format(time.RFC3339), inv.Total)
	}
	if err := inv.verify(); err != nil {
		return err
	}
	if err := d.verifyCredits(&inv); err != nil {
		return err
	}
	r.made++
	if !r.emit(inv) {
		r.done = true
	}
	return nil
}
