package main

import (
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// answer is an entry with what the engine says of it at an instant.
type answered struct {
	entry
	at    time.Time
	state lifecycle.State
	next  billing.NextInvoice
}

// ask asks for every entry. What cannot be answered is a fault of the file.
func (b book) ask() ([]answered, []string) {
	answers := make([]answered, 0, len(b.entries))
	var faults []string
	for _, e := range b.entries {
		a := answered{entry: e, at: b.at}
		var err error
		if a.state, err = e.sub.State(b.at); err == nil {
			a.next, err = billing.Next(e.sub, e.usage, e.checkpoint, b.at)
		}
		if err != nil {
			faults = append(faults, listed(b.file, e.path, err)...)
			continue
		}
		answers = append(answers, a)
	}
	return answers, faults
}

// find returns the answer for the subscription of this id.
func find(answers []answered, id string) (answered, bool) {
	for _, a := range answers {
		if a.sub.ID() == subscription.ID(id) {
			return a, true
		}
	}
	return answered{}, false
}

// customer is the name that the subscription was given, or its id.
func (a answered) customer() string {
	if name := a.sub.Details().Name; name != "" {
		return name
	}
	return string(a.sub.ID())
}

// segment is the stretch of the subscription's life that holds the instant asked
// for, or the first one before it was made.
func (a answered) segment() subscription.Segment { return a.sub.Segment(a.index()) }

func (a answered) index() int { return max(0, a.sub.SegmentAt(a.at)) }

// version is the plan in force.
func (a answered) version() *plan.Version { return a.segment().Version() }

// planName is what people call the plan.
func planName(v *plan.Version) string {
	if v.Name() != "" {
		return v.Name()
	}
	return v.String()
}
