package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
)

// afterwards is how many bills after the next one an explanation lists.
const afterwards = 3

var errDisagree = errors.New("the invoice and what was said of it differ")

// explain prints how the next amount comes about, in sentences.
func explain(w io.Writer, a answered) error {
	p := &page{}
	p.heading(a)
	p.status(a)
	if a.next.At.IsZero() {
		p.nothing(a)
	} else if err := p.bill(a); err != nil {
		return fmt.Errorf("explain %q: %w", a.sub.ID(), err)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// page is the text of an explanation.
type page struct{ strings.Builder }

func (p *page) title(name string) { fmt.Fprintf(p, "\n%s\n", name) }

func (p *page) say(format string, args ...any) { fmt.Fprintf(p, "  "+format+"\n", args...) }

func (p *page) heading(a answered) {
	v, id := a.version(), string(a.sub.ID())
	fmt.Fprintf(p, "%s\n", printable(named(a.customer(), id)))
	fmt.Fprintf(p, "Plan: %s, billed %s in %s.\n", printable(named(planName(v), v.String())), every(v.Every()), v.Currency())
	fmt.Fprintf(p, "As of %s.\n", on(a.at, a.sub.Zone()))
}

// bill explains the next invoice and lists those after it.
func (p *page) bill(a answered) error {
	made, err := a.invoices(1 + afterwards)
	if err != nil {
		return err
	}
	inv, rest := made[0], made[1:]
	p.title("Next billing")
	p.say("%s: %s.", on(inv.At, a.sub.Zone()), inv.Total)
	if a.next.Overdue {
		p.say("It is overdue: invoices were made up to %s only.", on(a.checkpoint.ChargedThrough, a.sub.Zone()))
	}
	if a.next.Estimate {
		p.say("It is an estimate: usage that is still to be recorded will be added.")
	}
	if inv.Command > 1 {
		c := a.sub.Command(inv.Command)
		p.say("It follows from change %d, %q of %s.", c.Number, words(c.Action.String()), on(c.At, a.sub.Zone()))
	}
	if g := a.sub.Segment(max(0, a.sub.SegmentAt(inv.At))).Grid(); !g.IsZero() {
		p.say("A period begins %s, counted from %s.", every(g.Interval()), on(g.Anchor(), a.sub.Zone()))
	}
	p.planAmount(a)

	text, err := inv.Explain()
	if err != nil {
		return err
	}
	p.WriteString("\n")
	for line := range strings.Lines(text) {
		p.WriteString(printable(strings.TrimRight(line, "\n")) + "\n")
	}

	p.title("After that, if nothing changes")
	if len(rest) == 0 {
		p.say("No further invoices.")
	}
	for _, next := range rest {
		p.say("%s: %s", on(next.At, a.sub.Zone()), next.Total)
	}
	return nil
}

func (p *page) planAmount(a answered) {
	p.say("A full period at the current quantities, without usage, costs %s.", a.next.PlanAmount)
}

// invoices makes the invoice that the answer speaks of, and up to n of them with those
// that follow.
func (a answered) invoices(n int) ([]billing.Invoice, error) {
	checkpoint := a.checkpoint
	if checkpoint.ChargedThrough.IsZero() {
		// As Next has it: all that fell due by then was billed, and nothing is left.
		_, billed, err := billing.Invoices(a.sub, a.usage, checkpoint, a.at)
		if err != nil {
			return nil, err
		}
		checkpoint = billing.Checkpoint{ChargedThrough: a.at, LastCommand: a.sub.Version(), Redeemed: billed.Redeemed}
	}
	var made []billing.Invoice
	for inv, err := range billing.Forecast(a.sub, a.usage, checkpoint) {
		if err != nil {
			return nil, err
		}
		if made = append(made, inv); len(made) == n {
			break
		}
	}
	// Next makes no invoice; what it says must be what is made.
	if len(made) == 0 || !made[0].At.Equal(a.next.At) || made[0].Total != a.next.Amount || made[0].AmountDue != a.next.AmountDue {
		return nil, errDisagree
	}
	return made, nil
}

// named is a name with the id behind it, or the id alone where it has no other name.
func named(name, id string) string {
	if name == id {
		return id
	}
	return name + " (" + id + ")"
}

// every says an interval in words: "every month", "every 2 weeks".
func every(i calendar.Interval) string {
	switch {
	case i.IsZero():
		return "only when something is done"
	case i.Count() == 1:
		return "every " + string(i.Unit())
	}
	return fmt.Sprintf("every %d %ss", i.Count(), i.Unit())
}

// words makes a word of the engine readable: "in_trial" is "in trial".
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }
