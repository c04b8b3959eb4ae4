package billing

import (
	"fmt"
	"strings"

	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
)

// Explain returns the invoice in plain sentences: what each line is for, how its
// amount was calculated, and what is due. A support person can send it to a customer.
//
// It is plain text: whoever puts it into HTML, a terminal or a chat escapes it. It never
// shows metadata, contacts or the reason that was recorded with a command. No line
// begins with a name, and a name with a colon, a quote or characters that no text of
// this module may hold is shown in quotes with those escaped, so that no name can pass
// for a line of the text, nor for its end.
func (inv Invoice) Explain() (string, error) {
	var b strings.Builder
	what := "Invoice"
	if inv.Draft {
		what = "Draft of the invoice"
	}
	fmt.Fprintf(&b, "%s dated %s\n", what, show(inv.At, inv.Zone))
	for i, line := range inv.Lines {
		text, err := line.Explain(inv.Zone)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d. %s\n", i+1, indent(text))
	}
	for _, t := range inv.Taxes {
		how := "listed above"
		switch {
		case t.Rate.Inclusive:
			how = "already included in the prices above"
		case t.Amount.Sign() == 0:
			how = "nothing is added"
		}
		fmt.Fprintf(&b, "Tax: %s, %s%% of %s: %s (%s)\n", label(t.Rate.Name, t.Rate.ID), dec.String(t.Rate.Percent), t.Base, t.Amount, how)
	}
	fmt.Fprintf(&b, "Total: %s\n", inv.Total)
	explainPayment(&b, inv.Total, inv.CreditApplied, inv.AmountDue, inv.Refund)
	return b.String(), nil
}

// explainPayment says what is due of a total, where it is not all of it.
func explainPayment(b *strings.Builder, total, applied, due, refund money.Money) {
	switch {
	case refund.Sign() > 0:
		fmt.Fprintf(b, "Nothing is due. %s will be refunded.\n", refund)
	case total.IsNegative():
		credit, err := total.Neg()
		if err != nil {
			credit = total
		}
		fmt.Fprintf(b, "Nothing is due. %s is added to the account credit and will be used for the next invoices.\n", credit)
	case applied.Sign() > 0:
		fmt.Fprintf(b, "Paid from account credit: %s\nAmount due: %s\n", applied, due)
	}
}

// Explain returns the difference in plain sentences, for the customer who asks why
// something is billed or credited late. It is plain text, as that of
// [Invoice.Explain] is.
func (r Reconciliation) Explain() (string, error) {
	var b strings.Builder
	if r.IsEmpty() {
		return fmt.Sprintf("Everything that was due up to %s was billed correctly.\n", show(r.At, r.zone)), nil
	}
	fmt.Fprintf(&b, "Corrections to what was billed up to %s\n", show(r.At, r.zone))
	for i, line := range r.Lines {
		text, err := line.Explain(r.zone)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d. Not billed before: %s\n", i+1, indent(text))
	}
	for i, c := range r.Corrections {
		text, err := r.explainCorrection(c)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d. %s\n", len(r.Lines)+i+1, indent(text))
	}
	fmt.Fprintf(&b, "Total: %s\n", r.Total)
	explainPayment(&b, r.Total, r.CreditApplied, r.AmountDue, r.Refund)
	return b.String(), nil
}

func (r Reconciliation) explainCorrection(c Correction) (string, error) {
	switch {
	case c.line == nil && c.Was.IsNegative():
		return fmt.Sprintf("A credit of %s should not have been given; corrected to %s: %s", c.Was, c.Is, c.Amount), nil
	case c.line == nil:
		return fmt.Sprintf("A charge of %s should not have been billed; corrected to %s: %s", c.Was, c.Is, c.Amount), nil
	}
	text := fmt.Sprintf("%s was %s and is corrected to %s: %s", c.line.reference(r.zone), c.Was, c.Is, c.Amount)
	if c.Is != c.line.Amount {
		return text, nil
	}
	why, err := c.line.Explain(r.zone)
	return text + "\n" + why, err
}
