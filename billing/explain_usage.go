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

// explainUsage says how usage was rated: by itself for a whole period, and as a part of
// one count for a period that was cut.
func (l Line) explainUsage(z calendar.Zone) (string, []string, error) {
	if l.table == nil {
		return l.Amount.String(), nil, nil
	}
	d := l.derivation
	count, err := l.explainCount(z)
	if err != nil {
		return "", nil, err
	}
	if d.net.Sign() == 0 && d.before.IsZero() {
		return l.Amount.String(), count, nil
	}
	before := d.net.String()
	if d.over.Sign() != 0 {
		before += fmt.Sprintf(", %s of which lies above the spend cap", d.over)
	}
	all := fmt.Sprintf("%s so far this period: %s; billed before: %s", l.used(), d.owed, before)
	more := []string{all}
	for _, line := range count {
		more = append(more, "  "+line)
	}
	if text := l.netOfDiscounts(); text != "" {
		more = append(more, text)
	}
	return l.Amount.String(), more, nil
}

// appendOverCap explains the line as it would be without the spend cap, and then what lies above that.
func (l *Line) appendOverCap(b []byte, z calendar.Zone) ([]byte, error) {
	o, plain := l.OverCap, *l
	plain.OverCap = nil
	if !o.Billed {
		plain.Amount = o.Usage
		if d := l.derivation; d != nil {
			free := *d
			free.discount = money.Money{} // said below
			plain.derivation = &free
		}
	}
	b, err := plain.appendExplanation(b, z)
	if err != nil {
		return nil, err
	}
	over, how := magnitude(o.Over), "lies"
	if o.Over.IsNegative() {
		how = "lay"
	}
	b = fmt.Appendf(b, "\n%s of it %s above the spend cap of %s", over, how, o.Cap)
	if o.Billed {
		return b, nil
	}
	how = " and is not billed"
	if o.Over.IsNegative() {
		how = " and was not billed"
	}
	b = append(b, how...)
	if left, err := o.Usage.Sub(o.Over); err == nil && left != l.Amount {
		b = append(b, ", what discounts took off is not given back"...)
	}
	return appendMoney(append(b, ": "...), l.Amount), nil
}

// explainCount says how the units so far were rated, with the minimum and the maximum
// that hold for the time so far.
func (l Line) explainCount(z calendar.Zone) ([]string, error) {
	d, c := l.derivation, l.Amount.Currency()
	if !d.term.IsZero() {
		return l.explainTerm(z)
	}
	of, below := d.units, d.units.IsNegative() // a level that was taken off under this price
	if below {
		of = decimal.Decimal{}
	}
	rating, err := l.rating(of)
	if err != nil {
		return nil, err
	}
	exact := rating.Subtotal
	rating.Minimum, rating.Maximum, rating.Amount = nil, nil, exact
	text := rating.String()
	if d.across && (below || !d.unbounded.Equal(exact)) {
		exact = d.unbounded
		text = fmt.Sprintf("%s, counted on from earlier usage in this period: %s %s", l.used(), digits(exact, c), c)
	}
	lines := strings.Split(text, "\n")
	bounds := l.table.Bounds()
	bound := func(b *decimal.Decimal, name string, num int64, exceeds int) {
		if b == nil || d.den <= 0 {
			return
		}
		// exact against b x num/den
		share := b.Mul(decimal.NewFromInt(num))
		if exact.Mul(decimal.NewFromInt(d.den)).Cmp(share) != exceeds {
			return
		}
		if num == d.den {
			lines = append(lines, fmt.Sprintf("%s: %s %s", name, digits(*b, c), c))
			return
		}
		lines = append(lines, fmt.Sprintf("%s for %d/%d of the period: %s x %d/%d%s", name, num, d.den, digits(*b, c), num, d.den,
			equals(share, decimal.NewFromInt(d.den), d.owed)))
	}
	bound(bounds.Minimum, "Raised to the minimum", d.least, -1)
	bound(bounds.Maximum, "Lowered to the maximum", d.most, 1)
	return lines, nil
}

// explainTerm says what the units so far add to what the term has come to.
func (l Line) explainTerm(z calendar.Zone) ([]string, error) {
	d, c := l.derivation, l.Amount.Currency()
	all, err := l.table.Explain(d.counted.Add(d.units))
	if err != nil {
		return nil, err
	}
	before, err := l.table.Explain(d.counted)
	if err != nil {
		return nil, err
	}
	since := show(d.term, z)
	if !all.Subtotal.Sub(before.Subtotal).Equal(d.unbounded) { // other prices, or pauses, came between
		return []string{fmt.Sprintf("%s, counted on from earlier usage since %s: %s %s", l.used(), since, digits(d.unbounded, c), c)}, nil
	}
	lines := strings.Split(all.String(), "\n")
	return append(lines, fmt.Sprintf("Less %s counted before since %s: %s %s", units(d.counted), since, digits(before.Subtotal, c), c)), nil
}

// netOfDiscounts says of a part below zero how much of what discounts left is given back.
func (l Line) netOfDiscounts() string {
	d := l.derivation
	if !l.Amount.IsNegative() || d.discount.Sign() == 0 || d.net.Sign() <= 0 {
		return ""
	}
	net, err := d.net.Add(d.discount)
	if err != nil {
		return ""
	}
	back, err := d.owed.Sub(d.net)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("After discounts %s was billed before: %s x %s/%s%s", net, back.Amount(), net.Amount(), d.net.Amount(),
		equals(back.Decimal().Mul(net.Decimal()), d.net.Decimal(), l.Amount))
}

// rating says how a quantity was rated, or the events that it is the sum of.
func (l *Line) rating(q decimal.Decimal) (plan.Rating, error) {
	if l.Events != nil {
		return l.table.ExplainEvents(*l.Events)
	}
	return l.table.Explain(q)
}

// used says how much was used in the period so far.
func (l Line) used() string {
	switch {
	case l.Events == nil:
		return units(l.derivation.units)
	case l.Events.Events == 1:
		return "1 event"
	}
	return fmt.Sprintf("%d events", l.Events.Events)
}

func units(n decimal.Decimal) string {
	if n.Equal(one) {
		return "1 unit"
	}
	return dec.String(n) + " units"
}

// appendAggregate adds how the quantity of the line came about, where records were read one by
// one.
func (l *Line) appendAggregate(b []byte) []byte {
	if l.Aggregate == nil {
		return b
	}
	return append(append(b, '\n'), l.Aggregate.text(l.Quantity)...)
}

func (g *Aggregate) text(shown decimal.Decimal) string {
	records := number(g.Records, "record")
	divided := dec.String(g.Sum) + "%s / " + dec.String(g.Over) + "%s = " + dec.String(shown)
	switch g.Aggregation {
	case plan.RecordCount:
		return "Counted: " + records
	case plan.UniqueCount:
		return "Counted: " + number(g.Sum.IntPart(), "key") + " in " + records
	case plan.Average:
		if g.Over.IsZero() {
			return "Mean of no records"
		}
		return fmt.Sprintf("Mean of "+records+": "+divided, "", "")
	case plan.WeightedSum, plan.TimeAverage:
		of := " seconds of the whole period"
		if g.Aggregation == plan.TimeAverage {
			of = " seconds that are billed"
		}
		return fmt.Sprintf("Level of "+dec.String(g.Level)+" at the start, "+records+": "+divided, " unit-seconds", of)
	case plan.Sum, plan.Max, plan.Last:
	}
	return string(g.Aggregation)
}

// number writes how many there are of something.
func number(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
