package plan

import (
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
)

// appendEvents appends how single events were rated: how many there were, and what each of the
// sums is that make the amount, in the order of [EventRating].
func (r *Rating) appendEvents(b []byte) []byte {
	e, p := r.Events, r.perEvent
	b = appendCount(b, e.Events, "event")
	if e.Events > 0 {
		b = append(r.appendMoney(append(b, ", "...), e.Quantity), " in all"...)
	}
	if e.Free > 0 {
		b = append(strconv.AppendInt(append(b, ", "...), e.Free, 10), " free"...)
	}
	if e.Refunds > 0 {
		b = appendCount(append(b, ", "...), e.Refunds, "refund")
	}
	parts := 0
	part := func() []byte {
		if parts++; parts == 1 {
			b = append(b, ':')
		}
		return append(b, "\n  "...)
	}
	// The rate of an amount, as a sum that can be checked on paper.
	rated := func(b []byte, amount decimal.Decimal) []byte {
		b = r.appendMoney(append(dec.Append(b, percent(p.rate)), "% of "...), amount)
		return r.appendMoney(append(b, " = "...), dec.Mul(p.rate, amount))
	}
	if e.Charged > 0 {
		b = rated(append(strconv.AppendInt(part(), e.Charged, 10), " charged: "...), e.ChargedAmount)
	}
	if !e.Fees.IsZero() {
		b = r.appendMoney(append(strconv.AppendInt(append(part(), "fees: "...), e.Charged, 10), " x "...), p.fee)
		b = r.appendMoney(append(b, " = "...), e.Fees)
	}
	bounded := func(n int64, what string, bound *decimal.Decimal, sign string, by decimal.Decimal) {
		if n == 0 || bound == nil {
			return
		}
		b = r.appendMoney(append(strconv.AppendInt(part(), n, 10), what...), *bound)
		b = r.appendMoney(append(append(b, ": "...), sign...), by)
	}
	bounded(e.Raised, " raised to the event minimum of ", p.least, "+", e.RaisedBy)
	bounded(e.Lowered, " lowered to the event maximum of ", p.most, "-", e.LoweredBy)
	switch {
	case !e.RefundedAmount.IsZero():
		b = append(rated(append(part(), "refunded: "...), e.RefundedAmount), ", taken off"...)
	case e.Refunds > 0:
		b = append(part(), "refunded of what was free: nothing is taken off"...)
	}
	bounded(e.Capped, " of the refunds lowered to the event maximum of ", p.most, "+", e.CappedBy)
	switch sum := canonical(p.amount(e)); {
	case sum.IsNegative():
		b = r.appendMoney(append(r.appendMoney(append(b, "\n  total: "...), sum), ", never below zero: "...), r.Subtotal)
	case parts == 0:
		b = r.appendMoney(append(b, ": "...), r.Subtotal)
	default:
		b = r.appendMoney(append(b, "\n  total: "...), r.Subtotal)
	}
	return b
}

func appendCount(b []byte, n int64, what string) []byte {
	b = append(append(strconv.AppendInt(b, n, 10), ' '), what...)
	if n != 1 {
		b = append(b, 's')
	}
	return b
}
