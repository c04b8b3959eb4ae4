package billing

import (
	"fmt"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/dec"
)

// Explain says in plain sentences what the invoice bills and why each line is what
// it is: text that a support person can send to a customer. It never shows
// metadata, contacts or the reason that was noted with a command.
func (inv Invoice) Explain() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "Invoice of %s", inv.show(inv.At))
	if inv.Command > 0 {
		fmt.Fprintf(&b, ", caused by change number %d", inv.Command)
	}
	b.WriteString("\n")
	for i, line := range inv.Lines {
		text, err := line.explain(inv.Zone)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d. %s\n", i+1, strings.ReplaceAll(text, "\n", "\n   "))
	}
	for _, t := range inv.Taxes {
		how := "added to the total"
		if t.Rate.Inclusive {
			how = "held by the lines already"
		}
		fmt.Fprintf(&b, "%s, %s%% of %s: %s, %s.\n", title(t.Rate.Name, t.Rate.ID), dec.String(t.Rate.Percent), t.Base, t.Amount, how)
	}
	fmt.Fprintf(&b, "Total %s, the sum of the lines.\n", inv.Total)
	switch {
	case inv.Refund.Sign() > 0:
		fmt.Fprintf(&b, "%s is paid back.\n", inv.Refund)
	case inv.Total.IsNegative():
		b.WriteString("It is below zero and becomes account credit, which the next invoices use up.\n")
	case inv.CreditApplied.Sign() > 0:
		fmt.Fprintf(&b, "Account credit of %s was used; %s is left to pay.\n", inv.CreditApplied, inv.Due)
	}
	return b.String(), nil
}

func (inv Invoice) show(t time.Time) string { return show(t, inv.Zone) }

// show writes a midnight as its day, and any other instant in full.
func show(t time.Time, z calendar.Zone) string {
	if day := z.Date(t); z.Midnight(day).Equal(t) {
		return day.String()
	}
	return t.In(z.Location()).Format("2006-01-02 15:04:05.999999999 MST")
}

func title(name, id string) string {
	if name != "" {
		return name
	}
	return id
}

// Explain says in plain sentences why the line is what it is; days and times are
// those of the zone.
func (l Line) Explain(z calendar.Zone) (string, error) { return l.explain(z) }

func (l Line) explain(z calendar.Zone) (string, error) {
	var b strings.Builder
	name := title(l.Name, l.Charge)
	span := "on " + show(l.From, z)
	if !l.To.IsZero() {
		span = "from " + show(l.From, z) + " to " + show(l.To, z)
	}
	switch l.Kind {
	case OneOffLine:
		fmt.Fprintf(&b, "%s, a single charge, %s: %s.", name, span, l.Amount)
	case DiscountLine:
		fmt.Fprintf(&b, "Discount %s on %s, %s: %s.", name, l.Of.Charge, span, l.Amount)
	case TaxLine:
		fmt.Fprintf(&b, "Tax %s: %s.", name, l.Amount)
	case CreditLine:
		fmt.Fprintf(&b, "Credit for %s, not used %s: %s.", name, span, l.Amount)
		switch {
		case l.table != nil:
			fmt.Fprintf(&b, "\nIt is %s of the price of the whole period.", l.share())
		case l.Num == l.Den:
			b.WriteString("\nIt gives back all that the line still held.")
		default:
			fmt.Fprintf(&b, "\nIt is %s of what was billed from %s to %s, discounts taken off.", l.share(), show(l.Of.From, z), show(l.Of.To, z))
		}
	default:
		what := "Charge"
		if l.Kind == UsageLine {
			what = "Usage"
		}
		fmt.Fprintf(&b, "%s %s, %s: %s.", what, name, span, l.Amount)
		if l.Kind == ChargeLine && !l.To.IsZero() && l.Num != l.Den {
			fmt.Fprintf(&b, "\nA part of the period: %s of the amount of the whole one.", l.share())
		}
	}
	if l.table != nil {
		rating, err := l.table.Explain(l.Quantity)
		if err != nil {
			return "", wrap(err)
		}
		b.WriteString("\n" + upper(rating.String()))
	}
	if l.Rounding != "" && l.Num != l.Den {
		fmt.Fprintf(&b, "\nRounded once, to the cent of the currency, by the rule %q.", string(l.Rounding))
	}
	return b.String(), nil
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// share writes the fraction in the words of its basis.
func (l Line) share() string {
	switch {
	case l.Basis == calendar.ByDay && l.Den <= 10_000:
		return fmt.Sprintf("%d of %d days", abs(l.Num), l.Den)
	case l.Basis == calendar.ByDay30 && l.Den <= 10_000:
		return fmt.Sprintf("%d of %d days, every month taken as 30,", abs(l.Num), l.Den)
	case l.Basis == calendar.BySecond:
		return fmt.Sprintf("%d of %d seconds", abs(l.Num), l.Den)
	}
	return fmt.Sprintf("%d/%d", abs(l.Num), l.Den)
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
