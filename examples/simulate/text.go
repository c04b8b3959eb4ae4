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
	"github.com/perennial-billing/perennial/internal/dec"
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
		at = max(at, len(t.when(h.At)))
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
		fmt.Fprintf(b, "  %-*s  %*s %s%s\n", at, t.when(h.At), number, action, t.words(h), status)
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
		return s + ", paid back"
	case x.Total.IsNegative():
		return s + ", kept as account credit"
	case x.CreditApplied.Sign() > 0:
		return s + ", of which " + x.CreditApplied.String() + " from account credit, due " + x.AmountDue.String()
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
		fmt.Fprintf(b, "  Invoice %d of %s\n", i+1, t.when(x.At))
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
		fmt.Fprintf(b, "  %*s  %s\n", widest+2, number(line.Amount), t.what(line))
		reasons, err := t.reasons(line)
		if err != nil {
			return err
		}
		for _, reason := range reasons {
			fmt.Fprintf(b, "  %*s    %s\n", widest+2, "", reason)
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

// what names a line and its span.
func (t *telling) what(l billing.Line) string {
	s := string(l.Kind) + " " + l.Charge
	switch l.Kind {
	case billing.OneOffLine:
		s = "single charge"
	case billing.CreditLine:
		s = "credit for " + l.Charge
	case billing.DiscountLine:
		s = "discount on " + l.Of.Charge
		if l.Of.Kind == billing.OneOffLine {
			s = "discount on the single charge"
		}
	case billing.ChargeLine, billing.UsageLine, billing.TaxLine:
	}
	if l.To.IsZero() {
		return s + ", on " + t.when(l.From)
	}
	return s + ", " + t.when(l.From) + " to " + t.when(l.To)
}

// reasons says why a line is what it is: what the engine says of it beyond its
// name, its span and its amount, and which action it goes back to.
func (t *telling) reasons(l billing.Line) ([]string, error) {
	text, err := l.Explain(t.Zone)
	if err != nil {
		return nil, err
	}
	var list []string
	if a := t.actionOf(l.Command); a > 0 {
		list = append(list, fmt.Sprintf("by action %d: %s", a, t.asked(t.Actions[a-1].Verb)))
	}
	_, why, _ := strings.Cut(text, "\n")
	if why == "" {
		return list, nil
	}
	return append(list, short(strings.Split(why, "\n"))...), nil
}

// short writes a calculation of one step, which is a line for what is priced, one for
// the step and one for the amount, as one line.
func short(lines []string) []string {
	for i := 2; i < len(lines); i++ {
		amount, ok := strings.CutPrefix(lines[i], "  amount: ")
		if !ok || strings.HasPrefix(lines[i-2], " ") || !strings.HasPrefix(lines[i-1], "  ") {
			continue
		}
		step := strings.TrimSpace(lines[i-1])
		if number, _, _ := strings.Cut(amount, " "); step != number && !strings.HasSuffix(step, " "+number) {
			step += ", " + amount
		}
		return slices.Concat(lines[:i-2], []string{lines[i-2] + ": " + step}, lines[i+1:])
	}
	return lines
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
	fmt.Fprintf(b, "\nIN THE END, on %s\n", t.when(t.played.Until))
	row := func(name, format string, args ...any) {
		fmt.Fprintf(b, "  %-15s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("status", "%s", t.end.State.Status())
	name := t.end.Plan.ID
	if t.end.Phase != "" {
		name += ", " + t.end.Phase
	}
	row("plan", "%s", name)
	row("quantity", "%s", dec.String(t.end.Quantity))
	var ids []string
	for id := range t.end.Quantities {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		row("", "%s of %s", dec.String(t.end.Quantities[id]), id)
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
			s += ", of which " + t.next.AmountDue.String() + " due"
		}
		if t.next.Estimate {
			s += " (by the usage so far)"
		}
		row("next billing", "%s", s)
	}
	row("account credit", "%s", t.credit())
	row("billed in all", "%s", t.billed)
	row("due in all", "%s", t.due)
	if t.refunded.Sign() > 0 {
		row("paid back", "%s", t.refunded)
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
