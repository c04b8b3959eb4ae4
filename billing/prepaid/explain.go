package prepaid

import (
	"fmt"
	"strings"

	"github.com/perennial-billing/perennial/money"
)

// Explain returns in plain sentences what grants paid of the invoice, what went back to them,
// and what is due. It is plain text: whoever shows it elsewhere escapes it.
func (d Drawing) Explain() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "Prepaid credit for the invoice dated %s\n", inside.Show(d.At, d.Zone))
	for i, draw := range d.Draws {
		grant, line := inside.Label("", draw.Grant), inside.Label("", draw.Charge)
		if draw.Amount.IsNegative() {
			back, err := draw.Amount.Neg()
			if err != nil {
				return "", wrap(err)
			}
			fmt.Fprintf(&b, "%d. Returned to grant %s for %s: %s, %s are left\n", i+1, grant, line, back, draw.Left)
			continue
		}
		what := ""
		if draw.Tax {
			what = "tax "
		}
		fmt.Fprintf(&b, "%d. Grant %s pays for %s%s: %s, %s are left\n", i+1, grant, what, line, draw.Amount, draw.Left)
	}
	if len(d.Draws) == 0 {
		b.WriteString("Nothing was drawn.\n")
	}
	for _, part := range []struct {
		what string
		m    money.Money
	}{
		{"Tax that is not owed, since it was paid with the credit", d.Untaxed},
		{"Added to account credit", d.Credited},
		{"To be refunded", d.Refund},
	} {
		if part.m.Sign() != 0 {
			fmt.Fprintf(&b, "%s: %s\n", part.what, part.m)
		}
	}
	fmt.Fprintf(&b, "Left to pay: %s\n", d.AmountDue)
	return b.String(), nil
}
