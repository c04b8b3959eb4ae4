// Lifecycle tells one customer's two years as a timeline: what was asked for, what
// fell due by itself, and what the subscription was in between.
//
//	go run ./examples/lifecycle            the story
//	go run ./examples/lifecycle -mermaid   the states and what leads from one to another
//
// Nothing but the customer's ten or so commands is stored; the rest is derived, in
// the order in which it takes effect.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program: it returns the exit status.
func run(args []string, stdout, stderr io.Writer) int {
	switch {
	case len(args) == 1 && args[0] == "-mermaid":
		fmt.Fprint(stdout, lifecycle.Mermaid())
		return 0
	case len(args) > 0:
		fmt.Fprintln(stderr, "usage: lifecycle [-mermaid]\n\nPrints a customer's story, or the diagram of all states.")
		return 2
	}
	sub, err := story()
	if err == nil {
		err = tell(stdout, sub)
	}
	if err != nil {
		fmt.Fprintln(stderr, "lifecycle:", err)
		return 1
	}
	return 0
}

// tell prints every event up to the end of the story, then the life in segments.
func tell(w io.Writer, sub subscription.Subscription) error {
	fmt.Fprintf(w, "%s\n\n", sub)
	renewals := 0
	for e := range sub.Events(time.Time{}, end.Add(time.Microsecond)) {
		if e.Kind == subscription.Renewed {
			renewals++ // told together: a month like any other
			continue
		}
		if renewals > 0 {
			fmt.Fprintf(w, "            %s\n", times(renewals, "renewal"))
			renewals = 0
		}
		fmt.Fprintf(w, "%s  %s%s\n", e.At.Format("2006-01-02"), what(e), after(e))
	}
	if renewals > 0 {
		fmt.Fprintf(w, "            %s\n", times(renewals, "renewal"))
	}
	fmt.Fprint(w, "\nStatus on selected days\n\n")
	for _, day := range milestones {
		snap, err := sub.At(day)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s  %s\n", day.Format("2006-01-02"), standing(snap))
	}
	return nil
}

// what says what happened, and at whose word.
func what(e subscription.Event) string {
	text := strings.ReplaceAll(string(e.Kind), "_", " ")
	if e.Kind == subscription.Recorded {
		text = strings.ReplaceAll(e.Action.String(), "_", " ")
	}
	if e.Cause != "" {
		text += fmt.Sprintf(" (%s)", e.Cause)
	}
	switch {
	case e.Command == 0:
		text += ", automatically"
	case e.Derived:
		text += fmt.Sprintf(", as command %d of %s requested", e.Command, e.Recorded.Format("2006-01-02"))
	case e.Command > 1:
		text += fmt.Sprintf(", command %d by the %s", e.Command, e.Actor)
	}
	return text
}

// after says what the subscription is then.
func after(e subscription.Event) string {
	text := fmt.Sprintf(": %s, plan %s", e.Status, e.Plan)
	if !e.Period.Start.IsZero() {
		text += fmt.Sprintf(", period to %s", e.Period.End.Format("2006-01-02"))
	}
	if e.Dropped != 0 {
		text += fmt.Sprintf("; dropped: %s", e.Dropped)
	}
	return text
}

// standing sums up a snapshot.
func standing(s subscription.Snapshot) string {
	parts := []string{string(s.State.Status()), fmt.Sprintf("%s seats of %s", s.Quantity, s.Plan)}
	if s.Entitled {
		parts = append(parts, "entitled")
	}
	if !s.AutoRenewal {
		parts = append(parts, "auto-renewal off")
	}
	for _, e := range s.Endings {
		text := "ends"
		if s.State.Status() == lifecycle.Cancelled {
			text = "ended"
		}
		parts = append(parts, fmt.Sprintf("%s on %s (%s)", text, e.At.Format("2006-01-02"), e.Cause))
	}
	for _, x := range s.Scheduled {
		verb := strings.ReplaceAll(x.Action.String(), "_", " ")
		if x.Resumes {
			verb = "resume"
		}
		parts = append(parts, fmt.Sprintf("%s is scheduled for %s", verb, x.At.Format("2006-01-02")))
	}
	return strings.Join(parts, "; ")
}

func times(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
