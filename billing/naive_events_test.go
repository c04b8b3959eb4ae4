package billing_test

import (
	"math/big"
	"slices"
	"strings"

	"github.com/perennial-billing/perennial/billing"
)

// ratesEvents reports whether the price is of single events.
func (p talePrice) ratesEvents() bool {
	return p.FixedAmount+p.FreeEvents+p.EventMinimum+p.EventMaximum != "" || p.Default != nil && p.Default.ratesEvents() ||
		slices.ContainsFunc(p.Rows, func(row taleRow) bool { return row.Price.ratesEvents() })
}

// due is what usage comes to without the bounds of the period: its quantity, or its events in
// their order.
func (p talePrice) due(quantity *big.Rat, events []*big.Rat) *big.Rat {
	if !p.ratesEvents() {
		return p.unbounded(quantity)
	}
	rate := new(big.Rat).Quo(naiveRat(p.Rate, "0"), big.NewRat(100, 1))
	amounts := naiveRat(p.FreeAmount, "0") // that are left, as the events
	left := naiveRat(p.FreeEvents, "0").Num().Int64()
	hasEvents, hasAmount := left > 0, amounts.Sign() > 0
	total := new(big.Rat)
	for _, event := range events {
		byEvents, byAmount := left > 0, amounts.Sign() > 0
		free := byEvents || byAmount
		if hasEvents && hasAmount && p.FreeBy != "both" {
			free = byEvents && byAmount
		}
		switch {
		case event.Sign() < 0 && !free:
			back := new(big.Rat).Mul(event, rate)
			if most := naiveRat(p.EventMaximum, "0"); p.EventMaximum != "" && back.Cmp(new(big.Rat).Neg(most)) < 0 {
				back.Neg(most)
			}
			total.Add(total, back)
		case event.Sign() < 0 && byAmount:
			amounts = new(big.Rat).Sub(amounts, event)
		case event.Sign() > 0:
			charged := event
			if free {
				left--
				over := new(big.Rat).Sub(event, amounts)
				if over.Sign() < 0 {
					over = new(big.Rat)
				}
				amounts = new(big.Rat).Sub(amounts, new(big.Rat).Sub(event, over))
				if charged = over; byEvents && (!hasAmount || p.FreeBy == "both") {
					continue
				}
			}
			if charged.Sign() == 0 {
				continue
			}
			cost := new(big.Rat).Mul(charged, rate)
			cost.Add(cost, naiveRat(p.FixedAmount, "0"))
			if least := naiveRat(p.EventMinimum, "0"); cost.Cmp(least) < 0 {
				cost = least
			}
			if most := naiveRat(p.EventMaximum, "0"); p.EventMaximum != "" && cost.Cmp(most) > 0 {
				cost = most
			}
			total.Add(total, cost)
		}
	}
	if total.Sign() < 0 {
		return new(big.Rat)
	}
	return total
}

// refunds reports whether a story has events below zero.
func (s tale) refunds() bool {
	for _, a := range s.Actions {
		if a.Do == "usage" && strings.HasPrefix(a.Quantity, "-") {
			return true
		}
	}
	return false
}

// ratesEvents reports whether some charge of the story's plans rates single events.
func (s tale) ratesEvents() bool {
	for _, c := range s.allCharges() {
		if c.Price.ratesEvents() {
			return true
		}
	}
	return false
}

func (s tale) allCharges() []taleCharge {
	var all []taleCharge
	for _, p := range s.Plans {
		all = append(all, p.Charges...)
		for _, phase := range p.Phases {
			all = append(all, phase.Charges...)
		}
	}
	return all
}

// eventPrice draws a price of single events.
func (m menu) eventPrice(d draws) talePrice {
	p := talePrice{
		Model: "percentage", Rate: pick(d, "event rate", "2.9", "1000", "33.333333"), FixedAmount: pick(d, "fee", "0.10", "", "0.333"),
		FreeEvents: pick(d, "free events", "", "1", "2"), FreeAmount: pick(d, "free amount", "", "5", "12"),
		EventMinimum: pick(d, "event minimum", "", "0.5"), EventMaximum: pick(d, "event maximum", "", "1.25"),
		Minimum: pick(d, "minimum", "", "", "20"), Maximum: pick(d, "maximum", "", "", "35.5"),
	}
	if p.FreeEvents != "" && p.FreeAmount != "" {
		p.FreeBy = pick(d, "free by", "", "both")
	}
	return p
}

// eventLines says with 1 whether some line is of events, and whether one is that bills them
// after earlier ones of its period.
func eventLines(all []billing.Invoice) (some, later int) {
	for _, inv := range all {
		for _, line := range inv.Lines {
			if line.Events != nil {
				some = 1
				if !line.Events.Quantity.Equal(line.Quantity) {
					later = 1
				}
			}
		}
	}
	return some, later
}
