package billing

import (
	"math/big"
	"slices"

	"github.com/perennial-billing/perennial/money"
)

// A taxUnit is what is rounded together by invoice: one tax on all lines of its own,
// or the share that credits give back of the tax of one earlier invoice.
type taxUnit struct {
	tax   int // of the invoice
	rate  countedRate
	group *taxGroup // what credits give back of; nil: none
	base  *big.Rat
	parts []taxPart
}

// A taxPart is what a unit is counted on of the lines of one class.
type taxPart struct {
	class *taxClass
	base  *big.Rat
}

// A taxClass are the lines that have the same rates.
type taxClass struct {
	taxes []int       // of the invoice, in ascending order
	net   money.Money // what is left of the lines without inclusive taxes
	holds bool        // some of the rates are inclusive
}

// byInvoice rounds each tax once for the whole invoice, what credits give back of
// other invoices apart.
func (t *taxation) byInvoice() error {
	var classes []*taxClass
	var units []*taxUnit
	for _, l := range t.lines {
		if len(l.taxes) == 0 {
			continue
		}
		class, err := classOf(&classes, l)
		if err != nil {
			return err
		}
		base := l.base()
		for i, rate := range l.how.rates {
			var group *taxGroup
			if l.shared() {
				group = l.how.groups[i]
			}
			unitOf(&units, l.taxes[i], rate, group).add(class, base)
		}
	}
	alone := make([]*big.Rat, len(t.inv.Taxes)) // without the rounding of other invoices
	for _, u := range units {
		amount, err := u.amount(t.currency, t.d.policy.Rounding)
		if err != nil {
			return err
		}
		tax := &t.inv.Taxes[u.tax]
		if tax.Amount, err = tax.Amount.Add(amount); err != nil {
			return err
		}
		if alone[u.tax] == nil {
			alone[u.tax] = new(big.Rat)
		}
		alone[u.tax].Add(alone[u.tax], u.rate.of(u.base))
		if u.rate.Inclusive {
			if err := u.take(amount, t.d.policy.Rounding); err != nil {
				return err
			}
		}
	}
	if err := t.remember(); err != nil {
		return err
	}
	for n := range t.inv.Taxes {
		if err := t.sumUp(n, classes, alone[n]); err != nil {
			return err
		}
	}
	return nil
}

// sumUp adds the bases of a tax and its line.
func (t *taxation) sumUp(n int, classes []*taxClass, alone *big.Rat) error {
	tax, held := &t.inv.Taxes[n], false
	for _, class := range classes {
		if !slices.Contains(class.taxes, n) {
			continue
		}
		var err error
		if tax.Base, err = tax.Base.Add(class.net); err != nil {
			return err
		}
		held = held || class.holds
	}
	if tax.Rate.Inclusive || tax.Amount.Sign() == 0 {
		return nil
	}
	line := t.line(tax.Rate, tax.Amount, tax.Base)
	byRate, err := rounded(alone, t.currency, t.d.policy.Rounding)
	if err != nil {
		return err
	}
	line.derivation.held, line.derivation.shared = held, byRate != tax.Amount
	if t.older[n] && t.again(n) {
		line.Of = t.gives[n]
	}
	t.d.add(line)
	return nil
}

// remember makes the groups of which later credits give back a share: of the lines
// that can still be credited, less what this invoice itself credits of them.
func (t *taxation) remember() error {
	groups := make([]*taxGroup, len(t.inv.Taxes))
	var open []*lineTax
	for _, l := range t.lines {
		if l.open {
			open = append(open, l.how)
		}
	}
	for _, l := range t.lines {
		if !slices.Contains(open, l.how) {
			continue
		}
		for i, rate := range l.how.rates {
			if n := l.taxes[i]; groups[n] == nil {
				groups[n] = newTaxGroup(rate, t.taxOrigin(rate.ID), money.FromMinor(0, t.currency), l.base())
			} else {
				groups[n].base.Add(groups[n].base, l.base())
			}
		}
	}
	for _, g := range groups {
		if g == nil {
			continue
		}
		tax, err := rounded(g.rate.of(g.base), t.currency, t.d.policy.Rounding)
		if err != nil {
			return err
		}
		g.tax = tax.Minor()
	}
	for _, l := range t.lines {
		if l.prepaid == nil || !slices.Contains(open, l.how) {
			continue
		}
		for _, n := range l.taxes {
			l.how.groups = append(l.how.groups, groups[n])
		}
	}
	return nil
}

// classOf returns the class of a line, and adds the line to it.
func classOf(classes *[]*taxClass, l taxedLine) (*taxClass, error) {
	taxes := slices.Sorted(slices.Values(l.taxes))
	for _, class := range *classes {
		if slices.Equal(class.taxes, taxes) {
			var err error
			class.net, err = class.net.Add(l.net)
			return class, err
		}
	}
	class := &taxClass{taxes: taxes, net: l.net, holds: l.how.den != hundred}
	*classes = append(*classes, class)
	return class, nil
}

func unitOf(units *[]*taxUnit, tax int, rate countedRate, group *taxGroup) *taxUnit {
	for _, u := range *units {
		if u.tax == tax && u.group == group {
			return u
		}
	}
	u := &taxUnit{tax: tax, rate: rate, group: group, base: new(big.Rat)}
	*units = append(*units, u)
	return u
}

func (u *taxUnit) add(class *taxClass, base *big.Rat) {
	u.base.Add(u.base, base)
	for _, part := range u.parts {
		if part.class == class {
			part.base.Add(part.base, base)
			return
		}
	}
	u.parts = append(u.parts, taxPart{class, new(big.Rat).Set(base)})
}

// amount rounds the tax of the unit.
func (u *taxUnit) amount(c money.Currency, rounding money.Rounding) (money.Money, error) {
	if u.group != nil {
		return u.group.giveBack(u.base, c, rounding)
	}
	return rounded(u.rate.of(u.base), c, rounding)
}

// take takes an inclusive tax out of the classes that hold it, of each its part; the
// last takes what rounding left.
func (u *taxUnit) take(amount money.Money, rounding money.Rounding) error {
	left, exact, through := amount, new(big.Rat), money.FromMinor(0, amount.Currency())
	for i, part := range u.parts {
		take := left
		if i < len(u.parts)-1 {
			exact.Add(exact, u.rate.of(part.base))
			next, err := rounded(exact, amount.Currency(), rounding)
			if err != nil {
				return err
			}
			if take, err = next.Sub(through); err != nil {
				return err
			}
			through = next
		}
		var err error
		if left, err = left.Sub(take); err != nil {
			return err
		}
		if part.class.net, err = part.class.net.Sub(take); err != nil {
			return err
		}
	}
	return nil
}
