package billing

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// ErrTaxRate: a rate of the tax hook makes no sense.
var ErrTaxRate = errors.New("billing: invalid tax rate")

// TaxRate is one tax that holds for a line.
type TaxRate struct {
	// ID names it; the amounts of an invoice are kept by it.
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
	// Base is what it was counted on, without any tax; rounded for showing.
	Base money.Money
	// Amount is the tax: part of the total if the rate is exclusive, held by the
	// other lines if it is inclusive.
	Amount money.Money
}

const taxPlaces = 6

// millionths answers a percentage in millionths of a percent.
func (t TaxRate) millionths() (int64, error) {
	scaled := t.Percent.Shift(taxPlaces)
	if t.ID == "" || t.Percent.IsNegative() || t.Percent.GreaterThan(decimal.NewFromInt(1000)) || !scaled.IsInteger() {
		return 0, fmt.Errorf("%w: %q: an id, and 0 to 1000 percent with at most %d decimals", ErrTaxRate, t.ID, taxPlaces)
	}
	return scaled.IntPart(), nil
}

// taxed is an amount on which a rate is counted: net * num / den.
type taxed struct {
	line     int
	rate     TaxRate
	net      money.Money
	num, den int64
}

// tax adds the lines of exclusive taxes and notes what every rate comes to.
//
// With inclusive rates of i percent together, an amount holds amount*100/(100+i)
// without tax; every rate is counted on that, in one step with one rounding: by
// line, or once for all lines that share the rate and its base's composition.
func (r *run) tax(inv *Invoice) error {
	if r.options.rates == nil {
		return nil
	}
	parts, err := r.taxedParts(inv)
	if err != nil {
		return err
	}
	if r.policy.TaxRounding == plan.TaxPerInvoice {
		parts = perInvoice(parts)
	}
	for _, p := range parts {
		amount, err := p.net.Prorate(p.num, p.den, r.policy.Rounding)
		if err != nil {
			return err
		}
		base, err := p.net.Prorate(hundred, p.den, r.policy.Rounding)
		if err != nil {
			return err
		}
		if err := inv.addTax(p.rate, base, amount); err != nil {
			return err
		}
		if p.rate.Inclusive || amount.Sign() == 0 {
			continue
		}
		line := Line{Kind: TaxLine, Charge: p.rate.ID, Name: p.rate.Name, From: inv.At, Num: p.num, Den: p.den, Amount: amount, Command: inv.Command}
		if p.line >= 0 {
			of := inv.Lines[p.line]
			line.From, line.To, line.Of = of.From, of.To, Origin{Kind: of.Kind, Charge: of.Charge, From: of.From, To: of.To, Command: of.Command}
		}
		inv.Lines = append(inv.Lines, line)
	}
	return nil
}

const hundred = 100 * 1_000_000 // percent in millionths

// taxedParts answers what each rate is counted on, line by line, discounts taken off.
func (r *run) taxedParts(inv *Invoice) ([]taxed, error) {
	var parts []taxed
	for i, line := range inv.Lines {
		if line.Kind == DiscountLine || line.Kind == TaxLine {
			continue
		}
		net := line.Amount
		for _, other := range inv.Lines {
			if other.Kind == DiscountLine && other.reduces(line) {
				var err error
				if net, err = net.Add(other.Amount); err != nil {
					return nil, err
				}
			}
		}
		rates := r.options.rates(line)
		den := int64(hundred)
		for _, rate := range rates {
			m, err := rate.millionths()
			if err != nil {
				return nil, err
			}
			if rate.Inclusive {
				den += m
			}
		}
		for _, rate := range rates {
			m, _ := rate.millionths()
			parts = append(parts, taxed{line: i, rate: rate, net: net, num: m, den: den})
		}
	}
	return parts, nil
}

// reduces reports whether a discount line takes off the line.
func (l Line) reduces(of Line) bool {
	return l.Of == Origin{Kind: of.Kind, Charge: of.Charge, From: of.From, To: of.To, Command: of.Command}
}

// perInvoice adds up the parts that share a rate and a divisor.
func perInvoice(parts []taxed) []taxed {
	var sums []taxed
next:
	for _, p := range parts {
		for i := range sums {
			s := &sums[i]
			if s.rate.ID == p.rate.ID && s.rate.Inclusive == p.rate.Inclusive && s.num == p.num && s.den == p.den {
				if sum, err := s.net.Add(p.net); err == nil {
					s.net = sum
					continue next
				}
			}
		}
		p.line = -1
		sums = append(sums, p)
	}
	return sums
}

func (inv *Invoice) addTax(rate TaxRate, base, amount money.Money) error {
	for i := range inv.Taxes {
		t := &inv.Taxes[i]
		if t.Rate.ID != rate.ID || t.Rate.Inclusive != rate.Inclusive || !t.Rate.Percent.Equal(rate.Percent) {
			continue
		}
		var err1, err2 error
		t.Base, err1 = t.Base.Add(base)
		t.Amount, err2 = t.Amount.Add(amount)
		return errors.Join(err1, err2)
	}
	inv.Taxes = append(inv.Taxes, Tax{Rate: rate, Base: base, Amount: amount})
	return nil
}
