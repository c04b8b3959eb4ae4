package plan

import (
	"errors"
	"maps"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/calendar"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/dec"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// Timing says at which end of a period a recurring charge is due. The zero Timing
// is omitted: [Advance] for a charge with a quantity, [Arrears] for one that
// rates usage.
type Timing string

const (
	// Advance makes a charge due when its period begins.
	Advance Timing = "advance"
	// Arrears makes a charge due when its period ends.
	Arrears Timing = "arrears"
)

func (Timing) vocabulary() (string, []Timing) {
	return "timing", []Timing{Advance, Arrears}
}

// UnmarshalText accepts exactly the words of [Words], and nothing for the zero Timing.
func (t *Timing) UnmarshalText(text []byte) error { return parseWord(t, text) }

// Charge is one thing that a plan charges for: a price and the source of its
// quantity. The quantity is metered usage if Metric is set, otherwise the fixed
// Quantity if that is set, otherwise the subscription's own. A charge recurs in every
// period unless it is due Once.
type Charge struct {
	// ID names the charge in the plan; it is unique within a phase. The same id in
	// another phase is the same charge at another price.
	ID string
	// Name is for people, as on an invoice. It may be empty.
	Name string
	// Price turns the quantity into an amount, in the plan's own currency. It is required.
	Price Price
	// Prices are the prices in the other currencies in which the plan is sold: one for each
	// of them.
	Prices map[money.Currency]Price
	// Once makes the charge due a single time, at the first billing. Such a charge
	// is due in advance and not metered.
	Once bool
	// Every is the interval by which the charge bills, from the same anchor as the plan's.
	// The zero value is the interval of the plan, or of the phase. Of the intervals of a
	// phase each is a whole number of every shorter one, in months and years or in days and
	// weeks, and charges of one metric have the same. Not for a charge that is due Once. See
	// the package's page.
	Every calendar.Interval
	// PriceEvery is the interval that the price is for, if it is shorter than that by which the charge
	// bills: 100.00 a month, billed by the quarter in three lines. The one by which it bills is a whole
	// number of it. Its periods hang from the same anchor; each has a line of its own, whose amount,
	// minimum and maximum are those of such a period, and a part of one counts its own days. The zero
	// value is the interval by which the charge bills. Not for usage, which is rated over the time in
	// which it is counted, and not for a charge that is due Once.
	PriceEvery calendar.Interval
	// CountOver is the term over which usage is counted on from bill to bill: tiers and free units
	// are those of the whole term, whose grid hangs from the anchor, and each bill owes what the
	// usage of the term so far costs, less what that before it does. It is a whole number of the
	// interval by which the charge bills, of two or more. The zero value: each period counts by
	// itself. For a metered charge only; see the package's page.
	CountOver calendar.Interval
	// Timing is when a recurring charge is due; see [Timing] for what empty means.
	// Usage can be rated in arrears only.
	Timing Timing
	// Quantity is a fixed quantity, zero or more. Nil: it is not fixed.
	Quantity *decimal.Decimal
	// Metric names the usage that the charge rates; see [Metric].
	Metric string
	// TaxCode says what is sold, in the words of whoever computes taxes: "txcd_10103001",
	// say, or "SW054000". It stands on the lines of the charge. It may be empty; otherwise it
	// has the form of an id.
	TaxCode string
	// Metadata is stored, stands on the lines of the charge, and is never read or printed:
	// an account of the ledger, say.
	Metadata map[string]string
}

// timing is when the charge is due, with the default filled in.
func (c Charge) timing() Timing {
	if c.Timing == "" && c.Metric != "" {
		return Arrears
	}
	return or(c.Timing, Advance)
}

// Validate returns nil, or all faults as [fault.FieldError]s joined, in field order.
func (c Charge) Validate() error { return validate(c) }

// Equal compares by value: 1.0 and 1.00 are the same quantity.
func (c Charge) Equal(o Charge) bool {
	return c.ID == o.ID && c.Name == o.Name && equalPrices(c.Price, o.Price) && maps.EqualFunc(c.Prices, o.Prices, equalPrices) && c.Once == o.Once &&
		c.Every == o.Every && c.PriceEvery == o.PriceEvery && c.CountOver == o.CountOver &&
		c.Timing == o.Timing && equalDecimals(c.Quantity, o.Quantity) && c.Metric == o.Metric &&
		c.TaxCode == o.TaxCode && maps.Equal(c.Metadata, o.Metadata)
}

func (c Charge) clone() Charge {
	c.Price = clonePrice(c.Price)
	if c.Prices != nil {
		prices := make(map[money.Currency]Price, len(c.Prices))
		for currency, p := range c.Prices {
			prices[currency] = clonePrice(p)
		}
		c.Prices = prices
	}
	c.Quantity = canonicalBound(c.Quantity)
	c.Metadata = maps.Clone(c.Metadata)
	return c
}

func (c Charge) check(f faults) {
	f.field("id").id(c.ID)
	f.field("name").name(c.Name)
	f.below(checkPrice(c.Price, "price"))
	for _, currency := range sortedCurrencies(c.Prices) {
		at := f.field("prices").field(currency.String())
		if !currency.IsValid() {
			at.add(fault.UnknownWord.Errorf("unknown currency"))
		}
		f.below(checkPrice(c.Prices[currency], strictjson.Key("prices", currency.String())))
	}
	f.field("price").require(c.Metric != "" || !ratesEvents(c.Price), fault.Inconsistent, "a price of single events rates the usage of a metric")
	f.field("every").interval(c.Every)
	f.field("every").require(!c.Once || c.Every.IsZero(), fault.Excluded, "a charge that is due once has no interval")
	c.checkPriceEvery(f)
	c.checkCountOver(f)
	c.eachMatrix(f, func(f faults) {
		f.require(c.Metric != "", fault.Inconsistent, "a price by dimensions rates the usage of a metric")
	})
	word(f.field("timing"), c.Timing)
	if c.Timing == Arrears {
		f.field("timing").require(!c.Once, fault.Excluded, "a charge that is due once cannot be in arrears")
	}
	if c.Timing == Advance {
		f.field("timing").require(c.Metric == "", fault.Excluded, "usage cannot be rated in advance")
	}
	if c.Quantity != nil {
		f.field("quantity").notNegative(*c.Quantity)
	}
	if c.Metric != "" {
		metric := f.field("metric")
		metric.id(c.Metric)
		metric.require(!c.Once, fault.Excluded, "a charge that is due once cannot be metered")
		metric.require(c.Quantity == nil, fault.Excluded, "a charge with a fixed quantity cannot be metered")
	}
	if c.TaxCode != "" {
		f.field("tax_code").id(c.TaxCode)
	}
	f.field("metadata").metadata(c.Metadata)
}

// MarshalJSON writes a valid charge; an invalid one is an error.
func (c Charge) MarshalJSON() ([]byte, error) { return encode(c, chargeCodec, MaxDocument) }

// UnmarshalJSON is strict and reports every fault as a [fault.FieldError].
func (c *Charge) UnmarshalJSON(data []byte) error { return decode(data, c, chargeCodec) }

// notNegative checks a decimal of zero or more.
func (f faults) notNegative(d decimal.Decimal) {
	if err := dec.Check(d); err != nil {
		f.add(err)
	} else if d.IsNegative() {
		f.add(errNegative)
	}
}

// charges checks the charges of one phase.
func (f faults) charges(charges []Charge) {
	f.atMost(len(charges), MaxCharges)
	ids := make(map[string]bool, len(charges))
	for i, c := range charges {
		c.check(f.index(i))
		f.index(i).field("id").unique(ids, c.ID)
	}
}

func equalDecimals(a, b *decimal.Decimal) bool {
	if a == nil || b == nil {
		return a == b
	}
	return equalDecimal(*a, *b)
}

// equalDecimal compares by value without expanding an exponent that is out of bounds.
func equalDecimal(a, b decimal.Decimal) bool {
	if errors.Join(dec.Check(a), dec.Check(b)) == nil {
		return a.Equal(b)
	}
	return a.Exponent() == b.Exponent() && a.Coefficient().Cmp(b.Coefficient()) == 0
}
