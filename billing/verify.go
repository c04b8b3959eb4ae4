package billing

import (
	"fmt"
	"slices"
	"time"

	"github.com/perennial-billing/perennial/money"
)

// An invoice is looked at once more before it leaves, by other sums than those that made it:
// what does not add up is an error of the run, and not a wrong bill. It costs one more pass over
// the lines.

// verify returns ErrUnbalanced if the invoice does not add up.
func (inv *Invoice) verify() error {
	sum, taxed := int64(0), int64(0)
	for i := range inv.Lines {
		line := &inv.Lines[i]
		amount := line.Amount.Minor()
		if sum += amount; line.Kind == TaxLine {
			taxed += amount
		}
		switch {
		case line.Amount.Currency() != inv.Total.Currency():
			return inv.unbalanced("line %d is of %s, the invoice of %s", i, line.Amount.Currency(), inv.Total.Currency())
		case line.Kind == CreditLine && amount > 0:
			return inv.unbalanced("line %d, a credit of %q, is %s", i, line.Charge, line.Amount)
		case !line.To.IsZero() && line.To.Before(line.From):
			return inv.unbalanced("line %d of %q ends before it begins", i, line.Charge)
		}
	}
	exclusive := int64(0)
	for i := range inv.Taxes {
		if !inv.Taxes[i].Rate.Inclusive {
			exclusive += inv.Taxes[i].Amount.Minor()
		}
	}
	total, applied, due, refund := inv.Total.Minor(), inv.CreditApplied.Minor(), inv.AmountDue.Minor(), inv.Refund.Minor()
	switch {
	case sum != total:
		return inv.unbalanced("the lines sum to %s, the total is %s", money.FromMinor(sum, inv.Total.Currency()), inv.Total)
	case taxed != exclusive:
		return inv.unbalanced("the lines of taxes sum to %s, the taxes to %s", money.FromMinor(taxed, inv.Total.Currency()), money.FromMinor(exclusive, inv.Total.Currency()))
	case applied < 0 || applied > max(total, 0) || due != max(total, 0)-applied || refund != 0 && refund != -total:
		return inv.unbalanced("of %s, %s is applied, %s due and %s refunded", inv.Total, inv.CreditApplied, inv.AmountDue, inv.Refund)
	}
	return nil
}

func (inv *Invoice) unbalanced(format string, args ...any) error {
	return fmt.Errorf("%w: at %s: %s", ErrUnbalanced, inv.At.UTC().Format(time.RFC3339Nano), fmt.Sprintf(format, args...))
}

// verifyCredits returns ErrUnbalanced if a draft gives back more of a line than it held, except
// by the list price.
func (d *draft) verifyCredits(inv *Invoice) error {
	for _, line := range d.lines {
		p := line.credits
		if p == nil || line.Kind != CreditLine || p.listed {
			continue
		}
		if held := p.amount.Minor() + p.discount.Minor(); p.credited.Minor() > max(held, 0) {
			return inv.unbalanced("%s of %q is given back, which held %s less %s", p.credited, line.Charge, p.amount, p.discount)
		}
	}
	return nil
}

// verify returns ErrUnbalanced if what the taxes are counted on and the taxes that it holds do
// not add up to the gross amount of the lines. Where lines have different rates, each tax has
// lines of its own, and nothing is compared.
func (t *taxation) verify() error {
	gross, rates := int64(0), []int(nil)
	for _, line := range t.lines {
		if len(line.taxes) == 0 {
			continue
		}
		if rates == nil {
			rates = line.taxes
		}
		if !slices.Equal(rates, line.taxes) {
			return nil
		}
		gross += line.net.Minor()
	}
	held := int64(0)
	for _, n := range rates {
		if tax := &t.inv.Taxes[n]; tax.Rate.Inclusive {
			held += tax.Amount.Minor()
		}
	}
	for _, n := range rates {
		if tax := &t.inv.Taxes[n]; tax.Base.Minor()+held != gross {
			return t.inv.unbalanced("tax %q is counted on %s, and the lines are %s", tax.Rate.ID, tax.Base, money.FromMinor(gross, t.currency))
		}
	}
	return nil
}
