package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// printTable prints a line for each subscription, in the order of the file.
func printTable(w io.Writer, at time.Time, answers []answered) error {
	var buffer bytes.Buffer
	widest := len("AMOUNT")
	for _, a := range answers {
		widest = max(widest, len(amount(a)))
	}
	t := tabwriter.NewWriter(&buffer, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "ID\tCUSTOMER\tPLAN\tSTATUS\tNEXT BILLING AT\t%*s\tNOTE\n", widest, "AMOUNT")
	for _, a := range answers {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%*s\t%s\n", printable(string(a.sub.ID())), printable(a.customer()),
			printable(planName(a.version())), status(a), when(a.next.At, a.sub.Zone()), widest, amount(a), note(a))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for row := range strings.Lines(buffer.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(row, " \n")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\nAs of %s. To see how an amount is made up: -explain ID\n", when(at, calendar.UTC()))
	return err
}

func status(a answered) string {
	if a.state.Status() == "" {
		return "-" // not sold yet
	}
	return string(a.state.Status())
}

func amount(a answered) string {
	if a.next.At.IsZero() {
		return "-"
	}
	return a.next.Amount.String()
}

// note says what the amount alone would hide.
func note(a answered) string {
	var notes []string
	if a.next.Overdue {
		notes = append(notes, "overdue")
	}
	if a.next.Estimate {
		notes = append(notes, "estimate: usage so far")
	}
	if !a.next.At.IsZero() && a.next.AmountDue != a.next.Amount {
		notes = append(notes, a.next.AmountDue.String()+" after credit")
	}
	if a.state.Held() {
		notes = append(notes, "held")
	}
	if back, ok := a.opens(subscription.Resumed); ok && a.state.Status() == lifecycle.Paused {
		notes = append(notes, "resumes "+when(back, a.sub.Zone()))
	}
	if end, ok := a.opens(subscription.Ended); ok {
		notes = append(notes, "ends "+when(end, a.sub.Zone()))
	}
	return strings.Join(notes, "; ")
}

// opens returns the instant of the next change of a kind, if one is expected.
func (a answered) opens(kind subscription.ChangeKind) (time.Time, bool) {
	for i := a.index() + 1; i < a.sub.Segments(); i++ {
		if opened := a.sub.Segment(i).Opened(); opened.Kind == kind {
			return opened.At, true
		}
	}
	return time.Time{}, false
}

// when writes an instant as the wall clock of the zone shows it, without the seconds
// if there are none.
func when(t time.Time, z calendar.Zone) string {
	if t.IsZero() {
		return "-"
	}
	layout := "2006-01-02 15:04"
	switch {
	case t.Nanosecond() != 0:
		layout += ":05.999999999"
	case t.Second() != 0:
		layout += ":05"
	}
	return t.In(z.Location()).Format(layout + " MST")
}

// on writes an instant for a sentence: its date, and its time unless it is the
// beginning of the day.
func on(t time.Time, z calendar.Zone) string {
	text := t.In(z.Location()).Format("2 January 2006")
	if z.Midnight(t, 0).Equal(t) {
		return text
	}
	_, clock, _ := strings.Cut(when(t, z), " ")
	return text + ", " + clock
}

// until writes the end of a time for a sentence: its last day, or its instant if it
// ends within a day.
func until(t time.Time, z calendar.Zone) string {
	if z.Midnight(t, 0).Equal(t) {
		return on(z.Midnight(t, -1), z)
	}
	return on(t, z)
}

// printable keeps the text of a file from moving the terminal's cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || 0x80 <= r && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

// report is the answer as JSON. Instants are UTC; what there is not is omitted.
type report struct {
	At            time.Time `json:"at"`
	Subscriptions []row     `json:"subscriptions"`
}

// A row says what a list shows of a subscription, and the library's own document of its
// next invoice.
type row struct {
	ID          string              `json:"id"`
	Customer    string              `json:"customer"`
	Plan        string              `json:"plan"`
	Status      lifecycle.Status    `json:"status,omitempty"`
	NextInvoice billing.NextInvoice `json:"next_invoice"`
}

func printJSON(w io.Writer, at time.Time, answers []answered) error {
	r := report{At: at, Subscriptions: make([]row, 0, len(answers))}
	for _, a := range answers {
		r.Subscriptions = append(r.Subscriptions, row{
			ID: string(a.sub.ID()), Customer: a.customer(), Plan: a.version().String(), Status: a.state.Status(), NextInvoice: a.next,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}
