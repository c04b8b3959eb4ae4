package plan

import (
	"github.com/shopspring/decimal"

	"github.com/perennial-billing/perennial/internal/dec"
)

// EventRating is what the events of one period come to under a [Percentage] that rates single
// events: all that an explanation of the amount needs, however many events there were. The zero
// EventRating is that of no events. [CompiledPrice.RateEvents] makes it.
type EventRating struct {
	// Events is how many there were: Free, Charged and Refunds.
	Events int64
	// Free is how many were wholly free, or of zero; Charged how many were charged, a part of
	// one included; Refunds how many were below zero.
	Free, Charged, Refunds int64
	// Quantity is what the events add up to.
	Quantity decimal.Decimal
	// ChargedAmount is what the rate is due on, and RefundedAmount what it is taken off for:
	// what was refunded when events were no longer free. Neither is below zero.
	ChargedAmount, RefundedAmount decimal.Decimal
	// Fees is the sum of the fixed amounts.
	Fees decimal.Decimal
	// Raised is how many events were raised to the minimum of an event, and RaisedBy by how
	// much together.
	Raised   int64
	RaisedBy decimal.Decimal
	// Lowered is how many were lowered to the maximum of an event, and LoweredBy by how much.
	Lowered   int64
	LoweredBy decimal.Decimal
	// Capped is how many refunds took off no more than the maximum of an event, and CappedBy by
	// how much less.
	Capped   int64
	CappedBy decimal.Decimal

	// What is used of the allowances: events, and of the amount, which refunds give back.
	used    int64
	covered decimal.Decimal
}

// Equal reports whether both say the same of the events, the numbers compared by value.
func (e EventRating) Equal(o EventRating) bool {
	return e.Events == o.Events && e.Free == o.Free && e.Charged == o.Charged && e.Refunds == o.Refunds && e.Raised == o.Raised &&
		e.Lowered == o.Lowered && e.Capped == o.Capped && e.Quantity.Equal(o.Quantity) && e.ChargedAmount.Equal(o.ChargedAmount) &&
		e.RefundedAmount.Equal(o.RefundedAmount) && e.Fees.Equal(o.Fees) && e.RaisedBy.Equal(o.RaisedBy) &&
		e.LoweredBy.Equal(o.LoweredBy) && e.CappedBy.Equal(o.CappedBy)
}

// eventPrice is a percentage that rates single events.
type eventPrice struct {
	rate       decimal.Decimal // a share of one
	fee        decimal.Decimal
	freeEvents int64
	freeAmount decimal.Decimal
	both       bool // events are free until both allowances are used up
	least      *decimal.Decimal
	most       *decimal.Decimal
}

// ofEvents returns the price of events. The definition must be valid.
func (p Percentage) ofEvents() *eventPrice {
	return &eventPrice{
		rate: share(p.Rate), fee: p.FixedAmount, freeEvents: p.FreeEvents.IntPart(), freeAmount: p.FreeAmount,
		both: p.FreeBy == BothToEnd, least: p.EventMinimum, most: p.EventMaximum,
	}
}

// RatesEvents reports whether the price rates single events: a [Percentage] with a fee, free
// events or bounds of an event; a [Matrix] does if one of its prices does. Then
// [CompiledPrice.RateEvents] rates them, and what rates a quantity returns [ErrEvents].
func (t *CompiledPrice) RatesEvents() bool {
	return t.events != nil || t.matrix != nil && t.matrix.events
}

// RateEvents adds events, in their order, to what the earlier ones of the same period came to.
// What they cost is in [CompiledPrice.ExplainEvents]; what later events of a period cost is the
// amount of all less that of the earlier ones: allowances count once. Each quantity is the amount
// of one event in major units, below zero for a refund. Errors: [ErrEvents] for a price that does
// not rate events, [ErrQuantity].
func (t *CompiledPrice) RateEvents(earlier EventRating, events ...decimal.Decimal) (EventRating, error) {
	if t.events == nil {
		return EventRating{}, t.noEvents()
	}
	for _, q := range events {
		c, err := dec.Canonical(q)
		if err != nil {
			return EventRating{}, &QuantityError{Quantity: q, err: ErrQuantity}
		}
		t.events.add(&earlier, c)
	}
	return earlier, nil
}

// ExplainEvents shows what events cost in a whole period: as [CompiledPrice.Explain], with the
// numbers of the events instead of steps. Error: [ErrEvents] for a price that does not rate events.
func (t *CompiledPrice) ExplainEvents(e EventRating) (Rating, error) {
	if t.events == nil {
		return Rating{}, t.noEvents()
	}
	r := Rating{
		Model: t.Model(), Currency: t.currency, Quantity: canonical(e.Quantity), Units: canonical(e.ChargedAmount),
		Events: &e, perEvent: t.events,
	}
	if sum := t.events.amount(&e); !sum.IsNegative() {
		r.Subtotal = canonical(sum)
	}
	r.bound(t.exact.bounds)
	return r, nil
}

// add rates the next event.
func (p *eventPrice) add(e *EventRating, q decimal.Decimal) {
	e.Events++
	e.Quantity = dec.Add(e.Quantity, q)
	switch {
	case q.IsZero():
		e.Free++
	case q.IsNegative():
		e.Refunds++
		p.refund(e, q.Neg())
	default:
		if q = p.beyondFree(e, q); q.IsZero() {
			e.Free++
			return
		}
		p.charge(e, q)
	}
}

// isFree reports whether the next event is free, or a part of it.
func (p *eventPrice) isFree(e *EventRating) bool {
	events, amount := e.used < p.freeEvents, e.covered.LessThan(p.freeAmount)
	if p.both || p.freeEvents == 0 || p.freeAmount.IsZero() {
		return events || amount
	}
	return events && amount
}

// beyondFree uses up the allowances and returns what of the event they leave.
func (p *eventPrice) beyondFree(e *EventRating, q decimal.Decimal) decimal.Decimal {
	if !p.isFree(e) {
		return q
	}
	whole := e.used < p.freeEvents && (p.both || p.freeAmount.IsZero()) // whatever its amount
	e.used++
	rest := q.Sub(p.freeAmount.Sub(e.covered))
	if rest.IsPositive() {
		e.covered = p.freeAmount
	} else {
		e.covered, rest = dec.Add(e.covered, q), decimal.Decimal{}
	}
	if whole {
		return decimal.Decimal{}
	}
	return rest
}

// charge charges an amount.
func (p *eventPrice) charge(e *EventRating, q decimal.Decimal) {
	e.Charged++
	e.ChargedAmount, e.Fees = dec.Add(e.ChargedAmount, q), dec.Add(e.Fees, p.fee)
	if p.least == nil && p.most == nil {
		return
	}
	cost := dec.Add(dec.Mul(p.rate, q), p.fee)
	switch {
	case p.least != nil && cost.LessThan(*p.least):
		e.Raised++
		e.RaisedBy = dec.Add(e.RaisedBy, dec.Sub(*p.least, cost))
	case p.most != nil && cost.GreaterThan(*p.most):
		e.Lowered++
		e.LoweredBy = dec.Add(e.LoweredBy, dec.Sub(cost, *p.most))
	}
}

// refund gives back an amount: what was free was not paid.
func (p *eventPrice) refund(e *EventRating, q decimal.Decimal) {
	if p.isFree(e) {
		if e.covered.LessThan(p.freeAmount) {
			e.covered = dec.Sub(e.covered, q)
		}
		return
	}
	e.RefundedAmount = dec.Add(e.RefundedAmount, q)
	if back := dec.Mul(p.rate, q); p.most != nil && back.GreaterThan(*p.most) {
		e.Capped++
		e.CappedBy = dec.Add(e.CappedBy, dec.Sub(back, *p.most))
	}
}

// amount is what the events come to, below zero too.
func (p *eventPrice) amount(e *EventRating) decimal.Decimal {
	rated := p.rate.Mul(e.ChargedAmount.Sub(e.RefundedAmount))
	return rated.Add(e.Fees).Add(e.RaisedBy).Sub(e.LoweredBy).Add(e.CappedBy)
}

// noEvents is what a price that does not rate events returns where it is asked to.
func (t *CompiledPrice) noEvents() error {
	if t.matrix != nil {
		return ErrDimensions
	}
	return ErrEvents
}
