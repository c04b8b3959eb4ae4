package billing

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
	"github.com/perennial-billing/perennial/subscription"
)

// LineKind says what a line of an invoice is.
type LineKind string

// The kinds of line.
const (
	ChargeLine   LineKind = "charge"   // a charge of the plan, for a period or a part of one
	UsageLine    LineKind = "usage"    // metered usage of a charge, for a period or a part of one
	CreditLine   LineKind = "credit"   // gives back a part of what an earlier line billed
	DiscountLine LineKind = "discount" // takes off a part of the line that it names
	OneOffLine   LineKind = "one_off"  // a charge outside the plan
	TaxLine      LineKind = "tax"      // what the tax hook added
)

// LineKinds returns every kind, in the order of their constants.
func LineKinds() []LineKind {
	return []LineKind{ChargeLine, UsageLine, CreditLine, DiscountLine, OneOffLine, TaxLine}
}

// IsValid reports whether k is one of the constants.
func (k LineKind) IsValid() bool {
	for _, other := range LineKinds() {
		if k == other {
			return true
		}
	}
	return false
}

// String is the word itself.
func (k LineKind) String() string { return string(k) }

// MarshalText writes the word; any other than the constants is an error.
func (k LineKind) MarshalText() ([]byte, error) {
	if !k.IsValid() {
		return nil, fmt.Errorf("billing: unknown kind of line: %q", string(k))
	}
	return []byte(k), nil
}

// UnmarshalText reads one of the words, and nothing else.
func (k *LineKind) UnmarshalText(text []byte) error {
	kind := LineKind(text)
	if !kind.IsValid() {
		return fmt.Errorf("billing: unknown kind of line: %q", string(kind))
	}
	*k = kind
	return nil
}

// A Line is one amount and where it comes from. It is a result: the engine makes it.
type Line struct {
	// Kind says what it is.
	Kind LineKind
	// Charge is the id of the plan's charge, or of the one-off or discount.
	Charge string
	// Name is what the plan, the one-off or the discount calls it; may be empty.
	Name string
	// From and To are the span that it bills, To not included. To is zero where
	// the line is for no period: one-time charges and one-offs.
	From, To time.Time
	// Quantity is what was rated.
	Quantity decimal.Decimal
	// Num and Den are the share of the whole period's amount that the line bills;
	// 1 and 1 for a whole period. A credit on the billed basis is a share of the
	// line that it credits.
	Num, Den int64
	// Percent is how much a percent discount takes off and how much a tax adds, 19
	// for 19%; zero otherwise.
	Percent decimal.Decimal
	// Basis says what the share counts, Rounding how the amount was rounded; empty
	// where there was nothing to divide or to round.
	Basis    calendar.Basis
	Rounding money.Rounding
	// Amount is what it comes to, rounded once; negative for credits and discounts.
	Amount money.Money
	// Command is the number of the command that caused the line, 0 for what falls
	// due by itself.
	Command int
	// Of is the line that a credit or a discount reduces, or that a tax is counted
	// on; zero otherwise.
	Of Origin

	ground  *ground
	table   *plan.Table
	live    *live
	of      int // of a discount: the line of its invoice that it reduces
	collect plan.Collect
}

// ground is what the amount of a credit, a discount or a tax was made of, for
// explaining it.
type ground struct {
	of     string      // the line that it refers to, by name
	net    money.Money // what it is a share or a percentage of
	whole  money.Money // of a fixed discount: all of it
	capped bool        // of a credit: the line held no more
	held   bool        // of a tax: net is without taxes that prices hold
}

// Origin names a line that another one refers to.
type Origin struct {
	Kind     LineKind
	Charge   string
	From, To time.Time
	Command  int
}

// origin names the line.
func (l Line) origin() Origin {
	return Origin{Kind: l.Kind, Charge: l.Charge, From: l.From, To: l.To, Command: l.Command}
}

// An Invoice is what is due at one instant for one reason. It is a result: the
// engine makes it.
type Invoice struct {
	// Subscription is whom it is for.
	Subscription subscription.ID
	// At is when it falls due: a boundary, or the instant of the command.
	At time.Time
	// Zone is the zone of the subscription's calendar, in which its days are days.
	Zone calendar.Zone
	// Command is the number of the command that caused it, at once or by scheduling
	// it; 0 for a renewal and what else falls due by itself.
	Command int
	// Lines are what it bills.
	Lines []Line
	// Taxes are what the rates of the tax hook come to, in the order in which they
	// were first met; empty without one. Exclusive ones are lines too.
	Taxes []Tax
	// Total is the sum of the lines; it may be below zero.
	Total money.Money
	// CreditApplied is the account credit that was used up; not negative.
	CreditApplied money.Money
	// Due is what is left to pay: the total, if above zero, less CreditApplied.
	Due money.Money
	// Refund is what is to be paid back, where the policy says so of a total below
	// zero; otherwise such a total became account credit.
	Refund money.Money
}
