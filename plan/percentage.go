package plan

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
)

// Percentage charges a share of amounts of money, in major units of the plan's currency: Rate
// percent of what remains after the free amount. The zero value is a valid price: free of charge.
//
// Without fees, free events and bounds of events, the quantity is the amount: what a metric sums
// up, as turnover. It is never below zero.
//
// With any of them the price rates single events, as payments: [CompiledPrice.RateEvents], in order
// of their instants, and those of one instant in the order in which they are recorded. An event
// above zero is charged or free. What is charged of it pays the rate and the fee, and the two
// together are raised to the minimum and lowered to the maximum of an event. What exceeds the free
// amount is charged, of an event that it cuts in two. A wholly free event pays neither fee nor
// minimum, and nor does one of zero, which uses up nothing. An event below zero is a refund: no fee
// is due, and none is given back. While events are free it gives back only what it uses of the free
// amount; afterwards it takes off the rate, at most the maximum of an event. The events of a period
// never come to less than zero. Such a price is for a metric that is summed.
type Percentage struct {
	// Rate is in percent, from 0 to 1000, with at most six decimal places: 2.9 is 2.9 %.
	Rate decimal.Decimal
	// FixedAmount is due once for each event that is charged, in major units; zero or more.
	FixedAmount decimal.Decimal
	// FreeEvents is how many events of a period are free: a whole number, at most a billion.
	FreeEvents decimal.Decimal
	// FreeAmount is how much of a period is free, in major units; zero or more.
	FreeAmount decimal.Decimal
	// FreeBy says when events are charged where there are both FreeEvents and a FreeAmount, and
	// is empty elsewhere. Empty: [FirstToEnd].
	FreeBy FreeBy
	// EventMinimum and EventMaximum are the least and the most that an event costs if it is
	// charged, in major units. Nil: no bound.
	EventMinimum, EventMaximum *decimal.Decimal
	// Bounds are of the whole period.
	Bounds
}

// FreeBy says which of two allowances, a number of events and an amount, keeps events free.
// Both count from the beginning of the period, every event above zero.
type FreeBy string

const (
	// FirstToEnd keeps events free until the first of the two is used up. It is the default.
	FirstToEnd FreeBy = "first_to_end"
	// BothToEnd keeps events free until both are used up.
	BothToEnd FreeBy = "both"
)

func (FreeBy) vocabulary() (string, []FreeBy) {
	return "choice of allowances", []FreeBy{FirstToEnd, BothToEnd}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero FreeBy.
func (w *FreeBy) UnmarshalText(text []byte) error { return parseWord(w, text) }

// Model is [PercentageModel].
func (p Percentage) Model() Model { return PercentageModel }

// Validate reports every fault: a rate out of its bounds, negative numbers, too many digits, a
// part of a free event, a choice between allowances of which there are not two, a maximum below
// the minimum.
func (p Percentage) Validate() error { return validatePrice(p) }

// Equal compares by value.
func (p Percentage) Equal(other Price) bool { return equalPrices(p, other) }

func (p Percentage) check(f faults) {
	f.field("rate").rate(p.Rate)
	f.field("fixed_amount").amount(p.FixedAmount)
	f.field("free_events").events(p.FreeEvents)
	f.field("free_amount").amount(p.FreeAmount)
	if by := f.field("free_by"); p.FreeBy != "" && (p.FreeEvents.IsZero() || p.FreeAmount.IsZero()) {
		by.addf(fault.Excluded, "must be left out without both free_events and free_amount")
	} else {
		word(by, p.FreeBy)
	}
	f.between("event_minimum", p.EventMinimum, "event_maximum", p.EventMaximum)
	p.Bounds.check(f)
}

func (p Percentage) clone() Price {
	p.Rate, p.FixedAmount = canonical(p.Rate), canonical(p.FixedAmount)
	p.FreeEvents, p.FreeAmount = canonical(p.FreeEvents), canonical(p.FreeAmount)
	p.EventMinimum, p.EventMaximum = canonicalBound(p.EventMinimum), canonicalBound(p.EventMaximum)
	if p.FreeBy == FirstToEnd {
		p.FreeBy = ""
	}
	p.Bounds = p.Bounds.clone()
	return p
}

func (p Percentage) curve() curve {
	if p.ratesEvents() {
		return curve{bounds: p.Bounds, ofEvents: true}
	}
	return curve{free: p.FreeAmount, bounds: p.Bounds, pieces: []piece{{unit: share(p.Rate)}}}
}

// ratesEvents reports whether the price depends on single events, and not only on their sum.
func (p Percentage) ratesEvents() bool {
	return !p.FixedAmount.IsZero() || !p.FreeEvents.IsZero() || p.EventMinimum != nil || p.EventMaximum != nil
}

// ratesEvents reports whether a price, which may be none, rates single events.
func ratesEvents(p Price) bool {
	own, ok := p.(interface{ ratesEvents() bool })
	return ok && own.ratesEvents()
}

// PercentageTier is one band of amounts of a [GraduatedPercentage] price. It begins above the
// previous tier's end, the first one above zero.
type PercentageTier struct {
	// UpTo is the last amount in the tier, in major units, inclusive. Nil is an open end: required
	// for the last tier, and forbidden if the price is closed.
	UpTo *decimal.Decimal
	// Rate is in percent, as that of [Percentage].
	Rate decimal.Decimal
	// FlatAmount is due once when the tier is entered.
	FlatAmount decimal.Decimal
}

// GraduatedPercentage charges each part of an amount of money at the rate of its own tier, and adds
// the flat amount of every tier entered: it is [Tiered] for amounts. At an amount of zero the first
// tier's flat amount is due, unless Zero says that it is free.
type GraduatedPercentage struct {
	// Tiers, at least one and at most [MaxTiers], ascending.
	Tiers []PercentageTier
	// FreeAmount is subtracted from the amount before the tiers are filled; zero or more.
	FreeAmount decimal.Decimal
	// Zero says what is due for an amount of zero (after the free amount).
	Zero Zero
	// Closed says that the last tier has an end; an amount above it is [ErrNoTier].
	Closed bool
	Bounds
}

// Model is [GraduatedPercentageModel].
func (p GraduatedPercentage) Model() Model { return GraduatedPercentageModel }

// Validate reports every fault of the tiers, one by one and as a schedule, and of the bounds.
func (p GraduatedPercentage) Validate() error { return validatePrice(p) }

// Equal compares by value.
func (p GraduatedPercentage) Equal(other Price) bool { return equalPrices(p, other) }

func (p GraduatedPercentage) check(f faults) {
	f.schedule(len(p.Tiers), p.Closed, func(i int) *decimal.Decimal { return p.Tiers[i].UpTo }, func(i int, tier faults) {
		tier.field("rate").rate(p.Tiers[i].Rate)
		tier.field("flat_amount").amount(p.Tiers[i].FlatAmount)
	})
	f.field("free_amount").amount(p.FreeAmount)
	checkZero(f, p.Zero)
	p.Bounds.check(f)
}

func (p GraduatedPercentage) clone() Price {
	var tiers []PercentageTier
	for _, t := range p.Tiers {
		tiers = append(tiers, PercentageTier{UpTo: canonicalBound(t.UpTo), Rate: canonical(t.Rate), FlatAmount: canonical(t.FlatAmount)})
	}
	p.Tiers, p.FreeAmount, p.Bounds = tiers, canonical(p.FreeAmount), p.Bounds.clone()
	return p
}

func (p GraduatedPercentage) curve() curve {
	tiers := make([]Tier, len(p.Tiers))
	for i, t := range p.Tiers {
		tiers[i] = Tier{UpTo: t.UpTo, UnitAmount: share(t.Rate), FlatAmount: t.FlatAmount}
	}
	return Tiered{Tiers: tiers, FreeUnits: p.FreeAmount, Zero: p.Zero, Closed: p.Closed, Bounds: p.Bounds}.curve()
}

// sharesAmount reports whether the quantity is an amount of money, of which the price is a share.
func (m Model) sharesAmount() bool { return m == PercentageModel || m == GraduatedPercentageModel }

// share is what a rate in percent takes of one.
func share(rate decimal.Decimal) decimal.Decimal { return rate.Shift(-2) }

// percent is the rate of a share.
func percent(share decimal.Decimal) decimal.Decimal { return canonical(share.Shift(2)) }

const maxRatePlaces = 6

var (
	maxRate       = decimal.NewFromInt(1000)
	maxFreeEvents = decimal.NewFromInt(1_000_000_000)
)

// events checks a number of events.
func (f faults) events(n decimal.Decimal) {
	switch {
	case !f.amount(n):
	case n.GreaterThan(maxFreeEvents):
		f.addf(fault.OutOfRange, "must be at most %s", dec.String(maxFreeEvents))
	case canonical(n).Exponent() < 0:
		f.addf(fault.OutOfRange, "must be a whole number")
	}
}

// rate checks a rate in percent.
func (f faults) rate(r decimal.Decimal) {
	switch {
	case !f.amount(r):
	case r.GreaterThan(maxRate):
		f.addf(fault.OutOfRange, "must be at most %s", dec.String(maxRate))
	case canonical(r).Exponent() < -maxRatePlaces:
		f.addf(fault.OutOfRange, "must have at most %d decimal places", maxRatePlaces)
	}
}
