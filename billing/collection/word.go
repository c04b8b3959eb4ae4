package collection

import (
	"slices"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/faults"
)

// FactKind says what happened to an invoice.
type FactKind string

const (
	Due    FactKind = "due"    // it is due at the instant; without this fact, at its own
	Failed FactKind = "failed" // an attempt to collect it failed
	Paid   FactKind = "paid"   // something was paid, or was taken back: Fact.Left is what is left
	Voided FactKind = "voided" // it is no longer owed: withdrawn, or written off
)

func (FactKind) vocabulary() (string, []FactKind) {
	return "kind of fact", []FactKind{Due, Failed, Paid, Voided}
}

// Action is what a step does.
type Action string

const (
	Notify       Action = "notify"        // the service writes to the customer
	Retry        Action = "retry"         // the service attempts to collect again
	BlockChanges Action = "block_changes" // the customer may not change the agreement
	Suspend      Action = "suspend"       // the service stops; billing goes on
	SuspendNow   Action = "suspend_now"   // proposes to suspend the subscription, for all who ask it; suspends
	Hold         Action = "hold"          // proposes to hold the subscription; suspends
	EndNow       Action = "end_now"       // proposes to cancel it now; suspends
	EndAtPeriod  Action = "end_at_period" // proposes to cancel it at the end of its period
	Close        Action = "close"         // proposes to close it; suspends
)

func (Action) vocabulary() (string, []Action) {
	return "action", []Action{Notify, Retry, BlockChanges, Suspend, SuspendNow, Hold, EndNow, EndAtPeriod, Close}
}

// proposes reports whether the action is a command to a subscription.
func (a Action) proposes() bool {
	return a == SuspendNow || a == Hold || a == EndNow || a == EndAtPeriod || a == Close
}

// suspends reports whether the service stops with the action.
func (a Action) suspends() bool {
	return a == Suspend || a == SuspendNow || a == Hold || a == EndNow || a == Close
}

// CountFrom says from when the days of steps count. The empty CountFrom is [FromDue].
type CountFrom string

const (
	FromDue     CountFrom = "due"     // from the instant at which the invoice is due
	FromInvoice CountFrom = "invoice" // from the instant of the invoice
)

func (CountFrom) vocabulary() (string, []CountFrom) {
	return "beginning of the count", []CountFrom{FromDue, FromInvoice}
}

// Grace says what a customer may use who is past due before a step suspends it. The empty
// Grace is [Entitle].
type Grace string

const (
	Entitle Grace = "entitle" // everything goes on
	Stop    Grace = "stop"    // it is suspended as soon as an invoice is overdue
)

func (Grace) vocabulary() (string, []Grace) { return "grace", []Grace{Entitle, Stop} }

// Scope says whose invoices count together. The empty Scope is [Subscription].
type Scope string

const (
	Subscription Scope = "subscription" // those of one subscription
	Account      Scope = "account"      // those of all subscriptions of an account
)

func (Scope) vocabulary() (string, []Scope) { return "scope", []Scope{Subscription, Account} }

// Coverage says how far a suspension reaches. The empty Coverage is [KeepPaid].
type Coverage string

const (
	KeepPaid Coverage = "keep_paid" // what is paid for goes on to its end
	CutPaid  Coverage = "cut_paid"  // everything stops
)

func (Coverage) vocabulary() (string, []Coverage) {
	return "coverage", []Coverage{KeepPaid, CutPaid}
}

// Reactivation says whether a debt keeps a subscription from being reactivated. The empty
// Reactivation is [WithDebt].
type Reactivation string

const (
	WithDebt Reactivation = "with_debt" // it may be reactivated, and the debt remains
	WhenPaid Reactivation = "when_paid" // the debt comes first
)

func (Reactivation) vocabulary() (string, []Reactivation) {
	return "reactivation", []Reactivation{WithDebt, WhenPaid}
}

// Access says what is entitled.
type Access string

const (
	Full   Access = "full"    // all that the subscription grants
	PaidUp Access = "paid_up" // only what is paid for: State.Paid
	None   Access = "none"    // nothing
)

func (Access) vocabulary() (string, []Access) { return "access", []Access{Full, PaidUp, None} }

// A Word is a choice of this package by name. The empty word is none of them.
type Word[W any] interface {
	~string
	vocabulary() (what string, words []W)
}

// Words returns every word of a type, the default first: Words[Grace](). The caller may
// change the slice.
func Words[W Word[W]]() []W {
	var none W
	_, words := none.vocabulary()
	return words
}

// oneOf reports a word that is not one of its type; the empty one may be left out where it
// is optional.
func oneOf[W Word[W]](f *faults.List, path string, w W, optional bool) {
	what, words := w.vocabulary()
	switch {
	case w == "" && optional:
	case w == "":
		f.Wrap(path, faults.ErrMissing)
	case !slices.Contains(words, w):
		f.Add(path, fault.UnknownWord, "unknown %s %q: must be one of %q", what, clip(string(w)), words)
	}
}

// clip shortens a text from a document for an error message.
func clip(s string) string {
	const longest = 40
	if len(s) > longest {
		return s[:longest] + "..."
	}
	return s
}
