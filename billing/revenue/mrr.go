package revenue

import (
	"math/big"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// Recurring is the monthly recurring revenue of a subscription at an instant: a result of
// [MRR].
type Recurring struct {
	// At is the instant.
	At time.Time
	// Amount is what it comes to a month, rounded once by the rounding of the plan.
	Amount money.Money
	// Charges are the recurring charges in force, in the order of the plan, those of add-ons
	// behind. Their amounts add up to Amount.
	Charges []RecurringCharge
}

// A RecurringCharge is what one charge contributes.
type RecurringCharge struct {
	// Charge is the id of the charge; that of an add-on begins with its attachment.
	Charge string
	// Amount is what it comes to a month, after discounts.
	Amount money.Money
}

// MRR returns the monthly recurring revenue of a subscription at t: the charges that recur
// and are billed then, at their prices and quantities, less the discounts that go on, each
// for a month. Before the start, in a trial, in a pause and after the end it is zero, and
// where nothing recurs. Metered usage, charges that are due once, one-offs and taxes are not
// part of it.
//
// The error is [ErrZero] for the zero Subscription, [ErrRange] for an instant outside of the
// years 1 to 9999, and a [fault.FieldError] for an unknown weeks.
func MRR(sub subscription.Subscription, t time.Time, weeks Weeks) (Recurring, error) {
	m, err := newMeter(sub, t, weeks)
	if err != nil {
		return Recurring{}, err
	}
	return m.at(t)
}

// meter measures one subscription at several instants.
type meter struct {
	sub   subscription.Subscription
	weeks Weeks
	// Of discounts for cycles, up to the last instant asked for: their uses, and the
	// instants of invoices, between which none begins or ends.
	redeemed []billing.Redemption
	invoiced []time.Time
}

// newMeter prepares questions up to and including an instant.
func newMeter(sub subscription.Subscription, until time.Time, weeks Weeks) (*meter, error) {
	if sub.IsZero() {
		return nil, ErrZero
	}
	if err := within("at", until); err != nil {
		return nil, err
	}
	var f faults.List
	if chosen(&f, "weeks", weeks); len(f) > 0 {
		return nil, f.Err()
	}
	m := &meter{sub: sub, weeks: weeks}
	for i := range sub.Discounts() {
		if d, _ := sub.Discount(i).Discount(); d.Duration == plan.ForCycles {
			invoices, next, err := billing.Invoices(sub, nil, billing.Checkpoint{}, until, billing.WithPolicy(plan.Policy{ZeroInvoices: plan.EmitZeroInvoices}))
			if err != nil {
				return nil, wrap(err)
			}
			m.redeemed = next.Redeemed
			for _, inv := range invoices {
				m.invoiced = append(m.invoiced, inv.At)
			}
			return m, nil
		}
	}
	return m, nil
}

// running is a charge in force and what it comes to a month.
type running struct {
	item *plan.CompiledCharge
	rate *big.Rat
}

// at measures at an instant, at which the subscription is as it will be without further
// commands.
func (m *meter) at(t time.Time) (Recurring, error) {
	t = micro.Floor(t)
	out := Recurring{At: t, Amount: money.FromMinor(0, m.sub.Currency())}
	i := m.sub.SegmentAt(t)
	if i < 0 {
		return out, nil
	}
	seg := m.sub.Segment(i)
	if !seg.Billable() {
		return out, nil
	}
	var all []running
	for item := range seg.Phase().Charges() {
		months := m.months(interval(seg, item))
		if item.Once() || item.Metric() != "" || months == nil {
			continue
		}
		exact, err := seg.Price(item).Exact(seg.Quantity(item))
		if err != nil {
			return Recurring{}, wrap(err)
		}
		rate := exact.Rat()
		all = append(all, running{item, rate.Quo(rate, months)})
	}
	for i := range m.sub.Discounts() {
		if p := m.sub.Discount(i); !p.At.After(t) {
			if err := m.reduce(all, p, seg, t); err != nil {
				return Recurring{}, err
			}
		}
	}
	return out, out.round(all, seg.Policy().Rounding)
}

// interval returns the interval that the price of a charge is for.
func interval(seg subscription.Segment, item *plan.CompiledCharge) calendar.Interval {
	if every := seg.Phase().PriceInterval(item); !every.IsZero() {
		return every
	}
	return seg.Phase().Interval(item)
}

// months returns how many months an interval has, as a fraction; nil for none.
func (m *meter) months(every calendar.Interval) *big.Rat {
	n := int64(every.Count())
	switch every.Unit() {
	case calendar.Day:
		return big.NewRat(12*n, 365)
	case calendar.Week:
		if m.weeks == Weeks365 {
			return big.NewRat(84*n, 365)
		}
		return big.NewRat(12*n, 52)
	case calendar.Month:
		return big.NewRat(n, 1)
	case calendar.Year:
		return big.NewRat(12*n, 1)
	}
	return nil
}

// reduce takes a discount off the charges that it is for, if it goes on.
func (m *meter) reduce(all []running, p subscription.PendingItem, seg subscription.Segment, t time.Time) error {
	d, _ := p.Discount()
	sum := new(big.Rat)
	var on []running
	for _, r := range all {
		if m.reduces(p, &d, r.item, seg, t) {
			on = append(on, r)
			sum.Add(sum, r.rate)
		}
	}
	if sum.Sign() <= 0 {
		return nil
	}
	share := big.NewRat(1, 1)
	switch {
	case d.Percent != nil:
		share.Quo(d.Percent.Rat(), big.NewRat(100, 1))
	case d.Amount != nil:
		months := m.months(seg.Phase().Every())
		if months == nil {
			return nil
		}
		if off := new(big.Rat).Quo(d.Amount.Decimal().Rat(), months); off.Cmp(sum) < 0 {
			share.Quo(off, sum)
		}
	}
	left := new(big.Rat).Sub(big.NewRat(1, 1), share)
	for _, r := range on {
		r.rate.Mul(r.rate, left)
	}
	return nil
}

// reduces reports whether a discount is for a charge, and goes on.
func (m *meter) reduces(p subscription.PendingItem, d *plan.Discount, item *plan.CompiledCharge, seg subscription.Segment, t time.Time) bool {
	if len(d.Kinds) > 0 && !slices.Contains(d.Kinds, plan.DiscountCharges) || len(d.Charges) > 0 && !slices.Contains(d.Charges, item.ID()) {
		return false
	}
	switch d.Duration {
	case plan.OnceOnly:
		return false
	case plan.Forever:
		return true
	case plan.ForTime:
		return m.lasts(m.until(p.At, d), item, seg, t)
	case plan.ForCycles:
	}
	var last billing.Redemption
	for _, use := range m.redeemed {
		if use.Command == p.Command && !use.InvoiceAt.After(t) {
			last = use
		}
	}
	if last.Uses < d.Cycles {
		return true
	}
	// Used up: what was billed in advance with the last use is still reduced.
	return item.Timing() == plan.Advance && !last.InvoiceAt.Before(m.periodStart(seg, t))
}

// lasts reports whether a discount that is over at an instant reduces what is billed of a charge for t:
// in advance where the period began, in arrears where it ends.
func (m *meter) lasts(until time.Time, item *plan.CompiledCharge, seg subscription.Segment, t time.Time) bool {
	if until.IsZero() {
		return true
	}
	if item.Timing() == plan.Advance {
		return t.Before(until) || m.periodStart(seg, t).Before(until)
	}
	if p, ok := m.sub.Period(t); ok && !p.IsOpen() {
		return p.End.Before(until)
	}
	return t.Before(until)
}

// until returns when a discount for a time is over; zero for never.
func (m *meter) until(at time.Time, d *plan.Discount) time.Time {
	until, err := m.sub.Zone().Add(at, d.For, calendar.Clamp)
	if err != nil {
		return time.Time{} // beyond the calendar nothing is billed
	}
	return until
}

// periodStart returns where the period that holds t was opened.
func (m *meter) periodStart(seg subscription.Segment, t time.Time) time.Time {
	if p, ok := m.sub.Period(t); ok {
		return p.Start
	}
	return seg.From()
}

// round makes the exact rates amounts that add up to the rounded sum.
func (r *Recurring) round(all []running, rounding money.Rounding) error {
	sum, before := new(big.Rat), money.FromMinor(0, r.Amount.Currency())
	for _, c := range all {
		sum.Add(sum, c.rate)
		so, err := amount(sum, r.Amount.Currency(), rounding)
		if err != nil {
			return err
		}
		part, err := so.Sub(before)
		if err != nil {
			return wrap(err)
		}
		r.Charges = append(r.Charges, RecurringCharge{Charge: c.item.ID(), Amount: part})
		before = so
	}
	r.Amount = before
	return nil
}

// amount rounds an exact amount to the minor unit.
func amount(exact *big.Rat, c money.Currency, rounding money.Rounding) (money.Money, error) {
	scaled := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Digits())), nil)
	minor := arith.RoundBig(scaled.Mul(scaled, exact.Num()), exact.Denom(), arith.Named(string(rounding)))
	m, err := money.Exact(decimal.NewFromBigInt(minor, -int32(c.Digits())), c)
	return m, wrap(err)
}

// Equal reports whether two results say the same, instants whatever their zones.
func (r Recurring) Equal(o Recurring) bool {
	return r.At.Equal(o.At) && r.Amount == o.Amount && slices.Equal(r.Charges, o.Charges)
}

// Validate returns nil, or every fault as a [fault.FieldError], joined: charges that do not
// add up to the amount, say.
func (r Recurring) Validate() error { return r.faults().Err() }

func (r Recurring) faults() faults.List {
	var f faults.List
	f.Instant("at", r.At, true)
	if !r.Amount.IsValid() {
		f.Wrap("amount", faults.ErrMissing)
		return f
	}
	amounts := make([]money.Money, len(r.Charges))
	for i, c := range r.Charges {
		f.Wrap(strictjson.Index("charges", i)+".charge", text.ID(c.Charge, maxCharge))
		amounts[i] = c.Amount
	}
	sum(&f, "charges", r.Amount, amounts)
	return f
}

// sum reports parts that do not add up to a whole.
func sum(f *faults.List, path string, whole money.Money, parts []money.Money) {
	if got, err := money.Sum(whole.Currency(), parts...); err != nil {
		f.Wrap(path, err)
	} else if got != whole {
		f.Add(path, fault.Inconsistent, "must add up to %s", whole)
	}
}
