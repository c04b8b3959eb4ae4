package cases

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/examples/strict"
	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/money"
	"github.com/perennial-billing/perennial/plan"
)

// Price is a price as a case writes it.
type Price struct{ plan.Price }

// priceFields and tierFields are what the format has of a price and of a tier;
// which of them a model has, the engine knows.
var (
	priceFields = []string{
		"model", "unit_amount", "amount", "tiers", "free_units", "zero",
		"package_size", "package_amount", "rate", "free_amount", "minimum", "maximum",
		"fixed_amount", "free_events", "free_by", "event_minimum", "event_maximum",
		"dimensions", "rows", "default",
	}
	rowFields  = []string{"values", "price"}
	tierFields = []string{"up_to", "unit_amount", "flat_amount", "amount", "package_size", "rate"}
)

// DecodeStrict reads a price. What the engine's own definition of a price has
// beyond the format is refused too.
func (p *Price) DecodeStrict(n strict.Node) []strict.Fault {
	if n.Kind() != strict.Object {
		return []strict.Fault{n.Faultf(fault.WrongType, "must be an object")}
	}
	if faults := unknownInPrice(n); len(faults) > 0 {
		return faults
	}
	price, err := plan.DecodePrice(n.Raw())
	if err == nil {
		p.Price = price
		return nil
	}
	return n.Below(strict.Faults(err))
}

// unknownInPrice reports the fields of a price, and of those in a matrix, that the format does not have.
func unknownInPrice(n strict.Node) []strict.Fault {
	faults := unknown(n, priceFields)
	tiers, _ := n.Field("tiers")
	for _, tier := range tiers.Elems() {
		faults = append(faults, unknown(tier, tierFields)...)
	}
	rows, _ := n.Field("rows")
	for _, row := range rows.Elems() {
		faults = append(faults, unknown(row, rowFields)...)
		values, _ := row.Field("values")
		for _, value := range values.Elems() {
			if word, ok := value.Str(); ok && word == "" {
				faults = append(faults, value.Faultf(fault.Required, "must not be empty: a default prices what has no such property"))
			}
		}
		if price, ok := row.Field("price"); ok {
			faults = append(faults, unknownInPrice(price)...)
		}
	}
	if price, ok := n.Field("default"); ok {
		faults = append(faults, unknownInPrice(price)...)
	}
	return faults
}

// unknown reports the names of an object that are not among the fields.
func unknown(n strict.Node, fields []string) []strict.Fault {
	var faults []strict.Fault
	for _, name := range n.Names() {
		if !slices.Contains(fields, name) {
			faults = append(faults, below(n, name, fault.UnknownWord.Errorf("unknown field")))
		}
	}
	return faults
}

// Amount says what a quantity or single events cost.
type Amount struct {
	Header
	Price          Price             `json:"price"`
	QuantityBefore *decimal.Decimal  `json:"quantity_before"` // then the amount is that of the further units
	Quantity       decimal.Decimal   `json:"quantity"`
	EventsBefore   []decimal.Decimal `json:"events_before"` // then the amount is that of the further events
	Events         []decimal.Decimal `json:"events"`        // in place of the quantity
	Expect         *decimal.Decimal  `json:"expect"`        // rounded to the currency
	ExpectExact    *decimal.Decimal  `json:"expect_exact"`  // before rounding

	ofEvents bool
}

func (c *Amount) settle(n strict.Node) []strict.Fault {
	faults := append(c.Header.settle(n), missing(n, "price")...)
	c.ofEvents = has(n, "events")
	if !has(n, "quantity") && !c.ofEvents {
		faults = append(faults, missing(n, "quantity")...)
	} else {
		faults = append(faults, exactlyOne(n, "quantity", "events")...)
	}
	for _, of := range []string{"quantity", "events"} {
		if before := of + "_before"; has(n, before) && !has(n, of) {
			faults = append(faults, below(n, before, fault.Excluded.Errorf("must be left out without %s", of)))
		}
	}
	if c.Expect == nil && c.ExpectExact == nil {
		faults = append(faults, n.Faultf(fault.Unusable, "must have expect or expect_exact"))
	}
	return faults
}

func (c *Amount) run() answer {
	places := c.Currency.Digits()
	if c.ExpectExact != nil {
		want := decimals(*c.ExpectExact, places)
		exact, err := c.exact()
		if err != nil {
			return refused(err, want)
		}
		if !exact.Equal(*c.ExpectExact) {
			return failed(decimals(exact, places), want)
		}
	}
	if c.Expect != nil {
		want := decimals(*c.Expect, places)
		rounded, err := c.rounded()
		if err != nil {
			return refused(err, want)
		}
		if !rounded.Decimal().Equal(*c.Expect) {
			return failed(decimals(rounded.Decimal(), places), want)
		}
	}
	return passed()
}

// exact is the amount before rounding.
func (c *Amount) exact() (decimal.Decimal, error) {
	table, err := plan.CompilePrice(c.Price.Price, c.Currency)
	switch {
	case err != nil:
		return decimal.Decimal{}, err
	case c.ofEvents && table.RatesEvents():
		return c.exactEvents(table)
	case c.ofEvents && len(c.EventsBefore) == 0: // only what they add up to matters
		return table.Exact(decimal.Sum(decimal.Decimal{}, c.Events...))
	case c.ofEvents:
		return table.Marginal(decimal.Sum(decimal.Decimal{}, c.EventsBefore...), decimal.Sum(decimal.Decimal{}, c.Events...))
	case c.QuantityBefore != nil:
		return table.Marginal(*c.QuantityBefore, c.Quantity)
	}
	return table.Exact(c.Quantity)
}

// exactEvents is what the events cost beyond those before them.
func (c *Amount) exactEvents(table *plan.CompiledPrice) (decimal.Decimal, error) {
	before, err := table.RateEvents(plan.EventRating{}, c.EventsBefore...)
	if err != nil {
		return decimal.Decimal{}, err
	}
	all, err := table.RateEvents(before, c.Events...)
	if err != nil {
		return decimal.Decimal{}, err
	}
	rating, err := table.ExplainEvents(all)
	if err != nil || len(c.EventsBefore) == 0 {
		return rating.Amount, err
	}
	first, err := table.ExplainEvents(before)
	return rating.Amount.Sub(first.Amount), err
}

// rounded is the amount, rounded once.
func (c *Amount) rounded() (money.Money, error) {
	if c.QuantityBefore != nil || c.ofEvents {
		exact, err := c.exact()
		if err != nil {
			return money.Money{}, err
		}
		return money.FromDecimal(exact, c.Currency, c.Rounding)
	}
	table, err := plan.CompilePrice(c.Price.Price, c.Currency)
	if err != nil {
		return money.Money{}, err
	}
	return table.Rate(c.Quantity, c.Rounding)
}
