package feature

import (
	"time"

	"github.com/shopspring/decimal"
)

// Request asks to use a feature.
type Request struct {
	// Amount is how much: 1 rescan, 5 addresses. Zero asks how things stand. For a
	// switch it does not matter.
	Amount decimal.Decimal
	// At is when.
	At time.Time
	// Conditions are the predicates that the application registers for this call, by
	// the words that grants use in when_run. [Always] needs none.
	Conditions Conditions
}

// Conditions are predicates by name. They are asked at most once per call.
type Conditions map[string]func() bool

// Check answers whether a feature may be used, given what has been used so far. It
// changes nothing. The questions, in this order, of which the first to fail
// decides: is the amount an amount; is the feature granted, not dormant, active;
// does its condition hold; is the instant one that the entitlement and the usage
// can answer for; is it unlimited; is used + amount <= limit.
func (e *Entitlement) Check(u Usage, r Request) (d Decision) {
	var p place
	e.decide(&d, &p, &u, r.Amount, r.At, r.Conditions)
	return d
}

// decide fills in a zero decision and where the use is counted, and returns what
// would be used after it.
func (e *Entitlement) decide(
	d *Decision, p *place, u *Usage, amount decimal.Decimal, at time.Time, conditions Conditions,
) (after count) {
	d.entitlement = e
	var err error
	if d.asked, err = countOf(amount); err != nil {
		d.invalid(err)
		return after
	}
	if !e.open && !e.usable(d, conditions) {
		return after
	}
	if e.grant.Kind == Switch {
		d.Allowed, d.Why = true, BecauseOn
		return after
	}
	if err = e.locate(d, p, u, at); err == nil {
		after, err = d.before.plus(d.asked)
	}
	if err != nil {
		d.invalid(err)
		d.before, d.ResetsAt = count{}, time.Time{}
		return after
	}
	d.counted = true
	switch {
	case e.grant.Unlimited:
		d.Allowed, d.Why = true, BecauseUnlimited
	case !after.exceeds(e.limit):
		d.Allowed, d.Why = true, BecauseWithinLimit
	case !e.blocks:
		d.Allowed, d.Why = true, BecauseOverAllowed
	default:
		d.Why = BecauseQuotaExceeded
	}
	if e.grant.Window == Rolling {
		d.ResetsAt = e.rollsAt(d, u, at, after)
	}
	return after
}

// rollsAt is when a rolling window next lets go of a use or, after a refusal, of
// enough of them; never, if the request exceeds the limit by itself.
func (e *Entitlement) rollsAt(d *Decision, u *Usage, at time.Time, after count) time.Time {
	switch {
	case d.Allowed:
		return e.frees(u, at, count{})
	case d.asked.cmp(e.limit) > 0:
		return time.Time{}
	}
	return e.frees(u, at, after.minus(e.limit))
}

// usable answers what does not depend on the use so far.
func (e *Entitlement) usable(d *Decision, conditions Conditions) bool {
	switch holds := conditions[e.condition]; {
	case !e.granted:
		d.Why = BecauseNotGranted
	case e.terms.Dormant:
		d.Why = BecauseDormant
	case !e.grant.Active:
		d.Why = BecauseInactive
	case e.condition == "":
		return true
	case holds == nil:
		d.Why = BecauseUnsupportedCondition
	case !holds():
		d.Why = BecauseConditionNotMet
	default:
		return true
	}
	return false
}
