package billing

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Explain says in plain sentences what the invoice bills and why each line is what
// it is: text that a support person can send to a customer. It never shows
// metadata, contacts or the reason that was noted with a command.
func (inv Invoice) Explain() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "Invoice of %s", show(inv.At, inv.Zone))
	if inv.Command > 1 {
		fmt.Fprintf(&b, ", caused by change number %d", inv.Command)
	}
	b.WriteString("\n")
	for i, line := range inv.Lines {
		text, err := line.Explain(inv.Zone)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d. %s\n", i+1, strings.ReplaceAll(text, "\n", "\n   "))
	}
	for _, t := range inv.Taxes {
		how := "added by the lines above"
		switch {
		case t.Rate.Inclusive:
			how = "held by the prices above already"
		case t.Amount.Sign() == 0:
			how = "nothing is added"
		}
		fmt.Fprintf(&b, "%s, %s%% of %s: %s, %s.\n", title(t.Rate.Name, t.Rate.ID), dec.String(t.Rate.Percent), t.Base, t.Amount, how)
	}
	fmt.Fprintf(&b, "Total %s, the sum of the lines.\n", inv.Total)
	settled(&b, inv.Total, inv.CreditApplied, inv.Due, inv.Refund)
	return b.String(), nil
}

// settled says what is left to pay of a total, where it is not all of it.
func settled(b *strings.Builder, total, applied, due, refund money.Money) {
	switch {
	case refund.Sign() > 0:
		fmt.Fprintf(b, "Nothing is to be paid; %s is paid back.\n", refund)
	case total.IsNegative():
		credit, err := total.Neg()
		if err != nil {
			credit = total
		}
		fmt.Fprintf(b, "Nothing is to be paid; %s becomes account credit, which the next invoices use up.\n", credit)
	case applied.Sign() > 0:
		fmt.Fprintf(b, "Account credit of %s was used; %s is left to pay.\n", applied, due)
	}
}

// Explain says in plain sentences why the line is what it is; days and times are
// those of the zone.
func (l Line) Explain(z calendar.Zone) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s: %s.", l.subject(), l.span(z), l.Amount)
	switch l.Kind {
	case CreditLine:
		if l.table == nil {
			b.WriteString(l.billed(z))
			return b.String(), nil
		}
	case DiscountLine:
		b.WriteString(l.discount())
	case TaxLine:
		b.WriteString(l.tax())
	case ChargeLine, UsageLine, OneOffLine:
	}
	if l.table != nil {
		text, err := l.rated(z)
		if err != nil {
			return "", wrap(err)
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// subject says what the line is.
func (l Line) subject() string {
	name := title(l.Name, l.Charge)
	on := ""
	if !l.Percent.IsZero() {
		on = " (" + dec.String(l.Percent) + "%)"
	}
	if l.ground != nil && l.ground.of != "" {
		on += " on " + l.ground.of
	}
	switch l.Kind {
	case ChargeLine:
		if l.To.IsZero() {
			return "Charge " + name + ", due once"
		}
		return "Charge " + name
	case UsageLine:
		return "Usage " + name
	case CreditLine:
		return "Credit for " + name + ", not used"
	case DiscountLine:
		return "Discount " + name + on
	case OneOffLine:
		return "Single charge " + name
	case TaxLine:
		return "Tax " + name + on
	}
	return name
}

func (l Line) span(z calendar.Zone) string {
	if l.To.IsZero() {
		return "on " + show(l.From, z)
	}
	return "from " + show(l.From, z) + " to " + show(l.To, z)
}

// rated says how the price made the amount.
func (l Line) rated(z calendar.Zone) (string, error) {
	rating, err := l.table.Explain(l.Quantity)
	if err != nil {
		return "", err
	}
	if l.Num == 0 {
		return "\nNothing is due for this time.", nil
	}
	c, amount := l.Amount.Currency(), rating.Amount
	text := rating.String()
	if rating.Model == plan.FlatFeeModel && rating.Minimum == nil && rating.Maximum == nil {
		text = fmt.Sprintf("A flat fee of %s %s", digits(amount, c), c)
	}
	text = "\n" + upper(text)
	switch {
	case l.Kind == CreditLine:
		text += fmt.Sprintf("\nGiven back is %s of the present price of a whole period: %s", l.share(z), l.times(amount.Neg()))
	case l.Num != l.Den:
		text += fmt.Sprintf("\nDue is %s of the price of a whole period: %s", l.share(z), l.times(amount))
	case !amount.Equal(l.Amount.Decimal()):
		text += fmt.Sprintf("\nRounded %s to the smallest unit of the currency: %s", l.Rounding, l.Amount)
	}
	return text, nil
}

// billed says what share of a billed line is given back.
func (l Line) billed(z calendar.Zone) string {
	of := fmt.Sprintf("what was billed from %s to %s", show(l.Of.From, z), show(l.Of.To, z))
	switch {
	case l.ground == nil || !l.ground.net.IsValid():
		return "\nGiven back is all that was left of " + of
	case l.ground.capped:
		return fmt.Sprintf("\nGiven back is all that was left of %s, which is less than %s of it", of, l.share(z))
	}
	return fmt.Sprintf("\nGiven back is %s of %s, discounts taken off: %s", l.share(z), of, l.times(l.ground.net.Decimal().Neg()))
}

// discount says what a discount is a percentage or a share of.
func (l Line) discount() string {
	switch {
	case l.ground == nil:
		return ""
	case !l.ground.whole.IsValid():
		return "\n" + l.percent(l.ground.net.Decimal().Neg())
	case l.ground.whole.Minor() == -l.Amount.Minor():
		return fmt.Sprintf("\nA discount of %s", l.ground.whole)
	}
	return fmt.Sprintf("\nThis line's part of a discount of %s", l.ground.whole)
}

// tax says what a tax is a percentage of.
func (l Line) tax() string {
	switch {
	case l.ground == nil:
		return ""
	case l.ground.held:
		return fmt.Sprintf("\n%s%% of %s, the amount without the taxes that it holds", dec.String(l.Percent), l.ground.net)
	}
	return "\n" + l.percent(l.ground.net.Decimal())
}

// times writes the share of an amount as arithmetic: 87.50 x 22/31 = 62.0967…,
// rounded half_up to 62.10.
func (l Line) times(amount decimal.Decimal) string {
	left := fmt.Sprintf("%s x %d/%d", digits(amount, l.Amount.Currency()), abs(l.Num), l.Den)
	return left + l.equals(amount.Mul(decimal.NewFromInt(abs(l.Num))), l.Den)
}

// percent writes a percentage of an amount as arithmetic.
func (l Line) percent(amount decimal.Decimal) string {
	left := fmt.Sprintf("%s x %s%%", digits(amount, l.Amount.Currency()), dec.String(l.Percent))
	return left + l.equals(amount.Mul(l.Percent), 100)
}

// equals ends the arithmetic: num/den, and how it was rounded if it was.
func (l Line) equals(num decimal.Decimal, den int64) string {
	c := l.Amount.Currency()
	places := int32(c.Digits() + 2)
	q, rest := num.QuoRem(decimal.NewFromInt(den), places)
	exact := digits(q, c)
	if !rest.IsZero() {
		exact = q.StringFixed(places) + "…"
	} else if q.Equal(l.Amount.Decimal()) {
		return " = " + exact
	}
	return fmt.Sprintf(" = %s, rounded %s to %s", exact, l.Rounding, l.Amount.Amount())
}

// digits writes an amount with the currency's decimals, or more where it has more.
func digits(d decimal.Decimal, c money.Currency) string {
	text := dec.String(d)
	have := 0
	if i := strings.IndexByte(text, '.'); i >= 0 {
		have = len(text) - i - 1
	}
	return d.StringFixed(int32(max(have, c.Digits())))
}

// share writes the fraction in the words of its basis, where it is one of whole
// days or seconds of one period.
func (l Line) share(z calendar.Zone) string {
	n := abs(l.Num)
	days := int64(z.DaysBetween(l.From, l.To))
	switch {
	case l.Basis == calendar.ByDay && n == days:
		return fmt.Sprintf("%d of %d days", n, l.Den)
	case l.Basis == calendar.ByDay30 && l.Den <= 10_000 && n <= l.Den:
		return fmt.Sprintf("%d of %d days, every month taken as 30,", n, l.Den)
	case l.Basis == calendar.BySecond && n == l.To.Unix()-l.From.Unix():
		return fmt.Sprintf("%d of %d seconds", n, l.Den)
	}
	return fmt.Sprintf("%d/%d", n, l.Den)
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func title(name, id string) string {
	if name != "" {
		return name
	}
	return id
}

// show writes a midnight as its day, and any other instant to the minute, or as far
// as it goes.
func show(t time.Time, z calendar.Zone) string {
	if day := z.Date(t); z.Midnight(day).Equal(t) {
		return day.String()
	}
	local := t.In(z.Location())
	if local.Second() == 0 && local.Nanosecond() == 0 {
		return local.Format("2006-01-02 15:04 MST")
	}
	return local.Format("2006-01-02 15:04:05.999999999 MST")
}

// Explain says in plain sentences what the difference is made of, for the support
// person who asks why something is billed or given back late.
func (r Reconciliation) Explain() (string, error) {
	var b strings.Builder
	if r.IsEmpty() {
		return fmt.Sprintf("All that was due up to %s was billed as it should be.\n", show(r.At, r.zone)), nil
	}
	fmt.Fprintf(&b, "What was billed up to %s differs from what should have been.\n", show(r.At, r.zone))
	for i, line := range r.Lines {
		text, err := line.Explain(r.zone)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d. Not billed so far. %s\n", i+1, strings.ReplaceAll(text, "\n", "\n   "))
	}
	for i, c := range r.Corrections {
		fmt.Fprintf(&b, "%d. Line %s came to %s and should have come to %s: %s.\n", len(r.Lines)+i+1, c.Of, c.Was, c.Is, c.Amount)
	}
	fmt.Fprintf(&b, "Difference %s, the sum of these.\n", r.Total)
	settled(&b, r.Total, r.CreditApplied, r.Due, r.Refund)
	return b.String(), nil
}
