package plan

import (
	"maps"
	"slices"

	"github.com/perennial-billing/perennial/fault"
	"github.com/perennial-billing/perennial/internal/strictjson"
	"github.com/perennial-billing/perennial/money"
)

// A plan, or an add-on, may be sold in several currencies: its own, and others in which
// every charge has a price. A compiled one is of one currency; In returns the same version
// in another. What a subscription is sold in never changes.

// MaxCurrencies is the largest number of currencies of a plan beside its own.
const MaxCurrencies = 200

// pricesCodec reads and writes prices by the codes of their currencies.
var (
	pricesByCode = strictjson.Map[map[string]Price](anyPrice)
	pricesCodec  = strictjson.Custom(pricesByCode.Shape(), readPrices, writePrices, func(m *map[money.Currency]Price) bool { return len(*m) == 0 })
)

func readPrices(n strictjson.Node, to *map[money.Currency]Price, r *strictjson.Report) {
	var byCode map[string]Price
	before := r.Len()
	if pricesByCode.ReadNode(n, &byCode, r); r.Len() > before {
		return
	}
	all := make(map[money.Currency]Price, len(byCode))
	for _, code := range sortedKeys(byCode) {
		c, err := money.ParseCurrency(code)
		if err != nil {
			r.Below(n, []strictjson.Fault{{Path: strictjson.Key("", code), Err: fault.UnknownWord.Errorf("unknown currency")}})
			continue
		}
		all[c] = byCode[code]
	}
	*to = all
}

func writePrices(dst []byte, m *map[money.Currency]Price) ([]byte, error) {
	byCode := make(map[string]Price, len(*m))
	for c, p := range *m {
		byCode[c.String()] = p
	}
	return pricesByCode.Append(dst, &byCode)
}

// currencies checks the currencies beside the first one.
func (f faults) currencies(own money.Currency, others []money.Currency) {
	f.atMost(len(others), MaxCurrencies)
	seen := map[money.Currency]bool{own: true}
	for i, c := range others {
		f.index(i).currency(c)
		if c.IsValid() && seen[c] {
			f.index(i).addf(fault.Duplicate, "%q is used more than once", c.String())
		}
		seen[c] = true
	}
}

// pricedIn checks that charges have a price in each of the currencies, and in no other.
func (f faults) pricedIn(charges []Charge, others []money.Currency) {
	for i, c := range charges {
		prices := f.index(i).field("prices")
		for _, in := range others {
			if _, ok := c.Prices[in]; !ok && in.IsValid() {
				prices.field(in.String()).add(errMissing)
			}
		}
		for _, in := range sortedCurrencies(c.Prices) {
			prices.field(in.String()).require(slices.Contains(others, in), fault.Excluded, "is not among the currencies")
		}
	}
}

// amountsAboveZero checks amounts of money in other currencies.
func (f faults) amountsAboveZero(amounts []money.Money) {
	f.atMost(len(amounts), MaxCurrencies)
	for i, amount := range amounts {
		at := f.index(i)
		if !amount.IsValid() {
			at.add(errMissing)
			continue
		}
		at.require(amount.Sign() > 0, fault.OutOfRange, "must be above zero")
	}
}

// inPlan checks that an amount is in the plan's own currency.
func (f faults) inPlan(amount money.Money, own money.Currency) {
	if amount.IsValid() && own.IsValid() {
		f.require(amount.Currency() == own, fault.Inconsistent, "must be in the currency of the plan")
	}
}

// amountsIn checks that there is one amount in each of the plan's other currencies, and in no other.
func (f faults) amountsIn(amounts []money.Money, others []money.Currency) {
	codes := map[string]bool{}
	for i, amount := range amounts {
		if !amount.IsValid() {
			continue
		}
		c := amount.Currency()
		f.index(i).require(slices.Contains(others, c), fault.Excluded, "is in none of the plan's other currencies")
		f.index(i).unique(codes, c.String())
		codes[c.String()] = true
	}
	for _, c := range others {
		f.require(codes[c.String()] || !c.IsValid(), fault.Required, "must have one in "+c.String())
	}
}

func sortedCurrencies(prices map[money.Currency]Price) []money.Currency {
	return slices.SortedFunc(maps.Keys(prices), func(a, b money.Currency) int {
		switch x, y := a.String(), b.String(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

// chargesIn returns the charges with their prices in a currency.
func chargesIn(charges []Charge, c money.Currency) []Charge {
	return cloneEach(charges, func(charge Charge) Charge {
		charge.Price, charge.Prices = charge.Prices[c], nil
		return charge
	})
}

// in returns the plan as if it were sold in one of its other currencies alone.
func (p Plan) in(c money.Currency) Plan {
	p.Currency, p.Currencies = c, nil
	p.Charges = chargesIn(p.Charges, c)
	p.Phases = cloneEach(p.Phases, func(phase Phase) Phase {
		phase.Charges = chargesIn(phase.Charges, c)
		return phase
	})
	if p.Minimum != nil {
		p.Minimum = p.Minimum.in(c)
	}
	if p.SpendCap != nil {
		p.SpendCap = p.SpendCap.in(c)
	}
	return p
}

// has reports whether the plan is sold in a currency.
func (p Plan) has(c money.Currency) bool { return p.Currency == c || slices.Contains(p.Currencies, c) }

// lacks reports whether the plan is not sold in some currency of another.
func (p Plan) lacks(o Plan) bool {
	return !p.has(o.Currency) || slices.ContainsFunc(o.Currencies, func(c money.Currency) bool { return !p.has(c) })
}

// In returns the same version in another of the plan's currencies; false if the plan has no
// prices in it.
func (v *Version) In(c money.Currency) (*Version, bool) {
	if c == v.Currency() {
		return v, true
	}
	other, ok := v.all[c]
	return other, ok
}

// Currencies returns the currencies in which the plan is sold, its own first, and then in
// its order.
func (v *Version) Currencies() []money.Currency {
	return append([]money.Currency{v.definition().Currency}, v.definition().Currencies...)
}

// In returns the same add-on in another of its currencies; false if it has no prices in it.
func (c *CompiledAddOn) In(other money.Currency) (*CompiledAddOn, bool) {
	if other == c.Currency() {
		return c, true
	}
	a, ok := c.all[other]
	return a, ok
}
