package billing

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// sold is a discount that was added and is not used up.
type sold struct {
	number int // of the command
	d      *plan.Discount
	uses   int // regular invoices since it was added
	gone   bool
	spent  *Spent // by the ledger: where it was used up
}

func (r *run) sell(f subscription.Feed) *sold {
	s := &sold{number: f.Command, d: f.Discount}
	if i := slices.IndexFunc(r.mark.Spent, func(x Spent) bool { return x.Command == f.Command }); i >= 0 {
		s.spent = &r.mark.Spent[i]
	}
	r.sold = append(r.sold, s)
	return s
}

// discounted reports whether a discount was ever added.
func (r *run) discounted() bool {
	for i := range r.sub.Feeds() {
		if r.sub.Feed(i).Discount != nil {
			return true
		}
	}
	return false
}

// passes reports whether a discount for one invoice is not for this one: what was
// billed is as the ledger has it.
func (s *sold) passes(b *bill, seen bool) bool {
	if s.spent == nil {
		return seen
	}
	return !s.spent.At.Equal(b.at) || s.spent.By != b.command
}

// note takes in the feeding commands of the instant t: they count for what is
// billed there.
//
// Those that the ledger has not seen come after what it has: note is then called
// again, with late.
func (r *run) note(t time.Time, late bool) {
	for ; r.feed < r.sub.Feeds(); r.feed++ {
		f := r.sub.Feed(r.feed)
		if f.At.After(t) {
			return
		}
		billed := r.seen(f.At, f.Command)
		if !late && (slices.Contains(r.mark.Late, f.Command) || !billed && r.marked && !t.After(r.mark.Through)) {
			return
		}
		if late && !slices.Contains(r.late, f.Command) {
			r.late = append(slices.Clip(r.late), f.Command)
		}
		switch {
		case f.Discount != nil:
			r.sell(f)
		case f.OneOff != nil:
			r.waiting = append(r.waiting, Line{
				Kind: OneOffLine, Charge: f.OneOff.ID, Name: f.OneOff.Name, From: f.At, Quantity: decimal.NewFromInt(1),
				Num: 1, Den: 1, Amount: f.OneOff.Amount, Command: f.Command, collect: f.OneOff.Collect,
			})
		case !billed:
			r.give(f.Credit)
		}
	}
}

// give adds to the account credit; the sum was checked where it was given.
func (r *run) give(m money.Money) {
	if sum, err := r.credit.Add(m); err == nil {
		r.credit = sum
	} else {
		r.fault = err
	}
}

// resumeFeeds takes up the feeding commands before the boundary at which the run
// begins: of those only discounts are still of use.
func (r *run) resumeFeeds(start time.Time) error {
	for ; r.feed < r.sub.Feeds(); r.feed++ {
		f := r.sub.Feed(r.feed)
		if !f.At.Before(start) {
			return nil
		}
		if f.Discount == nil {
			continue
		}
		s := r.sell(f)
		switch s.d.Duration {
		case plan.OnceOnly:
			s.gone = s.spent != nil && s.spent.At.Before(start)
		case plan.ForCycles:
			var err error
			from := f.At
			if slices.Contains(r.mark.Late, f.Command) {
				from = from.Add(1) // what was billed at its instant was billed without it
			}
			if s.uses, err = r.regulars(from, start); err != nil {
				return err
			}
		}
	}
	return nil
}

// regulars counts the regular invoices in [from, to): those at which a period
// opens that is due in advance, or closes that ran up. It looks at segments,
// never at each period.
func (r *run) regulars(from, to time.Time) (int, error) {
	n, prev := 0, -1
	for i := range r.sub.Segments() {
		seg := r.sub.Segment(i)
		if passed(seg) {
			continue
		}
		if at := seg.From(); !at.Before(from) && at.Before(to) && r.turns(prev, i) {
			n++
		}
		prev = i
		if advance, arrears := timings(seg); !seg.Billable() || seg.Grid().IsZero() || !advance && !arrears {
			continue
		}
		a, b := later(seg.From(), from), to
		if end := seg.To(); !end.IsZero() && end.Before(b) {
			b = end
		}
		if first := later(seg.Period().End, a); first.Before(b) {
			// Boundaries inside the segment; the one that ends it belongs to the next.
			m, err := seg.Grid().Count(first, b)
			if err != nil {
				return 0, err
			}
			n += m
		}
	}
	return n, nil
}

// timings reports what a segment's recurring charges are due in.
func timings(seg subscription.Segment) (advance, arrears bool) {
	for _, item := range seg.Stage().Items() {
		if !item.Once() {
			advance = advance || item.Timing() == plan.Advance
			arrears = arrears || item.Timing() == plan.Arrears
		}
	}
	return advance, arrears
}

// turns reports whether a regular invoice is made where segment i begins, after
// segment prev: a period ends there that ran up, or one opens that is due in
// advance.
func (r *run) turns(prev, i int) bool {
	seg := r.sub.Segment(i)
	opens, _ := timings(seg)
	opens = opens && seg.Billable() && !seg.Grid().IsZero() && seg.Period().Start.Equal(seg.From())
	if prev < 0 {
		return opens
	}
	was, opened := r.sub.Segment(prev), seg.Opened()
	if !was.Billable() {
		return opens && (opened.NewGrid || !seg.Period().Start.Before(was.Period().End))
	}
	p, err := was.PeriodEndingAt(seg.From())
	if err != nil || !p.End.Equal(seg.From()) {
		return false
	}
	advance, arrears := timings(was)
	return opens || arrears || advance && !opened.Scheduled() // a command finds the next period billed
}

// discount adds the lines of the discounts that are in force.
func (r *run) discount(b *bill) error {
	for _, s := range r.sold {
		if s.gone {
			continue
		}
		if s.d.Duration == plan.ForCycles && b.regular && s.uses >= s.d.Cycles {
			s.gone = true
			continue
		}
		if s.d.Duration == plan.OnceOnly && s.passes(b, r.seen(b.at, b.command)) {
			continue
		}
		lines, err := r.reduce(b, s)
		if err != nil {
			return err
		}
		b.lines = append(b.lines, lines...)
		if b.regular {
			s.uses++
		}
		if s.d.Duration == plan.OnceOnly && len(lines) > 0 {
			s.gone = true
			if !r.seen(b.at, b.command) {
				r.spent = append(slices.Clip(r.spent), Spent{Command: s.number, At: b.at, By: b.command})
			}
		}
	}
	return nil
}

// reduce answers what one discount takes off the lines of an invoice, each line
// capped at what is left of it.
func (r *run) reduce(b *bill, s *sold) ([]Line, error) {
	left := make([]int64, 0, len(b.lines))
	on := make([]int, 0, len(b.lines))
	for i, line := range b.lines {
		if !discountable(line, s.d.Charge) {
			continue
		}
		rest := line.Amount.Minor()
		for _, other := range b.lines {
			// A line that waited may have been credited meanwhile.
			if other.Kind == DiscountLine && other.of == i || other.Kind == CreditLine && other.Of == line.origin() {
				rest += other.Amount.Minor()
			}
		}
		if rest > 0 {
			on, left = append(on, i), append(left, rest)
		}
	}
	var off []int64
	if s.d.Percent != nil {
		off = make([]int64, len(left))
		for i, rest := range left {
			m := money.FromMinor(rest, r.sub.Currency())
			cut, err := money.FromDecimal(m.Decimal().Mul(*s.d.Percent).Shift(-2).Neg(), m.Currency(), r.policy.Rounding)
			if err != nil {
				return nil, err
			}
			off[i] = min(-cut.Minor(), rest)
		}
	} else {
		var err error
		if off, err = split(s.d.Amount.Minor(), left, r.policy.DiscountSplit, r.sub.Currency()); err != nil {
			return nil, err
		}
	}
	var lines []Line
	for i, amount := range off {
		if amount <= 0 {
			continue
		}
		of := &b.lines[on[i]]
		line := Line{
			Kind: DiscountLine, Charge: s.d.ID, Name: s.d.Name, From: of.From, To: of.To, Num: 1, Den: 1, Rounding: r.policy.Rounding,
			Amount: money.FromMinor(-amount, r.sub.Currency()), Command: s.number, of: on[i],
			Of:     of.origin(),
			ground: &ground{of: title(of.Name, of.Charge), net: money.FromMinor(left[i], r.sub.Currency())},
		}
		if s.d.Percent != nil {
			line.Percent = *s.d.Percent
		} else {
			line.ground.whole = *s.d.Amount
		}
		if of.live != nil {
			var err error
			if of.live.discount, err = of.live.discount.Add(line.Amount); err != nil {
				return nil, err
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func discountable(line Line, charge string) bool {
	switch line.Kind {
	case ChargeLine, UsageLine:
		return charge == "" || line.Charge == charge
	case OneOffLine:
		return charge == ""
	}
	return false
}

// split shares a fixed amount among lines of which so much is left.
func split(amount int64, left []int64, how plan.DiscountSplit, c money.Currency) ([]int64, error) {
	off := make([]int64, len(left))
	total, err := money.FromMinor(0, c), error(nil)
	for _, rest := range left {
		if total, err = total.Add(money.FromMinor(rest, c)); err != nil {
			return nil, err
		}
	}
	amount = min(amount, total.Minor())
	if amount <= 0 {
		return off, nil
	}
	switch how {
	case plan.SplitInOrder:
		for i, rest := range left {
			off[i] = min(rest, amount)
			amount -= off[i]
		}
	case plan.SplitLargestRemainder:
		shares, err := money.FromMinor(amount, c).Allocate(left)
		if err != nil {
			return nil, err
		}
		for i, share := range shares {
			off[i] = share.Minor()
		}
	default:
		rest := amount
		last := len(left) - 1
		for i := range last {
			share, err := money.FromMinor(amount, c).Prorate(left[i], total.Minor(), money.Down)
			if err != nil {
				return nil, err
			}
			off[i] = share.Minor()
			rest -= off[i]
		}
		off[last] = min(rest, left[last])
		// What the last line cannot take goes back to the earlier ones.
		for i := last - 1; i >= 0 && rest > off[last]; i-- {
			more := min(rest-off[last], left[i]-off[i])
			off[i] += more
			rest -= more
		}
	}
	return off, nil
}
