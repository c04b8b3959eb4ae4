package billing

import (
	"slices"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// An activeDiscount is a discount that was added, and what has become of it.
type activeDiscount struct {
	command int
	d       *plan.Discount
	// exhausted says that a discount for one invoice was used up.
	exhausted bool
	// redeemed are its uses, the first ones as the checkpoint has them: one for one
	// invoice, or one for each billing cycle.
	redeemed []Redemption
	// reached counts the uses up to the last one whose invoice the run has played: an invoice
	// may have lines of a cycle before the one that it uses.
	reached int
	rooms   map[int]*room // of a fixed amount, by billing cycle
	until   time.Time     // when one for a time is over; zero: never
}

// attach puts a discount in force.
func (r *run) attach(item subscription.PendingItem) {
	d, _ := item.Discount()
	s := &activeDiscount{command: item.Command, d: &d}
	if d.Duration == plan.ForTime {
		// Beyond the calendar nothing is billed: there it has no end.
		s.until, _ = r.sub.Zone().Add(item.At, d.For, calendar.Clamp)
	}
	for _, use := range r.mark.Redeemed {
		if use.Command == item.Command {
			s.redeemed = append(s.redeemed, use)
		}
	}
	r.discounts = append(r.discounts, s)
}

// discount adds the lines of the discounts that are in force, in the order in which
// they were added, each on what the ones before left of a line.
func (r *run) discount(d *draft) error {
	for _, s := range r.discounts {
		on := r.reducible(d, s)
		if len(on) == 0 {
			continue
		}
		var err error
		switch {
		case s.d.Duration == plan.OnceOnly:
			err = r.reduceOnce(d, s, on)
		case s.d.Duration == plan.ForCycles || s.d.Amount != nil:
			err = r.reduceByCycle(d, s, on)
		case s.d.Duration == plan.Forever || s.d.Duration == plan.ForTime:
			_, err = r.reduce(d, s, on, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reducible returns the lines that a discount may reduce.
func (r *run) reducible(d *draft, s *activeDiscount) []*draftLine {
	if s.exhausted || s.over(d.at) {
		return nil
	}
	seen := r.saw(d) && !r.derives
	if s.d.Duration == plan.OnceOnly && seen && !s.spentOn(d) {
		return nil
	}
	if s.d.Duration == plan.OnceOnly && !seen && len(s.redeemed) > 0 {
		return nil
	}
	var on []*draftLine
	for _, line := range d.lines {
		if s.takes(line) && s.covers(line, d, seen) {
			on = append(on, line)
		}
	}
	return on
}

// over reports whether the time is over for which the discount was given.
func (s *activeDiscount) over(t time.Time) bool { return !s.until.IsZero() && !t.Before(s.until) }

// spentOn reports whether a discount for one invoice was used up by this one.
func (s *activeDiscount) spentOn(d *draft) bool {
	return len(s.redeemed) > 0 && s.redeemed[0].InvoiceAt.Equal(d.at) && s.redeemed[0].InvoiceCommand == d.command
}

// covers reports whether the line lies in one of the billing cycles for which the
// discount is good. Of invoices that were made, the checkpoint knows which were.
func (s *activeDiscount) covers(line *draftLine, d *draft, seen bool) bool {
	if s.d.Duration != plan.ForCycles {
		return true
	}
	uses := 0
	for i, use := range s.redeemed {
		if use.Cycle == line.cycle {
			return true
		}
		if !seen || use.InvoiceAt.Before(d.at) || i < s.reached {
			uses = use.Uses
		}
	}
	return uses < s.d.Cycles && !(seen && line.regular)
}

// redeem notes that the discount reduced a line of the billing cycle's own.
func (s *activeDiscount) redeem(line *draftLine, d *draft) {
	if s.d.Duration != plan.ForCycles || !line.regular {
		return
	}
	uses := 0
	for i, use := range s.redeemed {
		if use.Cycle == line.cycle {
			s.reached = max(s.reached, i+1)
			return
		}
		uses = use.Uses
	}
	s.redeemed = append(s.redeemed, Redemption{Command: s.command, InvoiceAt: d.at, InvoiceCommand: d.command, Cycle: line.cycle, Uses: uses + 1})
}

// reduceOnce spends a discount that is good for one invoice.
func (r *run) reduceOnce(d *draft, s *activeDiscount, on []*draftLine) error {
	reduced, err := r.reduce(d, s, on, nil)
	if err != nil || !reduced {
		return err
	}
	s.exhausted = true
	if len(s.redeemed) == 0 {
		s.redeemed = append(s.redeemed, Redemption{Command: s.command, InvoiceAt: d.at, InvoiceCommand: d.command})
	}
	return nil
}

// reduceByCycle reduces the lines of each billing cycle apart: one cycle may be the
// last, and a fixed amount is one for each.
func (r *run) reduceByCycle(d *draft, s *activeDiscount, on []*draftLine) error {
	var cycles []int
	for _, line := range on {
		if !slices.Contains(cycles, line.cycle) {
			cycles = append(cycles, line.cycle)
		}
	}
	slices.Sort(cycles)
	for _, cycle := range cycles {
		var lines []*draftLine
		for _, line := range on {
			// An earlier cycle of the same invoice may have been the last one.
			if line.cycle == cycle && s.covers(line, d, r.saw(d) && !r.derives) {
				lines = append(lines, line)
			}
		}
		var from *room
		if s.d.Amount != nil {
			from = s.room(cycle)
		}
		if _, err := r.reduce(d, s, lines, from); err != nil {
			return err
		}
	}
	return nil
}

// reduce adds what one discount takes off the lines, each capped at what is left of
// it, and reports whether that was anything. A fixed amount for each billing cycle
// has a room, what is left of it in the cycle of the lines.
func (r *run) reduce(d *draft, s *activeDiscount, on []*draftLine, room *room) (bool, error) {
	kept, left := on[:0:0], make([]int64, 0, len(on))
	for _, line := range on {
		rest := line.Amount.Minor()
		for _, other := range d.lines {
			// A line that waited may have been credited meanwhile.
			if other.Kind == DiscountLine && other.reduces == line || other.Kind == CreditLine && line.prepaid != nil && other.credits == line.prepaid {
				rest += other.Amount.Minor()
			}
		}
		if rest > 0 {
			kept, left = append(kept, line), append(left, rest)
		}
	}
	off, err := r.shares(d, s, kept, left, room)
	if err != nil {
		return false, err
	}
	reduced := false
	for i, amount := range off {
		if amount <= 0 {
			continue
		}
		reduced = true
		s.redeem(kept[i], d)
		if err := r.addDiscount(d, s, kept[i], left[i], amount, room); err != nil {
			return false, err
		}
	}
	return reduced, nil
}

// shares returns what the discount takes off each of the lines.
func (r *run) shares(d *draft, s *activeDiscount, on []*draftLine, left []int64, room *room) ([]int64, error) {
	currency := r.sub.Currency()
	if s.d.Percent == nil {
		if room == nil {
			return splitWhole(s.d.Amount.Minor(), left, d.policy.DiscountSplit, currency)
		}
		return room.split(s.d.Amount.Minor(), on, left, d.policy)
	}
	off := make([]int64, len(left))
	for i, rest := range left {
		m := money.FromMinor(rest, currency)
		cut, err := money.FromDecimal(m.Decimal().Mul(*s.d.Percent).Shift(-2).Neg(), currency, d.policy.Rounding)
		if err != nil {
			return nil, err
		}
		off[i] = min(-cut.Minor(), rest)
	}
	return off, nil
}

func (r *run) addDiscount(d *draft, s *activeDiscount, of *draftLine, left, amount int64, room *room) error {
	c := r.sub.Currency()
	line := &draftLine{Line: Line{
		Kind: DiscountLine, Charge: s.d.ID, Name: s.d.Name, From: of.From, To: of.To, Num: 1, Den: 1, Rounding: d.policy.Rounding,
		Amount: money.FromMinor(-amount, c), Command: s.command, Of: of.Ref(), wallFrom: of.wallFrom, wallTo: of.wallTo,
		derivation: &derivation{of: titled(title(of.Name, of.Charge), of.Dimensions), basis: of.Basis, net: money.FromMinor(left, c)},
	}, reduces: of}
	if s.d.Percent != nil {
		line.Percent = *s.d.Percent
	} else {
		line.derivation.whole = *s.d.Amount
	}
	var drawn *draw
	if room != nil {
		drawn = room.draw(amount)
		line.derivation.num, line.derivation.den, line.derivation.capped = of.partNum, of.partDen, room.capped
	}
	var err error
	switch {
	case of.prepaid != nil:
		of.prepaid.drawn = append(of.prepaid.drawn, drawn)
		of.prepaid.discount, err = of.prepaid.discount.Add(line.Amount)
	case of.count != nil:
		of.count.drawn = append(of.count.drawn, drawn)
		of.count.discount, err = of.count.discount.Add(line.Amount)
	}
	of.off += amount
	d.add(line)
	return err
}

// takes reports whether the discount is for such a line.
func (s *activeDiscount) takes(line *draftLine) bool {
	if line.undiscounted {
		return false
	}
	var kind plan.DiscountedKind
	switch line.Kind {
	case ChargeLine:
		kind = plan.DiscountCharges
	case UsageLine:
		kind = plan.DiscountUsage
	case OneOffLine:
		kind = plan.DiscountOneOffs
	case TrueUpLine, OverageLine:
		return line.discounted && len(s.d.Kinds) == 0 && len(s.d.Charges) == 0
	case CreditLine, DiscountLine, TaxLine:
		return false
	}
	if len(s.d.Kinds) > 0 && !slices.Contains(s.d.Kinds, kind) {
		return false
	}
	return len(s.d.Charges) == 0 || kind != plan.DiscountOneOffs && slices.Contains(s.d.Charges, line.Charge)
}

// redemptions returns the uses of all discounts for the checkpoint. Of those that
// lie before the instant, a discount for billing cycles keeps only the last: it
// counts them.
func (r *run) redemptions(before time.Time) []Redemption {
	var all []Redemption
	for _, use := range r.mark.Redeemed {
		if !slices.ContainsFunc(r.discounts, func(s *activeDiscount) bool { return s.command == use.Command }) {
			all = append(all, use)
		}
	}
	for _, s := range r.discounts {
		for i, use := range s.redeemed {
			if i == len(s.redeemed)-1 || !s.redeemed[i+1].InvoiceAt.Before(before) {
				all = append(all, use)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Redemption) int { return a.Command - b.Command })
	return all
}
