package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/subscription"
)

// status says what the status is, why, and what is expected.
func (p *page) status(a answered) {
	p.title("Status")
	s := a.state.Status()
	if s == "" {
		p.say("None: it was not sold before %s.", on(a.sub.CreatedAt(), a.sub.Zone()))
	} else {
		p.say("%s: %s", title(words(string(s))), strings.Join(a.reasons(), " "))
	}
	foreseen := a.foreseen()
	if len(foreseen) == 0 {
		return
	}
	p.title("Expected")
	for _, line := range foreseen {
		p.say("%s", line)
	}
}

// reasons are sentences that say why the status is what it is.
func (a answered) reasons() []string {
	seg, zone := a.segment(), a.sub.Zone()
	since := on(a.since(), zone)
	var why []string
	add := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }
	switch a.state.Status() {
	case lifecycle.Future:
		add("it was sold on %s and has not started yet.", on(a.sub.CreatedAt(), zone))
	case lifecycle.InTrial:
		end, _ := seg.Trial()
		add("the trial runs from %s to %s. It is free of charge.", since, until(end, zone))
	case lifecycle.Active, lifecycle.NonRenewing:
		why = append(why, a.running())
	case lifecycle.Paused:
		if a.state.Held() {
			add("on hold by an operator since %s. Nothing is billed while it is on hold.", since)
		} else {
			add("since %s. Nothing is billed while it is paused.", since)
		}
		if _, ok := a.opens(subscription.Resumed); !ok && !a.state.Held() {
			add("No date is set for it to resume.")
		}
	case lifecycle.Cancelled:
		add("it ended on %s (%s).", since, a.cause(seg.Opened()))
		if a.state.Closed() {
			add("It is closed: only an operator can reopen it.")
		}
	}
	return why
}

// running says which period runs, and what follows it.
func (a answered) running() string {
	seg, zone := a.segment(), a.sub.Zone()
	if seg.Grid().IsZero() {
		return "it has no recurring charges."
	}
	// A boundary belongs to the period that begins there.
	period, err := seg.Grid().PeriodAt(a.at)
	if err != nil {
		return "it is running."
	}
	if from := seg.Period().Start; from.After(period.Start) {
		period.Start = from
	}
	text := fmt.Sprintf("the current period runs from %s to %s", on(period.Start, zone), until(period.End, zone))
	if a.state.Status() == lifecycle.Active {
		return text + ". Then it renews."
	}
	return text + ". It is the last one."
}

// since is when what now holds began; notes in between change nothing.
func (a answered) since() time.Time {
	i := a.index()
	for i > 0 && a.sub.Segment(i).Opened().Kind == subscription.Recorded {
		i--
	}
	return a.sub.Segment(i).From()
}

// cause says why an ending ended it, or will.
func (a answered) cause(c subscription.Change) string {
	switch c.Cause {
	case lifecycle.CauseCancel:
		if c.Recorded.Equal(c.At) {
			return "cancelled immediately"
		}
		return fmt.Sprintf("cancellation requested on %s", on(c.Recorded, a.sub.Zone()))
	case lifecycle.CauseNoRenewal:
		return "renewal is switched off"
	case lifecycle.CauseLength:
		return "the term of the plan is over"
	case lifecycle.CauseEndDate:
		return "end date reached"
	}
	return "ended by an operator"
}

// foreseen says what is expected, in one sentence each.
func (a answered) foreseen() []string {
	var lines []string
	for i := a.index() + 1; i < a.sub.Segments(); i++ {
		was, seg := a.sub.Segment(i-1), a.sub.Segment(i)
		if what := a.change(was, seg); what != "" {
			lines = append(lines, on(seg.From(), a.sub.Zone())+": "+what+".")
		}
	}
	return lines
}

func (a answered) change(was, seg subscription.Segment) string {
	opened := seg.Opened()
	switch opened.Kind {
	case subscription.Created, subscription.Recorded:
		return ""
	case subscription.TrialBegan:
		end, _ := seg.Trial()
		return "the trial begins and runs to " + until(end, a.sub.Zone())
	case subscription.Started:
		return "it starts with its first period"
	case subscription.TrialEnded:
		return "the trial ends, and the first period begins"
	case subscription.PhaseBegan:
		return "the next phase of the plan begins"
	case subscription.Changed:
		return changed(was, seg)
	case subscription.Paused:
		return "it is paused"
	case subscription.Resumed:
		return "it resumes"
	case subscription.AnchorSet:
		return "the billing day changes"
	case subscription.Held:
		return "an operator's hold begins"
	case subscription.Released:
		return "an operator's hold ends"
	case subscription.Ended:
		return "it ends (" + a.cause(opened) + ")"
	case subscription.Reactivated:
		return "it is reactivated"
	case subscription.Renewed:
	}
	return words(string(opened.Kind))
}

// changed says what a change of terms changes.
func changed(was, seg subscription.Segment) string {
	if was.Version() != seg.Version() {
		return fmt.Sprintf("the plan changes to %s", seg.Version())
	}
	var parts []string
	for item := range seg.Phase().Charges() {
		if was.SameTerms(seg, item) {
			continue
		}
		if from, to := was.Quantity(item), seg.Quantity(item); !from.Equal(to) {
			parts = append(parts, fmt.Sprintf("the quantity of %q changes from %s to %s", item.ID(), from, to))
		} else {
			parts = append(parts, fmt.Sprintf("the price of %q changes", item.ID()))
		}
	}
	if len(parts) == 0 {
		return "the terms change"
	}
	return strings.Join(parts, ", and ")
}

// nothing says why there is no next billing.
func (p *page) nothing(a answered) {
	p.title("Next billing")
	why := "None."
	switch a.state.Status() {
	case lifecycle.Cancelled:
		why = "None. The subscription has ended."
	case lifecycle.Paused:
		why = "None while it is paused."
	case lifecycle.NonRenewing:
		why = "None. The current period is already billed, and there is no other."
	case lifecycle.InTrial:
		why = "None. The subscription ends with the trial."
	case lifecycle.Future, lifecycle.Active:
		why = "None. Nothing is due by itself."
	}
	p.say(why)
	p.planAmount(a)
}

// title begins a text with a capital letter.
func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
