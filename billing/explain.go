package billing

import (
	"fmt"
	"strconv"

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
	b, err := inv.appendTotal(make([]byte, 0, 1024))
	if err != nil {
		return "", err
	}
	return string(appendPayment(b, inv.Total, inv.CreditApplied, inv.AmountDue, inv.Refund)), nil
}

// appendTotal appends the explanation up to the total.
func (inv *Invoice) appendTotal(b []byte) ([]byte, error) {
	what := "Invoice dated "
	if inv.Draft {
		what = "Draft of the invoice dated "
	}
	b = append(appendShow(append(b, what...), inv.At, inv.Zone), '\n')
	var err error
	for i := range inv.Lines {
		b = append(strconv.AppendInt(b, int64(i)+1, 10), ". "...)
		from := len(b)
		if b, err = inv.Lines[i].appendExplanation(b, inv.Zone); err != nil {
			return nil, err
		}
		b = append(indented(b, from), '\n')
	}
	for _, t := range inv.Taxes {
		how := "listed above"
		switch {
		case t.Rate.Inclusive:
			how = "already included in the prices above"
		case t.Amount.Sign() == 0:
			how = "nothing is added"
		}
		b = fmt.Appendf(b, "Tax: %s, %s%% of %s: %s (%s)\n", label(t.Rate.Name, t.Rate.ID), dec.String(t.Rate.Percent), t.Base, t.Amount, how)
	}
	return append(appendMoney(append(b, "Total: "...), inv.Total), '\n'), nil
}

// appendPayment says what is due of a total, where it is not all of it.
func appendPayment(b []byte, total, applied, due, refund money.Money) []byte {
	switch {
	case refund.Sign() > 0:
		return fmt.Appendf(b, "Nothing is due. %s will be refunded.\n", refund)
	case total.IsNegative():
		credit, err := total.Neg()
		if err != nil {
			credit = total
		}
		return fmt.Appendf(b, "Nothing is due. %s is added to the account credit and will be used for the next invoices.\n", credit)
	case applied.Sign() > 0:
		return fmt.Appendf(b, "Paid from account credit: %s\nAmount due: %s\n", applied, due)
	}
	return b
}

// Explain returns the difference in plain sentences, for the customer who asks why
// something is billed or credited late. It is plain text, as that of
// [Invoice.Explain] is.
func (r Reconciliation) Explain() (string, error) {
	if r.IsEmpty() {
		return fmt.Sprintf("Everything that was due up to %s was billed correctly.\n", show(r.At, r.zone)), nil
	}
	b := append(appendShow([]byte("Corrections to what was billed up to "), r.At, r.zone), '\n')
	var err error
	for i := range r.Lines {
		b = append(strconv.AppendInt(b, int64(i)+1, 10), ". "...)
		from := len(b)
		if b, err = r.Lines[i].appendExplanation(append(b, "Not billed before: "...), r.zone); err != nil {
			return "", err
		}
		b = append(indented(b, from), '\n')
	}
	for i, c := range r.Corrections {
		text, err := r.explainCorrection(c)
		if err != nil {
			return "", err
		}
		b = append(strconv.AppendInt(b, int64(len(r.Lines)+i)+1, 10), ". "...)
		from := len(b)
		b = append(indented(append(b, text...), from), '\n')
	}
	b = append(appendMoney(append(b, "Total: "...), r.Total), '\n')
	return string(appendPayment(b, r.Total, r.CreditApplied, r.AmountDue, r.Refund)), nil
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
