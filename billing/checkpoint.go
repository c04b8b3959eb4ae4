package billing

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
)

// A Checkpoint is everything that billing keeps about a subscription between two
// runs. The service stores it beside the subscription, and saves the next one
// together with the invoices of a run. The zero Checkpoint means that nothing was
// billed yet.
type Checkpoint struct {
	// Revision counts the checkpoints of the subscription: every next one that says
	// something else has a higher number. Optimistic locking compares it, beside the
	// subscription's Version. 0: nothing was billed yet.
	Revision int `json:"revision,omitempty"`
	// ChargedThrough is the instant through which the subscription has been charged,
	// inclusive.
	ChargedThrough time.Time `json:"charged_through,omitzero"`
	// Civil is what the clocks of the subscription's zone had shown by then; none in UTC.
	// A run with other zone data goes on from there, and bills what was due by these
	// clocks once.
	Civil calendar.CivilTime `json:"civil,omitzero"`
	// Boundary is the boundary of periods that was billed last, also while none run, as in a
	// pause; zero in UTC, and where no period has begun.
	Boundary BilledBoundary `json:"boundary,omitzero"`
	// LastCommand is the number of the last command that was billed: a command with a
	// higher number at the same instant is still to be billed.
	LastCommand int `json:"last_command,omitempty"`
	// CreditBalance is the customer's remaining account credit, in the subscription's
	// currency; the zero Money if there is none.
	CreditBalance money.Money `json:"credit_balance,omitzero"`
	// Redeemed holds the uses of discounts for one invoice or for a number of billing
	// cycles, ordered by the number of the discount's command and then by time. Of
	// uses that are too old to matter only the last is kept.
	Redeemed []Redemption `json:"redeemed,omitempty"`
	// CarriedOver holds the numbers, in ascending order, of commands that were
	// recorded for an instant that was already billed: a discount, a one-off or
	// credit at the instant of the checkpoint. They apply to what is billed after it.
	CarriedOver []int `json:"carried_over,omitempty"`
	// MeteredFrom is the instant from which Metered knows what was counted of usage; zero
	// where no usage is rated, and in a checkpoint that was made by hand: then nothing is
	// known.
	MeteredFrom time.Time `json:"metered_from,omitzero"`
	// Metered holds what was counted of usage in the periods that a later run computes
	// again: one part for each metric, and combination of dimensions, that was used, in order of From, of
	// the metric, of the names and values of the combination and of To. A part that is not there had no usage.
	Metered []MeteredPart `json:"metered,omitempty"`
	// Levels holds the levels at MeteredFrom that go on from period to period
	// (plan.Metric.Carry), in order of the metric, each once. One that is not there is zero, and
	// has no records since.
	Levels []MeteredLevel `json:"levels,omitempty"`
	// Spent holds what the terms of minimums over several periods (plan.Minimum.Cycles) had come
	// to where the periods began that a later run may begin with, in order of the periods: a few of
	// them, however long a term is.
	Spent []TermSpend `json:"spent,omitempty"`
	// Lifetime holds what usage had come to in all where the periods began that a later run may
	// begin with, in order of the periods, where thresholds count over all life (plan.OverLife): a
	// few of them, however long that is.
	Lifetime []LifeUsage `json:"lifetime,omitempty"`
}

// A TermSpend is what the term of a minimum over several periods had come to when a period of it
// began.
type TermSpend struct {
	// Period is the number of the period over the subscription's life, from 0.
	Period int `json:"period,omitempty"`
	// Cycles is how many periods of the term began before it.
	Cycles int `json:"cycles,omitempty"`
	// Num and Den are how many periods were billed in them, as a fraction.
	Num int64 `json:"num,omitempty"`
	Den int64 `json:"den"`
	// Amount is what the lines came to that count, and TruedUp what was trued up.
	Amount  money.Money `json:"amount"`
	TruedUp money.Money `json:"trued_up,omitzero"`
}

// A MeteredPart is what a run counted of one metric in a period, or in a part of one. A
// later run holds the usage that it is given to it: see [Invoices].
type MeteredPart struct {
	// Metric is what was used.
	Metric string `json:"metric"`
	// Dimensions are the values of one combination of properties, where a charge is priced by them
	// (plan.Matrix): each is counted by itself. Nil for others.
	Dimensions map[string]string `json:"dimensions,omitempty"`
	// From and To bound the instants of the records, To exclusive; zero while the part
	// runs on: then those up to the checkpoint's mark, inclusive, were counted.
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
	// Quantity is what they come to, by the aggregation of the metric: of an average the sum of the
	// records, of a level what it is in each second, added up, which may be below zero.
	Quantity decimal.Decimal `json:"quantity"`
	// Events is how many they are, where a price rates single events, some of which may be
	// below zero, and where keys, a mean or a level are computed of single records; else 0.
	Events int64 `json:"events,omitempty"`
	// Billed says that an invoice was made of it: it no longer changes.
	Billed bool `json:"billed,omitempty"`
	// Interim says that this was an interim invoice, of the records before To: the period goes
	// on (plan.Thresholds).
	Interim bool `json:"interim,omitempty"`
	// Command is, of an interim invoice, the number of the last command of its very instant that was
	// billed before it; 0: none was, and what is done later at that instant comes after it.
	Command int `json:"command,omitempty"`
}

// A Redemption is one use of a discount.
type Redemption struct {
	// Command is the number of the command that added the discount.
	Command int `json:"command"`
	// InvoiceAt and InvoiceCommand are the instant of the reduced invoice and the
	// number of the command that caused it; 0 for a renewal.
	InvoiceAt time.Time `json:"invoice_at"`
	// InvoiceCivil is InvoiceAt by the clocks of the subscription's zone; none in UTC.
	InvoiceCivil   calendar.CivilTime `json:"invoice_civil,omitzero"`
	InvoiceCommand int                `json:"invoice_command,omitempty"`
	// Cycle is the number of the billing cycle that was used, counted over the
	// subscription's life, and Uses the number of cycles used so far, including this
	// one. Both are zero for a discount for one invoice.
	Cycle int `json:"cycle,omitempty"`
	Uses  int `json:"uses,omitempty"`
}

// A BilledBoundary is a boundary of periods as it was billed.
type BilledBoundary struct {
	// Every is the interval of the periods: the shortest by which a charge bills.
	Every calendar.Interval `json:"every"`
	// Number is that of the boundary on its grid, counted from the anchor, which is 0.
	Number int `json:"number"`
	// Civil is its time by the calendar. That stays; another one at this number means that
	// the periods are no longer those that were billed.
	Civil calendar.CivilTime `json:"civil"`
	// At is the instant at which it was billed, by the zone data of that run: usage up
	// to then was counted.
	At time.Time `json:"at"`
}

// IsZero reports whether b is none.
func (b BilledBoundary) IsZero() bool { return b.Civil.IsZero() }

// Equal reports whether both say the same, instants whatever their zones.
func (b BilledBoundary) Equal(o BilledBoundary) bool {
	return b.Every == o.Every && b.Number == o.Number && b.Civil == o.Civil && b.At.Equal(o.At)
}

// IsZero reports whether nothing was billed yet.
func (l Checkpoint) IsZero() bool {
	return l.Revision == 0 && l.ChargedThrough.IsZero() && l.LastCommand == 0 && !l.CreditBalance.IsValid() && len(l.Redeemed) == 0 && len(l.CarriedOver) == 0 &&
		l.MeteredFrom.IsZero() && len(l.Metered) == 0 && len(l.Levels) == 0 && len(l.Spent) == 0 && len(l.Lifetime) == 0
}

// clone returns a copy that shares no memory with l.
func (l Checkpoint) clone() Checkpoint {
	l.Redeemed, l.CarriedOver, l.Metered = slices.Clone(l.Redeemed), slices.Clone(l.CarriedOver), slices.Clone(l.Metered)
	l.Levels, l.Spent, l.Lifetime = slices.Clone(l.Levels), slices.Clone(l.Spent), slices.Clone(l.Lifetime)
	for i := range l.Metered {
		l.Metered[i].Dimensions = maps.Clone(l.Metered[i].Dimensions)
	}
	return l
}

// Errors of this package.
var (
	// ErrReconcile: a command was recorded, or corrected, for an instant that was
	// already billed. [Reconcile] returns what that changes.
	ErrReconcile = fault.New(fault.Conflict, "billing: history changed before the checkpoint")
	// ErrUnknownMetric: usage of a metric that no charge rates.
	ErrUnknownMetric = fault.New(fault.Missing, "billing: usage of an unknown metric")
	// ErrNotEntitled: usage at an instant at which the subscription grants nothing. What is used
	// although it is suspended is billed.
	ErrNotEntitled = fault.New(fault.Refused, "billing: usage while not entitled")
	// ErrLateUsage: usage of a part that is billed already: [Reconcile] bills what it
	// changes. The error is a [UsageError].
	ErrLateUsage = fault.New(fault.Late, "billing: usage of a part that is billed")
	// ErrMissingUsage: usage that an earlier run has counted is not there. The error is a
	// [UsageError].
	ErrMissingUsage = fault.New(fault.Internal, "billing: counted usage is missing")
	// ErrUsage: a record of usage is invalid, or its price cannot rate it.
	ErrUsage = fault.Unusable.Errorf("billing: invalid usage")
	// ErrRange: an instant lies outside of the years 1 to 9999.
	ErrRange = fault.OutOfRange.Errorf("billing: instant out of range")
	// ErrZero: the zero Subscription has no invoices.
	ErrZero = fault.New(fault.Internal, "billing: zero subscription")
	// ErrBoundary: the periods of the subscription no longer have the boundary that was
	// billed last, at its number and civil time. [Reconcile] returns what that changes.
	ErrBoundary = fault.New(fault.Conflict, "billing: the periods no longer have the billed boundary")
	// ErrCheckpoint: the checkpoint cannot come from a run of this subscription: for
	// example its credit balance is negative, or it names a command that the
	// subscription does not have.
	ErrCheckpoint = fault.New(fault.Internal, "billing: invalid checkpoint")
	// ErrUnbalanced: an invoice would not add up: its lines to its total, the total to what is
	// due, base and tax to the gross amount, or a credit to what its line held. It is a fault of
	// this package, which then bills nothing: report it, with the subscription.
	ErrUnbalanced = fault.New(fault.Internal, "billing: an invoice that does not add up")
)

// wrap prefixes an error of another package with the name of this one.
func wrap(err error) error {
	if err == nil || strings.HasPrefix(err.Error(), "billing: ") {
		return err
	}
	return fmt.Errorf("billing: %w", err)
}

// The first and the last second of the years 1 to 9999, since 1970.
const firstSecond, lastSecond = -62135596800, 253402300799

// within refuses an instant that no document can hold.
func within(what string, t time.Time) error {
	if sec := t.Unix(); sec < firstSecond || sec > lastSecond {
		return fmt.Errorf("%w: %s: %s: must lie in the years 1 to 9999", ErrRange, what, t.UTC().Format(time.RFC3339))
	}
	return nil
}

// tooMuch says of amounts that overflow what they are and what helps; other errors stay as
// they are.
func tooMuch(err error, format string, args ...any) error {
	if !errors.Is(err, money.ErrOverflow) {
		return err
	}
	return fmt.Errorf("billing: %s: %w: lower the price, the quantity or the credit", fmt.Sprintf(format, args...), err)
}
