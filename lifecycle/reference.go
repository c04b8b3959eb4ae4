package lifecycle

import (
	"errors"
	"fmt"
	"strings"
)

// phrases says in words what each bit of a condition means, when it is set and when it is not.
var phrases = []struct {
	bit      word
	yes, not string
}{
	{held, "held", "not held"},
	{closed, "closed", "not closed"},
	{ownPause, "the customer's own pause is remembered", "the customer has no pause of his own"},
	{trialLapsed, "its trial ended under the hold", "its trial did not end under the hold"},
	{renewalOff, "auto-renewal is off", "auto-renewal is on"},
	{endDateSet, "an end date is set", "no end date is set"},
	{suspended, "suspended", "not suspended"},
	{endsByCancel, "it ends by cancel", "it does not end by cancel"},
	{endsByNoRenewal, "it ends by no_renewal", "it does not end by no_renewal"},
	{endsByLength, "it ends by length", "it does not end by length"},
	{endsByEndDate, "it ends by end_date", "it does not end by end_date"},
	{endsBesideCancel, "a cause other than cancel remains", "no cause other than cancel remains"},
	{endsBesideNoRenewal, "a cause other than no_renewal remains", "no cause other than no_renewal remains"},
	{endsBesideLength, "it ends by a cause other than length", "it ends by no cause other than length"},
	{endsBesideEndDate, "a cause other than end_date remains", "no cause other than end_date remains"},
	{cancelScheduled, "a cancel is scheduled", "no cancel is scheduled"},
	{pauseScheduled, "a pause is scheduled", "no pause is scheduled"},
	{resumeScheduled, "a resume is scheduled", "no resume is scheduled"},
	{changeScheduled, "a change is scheduled", "no change is scheduled"},
	{subscriber, "asked by a subscriber", "asked by an operator"},
	{cancelDenied, "the plan denies cancelling", "the plan allows cancelling"},
	{dependentsLive, "dependents are live", "no dependents are live"},
	{immediateCancelDenied, "the plan denies immediate cancels*", "immediate cancels are allowed"},
	{pauseDenied, "the plan denies pausing*", "pausing is allowed"},
	{resumeDenied, "the plan denies resuming*", "resuming is allowed"},
	{quantityLocked, "the quantity is locked*", "the quantity is not locked"},
	{noPeriods, "there are no periods", "there are periods"},
	{trialAhead, "a trial is ahead", "no trial is ahead"},
	{trialUsed, "a trial was used", "no trial was used"},
	{startPassed, "the start date has passed", "the start date has not passed"},
	{periodRenews, "the term binds beyond the period", "the running period is the last"},
	{startAhead, "the agreed start is ahead", "the agreed start has passed"},
	{pausedPeriodPassed, "the period of the pause has passed", "the period of the pause still runs"},
	{endPassed, "an ending has passed", "no ending has passed"},
	{datePast, "the date is past", "the date is not past"},
	{datesInvalid, "the date is before the start", "the date is not before the start"},
	{endsEarly, "the date is before the period's end", "the date is not before the period's end"},
	{endsInPeriod, "the date falls into this period", "the date does not fall into this period"},
	{fallsAfterEnding, "it would come at or after an ending", "it would come before any ending"},
	{replaces, "the call says replace", "the call does not say replace"},
	{changeRepeats, "the same thing is scheduled to change", "nothing of the same is scheduled to change"},
	{clearsEndDate, "the call clears the end date", "the call gives an end date"},
	{creditUnchosen, "a decrease has no credit choice", "no credit choice is missing"},
	{noticeLate, "the notice is late", "the notice is in time"},
}

// Reference returns the table as Markdown, generated from the rules that decide: an overview of which
// action can succeed in which status, and a section for each action with its guards, which come before
// everything else, and what follows in each status. The first line of a status that applies decides. A
// star marks what binds subscribers only. Deterministic.
func Reference() string {
	var b strings.Builder
	b.WriteString("| action |")
	for _, s := range Words[Status]() {
		fmt.Fprintf(&b, " %s |", s)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(Words[Status]())) + "\n")
	for i := range table {
		row := &table[i]
		fmt.Fprintf(&b, "| [%s](#%s) |", row.action, row.action)
		for _, s := range Words[Status]() {
			fmt.Fprintf(&b, " %s |", row.chance(s))
		}
		b.WriteString("\n")
	}
	for i := range table {
		table[i].section(&b)
	}
	return b.String()
}

// chance says in a word whether the action can succeed in a status.
func (r *row) chance(s Status) string {
	refused, allowed := len(r.guards) > 0 || r.operatorOnly, false
	for _, rule := range r.cells()[s.index()] {
		if rule.err != nil {
			refused = true
		} else {
			allowed = true
		}
	}
	switch {
	case !allowed:
		return "no"
	case refused:
		return "if"
	}
	return "yes"
}

// section writes what an action does: its guards, then a line for each thing that may follow in a status.
func (r *row) section(b *strings.Builder) {
	fmt.Fprintf(b, "\n### %s\n\n", r.action)
	if r.operatorOnly {
		fmt.Fprintf(b, "- asked by a subscriber: %s\n", errorName(ErrNotPermitted))
	}
	for _, g := range r.guards {
		fmt.Fprintf(b, "- %s: %s\n", g.condition(), g.then())
	}
	if r.operatorOnly || len(r.guards) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("| status | if | then |\n|---|---|---|\n")
	for _, s := range Words[Status]() {
		name := string(s)
		for i, rule := range r.cells()[s.index()] {
			condition := rule.condition()
			if condition == "" && i > 0 {
				condition = "otherwise"
			}
			fmt.Fprintf(b, "| %s | %s | %s |\n", name, condition, rule.then())
			name = ""
		}
	}
}

// condition says in words when a rule applies; nothing where it always does.
func (r rule) condition() string {
	var conditions []string
	for _, c := range r.when {
		conditions = append(conditions, c.text())
	}
	return strings.Join(conditions, " and ")
}

// then says what follows when it applies.
func (r rule) then() string {
	if r.err != nil {
		return errorName(r.err)
	}
	return r.out.text()
}

// text describes an outcome.
func (o Outcome) text() string {
	var text string
	switch o.Effect {
	case Unchanged:
		return "nothing changes"
	case Recorded:
		text = "stays " + o.To.String()
	case Changed:
		text = "**" + o.To.String() + "**"
	case ByCauses:
		text = "**" + o.To.String() + "** by the causes"
	case ByTrialRule:
		text = "**" + o.To.String() + "** by the trial's rule"
	case Deferred:
		text = "scheduled, " + o.To.String() + " until then"
	case effectEnd:
	}
	if o.Drops == 0 {
		return text
	}
	if o.Drops == scheduledAll {
		return text + " (drops all)"
	}
	return text + " (drops " + o.Drops.String() + ")"
}

// text describes a condition.
func (c condition) text() string {
	var parts []string
	for _, p := range phrases {
		switch {
		case c.bits&p.bit == 0:
		case c.negated:
			parts = append(parts, p.not)
		default:
			parts = append(parts, p.yes)
		}
	}
	if c.negated {
		return strings.Join(parts, " and ")
	}
	return oneOf(parts)
}

// errorName returns the name of a refusal's reason as it is written in Go.
func errorName(err error) string {
	for _, e := range refusals {
		if errors.Is(err, e.err) {
			return "`" + e.name + "`"
		}
	}
	return "`" + err.Error() + "`" // not reached: a test asserts that the list is complete
}
