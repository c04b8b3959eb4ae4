package billing

import (
	"github.com/google/uuid"

	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// An Option is a choice for one call. Without options the subscription's own policy
// applies and no tax is added.
type Option func(*options)

type options struct {
	policy plan.Policy
	taxes  func(TaxableInvoice) ([][]TaxRate, error)
	// ordered says that usage is in order of its instants.
	ordered bool
	// unbillable takes a record that cannot be billed, by its number.
	unbillable func(int, Record, error)
	adjusted   map[uuid.UUID]money.Money // by line: what the service took off it
	counted    map[uuid.UUID]bool        // the adjustments in it
	standing   map[uuid.UUID]bool        // lines that were billed, for interim invoices that stand
	fault      error
	// withoutCredit says that the customer's credit is kept elsewhere.
	withoutCredit bool
}

// WithPolicy overrides choices of the subscription's policy for one call: those that
// an invoice run makes itself (rounding, zero invoices, negative invoices, splitting
// of discounts, tax rounding). Choices that a verb made when it was called remain in
// force. Pass the same to every run of a subscription.
func WithPolicy(p plan.Policy) Option { return func(o *options) { o.policy = p } }

// WithAdjustments tells a run by how much the service itself reduced billed lines: of
// the lines given, those with Adjusts and a negative amount. A later credit of such a
// line is at most what they left of it, except on the list basis. [Reconcile] finds
// them in the stored lines by itself.
func WithAdjustments(billed []StoredLine) Option {
	return func(o *options) {
		for _, b := range billed {
			if b.Adjusts && b.Amount.IsNegative() && !o.counted[b.ID] {
				o.adjust(b)
			}
		}
	}
}

// WithUnbillable sets records aside that cannot be billed, and bills the rest: report is
// called for each once, in the order in which they were given, with the error for which the
// call would have failed: [ErrUsage], [ErrNotEntitled] or [ErrUnknownMetric]. Records from
// before [UsageFrom] are not looked at. Usage that no longer agrees with what was counted,
// and records that only together are more than a price can rate, are not the fault of one
// record: they are an error with this option too. See [CheckUsage].
func WithUnbillable(report func(Record, error)) Option {
	return func(o *options) {
		if o.unbillable = nil; report != nil {
			o.unbillable = func(_ int, r Record, err error) { report(r, err) }
		}
	}
}

// WithOrderedUsage says that the usage given is in order of its instants, as a query that
// orders by them returns it. Then what lies before [UsageFrom] is found by a binary search
// and not read: a run costs the same whatever there is of it. Without the option usage may
// have any order, and each record is read to find out. A record out of order among those
// that are read is [ErrUsage].
func WithOrderedUsage() Option { return func(o *options) { o.ordered = true } }

// WithoutCredit leaves the customer's credit to an account (package account): a call applies
// none and keeps none. CreditApplied is zero and AmountDue a total above zero; a total below
// zero that the policy carries, and the credit that commands give, are not added to the
// checkpoint. A checkpoint with a credit balance is [ErrCheckpoint]: move it to the account
// first. Pass it to every run of a subscription, or to none.
func WithoutCredit() Option { return func(o *options) { o.withoutCredit = true } }

// collecting sets records aside and remembers why, by their numbers.
func collecting(aside map[int]error) Option {
	return func(o *options) {
		o.unbillable = func(i int, _ Record, err error) {
			if aside[i] == nil {
				aside[i] = err
			}
		}
	}
}

func (o *options) adjust(b StoredLine) {
	if o.adjusted == nil {
		o.adjusted, o.counted = map[uuid.UUID]money.Money{}, map[uuid.UUID]bool{}
	}
	o.counted[b.ID] = true
	sum, ok := o.adjusted[b.Of]
	if !ok {
		o.adjusted[b.Of] = b.Amount
		return
	}
	var err error
	if sum, err = sum.Add(b.Amount); err != nil {
		o.fault = err
		return
	}
	o.adjusted[b.Of] = sum
}

// noOptions applies without options. It is never changed.
var noOptions options

func gather(list []Option) (*options, error) {
	if len(list) == 0 {
		return &noOptions, nil
	}
	o := new(options)
	for _, set := range list {
		if set != nil {
			set(o)
		}
	}
	if o.fault != nil {
		return nil, wrap(o.fault)
	}
	return o, wrap(o.policy.Validate())
}
