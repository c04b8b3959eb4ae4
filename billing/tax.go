package billing

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/arith"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// ErrTaxRate: a rate of the tax hook makes no sense.
var ErrTaxRate = errors.New("billing: invalid tax rate")

// TaxRate is one tax that holds for a line.
type TaxRate struct {
	// ID names it. Within an invoice an id stands for one rate: the same percentage,
	// inclusive or not.
	ID string
	// Name is for people.
	Name string
	// Percent is how much of the amount it is: 0 to 1000, at most six decimals.
	Percent decimal.Decimal
	// Inclusive says that prices hold it already: it is shown, and adds nothing to
	// the total. Otherwise it comes on top, on the amount without inclusive taxes.
	Inclusive bool
}

// Tax is what one rate comes to on an invoice. It is a result.
type Tax struct {
	Rate TaxRate
	// Base is what it was counted on, discounts and inclusive taxes taken off;
	// rounded for showing.
	Base money.Money
	// Amount is the tax: part of the total if the rate is exclusive, held by the
	// other lines if it is inclusive.
	Amount money.Money
}

const (
	taxPlaces = 6
	hundred   = 100 * 1_000_000 // percent in millionths
)

// millionths answers a percentage in millionths of a percent.
func (t TaxRate) millionths() (int64, error) {
	fault := fmt.Errorf("%w: %q: an id, and 0 to 1000 percent with at most %d decimals", ErrTaxRate, t.ID, taxPlaces)
	percent, err := dec.Canonical(t.Percent) // a zero may have any exponent
	if t.ID == "" || err != nil {
		return 0, fault
	}
	t.Percent = percent
	if t.Percent.IsNegative() || t.Percent.GreaterThan(decimal.NewFromInt(1000)) {
		return 0, fault
	}
	scaled := t.Percent.Shift(taxPlaces)
	if !scaled.IsInteger() {
		return 0, fault
	}
	return scaled.IntPart(), nil
}

// is reports whether two rates of one id are the same.
func (t TaxRate) is(o TaxRate) bool {
	return t.Inclusive == o.Inclusive && sameQuantity(t.Percent, o.Percent)
}

// taxed is what a rate is counted on of one line: num/den of the line's net amount
// is the tax, hundred/den of it the base.
type taxed struct {
	line     int // of the invoice
	tax      int // of its taxes
	net      money.Money
	num, den int64
}

// tax adds the lines of exclusive taxes and notes what every rate comes to.
//
// With inclusive rates of i percent together, an amount holds amount*100/(100+i)
// without tax; every rate is counted on that, in one step with one rounding: line by
// line, or once for all lines of the invoice.
func (r *run) tax(inv *Invoice) error {
	if r.options.rates == nil {
		return nil
	}
	parts, err := r.taxedParts(inv)
	if err != nil {
		return err
	}
	if r.policy.TaxRounding == plan.TaxPerInvoice {
		return r.taxInvoice(inv, parts)
	}
	for _, p := range parts {
		tax := &inv.Taxes[p.tax]
		amount, base, err := p.amounts(r.policy.Rounding)
		if err != nil {
			return err
		}
		if tax.Amount, err = tax.Amount.Add(amount); err != nil {
			return err
		}
		if tax.Base, err = tax.Base.Add(base); err != nil {
			return err
		}
		if !tax.Rate.Inclusive && amount.Sign() != 0 {
			of := inv.Lines[p.line]
			line := tax.line(inv, amount, base, r.policy.Rounding)
			line.ground.of, line.ground.held = title(of.Name, of.Charge), p.den != hundred
			line.From, line.To, line.Num, line.Den = of.From, of.To, p.num, p.den
			line.Of = Origin{Kind: of.Kind, Charge: of.Charge, From: of.From, To: of.To, Command: of.Command}
			inv.Lines = append(inv.Lines, line)
		}
	}
	return nil
}

// taxInvoice rounds each rate once for the whole invoice.
func (r *run) taxInvoice(inv *Invoice, parts []taxed) error {
	for i := range inv.Taxes {
		tax := &inv.Taxes[i]
		amount, base, held, err := together(parts, i, r.policy.Rounding)
		if err != nil {
			return err
		}
		tax.Amount, tax.Base = amount, base
		if !tax.Rate.Inclusive && amount.Sign() != 0 {
			line := tax.line(inv, amount, base, r.policy.Rounding)
			line.ground.held = held
			inv.Lines = append(inv.Lines, line)
		}
	}
	return nil
}

func (t *Tax) line(inv *Invoice, amount, base money.Money, rounding money.Rounding) Line {
	return Line{
		Kind: TaxLine, Charge: t.Rate.ID, Name: t.Rate.Name, From: inv.At, Num: 1, Den: 1, Percent: t.Rate.Percent,
		Rounding: rounding, Amount: amount, Command: inv.Command, ground: &ground{net: base},
	}
}

// taxedParts answers what each rate is counted on, line by line, discounts taken
// off, and notes the rates.
func (r *run) taxedParts(inv *Invoice) ([]taxed, error) {
	nets := make([]money.Money, len(inv.Lines))
	for i, line := range inv.Lines {
		nets[i] = line.Amount
		if line.Kind == DiscountLine {
			var err error
			if nets[line.of], err = nets[line.of].Add(line.Amount); err != nil {
				return nil, err
			}
		}
	}
	var parts []taxed
	for i, line := range inv.Lines {
		if line.Kind == DiscountLine {
			continue
		}
		first, den := len(parts), int64(hundred)
		for _, rate := range r.options.rates(line) {
			m, err := rate.millionths()
			if err != nil {
				return nil, err
			}
			tax, err := inv.taxOf(rate)
			if err != nil {
				return nil, err
			}
			for _, other := range parts[first:] {
				if other.tax == tax {
					return nil, fmt.Errorf("%w: %q: is there twice for one line", ErrTaxRate, rate.ID)
				}
			}
			if rate.Inclusive {
				den += m
			}
			parts = append(parts, taxed{line: i, tax: tax, net: nets[i], num: m})
		}
		for j := range parts[first:] {
			parts[first+j].den = den
		}
	}
	return parts, nil
}

// taxOf answers the number of a rate among the invoice's taxes.
func (inv *Invoice) taxOf(rate TaxRate) (int, error) {
	for i, t := range inv.Taxes {
		if t.Rate.ID == rate.ID {
			if !t.Rate.is(rate) {
				return 0, fmt.Errorf("%w: %q: stands for two rates on one invoice", ErrTaxRate, rate.ID)
			}
			return i, nil
		}
	}
	zero := money.FromMinor(0, inv.Lines[0].Amount.Currency())
	inv.Taxes = append(inv.Taxes, Tax{Rate: rate, Base: zero, Amount: zero})
	return len(inv.Taxes) - 1, nil
}

// amounts answers the tax and its base, each rounded.
func (p taxed) amounts(rounding money.Rounding) (amount, base money.Money, err error) {
	if amount, err = p.net.Prorate(p.num, p.den, rounding); err != nil {
		return amount, base, err
	}
	if p.den == hundred+p.num {
		// The only inclusive tax: what is left is the base, to the last cent.
		base, err = p.net.Sub(amount)
		return amount, base, err
	}
	base, err = p.net.Prorate(hundred, p.den, rounding)
	return amount, base, err
}

// together answers the tax of one rate on all its lines and its base, each
// rounded once, and whether lines hold other taxes.
func together(parts []taxed, tax int, rounding money.Rounding) (amount, base money.Money, held bool, err error) {
	var sum taxed
	alike := true
	for _, p := range parts {
		switch {
		case p.tax != tax:
		case sum.den == 0:
			sum = p
		case p.den == sum.den:
			if sum.net, err = sum.net.Add(p.net); err != nil {
				return amount, base, held, err
			}
		default:
			alike = false
		}
	}
	if alike {
		amount, base, err = sum.amounts(rounding)
		return amount, base, sum.den != hundred, err
	}
	if amount, err = exactly(parts, tax, rounding, func(p taxed) int64 { return p.num }); err != nil {
		return amount, base, true, err
	}
	base, err = exactly(parts, tax, rounding, func(taxed) int64 { return hundred })
	return amount, base, true, err
}

// exactly adds up fractions of different denominators, which lines have that hold
// different inclusive taxes, and rounds the sum.
func exactly(parts []taxed, tax int, rounding money.Rounding, num func(taxed) int64) (money.Money, error) {
	sum, c := new(big.Rat), money.Currency(0)
	for _, p := range parts {
		if p.tax == tax {
			c = p.net.Currency()
			sum.Add(sum, new(big.Rat).Mul(big.NewRat(p.net.Minor(), 1), big.NewRat(num(p), p.den)))
		}
	}
	mode, err := rounding.Mode()
	if err != nil {
		return money.Money{}, err
	}
	minor := arith.RoundBig(sum.Num(), sum.Denom(), mode)
	if !minor.IsInt64() {
		return money.Money{}, money.ErrOverflow
	}
	return money.FromMinor(minor.Int64(), c), nil
}
