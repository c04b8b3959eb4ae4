package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// When says when a change takes effect. There is no default: the zero When is
// refused by every verb that takes one.
type When struct {
	mode mode
	on   time.Time
}

type mode uint8

const (
	immediately mode = iota + 1
	atPeriodEnd
	onDate
)

// Immediately means at the instant of the call.
func Immediately() When { return When{mode: immediately} }

// AtPeriodEnd means at the end of the running period, or of the trial. It is
// kept as such: when that boundary moves, the change moves with it.
func AtPeriodEnd() When { return When{mode: atPeriodEnd} }

// On means at t, which must lie later than the call.
func On(t time.Time) When { return When{mode: onDate, on: t.UTC()} }

// IsZero reports whether w says nothing.
func (w When) IsZero() bool { return w == When{} }

// String is "immediately", "at period end", or "on" and the instant.
func (w When) String() string {
	switch w.mode {
	case immediately:
		return "immediately"
	case atPeriodEnd:
		return "at period end"
	case onDate:
		return "on " + w.on.Format(time.RFC3339Nano)
	}
	return "unset"
}

// A Call says when a verb happens, who calls it, and how.
type Call struct {
	// At is the instant the verb happens at. It is required, and must not lie
	// before the last command unless Correction is set.
	At time.Time
	// Actor is who acts. It is required; whether somebody may act as operator is
	// for the embedding service to decide.
	Actor lifecycle.Actor
	// Reason is kept with the command, for people. It never appears in String,
	// in errors or on an invoice.
	Reason string
	// Key is an idempotency key. A second call with the same key, action and
	// options changes nothing, whatever its instant; with others it is refused
	// with ErrKeyReused. Empty: none.
	Key string
	// Policy holds the choices of this call; what is empty is inherited from the
	// subscription, then from the plan, then from plan.DefaultPolicy.
	Policy plan.Policy
	// Correction allows At to lie before the last command: the history is then
	// replayed, and what was billed is for billing.Reconcile.
	Correction bool
	// Replace lets a scheduled cancellation or pause take the place of the one that is
	// already scheduled, and a scheduled change that of all that are scheduled of the
	// same thing: the plan, or the quantity or the price of the same charge.
	Replace bool
	// Dependents is the number of live subscriptions that depend on this one, as
	// the service knows; a cancellation is refused while there are any, unless
	// Cascade says that they are cancelled along with it.
	Dependents int
	// Cascade: see Dependents.
	Cascade bool
	// InUse is how much is in use of the quantity that the call sets, free units
	// taken off: a lower quantity is refused with ErrQuantityBelowUse. Zero: nothing.
	InUse decimal.Decimal

	features *feature.Assignment // what only the caller knows, for features
	part     *part               // the call is a part of Subscription.Edit
}

// A Command is one recorded fact of a subscription's history. It is a result:
// the verbs make it.
type Command struct {
	// Number counts the commands from 2; the making of the subscription is 1. A
	// command keeps its number for ever.
	Number int
	// At is the instant it was given.
	At time.Time
	// Action says what was asked for, in the words of the lifecycle table.
	Action lifecycle.Action
	// Actor is who asked.
	Actor lifecycle.Actor
	// Reason and Key are those of the call.
	Reason, Key string
	// Correction reports that it was given for an instant before a command that
	// had been recorded already.
	Correction bool
	// Replace is that of the call.
	Replace bool
	// Policy holds the choices given with the call; empty ones were inherited.
	Policy plan.Policy
	// On is the date of an effect that was scheduled for one; zero otherwise.
	On time.Time
	// Plan is the version changed to.
	Plan plan.Ref
	// Charge names the charge whose quantity or price changed; "" for all that
	// take the subscription's quantity.
	Charge string
	// Quantity is the new quantity, Price the new price.
	Quantity *decimal.Decimal
	Price    plan.Price
	// ResumeAt and Cycles bound a pause; zero: until it is resumed.
	ResumeAt time.Time
	Cycles   int
	// Anchor is the new anchor, TrialEnd the new end of a trial, EndDate the end
	// of the subscription (zero clears it).
	Anchor, TrialEnd, EndDate time.Time
	// Discount, OneOff and Credit are what was added.
	Discount *plan.Discount
	OneOff   *OneOff
	Credit   money.Money
	// Pack is the id of the credit pack that was bought.
	Pack string
	// Patch is what an update changed.
	Patch *Patch
	// Features are grants assigned over the plan's; Revoked names overrides taken back.
	Features feature.Overrides
	Revoked  []feature.Key

	version *plan.Version
	table   *plan.Table
}

// OneOff is a charge outside the plan.
type OneOff struct {
	// ID names it on the invoice line; unique names make readable invoices.
	ID string
	// Name is for people.
	Name string
	// Amount is what is charged; more than zero.
	Amount money.Money
	// Collect says when: plan.CollectNextInvoice (the meaning of empty) or plan.CollectNow.
	Collect plan.Collect
}

// Errors that the verbs return beside those of package lifecycle.
var (
	// ErrZero: the zero Subscription has no verbs.
	ErrZero = errors.New("subscription: zero value")
	// ErrBackdated: the call lies before the last command and is no correction.
	ErrBackdated = errors.New("subscription: dated before the last command")
	// ErrKeyReused: the idempotency key stands for another action or other options.
	ErrKeyReused = errors.New("subscription: idempotency key used for another command")
	// ErrPlanUnchanged: the plan changed to is the one in force.
	ErrPlanUnchanged = errors.New("subscription: plan unchanged")
	// ErrCurrency: the plan, price or amount is in another currency.
	ErrCurrency = errors.New("subscription: currency differs")
	// ErrPlanNotInOffering: the plan changed to is not in the offering that was sold.
	ErrPlanNotInOffering = errors.New("subscription: plan not in offering")
	// ErrNoCharge: the plan has no such charge.
	ErrNoCharge = errors.New("subscription: no such charge")
	// ErrQuantityBelowUse: the quantity would fall below what is in use.
	ErrQuantityBelowUse = errors.New("subscription: quantity below what is in use")
	// ErrPackNotAllowed: the plan does not offer the credit pack.
	ErrPackNotAllowed = errors.New("subscription: credit pack not allowed by the plan")
	// ErrInvalidCall: an argument is missing or makes no sense.
	ErrInvalidCall = errors.New("subscription: invalid call")
	// ErrHistory: after a correction, a later command no longer holds.
	ErrHistory = errors.New("subscription: a later command no longer holds")
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalidCall}, args...)...)
}
