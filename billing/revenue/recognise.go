package revenue

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// MaxMonths is the largest number of months over which one line is spread.
const MaxMonths = 1200

// Recognise spreads lines of one subscription over calendar months. The lines are those of
// its invoices, all that belong together: a line with its discounts and credits. Their order
// does not matter for what any of them comes to.
//
// The faults of the method and of the lines are [fault.FieldError]s, joined, with paths as
// "lines[3].of": a line without an amount, of another currency, of a kind that this package
// does not know, one that ends before it begins or is spread over more than [MaxMonths], one
// that is there twice, a discount or a credit of a line that is not there. Sums that do not
// fit are money.ErrOverflow.
func Recognise(lines []billing.Line, by Method) (Schedule, error) {
	f := by.faults()
	m := by.resolved()
	entries := make([]entry, len(lines))
	roots := map[key]int{}
	for i, line := range lines {
		path := strictjson.Index("lines", i)
		entries[i] = entry{line: line, root: i}
		f.Below(path, lineFaults(line, lines[0].Amount.Currency()))
		if line.Kind == billing.DiscountLine || line.Kind == billing.TaxLine {
			continue
		}
		k := keyOf(line.Ref())
		if line.Kind == billing.CreditLine {
			k = k.of(line.Of)
		}
		if _, ok := roots[k]; ok {
			f.Add(path, fault.Duplicate, "is there twice")
		}
		roots[k] = i
	}
	for i, line := range lines {
		none := line.Of == billing.LineRef{}
		switch line.Kind {
		case billing.ChargeLine, billing.UsageLine, billing.OneOffLine, billing.TrueUpLine, billing.OverageLine, billing.TaxLine:
			continue
		case billing.CreditLine:
			if none {
				continue // of what was never a line: it stands for itself
			}
		case billing.DiscountLine:
			if none {
				f.Wrap(strictjson.Index("lines", i)+".of", faults.ErrMissing)
				continue
			}
		}
		root, ok := roots[keyOf(line.Of)]
		if !ok {
			f.Add(strictjson.Index("lines", i)+".of", fault.NotFound, "the line that it reduces is not among the lines")
			continue
		}
		entries[i].root = root
	}
	if err := f.Err(); err != nil {
		return Schedule{}, err
	}
	for i := range entries {
		if entries[i].root == i && entries[i].line.Kind != billing.TaxLine {
			if err := m.spreadGroup(entries, i); err != nil {
				return Schedule{}, err
			}
		}
	}
	return total(entries)
}

// entry is a line and what was made of it.
type entry struct {
	line  billing.Line
	root  int // the line that it reduces, or itself
	parts []Part
}

// key names a line among those of a subscription.
type key struct {
	ref, reduced struct {
		kind     billing.LineKind
		charge   string
		from, to int64
		command  int
	}
}

func keyOf(r billing.LineRef) key {
	var k key
	k.ref.kind, k.ref.charge, k.ref.from, k.ref.to, k.ref.command = r.Kind, r.Charge, r.From.UnixMicro(), r.To.UnixMicro(), r.Command
	return k
}

// of adds the line that a credit reduces: several may be given at one cut.
func (k key) of(r billing.LineRef) key {
	k.reduced = keyOf(r).ref
	return k
}

func lineFaults(line billing.Line, c money.Currency) faults.List {
	var f faults.List
	if !slices.Contains(billing.LineKinds(), line.Kind) {
		f.Add("kind", fault.UnknownWord, "unknown kind of line: %q", clip(string(line.Kind)))
	}
	switch {
	case !line.Amount.IsValid():
		f.Wrap("amount", faults.ErrMissing)
	case line.Amount.Currency() != c:
		f.Add("amount", fault.Inconsistent, "must be in the currency of the first line, %s", c)
	}
	f.Instant("from", line.From, true)
	f.Instant("to", line.To, false)
	if !line.To.IsZero() && line.To.Before(line.From) {
		f.Add("to", fault.OutOfOrder, "must not lie before from")
	}
	return f
}

// spreadGroup spreads a line with its discounts, as one amount, and then reverses what its
// credits end.
func (m Method) spreadGroup(all []entry, root int) error {
	var discounts, credits []int
	line := &all[root].line
	so, before, err := m.grow(line.Amount, nil, line)
	if err != nil {
		return at(root, err)
	}
	all[root].parts = so
	sum := line.Amount
	for i := range all {
		if all[i].root != root || i == root {
			continue
		}
		if all[i].line.Kind == billing.CreditLine {
			credits = append(credits, i)
		} else {
			discounts = append(discounts, i)
		}
	}
	slices.SortStableFunc(discounts, func(a, b int) int {
		x, y := &all[a].line, &all[b].line
		return cmp.Or(cmp.Compare(x.Command, y.Command), cmp.Compare(x.Charge, y.Charge), cmp.Compare(x.Amount.Minor(), y.Amount.Minor()))
	})
	for _, i := range discounts {
		if sum, err = sum.Add(all[i].line.Amount); err != nil {
			return at(i, err)
		}
		if all[i].parts, before, err = m.grow(sum, before, line); err != nil {
			return at(i, err)
		}
	}
	slices.SortStableFunc(credits, func(a, b int) int {
		x, y := &all[a].line, &all[b].line
		return cmp.Or(x.From.Compare(y.From), cmp.Compare(x.Command, y.Command), x.To.Compare(y.To), cmp.Compare(x.Amount.Minor(), y.Amount.Minor()))
	})
	for _, i := range credits {
		if all[i].parts, before, err = m.reverse(&all[i].line, before); err != nil {
			return at(i, err)
		}
	}
	return nil
}

// grow spreads an amount as the line is, and returns what that is more than before.
func (m Method) grow(amount money.Money, before []Part, line *billing.Line) (more, all []Part, err error) {
	if all, err = m.spread(amount, line.From, line.To); err != nil || before == nil {
		return all, all, err
	}
	more = slices.Clone(all)
	for i := range more {
		if more[i].Amount, err = all[i].Amount.Sub(before[i].Amount); err != nil {
			return nil, nil, err
		}
	}
	return more, all, nil
}

// reverse ends what is recognised with a credit: the parts after the month in which it
// begins are taken back, and what else the credit amounts to falls into that month.
func (m Method) reverse(credit *billing.Line, before []Part) (own, left []Part, err error) {
	cut := monthOf(credit.From, m.Zone)
	rest := credit.Amount
	at := -1 // of the month of the cut in left
	for i, p := range before {
		if p.Month.compare(cut) <= 0 {
			left = append(left, p)
			if p.Month == cut {
				at = i
			}
			continue
		}
		taken, err := p.Amount.Neg()
		if err != nil {
			return nil, nil, err
		}
		own = append(own, Part{Month: p.Month, Amount: taken})
		if rest, err = rest.Sub(taken); err != nil {
			return nil, nil, err
		}
	}
	own = slices.Insert(own, 0, Part{Month: cut, Amount: rest})
	if at < 0 {
		return own, append(left, own[0]), nil
	}
	left[at].Amount, err = left[at].Amount.Add(rest)
	return own, left, err
}

// spread divides an amount among the months of a span; what has no span falls into the
// month of its instant.
func (m Method) spread(amount money.Money, from, to time.Time) ([]Part, error) {
	first := monthOf(from, m.Zone)
	if to.IsZero() || !to.After(from) {
		return []Part{{first, amount}}, nil
	}
	last := monthOf(to.Add(-time.Microsecond), m.Zone)
	n := last.index() - first.index() + 1
	if n > MaxMonths {
		return nil, fault.TooLong.Errorf("must not last more than %d months", MaxMonths)
	}
	parts := make([]Part, n)
	for i := range parts {
		parts[i].Month = first.add(i)
	}
	if n == 1 {
		parts[0].Amount = amount
		return parts, nil
	}
	span := calendar.Period{Start: from, End: to}
	var err error
	switch m.Parts {
	case Cumulated:
		err = m.cumulate(amount, span, parts)
	case Even:
		err = m.even(amount, span, parts)
	}
	return parts, err
}

// cumulate makes each part the difference of two rounded sums.
func (m Method) cumulate(amount money.Money, span calendar.Period, parts []Part) error {
	before := money.FromMinor(0, amount.Currency())
	for i := range parts {
		so := amount
		if i < len(parts)-1 {
			end, err := parts[i+1].Month.start(m.Zone)
			if err != nil {
				return err
			}
			if so, err = m.share(amount, calendar.Period{Start: span.Start, End: end}, span); err != nil {
				return err
			}
		}
		var err error
		if parts[i].Amount, err = so.Sub(before); err != nil {
			return err
		}
		before = so
	}
	return nil
}

// even prorates a first and a last part of a month, and divides the rest alike.
func (m Method) even(amount money.Money, span calendar.Period, parts []Part) error {
	rest, from, to := amount, 0, len(parts)
	prorate := func(i int, p calendar.Period) error {
		part, err := m.share(amount, p, span)
		if err != nil {
			return err
		}
		if over(part, rest) {
			part = rest
		}
		parts[i].Amount = part
		rest, err = rest.Sub(part)
		return err
	}
	start, err := parts[0].Month.start(m.Zone)
	if err != nil {
		return err
	}
	second, err := parts[1].Month.start(m.Zone)
	if err != nil {
		return err
	}
	if span.Start.After(start) {
		from = 1
		if err := prorate(0, calendar.Period{Start: span.Start, End: second}); err != nil {
			return err
		}
	}
	final := parts[len(parts)-1].Month
	end, err := final.add(1).start(m.Zone)
	if err != nil {
		return err
	}
	if span.End.Before(end) && to-from > 1 {
		to--
		last, err := final.start(m.Zone)
		if err != nil {
			return err
		}
		if err := prorate(to, calendar.Period{Start: last, End: span.End}); err != nil {
			return err
		}
	}
	whole := rest
	for i := from; i < to; i++ {
		part := rest
		if i < to-1 {
			if part, err = whole.Prorate(1, int64(to-from), m.Rounding); err != nil {
				return err
			}
			if over(part, rest) {
				part = rest
			}
		}
		parts[i].Amount = part
		if rest, err = rest.Sub(part); err != nil {
			return err
		}
	}
	return nil
}

// over reports whether a part would be more than what is left.
func over(part, rest money.Money) bool {
	if part.IsNegative() {
		return part.Minor() < rest.Minor()
	}
	return part.Sign() > 0 && part.Minor() > rest.Minor()
}

// share returns what of an amount falls to a part of its span.
func (m Method) share(amount money.Money, part, span calendar.Period) (money.Money, error) {
	num, den, err := m.fraction(part, span)
	if err != nil {
		return money.Money{}, err
	}
	return amount.Prorate(num, den, m.Rounding)
}

// at names the line in an error.
func at(i int, err error) error {
	if e := fault.Faults(err); len(e) == 1 && e[0].Code == fault.TooLong {
		return fault.At(strictjson.Index("lines", i)+".to", err)
	}
	return fmt.Errorf("revenue: %s: %w", strictjson.Index("lines", i), err)
}
