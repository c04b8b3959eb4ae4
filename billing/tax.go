package billing

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// ErrTaxRate: a rate of the tax hook is invalid. That is the hook's fault and not that of
// whoever asked.
var ErrTaxRate = fault.New(fault.Internal, "billing: invalid tax rate")

// TaxRate is one tax that applies to a line.
type TaxRate struct {
	// ID names it: a line of at most plan.MaxIDLen bytes, required. Of what the hook
	// returns for the lines of one invoice, an id stands for one rate: the same
	// percentage, inclusive or not.
	ID string
	// Name is for people: a line of at most plan.MaxNameLen bytes, or empty.
	Name string
	// Percent is the percentage: 0 to 1000, at most six decimals.
	Percent decimal.Decimal
	// Inclusive says that prices already include it: it is shown, and adds nothing to
	// the total. Otherwise it is added, on the amount without inclusive taxes.
	Inclusive bool
}

// Tax is the tax of one rate on an invoice. It is a result.
type Tax struct {
	// Rate is the rate. Where the percentage of an id has changed, an invoice may have
	// two of that id: the old one for credits of what was billed with it.
	Rate TaxRate
	// Base is the net amount of the lines for which the rate holds: what they amount to,
	// discounts taken off, less every inclusive tax of theirs as it was rounded. Base
	// and the inclusive taxes of the same lines thus add up to the gross amount, to
	// the minor unit.
	//
	// By invoice, an inclusive tax is rounded once for all of its lines. Where some of
	// these have rates that others do not have, each such part of the lines has its
	// part of the tax, and the parts add up to the tax.
	Base money.Money
	// Amount is the tax: part of the total if the rate is exclusive, contained in the
	// other lines if it is inclusive.
	Amount money.Money
}

const (
	taxPlaces = 6
	hundred   = 100 * 1_000_000 // percent in millionths
)

// millionths returns a percentage in millionths of a percent, or every fault of the
// rate.
func (t TaxRate) millionths() (int64, error) {
	var f faults.List
	f.Wrap("id", text.ID(t.ID, plan.MaxIDLen))
	f.Wrap("name", text.Name(t.Name, plan.MaxNameLen))
	percent, err := dec.Canonical(t.Percent) // a zero may have any exponent
	scaled := percent.Shift(taxPlaces)
	switch {
	case err != nil:
		f.Wrap("percent", err)
	case percent.IsNegative(), percent.GreaterThan(decimal.NewFromInt(1000)):
		f.Add("percent", fault.OutOfRange, "must be from 0 to 1000")
	case !scaled.IsInteger():
		f.Add("percent", fault.TooPrecise, "must have at most %d decimals", taxPlaces)
	}
	if len(f) > 0 {
		var named faults.List
		named.Below(strictjson.Key("rates", t.ID), f)
		return 0, fmt.Errorf("%w: %w", ErrTaxRate, named.Err())
	}
	return scaled.IntPart(), nil
}

// is reports whether two rates with one id are the same.
func (t TaxRate) is(o TaxRate) bool {
	return t.Inclusive == o.Inclusive && sameQuantity(t.Percent, o.Percent)
}

// A lineTax is how a line is taxed; the credits of the line are taxed alike.
//
// With inclusive rates of i percent together, an amount holds amount*100/(100+i)
// without tax; every rate is counted on that: num/den of the amount is the tax, and
// hundred/den of it the base.
type lineTax struct {
	rates []countedRate
	den   int64
	// groups hold, by rate, the tax of which credits of the line give back a share.
	// There are none as long as the line is on no invoice, or if it cannot be credited.
	groups []*taxGroup
}

type countedRate struct {
	TaxRate
	num int64
}

// A taxation taxes one invoice.
type taxation struct {
	inv   *Invoice
	d     *draft
	lines []taxedLine
	older []bool    // of inv.Taxes: only credits have it
	gives []LineRef // of inv.Taxes: the first tax line of which it gives back a part

	currency money.Currency
}

// A taxedLine is a line of the draft with what discounts left of it.
type taxedLine struct {
	*draftLine
	net   money.Money
	how   *lineTax
	taxes []int // of the invoice, by rate
}

// shared reports whether the line gives back a share of tax that an earlier invoice,
// or an earlier line of this one, has charged.
func (l taxedLine) shared() bool { return l.Kind == CreditLine && len(l.how.groups) > 0 }

// tax adds the lines of exclusive taxes and notes what every rate amounts to: line by
// line, or once for all lines of the invoice. What credits give back is in
// tax_credit.go.
func (r *run) tax(inv *Invoice, d *draft) error {
	t := &taxation{inv: inv, d: d, currency: r.sub.Currency()}
	if err := t.collect(r); err != nil {
		return err
	}
	by := t.byLine
	switch d.policy.TaxRounding {
	case plan.TaxPerInvoice:
		by = t.byInvoice
	case plan.TaxPerLine:
	}
	if err := by(); err != nil {
		return err
	}
	return t.verify()
}

// collect finds the rates that hold for each line, discounts taken off.
func (t *taxation) collect(r *run) error {
	nets := make(map[*draftLine]money.Money, len(t.d.lines))
	for _, line := range t.d.lines {
		if line.Kind != DiscountLine {
			nets[line] = line.Amount
			continue
		}
		var err error
		if nets[line.reduces], err = nets[line.reduces].Add(line.Amount); err != nil {
			return err
		}
	}
	asked, err := t.ask(r, nets)
	if err != nil {
		return err
	}
	for _, line := range t.d.lines {
		if line.Kind == DiscountLine {
			continue
		}
		l := taxedLine{draftLine: line, net: nets[line]}
		credit := line.Kind == CreditLine && line.credits != nil && line.credits.tax != nil
		if credit {
			l.how = line.credits.tax
		} else {
			if l.how = asked[line]; l.how == nil {
				continue // of an invoice that was made, only what can be credited matters
			}
			if line.prepaid != nil {
				line.prepaid.tax = l.how
			}
		}
		for i, rate := range l.how.rates {
			n, err := t.number(rate.TaxRate, credit)
			if err != nil {
				return err
			}
			if l.shared() && t.gives[n] == (LineRef{}) {
				t.gives[n] = l.how.groups[i].of
			}
			l.taxes = append(l.taxes, n)
		}
		t.lines = append(t.lines, l)
	}
	return nil
}

// counted checks the rates of one line.
func counted(rates []TaxRate) (*lineTax, error) {
	how := &lineTax{den: hundred}
	for _, rate := range rates {
		num, err := rate.millionths()
		if err != nil {
			return nil, err
		}
		for _, other := range how.rates {
			switch {
			case other.ID != rate.ID:
			case !other.is(rate):
				return nil, twoRates(rate.ID)
			default:
				return nil, fmt.Errorf("%w: %q: is there twice for one line", ErrTaxRate, rate.ID)
			}
		}
		if rate.Inclusive {
			how.den += num
		}
		how.rates = append(how.rates, countedRate{rate, num})
	}
	return how, nil
}

func twoRates(id string) error {
	return fmt.Errorf("%w: %q: stands for two rates on one invoice", ErrTaxRate, id)
}

// number returns the number of a rate among the invoice's taxes. Only credits may have
// another rate of the same id.
func (t *taxation) number(rate TaxRate, credit bool) (int, error) {
	found := -1
	for i, tax := range t.inv.Taxes {
		switch {
		case tax.Rate.ID != rate.ID:
		case tax.Rate.is(rate):
			found = i
		case !credit && !t.older[i]:
			return 0, twoRates(rate.ID)
		}
	}
	if found < 0 {
		zero := money.FromMinor(0, t.currency)
		t.inv.Taxes = append(t.inv.Taxes, Tax{Rate: rate, Base: zero, Amount: zero})
		t.older, t.gives = append(t.older, credit), append(t.gives, LineRef{})
		found = len(t.inv.Taxes) - 1
	}
	t.older[found] = t.older[found] && credit
	return found, nil
}

// byLine rounds the tax of each line.
func (t *taxation) byLine() error {
	for _, l := range t.lines {
		amounts, base, err := t.amounts(l)
		if err != nil {
			return err
		}
		if l.prepaid != nil {
			l.how.groups = nil
			for i, rate := range l.how.rates {
				l.how.groups = append(l.how.groups, newTaxGroup(rate, t.taxOrigin(rate.ID), amounts[i], l.base()))
			}
		}
		for i, rate := range l.how.rates {
			tax := &t.inv.Taxes[l.taxes[i]]
			if tax.Amount, err = tax.Amount.Add(amounts[i]); err != nil {
				return err
			}
			if tax.Base, err = tax.Base.Add(base); err != nil {
				return err
			}
			if rate.Inclusive || amounts[i].Sign() == 0 {
				continue
			}
			line := t.line(rate.TaxRate, amounts[i], base)
			line.derivation.of, line.derivation.held = titled(title(l.Name, l.Charge), l.Dimensions), l.how.den != hundred
			line.derivation.basis = l.Basis
			line.From, line.To, line.wallFrom, line.wallTo = l.From, l.To, l.wallFrom, l.wallTo
			line.Num, line.Den = rate.num, l.how.den
			line.Of = l.Ref()
			alone, err := l.net.Prorate(rate.num, l.how.den, t.d.policy.Rounding)
			if err != nil {
				return err
			}
			line.derivation.shared = alone != amounts[i]
			t.d.add(line)
		}
	}
	return nil
}

// amounts returns the taxes of one line, each rounded once, and what is left of it
// without the inclusive ones.
func (t *taxation) amounts(l taxedLine) ([]money.Money, money.Money, error) {
	amounts, base := make([]money.Money, len(l.how.rates)), l.net
	for i, rate := range l.how.rates {
		var err error
		if l.shared() {
			amounts[i], err = l.how.groups[i].giveBack(l.base(), t.currency, t.d.policy.Rounding)
		} else {
			amounts[i], err = l.net.Prorate(rate.num, l.how.den, t.d.policy.Rounding)
		}
		if err != nil {
			return nil, base, err
		}
		if rate.Inclusive {
			if base, err = base.Sub(amounts[i]); err != nil {
				return nil, base, err
			}
		}
	}
	return amounts, base, nil
}

// line returns the line of an exclusive tax.
func (t *taxation) line(rate TaxRate, amount, base money.Money) *draftLine {
	return &draftLine{Line: Line{
		Kind: TaxLine, Charge: rate.ID, Name: rate.Name, From: t.inv.At, wallFrom: t.inv.wall, Num: 1, Den: 1, Percent: rate.Percent,
		Rounding: t.d.policy.Rounding, Amount: amount, Command: t.d.command, derivation: &derivation{net: base},
	}}
}

// taxOrigin names the tax line of the invoice.
func (t *taxation) taxOrigin(id string) LineRef {
	return t.line(TaxRate{ID: id}, money.Money{}, money.Money{}).Ref()
}

// again reports whether another tax before this one has its id.
func (t *taxation) again(n int) bool {
	return slices.ContainsFunc(t.inv.Taxes, func(o Tax) bool { return o.Rate.ID == t.inv.Taxes[n].Rate.ID && !o.Rate.is(t.inv.Taxes[n].Rate) })
}
