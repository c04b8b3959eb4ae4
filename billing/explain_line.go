package billing

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Explain returns what the line is for and how its amount was calculated: one line
// of plain text, and further ones where there is more to say. Dates and times are those
// of the zone; a span of days is given with its last day. See [Invoice.Explain] for what
// it never shows.
func (l Line) Explain(z calendar.Zone) (string, error) {
	b, err := l.appendExplanation(make([]byte, 0, 256), z)
	return string(b), err
}

func (l *Line) appendExplanation(b []byte, z calendar.Zone) ([]byte, error) {
	if l.OverCap != nil && l.Kind == UsageLine {
		return l.appendOverCap(b, z)
	}
	b = append(b, l.subject()...)
	if l.Kind != TaxLine || !l.To.IsZero() {
		b = l.appendSpan(append(b, ", "...), z)
	}
	b = append(b, ": "...)
	if l.table != nil && (l.Kind == ChargeLine && l.Num != 0 && !l.isPart() || l.Kind == UsageLine && l.derivation == nil) {
		rating, err := l.rating(l.Quantity)
		if err != nil {
			return nil, wrap(err)
		}
		return l.appendIncreases(l.appendAggregate(l.appendRating(b, &rating))), nil
	}
	how, more, err := l.explainAmount(z)
	if err != nil {
		return nil, wrap(err)
	}
	b = append(b, how...)
	for _, line := range more {
		b = append(append(b, '\n'), line...)
	}
	return l.appendIncreases(l.appendAggregate(b)), nil
}

// appendIncreases says how often the price had increased by itself.
func (l *Line) appendIncreases(b []byte) []byte {
	switch l.Increases {
	case 0:
		return b
	case 1:
		return append(b, "\nThe price has increased once."...)
	}
	return fmt.Appendf(b, "\nThe price has increased %d times.", l.Increases)
}

// subject says what the line is for.
func (l *Line) subject() string {
	name := titled(label(l.Name, l.Charge), l.Dimensions)
	switch l.Kind {
	case ChargeLine:
		if l.To.IsZero() {
			return name + ", one-time charge"
		}
	case UsageLine:
		return "Usage of " + name
	case CreditLine:
		return "Unused " + name
	case DiscountLine:
		return name + ", " + l.off()
	case OneOffLine:
		return name + ", one-off charge"
	case TrueUpLine:
		return "Minimum spend"
	case OverageLine:
		return "Spend above the minimum"
	case TaxLine:
		name += " (" + dec.String(l.Percent) + "%)"
		if of := l.of(); of != "" {
			name += " on " + of
		}
	}
	return name
}

// off says what a discount takes off which line.
func (l Line) off() string {
	of, d := l.of(), l.derivation
	if !l.Percent.IsZero() {
		return strings.TrimSuffix(dec.String(l.Percent)+"% off "+of, " ")
	}
	if d == nil || !d.whole.IsValid() {
		return strings.TrimSuffix("discount on "+of, " on ")
	}
	each := ""
	if d.den != 0 {
		each = " per billing cycle"
	}
	if l.isShared() {
		return d.whole.String() + " off" + each + ", share of " + of
	}
	return d.whole.String() + " off " + of + each
}

// isShared reports whether other lines have a share in a fixed discount, or might have
// had one.
func (l Line) isShared() bool {
	d := l.derivation
	off, err := d.whole.Prorate(max(d.num, 1), max(d.den, 1), l.Rounding)
	return !d.capped && (err != nil || off != magnitude(l.Amount)) && magnitude(l.Amount) != d.net
}

// of names the line that a discount or a tax refers to.
func (l Line) of() string {
	switch {
	case l.derivation != nil && l.derivation.of != "":
		return printable(l.derivation.of)
	case l.Of.Charge != "":
		return printable(l.Of.Charge)
	}
	return ""
}

func (l *Line) appendSpan(b []byte, z calendar.Zone) []byte {
	kind, basis := l.Kind, l.Basis
	if kind == DiscountLine || kind == TaxLine {
		kind = l.Of.Kind
		if l.derivation != nil {
			basis = l.derivation.basis
		}
	}
	// Usage is not counted by days: at its ends the time matters.
	return appendSpan(b, l.From, l.To, kind != UsageLine && (basis == calendar.ByDay || basis == calendar.ByDay30), z)
}

// reference names the line in a sentence.
func (l Line) reference(z calendar.Zone) string {
	name, what := titled(label(l.Name, l.Charge), l.Dimensions), ""
	switch l.Kind {
	case ChargeLine:
		what = "charge for " + name
	case UsageLine:
		what = "usage of " + name
	case CreditLine:
		what = "credit for unused " + name
	case DiscountLine:
		what = "discount " + name
	case OneOffLine:
		what = "one-off charge " + name
	case TrueUpLine:
		what = "true-up to the minimum"
	case OverageLine:
		what = "overage above the minimum"
	case TaxLine:
		what = "tax " + name
	}
	if of := l.of(); of != "" && (l.Kind == DiscountLine || l.Kind == TaxLine) {
		what += " on " + of
	}
	return "The " + what + ", " + string(l.appendSpan(nil, z)) + ","
}

// explainAmount says how the amount was calculated: in a few words that end in it, and
// in further lines.
func (l Line) explainAmount(z calendar.Zone) (how string, more []string, err error) {
	switch l.Kind {
	case ChargeLine:
		return l.explainCharge(z)
	case UsageLine:
		return l.explainUsage(z)
	case CreditLine:
		return l.explainCredit(z)
	case DiscountLine:
		how, more = l.explainDiscount(z)
		return how, more, nil
	case TaxLine:
		how, more = l.explainTax()
		return how, more, nil
	case TrueUpLine, OverageLine:
		return l.explainSpend(z), nil, nil
	case OneOffLine:
	}
	return l.Amount.String(), nil, nil
}

// explainSpend says what a period owes of its minimum, and what it came to.
func (l Line) explainSpend(z calendar.Zone) string {
	d, word := l.derivation, "true-up "
	if l.Kind == OverageLine {
		word = "overage "
	}
	if d == nil || !d.owed.IsValid() {
		return word + l.Amount.String()
	}
	text := "minimum " + d.owed.String()
	if d.whole.IsValid() && d.whole != d.owed && !d.net.IsValid() {
		text += ", for " + l.share(z, "a whole period") + " of " + d.whole.String()
	}
	text += ", billed " + d.gross.String()
	if l.Kind == OverageLine {
		text += fmt.Sprintf(", %s%% more for what exceeds it", dec.String(l.Percent))
	}
	if d.net.IsValid() {
		text += fmt.Sprintf(", less %s of it billed before", d.net)
	}
	return text + ", " + word + l.Amount.String()
}

func (l Line) explainCharge(z calendar.Zone) (string, []string, error) {
	switch {
	case l.table == nil:
		return l.Amount.String(), nil, nil
	case l.Num == 0:
		return "no charge, " + l.Amount.String(), nil, nil
	}
	rating, err := l.table.Explain(l.Quantity)
	if err != nil {
		return "", nil, err
	}
	return "for " + l.share(z, "a whole period") + ", " + l.times(rating.Amount), wholePeriod(rating), nil
}

// appendRating says how a price made the whole amount.
func (l *Line) appendRating(b []byte, r *plan.Rating) []byte {
	switch text := calculation(*r); {
	case text == "":
		b = append(append(appendMoney(b, l.Amount), '\n'), r.String()...)
		if !is(r.Amount, l.Amount) {
			b = appendMoney(append(b, "\nRounded to "...), l.Amount)
		}
		return b
	case r.Model == plan.FlatFeeModel && is(r.Amount, l.Amount):
		return appendMoney(b, l.Amount)
	default:
		return append(append(b, text...), equals(r.Amount, one, l.Amount)...)
	}
}

var one = decimal.NewFromInt(1)

// calculation is the calculation of a price that needs no more than a few words; empty
// for others.
func calculation(r plan.Rating) string {
	if r.Minimum != nil || r.Maximum != nil || len(r.Steps) != 1 || !r.FreeUnits.IsZero() {
		return ""
	}
	switch r.Model {
	case plan.FlatFeeModel:
		return digits(r.Amount, r.Currency)
	case plan.PerUnitModel:
		return dec.String(r.Units) + " x " + digits(r.Steps[0].UnitAmount, r.Currency)
	case plan.PercentageModel:
		return percentOf(r.Steps[0].UnitAmount, r.Units, r.Currency)
	case plan.VolumeModel, plan.TieredModel, plan.PackageModel, plan.StairstepModel, plan.GraduatedPercentageModel, plan.MatrixModel:
	}
	return ""
}

// percentOf writes what a share takes of an amount, as a plan's own explanation does.
func percentOf(share, amount decimal.Decimal, c money.Currency) string {
	return dec.String(dec.Mul(share, decimal.NewFromInt(100))) + "% of " + digits(amount, c)
}

// wholePeriod says how the price of a whole period was calculated.
func wholePeriod(r plan.Rating) []string {
	switch text := calculation(r); {
	case text == "":
		return []string{"Price of a whole period:", "  " + strings.ReplaceAll(r.String(), "\n", "\n  ")}
	case r.Model == plan.FlatFeeModel:
		return nil
	}
	return []string{"Price of a whole period: " + r.String()}
}

// isPart reports whether the line is a share other than all.
func (l Line) isPart() bool { return l.Den > 0 && abs(l.Num) != l.Den }

// share writes the fraction in the words of its basis, if it consists of whole days
// or seconds of one period.
func (l Line) share(z calendar.Zone, of string) string {
	n := abs(l.Num)
	switch {
	case n > l.Den:
	case l.Basis == calendar.ByDay && n == int64(z.DaysBetween(l.From, l.To)):
		return fmt.Sprintf("%d of %d days", n, l.Den)
	case l.Basis == calendar.ByDay30 && l.Den <= 10_000:
		return fmt.Sprintf("%d of %d days (months of 30 days)", n, l.Den)
	case l.Basis == calendar.BySecond && n == l.To.Unix()-l.From.Unix():
		return fmt.Sprintf("%d of %d seconds", n, l.Den)
	}
	return fmt.Sprintf("%d/%d of %s", n, l.Den, of)
}

// times writes the share of an amount as arithmetic: 87.50 x 22/31 = 62.10 EUR.
func (l Line) times(amount decimal.Decimal) string {
	n := abs(l.Num)
	left := fmt.Sprintf("%s x %d/%d", digits(amount, l.Amount.Currency()), n, l.Den)
	return left + equals(amount.Mul(decimal.NewFromInt(n)), decimal.NewFromInt(l.Den), l.Amount)
}

// percent writes a percentage of an amount as arithmetic.
func (l Line) percent(amount decimal.Decimal) string {
	left := fmt.Sprintf("%s x %s%%", digits(amount, l.Amount.Currency()), dec.String(l.Percent))
	return left + equals(amount.Mul(l.Percent), decimal.NewFromInt(100), l.Amount)
}

func (l Line) explainCredit(z calendar.Zone) (string, []string, error) {
	if l.table != nil {
		return l.explainListCredit(z)
	}
	d, how := l.derivation, "credit"
	switch {
	case d == nil && l.isPart():
		return how + " for " + l.share(z, "the charge") + ", " + l.Amount.String(), nil, nil
	case d == nil:
		return how + ", " + l.Amount.String(), nil, nil
	case d.capped:
		how += " for " + l.share(z, "the charge") + ", but no more than is left, " + l.Amount.String()
	case d.net.IsValid() && l.isPart():
		how += " for " + l.share(z, "the charge") + ", " + l.times(d.net.Decimal().Neg())
	case l.Amount.Decimal().Neg().Equal(d.gross.Decimal().Add(d.discount.Decimal())):
		how += " in full, " + l.Amount.String()
	default:
		how += " for all that is left, " + l.Amount.String()
	}
	return how, l.billedBefore(z), nil
}

// explainListCredit says what a credit by the current price is a share of.
func (l Line) explainListCredit(z calendar.Zone) (string, []string, error) {
	rating, err := l.table.Explain(l.Quantity)
	if err != nil {
		return "", nil, err
	}
	how := "credit for " + l.share(z, "a whole period") + " at the current price, "
	if !l.isPart() {
		how = "credit for a whole period at the current price, "
	}
	switch {
	case l.derivation != nil && l.derivation.capped:
		return how + "but no more than is left, " + l.Amount.String(), append(wholePeriod(rating), l.billedBefore(z)...), nil
	case l.isPart():
		return how + l.times(rating.Amount.Neg()), wholePeriod(rating), nil
	}
	return how + l.Amount.String(), wholePeriod(rating), nil
}

// billedBefore says what was billed for the line that is credited.
func (l Line) billedBefore(z calendar.Zone) []string {
	d := l.derivation
	if d == nil || !d.gross.IsValid() {
		return nil
	}
	byDay := l.Basis == calendar.ByDay || l.Basis == calendar.ByDay30
	text := fmt.Sprintf("%s was billed for %s", d.gross, appendSpan(nil, l.Of.From, l.Of.To, byDay, z))
	if d.discount.Sign() < 0 {
		text = fmt.Sprintf("%s, less discounts of %s", text, magnitude(d.discount))
	}
	if left := magnitude(l.Amount); d.capped {
		text += fmt.Sprintf("; %s of it was left", left)
	}
	return []string{text}
}

// magnitude is an amount without its sign.
func magnitude(m money.Money) money.Money {
	if minus, err := m.Neg(); m.IsNegative() && err == nil {
		return minus
	}
	return m
}

func (l Line) explainDiscount(z calendar.Zone) (string, []string) {
	d := l.derivation
	switch {
	case d == nil:
		return l.Amount.String(), nil
	case !d.whole.IsValid():
		return l.percent(d.net.Decimal().Neg()), nil
	}
	part := l
	part.Num, part.Den, part.Basis = max(d.num, 1), max(d.den, 1), d.basis
	days := part.share(z, "the period")
	switch {
	case d.capped && part.isPart():
		return l.Amount.String(), []string{fmt.Sprintf("For %s; the rest of the %s for this billing cycle was already used", days, d.whole)}
	case d.capped:
		return l.Amount.String(), []string{fmt.Sprintf("The rest of the %s for this billing cycle was already used", d.whole)}
	case l.isShared() && part.isPart():
		return l.Amount.String(), []string{"For " + days}
	case l.isShared():
		return l.Amount.String(), nil
	case magnitude(l.Amount) == d.net:
		return l.Amount.String(), []string{"No more than the amount of the line"}
	case part.isPart():
		return "for " + days + ", " + part.times(d.whole.Decimal().Neg()), nil
	}
	return l.Amount.String(), nil
}

func (l Line) explainTax() (string, []string) {
	d := l.derivation
	switch {
	case d == nil || !d.net.IsValid():
		return l.Amount.String(), nil
	case d.shared:
		return l.Amount.String(), []string{fmt.Sprintf("%s%% of %s, rounded together with the tax that was credited before", dec.String(l.Percent), d.net)}
	case d.held:
		return l.Amount.String(), []string{fmt.Sprintf("%s%% of %s, the amount without included taxes", dec.String(l.Percent), d.net)}
	}
	return l.percent(d.net.Decimal()), nil
}
