package billing

import (
	"slices"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// A plan may cap what usage comes to in a period (plan.SpendCap). Each line of usage is held to it
// where it is billed: what the lines of the period come to by then, before the cap, says what is
// billed of them, whatever cut the period.

// OverCap says of a line of usage that some of it lies above the plan's spend cap, or that some of
// what did no longer does. It is a result.
type OverCap struct {
	// Cap is the spend cap of a period.
	Cap money.Money
	// Usage is what the usage of the line comes to without the cap, before discounts.
	Usage money.Money
	// Over is what of Usage lies above the cap. Below zero: what a later line of the period takes
	// back of it, where more usage costs less.
	Over money.Money
	// Billed reports that it is billed all the same ([plan.OverReported]); otherwise the amount of
	// the line is without it.
	Billed bool
}

// OverCap returns what of the invoice's usage lies above the plan's spend cap, billed or not; zero if
// nothing does.
func (inv Invoice) OverCap() (money.Money, error) {
	sum := money.FromMinor(0, inv.Total.Currency())
	for i := range inv.Lines {
		o := inv.Lines[i].OverCap
		if o == nil {
			continue
		}
		var err error
		if sum, err = sum.Add(o.Over); err != nil {
			return sum, wrap(err)
		}
	}
	return sum, nil
}

// A cappedPeriod is what the usage of one period came to that counts towards spend caps.
type cappedPeriod struct {
	ordinal int
	whole   calendar.Period
	cap     *plan.SpendCap // in force last
	// used is what usage came to before the cap, and billed what of that was billed; from are both
	// where the cap began to be in force: what was billed and what was not before that stands.
	used, billed         money.Money
	usedFrom, billedFrom money.Money
}

// capOf returns the spend cap of a side; nil if it has none.
func (r *run) capOf(s *side) *plan.SpendCap {
	v := s.seg.Version()
	if !v.HasSpendCap() {
		return nil
	}
	if r.capIn != v {
		c, _ := v.SpendCap()
		r.capIn, r.cap = v, &c
	}
	return r.cap
}

// underCap lowers a line of usage to what the spend cap leaves of it.
func (r *run) underCap(line *draftLine, c *count, s *side) error {
	most := r.capOf(s)
	if most == nil || !s.every.IsZero() || !most.Counts(c.charge) {
		return nil
	}
	p, err := r.capped(c, most), error(nil)
	usage, billed := line.Amount, p.billed
	if p.used, err = p.used.Add(usage); err != nil {
		return err
	}
	if p.billed, err = p.comesTo(); err != nil {
		return err
	}
	if line.Amount, err = p.billed.Sub(billed); err != nil {
		return err
	}
	over := OverCap{Cap: most.Amount, Usage: usage, Billed: most.Over != plan.OverNotBilled}
	if over.Billed {
		over.Over, err = above(p.billed, billed, most.Amount)
	} else if over.Over, err = usage.Sub(line.Amount); err == nil && over.Over.Sign() != 0 {
		c.over, err = c.over.Add(over.Over)
	}
	if over.Over.Sign() != 0 {
		line.OverCap = &over
	}
	return err
}

// capped returns what the period of a count has come to, under a cap.
func (r *run) capped(c *count, most *plan.SpendCap) *cappedPeriod {
	i := slices.IndexFunc(r.caps, func(p *cappedPeriod) bool { return p.ordinal == c.ordinal || p.whole.Equal(c.whole) })
	if i < 0 {
		zero := money.FromMinor(0, r.sub.Currency())
		r.caps = append(keep(r.caps, func(p *cappedPeriod) bool { return p.whole.End.After(c.whole.Start) }), &cappedPeriod{
			ordinal: c.ordinal, whole: c.whole, cap: most, used: zero, billed: zero, usedFrom: zero, billedFrom: zero,
		})
		i = len(r.caps) - 1
	}
	p := r.caps[i]
	if p.cap != most && !p.cap.Equal(*most) {
		p.cap, p.usedFrom, p.billedFrom = most, p.used, p.billed
	}
	return p
}

// comesTo is what is billed of the usage of the period so far.
func (p *cappedPeriod) comesTo() (money.Money, error) {
	more, err := p.used.Sub(p.usedFrom)
	if err != nil {
		return p.billed, err
	}
	switch {
	case more.IsNegative():
		// Less than what was used under the caps before: no more than that is billed of it.
		return smaller(p.used, p.billedFrom), nil
	case p.cap.Over == plan.OverNotBilled:
		left, err := p.cap.Amount.Sub(p.billedFrom)
		if err != nil {
			return p.billed, err
		}
		if left.IsNegative() {
			return p.billedFrom, nil
		}
		more = smaller(more, left)
	}
	return p.billedFrom.Add(more)
}

func smaller(a, b money.Money) money.Money {
	if b.Minor() < a.Minor() {
		return b
	}
	return a
}

// above returns by how much more lies above a cap now than before.
func above(now, before, most money.Money) (money.Money, error) {
	zero := money.FromMinor(0, most.Currency())
	is, err := now.Sub(most)
	if err != nil {
		return zero, err
	}
	was, err := before.Sub(most)
	if err != nil {
		return zero, err
	}
	if is.IsNegative() {
		is = zero
	}
	if was.IsNegative() {
		was = zero
	}
	return is.Sub(was)
}
