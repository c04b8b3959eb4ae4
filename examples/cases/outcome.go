package cases

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/lifecycle"
)

var errNoInvoices = errors.New("there are no invoices to be part of")

// Outcome is what a story led to.
type Outcome struct {
	Invoices    []Invoice          // all that were made, in order
	Statuses    []lifecycle.Status // one for each that the case asks for
	Entitled    []bool             // whether the subscription entitles, one for each status
	NextBilling []Next             // one for each that the case asks for
	Balance     decimal.Decimal    // account credit left at the end
	Allowances  []Allowance        // one for each that the case asks for
	Terms       []Agreed           // one for each that the case asks for

	Grants    map[string]decimal.Decimal // what each has left at the end
	MRR       []decimal.Decimal          // one for each that the case asks for
	Movements []Movement                 // all, if the case asks for them
}

// Invoice is an invoice that was made.
type Invoice struct {
	At            time.Time
	Lines         []Line
	Total         decimal.Decimal // the sum of the lines, before account credit
	CreditApplied decimal.Decimal // positive
	OverCap       decimal.Decimal // what of its usage lies above the spend cap
	Drawn         decimal.Decimal // on grants, less what went back to them
	Due           decimal.Decimal
}

// Line is a line of an invoice that was made. Its To is zero if it is not a period.
type Line struct {
	From, To time.Time
	Amount   decimal.Decimal
}

// Next is the next invoice that would be made. Its At is zero if there is none.
type Next struct {
	At     time.Time
	Amount decimal.Decimal
}

// asksEntitled reports whether some status says whether it entitles.
func (c *Scenario) asksEntitled() bool {
	return slices.ContainsFunc(c.Expect.Statuses, func(s ExpectedStatus) bool { return s.Entitled != nil })
}

// judge compares an outcome with what the case expects and returns the first
// difference.
func (c *Scenario) judge(o Outcome) answer {
	if len(o.Statuses) != len(c.Expect.Statuses) || len(o.Entitled) != len(c.Expect.Statuses) && c.asksEntitled() || len(o.NextBilling) != len(c.Expect.NextBilling) ||
		len(o.Allowances) != len(c.Expect.Allowances) || len(o.MRR) != len(c.Expect.MRR) || len(o.Terms) != len(c.Expect.Terms) {
		return failed("another number of answers", "one for each question")
	}
	if a := c.judgeInvoices(o.Invoices); a.verdict != Passed {
		return a
	}
	for i, want := range c.Expect.Statuses {
		if o.Statuses[i] != want.Status {
			return failed(fmt.Sprintf("status %s at %s", o.Statuses[i], want.At), string(want.Status))
		}
		if want.Entitled != nil && o.Entitled[i] != *want.Entitled {
			return failed(fmt.Sprintf("entitled %t at %s", o.Entitled[i], want.At), strconv.FormatBool(*want.Entitled))
		}
	}
	for i, want := range c.Expect.NextBilling {
		if got := o.NextBilling[i]; !c.sameNext(got, want) {
			return failed(fmt.Sprintf("next billing asked at %s: %s", want.At, c.showNext(got)), c.showExpectedNext(want))
		}
	}
	for i, want := range c.Expect.Allowances {
		if a := c.judgeAllowance(o.Allowances[i], want); a.verdict != Passed {
			return a
		}
	}
	for i, want := range c.Expect.Terms {
		if a := c.judgeTerm(o.Terms[i], want); a.verdict != Passed {
			return a
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.Expect.Grants)) {
		want := c.Expect.Grants[id]
		got, ok := o.Grants[id]
		switch {
		case !ok:
			return failed(fmt.Sprintf("no grant %q", id), c.amount(want))
		case !want.Equal(got):
			return failed(fmt.Sprintf("grant %q: %s", id, c.amount(got)), c.amount(want))
		}
	}
	if a := c.judgeRecurring(o); a.verdict != Passed {
		return a
	}
	if want := c.Expect.Balance; want != nil && !want.Equal(o.Balance) {
		return failed("balance "+c.amount(o.Balance), c.amount(*want))
	}
	return passed()
}

// judgeInvoices compares in order. Where the list is partial, the expected ones
// must occur in their order among the others.
func (c *Scenario) judgeInvoices(got []Invoice) answer {
	want := c.Expect.Invoices
	if want == nil {
		return passed()
	}
	if c.Expect.Partial {
		next := 0
		for i, expected := range want {
			for next < len(got) && !c.sameInvoice(got[next], expected) {
				next++
			}
			if next == len(got) {
				return failed(c.showInvoices(got), fmt.Sprintf("among them, in order, invoice %d: %s", i+1, c.showExpected(expected)))
			}
			next++
		}
		return passed()
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return failed(fmt.Sprintf("%d invoices", i), fmt.Sprintf("invoice %d: %s", i+1, c.showExpected(want[i])))
		case i >= len(want):
			return failed(fmt.Sprintf("invoice %d: %s", i+1, c.showInvoice(got[i])), fmt.Sprintf("%d invoices", i))
		case !c.sameInvoice(got[i], want[i]):
			return failed(fmt.Sprintf("invoice %d: %s", i+1, c.showInvoice(got[i])), c.showExpected(want[i]))
		}
	}
	return passed()
}

func (c *Scenario) sameInvoice(got Invoice, want ExpectedInvoice) bool {
	return got.At.Equal(want.At.In(c.Zone)) &&
		(want.Lines == nil || c.sameLines(got.Lines, want.Lines)) &&
		(want.Total == nil || want.Total.Equal(got.Total)) &&
		(want.OverCap == nil || want.OverCap.Equal(got.OverCap)) &&
		(want.Drawn == nil || want.Drawn.Equal(got.Drawn)) &&
		(want.CreditApplied == nil || want.CreditApplied.Equal(got.CreditApplied)) &&
		(want.Due == nil || want.Due.Equal(got.Due))
}

// sameLines compares two multisets of (from, to, amount).
func (c *Scenario) sameLines(got []Line, want []ExpectedLine) bool {
	if len(got) != len(want) {
		return false
	}
	used := make([]bool, len(got))
	for _, expected := range want {
		found := false
		for i, line := range got {
			if !used[i] && c.sameLine(line, expected) {
				used[i], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

func (c *Scenario) sameLine(got Line, want ExpectedLine) bool {
	if want.To == nil != got.To.IsZero() || want.To != nil && !got.To.Equal(want.To.In(c.Zone)) {
		return false
	}
	return got.From.Equal(want.From.In(c.Zone)) && got.Amount.Equal(want.Amount)
}

func (c *Scenario) sameNext(got Next, want ExpectedNext) bool {
	if want.NextAt == nil {
		return got.At.IsZero()
	}
	return got.At.Equal(want.NextAt.In(c.Zone)) && got.Amount.Equal(*want.Amount)
}

func (c *Scenario) amount(d decimal.Decimal) string { return decimals(d, c.Currency.Digits()) }

func (c *Scenario) showInvoices(invoices []Invoice) string {
	parts := make([]string, len(invoices))
	for i, invoice := range invoices {
		parts[i] = c.showInvoice(invoice)
	}
	return "[" + strings.Join(parts, "; ") + "]"
}

func (c *Scenario) showInvoice(i Invoice) string {
	lines := make([]string, len(i.Lines))
	for j, line := range i.Lines {
		lines[j] = c.showLine(line)
	}
	drawn := ""
	if !i.OverCap.IsZero() {
		drawn = " over_cap " + c.amount(i.OverCap)
	}
	if !i.Drawn.IsZero() {
		drawn += " drawn " + c.amount(i.Drawn)
	}
	return fmt.Sprintf("%s lines [%s] total %s%s credit_applied %s due %s", show(i.At, c.Zone),
		strings.Join(lines, " "), c.amount(i.Total), drawn, c.amount(i.CreditApplied), c.amount(i.Due))
}

func (c *Scenario) showLine(l Line) string {
	to := "null"
	if !l.To.IsZero() {
		to = show(l.To, c.Zone)
	}
	return fmt.Sprintf("(%s %s %s)", show(l.From, c.Zone), to, c.amount(l.Amount))
}

// showExpected writes what an expectation asserts, and no more.
func (c *Scenario) showExpected(e ExpectedInvoice) string {
	s := show(e.At.In(c.Zone), c.Zone)
	if e.Lines != nil {
		lines := make([]string, len(e.Lines))
		for i, line := range e.Lines {
			made := Line{From: line.From.In(c.Zone), Amount: line.Amount}
			if line.To != nil {
				made.To = line.To.In(c.Zone)
			}
			lines[i] = c.showLine(made)
		}
		s += " lines [" + strings.Join(lines, " ") + "]"
	}
	for _, figure := range []struct {
		name  string
		value *decimal.Decimal
	}{{"total", e.Total}, {"over_cap", e.OverCap}, {"drawn", e.Drawn}, {"credit_applied", e.CreditApplied}, {"due", e.Due}} {
		if figure.value != nil {
			s += " " + figure.name + " " + c.amount(*figure.value)
		}
	}
	return s
}

func (c *Scenario) showNext(n Next) string {
	if n.At.IsZero() {
		return "none"
	}
	return c.amount(n.Amount) + " at " + show(n.At, c.Zone)
}

func (c *Scenario) showExpectedNext(e ExpectedNext) string {
	if e.NextAt == nil {
		return "none"
	}
	return c.showNext(Next{At: e.NextAt.In(c.Zone), Amount: *e.Amount})
}
