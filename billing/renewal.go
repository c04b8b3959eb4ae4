package billing

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A renewalOnly is a subscription that only renews: the checkpoint lies in its last
// segment, nothing is foreseen that could cut a period, nothing waits for an invoice
// and nothing reduces one. Most subscriptions are like this most of the time, and
// what a run would find out about them can be said at once. It says the same as a
// run; a test holds the two together.
type renewalOnly struct {
	seg subscription.Segment
	// start and end are of the period that holds the checkpoint.
	start, end time.Time
	phase      *plan.CompiledPhase
	options    *options // of the call
	rounding   money.Rounding
	mode       arith.Mode // is rounding
	// first says that the period is the one that runs at the segment's beginning.
	first bool
	// unordered says that the usage is not in order of its instants.
	unordered bool
	// unused is an instant from which on nothing is used; zero if none is known.
	unused time.Time
	tally  tally
}

// calendarEnd is where the calendar's end comes near, which only a run looks for.
var calendarEnd = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// applies reports whether the subscription only renews from the checkpoint on. What
// it asks costs the same whatever the subscription's age and history.
func (s *renewalOnly) applies(sub subscription.Subscription, checkpoint *Checkpoint, o *options) bool {
	return s.renews(sub, checkpoint, o) && len(s.phase.OwnIntervals()) == 0
}

// renews is applies, where charges may bill by intervals of their own.
func (s *renewalOnly) renews(sub subscription.Subscription, checkpoint *Checkpoint, o *options) bool {
	if checkpoint.ChargedThrough.IsZero() || checkpoint.LastCommand != sub.Version() || len(checkpoint.Levels) > 0 || len(checkpoint.Spent) > 0 || o.taxes != nil {
		return false
	}
	var reach time.Time
	var ok bool
	if s.seg, reach, ok = inside.RenewsOnly(sub); !ok {
		return false
	}
	if s.seg.Version().HasThresholds() || s.seg.Version().HasSpendCap() || !s.seg.Phase().CountOver().IsZero() || s.seg.Phase().PricesParts() {
		return false // only a run looks for the record that reaches one, knows what the term counts or the cap leaves, and divides a line
	}
	if checkpoint.CreditBalance.IsValid() && (checkpoint.CreditBalance.Currency() != sub.Currency() || checkpoint.CreditBalance.IsNegative() || o.withoutCredit) {
		return false
	}
	if !s.find(checkpoint.ChargedThrough) || s.end.Unix() > calendarEnd {
		return false
	}
	// What was paid before the segment and ends inside the period is billed on there.
	if !reach.IsZero() && reach.After(s.start) && !(s.first && reach.Equal(s.end)) {
		return false
	}
	s.phase, s.options = s.seg.Phase(), o
	if !s.nothingPends(sub, checkpoint) {
		return false
	}
	s.rounding = o.policy.Rounding
	if s.rounding == "" {
		s.rounding = inside.Rounding(s.seg)
	}
	s.mode = arith.Named(string(s.rounding))
	return s.mode.IsValid()
}

// find finds the period that holds the instant; false if nothing recurs, or if the
// period's invoice holds more than whole periods.
func (s *renewalOnly) find(t time.Time) bool {
	s.end = s.seg.Period().End
	if s.end.IsZero() {
		return false
	}
	if t.Before(s.end) {
		s.start, s.first = s.seg.Period().Start, true
		return !t.Before(s.seg.From()) && inside.RenewsWhole(s.seg)
	}
	first := s.end
	var ok bool
	s.start, s.end, ok = inside.PeriodAt(s.seg, t)
	return ok && !(s.start.Equal(first) && strays(s.seg, first, false))
}

// meters reports whether usage is rated.
func (s *renewalOnly) meters() bool {
	return meters(s.phase)
}

// accrues reports whether some charge in arrears runs in the period at the segment's
// beginning: only a run knows from which point.
func (s *renewalOnly) accrues() bool {
	if !s.first {
		return false
	}
	for charge := range s.phase.Charges() {
		if charge.Timing() == plan.Arrears && !charge.Once() {
			return true
		}
	}
	return false
}

// nothingPends reports that no item waits for an invoice, and that every discount is
// used up.
func (s *renewalOnly) nothingPends(sub subscription.Subscription, checkpoint *Checkpoint) bool {
	if n := sub.PendingItems(); n == 0 {
		return true
	} else if !sub.PendingItem(n-1).At.Before(s.start) || s.first && waitsFor(sub, sub.SegmentAt(checkpoint.ChargedThrough), false) {
		return false
	}
	for i := range sub.Discounts() {
		command, enough, until, fixed := inside.DiscountUses(sub, i)
		uses, used := 0, !until.IsZero() && !s.end.Before(until)
		for j := range checkpoint.Redeemed {
			use := &checkpoint.Redeemed[j]
			if use.Command != command || !use.InvoiceAt.Before(s.end) {
				continue
			}
			used = use.Uses >= enough
			if uses++; uses > 1 {
				return false // a run drops the earlier uses
			}
		}
		if !used || fixed && s.meters() {
			return false // only a run remembers the usage of the period before
		}
	}
	return true
}

// rate returns what the renewal bills for a charge in minor units; false if that is
// an error.
func (s *renewalOnly) rate(charge *plan.CompiledCharge, usage Usage) (minor int64, ok bool) {
	price := s.seg.Price(charge)
	if charge.Metric() != "" && (!isOne(charge.Aggregation()) || isMatrix(price)) {
		return 0, false // only a run reads single records
	}
	if s.tally.of(charge) {
		minor, ok = prices.Scaled(price, s.tally.sum, s.tally.exp, s.mode)
	} else {
		minor, ok = prices.Fast(price, s.quantity(charge, usage), s.mode)
	}
	if ok {
		return minor, true
	}
	amount, err := price.Rate(s.quantity(charge, usage), s.rounding)
	return amount.Minor(), err == nil
}

// next finds the next invoice; false if the renewal makes none, or fails.
func (s *renewalOnly) next(out *NextInvoice, sub subscription.Subscription, usage Usage, checkpoint *Checkpoint, at time.Time) bool {
	var total, plain int64
	metered := false
	for charge := range s.phase.Charges() {
		if charge.Once() {
			continue
		}
		minor, ok := s.rate(charge, usage)
		total += minor
		if !ok || total < 0 {
			return false // amounts are never below zero: the sum does not fit
		}
		if charge.Metric() == "" {
			plain += minor
		} else {
			metered = true
		}
	}
	if total == 0 {
		return false
	}
	currency := s.seg.Version().Currency()
	out.At, out.Boundary, out.Estimate, out.Overdue = s.end, s.end, metered, !s.end.After(at)
	out.Amount, out.PlanAmount = money.FromMinor(total, currency), money.FromMinor(plain, currency)
	out.AmountDue = money.FromMinor(max(0, total-max(0, checkpoint.CreditBalance.Minor())), currency)
	return true
}

// invoices makes the renewals up to and including to, and the next checkpoint.
func (s *renewalOnly) invoices(dst []Invoice, sub subscription.Subscription, usage Usage, checkpoint *Checkpoint, to time.Time) ([]Invoice, Checkpoint, error) {
	policy := s.seg.Policy()
	if s.options != &noOptions {
		policy = s.options.policy.Or(policy)
	}
	balance := checkpoint.CreditBalance
	if !balance.IsValid() {
		balance = money.FromMinor(0, sub.Currency())
	}
	out := dst
	for !s.end.After(to) {
		out = append(out, Invoice{})
		inv := &out[len(out)-1]
		zeros, err := s.renewal(inv, sub, usage, policy.Basis)
		if err != nil {
			return dst, *checkpoint, err
		}
		if (zeros || inv.Total.Sign() == 0) && !dropZeroLines(inv, policy.ZeroInvoices) {
			out = out[:len(out)-1]
			continue
		}
		if err := s.options.settle(inv, &balance, policy.Negative); err != nil {
			return dst, *checkpoint, err
		}
		if err := inv.verify(); err != nil {
			return dst, *checkpoint, err
		}
	}
	next := Checkpoint{ChargedThrough: micro.Floor(to), LastCommand: max(checkpoint.LastCommand, sub.LastCommand(to)), Redeemed: slices.Clone(checkpoint.Redeemed)}
	if balance.Sign() != 0 {
		next.CreditBalance = balance
	}
	if !s.rememberUsage(&next, usage) || next.MeteredFrom.IsZero() && !checkpoint.MeteredFrom.IsZero() {
		return dst, *checkpoint, ErrUsage // a run knows what usage of earlier terms it looks back to
	}
	if err := next.rememberCivil(sub); err != nil {
		return dst, *checkpoint, err
	}
	next.follow(checkpoint)
	return out, next, nil
}

// renewal makes the invoice of the boundary that ends the period, and goes on to the
// next one. It reports whether a line amounts to nothing.
func (s *renewalOnly) renewal(inv *Invoice, sub subscription.Subscription, usage Usage, basis calendar.Basis) (zeros bool, err error) {
	next, err := s.seg.Grid().PeriodAt(s.end)
	if err != nil {
		return false, err
	}
	inv.Subscription, inv.Zone, inv.At, inv.wall = sub.ID(), s.seg.Zone(), s.end, true
	count := 0
	for range s.phase.Charges() {
		count++
	}
	inv.Lines = make([]Line, 0, count)
	inv.Total = money.FromMinor(0, sub.Currency())
	for _, timing := range [...]plan.Timing{plan.Arrears, plan.Advance} {
		for charge := range s.phase.Charges() {
			if charge.Once() || charge.Timing() != timing {
				continue
			}
			inv.Lines = inv.Lines[:len(inv.Lines)+1]
			line := &inv.Lines[len(inv.Lines)-1]
			line.From, line.To = s.start, s.end
			if timing == plan.Advance {
				line.From, line.To = next.Start, next.End
			}
			line.Basis = basis
			if err := s.line(line, charge, usage); err != nil {
				return false, err
			}
			if inv.Total, err = inv.Total.Add(line.Amount); err != nil {
				return false, err
			}
			zeros = zeros || line.Amount.Sign() == 0
		}
	}
	s.start, s.end, s.first, s.tally = next.Start, next.End, false, tally{}
	return zeros, nil
}

// line says what a charge bills.
func (s *renewalOnly) line(line *Line, charge *plan.CompiledCharge, usage Usage) error {
	line.Kind, line.Charge, line.Name = ChargeLine, charge.ID(), charge.Name()
	line.TaxCode, line.Metadata = charge.TaxCode(), charge.Metadata()
	if charge.Metric() != "" {
		line.Kind = UsageLine
	}
	line.wallFrom, line.wallTo = true, true
	line.Num, line.Den, line.Rounding, line.table = 1, 1, s.rounding, s.seg.Price(charge)
	line.Quantity = s.quantity(charge, usage)
	minor, ok := prices.Fast(line.table, line.Quantity, s.mode)
	if ok {
		line.Amount = money.FromMinor(minor, line.table.Currency())
		return nil
	}
	var err error
	line.Amount, err = line.table.Rate(line.Quantity, s.rounding)
	return err
}
