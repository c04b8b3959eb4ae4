package billing

import (
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// steady is a subscription that only renews: the ledger's mark lies in its last
// segment, nothing is foreseen that could cut a period, nothing waits for an
// invoice and nothing reduces one. Most subscriptions are steady most of the
// time, and what a run would find out about them can be said at once. It says the
// same as a run; a test holds the two together.
type steady struct {
	seg    subscription.Segment
	grid   calendar.Schedule
	period calendar.Period // the one that holds the mark
	items  []*plan.Item
	// options are those of the call; the policy is read where it is needed, for it
	// is large.
	options  *options
	rounding money.Rounding
}

// far is where the calendar's end comes near, which only a run looks for.
var far = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// steadily reports whether the subscription is steady from the ledger's mark on.
func steadily(sub subscription.Subscription, usage Usage, ledger Ledger, o *options) (steady, bool) {
	n := sub.Segments() - 1
	if ledger.Through.IsZero() || len(ledger.Spent) > 0 || ledger.Command != sub.Version() || sub.Feeds() > 0 || o.rates != nil {
		return steady{}, false
	}
	seg := sub.Segment(n)
	if !seg.Billable() || ledger.Through.Before(seg.From()) || seg.Foresees() {
		return steady{}, false
	}
	s := steady{seg: seg, grid: seg.Grid(), items: seg.Stage().Items()}
	if s.grid.IsZero() || ledger.Credit.IsValid() && (ledger.Credit.Currency() != sub.Currency() || ledger.Credit.IsNegative()) {
		return steady{}, false
	}
	first := seg.Period()
	if ledger.Through.Before(first.End) {
		// In the segment's first period lines may wait, and what ran up may have begun
		// before or be a part.
		if n > 0 && !seg.Opened().Begins() {
			return steady{}, false
		}
		for _, item := range s.items {
			if item.Timing() == plan.Arrears && !item.Once() {
				return steady{}, false
			}
		}
		s.period = first
	} else {
		var err error
		if s.period, err = s.grid.PeriodAt(ledger.Through); err != nil {
			return steady{}, false
		}
	}
	if s.period.End.After(far) {
		return steady{}, false
	}
	for i := range n {
		if end, err := reaches(sub.Segment(i)); err != nil || end.After(s.period.Start) {
			return steady{}, false
		}
	}
	from := s.period.Start
	if ledger.Through.Before(first.End) {
		from = time.Time{} // a run looks at all that there is
	}
	for i := range usage {
		if !s.accepts(&usage[i], from) || i > 0 && usage[i].At.Before(usage[i-1].At) {
			return steady{}, false
		}
	}
	s.options = o
	s.rounding = o.policy.Rounding
	if s.rounding == "" {
		s.rounding = seg.Rounding()
	}
	return s, true
}

func (s *steady) policy() plan.Policy { return s.options.policy.Or(s.seg.Policy()) }

// accepts reports that a record is surely in order; a run finds out about others.
func (s *steady) accepts(r *Record, from time.Time) bool {
	if r.At.Before(from) {
		return true
	}
	if r.At.Before(s.period.Start) || r.Quantity.IsNegative() || r.Quantity.NumDigits() > 18 || r.Quantity.Exponent() < -18 || r.Quantity.Exponent() > 0 {
		return false
	}
	for _, item := range s.items {
		if item.Metric() == r.Metric {
			return true
		}
	}
	return false
}

// amounts answers what the renewal at the end of the period comes to, how much
// of it is usage, and the plan's amount.
func (s *steady) amounts(usage Usage, c money.Currency) (total, plain money.Money, metered bool, err error) {
	total, plain = money.FromMinor(0, c), money.FromMinor(0, c)
	for _, item := range s.items {
		if item.Once() {
			continue
		}
		var amount money.Money
		if item.Metric() != "" {
			if amount, err = s.seg.Price(item).Rate(usage.total(item, s.period.Start, s.period.End), s.rounding); err == nil {
				total, err = total.Add(amount)
			}
			metered = metered || amount.Sign() != 0
		} else {
			if amount, err = s.seg.Price(item).Rate(s.seg.Quantity(item), s.rounding); err == nil {
				total, err = total.Add(amount)
			}
			if err == nil {
				plain, err = plain.Add(amount)
			}
		}
		if err != nil {
			return total, plain, metered, err
		}
	}
	return total, plain, metered, nil
}

// renewal makes the invoice of the boundary that ends the period, and goes on to
// the next one.
func (s *steady) renewal(sub subscription.Subscription, usage Usage) (Invoice, error) {
	at := s.period.End
	inv := Invoice{Subscription: sub.ID(), Zone: s.grid.Zone(), At: at, Lines: make([]Line, 0, len(s.items))}
	next, err := s.grid.PeriodAt(at)
	if err != nil {
		return inv, err
	}
	inv.Total = money.FromMinor(0, sub.Currency())
	basis := s.policy().Basis
	for _, timing := range [...]plan.Timing{plan.Arrears, plan.Advance} {
		for _, item := range s.items {
			if item.Once() || item.Timing() != timing {
				continue
			}
			if err := s.line(&inv, item, usage, next, basis); err != nil {
				return inv, err
			}
		}
	}
	s.period = next
	return inv, nil
}

func (s *steady) line(inv *Invoice, item *plan.Item, usage Usage, next calendar.Period, basis calendar.Basis) error {
	inv.Lines = append(inv.Lines, Line{
		Kind: ChargeLine, Charge: item.ID(), Name: item.Name(), From: s.period.Start, To: s.period.End,
		Num: 1, Den: 1, Basis: basis, Rounding: s.rounding, table: s.seg.Price(item),
	})
	line := &inv.Lines[len(inv.Lines)-1]
	switch {
	case item.Metric() != "":
		line.Kind = UsageLine
		line.Quantity = usage.total(item, s.period.Start, s.period.End)
	default:
		line.Quantity = s.seg.Quantity(item)
	}
	if item.Timing() == plan.Advance {
		line.From, line.To = next.Start, next.End
	}
	var err error
	if line.Amount, err = line.table.Rate(line.Quantity, s.rounding); err != nil {
		return err
	}
	inv.Total, err = inv.Total.Add(line.Amount)
	return err
}
