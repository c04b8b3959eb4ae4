package cases

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Proration says what a part of a period costs.
type Proration struct {
	Header
	Amount decimal.Decimal `json:"amount"` // of the whole period, of any precision
	Period Span            `json:"period"`
	Used   Span            `json:"used"`   // must lie inside the period
	Basis  calendar.Basis  `json:"basis"`  // day if omitted
	Sign   string          `json:"sign"`   // credit: the line is negative, and rounded as a negative number
	Expect decimal.Decimal `json:"expect"` // positive in either case
}

func (c *Proration) settle(n strict.Node) []strict.Fault {
	faults := append(c.Header.settle(n), missing(n, "amount", "period", "used", "expect")...)
	if !has(n, "basis") {
		c.Basis = calendar.ByDay
	}
	if has(n, "sign") {
		faults = append(faults, word(n, "sign", &c.Sign, "", "credit")...)
	}
	return faults
}

func (c *Proration) run() answer {
	places := c.Currency.Digits()
	want := decimals(c.Expect, places)
	line, err := c.line()
	if err != nil {
		return refused(err, want)
	}
	got := line.Decimal()
	if c.Sign == "credit" {
		got = got.Neg()
	}
	if !got.Equal(c.Expect) {
		return failed(decimals(got, places), want)
	}
	return passed()
}

// line is the amount of the part, negative for a credit. A flat fee of the whole
// amount is rated and prorated in one step, as an invoice line is.
func (c *Proration) line() (money.Money, error) {
	num, den, err := c.Basis.Fraction(c.Used.In(c.Zone), c.Period.In(c.Zone), c.Zone)
	if err != nil {
		return money.Money{}, err
	}
	if c.Sign == "credit" {
		num = -num
	}
	table, err := plan.CompilePrice(plan.FlatFee{Amount: c.Amount}, c.Currency)
	if err != nil {
		return money.Money{}, err
	}
	return table.RatePart(decimal.NewFromInt(1), num, den, c.Rounding)
}
