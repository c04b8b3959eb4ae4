package feature

import (
	"time"

	"github.com/shopspring/decimal"
)

// Request asks to use a feature.
type Request struct {
	// Amount is how much: 1 rescan, 5 addresses. Zero asks for the current state. For
	// a switch it does not matter.
	Amount decimal.Decimal
	// At is the instant of the use.
	At time.Time
	// Conditions are the predicates that the application registers for this call, by
	// the words that grants use in when_run. [Always] needs none.
	Conditions Conditions
}

// Conditions are predicates by name. Each is called at most once per call.
type Conditions map[string]func() bool

// Check decides whether a feature may be used, given what has been used so far. It
// changes nothing. The questions, in this order, of which the first that fails
// decides: is the amount valid; is the feature granted, not dormant, active; is its
// condition met; do the entitlement and the usage cover the instant; is it unlimited;
// is used + amount <= limit.
func (e *Entitlement) Check(u QuotaUsage, r Request) (d Decision) {
	var p place
	e.decide(&d, &p, &u, r.Amount, r.At, r.Conditions)
	return d
}

// decide fills in a zero decision and the place where the use is counted, and returns
// what would be used after it.
func (e *Entitlement) decide(
	d *Decision, p *place, u *QuotaUsage, amount decimal.Decimal, at time.Time, conditions Conditions,
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
	of := e.rules()
	if of.grant.Kind == Switch {
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
	case of.grant.Unlimited:
		d.Allowed, d.Why = true, BecauseUnlimited
	case !after.exceeds(of.limit):
		d.Allowed, d.Why = true, BecauseWithinLimit
	case !of.blocks:
		d.Allowed, d.Why = true, BecauseOverAllowed
	default:
		d.Why = BecauseQuotaExceeded
	}
	if of.grant.Window == Rolling {
		d.ResetsAt = e.rollsAt(d, u, at, after)
	}
	return after
}

// rollsAt returns the instant at which the next use leaves the rolling window or,
// after a refusal, at which enough of them have left; zero if the request exceeds the
// limit by itself.
func (e *Entitlement) rollsAt(d *Decision, u *QuotaUsage, at time.Time, after count) time.Time {
	switch {
	case d.Allowed:
		return e.availableAt(u, at, count{})
	case d.asked.cmp(e.rules().limit) > 0:
		return time.Time{}
	}
	return e.availableAt(u, at, after.minus(e.rules().limit))
}

// usable returns what does not depend on the use so far.
func (e *Entitlement) usable(d *Decision, conditions Conditions) bool {
	switch holds := conditions[e.rules().condition]; {
	case !e.rules().granted:
		d.Why = BecauseNotGranted
	case e.dormant:
		d.Why = BecauseDormant
	case !e.rules().grant.Active:
		d.Why = BecauseInactive
	case e.rules().condition == "":
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
