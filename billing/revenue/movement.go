package revenue

import (
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// A Movement is a change of the monthly recurring revenue of a subscription: a result of
// [Movements].
type Movement struct {
	// At is the instant of the change.
	At time.Time
	// Kind says why it moved.
	Kind MovementKind
	// Amount is by how much: above zero for new, expansion and reactivation, otherwise
	// below.
	Amount money.Money
}

// Movements returns how the monthly recurring revenue moved after from, up to and including
// to, in order of time. The amounts add up to MRR at to less MRR at from. An instant has one
// movement at most; what changes and leaves the revenue as it was is none.
//
// It is one of a subscription. Whether a customer with several is new or has left is for who
// adds them up: the first of several is new, the next an expansion.
//
// The errors are those of [MRR], and [ErrRange] if to lies before from.
func Movements(sub subscription.Subscription, from, to time.Time, weeks Weeks) ([]Movement, error) {
	if err := within("from", from); err != nil {
		return nil, err
	}
	m, err := newMeter(sub, to, weeks)
	if err != nil {
		return nil, err
	}
	from, to = micro.Floor(from), micro.Floor(to)
	if to.Before(from) {
		return nil, fmt.Errorf("%w: to must not lie before from", ErrRange)
	}
	var all []Movement
	before, paid := money.FromMinor(0, sub.Currency()), false
	for _, t := range m.instants(to) {
		now, err := m.at(t)
		if err != nil {
			return nil, err
		}
		by, err := now.Amount.Sub(before)
		if err != nil {
			return nil, wrap(err)
		}
		if by.Sign() != 0 && t.After(from) {
			all = append(all, Movement{At: t, Kind: kindOf(before, now.Amount, paid), Amount: by})
		}
		before, paid = now.Amount, paid || now.Amount.Sign() > 0
	}
	return all, nil
}

// instants returns where the revenue may change, up to an instant.
func (m *meter) instants(to time.Time) []time.Time {
	var all []time.Time
	add := func(t time.Time) {
		if !t.After(to) {
			all = append(all, t)
		}
	}
	for i := range m.sub.Segments() {
		add(m.sub.Segment(i).From())
	}
	for i := range m.sub.Discounts() {
		p := m.sub.Discount(i)
		add(p.At)
		if d, _ := p.Discount(); d.Duration == plan.ForTime {
			// What was billed in advance by then is reduced to the end of its period, and what is
			// billed in arrears only to the end of the last period before.
			if until := m.until(p.At, &d); !until.IsZero() {
				add(until)
				if p, ok := m.sub.Period(until); ok && !p.IsOpen() {
					add(p.Start)
					add(p.End)
				}
			}
		}
	}
	for _, use := range m.redeemed { // a discount for cycles ends with an invoice, or with its period
		add(use.InvoiceAt)
		if p, ok := m.sub.Period(use.InvoiceAt); ok && !p.IsOpen() {
			add(p.End)
		}
	}
	for _, t := range m.invoiced {
		add(t)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

func kindOf(before, now money.Money, paid bool) MovementKind {
	switch {
	case now.Sign() <= 0:
		return Churn
	case before.Sign() <= 0 && paid:
		return Reactivation
	case before.Sign() <= 0:
		return New
	case now.Minor() > before.Minor():
		return Expansion
	}
	return Contraction
}

// TCV returns the total contract value of a subscription: what its invoices come to from its
// start to its end, taxes left out, if nothing more is done and nothing is used. Discounts,
// credits, one-time charges and one-offs count. Invoices dated at or after until do not; with
// the zero until all count, which is [ErrEndless] unless the subscription ends.
//
// The other errors are [ErrZero], [ErrRange], and those of billing.Forecast.
func TCV(sub subscription.Subscription, until time.Time) (money.Money, error) {
	if sub.IsZero() {
		return money.Money{}, ErrZero
	}
	if until.IsZero() {
		if last := sub.Segment(sub.Segments() - 1); !last.Ended() {
			return money.Money{}, ErrEndless
		}
	} else if err := within("until", until); err != nil {
		return money.Money{}, err
	}
	sum := money.FromMinor(0, sub.Currency())
	for inv, err := range billing.Forecast(sub, nil, billing.Checkpoint{}) {
		if err != nil {
			return money.Money{}, wrap(err)
		}
		if !until.IsZero() && !inv.At.Before(until) {
			break
		}
		if sum, err = sum.Add(inv.Total); err != nil {
			return money.Money{}, wrap(err)
		}
	}
	return sum, nil
}
