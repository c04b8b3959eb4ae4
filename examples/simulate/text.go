package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/money"
)

const width = 100 // of a line that is broken

// printText prints a story for people.
func printText(w io.Writer, t telling) error {
	var b bytes.Buffer
	t.heading(&b)
	t.printTimeline(&b)
	if err := t.printInvoices(&b); err != nil {
		return err
	}
	t.printEnd(&b)
	for line := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(w, printable(strings.TrimRight(line, " \n"))); err != nil {
			return err
		}
	}
	return nil
}

func (t *telling) heading(b *bytes.Buffer) {
	title := t.ID
	if title == "" {
		title = "A story"
	}
	fmt.Fprintf(b, "%s\n%s\n", title, strings.Repeat("=", len([]rune(title))))
	for _, line := range broken(t.Note, width) {
		fmt.Fprintln(b, line)
	}
	fmt.Fprintf(b, "\nAmounts in %s, days and times of %s.\n", t.Currency, t.Zone.Name())
}

func (t *telling) printTimeline(b *bytes.Buffer) {
	fmt.Fprintf(b, "\nTIMELINE\n")
	at, number := 0, 0
	for _, h := range t.timeline {
		at = max(at, len(t.stamp(h.At)))
		if h.action > 0 {
			number = max(number, len(fmt.Sprint(h.action))+1)
		}
	}
	for _, h := range t.timeline {
		action := ""
		if h.action > 0 && !h.Derived {
			action = fmt.Sprintf("%d.", h.action)
		}
		status := ""
		if h.turned {
			status = " [" + string(h.Status) + "]"
		}
		fmt.Fprintf(b, "  %-*s  %*s %s%s\n", at, t.stamp(h.At), number, action, t.words(h), status)
		for _, n := range h.bills {
			fmt.Fprintf(b, "  %*s  -> invoice %d: %s\n", at+number+1, "", n, outcome(t.played.Invoices[n-1]))
		}
	}
}

// outcome says what an invoice amounts to.
func outcome(x billing.Invoice) string {
	s := x.Total.String()
	switch {
	case x.Refund.Sign() > 0:
		return s + ", refunded"
	case x.Total.IsNegative():
		return s + ", added to account credit"
	case x.CreditApplied.Sign() > 0:
		return s + ", " + x.CreditApplied.String() + " of it paid from account credit, " + x.AmountDue.String() + " due"
	}
	return s + " due"
}

func (t *telling) printInvoices(b *bytes.Buffer) error {
	fmt.Fprintf(b, "\nINVOICES\n")
	if len(t.played.Invoices) == 0 {
		fmt.Fprintln(b, "  none")
	}
	for i, x := range t.played.Invoices {
		if i > 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "  Invoice %d, %s\n", i+1, t.when(x.At))
		if err := t.printLines(b, x); err != nil {
			return err
		}
	}
	return nil
}

func (t *telling) printLines(b *bytes.Buffer, x billing.Invoice) error {
	type sum struct {
		amount money.Money
		name   string
	}
	sums := []sum{{x.Total, "total"}}
	if x.CreditApplied.Sign() > 0 {
		applied, err := x.CreditApplied.Neg()
		if err != nil {
			return err
		}
		sums = append(sums, sum{applied, "account credit used"}, sum{x.AmountDue, "due"})
	}
	widest := 0
	for _, s := range sums {
		widest = max(widest, len(number(s.amount)))
	}
	for _, line := range x.Lines {
		widest = max(widest, len(number(line.Amount)))
	}
	for _, line := range x.Lines {
		list, err := t.explained(line)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "  %*s  %s\n", widest+2, number(line.Amount), list[0])
		for _, more := range list[1:] {
			fmt.Fprintf(b, "  %*s    %s\n", widest+2, "", more)
		}
	}
	fmt.Fprintf(b, "  %*s\n", widest+2, strings.Repeat("-", widest))
	for _, s := range sums {
		fmt.Fprintf(b, "  %*s  %s\n", widest+2, number(s.amount), s.name)
	}
	return nil
}

// number writes an amount without its currency.
func number(m money.Money) string {
	return m.Decimal().StringFixed(int32(m.Currency().Digits()))
}

// explained is what the engine says of a line, its amount left out where nothing
// leads to it, and behind the first line which action it goes back to.
func (t *telling) explained(l billing.Line) ([]string, error) {
	text, err := l.Explain(t.Zone)
	if err != nil {
		return nil, err
	}
	list := strings.Split(text, "\n")
	list[0] = strings.TrimSuffix(list[0], ": "+l.Amount.String())
	a := t.actionOf(l.Command)
	if a == 0 {
		return list, nil
	}
	action := fmt.Sprintf("by action %d", a)
	if l.Kind != billing.DiscountLine { // how long a discount lasts is in the timeline
		action += ": " + t.asked(t.Actions[a-1].Verb)
	}
	return slices.Insert(list, 1, action), nil
}

// actionOf returns the action that became a command, from 1; 0 for none.
func (t *telling) actionOf(command int) int {
	for i, number := range t.played.Commands {
		if number > 0 && number == command {
			return i + 1
		}
	}
	return 0
}

func (t *telling) printEnd(b *bytes.Buffer) {
	fmt.Fprintf(b, "\nAT THE END, on %s\n", t.when(t.played.Until))
	row := func(name, format string, args ...any) {
		fmt.Fprintf(b, "  %-15s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("status", "%s", t.end.State.Status())
	name := t.end.Plan.ID
	if t.end.Phase != "" {
		name += ", " + t.end.Phase
	}
	row("plan", "%s", name)
	row("quantity", "%s", t.end.Quantity.String())
	var ids []string
	for id := range t.end.Quantities {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		row("", "%s of %s", t.end.Quantities[id].String(), id)
	}
	if !t.end.Period.Start.IsZero() && t.end.Billable {
		row("period", "%s", t.span(t.end.Period))
	}
	if at := t.endsAt(); !at.IsZero() {
		row("ends", "%s", t.when(at))
	}
	switch {
	case t.next.At.IsZero():
		row("next billing", "none")
	default:
		s := t.when(t.next.At) + ", " + t.next.Amount.String()
		if t.next.AmountDue != t.next.Amount {
			s += ", " + t.next.AmountDue.String() + " of it due"
		}
		if t.next.Estimate {
			s += " (based on usage so far)"
		}
		row("next billing", "%s", s)
	}
	row("account credit", "%s", t.credit())
	row("total billed", "%s", t.billed)
	row("total due", "%s", t.due)
	if t.refunded.Sign() > 0 {
		row("refunded", "%s", t.refunded)
	}
}

// endsAt returns the instant at which the subscription is expected to end; zero if it is not.
func (t *telling) endsAt() time.Time {
	for _, e := range t.end.Endings {
		if e.At.After(t.played.Until) {
			return e.At
		}
	}
	return time.Time{}
}

// credit is the account credit that is left.
func (t *telling) credit() money.Money {
	if c := t.played.Checkpoint.CreditBalance; c.IsValid() {
		return c
	}
	return money.FromMinor(0, t.Currency)
}

// broken breaks a text at spaces into lines of at most a number of runes.
func broken(text string, width int) []string {
	var lines []string
	for word := range strings.FieldsSeq(text) {
		last := len(lines) - 1
		if last < 0 || len([]rune(lines[last]))+1+len([]rune(word)) > width {
			lines = append(lines, word)
			continue
		}
		lines[last] += " " + word
	}
	return lines
}
