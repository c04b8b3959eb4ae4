package subscription

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/feature"
	"github.com/perennial-billing/perennial/internal/micro"
	"github.com/perennial-billing/perennial/lifecycle"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// When says when a change takes effect. There is no default: every verb that takes a
// When refuses the zero one.
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

// AtPeriodEnd means at the end of the current period, or of the trial. It is stored
// as such: when that boundary moves, the change moves with it.
func AtPeriodEnd() When { return When{mode: atPeriodEnd} }

// On means at t, which must lie later than the call.
func On(t time.Time) When { return When{mode: onDate, on: micro.Floor(t)} }

// IsZero reports whether w is the zero When.
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

// A Call says when a verb happens, who calls it, and with which options.
type Call struct {
	// At is the instant at which the verb happens. It is required, and must not lie
	// before the last command unless Correction is set. Where billing ran ahead of now, or
	// another server's clock is, billing.NotBefore returns the instant to give.
	At time.Time
	// Actor is who acts. It is required; the embedding service decides who may act as
	// operator.
	Actor lifecycle.Actor
	// Reason is kept with the command, for people. It never appears in String,
	// in errors or on an invoice.
	Reason string
	// Key is an idempotency key. A second call with the same key, action and options
	// changes nothing, whatever its instant; with a different action or other options
	// it is refused with ErrKeyReused. Empty: no key.
	Key string
	// Policy holds the choices of this call. Empty ones are inherited from the
	// subscription, then from the plan, then from plan.DefaultPolicy.
	Policy plan.Policy
	// Correction allows At to lie before the last command. The history is then
	// replayed; billing.Reconcile deals with what was invoiced already.
	Correction bool
	// Replace lets a scheduled cancellation or pause replace the one that is already
	// scheduled, and a scheduled change replace all scheduled changes of the same
	// thing: the plan, or the quantity or the price of the same charge. The call is
	// checked as if what it replaces had been undone first.
	Replace bool
	// Dependents is the number of live subscriptions that depend on this one, which
	// the service knows; a cancellation is refused while there are any, unless
	// Cascade says that they are cancelled too.
	Dependents int
	// Cascade: see Dependents.
	Cascade bool
	// Separate makes every part of an Edit a separate change, each with its own cut
	// and its own invoice, as if the parts were separate calls.
	Separate bool
	// InUse is how much of the quantity that the call sets is in use, excluding free
	// units: a lower quantity is refused with ErrQuantityBelowUse. Zero: nothing.
	InUse decimal.Decimal

	features *feature.Assignment // what only the caller knows, for features
	part     *part               // the call is a part of Subscription.Edit
}

// A Command is one recorded fact of a subscription's history. It is a result: only
// the verbs create commands. It is written as JSON as in a subscription's document,
// and read only as a part of one.
type Command struct {
	// Number counts the commands from 2; the creation of the subscription is 1. The
	// number never changes.
	Number int `json:"-"`
	// At is the instant of the call. See Recorded.
	At time.Time `json:"at"`
	// Action is what was requested, a word of lifecycle.Action.
	Action lifecycle.Action `json:"action"`
	// Actor is who requested it.
	Actor lifecycle.Actor `json:"actor"`
	// Reason is that of the call.
	Reason string `json:"reason,omitempty"`
	// Key is that of the call.
	Key string `json:"key,omitempty"`
	// Correction reports that its instant lies before that of a command that was
	// already recorded.
	Correction bool `json:"correction,omitempty"`
	// Replace is that of the call.
	Replace bool `json:"replace,omitempty"`
	// Set is the number of the first command of the change set that the command
	// belongs to: the commands that one Subscription.Edit recorded, which have
	// consecutive numbers. 0: it was given by itself, or with Call.Separate.
	Set int `json:"set,omitempty"`
	// Policy holds the choices given with the call; empty ones were inherited.
	Policy plan.Policy `json:"policy,omitzero"`

	// The fields below depend on the action: see the variable fields.

	// On is the date for which an effect was scheduled; zero otherwise.
	On time.Time `json:"on,omitzero"`
	// Plan is the version changed to.
	Plan plan.Ref `json:"plan,omitzero"`
	// Attachment is the id of the attachment that was made, ended, or whose quantity changed.
	Attachment string `json:"attachment,omitempty"`
	// AddOn is the version of the add-on that was attached.
	AddOn plan.Ref `json:"add_on,omitzero"`
	// Prices are the negotiated prices of what was attached, by the charges of the add-on.
	Prices map[string]plan.Price `json:"prices,omitempty"`
	// Charge names the charge whose quantity or price changed; "" for all that
	// take the subscription's quantity.
	Charge string `json:"charge,omitempty"`
	// Quantity is the new quantity.
	Quantity *decimal.Decimal `json:"quantity,omitempty"`
	// Price is the new price.
	Price plan.Price `json:"price,omitempty"`
	// ResumeAt ends a pause at an instant, Cycles after that many periods; zero:
	// until it is resumed.
	ResumeAt time.Time `json:"resume_at,omitzero"`
	// Cycles: see ResumeAt; of what was attached, after how many periods it ends.
	Cycles int `json:"cycles,omitempty"`
	// Anchor is the new anchor.
	Anchor time.Time `json:"anchor,omitzero"`
	// NextBilling is where the running period ends that is moved, and Difference what that costs.
	NextBilling time.Time  `json:"next_billing,omitzero"`
	Difference  Difference `json:"difference,omitempty"`
	// TrialEnd is the new end of a trial.
	TrialEnd time.Time `json:"trial_end,omitzero"`
	// EndDate is the end of the subscription, which zero clears, or of what was attached.
	EndDate time.Time `json:"end_date,omitzero"`
	// Discount is the discount that was added.
	Discount *plan.Discount `json:"discount,omitempty"`
	// OneOff is the charge outside the plan that was added.
	OneOff *OneOff `json:"one_off,omitempty"`
	// AccountCredit is the account credit that was added.
	AccountCredit money.Money `json:"account_credit,omitzero"`
	// Pack is the id of the credit pack that was bought.
	Pack string `json:"pack,omitempty"`
	// Patch is what an update changed.
	Patch *Patch `json:"patch,omitempty"`
	// Features are grants assigned over the plan's.
	Features feature.Overrides `json:"features,omitempty"`
	// Revoked are the keys of the overrides that were revoked.
	Revoked []feature.Key `json:"revoked,omitempty"`

	version *plan.Version
	addOn   *plan.CompiledAddOn
	table   *plan.CompiledPrice
	tables  map[string]*plan.CompiledPrice // of Prices
	kept    kept
}

// OneOff is a charge outside the plan.
type OneOff struct {
	// ID names it on the invoice line; unique names make readable invoices.
	ID string `json:"id,omitempty"`
	// Name is for people.
	Name string `json:"name,omitempty"`
	// Amount is what is charged; greater than zero.
	Amount money.Money `json:"amount"`
	// Collect says when it is billed: plan.CollectNextInvoice (the default if empty)
	// or plan.CollectNow.
	Collect plan.Collect `json:"collect,omitempty"`
	// TaxCode says what is sold, in the words of whoever computes taxes, as of a
	// [plan.Charge]. It stands on the line.
	TaxCode string `json:"tax_code,omitempty"`
	// NoDiscount says that no discount reduces it, as a fee.
	NoDiscount bool `json:"no_discount,omitempty"`
}

// Errors that the verbs return in addition to those of package lifecycle.
var (
	// ErrZero: the zero Subscription cannot be changed.
	ErrZero = fault.New(fault.Internal, "subscription: zero value")
	// ErrBackdated: the call lies before the last command and is not a correction.
	ErrBackdated = fault.New(fault.Late, "subscription: dated before the last command")
	// ErrKeyReused: the idempotency key was used for another action or other options.
	ErrKeyReused = fault.New(fault.Conflict, "subscription: idempotency key used for another command")
	// ErrPlanUnchanged: the new plan is the one already in force.
	ErrPlanUnchanged = fault.New(fault.Refused, "subscription: plan unchanged")
	// ErrCurrency: the plan, price or amount is in another currency than the subscription.
	ErrCurrency = fault.New(fault.Refused, "subscription: currency differs")
	// ErrPlanNotInOffering: the new plan is not in the offering that was sold.
	ErrPlanNotInOffering = fault.New(fault.Refused, "subscription: plan not in offering")
	// ErrNoCharge: the plan has no such charge.
	ErrNoCharge = fault.New(fault.Missing, "subscription: no such charge")
	// ErrMixedPolicies: the parts of a change set follow different policies.
	ErrMixedPolicies = fault.Inconsistent.Errorf("subscription: change set of mixed policies")
	// ErrQuantityBelowUse: the quantity would fall below what is in use.
	ErrQuantityBelowUse = fault.New(fault.Refused, "subscription: quantity below what is in use")
	// ErrPackNotAllowed: the plan does not offer the credit pack.
	ErrPackNotAllowed = fault.New(fault.Refused, "subscription: credit pack not allowed by the plan")
	// ErrLostPlan: a document names a plan or an add-on that the catalog given to Decode no
	// longer has. See [LostPlanError].
	ErrLostPlan = fault.New(fault.Internal, "subscription: plan lost from the catalog")
	// ErrInvalidCall: an argument is missing or invalid.
	ErrInvalidCall = fault.Unusable.Errorf("subscription: invalid call")
	// ErrHistory: after the correction, a later command would no longer be allowed.
	ErrHistory = fault.New(fault.Refused, "subscription: a later command no longer holds")
)

// A LostPlanError names the plan or the add-on of a stored document that the catalog does
// not have.
// It is [ErrLostPlan], and not [plan.ErrNotFound]: nobody asked for the plan now, and
// nothing that a client sends would bring it back.
type LostPlanError struct {
	Plan plan.Ref
}

func (e *LostPlanError) Error() string { return fmt.Sprintf("%v: %q", ErrLostPlan, e.Plan) }

// Unwrap returns ErrLostPlan.
func (e *LostPlanError) Unwrap() error { return ErrLostPlan }

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalidCall}, args...)...)
}

// invalidAt is ErrInvalidCall with a fault at a path; nil if err is.
func invalidAt(path string, err error) error {
	if err == nil {
		return nil
	}
	return invalid("%w", fault.At(path, err))
}
