package collection

import (
	"slices"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/internal/text"
	"github.com/perennial-billing/perennial/money"
)

// Bounds of a policy and of what is asked.
const (
	MaxSteps    = 100     // steps of a policy
	MaxDays     = 3650    // days of a step
	MaxStepID   = 100     // bytes of the id of a step
	MaxInvoices = 10_000  // invoices of a question
	MaxFacts    = 100_000 // facts of a question
)

// A Policy says what happens to who does not pay. The zero Policy only tells: nothing is
// suspended and nothing ends.
type Policy struct {
	// CountFrom says from when days count; empty: [FromDue].
	CountFrom CountFrom
	// Grace says what goes on before a step suspends; empty: [Entitle].
	Grace Grace
	// Scope says whose invoices count together; empty: [Subscription].
	Scope Scope
	// Coverage says how far a suspension reaches; empty: [KeepPaid].
	Coverage Coverage
	// Reactivation says whether the debt comes first; empty: [WithDebt].
	Reactivation Reactivation
	// Steps are the steps, the most severe first: of those whose conditions all hold, the
	// first one counts.
	Steps []Step
}

// A Step is what happens while its conditions hold, all of them. Those that are zero hold
// from the moment at which an invoice is overdue.
type Step struct {
	// ID names the step in the policy; required.
	ID string
	// Days is how many civil days must have passed since the earliest overdue invoice:
	// until the same time of the day, by the clock of the subscription.
	Days int
	// Invoices is how many must be overdue.
	Invoices int
	// Attempts is how many times it must have failed to collect one of them.
	Attempts int
	// Amount is how much must be overdue, in its currency; the zero Money: any amount.
	Amount money.Money
	// Do is what then happens: at least one action, at most one that proposes a command.
	Do []Action
}

// Equal reports whether two policies say the same.
func (p Policy) Equal(o Policy) bool {
	return p.CountFrom == o.CountFrom && p.Grace == o.Grace && p.Scope == o.Scope && p.Coverage == o.Coverage && p.Reactivation == o.Reactivation &&
		slices.EqualFunc(p.Steps, o.Steps, func(a, b Step) bool {
			return a.ID == b.ID && a.Days == b.Days && a.Invoices == b.Invoices && a.Attempts == b.Attempts && a.Amount == b.Amount && slices.Equal(a.Do, b.Do)
		})
}

// Validate returns nil, or every fault as a [fault.FieldError], joined: unknown words, ids
// that are there twice, a step that can never count because one before it holds whenever it
// does.
func (p Policy) Validate() error { return p.faults().Err() }

func (p Policy) faults() faults.List {
	var f faults.List
	oneOf(&f, "count_from", p.CountFrom, true)
	oneOf(&f, "grace", p.Grace, true)
	oneOf(&f, "scope", p.Scope, true)
	oneOf(&f, "coverage", p.Coverage, true)
	oneOf(&f, "reactivation", p.Reactivation, true)
	if len(p.Steps) > MaxSteps {
		f.Add("steps", fault.TooMany, "must be at most %d", MaxSteps)
		return f
	}
	for i, s := range p.Steps {
		path := strictjson.Index("steps", i)
		f.Below(path, s.faults())
		for _, earlier := range p.Steps[:i] {
			switch {
			case s.ID != "" && s.ID == earlier.ID:
				f.Add(path+".id", fault.Duplicate, "is there twice")
			case earlier.includes(s):
				f.Add(path, fault.Inconsistent, "can never count: %q before it holds whenever it does", clip(earlier.ID))
			}
		}
	}
	return f
}

// includes reports whether a step holds whenever another one does.
func (s Step) includes(o Step) bool {
	amount := !s.Amount.IsValid() || s.Amount.Currency() == o.Amount.Currency() && s.Amount.Minor() <= o.Amount.Minor()
	return s.Days <= o.Days && max(s.Invoices, 1) <= max(o.Invoices, 1) && s.Attempts <= o.Attempts && amount
}

func (s Step) faults() faults.List {
	var f faults.List
	f.Wrap("id", text.ID(s.ID, MaxStepID))
	if s.Days < 0 || s.Days > MaxDays {
		f.Add("days", fault.OutOfRange, "must be from 0 to %d", MaxDays)
	}
	if s.Invoices < 0 || s.Invoices > MaxInvoices {
		f.Add("invoices", fault.OutOfRange, "must be from 0 to %d", MaxInvoices)
	}
	if s.Attempts < 0 || s.Attempts > MaxFacts {
		f.Add("attempts", fault.OutOfRange, "must be from 0 to %d", MaxFacts)
	}
	if s.Amount.IsValid() && s.Amount.Sign() <= 0 {
		f.Add("amount", fault.OutOfRange, "must be above zero, or left out")
	}
	if len(s.Do) == 0 {
		f.Wrap("do", faults.ErrMissing)
	}
	proposed := false
	for i, a := range s.Do {
		path := strictjson.Index("do", i)
		oneOf(&f, path, a, false)
		if slices.Contains(s.Do[:i], a) {
			f.Add(path, fault.Duplicate, "is there twice")
		} else if a.proposes() && proposed {
			f.Add(path, fault.Excluded, "must be left out beside another one that holds or ends the subscription")
		}
		proposed = proposed || a.proposes()
	}
	return f
}

// does reports whether an action is one of the step's.
func (s *Step) does(a func(Action) bool) bool { return s != nil && slices.ContainsFunc(s.Do, a) }
