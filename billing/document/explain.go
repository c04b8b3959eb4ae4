package document

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/perennial-billing/perennial/internal/dec"
)

// Explain returns the document in plain sentences: what it is and what it corrects, how
// each line and each tax came about, and what is due or what became of the amount. It is
// plain text: whoever shows it in HTML or a terminal escapes it. Names are quoted, so that
// none can pass for a line of it.
func (d Document) Explain() (string, error) {
	if err := d.Validate(); err != nil {
		return "", fmt.Errorf("document: explain: %w", err)
	}
	var b strings.Builder
	what := map[Kind]string{Invoice: "Invoice", CreditNote: "Credit note", SupplementaryInvoice: "Supplementary invoice"}[d.Kind]
	switch d.State {
	case Draft:
		fmt.Fprintf(&b, "Draft of: %s\n", strings.ToLower(what))
	case Issued, Corrected:
		fmt.Fprintf(&b, "%s %q of %s\n", what, d.Number, d.Date)
	case Void:
		fmt.Fprintf(&b, "%s %q of %s, void since %s: %q\n", what, d.Number, d.Date, d.Voided, d.Reason)
	}
	for _, r := range d.References {
		what := "Gives back lines of"
		if r.Corrects {
			what = "Corrects"
		}
		fmt.Fprintf(&b, "%s %q of %s: %s with tax\n", what, r.Number, r.Date, r.Amount)
	}
	for i, l := range d.Lines {
		fmt.Fprintf(&b, "%d. %q", i+1, l.Name)
		switch {
		case !l.Last.IsZero():
			fmt.Fprintf(&b, " from %s to %s", l.First, l.Last)
		case !l.First.IsZero():
			fmt.Fprintf(&b, " on %s", l.First)
		}
		fmt.Fprintf(&b, ": %s x %s", dec.String(l.Quantity), dec.String(l.Price))
		if base := dec.String(l.BaseQuantity); base != "1" {
			fmt.Fprintf(&b, " for %s", base)
		}
		for _, a := range l.Allowances {
			fmt.Fprintf(&b, ", less %s (%q)", a.Amount, a.Name)
		}
		fmt.Fprintf(&b, ": %s\n", l.Net)
		if l.Number != "" {
			fmt.Fprintf(&b, "   Of a line of %q\n", l.Number)
		}
		if l.Explanation != "" {
			b.WriteString("   " + strings.ReplaceAll(l.Explanation, "\n", "\n   ") + "\n")
		}
	}
	for _, t := range d.Taxes {
		name := t.Name
		if name == "" {
			name = t.ID
		}
		fmt.Fprintf(&b, "Tax: %q, %s%% of %s: %s", name, dec.String(t.Percent), t.Base, t.Amount)
		if t.Reason != "" {
			b.WriteString(" (" + strconv.Quote(t.Reason) + ")")
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "Total: %s\n", d.Totals.Total)
	if d.Kind == CreditNote {
		return d.explainCredit(&b)
	}
	if d.Totals.Prepaid.Sign() != 0 {
		fmt.Fprintf(&b, "Paid from account credit: %s\n", d.Totals.Prepaid)
	}
	fmt.Fprintf(&b, "Amount due: %s", d.Totals.Due)
	if !d.Due.IsZero() {
		fmt.Fprintf(&b, " by %s (%s)", d.Due, d.Terms)
	}
	b.WriteByte('\n')
	return b.String(), nil
}

// explainCredit says what became of the amount of a credit note.
func (d Document) explainCredit(b *strings.Builder) (string, error) {
	for _, r := range d.References {
		if r.Reduced.Sign() > 0 {
			fmt.Fprintf(b, "Reduces what is open of %q: %s\n", r.Number, r.Reduced)
		}
		if r.Refunded.Sign() > 0 {
			fmt.Fprintf(b, "Refunded of %q: %s\n", r.Number, r.Refunded)
		}
	}
	credit, err := d.AccountCredit()
	if err != nil {
		return "", err
	}
	if credit.Sign() > 0 {
		fmt.Fprintf(b, "Added to the account credit: %s\n", credit)
	}
	return b.String(), nil
}
