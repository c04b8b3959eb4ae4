package collection

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/subscription"
)

// A Fact is something that happened to an invoice. Facts are stored by the service; they may
// arrive late and in any order.
type Fact struct {
	// Invoice is the id of the invoice: billing.Invoice.ID.
	Invoice uuid.UUID
	// Kind says what happened.
	Kind FactKind
	// At is when it happened, not when it became known; of [Due], when it is due.
	At time.Time
	// Left is what is left to pay after a payment, or after one was taken back; the zero
	// Money: nothing. Only for [Paid].
	Left money.Money
}

// Equal reports whether two facts say the same, instants whatever their zones.
func (f Fact) Equal(o Fact) bool {
	return f.Invoice == o.Invoice && f.Kind == o.Kind && f.At.Equal(o.At) && f.Left == o.Left
}

// Validate returns nil, or every fault as a [fault.FieldError], joined.
func (f Fact) Validate() error { return f.faults().Err() }

func (f Fact) faults() faults.List {
	var all faults.List
	if f.Invoice == uuid.Nil {
		all.Wrap("invoice", faults.ErrMissing)
	}
	oneOf(&all, "kind", f.Kind, false)
	all.Instant("at", f.At, true)
	switch {
	case !f.Left.IsValid():
	case f.Kind != Paid:
		all.Add("left", fault.Excluded, "must be left out of what is not %s", Paid)
	case f.Left.IsNegative():
		all.Add("left", fault.OutOfRange, "must not be negative")
	}
	return all
}

// compare orders facts of one invoice. Of payments at one instant the one that leaves least
// is the last.
func (f Fact) compare(o Fact) int {
	return cmp.Or(f.At.Compare(o.At), cmp.Compare(f.Kind, o.Kind), -cmp.Compare(f.Left.Minor(), o.Left.Minor()))
}

// State is how it stands with the payment of invoices at an instant. It is a result of
// [Standing]: a view that is never stored, beside the status of the subscription.
type State struct {
	// At is the instant.
	At time.Time
	// PastDue reports that an invoice is overdue.
	PastDue bool
	// Since is the instant from which days count: that of the earliest overdue invoice.
	// Zero if nothing is overdue.
	Since time.Time
	// Unpaid is what is overdue, one amount for each currency, in the order of their codes.
	Unpaid []money.Money
	// Invoices are those that are overdue, the earliest first.
	Invoices []uuid.UUID
	// Attempts is how many times it failed to collect one of them: the largest number.
	Attempts int
	// Step is the id of the step that counts, StepAt when it began to, Actions what it
	// does. Empty if no step does.
	Step    string
	StepAt  time.Time
	Actions []Action
	// Key names the step for this debt: an idempotency key for what is done because of it.
	Key string
	// Next is the step that will be reached if nothing more happens; nil if none will.
	Next *Entry
	// Access says what is entitled.
	Access Access
	// BlocksChanges reports that the customer may not change the agreement,
	// BlocksReactivation that a subscription may not be reactivated.
	BlocksChanges, BlocksReactivation bool
	// Paid is what is paid for at the instant, in the order of subscriptions and charges.
	Paid []PaidCharge
	// Commands are proposed by the step, one for each subscription.
	Commands []Command
	// Past lists the steps that began to count up to the instant, by what is now known, in
	// order: also those that nobody has acted on, as facts and invoices may arrive late. An
	// entry without a step says that none counted any more.
	Past []Entry
}

// An Entry says when a step began to count, and for which debt.
type Entry struct {
	Step string
	At   time.Time
	Key  string
}

// A PaidCharge is a charge that is paid for, until an instant, exclusive.
type PaidCharge struct {
	Subscription subscription.ID
	// Charge is the id of the charge; that of an add-on begins with its attachment.
	Charge string
	Until  time.Time
}

// Entitles reports whether a charge of a subscription is entitled, or everything is. It says
// nothing of the status of the subscription, which must be entitled too.
func (s State) Entitles(sub subscription.ID, charge string) bool {
	return s.Access == Full || s.Access == PaidUp && slices.ContainsFunc(s.Paid, func(p PaidCharge) bool { return p.Subscription == sub && p.Charge == charge })
}

// Equal reports whether two states say the same, instants whatever their zones.
func (s State) Equal(o State) bool {
	sameEntry := func(a, b Entry) bool { return a.Step == b.Step && a.At.Equal(b.At) && a.Key == b.Key }
	sameNext := s.Next == nil && o.Next == nil || s.Next != nil && o.Next != nil && sameEntry(*s.Next, *o.Next)
	return s.At.Equal(o.At) && s.PastDue == o.PastDue && s.Since.Equal(o.Since) && slices.Equal(s.Unpaid, o.Unpaid) && slices.Equal(s.Invoices, o.Invoices) &&
		s.Attempts == o.Attempts && s.Step == o.Step && s.StepAt.Equal(o.StepAt) && slices.Equal(s.Actions, o.Actions) && s.Key == o.Key && sameNext &&
		s.Access == o.Access && s.BlocksChanges == o.BlocksChanges && s.BlocksReactivation == o.BlocksReactivation &&
		slices.EqualFunc(s.Paid, o.Paid, func(a, b PaidCharge) bool {
			return a.Subscription == b.Subscription && a.Charge == b.Charge && a.Until.Equal(b.Until)
		}) &&
		slices.EqualFunc(s.Commands, o.Commands, func(a, b Command) bool {
			return a.Subscription == b.Subscription && a.Action == b.Action && a.At.Equal(b.At) && a.Key == b.Key
		}) && slices.EqualFunc(s.Past, o.Past, sameEntry)
}

// CauseUnpaid is the reason that is kept with the commands of this package.
const CauseUnpaid = "unpaid"

// A Command is what a step proposes to do to a subscription.
type Command struct {
	// Subscription is the subscription.
	Subscription subscription.ID
	// Action is lifecycle.Suspend, Hold, CancelNow, CancelAtPeriodEnd or Close.
	Action lifecycle.Action
	// At is the earliest instant for it: when the step began to count, or when the time is
	// over that is paid for. One that lies after State.At is to be given then, if the
	// standing still proposes it.
	At time.Time
	// Key is an idempotency key: the same for one step and one debt.
	Key string
}

// Apply gives the command to a subscription at an instant, as an operator, with its key and
// the reason [CauseUnpaid]. The error is [ErrEarly] before it is due, [ErrOther] for another
// subscription, and otherwise that of the verb.
func (c Command) Apply(sub subscription.Subscription, at time.Time) (subscription.Subscription, error) {
	switch {
	case sub.ID() != c.Subscription:
		return sub, ErrOther
	case at.Before(c.At):
		return sub, ErrEarly
	}
	call := subscription.Call{At: at, Actor: lifecycle.Operator, Reason: CauseUnpaid, Key: c.Key}
	switch a := c.Action; {
	case a == lifecycle.Suspend:
		return sub.Suspend(call)
	case a == lifecycle.Hold:
		return sub.Hold(call)
	case a == lifecycle.CancelNow:
		return sub.Cancel(call, subscription.Immediately())
	case a == lifecycle.CancelAtPeriodEnd:
		return sub.Cancel(call, subscription.AtPeriodEnd())
	case a == lifecycle.Close:
		return sub.Close(call)
	}
	return sub, fmt.Errorf("collection: apply: %w", fault.UnknownWord.Errorf("not a command of this package: %q", c.Action.String()))
}
