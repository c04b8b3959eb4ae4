package account

import (
	"fmt"
	"strings"

	"github.com/perennial-billing/perennial/money"
)

// Explain returns the invoice in plain sentences: each section as [billing.Invoice.Explain]
// has it up to its total, what taxes that are rounded for the whole come to, and what is due.
// It is plain text, as those of package billing are: whoever shows it elsewhere escapes it,
// and no name can pass for a line of it.
func (inv Invoice) Explain() (string, error) {
	var b strings.Builder
	what := "Invoice"
	if inv.Draft {
		what = "Draft of the invoice"
	}
	fmt.Fprintf(&b, "%s of account %s dated %s\n", what, inside.Label("", inv.Account), inside.Show(inv.At, inv.Zone))
	for i := range inv.Sections {
		s := &inv.Sections[i]
		own, err := inside.Explain(&s.Invoice)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "Section %d, subscription %s:\n", i+1, inside.Label("", string(s.Invoice.Subscription)))
		fmt.Fprintf(&b, "   %s\n", strings.ReplaceAll(strings.TrimSuffix(own, "\n"), "\n", "\n   "))
	}
	for _, a := range inv.Adjustments {
		own, err := a.Tax.Sub(a.Amount)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "Tax: %s, %s%% of %s for the whole invoice is %s, and not %s as rounded for each section: %s\n",
			inside.Label(a.Rate.Name, a.Rate.ID), a.Rate.Percent, a.Base, a.Tax, own, a.Amount)
	}
	fmt.Fprintf(&b, "Total: %s\n", inv.Total)
	if err := inv.explainPayment(&b); err != nil {
		return "", err
	}
	return b.String(), nil
}

// explainPayment says what is due of the total, where it is not all of it.
func (inv Invoice) explainPayment(b *strings.Builder) error {
	switch {
	case inv.Drawn.Sign() > 0:
		fmt.Fprintf(b, "Paid from prepaid credit: %s\n", inv.Drawn)
	case inv.Drawn.IsNegative():
		back, err := inv.Drawn.Neg()
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "Returned to prepaid credit: %s\n", back)
	}
	if inv.CreditApplied.Sign() > 0 {
		fmt.Fprintf(b, "Paid from account credit: %s", inv.CreditApplied)
		var parts []string
		for i, s := range inv.Sections {
			if s.CreditApplied.Sign() > 0 {
				parts = append(parts, fmt.Sprintf("%s of section %d", s.CreditApplied, i+1))
			}
		}
		if len(inv.Sections) > 1 {
			fmt.Fprintf(b, " (%s)", strings.Join(parts, ", "))
		}
		b.WriteByte('\n')
	}
	if inv.Credited.Sign() > 0 {
		fmt.Fprintf(b, "Added to account credit, for the next invoices: %s\n", inv.Credited)
	}
	if inv.Refund.Sign() > 0 {
		fmt.Fprintf(b, "To be refunded: %s\n", inv.Refund)
	}
	if inv.AmountDue != inv.Total || inv.AmountDue == (money.Money{}) {
		fmt.Fprintf(b, "Amount due: %s\n", inv.AmountDue)
	}
	return nil
}
