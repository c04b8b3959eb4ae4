package cases

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/billing/revenue"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
)

// Recognition says in which month how much of a line is earned.
type Recognition struct {
	Header
	Amount decimal.Decimal `json:"amount"` // of the line
	Period Span            `json:"period"`
	By     revenue.By      `json:"by"`     // day if omitted
	Part   revenue.Parts   `json:"part"`   // cumulated (default) or even
	Credit *Reversal       `json:"credit"` // nil: nothing is given back
	Expect Recognised      `json:"expect"`
}

// Reversal is a credit of the line.
type Reversal struct {
	At     Moment          `json:"at"`
	Amount decimal.Decimal `json:"amount"` // positive
}

// Recognised is what is earned in months, in the order in which they are listed.
type Recognised []Earned

// Earned is what is earned in a month.
type Earned struct {
	Month  revenue.Month
	Amount decimal.Decimal
}

// DecodeStrict reads a credit.
func (r *Reversal) DecodeStrict(n strict.Node) []strict.Fault {
	type fields Reversal
	return append(n.Decode((*fields)(r)), missing(n, "at", "amount")...)
}

// DecodeStrict reads an object of amounts by month.
func (r *Recognised) DecodeStrict(n strict.Node) []strict.Fault {
	if n.Kind() != strict.Object {
		return []strict.Fault{n.Faultf(fault.WrongType, "must be an object")}
	}
	var faults []strict.Fault
	for _, name := range n.Names() {
		var e Earned
		if err := e.Month.UnmarshalText([]byte(name)); err != nil || e.Month.IsZero() {
			faults = append(faults, below(n, name, fault.Malformed.Errorf("unknown field: must be a month")))
			continue
		}
		amount, _ := n.Field(name)
		faults = append(faults, amount.Decode(&e.Amount)...)
		*r = append(*r, e)
	}
	if len(n.Names()) == 0 {
		faults = append(faults, n.Faultf(fault.Unusable, "must assert something"))
	}
	return faults
}

func (c *Recognition) settle(n strict.Node) []strict.Fault {
	faults := append(c.Header.settle(n), missing(n, "amount", "period", "expect")...)
	faults = append(faults, word(n, "by", &c.By, revenue.Days, revenue.Words[revenue.By]()...)...)
	return append(faults, word(n, "part", &c.Part, revenue.Cumulated, revenue.Words[revenue.Parts]()...)...)
}

func (c *Recognition) run() answer {
	places := c.Currency.Digits()
	got, err := c.months()
	for _, want := range c.Expect {
		if err != nil {
			return refused(err, decimals(want.Amount, places))
		}
		if earned := got[want.Month]; !earned.Equal(want.Amount) {
			return failed(want.Month.String()+": "+decimals(earned, places), decimals(want.Amount, places))
		}
	}
	return passed()
}

// months is what is earned in each month.
func (c *Recognition) months() (map[revenue.Month]decimal.Decimal, error) {
	amount, err := money.Exact(c.Amount, c.Currency)
	if err != nil {
		return nil, err
	}
	period := c.Period.In(c.Zone)
	line := billing.Line{Kind: billing.ChargeLine, Charge: "line", From: period.Start, To: period.End, Amount: amount}
	lines := []billing.Line{line}
	if c.Credit != nil {
		back, err := money.Exact(c.Credit.Amount.Neg(), c.Currency)
		if err != nil {
			return nil, err
		}
		lines = append(lines, billing.Line{Kind: billing.CreditLine, Charge: "line", From: c.Credit.At.In(c.Zone), To: period.End, Amount: back, Of: line.Ref()})
		if lines[1].To.Before(lines[1].From) {
			lines[1].To = lines[1].From
		}
	}
	s, err := revenue.Recognise(lines, revenue.Method{By: c.By, Parts: c.Part, Zone: c.Zone, Rounding: c.Rounding})
	if err != nil {
		return nil, err
	}
	all := map[revenue.Month]decimal.Decimal{}
	for _, p := range s.Months {
		all[p.Month] = p.Amount.Decimal()
	}
	return all, nil
}

// ExpectedMRR is what recurs a month, asked at an instant.
type ExpectedMRR struct {
	At     Moment          `json:"at"`
	Amount decimal.Decimal `json:"amount"`
	Weeks  revenue.Weeks   `json:"weeks"` // 52/12 (default) or 365/84 a month
}

// ExpectedMovement is a change of what recurs.
type ExpectedMovement struct {
	At     Moment               `json:"at"`
	Kind   revenue.MovementKind `json:"kind"`
	Amount decimal.Decimal      `json:"amount"`
}

// DecodeStrict reads a question.
func (e *ExpectedMRR) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedMRR
	faults := append(n.Decode((*fields)(e)), missing(n, "at", "amount")...)
	return append(faults, word(n, "weeks", &e.Weeks, revenue.Weeks52, revenue.Words[revenue.Weeks]()...)...)
}

// DecodeStrict reads a movement.
func (e *ExpectedMovement) DecodeStrict(n strict.Node) []strict.Fault {
	type fields ExpectedMovement
	faults := append(n.Decode((*fields)(e)), missing(n, "at", "amount")...)
	return append(faults, word(n, "kind", &e.Kind, "", revenue.Words[revenue.MovementKind]()...)...)
}

// recurring asks for what recurs, at each instant by what was known then, and for all
// movements up to the end of the story.
func (s *playing) recurring(out *Outcome) error {
	for _, question := range s.c.Expect.MRR {
		t := question.At.In(s.c.Zone)
		r, err := revenue.MRR(s.at(t), t, question.Weeks)
		if err != nil {
			return err
		}
		out.MRR = append(out.MRR, r.Amount.Decimal())
	}
	if s.c.Expect.Movements == nil {
		return nil
	}
	all, err := revenue.Movements(s.sub, time.Time{}, s.c.Until.In(s.c.Zone), revenue.Weeks52)
	for _, m := range all {
		out.Movements = append(out.Movements, Movement{At: m.At, Kind: m.Kind, Amount: m.Amount.Decimal()})
	}
	return err
}

// Movement is a change of what recurs.
type Movement struct {
	At     time.Time
	Kind   revenue.MovementKind
	Amount decimal.Decimal
}

// judgeRecurring compares what recurs, and how it moved, with what must be.
func (c *Scenario) judgeRecurring(o Outcome) answer {
	for i, want := range c.Expect.MRR {
		if got := o.MRR[i]; !got.Equal(want.Amount) {
			return failed(fmt.Sprintf("MRR at %s: %s", want.At, c.amount(got)), c.amount(want.Amount))
		}
	}
	if c.Expect.Movements == nil {
		return passed()
	}
	var got, want []string
	for _, m := range o.Movements {
		got = append(got, fmt.Sprintf("%s %s %s", show(m.At, c.Zone), m.Kind, c.amount(m.Amount)))
	}
	for _, m := range c.Expect.Movements {
		want = append(want, fmt.Sprintf("%s %s %s", show(m.At.In(c.Zone), c.Zone), m.Kind, c.amount(m.Amount)))
	}
	if a, b := strings.Join(got, ", "), strings.Join(want, ", "); a != b {
		return failed("movements "+a, b)
	}
	return passed()
}
