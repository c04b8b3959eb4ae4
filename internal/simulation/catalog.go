package simulation

import (
	"strings"
	"time"
)

// A market is what all parts of a life agree on.
type market struct {
	currency string
	digits   int  // of the currency's minor unit
	shares   bool // each choice is the share of the days, and no price is zero: what is billed tiles the days
	edge     bool // ids, amounts or dates at the edges
	plain    bool // nothing beside charges
}

// story draws the document of a life, without its actions.
func (d *draws) story(m *market) (object, time.Time) {
	m.currency = pick(d, "USD", "USD", "EUR", "JPY", "KWD")
	m.digits = map[string]int{"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}[m.currency]
	start := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.between(0, 1500))
	if m.edge {
		start = time.Date(pick(d, 1, 2, 2024, 9990, 9998), time.Month(d.between(1, 12)), d.between(1, 28), 0, 0, 0, 0, time.UTC)
	}
	plans := []any{d.plan(m, "p")}
	if d.oneIn(2) {
		plans = append(plans, d.plan(m, "q"))
	}
	policy := object{}.
		with("basis", pick(d, "", "", "second", "day_30")).with("change_day", pick(d, "", "", "old")).
		with("credit_basis", pick(d, "", "", "list")).with("month_end", pick(d, "", "last_day")).
		with("negative", pick(d, "", "", "refund")).with("zero_invoices", pick(d, "", "", "emit")).
		with("usage_bounds", pick(d, "", "whole")).with("usage_count", pick(d, "", "", "across")).
		with("change_add_ons", pick(d, "", "drop"))
	if m.shares { // or a line is billed by an invoice that is not made
		policy["zero_invoices"] = "emit"
	}
	sub := object{"plan": "p", "start": start.Format(time.DateOnly)}.with("quantity", pick(d, "", "1", "3", "12", "2.5"))
	if d.oneIn(3) {
		start = start.Add(time.Duration(d.between(0, 86399)) * time.Second)
		sub["start"] = start.Format(time.RFC3339)
	}
	if d.oneIn(3) {
		sub["anchor"] = start.AddDate(0, 0, d.between(-40, 40)).Format(time.DateOnly)
		if !m.shares {
			sub.with("first_period", pick(d, "", "full", "free"))
		}
		policy.with("first_invoice", pick(d, "", "with_period", "next"))
	}
	if d.oneIn(12) {
		sub["auto_renew"] = false
	}
	story := object{"id": "life", "kind": "scenario", "plans": plans, "subscription": sub, "policy": policy, "currency": m.currency}.
		with("time_zone", pick(d, "", "", "America/New_York", "Europe/Paris", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia")).
		with("rounding", pick(d, "", "", "half_even", "half_down", "half_floor", "up", "down", "floor", "ceiling"))
	if !m.plain && d.oneIn(3) {
		story["add_ons"] = []any{d.addOn(m, "extra"), d.addOn(m, "support")}
	}
	return story, start
}

func (d *draws) addOn(m *market, id string) object {
	charge := object{"id": id + "-fee", "price": d.price(m, false)}.with("timing", pick(d, "", "", "arrears"))
	return object{"id": id, "charges": []any{charge}}
}

// intervals are those that plans are billed by, and for each those that divide it or that it divides.
var intervals = []struct {
	of    object
	whole []object
}{
	{every(1, "month"), []object{every(3, "month"), every(1, "year")}},
	{every(1, "month"), []object{every(1, "year"), every(2, "month")}},
	{every(1, "week"), []object{every(2, "week")}},
	{every(3, "month"), []object{every(1, "month"), every(1, "year")}},
	{every(1, "year"), []object{every(1, "month"), every(3, "month")}},
	{every(10, "day"), []object{every(20, "day")}},
}

func (d *draws) plan(m *market, id string) object {
	step := pick(d, intervals...)
	p := object{"id": id, "every": step.of, "charges": d.charges(m, id, step.whole)}
	if d.oneIn(5) {
		p["trial"] = every(d.between(1, 40), "day")
	}
	if d.oneIn(6) {
		p["cycles"] = d.between(1, 5)
		p["at_end"] = pick(d, "cancel", "renew")
	}
	if m.plain {
		return p
	}
	if d.oneIn(4) {
		first := object{"every": step.of, "charges": d.charges(m, id, nil)}
		if d.oneIn(2) {
			first["cycles"] = d.between(1, 3)
		} else {
			first["length"] = every(d.between(5, 70), "day")
		}
		p["phases"] = []any{first}
	}
	switch d.between(0, 7) {
	case 0:
		p["minimum"] = object{"amount": d.amount(m.digits)}.with("part", pick(d, "", "whole")).with("discounts", pick(d, "", "before"))
	case 1:
		p["thresholds"] = object{"amounts": []string{"5", "20", "50"}, "volume": "difference"}.with("over", pick(d, "", "life"))
	case 2:
		p["increase"] = object{"percent": pick(d, "7", "3.5", "100"), "each": every(1, "year")}
	case 3:
		p["term"] = object{"length": every(1, "year"), "renew": pick(d, "same", "rolling", "end")}
	case 4:
		p["features"] = object{"calls": object{"kind": "allowance", "limit": pick(d, "10", "25", "0"), "window": pick(d, "day", "month", "billing_period", "life")}}
	}
	return p
}

func (d *draws) charges(m *market, plan string, own []object) []any {
	var all []any
	name := func(id string) string {
		if d.oneIn(4) {
			id += "-" + plan
		}
		if m.edge && d.oneIn(3) {
			id += pick(d, "é", " 7", "\u00a0x", "日本", "'; --", "%s", strings.Repeat("z", 40))
		}
		return id
	}
	for i := range d.between(0, 2) {
		c := object{"id": name(string(rune('a' + i))), "price": d.price(m, false)}.with("timing", pick(d, "", "", "arrears"))
		if d.oneIn(4) {
			c["quantity"] = pick(d, "3", "7", "0.5")
		}
		if own != nil && !m.plain && d.oneIn(4) {
			c["every"] = pick(d, own...)
		}
		all = append(all, c)
	}
	if d.oneIn(2) || len(all) == 0 {
		c := object{"id": name("calls"), "price": d.price(m, true), "usage": "calls"}
		if own != nil && !m.plain && d.oneIn(8) {
			c["count_over"] = every(1, "year")
		}
		all = append(all, c)
	}
	if d.oneIn(5) {
		all = append(all, object{"id": name("setup"), "price": object{"model": "flat_fee", "amount": d.amount(m.digits)}, "once": true})
	}
	return all
}

// price draws a price: of usage, or of a quantity.
func (d *draws) price(m *market, usage bool) object {
	amount := func() string {
		if m.edge && d.oneIn(4) {
			return pick(d, "92233720368547758", "9000000000000000", "0.000001")
		}
		return d.amount(m.digits)
	}
	if m.shares {
		return pick(d, object{"model": "flat_fee", "amount": amount() + zeros(m.digits)}, object{"model": "per_unit", "unit_amount": amount() + zeros(m.digits)})
	}
	switch pick(d, "flat_fee", "per_unit", "per_unit", "tiered", "volume", "stairstep", "package", "percentage") {
	case "per_unit":
		p := object{"model": "per_unit", "unit_amount": pick(d, amount(), "0.333", "0.005", "12")}
		if d.oneIn(4) {
			p["free_units"] = "2"
		}
		if d.oneIn(5) {
			p["minimum"] = "20"
		}
		if d.oneIn(5) {
			p["maximum"] = "35.5"
		}
		return p
	case "tiered":
		return object{"model": "tiered", "tiers": []any{
			object{"up_to": "3", "unit_amount": "5.05", "flat_amount": "1"}, object{"up_to": "10", "unit_amount": "3.333"}, object{"unit_amount": "1.01", "flat_amount": "2"},
		}}
	case "volume":
		return object{"model": "volume", "tiers": []any{object{"up_to": "5", "unit_amount": "4.999"}, object{"unit_amount": "3.5", "flat_amount": "1.5"}}}
	case "stairstep":
		return object{"model": "stairstep", "tiers": []any{object{"up_to": "4", "amount": "19"}, object{"amount": "49"}}}
	case "package":
		return object{"model": "package", "package_size": "4", "package_amount": "7"}
	case "percentage":
		if usage {
			return object{"model": "percentage", "rate": pick(d, "2.9", "33.333333")}
		}
	}
	return object{"model": "flat_fee", "amount": amount()}
}

// zeros makes an amount so large that no day of it rounds to nothing.
func zeros(digits int) string {
	if digits == 0 {
		return "0000"
	}
	return ""
}
