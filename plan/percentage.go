package plan

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
)

// Percentage charges a share of an amount of money, in major units of the plan's currency: Rate
// percent of what remains of it after the free amount, which is never below zero. The quantity is
// the amount: what a metric sums up, as turnover. A quantity is never below zero, so a refund is
// not subtracted; fees and bounds of single payments are no part of this price. The zero value is a
// valid price: free of charge.
type Percentage struct {
	// Rate is in percent, from 0 to 1000, with at most six decimal places: 2.9 is 2.9 %.
	Rate decimal.Decimal
	// FreeAmount is subtracted from the amount first; zero or more.
	FreeAmount decimal.Decimal
	Bounds
}

// Model is [PercentageModel].
func (p Percentage) Model() Model { return PercentageModel }

// Validate reports every fault: a rate out of its bounds, negative numbers, too many digits, a
// maximum below the minimum.
func (p Percentage) Validate() error { return validatePrice(p) }

// Equal compares by value.
func (p Percentage) Equal(other Price) bool { return equalPrices(p, other) }

func (p Percentage) check(f faults) {
	f.field("rate").rate(p.Rate)
	f.field("free_amount").amount(p.FreeAmount)
	p.Bounds.check(f)
}

func (p Percentage) clone() Price {
	return Percentage{Rate: canonical(p.Rate), FreeAmount: canonical(p.FreeAmount), Bounds: p.Bounds.clone()}
}

func (p Percentage) curve() curve {
	return curve{free: p.FreeAmount, bounds: p.Bounds, pieces: []piece{{unit: share(p.Rate)}}}
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

var maxRate = decimal.NewFromInt(1000)

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
