package cases

import (
	"errors"
	"fmt"
	"time"

	"github.com/perennial-billing/perennial/billing"
	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/subscription"
)

// Story is a scenario that expects nothing: something to be played and read. It
// may lack an id, a kind and an Until.
type Story struct{ Scenario }

// MaxStories is the largest file of stories, in bytes.
const MaxStories = 16 << 20

// DecodeStories reads a story, or an array of stories. It returns every fault, with
// paths that begin at the document: "[2].plans[0].id" in an array.
func DecodeStories(data []byte) ([]Story, []strict.Fault) {
	var all shelf
	if faults := strict.Decode(data, &all, strict.Limits{Size: MaxStories}); len(faults) > 0 {
		return nil, once(faults)
	}
	return all, nil
}

// shelf is the stories of a document.
type shelf []Story

// DecodeStrict reads an object or an array of objects.
func (s *shelf) DecodeStrict(n strict.Node) []strict.Fault {
	elems := n.Elems()
	if n.Kind() == strict.Object {
		elems = []strict.Node{n}
	} else if n.Kind() != strict.Array {
		return []strict.Fault{n.Faultf(fault.Unusable, "must be a story or an array of stories")}
	}
	if len(elems) == 0 {
		return []strict.Fault{n.Faultf(fault.OutOfRange, "must have at least one story")}
	}
	*s = make([]Story, len(elems))
	var faults []strict.Fault
	seen := map[string]bool{}
	for i, elem := range elems {
		faults = append(faults, (*s)[i].DecodeStrict(elem)...)
		id := text(elem, "id")
		if id != "" && seen[id] {
			faults = append(faults, below(elem, "id", fmt.Errorf("another story is named %q", id)))
		}
		seen[id] = true
	}
	return faults
}

// DecodeStrict reads a story.
func (s *Story) DecodeStrict(n strict.Node) []strict.Fault {
	if n.Kind() != strict.Object {
		return []strict.Fault{n.Faultf(fault.WrongType, "must be an object")}
	}
	var faults []strict.Fault
	if has(n, "expect") {
		faults = append(faults, below(n, "expect", fault.Excluded.Errorf("must be left out: a story is told, not judged")))
	}
	if kind := text(n, "kind"); kind != "" && kind != "scenario" {
		faults = append(faults, below(n, "kind", errors.New(`must be "scenario"`)))
	}
	faults = append(faults, strange(n)...)
	faults = withUnbuilt(unbuilt(n), append(faults, n.Decode(&s.Scenario)...))
	s.defaults(n)
	if !has(n, "policy") {
		s.Policy.defaults()
	}
	found := append(missing(n, "plans", "subscription"), names(n)...)
	found = append(found, untoldGrants(n)...)
	return beside(faults, append(found, s.sets(n)...))
}

// once leaves out what is said twice of the same value.
func once(faults []strict.Fault) []strict.Fault {
	seen := map[string]bool{}
	var all []strict.Fault
	for _, f := range faults {
		if line := f.Error(); !seen[line] {
			seen[line] = true
			all = append(all, f)
		}
	}
	return all
}

// Played is what became of a story.
type Played struct {
	Subscription subscription.Subscription
	Usage        billing.Usage
	// From is when the agreement was made, Until the instant up to and including
	// which the story was played.
	From, Until time.Time
	// Commands has, for each action in order, the number of the command that it
	// became: 0 for usage and for what changed nothing, -1 for an action after Until,
	// which was not done.
	Commands []int
	// Invoices are those that were made, in order; Checkpoint is what billing remembers.
	Invoices   []billing.Invoice
	Checkpoint billing.Checkpoint
}

// Play plays a story up to and including an instant: the one given; if that is
// zero, its own Until; and without either the first billing after all that was
// done, or was then known to come, has happened. The faults are what the engine
// refuses; each action is tried upon those before it that were not refused.
func (s Story) Play(until time.Time) (Played, []strict.Fault) {
	if until.IsZero() && !s.Until.IsZero() {
		until = s.Until.In(s.Zone)
	}
	p, faults := s.begin("story")
	if len(faults) > 0 {
		return Played{}, faults
	}
	from := p.past[0].at
	if !until.IsZero() && until.Before(from) {
		return Played{}, []strict.Fault{{Path: "until", Err: fault.OutOfOrder.Errorf("must not lie before the story begins, at %s", calendar.FormatInstant(from))}}
	}
	out := Played{From: from, Commands: make([]int, len(s.Actions))}
	for i := 0; i < len(s.Actions); i += s.together(i) {
		actions := s.Actions[i : i+s.together(i)]
		if !until.IsZero() && actions[0].At.In(s.Zone).After(until) {
			for j := range actions {
				out.Commands[i+j] = -1
			}
			continue
		}
		numbers, err := p.do(actions)
		if err != nil {
			for _, refused := range refusals(i, err) {
				faults = append(faults, located(fmt.Sprintf("actions[%d]", refused.action), refused.err)...)
			}
			continue
		}
		copy(out.Commands[i:], numbers)
	}
	if len(faults) > 0 {
		return Played{}, faults
	}
	var err error
	if until.IsZero() {
		if until, err = p.end(); err != nil {
			return Played{}, located("", err)
		}
	}
	out.Subscription, out.Usage, out.Until = p.sub, p.usage, until
	out.Invoices, out.Checkpoint, err = billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, until)
	return out, located("", err)
}

// do does the actions of one call and returns the numbers of their commands. Usage
// is checked at once, so that what is wrong with a record is said of its action.
func (p *playing) do(actions []Action) ([]int, error) {
	numbers, err := p.act(actions)
	if err != nil {
		return nil, err
	}
	if _, ok := actions[0].Verb.(*Usage); ok {
		_, _, err = billing.Invoices(p.sub, p.usage[len(p.usage)-1:], billing.Checkpoint{}, p.past[0].at)
		for _, plain := range []error{billing.ErrNotEntitled, billing.ErrUnknownMetric} {
			if errors.Is(err, plain) {
				return nil, plain // the rest of the message counts the records
			}
		}
	}
	return numbers, err
}

// end is where a story ends that does not say so.
func (p *playing) end() (time.Time, error) {
	last := p.past[len(p.past)-1].at
	if known := p.sub.Segment(p.sub.Segments() - 1).From(); known.After(last) {
		last = known
	}
	_, checkpoint, err := billing.Invoices(p.sub, p.usage, billing.Checkpoint{}, last)
	if err != nil {
		return time.Time{}, err
	}
	next, err := billing.Next(p.sub, p.usage, checkpoint, last)
	if err != nil || next.At.IsZero() {
		return last, err
	}
	return next.At, nil
}

// Next asks for the next invoice at the story's end.
func (p Played) Next() (billing.NextInvoice, error) {
	return billing.Next(p.Subscription, p.Usage, p.Checkpoint, p.Until)
}

// located takes an error of the engine apart into one fault for each thing that it
// joins, at paths that begin where the engine's end. None for no error.
func located(path string, err error) []strict.Fault {
	if err == nil {
		return nil
	}
	return strict.Faults(fault.At(path, err))
}
