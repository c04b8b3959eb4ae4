package billing

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
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
	TrueUpLine   LineKind = "true_up"  // what a period lacks of its minimum
	OverageLine  LineKind = "overage"  // what is added to the price of what exceeds a minimum
)

// LineKinds returns every kind, in the order of their constants.
func LineKinds() []LineKind {
	return []LineKind{ChargeLine, UsageLine, CreditLine, DiscountLine, OneOffLine, TaxLine, TrueUpLine, OverageLine}
}

func (k LineKind) isValid() bool { return slices.Contains(LineKinds(), k) }

func parseLineKind(text string) (LineKind, error) {
	if k := LineKind(text); k.isValid() {
		return k, nil
	}
	return "", fault.UnknownWord.Errorf("billing: unknown kind of line: %q", text)
}

// A Line is one amount and how it was computed. It is a result: the engine makes it.
type Line struct {
	// Kind says what it is.
	Kind LineKind
	// Charge is the id of the plan's charge, or of the one-off or discount; empty for a true-up and
	// an overage.
	Charge string
	// Name is the name in the plan, the one-off or the discount; it may be empty.
	Name string
	// TaxCode is that of the charge, of the one-off or of the minimum; of a credit, that of what it credits;
	// empty for discounts and taxes.
	TaxCode string
	// Metadata is that of the charge, a copy; nil if there is none.
	Metadata map[string]string
	// Dimensions are the values by which usage is priced (plan.Matrix), by name; nil for others.
	Dimensions map[string]string
	// From and To bound the time that it bills, To exclusive. To is zero if the line
	// is not for a period: one-time charges and one-offs.
	From, To time.Time
	// Quantity is what was rated; of single events, their sum, which may be below zero.
	Quantity decimal.Decimal
	// Events is what single events came to, of usage whose price rates them: all that were
	// counted in the period so far under that price, those of this line included. Nil elsewhere.
	Events *plan.EventRating
	// Aggregate is what the records of usage came to where they are read one by one, as keys, a mean
	// or a level over time: those of this line. Nil elsewhere.
	Aggregate *Aggregate
	// OverCap says how usage stands to the plan's spend cap. Nil where nothing lies above it.
	OverCap *OverCap
	// Increases is how often the price had increased by itself (plan.Increase).
	Increases int
	// Num and Den are the share of the whole period's amount that the line bills;
	// 1 and 1 for a whole period. A credit on the billed basis is a share of the
	// line that it credits.
	Num, Den int64
	// Percent is the percentage of a discount or of a tax, 19 for 19%; of an overage, what is
	// added; zero otherwise.
	Percent decimal.Decimal
	// Basis says what the share counts, Rounding how the amount was rounded; empty if
	// there was nothing to divide or to round.
	Basis    calendar.Basis
	Rounding money.Rounding
	// Amount is what is billed, rounded once; negative for credits and discounts.
	Amount money.Money
	// Command is the number of the command that caused the line, 0 for what falls due by
	// itself. A fee in arrears from where the same charge was billed in advance already
	// has the number of the change that came between: both may bill the same span.
	Command int
	// Of is the line that a credit or a discount reduces, or to which a tax applies;
	// zero otherwise.
	Of LineRef

	wallFrom, wallTo bool // From, To follow from a calendar: see point
	derivation       *derivation
	table            *plan.CompiledPrice
	id               *uuid.UUID // of a decoded line: the one it was stored with
}

// derivation is what the amount of a part of usage, a credit, a discount or a tax was
// made of, for explaining it.
type derivation struct {
	of     string         // the line that it refers to, by name
	basis  calendar.Basis // of that line
	net    money.Money    // what it is a share or a percentage of
	whole  money.Money    // of a fixed discount: all of it
	capped bool           // the line that is credited, or the discount's billing cycle, held no more
	held   bool           // of a tax: net is without taxes that prices hold
	shared bool           // of a tax: credits give back shares of what was charged, not the rate
	// of usage: the units before the part and after it; net is what parts before billed
	before, units decimal.Decimal
	// of usage: what the parts so far owe, with least/den of the price's minimum and
	// most/den of its maximum; unbounded is the same before rounding and without them, for
	// a count across prices
	owed      money.Money
	unbounded decimal.Decimal
	across    bool
	// over is what the spend cap took off parts before
	over money.Money
	// of usage that is counted over a term: where that began, and its units before the part
	term    time.Time
	counted decimal.Decimal
	// of a true-up and an overage: owed is the minimum so far, gross what counts towards it, net
	// what was billed of the same kind in the period before, and whole the minimum of a whole period
	//
	// of a fixed discount for each billing cycle: the part num/den of the period
	least, most, num, den int64
	// of a credit: what was billed, and what discounts took off it; of usage: what they
	// took off the parts before; not positive
	gross, discount money.Money
}

// LineRef names a line that another one refers to.
type LineRef struct {
	Kind     LineKind
	Charge   string
	From, To time.Time
	Command  int

	wallFrom, wallTo bool
	key              string // of the line's dimensions; see keyOf
}

// Ref names the line, as Of of the lines that refer to it does.
func (l Line) Ref() LineRef {
	return LineRef{Kind: l.Kind, Charge: l.Charge, From: l.From, To: l.To, Command: l.Command, wallFrom: l.wallFrom, wallTo: l.wallTo, key: keyOf(l.Dimensions)}
}

// An Invoice is what is due at one instant for one reason. It is a result: the
// engine makes it.
type Invoice struct {
	// Subscription is the subscription that is billed.
	Subscription subscription.ID
	// At is when it falls due: a boundary, or the instant of the command.
	At time.Time
	// Zone is the zone of the subscription's calendar, in which its days are days.
	Zone calendar.Zone
	// Command is the number of the command that caused it, at once or by scheduling
	// it; 0 for a renewal and what else falls due by itself.
	Command int
	// Lines are the lines of the invoice.
	Lines []Line
	// Taxes are the taxes by rate of the tax hook, in the order in which the rates
	// first appear; empty without a hook. Exclusive taxes are lines too.
	Taxes []Tax
	// Total is the sum of the lines; it may be below zero.
	Total money.Money
	// CreditApplied is the account credit that was used; not negative.
	CreditApplied money.Money
	// AmountDue is what remains to be paid: the total, if positive, less
	// CreditApplied.
	AmountDue money.Money
	// Refund is what is to be paid back, if the total is negative and the policy says
	// so; otherwise a negative total becomes account credit.
	Refund money.Money
	// Draft reports that a forecast made it: it shows what will be billed if nothing more
	// is done and no more is used. Its id is the one that the final invoice will have,
	// whatever that then amounts to: never store a draft.
	Draft bool
	// Interim reports that usage has come to a threshold of the plan: the invoice bills it so
	// far, and its period goes on. At is the instant of the record with which it did.
	Interim bool

	wall bool      // At follows from a calendar: see point
	id   uuid.UUID // of a decoded invoice: the one it was stored with
}
